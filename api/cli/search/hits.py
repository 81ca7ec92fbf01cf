"""`rtr hits`: what partners shared that meets an own signal, as the person of the profile may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.person import open_client
from api.cli.frame.terminal import Table, at, desk_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.search.question import HitRow

app = typer.Typer()

PAGE_MOST = 200


@app.command()
def hits(
    ctx: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=PAGE_MOST, help="At most so many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where a page ended; it said so as `next`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """List extracts from abroad that share a key with a signal of the own country, newest first; it is logged."""
    desk = desk_of(ctx)
    if everything and cursor:
        raise typer.BadParameter("give --all or --cursor, not both")
    found: list[HitRow] = []
    following = cursor
    with open_client(desk) as client, desk.progress("Reading") as moved:
        while True:
            page = client.hits_page(cursor=following, limit=PAGE_MOST if everything else limit)
            found += page.items
            following = page.next
            moved(len(page.items))
            if following is None or not everything:
                break
    parts: list[str | Table] = [listed(found)] if found else ["No extract from abroad meets a signal here."]
    if following is not None:
        parts.append(f"There are more: rtr hits --cursor {following}")
    brief = "\n".join(f"{one.signal_reference} {one.reference or one.record}" for one in found)
    desk.answer({"items": found, "next": following}, *parts, brief=brief or None)


def listed(rows: Sequence[HitRow]) -> Table:
    """Hits in a list: the own signal, then what meets it."""
    columns = ("signal", "from", "extract", "strength", "bits", "by", "found")
    lines = [
        (one.signal_reference, one.origin, one.reference or one.record, one.strength, one.bits,
         ", ".join(one.families), at(one.found_at))
        for one in rows
    ]  # fmt: skip
    return Table("", columns, lines, frozenset({"bits"}))
