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
    from register.services.running.verify_audit import Log, Verified

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The audit log: whether every leaf, and what is sealed beside it, still says what was hashed."""


@app.command()
def verify(
    ctx: typer.Context,
    *,
    country: Annotated[Partition, typer.Option(case_sensitive=False, help="The hosted country whose log it is.")],
    of_evaluator: Annotated[
        bool, typer.Option("--evaluator", help="The log of the country's evaluator in place of the register's.")
    ] = False,
) -> None:
    """Check hash, id, times and private part of every leaf; 1 where one does not hold or could not be opened."""
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
        {
            "log": log,
            "leaves": found.leaves,
            "faults": found.faults,
            "wrong": [asdict(one) for one in found.wrong],
            "private": {"leaves": found.private, "unopened": found.unopened, "ended": found.ended},
        },
        *([Table("Leaves that do not hold", ("id", "time", "wrong"), rows)] if rows else []),
        f"{found.leaves} leaves of the {log}'s log of {country}: {_describe_verdict(found)}",
        brief=str(total),
    )
    if not found.holds:
        raise typer.Exit(FINDINGS)


def _describe_verdict(found: Verified) -> str:
    said = []
    if total := sum(found.faults.values()):
        said.append(f"{total} do not hold. Keep the database as it is, and call your privacy officer.")
    if found.unopened:
        said.append(
            f"{found.unopened} of {found.private} private parts could not be opened, since their keys are not in the "
            "key store here, or others are under their names: nothing can be said of these. `rtr doctor` says whether "
            "the key store is older than the database; put back its newest copy and run this again."
        )
    if not said:
        said.append("all hold" + (f", {found.private} with a private part." if found.private else "."))
    if found.ended:
        said.append(f"{found.ended} private parts have had their time and are erased.")
    return " ".join(said)
