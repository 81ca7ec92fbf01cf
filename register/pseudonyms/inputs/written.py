"""What else may stand in the field of a name: a married name, what somebody is called, a date, two persons.

For protection only, and in one's own register: a victim is looked for under each of these names, and whoever stands in
a report is. No match key is made of them, so nobody is found abroad by a guess.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from register.pseudonyms.normalise.person import said_aside

_MOST: Final = 12  # names of one field; with more of them it is no name
_TWO: Final = 2
_FLAGS: Final = re.IGNORECASE

_CALLED: Final = re.compile(
    r"[\s,;(]+(?:a\.?\s?k\.?\s?a\b\.?|also known as|alias|ook (?:genaamd|bekend als)|genaamd|bijgenaamd|roepnaam|"
    r"zich noemende|apodad[ao]|conocid[ao] como|dite?|nickname)[\s:]+",
    _FLAGS,
)
_MARRIED: Final = re.compile(
    r"[\s,(]+(?:e\.?/\s?v\.?|w\.?/\s?v\.?|e\.v\.|w\.v\.|echtg(?:enote|enoot|\.)(?: van)?|gehuwd met|"
    r"wed(?:uwe|\.)?(?: van)?|gesch(?:eiden|\.)?(?: van)?|(?:vda|viuda)\.? de|casada con|esposa de|married to)\s+",
    _FLAGS,
)
_BORN: Final = re.compile(r"[\s,(]+(?:geb(?:oren|\.)?|n[ée]e|born|nacida)\s+(?=[^\W\d_])", _FLAGS)
_OF_HER_HUSBAND: Final = re.compile(r"\s+de\s+[^\W\d_]+\s*$", _FLAGS)
_AND: Final = re.compile(r"\s+(?:y|e|en|and|et|und|&|\+|/)\s+|\s*[;&+]\s*|,\s+", _FLAGS)
_DATE: Final = re.compile(
    r"(?<!\d)(?:(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})|(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2}))(?!\d)"
)
_DIGITS: Final = re.compile(r"\(?\s*[*°]?\s*\d[\d/.\- ]*\)?")
_AGE: Final = re.compile(
    r"[\s,;(]+(?:\d{1,2}|[^\W\d_]+)[\s-]+(?:jaar|jarige?|jr|years?(?:[\s-]old)?|años?|anos|a[nñ]a|ans?|lane)\b\)?",
    _FLAGS,
)
_SAID: Final = re.compile(
    r"[\s,;(-]*\b(?:ik ?zelf|mijzelf|myself|yo mism[oa]|(?:wil |wenst )?anoniem (?:te )?blijven"
    r"|wants to (?:remain|stay) anonymous|quiere (?:quedar|permanecer|seguir|ser) an[oó]nim[oa]"
    r"|(?:de |la |the )?(?:buur(?:vrouw|man)|vecin[oa]|neighbou?r) (?:die|que|who) (?:belde|llam[oó]|called))\b\)?",
    _FLAGS,
)
_DASHED: Final = re.compile(r"\s+[-–—]\s+.*$")
_ASIDE: Final = re.compile(r"\s*[(\[\"“].*?[)\]\"”]\s*")
_LOST: Final = re.compile(r"[?\ufffd]+(?=\w)|(?<=\w)[?\ufffd]+")

# Passports (ICAO Doc 9303-3, section 6 B), and as people write it (BGN/PCGN 1947); both with the letters of Ukraine.
_CYRILLIC: Final = "абвгґдеёєжзиіїйклмнопрстуўфхцчшщъыьэюя"
_IN_ICAO: Final = "a b v g g d e e ie zh z i i i i k l m n o p r s t u u f kh ts ch sh shch ie y . e iu ia"
_ICAO: Final = dict(zip(_CYRILLIC, _IN_ICAO.split(), strict=True))
_BGN: Final = _ICAO | dict(zip("ёєїйъыюя", ["yo", "ye", "yi", "y", ".", "y", "yu", "ya"], strict=True))


def other_names(name: str) -> tuple[str, ...]:
    """The other names that one field may mean, at most a dozen; none of most fields."""
    found = dict.fromkeys([name])
    for step in _STEPS:
        for one in list(found):
            found |= dict.fromkeys(" ".join(x.split()) for x in step(one))
    clean = " ".join(name.split())
    return tuple(one for one in found if one and one not in {name, clean})[:_MOST]


def dates_in(name: str) -> tuple[date, ...]:
    """The birth dates that somebody may have written with a name, day and month in either order."""
    found: dict[date, None] = {}
    for year, month, day, first, second, short in _DATE.findall(name):
        whole = int(year or short)
        # Of two digits: nobody who is reported is born in a year to come, and few are older than ninety.
        years = [whole] if len(year or short) > _TWO else [1900 + whole, 2000 + whole]
        orders = [(month, day)] if year else [(second, first), (first, second)]
        for y in years:
            for m, d in orders:
                try:
                    found[date(y, int(m), int(d))] = None
                except ValueError:
                    continue
    return tuple(found)


def two_in(name: str) -> tuple[str, ...]:
    """The two persons who may be named in one field, as "Adela Morcant y Berta Morcant"; none of most fields."""
    found = next(((left, right) for left, mark, right in _split_joined_names(name) if mark.strip() != ","), None)
    return () if found is None else tuple(_told_apart(*found))


def _repair_accents(name: str) -> Iterator[str]:
    """As it was before a program spoilt its accents."""
    yield html.unescape(name)
    for table in ("cp1252", "latin-1"):
        try:
            yield name.encode(table).decode("utf-8")
        except UnicodeError:
            continue
    yield _LOST.sub("", name)


def _drop_dates(name: str) -> Iterator[str]:
    if any(x.isdigit() for x in name):
        yield _DIGITS.sub(" ", name)
    # An age, what somebody said of themselves, and a remark that nobody understands, which may also be a nickname.
    yield from (mark.sub(" ", name) for mark in (_AGE, _SAID, _ASIDE, _DASHED) if mark.search(name))


def _without_said(name: str) -> Iterator[str]:
    """Without a word that says who somebody is and that is also a name: "melder Jan Bosk" may be Jan Bosk's report."""
    left = [one for one in name.split() if one.casefold().strip(".,;:()") not in said_aside()]
    if len(left) >= _TWO and len(left) < len(name.split()):
        yield " ".join(left)


