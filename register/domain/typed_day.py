"""Days as people of the region write them: 20-11-2026, 20/11/2026, 20 nov 2026, 20 di november 2026, 2026-11-20.

Day before month, as all five countries write it. What can be read in two ways (a year of two digits) is not read.
Months have names in English, Dutch, Spanish and Papiamento; three letters are enough.
"""

from __future__ import annotations

import re
import unicodedata
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
_NUMBERS: Final = re.compile(r"(?P<day>[0-9]{1,2})\s*[-/. ]\s*(?P<month>[0-9]{1,2})\s*[-/. ]\s*(?P<year>[0-9]{4})")
_NAMED: Final = re.compile(
    r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|e|de|º|°)?[\s.\-/]*(?:(?:of|de|di|den)\s+)?(?P<month>[a-z]{3,})[\s.,\-/]*"
    r"(?:(?:de|di|of|del)\s+)?(?P<year>[0-9]{4})"
)
_NAMED_FIRST: Final = re.compile(
    r"(?P<month>[a-z]{3,})\.?\s+(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>[0-9]{4})"
)


def read_day(text: str) -> date | None:
    """The day that was typed; None where it is none, or could be two."""
    plain = _plain(text)
    for form in (_ISO, _NUMBERS, _NAMED, _NAMED_FIRST):
        if found := form.fullmatch(plain):
            month = read_month(found["month"])
            try:
                return None if month is None else date(int(found["year"]), month, int(found["day"]))
            except ValueError:
                return None
    return None


def read_month(text: str) -> int | None:
    """The month that was typed, as a number from 1 to 12 or by its name; None where it is none."""
    plain = _plain(text).rstrip(".")
    if plain.isascii() and plain.isdigit():
        return int(plain) if 1 <= int(plain[:9]) <= len(_MONTHS) else None
    return _by_name().get(plain)


def _by_name() -> dict[str, int]:
    named: dict[str, int] = dict(_ALSO)
    for number, names in enumerate(_MONTHS, 1):
        for name in _plain(names).split():
            named[name] = named[name[:_SHORT]] = number
    return named


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFD", text.strip().casefold())
    return re.sub(r"\s+", " ", "".join(c for c in folded if not unicodedata.combining(c)))
