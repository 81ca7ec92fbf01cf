"""A code that is retired goes into a report by no door: not by a later step either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.codes_in_force import CodeRetired
from register.domain.signals.referral import ReferralId
from register.domain.signals.signal import SignalId
from register.services.signals.answer_referrals import answer_referral
from register.services.signals.change_signal import reclassify_signal, refer_signal, withdraw_signal
from schemas.codes import CodeList, Partition, code_list
from schemas.signals.changes import ReclassifyIn, ReferIn, WithdrawIn
from schemas.signals.referral import AnswerIn
from tests.integration.services.conftest import Record
from tests.support.world import World

AW = Partition.AW
RETIRED = {
    "signal_type": "HT_MS",
    "referral_kind": "assistance",
    "referral_outcome": "HELP_GIVEN",
    "retract_reason": "corrected",
}


def lists(name: str) -> CodeList:
    """The lists of this release, in four of which a code was retired long ago."""
    found, gone = code_list(name), RETIRED.get(name)
    if gone is None:
        return found
    retired = replace(found[gone], valid_until=date(2020, 12, 31))
    return replace(found, _codes={code.code: retired if code.code == gone else code for code in found})


def pointer_of(act: Callable[[], object]) -> object:
    with pytest.raises(CodeRetired) as found:
        act()
    return found.value.details["pointer"]


def test_a_later_step_takes_no_code_that_is_retired(two: World, record: Record) -> None:
    unit = two.caller("AW-JIUMM", Task.REGISTER, Task.ENRICH, Task.READ_OWN, actor="unit")
    later: Register = replace(two[AW], code_lists=lists)
    signal = SignalId(record().id)

    def refer(register: Register, by: Caller = unit) -> ReferralId:
        form = ReferIn(kind="assistance", to="AW-CMMA")
        return ReferralId(refer_signal(register, by, signal, form, version=1).referrals[-1].id)

    anew = ReclassifyIn(signal_type="HT_MS", reason="Heard more.")
    assert pointer_of(lambda: reclassify_signal(later, unit, signal, anew, version=1)) == "/signal_type"
    assert pointer_of(lambda: refer(later)) == "/kind"
    back = WithdrawIn.model_validate({"code": "corrected", "reason": "Entered twice."})
    assert pointer_of(lambda: withdraw_signal(later, unit, signal, back, version=1)) == "/code"
    answer = AnswerIn.model_validate({"state": "ANSWERED", "outcome": "HELP_GIVEN", "on": str(later.today())})
    referral = refer(two[AW])
    accepted = AnswerIn.model_validate({"state": "ACCEPTED", "on": str(later.today())})
    answer_referral(two[AW], unit, referral, accepted, version=1)
    assert pointer_of(lambda: answer_referral(later, unit, referral, answer, version=2)) == "/outcome"
