"""`rtr hits`: what partners shared that meets an own signal, on a ground, as the person of the profile may see it."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli.frame.person import open_client
from api.cli.frame.stated import CaseFile, case_from
from api.cli.frame.terminal import Table, at, desk_of
from schemas.codes import LegalBasis, Purpose
from schemas.search.question import Ground

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.search.question import HitRow

app = typer.Typer()

PAGE_MOST = 200


@app.command()
def hits(
    ctx: typer.Context,
    *,
    basis: Annotated[LegalBasis, typer.Option(case_sensitive=False, help="On what ground; a law of your country.")],
    purpose: Annotated[Purpose, typer.Option(case_sensitive=False, help="For what; logged.")] = Purpose.COORDINATE,
    case_file: CaseFile = None,
    signal: Annotated[UUID | None, typer.Option(help="Only hits on this signal, by its id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=PAGE_MOST, help="At most so many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where a page ended; it said so as `next`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """List extracts from abroad that share a key with a signal of the own country; logged like a search.

    The case is that of your own administration, or the report that you act on; other people on the machine see what
    is typed on a command line, so it is none of its words.
    """
    desk = desk_of(ctx)
    if everything and cursor:
        raise typer.BadParameter("give --all or --cursor, not both")
    ground = Ground(purpose, basis, case_from(case_file))
    found: list[HitRow] = []
    following = cursor
    with open_client(desk) as client, desk.progress("Reading") as moved:
        while True:
            page = client.hits_page(ground, signal=signal, cursor=following, limit=PAGE_MOST if everything else limit)
            found += page.items
            following, unanswered = page.next, page.unanswered
            moved(len(page.items))
            if following is None or not everything:
                break
    nothing = [] if unanswered else ["No extract from abroad that may be shown on this ground meets a signal here."]
    parts: list[str | Table] = [listed(found)] if found else [*nothing]
    if unanswered:
        parts.append(
            f"Not all is shown yet: {unanswered} values of reports with many numbers are still to be looked at. Ask "
            "again, tomorrow if the day is spent, or about one report (--signal)."
        )
    if page.unreadable:
        counted = ", ".join(f"{count} of {country}" for country, count in page.unreadable.items())
        parts.append(f"Extracts that cannot be read here now, each of which may be a hit: {counted}.")
    if page.cut_off:
        since = ", ".join(f"{country} since {at(when)}" for country, when in page.cut_off.items())
        parts.append(f"What these say reaches us no more, and a hit may have been taken back there: {since}.")
    if following is not None:
        of = f" --signal {signal}" if signal else ""
        case = "" if case_file is None else f" --case-file {quote(str(case_file))}"
        said = f"--basis {basis} --purpose {purpose}{case}{of}"
        parts.append(f"There are more: rtr hits {said} --cursor {following}")
    brief = "\n".join(f"{one.signal_reference} {one.reference or one.record}" for one in found)
    desk.answer(
        {
            "items": found,
            "next": following,
            "unanswered": unanswered,
            "unreadable": page.unreadable,
            "cut_off": page.cut_off,
        },
        *parts,
        brief=brief or None,
    )


def listed(rows: Sequence[HitRow]) -> Table:
    """Hits in a list: the own signal, then what meets it."""
    columns = ("signal", "subject", "from", "extract", "strength", "bits", "by", "found", "state")
    lines = [
        (one.signal_reference, one.subject, one.origin, one.reference or one.record, one.strength, one.bits,
         ", ".join(one.families), at(one.found_at), one.no_concern or one.state)
        for one in rows
    ]  # fmt: skip
    return Table("", columns, lines, frozenset({"bits"}))
