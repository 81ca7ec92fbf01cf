"""Countries that exchange over loopback HTTP, in one process: real servers, real PostgreSQL, real keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from fastapi import FastAPI

from api.http import problems
from api.http.admission import PartnersPlaces
from api.process.hosting import Address, HttpServer
from api.routes.exchange import sync as sync_routes
from register import bootstrap
from register.clock import SystemClock
from register.core import Register
from register.domain.access.caller import Caller, system
from register.domain.access.organisation import Unit
from register.services.access.admit import apply_organisations
from register.services.running import operate_database, operate_keys
from register.settings import Settings
from register.store.exchange.drafts import Said
from rtr_trial.demo.made_up import data
from schemas.codes import EntryType, Partition, RetractReason
from schemas.exchange.wire import SCHEMA_VERSION, IndicatorRetract, NodeKey, Typ, encode_body
from sync.appender import BATCH, LEASE_S, Appender, AskedReceipt
from sync.protocol.documents.roster import Rosters
from sync.receiver import Pulled, Receiver
from sync.sender import Sender
from sync.transport.partner import PartnerHttp
from sync.trust import KnownRosters, NodeSigner, load_rosters
from tests.integration.exchange.extracts import A_UNIT, an_extract
from tests.integration.store.backups import environment, tools
from tests.support.records.admitted import BY
from tests.support.started.databases import drop_database, fresh_database, make_database
from tests.support.world import World, world

ASKED_AGAIN_MAX = 5
_SERVER = "wheel"


class Movable:
    """A clock of which a test may move the hands."""

    def __init__(self) -> None:
        self._real, self.offset = SystemClock(), timedelta()

    def now(self) -> datetime:
        """The present moment, moved."""
        return self._real.now() + self.offset

    def new_id(self) -> UUID:
        """A fresh UUIDv7."""
        return self._real.new_id()

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return self._real.monotonic()


@dataclass
class Node:
    """One country's node."""

    register: Register
    http: PartnerHttp
    rosters: KnownRosters
    appender: Appender
    receiver: Receiver
    sender: Callable[[], Sender]

    @property
    def country(self) -> Partition:
        """Whose node this is."""
        return self.register.partition

    def caller(self) -> Caller:
        """The node's worker."""
        return system(self.country, "worker")

    def put(self, *partners: Partition, number: int = 1, about: UUID | None = None, **changes: object) -> UUID:
        """Draft an extract for partners; return its id. The same id again drafts the next version."""
        about = about or self.register.clock.new_id()
        bodies = {p: encode_body(an_extract(self.register, p, number=number, **changes)) for p in partners}
        said = {p: Said(EntryType.INDICATOR_PUT, SCHEMA_VERSION, body, live=True) for p, body in bodies.items()}
        self.say(about, said)
        return about

    def retract(self, about: UUID, *partners: Partition, within: timedelta = timedelta(hours=24)) -> None:
        """Draft a retraction."""
        body = encode_body(IndicatorRetract(reason=RetractReason.WITHDRAWN))
        due = self.register.clock.now() + within
        said = {p: Said(EntryType.INDICATOR_RETRACT, SCHEMA_VERSION, body, live=False, due_at=due) for p in partners}
        self.say(about, said)

    def say(self, about: UUID, said: dict[Partition, Said]) -> None:
        """Draft what is said."""
        with self.register.work(self.caller()) as work:
            ends = self.register.today() + timedelta(days=365)
            work.exchange.drafts.say(about, said, keep_until=ends, alike=self.register.keys.fingerprint)

    def another_appender(self, owner: str, *, batch: int = BATCH, lease_s: float = LEASE_S) -> Appender:
        """As another process of this node has one: it has asked nobody yet."""
        asked = AskedReceipt(self.register, self.http, self.rosters)
        return Appender(self.register, owner, asked, batch=batch, lease_s=lease_s)

    def append(self) -> int:
        """Append until nothing waits."""
        total = 0
        while done := self.appender.turn():
            total += done
        return total

    def pull(self, partner: Partition) -> Pulled:
        """One pull."""
        return self.receiver.pull_once(partner)

    def pull_all(self, partner: Partition) -> int:
        """Pull until the tip is reached; the number of entries applied."""
        total, again = 0, ASKED_AGAIN_MAX
        while True:
            pulled = self.receiver.pull_once(partner)
            if pulled.error == "partner-unreachable" and again:
                again -= 1  # on a busy machine an answer may take longer than a request waits, and is asked for again
                continue
            assert pulled.error is None, pulled
            total += pulled.applied
            if not pulled.more:
                return total

    def sign(self, typ: Typ, claims: dict[str, object]) -> bytes:
        """Sign as this node."""
        return NodeSigner(self.register.keys).sign(typ, claims)


