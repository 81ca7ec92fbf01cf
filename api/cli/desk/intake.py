"""`rtr intake`: intake interviews of the own country, as the person of the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.person import open_client
from api.cli.frame.records import FileGiven, Key, Limit, Parts, Reason, Version, as_id, form, listing, values
from api.cli.frame.terminal import Table, at, desk_of

if TYPE_CHECKING:
    from schemas.desk.intake import IntakeOut, IntakeSummary

app = typer.Typer(no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")]


@app.command()
def record(ctx: typer.Context, file: FileGiven = None, *, parts: Parts = None, key: Key = None) -> None:
    """Record an interview: held_on, sex, age_band, nationality, signal (or none), name, note."""
    from schemas.desk.intake import IntakeIn

    desk, wanted = desk_of(ctx), form(IntakeIn, values(file, parts))
    with open_client(desk) as client:
        made = client.records.record_intake(wanted, key)
    desk.answer(made, f"Intake {made.id} recorded (version {made.version}).", brief=str(made.id))


@app.command("list")
def list_(ctx: typer.Context, *, limit: Limit = 50) -> None:
    """List intakes, newest first: coded fields, no name."""
    listing(desk_of(ctx), lambda records: records.intakes(page_size=min(limit, 200)), limit, _listed)


@app.command()
def show(ctx: typer.Context, intake: Id) -> None:
    """Show one intake; the reading is logged."""
    desk, wanted = desk_of(ctx), as_id(intake)
    with open_client(desk) as client:
        found = client.records.intake(wanted)
    desk.answer(found, _whole(found), brief=str(found.id))


@app.command()
def amend(
    ctx: typer.Context, intake: Id, file: FileGiven = None, *, reason: Reason, parts: Parts = None,
    version: Version = None,
) -> None:  # fmt: skip
    """Correct or complete an intake. What is not named stays; null takes a part away."""
    from schemas.desk.intake import AmendIntakeIn

    desk, wanted = desk_of(ctx), as_id(intake)
    change = form(AmendIntakeIn, {"changes": values(file, parts), "reason": reason})
    with open_client(desk) as client:
        seen = version or client.records.intake(wanted).version
        made = client.records.amend_intake(wanted, change, version=seen)
    desk.answer(made, f"Intake {made.id} amended (version {made.version}).", brief=str(made.id))


@app.command()
def withdraw(ctx: typer.Context, intake: Id, *, reason: Reason, version: Version = None) -> None:
    """Take an intake back: it counts no more, and what names the person opens for nobody any more."""
    desk, wanted = desk_of(ctx), as_id(intake)
    with open_client(desk) as client:
        seen = version or client.records.intake(wanted).version
        made = client.records.withdraw_intake(wanted, reason, version=seen)
    desk.answer(made, f"Intake {made.id} withdrawn.", brief=str(made.id))


def _listed(items: list[IntakeSummary]) -> Table:
    columns = ("id", "held on", "sex", "age", "nationality", "by", "signal", "withdrawn at")
    rows = [
        (i.id, i.held_on, i.sex, i.age_band, i.nationality_group, i.organisation, i.signal, at(i.withdrawn_at))
        for i in items
    ]
    return Table("", columns, rows)


_PROTECTS = {
    "IN_REPORT": "somebody of its report",
    "BY_NAME": "whoever has this name in any report, now or later",
}
_NOBODY_YET = "nobody yet: give its report, or the whole name"


def _whole(intake: IntakeOut) -> Table:
    facts = [
        ("held on", intake.form.held_on),
        ("by", intake.organisation),
        ("sex", intake.form.sex),
        ("age band", intake.form.age_band),
        ("nationality", intake.form.nationality),
        ("counted as", intake.nationality_group),
        ("signal", intake.form.signal),
        ("name", intake.form.name),
        ("note", intake.form.note),
        ("protects", " and ".join(_PROTECTS[one] for one in intake.protects) or _NOBODY_YET),
        ("version", intake.version),
        ("recorded at", at(intake.recorded_at)),
        ("withdrawn at", at(intake.withdrawn_at)),
    ]
    return Table(f"Intake {intake.id}", ("", ""), [fact for fact in facts if fact[1]])
