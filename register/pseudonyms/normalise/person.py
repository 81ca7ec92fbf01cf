"""Persons by name: `person.p1` is all name tokens and the birth date, `person.p0` all tokens and the nationality.

Order, case, accents, hyphens, titles, particles and words for who somebody is in a report do not count (such a word
that is a surname too counts, unless a mark sets it off), so "Zeno
Testman" and "Testmán, Zenó" are one, and so are "Jan van der Berg", "Berg, Jan v.d." and
"Jan Berg". "Ma." or "Mª" before another name is María. Every surname given counts; what occurs twice counts once.
Sounds, nicknames and missing name parts are not considered here: they are other families. Words in place of a name
(NN, FNU, onbekend) are left out, and a name of nothing else has no key, as a birth date of 1 January 1900 has none.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, combinations, islice
from pathlib import Path

from register.pseudonyms.errors import PersonRefused, SaysNone
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import fold
from register.pseudonyms.normalise.stop import is_none_day, is_none_year, telling_names
from schemas.codes.countries import NATIONALITIES, UNKNOWN

VERSION = 1
WITH_BIRTH_DATE = "person.p1"
WITH_NATIONALITY = "person.p0"
TOKENS_MAX = 16

_MONTHS = 12
_NAMES_ENOUGH = 2
_SHORT_VAN = "v"
_AFTER_VAN = frozenset({"d", "de", "den", "der"})
_SHORT_HET = "t"
_LETTERS_MAX = 64
_LETTERS_BESIDE = 3  # before and after a particle that is written as one with a name
_ORDINAL = re.compile(r"(?<=[Mm])\.?ª\.?")  # Mª, M.ª
_FULL_STOP_AFTER = "a. "
_PASSPORT_LINE = re.compile(r"(?:[PVA]<|[PVA][A-Z](?=.{42}$|.{34}$))[A-Z<]{3}(?P<names>[A-Z]+(?:<[A-Z]+)*<<[A-Z<]*)")
"""The first line that machines read of a passport or a visa (ICAO 9303, parts 4, 6 and 7): the kind, the issuer, the
surnames, two signs, the given names. By its length where a letter stands behind the kind."""
_ABBREVIATED = re.compile(r"(?<![a-z\x80-\U0010ffff])(?P<short>[a-z]{2})\.(?=[ -]*[a-z\x80-\U0010ffff])")


@dataclass(frozen=True, slots=True)
class Birth:
    """A birth date as far as it is known."""

    year: int
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person as typed.

    Attributes:
        name: given names and surnames in any order, with or without a comma.
        birth: p1 needs all three parts.
        nationality: two letters of ISO 3166-1; p0 needs it.
    """

    name: str = field(repr=False)
    birth: Birth | None = field(default=None, repr=False)
    nationality: str | None = field(default=None, repr=False)


def canonical(person: Person, mode: Mode) -> list[Canonical]:
    """The keys of a person; none where only a name is known.

    A query for a birth date also tries day and month swapped, and asks for records that have a nationality in place
    of a birth date, if the nationality is known.

    Raises:
        PersonRefused: no name, too many names, or a birth date or nationality that cannot be.
        SaysNone: the name says that it is not known.
    """
    tokens = name_tokens(person.name)
    country = None if person.nationality is None else _read_country(person.nationality)
    country = None if country == UNKNOWN else country
    born = _birth_dates(person.birth, mode)
    keys = [Canonical(WITH_BIRTH_DATE, (*tokens, day.isoformat())) for day in born]
    if country is not None and (mode is Mode.QUERY or not born):
        keys.append(Canonical(WITH_NATIONALITY, (*tokens, country)))
    return keys


