"""What evaluators allow each country: figures of the roster, which an evaluator's own settings may only make lower.

Pure. The roster says what all evaluators together allow (`Limits`); `Allowances` are one evaluator's part of it. The
file beside this module is what a first roster holds unless another is given, with the sizes that the worst case is
measured by.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from register.errors import CallerError, OperatorError
from schemas.codes import Partition
from schemas.exchange.wire import Book, LimitRow, Limits

ALL: Final = "all"
"""The row that counts the keys of every class together."""
OTHER: Final = "other"
"""The row of each class without one of its own."""
FIGURES: Final = ("five_minutes", "day", "thirty_days", "organisation_day", "actor_day")
NEW_ACTORS: Final = "new_actors_a_day"
TICKET_KEYS: Final = "ticket_keys_a_day"
DAYS_A_YEAR: Final = 365
MONTH_DAYS: Final = 30


class LimitNotLower(OperatorError):
    """A setting of this evaluator would allow more than the five have agreed on, or names no limit."""

    code = "limit-not-lower"
    advice = "Take the setting out or make it smaller: `rtr roster limits` shows what is agreed. More needs a roster."


class LimitsRefused(CallerError):
    """A file of limits cannot be used."""

    code = "limits-refused"
    advice = "Correct what the message names; `rtr roster limits --example` prints a file to begin with."


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many keys of one class one evaluator grants a country, and of them its organisations and actors."""

    five_minutes: int
    day: int
    thirty_days: int
    organisation_day: int
    actor_day: int

    @property
    def most_at_once(self) -> int:
        """More than this in one request would never pass, whenever it is sent."""
        return min(self.five_minutes, self.actor_day)


@dataclass(frozen=True, slots=True)
class Allowances:
    """One evaluator's part of what is agreed."""

    limits: Limits

    @property
    def new_actors_a_day(self) -> int:
        """How many actors that were not seen for thirty days a country may bring in a day."""
        return self.limits.new_actors_a_day

    @property
    def ticket_keys_a_day(self) -> int:
        """How many keys a country may have evaluated in a day on tickets that no person signed."""
        return self.limits.ticket_keys_a_day // self.limits.parts

    def part_of(self, keys: int) -> int:
        """How many of a ticket's keys this evaluator takes: as of each limit, so that four take it twice."""
        return keys // self.limits.parts

    def of(self, book: Book, selector_class: str) -> Allowance | None:
        """What is allowed of a class; for `ALL`, None where the book has no such row."""
        rows = {row.selector_class: row for row in self.limits.rows if row.book is book}
        row = rows.get(selector_class) or (None if selector_class == ALL else rows[OTHER])
        if row is None:
            return None
        return Allowance(*(getattr(row, figure) // self.limits.parts for figure in FIGURES))


@dataclass(frozen=True, slots=True)
class WorstCase:
    """What a country that asks for all it may, all year, learns of one class.

    Attributes:
        keys: in a year, of searches and registrations.
        smallest: where the class has fewest values, and how many; None where they cannot be counted through.
        source: of that number.
    """

    selector_class: str
    keys: int
    smallest: tuple[Partition, int] | None = None
    source: str = ""

    @property
    def share(self) -> float | None:
        """The part of that country's values that could be tried in a year; 1 is all of them."""
        return None if self.smallest is None else min(1.0, self.keys / self.smallest[1])


class _Smallest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    country: Partition
    values: int
    source: str


def agreed_text() -> str:
    """The file that a first roster is made from unless another is given."""
    return (files("register.domain.exchange") / "agreed_limits.toml").read_text(encoding="utf-8")


def read_agreed_limits() -> Limits:
    """The limits of that file."""
    return read_limits(agreed_text())


def read_limits(text: str) -> Limits:
    """Return the limits that a TOML file states.

    Raises:
        LimitsRefused: names what is wrong.
    """
    try:
        table = tomllib.loads(text)
        rows = [
            {"book": book.value, "selector_class": name, **figures}
            for book in Book
            for name, figures in table.get(book, {}).items()
        ]
        stated = {name: value for name, value in table.items() if name not in (*Book, "smallest")}
        return Limits.model_validate_json(_write_json({**stated, "rows": rows}))
    except tomllib.TOMLDecodeError as error:
        raise LimitsRefused(f"this is not TOML: {error}") from None
    except (AttributeError, TypeError):
        raise LimitsRefused(
            "expected a table of figures for each class, under each of " + ", ".join(f"[{book}]" for book in Book)
        ) from None
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)[:5]
        )
        raise LimitsRefused(wrong) from None


