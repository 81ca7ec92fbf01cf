"""Whether a change of a record's terms lets it go further, or lets others do more with it.

Pure. Approvals and confirmations are taken as given on both sides: they are asked anew after every change, so what is
compared is what would follow once they are had. Persons and keys are those before the change: who is protected is
derived elsewhere, and never loosened by a correction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from register.domain.partition import others
from register.mou.decide import may_send
from register.mou.edition import Edition
from register.mou.facts import GateWord, HandlingTerms, RecordFacts
from register.mou.keys import publishable_keys
from register.mou.rules.use import CompatiblePurposes, Shown
from schemas.codes import Handling, HandlingCondition, Visibility

_STANDS_FOR: Final[Mapping[Handling, frozenset[HandlingCondition]]] = MappingProxyType(
    {
        Handling.H0: frozenset(),
        Handling.H1: frozenset({HandlingCondition.NO_COURT}),
        Handling.H2: frozenset({HandlingCondition.NO_ONWARD}),
        Handling.H3: frozenset(),
    }
)


def is_wider(before: RecordFacts, after: RecordFacts, edition: Edition, *, today: date) -> bool:
    """Whether the terms after a change allow anything that those before it did not."""
    was, now = as_if_approved(before), as_if_approved(after)
    now = replace(now, subjects=was.subjects, keys=was.keys, loose_keys=was.loose_keys)
    return (
        _restricts_less(was.handling, now.handling)
        or not _list_shown_fields(edition, now) <= _list_shown_fields(edition, was)
        or not _list_purposes(edition, now) <= _list_purposes(edition, was)
        or not _list_published_keys(edition, now) <= _list_published_keys(edition, was)
        or any(
            may_send(now, partner, edition, today=today).allowed
            and not may_send(was, partner, edition, today=today).allowed
            for partner in others(before.owner)
        )
    )


def as_if_approved(facts: RecordFacts) -> RecordFacts:
    """The facts of a record as they are once its unit, its keeper and the prosecutor have said yes."""
    named = facts.named_recipients or facts.audience
    return replace(
        facts,
        confirmed=True,
        gate=GateWord.SIGNED,
        gate_until=None,
        consent=GateWord.SIGNED,
        consented_to=frozenset(),
        named_recipients=named,
    )


def _restricts_less(before: HandlingTerms, after: HandlingTerms) -> bool:
    sooner = before.expires is not None and (after.expires is None or after.expires > before.expires)
    # H3 without a condition is refused by every partner, and so restricts most.
    riddle = before.code is Handling.H3 and not before.conditions
    solved = riddle and not (after.code is Handling.H3 and not after.conditions)
    return sooner or solved or bool(_list_restrictions(before) - _list_restrictions(after))


def _list_restrictions(handling: HandlingTerms) -> frozenset[HandlingCondition]:
    return handling.conditions | _STANDS_FOR[handling.code]


def _list_shown_fields(edition: Edition, facts: RecordFacts) -> frozenset[str]:
    if facts.visibility is Visibility.V3:
        return frozenset()
    return frozenset(edition.given("VISIBILITY-2", Shown).shown.get(facts.visibility, ()))


def _list_published_keys(edition: Edition, facts: RecordFacts) -> frozenset[tuple[int, bytes]]:
    """Its keys that may become pseudonyms abroad."""
    keys = publishable_keys(facts, edition)
    return frozenset((key.n, key.id) for key in facts.keys if not keys.rules_of(key.n, key.id))


def _list_purposes(edition: Edition, facts: RecordFacts) -> frozenset[str]:
    """For which purposes of a question it may be shown."""
    return frozenset(edition.given("PURPOSE-2", CompatiblePurposes).compatible.get(facts.purpose, ()))
