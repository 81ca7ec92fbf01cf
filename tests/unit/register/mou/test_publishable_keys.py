"""Keys of victims, minors and reporters are matched by their owner only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from register.mou.decide import may_send
from register.mou.facts import SubjectFacts
from register.mou.keys import publishable_keys
from schemas.codes import Partition, PersonCategory
from tests.unit.register.mou.examples import CHILD, DEMO, STRICT, SUSPECT, TODAY, VICTIM, a_record

REPORTER = SubjectFacts(n=4, role="REPORTER", category=PersonCategory.IN_RELATION, has_keys=True)
UNKNOWN = SubjectFacts(n=5, role="WITNESS", category=None, has_keys=True)


@pytest.mark.parametrize(
    ("subject", "rule"), [(VICTIM, "KEYS-1"), (CHILD, "KEYS-2"), (REPORTER, "KEYS-3"), (UNKNOWN, "PERSON-1")]
)
def test_keys_of_the_protected_are_withheld_and_those_of_others_go(subject: SubjectFacts, rule: str) -> None:
    keys = publishable_keys(a_record(subjects=(SUSPECT, subject)), STRICT)
    assert keys.subjects == {SUSPECT.n}
    assert keys.withheld == {subject.n: (rule,)}
    assert not keys.nothing_left


@pytest.mark.parametrize("role", ["VICTIM_POTENTIAL", "VICTIM_PRESUMED", "VICTIM_CONFIRMED", "VICTIM_NOT"])
def test_a_victim_is_protected_by_role_even_if_the_category_is_another(role: str) -> None:
    subject = replace(VICTIM, role=role, category=PersonCategory.INVOLVED)
    assert publishable_keys(a_record(subjects=(subject,)), DEMO).subjects == frozenset()


def test_a_suspect_who_is_a_minor_is_protected_too() -> None:
    assert publishable_keys(a_record(subjects=(replace(SUSPECT, minor=True),)), DEMO).withheld == {1: ("KEYS-2",)}


def test_record_with_a_victims_key_only_is_not_sent_at_all() -> None:
    house = a_record(subjects=(VICTIM,))
    assert may_send(house, Partition.AW, DEMO, today=TODAY).rules == ("KEYS-1", "KEYS-4")


@pytest.mark.parametrize(
    ("subject", "rules"),
    [
        (CHILD, ("MINOR-1", "KEYS-2", "KEYS-4")),
        (REPORTER, ("KEYS-3", "KEYS-4")),
        (UNKNOWN, ("PERSON-1", "KEYS-4")),
    ],
)
def test_refusal_says_whose_keys_are_the_only_ones(subject: SubjectFacts, rules: tuple[str, ...]) -> None:
    assert may_send(a_record(subjects=(subject,)), Partition.AW, DEMO, today=TODAY).rules == rules


def test_record_with_a_victims_key_beside_others_is_sent() -> None:
    assert may_send(a_record(subjects=(SUSPECT, VICTIM)), Partition.AW, DEMO, today=TODAY).allowed


def test_record_without_any_key_is_sent_without_tokens() -> None:
    notification = a_record(subjects=())
    keys = publishable_keys(notification, DEMO)
    assert (keys.subjects, keys.loose, keys.nothing_left) == (frozenset(), False, False)
    assert may_send(notification, Partition.AW, DEMO, today=TODAY).allowed


def test_record_on_a_victim_of_whom_no_key_is_known_is_sent_without_tokens() -> None:
    assert may_send(a_record(subjects=(replace(VICTIM, has_keys=False),)), Partition.AW, DEMO, today=TODAY).allowed


def test_keys_without_a_subject_go_where_the_record_has_no_protected_person() -> None:
    for subjects in ((), (SUSPECT,), (SUSPECT, VICTIM)):
        assert publishable_keys(a_record(subjects=subjects, loose_keys=True), DEMO).loose


def test_keys_without_a_subject_are_presumed_the_victims_where_there_is_nobody_else() -> None:
    advert = a_record(subjects=(replace(VICTIM, has_keys=False),), loose_keys=True)
    keys = publishable_keys(advert, DEMO)
    assert (keys.loose, keys.loose_withheld, keys.nothing_left) == (False, ("KEYS-1",), True)
    assert may_send(advert, Partition.AW, DEMO, today=TODAY).rules == ("KEYS-1", "KEYS-4")
