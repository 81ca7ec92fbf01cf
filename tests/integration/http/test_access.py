"""Every route and every kind of caller: what each of them is answered. A route without a line here is red."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from httpx2 import Response

from register.domain.access.caller import Task
from register.settings import CountrySettings
from schemas.codes import Partition
from tests.integration.http.doors import PERSONAS, Doors, a_key, a_request, form, question
from tests.support.found import a_finding
from tests.support.records.lifted import a_lifting
from tests.support.world import with_settings

ALL = (*PERSONAS, "nobody", "foreigner", "partner", "anonymous")
OUTSIDE = {"nobody": 403, "foreigner": 401, "partner": 401, "anonymous": 401}
"""A token that holds, but nobody authorised its owner here; one of another country; a partner's node; none at all."""
NOBODY_ELSE = 401
SIGNAL = "/v1/signals/{signal_id}"
INTAKE, VICTIM = "/v1/intakes/{intake_id}", "/v1/victims/{victim_id}"
TRAINING, REFERRAL = "/v1/trainings/{training_id}", "/v1/referrals/{referral_id}"
FINDING = "/v1/findings/{finding_id}"
LIFTING = "/v1/liftings/{lifting_id}"
_PLATES = count(1)
REQUEST = "/v1/requests/{request_id}"


@dataclass(frozen=True)
class Line:
    """What a route answers.

    Attributes:
        coordinator, unit, service, statistics, prosecutor: status for each; the signal is the service's own.
        partner: for Curaçao's node with a good signature.
        open: whether it answers everybody alike.
    """

    coordinator: int
    unit: int
    service: int
    statistics: int
    prosecutor: int
    partner: int = NOBODY_ELSE
    open: bool = False

    def of(self, persona: str) -> int:
        """The status for a persona."""
        if self.open:
            return self.service
        if persona == "partner":
            return self.partner
        if persona in OUTSIDE:
            # What only nodes may ask takes no token of a person at all, whoever's it is.
            return OUTSIDE[persona] if self.partner == NOBODY_ELSE else NOBODY_ELSE
        status: int = getattr(self, persona)
        return status


def _nodes(status: int) -> Line:
    return Line(401, 401, 401, 401, 401, partner=status)


def _anybody(status: int) -> Line:
    return Line(status, status, status, status, status, open=True)


def _figures(status: int) -> Line:
    return Line(403, 403, 403, statistics=status, prosecutor=403)


