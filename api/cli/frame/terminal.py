"""The desk a command works at: the options before it, and where its answers go.

Results go to stdout, everything else to stderr. On a terminal tables are drawn by rich; elsewhere they are plain
aligned text. With `--json` stdout holds one JSON document and nothing else. Control characters of whatever came
from elsewhere are never sent to a terminal.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typer

_KEPT = frozenset("\n\t")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for a person.

    Attributes:
        columns: the headings; those in `right` hold numbers.
        rows: texts, or what `str` makes readable; None is shown as nothing.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    right: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One call of `rtr`.

    Attributes:
        as_json: answer for programs.
        quiet: print only what was asked for.
        config: file of settings; None takes the one that RTR_CONFIG names, if any.
        profile: of the person; None where none was given.
    """

    as_json: bool = False
    quiet: bool = False
    config: Path | None = None
    profile: Path | None = None

    def answer(self, document: object, *parts: str | Table, brief: str | None = None) -> None:
        """Print the result of a command.

        Args:
            document: for `--json`; models, dataclasses, enums, dates and paths become JSON.
            parts: for people, in order.
            brief: what `--quiet` leaves of the parts; None leaves nothing.
        """
        if self.as_json:
            typer.echo(to_json(document))
        elif self.quiet:
            if brief is not None:
                typer.echo(printable(brief))
        elif sys.stdout.isatty():
            _draw_parts(parts)
        else:
            typer.echo("\n".join(printable(p) if isinstance(p, str) else plain(p) for p in parts).lstrip("\n"))

    def note(self, text: str) -> None:
        """Tell a person something beside the result, on stderr; programs and `--quiet` do not see it."""
        if not self.as_json and not self.quiet:
            typer.echo(printable(text), err=True)

    @contextmanager
    def progress(self, what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Show a bar on stderr, if that is a terminal and somebody looks; yields a function that moves it on."""
        if self.as_json or self.quiet or not sys.stderr.isatty():
            yield lambda _steps: None
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(printable(what), total=total)
            yield lambda steps: bar.advance(task, steps)


def desk_of(ctx: typer.Context) -> Desk:
    """The desk of the call that a command is part of."""
    desk = ctx.obj
    if not isinstance(desk, Desk):
        raise TypeError("the command was not called through `rtr`")
    return desk


def to_json(document: object) -> str:
    """A document as JSON text."""
    from pydantic_core import to_jsonable_python

    return json.dumps(to_jsonable_python(document, fallback=str), ensure_ascii=False, indent=2)


def printable(text: str) -> str:
    """The text without control characters and without marks that turn the direction of writing."""
    return "".join(c if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cf", "Cs"} else "\ufffd" for c in text)


def at(moment: datetime | None) -> str:
    """A moment as people here read it: ISO, to the second, UTC."""
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(table: Table) -> str:
    """A table as aligned text, two spaces between columns; one with a title stands apart by an empty line."""
    heading = [list(table.columns)] if any(table.columns) else []
    cells = heading + [[_write_cell(value) for value in row] for row in table.rows]
    if not cells:
        return printable(table.title)
    widths = [max(len(row[i]) for row in cells) for i in range(len(table.columns))]
    right = [column in table.right for column in table.columns]
    lines = [
        "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join([*(["", printable(table.title)] if table.title else []), *lines])


def _write_cell(value: object) -> str:
    return "" if value is None else " ".join(printable(str(value)).split())


def _draw_parts(parts: Sequence[str | Table]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    for part in parts:
        if isinstance(part, str):
            console.print(Text(printable(part)), soft_wrap=True)  # the terminal wraps: what is copied has no breaks
        else:
            title = Text(printable(part.title)) if part.title else None
            drawn = Drawn(
                title=title,
                box=box.SIMPLE_HEAD,
                show_header=any(part.columns),
                title_justify="left",
                title_style="bold",
                pad_edge=False,
            )
            for column in part.columns:
                drawn.add_column(Text(column), justify="right" if column in part.right else "left", overflow="fold")
            for row in part.rows:
                drawn.add_row(*(Text("" if value is None else printable(str(value))) for value in row))
            console.print(drawn)
