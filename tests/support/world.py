"""Countries for tests: a migrated database, key stores from a real ceremony, and a register for each country.

Real parts only. The key stores are made once a run, since the ceremony and scrypt cost a second; each world has a
database of its own, on a server that all share.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from register import bootstrap
from register.clock import Clock, SystemClock
from register.core import Register
from register.domain.access.caller import Caller, SignedIn, Task, system
from register.domain.access.organisation import Authorisation
from register.keys.home import open_keys
from register.pseudonyms.errors import Unreachable
from register.pseudonyms.evaluation import ShareSet
from register.pseudonyms.evaluators import InProcess
from register.pseudonyms.oprf import share_document
from register.services.access.admit import apply_authorisations, apply_organisations
from register.settings import CountrySettings, DatabaseSettings, EngineSettings, SearchSettings, Settings
from rtr_trial.demo.made_up import data
from schemas.codes import Partition
from schemas.exchange.evaluation import EvaluationAnswer, EvaluationRequest
from tests.support.records.admitted import BY
from tests.support.started import run, servers
from tests.support.started.databases import drop_database, fresh_database, make_database

LONG_FRESH = CountrySettings(fresh_sign_in_s=10**9)
"""Callers of tests signed in long ago; the tests of fresh sign-ins set their own."""
MANY_QUESTIONS = SearchSettings(person_day=10**6, case_day=10**6, organisation_day=10**6, own_day=10**6)
"""Tests ask more in a minute than people may in a day; the tests of budgets set their own."""


def trial_home() -> Path:
    """A home with five key stores and keys of the five, made once a run: to be copied, or only read."""
    return run.folder_of(run.HOME)


@cache
def _share_sets() -> tuple[ShareSet, ...]:
    """Of the five, out of the trial home: every world has a copy of it."""
    settings = Settings(home=trial_home())
    return tuple(share_document.read_all(c, open_keys(settings, c).shares()) for c in Partition)


@dataclass(frozen=True)
class World:
    """Some countries in one database.

    Attributes:
        settings: of the process that would host them.
        registers: one for each hosted country.
    """

    settings: Settings
    registers: dict[Partition, Register]
    down: set[Partition] = field(default_factory=set)

    def __getitem__(self, country: Partition) -> Register:
        return self.registers[country]

    def caller(self, organisation: str, *tasks: Task, actor: str = "tester") -> Caller:
        """Somebody of an organisation of the demo, with these tasks."""
        return Caller(
            partition=Partition(organisation[:2]),
            function="api",
            kind="person",
            actor=actor,
            organisation=organisation,
            legal_profile=next((o.legal_profile for o in data.organisations() if o.code == organisation), None),
            tasks=frozenset(tasks),
            signed_in=SignedIn(datetime(2020, 1, 1, tzinfo=UTC)),
        )

    def worker(self, country: Partition) -> Caller:
        """The node's own worker."""
        return system(country, "worker")


class Flaky(InProcess):
    """Evaluators of this process of which a test may take countries down and up again."""

    def __init__(self, own: Partition, share_sets: Iterable[ShareSet], down: set[Partition]) -> None:
        super().__init__(own, share_sets)
        self._gone = down

    def ask(self, partner: Partition, request: EvaluationRequest) -> EvaluationAnswer:
        """Ask, unless the partner is down."""
        if partner in self._gone:
            raise Unreachable(partner)
        return super().ask(partner, request)


@contextmanager
def world(
    *,
    server: str = "wheel",
    countries: tuple[Partition, ...] = tuple(Partition),
    edition: str = "demo",
    engine_url: str = "",
    clock: Clock | None = None,
    change: Callable[[Settings], Settings] = lambda s: s,
    with_organisations: bool = True,
) -> Iterator[World]:
    """Open a world; its database is dropped in the end.

    Args:
        server: one of `servers.available()`, or such a one `servers.apart`.
        countries: the hosted ones.
        edition: of the MoU rules.
        engine_url: of a search engine; none if empty.
        clock: the machine's if not given.
        change: what else the settings should be.
        with_organisations: the demo's organisations and their programs; without them every table is empty.
    """
    address = servers.address(server)
    home = Path(tempfile.mkdtemp(prefix="rtr-test-"))
    shutil.copytree(trial_home(), home, dirs_exist_ok=True)
    servers.lend_passwords(server, home)
    settings = change(
        Settings(
            home=home,
            countries=countries,
            edition=edition,
            covenant="MOU-2019",
            database=DatabaseSettings(
                host=address.host, port=address.port, name=fresh_database(), admin_url=address.url()
            ),
            engine=EngineSettings(url=engine_url),
            search=MANY_QUESTIONS,
            country=dict.fromkeys(Partition, LONG_FRESH),
        )
    )
    make_database(settings)
    down: set[Partition] = set()
    registers = {
        c: bootstrap.open(settings, c, evaluators=Flaky(c, _share_sets(), down), clock=clock or SystemClock())
        for c in countries
    }
    made = World(settings, registers, down)
    for country, register in registers.items() if with_organisations else ():
        own = [o for o in data.organisations() if o.country is country]
        apply_organisations(register, [o.admitted() for o in own], by=BY)
        apply_authorisations(register, [_service(o) for o in own], by=BY)
    try:
        yield made
    finally:
        for register in registers.values():
            register.close()
        drop_database(settings)
        shutil.rmtree(home, ignore_errors=True)


def with_settings(register: Register, **parts: object) -> Register:
    """The same register under other settings."""
    return replace(register, settings=replace(register.settings, **parts))  # type: ignore[arg-type]  # test helper


def _service(organisation: data.Organisation) -> Authorisation:
    return Authorisation(
        partition=organisation.country,
        actor=organisation.client,
        actor_kind="service",
        organisation=organisation.code,
        tasks=organisation.tasks,
        scope="all",
        begins=organisation.valid_from,
    )
