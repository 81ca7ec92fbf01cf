"""`rtr status`: does the node do all its work? From this machine's own rows; nobody is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer

from api.cli.frame.failures import FINDINGS
from api.cli.frame.machine import require_hosted, settings_of
from api.cli.frame.terminal import Table, at, desk_of
from schemas.codes import Partition

app = typer.Typer()


@app.command()
def status(
    ctx: typer.Context,
    *,
    country: Annotated[Partition | None, typer.Option(case_sensitive=False, help="One hosted country only.")] = None,
) -> None:
    """Show what is wrong with the work of the node, and what to do about it; 1 where anything is."""
    from api.process.standing import StandingOut, not_looked_at, standing
    from register import bootstrap
    from register.errors import RegisterError

    def look(own: Partition) -> StandingOut:
        try:
            register = bootstrap.open(settings, own)
        except RegisterError as error:
            # One country's key store, say: of the others it tells nothing.
            return not_looked_at(error, str(error))
        try:
            return standing(register)
        finally:
            register.close()

    desk = desk_of(ctx)
    settings = settings_of(desk)
    if country:
        require_hosted(settings, country)
    countries = [country] if country else settings.countries
    # Side by side: what one waits for, an engine or a database that stands still, the others wait for as well.
    with ThreadPoolExecutor(len(countries)) as pool:
        found = {str(own): state for own, state in zip(countries, pool.map(look, countries), strict=True)}
    rows = [
        (own, one.code, one.about, at(one.since) if one.since else "", one.detail, one.advice)
        for own, state in found.items()
        for one in state.findings
    ]
    columns = ("country", "what", "of", "since", "more", "what to do")
    desk.answer(found, Table("", columns, rows) if rows else "All is well: " + ", ".join(found) + ".")
    if rows:
        raise typer.Exit(FINDINGS)
