"""Five countries' evaluators behind real HTTP servers on the loopback, and what attacks on them need."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
from fastapi import FastAPI
from sqlalchemy import text

from api.http import evaluator
from api.process.hosting import Address, HttpServer
from api.routes.exchange import sync as exchange_routes
from register.clock import SystemClock
from register.core import Register
from register.keys import jws
from register.pseudonyms.client import Token, pseudonymise
from register.pseudonyms.evaluation import ShareSet
from register.pseudonyms.evaluators import Evaluators
from register.pseudonyms.matchkeys import MatchKey
from register.pseudonyms.oprf.group import ristretto255
from register.services.exchange.evaluate_batch import Listed, own_evaluator, own_shares
from register.services.running.operate_keys import first_roster, hold_ceremony
from register.settings import PartnerSettings
from register.tls import trusted
from schemas.canonical import dumps_plain
from schemas.codes import LegalBasis, Partition
from schemas.exchange.evaluation import Asking, Batch, Declared, EvaluationBody, EvaluationPurpose, EvaluationRequest
from schemas.exchange.wire import Limits, Typ, document
from sync.evaluators import PATH, HttpEvaluators
from sync.lists import AskerAwaited, AskersLists
from sync.protocol.documents.request import Call, request_claims
from sync.protocol.documents.roster import Rosters
from sync.transport.partner import PartnerHttp
from sync.trust import NodeSigner, read_rosters
from tests.support.world import World, world

EPOCHS = {"phone": 1, "plate": 1, "vessel": 1, "company": 1, "person": 1}
NEXT = "phone/e2"
"""The one key of a second epoch that all five hold."""
SECRET = bytes(range(32))
HERE = Address("127.0.0.1", 0)
ORGANISATIONS = {"AW": "AW-CMMA", "BQ": "BQ-KPCN", "CW": "CW-KPC", "NL": "NL-LE", "SX": "SX-KPSM"}
"""One of each country's that its signed list has."""
GROUNDS = {
    Partition.AW: LegalBasis.AW_POLICE,
    Partition.BQ: LegalBasis.WPG8,
    Partition.CW: LegalBasis.CW_POLICE,
    Partition.NL: LegalBasis.WPG8,
    Partition.SX: LegalBasis.SX_POLICE,
}
CASE = bytes(range(1, 33))
"""The HMAC of a case, as evaluators see it."""


class MovableClock(SystemClock):
    """The machine's clock, with an offset that a test may set."""

    offset = timedelta()

    def now(self) -> datetime:
        return super().now() + self.offset

    def monotonic(self) -> float:
        return super().monotonic() + self.offset.total_seconds()


