"""What evaluators tell each other that they granted: whether one of them granted alone, and one root of its requests.

Pure. Two partners beside the asker make a pseudonym, so what a country was granted at one evaluator it was granted at
another too. Where one has granted more than all others together, the rest failed, or somebody answers off the books
and makes pseudonyms with a country that asks (pseudonyms.md 9).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from register.domain.partition import others
from schemas.codes import Partition
from schemas.exchange.wire import Book
from schemas.merkle import leaf_hash, tree_head

ALONE_MAX: Final = 100
"""Keys a day, country, book and class that one evaluator may have granted alone, untold: two whole questions of which
nobody else answered. Assumed."""

Granted: TypeAlias = Mapping[tuple[Partition, Book, str], int]
"""Keys that one evaluator granted on one day, by country, book and selector class."""


@dataclass(frozen=True, slots=True)
class Alone:
    """Keys that one evaluator granted a country and that no other can have granted too."""

    country: Partition
    book: Book
    selector_class: str
    evaluator: Partition
    keys: int


def granted_alone(granted: Mapping[Partition, Granted]) -> list[Alone]:
    """Return where one evaluator granted a country more than all its other evaluators together.

    What is kept is a part of what is registered, and is not looked at by itself.

    Args:
        granted: of one day, by evaluator. Of a country one of whose evaluators is missing nothing can be said.
    """
    asked = sorted({of for one in granted.values() for of in one if of[1] is not Book.KEPT})
    found = []
    for country, book, name in asked:
        of_each = {one: granted[one].get((country, book, name), 0) for one in others(country) if one in granted}
        if len(of_each) < len(others(country)):
            continue
        evaluator, most = max(of_each.items(), key=lambda one: one[1])
        alone = most - (sum(of_each.values()) - most)
        if alone > ALONE_MAX:
            found.append(Alone(country, book, name, evaluator, alone))
    return found


def root_of(requests: Iterable[UUID]) -> bytes:
    """The head of RFC 6962 over the 16 bytes of each request id, in ascending order, 32 bytes."""
    return tree_head(leaf_hash(one.bytes) for one in sorted(requests))


def add_up_granted(rows: Iterable[tuple[Partition, Book, str, int]]) -> Granted:
    """Keys by country, book and class."""
    found: Counter[tuple[Partition, Book, str]] = Counter()
    for country, book, name, keys in rows:
        found[country, book, name] += keys
    return dict(found)
