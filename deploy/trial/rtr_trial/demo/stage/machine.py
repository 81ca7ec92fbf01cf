"""All that runs for a demo, on one machine: database, engine, keys of the five, issuers, a cable and the node.

One machine then holds the keys of five countries, which is why nothing here is for real data; production refuses it
part by part. The registers themselves run in a child, `rtr node`, that ends when this process ends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Final

from api.client import SignIn
from api.http.sign_in import ClientKey
from api.servers.address import ServerAddress
from api.web.access.oidc import SIGNED_IN
from register import bootstrap
from register.clock import SystemClock
from register.domain.partition import PARTITIONS
from register.keys.home import open_keys
from register.keys.node import NodeKeys
from register.mou import edition as editions
from register.services.running import operate_database, operate_keys
from register.services.running.operate_keys import CeremonyDone
from register.settings import Settings, load
from rtr_trial.demo.stage.cable import Cable
from rtr_trial.demo.stage.folder import Folder
from rtr_trial.demo.stage.layout import Layout, lay_out, settings_table
from rtr_trial.demo.stage.node import NodeProcess
from rtr_trial.demo.stage.order import AUDIENCE, EDITION, ENVIRONMENT, Order
from rtr_trial.demo.stage.personas import Persona, let_in, personas
from rtr_trial.demo.stage.talker import Talker
from rtr_trial.demo.stage.toml import toml
from rtr_trial.embedded.engines.opensearch import EmbeddedOpenSearch
from rtr_trial.embedded.engines.osmem import EmbeddedOsmem
from rtr_trial.embedded.identity_provider import issuer
from rtr_trial.embedded.identity_provider.code_flow import PagesClient
from rtr_trial.embedded.identity_provider.issuer import LoopbackIssuer
from rtr_trial.embedded.postgres.server import EmbeddedPostgres
from schemas.codes import Partition

# Every role of five countries in one process, each with a small pool, and the operator.
_CONNECTIONS: Final = "300"


@dataclass(slots=True)
class Machine:
    """What runs.

    Attributes:
        settings: the node's own, and with them the administrator, whom the node never needs.
        ceremony: one key for each class; empty where an older demo is gone on with.
        opened_s: seconds until all answered, without the ceremony.
        ceremony_s: seconds that the ceremony took.
        talkers: who may speak to a register, by the key of the persona.
    """

    order: Order
    settings: Settings
    layout: Layout
    postgres: EmbeddedPostgres
    database: ServerAddress
    engine: EmbeddedOsmem | EmbeddedOpenSearch
    people: Mapping[str, Persona]
    issuers: Mapping[Partition, LoopbackIssuer]
    cable: Cable
    node: NodeProcess
    ceremony: list[CeremonyDone]
    opened_s: float
    ceremony_s: float
    talkers: dict[str, Talker] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def countries(self) -> tuple[Partition, ...]:
        """The open ones."""
        return self.order.countries

    @property
    def folder(self) -> Folder:
        """Where everything is."""
        return self.order.folder

    @property
    def urls(self) -> Mapping[Partition, str]:
        """Where each open country answers."""
        return {country: self.layout.urls[country] for country in self.countries}

    def as_(self, key: str) -> Talker:
        """A way to a register as that persona, signed in by its own key; the same one every time."""
        with self.lock:
            if key not in self.talkers:
                one = self.people[key]
                kid = one.secret.public().thumbprint()
                sign_in = SignIn(self.issuers[one.country].url, ClientKey(one.key, kid, one.secret))
                self.talkers[key] = Talker(self.urls[one.country], sign_in)
            return self.talkers[key]

    def unit(self, country: Partition) -> Talker:
        """As the country's register unit."""
        return self.as_(f"{country.lower()}-register")

    def psql_environment(self) -> dict[str, str]:
        """For the operator's `psql` and `pg_dump`."""
        return self.database.environment(self.settings.database.name)


@contextmanager
def running(order: Order, note: Callable[[str], None]) -> Iterator[Machine]:
    """Set everything up and keep it up while the block lasts.

    Args:
        order: what to run.
        note: told what is being done, in a few words.

    Raises:
        OperatorError: names what is missing or in the way.
    """
    order.check()
    with ExitStack() as closing:
        closing.enter_context(order.folder.held())
        machine = _open_machine(order, note, closing)
        try:
            yield machine
        finally:
            for talker in machine.talkers.values():
                talker.close()


