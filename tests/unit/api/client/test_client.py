"""The client over a real socket: what is repeated and what never, and what a refusal becomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.client import (
    BadAnswer,
    CallerAnswer,
    Client,
    ConflictAnswer,
    NotFoundAnswer,
    NotPermittedAnswer,
    NotSignedInAnswer,
    OperatorAnswer,
    ProblemAnswer,
    RegisterUnreachable,
    Retry,
)
from api.client.address import safe_url
from api.client.errors import UnsafeAddress
from api.published.examples_releases import build_summary as releases_summary
from register.errors import CallerError, Conflict, NotFound, NotPermitted, NotSignedIn, OperatorError, RegisterError
from schemas.codes import SignalState
from schemas.signals.changes import AmendIn, ReclassifyIn, ReferIn, WithdrawIn
from tests.unit.api.client.builders import ID, a_form, figures, me, signal, summary
from tests.unit.api.client.server import HANG_UP, Answer, Asked, Server, answering, problem, served_by

IN_FLIGHT = problem(409, "idempotency-in-flight", {"Retry-After": "1"})
TOKEN = "token-of-a-test"


class Pauses(list[float]):
    """Takes the pauses of a client instead of waiting."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@contextmanager
def client_of(server: Server, pauses: Pauses | None = None, attempts: int = 4) -> Iterator[Client]:
    pause = Pauses() if pauses is None else pauses
    with Client(server.url, lambda: TOKEN, retry=Retry(attempts=attempts), pause=pause) as client:
        yield client


def keys_of(server: Server) -> list[str]:
    return [asked.headers["Idempotency-Key"] for asked in server.asked]


# -- what is repeated


@pytest.mark.parametrize(
    "first", [HANG_UP, IN_FLIGHT, problem(503, "database-unavailable"), Answer(502, b"", {}, "text/html")]
)
def test_submission_is_repeated_with_the_same_key_until_it_is_answered(first: Answer) -> None:
    with answering(first, first, Answer(201, signal())) as server, client_of(server) as client:
        assert client.submit_signal(a_form()).id == UUID(ID)

        keys = keys_of(server)
        assert len(keys) == 3
        assert len(set(keys)) == 1
        assert UUID(keys[0]).version == 7
        assert len({asked.body for asked in server.asked}) == 1


def test_each_submission_has_a_fresh_key_unless_the_caller_gives_one() -> None:
    with answering(Answer(201, signal())) as server, client_of(server) as client:
        client.submit_signal(a_form())
        client.submit_signal(a_form())
        client.submit_signal(a_form(), "the-callers-own-key")

        first, second, third = keys_of(server)
        assert first != second
        assert third == "the-callers-own-key"


def test_submission_that_gets_no_answer_ends_with_its_key_so_that_it_can_be_sent_again() -> None:
    with answering(HANG_UP) as server, client_of(server, attempts=3) as client:
        with pytest.raises(RegisterUnreachable) as caught:
            client.submit_signal(a_form())

        assert len(server.asked) == 3
        assert caught.value.details["idempotency_key"] == keys_of(server)[0]


def test_reading_is_repeated_when_the_connection_breaks() -> None:
    with answering(HANG_UP, Answer(200, me())) as server, client_of(server) as client:
        assert client.me().country == "AW"
        assert len(server.asked) == 2


CHANGES: list[Callable[[Client], object]] = [
    lambda c: c.amend(UUID(ID), AmendIn.model_validate({"changes": {"urgency": "NOW"}, "reason": "r"}), version=3),
    lambda c: c.reclassify(UUID(ID), ReclassifyIn(signal_type="HT", reason="r"), version=3),
    lambda c: c.step(UUID(ID), SignalState.FORWARDED, "r", version=3),
    lambda c: c.refer(UUID(ID), ReferIn(kind="investigation", to="AW-JIUMM"), version=3),
    lambda c: c.withdraw(UUID(ID), WithdrawIn.model_validate({"reason": "r", "code": "withdrawn"}), version=3),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("first", [HANG_UP, problem(503, "database-unavailable"), IN_FLIGHT])
def test_change_is_sent_once_whatever_happens(change: Callable[[Client], object], first: Answer) -> None:
    with answering(first, Answer(200, signal())) as server, client_of(server) as client:
        with pytest.raises(RegisterError):
            change(client)
        assert len(server.asked) == 1


@pytest.mark.parametrize("change", CHANGES)
def test_change_names_the_version_it_was_made_on(change: Callable[[Client], object]) -> None:
    with answering(Answer(200, signal(version=4))) as server, client_of(server) as client:
        change(client)
        assert server.asked[0].headers["If-Match"] == '"3"'


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 422, 428, 500])
def test_refusal_that_a_repeat_cannot_cure_is_not_repeated(status: int) -> None:
    with answering(problem(status, "some-code"), Answer(201, signal())) as server, client_of(server) as client:
        with pytest.raises(ProblemAnswer):
            client.submit_signal(a_form())
        assert len(server.asked) == 1


