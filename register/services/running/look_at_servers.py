"""Try the ways to PostgreSQL and to the engine just as a node goes them; for `rtr doctor`, which changes nothing."""

from __future__ import annotations

from register.keys.home import read_engine_password, read_secret
from register.search.engine import Engine, EngineSettings
from register.settings import Settings
from register.store.running.database import Address, Database
from register.store.running.rls import SERVING
from schemas.codes import Partition


def check_database(settings: Settings, country: Partition) -> None:
    """Sign in to PostgreSQL as the roles that a country's node has.

    Raises:
        SecretMissing, DatabaseUntrusted, DatabaseUnavailable, UnsafeDatabase: why a node would not start.
    """
    at = Address.of(settings.database)
    database = Database(at, country, lambda role: read_secret(settings, f"{role}.password"), pool_size=1)
    try:
        database.check(SERVING)
    finally:
        database.close()


def engine_version(settings: Settings) -> str:
    """What the engine says it is, for instance `opensearch 3.8.0`.

    Raises:
        SecretMissing, EngineUnavailable, EngineRefused: why a node would not find it.
    """
    engine = Engine(EngineSettings.of(settings.engine, read_engine_password(settings)))
    try:
        version = engine.call("GET", "/").get("version")
    finally:
        engine.close()
    told = version if isinstance(version, dict) else {}
    return f"{told.get('distribution', 'engine')} {told.get('number', '')}".strip()
