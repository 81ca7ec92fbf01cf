"""Whose match keys may be published.

A victim, a minor and a reporter are matched by their owner only, so their keys never become tokens that a partner
holds. What is left decides the rest: some keys go, a record without any key goes without tokens, and a record all of
whose keys are withheld does not go at all (KEYS-4, in `decide.may_send`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from register.mou.edition import Edition
from register.mou.facts import RecordFacts, SubjectFacts
from register.mou.rules.table import Verdict


@dataclass(frozen=True, slots=True)
class PublishableKeys:
    """Which keys of a record may become tokens of a shared extract.

    Attributes:
        subjects: numbers of the subjects whose keys may be published.
        loose: whether keys that belong to no subject may be.
        withheld: the other subjects that have keys, each with the ids of the rules that withhold them.
        loose_withheld: the rules that withhold loose keys.
    """

    subjects: frozenset[int]
    loose: bool
    withheld: Mapping[int, tuple[str, ...]]
    loose_withheld: tuple[str, ...] = ()

    @property
    def nothing_left(self) -> bool:
        """The record has keys, and every one is withheld."""
        return not self.subjects and not self.loose and bool(self.withheld or self.loose_withheld)

    @property
    def rules(self) -> frozenset[str]:
        """The ids of all rules that withhold something."""
        return frozenset(self.loose_withheld).union(*self.withheld.values())


def publishable_keys(record: RecordFacts, edition: Edition) -> PublishableKeys:
    """Tell which keys of a record may be published at all, whoever the recipient is.

    A key that belongs to no subject is presumed to be a protected person's where the record has no other persons.
    """
    if not record.has_keys:
        return PublishableKeys(frozenset(), loose=False, withheld={})
    reasons = {subject.n: _withholding(subject, edition) for subject in record.subjects}
    keyed = {subject.n for subject in record.subjects if subject.has_keys}
    only_protected = bool(reasons) and all(reasons.values())
    loose_withheld = tuple(dict.fromkeys(rule for rules in reasons.values() for rule in rules))
    return PublishableKeys(
        subjects=frozenset(n for n in keyed if not reasons[n]),
        loose=record.loose_keys and not only_protected,
        withheld={n: reasons[n] for n in sorted(keyed) if reasons[n]},
        loose_withheld=loose_withheld if record.loose_keys and only_protected else (),
    )


def _withholding(subject: SubjectFacts, edition: Edition) -> tuple[str, ...]:
    judges = edition.judges_of[SubjectFacts]
    return tuple(rule.id for rule, judge in judges if judge(rule.given, subject) is Verdict.REFUSES)