@dataclass
class Net:
    """The world and its evaluators; `clock` is what all five nodes go by."""

    world: World
    clock: MovableClock
    rosters: Rosters
    urls: dict[Partition, str]
    shares: dict[Partition, ShareSet]
    opened: list[PartnerHttp] = field(default_factory=list)

    def __getitem__(self, country: Partition) -> Register:
        return self.world[country]

    def http(
        self,
        own: Partition,
        *,
        via: Mapping[Partition, str] | None = None,
        timeout_s: float = 10.0,
        rosters: Rosters | None = None,
    ) -> PartnerHttp:
        """One country's way to the others; `via` moves some of them to other addresses."""
        made = PartnerHttp(
            own,
            signer=NodeSigner(self[own].keys),
            rosters=lambda: rosters or self.rosters,
            clock=self.clock,
            via={p: PartnerSettings(via=url) for p, url in (via or {}).items()},
            timeout_s=timeout_s,
        )
        self.opened.append(made)
        return made

    def evaluators(
        self, own: Partition, *, via: Mapping[Partition, str] | None = None, timeout_s: float = 10.0
    ) -> HttpEvaluators:
        """The port of one country, over HTTP."""
        http = self.http(own, via=via, timeout_s=timeout_s)
        return HttpEvaluators(own_evaluator(self[own].keys), http, lambda: self.rosters, self.clock)

    def send(self, to: Partition, body: bytes, jwt: str | None) -> httpx2.Response:
        """Post bytes as they are, with a signature as it is: again while the evaluator fetches the list of who asks."""
        for _ in range(100):
            answer = self.send_once(to, body, jwt)
            if answer.status_code != 503 or code(answer) != AskerAwaited.code:
                break
            self.clock.pause(0.05)
        return answer

    def send_once(self, to: Partition, body: bytes, jwt: str | None) -> httpx2.Response:
        """As `send`, whatever is answered."""
        headers = {"Content-Type": "application/json"}
        if jwt is not None:
            headers["Authorization"] = f"RTR {jwt}"
        with httpx2.Client(verify=trusted(), trust_env=False, timeout=10) as client:
            return client.post(self.urls[to] + PATH, content=body, headers=headers)

    def jwt(self, own: Partition, to: Partition, body: bytes, *, signer: Partition | None = None, **other: Any) -> str:
        """The signature of one request; any claim may be another."""
        claims = document(
            request_claims(
                own,
                to,
                Call("POST", PATH, body),
                now=self.clock.now(),
                nonce="n" * 24,
                jti=str(self.clock.new_id()),
                roster=1,
            )
        )
        keys = self[signer or own].keys
        return jws.sign({**claims, **other}, typ=Typ.REQUEST, kid=keys.kid, key=keys.signing)

    def post(self, own: Partition, to: Partition, request: EvaluationRequest) -> httpx2.Response:
        """Send a request as it should be."""
        body = bytes_of(request)
        return self.send(to, body, self.jwt(own, to, body))

    def rows(self, country: Partition, sql: str, **values: Any) -> list[Any]:
        """What the evaluator's role of a country reads."""
        with self[country].database.transaction("evaluator") as connection:
            return list(connection.execute(text(sql), values))

    def leaves(self, country: Partition, request_id: UUID) -> list[dict[str, Any]]:
        """The log leaves of one request at one evaluator, in order."""
        sql = "SELECT commitment FROM evaluator.evaluation_leaf WHERE commitment->>'request_id' = :id ORDER BY id"
        return [row.commitment for row in self.rows(country, sql, id=str(request_id))]

    def used(self, country: Partition, actor: str) -> int:
        """Keys that an evaluator counted for an actor."""
        return self.counted(country, "actor", actor)

    def forget_counts(self, country: Partition) -> None:
        """Make an evaluator's books empty."""
        with self[country].database.transaction("evaluator") as connection:
            for table in ("evaluation_usage", "evaluation_ticket"):
                connection.execute(text(f"DELETE FROM evaluator.{table}_{country.lower()}"))

    def counted(self, country: Partition, layer: str, name: str, *, span: str = "day") -> int:
        """Keys that an evaluator counted in one layer, each of them once."""
        sql = (
            "SELECT coalesce(sum(keys), 0) AS n FROM evaluator.evaluation_usage"
            " WHERE layer = :layer AND name = :name AND span = :span AND selector_class <> 'all' AND book <> 'kept'"
        )
        return int(self.rows(country, sql, layer=layer, name=name, span=span)[0].n)

    def booked(self, country: Partition, book: str, selector_class: str) -> int:
        """Keys of a class that an evaluator counted in one book, for whichever country, of all days."""
        sql = (
            "SELECT coalesce(sum(keys), 0) AS n FROM evaluator.evaluation_usage"
            " WHERE layer = 'country' AND span = 'day' AND book = :book AND selector_class = :selector_class"
        )
        return int(self.rows(country, sql, book=book, selector_class=selector_class)[0].n)


@contextmanager
def net(limits: Limits | None = None) -> Iterator[Net]:
    """Start five evaluators, each with its own role, keys and shares, under one roster of these limits.

    They take the organisations of signed lists only, and whatever actor is named: what holds against a country must
    hold whoever asks. Those of `serving` take listed actors only, as the product does.
    """
    clock = MovableClock()
    with world(clock=clock) as made:
        known: list[Rosters] = []
        # A second epoch of one class, as after a ceremony and before anything is derived anew.
        hold_ceremony(made.settings, {c: r.keys for c, r in made.registers.items()}, [NEXT.partition("/")[0]], epoch=2)
        shares = {c: own_shares(r.keys) for c, r in made.registers.items()}
        ways = {c: PartnerHttp.of(r, lambda: known[0]) for c, r in made.registers.items()}
        servers = {
            c: HttpServer(_served(r, lambda: known[0], shares[c], AnyActor, ways[c]), HERE, name=f"evaluator-{c}")
            for c, r in made.registers.items()
        }
        urls = {c: s.address.url for c, s in servers.items()}
        roster = first_roster({c: r.keys for c, r in made.registers.items()}, urls, [], clock.now(), limits=limits)
        known.append(read_rosters([roster], hashlib.sha256(roster).hexdigest()))
        for server in servers.values():
            server.start()
        found = Net(made, clock, known[0], urls, shares)
        try:
            yield found
        finally:
            for http in (*found.opened, *ways.values()):
                http.close()
            for server in servers.values():
                server.stop()


