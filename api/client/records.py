"""The records behind the figures, for a program: intakes, the victim ladder, trainings, referrals, findings.

Reached as `client.records`. What is new carries an Idempotency-Key; a change names the version it was made on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar
from uuid import UUID

import httpx2
from pydantic import TypeAdapter

from api.client.bodies import checked, if_match, to_json
from api.client.connection import Connection, Request
from api.client.errors import BadAnswer, OperatorAnswer, RegisterUnreachable
from schemas.access.privacy import AcknowledgeIn, AlarmOut, EvaluationsOut, SearchedOut, TickIn
from schemas.codes import ReferralState, VictimStatus
from schemas.desk.intake import AmendIntakeIn, IntakeIn, IntakeOut, IntakeSummary
from schemas.desk.record import TakeBackIn
from schemas.desk.training import AmendTrainingIn, TrainingIn, TrainingOut
from schemas.desk.victim import AssigningRule, StatusIn, VictimIn, VictimOut, VictimSummary
from schemas.form import Form, Page
from schemas.signals.approvals import ClassApprovalOut, ClassAskedOut, SignedApprovalIn, UnderClassOut
from schemas.signals.finding import DecideIn, FindingOut
from schemas.signals.lifting import DecideLiftingIn, LiftIn, LiftingOut, LiftingSummary, ProtectionOut
from schemas.signals.referral import (
    AnswerIn,
    CloseIn,
    ReferralDetail,
    ReferralSummary,
    ReferredReport,
    TakeReferralBackIn,
)

T = TypeVar("T")
_INTAKE: TypeAdapter[IntakeOut] = TypeAdapter(IntakeOut)
_INTAKES: TypeAdapter[Page[IntakeSummary]] = TypeAdapter(Page[IntakeSummary])
_VICTIM: TypeAdapter[VictimOut] = TypeAdapter(VictimOut)
_VICTIMS: TypeAdapter[Page[VictimSummary]] = TypeAdapter(Page[VictimSummary])
_RULES: TypeAdapter[list[AssigningRule]] = TypeAdapter(list[AssigningRule])
_TRAINING: TypeAdapter[TrainingOut] = TypeAdapter(TrainingOut)
_TRAININGS: TypeAdapter[Page[TrainingOut]] = TypeAdapter(Page[TrainingOut])
_REFERRAL: TypeAdapter[ReferralDetail] = TypeAdapter(ReferralDetail)
_REPORT: TypeAdapter[ReferredReport] = TypeAdapter(ReferredReport)
_FINDING: TypeAdapter[FindingOut] = TypeAdapter(FindingOut)
_FINDINGS: TypeAdapter[Page[FindingOut]] = TypeAdapter(Page[FindingOut])
_PROTECTION: TypeAdapter[ProtectionOut] = TypeAdapter(ProtectionOut)
_LIFTING: TypeAdapter[LiftingOut] = TypeAdapter(LiftingOut)
_LIFTINGS: TypeAdapter[Page[LiftingSummary]] = TypeAdapter(Page[LiftingSummary])
_CLASS: TypeAdapter[ClassApprovalOut] = TypeAdapter(ClassApprovalOut)
_CLASSES: TypeAdapter[Page[ClassApprovalOut]] = TypeAdapter(Page[ClassApprovalOut])
_CLASS_ASKED: TypeAdapter[ClassAskedOut] = TypeAdapter(ClassAskedOut)
_UNDER_CLASS: TypeAdapter[Page[UnderClassOut]] = TypeAdapter(Page[UnderClassOut])
_ALARM: TypeAdapter[AlarmOut] = TypeAdapter(AlarmOut)
_ALARMS: TypeAdapter[Page[AlarmOut]] = TypeAdapter(Page[AlarmOut])
_SEARCHED: TypeAdapter[SearchedOut] = TypeAdapter(SearchedOut)
_EVALUATIONS: TypeAdapter[EvaluationsOut] = TypeAdapter(EvaluationsOut)
_SAMPLE: TypeAdapter[Page[SearchedOut]] = TypeAdapter(Page[SearchedOut])
_REFERRALS: TypeAdapter[Page[ReferralSummary]] = TypeAdapter(Page[ReferralSummary])


class Records:
    """The records of one country; every method raises as those of `Client` do."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # -- intakes

    def record_intake(self, form: IntakeIn, key: str | None = None) -> IntakeOut:
        """Record an intake; `key` is the Idempotency-Key, a fresh one if None."""
        return checked(_INTAKE, self._new("/v1/intakes", form, key))

    def intakes(self, *, page_size: int = 100) -> Iterator[IntakeSummary]:
        """All intakes that one may see, newest first; pages are fetched as they are needed."""
        return self._all(_INTAKES, "/v1/intakes", {"limit": str(page_size)})

    def intake(self, intake_id: UUID) -> IntakeOut:
        """Read one."""
        return checked(_INTAKE, self._get(f"/v1/intakes/{intake_id}"))

    def amend_intake(self, intake_id: UUID, change: AmendIntakeIn, *, version: int) -> IntakeOut:
        """Correct or complete one; what the amendment does not name stays."""
        return checked(_INTAKE, self._patch(f"/v1/intakes/{intake_id}", change, version))

    def withdraw_intake(self, intake_id: UUID, reason: str, *, version: int) -> IntakeOut:
        """Take one back."""
        return checked(_INTAKE, self._change(f"/v1/intakes/{intake_id}/withdrawal", TakeBackIn(reason=reason), version))

    # -- the victim ladder

    def record_victim(self, form: VictimIn, key: str | None = None) -> VictimOut:
        """Put a person on the ladder."""
        return checked(_VICTIM, self._new("/v1/victims", form, key))

    def victims(self, *, status: VictimStatus | None = None, page_size: int = 100) -> Iterator[VictimSummary]:
        """All persons of the ladder that one may see, newest first."""
        asked = {"limit": str(page_size), **({"status": status.value} if status else {})}
        return self._all(_VICTIMS, "/v1/victims", asked)

    def victim(self, victim_id: UUID) -> VictimOut:
        """Read one person's history."""
        return checked(_VICTIM, self._get(f"/v1/victims/{victim_id}"))

    def assign_status(self, victim_id: UUID, status: StatusIn, *, version: int) -> VictimOut:
        """Add a status to a person's history."""
        return checked(_VICTIM, self._change(f"/v1/victims/{victim_id}/statuses", status, version))

    def withdraw_victim(self, victim_id: UUID, reason: str, *, version: int) -> VictimOut:
        """Take off a person who was entered by mistake."""
        return checked(_VICTIM, self._change(f"/v1/victims/{victim_id}/withdrawal", TakeBackIn(reason=reason), version))

    def assigning_rules(self) -> list[AssigningRule]:
        """Who may assign which status in the own country."""
        return checked(_RULES, self._get("/v1/victims/assigning-rules"))

    # -- trainings

    def record_training(self, form: TrainingIn, key: str | None = None) -> TrainingOut:
        """Record a training of one group."""
        return checked(_TRAINING, self._new("/v1/trainings", form, key))

    def trainings(self, *, page_size: int = 100) -> Iterator[TrainingOut]:
        """All trainings that the country recorded, newest first."""
        return self._all(_TRAININGS, "/v1/trainings", {"limit": str(page_size)})

    def training(self, training_id: UUID) -> TrainingOut:
        """Read one."""
        return checked(_TRAINING, self._get(f"/v1/trainings/{training_id}"))

    def amend_training(self, training_id: UUID, change: AmendTrainingIn, *, version: int) -> TrainingOut:
        """Correct one."""
        return checked(_TRAINING, self._patch(f"/v1/trainings/{training_id}", change, version))

    def withdraw_training(self, training_id: UUID, reason: str, *, version: int) -> TrainingOut:
        """Take one back."""
        path = f"/v1/trainings/{training_id}/withdrawal"
        return checked(_TRAINING, self._change(path, TakeBackIn(reason=reason), version))

    # -- referrals

    def referrals(self, *, state: ReferralState | None = None, page_size: int = 100) -> Iterator[ReferralSummary]:
        """Referrals to the own organisation, newest first; all of the country for the register unit."""
        asked = {"limit": str(page_size), **({"state": state.value} if state else {})}
        return self._all(_REFERRALS, "/v1/referrals", asked)

    def referral(self, referral_id: UUID) -> ReferralDetail:
        """Read one."""
        return checked(_REFERRAL, self._get(f"/v1/referrals/{referral_id}"))

    def referred_report(self, referral_id: UUID) -> ReferredReport:
        """Read what was reported in the signal that was referred."""
        return checked(_REPORT, self._get(f"/v1/referrals/{referral_id}/report"))

    def answer_referral(self, referral_id: UUID, answer: AnswerIn, *, version: int) -> ReferralDetail:
        """Say what becomes of one."""
        return checked(_REFERRAL, self._change(f"/v1/referrals/{referral_id}/answers", answer, version))

    def close_referral(self, referral_id: UUID, closing: CloseIn, *, version: int) -> ReferralDetail:
        """Say why nobody else need have one that was declined or passed on; for the register unit."""
        return checked(_REFERRAL, self._change(f"/v1/referrals/{referral_id}/closing", closing, version))

    def take_back_referral(self, referral_id: UUID, why: TakeReferralBackIn, *, version: int) -> ReferralDetail:
        """Take back one that should not have been sent; for who sent it and the register unit."""
        return checked(_REFERRAL, self._change(f"/v1/referrals/{referral_id}/taking-back", why, version))

    # -- findings

    def findings(self, *, decided: bool | None = None, page_size: int = 100) -> Iterator[FindingOut]:
        """What the register found in two records, newest first; for the register unit."""
        asked = {"limit": str(page_size), **({} if decided is None else {"decided": str(decided).lower()})}
        return self._all(_FINDINGS, "/v1/findings", asked)

    def finding(self, finding_id: UUID) -> FindingOut:
        """Read one."""
        return checked(_FINDING, self._get(f"/v1/findings/{finding_id}"))

    def decide_finding(self, finding_id: UUID, said: DecideIn, *, version: int) -> FindingOut:
        """Say what one is."""
        return checked(_FINDING, self._change(f"/v1/findings/{finding_id}/decisions", said, version))

    # -- how is asked

    def alarms(self, *, acknowledged: bool | None = None, page_size: int = 100) -> Iterator[AlarmOut]:
        """What rang about the way in which is asked, newest first; for the privacy officer."""
        said = {} if acknowledged is None else {"acknowledged": str(acknowledged).lower()}
        return self._all(_ALARMS, "/v1/alarms", {"limit": str(page_size), **said})

    def acknowledge_alarm(self, alarm_id: UUID, said: AcknowledgeIn) -> AlarmOut:
        """Say what was found about one."""
        return checked(_ALARM, self._say(f"/v1/alarms/{alarm_id}/acknowledgement", said))

    def evaluations(self) -> EvaluationsOut:
        """The nights compared with evaluators, and what was evaluated against what is published."""
        return checked(_EVALUATIONS, self._get("/v1/evaluations"))

    def sample(self, *, ticked: bool | None = None, page_size: int = 100) -> Iterator[SearchedOut]:
        """The searches that were drawn by lot, newest first; for the privacy officer."""
        said = {} if ticked is None else {"ticked": str(ticked).lower()}
        return self._all(_SAMPLE, "/v1/drawn-searches", {"limit": str(page_size), **said})

    def tick_search(self, search_id: UUID, said: TickIn) -> SearchedOut:
        """Say of one whether it is in order."""
        return checked(_SEARCHED, self._say(f"/v1/drawn-searches/{search_id}/verdict", said))

    # -- protections

    def protection(self, signal_id: UUID) -> ProtectionOut:
        """Why each person of a signal is protected; for the register unit."""
        return checked(_PROTECTION, self._get(f"/v1/signals/{signal_id}/protection"))

    def ask_lifting(self, asked: LiftIn) -> LiftingOut:
        """Ask the victim's side whether the fact behind a protection was wrong."""
        sent = Request(method="POST", path="/v1/liftings", repeatable=False, body=to_json(asked))
        return checked(_LIFTING, self._connection.call(sent))

    def liftings(self, *, page_size: int = 100) -> Iterator[LiftingSummary]:
        """Liftings, newest first: all for the register unit, else what the own organisation was asked."""
        return self._all(_LIFTINGS, "/v1/liftings", {"limit": str(page_size)})

    def lifting(self, lifting_id: UUID) -> LiftingOut:
        """Read one."""
        return checked(_LIFTING, self._get(f"/v1/liftings/{lifting_id}"))

    def decide_lifting(self, lifting_id: UUID, said: DecideLiftingIn, *, version: int) -> LiftingOut:
        """Lift, refuse, take back or reverse."""
        return checked(_LIFTING, self._change(f"/v1/liftings/{lifting_id}/decisions", said, version))

    # -- approvals of classes

    def class_approvals(self, *, page_size: int = 100) -> Iterator[ClassApprovalOut]:
        """Approvals of classes of records, newest first, also those that have ended; for keepers of the gate."""
        return self._all(_CLASSES, "/v1/class-approvals", {"limit": str(page_size)})

    def asked_class_approval(self) -> ClassAskedOut:
        """What the caller could approve as a class, by the edition in force."""
        return checked(_CLASS_ASKED, self._get("/v1/class-approvals/asked"))

    def hand_in_class_approval(self, signed: SignedApprovalIn) -> ClassApprovalOut:
        """Hand in an approval of a class that the caller's organisation signed."""
        return checked(_CLASS, self._say("/v1/class-approvals", signed))

    def under_class_approval(self, approval_id: UUID, *, page_size: int = 200) -> Iterator[UnderClassOut]:
        """What left on one, since when, and until when."""
        return self._all(_UNDER_CLASS, f"/v1/class-approvals/{approval_id}/signals", {"limit": str(page_size)})

    def withdraw_class_approval(self, approval_id: UUID, reason: str) -> ClassApprovalOut:
        """Withdraw one; partners lose all that left on it."""
        return checked(_CLASS, self._say(f"/v1/class-approvals/{approval_id}/withdrawal", {"reason": reason}))

    def _new(self, path: str, form: Form, key: str | None) -> httpx2.Response:
        key = key or str(self._connection.clock.new_id())
        sent = Request(method="POST", path=path, repeatable=True, body=to_json(form), headers={"Idempotency-Key": key})
        try:
            return self._connection.call(sent)
        except (RegisterUnreachable, BadAnswer, OperatorAnswer) as error:
            # It may or may not have been stored: with this key the same form can be sent again.
            error.details["idempotency_key"] = key
            raise

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> httpx2.Response:
        return self._connection.call(Request(method="GET", path=path, repeatable=True, params=params or {}))

    def _change(self, path: str, body: Form, version: int) -> httpx2.Response:
        sent = Request(method="POST", path=path, repeatable=False, body=to_json(body), headers=if_match(version))
        return self._connection.call(sent)

    def _say(self, path: str, body: Form | Mapping[str, Any]) -> httpx2.Response:
        """Something that is said once, so that no version is named."""
        return self._connection.call(Request(method="POST", path=path, repeatable=False, body=to_json(body)))

    def _patch(self, path: str, body: Form, version: int) -> httpx2.Response:
        # Unset and null differ: null takes a part away.
        text = body.model_dump_json(exclude_unset=True)
        sent = Request(method="PATCH", path=path, repeatable=False, body=text, headers=if_match(version))
        return self._connection.call(sent)

    def _all(self, kind: TypeAdapter[Page[Any]], path: str, asked: Mapping[str, str]) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            page = checked(kind, self._get(path, {**asked, **({"cursor": cursor} if cursor else {})}))
            yield from page.items
            cursor = page.next
            if cursor is None:
                return
