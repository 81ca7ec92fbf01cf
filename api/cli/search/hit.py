"""`rtr hit mark`: what was done about a hit that `rtr hits` lists."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.frame.person import open_client
from api.cli.frame.records import as_id, form
from api.cli.frame.stated import CaseFile, case_from
from api.cli.frame.terminal import desk_of
from schemas.codes import LegalBasis, Purpose
from schemas.search.question import Ground

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _of_one() -> None:
    """One hit of the list."""


@app.command()
def mark(
    ctx: typer.Context,
    hit: Annotated[str, typer.Argument(metavar="ID", help="As the list of `rtr --json hits` names it.")],
    state: Annotated[str, typer.Argument(metavar="STATE", help="SEEN, REQUESTED or NO_CONCERN.")],
    *,
    version: Annotated[int, typer.Option(min=1, help="Of the hit, as the list names it.")],
    basis: Annotated[LegalBasis, typer.Option(case_sensitive=False, help="On what ground; a law of your country.")],
    purpose: Annotated[Purpose, typer.Option(case_sensitive=False, help="For what; logged.")] = Purpose.COORDINATE,
    case_file: CaseFile = None,
    reason: Annotated[str | None, typer.Option(help="A code of no_concern; with NO_CONCERN.")] = None,
) -> None:
    """Say that it was looked at, that its partner was asked, or why it is no concern; each step is kept and logged."""
    from schemas.search.question import HitMarkIn

    desk, wanted = desk_of(ctx), as_id(hit)
    said = form(HitMarkIn, {"state": state.upper(), "no_concern": reason})
    ground = Ground(purpose, basis, case_from(case_file))
    with open_client(desk) as client:
        made = client.mark_hit(wanted, said, ground, version=version)
    desk.answer(made, f"Hit {made.id}: {made.state} (version {made.version}).", brief=made.state)