RELEASE = "/v1/releases/{digest}"
READ = Line(coordinator=404, unit=200, service=200, statistics=404, prosecutor=200)
CHANGE = Line(coordinator=404, unit=200, service=200, statistics=404, prosecutor=404)
UNIT_ONLY = Line(coordinator=404, unit=200, service=404, statistics=404, prosecutor=404)
LISTED = Line(coordinator=200, unit=200, service=200, statistics=200, prosecutor=403)
KEPT = Line(coordinator=403, unit=200, service=403, statistics=200, prosecutor=403)
"""Records behind the figures; those that are asked for here are the unit's."""
FOUND = Line(coordinator=403, unit=200, service=403, statistics=403, prosecutor=403)
"""What stands in two records: the register unit's alone, for others without a word on whether there is any."""
NO_ONE_LET_GO = Line(coordinator=404, unit=404, service=404, statistics=404, prosecutor=404)
NOT_THEIRS = Line(coordinator=403, unit=403, service=403, statistics=403, prosecutor=403)
NOWHERE = Line(coordinator=404, unit=404, service=403, statistics=403, prosecutor=403)
"""Whoever may ask abroad learns that there is no such thing; others learn nothing."""
EXPECTED: Mapping[tuple[str, str], Line] = {
    ("GET", "/.well-known/rtr-sync"): _anybody(200),
    ("GET", "/health"): _anybody(200),
    ("GET", "/health/"): _anybody(200),
    ("GET", "/ready"): _anybody(200),
    ("GET", "/ready/"): _anybody(200),
    ("GET", "/v1/openapi.json"): _anybody(200),
    ("GET", "/sync/v1/lists/{kind}"): _nodes(200),
    ("GET", "/sync/v1/log"): _nodes(200),
    ("GET", "/sync/v1/log/{inc}/{seq}"): _nodes(409),
    ("GET", "/sync/v1/receipts/latest"): _nodes(200),
    ("GET", "/sync/v1/rosters"): _nodes(200),
    ("GET", "/sync/v1/stubs"): _nodes(200),
    ("POST", "/sync/v1/receipts"): _nodes(409),
    ("POST", "/evaluate/v1/batches"): _nodes(422),
    ("GET", "/evaluate/v1/answers/{day}"): _nodes(200),
    ("GET", "/evaluate/v1/counts/{day}"): _nodes(200),
    ("POST", "/evaluate/v1/openings"): _nodes(409),
    ("POST", "/evaluate/v1/tickets"): _nodes(409),
    ("GET", "/evaluate/v1/tickets"): _nodes(200),
    ("GET", "/evaluate/v1/tickets/{ticket_id}"): _nodes(404),
    ("GET", "/v1/me"): Line(200, 200, 200, 200, 200),
    ("GET", "/v1/sessions"): Line(200, 200, 200, 200, 200),
    ("POST", "/v1/sessions/end"): Line(200, 200, 200, 200, 200),
    ("POST", "/v1/sessions/{session_id}/end"): Line(404, 404, 404, 404, 404),
    ("GET", "/v1/hits"): Line(coordinator=200, unit=200, service=403, statistics=403, prosecutor=403),
    ("POST", "/v1/hits/{hit_id}/marks"): Line(coordinator=404, unit=404, service=403, statistics=403, prosecutor=403),
    ("GET", "/v1/to-do"): Line(200, 200, 200, 200, 200),
    ("GET", "/v1/organisations"): Line(200, 200, 200, 200, 200),
    ("GET", "/v1/partners"): Line(coordinator=200, unit=200, service=403, statistics=403, prosecutor=403),
    ("GET", "/v1/records/{record}"): Line(coordinator=404, unit=404, service=403, statistics=403, prosecutor=403),
    ("POST", "/v1/searches"): Line(coordinator=200, unit=200, service=403, statistics=403, prosecutor=403),
    ("GET", "/v1/requests"): Line(coordinator=200, unit=200, service=403, statistics=403, prosecutor=403),
    ("POST", "/v1/requests"): NOWHERE,
    ("GET", "/v1/requests/by-reference/{reference}"): NOWHERE,
    ("GET", REQUEST): NOWHERE,
    ("PATCH", REQUEST): NOWHERE,
    ("POST", f"{REQUEST}/withdrawal"): NOWHERE,
    ("GET", "/v1/statistics/owner"): Line(coordinator=403, unit=403, service=403, statistics=200, prosecutor=403),
    ("GET", "/v1/statistics/contributions"): _figures(200),
    ("POST", "/v1/statistics/contributions"): _figures(200),
    ("GET", "/v1/statistics/facts"): _figures(200),
    ("POST", "/v1/statistics/facts"): _figures(201),
    ("POST", "/v1/statistics/kept-rows"): _figures(201),
    ("GET", "/v1/statistics/ledger"): _figures(200),
    ("GET", "/v1/releases"): _figures(200),
    ("POST", "/v1/releases"): _figures(409),
    ("GET", RELEASE): _figures(404),
    ("POST", f"{RELEASE}/attacks"): _figures(404),
    ("POST", f"{RELEASE}/approvals"): _figures(404),
    ("POST", f"{RELEASE}/freeze"): _figures(404),
    ("GET", f"{RELEASE}/files"): _figures(404),
    ("GET", f"{RELEASE}/verification"): _figures(404),
    ("GET", "/v1/signals"): Line(200, 200, 200, 200, 200),
    ("POST", "/v1/signals"): Line(coordinator=403, unit=403, service=201, statistics=403, prosecutor=403),
    ("GET", "/v1/signals/by-reference/{reference}"): READ,
    ("GET", SIGNAL): READ,
    ("GET", f"{SIGNAL}/history"): READ,
    ("GET", f"{SIGNAL}/sharing"): READ,
    ("PATCH", SIGNAL): CHANGE,
    ("POST", f"{SIGNAL}/withdrawal"): CHANGE,
    ("POST", f"{SIGNAL}/reclassifications"): Line(403, unit=200, service=403, statistics=403, prosecutor=403),
    ("POST", f"{SIGNAL}/referrals"): Line(403, unit=200, service=403, statistics=403, prosecutor=403),
    ("POST", f"{SIGNAL}/steps"): Line(403, unit=200, service=403, statistics=403, prosecutor=403),
    ("POST", f"{SIGNAL}/confirmation"): Line(403, unit=200, service=403, statistics=403, prosecutor=403),
    ("POST", f"{SIGNAL}/approval"): Line(403, unit=403, service=403, statistics=403, prosecutor=200),
    ("GET", f"{SIGNAL}/approval"): Line(403, unit=403, service=403, statistics=403, prosecutor=409),
    ("POST", f"{SIGNAL}/signed-approval"): Line(403, unit=403, service=403, statistics=403, prosecutor=422),
    ("POST", f"{SIGNAL}/approval-withdrawal"): Line(403, unit=403, service=403, statistics=403, prosecutor=200),
    ("GET", "/v1/approvals"): Line(403, unit=403, service=403, statistics=403, prosecutor=200),
    # The edition of these tests lets the gate of Aruba approve no class; the words of an approval prove nothing.
    ("GET", "/v1/class-approvals"): Line(403, unit=403, service=403, statistics=403, prosecutor=200),
    ("GET", "/v1/class-approvals/asked"): Line(403, unit=403, service=403, statistics=403, prosecutor=409),
    ("POST", "/v1/class-approvals"): Line(403, unit=403, service=403, statistics=403, prosecutor=422),
    ("GET", "/v1/class-approvals/{approval_id}/signals"): Line(403, 403, 403, statistics=403, prosecutor=404),
    ("POST", "/v1/class-approvals/{approval_id}/withdrawal"): Line(403, 403, 403, statistics=403, prosecutor=404),
    ("POST", f"{SIGNAL}/consent"): Line(403, unit=403, service=403, statistics=403, prosecutor=409),
    ("GET", f"{SIGNAL}/consent"): Line(403, unit=403, service=403, statistics=403, prosecutor=409),
    ("POST", f"{SIGNAL}/signed-consent"): Line(403, unit=403, service=403, statistics=403, prosecutor=409),
    ("POST", f"{SIGNAL}/consent-withdrawal"): Line(403, unit=403, service=403, statistics=403, prosecutor=409),
    ("POST", f"{SIGNAL}/lifting"): Line(403, unit=403, service=403, statistics=403, prosecutor=409),
    ("POST", "/v1/intakes"): Line(coordinator=403, unit=201, service=403, statistics=403, prosecutor=403),
    ("GET", "/v1/intakes"): LISTED,
    ("GET", INTAKE): UNIT_ONLY,
    ("PATCH", INTAKE): UNIT_ONLY,
    ("POST", f"{INTAKE}/withdrawal"): UNIT_ONLY,
    ("POST", "/v1/victims"): Line(coordinator=403, unit=201, service=201, statistics=403, prosecutor=403),
    ("GET", "/v1/victims"): LISTED,
    ("GET", "/v1/victims/assigning-rules"): Line(200, 200, 200, 200, 200),
    ("GET", VICTIM): UNIT_ONLY,
    ("POST", f"{VICTIM}/statuses"): UNIT_ONLY,
    ("POST", f"{VICTIM}/withdrawal"): UNIT_ONLY,
    ("POST", "/v1/trainings"): Line(coordinator=403, unit=201, service=403, statistics=201, prosecutor=403),
    ("GET", "/v1/trainings"): KEPT,
    ("GET", TRAINING): KEPT,
    ("PATCH", TRAINING): KEPT,
    ("POST", f"{TRAINING}/withdrawal"): KEPT,
    ("GET", "/v1/referrals"): LISTED,
    ("GET", REFERRAL): UNIT_ONLY,
    ("GET", f"{REFERRAL}/report"): UNIT_ONLY,
    ("POST", f"{REFERRAL}/answers"): UNIT_ONLY,
    # It did not come back, so there is nothing to close.
    ("POST", f"{REFERRAL}/closing"): Line(403, unit=409, service=403, statistics=403, prosecutor=403),
    ("POST", f"{REFERRAL}/taking-back"): UNIT_ONLY,
    ("GET", "/v1/findings"): FOUND,
    ("GET", FINDING): FOUND,
    ("POST", f"{FINDING}/decisions"): FOUND,
    # Nobody was let go there: whoever entered the report of the protected person is told, and nobody else.
    ("GET", f"{FINDING}/letting-go"): NO_ONE_LET_GO,
    ("POST", f"{FINDING}/objections"): NO_ONE_LET_GO,
    # Of the privacy officer alone, who is none of these.
    ("GET", "/v1/alarms"): NOT_THEIRS,
    ("POST", "/v1/alarms/{alarm_id}/acknowledgement"): NOT_THEIRS,
    ("GET", "/v1/drawn-searches"): NOT_THEIRS,
    ("GET", "/v1/evaluations"): NOT_THEIRS,
    ("POST", "/v1/drawn-searches/{search_id}/verdict"): NOT_THEIRS,
    ("GET", f"{SIGNAL}/protection"): FOUND,
    # Nobody is protected in the service's report, and none is told so but the register unit.
    ("POST", "/v1/liftings"): Line(coordinator=403, unit=422, service=403, statistics=403, prosecutor=403),
    ("GET", "/v1/liftings"): LISTED,
    ("GET", LIFTING): UNIT_ONLY,
    ("POST", f"{LIFTING}/decisions"): UNIT_ONLY,
}
AN_INTAKE = {"held_on": "2025-03-01", "sex": "FEMALE", "age_band": "30-39", "nationality": "CO"}
A_TRAINING = {
    "kind": "SKILLS",
    "group": "HOTEL",
    "provider": "AW",
    "recipient": "AW",
    "people": 9,
    "held_on": "2025-02-01",
}
BACK = {"reason": "Entered twice."}


