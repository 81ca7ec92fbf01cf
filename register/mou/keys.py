"""Which match keys of a record may be published.

A victim, a minor, a witness and a reporter are matched by their owner only, so their keys never become tokens that a
partner holds; nor does any other key that is made of an input of theirs, wherever it stands in the record, nor one
beside them of which nobody has said whose it is, also once they were taken off the record. What is left decides the
rest: some keys go, a record without any key goes without tokens, and a record all of whose keys are withheld does not
go at all (KEYS-4, in `decide.may_send`). Nor does one in which nobody stands but those of whom the register unit has
not said that they need no protection (KEYS-7): it would say that somebody is there of whom nothing may be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from register.mou.edition import Edition
from register.mou.facts import LOOSE, KeyFacts, RecordFacts, SubjectFacts
from register.mou.rules.persons import Persons
from register.mou.rules.table import Publishing, Verdict


@dataclass(frozen=True, slots=True)
class PublishableKeys:
    """Which keys of a record may become tokens of a shared extract.

    Attributes:
        subjects: numbers of the subjects of whose keys some may be published.
        loose: whether some that belong to no subject may be.
        withheld: the other subjects that have keys, each with the ids of the rules that withhold all of them.
        loose_withheld: the rules that withhold loose keys, where all of them are.
        one_by_one: (subject, id) of each key that is withheld, with the ids of the rules.
        hidden: numbers of the subjects who are withheld themselves, with keys or without.
        unsaid: numbers of those who may be somebody protected, as long as nobody has said otherwise.
        nobody_else: some of those stand in the record, nobody of whom anything is told, and no key is published.
    """

    subjects: frozenset[int]
    loose: bool
    withheld: Mapping[int, tuple[str, ...]]
    loose_withheld: tuple[str, ...] = ()
    one_by_one: Mapping[tuple[int, bytes], tuple[str, ...]] = field(default_factory=dict, repr=False)
    hidden: frozenset[int] = frozenset()
    unsaid: frozenset[int] = frozenset()
    nobody_else: bool = False

    @property
    def untold(self) -> frozenset[int]:
        """Of whom nothing is told, not even that they are there: a role and a number may say enough on an island."""
        return self.hidden | self.unsaid

    @property
    def nothing_left(self) -> bool:
        """The record has keys, and every one is withheld."""
        return not self.subjects and not self.loose and bool(self.withheld or self.loose_withheld)

    @property
    def rules(self) -> frozenset[str]:
        """The ids of all rules that withhold something."""
        return frozenset(self.loose_withheld).union(*self.withheld.values())

    def rules_of(self, n: int, key: bytes) -> tuple[str, ...]:
        """The rules that withhold a key of a subject (`LOOSE`: of none); empty where it may be published."""
        return self.one_by_one.get((n, key), ())


def publishable_keys(record: RecordFacts, edition: Edition) -> PublishableKeys:
    """Tell which keys of a record may be published at all, whoever the recipient is."""
    reasons = {subject.n: find_withholding_rules(subject, edition) for subject in (*record.subjects, *record.gone)}
    protected = {one.n for one in (*record.subjects, *record.gone) if one.victim or one.minor}
    for subject in record.subjects:
        if protected and subject.n not in protected and subject.role in roles_beside(edition):
            reasons[subject.n] = tuple(dict.fromkeys((*reasons[subject.n], "KEYS-3")))
    hidden = frozenset(n for n, rules in reasons.items() if rules)
    theirs = tuple(dict.fromkeys(rule for rules in reasons.values() for rule in rules))
    found: dict[tuple[int, bytes], tuple[str, ...]] = {}
    for key in record.keys or _by_form(record):
        about = reasons.get(key.n, ())
        asked = tuple(
            rule.id
            for rule, judge in edition.judges_of.get(Publishing, ())
            if judge(rule.given, Publishing(key, hidden, record.told_by_victim)) is Verdict.REFUSES
        )
        if key.n == LOOSE and asked and hidden:
            about = theirs  # it may be any of theirs
        found[key.n, key.id] = tuple(dict.fromkeys((*about, *asked)))
    keyed = {n for n, _ in found}
    going = frozenset(n for (n, _), rules in found.items() if not rules)
    whole = {n: _collect_rules(found, n) for n in sorted(keyed - going)}
    unsaid = frozenset(subject.n for subject in record.subjects if subject.unsaid)
    return PublishableKeys(
        subjects=going - {LOOSE},
        loose=LOOSE in going,
        withheld={n: rules for n, rules in whole.items() if n != LOOSE},
        loose_withheld=whole.get(LOOSE, ()),
        one_by_one={at: rules for at, rules in found.items() if rules},
        hidden=hidden,
        unsaid=unsaid,
        nobody_else=bool(unsaid) and not going and {subject.n for subject in record.subjects} <= hidden | unsaid,
    )


def concerns_protected(record: RecordFacts, edition: Edition) -> bool:
    """Whether anything of a record is withheld for somebody's sake, or it is told by a victim or about children."""
    keys = publishable_keys(record, edition)
    return bool(keys.untold or keys.one_by_one) or record.told_by_victim or record.about_minors


def protected_roles(edition: Edition) -> frozenset[str]:
    """The roles that an edition protects beside a victim's: of those who tell what they know."""
    return edition.given("KEYS-3", Persons).roles


def roles_beside(edition: Edition) -> frozenset[str]:
    """The roles that it protects beside a victim or a minor of the same record: the relatives'."""
    return edition.given("KEYS-3", Persons).beside


def find_withholding_rules(subject: SubjectFacts, edition: Edition) -> tuple[str, ...]:
    """The ids of the rules by which nothing that is known of a subject is published."""
    judges = edition.judges_of[SubjectFacts]
    return tuple(rule.id for rule, judge in judges if judge(rule.given, subject) is Verdict.REFUSES)


def _by_form(record: RecordFacts) -> list[KeyFacts]:
    """One key for whoever has any, where the values themselves were not looked at."""
    keyed = [subject.n for subject in record.subjects if subject.has_keys]
    return [KeyFacts(n=n) for n in (*keyed, *((LOOSE,) if record.loose_keys else ()))]


def _collect_rules(found: Mapping[tuple[int, bytes], tuple[str, ...]], n: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule for (m, _), rules in found.items() if m == n for rule in rules))
