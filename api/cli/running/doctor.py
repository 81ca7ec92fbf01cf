"""`rtr doctor`: is all here that these settings need, and if not, how to get it."""

from __future__ import annotations

from dataclasses import asdict

import typer

from api.cli.frame.failures import FINDINGS
from api.cli.frame.machine import settings_of
from api.cli.frame.terminal import Table, desk_of

app = typer.Typer()


@app.command()
def doctor(ctx: typer.Context) -> None:
    """Check this machine and say how to get what is missing; 1 if something needed is."""
    from api.cli.running.checks import all_checks

    desk = desk_of(ctx)
    settings = settings_of(desk)
    with desk.progress("Looking") as moved:
        found = []
        for check in all_checks(settings):
            found.append(check)
            moved(1)
    missing = [check for check in found if check.needed and not check.ok]
    rows = [(check.name, check.state, check.detail, check.fix) for check in found]
    desk.answer(
        {"ok": not missing, "checks": [asdict(check) for check in found]},
        Table("", ("part", "state", "found", "how to get it"), rows),
        f"{len(missing)} needed parts are missing." if missing else "All that these settings need is here.",
        brief="\n".join(check.name for check in missing) or None,
    )
    if missing:
        raise typer.Exit(FINDINGS)
