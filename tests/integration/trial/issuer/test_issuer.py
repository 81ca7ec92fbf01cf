"""The loopback issuer over a real socket: a client proves itself, and the node learns its country and subject."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx2
import pytest

from api.http.issuers import IssuerRegistry
from api.http.sign_in import ASSERTION_TYPE, DISCOVERY, FORM, ClientKey, SignInRefused, fetch_access_token
from register.clock import SystemClock
from register.keys.jwk import PrivateKey
from register.keys.tokens import TokenRefused, sign_client_assertion
from register.tls import trusted
from rtr_trial.embedded.identity_provider.issuer import Client, LoopbackIssuer, running
from rtr_trial.embedded.production import RefusedInProduction
from schemas.codes import Partition

CLOCK = SystemClock()
KEY, STRANGER = PrivateKey.generate(), PrivateKey.generate()
ME = ClientKey("aw-imigracion", "m1", KEY)
CLIENTS = [
    Client(client_id="aw-imigracion", subject="svc-imigracion", keys={"m1": KEY.public()}, label="Imigracion"),
    Client(client_id="rtr-ana", subject="p-ana", keys={"a1": STRANGER.public()}, kind="person"),
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[LoopbackIssuer]:
    with running(Partition.AW, audience="rtr", clients=CLIENTS, clock=CLOCK, environment="trial") as served:
        yield served


@pytest.fixture(scope="module")
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(verify=trusted(), trust_env=False, timeout=5) as client:
        yield client


def new_id() -> str:
    return str(CLOCK.new_id())


def sign_in(http: httpx2.Client, issuer: LoopbackIssuer, me: ClientKey = ME) -> str:
    return fetch_access_token(http, me, issuer=issuer.url, token_url=issuer.token_url, jti=new_id(), now=CLOCK.now())


def assertion(issuer: LoopbackIssuer, *, jti: str | None = None, now: datetime | None = None) -> str:
    return sign_client_assertion(
        client_id=ME.client_id, audience=issuer.url, jti=jti or new_id(), now=now or CLOCK.now(), kid="m1", key=KEY
    )


def post(http: httpx2.Client, issuer: LoopbackIssuer, **changes: str | None) -> httpx2.Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(issuer),
        **changes,
    }
    whole = urlencode({name: value for name, value in form.items() if value is not None})
    return http.post(issuer.token_url, content=whole, headers={"Content-Type": FORM})


def test_service_signs_in_and_the_node_knows_its_country(http: httpx2.Client, issuer: LoopbackIssuer) -> None:
    registry = IssuerRegistry([issuer.as_issuer()], monotonic=time.monotonic)

    identity = registry.authenticate(sign_in(http, issuer), CLOCK.now())
    registry.close()

    assert (identity.partition, identity.subject, identity.client_id) == (
        Partition.AW,
        "svc-imigracion",
        "aw-imigracion",
    )


def test_person_signs_in_as_a_client_of_his_own(http: httpx2.Client, issuer: LoopbackIssuer) -> None:
    registry = IssuerRegistry([issuer.as_issuer()], monotonic=time.monotonic)

    identity = registry.authenticate(sign_in(http, issuer, ClientKey("rtr-ana", "a1", STRANGER)), CLOCK.now())
    registry.close()

    assert identity.subject == "p-ana"


def test_minted_token_is_as_good_as_a_fetched_one(issuer: LoopbackIssuer) -> None:
    registry = IssuerRegistry([issuer.as_issuer()], monotonic=time.monotonic)

    assert registry.authenticate(issuer.mint("rtr-ana"), CLOCK.now()).subject == "p-ana"
    with pytest.raises(TokenRefused):
        registry.authenticate(issuer.mint("rtr-ana", audience="another"), CLOCK.now())
    registry.close()


def test_token_says_when_a_person_signed_in_and_that_behind_a_program_is_nobody(
    http: httpx2.Client, issuer: LoopbackIssuer
) -> None:
    registry = IssuerRegistry([issuer.as_issuer()], monotonic=time.monotonic)
    began = CLOCK.now().replace(microsecond=0)

    person = registry.authenticate(sign_in(http, issuer, ClientKey("rtr-ana", "a1", STRANGER)), CLOCK.now())
    program = registry.authenticate(sign_in(http, issuer), CLOCK.now())
    registry.close()

    assert person.authenticated.at is not None
    assert began <= person.authenticated.at <= CLOCK.now()
    assert program.authenticated.at is None


def test_discovery_names_the_only_way_in(http: httpx2.Client, issuer: LoopbackIssuer) -> None:
    said = http.get(issuer.url + DISCOVERY).json()

    assert said["issuer"] == issuer.url
    assert said["token_endpoint"] == issuer.token_url
    assert said["grant_types_supported"] == ["client_credentials"]
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]


@pytest.mark.parametrize(
    "me",
    [
        ClientKey("aw-imigracion", "m1", STRANGER),
        ClientKey("aw-imigracion", "a1", STRANGER),
        ClientKey("rtr-ana", "m1", KEY),
        ClientKey("nobody", "m1", KEY),
    ],
    ids=["another's key", "another's kid", "another's client", "unknown client"],
)
def test_client_cannot_sign_in_as_another(http: httpx2.Client, issuer: LoopbackIssuer, me: ClientKey) -> None:
    with pytest.raises(SignInRefused, match="invalid_client"):
        sign_in(http, issuer, me)


def test_assertion_seen_once_is_refused_the_second_time(http: httpx2.Client, issuer: LoopbackIssuer) -> None:
    once = assertion(issuer)

    first, second = (post(http, issuer, client_assertion=once) for _ in range(2))

    assert first.status_code == 200
    assert (second.status_code, second.json()["error"]) == (401, "invalid_client")


def test_same_jti_in_a_fresh_assertion_is_refused_too(http: httpx2.Client, issuer: LoopbackIssuer) -> None:
    jti = new_id()
    first, second = (post(http, issuer, client_assertion=assertion(issuer, jti=jti)) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 401)


def test_old_assertion_is_refused(http: httpx2.Client, issuer: LoopbackIssuer) -> None:
    old = assertion(issuer, now=CLOCK.now() - timedelta(minutes=3))

    assert post(http, issuer, client_assertion=old).status_code == 401


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "password", "username": "ana", "password": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "unsupported_grant_type"),
        ({"client_assertion_type": None, "client_secret": "x"}, 401, "invalid_client"),
        ({"client_assertion": None}, 401, "invalid_client"),
        ({"client_assertion": "a.b.c"}, 401, "invalid_client"),
        ({"client_id": "rtr-ana"}, 401, "invalid_client"),
        ({"resource": "mail"}, 400, "invalid_target"),
        ({"padding": "x" * 20_000}, 400, "invalid_request"),
    ],
)
def test_other_ways_in_are_shut(
    http: httpx2.Client, issuer: LoopbackIssuer, changes: dict[str, str | None], status: int, error: str
) -> None:
    answer = post(http, issuer, **changes)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"grant_type=client_credentials&grant_type=client_credentials", FORM),
        (b'{"grant_type":"client_credentials"}', "application/json"),
        (b"\xff=1", FORM),
        (b"grant_type", FORM),
    ],
)
def test_form_that_is_odd_is_refused(http: httpx2.Client, issuer: LoopbackIssuer, content: bytes, kind: str) -> None:
    answer = http.post(issuer.token_url, content=content, headers={"Content-Type": kind})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_issuer_refuses_production() -> None:
    with pytest.raises(RefusedInProduction):
        LoopbackIssuer(
            Partition.AW, url="http://127.0.0.1:1", audience="rtr", clients=[], clock=CLOCK, environment="production"
        )


def test_issuer_is_gone_when_its_block_ends(http: httpx2.Client) -> None:
    with running(Partition.CW, audience="rtr", clients=[], clock=CLOCK, environment="trial") as served:
        assert http.get(served.url + DISCOVERY).status_code == 200

    with pytest.raises(httpx2.ConnectError):
        http.get(served.url + DISCOVERY)


def test_what_was_seen_is_forgotten_when_it_could_not_come_again(issuer: LoopbackIssuer) -> None:
    seen = issuer._seen
    start = datetime(2030, 1, 1, tzinfo=UTC)

    assert seen.first_time(("c", "j"), start, until=start + timedelta(seconds=60))
    assert not seen.first_time(("c", "j"), start + timedelta(seconds=60), until=start + timedelta(seconds=90))
    assert seen.first_time(("c", "j"), start + timedelta(seconds=61), until=start + timedelta(seconds=120))