def name_tokens(name: str) -> tuple[str, ...]:
    """The folded parts of a name, each once, sorted by code point.

    Raises:
        PersonRefused: nothing is left, or there are more than 16.
        SaysNone: it is a placeholder.
    """
    given = _split_name(name)
    tokens = _keep_telling_parts(given)
    if not any(len(token) > 1 or not token.isascii() for token in {*tokens, "".join(given)}):
        raise PersonRefused("type at least one whole name, or leave the name out if it is not known")
    told = telling_names({"".join(given)} if _is_spelt(given) else tokens)
    if not told:
        raise SaysNone("this says that the name is not known; nothing is compared with it")
    if not any(len(token) > 1 or not token.isascii() for token in told):
        raise PersonRefused("type at least one whole name, or leave the name out if it is not known")
    if len(told) > TOKENS_MAX:
        raise PersonRefused(f"type the names of one person, at most {TOKENS_MAX} of them")
    return tuple(sorted(told))


def said_aside() -> frozenset[str]:
    """Words that say who somebody is where a mark sets them off, and are names too."""
    return _words().aside


def letters_of(name: str) -> frozenset[str]:
    """The letters of a name, sorted: the same however its parts are ordered, spaced and joined; at most 64 of them.

    With its particles, without them, and without one or two that are written as one with a name (Delacruz). None where
    the name names nobody, or is too long to be compared so.
    """
    words = _words()
    parts = _split_name(name)
    given = [part for part in parts if part not in words.titles] or parts
    names = sorted(telling_names([x for place, x in enumerate(given) if not _is_particle(given, place)] or given))
    whole = {"".join(sorted("".join(of))) for of in (set(given) & {*names, *words.particles}, names)}
    if not names or max(map(len, whole)) > _LETTERS_MAX:
        return frozenset()
    inside = [(place, *span) for place, one in enumerate(names) for span in _particles_inside(one)]
    found = dict.fromkeys(sorted(whole))
    for some in chain(combinations(inside, 1), combinations(inside, 2)):
        if len(some) > 1 and some[0][0] == some[1][0] and some[1][1] < some[0][2]:
            continue  # of one name, and not beside each other
        left = list(names)
        for place, start, end in reversed(some):
            left[place] = left[place][:start] + left[place][end:]
        found["".join(sorted("".join(left)))] = None
    return frozenset(islice(found, _LETTERS_MAX))


def _particles_inside(name: str) -> list[tuple[int, int]]:
    """Where a particle, or two that follow each other, may be written as one with a name; at the beginning first."""
    glued, most = _glued()
    spans = [(i, j) for i in range(len(name)) for j in range(i + 2, min(i + most, len(name)) + 1) if name[i:j] in glued]
    return [(i, j) for i, j in spans if (i == 0 or i >= _LETTERS_BESIDE) and len(name) - j >= _LETTERS_BESIDE]


@functools.cache
def _glued() -> tuple[frozenset[str], int]:
    particles = {one for one in _words().particles if len(one) > 1}
    found = frozenset(particles | {one + other for one in particles for other in particles})
    return found, max(map(len, found))


def _split_name(name: str) -> list[str]:
    """The folded parts of a name in the order in which they were typed."""
    words = _words()
    name = name if (read := _PASSPORT_LINE.fullmatch("".join(name.split()).upper())) is None else read["names"]
    text = _ORDINAL.sub(_FULL_STOP_AFTER, name).translate(words.joining).translate(words.spaces)
    parts = _divide_text(text)
    # A space of no width slips into a name by copying; it stands for one where nothing else divides the name.
    return parts if len(parts) > 1 else _divide_text(text.translate(words.unseen))


def _divide_text(text: str) -> list[str]:
    words = _words()
    # Words that are names too are left out only where a mark sets them off: Jan Melder is called so, "Jan, melder" not.
    folded = words.set_off.sub(" ", fold(text).translate(words.joining))
    if not folded.translate(words.separating).strip():
        folded = fold(text).translate(words.joining)  # (Melder)
    folded = _ABBREVIATED.sub(_in_full, folded)
    return [part for part in folded.translate(words.separating).split(" ") if part]


def _in_full(found: re.Match[str]) -> str:
    return _words().abbreviated.get(found["short"], found["short"]) + " "


