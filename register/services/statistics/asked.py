"""What a person names: a table of the catalogue and a period; and what is said when a rule says no."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from register.errors import CallerError, Conflict
from register.statistics.catalogue import Catalogue
from register.statistics.definition import Definition
from register.statistics.period import POOLED_YEARS, Period
from register.statistics.refusals import Refusal
from register.statistics.release.contribution import FIRST_YEAR, LAST_YEAR

_PERIOD: Final = re.compile(r"(?P<first>\d{4})(?:-Q(?P<quarter>[1-4])|/(?P<last>\d{4}))?", re.ASCII)


class BadPeriod(CallerError):
    """The period is none that statistics are made for."""

    code = "bad-period"
    advice = "Give a year (2023), a quarter (2023-Q1) or three years (2021/2023)."


class NoSuchTable(CallerError):
    """Only registered tables are made, and there is none of this id (R1)."""

    code = "table-not-registered"
    advice = "Choose a table of the catalogue, or have the working group register it."


class RuleSaysNo(Conflict):
    """A rule of the statistics says no; each refusal has a code, a sentence and what would make it pass."""

    code = "statistics-refused"
    advice = "Do what `would_pass` says, or read the coarser table that is named."


def period_of(text: str) -> Period:
    """Read a period as it is printed. Raises `BadPeriod`."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise BadPeriod("expected a year, a quarter or three years")
    year, years = int(found["last"] or found["first"]), 1
    if found["last"]:
        years = year - int(found["first"]) + 1
    if not FIRST_YEAR <= year <= LAST_YEAR or years not in {1, POOLED_YEARS}:
        raise BadPeriod(f"expected years from {FIRST_YEAR} to {LAST_YEAR}, one or {POOLED_YEARS} together")
    return Period(year, int(found["quarter"]) if found["quarter"] else None, years)


def table_of(catalogue: Catalogue, table_id: str) -> Definition:
    """The registered table of that id. Raises `NoSuchTable`."""
    found = catalogue.find(table_id)
    if isinstance(found, Refusal):
        raise NoSuchTable(found.says, refusals=tell_refusals([found]))
    return found


def tell_refusals(refusals: Iterable[Refusal]) -> list[dict[str, Any]]:
    """Refusals as programs read them; each once."""
    found = {r.code: {"rule": r.rule.value, "code": r.code, "says": r.says, "would_pass": r.would_pass}
             for r in refusals}  # fmt: skip
    return list(found.values())