def flat_limits(figure: int) -> Limits:
    """The same figure everywhere: for benches and simulators, which ask more than people may."""
    rows = tuple(LimitRow(book=book, selector_class=OTHER, **dict.fromkeys(FIGURES, figure)) for book in Book)
    return Limits(parts=2, new_actors_a_day=figure, ticket_keys_a_day=figure, rows=rows)


def check_lower(limits: Limits, settings: Mapping[str, int]) -> None:
    """Check one evaluator's settings against the roster.

    Args:
        limits: of the roster.
        settings: by `BOOK_CLASS_FIGURE`, such as `searches_phone_day`, or the name of a figure of no class, such as
            `new_actors_a_day`; as agreed for all evaluators together, like the roster's own.

    Raises:
        LimitNotLower: a figure above the agreed one, below 1, or of no row of the roster.
    """
    known = dict(figures_of(limits))
    for name, figure in settings.items():
        if name not in known:
            raise LimitNotLower(f"`pseudonyms.lower.{name}` names no limit of the roster, such as searches_phone_day")
        if not 1 <= figure <= known[name]:
            raise LimitNotLower(
                f"`pseudonyms.lower.{name}` is {figure}; agreed is {known[name]}, and a setting may only lower it"
            )


def lower_limits(limits: Limits, settings: Mapping[str, int]) -> Limits:
    """Return the limits as one evaluator's settings make them lower; what would make one higher counts for nothing."""
    if not settings:
        return limits
    rows = tuple(_lower_row(row, settings) for row in limits.rows)
    single = {name: min(figure, settings.get(name, figure)) for name, figure in _list_single_figures(limits)}
    return limits.model_copy(update={"rows": rows, **single})


def figures_of(limits: Limits) -> Iterator[tuple[str, int]]:
    """Each figure of the limits under the name by which a setting can lower it."""
    yield from _list_single_figures(limits)
    for row in limits.rows:
        for figure in FIGURES:
            yield f"{row.book}_{row.selector_class}_{figure}", getattr(row, figure)


def _list_single_figures(limits: Limits) -> Iterator[tuple[str, int]]:
    """The figures that are of no class."""
    yield NEW_ACTORS, limits.new_actors_a_day
    yield TICKET_KEYS, limits.ticket_keys_a_day


def worst_cases(limits: Limits) -> list[WorstCase]:
    """What each class's limits add up to in a year, measured by the country where the class has fewest values."""
    sizes = {
        name: _Smallest.model_validate(row) for name, row in tomllib.loads(agreed_text()).get("smallest", {}).items()
    }
    names = dict.fromkeys((*(row.selector_class for row in limits.rows), *sizes))
    found = []
    for name in names:
        if name == ALL:
            continue
        # What is kept is a part of what is registered.
        keys = sum(_a_year(limits, book, name) for book in (Book.SEARCHES, Book.REGISTRATIONS))
        size = sizes.get(name)
        if size is None:
            found.append(WorstCase(name, keys))
        else:
            found.append(WorstCase(name, keys, (size.country, size.values), size.source))
    return found


def _a_year(limits: Limits, book: Book, name: str) -> int:
    rows = {row.selector_class: row for row in limits.rows if row.book is book}
    # A year has twelve times thirty days and a piece; the piece can hold a whole thirty days' keys.
    return (DAYS_A_YEAR // MONTH_DAYS + 1) * rows.get(name, rows[OTHER]).thirty_days


def _lower_row(row: LimitRow, settings: Mapping[str, int]) -> LimitRow:
    said = {figure: getattr(row, figure) for figure in FIGURES}
    for figure, agreed_figure in said.items():
        said[figure] = min(agreed_figure, settings.get(f"{row.book}_{row.selector_class}_{figure}", agreed_figure))
    # Who lowers the whole lowers its parts with it.
    said["day"] = min(said["day"], said["thirty_days"])
    said["five_minutes"] = min(said["five_minutes"], said["day"])
    said["organisation_day"] = min(said["organisation_day"], said["day"])
    said["actor_day"] = min(said["actor_day"], said["organisation_day"])
    return row.model_copy(update=said)


def _write_json(table: Mapping[str, Any]) -> str:
    return json.dumps(table, default=str)