@dataclass
class Net:
    """Nodes that know each other by one roster."""

    world: World
    nodes: dict[Partition, Node]
    clocks: dict[Partition, Movable]
    apps: dict[Partition, FastAPI]

    def __getitem__(self, country: Partition) -> Node:
        return self.nodes[country]

    @contextmanager
    def restored(self, country: Partition, folder: Path) -> Iterator[Node]:
        """The country's node as it comes back from a backup, at the old address, in a database of its own."""
        before = self.nodes[country]
        settings = before.register.settings
        database = replace(settings.database, name=fresh_database())
        settings = replace(settings, countries=(country,), database=database)
        make_database(settings)
        operate_database.restore(settings, country, environment(_SERVER), tools(_SERVER), folder)
        register = bootstrap.open(settings, country, clock=self.clocks[country])
        node = self.nodes[country] = _node(register, self.apps[country])
        try:
            yield node
        finally:
            node.http.close()
            register.close()
            self.nodes[country] = before
            self.apps[country].state.register, self.apps[country].state.rosters = before.register, before.rosters
            drop_database(settings)


@contextmanager
def net(
    *countries: Partition,
    change: Callable[[Settings], Settings] = lambda s: s,
    wrap: Callable[[Partition, FastAPI], FastAPI] = lambda _, app: app,
    approval_keys: Sequence[NodeKey] = (),
) -> Iterator[Net]:
    """Open some countries of the five, each with a server of its own."""
    with world(countries=countries, change=change) as made:
        for register in made.registers.values():
            list_unit(register, A_UNIT)
        servers: list[HttpServer] = []
        nodes: dict[Partition, Node] = {}
        clocks = {c: Movable() for c in countries}
        registers = {c: replace(made[c], clock=clocks[c]) for c in countries}
        apps = {c: _app(registers[c]) for c in countries}
        try:
            servers.extend(HttpServer(wrap(c, apps[c]), Address.parse("127.0.0.1:0"), name=c) for c in countries)
            urls = {c: server.address.url for c, server in zip(countries, servers, strict=True)}
            document = operate_keys.first_roster(
                {c: registers[c].keys for c in countries},
                urls,
                [registers[countries[0]].edition.hash],
                SystemClock().now(),
                approval_keys=approval_keys,
            )
            operate_database.install_roster(made.settings, 1, document)
            pin = hashlib.sha256(document).hexdigest()
            for c in countries:
                settings = replace(made.settings, sync=replace(made.settings.sync, roster_sha256=pin))
                nodes[c] = _node(replace(registers[c], settings=settings), apps[c])
            for server in servers:
                server.start()
            yield Net(made, nodes, clocks, apps)
        finally:
            for server in servers:
                server.stop()
            for node in nodes.values():
                node.http.close()


def list_unit(register: Register, name: str) -> None:
    """Let the country's first organisation of the demo have one more unit."""
    first = next(o for o in data.organisations() if o.country is register.partition).admitted()
    unit = Unit(name, first.organisation.code, first.organisation.valid_from)
    apply_organisations(register, [replace(first, units=(*first.units, unit))], by=BY)


def _app(register: Register) -> FastAPI:
    app = FastAPI()
    app.state.register = register
    app.include_router(sync_routes.router)
    problems.install(app, new_id=register.clock.new_id)
    return app


def _node(register: Register, app: FastAPI) -> Node:
    known = KnownRosters(lambda: load_rosters(register, system(register.partition, "worker")))
    app.state.register, app.state.rosters = register, known
    app.state.partners_places = PartnersPlaces.of(register.settings.requests_max)
    http = PartnerHttp.of(register, known)
    return Node(
        register,
        http,
        known,
        Appender(register, "first", AskedReceipt(register, http, known)),
        Receiver(register, http, known),
        lambda: Sender(register, _rosters(known)),
    )


def _rosters(known: KnownRosters) -> Rosters:
    return known()
