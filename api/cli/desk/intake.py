"""`rtr intake`: intake interviews of the own country, as the person of the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from api.cli.desk.kit import Commands, add_commands
from api.cli.frame.terminal import Table, at

if TYPE_CHECKING:
    from schemas.desk.intake import AmendIntakeIn, IntakeIn, IntakeOut, IntakeSummary

app = typer.Typer(no_args_is_help=True)


def _form() -> type[IntakeIn]:
    from schemas.desk.intake import IntakeIn

    return IntakeIn


def _amendment() -> type[AmendIntakeIn]:
    from schemas.desk.intake import AmendIntakeIn

    return AmendIntakeIn


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


def _whole(intake: IntakeOut) -> list[str | Table]:
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
    return [Table(f"Intake {intake.id}", ("", ""), [fact for fact in facts if fact[1]])]


add_commands(
    app,
    Commands(
        kind="intake",
        form=_form,
        amendment=_amendment,
        recorded=lambda made: f"Intake {made.id} recorded (version {made.version}).",
        withdrawn=lambda made: f"Intake {made.id} withdrawn.",
        listed=_listed,
        whole=_whole,
        helps={
            "record": "Record an interview: held_on, sex, age_band, nationality, signal (or none), name, note.",
            "list": "List intakes, newest first: coded fields, no name.",
            "show": "Show one intake; the reading is logged.",
            "amend": "Correct or complete an intake. What is not named stays; null takes a part away.",
            "withdraw": "Take an intake back: it counts no more, and what names the person opens for nobody any more.",
        },
    ),
)