def _a_person(signal: str, status: str = "POTENTIAL") -> dict[str, Any]:
    step = {"status": status, "form": "SEX", "decided_on": "2025-03-02", "reason": "Weighed."}
    return {"signal": signal, "subject": 1, "sex": "FEMALE", "age_band": "30-39", "status": step}


BODIES: Mapping[str, Any] = {
    "/v1/hits/{hit_id}/marks": {"state": "SEEN"},
    "/v1/intakes": AN_INTAKE,
    INTAKE: {"changes": {"age_band": "25-29"}, "reason": "Passport seen."},
    f"{INTAKE}/withdrawal": BACK,
    f"{VICTIM}/statuses": _a_person("-", "PRESUMED")["status"],
    f"{VICTIM}/withdrawal": BACK,
    f"{FINDING}/decisions": {"decision": "WITHHOLD"},
    f"{FINDING}/objections": {"objects": True},
    f"{LIFTING}/decisions": {"decision": "TAKE_BACK"},
    "/v1/alarms/{alarm_id}/acknowledgement": {"reason": "Looked at."},
    "/v1/drawn-searches/{search_id}/verdict": {"verdict": "IN_ORDER"},
    "/v1/trainings": A_TRAINING,
    TRAINING: {"changes": {"people": 10}, "reason": "Counted again."},
    f"{TRAINING}/withdrawal": BACK,
    "/v1/searches": question(),
    "/v1/signals": form(),
    "/v1/requests": a_request(),
    REQUEST: {"route": "legal"},
    f"{REQUEST}/withdrawal": {"reason": "Answered by telephone."},
    SIGNAL: {"changes": {"urgency": "NOW"}, "reason": "It was urgent."},
    f"{SIGNAL}/withdrawal": {"code": "corrected", "reason": "Entered twice."},
    f"{SIGNAL}/reclassifications": {"signal_type": "HT", "reason": "Told on the phone."},
    f"{SIGNAL}/referrals": {"kind": "investigation", "to": "AW-KPA"},
    f"{REFERRAL}/closing": {"reason": "She has a bed."},
    f"{REFERRAL}/taking-back": {"reason": "It was meant for another organisation."},
    f"{SIGNAL}/steps": {"state": "ASSESSED", "reason": "Read."},
    f"{SIGNAL}/confirmation": {"reason": "As the profile has it."},
    f"{SIGNAL}/approval": {"reason": "Agreed."},
    f"{SIGNAL}/signed-approval": {"approval": "e30.e30.AAAA", "reason": "Agreed."},
    f"{SIGNAL}/approval-withdrawal": {"reason": "No longer."},
    "/v1/class-approvals": {"approval": "e30.e30.AAAA", "reason": "Agreed."},
    "/v1/class-approvals/{approval_id}/withdrawal": {"reason": "No longer."},
    f"{SIGNAL}/consent": {"reason": "Weighed."},
    f"{SIGNAL}/signed-consent": {"approval": "e30.e30.AAAA", "reason": "Weighed."},
    f"{SIGNAL}/consent-withdrawal": {"reason": "No longer."},
    f"{SIGNAL}/lifting": {"reason": "Needs none."},
    "/v1/statistics/contributions": {"table": "notifications-by-type", "period": "2023"},
    "/v1/statistics/facts": {"population": "notifications", "period": "2023", "value": 24, "source": "Made up."},
    "/v1/statistics/kept-rows": {"variable": "channel", "code": "WALK_IN", "since": "2031-01-01"},
    "/v1/releases": {"tier": "W", "table": "notifications-by-type", "period": "2022"},
    f"{RELEASE}/attacks": {},
    f"{RELEASE}/approvals": {},
    f"{RELEASE}/freeze": {},
    "/sync/v1/receipts": {},
    "/evaluate/v1/batches": {},
    "/evaluate/v1/openings": {"country": "CW", "day": "2020-01-01", "counts": []},
    "/evaluate/v1/tickets": {"ticket": "e30.e30.AAAA"},
}
GROUND = {"RTR-Purpose": "COORDINATE", "RTR-Legal-Basis": "AW_NONPOLICE", "RTR-Case": "Z-2026-04"}
HEADERS: Mapping[str, dict[str, str]] = {
    "/v1/records/{record}": GROUND,
    "/v1/hits": GROUND,
    "/v1/hits/{hit_id}/marks": {**GROUND, "If-Match": '"1"'},
    "/v1/statistics/owner": {},
}
QUERIES = {"/v1/statistics/owner": "?year=2026"}
CELLS = [(method, path, persona) for method, path in EXPECTED for persona in ALL]


