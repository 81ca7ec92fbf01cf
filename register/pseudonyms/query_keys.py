"""The match keys of a question: every reading of every selector that may have been registered."""

from __future__ import annotations

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
        SelectorRefused: a value that cannot be read; says where it stands and what to type instead.
        TooManyKeys: more than 12 of one selector or 48 of all.
    """
    selectors: list[tuple[Selector | None, str]] = []
    if subject.name is not None:
        birth = subject.birth
        born = Birth(birth.year, birth.month, birth.day) if birth else None
        selectors.append((Person(subject.name, born, subject.nationality), "/subject/name"))
    selectors += [(selector_of(x, country), f"/subject/selectors/{i}") for i, x in enumerate(subject.selectors)]
    derived = [_derived(selector, pointer) for selector, pointer in selectors if selector is not None]
    check_search(derived)
    return list(dict.fromkeys(key for keys in derived for key in keys))


def _derived(selector: Selector, pointer: str) -> list[MatchKey]:
    try:
        return derive(selector, mode=Mode.QUERY)
    except NoKey:
        return []
    except SelectorRefused as error:
        error.details.setdefault("pointer", pointer)
        raise
