"""`rtr doctor`: is all here that these settings need, and if not, how to get it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli.frame.failures import FINDINGS
from api.cli.frame.forms import read_text
from api.cli.frame.machine import settings_of
from api.cli.frame.terminal import Table, desk_of

app = typer.Typer()


@app.command()
def doctor(
    ctx: typer.Context,
    token: Annotated[
        Path | None, typer.Option("--token", help="Also look at the access token in this file; - is standard input.")
    ] = None,
) -> None:
    """Check this machine and say how to get what is missing; 1 if something needed is."""
    from api.cli.running.checks import all_checks, token_check

    desk = desk_of(ctx)
    settings = settings_of(desk)
    with desk.progress("Looking") as moved:
        found = []
        for check in all_checks(settings):
            found.append(check)
            moved(1)
    if token is not None:
        found.append(token_check(settings, read_text(token).strip()))
    missing = [check for check in found if check.needed and not check.ok]
    rows = [(check.name, check.state, check.detail, check.fix) for check in found]
    desk.answer(
        {"ok": not missing, "checks": [asdict(check) for check in found]},
        Table("", ("part", "state", "found", "how to get it"), rows),
        _build_closing_line(len(missing), len([check for check in found if not check.ok and not check.needed])),
        brief="\n".join(check.name for check in missing) or None,
    )
    if missing:
        raise typer.Exit(FINDINGS)


def _build_closing_line(missing: int, not_here: int) -> str:
    if missing:
        return f"{missing} needed {'part is' if missing == 1 else 'parts are'} missing."
    if not_here:
        return f"Nothing is missing that these settings need; {not_here} parts are not here, see above what for."
    return "All that these settings need is here."
