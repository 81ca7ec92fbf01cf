"""`rtr clock`: what the clocks of this machine and of PostgreSQL say; an operator's word that they are right."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from api.cli.frame.failures import FINDINGS
from api.cli.frame.machine import require_hosted, settings_of, with_host
from api.cli.frame.terminal import Table, at, desk_of
from schemas.codes import Partition

app = typer.Typer()


@app.command()
def clock(
    ctx: typer.Context,
    *,
    country: Annotated[Partition | None, typer.Option(case_sensitive=False, help="One hosted country only.")] = None,
    believe: Annotated[
        bool, typer.Option("--believe", help="Say that PostgreSQL's clock is right; what has had its time then goes.")
    ] = False,
) -> None:
    """Show what the clocks say and whether they are believed; 1 where one is not."""
    from register.clock import SystemClock
    from register.services.running.note_operation import believe_clock, read_clock
    from register.services.running.watch_clock import find_doubt

    desk = desk_of(ctx)
    settings = with_host(settings_of(desk))
    if country:
        require_hosted(settings, country)
    answer, rows, held = {}, [], False
    for own in [country] if country else settings.countries:
        if believe:
            believe_clock(settings, own, uid=os.getuid())
        moments, now = read_clock(settings, own), SystemClock().now()
        doubt = find_doubt(moments, now)
        code = doubt.code if doubt else moments.code
        held = held or code is not None
        known = moments.believed_at or moments.newest_leaf
        answer[str(own)] = {"machine": now, "database": moments.database, "known": known, "code": code}
        rows.append((own, at(now), at(moments.database), at(known) if known else "", code or "ok"))
    desk.answer(answer, Table("", ("country", "this machine", "PostgreSQL", "last known", "verdict"), rows))
    if held:
        raise typer.Exit(FINDINGS)