def test_every_route_has_a_line_and_every_line_a_route(doors: Doors) -> None:
    assert doors.routes() == set(EXPECTED)


@pytest.mark.parametrize(("method", "path", "persona"), CELLS, ids=["-".join(cell) for cell in CELLS])
def test_a_route_answers_each_kind_of_caller_as_its_line_says(
    doors: Doors, method: str, path: str, persona: str
) -> None:
    answer = ask(doors, method, path, persona)
    assert answer.status_code == EXPECTED[method, path].of(persona), answer.text
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"]
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize(
    "path", [p for m, p in EXPECTED if m == "GET" and "{signal_id}" in p], ids=lambda p: p.rpartition("/")[2]
)
def test_a_signal_that_may_not_be_read_is_answered_like_one_that_is_not_there(doors: Doors, path: str) -> None:
    there = doors.signal()["id"]
    nowhere = str(doors.register.clock.new_id())
    for persona in ("coordinator", "statistics"):
        answers = [doors.send("GET", path.format(signal_id=which), persona).json() for which in (there, nowhere)]
        for answer, which in zip(answers, (there, nowhere), strict=True):
            for changing in ("instance", "correlation_id"):
                answer.pop(changing)
            answer["detail"] = answer["detail"].replace(which, "X")
        assert answers[0] == answers[1]


