"""Identity documents, family `document`: issuing country, type, and the number's letters and digits.

Letters and digits that look alike (O and 0, I and 1, S and 5, B and 8) are folded together on both sides, after the
check digit was tested on what was typed. A number that fails its check is still a number: false documents are what
this register is about; the flag says how much weight it has. The Kingdom issues one passport, so a passport "of
Aruba" is one of the Netherlands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from stdnum.co import nit
from stdnum.do import cedula
from stdnum.nl import bsn, identiteitskaartnummer
from stdnum.ve import rif

from register.pseudonyms.errors import DocumentRefused
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import digits_of, fold
from schemas.codes.countries import COUNTRIES

VERSION = 1
FAMILY = "document"

PASSPORT = "PASSPORT"
NATIONAL_ID = "NATIONAL_ID"

_KIND = re.compile(r"[A-Z][A-Z_]{1,29}")
_SEPARATORS = re.compile(r"[\s.\-–/_<]+")
_COMPACT = re.compile(r"[A-Z0-9]{4,24}")
_LOOK_ALIKE = str.maketrans("OISB", "0158")
_KINGDOM = frozenset({"AW", "BQ", "CW", "SX"})
_MRZ_WEIGHTS = (7, 3, 1)
_MRZ_LETTER_VALUE = 10  # of A
_BSN_DIGITS = 9
_VE_CEDULA = re.compile(r"[VE][0-9]{5,9}")
_CO_CEDULA = re.compile(r"[0-9]{3,10}")


@dataclass(frozen=True, slots=True)
class Document:
    """A document as typed.

    Attributes:
        country: the country that issued it, two letters of ISO 3166-1.
        kind: code of the document type, for instance PASSPORT.
        number: as printed; spaces, dots and hyphens do not count.
        check_digit: the digit behind the number in the machine-readable zone, where somebody read it.
    """

    country: str
    kind: str
    number: str = field(repr=False)
    check_digit: str | None = field(default=None, repr=False)


def canonical(document: Document, _mode: Mode) -> list[Canonical]:
    """The one canonical form of a document.

    Raises:
        DocumentRefused: no country, no type, or no number of 4 to 24 letters and digits.
    """
    country, kind = _issuer(document)
    number = _structured(country, kind, _compact(document).translate(_LOOK_ALIKE))
    return [Canonical(FAMILY, (country, kind, number))]


def is_checked(document: Document) -> bool | None:
    """Whether the number passes the check its issuer defined: True, False, or None where there is no such check.

    Raises:
        DocumentRefused: as `canonical`.
    """
    country, kind = _issuer(document)
    number = _compact(document)
    if document.check_digit is not None:
        return mrz_check_digit(number) == document.check_digit.strip()
    check = _CHECKS.get((country, kind))
    return None if check is None else check(number)


def mrz_check_digit(text: str) -> str:
    """The check digit of a field of the machine-readable zone: weights 7, 3, 1, modulo 10 (ICAO 9303 part 3).

    Args:
        text: letters, digits and `<`; a document number is filled up to nine places by itself, since `<` counts 0.
    """
    values = (0 if c == "<" else int(c) if c.isdigit() else ord(c) - ord("A") + _MRZ_LETTER_VALUE for c in text)
    return str(sum(value * _MRZ_WEIGHTS[place % 3] for place, value in enumerate(values)) % 10)


def _issuer(document: Document) -> tuple[str, str]:
    country, kind = document.country.upper(), document.kind.upper()
    if country not in COUNTRIES:
        raise DocumentRefused("name the country that issued the document by two letters of ISO 3166, for instance CO")
    if _KIND.fullmatch(kind) is None:
        raise DocumentRefused("name the type of the document by its code, for instance PASSPORT")
    return ("NL" if kind == PASSPORT and country in _KINGDOM else country), kind


def _compact(document: Document) -> str:
    compact = _SEPARATORS.sub("", digits_of(fold(document.number))).upper()
    if _COMPACT.fullmatch(compact) is None or not any(map(str.isdigit, compact.translate(_LOOK_ALIKE))):
        raise DocumentRefused("type the document's number: 4 to 24 letters and digits, at least one digit")
    return compact


def _structured(country: str, kind: str, number: str) -> str:
    """Bring the spellings of one number together; takes and gives numbers folded already."""
    if kind == NATIONAL_ID and number.isdigit():
        match country:
            case "VE":
                return "V" + number.lstrip("0")  # nationals are the rule; foreigners are written with E
            case "CO":
                return number.lstrip("0")
            case "NL":
                return number.zfill(_BSN_DIGITS)  # a citizen's number loses its leading zero in spreadsheets
            case _:
                return number
    if kind == NATIONAL_ID and country == "VE" and number[1:].isdigit():
        return number[0] + number[1:].lstrip("0")
    return number


def _dutch(number: str) -> bool:
    return identiteitskaartnummer.is_valid(number) or (number.isdigit() and bsn.is_valid(number))


def _venezuelan(number: str) -> bool:
    return _VE_CEDULA.fullmatch("V" + number if number.isdigit() else number) is not None


_CHECKS: dict[tuple[str, str], Callable[[str], bool]] = {
    ("NL", PASSPORT): identiteitskaartnummer.is_valid,
    ("NL", NATIONAL_ID): _dutch,
    ("DO", NATIONAL_ID): cedula.is_valid,
    ("VE", NATIONAL_ID): _venezuelan,
    ("CO", NATIONAL_ID): lambda number: _CO_CEDULA.fullmatch(number) is not None,
    ("VE", "TAX_ID"): rif.is_valid,
    ("CO", "TAX_ID"): nit.is_valid,
}
