"""Whoever asks for what is not there for him, to read it or to change it, leaves a leaf that says what he asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from register.domain.access.caller import Caller, Task
from register.domain.desk.intake import IntakeId
from register.domain.desk.training import TrainingId
from register.domain.desk.victim import VictimId
from register.domain.signals.referral import ReferralId
from register.domain.signals.signal import SignalId
from register.errors import NotFound
from register.services.desk import keep_intakes, keep_trainings, keep_victims
from register.services.signals import answer_referrals, change_signal, read_signal
from register.services.signals.approving import approve_signal, ask_approval, keep_approval
from schemas.codes import Partition, RetractReason, SignalState
from schemas.desk.intake import AmendIntakeIn, IntakeIn
from schemas.desk.record import TakeBackIn
from schemas.desk.training import AmendTrainingIn
from schemas.desk.victim import StatusIn, VictimIn
from schemas.signals.changes import AmendIn, ReclassifyIn, ReferIn, WithdrawIn
from schemas.signals.referral import AnswerIn
from tests.support.world import World

AW = Partition.AW
DAY = "2025-03-05"
BACK = TakeBackIn(reason="Entered twice.")
STATUS = StatusIn.model_validate({"status": "POTENTIAL", "form": "SEX", "decided_on": DAY, "reason": "-"})
INTAKE = {"held_on": DAY, "sex": "FEMALE", "age_band": "30-39"}
VICTIM = {"sex": "FEMALE", "age_band": "30-39", "status": STATUS}

Attempt = Callable[[Any, Caller, UUID], object]
ATTEMPTS: dict[str, Attempt] = {
    "intake.not-found": lambda r, by, at: keep_intakes.read_intake(r, by, IntakeId(at)),
    "intake.not-recorded": lambda r, by, at: keep_intakes.record_intake(
        r, by, IntakeIn.model_validate(INTAKE | {"signal": at}), str(at)
    ),
    "intake.not-amended": lambda r, by, at: keep_intakes.amend_intake(
        r, by, IntakeId(at), AmendIntakeIn.model_validate({"changes": {"sex": "MALE"}, "reason": "-"}), version=1
    ),
    "intake.not-withdrawn": lambda r, by, at: keep_intakes.withdraw_intake(r, by, IntakeId(at), BACK, version=1),
    "victim.not-found": lambda r, by, at: keep_victims.read_victim(r, by, VictimId(at)),
    "victim.not-recorded": lambda r, by, at: keep_victims.put_on_ladder(
        r, by, VictimIn.model_validate(VICTIM | {"intake": at}), str(at)
    ),
    "victim.status-not-assigned": lambda r, by, at: keep_victims.assign_status(r, by, VictimId(at), STATUS, version=1),
    "victim.not-withdrawn": lambda r, by, at: keep_victims.withdraw_victim(r, by, VictimId(at), BACK, version=1),
    "referral.not-found": lambda r, by, at: answer_referrals.read_referral(r, by, ReferralId(at)),
    "referral.not-answered": lambda r, by, at: answer_referrals.answer_referral(
        r, by, ReferralId(at), AnswerIn.model_validate({"state": "ACCEPTED", "on": DAY}), version=1
    ),
    "training.not-found": lambda r, by, at: keep_trainings.read_training(r, by, TrainingId(at)),
    "training.not-amended": lambda r, by, at: keep_trainings.amend_training(
        r, by, TrainingId(at), AmendTrainingIn.model_validate({"changes": {"people": 3}, "reason": "-"}), version=1
    ),
    "training.not-withdrawn": lambda r, by, at: keep_trainings.withdraw_training(
        r, by, TrainingId(at), BACK, version=1
    ),
    "signal.not-found": lambda r, by, at: read_signal.read_signal(r, by, SignalId(at)),
    "signal.not-amended": lambda r, by, at: change_signal.amend_signal(
        r, by, SignalId(at), AmendIn.model_validate({"changes": {"urgency": "NORMAL"}, "reason": "-"}), version=1
    ),
    "signal.not-reclassified": lambda r, by, at: change_signal.reclassify_signal(
        r, by, SignalId(at), ReclassifyIn.model_validate({"signal_type": "MISSING_PERSON", "reason": "-"}), version=1
    ),
    "signal.not-moved": lambda r, by, at: change_signal.move_signal(
        r, by, SignalId(at), SignalState.ASSESSED, "-", version=1
    ),
    "signal.not-referred": lambda r, by, at: change_signal.refer_signal(
        r, by, SignalId(at), ReferIn.model_validate({"kind": "assistance", "to": "AW-VICTIM"}), version=1
    ),
    "signal.not-withdrawn": lambda r, by, at: change_signal.withdraw_signal(
        r, by, SignalId(at), WithdrawIn(code=RetractReason.WITHDRAWN, reason="-"), version=1
    ),
    "signal.not-confirmed": lambda r, by, at: approve_signal.confirm_signal(r, by, SignalId(at), "-", version=1),
    "signal.not-approved": lambda r, by, at: approve_signal.approve_signal(r, by, SignalId(at), "-", version=1),
    "signal.approval-not-asked": lambda r, by, at: ask_approval.ask_approval(r, by, SignalId(at)),
    "signal.approval-not-withdrawn": lambda r, by, at: keep_approval.withdraw_approval(
        r, by, SignalId(at), "-", version=1
    ),
    "signal.not-consented": lambda r, by, at: approve_signal.consent_to_provision(r, by, SignalId(at), "-", version=1),
    "signal.not-lifted": lambda r, by, at: approve_signal.lift_single_approval(r, by, SignalId(at), "-", version=1),
}


@pytest.mark.parametrize("miss", sorted(ATTEMPTS))
def test_each_miss_leaves_a_leaf_with_who_and_about_what(two: World, miss: str) -> None:
    curious, about = two.caller("AW-JIUMM", *Task, actor="curious"), two[AW].clock.new_id()
    with pytest.raises(NotFound) as missed:
        ATTEMPTS[miss](two[AW], curious, about)
    with two[AW].database.transaction("auditor") as connection:
        found = connection.exec_driver_sql(
            "SELECT action, commitment->>'actor', commitment->'facts'->>'code' FROM rtr.audit_leaf "
            f"WHERE commitment->>'about' = '{about}'"
        ).all()
    assert [tuple(row) for row in found] == [(miss, "curious", missed.value.code)]