@contextmanager
def serving(
    register: Register, rosters: Rosters, shares: ShareSet, askers: type[AskersLists] | None = None
) -> Iterator[str]:
    """One more evaluator for a country, at an address of its own; gives its URL."""
    http = PartnerHttp.of(register, lambda: rosters)
    made = _served(register, lambda: rosters, shares, askers or AnyActor, http)
    server = HttpServer(made, HERE, name="evaluator-extra")
    server.start()
    try:
        yield server.address.url
    finally:
        server.stop()
        http.close()


class AnyActor(AskersLists):
    """Lists that have every actor, whatever it is called."""

    def listed(self, partner: Partition, organisation: str, actor: str) -> Listed:  # noqa: ARG002 - any will do
        said = self._organisations[partner].listed_as((organisation,))
        if said is None:
            raise AskerAwaited(f"the lists of {partner} are asked for", retry_after_s=1)
        return Listed(said, "listed")


def _served(
    register: Register,
    rosters: Callable[[], Rosters],
    shares: ShareSet,
    askers: type[AskersLists],
    http: PartnerHttp,
) -> FastAPI:
    """The evaluator, and what its country's node tells partners: its signed lists."""
    app = evaluator.create(register, rosters, shares, askers(register, http, rosters))
    app.include_router(exchange_routes.router)
    return app


@contextmanager
def silent() -> Iterator[str]:
    """An address that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def nobody() -> str:
    """An address that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def elements(count: int, seed: str = "value") -> tuple[bytes, ...]:
    """So many group elements, as blinded ones look."""
    return tuple(ristretto255().hash_to_element(f"{seed} {i}".encode(), b"test") for i in range(count))


def request(
    clock: MovableClock,
    country: Partition,
    keys: Mapping[str, int] | None = None,
    *,
    actor: str,
    request_id: UUID | None = None,
    seed: str = "value",
    issued: datetime | None = None,
    purpose: EvaluationPurpose = EvaluationPurpose.REGISTER,
    organisation: str | None = None,
    legal_basis: LegalBasis | None = None,
    case_reference: bytes | None = CASE,
    declared: Declared = Declared.PUBLISH,
    ticket: UUID | None = None,
) -> EvaluationRequest:
    """A question of a country; key ids with how many elements of each. `declared` is of registrations only."""
    asked = {key_id: elements(count, seed) for key_id, count in (keys or {"phone/e1": 2}).items()}
    issued = issued or clock.now()
    return EvaluationRequest(
        body=EvaluationBody(
            request_id=request_id or clock.new_id(),
            country=country,
            purpose=purpose,
            organisation=organisation or ORGANISATIONS[country],
            actor=actor,
            legal_basis=legal_basis or GROUNDS[country],
            case_reference=case_reference,
            declared=None if purpose is EvaluationPurpose.SEARCH else declared,
            batches=tuple(Batch(key_id=key_id, elements=found) for key_id, found in asked.items()),
        ),
        issued=issued,
        expires=issued + timedelta(seconds=60),
        generations=dict.fromkeys(asked, 0),
        ticket=ticket,
    )


def bytes_of(request: EvaluationRequest) -> bytes:
    """A request as sent."""
    return dumps_plain(request.model_dump(mode="json"))


def phones(*numbers: str) -> list[MatchKey]:
    """Match keys of telephone numbers."""
    return [MatchKey("phone", 1, (number,)) for number in numbers]


def tokens(evaluators: Evaluators, keys: list[MatchKey], clock: MovableClock, **more: Any) -> list[Any]:
    """Ask for tokens as the worker does."""
    purpose = more.pop("purpose", EvaluationPurpose.REGISTER)
    asking = Asking(
        request_id=more.pop("request_id", None) or clock.new_id(),
        country=evaluators.own,
        purpose=purpose,
        declared=None if purpose is EvaluationPurpose.SEARCH else Declared.PUBLISH,
        organisation=ORGANISATIONS[evaluators.own],
        actor=more.pop("actor", "worker"),
        legal_basis=GROUNDS[evaluators.own],
        case_reference=CASE,
    )
    return pseudonymise(keys, evaluators, request=asking, epochs=EPOCHS, secret=SECRET, issued=clock.now(), **more)


def values(found: list[Any]) -> list[bytes]:
    """The tokens' bytes; fails where one is pending."""
    assert all(isinstance(token, Token) for token in found), found
    return [token.value for token in found]


def code(answer: httpx2.Response) -> str:
    """The stable code of a refusal."""
    return str(json.loads(answer.content)["code"])
