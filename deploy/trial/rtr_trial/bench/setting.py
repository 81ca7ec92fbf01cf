"""A trial world for a bench: real parts in a temporary folder, quiet until the bench moves them, gone afterwards.

Like the demo's machine it holds the keys of five countries and is for made-up data only; unlike it nothing works by
itself here: no worker runs, so that what is measured is what the bench does. The other side of an exchange is a
process of its own, as it would be elsewhere.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from random import SystemRandom
from typing import Any, Final

from api.process import collector
from api.servers.address import ServerAddress
from api.servers.answering import who_answers
from register import bootstrap
from register.clock import SystemClock
from register.core import Register
from register.domain.access.caller import Caller, Task, system
from register.domain.exchange.limits import flat_limits
from register.domain.partition import PARTITIONS
from register.errors import OperatorError
from register.keys.home import open_keys
from register.mou import edition as editions
from register.pseudonyms.evaluation import ShareSet
from register.pseudonyms.evaluators import Evaluators, InProcess
from register.pseudonyms.oprf import share_document
from register.services.exchange.evaluate_batch import own_evaluator
from register.services.running import operate_database, operate_keys
from register.settings import SearchSettings, Settings, load
from rtr_trial.demo.made_up import data
from rtr_trial.demo.stage.personas import let_in
from rtr_trial.demo.stage.toml import toml
from rtr_trial.embedded.engines.opensearch import EmbeddedOpenSearch
from rtr_trial.embedded.engines.osmem import EmbeddedOsmem
from rtr_trial.embedded.postgres.server import EmbeddedPostgres
from rtr_trial.embedded.processes import LOOPBACK, KeptProcess, clean_environment, free_port, last_lines
from schemas.codes import Partition
from sync.evaluators import HttpEvaluators
from sync.protocol.documents.stub import LogId
from sync.transport.partner import PartnerHttp
from sync.trust import KnownRosters, load_rosters

ENGINES: Final = ("osmem", "opensearch")
QUOTA: Final = 1_000_000_000
RAISED: Final = (
    f"limits of the roster = {QUOTA:,} keys of every class (a bench asks more than people may)",
    f"search.person_day, case_day, organisation_day, own_day, cases_day = {QUOTA:,} (the same)",
    "pseudonyms.patience_s = sync.timeout_s = 60 s (the machine may be busy)",
)
_PORTS: Final = range(20_000, 30_000)
_READY_S: Final = 60.0
_ROLES: Final = ("api", "worker")
_TRIAL: Final = "trial"
Note = Callable[[str], None]


def none_given(_log: LogId, _disowned: AbstractSet[bytes]) -> None:
    """The newest receipt of a partner that was never told anything: benches append while no partner serves."""


class ServerDoesNotAnswer(OperatorError):
    """The process on the other side of a bench ended, or did not answer in time."""

    code = "bench-server-does-not-answer"
    advice = "Read the last lines of its log in the message."


@dataclass(slots=True)
class Trial:
    """What a bench works with.

    Attributes:
        settings: of all five countries, with the administrator.
        address: of the database server.
        urls: where each country's node answers once it is served; also what the roster says.
        versions: of the servers that run.
        table: the settings as their file has them.
        closing: gives back what is opened here.
        asker: Aruba's coordinator as evaluators know them; Aruba's signed list has them.
    """

    folder: Path
    settings: Settings
    address: ServerAddress
    urls: Mapping[Partition, str]
    versions: dict[str, str]
    table: dict[str, Any]
    closing: ExitStack
    asker: str
    clock: SystemClock = field(default_factory=SystemClock)

    @property
    def database(self) -> str:
        """The name of the database."""
        return self.settings.database.name

    @property
    def share_sets(self) -> list[ShareSet]:
        """The key shares of all five: single-machine key security, as in every trial."""
        return [share_document.read_all(c, open_keys(self.settings, c).shares()) for c in PARTITIONS]

    def register(self, country: Partition, *, evaluators: Evaluators | None = None, engine_url: str = "") -> Register:
        """Open a country's register; it is closed with the trial.

        Args:
            country: whose.
            evaluators: as `bootstrap.open`.
            engine_url: of another engine than that of the settings.
        """
        settings = self.settings
        if engine_url:
            settings = replace(settings, engine=replace(settings.engine, url=engine_url))
        opened = bootstrap.open(settings, country, evaluators=evaluators, clock=self.clock)
        self.closing.callback(opened.close)
        # As a node does; and what is measured afterwards need not connect first.
        opened.database.check(_ROLES)
        if opened.index is not None:
            self.closing.callback(opened.index.close)
            opened.index.prepare(PARTITIONS)
        return opened

    def in_process(self, country: Partition) -> InProcess:
        """Evaluators whose shares are all in this process: what the computation costs, without a network."""
        return InProcess(country, self.share_sets)

    def over_http(self, register: Register) -> HttpEvaluators:
        """Evaluators that are asked over HTTP, signed, counted and logged; the partners must be served."""
        rosters = self.rosters(register)
        http = PartnerHttp.of(register, rosters)
        self.closing.callback(http.close)
        return HttpEvaluators(own_evaluator(register.keys), http, rosters, self.clock)

    def partner_http(self, register: Register) -> PartnerHttp:
        """The country's way to its partners."""
        http = PartnerHttp.of(register, self.rosters(register))
        self.closing.callback(http.close)
        return http

    def rosters(self, register: Register) -> KnownRosters:
        """The rosters that the country believes."""
        return KnownRosters(lambda: load_rosters(register, system(register.partition, "api")))

    @contextmanager
    def serving(
        self, countries: Sequence[Partition], *, issuers: Mapping[Partition, str] | None = None
    ) -> Iterator[None]:
        """Serve countries from one process of their own while the block lasts; it serves, and does no work by itself.

        Args:
            countries: which.
            issuers: by country, who signs people and services in there.

        Raises:
            ServerDoesNotAnswer: as said.
        """
        name = "-".join(countries)
        listening = {
            str(c): {"listen": self.urls[c].removeprefix("http://"), "issuer": (issuers or {}).get(c, "")}
            for c in countries
        }
        settings, log = self.folder / f"{name}.toml", self.folder / f"{name}.log"
        settings.write_text(
            toml({**self.table, "countries": [str(c) for c in countries], "country": listening}), encoding="utf-8"
        )
        command = "from api.cli import main; main()"
        process = KeptProcess(
            [sys.executable, "-P", "-c", command, "--config", str(settings), "node", "--no-work"],
            log=log,
            environment=clean_environment(PYTHONUNBUFFERED="1"),
        )
        try:
            self._wait_for(process, log, [self.urls[c] for c in countries])
            yield
        finally:
            process.stop()

    def _wait_for(self, process: KeptProcess, log: Path, urls: Iterable[str]) -> None:
        deadline = self.clock.monotonic() + _READY_S
        for url in urls:
            while who_answers(url, path="/health") is None:
                if process.ended() or self.clock.monotonic() > deadline:
                    raise ServerDoesNotAnswer(f"{url}: {last_lines(log)}")
                self.clock.pause(0.05)


