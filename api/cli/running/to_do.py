"""`rtr to-do`: what waits for the person of the profile, as the pages list it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import typer

from api.cli.frame.forms import label
from api.cli.frame.person import open_client
from api.cli.frame.records import Limit
from api.cli.frame.terminal import Table, at, desk_of
from register.domain.running.to_do import DETAILS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.running.to_do import ToDoOut

app = typer.Typer()


@app.command("to-do")
def to_do(ctx: typer.Context, *, limit: Limit = 50) -> None:
    """List what waits for you, your organisation, or your tasks; the most urgent first, then what is due first."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        items = list(islice(client.to_do(page_size=min(limit, 200)), limit))
    brief = "\n".join(f"{one.kind} {one.reference or one.object}" for one in items)
    desk.answer({"items": items}, listed(items) if items else "Nothing waits for you.", brief=brief or None)


def listed(items: Sequence[ToDoOut]) -> Table:
    """To-dos in a list; one that waits longer than it may says so in a word."""
    rows = [
        (label("to_do_kind", one.kind), _describe_details(one), one.reference, label("urgency", one.urgency),
         "OVERDUE" if one.overdue else "", at(one.due_at), one.object)
        for one in items
    ]  # fmt: skip
    return Table("", ("what", "more", "signal", "urgency", "", "due", "id"), rows)


def _describe_details(one: ToDoOut) -> str:
    """What tells it from another about the same signal; of a finding, the person, the kind of value and the report."""
    said = label(DETAILS[one.kind], one.detail) if one.kind in DETAILS else one.detail
    if one.also is None:
        return said
    whose = f"person {one.subject}" if one.subject else "nobody"
    where = "in this report" if one.also == one.reference else f"also in {one.also}"
    return f"{said}: {whose}: {(one.family or '').partition('.')[0]}, {where}"
