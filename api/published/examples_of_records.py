"""Made-up examples of the records behind the figures, and of what waits for somebody.

(request, answer) by operation id; None where there is none. Requests and answers are checked by their models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from schemas.access.privacy import AcknowledgeIn, AlarmOut, EvaluationsOut, SearchedOut, TickIn
from schemas.access.sessions import SessionsOut
from schemas.desk.intake import AmendIntakeIn, IntakeIn, IntakeOut, IntakeSummary
from schemas.desk.record import TakeBackIn
from schemas.desk.training import AmendTrainingIn, TrainingIn, TrainingOut
from schemas.desk.victim import AssigningRule, StatusIn, VictimIn, VictimOut, VictimSummary
from schemas.form import Page
from schemas.running.to_do import ToDoOut
from schemas.signals.approvals import ClassApprovalOut, ClassAskedOut, SignedApprovalIn, UnderClassOut
from schemas.signals.finding import DecideIn, FindingOut, LetGoOut, ObjectIn
from schemas.signals.lifting import DecideLiftingIn, LiftIn, LiftingOut, LiftingSummary, ProtectionOut
from schemas.signals.referral import (
    AnswerIn,
    CloseIn,
    ReferralDetail,
    ReferralSummary,
    ReferredReport,
    TakeReferralBackIn,
)

_ID: Final = "01976a10-5c00-7000-8000-000000000010"
_INTAKE: Final = "01976a10-5c00-7000-8000-000000000011"
_AT: Final = {"recorded_at": "2026-03-02T14:05:09.120Z", "changed_at": "2026-03-02T14:05:09.120Z"}
_LATER: Final = "2026-03-03T09:30:00.000Z"
_BACK: Final = {"reason": "Entered twice."}

Pair = tuple[Any, Any]


def of_records() -> Mapping[str, Pair]:
    """The examples by operation id."""
    return {
        **_build_intakes(), **_build_victims(), **_build_trainings(), **_build_referrals(), **_build_findings(),
        **_build_liftings(), **_to_do(),
        **_build_privacy(),
        **_build_sessions(),
        **_build_classes(),
    }  # fmt: skip


def _build_intakes() -> dict[str, Pair]:
    form = {"held_on": "2026-03-01", "sex": "FEMALE", "age_band": "30-39", "nationality": "CO", "note": "Made up."}
    coded = {"id": _INTAKE, "version": 1, "organisation": "AW-JIUMM", "nationality_group": "CO"}
    whole = {**coded, "form": form, "protects": [], **_AT}
    changed = {**whole, "version": 2, "changed_at": _LATER}
    line = {**coded, "held_on": "2026-03-01", "sex": "FEMALE", "age_band": "30-39", "signal": None}
    bare = {name: form[name] for name in ("held_on", "sex", "age_band")}
    return {
        "record_intake": (_check_asked(IntakeIn, form), _build_answered(IntakeOut, whole)),
        "list_intakes": (None, _build_page(IntakeSummary, {**line, **_AT, "withdrawn_at": None})),
        "read_intake": (None, _build_answered(IntakeOut, whole)),
        "amend_intake": (
            _check_asked(AmendIntakeIn, {"changes": {"age_band": "25-29"}, "reason": "Passport seen."}),
            _build_answered(IntakeOut, {**changed, "form": {**form, "age_band": "25-29"}}),
        ),
        "withdraw_intake": (
            _check_asked(TakeBackIn, _BACK),
            _build_answered(IntakeOut, {**changed, "form": bare, "withdrawn_at": _LATER}),
        ),
    }


def _build_victims() -> dict[str, Pair]:
    first = {"status": "POTENTIAL", "form": "LABOUR", "decided_on": "2026-03-02", "reason": "No pay, papers taken."}
    then = {
        "status": "PRESUMED",
        "form": "LABOUR",
        "decided_on": "2026-03-03",
        "reason": "Weighed after the interview.",
    }
    person = {"sex": "FEMALE", "age_band": "30-39", "movement": "INTRA_REGIONAL"}
    by = {"organisation": "AW-JIUMM", "at": _AT["recorded_at"]}
    history = [{**first, **by, "rule": "LADDER-AW-1"}, {**then, **by, "rule": "LADDER-AW-2", "at": _LATER}]
    line = {
        "id": _ID,
        "version": 1,
        "organisation": "AW-JIUMM",
        "status": "POTENTIAL",
        **person,
        "nationality_group": "CO",
        "intake": _INTAKE,
        "signal": None,
        "subject": None,
        **_AT,
        "withdrawn_at": None,
    }
    whole = {**line, "nationality": "CO", "history": history[:1]}
    changed = {**whole, "version": 2, "status": "PRESUMED", "history": history, "changed_at": _LATER}
    bare = {
        **line,
        "version": 2,
        "history": [{**history[0], "reason": None}],
        "changed_at": _LATER,
        "withdrawn_at": _LATER,
    }
    rule = {
        "rule": "LADDER-AW-3",
        "status": ["CONFIRMED"],
        "organisations": ["AW-UMM"],
        "kinds": [],
        "source": "domain.md 4: confirmed by UMM only",
        "says": "Only UMM confirms that somebody is a victim.",
        "assumed": True,
    }
    return {
        "record_victim": (
            _check_asked(VictimIn, {"intake": _INTAKE, **person, "nationality": "CO", "status": first}),
            _build_answered(VictimOut, whole),
        ),
        "list_victims": (None, _build_page(VictimSummary, line)),
        "victim_rules": (None, [_build_answered(AssigningRule, rule)]),
        "read_victim": (None, _build_answered(VictimOut, whole)),
        "assign_status": (_check_asked(StatusIn, then), _build_answered(VictimOut, changed)),
        "withdraw_victim": (_check_asked(TakeBackIn, _BACK), _build_answered(VictimOut, bare)),
    }


def _build_trainings() -> dict[str, Pair]:
    form = {
        "kind": "AWARENESS",
        "group": "GOVERNMENT",
        "provider": "AW",
        "recipient": "SX",
        "people": 180,
        "held_on": "2026-02-12",
    }
    whole = {"id": _ID, "version": 1, "organisation": "AW-CMMA", "form": form, **_AT}
    changed = {**whole, "version": 2, "changed_at": _LATER}
    return {
        "record_training": (_check_asked(TrainingIn, form), _build_answered(TrainingOut, whole)),
        "list_trainings": (None, _build_page(TrainingOut, whole)),
        "read_training": (None, _build_answered(TrainingOut, whole)),
        "amend_training": (
            _check_asked(AmendTrainingIn, {"changes": {"people": 182}, "reason": "Two came late."}),
            _build_answered(TrainingOut, {**changed, "form": {**form, "people": 182}}),
        ),
        "withdraw_training": (
            _check_asked(TakeBackIn, _BACK),
            _build_answered(TrainingOut, {**changed, "withdrawn_at": _LATER}),
        ),
    }


def _build_referrals() -> dict[str, Pair]:
    line = {
        "id": _ID,
        "version": 1,
        "signal": "AW-2026-4711",
        "kind": "assistance",
        "to": "AW-VICTIM",
        "to_name": "Victim bureau",
        "on": "2026-03-02",
        "state": "SENT",
        "outcome": None,
        "answered_on": None,
        "urgency": "NOW",
        "due_at": "2026-03-02T15:05:09.120Z",
    }
    report = {"kind": "submission", "urgency": "NOW", "account": "Made up: she asks for a bed for the night.",
              "received_on": "2026-03-02", "period": {"from": "2026-03-01"}, "signal_type": "HT", "source": "GOV_DEPT",
              "place": {"island": "AW", "location_type": "STREET"}, "channel": "PHONE",
              "nothing_known": True}  # fmt: skip
    referred = {"referral": _ID, "signal": "AW-2026-4711", "organisation": "AW-DIMAS",
                "organisation_name": "Migration desk", "type_assessed": "HT",
                "reported": report, "recorded_at": _AT["recorded_at"], "changed": False}  # fmt: skip
    done = {"state": "ANSWERED", "outcome": "HELP_GIVEN"}
    answer = {**done, "on": "2026-03-03", "note": "She has a place."}
    taken_back = {
        "state": "TAKEN_BACK", "taken_back_at": "2026-03-02T14:20:00.000Z", "taken_back_by": "unit",
        "taken_back_because": "It was meant for another organisation.",
    }  # fmt: skip
    return {
        "list_referrals": (None, _build_page(ReferralSummary, line)),
        "read_referral": (None, _build_answered(ReferralDetail, {**line, "note": "Asks for a shelter."})),
        "read_referred_report": (None, _build_answered(ReferredReport, referred)),
        "answer_referral": (
            _check_asked(AnswerIn, answer),
            _build_answered(
                ReferralDetail,
                {
                    **line,
                    **done,
                    "version": 2,
                    "answered_on": "2026-03-03",
                    "answer": "She has a place.",
                    "due_at": None,
                },
            ),
        ),
        "take_back_referral": (
            _check_asked(TakeReferralBackIn, {"reason": "It was meant for another organisation."}),
            _build_answered(ReferralDetail, {**line, **taken_back, "version": 2, "due_at": None}),
        ),
        "close_referral": (
            _check_asked(CloseIn, {"reason": "She has a place."}),
            _build_answered(
                ReferralDetail, {**line, "state": "DECLINED", "version": 2, "answered_on": "2026-03-03", "due_at": None}
            ),
        ),
    }


def _build_findings() -> dict[str, Pair]:
    line = {
        "id": _ID,
        "version": 1,
        "finding": "ALSO_A_VICTIMS",
        "signal": _ID,
        "reference": "AW-2026-4711",
        "subject": 1,
        "because": _INTAKE,
        "because_reference": "AW-2026-4720",
        "because_subject": 2,
        "family": "phone",
        "urgency": "DAY",
        "opened_at": _AT["recorded_at"],
        "due_at": "2026-03-03T14:05:09.120Z",
        "overdue": False,
    }
    said = {"decision": "KEEP", "reason": "SHARED_BY_MANY"}
    decided = {**line, **said, "version": 2, "decided_at": "2026-03-02T16:00:00.000Z"}
    let_go = {
        "id": line["id"], "signal": line["because"], "reference": line["because_reference"], "finding": line["finding"],
        "subject": line["because_subject"], "decided_at": "2026-03-02T16:00:00.000Z",
        "due_at": "2026-03-03T16:00:00.000Z", "reopened": False,
    }  # fmt: skip
    objected = {
        "reopened": True, "objected": True, "answered_at": "2026-03-02T17:20:00.000Z", "answered_by": "aw-officer-3",
    }  # fmt: skip
    return {
        "list_findings": (None, _build_page(FindingOut, line)),
        "read_finding": (None, _build_answered(FindingOut, line)),
        "decide_finding": (_check_asked(DecideIn, said), _build_answered(FindingOut, decided)),
        "read_letting_go": (None, _build_answered(LetGoOut, let_go)),
        "object_to_letting_go": (
            _check_asked(ObjectIn, {"objects": True}),
            _build_answered(LetGoOut, let_go | objected),
        ),
    }


def _build_classes() -> dict[str, Pair]:
    terms = {"legal_basis": "WPG8", "visibility": "V1", "edition": "A" * 43, "purpose": "INVESTIGATE"}
    given = {
        "id": _ID, "keeper": "BQ-OM", "by": "p-4711", **terms, "recipients": ["CW", "NL"], "given": "2026-03-03",
        "expires": "2026-06-01", "handed_in_at": _LATER, "reason": "Weighed.", "ended": None, "ended_at": None,
        "ended_by": None, "end_reason": None, "out": 12,
    }  # fmt: skip
    ended = {"ended": "withdrawn", "ended_at": _LATER, "ended_by": "p-4711", "end_reason": "Another turn.", "out": 0}
    asked = {
        "country": "BQ", "edition": terms["edition"], "days_max": 90, "source": "Made up.", "assumed": True,
        "classes": [{"legal_basis": "WPG8", "visibilities": ["V0", "V1", "V2"]}], "task": "PROSECUTE",
        "partners": ["AW", "CW", "NL", "SX"], "keeper": "BQ-OM", "actor": "0" * 32, "today": "2026-03-03",
    }  # fmt: skip
    left = {"id": _INTAKE, "reference": "BQ-2026-4711", "since": _LATER, "until": None}
    signed = {"approval": "e30.e30.AAAA", "reason": given["reason"]}
    return {
        "list_class_approvals": (None, _build_page(ClassApprovalOut, given)),
        "read_asked_class_approval": (None, _build_answered(ClassAskedOut, asked)),
        "hand_in_class_approval": (_check_asked(SignedApprovalIn, signed), _build_answered(ClassApprovalOut, given)),
        "list_under_class_approval": (None, _build_page(UnderClassOut, left)),
        "withdraw_class_approval": (
            {"reason": ended["end_reason"]},
            _build_answered(ClassApprovalOut, {**given, **ended}),
        ),
    }


def _build_liftings() -> dict[str, Pair]:
    line = {
        "id": _ID,
        "version": 1,
        "signal": "AW-2026-4711",
        "subject": 2,
        "protection": "birth",
        "because": "AGE_WRONG",
        "second": "AW-VICTIM",
        "state": "ASKED",
        "asked_at": _AT["recorded_at"],
    }
    asked = {name: line[name] for name in ("subject", "protection", "because", "second")}
    asked["signal"] = _INTAKE
    asked["note"] = "Made up: the passport was seen; born in 1980, not 2008."
    person = {"role": "COMPANION", "name": "Prueba Inventada", "birth": {"year": 1980, "month": 3, "day": 20}}
    whole = {
        **line, "signal_id": _INTAKE, "asked_by": "p-4711", "note": asked["note"], "person": person,
        "earlier": [{**line, "version": 2, "state": "REFUSED", "decided_at": line["asked_at"]}],
        "offered": ["LIFT", "REFUSE"],
    }  # fmt: skip
    lifted = {
        **whole,
        "version": 2,
        "state": "LIFTED",
        "decided_by": "p-0815",
        "decided_at": "2026-03-02T16:00:00.000Z",
        "in_force": True,
        "offered": ["REVERSE"],
    }
    protection = {
        "signal": _INTAKE,
        "reference": "AW-2026-4711",
        "persons": [{"subject": 2, "person": person, "reasons": ["birth"]}],
        "liftings": [],
        "seconds": ["AW-CHILD", "AW-VICTIM"],
    }
    return {
        "read_protection": (None, _build_answered(ProtectionOut, protection)),
        "ask_lifting": (_check_asked(LiftIn, asked), _build_answered(LiftingOut, whole)),
        "list_liftings": (None, _build_page(LiftingSummary, line)),
        "read_lifting": (None, _build_answered(LiftingOut, whole)),
        "decide_lifting": (_check_asked(DecideLiftingIn, {"decision": "LIFT"}), _build_answered(LiftingOut, lifted)),
    }


def _build_sessions() -> dict[str, Pair]:
    line = {"began_at": _AT["recorded_at"], "last_used_at": _LATER, "ends_at": _LATER, "idle": False, "this": False}
    phone = {**line, "id": _ID, "browser": "Chrome", "system": "Android"}
    desk = {**line, "id": _ID.replace("10", "11"), "browser": "Firefox", "system": "Windows"}
    return {
        "sessions": (None, _build_answered(SessionsOut, {"sessions": [desk, phone]})),
        "end_one_session": (None, _build_answered(SessionsOut, {"sessions": [desk]})),
        "end_all_sessions": (None, _build_answered(SessionsOut, {"sessions": []})),
    }


def _build_privacy() -> dict[str, Pair]:
    alarm = {
        "id": _ID,
        "kind": "NEIGHBOURS",
        "whose": "case",
        "about": "Z-2026-04",
        "actor": "p-4711",
        "organisation": "AW-CMMA",
        "times": 3,
        "raised_at": _AT["recorded_at"],
        "last_at": _LATER,
    }
    reason = {"reason": "Numbers from one seized phone book; the case file names it."}
    search = {
        "id": _ID,
        "at": _AT["recorded_at"],
        "actor": "p-4711",
        "organisation": "AW-CMMA",
        "purpose": "COORDINATE",
        "legal_basis": "AW_NONPOLICE",
        "case": "Z-2026-04",
        "families": ["phone"],
        "asked": ["CW", "SX"],
        "own": 1,
        "hits": 2,
    }
    verdict = {"verdict": "IN_ORDER"}
    night = {
        "evaluator": "CW",
        "day": "2026-03-01",
        "state": "matched",
        "listed": 12,
        "unasked": 0,
        "unlisted": 0,
        "looked_at": _LATER,
    }
    evaluations = {
        "since": _AT["recorded_at"],
        "to_publish": 240,
        "published": 236,
        "unpublished": 4,
        "to_keep": 31,
        "nights": [night],
    }
    return {
        "list_alarms": (None, _build_page(AlarmOut, alarm)),
        "acknowledge_alarm": (
            _check_asked(AcknowledgeIn, reason),
            _build_answered(AlarmOut, {**alarm, **reason, "acknowledged_at": _LATER}),
        ),
        "list_sample": (None, _build_page(SearchedOut, search)),
        "get_evaluations": (None, _build_answered(EvaluationsOut, evaluations)),
        "tick_search": (
            _check_asked(TickIn, verdict),
            _build_answered(SearchedOut, {**search, **verdict, "verdict_at": _LATER}),
        ),
    }


def _to_do() -> dict[str, Pair]:
    line = {
        "id": _ID,
        "kind": "REFERRAL",
        "object": _INTAKE,
        "detail": "assistance",
        "urgency": "NOW",
        "unit": "AW-VICTIM",
        "signal": _ID,
        "reference": "AW-2026-4711",
        "opened_at": _AT["recorded_at"],
        "due_at": "2026-03-02T15:05:09.120Z",
        "overdue": True,
    }
    return {"list_to_do": (None, _build_page(ToDoOut, line))}


def _check_asked(model: type[BaseModel], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values as they stand, once the model has taken them."""
    model.model_validate(values)
    return values


def _build_answered(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """The whole answer, as it is served."""
    return model.model_validate(values).model_dump(mode="json", by_alias=True)


def _build_page(model: type[BaseModel], line: Mapping[str, Any]) -> dict[str, Any]:
    return _build_answered(Page[model], {"items": [line], "next": None})  # type: ignore[valid-type]  # made for its example
