"""`rtr authorisation`: let people and programs in by a list, each for named tasks from a day until a day."""

from __future__ import annotations

import typer

from api.cli.access.lists import DryRun, File, apply, read_list
from api.cli.frame.terminal import desk_of

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Authorisations: who may do what for which organisation, and until when."""


@app.command(name="apply")
def apply_file(ctx: typer.Context, file: File, *, dry_run: DryRun = False) -> None:
    """Give the authorisations of a file, and end those that it gives an end: as a whole or not at all.

    An authorisation keeps what it was given for; to change tasks, end one and add another. Nothing is ever deleted.
    """
    from register.domain.access.lists import authorisations_of
    from register.services.access.admit import apply_authorisations
    from schemas.access.admission import AuthorisationsIn

    found = read_list(file)
    form = found.form(AuthorisationsIn)
    given = authorisations_of(form)
    apply(desk_of(ctx), found, form, lambda register, by: apply_authorisations(register, given, by=by, dry_run=dry_run))
