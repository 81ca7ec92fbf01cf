"""Vessels, family `vessel`: the IMO number, the MMSI and the call sign.

One field may hold several of them, with the name of the ship before: each is a key, since another service may have
noted another one. A name, or the number under which a boat is registered, is kept and has no key yet; the same name
and the same number exist in many harbours.

A number says itself what it is where its check digit (IMO) or its first digits (MMSI) fit. A call sign looks like a
name or a registration, and is one only where somebody says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from stdnum import imo

from register.pseudonyms.errors import CheckFails, NotComparedYet, SaysNone
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import digits_of, fold
from register.pseudonyms.normalise.stop import is_filler, refuse_none_in_words
from register.pseudonyms.normalise.typed import tidy

VERSION = 1
FAMILY = "vessel"
IMO, MMSI, CALL_SIGN = "imo", "mmsi", "callsign"

_BETWEEN: Final = r"[\s.:#/-]*(?:(?:no|nr|num|number|nummer|numero)\b[\s.:#-]*)?"
_LABELLED: Final = (
    (IMO, re.compile(rf"\bimo{_BETWEEN}(?P<value>[0-9oils][0-9oils .-]*[0-9oils])")),
    (MMSI, re.compile(rf"\bmmsi{_BETWEEN}(?P<value>[0-9oils][0-9oils .-]*[0-9oils])")),
    (
        CALL_SIGN,
        re.compile(
            r"\b(?:call ?-?sign|c/s|roep(?:letters|naam|sein)|indicativo|senal distintiva|distintivo)"
            rf"(?: de llamada)?{_BETWEEN}(?P<value>[a-z0-9][a-z0-9-]*)"
        ),
    ),
)
_LOOK_ALIKE: Final = str.maketrans("oils", "0115")
_SEPARATORS: Final = re.compile(r"[\s.\-–_/]+")
_SHIP: Final = re.compile(r"(?:98|8)?(?P<country>[2-7][0-9]{2})[0-9]{4,6}")
"""Of a ship, of a craft that belongs to one (98), or of a hand-held radio (8); the country's three digits behind."""
_MMSI_DIGITS: Final = 9
_COUNTRIES: Final = range(201, 776)
_CALL_SIGN: Final = re.compile(r"(?:[A-Z][A-Z0-9]|[2-9][A-Z])(?:[A-Z]{2}[2-9]?|[A-Z]?[2-9][0-9]{3})")
"""Of a ship, by article 19 of the Radio Regulations; a shorter one belongs to an amateur or a coast station."""


@dataclass(frozen=True, slots=True)
class Vessel:
    """A vessel as typed: `MV Test, IMO 9074729`, `MMSI 306 000 000`, `call sign PJ2345`."""

    text: str = field(repr=False)


def canonical(vessel: Vessel, _mode: Mode) -> list[Canonical]:
    """Each number in the text that other countries can find the vessel by.

    Raises:
        CheckFails: a number is said to be one of these, and cannot be.
        NotComparedYet: a name or a registration alone.
        SaysNone: zeros, or a word for "none".
    """
    refuse_none_in_words(vessel.text)
    text = digits_of(fold(tidy(vessel.text)))
    keys = list(_find_labelled_values(text)) or list(_read_bare_value(text))
    if not keys:
        raise NotComparedYet("the vessel is kept; other countries find one by IMO number, MMSI or call sign only yet")
    return [Canonical(FAMILY, key) for key in dict.fromkeys(keys)]


def _find_labelled_values(text: str) -> Iterator[tuple[str, str]]:
    for kind, pattern in _LABELLED:
        for found in pattern.finditer(text):
            value = found["value"] if kind == CALL_SIGN else found["value"].translate(_LOOK_ALIKE)
            value = _SEPARATORS.sub("", value).upper()
            if value.isdigit() and is_filler(value):
                raise SaysNone("these digits say that the number is not known; leave them out, or type the number")
            if not _IS[kind](value):
                raise CheckFails(_WRONG[kind])
            yield kind, value


def _read_bare_value(text: str) -> Iterator[tuple[str, str]]:
    compact = _SEPARATORS.sub("", text)
    if is_filler(compact):
        raise SaysNone("these digits say that the number is not known; leave them out, or type the number")
    for kind in (IMO, MMSI):
        if compact.isdigit() and _IS[kind](compact):
            yield kind, compact


def _is_mmsi(digits: str) -> bool:
    found = _SHIP.fullmatch(digits)
    return len(digits) == _MMSI_DIGITS and found is not None and int(found["country"]) in _COUNTRIES


_IS: Final[Mapping[str, Callable[[str], bool]]] = {
    IMO: lambda value: bool(imo.is_valid(value)),
    MMSI: _is_mmsi,
    CALL_SIGN: lambda value: _CALL_SIGN.fullmatch(value) is not None,
}
_WRONG: Final[Mapping[str, str]] = {
    IMO: "the check digit of this IMO number does not fit: seven digits, one of which is wrong or missing",
    MMSI: "this is no MMSI of a ship: nine digits, the first three of which name a country",
    CALL_SIGN: "this is no call sign of a ship: its first two letters or digits name a country",
}
