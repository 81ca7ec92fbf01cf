"""Refusals at the door: one form, one status each, advice for whoever must act, and nothing of what was rejected."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
import structlog
from fastapi import FastAPI, Header, Query
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from api.http import problems
from api.http.bounds import TooLarge
from api.http.correlation import AnswerBroken
from api.published import docs_errors
from register.domain.signals.protecting.lifting import NotTheSecond
from register.errors import (
    CallerError,
    Conflict,
    NotFound,
    NotPermitted,
    NotSignedIn,
    OperatorError,
    PartnerError,
    RegisterError,
)
from register.keys.jws import BadSignature
from register.keys.tokens import TokenExpired
from rtr_trial import docs_errors as trial_errors
from schemas.problem import Problem

SECRET = "Zeno Testman +297 000 0147"


class Colour(StrEnum):
    RED = "RED"
    BLUE = "BLUE"


class Subject(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["person"]
    role: Colour
    born_on: dt.date | None = None


class Boat(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["boat"]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(max_length=20)
    subjects: list[Annotated[Subject | Boat, Field(discriminator="kind")]] = []
    marks: dict[str, int] = {}
    when: dt.datetime | None = None
    island: str | None = None

    @field_validator("island")
    @classmethod
    def of_the_list(cls, value: str | None) -> str | None:
        if value not in {None, "Bonaire"}:
            raise PydanticCustomError(
                "unknown-code", "{v}", {"v": value, "says": "No such island.", "allowed": ["Bonaire"]}
            )
        return value

    @field_validator("title")
    @classmethod
    def no_digits(cls, value: str) -> str:
        if any(letter.isdigit() for letter in value):
            raise ValueError(f"digits in {value}")
        return value


class TooSoon(CallerError):
    """Too soon."""

    code = "search-budget-spent"


class Stale(Conflict):
    """Changed meanwhile."""

    code = "precondition-failed"


class HalfKnown(NotFound):
    """A refusal without a code of its own."""


ERRORS: dict[str, RegisterError] = {
    "caller": CallerError("the period ends before it begins"),
    "not-found": NotFound("no signal of that id"),
    "variant": HalfKnown("no signal of that id"),
    "conflict": Conflict("the signal is withdrawn"),
    "nobody": NotSignedIn("no token was sent"),
    "expired": TokenExpired("the token expired"),
    "forbidden": NotPermitted("rule EXCHANGE-2", rules=("EXCHANGE-2",), seen=dt.date(2026, 1, 31), odd=object()),
    "partner": BadSignature("it does not hold", kid="CW-1"),
    "operator": OperatorError(f"cannot reach db-7.internal for {SECRET}", dsn="db-7", retry_after_s=5),
    "quota": TooSoon("2,000 keys a day", retry_after_s=60),
    "no-if-match": problems.PreconditionRequired("send If-Match"),
    "stale": Stale("expected version 2, got 1"),
    "large": TooLarge("at most 1 MiB"),
    "unforeseen": RegisterError("?"),
}


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()
    numbers = iter(range(1, 1_000))
    problems.install(app, new_id=lambda: UUID(int=next(numbers)))

    @app.get("/errors/{name}")
    def fail(name: str) -> None:
        raise ERRORS[name]

    @app.get("/crash")
    def crash() -> None:
        raise RuntimeError(SECRET)

    @app.get("/crash-late")
    def crash_late() -> StreamingResponse:
        def pieces() -> Iterator[bytes]:
            yield b"begun"
            raise RuntimeError(SECRET)

        return StreamingResponse(pieces())

    @app.post("/forms")
    def post(form: Form) -> dict[str, str]:
        return {"title": form.title}

    @app.get("/lists")
    def lists(
        limit: Annotated[int, Query(le=200)], idempotency_key: Annotated[str, Header(alias="Idempotency-Key")]
    ) -> None: ...

    with TestClient(app, raise_server_exceptions=True) as made:
        yield made


def problem(answer: Any) -> Problem:
    assert answer.headers["content-type"] == "application/problem+json"
    said = Problem.model_validate_json(answer.content)
    assert said.status == answer.status_code
    assert said.instance == f"urn:uuid:{answer.headers['x-correlation-id']}"
    assert said.correlation_id == answer.headers["x-correlation-id"]
    assert said.type == f"/docs/error-codes#{said.code}"
    return said


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("caller", 422, "bad-request"),
        ("not-found", 404, "not-found"),
        ("variant", 404, "not-found"),
        ("conflict", 409, "conflict"),
        ("nobody", 401, "not-signed-in"),
        ("expired", 401, "token-expired"),
        ("forbidden", 403, "not-permitted"),
        ("partner", 409, "bad-signature"),
        ("operator", 503, "operator-error"),
        ("quota", 429, "search-budget-spent"),
        ("no-if-match", 428, "precondition-required"),
        ("stale", 412, "precondition-failed"),
        ("large", 413, "too-large"),
        ("unforeseen", 500, "register-error"),
    ],
)
def test_error_becomes_the_status_of_its_code_or_family(client: TestClient, name: str, status: int, code: str) -> None:
    answer = client.get(f"/errors/{name}")

    said = problem(answer)
    assert (said.status, said.code, said.advice) == (status, code, ERRORS[name].advice)


def test_every_error_of_the_product_has_a_status() -> None:
    docs_errors.import_all()

    assert all(400 <= problems.status_of(error) <= 599 for error in docs_errors.all_errors())


def test_details_reach_programs(client: TestClient) -> None:
    said = problem(client.get("/errors/forbidden"))

    assert said.detail == "rule EXCHANGE-2"
    assert said.details == {"rules": ["EXCHANGE-2"], "seen": "2026-01-31", "odd": "object"}


def test_what_an_operator_must_mend_is_not_told_to_the_caller(client: TestClient) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = client.get("/errors/operator")

    assert problem(answer).details is None
    assert "db-7" not in answer.text
    assert "Testman" not in answer.text
    assert answer.headers["retry-after"] == "5"
    assert lines[0]["event"] == "request.not_served"
    assert lines[0]["correlation_id"] == answer.headers["x-correlation-id"]


def test_caller_without_a_token_is_asked_for_one(client: TestClient) -> None:
    assert client.get("/errors/nobody").headers["www-authenticate"] == 'Bearer realm="rtr"'
    assert client.get("/errors/expired").headers["www-authenticate"] == 'Bearer realm="rtr", error="invalid_token"'


def test_quota_says_when_to_come_again(client: TestClient) -> None:
    assert client.get("/errors/quota").headers["retry-after"] == "60"


def test_unforeseen_error_tells_the_caller_its_correlation_id_and_nothing_else(client: TestClient) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = client.get("/crash")

    said = problem(answer)
    assert (said.status, said.code, said.details, said.errors) == (500, "internal-error", None, None)
    assert "Testman" not in answer.text
    assert "RuntimeError" not in answer.text
    assert [line["event"] for line in lines] == ["request.failed"]
    assert lines[0]["error_type"] == "RuntimeError"
    assert lines[0]["where"][-1].endswith(":crash")
    assert "Testman" not in str(lines)


def test_error_in_mid_answer_ends_it_without_the_errors_words(client: TestClient) -> None:
    with structlog.testing.capture_logs() as lines, pytest.raises(AnswerBroken) as caught:
        client.get("/crash-late")

    assert "Testman" not in f"{caught.value} {lines}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_each_request_has_an_id_of_our_own_making(client: TestClient) -> None:
    sent = {"X-Correlation-Id": "mine", "X-Request-Id": "mine"}

    one, two = (client.post("/forms", json={"title": "x"}, headers=sent) for _ in range(2))

    assert one.status_code == 200
    assert len({one.headers["x-correlation-id"], two.headers["x-correlation-id"], "mine"}) == 3


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere/Testman", 404, "no-such-route"), ("DELETE", "/forms", 405, "method-not-allowed")],
)
def test_what_the_framework_refuses_has_the_same_form(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.request(method, path)

    said = problem(answer)
    assert (said.status, said.code) == (status, code)
    assert "Testman" not in answer.text


def test_refused_method_says_which_are_taken(client: TestClient) -> None:
    assert client.delete("/forms").headers["allow"] == "POST"


FORMS: dict[str, tuple[Any, str, str, list[str] | None]] = {
    "missing": ({}, "/title", "missing", None),
    "too long": ({"title": SECRET}, "/title", "string-too-long", None),
    "a validator of ours that quotes": ({"title": "147"}, "/title", "value-error", None),
    "a code that is none": ({"title": "x", "island": SECRET}, "/island", "unknown-code", ["Bonaire"]),
    "no member of the enumeration": (
        {"title": "x", "subjects": [{"kind": "person", "role": SECRET}]},
        "/subjects/0/person/role",
        "enum",
        ["RED", "BLUE"],
    ),
    "no such kind": (
        {"title": "x", "subjects": [{"kind": SECRET}]},
        "/subjects/0",
        "union-tag-invalid",
        ["person", "boat"],
    ),
    "a date that is none": (
        {"title": "x", "subjects": [{"kind": "person", "role": "RED", "born_on": SECRET}]},
        "/subjects/0/person/born_on",
        "date-from-datetime-parsing",
        None,
    ),
    "a member nobody knows": ({"title": "x", SECRET: 1}, "", "extra-forbidden", None),
    "a member with a typing mistake": ({"title": "x", "subject": 1}, "/subject", "extra-forbidden", None),
    "a value under a key of the caller": ({"title": "x", "marks": {SECRET: "a"}}, "/marks", "int-parsing", None),
    "a number as key": ({"title": "x", "marks": {"2970000147": "a"}}, "/marks", "int-parsing", None),
    "another type": ({"title": ["+297 000 0147"]}, "/title", "string-type", None),
    "no object at all": ([SECRET], "", "model-attributes-type", None),
}


@pytest.mark.parametrize("case", FORMS)
def test_mistake_in_a_form_is_pointed_at_and_never_repeated(client: TestClient, case: str) -> None:
    form, pointer, code, allowed = FORMS[case]

    answer = client.post("/forms", json=form)

    said = problem(answer)
    assert (said.status, said.code) == (422, "invalid-request")
    assert said.errors is not None
    assert [(e.location, e.pointer, e.code) for e in said.errors] == [("body", pointer, code)]
    assert said.errors[0].allowed == (tuple(allowed) if allowed else None)
    for part in ("Testman", "147", "Zeno"):
        assert part not in answer.text.replace(said.correlation_id, "")


def test_text_that_is_no_json_is_not_repeated(client: TestClient) -> None:
    answer = client.post("/forms", content=f'{{"title": {SECRET}', headers={"Content-Type": "application/json"})

    said = problem(answer)
    assert said.errors is not None
    assert [(e.location, e.pointer, e.code) for e in said.errors] == [("body", "", "json-invalid")]
    assert "Testman" not in answer.text


def test_all_mistakes_are_told_at_once(client: TestClient) -> None:
    said = problem(client.post("/forms", json={"title": 1, "marks": [], "when": "soon"}))

    assert said.errors is not None
    assert [e.pointer for e in said.errors] == ["/title", "/marks", "/when"]


def test_mistakes_are_told_up_to_a_bound(client: TestClient) -> None:
    said = problem(client.post("/forms", json={"title": "x", "subjects": [{}] * 500}))

    assert said.errors is not None
    assert len(said.errors) == 100


def test_mistake_in_query_and_header_is_named(client: TestClient) -> None:
    said = problem(client.get("/lists?limit=201"))

    assert said.errors is not None
    assert [(e.location, e.pointer, e.message) for e in said.errors] == [
        ("query", "/limit", "This must be at most 200."),
        ("header", "/Idempotency-Key", "This is required."),
    ]


def test_mistakes_that_a_use_case_found_are_told_in_the_same_form() -> None:
    refusal = CallerError(
        "two rows are wrong",
        errors=[{"location": "body", "pointer": "/rows/1", "code": "unknown-code", "message": "No such code."}],
    )

    said = problems.problem_of(refusal, str(UUID(int=1)))

    assert said.errors is not None
    assert said.errors[0].pointer == "/rows/1"
    assert said.details is None


# The page of error codes


def test_what_another_person_has_to_say_is_so_titled_of_a_finding_as_of_a_lifting() -> None:
    """Two of one unit decide a finding; the title spoke of two organisations that lift a protection."""
    problem = problems.problem_of(NotTheSecond("you have said this; it takes another person"), "0" * 32)
    told = f"{problem.title} {problem.advice}".lower()
    assert "another person" in told
    assert not {"organisation", "organisations", "lift", "protection"} & set(re.findall(r"[a-z]+", told))


def test_each_code_belongs_to_one_error() -> None:
    """Programs compare codes, and a code says who must act."""
    packages = (*docs_errors.PRODUCT, *trial_errors.TRIAL)
    docs_errors.import_all(packages)
    codes = [error.code for error in docs_errors.all_errors(packages)]

    assert sorted(code for code in set(codes) if codes.count(code) > 1) == []


def test_page_of_error_codes_has_a_heading_for_each_code() -> None:
    docs_errors.import_all()
    errors = docs_errors.all_errors()

    page = docs_errors.render_error_page(errors)

    headings = [line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")]
    assert sorted(headings) == sorted(error.code for error in errors if error is not RegisterError)
    assert {"clock-skew", "bad-signature", "task-missing", "internal-error", "not-signed-in"} <= set(headings)


def test_page_of_error_codes_is_what_the_program_says() -> None:
    """Run `python -m api.published.docs_errors` after adding or changing an error."""
    docs_errors.import_all()

    assert docs_errors.PAGE.read_text(encoding="utf-8") == docs_errors.render_error_page(docs_errors.all_errors())


def test_page_of_the_trials_error_codes_is_what_the_trial_says() -> None:
    """Run `python -m rtr_trial.docs_errors` after adding or changing an error there."""
    page = trial_errors.page()

    assert "### embedded-in-production" in page
    assert trial_errors.PAGE.read_text(encoding="utf-8") == page


def test_every_error_of_the_product_and_the_trial_says_what_it_means_and_what_to_do() -> None:
    packages = (*docs_errors.PRODUCT, *trial_errors.TRIAL)
    docs_errors.import_all(packages)

    poor = [
        e.__qualname__
        for e in docs_errors.all_errors(packages)
        if not (e.__doc__ or "").strip() or not e.advice.endswith(".")
    ]
    assert poor == []


def test_errors_made_up_by_tests_are_not_on_the_page() -> None:
    assert HalfKnown not in docs_errors.all_errors()
    assert TooSoon not in docs_errors.all_errors()
    assert PartnerError in docs_errors.all_errors()
