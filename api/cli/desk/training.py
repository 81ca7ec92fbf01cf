"""`rtr training`: trainings that the own country recorded; numbers of people, no person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.person import open_client
from api.cli.frame.records import FileGiven, Key, Limit, Parts, Reason, Version, as_id, form, listing, values
from api.cli.frame.terminal import Table, at, desk_of

if TYPE_CHECKING:
    from schemas.desk.training import TrainingOut

app = typer.Typer(no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")]


@app.command()
def record(ctx: typer.Context, file: FileGiven = None, *, parts: Parts = None, key: Key = None) -> None:
    """Record a training of one group: kind, group, provider, recipient, people, held_on."""
    from schemas.desk.training import TrainingIn

    desk, wanted = desk_of(ctx), form(TrainingIn, values(file, parts))
    with open_client(desk) as client:
        made = client.records.record_training(wanted, key)
    desk.answer(made, f"Training {made.id} recorded: {made.form.people} people.", brief=str(made.id))


@app.command("list")
def list_(ctx: typer.Context, *, limit: Limit = 50) -> None:
    """List trainings, newest first."""
    listing(desk_of(ctx), lambda records: records.trainings(page_size=min(limit, 200)), limit, _listed)


@app.command()
def amend(
    ctx: typer.Context, training: Id, file: FileGiven = None, *, reason: Reason, parts: Parts = None,
    version: Version = None,
) -> None:  # fmt: skip
    """Correct a training. What is not named stays."""
    from schemas.desk.training import AmendTrainingIn

    desk, wanted = desk_of(ctx), as_id(training)
    change = form(AmendTrainingIn, {"changes": values(file, parts), "reason": reason})
    with open_client(desk) as client:
        seen = version or client.records.training(wanted).version
        made = client.records.amend_training(wanted, change, version=seen)
    desk.answer(made, f"Training {made.id} amended (version {made.version}).", brief=str(made.id))


@app.command()
def withdraw(ctx: typer.Context, training: Id, *, reason: Reason, version: Version = None) -> None:
    """Take a training back: it counts no more."""
    desk, wanted = desk_of(ctx), as_id(training)
    with open_client(desk) as client:
        seen = version or client.records.training(wanted).version
        made = client.records.withdraw_training(wanted, reason, version=seen)
    desk.answer(made, f"Training {made.id} withdrawn.", brief=str(made.id))


def _listed(items: list[TrainingOut]) -> Table:
    columns = ("id", "held on", "kind", "group", "by country", "of country", "people", "by", "withdrawn at")
    rows = [
        (t.id, t.form.held_on, t.form.kind, t.form.group, t.form.provider, t.form.recipient, t.form.people,
         t.organisation, at(t.withdrawn_at))
        for t in items
    ]  # fmt: skip
    return Table("", columns, rows, frozenset({"people"}))