def _split_called_names(name: str) -> Iterator[str]:
    parts = _CALLED.split(name)
    yield from (part.strip(" ,;()") for part in parts if len(parts) > 1)


def _split_married_names(name: str) -> Iterator[str]:
    yield from (part.strip(" ,()") for part in _MARRIED.split(name)[:1])
    born = _BORN.split(name)
    if len(born) == _TWO:
        before, after = (part.strip(" ,()") for part in born)
        given = before.split()
        yield from (before, f"{' '.join(given[:-1])} {after}", f"{' '.join(given[:1])} {after}")
    without = _OF_HER_HUSBAND.sub("", name)
    if len(without.split()) >= _TWO:
        yield without


def _each_of_two(name: str) -> Iterator[str]:
    for left, _, right in _split_joined_names(name):
        yield from _told_apart(left, right)


def _told_apart(left: str, right: str) -> Iterator[str]:
    # The second may have the surname of both: "Adela y Berta Morcant".
    yield left if len(left.split()) >= _TWO else f"{left} {' '.join(right.split()[1:])}"
    yield right


def _split_joined_names(name: str) -> Iterator[tuple[str, str, str]]:
    for mark in _AND.finditer(name):
        left, right = name[: mark.start()].strip(), name[mark.end() :].strip()
        least = _TWO if mark.group().strip() == "," else 1
        if len(left.split()) >= least and len(right.split()) >= _TWO:
            yield left, mark.group(), right


def _in_latin(name: str) -> Iterator[str]:
    letters = unicodedata.normalize("NFC", name).lower()
    if any(x in _ICAO for x in letters):
        for table in (_ICAO, _BGN):
            yield "".join(table.get(x, x).replace(".", "") if x in table else x for x in letters)


_STEPS: Final[tuple[Callable[[str], Iterator[str]], ...]] = (
    _repair_accents, _in_latin, _without_said, _drop_dates, _split_called_names, _split_married_names, _each_of_two,
)  # fmt: skip
