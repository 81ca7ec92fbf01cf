"""Sign-in: the issuer decides the country, and its outages do not lock the country out."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from api.http.issuers import Issuer, IssuerMisconfigured, IssuerRegistry, IssuerStanding, IssuerUnreachable, bearer_of
from api.http.sign_in import DISCOVERY
from register.errors import NotSignedIn
from register.keys.jwk import PrivateKey, write_key_set
from register.keys.tokens import TokenExpired, TokenRefused, sign_access_token
from schemas.codes import Partition
from tests.support.started.dripping import dripping

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
AW, CW = "https://login.aw.example", "https://login.cw.example"
KEY, NEXT, STRANGER = (PrivateKey.from_raw(bytes([n]) * 32) for n in (1, 2, 3))


class Provider:
    """An issuer on the other side of a transport: its keys can change and its line can break."""

    def __init__(self, url: str, *, key: PrivateKey = KEY, kid: str = "k1") -> None:
        self.url, self.keys = url, {kid: key.public()}
        self.broken: Callable[[], httpx2.Response] | None = None
        self.discovery: dict[str, Any] = {"issuer": url, "jwks_uri": f"{url}/keys"}
        self.asked = 0
        self.entered, self.gate = threading.Event(), threading.Event()
        self.gate.set()

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/keys":
            self.asked += 1
            self.entered.set()
            self.gate.wait(5)
        if self.broken:
            return self.broken()
        if request.url.path == DISCOVERY:
            return httpx2.Response(200, content=json.dumps(self.discovery))
        return httpx2.Response(200, content=write_key_set(self.keys))


class World:
    """Two issuers, one registry, and a clock that moves when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.aw, self.cw = Provider(AW), Provider(CW, key=STRANGER)
        sites = {"login.aw.example": self.aw, "login.cw.example": self.cw}
        self.registry = IssuerRegistry(
            [
                Issuer(url=AW, partition=Partition.AW, audience="rtr"),
                Issuer(url=CW, partition=Partition.CW, audience="rtr"),
            ],
            monotonic=lambda: self.seconds,
            transport=httpx2.MockTransport(lambda request: sites[request.url.host].answer(request)),
        )

    def sign_in(self, token: str) -> Any:
        return self.registry.authenticate(token, NOW)


@pytest.fixture
def world() -> World:
    return World()


def unreachable() -> httpx2.Response:
    raise httpx2.ConnectError("no route")


def a_token(**changes: Any) -> str:
    known: dict[str, Any] = {
        "issuer": AW,
        "audience": "rtr",
        "subject": "p-17",
        "client_id": "pages",
        "jti": "j-1",
        "now": NOW,
        "lifetime": timedelta(minutes=10),
        "kid": "k1",
        "key": KEY,
    }
    return sign_access_token(**{**known, **changes})


def test_issuer_decides_the_country(world: World) -> None:
    aruban = world.sign_in(a_token())
    curacaoan = world.sign_in(a_token(issuer=CW, key=STRANGER))

    assert (aruban.partition, aruban.issuer, aruban.subject, aruban.client_id, aruban.jti) == (
        Partition.AW,
        AW,
        "p-17",
        "pages",
        "j-1",
    )
    assert curacaoan.partition is Partition.CW


def test_issuer_cannot_sign_for_another_country(world: World) -> None:
    """Both publish a key named k1; only the key of the issuer that the token names counts."""
    with pytest.raises(TokenRefused):
        world.sign_in(a_token(issuer=AW, key=STRANGER))


@pytest.mark.parametrize("issuer", ["https://login.evil.example", AW + "/", AW.upper(), ""])
def test_unknown_issuer_is_refused_without_asking_it(world: World, issuer: str) -> None:
    with pytest.raises(TokenRefused):
        world.sign_in(a_token(issuer=issuer))
    assert (world.aw.asked, world.cw.asked) == (0, 0)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "Bearer x", "e30.e30.e30"])
def test_text_that_is_no_token_is_refused_without_asking_anybody(world: World, text: str) -> None:
    with pytest.raises(TokenRefused):
        world.sign_in(text)
    assert world.aw.asked == 0