def test_pauses_grow_follow_the_registers_wish_and_stay_bounded() -> None:
    pauses = Pauses()
    slow = problem(503, "database-unavailable", {"Retry-After": "3600"})
    answers = (HANG_UP, HANG_UP, IN_FLIGHT, slow, Answer(200, me()))
    with answering(*answers) as server, client_of(server, pauses, attempts=9) as client:
        client.me()

    assert pauses == [0.2, 0.4, 1.0, 5.0]


@given(failed=st.integers(1, 60), wanted=st.none() | st.floats(0, 1e6))
def test_no_pause_is_longer_than_the_longest(failed: int, wanted: float | None) -> None:
    retry = Retry()
    assert retry.first_pause_s <= retry.pause_s(failed, wanted) <= retry.longest_pause_s


# -- what a refusal becomes


@pytest.mark.parametrize(
    ("status", "kind", "family"),
    [
        (401, NotSignedInAnswer, NotSignedIn),
        (403, NotPermittedAnswer, NotPermitted),
        (404, NotFoundAnswer, NotFound),
        (409, ConflictAnswer, Conflict),
        (412, ConflictAnswer, Conflict),
        (422, CallerAnswer, CallerError),
        (413, CallerAnswer, CallerError),
        (500, OperatorAnswer, OperatorError),
        (503, OperatorAnswer, OperatorError),
    ],
)
def test_problem_becomes_an_error_of_its_family_with_the_document(
    status: int, kind: type[ProblemAnswer], family: type[RegisterError]
) -> None:
    refusal = problem(status, "some-code", details={"message": "m", "rule": "X-1"})
    with answering(refusal) as server, client_of(server) as client, pytest.raises(ProblemAnswer) as caught:
        client.me()

    error = caught.value
    assert type(error) is kind
    assert isinstance(error, family)
    assert (error.code, error.advice, str(error)) == (
        "some-code",
        "The advice of some-code.",
        "the detail of some-code",
    )
    assert error.problem.status == status
    assert error.details == {"message": "m", "rule": "X-1"}
    assert kind.code != "some-code"


@pytest.mark.parametrize(
    "odd",
    [
        Answer(500, b"<html>", {}, "text/html"),
        Answer(404, {"detail": "no"}),
        Answer(403, {"code": "x"}, {}, "application/problem+json"),
        Answer(403, problem(404, "not-found").body, {}, "application/problem+json"),
        Answer(302, b"", {"Location": "http://127.0.0.1:1/"}),
        Answer(200, b"<html>", {}, "text/html"),
        Answer(200, {"country": "XX"}),
    ],
)
def test_answer_that_no_register_gives_is_told_apart(odd: Answer) -> None:
    with answering(odd) as server, client_of(server, attempts=1) as client, pytest.raises(BadAnswer):
        client.me()


def test_proxy_that_asks_for_a_sign_in_is_a_matter_of_sign_in() -> None:
    asks = Answer(401, b"", {}, "text/plain")
    with answering(asks) as server, client_of(server) as client, pytest.raises(NotSignedInAnswer):
        client.me()


def test_nobody_at_the_address_is_unreachable() -> None:
    with answering(Answer()) as server:
        url = server.url
    with Client(url, lambda: TOKEN, pause=Pauses()) as client, pytest.raises(RegisterUnreachable):
        client.me()


def test_error_never_repeats_the_token_or_what_was_sent() -> None:
    with answering(HANG_UP) as server, client_of(server) as client, pytest.raises(RegisterUnreachable) as caught:
        client.submit_signal(a_form())
    told = f"{caught.value!r} {caught.value} {caught.value.details}"
    assert TOKEN not in told
    assert "Testman" not in told


# -- what is asked


