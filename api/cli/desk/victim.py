"""`rtr victim`: the victim ladder of the own country, as the person of the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.desk.kit import Commands, Id, add_commands
from api.cli.frame.person import open_client
from api.cli.frame.records import Limit, Version, as_id, form, listing
from api.cli.frame.terminal import Table, at, desk_of

if TYPE_CHECKING:
    from schemas.desk.victim import VictimIn, VictimOut, VictimSummary

app = typer.Typer(no_args_is_help=True)


def _form() -> type[VictimIn]:
    from schemas.desk.victim import VictimIn

    return VictimIn


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    status: Annotated[str | None, typer.Option(help="POTENTIAL, PRESUMED, CONFIRMED or NOT.")] = None,
    limit: Limit = 50,
) -> None:
    """List persons of the ladder, newest first: coded fields, no name."""
    from api.cli.frame.forms import one_code
    from schemas.codes import VictimStatus

    wanted = VictimStatus(one_code("victim_status", status)) if status else None
    size = min(limit, 200)
    listing(desk_of(ctx), lambda records: records.victims(status=wanted, page_size=size), limit, _listed)


@app.command("status")
def assign(
    ctx: typer.Context,
    person: Id,
    status: Annotated[str, typer.Argument(metavar="STATUS", help="POTENTIAL, PRESUMED, CONFIRMED or NOT.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept sealed in the person's history.")],
    on: Annotated[str, typer.Option("--on", help="Day of the decision, for instance 31-01-2026.")],
    exploitation: Annotated[str, typer.Option("--form", help="Form of exploitation, as far as it is known.")],
    version: Version = None,
) -> None:
    """Add a status; who may assign which is in `rtr victim rules`."""
    from api.cli.frame.forms import one_day
    from schemas.desk.victim import StatusIn

    desk, wanted = desk_of(ctx), as_id(person)
    step = form(StatusIn, {"status": status, "form": exploitation, "decided_on": one_day(on), "reason": reason})
    with open_client(desk) as client:
        seen = version or client.records.victim(wanted).version
        made = client.records.assign_status(wanted, step, version=seen)
    desk.answer(made, f"Person {made.id}: {made.status} (version {made.version}).", brief=made.status)


@app.command()
def rules(ctx: typer.Context) -> None:
    """Who may assign which status in this country, and on what that rests."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = client.records.assigning_rules()
    rows = [
        (r.rule, ", ".join(r.status), ", ".join((*r.organisations, *r.kinds)) or "all", r.says,
         "assumed" if r.assumed else "confirmed", r.source)
        for r in found
    ]  # fmt: skip
    desk.answer(found, Table("", ("rule", "status", "by", "says", "standing", "source"), rows))


def _listed(items: list[VictimSummary]) -> Table:
    columns = ("id", "status", "sex", "age", "nationality", "movement", "by", "changed at", "withdrawn at")
    rows = [
        (v.id, v.status, v.sex, v.age_band, v.nationality_group, v.movement, v.organisation, at(v.changed_at),
         at(v.withdrawn_at))
        for v in items
    ]  # fmt: skip
    return Table("", columns, rows)


def _whole(victim: VictimOut) -> list[str | Table]:
    facts = [
        ("status", victim.status),
        ("by", victim.organisation),
        ("intake", victim.intake),
        ("signal", victim.signal),
        ("subject", victim.subject),
        ("sex", victim.sex),
        ("age band", victim.age_band),
        ("nationality", victim.nationality),
        ("counted as", victim.nationality_group),
        ("movement", victim.movement),
        ("name", victim.name),
        ("note", victim.note),
        ("version", victim.version),
        ("withdrawn at", at(victim.withdrawn_at)),
    ]
    lines = [(h.decided_on, h.status, h.form, h.organisation, h.rule, h.reason) for h in victim.history]
    return [
        Table(f"Person {victim.id}", ("", ""), [fact for fact in facts if fact[1]]),
        Table("History", ("decided on", "status", "form", "by", "rule", "reason"), lines),
    ]


add_commands(
    app,
    Commands(
        kind="victim",
        form=_form,
        recorded=lambda made: f"Person {made.id} is on the ladder: {made.status}.",
        withdrawn=lambda made: f"Person {made.id} taken off the ladder.",
        listed=_listed,
        whole=_whole,
        helps={
            "record": "Put a person on the ladder with a first status; help never waits for it.",
            "show": "Show a person's history; the reading is logged.",
            "withdraw": "Take a person off who was entered by mistake; what is sealed opens for nobody any more.",
        },
        brief=lambda made: str(made.status),
    ),
)
