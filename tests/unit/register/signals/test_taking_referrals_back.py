"""Who takes a referral back: who sent it, while they may refer, and the register unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from register.domain.access.caller import Caller, Task, system
from register.domain.signals.reading import may_know, may_take_back, shows_report
from register.domain.signals.referral import NotTakenBack, Referral, ReferralId
from register.domain.signals.signal import SignalId
from schemas.codes import Partition, ReferralState

NIL, DAY = UUID(int=0), date(2026, 1, 2)
SENT = Referral(
    id=ReferralId(NIL), version=1, signal=SignalId(NIL), reference="AW-2026-0001", urgency="DAY", withdrawn=False,
    kind="assistance", to="AW-SCHOOL", to_name="School", sent_by="officer", sent_at=datetime(2026, 1, 2, tzinfo=UTC),
    on=DAY, state=ReferralState.SENT, outcome=None, answered_on=None, ends=DAY, due_at=None,
)  # fmt: skip


def somebody(actor: str, organisation: str, *tasks: Task) -> Caller:
    caller = replace(system(Partition.AW, "api"), kind="person", actor=actor, tasks=frozenset(tasks))
    return replace(caller, organisation=organisation)


@pytest.mark.parametrize(
    ("caller", "may"),
    [
        (somebody("officer", "AW-KPA", Task.ENRICH), True),
        (somebody("officer", "AW-KPA", Task.SUBMIT), False),  # may refer no more
        (somebody("another", "AW-KPA", Task.ENRICH), False),
        (somebody("unit", "AW-DIMAS", Task.REGISTER), True),
        (somebody("teacher", "AW-SCHOOL", Task.READ_OWN, Task.ENRICH), False),
    ],
)
def test_only_who_sent_it_and_the_register_unit_take_it_back(caller: Caller, *, may: bool) -> None:
    assert may_take_back(caller, SENT) is may
    assert not may or may_know(caller, SENT)


@pytest.mark.parametrize("state", ReferralState)
def test_what_holds_no_more_is_not_taken_back_and_shows_nothing(state: ReferralState) -> None:
    one = replace(SENT, state=state)
    if state in (ReferralState.DECLINED, ReferralState.TAKEN_BACK):
        assert not shows_report(one)
        with pytest.raises(NotTakenBack):
            one.check_take_back(1)
    else:
        one.check_take_back(1)
