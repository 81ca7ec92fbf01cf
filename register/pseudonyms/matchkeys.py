"""Match keys: the canonical strings that stand for a selector, and the exact bytes that are made of them.

The bytes are the same in every country and every program, or matches are lost in silence: vectors from value to
token are in `schemas/codes/normalisation/`. What is canonical for a class is decided in `normalise`; what a token
is, in `client`. Stop lists of values that describe too many people are applied by whoever derives keys.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias, assert_never

from register.pseudonyms.errors import InvalidInput, TooManyKeys
from register.pseudonyms.normalise import company, document, email, handle, iban, person, phone, plate, vessel
from register.pseudonyms.normalise.canonical import Canonical, Mode

TOKENS_SUBJECT_MAX = 24
SUBJECTS_RECORD_MAX = 32
KEYS_SELECTOR_MAX = 12  # of a query
KEYS_SEARCH_MAX = 48
BLIND_INDEX_KEY_BYTES = 32

FAMILIES: Final[Mapping[str, int]] = MappingProxyType(
    {
        **{rules.FAMILY: rules.VERSION for rules in (phone, email, document, plate, handle, iban, vessel, company)},
        person.WITH_BIRTH_DATE: person.VERSION,
        person.WITH_NATIONALITY: person.VERSION,
    }
)
"""Each family with the version of the rules that make its values now."""

_PREFIX = "rtr/v1"

Selector: TypeAlias = (
    phone.Phone
    | email.Email
    | document.Document
    | plate.Plate
    | handle.Handle
    | iban.Account
    | vessel.Vessel
    | company.Company
    | person.Person
)
"""What a caller knows of somebody; one dataclass a class, in the module of its rules."""


@dataclass(frozen=True, slots=True)
class MatchKey:
    """One canonical value of one family; equal keys of two countries become equal tokens.

    Attributes:
        family: for instance `phone` or `person.p1`.
        version: of the canonicaliser that made the values; part of the input, so two versions never match.
        values: canonical strings; identify a person, so they are in no `repr`.
    """

    family: str
    version: int
    values: tuple[str, ...] = field(repr=False)

    @property
    def selector_class(self) -> str:
        """The part of the family before the dot: what has a key and a quota of its own."""
        return self.family.partition(".")[0]

    @property
    def input(self) -> bytes:
        """The byte-exact x: I2OSP(length, 2) || UTF-8 of "rtr/v1", the family, the version in decimal, each value."""
        return b"".join(map(_frame_text, (_PREFIX, self.family, str(self.version), *self.values)))


def derive(selector: Selector, *, mode: Mode) -> list[MatchKey]:
    """Return the match keys of a selector, without repeats, the likeliest first.

    Registering gives what is published of it; a query gives every reading that may have been registered. A person
    of whom too little is known for a key (a name alone) has none: the list is then empty.

    Args:
        selector: as typed; each class says in its module what it accepts.
        mode: `Mode.REGISTER` or `Mode.QUERY`.

    Raises:
        SelectorRefused: nothing can be made of the value; says what to type instead, and never repeats the value.
        TooManyKeys: more than 12 keys for a query; name a country or the like.
    """
    version, canonical = _derive_canonical(selector, mode)
    found = dict.fromkeys(MatchKey(one.family, version, one.values) for one in canonical)
    if mode is Mode.QUERY and len(found) > KEYS_SELECTOR_MAX:
        raise TooManyKeys(
            f"this selector can be read in {len(found)} ways, at most {KEYS_SELECTOR_MAX}: say more, such as a country",
            most=KEYS_SELECTOR_MAX,
        )
    return list(found)


def check_record(subjects: Sequence[Sequence[MatchKey]]) -> None:
    """Raise `TooManyKeys` if a record has more than 32 subjects, or one of them more than 24 tokens."""
    if len(subjects) > SUBJECTS_RECORD_MAX:
        raise TooManyKeys(
            f"{len(subjects)} subjects in one record; at most {SUBJECTS_RECORD_MAX}", most=SUBJECTS_RECORD_MAX
        )
    for number, keys in enumerate(subjects, start=1):
        if len(keys) > TOKENS_SUBJECT_MAX:
            raise TooManyKeys(
                f"{len(keys)} tokens for subject {number}; at most {TOKENS_SUBJECT_MAX}", most=TOKENS_SUBJECT_MAX
            )


def check_search(selectors: Sequence[Sequence[MatchKey]]) -> None:
    """Raise `TooManyKeys` if a search has more than 48 keys over all its selectors."""
    total = sum(map(len, selectors))
    if total > KEYS_SEARCH_MAX:
        raise TooManyKeys(f"{total} keys in one search; at most {KEYS_SEARCH_MAX}", most=KEYS_SEARCH_MAX)


def blind_index(key: bytes, match_key: MatchKey) -> bytes:
    """HMAC-SHA-256 of the input under a key of this country alone: 32 bytes, for local search and deduplication.

    Whoever has the key can test guesses offline; it never leaves the country, and neither does the result.

    Raises:
        InvalidInput: the key is shorter than 32 bytes.
    """
    if len(key) < BLIND_INDEX_KEY_BYTES:
        raise InvalidInput(f"expected a blind-index key of at least {BLIND_INDEX_KEY_BYTES} bytes, got {len(key)}")
    return hmac.digest(key, match_key.input, "sha256")


def _derive_canonical(selector: Selector, mode: Mode) -> tuple[int, Sequence[Canonical]]:
    """The version of the class's rules, and what they make of the selector."""
    match selector:
        case phone.Phone():
            return phone.VERSION, phone.canonical(selector, mode)
        case email.Email():
            return email.VERSION, email.canonical(selector, mode)
        case document.Document():
            return document.VERSION, document.canonical(selector, mode)
        case plate.Plate():
            return plate.VERSION, plate.canonical(selector, mode)
        case handle.Handle():
            return handle.VERSION, handle.canonical(selector, mode)
        case iban.Account():
            return iban.VERSION, iban.canonical(selector, mode)
        case vessel.Vessel():
            return vessel.VERSION, vessel.canonical(selector, mode)
        case company.Company():
            return company.VERSION, company.canonical(selector, mode)
        case person.Person():
            return person.VERSION, person.canonical(selector, mode)
        case _:
            assert_never(selector)


def _frame_text(text: str) -> bytes:
    encoded = text.encode("utf-8")
    return len(encoded).to_bytes(2, "big") + encoded
