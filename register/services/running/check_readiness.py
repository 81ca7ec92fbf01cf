"""Look whether this country's node can serve people, part by part; and, at its start, whether it may begin at all.

For `rtr doctor`, which changes nothing, the ways to PostgreSQL and to the engine are tried just as a node goes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from register.core import Register
from register.domain.access.caller import Caller, system
from register.domain.running.node_finding import find_silent
from register.errors import OperatorError, RegisterError
from register.keys.home import read_engine_password, read_secret
from register.search.engine import Engine, EngineSettings
from register.services.running.check_keys import faults_of, stops_all
from register.services.running.watch_clock import find_doubt
from register.settings import Settings
from register.store.known_keys import KnownKey
from register.store.running.audit_leaves import ClockDiffers
from register.store.running.server.database import Address, Database, DatabaseFull, DatabaseUnavailable, check_room
from register.store.running.server.rls import SERVING
from register.store.schema_revision import SchemaFit, fit_of, known_revisions
from schemas.codes import Partition


class SchemaOlder(OperatorError):
    """The database's schema is older than this version of the program, or was never made."""

    code = SchemaFit.OLDER.value
    advice = "Back up each country, run `rtr db migrate` with this version, and start the node again."


class SchemaNewer(OperatorError):
    """The database's schema was made by a newer version of the program than this one."""

    code = SchemaFit.NEWER.value
    advice = "Install the version that `rtr db migrate` was run with last, or a newer one, and start it."


_REFUSALS: Final[Mapping[SchemaFit, type[OperatorError] | None]] = {
    SchemaFit.FITS: None,
    SchemaFit.OLDER: SchemaOlder,
    SchemaFit.NEWER: SchemaNewer,
}


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found.

    Attributes:
        ready: every part that this process needs to serve people works.
        parts: by name, "ok" or the stable code of what is wrong.
        waiting: how many objects wait for each consumer of the outbox.
        advice: by part, what to run where something of it is wrong and a command mends it.
    """

    ready: bool
    parts: Mapping[str, str]
    waiting: Mapping[str, int]
    advice: Mapping[str, str] = field(default_factory=dict)


UNANSWERED: Final = Readiness(ready=False, parts={"database": DatabaseUnavailable.code}, waiting={})
"""What is known where a look does not end: of all parts only the database stops one for long."""


def check_readiness(register: Register, caller: Caller) -> Readiness:
    """Try the database, its schema, the clock, the key store and the engine; errors become codes, nothing is raised."""
    parts: dict[str, str] = {}
    waiting: dict[str, int] = {}
    advice: dict[str, str] = {}
    ready, known = False, dict[str, KnownKey]()
    try:
        with replace(register, database=register.database.watched()).work(caller) as work:
            fit = fit_of(work.running.schema.read())
            parts["schema"] = fit.value
            if (refusal := _REFUSALS[fit]) is not None:
                advice["schema"] = refusal.advice
            # Under a newer schema a process that runs already goes on: migrations before an upgrade are made to be
            # safe for it. The outbox of an older one may not be what this program asks for.
            ready = fit is not SchemaFit.OLDER
            waiting = work.running.outbox.waiting() if ready else {}
            if ready:
                moments = work.running.beats.read_moments()
                doubt = find_doubt(moments, register.clock.now())
                parts["clock"] = doubt.code if doubt else moments.code or "ok"
                if doubt is not None:
                    advice["clock"] = doubt.advice
                # Named and no more: reports are taken while nothing is shared or taken back.
                silent = find_silent(work.running.beats.all(), moments.database)
                parts["workers"] = silent[0].code if silent else "ok"
                if silent:
                    jobs = ", ".join(one.about for one in silent if one.about)
                    advice["workers"] = f"{silent[0].advice} {jobs}".rstrip()
                # No leaf can be dated then, so nothing is answered; what is held by the day alone stops nobody.
                ready = not isinstance(doubt, ClockDiffers)
                known = work.keys.known.all()
            work.check_room()
        parts["database"] = "ok"
    except DatabaseFull as error:
        ready, parts["database"], advice["database"] = False, error.code, error.advice
    except RegisterError as error:
        ready, parts["database"] = False, error.code
    if (fault := _find_key_fault(register, known)) is not None:
        lacks, stops = fault
        parts["keys"], advice["keys"], ready = lacks.code, lacks.advice, ready and not stops
    else:
        parts["keys"] = "ok"
    if register.index is not None:
        parts["engine"] = "ok" if register.index.health().reachable else "engine-unavailable"
    # Without the engine a search still answers, degraded; without the database nothing works.
    return Readiness(ready=ready, parts=parts, waiting=waiting, advice=advice)


def _find_key_fault(register: Register, known: Mapping[str, KnownKey]) -> tuple[OperatorError, bool] | None:
    """What is wrong with the key store, and whether it stops all; without some months' keys the rest is served."""
    try:
        faults = faults_of(known, register.keys.checks())
    except OperatorError as error:
        return error, True
    worst = sorted(faults.items(), key=lambda one: not stops_all(one[0]))
    return (worst[0][1], stops_all(worst[0][0])) if worst else None


def check_schema(register: Register) -> None:
    """Refuse to begin on a schema that is not this program's.

    Raises:
        SchemaOlder, SchemaNewer: says what to run.
    """
    with register.work(system(register.partition, "api")) as work:
        refuse_schema(work.running.schema.read())


def refuse_schema(revision: str | None, *but: SchemaFit) -> None:
    """Do nothing for the revision of this program, or one that fits as in `but`.

    Raises:
        SchemaOlder, SchemaNewer: says what to run.
    """
    fit = fit_of(revision)
    refusal = _REFUSALS[fit]
    if refusal is not None and fit not in but:
        raise refusal(
            f"the database's schema is {revision or 'not made yet'}; this program needs {known_revisions()[0]}"
        )


def check_database(settings: Settings, country: Partition) -> None:
    """Sign in to PostgreSQL as the roles that a country's node has, and look whether it has room to write.

    Raises:
        SecretMissing, DatabaseUntrusted, DatabaseUnavailable, DatabaseFull, UnsafeDatabase: why a node would not start.
    """
    at = Address.of(settings.database)
    database = Database(at, country, lambda role: read_secret(settings, f"{role}.password"), pool_size=1)
    try:
        database.check(SERVING)
        with database.transaction("worker") as connection:
            check_room(connection)
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
