"""Put one country's register together from its settings; the process modules in `api` hand in what lives above."""

from __future__ import annotations

from collections.abc import Callable

from register.clock import Clock, SystemClock
from register.core import Register
from register.failpoints import Failpoints
from register.keys.apart import refuse_persons_keys
from register.keys.home import open_keys, read_engine_password, read_secret
from register.logs import logger
from register.mou import edition as editions
from register.production import refuse_unprotected_servers
from register.pseudonyms.evaluators import Evaluators
from register.search.breaker import Breaker
from register.search.engine import EngineSettings
from register.search.index import SearchIndex
from register.search.peppers import Peppers
from register.settings import Settings
from register.store.running.server.database import Address, Database, DatabaseUnavailable, DatabaseUntrusted
from schemas.codes import Partition

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0


def open(  # noqa: A001 - `bootstrap.open` reads as what it does
    settings: Settings, country: Partition, *, evaluators: Evaluators | None = None, clock: Clock | None = None
) -> Register:
    """Open the register of one country; close it when done. Nothing is connected before the first use.

    Args:
        settings: of this process.
        country: one of the hosted ones.
        evaluators: own share and the way to the other four; None for a process that computes no pseudonyms.
        clock: for tests; the machine's otherwise.

    Raises:
        UnprotectedServer: in production, the way to a server is not safe.
        PersonsKeyHere, PassphraseBesideKeys: in production, a key lies where it may not.
        SecretMissing, KeyStoreError, UnusableEdition, BadFailpoint: names what is wrong.
    """
    refuse_unprotected_servers(settings)
    refuse_persons_keys(settings)
    clock = clock or SystemClock()
    keys = open_keys(settings, country)
    database = Database(
        Address.of(settings.database),
        country,
        lambda role: read_secret(settings, f"{role}.password"),
        pool_size=settings.database.pool_size,
    )
    index = None
    if settings.engine.url:
        index = SearchIndex(
            country,
            EngineSettings.of(settings.engine, read_engine_password(settings)),
            Peppers(*keys.peppers),
            clock=clock,
        )
    return Register(
        partition=country,
        settings=settings,
        clock=clock,
        database=database,
        keys=keys,
        edition=editions.load(settings.edition),
        breaker=Breaker(clock),
        index=index,
        evaluators=evaluators,
        failpoints=Failpoints(settings.failpoint, production=settings.env == "production"),
    )


def wait_for_database(
    register: Register, functions: tuple[str, ...], pause: Callable[[float], None] | None = None
) -> None:
    """Return when PostgreSQL answers the country's roles: after a power cut the machines come up in any order.

    Args:
        register: the country's.
        functions: whose roles are tried.
        pause: waits that many seconds.

    Raises:
        UnsafeDatabase: it answers, and row security would not hold.
        DatabaseUntrusted: somebody answers, who does not prove to be it.
    """
    pause, pause_s = pause or SystemClock().pause, FIRST_WAIT_S
    while True:
        try:
            register.database.check(functions)
        except DatabaseUntrusted:
            raise
        except DatabaseUnavailable as error:
            logger().warning("database.waited-for", partition=register.partition, code=error.code)
            pause(pause_s)
            pause_s = min(LONGEST_WAIT_S, 2 * pause_s)
        else:
            return
