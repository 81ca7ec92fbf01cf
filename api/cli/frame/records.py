"""What the commands of records share: forms from a file or from `--set`, pages cut to a number, versions."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from api.cli.frame.person import open_client
from api.cli.frame.terminal import Desk, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any
    from uuid import UUID

    from pydantic import BaseModel

    from api.client.records import Records

M = TypeVar("M", bound="BaseModel")

FileGiven = Annotated[
    Path | None, typer.Argument(metavar="FILE.json|FILE.toml|-", help="The form; or give its parts by --set.")
]
Parts = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="One part; may be repeated. Names of people belong in a FILE."),
]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept sealed in the audit log.")]
Version = Annotated[
    int | None,
    typer.Option(help="The version you saw; refused if somebody changed it since. Without it: the present one."),
]
Key = Annotated[str | None, typer.Option(help="Idempotency-Key of a form that you send again (8 to 128 characters).")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]


def values(file: Path | None, parts: list[str] | None) -> dict[str, Any]:
    """The form's values, from the file with the parts laid over them."""
    from api.cli.frame.forms import read_file, with_settings

    if file is None and not parts:
        raise typer.BadParameter("give a FILE, - for standard input, or --set NAME=VALUE")
    return with_settings({} if file is None else read_file(file), parts or [])


def form(model: type[M], given: Mapping[str, Any]) -> M:
    """The checked form."""
    from api.cli.frame.forms import checked

    return checked(model, given)


def as_id(typed: str) -> UUID:
    """The id that was typed; a usage error if it is none."""
    from uuid import UUID

    try:
        return UUID(typed)
    except ValueError:
        raise typer.BadParameter("expected an id, as the list shows it") from None


def listing(
    desk: Desk, found: Callable[[Records], Iterator[Any]], limit: int, shown: Callable[[list[Any]], Table]
) -> None:
    """Print a list."""
    with open_client(desk) as client:
        items = list(islice(found(client.records), limit))
    desk.answer({"items": items}, shown(items) if items else "There is none.", brief=_join_ids(items))


def _join_ids(items: list[Any]) -> str | None:
    return "\n".join(str(one.id) for one in items) or None