def test_token_for_another_audience_is_refused(world: World) -> None:
    with pytest.raises(TokenRefused):
        world.sign_in(a_token(audience="mail"))


def test_expired_token_is_refused(world: World) -> None:
    with pytest.raises(TokenExpired):
        world.sign_in(a_token(now=NOW - timedelta(hours=1)))


def test_keys_are_fetched_once_and_kept(world: World) -> None:
    for _ in range(5):
        world.sign_in(a_token())

    assert world.aw.asked == 1


def test_keys_are_fetched_again_when_they_are_old(world: World) -> None:
    world.sign_in(a_token())
    world.seconds = 300

    world.sign_in(a_token())

    assert world.aw.asked == 2


def test_new_key_of_the_issuer_is_found_when_a_token_names_it(world: World) -> None:
    world.sign_in(a_token())
    world.aw.keys = {"k2": NEXT.public()}
    world.seconds = 20

    assert world.sign_in(a_token(kid="k2", key=NEXT)).subject == "p-17"


def test_key_that_the_issuer_withdrew_is_no_longer_believed(world: World) -> None:
    world.sign_in(a_token())
    world.aw.keys = {"k2": NEXT.public()}
    world.seconds = 20
    world.sign_in(a_token(kid="k2", key=NEXT))

    with pytest.raises(TokenRefused):
        world.sign_in(a_token())


def test_made_up_kids_do_not_hurry_us_to_the_issuer(world: World) -> None:
    world.sign_in(a_token())
    for n in range(50):
        world.seconds += 0.1
        with pytest.raises(TokenRefused):
            world.sign_in(a_token(kid=f"made-up-{n}"))

    assert world.aw.asked == 1


BREAKDOWNS: dict[str, Callable[[], httpx2.Response]] = {
    "out of reach": unreachable,
    "error": lambda: httpx2.Response(500, content=b"{}"),
    "empty": lambda: httpx2.Response(200, content=b""),
    "login page": lambda: httpx2.Response(200, content=b"<html>"),
    "no keys": lambda: httpx2.Response(200, content=b'{"keys":[]}'),
    "moved": lambda: httpx2.Response(302, headers={"Location": "https://login.evil.example/keys"}),
    "flood": lambda: httpx2.Response(200, content=b" " * 400_000),
}


@pytest.mark.parametrize("breakdown", BREAKDOWNS)
def test_outage_of_the_issuer_keeps_the_last_good_keys(world: World, breakdown: str) -> None:
    world.sign_in(a_token())
    world.aw.broken = BREAKDOWNS[breakdown]

    for day in range(1, 4):
        world.seconds = day * 86_400
        assert world.sign_in(a_token()).subject == "p-17"


def test_outage_before_the_first_keys_is_the_operators_matter_and_ends_by_itself(world: World) -> None:
    world.aw.broken = unreachable
    with pytest.raises(IssuerUnreachable) as caught:
        world.sign_in(a_token())
    assert caught.value.details == {"retry_after_s": 10}

    world.aw.broken = None
    with pytest.raises(IssuerUnreachable):
        world.sign_in(a_token())  # not asked again at once
    world.seconds = 10
    assert world.sign_in(a_token()).subject == "p-17"


def test_look_has_the_keys_before_anybody_comes_and_an_outage_after_that_keeps_nobody_out(world: World) -> None:
    world.registry.look()
    assert world.registry.standing() is IssuerStanding.WELL
    assert world.aw.asked == world.cw.asked == 1

    world.aw.broken, world.seconds = unreachable, 300
    world.registry.look()
    assert world.registry.standing() is IssuerStanding.AWAY
    assert world.sign_in(a_token()).subject == "p-17"

    world.aw.broken, world.seconds = None, 310
    world.registry.look()
    assert world.registry.standing() is IssuerStanding.WELL


