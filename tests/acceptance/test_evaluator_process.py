"""`rtr evaluate` as operators run it: a process of its own, asked over HTTP, killed with -9 and started again.

It has the country's key store, the rosters and one password: that of the role `evaluator`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from fastapi import FastAPI

from api.http import problems
from api.http.admission import PartnersPlaces
from api.process.hosting import Address, HttpServer
from api.routes.exchange import sync as exchange_routes
from register.clock import SystemClock
from register.core import Register
from register.pseudonyms.evaluators import InProcess
from register.pseudonyms.oprf.group import Element
from register.services.exchange.evaluate_batch import own_evaluator
from register.services.running.operate_keys import first_roster
from register.store.running.server.administration import password_file
from rtr_trial.demo.made_up import data
from rtr_trial.demo.stage.toml import toml
from schemas.codes import Partition
from schemas.exchange.evaluation import EvaluationAnswer, EvaluationRequest
from schemas.exchange.wire import Typ
from sync.evaluators import PATH, HttpEvaluators
from sync.protocol.documents.roster import Rosters
from sync.transport.partner import PartnerHttp
from sync.trust import NodeSigner, read_rosters
from tests.acceptance.two_countries.deployment import take_own_keys
from tests.integration.exchange.evaluators.net import MovableClock, bytes_of, request
from tests.support.started.processes import NodeProcess, fresh_port
from tests.support.world import World, world

CW, NL = Partition.CW, Partition.NL
ROLE = "rtr_nl_evaluator"


@dataclass
class Site:
    """The Netherlands' evaluator as a process, and Curaçao's node that asks it."""

    world: World
    process: NodeProcess
    url: str
    rosters: Rosters
    asks: HttpEvaluators

    @property
    def actor(self) -> str:
        """Somebody who may report in Curaçao, as evaluators know them."""
        return self.world[CW].keys.hide_actor(next(o.client for o in data.organisations() if o.code == "CW-KPC"))

    def ask(self, question: EvaluationRequest) -> EvaluationAnswer:
        """Have it evaluate; the receipt's signature is checked on the way."""
        return self.asks.ask(NL, question)

    def number(self, query: str) -> int:
        """One number out of the database, seen past row security."""
        database = self.world.settings.database
        address = psycopg.conninfo.make_conninfo(database.admin_url, dbname=database.name)
        with psycopg.connect(address) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Start it, and leave nothing behind."""
    with world(countries=(CW, NL)) as made:
        urls = {c: f"http://127.0.0.1:{fresh_port()}" for c in Partition}
        nodes = {c: made[c].keys for c in (CW, NL)}
        roster = first_roster(nodes, urls, [], SystemClock().now())
        pin = hashlib.sha256(roster).hexdigest()
        home = folder / "nl"
        take_own_keys(NL, home)
        (home / "rosters").mkdir()
        (home / "rosters" / "1.json").write_bytes(roster)
        password = password_file(made.settings.home / "secrets")(ROLE)
        (home / "secrets" / f"{ROLE}.password").write_text(password)
        database = made.settings.database
        settings = home / "settings.toml"
        settings.write_text(
            toml(
                {
                    "countries": [NL],
                    "home": str(home),
                    "database": {"host": database.host, "port": database.port, "name": database.name},
                    "sync": {"roster_sha256": pin},
                }
            )
        )
        process = NodeProcess(
            settings, folder / "evaluator.log", "--listen", urls[NL].removeprefix("http://"), command="evaluate"
        )
        rosters = read_rosters([roster], pin)
        http = PartnerHttp(
            CW,
            signer=NodeSigner(made[CW].keys),
            rosters=lambda: rosters,
            clock=SystemClock(),
            via={},
            timeout_s=20.0,
        )
        server = HttpServer(_node(made[CW], rosters), Address.parse(urls[CW].removeprefix("http://")), name="CW")
        server.start()
        with closing(http):
            asks = HttpEvaluators(own_evaluator(made[CW].keys), http, lambda: rosters, SystemClock())
            process.start()
            try:
                process.wait_until_ready()
                yield Site(made, process, urls[NL], rosters, asks)
            finally:
                process.stop()
                server.stop()


def _node(register: Register, rosters: Rosters) -> FastAPI:
    """What partners ask of Curaçao's node: its signed lists."""
    app = FastAPI()
    app.state.register, app.state.rosters = register, lambda: rosters
    app.state.partners_places = PartnersPlaces.of(register.settings.requests_max)
    app.include_router(exchange_routes.router)
    problems.install(app, new_id=register.clock.new_id)
    return app


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("evaluator")) as made:
        yield made


def test_it_answers_a_batch_with_its_own_share_and_a_signed_receipt(running: Site) -> None:
    question = request(MovableClock(), CW, {"phone/e1": 3, "person/e1": 2}, actor=running.actor)
    answer = running.ask(question)
    alone: InProcess = own_evaluator(running.world[NL].keys)
    for said, asked in zip(answer.batches, question.body.batches, strict=True):
        assert list(said.elements) == list(alone.evaluate_own(asked.key_id, [Element(e) for e in asked.elements]))


def test_what_it_answered_before_kill_9_is_a_harmless_repeat_after_it(running: Site) -> None:
    question = request(MovableClock(), CW, {"email/e1": 4}, actor=running.actor)
    counted = (
        "SELECT coalesce(sum(keys), 0) FROM evaluator.evaluation_usage"
        " WHERE layer = 'actor' AND selector_class = 'email'"
    )
    first = running.ask(question)
    running.process.kill()
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"{running.url}/health", trust_env=False)
    running.process.start()
    running.process.wait_until_ready()
    again = running.ask(question)
    assert [b.elements for b in again.batches] == [b.elements for b in first.batches]
    assert running.number(counted) == 4, "a repeat costs no quota"
    later = request(MovableClock(), CW, {"email/e1": 1}, actor=running.actor)
    assert len(running.ask(later).batches[0].elements) == 1
    assert running.number(counted) == 5, "what was counted before still counts"


def test_a_sending_that_was_taken_before_kill_9_is_refused_after_it(running: Site) -> None:
    clock = SystemClock()
    question = bytes_of(request(MovableClock(), CW, {"phone/e1": 1}, actor=running.actor))
    sent = _Kept(running.world[CW].keys)
    http = PartnerHttp(CW, signer=sent, rosters=lambda: running.rosters, clock=clock, via={}, timeout_s=20.0)
    with closing(http):
        http.post(NL, PATH, question)
    headers = {"Authorization": f"RTR {sent.jwt.decode()}", "Content-Type": "application/json"}
    running.process.kill()
    running.process.start()
    running.process.wait_until_ready()
    answer = httpx2.post(running.url + PATH, content=question, headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (409, "request-replayed")


def test_it_offers_nothing_but_its_one_address_and_its_health(running: Site) -> None:
    for path in ("/v1/me", "/v1/signals", "/sync/v1/log?inc=1&after=0", "/", "/docs", "/openapi.json"):
        assert httpx2.get(running.url + path, trust_env=False).status_code == 404
    assert httpx2.get(f"{running.url}/health", trust_env=False).status_code == 200


class _Kept(NodeSigner):
    """Signs as the node does, and keeps what it signed last."""

    jwt = b""

    def sign(self, typ: Typ, claims: Mapping[str, Any]) -> bytes:
        self.jwt = super().sign(typ, claims)
        return self.jwt
