"""`rtr organisation`: let the organisations of a country in by a list, with their legal profiles and units."""

from __future__ import annotations

import typer

from api.cli.access.lists import DryRun, File, apply, read_list
from api.cli.frame.terminal import desk_of

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Organisations of a country: who takes part, on what legal profile, with which units."""


@app.command(name="apply")
def apply_file(ctx: typer.Context, file: File, *, dry_run: DryRun = False) -> None:
    """Bring organisations and units to the state that a file gives: as a whole or not at all.

    What the file leaves out stays as it is; an organisation or a unit ends by its last day in `ends`. The signed list
    that partners fetch gets a new number where something changed.
    """
    from register.domain.access.lists import organisations_of
    from register.services.access.admit import apply_organisations
    from schemas.access.admission import OrganisationsIn

    found = read_list(file)
    form = found.form(OrganisationsIn)
    given = organisations_of(form)
    apply(desk_of(ctx), found, form, lambda register, by: apply_organisations(register, given, by=by, dry_run=dry_run))
