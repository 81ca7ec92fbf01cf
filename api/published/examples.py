"""One made-up example of every body that the API takes or gives, by operation; nobody and nothing in them exists.

Answers are built from the models that serve them, so they are complete and cannot say what an answer could not;
requests stand as a person would write them, with nothing that may be left out. Shown in the API's description and in
the published schemas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from api.published import examples_releases as regional
from api.published.examples_of_records import of_records
from api.routes.access.me import Me
from api.routes.access.organisations import OrganisationOut
from api.routes.running.health import Health
from api.routes.signals.signals import HistoryOut, ReasonIn, StepIn
from register.matching.answers import NOT_COMPUTED, NOTHING
from register.services.running.check_readiness import Readiness
from schemas import canonical
from schemas.casework.request import RequestAmendIn, RequestIn, RequestOut, RequestSummary, RequestWithdrawIn
from schemas.exchange.evaluation import EvaluationRequest
from schemas.exchange.lists import Opening
from schemas.exchange.partners import PartnersOut
from schemas.exchange.signed_evaluation import SignedEvaluation
from schemas.exchange.tickets import TicketAnswer, TicketAsked, TicketsShown
from schemas.exchange.wire import Document, read
from schemas.form import Page
from schemas.problem import Problem
from schemas.search.question import HitMarkIn, HitRow, HitsPage, RecordOut, SearchIn, SearchOut
from schemas.signals.approvals import ApprovalAskedOut, SignedApprovalIn, WaitingApprovalOut
from schemas.signals.changes import AmendIn, ApproveIn, ReclassifyIn, ReferIn, WithdrawIn
from schemas.signals.out import SignalOut, SignalSummary
from schemas.signals.sharing import SharingOut
from schemas.signals.signal import SignalIn
from schemas.statistics.owner import OwnerStatistics
from schemas.statistics.releases import (
    ContributionIn,
    ContributionsOut,
    DraftIn,
    FactIn,
    FactOut,
    FactsOut,
    KeptRowIn,
    KeptRowOut,
    LedgerOut,
    OwnContributionOut,
    ReleaseOut,
    ReleaseSummary,
    VerificationOut,
)

SIGNAL: Final = "01976a10-5c00-7000-8000-000000000001"
RECORD: Final = "01976a10-5c00-7000-8000-000000000002"
_AT: Final = "2026-03-02T14:05:09.120Z"
_RULES: Final = ("SHARED-1", "CONFIRM-1", "PURPOSE-1", "AUDIENCE-1", "COVENANT-1")
_BYTES_32: Final = canonical.b64(bytes(range(32)))
_BYTES_64: Final = canonical.b64(bytes(range(64)))

SIGNAL_IN: Final[Mapping[str, Any]] = {
    "kind": "notification",
    "urgency": "NORMAL",
    "account": "Made up: seen twice at the bus stop, with a man who answered for her.",
    "received_on": "2026-03-02",
    "period": {"from": "2026-02-27"},
    "place": {"island": "AW", "location_type": "STREET"},
    "signal_type": "MS",
    "source": "GOV_DEPT",
    "channel": "CONTROL_ACTION",
    "subjects": [
        {
            "n": 1,
            "role": "SUSPECT",
            "kind": "person",
            "name": "Pruebo Ficticio",
            "birth": {"year": 1984, "month": 5, "day": 17},
            "selectors": [{"type": "PHONE", "value": "+297 000 0999"}],
        }
    ],
    "indicators": [{"group": "TRAVEL", "strength": "W"}],
    "smuggling_elements": ["FEE_DEBT"],
}


@dataclass(frozen=True, slots=True)
class Example:
    """The bodies of one operation, as JSON values; None where there is none, or none that is JSON."""

    request: Any = None
    answer: Any = None


@cache
def examples() -> Mapping[str, Example]:
    """The examples by operation id."""
    signal = _build_answered(SignalOut, _build_signal())
    changed = {**signal, "version": 2, "changed_at": "2026-03-03T09:30:00.000Z"}
    stands = ({"delivery": "received"}, {"delivery": "nothing"})
    sharing = [
        _build_answered(
            SharingOut, one | stand | {"decided_at": _AT, "since": _AT if stand["delivery"] == "received" else None}
        )
        for one, stand in zip(_build_sharing(), stands, strict=True)
    ]
    return {
        "submit": Example(_check_asked(SignalIn, SIGNAL_IN), signal),
        "listing": Example(answer=_build_answered(Page[SignalSummary], {"items": [_build_summary()], "next": None})),
        "by_reference": Example(answer=signal),
        "read": Example(answer=signal),
        "history": Example(answer=[_build_answered(HistoryOut, _build_history())]),
        "sharing": Example(answer=sharing),
        "amend": Example(
            _check_asked(AmendIn, {"changes": {"urgency": "DAY"}, "reason": "The bus leaves tomorrow."}), changed
        ),
        "reclassify": Example(
            _check_asked(ReclassifyIn, {"signal_type": "HT_MS", "reason": "The fee is being worked off."}),
            {**changed, "type_assessed": "HT_MS"},
        ),
        "step": Example(
            _check_asked(StepIn, {"state": "REGISTERED", "reason": "Complete enough to work on."}),
            {**changed, "state": "REGISTERED"},
        ),
        "confirm": Example(_check_asked(ReasonIn, {"reason": "As the profile has it."}), changed),
        "approve": Example(_check_asked(ApproveIn, {"reason": "Weighed; may leave.", "recipients": ["CW"]}), changed),
        "list_waiting_approvals": Example(answer=[_build_answered(WaitingApprovalOut, _waiting_approval())]),
        "read_asked_approval": Example(answer=_build_answered(ApprovalAskedOut, _asked_approval())),
        "hand_in_approval": Example(
            _check_asked(SignedApprovalIn, {"approval": _build_jws("approval"), "reason": "Weighed; may leave."}),
            changed,
        ),
        "withdraw_approval": Example(_check_asked(ReasonIn, {"reason": "The case has taken another turn."}), changed),
        "read_asked_consent": Example(answer=_build_answered(ApprovalAskedOut, _asked_approval())),
        "hand_in_consent": Example(
            _check_asked(SignedApprovalIn, {"approval": _build_jws("consent"), "reason": "Weighed; may be provided."}),
            changed,
        ),
        "withdraw_consent": Example(_check_asked(ReasonIn, {"reason": "The case has taken another turn."}), changed),
        "consent": Example(_check_asked(ReasonIn, {"reason": "Weighed; may be provided."}), changed),
        "lift": Example(_check_asked(ReasonIn, {"reason": "Needs no yes of its own."}), changed),
        "refer": Example(
            _check_asked(ReferIn, {"kind": "assistance", "to": "AW-HELPLINE"}),
            _build_answered(SignalOut, _build_signal() | {"version": 2, "referrals": [_build_referral()]}),
        ),
        "withdraw": Example(
            _check_asked(WithdrawIn, {"reason": "Entered twice.", "code": "withdrawn"}),
            {**changed, "withdrawn_at": "2026-03-03T09:30:00.000Z"},
        ),
        **{name: Example(*pair) for name, pair in of_records().items()},
        "search": Example(_check_asked(SearchIn, _build_question()), _build_answered(SearchOut, _build_found())),
        "hits": Example(
            answer=_build_answered(HitsPage, {"items": [_hit_row()], "next": None, "unanswered": 0, "unreadable": {}})
        ),
        "mark": Example(
            _check_asked(HitMarkIn, {"state": "NO_CONCERN", "no_concern": "SHARED_BY_MANY"}),
            _build_answered(HitRow, _hit_row() | {"version": 2, "state": "NO_CONCERN", "no_concern": "SHARED_BY_MANY"}),
        ),
        "record": Example(answer=_build_answered(RecordOut, _build_record())),
        "new_request": Example(_check_asked(RequestIn, _request_in()), _build_answered(RequestOut, _build_request())),
        "drafted": Example(answer=_build_answered(Page[RequestSummary], {"items": [_request_line()], "next": None})),
        "request_by_reference": Example(answer=_build_answered(RequestOut, _build_request())),
        "one_request": Example(answer=_build_answered(RequestOut, _build_request())),
        "amend_draft": Example(
            _check_asked(RequestAmendIn, {"answer_by": "2026-04-15"}),
            _build_answered(RequestOut, _build_request() | {"version": 2, "answer_by": "2026-04-15"}),
        ),
        "withdraw_draft": Example(
            _check_asked(RequestWithdrawIn, {"reason": "Answered by telephone."}),
            _build_answered(RequestOut, _build_withdrawn()),
        ),
        "owner": Example(answer=_build_answered(OwnerStatistics, _build_statistics())),
        **_build_regional(),
        "partners": Example(answer=_build_answered(PartnersOut, _build_partners())),
        "organisations": Example(answer=[_build_answered(OrganisationOut, _build_organisation())]),
        "me": Example(answer=_build_answered(Me, _build_me())),
        "health": Example(
            answer=_build_answered(Health, {"country": "AW", "environment": "production", "notice": None})
        ),
        "ready": Example(answer=_build_ready()),
        "versions": Example(answer=_build_versions()),
        "rosters": Example(answer={"rosters": []}),
        "latest_receipts": Example(answer={"receipts": [{"inc": 1, "receipt": _build_jws("receipt")}]}),
        "take_receipt": Example(_build_jws("receipt")),
        "evaluate": Example(
            _check_asked(EvaluationRequest, _build_evaluation()), _build_answered(SignedEvaluation, _build_evaluated())
        ),
        "open_ids": Example(_build_opening()),
        "show_ticket": Example(
            _build_document(TicketAsked, {"ticket": _build_jws("ticket"), "signatures": [_build_jws("signature")]}),
            _waiting_ticket(),
        ),
        "look_at_ticket": Example(answer=_waiting_ticket()),
        "list_tickets": Example(
            answer=_build_document(
                TicketsShown, {"tickets": [{"ticket": _waiting_ticket()["ticket"], "digest": "A" * 43}]}
            )
        ),
    }


def _build_regional() -> dict[str, Example]:
    own = _build_answered(OwnContributionOut, regional.build_own())
    fact = _build_answered(FactOut, regional.build_fact())

    def release(state: str, approvals: int = 0) -> dict[str, Any]:
        return _build_answered(ReleaseOut, regional.build_release(state, approvals))

    return {
        "contributions": Example(answer=_build_answered(ContributionsOut, {"items": [regional.build_contribution()]})),
        "contribution": Example(_check_asked(ContributionIn, regional.CONTRIBUTION_IN), own),
        "facts": Example(answer=_build_answered(FactsOut, {"items": [regional.build_fact()]})),
        "fact": Example(_check_asked(FactIn, regional.FACT_IN), fact),
        "kept_row": Example(_check_asked(KeptRowIn, regional.ROW_IN), _build_answered(KeptRowOut, regional.ROW_IN)),
        "ledger": Example(answer=_build_answered(LedgerOut, regional.build_ledger())),
        "releases": Example(answer=_build_answered(Page[ReleaseSummary], {"items": [regional.build_summary()]})),
        "draft": Example(_check_asked(DraftIn, regional.DRAFT_IN), release("draft")),
        "release": Example(answer=release("frozen", 2)),
        "attack": Example(answer=release("attacked")),
        "approval": Example(answer=release("attacked", 1)),
        "freeze": Example(answer=release("frozen", 2)),
        "verification": Example(answer=_build_answered(VerificationOut, regional.build_verification())),
    }


@cache
def problem() -> Mapping[str, Any]:
    """A refusal."""
    found = Problem.model_validate(
        {
            "type": "/docs/error-codes#invalid-request",
            "title": "The request does not have the form that the route asks for; `errors` names each place.",
            "status": 422,
            "detail": "places of the request that are not valid: 1; see `errors`",
            "instance": f"urn:uuid:{SIGNAL}",
            "code": "invalid-request",
            "advice": "Correct the places that `errors` points at and send it again.",
            "correlation_id": SIGNAL,
            "errors": [
                {
                    "location": "body",
                    "pointer": "/urgency",
                    "code": "unknown-code",
                    "message": "Not a code of the list urgency.",
                    "allowed": ["NOW", "DAY", "NORMAL"],
                }
            ],
        }
    )
    return found.model_dump(mode="json", exclude_none=True)


def _check_asked(model: type[BaseModel], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values as they stand, once the model has taken them."""
    model.model_validate(values)
    return values


