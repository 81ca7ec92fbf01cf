"""`rtr training`: trainings that the own country recorded; numbers of people, no person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from api.cli.desk.kit import Commands, add_commands
from api.cli.frame.terminal import Table, at

if TYPE_CHECKING:
    from schemas.desk.training import AmendTrainingIn, TrainingIn, TrainingOut

app = typer.Typer(no_args_is_help=True)


def _form() -> type[TrainingIn]:
    from schemas.desk.training import TrainingIn

    return TrainingIn


def _amendment() -> type[AmendTrainingIn]:
    from schemas.desk.training import AmendTrainingIn

    return AmendTrainingIn


def _listed(items: list[TrainingOut]) -> Table:
    columns = ("id", "held on", "kind", "group", "by country", "of country", "people", "by", "withdrawn at")
    rows = [
        (t.id, t.form.held_on, t.form.kind, t.form.group, t.form.provider, t.form.recipient, t.form.people,
         t.organisation, at(t.withdrawn_at))
        for t in items
    ]  # fmt: skip
    return Table("", columns, rows, frozenset({"people"}))


add_commands(
    app,
    Commands(
        kind="training",
        form=_form,
        amendment=_amendment,
        recorded=lambda made: f"Training {made.id} recorded: {made.form.people} people.",
        withdrawn=lambda made: f"Training {made.id} withdrawn.",
        listed=_listed,
        whole=lambda one: [_listed([one])],
        helps={
            "record": "Record a training of one group: kind, group, provider, recipient, people, held_on.",
            "list": "List trainings, newest first.",
            "show": "Show one training.",
            "amend": "Correct a training. What is not named stays.",
            "withdraw": "Take a training back: it counts no more.",
        },
    ),
)
