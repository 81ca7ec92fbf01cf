"""`rtr finding`: what the register found in two records, and what the register unit says to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.forms import label
from api.cli.frame.person import open_client
from api.cli.frame.records import Limit, Version, as_id, form, listing
from api.cli.frame.terminal import Table, at, desk_of

if TYPE_CHECKING:
    from schemas.signals.finding import FindingOut

app = typer.Typer(no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    decided: Annotated[
        bool | None, typer.Option("--decided/--open", help="Only what is decided, or only what is not.")
    ] = None,
    limit: Limit = 50,
) -> None:
    """List findings, newest first."""
    size = min(limit, 200)
    listing(desk_of(ctx), lambda records: records.findings(decided=decided, page_size=size), limit, _list_findings)


@app.command()
def show(ctx: typer.Context, finding: Id) -> None:
    """Show one: where it stands, and because of which record; the reading is logged."""
    desk, wanted = desk_of(ctx), as_id(finding)
    with open_client(desk) as client:
        found = client.records.finding(wanted)
    desk.answer(found, _describe_finding(found), brief=found.decision or "OPEN")


@app.command()
def decide(
    ctx: typer.Context,
    finding: Id,
    decision: Annotated[
        str, typer.Argument(metavar="DECISION", help="SAME or ANOTHER of a person, KEEP or WITHHOLD of a value.")
    ],
    *,
    reason: Annotated[str | None, typer.Option(help="A code of finding_reason; with KEEP and ANOTHER.")] = None,
    version: Version = None,
) -> None:
    """Say what it is, also where something else was said before."""
    from schemas.signals.finding import DecideIn

    desk, wanted = desk_of(ctx), as_id(finding)
    said = form(DecideIn, {"decision": decision, "reason": reason})
    with open_client(desk) as client:
        seen = version or client.records.finding(wanted).version
        made = client.records.decide_finding(wanted, said, version=seen)
    if made.proposed is not None:
        says = f"{made.proposed} is kept: it counts once another person of your unit has said it too"
    else:
        says = str(made.decision)
    desk.answer(made, f"Finding {made.id}: {says} (version {made.version}).", brief=made.proposed or made.decision)


def _list_findings(items: list[FindingOut]) -> Table:
    columns = ("id", "finding", "signal", "person", "because of", "due", "", "decision", "reason")
    rows = [
        (f.id, label("finding", f.finding), f.reference, f.subject, f.because_reference, at(f.due_at),
         "OVERDUE" if f.overdue else "", label("finding_decision", f.decision), label("finding_reason", f.reason))
        for f in items
    ]  # fmt: skip
    return Table("", columns, rows)


def _nobody_in(found: FindingOut) -> str:
    others = {"RIGHTFUL_HOLDER": "whoever the document belongs to", "ALSO_A_VICTIMS": "whom the report does not name"}
    return others.get(found.finding, "whoever told it")


def _describe_finding(found: FindingOut) -> Table:
    facts = [
        ("finding", label("finding", found.finding)),
        ("signal", found.reference),
        ("person in it", found.subject or "nobody in particular"),
        ("kind of value", found.family),
        ("because of signal", found.because_reference),
        ("person in that", found.because_subject or _nobody_in(found)),
        ("due", at(found.due_at)),
        ("decision", label("finding_decision", found.decision)),
        ("said by one, waits for a second", label("finding_decision", found.proposed)),
        ("withdrawn meanwhile", "look why it was entered" if found.withdrawn else None),
        ("reason", label("finding_reason", found.reason)),
        ("version", found.version),
    ]
    return Table(f"Finding {found.id}", ("", ""), [fact for fact in facts if fact[1]])
