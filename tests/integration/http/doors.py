"""Aruba's application behind real sign-in: an issuer of its own, one of Curaçao's, and a roster of partners."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from api.http import app as application
from api.http.evaluator import mount
from api.http.issuers import IssuerRegistry
from register.clock import SystemClock
from register.core import Register
from register.domain.access.caller import Task, system
from register.domain.access.organisation import Authorisation
from register.domain.partition import day_in
from register.keys.home import open_keys
from register.keys.jwk import PrivateKey
from register.services.access.admit import apply_authorisations
from register.services.exchange.evaluate_batch import own_shares
from register.services.running import operate_database, operate_keys
from rtr_trial.embedded.identity_provider.issuer import Client, LoopbackIssuer, running
from schemas.codes import Partition
from schemas.exchange.wire import Typ, document
from sync.lists import AskersLists
from sync.protocol.documents.request import Call, request_claims
from sync.transport.partner import PartnerHttp
from sync.trust import KnownRosters, NodeSigner, load_rosters
from tests.support.forms import a_form
from tests.support.records.admitted import BY, TRAINED
from tests.support.world import World, world

AW, CW, NL = Partition.AW, Partition.CW, Partition.NL
AUDIENCE = "rtr-tests"
PERSONAS: Mapping[str, tuple[str, str]] = {
    "coordinator": ("AW-CMMA", "OX"),
    "unit": ("AW-JIUMM", "TEOX"),
    "service": ("AW-DIMAS", "SO"),
    "statistics": ("AW-CMMA", "OK"),
    "prosecutor": ("AW-OM", "P"),
}
"""Who is authorised here: organisation and tasks, by the letters of domain.md 4."""
_numbers = count(1)


@dataclass(repr=False)
class Doors:
    """What a client of a country's register meets; Aruba's, if nothing else is said."""

    world: World
    app: FastAPI
    client: TestClient
    issuer: LoopbackIssuer
    foreign: LoopbackIssuer
    country: Partition = AW
    roster: int = 1
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def register(self) -> Register:
        """The country's."""
        return self.world[self.country]

    def routes(self) -> set[tuple[str, str]]:
        """Every method and path of the API and of the exchange; pages for people are proved by tests of their own."""
        found = set()
        for route in self.app.routes:
            inside = getattr(route, "effective_route_contexts", None)
            served: list[Any] = list(inside()) if inside else [route]
            for one in served:
                endpoint = getattr(one, "endpoint", None)
                if endpoint is not None and not endpoint.__module__.startswith("api.web"):
                    found |= {(method, str(one.path)) for method in one.methods - {"HEAD"}}
        return found

    def headers(self, persona: str) -> dict[str, str]:
        """How a persona shows who it is; nothing for `anonymous`."""
        if persona == "anonymous":
            return {}
        if persona not in self.tokens:
            source = self.foreign if persona == "foreigner" else self.issuer
            self.tokens[persona] = source.mint(persona)
        return {"Authorization": f"Bearer {self.tokens[persona]}"}

    def signed(self, method: str, path: str, body: bytes = b"", *, jti: str | None = None) -> dict[str, str]:
        """How Curaçao's node signs one request."""
        claims = request_claims(
            CW,
            AW,
            Call(method, path, body),
            now=self.register.clock.now(),
            nonce="n" * 24,
            jti=jti or str(self.register.clock.new_id()),
            roster=1,
        )
        return {"Authorization": "RTR " + NodeSigner(self.world[CW].keys).sign(Typ.REQUEST, document(claims)).decode()}

    def send(self, method: str, path: str, persona: str = "service", body: object = None, **headers: str) -> Response:
        """One request of a persona; `body` goes as JSON, bytes as they are, header names with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        return self.client.request(method, path, headers=self.headers(persona) | sent, content=content)

    def submit(self, persona: str = "service", key: str | None = None, **parts: Any) -> Response:
        """Submit a signal."""
        return self.send("POST", "/v1/signals", persona, form(**parts), Idempotency_Key=key or a_key())

    def signal(self, **parts: Any) -> dict[str, Any]:
        """A fresh signal, as its submitter sees it."""
        made = self.submit(**parts)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found


def form(**parts: Any) -> dict[str, Any]:
    """A valid signal as it is posted."""
    return a_form(**parts).model_dump(mode="json", by_alias=True, exclude_none=True)


def question(**parts: Any) -> dict[str, Any]:
    """A valid question as it is posted."""
    whole: dict[str, Any] = {
        "purpose": "COORDINATE",
        "legal_basis": "AW_NONPOLICE",
        "case": "Z-2026-04",
        "subject": {"selectors": [{"type": "PHONE", "value": "+297 000 0123"}]},
    }
    return whole | parts


def a_request(**parts: Any) -> dict[str, Any]:
    """A valid request as it is posted, for an extract that is nowhere."""
    whole: dict[str, Any] = {
        "record": "01976a10-5c00-7000-8000-000000000002",
        "route": "police",
        "purpose": "COORDINATE",
        "legal_basis": "AW_NONPOLICE",
        "case": "Z-2026-04",
        "asks": "Who stood surety, and for whom?",
        "answer_by": str(day_in(NL, SystemClock().now())),  # of all five the first to have a new day
    }
    return whole | parts


def a_key() -> str:
    """An Idempotency-Key that nobody used."""
    return f"test-key-{next(_numbers):06}"


@contextmanager
def doors(
    country: Partition = AW, neighbour: Partition = CW, personas: Mapping[str, tuple[str, str]] = PERSONAS
) -> Iterator[Doors]:
    """Open a country's application; a neighbour's issuer is the foreign one."""
    clock, key = SystemClock(), PrivateKey.generate()
    with ExitStack() as stack:
        made = stack.enter_context(world(countries=(country, neighbour)))
        clients = [
            Client(client_id=name, subject=name, keys={"k": key.public()}, kind="person")
            for name in {*personas, "nobody", "foreigner", "coordinator"}
        ]
        issuer, foreign = (
            stack.enter_context(running(of, audience=AUDIENCE, clients=clients, clock=clock, environment="trial"))
            for of in (country, neighbour)
        )
        issuers = IssuerRegistry([issuer.as_issuer(), foreign.as_issuer()], monotonic=clock.monotonic)
        stack.callback(issuers.close)
        register = _with_roster(made, country)
        apply_authorisations(register, [_grant(name, *who) for name, who in personas.items()], by=BY)
        rosters = KnownRosters(lambda: load_rosters(register, system(country, "api")))
        app = application.create(register, issuers, rosters)
        http = PartnerHttp.of(register, rosters)
        stack.callback(http.close)
        lists = AskersLists(register, http, rosters)
        mount(app, register, rosters, own_shares(open_keys(made.settings, country)), lists)
        client = stack.enter_context(TestClient(app, base_url="http://register.example"))
        yield Doors(made, app, client, issuer, foreign, country)


def _with_roster(made: World, country: Partition) -> Register:
    nodes = {c: open_keys(made.settings, c) for c in Partition}
    urls = {c: f"http://{c.lower()}.example" for c in Partition}
    roster = operate_keys.first_roster(nodes, urls, [made[country].edition.hash], SystemClock().now())
    operate_database.install_roster(made.settings, 1, roster)
    pinned = replace(made.settings.sync, roster_sha256=hashlib.sha256(roster).hexdigest())
    return replace(made[country], settings=replace(made.settings, sync=pinned))


def _grant(actor: str, organisation: str, letters: str) -> Authorisation:
    return Authorisation(
        partition=Partition(organisation[:2]),
        actor=actor,
        actor_kind="person",
        organisation=organisation,
        tasks=frozenset(Task.of_letter(letter) for letter in letters),
        scope="all",
        begins=date(2025, 1, 1),
        training=TRAINED,
    )
