"""What a document says of whoever it was issued to: a birth date in its number, or in the zone that machines read.

A sedula of Aruba, Curaçao, Sint Maarten and the Caribbean Netherlands begins with the birth date, YYYYMMDD and two
digits more. The second line of a passport, and the first of a card, are those of ICAO 9303 (parts 4 to 6).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from schemas.codes import DocumentUse
from schemas.codes.countries import ISLAND_ISSUERS, UNKNOWN
from schemas.signals.parts import IDENTITY_DOCUMENTS, SelectorIn, SubjectIn

OF_ANOTHER: Final = frozenset({DocumentUse.LOOKALIKE, DocumentUse.FALSE, DocumentUse.FOUND})
"""Uses of a document that say that it belongs to somebody else than the person it stands under."""
_SEDULA_ISSUERS: Final = ISLAND_ISSUERS | {"NL", UNKNOWN}
"""Also the Netherlands, whose country people give for the Kingdom's, and nobody knows."""
_SEDULA: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[\s./-]?(\d\d)[\s./-]?(\d\d)[\s./-]?\d\d(?!\d)")
_PASSPORT_LINE: Final = re.compile(
    r"(?P<number>[A-Z0-9<]{9})(?P<check>\d)[A-Z<]{3}(?P<born>\d{6})(?P<born_check>\d)[MFX<]"
    r"(?P<expires>\d{6})(?P<expires_check>\d)[A-Z0-9<]{14}[\d<]\d"
)
_CARD_LINE: Final = re.compile(r"[IAC][A-Z<][A-Z<]{3}(?P<number>[A-Z0-9<]{9})(?P<check>\d)[A-Z0-9<]{15}")
_WEIGHTS: Final = (7, 3, 1)
_LETTER_VALUE: Final = 10  # of A
_OLDEST: Final = 100
"""Years: of two digits the later century is meant, unless it is to come."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A line of the zone that machines read.

    Attributes:
        number: of the document.
        born: month and day, and the year in two digits; None on a card's first line.
        holds: whether its check digits fit.
    """

    number: str = field(repr=False)
    born: tuple[int, int, int] | None = field(repr=False)
    holds: bool


def zone_of(typed: str) -> Zone | None:
    """The line that a text is, with its spaces left out; None where it is no such line."""
    text = "".join(unicodedata.normalize("NFKC", typed).split()).upper()
    if (found := _PASSPORT_LINE.fullmatch(text)) is not None:
        checked = (("number", "check"), ("born", "born_check"), ("expires", "expires_check"))
        born = found["born"]
        return Zone(
            found["number"].rstrip("<"),
            (int(born[:2]), int(born[2:4]), int(born[4:])),
            all(check_digit(found[of]) == found[digit] for of, digit in checked),
        )
    if (found := _CARD_LINE.fullmatch(text)) is not None:
        return Zone(found["number"].rstrip("<"), None, check_digit(found["number"]) == found["check"])
    return None


def check_digit(text: str) -> str:
    """The check digit of a field of that zone: weights 7, 3, 1, modulo 10 (ICAO 9303 part 3).

    Args:
        text: letters, digits and `<`; a document number is filled up to nine places by itself, since `<` counts 0.
    """
    values = (0 if c == "<" else int(c) if c.isdigit() else ord(c) - ord("A") + _LETTER_VALUE for c in text)
    return str(sum(value * _WEIGHTS[place % 3] for place, value in enumerate(values)) % 10)


def born_by(one: SelectorIn, latest: date) -> date | None:
    """The birth date that a document says, of whoever it was issued to; None where it says none that may be."""
    if one.type not in IDENTITY_DOCUMENTS:
        return None
    zone = zone_of(one.value)
    if zone is not None and zone.born is not None and zone.holds:
        return _born_in_zone(zone.born, latest)
    return in_a_sedula(one.value, latest) if one.country in _SEDULA_ISSUERS else None


def in_a_sedula(text: str, latest: date) -> date | None:
    """The birth date at the beginning of the first sedula in a text; None where there is none, or it is no date."""
    found = _SEDULA.search(unicodedata.normalize("NFKC", text))
    born = None if found is None else _build_day(*(int(part) for part in found.groups()))
    return born if born is not None and born <= latest else None


def births_by_own_papers(subject: SubjectIn, latest: date) -> frozenset[date]:
    """The birth dates that a person's own documents say, and a sedula that was typed with the name."""
    own = (born_by(one, latest) for one in subject.selectors if one.use not in OF_ANOTHER)
    return frozenset(born for born in (*own, in_a_sedula(subject.name or "", latest)) if born is not None)


def _born_in_zone(born: tuple[int, int, int], latest: date) -> date | None:
    short, month, day = born
    century = latest.year - latest.year % _OLDEST
    found = _build_day(century + short, month, day)
    return _build_day(century - _OLDEST + short, month, day) if found is None or found > latest else found


def _build_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
