"""Number plates, family `plate`: the country and the letters and digits alone.

The same plate exists on several islands, so the country is part of the value. Separators and case differ between
services and do not count. On the islands a plate is letters and a number, said in either order (`B-1234`, `1234-B`)
and with or without leading zeros: one car. Letters and digits that look alike are kept apart: where plates have a
fixed order of letters and digits, folding them would make one car of two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from register.pseudonyms.errors import PlateRefused, SaysNone, TwoValues
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import digits_of, fold
from register.pseudonyms.normalise.stop import is_repeated, refuse_none_in_words
from register.pseudonyms.normalise.typed import ones_among_capitals, tidy
from schemas.codes.countries import COUNTRIES, ISLANDS

VERSION = 1
FAMILY = "plate"

_SEPARATORS = re.compile(r"[\s.\-–·/_*]+")
_COMPACT = re.compile(r"[A-Z0-9]{1,12}")
_OF_AN_ISLAND = re.compile(r"(?P<before>[A-Z]{0,3})(?P<number>[0-9]{1,6})(?P<behind>[A-Z]{0,3})")
_TWO = re.compile(r"[0-9]{2,}\s*(?:[/;&+,]|\b(?:of|or|o|en|and|y|i)\b)\s*[a-z]{1,3}[\s-]?[0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate as typed, with the country that issued it."""

    country: str
    text: str = field(repr=False)


def canonical(plate: Plate, _mode: Mode) -> list[Canonical]:
    """The one canonical form of a plate.

    Raises:
        PlateRefused: no country, or something else than letters and digits.
        SaysNone: zeros, or a word for "none".
    """
    country = plate.country.upper()
    if country not in COUNTRIES:
        raise PlateRefused("name the country that issued the plate by two letters of ISO 3166, for instance CW")
    refuse_none_in_words(plate.text)
    text = digits_of(fold(ones_among_capitals(tidy(plate.text))))
    if _TWO.search(text):
        raise TwoValues("these are two plates; type one, and add the other by itself")
    compact = _SEPARATORS.sub("", text).upper()
    if _COMPACT.fullmatch(compact) is None or not any(map(str.isdigit, compact)):
        raise PlateRefused(
            "type the plate's letters and digits, at most 12 and at least one digit, for instance A-1234"
        )
    if is_repeated(compact) and compact[0] == "0":
        raise SaysNone("these digits say that the plate is not known; leave them out, or type the plate")
    return [Canonical(FAMILY, (country, _letters_first(compact) if country in ISLANDS else compact))]


def _letters_first(compact: str) -> str:
    found = _OF_AN_ISLAND.fullmatch(compact)
    if found is None or (found["before"] and found["behind"]):
        return compact
    return found["before"] + found["behind"] + (found["number"].lstrip("0") or "0")
