"""A rebuild beside the feed: nothing is lost, nothing comes back, and no search notices."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from register.search.candidates import OriginCandidates
from register.search.compiler import Scope
from register.search.engine import Engine, EngineSettings
from register.search.errors import RebuildMismatch
from register.search.feeding.changes import Put, Remove
from register.search.feeding.rebuild import BATCH
from register.search.index import SearchIndex
from tests.integration.search.engine.builders import AW, CW, SX, a_put, a_record, an_id, token
from tests.integration.search.engine.conftest import PEPPERS
from tests.integration.search.engine.engines import Server
from tests.integration.search.engine.probes import dump, found, refresh
from tests.support.runs.long_form import by_form
from tests.support.started.processes import wait_until


@pytest.mark.each_version
def test_a_rebuild_holds_what_postgres_gave_and_nothing_else(index_of_two: SearchIndex, engine: Engine) -> None:
    index_of_two.apply([a_put(1, [1]), a_put(2, [2]), a_put(9, [9], origin=SX)])

    rebuilt = index_of_two.rebuild(AW, lambda: [a_put(2, [2]), a_put(3, [3, 4])])

    assert (rebuilt.generation, rebuilt.objects, rebuilt.superseded, rebuilt.compared) == (2, 2, 0, 2)
    assert [found(index_of_two, number) for number in (1, 2, 3, 4)] == [0, 1, 1, 1]
    assert (index_of_two.count(AW), index_of_two.count_tokens(AW)) == (2, 3)
    assert found(index_of_two, 9, SX) == 1
    assert index_of_two.retire(AW) == 1
    assert {name for name, _ in dump(engine, "rtr-cw-aw-*")} == {
        "rtr-cw-aw-record-m1-000002",
        "rtr-cw-aw-token-m1-000002",
    }


def test_the_feed_goes_on_during_a_rebuild_and_wins_where_it_is_newer(index: SearchIndex, engine: Engine) -> None:
    index.apply([a_put(number, [number]) for number in (1, 2, 3, 4)])

    def stream() -> Iterator[Put]:
        # A snapshot of before; the feed writes each time after the snapshot and before the batch is written.
        yield a_put(1, [1])
        index.apply([a_put(1, [101], version=2), Remove(AW, an_id(2), 2), a_put(5, [5])])
        yield a_put(2, [2])
        for number in range(1_000, 1_000 + BATCH):
            yield a_put(number, [number])
        index.apply([a_put(3, [103], version=2), Remove(AW, an_id(1_000), 2)])
        yield a_put(3, [3])
        yield a_put(4, [4])

    rebuilt = index.rebuild(AW, stream)

    assert rebuilt.objects == BATCH + 4
    assert rebuilt.superseded == 3
    refresh(engine)
    expected = {1: 0, 101: 1, 2: 0, 3: 0, 103: 1, 4: 1, 5: 1, 1_000: 0, 1_001: 1}
    assert {number: found(index, number) for number in expected} == expected
    assert index.count(AW) == BATCH - 1 + 4
    assert index.confirm_gone(AW, an_id(2))


def test_what_is_withdrawn_after_the_swap_leaves_the_old_generation_too(index: SearchIndex, engine: Engine) -> None:
    index.apply([a_put(1, [1])])
    index.rebuild(AW, lambda: [a_put(1, [1])])

    index.apply([Remove(AW, an_id(1), 2)])

    assert index.confirm_gone(AW, an_id(1))
    assert PEPPERS.peppered(token(1)) not in repr(dump(engine))


@pytest.mark.each_version
def test_a_rebuild_with_an_object_that_the_engine_refuses_is_not_swapped(index: SearchIndex, engine: Engine) -> None:
    index.apply([a_put(1, [1])])
    bad = a_put(2, [2], record=a_record(period_to="soon"))

    with pytest.raises(RebuildMismatch):
        index.rebuild(AW, lambda: [bad])

    assert found(index, 1) == 1
    assert list(engine.call("GET", "/rtr-cw-aw-token-*/_alias")) == ["rtr-cw-aw-token-m1-000001"]


@pytest.mark.each_version
def test_documents_lost_on_the_way_are_noticed_before_the_swap(index: SearchIndex, engine: Engine) -> None:
    index.apply([a_put(1, [1])])

    def stream() -> Iterator[Put]:
        yield a_put(1, [1])
        for number in range(2, BATCH + 2):
            yield a_put(number)
        engine.call("DELETE", f"/rtr-cw-aw-record-m1-000002/_doc/{_written(engine)}")

    with pytest.raises(RebuildMismatch):
        index.rebuild(AW, stream)
    assert found(index, 1) == 1


def test_what_an_interrupted_rebuild_left_is_cleared_by_the_next(index: SearchIndex, engine: Engine) -> None:
    index.apply([a_put(1, [1])])

    def broken() -> Iterator[Put]:
        yield a_put(1, [1])
        raise ConnectionError("the database went away")

    with pytest.raises(ConnectionError):
        index.rebuild(AW, broken)
    assert found(index, 1) == 1

    assert index.rebuild(AW, lambda: [a_put(1, [1])]).generation == 3
    assert found(index, 1) == 1
    assert len(list(engine.call("GET", "/rtr-cw-aw-*/_alias"))) == 4


@pytest.mark.slow
def test_no_search_fails_or_misses_across_a_swap(index_of_two: SearchIndex, server: Server) -> None:
    index_of_two.apply([a_put(1, [1]), a_put(2, [2], origin=SX)], wait=True)
    stop = threading.Event()
    misses: list[OriginCandidates] = []
    asked = 0

    def search() -> None:
        nonlocal asked
        own = SearchIndex(CW, EngineSettings(url=server.url), PEPPERS)
        while not stop.is_set():
            answers = own.match(Scope(CW, (AW, SX)), [token(1), token(2)])
            misses.extend(answer for answer in answers if not answer.computed or len(answer.hits) != 1)
            asked += 1
        own.close()

    searcher = threading.Thread(target=search)
    searcher.start()
    try:
        for _ in range(by_form(short=1, long=3)):
            before = asked
            index_of_two.rebuild(AW, lambda: [a_put(number, [number]) for number in (1, *range(100, 400))])
            wait_until(lambda: asked > before + 20, "searches around the swap", within_s=60.0)  # noqa: B023 - at once
            index_of_two.retire(AW)
    finally:
        stop.set()
        searcher.join()

    assert misses == []


def _written(engine: Engine) -> str:
    """The id of some record that the running rebuild has written."""
    return next(key for name, key in dump(engine, "rtr-cw-aw-record-*") if name.endswith("2"))
