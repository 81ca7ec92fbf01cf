"""Values that say "none": words, zeros, repeated and running digits, names and days that forms put for nobody.

The lists are data (`stop.toml`, versioned, the same in all countries: the roster that the coordinators signed names its
hash, and a node with another file asks nobody for pseudonyms). No match key is made of such a value, when it
is registered or asked, since two records without a number have nothing in common. Which values of a class these
rules are asked about, the class's module decides.
"""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from register.pseudonyms.errors import SaysNone
from register.pseudonyms.normalise.folding import fold

_FILLER_LEAST = 4  # digits; a shorter row says nothing by itself
_UP, _DOWN = "01234567890123456789", "98765432109876543210"
_WORDS_OF_A_VALUE = re.compile(r"[^\W_]+")
_LETTERS_BEFORE = re.compile(r"[A-Z]{0,3}(?P<digits>[0-9]+)")


@dataclass(frozen=True, slots=True)
class StopFile:
    """The lists, folded as they are compared.

    Attributes:
        version: as the file calls itself.
        digest: SHA-256 of the very bytes that were read.
    """

    version: str
    digest: bytes
    words: frozenset[str]
    placeholders: frozenset[str]
    describing: frozenset[str]
    whole: frozenset[frozenset[str]]
    email_words: frozenset[str]
    email_domains: frozenset[str]
    handle_words: frozenset[str]
    phones: frozenset[str]
    days: frozenset[date]
    years: frozenset[int]


@functools.cache
def stop_file() -> StopFile:
    """The lists of this release."""
    return read_stop_file(Path(__file__).with_name("lists").joinpath("stop.toml").read_bytes())


def read_stop_file(data: bytes) -> StopFile:
    """The lists of a file."""
    lists = tomllib.loads(data.decode("utf-8"))
    words = frozenset(word for of_language in lists["words"].values() for word in of_language)
    return StopFile(
        version=lists["version"],
        digest=hashlib.sha256(data).digest(),
        words=words,
        placeholders=frozenset(lists["names"]["placeholders"]) | words,
        describing=frozenset(lists["names"]["describing"]),
        whole=frozenset(frozenset(name.split()) for name in lists["names"]["whole"]),
        email_words=frozenset(lists["emails"]["words"]),
        email_domains=frozenset(lists["emails"]["domains"]),
        handle_words=frozenset(lists["handles"]["words"]),
        phones=frozenset(lists["phones"]["numbers"]),
        days=frozenset(map(date.fromisoformat, lists["births"]["days"])),
        years=frozenset(lists["births"]["years"]),
    )


def refuse_none_in_words(text: str) -> None:
    """Raise `SaysNone` if a value is made of words that say so: ONBEKEND, not known, N/A."""
    if says_none(text):
        raise SaysNone("this says that the value is not known; leave it out, or type the value")


def says_none(text: str, words: Collection[str] | None = None) -> bool:
    """Whether all words of a value say "none"; a value without any word or number says nothing."""
    listed = stop_file().words if words is None else words
    found = _WORDS_OF_A_VALUE.findall(fold(text))
    return bool(found) and ("".join(found) in listed or all(word in listed for word in found))


def is_repeated(digits: str) -> bool:
    """Whether digits are one digit only, at least four times."""
    return len(digits) >= _FILLER_LEAST and len(set(digits)) == 1


def is_running(digits: str) -> bool:
    """Whether digits count up or down, at least four of them: 1234567, 0123456789, 987654321."""
    return len(digits) >= _FILLER_LEAST and (digits in _UP or digits in _DOWN)


def is_filler(compact: str, *, running: bool = True) -> bool:
    """Whether a number is repeated or running digits; up to three letters may stand before repeated ones.

    Args:
        compact: capital letters and digits.
        running: count running digits, too. Where a country numbers its people one by one, 12345678 is somebody.
    """
    found = _LETTERS_BEFORE.fullmatch(compact)
    if found is None:
        return False
    digits = found["digits"]
    return is_repeated(digits) or (running and digits == compact and is_running(digits))


def telling_names(tokens: Collection[str]) -> frozenset[str]:
    """The folded parts of a name that name somebody; none where the whole says "none" (NN Vrouw, FNU LNU)."""
    lists, given = stop_file(), frozenset(tokens)
    named = given - lists.placeholders
    # Two words that describe may be a name (Boy Man); one alone, or beside a placeholder, is none.
    only_described = named <= lists.describing and (len(named) <= 1 or named != given)
    return frozenset() if only_described or given in lists.whole else named


def is_none_day(born: date) -> bool:
    """Whether a birth date is one that stands where none is known."""
    return born in stop_file().days


def is_none_year(year: int) -> bool:
    """Whether a year of birth is one that stands where none is known."""
    return year in stop_file().years
