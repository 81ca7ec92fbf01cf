"""Companies by number, family `company`: the country of the register, and the number in it.

Registers number their companies one by one, so the same number stands in every country's. What people write around it
does not count: the name of the register, separators, zeros before it where the register fills up, the `.0` of a head
office on the islands, and the check digit behind a Colombian or Venezuelan tax number, by which companies there are
known. A check digit that does not fit is kept with the number: nobody can tell which digit is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from stdnum.co import nit
from stdnum.exceptions import ValidationError

from register.pseudonyms.errors import CompanyRefused, SaysNone, TwoValues
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import digits_of, fold
from register.pseudonyms.normalise.stop import is_filler, is_repeated, is_running, refuse_none_in_words
from register.pseudonyms.normalise.typed import tidy
from schemas.codes.countries import COUNTRIES

VERSION = 1
FAMILY = "company"

_ADVICE: Final = "type the number of the company in its register: 2 to 20 letters and digits, at least one digit"
_LABEL: Final = re.compile(
    r"(?:(?:kvk|coc|kamer van koophandel|chamber of commerce|camara de comercio|handelsregister|trade register"
    r"|registro mercantil|company|empresa|bedrijf|rif|nit|rnc|reg|registration|registratie|number|nummer|numero|num|nr"
    r"|no)(?:[\s.:#-]+|(?=[0-9])))+"
)
_TWO: Final = re.compile(r"[0-9]{4,}\s*(?:[/;&+,]|\b(?:of|or|o|en|and|y|i)\b)\s*[a-z]{0,2}[0-9]{4,}")
_SEPARATORS: Final = re.compile(r"[\s.\-–_/]+")
_COMPACT: Final = re.compile(r"[A-Z0-9]{2,20}")
_HEAD_OFFICE: Final = re.compile(r"(?<=[0-9])\s*(?:\.0|\(0\))$")
_VENEZUELAN: Final = re.compile(r"(?P<letter>[JGCPVE])(?P<digits>[0-9]{1,8})(?P<check>[0-9])?")
_COLOMBIAN: Final = re.compile(r"(?P<digits>[0-9]{8,10})(?P<check>[0-9])")
_CHECK_BEHIND: Final = re.compile(r"[0-9.\s]{6,}[-–]\s*[0-9]")
_DUTCH_DIGITS: Final = 8
_VENEZUELAN_DIGITS: Final = 8
_RUNNING_LEAST: Final = 6
"""Digits: registers on the islands have a company 1234."""


@dataclass(frozen=True, slots=True)
class Company:
    """A company's number as typed, with the country in whose register it stands."""

    country: str
    text: str = field(repr=False)


def canonical(company: Company, _mode: Mode) -> list[Canonical]:
    """The one canonical form of a company's number.

    Raises:
        CompanyRefused: no country, or something else than a number.
        SaysNone: zeros, repeated or running digits, or a word for "none".
        TwoValues: two numbers.
    """
    country = company.country.upper()
    if country not in COUNTRIES:
        raise CompanyRefused("name the country of the register by two letters of ISO 3166, for instance CW")
    refuse_none_in_words(company.text)
    text = digits_of(fold(tidy(company.text)))
    if _TWO.search(text):
        raise TwoValues("these are two numbers; type one, and add the other by itself")
    text = text[found.end() :] if (found := _LABEL.match(text)) else text
    number = _FORMS.get(country, _strip_separators)(text)
    if any(map(str.isdigit, text)) and (_is_none(_strip_separators(text)) or _is_none(number)):
        raise SaysNone("these digits say that the number is not known; leave them out, or type the number")
    if _COMPACT.fullmatch(number) is None or not any(map(str.isdigit, number)):
        raise CompanyRefused(_ADVICE)
    return [Canonical(FAMILY, (country, number))]


def _is_none(number: str) -> bool:
    digits = number.lstrip("0")
    return (
        not digits
        or is_filler(number, running=False)
        or is_repeated(digits)
        or (len(digits) >= _RUNNING_LEAST and is_running(digits))
    )


def _strip_separators(text: str) -> str:
    return _SEPARATORS.sub("", text).upper()


def _read_island_number(text: str) -> str:
    """Letters, and a number without the zeros before it; the `.0` or `(0)` behind it says "head office"."""
    number = _strip_separators(_HEAD_OFFICE.sub("", text))
    found = re.fullmatch(r"(?P<letters>[A-Z]{0,3})0*(?P<number>[0-9]+)", number)
    return number if found is None else found["letters"] + found["number"]


def _read_dutch_number(text: str) -> str:
    """Eight digits; a spreadsheet drops the zero before them."""
    number = _strip_separators(text)
    return number.zfill(_DUTCH_DIGITS) if number.isdigit() else number


def _read_venezuelan_number(text: str) -> str:
    """Letter and eight digits; the check digit behind them says nothing more."""
    number = _strip_separators(text)
    if (found := _VENEZUELAN.fullmatch(number)) is None:
        return number
    return found["letter"] + found["digits"].zfill(_VENEZUELAN_DIGITS)


def _read_colombian_number(text: str) -> str:
    """The number without its check digit: written behind a hyphen, or told by its fitting."""
    number = _strip_separators(text)
    found = _COLOMBIAN.fullmatch(number)
    if found is None:
        return number
    if _CHECK_BEHIND.fullmatch(text.strip()):
        return found["digits"]
    return found["digits"] if len(number) == _COLOMBIAN_WITH_CHECK and _is_valid_nit(number) else number


_COLOMBIAN_WITH_CHECK: Final = 10


def _is_valid_nit(number: str) -> bool:
    try:
        return bool(nit.validate(number))
    except ValidationError:
        return False


_FORMS: Final[dict[str, Callable[[str], str]]] = {
    "AW": _read_island_number,
    "BQ": _read_island_number,
    "CW": _read_island_number,
    "SX": _read_island_number,
    "NL": _read_dutch_number,
    "VE": _read_venezuelan_number,
    "CO": _read_colombian_number,
}
