"""`rtr request`: draft a request for the content of what was found, and read those of the own organisation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.person import open_client
from api.cli.frame.stated import CaseFile, case_from
from api.cli.frame.terminal import Table, at, desk_of
from schemas.codes import LegalBasis, Purpose

if TYPE_CHECKING:
    from schemas.casework.request import RequestOut

app = typer.Typer(no_args_is_help=True)


@app.command()
def draft(
    ctx: typer.Context,
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Id of the shared extract: `record` of a hit.")],
    file: Annotated[
        Path, typer.Argument(metavar="FILE|-", help="What is asked, as text; - for standard input.", allow_dash=True)
    ],
    *,
    route: Annotated[str, typer.Option(help="police or legal, as the hit says.")],
    basis: Annotated[LegalBasis, typer.Option(case_sensitive=False, help="On what ground; a law of your country.")],
    by: Annotated[str, typer.Option(metavar="DAY", help="Day until which an answer is of use: 31-12-2026.")],
    purpose: Annotated[Purpose, typer.Option(case_sensitive=False, help="For what.")] = Purpose.COORDINATE,
    case_file: CaseFile = None,
    hit: Annotated[str | None, typer.Option(help="Id of the hit on an own report that it is drafted from.")] = None,
    key: Annotated[str | None, typer.Option(help="Idempotency-Key of a draft that you send again.")] = None,
) -> None:
    """Draft a request to the owner of a hit, to be printed and carried; the register does not send it yet."""
    from api.cli.frame.forms import checked, one_day, read_text
    from schemas.casework.request import RequestIn

    desk = desk_of(ctx)
    if file == case_file:
        raise typer.BadParameter("give what is asked and the case in two files")
    form = checked(
        RequestIn,
        {
            "record": record,
            "route": route.lower(),
            "purpose": purpose,
            "legal_basis": basis,
            "case": case_from(case_file),
            "asks": read_text(file),
            "answer_by": one_day(by),
            "hit": hit,
        },
    )
    with open_client(desk) as client:
        made = client.draft_request(form, key)
    desk.answer(made, f"{made.reference} drafted, id {made.id}", made.next_step, brief=made.reference)


@app.command(name="list")
def listing(
    ctx: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
) -> None:
    """The requests of your organisation, newest first."""
    from itertools import islice

    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = list(islice(client.requests(), limit))
    rows = [(r.reference, r.state, r.owner, r.unit, r.record_reference, r.route, r.answer_by) for r in found]
    columns = ("reference", "state", "country", "unit", "extract", "route", "answer by")
    desk.answer(
        found, Table("", columns, rows) if rows else "There is none.", brief="\n".join(r.reference for r in found)
    )


@app.command()
def show(
    ctx: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="Reference such as AW-REQ-2026-0815, or the id.")],
) -> None:
    """Show one request; the reading is logged."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = client.request(ref)
    desk.answer(found, *_describe_request(found), brief=found.reference)


def _describe_request(made: RequestOut) -> list[str | Table]:
    from api.cli.frame.forms import label

    rows = [
        ("to", f"{made.unit}, {label('partition', made.owner)}"),
        ("route", label("request_route", made.route)),
        ("extract", made.record_reference),
        ("purpose", label("purpose", made.purpose)),
        ("ground", label("legal_basis", made.legal_basis)),
        ("case", made.case),
        ("answer by", made.answer_by),
        ("state", f"{label('request_state', made.state)}, version {made.version}, {at(made.changed_at)}"),
    ]
    withdrawn = [f"Withdrawn: {made.withdrawn_for}"] if made.withdrawn_for else []
    return [Table(made.reference, ("", ""), rows), "", made.asks, "", *withdrawn, f"Next: {made.next_step}"]
