"""Countries as they stand apart: each its own database, home, keys and `rtr node`; nothing common but the wire.

Aruba and Curaçao register and exchange. The Netherlands only evaluates, since a pseudonym takes three countries;
nobody answers for Sint Maarten and the Caribbean Netherlands. One PostgreSQL server holds the three databases and one
engine the indexes of both, so that a test can take either away from everybody at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

import sqlalchemy as sa

from api.client import Client
from api.client.connection import Retry
from api.servers.address import ServerAddress
from register import bootstrap
from register.clock import SystemClock
from register.domain.exchange.limits import flat_limits
from register.keys.home import keystore_path, open_keys, passphrase_name
from register.mou import edition as editions
from register.services.running import operate_database, operate_keys
from register.settings import Settings, load
from register.store.running.server.administration import administrator
from rtr_trial.demo.stage.personas import let_in, personas
from rtr_trial.demo.stage.toml import toml
from rtr_trial.embedded.identity_provider import issuer
from rtr_trial.embedded.postgres.server import EmbeddedPostgres
from schemas.codes import Partition
from tests.support.started.processes import EngineProcess, NodeProcess, fresh_port
from tests.support.started.run import passing_folder
from tests.support.world import trial_home

AW, CW, NL = Partition.AW, Partition.CW, Partition.NL
PAIR: Final = (AW, CW)
AUDIENCE: Final = "regional-theme-register"
EDITION: Final = "demo"
_PATIENT: Final = Retry(attempts=2, first_pause_s=0.05, longest_pause_s=0.2)


class Rows(Protocol):
    """A way to what a database holds, past row security."""

    def connect(self) -> AbstractContextManager[sa.Connection]:
        """To read."""
        ...

    def begin(self) -> AbstractContextManager[sa.Connection]:
        """To write; kept when the block ends."""
        ...


class OneTransaction:
    """`Rows` within one transaction: what is written is seen here, and kept only if its owner commits."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def connect(self) -> AbstractContextManager[sa.Connection]:
        """The same connection every time."""
        return nullcontext(self._connection)

    begin = connect


@dataclass
class Site:
    """One country's own machine."""

    country: Partition
    settings: Settings
    url: str
    node: NodeProcess
    mint: Callable[[str], str]
    rows_of: Rows

    def client(self, who: str) -> Client:
        """A way to the register as a client of the demo, for instance `aw-dimas`."""
        return Client(self.url, lambda: self.mint(who), retry=_PATIENT, timeout_s=10.0)

    def rows(self, query: str, **values: Any) -> Sequence[sa.Row[Any]]:
        """What the database of this country holds, seen past row security."""
        with self.rows_of.connect() as connection:
            return connection.execute(sa.text(query), values).all()

    def number(self, query: str, **values: Any) -> int:
        """The one number that a query gives."""
        return int(self.rows(query, **values)[0][0])

    def change(self, statement: str) -> int:
        """Plant something; return how many rows that changed."""
        with self.rows_of.begin() as connection:
            return connection.execute(sa.text(statement)).rowcount