def _open_machine(order: Order, note: Callable[[str], None], closing: ExitStack) -> Machine:
    clock, folder = SystemClock(), order.folder
    begun = clock.monotonic()
    kept = _claim_home(order)
    note("Starting PostgreSQL")
    postgres = EmbeddedPostgres(folder.postgres, environment=ENVIRONMENT, settings={"max_connections": _CONNECTIONS})
    database = postgres.start()
    closing.callback(postgres.stop)
    note(f"Starting the search engine ({order.engine})")
    engine = _build_engine(order)
    engine.start()
    closing.callback(engine.stop)
    people = personas(order.countries)
    issuers = {c: closing.enter_context(_issuer(c, people, clock)) for c in order.countries}
    layout = lay_out(order, kept)
    cable = Cable(layout.lines.values())
    closing.callback(cable.close)

    def write_settings(roster_sha256: str = "") -> Settings:
        issuer_urls = {country: one.url for country, one in issuers.items()}
        table = settings_table(order, layout, database, engine.url, issuer_urls, roster_sha256)
        folder.settings.write_text(toml(table), encoding="utf-8")
        settings = load(folder.settings, {})[0]
        return replace(settings, database=replace(settings.database, admin_url=database.url()))

    settings = write_settings(kept.sync.roster_sha256 if kept else "")
    ceremony: list[CeremonyDone] = []
    ceremony_s = 0.0
    if kept is None:
        note("Making the database")
        operate_database.migrate(settings)
        note("Holding the key ceremony of the five")
        ceremony_begun = clock.monotonic()
        nodes = {c: operate_keys.init_keys(settings, c) for c in PARTITIONS}
        ceremony = operate_keys.hold_ceremony(settings, nodes)
        ceremony_s = clock.monotonic() - ceremony_begun
        settings = write_settings(_write_roster(settings, nodes, layout.urls, clock))
        for country in order.countries:
            _let_in(settings, country)
    for country in order.countries:
        _admit_pages(issuers[country], settings, country, layout.urls[country])
    for one in people.values():
        one.write_profile(folder.profiles, api=layout.urls[one.country], issuer=issuers[one.country].url)
    note("Starting the node")
    node = NodeProcess(folder.settings, folder.node_log, set(order.countries), clock)
    closing.callback(node.stop)
    node.wait_until_ready()
    return Machine(
        order=order,
        settings=settings,
        layout=layout,
        postgres=postgres,
        database=database,
        engine=engine,
        people=people,
        issuers=issuers,
        cable=cable,
        node=node,
        ceremony=ceremony,
        opened_s=clock.monotonic() - begun - ceremony_s,
        ceremony_s=ceremony_s,
    )


def _claim_home(order: Order) -> Settings | None:
    """Take the home: fresh, or as the last demo left it, whose settings are returned."""
    if not order.keep:
        order.folder.claim_fresh(order.shape)
        return None
    order.folder.claim_kept(order.shape)
    return load(order.folder.settings, {})[0]


def _build_engine(order: Order) -> EmbeddedOsmem | EmbeddedOpenSearch:
    match order.engine:
        case "opensearch":
            return EmbeddedOpenSearch(order.folder.engine, production=False)
        case "osmem":
            return EmbeddedOsmem(production=False)
        case other:
            raise ValueError(f"there is no engine {other}")


@contextmanager
def _issuer(country: Partition, people: Mapping[str, Persona], clock: SystemClock) -> Iterator[LoopbackIssuer]:
    own = [one for one in people.values() if one.country is country]
    with issuer.running(
        country,
        audience=AUDIENCE,
        clients=[one.as_client() for one in own],
        logins=[login for one in own if (login := one.as_login()) is not None],
        clock=clock,
        environment=ENVIRONMENT,
    ) as found:
        yield found


def _admit_pages(issuer: LoopbackIssuer, settings: Settings, country: Partition, url: str) -> None:
    """Make the country's pages known at its issuer, by the key that the node proves itself with."""
    key = open_keys(settings, country).pages_client.public()
    own = settings.of(country)
    issuer.admit(PagesClient(client_id=own.client_id, keys={key.thumbprint(): key}, redirect_uri=f"{url}{SIGNED_IN}"))


def _write_roster(
    settings: Settings, nodes: Mapping[Partition, NodeKeys], urls: Mapping[Partition, str], clock: SystemClock
) -> str:
    """Write roster 1 where `rtr roster show` looks for it, give it to the nodes, and return its SHA-256 to pin."""
    document = operate_keys.first_roster(nodes, urls, [editions.load(EDITION).hash], clock.now())
    file = settings.home / "rosters" / "1.json"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_bytes(document)
    operate_database.install_roster(settings, 1, document)
    return hashlib.sha256(document).hexdigest()


def _let_in(settings: Settings, country: Partition) -> None:
    register = bootstrap.open(settings, country)
    try:
        let_in(register)
    finally:
        register.close()
