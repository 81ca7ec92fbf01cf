"""The commands that every versioned record of the desk has: record, list, show, amend, withdraw.

A kind is declared by what it is called, its forms and how it is shown; what a kind has beside them is a command of its
own in the kind's module. Forms are named by functions, since importing them takes longer than a help text may.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.frame.person import open_client
from api.cli.frame.records import FileGiven, Key, Limit, Parts, Reason, Version, as_id, form, listing, values
from api.cli.frame.terminal import Table, desk_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.client.records import Records

Id = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """One kind of record on the command line.

    Attributes:
        kind: as the client's methods name it: `record_training`, `trainings`, `training`.
        recorded, withdrawn: the sentence on what was done, from the record.
        form, amendment: give the form of a new one, and of its correction where it can be corrected.
        listed: the list as a table.
        whole: one record as tables.
        helps: the help of each command, by its name.
    """

    kind: str
    recorded: Callable[[Any], str]
    withdrawn: Callable[[Any], str]
    form: Callable[[], type[Any]]
    listed: Callable[[list[Any]], Table]
    whole: Callable[[Any], Sequence[str | Table]]
    helps: dict[str, str]
    amendment: Callable[[], type[Any]] | None = None
    brief: Callable[[Any], str] = lambda made: str(made.id)

    def read(self, records: Records, which: Any) -> Any:
        """One record."""
        return getattr(records, self.kind)(which)


def add_commands(app: typer.Typer, kind: Commands) -> None:
    """Add the commands of a kind; its list only where `helps` has one, since some lists can be narrowed."""

    def record(ctx: typer.Context, file: FileGiven = None, *, parts: Parts = None, key: Key = None) -> None:
        desk, wanted = desk_of(ctx), form(kind.form(), values(file, parts))
        with open_client(desk) as client:
            made = getattr(client.records, f"record_{kind.kind}")(wanted, key)
        desk.answer(made, kind.recorded(made), brief=str(made.id))

    def list_(ctx: typer.Context, *, limit: Limit = 50) -> None:
        def found(records: Records) -> Any:
            return getattr(records, f"{kind.kind}s")(page_size=min(limit, 200))

        listing(desk_of(ctx), found, limit, kind.listed)

    def show(ctx: typer.Context, which: Id) -> None:
        desk, wanted = desk_of(ctx), as_id(which)
        with open_client(desk) as client:
            found = kind.read(client.records, wanted)
        desk.answer(found, *kind.whole(found), brief=kind.brief(found))

    def amend(
        ctx: typer.Context, which: Id, file: FileGiven = None, *, reason: Reason, parts: Parts = None,
        version: Version = None,
    ) -> None:  # fmt: skip
        assert kind.amendment is not None  # noqa: S101 - by the declaration
        desk, wanted = desk_of(ctx), as_id(which)
        change = form(kind.amendment(), {"changes": values(file, parts), "reason": reason})
        with open_client(desk) as client:
            seen = version or kind.read(client.records, wanted).version
            made = getattr(client.records, f"amend_{kind.kind}")(wanted, change, version=seen)
        said = f"{kind.kind.capitalize()} {made.id} amended (version {made.version})."
        desk.answer(made, said, brief=str(made.id))

    def withdraw(ctx: typer.Context, which: Id, *, reason: Reason, version: Version = None) -> None:
        desk, wanted = desk_of(ctx), as_id(which)
        with open_client(desk) as client:
            seen = version or kind.read(client.records, wanted).version
            made = getattr(client.records, f"withdraw_{kind.kind}")(wanted, reason, version=seen)
        desk.answer(made, kind.withdrawn(made), brief=str(made.id))

    commands: dict[str, Callable[..., None]] = {
        "record": record, "list": list_, "show": show, "amend": amend, "withdraw": withdraw,
    }  # fmt: skip
    for name, command in commands.items():
        if name in kind.helps:
            app.command(name, help=kind.helps[name])(command)