@dataclass
class Deployment:
    """All of it, running."""

    folder: Path
    postgres: EmbeddedPostgres
    engine: EngineProcess
    sites: dict[Partition, Site]

    def __getitem__(self, country: Partition) -> Site:
        return self.sites[country]

    def second_worker(self, country: Partition) -> NodeProcess:
        """One more process that works for a country, not started yet; the caller ends it."""
        settings = self.folder / country.lower() / "settings.toml"
        return NodeProcess(settings, self.folder / f"{country.lower()}-second.log", "--no-serve")

    def kill_postgres(self) -> None:
        """End the server as a power cut would; every process of it is gone when this returns."""
        os.kill(int((self.postgres.data_dir / "cluster" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        # A fast shutdown of a server that is gone: it waits for the backends that the postmaster left behind.
        self.postgres.stop()

    @contextmanager
    def spoilt(self, *countries: Partition) -> Iterator[Deployment]:
        """The same as one transaction of each of these databases sees it, in which a test may break what it likes.

        All of it is rolled back, and nobody else has seen any of it.
        """
        with ExitStack() as closing:
            seen = {}
            for country in countries:
                connection = closing.enter_context(self[country].rows_of.connect())
                closing.callback(connection.rollback)
                seen[country] = replace(self[country], rows_of=OneTransaction(connection))
            yield replace(self, sites=self.sites | seen)

    def said(self) -> str:
        """The last of every log, for a failure."""
        tails = (f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in self.folder.glob("*.log"))
        return "\n".join(tails)


@contextmanager
def deployment() -> Iterator[Deployment]:
    """Set everything up, keep it up, and leave nothing behind."""
    with ExitStack() as closing:
        folder = closing.enter_context(passing_folder())
        postgres = EmbeddedPostgres(folder / "postgres", environment="trial")
        closing.callback(postgres.stop)
        address = postgres.start()
        engine = EngineProcess(folder / "engine.log")
        closing.callback(engine.stop)
        engine.start()
        urls = {country: f"http://127.0.0.1:{fresh_port()}" for country in Partition}
        roster = _roster(urls)
        sites = {}
        for country in (*PAIR, NL):
            sites[country] = _site(country, folder, address, engine.url, urls, roster, closing)
        for site in sites.values():
            closing.callback(site.node.stop)
            site.node.start()
        for site in sites.values():
            site.node.wait_until_ready()
        yield Deployment(folder, postgres, engine, sites)


def _roster(urls: dict[Partition, str]) -> bytes:
    together = Settings(home=trial_home())
    nodes = {country: open_keys(together, country) for country in Partition}
    # Load and kills register more in a minute than a country does in a month.
    return operate_keys.first_roster(
        nodes, urls, [editions.load(EDITION).hash], SystemClock().now(), limits=flat_limits(1_000_000)
    )


def _site(
    country: Partition,
    folder: Path,
    address: ServerAddress,
    engine_url: str,
    urls: dict[Partition, str],
    roster: bytes,
    closing: ExitStack,
) -> Site:
    people = personas([country])
    signs_in = closing.enter_context(
        issuer.running(
            country,
            audience=AUDIENCE,
            clients=[one.as_client() for one in people.values()],
            clock=SystemClock(),
            environment="trial",
        )
    )
    home = folder / country.lower()
    take_own_keys(country, home)
    file = home / "settings.toml"
    file.write_text(
        toml(
            {
                "countries": [country],
                "edition": EDITION,
                "covenant": "MOU-2019",
                "home": str(home),
                "database": {"host": address.host, "port": address.port, "name": country.lower()},
                "engine": {"url": engine_url},
                "sync": {
                    "roster_sha256": hashlib.sha256(roster).hexdigest(),
                    "poll_min_s": 0.2,
                    "poll_max_s": 1.0,
                    "page_entries_max": 20,
                    "timeout_s": 5.0,
                    "head_stale_after_s": 20.0,
                },
                "pseudonyms": {"hedge_s": 1.5},
                "worker": {"idle_s": 0.05, "idle_max_s": 0.5, "batch": 20, "lease_s": 2.0, "retry_max_s": 1.0},
                "country": {
                    country: {
                        "listen": urls[country].removeprefix("http://"),
                        "issuer": signs_in.url,
                        "audience": AUDIENCE,
                    }
                },
            }
        ),
        encoding="utf-8",
    )
    settings = load(file, {})[0]
    operator = replace(settings, database=replace(settings.database, admin_url=address.url()))
    operate_database.migrate(operator)
    operate_database.install_roster(operator, 1, roster)
    register = bootstrap.open(settings, country)
    let_in(register)
    register.close()
    words = () if country in PAIR else ("--no-work",)
    node = NodeProcess(file, folder / f"{country.lower()}.log", *words)
    rows_of = closing.enter_context(administrator(address.url(), country.lower()))
    return Site(country, settings, urls[country], node, signs_in.mint, rows_of)


def take_own_keys(country: Partition, home: Path) -> None:
    """Give a country its own key store out of the ceremony of the five, and nothing of the others'."""
    together, apart = Settings(home=trial_home()), Settings(home=home)
    pairs = (
        (keystore_path(together, country), keystore_path(apart, country)),
        (together.secret(passphrase_name(country)), apart.secret(passphrase_name(country))),
    )
    for source, target in pairs:
        target.parent.mkdir(mode=0o700, parents=True)
        shutil.copy2(source, target)
