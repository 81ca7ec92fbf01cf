"""Signing in over a real socket: a token is kept until shortly before it ends, and fetched anew when it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx2
import pytest

from api.client import Client, NotSignedInAnswer, SignIn
from api.client.tokens import Tokens
from api.http.sign_in import ClientKey, ProviderUnreachable, SignInRefused
from register.clock import SystemClock
from register.keys.jwk import PrivateKey
from register.tls import trusted
from rtr_trial.embedded.identity_provider.issuer import Client as Known
from rtr_trial.embedded.identity_provider.issuer import LoopbackIssuer, running
from schemas.codes import Partition
from sync.transport.deadline import PunctualTransport
from tests.support.started.dripping import dripping
from tests.unit.api.client.builders import me
from tests.unit.api.client.server import Answer, Asked, answering, problem, served_by

KEY = PrivateKey.generate()
ME = ClientKey("aw-imigracion", "m1", KEY)


class HandClock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def now(self) -> datetime:
        return self.moment

    def new_id(self) -> UUID:
        return SystemClock().new_id()

    def monotonic(self) -> float:
        return self.moment.timestamp()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def issuer(clock: HandClock) -> Iterator[LoopbackIssuer]:
    known = [Known(client_id=ME.client_id, subject="s", keys={"m1": KEY.public()})]
    with running(Partition.AW, audience="rtr", clients=known, clock=clock, environment="trial") as served:
        yield served


def bearers(asked: list[Asked]) -> list[str]:
    return [one.headers["Authorization"].removeprefix("Bearer ") for one in asked]


def test_token_serves_until_shortly_before_it_ends(issuer: LoopbackIssuer, clock: HandClock) -> None:
    with answering(Answer(200, me())) as server, Client(server.url, SignIn(issuer.url, ME), clock=clock) as client:
        client.me()
        clock.moment += timedelta(minutes=9, seconds=29)  # the issuer's tokens live ten minutes
        client.me()
        clock.moment += timedelta(seconds=2)
        client.me()

    first, second, third = bearers(server.asked)
    assert first == second
    assert third != second


@pytest.mark.parametrize("code", ["token-refused", "fresh-sign-in-needed"])
def test_token_that_the_register_refuses_is_replaced_once(issuer: LoopbackIssuer, clock: HandClock, code: str) -> None:
    answers = (problem(401, code), Answer(200, me()))
    with answering(*answers) as server, Client(server.url, SignIn(issuer.url, ME), clock=clock) as client:
        assert client.me().country == "AW"
        client.me()

    refused, fresh, again = bearers(server.asked)
    assert fresh != refused
    assert again == fresh


def test_register_that_refuses_every_token_is_asked_twice_and_no_more(issuer: LoopbackIssuer, clock: HandClock) -> None:
    with (
        answering(problem(401, "token-refused")) as server,
        Client(server.url, SignIn(issuer.url, ME), clock=clock) as c,
        pytest.raises(NotSignedInAnswer),
    ):
        c.me()
    assert len(server.asked) == 2


def test_stranger_is_refused_by_the_provider_and_never_reaches_the_register(issuer: LoopbackIssuer) -> None:
    stranger = ClientKey("aw-imigracion", "m1", PrivateKey.generate())
    with (
        answering(Answer(200, me())) as server,
        Client(server.url, SignIn(issuer.url, stranger)) as client,
        pytest.raises(SignInRefused),
    ):
        client.me()
    assert server.asked == []


@pytest.mark.parametrize("said", [Answer(404, b""), Answer(200, {"issuer": "https://other.example"}), Answer(200, [1])])
def test_provider_that_does_not_describe_itself_is_unreachable(said: Answer) -> None:
    with (
        answering(said) as provider,
        Client("http://127.0.0.1:1", SignIn(provider.url, ME)) as client,
        pytest.raises(ProviderUnreachable),
    ):
        client.me()


def test_token_of_unknown_form_is_kept_for_a_minute_at_most(clock: HandClock) -> None:
    count = iter(range(9))

    def provider(asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer(200, {"access_token": f"opaque-{next(count)}"})
        url = f"http://{asked.headers['Host']}"
        return Answer(200, {"issuer": url, "token_endpoint": f"{url}/token"})

    with (
        served_by(provider) as issuer,
        answering(Answer(200, me())) as server,
        Client(server.url, SignIn(issuer.url, ME), clock=clock) as client,
    ):
        client.me()
        client.me()
        clock.moment += timedelta(minutes=1)
        client.me()

    assert bearers(server.asked) == ["opaque-0", "opaque-0", "opaque-1"]


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"], ids=["headers", "body"])
def test_provider_that_sends_a_byte_now_and_then_is_given_up(clock: HandClock, first: bytes) -> None:
    http = httpx2.Client(transport=PunctualTransport(trusted()), timeout=10)
    with http, dripping(first=first) as url, pytest.raises(ProviderUnreachable):
        Tokens(SignIn(url, ME), http, clock, within_s=0.3)()
