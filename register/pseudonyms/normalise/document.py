"""Identity documents, family `document`: issuing country, scheme, and the number's letters and digits.

The scheme follows from the issuer and the shape of the number, not from what the submitter called it: a Venezuelan
number of eight digits is a cédula, whether it was entered as identity card or as personal number. Registering takes
one reading; a question asks for every reading that may have been registered.

Letters and digits that look alike (O and 0, I and 1, S and 5, B and 8) are folded together on both sides, after the
check digit was tested on what was typed. A number that fails its check is still a number: false documents are what
this register is about; the flag says how much weight it has. The Kingdom issues one passport, so a passport "of
Aruba", or of the Netherlands Antilles that were, is one of the Netherlands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from stdnum.do import cedula
from stdnum.nl import bsn, identiteitskaartnummer
from stdnum.ve import rif

from register.domain.signals.protecting.papers import check_digit, zone_of
from register.pseudonyms.errors import DocumentRefused, IssuerUnknown, PartMissing, RemarkBeside, SaysNone, TwoValues
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import digits_of, fold
from register.pseudonyms.normalise.stop import is_filler, refuse_none_in_words
from register.pseudonyms.normalise.typed import ones, tidy
from schemas.codes.countries import ISLAND_ISSUERS, ISSUERS, UNKNOWN

VERSION = 1
FAMILY = "document"

PASSPORT = "PASSPORT"
NATIONAL = "NATIONAL"
"""The scheme of numbers that a country gives a person, on whatever card they stand."""

_PERSONAL = frozenset({NATIONAL, "NATIONAL_ID", "ID_CARD", "PERSONAL_NUMBER"})
_MAY_HOLD_PERSONAL = _PERSONAL | {"OTHER", "DRIVING_LICENCE"}
_MAY_BE_PASSPORT = _PERSONAL | {"OTHER", "TRAVEL_DOCUMENT"}

_KIND = re.compile(r"[A-Z][A-Z_]{1,29}")
_SEPARATORS = re.compile(r"[\s.\-–/_]+")
_COMPACT = re.compile(r"[A-Z0-9]{4,24}")
_LOOK_ALIKE = str.maketrans("OISB", "0158")
_ANTILLES = ("CW", "SX", "BQ")  # whose registers carried on the numbers of the Netherlands Antilles
_MRZ_NUMBER = 9  # places of a document's number in the machine-readable zone
_BSN_DIGITS = 9

# What stands beside a number: a label before it, a remark behind it. The sign < ends the number in the zone that
# machines read; the digit behind it is the check digit.
_LABEL = re.compile(
    r"(?:(?:passport|paspoort|pasaporte|pasport|passaporte|passeport|pasp|ppt|document[oe]?|doc|number|nummer"
    r"|numero|nro|num|cedula|sedula|ced|carte|kaart|tarjeta|licence|rijbewijs|licencia|identiteitskaart|identity|p/n"
    r"|(?:no|nr|id|pp|ci)(?=[.:#]|\s+(?:no|nr)\b|\s+[a-z]{1,3}\s?[0-9])|(?:no|nr)(?=\s+[0-9]))[\s.:#]+|[#:])+"
)
# Two letters before digits are a label to one and the series to another: registered without, found by both.
_LABEL_OR_SERIES = re.compile(r"^(?:pp|id|ci)\s+(?=[0-9])")
_DIGITS_ALONE = re.compile(r"[0-9]{4,}")
_LIKE_LABELS = tuple(label.translate(_LOOK_ALIKE) for label in ("PP", "ID", "CI"))
_PERSONAL_LABEL = re.compile(r"(?:cc|ci|ce|ti|bsn|dni|cib|cedula|sedula|trn|cpf|rut|nuip)[\s.:#]+")
_GLUED_LABELS = tuple(label.translate(_LOOK_ALIKE) for label in ("CC", "CI", "CE", "TI", "BSN", "DNI", "NUIP"))
_REMARK = re.compile(
    r"[\s,;(\[]+(?:exp|expires?|expired|expiry|valid|until|geldig|verlopen|vervalt|vence|vencido|vto|valido|hasta"
    r"|issued|afgegeven|expedido|copy|kopie|copia|false|vals|falso|lost|stolen|gestolen|verloren|robado)\b.*"
)
_IN_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[a-z]{2,}[^)\]]*[)\]]\s*")
_MACHINE_READ = re.compile(r"(?P<number>[a-z0-9]{5,})<+(?P<digit>[0-9])?")
_WORD = re.compile(r"(?:^|\s)[a-z]{4,}(?=\s|$)")
_TWO = re.compile(
    r"[0-9]{6,}\s*(?:[/;&+,]|\b(?:of|or|o|en|and|y|i)\b)\s*(?:[a-z]{1,9}[\s.:#]+){0,2}[a-z]{0,3}[0-9]{6,}"
)
_ARE_TWO = "these are two numbers; type one, and add the other by itself"
_LEAST_OF_ONE = 7  # letters and digits of a whole number that stands beside another one
_DIGITS_OF_ONE = 6
_LONG = 8  # of two that are not written alike: of no number in groups are two so long
_GROUP = re.compile(r"[a-z0-9<]+")
_PREFIX_APART = re.compile(r"\b([a-z]{1,3})\s(?=[0-9]{5,})")
_DAY = re.compile(r"(?:19|20)[0-9]{6}|[0-9]{4}(?:19|20)[0-9]{2}")
_LOST = re.compile(r"_|\.{2,}|-{2,}|–{2,}|[?*]|[0-9]x{2,}(?![a-z])")
"""What people leave or put where they cannot read a letter or digit, and programs where they cut."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as typed.

    Attributes:
        country: the country that issued it, two letters of ISO 3166-1; AN for the Netherlands Antilles, XXX if unknown.
        kind: code of the document type, for instance PASSPORT.
        number: as printed; spaces, dots and hyphens do not count.
        check_digit: the digit behind the number in the machine-readable zone, where somebody read it.
    """

    country: str
    kind: str
    number: str = field(repr=False)
    check_digit: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Scheme:
    """How an issuer numbers its people: the shape on folded letters and digits, the one form, and the check."""

    shape: re.Pattern[str]
    form: Callable[[str], str]
    is_valid: Callable[[str], bool]


def canonical(document: Document, mode: Mode) -> list[Canonical]:
    """The canonical form of a document as it is registered; for a question, that and every other reading.

    Raises:
        DocumentRefused: no country, no type, or no number of 4 to 24 letters and digits; or more than the number.
        TwoValues: two numbers; PartMissing: some letters or digits of it are not there.
        SaysNone: zeros, repeated or running digits, or a word for "none".
        IssuerUnknown: a number alone, whose issuer nobody knows.
    """
    country, kind = _read_issuer(document)
    compact, besides = _compact_number(document, country, kind)
    number = compact.translate(_LOOK_ALIKE)
    national = _read_national_number(country, number)
    if is_filler(number, running=national is None or country not in _SCHEMES):
        raise SaysNone("these digits say that the number is not known; leave them out, or type the number")
    readings = dict.fromkeys(_list_readings(country, kind, number, national))
    for other in besides:
        folded = other.translate(_LOOK_ALIKE)
        readings |= dict.fromkeys(_list_readings(country, kind, folded, _read_national_number(country, folded)))
    if country == UNKNOWN:
        raise IssuerUnknown("the number is kept; without the country that issued the document it finds nobody")
    chosen = next(iter(readings))
    return [Canonical(FAMILY, values) for values in (readings if mode is Mode.QUERY else [chosen])]


def written(document: Document, number: str) -> str:
    """A canonical number of this document with its letters and digits as typed: AB1234567, where A81234567 is compared.

    Whoever reads back what he typed would take the folded number for a misreading. Where the form of a scheme adds or
    drops places, the number is digits alone and stands as it is.
    """
    typed = _strip_separators(_without_remarks(document, document.kind.upper())[0])
    at = typed.translate(_LOOK_ALIKE).find(number)
    return typed[at : at + len(number)] if at >= 0 else number


def is_checked(document: Document) -> bool | None:
    """Whether the number passes the check its issuer defined: True, False, or None where there is no such check.

    Raises:
        DocumentRefused: as `canonical`.
    """
    country, kind = _read_issuer(document)
    typed, digit = _without_remarks(document, kind)
    number = _strip_separators(_LABEL_OR_SERIES.sub("", typed, count=1))
    if document.check_digit is not None or digit is not None:
        return check_digit(number) == (document.check_digit or digit or "").strip()
    if country == "NL" and (kind == PASSPORT or not number.isdigit()):
        return bool(identiteitskaartnummer.is_valid(number))
    scheme = _SCHEMES.get(country)
    return None if scheme is None or kind not in _MAY_HOLD_PERSONAL else scheme.is_valid(number)


def _read_issuer(document: Document) -> tuple[str, str]:
    country, kind = document.country.upper(), document.kind.upper()
    if country not in ISSUERS:
        raise DocumentRefused("name the country that issued the document by two letters of ISO 3166, for instance CO")
    if _KIND.fullmatch(kind) is None:
        raise DocumentRefused("name the type of the document by its code, for instance PASSPORT")
    return ("NL" if kind == PASSPORT and country in ISLAND_ISSUERS else country), kind


def _compact_number(document: Document, country: str, kind: str) -> tuple[str, tuple[str, ...]]:
    """The letters and digits, and what else they may be: two letters before the digits are a label or a series."""
    typed = _without_remarks(document, kind)[0]
    compact = _strip_separators(_LABEL_OR_SERIES.sub("", typed, count=1))
    if country in _SCHEMES and kind in _MAY_HOLD_PERSONAL:
        compact = _without_glued_label(country, compact)
    as_series = _strip_separators(typed)
    if as_series != compact:
        return compact, (as_series,)
    folded = compact.translate(_LOOK_ALIKE)
    glued = next((compact[len(x) :] for x in _LIKE_LABELS if folded.startswith(x)), "")
    return compact, ((glued,) if _DIGITS_ALONE.fullmatch(glued) else ())


def _strip_separators(text: str) -> str:
    """The letters and digits alone."""
    compact = _SEPARATORS.sub("", text.replace("<", "")).upper()
    if _COMPACT.fullmatch(compact) is None or not any(map(str.isdigit, compact.translate(_LOOK_ALIKE))):
        raise DocumentRefused("type the document's number: 4 to 24 letters and digits, at least one digit")
    return compact


def _without_remarks(document: Document, kind: str) -> tuple[str, str | None]:
    """The number alone, in small letters, and the check digit that a machine-readable zone shows behind it."""
    refuse_none_in_words(document.number)
    if (zone := zone_of(document.number)) is not None:
        if not zone.holds:
            raise DocumentRefused("the check digits of this line do not fit: type the document's number alone")
        return zone.number.lower(), None
    text = digits_of(fold(ones(tidy(document.number))))
    if _TWO.search(text):
        raise TwoValues(_ARE_TWO)
    if _LOST.search(text) and any(map(str.isdigit, text)):
        raise PartMissing(
            "some of this number cannot be read, and what is left may be somebody else's: type all its letters and "
            "digits, or put what can be read of it into the account"
        )
    _refuse_two(text, remarked=True)
    text = _IN_BRACKETS.sub(" ", _REMARK.sub("", text)).strip()
    text = text[found.end() :] if (found := _LABEL.match(text)) else text
    if kind in _PERSONAL and (found := _PERSONAL_LABEL.match(text)):
        text = text[found.end() :]
    refuse_none_in_words(text)
    _refuse_two(text, remarked=False)
    if _WORD.search(text):
        raise RemarkBeside("type the number alone; what is to be said about the document belongs into the account")
    read = _MACHINE_READ.fullmatch(text.replace(" ", ""))
    return (text, None) if read is None else (read["number"], read["digit"])


def _refuse_two(text: str, *, remarked: bool) -> None:
    """Refuse two groups of which each is a whole number by itself; one number in groups has but one so long.

    Beside a remark a day may stand, so there only what is written alike are two numbers.

    Raises:
        TwoValues: two numbers.
    """
    groups = (found[0] for found in _GROUP.finditer(_PREFIX_APART.sub(r"\1", text)))
    read = [group.upper().translate(_LOOK_ALIKE) for group in groups]
    whole = [x for x in read if sum(map(str.isdigit, x)) >= _DIGITS_OF_ONE and len(x) >= _LEAST_OF_ONE]
    numbers = [re.sub(r"^[A-Z]{1,3}(?=[0-9])", "", x) for x in whole if not (remarked and _DAY.fullmatch(x))]
    shapes = [re.sub(r"[0-9]", "9", re.sub(r"[A-Z]", "A", x)) for x in numbers]
    if len(set(shapes)) < len(shapes) or (not remarked and sum(len(x) >= _LONG for x in whole) > 1):
        raise TwoValues(_ARE_TWO)


def _without_glued_label(country: str, compact: str) -> str:
    """A number of a known scheme without the label that stands before it: CC1012345678."""
    folded = compact.translate(_LOOK_ALIKE)
    shape = _SCHEMES[country].shape
    for label in _GLUED_LABELS:
        if folded.startswith(label) and not shape.fullmatch(folded) and shape.fullmatch(folded[len(label) :]):
            return compact[len(label) :]
    return compact


def _read_national_number(country: str, number: str) -> str | None:
    """The number as one that the country gives a person; None where the shape is not that of its scheme."""
    scheme = _SCHEMES.get(country)
    if scheme is None:
        return number
    return scheme.form(number) if scheme.shape.fullmatch(number) else None


def _list_readings(country: str, kind: str, number: str, national: str | None) -> Iterator[tuple[str, str, str]]:
    """(issuer, scheme, number), the one to register first."""
    if kind == PASSPORT:
        short = _without_check_digit(number)
        yield country, PASSPORT, short
        yield country, PASSPORT, number
    elif country == "NL" and kind in _MAY_BE_PASSPORT and not number.isdigit() and len(number) == _MRZ_NUMBER:
        yield country, PASSPORT, number  # the Netherlands number passports and identity cards in one row
    elif kind in _PERSONAL:
        yield country, NATIONAL, national or number
    elif kind in _MAY_HOLD_PERSONAL and country in _SCHEMES and national is not None:
        yield country, NATIONAL, national
    else:
        yield country, kind, number
    # What the same number may have been registered as.
    if kind in _PERSONAL or (national is not None and kind in _MAY_HOLD_PERSONAL | {PASSPORT}):
        yield country, NATIONAL, national or number
    if kind in _MAY_BE_PASSPORT:
        yield ("NL" if country in ISLAND_ISSUERS else country), PASSPORT, number
    if kind in _PERSONAL:
        yield country, "OTHER", number
        for also in {"AN": _ANTILLES}.get(country, ("AN",) if country in _ANTILLES else ()):
            yield also, NATIONAL, number


def _without_check_digit(number: str) -> str:
    """A passport's number of nine places without the check digit that was copied with it."""
    if len(number) == _MRZ_NUMBER + 1 and check_digit(number[:-1]) == number[-1]:
        return number[:-1]
    return number


