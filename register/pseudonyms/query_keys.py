"""The match keys of a question: every reading of every selector that may have been registered."""

from __future__ import annotations

from collections.abc import Iterable

from register.pseudonyms.errors import NoKey, SelectorRefused
from register.pseudonyms.matchkeys import MatchKey, Selector, check_search, derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.person import Birth, Person
from register.pseudonyms.signal_keys import selector_of
from schemas.codes import Partition
from schemas.search.question import AskedSubject


def query_keys(subject: AskedSubject, country: Partition) -> list[MatchKey]:
    """Return the keys of the subject asked about, without repeats; none where nothing of it can be compared.

    Raises:
        SelectorRefused, TooManyKeys: as `keys_by_value`.
    """
    return keys_of_values(keys_by_value(subject, country))


def keys_of_values(values: Iterable[tuple[MatchKey, ...]]) -> list[MatchKey]:
    """Return the keys of several values, in order and without repeats."""
    return list(dict.fromkeys(key for keys in values for key in keys))


def keys_by_value(subject: AskedSubject, country: Partition) -> list[tuple[MatchKey, ...]]:
    """Return the keys of each value that is looked up, once each: of the name with its birth, and of each selector.

    A value that nothing is compared with is none of them.

    Raises:
        SelectorRefused: a value that cannot be read; says where it stands and what to type instead.
        TooManyKeys: more than 12 of one selector or 48 of all.
    """
    selectors: list[tuple[Selector | None, str]] = []
    if subject.name is not None:
        birth = subject.birth
        born = Birth(birth.year, birth.month, birth.day) if birth else None
        selectors.append((Person(subject.name, born, subject.nationality), "/subject/name"))
    selectors += [(selector_of(x, country), f"/subject/selectors/{i}") for i, x in enumerate(subject.selectors)]
    derived = [_derive_query_keys(selector, pointer) for selector, pointer in selectors if selector is not None]
    check_search(derived)
    return list(dict.fromkeys(tuple(keys) for keys in derived if keys))


def _derive_query_keys(selector: Selector, pointer: str) -> list[MatchKey]:
    try:
        return derive(selector, mode=Mode.QUERY)
    except NoKey:
        return []
    except SelectorRefused as error:
        error.details.setdefault("pointer", pointer)
        raise