def test_releases_are_read_to_the_last_page() -> None:
    def answer(asked: Asked) -> Answer:
        last = "cursor=" in asked.path
        return Answer(200, {"items": [releases_summary()], "next": None if last else "0" * 64})

    with served_by(answer) as server, client_of(server) as client:
        assert len(client.regional.releases().items) == 2
        assert [asked.path for asked in server.asked] == ["/v1/releases", f"/v1/releases?cursor={'0' * 64}"]


def test_list_follows_the_pages_to_their_end_and_no_further_than_needed() -> None:
    def answer(asked: Asked) -> Answer:
        last = "cursor=c2" in asked.path
        return Answer(200, {"items": [summary(2 if last else 1)], "next": None if last else "c2"})

    with served_by(answer) as server, client_of(server) as client:
        assert next(client.signals(state="REGISTERED")).reference == "AW-2026-0001"
        assert len(server.asked) == 1

        assert [s.reference for s in client.signals(state="REGISTERED", page_size=1)] == [
            "AW-2026-0001",
            "AW-2026-0002",
        ]
        assert [asked.path for asked in server.asked[1:]] == [
            "/v1/signals?state=REGISTERED&limit=1",
            "/v1/signals?state=REGISTERED&limit=1&cursor=c2",
        ]


@pytest.mark.parametrize(
    ("which", "path"),
    [
        (UUID(ID), f"/v1/signals/{ID}"),
        (ID, f"/v1/signals/{ID}"),
        ("AW-2026-0031", "/v1/signals/by-reference/AW-2026-0031"),
        ("../me?x=1", "/v1/signals/by-reference/..%2Fme%3Fx%3D1"),
    ],
)
def test_signal_is_read_by_id_or_reference(which: UUID | str, path: str) -> None:
    with answering(Answer(200, signal())) as server, client_of(server) as client:
        client.signal(which)
        assert server.asked[0].path == path


def test_amendment_sends_null_to_take_away_and_leaves_out_what_stays() -> None:
    change = AmendIn.model_validate({"changes": {"operation": None, "urgency": "NOW"}, "reason": "r"})
    with answering(Answer(200, signal())) as server, client_of(server) as client:
        client.amend(UUID(ID), change, version=1)

    assert server.asked[0].method == "PATCH"
    assert json.loads(server.asked[0].body) == {"changes": {"operation": None, "urgency": "NOW"}, "reason": "r"}


def test_form_arrives_as_it_was_meant() -> None:
    with answering(Answer(201, signal())) as server, client_of(server) as client:
        client.submit_signal(a_form())
    assert type(a_form()).model_validate_json(server.asked[0].body) == a_form()


def test_figures_history_and_readiness_are_read() -> None:
    line: dict[str, Any] = {"at": "2026-03-11T10:00:00Z", "what": "recorded", "actor": "a", "facts": {}, "reason": None}
    answers = (
        Answer(200, figures()),
        Answer(200, [line]),
        Answer(503, {"ready": False, "parts": {"database": "database-unavailable"}, "waiting": {}}),
    )
    with answering(*answers) as server, client_of(server) as client:
        assert client.owner_statistics(2023).notifications == 12
        assert [one.what for one in client.history(UUID(ID))] == ["recorded"]
        assert client.ready().parts == {"database": "database-unavailable"}
        assert [asked.path for asked in server.asked] == [
            "/v1/statistics/owner?year=2023",
            f"/v1/signals/{ID}/history",
            "/ready",
        ]


def test_older_client_reads_an_answer_with_more_in_it() -> None:
    with answering(Answer(200, me(shoe_size=44))) as server, client_of(server) as client:
        assert client.me().organisation == "AW-IMIGRACION"


# -- where a token may go


@pytest.mark.parametrize(
    "url", ["https://rtr.example.aw", "https://rtr.example.aw/aw/", "http://127.0.0.1:81", "http://[::1]:81"]
)
def test_address_is_https_or_on_the_loopback(url: str) -> None:
    assert safe_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["http://rtr.example.aw", "ftp://127.0.0.1", "rtr.example.aw", "https://u:secret@rtr.example.aw", "https://[x", "https://",
     "http://127.0.0.1.example.com", "https://rtr.example.aw/?x=1", "https://rtr.example.aw/#x"],
)  # fmt: skip
def test_token_travels_to_no_other_address(url: str) -> None:
    with pytest.raises(UnsafeAddress) as caught:
        Client(url, lambda: TOKEN)
    assert "secret" not in str(caught.value)
