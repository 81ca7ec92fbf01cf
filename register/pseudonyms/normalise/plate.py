"""Number plates, family `plate`: the country and the letters and digits alone.

The same plate exists on several islands, so the country is part of the value. Separators and case differ between
services and do not count. Letters and digits that look alike are kept apart: where plates have a fixed order of
letters and digits, folding them would make one car of two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from register.pseudonyms.errors import PlateRefused
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import digits_of, fold
from schemas.codes.countries import COUNTRIES

VERSION = 1
FAMILY = "plate"

_SEPARATORS = re.compile(r"[\s.\-–·/_*]+")
_COMPACT = re.compile(r"[A-Z0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate as typed, with the country that issued it."""

    country: str
    text: str = field(repr=False)


def canonical(plate: Plate, _mode: Mode) -> list[Canonical]:
    """The one canonical form of a plate.

    Raises:
        PlateRefused: no country, or something else than letters and digits.
    """
    country = plate.country.upper()
    if country not in COUNTRIES:
        raise PlateRefused("name the country that issued the plate by two letters of ISO 3166, for instance CW")
    compact = _SEPARATORS.sub("", digits_of(fold(plate.text))).upper()
    if _COMPACT.fullmatch(compact) is None or not any(map(str.isdigit, compact)):
        raise PlateRefused(
            "type the plate's letters and digits, at most 12 and at least one digit, for instance A-1234"
        )
    return [Canonical(FAMILY, (country, compact))]
