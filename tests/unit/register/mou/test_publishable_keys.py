"""Keys of victims, minors, witnesses and reporters are matched by their owner only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from register.mou.decide import may_send
from register.mou.edition import FOLDER, Edition, read
from register.mou.facts import LOOSE, KeyFacts, SubjectFacts
from register.mou.keys import protected_roles, publishable_keys
from schemas.codes import Partition, PersonCategory
from tests.unit.register.mou.examples import CHILD, DEMO, STRICT, SUSPECT, TODAY, VICTIM, a_record

REPORTER = SubjectFacts(n=4, role="REPORTER", category=PersonCategory.IN_RELATION, has_keys=True)
UNKNOWN = SubjectFacts(n=5, role="COMPANION", category=None, has_keys=True)
WITNESS = SubjectFacts(n=6, role="WITNESS", category=PersonCategory.IN_RELATION, has_keys=True)


@pytest.mark.parametrize(
    ("subject", "rule"),
    [(VICTIM, "KEYS-1"), (CHILD, "KEYS-2"), (REPORTER, "KEYS-3"), (WITNESS, "KEYS-3"), (UNKNOWN, "PERSON-1")],
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
    for subjects in ((), (SUSPECT,)):
        assert publishable_keys(a_record(subjects=subjects, loose_keys=True), DEMO).loose


@pytest.mark.parametrize("protected", [VICTIM, CHILD, REPORTER, WITNESS])
def test_a_key_without_a_subject_is_withheld_beside_a_protected_person_until_somebody_says_whose_it_is(
    protected: SubjectFacts,
) -> None:
    record = a_record(subjects=(SUSPECT, protected))
    keys = publishable_keys(replace(record, loose_keys=True), DEMO)
    assert (keys.loose, set(keys.subjects), keys.nothing_left) == (False, {SUSPECT.n}, False)
    assert "KEYS-6" in keys.loose_withheld
    said = (KeyFacts(n=SUSPECT.n, id=b"1"), KeyFacts(n=LOOSE, id=b"2", of_nobody=True), KeyFacts(n=LOOSE, id=b"3"))
    one_by_one = publishable_keys(replace(record, keys=said), DEMO)
    assert one_by_one.loose
    assert [bool(one_by_one.rules_of(k.n, k.id)) for k in said] == [False, False, True]


def test_a_key_that_may_be_the_reporters_is_withheld_until_somebody_says_that_it_is_nobodys() -> None:
    theirs = KeyFacts(n=LOOSE, id=b"1", perhaps_reporters=True)
    nobodys, seen = replace(theirs, id=b"2", of_nobody=True), KeyFacts(n=LOOSE, id=b"3")
    keys = publishable_keys(a_record(subjects=(SUSPECT,), keys=(theirs, nobodys, seen)), DEMO)
    assert [keys.rules_of(LOOSE, k.id) for k in (theirs, nobodys, seen)] == [("KEYS-6",), (), ()]


def test_keys_without_a_subject_are_presumed_the_victims_where_there_is_nobody_else() -> None:
    advert = a_record(subjects=(replace(VICTIM, has_keys=False),), loose_keys=True)
    keys = publishable_keys(advert, DEMO)
    assert (keys.loose, keys.loose_withheld, keys.nothing_left) == (False, ("KEYS-1", "KEYS-6"), True)
    assert may_send(advert, Partition.AW, DEMO, today=TODAY).rules == ("KEYS-1", "KEYS-4", "KEYS-6")


def test_who_is_on_the_ladder_is_protected_whatever_the_role() -> None:
    assert publishable_keys(a_record(subjects=(replace(SUSPECT, victim=True),)), STRICT).withheld == {1: ("KEYS-1",)}


def test_a_key_made_of_what_a_protected_person_owns_is_withheld_wherever_it_stands() -> None:
    hers = KeyFacts(n=SUSPECT.n, id=b"hers", inputs_of=frozenset({VICTIM.n}))
    once_hers = KeyFacts(n=LOOSE, id=b"once", of_protected=True, of_nobody=True)
    his = KeyFacts(n=SUSPECT.n, id=b"his", inputs_of=frozenset({9}))
    keys = publishable_keys(a_record(subjects=(SUSPECT, VICTIM), keys=(hers, once_hers, his)), STRICT)
    assert [keys.rules_of(k.n, k.id) for k in (hers, his)] == [("KEYS-5",), ()]
    assert "KEYS-5" in keys.loose_withheld
    assert (set(keys.subjects), keys.loose) == ({SUSPECT.n}, False)


def test_a_record_all_of_whose_keys_are_made_of_a_victims_values_does_not_go() -> None:
    hers = KeyFacts(n=SUSPECT.n, id=b"hers", inputs_of=frozenset({VICTIM.n}))
    record = a_record(subjects=(SUSPECT, replace(VICTIM, has_keys=False)), keys=(hers,))
    assert may_send(record, Partition.AW, DEMO, today=TODAY).rules == ("KEYS-4",)


@pytest.mark.parametrize("edition", [DEMO, STRICT])
def test_who_was_a_witness_stays_one_whatever_role_is_said_later(edition: Edition) -> None:
    assert publishable_keys(a_record(subjects=(replace(SUSPECT, witness=True),)), edition).withheld == {1: ("KEYS-3",)}


def test_an_edition_may_let_the_keys_of_a_witness_go() -> None:
    text = (FOLDER / "demo.toml").read_text("utf-8")
    otherwise = read(text.replace('roles = ["REPORTER", "WITNESS"]', 'roles = ["REPORTER"]').encode())
    assert publishable_keys(a_record(subjects=(SUSPECT, WITNESS)), otherwise).subjects == {SUSPECT.n, WITNESS.n}
    assert protected_roles(DEMO) == protected_roles(STRICT) == {"REPORTER", "WITNESS"}
    assert protected_roles(otherwise) == {"REPORTER"}


def test_a_key_that_waits_does_not_go_and_neither_does_a_record_with_no_other() -> None:
    waits, his = KeyFacts(n=SUSPECT.n, id=b"hers", waits=True), KeyFacts(n=SUSPECT.n, id=b"his")
    loose = KeyFacts(n=LOOSE, id=b"loose", waits=True, of_nobody=True)
    keys = publishable_keys(a_record(subjects=(SUSPECT,), keys=(waits, his, loose)), STRICT)
    assert [keys.rules_of(k.n, k.id) for k in (waits, his, loose)] == [("KEYS-7",), (), ("KEYS-7",)]
    alone = a_record(subjects=(SUSPECT,), keys=(waits,))
    assert may_send(alone, Partition.AW, DEMO, today=TODAY).rules == ("KEYS-4", "KEYS-7")


MISSING = SubjectFacts(n=7, role="COMPANION", category=PersonCategory.IN_RELATION, unsaid=True)


@pytest.mark.parametrize("edition", [DEMO, STRICT])
@pytest.mark.parametrize("others", [(), (replace(VICTIM, has_keys=False),)], ids=["alone", "beside a victim"])
def test_a_record_whose_only_person_waits_stays_at_home_whatever_is_known_of_them(
    edition: Edition, others: tuple[SubjectFacts, ...]
) -> None:
    """With a phone it stayed, and without one its type, island and month went."""
    alone = a_record(subjects=(MISSING, *others))
    assert may_send(alone, Partition.AW, edition, today=TODAY).rules == ("KEYS-7",)
    known = a_record(subjects=(replace(MISSING, has_keys=True), *others), keys=(KeyFacts(n=MISSING.n, waits=True),))
    assert may_send(known, Partition.AW, edition, today=TODAY).rules == ("KEYS-4", "KEYS-7")


@pytest.mark.parametrize(
    "more",
    [
        {"subjects": (MISSING, replace(SUSPECT, has_keys=False))},
        {"subjects": (MISSING, SUSPECT)},
        {"subjects": (MISSING,), "loose_keys": True},
        {"subjects": (replace(MISSING, unsaid=False),)},
    ],
    ids=["a person", "a person with a number", "a number of nobody", "the unit has said"],
)
def test_who_waits_holds_back_nothing_of_others(more: dict[str, Any]) -> None:
    assert may_send(a_record(**more), Partition.AW, DEMO, today=TODAY).allowed
