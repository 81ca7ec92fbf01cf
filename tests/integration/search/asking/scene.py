"""Aruba with an engine that a test may take down, partners' extracts in its mirror, and a coordinator who asks."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from register.core import Register
from register.domain.access.caller import Caller, Task, system
from register.domain.partition import others
from register.search.breaker import Breaker
from register.search.engine import Engine, EngineSettings
from register.search.errors import EngineUnavailable
from register.search.index import SearchIndex
from register.search.peppers import Peppers
from register.services.search.index_records import index_records
from register.services.search.list_hits import list_hits
from register.services.search.match_records import match_records
from register.services.search.search_records import search_records
from register.services.signals.record_signal import record_signal
from register.services.signals.share_signal import lease_signals, share_signal
from schemas.codes import LegalBasis, Partition, Purpose
from schemas.exchange.wire import IndicatorPut
from schemas.search.question import AskedSubject, CountryAnswer, Ground, HitRow, SearchIn, SearchOut
from schemas.signals.out import SignalOut
from schemas.signals.parts import SelectorIn
from tests.integration.exchange.extracts import an_extract
from tests.support.clock import HandClock, age_leases
from tests.support.forms import a_form
from tests.support.records.mirror import Mirror, tokens_of
from tests.support.web.pages import MovedClock
from tests.support.world import World

AW, BQ, CW, NL, SX = Partition.AW, Partition.BQ, Partition.CW, Partition.NL, Partition.SX
_numbers = count(1)
Lines = Sequence[Mapping[str, Any]]


class Switch(Engine):
    """An engine that a test may take down, and that says what it was asked."""

    def __init__(self, url: str) -> None:
        super().__init__(EngineSettings(url=url))
        self.down = False
        self.calls: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self.alter: Callable[[Lines], Lines] = list
        self.answered: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _, answer: answer

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, str] | None = None,
        write: bool = False,
        within_s: float = math.inf,
    ) -> dict[str, Any]:
        self._note(path)
        return super().call(method, path, body, params=params, write=write, within_s=within_s)

    def call_lines(
        self,
        path: str,
        lines: Lines,
        *,
        params: Mapping[str, str] | None = None,
        write: bool = False,
    ) -> dict[str, Any]:
        self._note(path)
        return self.answered(path, super().call_lines(path, self.alter(lines), params=params, write=write))

    def empty(self) -> None:
        """Delete every index of ours."""
        for name in super().call("GET", "/rtr-*/_alias", write=True):
            super().call("DELETE", f"/{name}", write=True)

    def refresh(self) -> None:
        """Let searches see everything."""
        super().call("POST", "/rtr-*/_refresh", write=True)

    def _note(self, path: str) -> None:
        self.calls.append(path)
        self.before()
        if self.down:
            raise EngineUnavailable("the engine is down, for a test")


@dataclass(repr=False)
class Scene:
    """Aruba asks; the others' extracts lie in its mirror; Curaçao is there too and records signals of its own."""

    world: World
    clock: HandClock | MovedClock
    engine: Switch
    aruba: Register
    mirrors: dict[Partition, Mirror] = field(default_factory=dict)

    @classmethod
    def on(cls, world: World, clock: HandClock | MovedClock, engine: Switch) -> Scene:
        """Prepare the indexes of Aruba on an empty engine."""
        plain = world[AW]
        index = SearchIndex(AW, engine, Peppers(*plain.keys.peppers), clock=clock, pause=lambda _: None)
        index.prepare(Partition)
        aruba = replace(plain, index=index, breaker=Breaker(clock))
        return cls(world, clock, engine, aruba, {p: Mirror(aruba, p) for p in others(AW)})

    @property
    def curacao(self) -> Register:
        """The other country that is really here."""
        return self.world[CW]

    @property
    def coordinator(self) -> Caller:
        """Who asks."""
        return self.world.caller("AW-CMMA", Task.SEARCH_SHARED, Task.READ_OWN, actor="coordinator")

    @property
    def unit(self) -> Caller:
        """Aruba's register unit, which asks too."""
        return self.world.caller("AW-JIUMM", Task.SEARCH_SHARED, Task.REGISTER, Task.READ_OWN, actor="unit")

    def pass_time(self, seconds: float) -> None:
        """Move the clock, and let leases, which run by the server's, be so much older."""
        self.clock.move(seconds)
        with self.aruba.work(system(AW, "worker")) as work:
            age_leases(work._connection, seconds)

    def again(self) -> None:
        """Everything works again."""
        self.engine.down = False
        self.engine.before, self.engine.alter = lambda: None, list
        self.engine.answered = lambda _, answer: answer
        self.world.down.clear()
        self.pass_time(600)  # whatever a test has leased or opened is free again
        self.aruba.breaker.succeeded()
        for mirror in self.mirrors.values():
            mirror.fresh()
        self.settle()
        self.engine.calls.clear()

    # --- what is there ---

    def extract(self, of: Partition, *subjects: AskedSubject, **changes: Any) -> IndicatorPut:
        """An extract of a country for Aruba, about subjects with real pseudonyms, numbered from 1."""
        tokens = [t for n, s in enumerate(subjects, start=1) for t in tokens_of(self.aruba, s, n=n)]
        told = [
            {"n": n, "role": "GUARANTOR", "category": "IN_RELATION", "kind": "person"}
            for n in range(1, len(subjects) + 1)
        ]
        record = {"tokens": tokens, "subjects": told} | changes.pop("record", {})
        owner = replace(self.aruba, partition=of)
        if of in {BQ, NL}:
            changes = {"legal_basis": "WPG8", "purpose": "INVESTIGATE"} | changes
        return an_extract(owner, AW, number=next(_numbers), record=record, **changes)

    def hold(self, of: Partition, *subjects: AskedSubject, **changes: Any) -> UUID:
        """One such extract in Aruba's mirror; it waits for the index."""
        return self.mirrors[of].hold(self.extract(of, *subjects, **changes))[0]

    def hold_many(self, of: Partition, subject: AskedSubject, number: int, **changes: Any) -> list[UUID]:
        """Many extracts that carry the same values."""
        template = self.extract(of, subject, **changes)
        return self.mirrors[of].hold(
            *(
                template.model_copy(
                    update={"record": template.record.model_copy(update={"reference": f"{of}-2026-9{n:05}"})}
                )
                for n in range(number)
            )
        )

    def record(
        self, register: Register | None = None, by: str = "AW-DIMAS", *, caller: Caller | None = None, **parts: Any
    ) -> SignalOut:
        """A signal of Aruba, or of another country here, shared as far as the rules let it."""
        register = register or self.aruba
        caller = caller or self.world.caller(by, Task.SUBMIT, actor=by.lower())
        signal = record_signal(register, caller, a_form(**parts), str(self.clock.new_id()))
        self.share(register)
        return signal

    def share(self, register: Register | None = None) -> None:
        """Let the worker that shares do all that waits."""
        register = register or self.aruba
        for lease in lease_signals(register, 100):
            share_signal(register, lease)

    def settle(self) -> None:
        """Let the workers do all that waits, and searches see it."""
        while index_records(self.aruba, 100):
            pass
        for _ in range(200):
            if not match_records(self.aruba, 100):
                break
        else:
            raise AssertionError("the matching never comes to rest")
        self.engine.refresh()

    # --- asking ---

    def ask(
        self,
        *values: SelectorIn,
        subject: AskedSubject | None = None,
        by: Caller | None = None,
        register: Register | None = None,
        **changes: Any,
    ) -> SearchOut:
        """Ask as the coordinator about a subject, or about some values."""
        asked: dict[str, Any] = {
            "purpose": Purpose.COORDINATE,
            "legal_basis": LegalBasis.AW_NONPOLICE,
            "case": "Z-2026-04",
            "subject": subject or AskedSubject(selectors=values),
        }
        return search_records(register or self.aruba, by or self.coordinator, SearchIn(**(asked | changes)))

    def hits(self, by: Caller | None = None, ground: Ground | None = None, **narrowed: Any) -> list[HitRow]:
        """All hits that the register unit, or another, is shown."""
        by = by or self.unit
        asked = {"cursor": None, "limit": 200} | narrowed
        return list(list_hits(self.aruba, by, ground or ground_of(by), **asked).items)

    def answer(self, of: Partition, *values: SelectorIn, **asked: Any) -> CountryAnswer:
        """What one country answers."""
        return of_country(self.ask(*values, **asked), of)

    def degraded(self) -> Register:
        """Aruba with an engine that is not there."""
        engine = Switch(self.engine.settings.url)
        engine.down = True
        return self.with_engine(engine)

    def with_engine(self, engine: Engine | EngineSettings | None) -> Register:
        """Aruba with another way to its engine, and a breaker of its own."""
        index = None if engine is None else SearchIndex(AW, engine, Peppers(*self.aruba.keys.peppers))
        return replace(self.aruba, index=index, breaker=Breaker(self.clock))

    # --- looking behind ---

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Rows as the administrator sees them: what is committed, of whatever country."""
        with psycopg.connect(self._admin(), row_factory=dict_row) as connection:
            return connection.execute(query.encode(), values or None).fetchall()

    def change(self, *statements: str) -> None:
        """Do what only an administrator can, to break things."""
        with psycopg.connect(self._admin(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def leaves(self, about: str = "") -> list[dict[str, Any]]:
        """Aruba's leaves of searches, oldest first."""
        found = self.rows("SELECT * FROM rtr.audit_leaf WHERE country = 'AW' AND action LIKE 'search.%' ORDER BY id")
        return [leaf for leaf in found if not about or about in json.dumps(leaf["commitment"])]

    def waiting(self, consumer: str) -> int:
        """How many objects wait for a consumer at Aruba."""
        with self.aruba.work(system(AW, "worker")) as work:
            return work.running.outbox.waiting().get(consumer, 0)

    def _admin(self) -> str:
        database = self.world.settings.database
        return psycopg.conninfo.make_conninfo(database.admin_url, dbname=database.name)


def ground_of(caller: Caller) -> Ground:
    """A ground on which the caller's organisation may ask."""
    basis = LegalBasis.AW_NONPOLICE if caller.partition is AW else LegalBasis.CW_POLICE
    return Ground(Purpose.COORDINATE, basis, "Z-2026-04")


def of_country(out: SearchOut, country: Partition) -> CountryAnswer:
    """One country's part of the answer."""
    return next(a for a in out.countries if a.country is country)


def a_phone() -> SelectorIn:
    """A number that nothing else in this process has."""
    return SelectorIn(type="PHONE", value=f"+599 9 5{next(_numbers):06}")


def about(*values: SelectorIn, **known: Any) -> AskedSubject:
    """A subject of whom these values are known."""
    return AskedSubject(selectors=values, **known)