@contextmanager
def trial(note: Note, *, engine: str | None = None) -> Iterator[Trial]:
    """Set a world up in a temporary folder, and take it down again.

    Args:
        note: told what is being done.
        engine: one of `ENGINES`; None for a bench that searches nothing.

    Raises:
        OperatorError: names what is missing.
    """
    folder = Path(tempfile.mkdtemp(prefix="rtr-bench-"))
    with ExitStack() as closing:
        closing.callback(shutil.rmtree, folder, ignore_errors=True)
        note("Starting PostgreSQL")
        postgres = EmbeddedPostgres(folder / "postgres", environment=_TRIAL, settings={"max_connections": "200"})
        address = postgres.start()
        closing.callback(postgres.stop)
        versions = {"postgresql": f"{postgres.status().version} ({postgres.status().origin})"}
        engine_url = ""
        if engine is not None:
            note(f"Starting the search engine ({engine})")
            searched = _build_engine(engine, folder)
            engine_url = searched.start()
            closing.callback(searched.stop)
            versions["engine"] = f"{searched.name} {searched.version}"
        note("Holding the key ceremony of the five")
        # What the world opens is closed before the servers it is open to.
        opened = closing.enter_context(ExitStack())
        collector.settle()  # as a node does
        yield _set_up(folder, address, engine_url, versions, opened)