def initials_of(names: Sequence[str]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """A name of which some parts are initials, as (whole names, initials), both sorted; none where none is.

    Two letters may be the initials of two names (AM Vidal), and Ma is short for María.
    """
    found = set()
    for lengths in ({1}, {1, 2}):
        whole: list[str] = []
        initials: list[str] = []
        for one in names:
            if not one.isascii() or len(one) not in lengths:
                whole.append(one)
            else:
                initials += one
        found.add((tuple(sorted(whole)), tuple(sorted(initials))))
    short = _words().abbreviated
    if any(one in short for one in names):
        rest = [one for one in names if one not in short and len(one) > 1]
        found.add((tuple(sorted(rest)), tuple(sorted(one[0] for one in names if one in short or len(one) == 1))))
    return sorted(one for one in found if all(one))


def _is_spelt(parts: Sequence[str]) -> bool:
    """Whether a name is single letters that make a word for "none": N.N."""
    return bool(parts) and all(len(part) == 1 for part in parts) and not telling_names({"".join(parts)})


def _keep_telling_parts(parts: Sequence[str]) -> set[str]:
    """Drop titles, and particles too if two other names are left: in some languages Van, Le and Lo are names."""
    words = _words()
    untitled = [part for part in parts if part not in words.titles] or parts
    names = {part for place, part in enumerate(untitled) if not _is_particle(untitled, place)}
    return names if len(names) >= _NAMES_ENOUGH else set(untitled)


def _is_particle(parts: Sequence[str], place: int) -> bool:
    """Whether a part is a particle, also one cut short: v.d., v. der, van 't."""
    part, particles = parts[place], _words().particles
    before = parts[place - 1] if place else ""
    after = parts[place + 1] if place + 1 < len(parts) else ""
    if part == _SHORT_VAN:
        return after in _AFTER_VAN
    if part == _SHORT_HET:
        return before in particles
    return part in particles or (before == _SHORT_VAN and part in _AFTER_VAN)


def _birth_dates(birth: Birth | None, mode: Mode) -> list[date]:
    if birth is None or birth.month is None or birth.day is None or is_none_year(birth.year):
        return []
    try:
        born = date(birth.year, birth.month, birth.day)
    except ValueError as exc:
        raise PersonRefused("type a birth date that exists, as year, month and day") from exc
    if is_none_day(born):
        return []
    if mode is Mode.QUERY and born.day <= _MONTHS and born.day != born.month:
        return [born, date(born.year, born.day, born.month)]
    return [born]


def _read_country(code: str) -> str:
    if (upper := code.upper()) not in NATIONALITIES:
        raise PersonRefused("type the nationality as two letters of ISO 3166, for instance VE")
    return upper


@dataclass(frozen=True, slots=True)
class _Words:
    titles: frozenset[str]
    particles: frozenset[str]
    abbreviated: dict[str, str]
    joining: dict[int, None]
    separating: dict[int, str]
    spaces: dict[int, str]
    unseen: dict[int, str]
    set_off: re.Pattern[str]
    aside: frozenset[str]


@functools.cache
def _words() -> _Words:
    lists = json.loads(Path(__file__).with_name("lists").joinpath("names.json").read_text("utf-8"))
    return _Words(
        titles=frozenset({*lists["titles"], *lists["said"]}),
        particles=frozenset(lists["particles"]),
        abbreviated=lists["abbreviated"],
        joining={ord(mark): None for mark in lists["joining"]},
        separating={ord(mark): " " for mark in lists["separating"]},
        spaces={ord(mark): " " for mark in lists["spaces"]},
        unseen={ord(mark): " " for mark in lists["unseen"]},
        aside=frozenset(lists["said_aside"]),
        set_off=_set_off([*lists["said"], *lists["said_aside"]]),
    )


def _set_off(said: Sequence[str]) -> re.Pattern[str]:
    """Words for who somebody is that a mark sets off from the name; with a comma behind the name, not before it.

    "Melder, Jan" is a surname before a given name. A hyphen without spaces joins two names.
    """
    words = rf"(?:{'|'.join(said)})(?:\s+(?:{'|'.join(said)}))*"
    behind = rf"(?:(?<=[(\[{{\"“”,;:/])|(?<=\s[-–—]))\s*{words}(?=\s*(?:$|[)\]}}\"“”,;:/]|\s[-–—]\s))"
    return re.compile(rf"{behind}|^\s*{words}(?=\s*(?:[:;/]|\s[-–—]\s))")
