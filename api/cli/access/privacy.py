"""`rtr privacy`: what rang about how is asked, searches that were drawn, and evaluations; for the privacy officer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.person import open_client
from api.cli.frame.records import Limit, as_id, form, listing
from api.cli.frame.terminal import Table, at, desk_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.access.privacy import AlarmOut, NightOut, SearchedOut

app = typer.Typer(no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")]


@app.command()
def alarms(
    ctx: typer.Context,
    *,
    acknowledged: Annotated[
        bool | None, typer.Option("--acknowledged/--open", help="Only what is acknowledged, or only what is not.")
    ] = None,
    limit: Limit = 50,
) -> None:
    """List what rang, newest first."""
    size = min(limit, 200)
    listing(
        desk_of(ctx), lambda records: records.alarms(acknowledged=acknowledged, page_size=size), limit, _list_alarms
    )


@app.command()
def acknowledge(
    ctx: typer.Context,
    alarm: Id,
    *,
    reason: Annotated[str, typer.Option(help="What you looked at, and what came of it; it stays.")],
) -> None:
    """Acknowledge an alarm; it rings anew a day later at the earliest."""
    from schemas.access.privacy import AcknowledgeIn

    desk, wanted, said = desk_of(ctx), as_id(alarm), form(AcknowledgeIn, {"reason": reason})
    with open_client(desk) as client:
        made = client.records.acknowledge_alarm(wanted, said)
    desk.answer(made, f"Alarm {made.id} is acknowledged: {made.kind}, rang {made.times} times.", brief=str(made.id))


@app.command()
def sample(
    ctx: typer.Context,
    *,
    ticked: Annotated[
        bool | None, typer.Option("--ticked/--open", help="Only what is ticked, or only what is not.")
    ] = None,
    limit: Limit = 50,
) -> None:
    """List the searches that were drawn by lot from weeks that are over, newest first."""
    size = min(limit, 200)
    listing(desk_of(ctx), lambda records: records.sample(ticked=ticked, page_size=size), limit, _list_drawn_searches)


@app.command()
def tick(
    ctx: typer.Context,
    search: Id,
    verdict: Annotated[str, typer.Argument(metavar="VERDICT", help="IN_ORDER or TO_BE_ASKED.")],
    *,
    note: Annotated[str | None, typer.Option(help="What is to be asked about; needed with TO_BE_ASKED.")] = None,
) -> None:
    """Say of a search that was drawn whether it is in order; it stays."""
    from schemas.access.privacy import TickIn

    desk, wanted, said = desk_of(ctx), as_id(search), form(TickIn, {"verdict": verdict, "note": note})
    with open_client(desk) as client:
        made = client.records.tick_search(wanted, said)
    desk.answer(made, f"Search {made.id}: {made.verdict}.", brief=made.verdict)


@app.command()
def nights(ctx: typer.Context) -> None:
    """Show how each day stands with each evaluator's own list, and what was evaluated against what is published.

    In the row of the own country all evaluators are compared with each other.
    """
    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = client.records.evaluations()
    findings = sum(night.state == "finding" for night in found.nights)
    desk.answer(
        found,
        f"Since {at(found.since)}: {found.to_publish} keys were evaluated to be published, of which {found.published} "
        f"are and {found.unpublished} are not; {found.to_keep} were declared to stay at home.",
        _list_nights(found.nights)
        if found.nights
        else "No night was compared yet: that begins two days after the first.",
        brief=f"{findings} findings, {found.unpublished} keys unpublished",
    )


def _list_nights(found: Sequence[NightOut]) -> Table:
    columns = ("day", "evaluator", "state", "listed", "not asked here", "answered, not listed", "looked at")
    rows = [(n.day, n.evaluator, n.state, n.listed, n.unasked, n.unlisted, at(n.looked_at)) for n in found]
    return Table("", columns, rows)


def _list_alarms(items: list[AlarmOut]) -> Table:
    from api.cli.frame.forms import label

    columns = ("id", "alarm", "whose", "about", "asked by", "for", "times", "last", "acknowledged")
    rows = [
        (a.id, label("alarm_kind", a.kind), a.whose, a.about or "erased", a.actor, a.organisation, a.times,
         at(a.last_at), at(a.acknowledged_at) if a.acknowledged_at else None)
        for a in items
    ]  # fmt: skip
    return Table("", columns, rows)


def _list_drawn_searches(items: list[SearchedOut]) -> Table:
    columns = ("id", "asked", "by", "for", "purpose", "basis", "case", "with", "own", "abroad", "verdict")
    rows = [
        (s.id, at(s.at), s.actor, s.organisation, s.purpose, s.legal_basis, s.case or "erased", " ".join(s.families),
         s.own, s.hits, s.verdict)
        for s in items
    ]  # fmt: skip
    return Table("", columns, rows)
