"""`rtr audit`: the audit log of a country on this machine; operator work, and itself logged."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.failures import FINDINGS
from api.cli.frame.machine import require_hosted, settings_of
from api.cli.frame.terminal import Table, at, desk_of
from schemas.codes import Partition

if TYPE_CHECKING:
    from register.services.running.verify_audit import Log

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The audit log: whether every leaf still says what was hashed."""


@app.command()
def verify(
    ctx: typer.Context,
    *,
    country: Annotated[Partition, typer.Option(case_sensitive=False, help="The hosted country whose log it is.")],
    of_evaluator: Annotated[
        bool, typer.Option("--evaluator", help="The log of the country's evaluator in place of the register's.")
    ] = False,
) -> None:
    """Check hash, id and times of every leaf; 1 where one does not hold."""
    from register import bootstrap
    from register.services.running.verify_audit import verify_audit

    desk = desk_of(ctx)
    settings = settings_of(desk)
    require_hosted(settings, country)
    log: Log = "evaluator" if of_evaluator else "register"
    register = bootstrap.open(settings, country)
    try:
        with desk.progress("Checking"):
            found = verify_audit(register, log)
    finally:
        register.close()
    rows = [(one.id, at(one.at), one.fault) for one in found.wrong]
    total = sum(found.faults.values())
    desk.answer(
        {"log": log, "leaves": found.leaves, "faults": found.faults, "wrong": [asdict(one) for one in found.wrong]},
        *([Table("Leaves that do not hold", ("id", "time", "wrong"), rows)] if rows else []),
        f"{found.leaves} leaves of the {log}'s log of {country}: "
        + (
            f"{total} do not hold. Keep the database as it is, and call your privacy officer." if total else "all hold."
        ),
        brief=str(total),
    )
    if not found.holds:
        raise typer.Exit(FINDINGS)