def test_issuer_whose_keys_were_never_had_is_known_to_let_nobody_in_and_looks_do_not_hurry_it(world: World) -> None:
    world.aw.broken = unreachable
    for _ in range(5):
        world.registry.look()
        assert world.registry.standing() is IssuerStanding.NEVER_HAD
    world.aw.broken, world.seconds = None, 9.9
    world.registry.look()
    assert (world.aw.asked, world.registry.standing()) == (0, IssuerStanding.NEVER_HAD)
    world.seconds = 10
    world.registry.look()
    assert (world.aw.asked, world.registry.standing()) == (1, IssuerStanding.WELL)


def test_registry_that_names_no_issuer_says_nothing_of_one() -> None:
    assert IssuerRegistry([], monotonic=lambda: 0.0).standing() is None


def test_outage_of_one_country_is_none_of_another(world: World) -> None:
    world.aw.broken = unreachable

    assert world.sign_in(a_token(issuer=CW, key=STRANGER)).partition is Partition.CW


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": CW, "jwks_uri": f"{AW}/keys"},
        {"issuer": AW},
        {"issuer": AW, "jwks_uri": 1},
        {"issuer": AW, "jwks_uri": "http://login.aw.example/keys"},
        {"issuer": AW, "jwks_uri": "file:///etc/passwd"},
    ],
)
def test_discovery_document_that_is_odd_is_not_followed(world: World, discovery: dict[str, Any]) -> None:
    world.aw.discovery = discovery

    with pytest.raises(IssuerUnreachable):
        world.sign_in(a_token())
    assert world.aw.asked == 0


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"], ids=["headers", "body"])
def test_provider_that_sends_a_byte_now_and_then_is_given_up(first: bytes) -> None:
    """Each byte is in time; the whole never is."""
    with dripping(first=first) as url:
        issuer = Issuer(url=url, partition=Partition.AW, audience="rtr", jwks_url=f"{url}/keys")
        registry = IssuerRegistry([issuer], monotonic=lambda: 0.0, within_s=0.3)
        try:
            with pytest.raises(IssuerUnreachable):
                registry.keys_of(url, "kid")
        finally:
            registry.close()


def test_many_at_once_make_one_fetch(world: World) -> None:
    world.aw.gate.clear()
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(world.sign_in(a_token()).subject)) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert world.aw.entered.wait(5)
    world.aw.gate.set()
    for thread in threads:
        thread.join(5)

    assert got == ["p-17"] * 8
    assert world.aw.asked == 1


def test_old_keys_serve_others_while_one_fetches(world: World) -> None:
    world.sign_in(a_token())
    world.seconds = 400
    world.aw.entered.clear()
    world.aw.gate.clear()
    fetching = threading.Thread(target=world.sign_in, args=(a_token(),))
    fetching.start()
    assert world.aw.entered.wait(5)

    served = world.sign_in(a_token()).subject  # while the gate is shut

    assert not world.aw.gate.is_set()
    world.aw.gate.set()
    fetching.join(5)
    assert served == "p-17"


@pytest.mark.parametrize(
    "url", ["http://login.aw.example", "ftp://login.aw.example", "login.aw.example", "https://u@x.example", "https://"]
)
def test_issuer_without_a_safe_address_is_refused(url: str) -> None:
    with pytest.raises(IssuerMisconfigured):
        IssuerRegistry([Issuer(url=url, partition=Partition.AW, audience="rtr")], monotonic=lambda: 0.0)


def test_issuer_cannot_serve_two_countries() -> None:
    with pytest.raises(IssuerMisconfigured):
        IssuerRegistry(
            [Issuer(url=AW, partition=p, audience="rtr") for p in (Partition.AW, Partition.CW)], monotonic=lambda: 0.0
        )


def test_bearer_is_taken_from_its_header() -> None:
    assert bearer_of("Bearer abc") == "abc"
    assert bearer_of("bearer abc") == "abc"


def test_no_header_means_not_signed_in() -> None:
    with pytest.raises(NotSignedIn) as caught:
        bearer_of(None)
    assert caught.value.code == "not-signed-in"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "abc", "DPoP abc"])
def test_other_headers_are_refused(header: str) -> None:
    with pytest.raises(TokenRefused):
        bearer_of(header)
