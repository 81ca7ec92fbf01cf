"""A report that does not open stops no fact about whoever shares something with it; nobody keeps what it said of her.

Each case is one damaged report that had a protected person's number, and a colleague who reported that person.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from register.domain.access.caller import Caller
from register.services.signals.share_signal import share_signals
from schemas.codes import EntryType, Finding, Partition
from tests.integration.services.conftest import Record
from tests.integration.services.signals.test_withdrawing_unread import LOST, spoil, told
from tests.support.found import Person, families, findings, say
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
