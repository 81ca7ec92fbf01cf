"""What a request must be like, and what one that is not is answered: a problem, never what was rejected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from httpx2 import Response

from api.http.app import API_VERSION
from api.http.bounds import BODY_MAX
from tests.integration.http.doors import Doors, a_key, form, question

SECRET = "Zeno Testman 0147 geheim"
STANDING = {
    "API-Version": API_VERSION,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
GROUND = {"RTR-Purpose": "COORDINATE", "RTR-Legal-Basis": "AW_NONPOLICE", "RTR-Case": "Z-2026-04"}
AMENDMENT = {"changes": {"urgency": "NOW"}, "reason": "It was urgent."}


def a_problem(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The problem document that an answer must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["advice"]
    assert problem["correlation_id"] == answer.headers["X-Correlation-Id"]
    assert problem["type"].endswith(f"#{code}")
    _stands(answer)
    assert "Testman" not in answer.text
    assert "0147" not in answer.text.replace(str(problem["correlation_id"]), "")
    return problem


def _stands(answer: Response) -> None:
    for name, value in STANDING.items():
        assert answer.headers.get(name) == value, name
    assert answer.headers["X-Correlation-Id"]


# --- what every answer carries ---


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/v1/me", 200),
        ("GET", "/v1/nothing-here", 404),
        ("DELETE", "/v1/signals", 405),
        ("GET", "/v1/signals/not-a-uuid", 422),
        ("GET", "/v1/signals/", 404),
    ],
)
def test_every_answer_carries_version_and_security_headers(doors: Doors, method: str, path: str, status: int) -> None:
    answer = doors.send(method, path)
    assert answer.status_code == status
    _stands(answer)


def test_a_method_that_is_not_taken_says_which_are(doors: Doors) -> None:
    answer = doors.send("DELETE", "/v1/signals")
    a_problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) & {"GET", "POST"}


def test_an_unforeseen_error_says_nothing_but_its_number(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("api.http.caller.identify_caller", burst)
    a_problem(doors.send("GET", "/v1/me"), 500, "internal-error")


def test_without_its_log_nothing_is_answered(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("register.store.running.audit_leaves.AuditLeaves.note", _log_is_full)
    answer = doors.send("POST", "/v1/searches", "coordinator", question())
    assert answer.status_code in {500, 503}
    assert "countries" not in answer.json()


def _log_is_full(*_: object, **__: object) -> None:
    raise OSError("the log is full")


# --- the body ---


def test_a_body_that_says_it_is_too_large_is_refused_unread(doors: Doors) -> None:
    answer = doors.send("POST", "/v1/signals", body=b" " * (BODY_MAX + 1))
    a_problem(answer, 413, "too-large")


@pytest.mark.parametrize("pieces", [2, 40])
def test_a_streamed_body_that_grows_too_large_is_refused_while_it_grows(doors: Doors, pieces: int) -> None:
    sent = 0

    def stream() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(pieces):
            sent += 1
            yield b" " * (BODY_MAX - 1)

    headers = doors.headers("service") | {"Content-Type": "application/json", "Idempotency-Key": a_key()}
    answer = doors.client.post("/v1/signals", content=stream(), headers=headers)
    a_problem(answer, 413, "too-large")


def test_a_streamed_body_within_the_bound_is_taken(doors: Doors) -> None:
    headers = doors.headers("service") | {"Content-Type": "application/json", "Idempotency-Key": a_key()}
    body = json.dumps(form()).encode()
    halves = iter([body[:100], body[100:]])
    assert doors.client.post("/v1/signals", content=halves, headers=headers).status_code == 201


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
@pytest.mark.parametrize("path", ["/v1/signals", "/v1/searches"])
def test_a_body_of_another_kind_is_refused(doors: Doors, path: str, kind: str) -> None:
    body = json.dumps(question() if path == "/v1/searches" else form()).encode()
    answer = doors.send("POST", path, "unit", body, Content_Type=kind, Idempotency_Key=a_key())
    a_problem(answer, 415, "unsupported-media-type")


def test_a_charset_beside_the_kind_is_no_harm(doors: Doors) -> None:
    answer = doors.send("POST", "/v1/searches", "unit", question(), Content_Type="application/json; charset=utf-8")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b'{"a": NaN}', b"[" * 50_000, b'{"kind": "\\ud800"}'],
    ids=["empty", "cut", "null", "list", "text", "bytes", "nan", "deep", "surrogate"],
)
def test_what_is_no_form_is_a_caller_error(doors: Doors, body: bytes) -> None:
    for path in ("/v1/signals", "/v1/searches"):
        answer = doors.send("POST", path, "unit", body, Idempotency_Key=a_key())
        assert answer.status_code in {400, 422}, answer.text
        a_problem(answer, answer.status_code, answer.json()["code"])


def test_unknown_members_are_refused_by_their_place_not_their_name(doors: Doors) -> None:
    for path, body in (("/v1/signals", form()), ("/v1/searches", question())):
        answer = doors.send("POST", path, "unit", body | {SECRET: SECRET}, Idempotency_Key=a_key())
        problem = a_problem(answer, 422, "invalid-request")
        assert [e["code"] for e in problem["errors"]] == ["extra-forbidden"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"channel": SECRET}, "/channel"),
        ({"received_on": SECRET}, "/received_on"),
        ({"account": 7}, "/account"),
        ({"subjects": [{"n": 1, "role": SECRET, "kind": "person"}]}, "/subjects/0/role"),
        ({"selectors": [{"type": "PHONE", "value": "x" * 501 + SECRET}]}, "/selectors/0/value"),
        ({"period": {"from": "2026-02-30"}}, "/period/from"),
        ({"nothing_known": True}, ""),
    ],
)
def test_a_wrong_value_is_pointed_at_and_not_repeated(doors: Doors, change: dict[str, Any], pointer: str) -> None:
    answer = (
        doors.submit()
        if not change
        else doors.send("POST", "/v1/signals", body=form() | change, Idempotency_Key=a_key())
    )
    problem = a_problem(answer, 422, "invalid-request")
    assert pointer in {e["pointer"] for e in problem["errors"]}


@pytest.mark.parametrize("selector", [{"type": "PHONE", "value": SECRET}, {"type": "EMAIL", "value": "a@" + SECRET}])
def test_a_selector_that_cannot_be_read_says_where_it_stands_and_not_what_it_was(
    doors: Doors, selector: dict[str, str]
) -> None:
    body = form() | {"subjects": [], "selectors": [selector]}
    answer = doors.send("POST", "/v1/signals", body=body, Idempotency_Key=a_key())
    problem = a_problem(answer, 422, answer.json()["code"])
    assert problem["code"].endswith("-refused")
    assert problem["details"]["pointer"] == "/selectors/0"
    asked = question(subject={"selectors": [selector]})
    problem = a_problem(doors.send("POST", "/v1/searches", "unit", asked), 422, problem["code"])
    assert problem["details"]["pointer"] == "/subject/selectors/0"


def test_a_date_in_the_future_is_the_callers_to_correct(doors: Doors) -> None:
    answer = doors.send("POST", "/v1/signals", body=form() | {"received_on": "2199-01-01"}, Idempotency_Key=a_key())
    assert a_problem(answer, 422, answer.json()["code"])["code"] == "date-in-future"


def test_an_edition_that_nobody_knows_is_the_callers_to_correct(doors: Doors) -> None:
    answer = doors.send("POST", "/v1/searches", "unit", question(simulate_edition="no-such-edition"))
    a_problem(answer, 422, "no-such-edition")


def test_a_question_that_the_rules_refuse_is_a_403_with_the_rule(doors: Doors) -> None:
    answer = doors.send("POST", "/v1/searches", "unit", question(legal_basis="SX_POLICE"))
    assert a_problem(answer, 403, "question-refused")["details"]["rules"] == ["ASK-3"]


# --- addresses ---


@pytest.mark.parametrize(
    "address",
    [
        "/v1/signals?kind=%00",
        "/v1/signals?urgency=%ff",
        "/v1/signals?limit=0",
        "/v1/signals?limit=201",
        "/v1/signals?limit=x",
        "/v1/signals?cursor=AAAA",
        "/v1/signals?cursor=%C3%A9",
        "/v1/signals?no_such_filter=1",
        "/v1/signals/by-reference/%00",
        "/v1/signals/by-reference/AW-2026-0000",
        "/v1/signals/00000000-0000-0000-0000-000000000000",
        "/v1/hits?cursor=AAAA",
        "/v1/hits?limit=1000",
        "/v1/hits?cursor=" + "A" * 32,
    ],
)
def test_an_odd_address_is_never_a_failure_of_the_node(doors: Doors, address: str) -> None:
    answer = doors.send("GET", address, "unit")
    assert answer.status_code < 500, answer.text
    _stands(answer)


@pytest.mark.parametrize("year", ["0", "-1", "1999", "99999", "9" * 40, "x", ""])
def test_an_odd_year_is_the_callers_to_correct(doors: Doors, year: str) -> None:
    answer = doors.send("GET", f"/v1/statistics/owner?year={year}", "statistics")
    a_problem(answer, 422, answer.json()["code"])


def test_grounds_for_reading_a_record_travel_in_headers(doors: Doors) -> None:
    path = f"/v1/records/{doors.register.clock.new_id()}"
    a_problem(doors.send("GET", path, "unit"), 422, "ground-needed")
    given = {"RTR_Purpose": "COORDINATE", "RTR_Legal_Basis": "AW_NONPOLICE", "RTR_Case": SECRET}
    a_problem(doors.send("GET", path, "unit", **given), 404, "not-found")
    a_problem(doors.send("GET", path, "unit", **given | {"RTR_Purpose": SECRET}), 422, "invalid-request")


def test_no_route_takes_case_data_in_its_address(doors: Doors) -> None:
    taken = set()
    for path, methods in doors.app.openapi()["paths"].items():
        for operation in methods.values():
            taken |= {(path, p["name"]) for p in operation.get("parameters", []) if p["in"] in {"query", "path"}}
    names = {name for path, name in taken if path.startswith("/v1")}
    assert names <= {
        "signal_id", "reference", "record", "cursor", "limit", "year", "kind", "state", "type_assessed",
        "type_registered", "island", "source", "channel", "urgency", "intake_id", "victim_id", "training_id",
        "referral_id", "request_id", "status", "owner", "organisation", "received_from", "received_to", "digest",
        "sort", "finding_id", "decided", "lifting_id", "signal", "alarm_id", "acknowledged", "search_id", "ticked",
        "session_id", "approval_id", "hit_id",
    }  # fmt: skip


# --- submitting ---


def test_a_made_signal_has_an_address_and_a_version(doors: Doors) -> None:
    made = doors.submit()
    assert made.status_code == 201
    assert made.headers["Location"] == f"/v1/signals/{made.json()['id']}"
    assert made.headers["ETag"] == '"1"'
    read = doors.send("GET", made.headers["Location"])
    assert (read.status_code, read.headers["ETag"]) == (200, '"1"')


@pytest.mark.parametrize("key", [None, "short", "with a blank in it", "é" * 10, "x" * 129])
def test_a_signal_without_a_good_key_is_refused(doors: Doors, key: str | None) -> None:
    headers = doors.headers("service") | {"Content-Type": "application/json"}
    sent: list[tuple[bytes, bytes]] = [(k.encode(), v.encode()) for k, v in headers.items()]
    if key is not None:
        sent.append((b"Idempotency-Key", key.encode()))
    answer = doors.client.post("/v1/signals", content=json.dumps(form()), headers=sent)
    a_problem(answer, 422, "idempotency-key-needed")


def test_a_member_given_twice_is_refused_and_nothing_is_stored(doors: Doors) -> None:
    """C18: the second urgency would have taken the place of NOW, in silence."""
    body = json.dumps(form())
    twice = '{"urgency":"NOW","urgency":"NORMAL",' + body.removeprefix("{")
    headers = doors.headers("service") | {"Content-Type": "application/json", "Idempotency-Key": a_key()}
    problem = a_problem(doors.client.post("/v1/signals", content=twice, headers=headers), 422, "member-given-twice")
    assert "urgency" in problem["detail"]
    assert "NOW" not in json.dumps(problem)


@pytest.mark.parametrize(
    "address",
    [
        "/v1/signals?type_assessed=HT&limit=1&type_assessed=MS",
        "/v1/signals?limit=1&%6cimit=1",
        "/v1/referrals?open=true&open=false",
        "/v1/hits?limit=5&limit=50",
        "/v1/to-do?x&x",
    ],
)
def test_a_parameter_given_twice_is_refused_and_named(doors: Doors, address: str) -> None:
    problem = a_problem(doors.send("GET", address), 422, "parameter-given-twice")
    twice = re.findall(r"[?&](\w+)", address)[0]
    assert f"`{twice}`" in problem["detail"]


def test_what_is_no_name_of_ours_is_not_repeated(doors: Doors) -> None:
    problem = a_problem(
        doors.send("GET", "/v1/signals?Zeno%20Testman=1&Zeno%20Testman=2"), 422, "parameter-given-twice"
    )
    assert "Zeno" not in json.dumps(problem)


def test_a_page_with_a_parameter_twice_says_so(doors: Doors) -> None:
    answer = doors.client.get("/?language=nl&language=en")
    assert (answer.status_code, "parameter-given-twice" in answer.text) == (422, True)


def test_a_second_report_is_taken_and_answered_with_the_first(doors: Doors) -> None:
    first, second = doors.submit(account="Told by two."), doors.submit(account="Told by two.")
    assert (first.status_code, second.status_code) == (201, 201)
    assert {"reference": first.json()["reference"], "identical": True}.items() <= second.json()["resembles"][0].items()
    assert all(one["says"] for one in second.json()["readings"])


def test_the_same_key_with_the_same_form_gives_the_first_answer_again(doors: Doors) -> None:
    key = a_key()
    first, again = doors.submit(key=key), doors.submit(key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]


def test_the_same_key_with_another_form_is_refused(doors: Doors) -> None:
    key = a_key()
    doors.submit(key=key)
    answer = doors.submit(key=key, urgency="NOW")
    a_problem(answer, 422, "idempotency-key-reused")


def test_the_same_key_while_the_first_is_under_way_is_asked_to_wait(doors: Doors) -> None:
    key = a_key()
    caller = doors.world.caller("AW-DIMAS", actor="service")
    with doors.register.work(caller) as work, ThreadPoolExecutor(1) as pool:
        work.running.idempotency.claim("service", key, bytes(32))
        answer = pool.submit(doors.submit, key=key).result(10)
    a_problem(answer, 409, "idempotency-in-flight")
    assert answer.headers["Retry-After"] == "1"


# --- changing ---


@pytest.mark.parametrize(
    ("if_match", "status", "code"),
    [
        (None, 428, "precondition-required"),
        ('"7"', 412, "precondition-failed"),
        ("7", 422, "bad-if-match"),
        ("*", 422, "bad-if-match"),
        ('"1", "2"', 422, "bad-if-match"),
        ('W/"7"', 412, "precondition-failed"),
        ('"7-br"', 412, "precondition-failed"),
        ('"0"', 422, "bad-if-match"),
        ('"99999999999999999999"', 422, "bad-if-match"),
    ],
)
def test_a_change_names_the_version_it_was_made_on(doors: Doors, if_match: str | None, status: int, code: str) -> None:
    path = f"/v1/signals/{doors.signal()['id']}"
    headers = {} if if_match is None else {"If_Match": if_match}
    a_problem(doors.send("PATCH", path, body=AMENDMENT, **headers), status, code)
    assert doors.send("GET", path).headers["ETag"] == '"1"'


@pytest.mark.parametrize("etag", ['W/"1"', '"1-gzip"', '"1--gzip"', '"1;br"', 'W/"1-gzip"'])
def test_an_etag_that_a_proxy_made_weak_or_compressed_names_its_version(doors: Doors, etag: str) -> None:
    path = f"/v1/signals/{doors.signal()['id']}"
    assert doors.send("PATCH", path, body=AMENDMENT, If_Match=etag).status_code == 200


def test_a_change_gives_the_next_version_and_the_old_one_is_stale(doors: Doors) -> None:
    path = f"/v1/signals/{doors.signal()['id']}"
    changed = doors.send("PATCH", path, body=AMENDMENT, If_Match='"1"')
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    problem = a_problem(doors.send("PATCH", path, body=AMENDMENT, If_Match='"1"'), 412, "precondition-failed")
    assert problem["details"]["version"] == 2


@pytest.mark.parametrize(
    "changes", [{"nothing_known": True}, {"period": None}, {"guarantees": [], "subjects": None, "selectors": None}]
)
def test_an_amendment_after_which_the_form_would_not_hold_is_the_callers_to_correct(
    doors: Doors, changes: dict[str, Any]
) -> None:
    path = f"/v1/signals/{doors.signal()['id']}"
    answer = doors.send("PATCH", path, body={"changes": changes, "reason": "Mistaken."}, If_Match='"1"')
    problem = a_problem(answer, 422, "invalid-request")
    assert all(e["pointer"].startswith("/changes") for e in problem["errors"])


def test_a_withdrawn_signal_cannot_change(doors: Doors) -> None:
    path = f"/v1/signals/{doors.signal()['id']}"
    withdrawal = {"code": "withdrawn", "reason": "Entered twice."}
    assert doors.send("POST", f"{path}/withdrawal", body=withdrawal, If_Match='"1"').status_code == 200
    answer = doors.send("PATCH", path, body=AMENDMENT, If_Match='"2"')
    a_problem(answer, 409, answer.json()["code"])


@pytest.mark.parametrize("path", ["/v1/signals", "/v1/hits"])
def test_lists_come_as_items_and_next_with_a_link(doors: Doors, path: str) -> None:
    for _ in range(2):
        doors.signal()
    answer = doors.send("GET", f"{path}?limit=1", "unit", **GROUND)
    page = answer.json()
    assert set(page) - {"unanswered", "unreadable", "cut_off"} == {"items", "next"}
    assert ({"unanswered", "cut_off"} <= page.keys()) == (path == "/v1/hits"), "what is looked at later, or missing"
    assert ("Link" in answer.headers) == (page["next"] is not None)
    if page["next"] is not None:
        assert answer.headers["Link"] == f'<{path}?cursor={page["next"]}&limit=1>; rel="next"'
        following = doors.send("GET", f"{path}?cursor={page['next']}&limit=1", "unit", **GROUND).json()
        assert following["items"]
        assert following["items"] != page["items"]


@pytest.mark.parametrize("left_out", ["RTR-Purpose", "RTR-Legal-Basis", "RTR-Case"])
def test_hits_are_not_read_without_each_part_of_a_ground(doors: Doors, left_out: str) -> None:
    stated = {name: value for name, value in GROUND.items() if name != left_out}
    a_problem(doors.send("GET", "/v1/hits", "unit", **stated), 422, "ground-needed")
    a_problem(doors.send("GET", "/v1/hits", "service", **stated), 403, "task-missing")


def test_hits_are_refused_once_the_questions_of_the_day_are_asked(doors: Doors) -> None:
    assert doors.send("GET", "/v1/hits", "unit", **GROUND).status_code == 200
    change = "UPDATE rtr.search_spent SET spent = %s WHERE budget = 'person'"
    database = doors.register.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        connection.execute(change, (1_000_000,))
        try:
            answer = doors.send("GET", "/v1/hits", "unit", **GROUND)
        finally:
            connection.execute(change, (1,))
    a_problem(answer, 429, "search-budget-spent")
    assert int(answer.headers["Retry-After"]) > 0


def test_the_next_page_keeps_the_filters(doors: Doors) -> None:
    for urgency in ("NOW", "NORMAL", "NOW"):
        doors.signal(urgency=urgency)
    first = doors.send("GET", "/v1/signals?urgency=NOW&limit=1", "unit")
    link = first.headers["Link"].partition(">")[0].lstrip("<")
    following = doors.send("GET", link, "unit").json()
    assert [x["urgency"] for x in following["items"]] == ["NOW"]
