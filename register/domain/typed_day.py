"""Days as people of the region write them: 20-11-2026, 20/11/2026, 20 nov 2026, 20 di november 2026, 2026-11-20.

Day before month, as all five countries write it. With strokes, or a year of two digits, somebody may have meant the
month before the day (3/4/1979): then both are given, and whoever reads asks which. A year of two digits is the one of
the last hundred years. Months have names in English, Dutch, Spanish and Papiamento; three letters are enough. Of a
birth only the year may be known, or the year and the month: mei 1990, 1990-05, 5-1990, 1990.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

_MONTHS: Final = (
    "january januari enero yanuari yanüari januarie",
    "february februari febrero febrüari",
    "march maart marzo mart maart",
    "april abril aprel",
    "may mei mayo mei",
    "june juni junio yüni",
    "july juli julio yüli",
    "august augustus agosto ougùstùs ougustus",
    "september septiembre setiembre sèptèmber",
    "october oktober octubre òktober",
    "november noviembre novèmber",
    "december diciembre desèmber desember",
)
_SHORT: Final = 3
_ALSO: Final = {"mrt": 3, "sept": 9, "ene": 1, "abr": 4, "ago": 8, "dic": 12, "dez": 12, "aug": 8, "oug": 8}
_ISO: Final = re.compile(r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})")
_YEAR: Final = r"(?P<year>[0-9]{4}|'?[0-9]{2})"
_NUMBERS: Final = re.compile(rf"(?P<day>[0-9]{{1,2}})\s*(?P<sign>[-/. ])\s*(?P<month>[0-9]{{1,2}})\s*[-/. ]\s*{_YEAR}")
_NAMED: Final = re.compile(
    r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|e|de|º|°)?[\s.\-/]*(?:(?:of|de|di|den)\s+)?(?P<month>[a-z]{3,})[\s.,\-/]*"
    rf"(?:(?:de|di|of|del)\s+)?{_YEAR}"
)
_NAMED_FIRST: Final = re.compile(
    r"(?P<month>[a-z]{3,})\.?\s+(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>[0-9]{4})"
)
_MONTH_AND_YEAR: Final = (
    re.compile(r"(?P<year>[0-9]{4})\s*[-/. ]\s*(?P<month>[0-9]{1,2})"),
    re.compile(r"(?P<month>[0-9]{1,2})\s*[-/. ]\s*(?P<year>[0-9]{4})"),
    re.compile(r"(?P<month>[a-z]{3,})\.?,?\s*[-/. ]\s*(?:(?:de|di|of|del)\s+)?(?P<year>[0-9]{4})"),
)
_A_CENTURY: Final = 100


@dataclass(frozen=True, slots=True)
class Written:
    """A date as far as it was written: the year, then the month, then the day."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def whole(self) -> date | None:
        """The day; None where only the month or the year was written."""
        return None if self.month is None or self.day is None else date(self.year, self.month, self.day)


def read_written(text: str, *, latest: date | None = None) -> tuple[Written, ...]:
    """Every date that may be meant, the likeliest first; none where it is no date.

    Args:
        text: as typed.
        latest: the last day that can be meant, by which a year of two digits is read; None: no such year is read.
    """
    plain = _fold_text(text)
    if found := _NUMBERS.fullmatch(plain):
        return _by_numbers(found, latest)
    for form in (_ISO, _NAMED, _NAMED_FIRST):
        if found := form.fullmatch(plain):
            return _list_existing_day(
                read_year(found["year"], latest=latest), read_month(found["month"]), int(found["day"])
            )
    for form in _MONTH_AND_YEAR:
        if found := form.fullmatch(plain):
            month = read_month(found["month"])
            return () if month is None else (Written(int(found["year"]), month),)
    year = read_year(plain)
    return () if year is None else (Written(year),)


def read_day(text: str, *, latest: date | None = None) -> date | None:
    """The day that was typed; None where it is none, or could be two (`read_written` gives both)."""
    found = read_written(text, latest=latest)
    return found[0].whole if len(found) == 1 else None


def read_year(text: str, *, latest: date | None = None) -> int | None:
    """The year that was typed, with four digits or, where `latest` says in which century, with two."""
    digits = text.strip().removeprefix("'")
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) == len("1979"):
        return int(digits) or None
    if len(digits) != len("79") or latest is None:
        return None
    return latest.year - (latest.year - int(digits)) % _A_CENTURY


def _by_numbers(found: re.Match[str], latest: date | None) -> tuple[Written, ...]:
    day, month = int(found["day"]), int(found["month"])
    day_first = _day_of(found["year"], month, day, latest)
    if day_first and (found["sign"] == "/" or len(found["year"]) < len("1979")) and day != month:
        return day_first + _day_of(found["year"], day, month, latest)
    return day_first


def _day_of(typed: str, month: int, day: int, latest: date | None) -> tuple[Written, ...]:
    year = read_year(typed, latest=latest)
    if (
        latest is not None
        and year == latest.year
        and len(typed) < len("1979")
        and (month, day) > (latest.month, latest.day)
    ):
        year -= _A_CENTURY  # a day still to come is not meant
    return _list_existing_day(year, month, day)


def _list_existing_day(year: int | None, month: int | None, day: int) -> tuple[Written, ...]:
    if year is None or month is None:
        return ()
    try:
        date(year, month, day)
    except ValueError:
        return ()
    return (Written(year, month, day),)


def read_month(text: str) -> int | None:
    """The month that was typed, as a number from 1 to 12 or by its name; None where it is none."""
    plain = _fold_text(text).rstrip(".")
    if plain.isascii() and plain.isdigit():
        number = int(plain) if len(plain) <= len("12") else 0
        return number if 1 <= number <= len(_MONTHS) else None
    return _by_name().get(plain)


def _by_name() -> dict[str, int]:
    named: dict[str, int] = dict(_ALSO)
    for number, names in enumerate(_MONTHS, 1):
        for name in _fold_text(names).split():
            named[name] = named[name[:_SHORT]] = number
    return named


def _fold_text(text: str) -> str:
    folded = unicodedata.normalize("NFD", text.strip().casefold())
    return re.sub(r"\s+", " ", "".join(c for c in folded if not unicodedata.combining(c)))
