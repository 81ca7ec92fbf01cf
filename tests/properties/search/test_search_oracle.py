"""Whatever lies in the mirror, the engine finds what PostgreSQL finds; the degraded path is the oracle (search.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from register.core import Register
from register.domain.access.caller import Task, system
from register.search.breaker import Breaker
from register.services.search.index_records import index_records
from register.services.search.search_records import search_records
from rtr_trial.embedded.engines.osmem import EmbeddedOsmem
from schemas.codes import LegalBasis, Partition, Purpose
from schemas.exchange.wire import IndicatorPut
from schemas.search.question import AskedSubject, SearchIn, SearchOut
from schemas.signals.parts import SelectorIn
from tests.integration.exchange.extracts import an_extract
from tests.support.clock import HandClock
from tests.support.records.mirror import Mirror, tokens_of
from tests.support.runs.examples import share_of_examples
from tests.support.world import World, world

AW = Partition.AW
PARTNERS = (Partition.CW, Partition.SX)
VALUES = 5
_corpora = count(1)


@dataclass(frozen=True)
class Record:
    """One extract: which values each of its subjects has, who shares it, and how far it may be seen."""

    owner: Partition
    subjects: tuple[frozenset[int], ...]
    visibility: str
    purpose: str
    copies: int
    gone: bool


values = st.frozensets(st.integers(0, VALUES - 1), min_size=1, max_size=3)
records = st.builds(
    Record,
    owner=st.sampled_from(PARTNERS),
    subjects=st.lists(values, min_size=1, max_size=2).map(tuple),
    visibility=st.sampled_from(["V0", "V1", "V2", "V3"]),
    purpose=st.sampled_from(["ADMINISTRATIVE", "INVESTIGATE"]),
    copies=st.sampled_from([1, 1, 1, 2, 13]),
    gone=st.booleans(),
)


class Here:
    """Aruba with an engine of its own; says no more of itself when an example fails."""

    def __init__(self, made: World) -> None:
        self.register = made[AW]
        self.coordinator = made.caller("AW-CMMA", Task.SEARCH_SHARED)


@pytest.fixture(scope="module")
def here() -> Iterator[Here]:
    with (
        EmbeddedOsmem(production=False) as osmem,
        world(countries=(AW,), engine_url=osmem.url, clock=HandClock()) as it,
    ):
        index = it[AW].index
        assert index is not None
        index.prepare(Partition)
        yield Here(it)


@settings(max_examples=share_of_examples(0.5), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    corpus=st.lists(records, max_size=8),
    asked=st.lists(values, min_size=1, max_size=3),
    purpose=st.sampled_from([Purpose.COORDINATE, Purpose.ADMINISTRATIVE]),
)
def test_engine_and_postgres_answer_alike(
    here: Here, corpus: list[Record], asked: list[frozenset[int]], purpose: Purpose
) -> None:
    register, scope = here.register, next(_corpora)
    pseudonyms = [_pseudonym(register, scope, n) for n in range(VALUES)]
    _fill(register, corpus, pseudonyms)
    for wanted in asked:
        question = SearchIn(
            purpose=purpose,
            legal_basis=LegalBasis.AW_NONPOLICE,
            case="Z-2026-1",
            subject=AskedSubject(selectors=tuple(_value(scope, n) for n in sorted(wanted))),
        )
        engine = search_records(register, here.coordinator, question)
        exact = search_records(
            replace(register, index=None, breaker=Breaker(register.clock)), here.coordinator, question
        )
        assert (engine.degraded, exact.degraded) == (False, True)
        assert _told(engine) == _told(exact)
        assert {h.record for a in engine.countries for h in a.hits} <= _live(register)


def _fill(register: Register, corpus: list[Record], pseudonyms: list[dict[str, object]]) -> None:
    mirrors = {p: Mirror(register, p) for p in PARTNERS}
    for record in corpus:
        put = _extract(register, record, pseudonyms)
        objects = mirrors[record.owner].hold(*[put] * record.copies)
        if record.gone:
            mirrors[record.owner].retract(objects[0])
    while index_records(register, 200):
        pass


def _extract(register: Register, record: Record, pseudonyms: list[dict[str, object]]) -> IndicatorPut:
    tokens = [pseudonyms[v] | {"n": n} for n, has in enumerate(record.subjects, start=1) for v in sorted(has)]
    people = [
        {"n": n, "role": "GUARANTOR", "category": "IN_RELATION", "kind": "person"}
        for n in range(1, len(record.subjects) + 1)
    ]
    return an_extract(
        replace(register, partition=record.owner),
        AW,
        visibility=record.visibility,
        purpose=record.purpose,
        legal_basis=f"{record.owner}_POLICE",
        record={"tokens": tokens, "subjects": people},
    )


def _value(scope: int, number: int) -> SelectorIn:
    """A phone for even numbers, an e-mail address for odd ones; each corpus has its own."""
    if number % 2:
        return SelectorIn(type="EMAIL", value=f"{number}@corpus-{scope}.example")
    return SelectorIn(type="PHONE", value=f"+599 9 5{scope:04}{number:02}")


def _pseudonym(register: Register, scope: int, number: int) -> dict[str, object]:
    (token,) = tokens_of(register, AskedSubject(selectors=(_value(scope, number),)))
    return token


def _live(register: Register) -> set[UUID]:
    with register.work(system(AW, "worker")) as work:
        return {row.object for p in PARTNERS for row in work.exchange.received.live(p)}


def _told(out: SearchOut) -> str:
    return out.model_copy(update={"id": "", "degraded": False, "modes_off": ()}).model_dump_json()