def _build_answered(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """The whole answer, as it is served."""
    return model.model_validate(values).model_dump(mode="json", by_alias=True)


def _build_sharing() -> list[dict[str, Any]]:
    return [
        {"recipient": "BQ", "allowed": True, "rules": _RULES, "sentences": []},
        {
            "recipient": "NL",
            "allowed": False,
            "rules": ["CONFIRM-1"],
            "sentences": ["The register unit has not yet confirmed legal basis, purpose, handling and visibility."],
        },
    ]


def _build_signal() -> dict[str, Any]:
    return {
        "id": SIGNAL,
        "reference": "AW-2026-4711",
        "kind": "notification",
        "state": "RECEIVED",
        "version": 1,
        "type_registered": "MS",
        "type_assessed": "MS",
        "organisation": "AW-DIMAS",
        "form": SIGNAL_IN,
        "sharing": _build_sharing(),
        "questions": ["A fee must be worked off: is this trafficking too? If so, reclassify it as mixed (HT_MS)."],
        "next_steps": ["It is found at home already; partners follow once its pseudonyms have been computed."],
        "recorded_at": _AT,
        "changed_at": _AT,
    }


def _waiting_approval() -> dict[str, Any]:
    return {name: _build_signal()[name] for name in ("id", "reference", "version", "organisation")}


def _asked_approval() -> dict[str, Any]:
    return {
        "id": SIGNAL,
        "reference": "AW-2026-4711",
        "version": 1,
        "object": RECORD,
        "record": {
            "reference": "AW-2026-4711",
            "signal_type": "MS",
            "reporting_class": "MS",
            "period": {"from": "2026-03", "to": "2026-03"},
            "exploitation_forms": [],
            "acts": [],
            "means": [],
            "smuggling_elements": [],
            "recruitment": [],
            "indicators": [{"group": "TRAVEL", "strength": "M"}],
            "subjects": [{"n": 1, "role": "SUSPECT", "category": "INVOLVED", "kind": "person"}],
            "tokens": [{"family": "phone", "version": 1, "epoch": 1, "token": canonical.b64(bytes(32)), "n": 1}],
            "contact": {"unit": "Public prosecutor of Aruba", "routes": ["legal"]},
        },
        "purpose": "INVESTIGATE",
        "legal_basis": "AW_POLICE",
        "visibility": "V1",
        "handling": "H0",
        "partners": ["BQ", "CW", "NL", "SX"],
        "keeper": "AW-OM",
        "task": "PROSECUTE",
        "actor": "9f86d081884c7d659a2feaa0c55ad015",
        "today": "2026-03-03",
        "retain_until": "2031-03-02",
    }


def _build_summary() -> dict[str, Any]:
    kept = ("id", "reference", "kind", "state", "version", "type_registered", "type_assessed", "organisation")
    asked = ("urgency", "source", "channel", "received_on")
    return {
        **{name: _build_signal()[name] for name in (*kept, "recorded_at", "changed_at")},
        **{name: SIGNAL_IN[name] for name in asked},
        "island": SIGNAL_IN["place"]["island"],
    }


def _build_history() -> dict[str, Any]:
    facts = {"state": "RECEIVED"}
    return {"at": _AT, "what": "recorded", "actor": "aw-dimas", "facts": facts, "reason": None}


def _build_organisation() -> dict[str, Any]:
    return {"code": "AW-HELPLINE", "name": "Helpline", "kind": "assistance", "in_force": True}


def _build_referral() -> dict[str, Any]:
    return {"id": RECORD, "kind": "assistance", "to": "AW-HELPLINE", "on": "2026-03-03", "state": "SENT"}


def _build_question() -> dict[str, Any]:
    return {
        "purpose": "COORDINATE",
        "legal_basis": "AW_NONPOLICE",
        "case": "Z-2026-04",
        "subject": {"name": "Pruebo Ficticio", "birth": {"year": 1984, "month": 5, "day": 17}},
    }


def _build_found() -> dict[str, Any]:
    hit = {
        "record": RECORD,
        "owner": "CW",
        "reference": "CW-2026-0417",
        "visibility": "V2",
        "strength": "very-strong",
        "bits": 21.4,
        "evidence": [{"attribute": "birth_date", "family": "person.p1", "bits": 10.9, "words": "birth-date-exact"}],
        "signal_type": "HT",
        "month_from": "2026-01",
        "month_to": "2026-02",
        "contact": {"unit": "CW-NCT", "routes": ["police", "legal"]},
        "next_step": "Ask CW-NCT for the content of CW-2026-0417 by police request or legal assistance.",
    }
    return {
        "id": SIGNAL,
        "asked_at": _AT,
        "case": "Z-2026-04",
        "edition": "demo",
        "own": {"signals": []},
        "countries": [
            {"country": "BQ", "answer": "nothing-that-may-be-shown", "words": NOTHING},
            {
                "country": "CW",
                "answer": "hit",
                "words": "Curaçao: 1 shared extract matches.",
                "hits": [hit],
            },
            {"country": "NL", "answer": "not-computed", "words": NOT_COMPUTED, "stale_since": _AT},
            {
                "country": "SX",
                "answer": "not-asked",
                "words": "Sint Maarten was not asked; send a request instead.",
                "rules": ["REQUEST-1"],
                "reasons": ["This country shares nothing unasked and answers requests only."],
                "ways": ["A request to the country, approved there by the public prosecutor."],
            },
        ],
    }


def _hit_row() -> dict[str, Any]:
    return {
        "id": "01976a10-5c00-7000-8000-000000000003",
        "signal": SIGNAL,
        "signal_reference": "AW-2026-4711",
        "subject": 1,
        "origin": "CW",
        "record": RECORD,
        "reference": "CW-2026-0417",
        "families": ["phone"],
        "strength": "same-number",
        "bits": 18.2,
        "found_at": _AT,
        "state": "NEW",
        "version": 1,
        "contact": {"unit": "CW-NCT", "routes": ["police", "legal"]},
    }


def _build_record() -> dict[str, Any]:
    return {
        "record": RECORD,
        "owner": "CW",
        "reference": "CW-2026-0417",
        "visibility": "V2",
        "shown": {"signal_type": "HT", "period": {"from": "2026-01", "to": "2026-02"}},
        "contact": {"unit": "CW-NCT", "routes": ["police", "legal"]},
    }


def _request_in() -> dict[str, Any]:
    return {
        "record": RECORD,
        "route": "police",
        "purpose": "COORDINATE",
        "legal_basis": "AW_NONPOLICE",
        "case": "Z-2026-04",
        "asks": "Made up: who stood surety, for whom, and which papers were shown.",
        "answer_by": "2026-03-30",
    }


def _build_request() -> dict[str, Any]:
    return {
        **_request_in(),
        "id": "01976a10-5c00-7000-8000-000000000004",
        "reference": "AW-REQ-2026-0815",
        "state": "DRAFT",
        "version": 1,
        "organisation": "AW-CMMA",
        "owner": "CW",
        "unit": "CW-NCT",
        "record_reference": "CW-2026-0417",
        "record_live": True,
        "next_step": "Print it and carry it to CW-NCT by police request; "
        "the register does not send or answer requests yet.",
        "made_at": _AT,
        "changed_at": _AT,
    }


def _build_withdrawn() -> dict[str, Any]:
    return {
        **_build_request(),
        "state": "WITHDRAWN",
        "version": 2,
        "next_step": "Nothing: it has been withdrawn. If it was carried, tell the unit that it no longer stands.",
        "withdrawn_at": "2026-03-03T09:30:00.000Z",
        "withdrawn_for": "Answered by telephone.",
    }


def _request_line() -> dict[str, Any]:
    return {name: _build_request()[name] for name in RequestSummary.model_fields}


def _build_statistics() -> dict[str, Any]:
    rows = [
        {"row": "CITIZEN", "label": "Citizens", "count": 7, "of_which": {"anonymous": 2}},
        {"row": "GOV_DEPT", "label": "Government", "count": 3, "flagged": True},
    ]
    return {
        "country": "AW",
        "year": 2026,
        "period_rule": "date received",
        "notifications": 10,
        "forwarded": 4,
        "tables": [{"name": "by source", "code_list": "source", "rows": rows}],
        "code_lists": "b2b5fa34ef6f2763",
        "rule_set": "owner/1",
    }


def _build_partners() -> dict[str, Any]:
    received = {
        "applied_to": 118,
        "behind": 0,
        "head_at": _AT,
        "stale": False,
        "last_success_at": _AT,
        "last_error": None,
        "last_error_at": None,
        "refused": [{"seq": 97, "code": "refused-by-rule", "rule": "MINOR-1"}],
    }
    sent = {
        "tip": 64,
        "waiting": 0,
        "acknowledged_to": 64,
        "last_receipt_at": _AT,
        "open_withdrawals": 0,
        "overdue": 0,
        "converged": True,
    }
    partner = {"partner": "CW", "name": "Curaçao", "received": received, "sent": sent}
    return {"country": "AW", "partners": [partner], "index_waiting": 0}


def _build_me() -> dict[str, Any]:
    return {
        "country": "AW",
        "country_name": "Aruba",
        "kind": "person",
        "organisation": "AW-CMMA",
        "tasks": ["READ_OWN", "SEARCH_SHARED"],
        "edition": "strict",
    }


def _build_ready() -> dict[str, Any]:
    named = ("schema", "clock", "workers", "database", "keys", "engine", "issuer")
    parts = dict.fromkeys(named, "ok")
    found = Readiness(ready=True, parts=parts, waiting={"index": 0})
    return {"ready": found.ready, "parts": dict(found.parts), "waiting": dict(found.waiting)}


def _build_versions() -> dict[str, Any]:
    return {
        "protocol": {"envelope": [1, 1], "body": ["1.0", "1.0"]},
        "limits": {"page_entries": 1000, "page_bytes": 4194304, "body_bytes": 262144},
        "roster": 1,
    }


def _build_evaluation() -> dict[str, Any]:
    return {
        "body": {
            "request_id": SIGNAL,
            "country": "AW",
            "purpose": "search",
            "organisation": "AW-CMMA",
            "actor": "a1b2c3",
            "legal_basis": "AW_NONPOLICE",
            "case_reference": _BYTES_32,
            "batches": [{"key_id": "phone/e1", "elements": [_BYTES_32]}],
        },
        "issued": _AT,
        "expires": "2026-03-02T14:06:09.120Z",
        "generations": {"phone/e1": 0},
    }


def _build_evaluated() -> dict[str, Any]:
    batch = {"key_id": "phone/e1", "elements": [_BYTES_32], "proof": _BYTES_64}
    return {"batches": [batch], "receipt": _build_jws("receipt")}


def _waiting_ticket() -> dict[str, Any]:
    waits = {"ticket": SIGNAL, "state": "waiting", "reason": "not-attested", "counts": False, "used": 0}
    return _build_document(TicketAnswer, waits)


def _build_document(model: type[Document], values: dict[str, Any]) -> dict[str, Any]:
    read(model, canonical.dumps_plain(values))
    return values


def _build_opening() -> dict[str, Any]:
    counts = [{"evaluator": one, "counts": _build_jws("counts")} for one in ("BQ", "CW", "SX")]
    opening = {"country": "AW", "day": "2026-03-01", "counts": counts}
    return _build_document(Opening, opening)


def _build_jws(what: str) -> str:
    """Three parts in the form of a signature; they sign nothing."""
    return ".".join(canonical.b64(part.encode()) for part in ('{"alg":"Ed25519"}', f'{{"made-up":"{what}"}}', "none"))