def test_a_partners_signature_opens_a_route_once(doors: Doors) -> None:
    headers = doors.signed("GET", "/sync/v1/receipts/latest", jti=str(doors.register.clock.new_id()))
    first, second = (doors.client.get("/sync/v1/receipts/latest", headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["code"] == "request-replayed"


def test_a_token_of_the_other_country_is_refused_whatever_its_subject_is_called(doors: Doors) -> None:
    token = doors.foreign.mint("coordinator")
    answer = doors.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "other-country")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Basic YTpi", "Bearer x.y.z", "Bearer " + "a" * 20_000, "RTR x", ""]
)
def test_an_odd_authorization_header_is_a_401(doors: Doors, header: str) -> None:
    answer = doors.client.get("/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert len(header) < 10 or header not in answer.text


def test_a_token_for_somebody_elses_audience_or_past_its_time_is_refused(doors: Doors) -> None:
    now = doors.register.clock.now()
    for token in (
        doors.issuer.mint("unit", audience="another-register"),
        doors.issuer.mint("unit", now=now - timedelta(hours=2)),
    ):
        assert doors.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def ask(
    doors: Doors, method: str, path: str, persona: str, change: Callable[[Any], Any] = lambda body: body
) -> Response:
    """One good request to a route, about a fresh record of each kind that its path names.

    `change` makes the body that is sent from the one that is there.
    """
    needs_signal = "{signal_id}" in path or "signals/by-reference" in path
    # Of a number of its own: a mark for single approval that one cell sets would pass on to the reports of the others.
    own = {"type": "PLATE", "value": f"A-6{next(_PLATES):04}", "country": "AW"}
    signal = doors.signal(subjects=[], selectors=[own]) if needs_signal else {"id": "", "reference": ""}
    address = path.format(
        **_records(doors, path),
        signal_id=signal["id"],
        reference=signal["reference"] or "AW-REQ-2026-0001",
        record=doors.register.clock.new_id(),
        request_id=doors.register.clock.new_id(),
        hit_id=doors.register.clock.new_id(),
        alarm_id=doors.register.clock.new_id(),
        approval_id=doors.register.clock.new_id(),
        search_id=doors.register.clock.new_id(),
        session_id=doors.register.clock.new_id(),
        digest="0" * 64,
        kind="organisations",
        day="2020-01-01",
        ticket_id="01900000-0000-7000-8000-000000000001",
        inc=1,
        seq=1,
    ) + QUERIES.get(path, "")
    wanted = BODIES.get(path)
    if path == "/v1/victims":
        wanted = _a_person(doors.signal()["id"])
    elif path == "/v1/liftings":
        wanted = {
            "signal": doors.signal()["id"], "subject": 1, "protection": "birth", "because": "AGE_WRONG",
            "second": "AW-VICTIM", "note": "Passport seen.",
        }  # fmt: skip
    elif path == f"{REFERRAL}/answers":
        wanted = {"state": "ACCEPTED", "on": doors.register.today().isoformat()}
    body = json.dumps(change(wanted)).encode() if method in {"POST", "PATCH"} else b""
    headers = {"Content-Type": "application/json"} | HEADERS.get(path, {})
    headers |= {"If-Match": '"1"', "Idempotency-Key": a_key()}
    headers |= (
        doors.signed("GET" if method == "PATCH" else method, address, body)
        if persona == "partner"
        else doors.headers(persona)
    )
    return doors.client.request(method, address, headers=headers, content=body or None)


def _records(doors: Doors, path: str) -> dict[str, str]:
    """A fresh record of the unit for each that the path names."""

    def made(where: str, body: object) -> str:
        answer = doors.send("POST", where, "unit", body, Idempotency_Key=a_key(), If_Match='"1"')
        assert answer.status_code in {200, 201}, answer.text
        found = answer.json()
        return str(found["referrals"][0]["id"] if "referrals" in found else found["id"])

    ids = {}
    if "{intake_id}" in path:
        ids["intake_id"] = made("/v1/intakes", AN_INTAKE)
    if "{victim_id}" in path:
        ids["victim_id"] = made("/v1/victims", _a_person(doors.signal()["id"]))
    if "{training_id}" in path:
        ids["training_id"] = made("/v1/trainings", A_TRAINING)
    if "{referral_id}" in path:
        where = f"/v1/signals/{doors.signal()['id']}/referrals"
        ids["referral_id"] = made(where, {"kind": "investigation", "to": "AW-KPA"})
    if "{finding_id}" in path:
        by = doors.world.caller("AW-DIMAS", Task.SUBMIT)
        ids["finding_id"] = str(a_finding(doors.register, by)[0])
    if "{lifting_id}" in path:
        ids["lifting_id"] = str(a_lifting(doors.world))
    return ids


def test_a_production_node_takes_no_plain_bearer_token(doors: Doors) -> None:
    """Sender binding is not built, and a stolen token would open the register (security.md 4)."""
    doors.app.state.register = with_settings(doors.register, env="production")
    try:
        answer = doors.client.get("/v1/me", headers=doors.headers("unit"))
        assert (answer.status_code, answer.json()["code"]) == (401, "bearer-in-production")
        signed = doors.client.get("/sync/v1/receipts/latest", headers=doors.signed("GET", "/sync/v1/receipts/latest"))
        assert signed.status_code == 200, "partners sign each request"
    finally:
        doors.app.state.register = doors.register
    assert doors.client.get("/v1/me", headers=doors.headers("unit")).status_code == 200


def test_approval_with_an_old_sign_in_is_answered_with_what_is_needed(doors: Doors) -> None:
    """RFC 9470: the program learns how fresh and how strong; the token alone says when, whatever else is sent."""
    own = CountrySettings(fresh_sign_in_s=300, fresh_sign_in_acr=("2",))
    doors.app.state.register = with_settings(doors.register, country={Partition.AW: own})
    now = doors.register.clock.now()
    path = f"/v1/releases/{'0' * 64}/approvals"
    try:
        for auth_time in (now, now - timedelta(seconds=301)):
            token = doors.issuer.mint("statistics", auth_time=auth_time)
            sent = {"Authorization": f"Bearer {token}", "auth_time": str(int(now.timestamp())), "acr": "2"}
            answer = doors.client.post(path, headers=sent, json={"auth_time": int(now.timestamp()), "acr": "2"})
            assert (answer.status_code, answer.json()["code"]) == (401, "fresh-sign-in-needed")
            assert answer.headers["WWW-Authenticate"] == (
                'Bearer realm="rtr", error="insufficient_user_authentication", max_age="300", acr_values="2"'
            )
            assert answer.json()["details"] == {"max_age": 300, "acr_values": ["2"]}
        doors.app.state.register = with_settings(doors.register, country={Partition.AW: CountrySettings()})
        for auth_time, status in ((now - timedelta(seconds=301), 401), (now, 404)):
            token = doors.issuer.mint("statistics", auth_time=auth_time)
            answer = doors.client.post(path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == status, answer.text
    finally:
        doors.app.state.register = doors.register