def submitter(country: Partition) -> Caller:
    """A service of the country that submits signals which all partners may have under the trial's rules."""
    organisation = next(o for o in data.organisations() if o.country is country and o.submits)
    return _build_caller(organisation.code, organisation.client, "service", Task.SUBMIT)


def coordinator() -> Caller:
    """The coordinator of Aruba."""
    return _build_caller("AW-CMMA", "aw-coordinator", "person", Task.READ_OWN, Task.SEARCH_SHARED)


def _build_caller(organisation: str, actor: str, kind: Any, *tasks: Task) -> Caller:
    return Caller(
        partition=Partition(organisation[:2]),
        function="api",
        kind=kind,
        actor=actor,
        organisation=organisation,
        legal_profile=next(o.legal_profile for o in data.organisations() if o.code == organisation),
        tasks=frozenset(tasks),
    )


def _build_engine(name: str, folder: Path) -> EmbeddedOsmem | EmbeddedOpenSearch:
    match name:
        case "opensearch":
            return EmbeddedOpenSearch(folder / "opensearch", production=False)
        case "osmem":
            return EmbeddedOsmem(production=False)
        case _:
            raise ValueError(f"there is no engine {name}")


def _set_up(
    folder: Path, address: ServerAddress, engine_url: str, versions: dict[str, str], closing: ExitStack
) -> Trial:
    candidates = list(_PORTS)
    SystemRandom().shuffle(candidates)
    ports = iter(candidates)
    urls = {country: f"http://{LOOPBACK}:{free_port(ports)}" for country in PARTITIONS}
    table: dict[str, Any] = {
        "env": _TRIAL,
        "countries": [str(c) for c in PARTITIONS],
        "edition": "demo",
        "covenant": "MOU-2019",
        "home": str(folder),
        "log_level": "WARNING",
        "database": {"host": address.host, "port": address.port, "name": "register"},
        "engine": {"url": engine_url},
        "pseudonyms": {"patience_s": 60.0},
        "search": dict.fromkeys((one.name for one in fields(SearchSettings)), QUOTA),
        "sync": {"timeout_s": 60.0},
    }
    settings = _read_settings_table(folder, table, address)
    operate_database.migrate(settings)
    nodes = {c: operate_keys.init_keys(settings, c) for c in PARTITIONS}
    operate_keys.hold_ceremony(settings, nodes)
    document = operate_keys.first_roster(
        nodes, urls, [editions.load("demo").hash], SystemClock().now(), limits=flat_limits(QUOTA)
    )
    operate_database.install_roster(settings, 1, document)
    table["sync"]["roster_sha256"] = hashlib.sha256(document).hexdigest()
    settings = _read_settings_table(folder, table, address)
    for country in PARTITIONS:
        opened = bootstrap.open(settings, country)
        try:
            let_in(opened)
        finally:
            opened.close()
    asker = nodes[Partition.AW].hide_actor(coordinator().actor)
    return Trial(folder, settings, address, urls, versions, table, closing, asker)


def _read_settings_table(folder: Path, table: Mapping[str, Any], address: ServerAddress) -> Settings:
    file = folder / "settings.toml"
    file.write_text(toml(table), encoding="utf-8")
    settings = load(file, {})[0]
    return replace(settings, database=replace(settings.database, admin_url=address.url()))