def _read_venezuelan_number(number: str) -> str:
    """A cédula with its letter; of a person's tax number the cédula in it."""
    letter, digits = (number[0], number[1:]) if number[0] in "VE" else ("V", number)  # nationals are the rule
    if len(digits) == _RIF_DIGITS:
        digits = digits[:-1]
    return letter + (digits.lstrip("0") or "0")


_RIF_DIGITS = 9
_SCHEMES: dict[str, _Scheme] = {
    # A citizen's number loses its leading zero in spreadsheets.
    "NL": _Scheme(re.compile(r"[0-9]{8,9}"), lambda number: number.zfill(_BSN_DIGITS), bsn.is_valid),
    "VE": _Scheme(
        re.compile(r"[VE]?[0-9]{4,8}|[VE][0-9]{9}"),
        _read_venezuelan_number,
        lambda number: re.fullmatch(r"[VE]?[0-9]{5,8}", number) is not None or rif.is_valid(number),
    ),
    "CO": _Scheme(
        re.compile(r"[0-9]{4,10}"),
        lambda number: number.lstrip("0") or "0",
        lambda number: re.fullmatch(r"[0-9]{3,10}", number) is not None,
    ),
    "DO": _Scheme(re.compile(r"[0-9]{11}"), lambda number: number, cedula.is_valid),
}
