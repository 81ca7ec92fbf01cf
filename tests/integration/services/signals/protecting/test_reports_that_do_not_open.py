"""A report that does not open stops no fact about whoever shares something with it; nobody keeps what it said of her.

Each case is one damaged report that had a protected person's number, and a colleague who reported that person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from register.domain.access.caller import Caller, Task
from register.domain.signals.protecting.finding import FindingId
from register.domain.signals.signal import SignalId
from register.services.signals.protecting.object_to_letting_go import object_to_letting_go
from register.services.signals.share_signal import share_signals
from register.services.signals.withdraw_unread import withdraw_unread
from schemas.codes import EntryType, Finding, Partition
from schemas.signals.finding import ObjectIn
from tests.integration.services.conftest import Record
from tests.integration.services.signals.changing.test_withdrawing_unread import LOST, WITHDRAW, spoil, told
from tests.support.found import Person, families, findings, say, waiting
from tests.support.told import live
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW


@pytest.fixture
def two() -> Iterator[World]:
    with world(countries=(AW, CW)) as made:
        yield made


@pytest.mark.parametrize("how", LOST)
def test_who_is_reported_is_protected_everywhere_also_where_one_report_does_not_open(
    two: World, record: Record, how: str
) -> None:
    her, him, other = Person(), Person(), Person()
    opens = record(subjects=[her.as_("SUSPECT", her.passport(), n=1), him.as_("SUSPECT", him.phone(), n=2)])
    damaged = record(subjects=[her.as_("SUSPECT", her.passport(), n=1), other.as_("SUSPECT", other.phone(), n=2)])
    share_signals(two[AW], 100)
    assert (1, "document") in families(two, opens)
    have = {partner for partner, _ in told(two, damaged)}
    assert have
    spoil(two, how, damaged)

    victim = record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])

    assert victim.reference
    assert not [key for key in families(two, opens) if key[0] == 1], "the others are looked at all the same"
    taken = [partner for partner, kind in told(two, damaged) if kind == EntryType.INDICATOR_RETRACT]
    assert set(taken) == have, "all of it: nobody can say which of its keys are hers"
    share_signals(two[AW], 100)
    again = record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport(1), her.passport())], selectors=[])
    share_signals(two[AW], 100)
    assert again.reference
    assert [p for p, kind in told(two, damaged) if kind == EntryType.INDICATOR_RETRACT] == taken, "once"


def test_who_is_somebody_else_is_let_go_also_where_the_other_report_does_not_open(
    two: World, record: Record, hotline: Caller
) -> None:
    her = Person()
    there = record(subjects=[her.as_("SUSPECT", her.passport())], selectors=[])
    share_signals(two[AW], 100)
    damaged = record(subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    [asked] = findings(two, hotline, there)
    assert asked.finding is Finding.SAME_PERSON
    assert live(two[AW], there.id, CW) is None
    spoil(two, "key lost", damaged)
    assert say(two, hotline, asked, "ANOTHER", "NOT_OWN_DOCUMENT").decision == "ANOTHER"


@pytest.mark.parametrize("how", LOST)
def test_what_was_asked_of_a_report_that_was_withdrawn_unread_is_answered_all_the_same(
    two: World, record: Record, hotline: Caller, how: str
) -> None:
    """Else it waits until the report's last day for somebody who can answer it, and nobody can."""
    her, him = Person(), Person()
    record(subjects=[her.as_("VICTIM_POTENTIAL", her.phone())], selectors=[])
    there = record(subjects=[him.as_("SUSPECT", her.phone())], selectors=[])
    [asked] = findings(two, hotline, there)
    spoil(two, how, there)
    withdraw_unread(two[AW], hotline, SignalId(there.id), WITHDRAW, version=1)
    assert asked.id in waiting(two, hotline)
    assert say(two, replace(hotline, actor="another"), asked, "WITHHOLD").withdrawn
    assert asked.id not in waiting(two, hotline)


@pytest.mark.parametrize("how", LOST)
def test_an_objection_takes_back_all_of_a_report_that_does_not_open(
    two: World, record: Record, hotline: Caller, how: str
) -> None:
    her = Person()
    shelter = two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor="shelter")
    # With a phone, since her document stays at home whoever has it.
    there = record(subjects=[her.as_("SUSPECT", her.passport(), her.phone())], selectors=[])
    record(shelter, subjects=[her.as_("VICTIM_POTENTIAL", her.passport())], selectors=[])
    [asked] = findings(two, hotline, there)
    say(two, hotline, asked, "ANOTHER", "NOT_OWN_DOCUMENT")
    share_signals(two[AW], 100)
    have = {partner for partner, _ in told(two, there)}
    assert have
    spoil(two, how, there)
    object_to_letting_go(two[AW], shelter, FindingId(asked.id), ObjectIn(objects=True))
    assert {partner for partner, kind in told(two, there) if kind == EntryType.INDICATOR_RETRACT} == have
