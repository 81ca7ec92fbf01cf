"""The outbox under real concurrency: consumers in threads, changes while they work, and transactions that overlap."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import cast
from uuid import UUID

import pytest

from register.clock import SystemClock
from register.domain.running.consumer import Consumer
from register.services.running.check_node import check_node
from register.services.search.oversee_index import retry_dead_letters
from register.store.running import outbox as store
from register.store.running.outbox import BACKOFF_MAX_S
from schemas.codes import Partition
from tests.support.clock import HandClock, WrongClock, age_leases
from tests.support.undo import undone
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW


def made_up(name: str) -> Consumer:
    """A consumer of one test alone, for which nothing else waits."""
    return cast("Consumer", name)


@pytest.fixture
def some(two: World) -> list[UUID]:
    return [two[AW].clock.new_id() for _ in range(40)]


def test_consumers_that_lease_at_once_never_get_the_same_object(two: World, some: list[UUID]) -> None:
    with two[AW].work(two.worker(AW)) as work:
        work.running.outbox.add(made_up("race"), *some)
    start = Barrier(4)

    def consume() -> list[UUID]:
        got = []
        start.wait()
        for _ in range(8):
            with two[AW].work(two.worker(AW)) as work:
                got += [x.object for x in work.running.outbox.lease(made_up("race"), 5)]
        return got

    with ThreadPoolExecutor(4) as pool:
        leased = Counter(x for f in [pool.submit(consume) for _ in range(4)] for x in f.result())
    assert leased == Counter(some)


def test_rows_that_an_open_transaction_holds_are_passed_over_and_not_waited_for(two: World, some: list[UUID]) -> None:
    with two[AW].work(two.worker(AW)) as work:
        work.running.outbox.add(made_up("held"), *some)
    with two[AW].work(two.worker(AW)) as first:
        held = {x.object for x in first.running.outbox.lease(made_up("held"), 30)}
        begun = time.monotonic()
        with two[AW].work(two.worker(AW)) as second:
            rest = {x.object for x in second.running.outbox.lease(made_up("held"), 40)}
        assert time.monotonic() - begun < 1
    assert held.isdisjoint(rest)
    assert held | rest == set(some)


def test_consumers_and_changes_together_bring_every_object_to_its_last_state(two: World, some: list[UUID]) -> None:
    """Eight hundred changes by two writers, three consumers: the last state that was seen is the last one written."""
    written: dict[UUID, int] = dict.fromkeys(some, 0)
    seen: dict[UUID, int] = {}
    done = []

    def write(mine: list[UUID]) -> None:
        for _ in range(10):
            for one in mine:
                with two[AW].work(two.worker(AW)) as work:
                    work.running.outbox.add(made_up("last"), one)
                    written[one] += 1
        done.append(True)

    def consume() -> None:
        while True:
            finished = len(done) == 2
            with two[AW].work(two.worker(AW)) as work:
                leases = work.running.outbox.lease(made_up("last"), 7)
            for lease in leases:
                seen[lease.object] = written[lease.object]
                with two[AW].work(two.worker(AW)) as work:
                    assert work.running.outbox.settle(lease)
            if finished and not leases:
                return

    with ThreadPoolExecutor(5) as pool:
        running = [pool.submit(write, some[:20]), pool.submit(write, some[20:])]
        running += [pool.submit(consume) for _ in range(2)]
        for future in running:
            future.result()
    with two[AW].work(two.worker(AW)) as work:
        assert "last" not in work.running.outbox.waiting()
    assert seen == written


def test_an_object_that_changed_while_it_was_leased_stays_due(two: World, some: list[UUID]) -> None:
    one = some[0]
    with two[AW].work(two.worker(AW)) as work:
        work.running.outbox.add(made_up("changed"), one)
        (lease,) = work.running.outbox.lease(made_up("changed"), 1)
        work.running.outbox.add(made_up("changed"), one)
        assert work.running.outbox.lease(made_up("changed"), 1) == []
        assert work.running.outbox.settle(lease)
        (again,) = work.running.outbox.lease(made_up("changed"), 1)
    assert (again.generation, again.fence) == (lease.generation + 1, lease.fence + 1)


def test_what_is_asked_for_in_a_transaction_that_fails_is_not_asked_for(two: World, some: list[UUID]) -> None:
    with undone(two, two.worker(AW)) as work:
        work.running.outbox.add(made_up("rolled-back"), *some)
    with two[AW].work(two.worker(AW)) as work:
        assert work.running.outbox.lease(made_up("rolled-back"), 100) == []


def test_a_consumer_that_dies_with_its_transaction_frees_its_rows_at_once(two: World, some: list[UUID]) -> None:
    with two[AW].work(two.worker(AW)) as work:
        work.running.outbox.add(made_up("died"), some[0])
    with undone(two, two.worker(AW)) as work:
        work.running.outbox.lease(made_up("died"), 1)
    with two[AW].work(two.worker(AW)) as work:
        assert len(work.running.outbox.lease(made_up("died"), 1)) == 1


def test_a_countrys_outbox_holds_its_own_objects_only(two: World, some: list[UUID]) -> None:
    with two[AW].work(two.worker(AW)) as work:
        work.running.outbox.add(made_up("own"), *some)
    with two[CW].work(two.worker(CW)) as work:
        assert work.running.outbox.lease(made_up("own"), 100) == []


def test_who_lost_a_lease_frees_and_puts_off_nothing_of_whoever_has_it_now(two: World, some: list[UUID]) -> None:
    with two[AW].work(two.worker(AW)) as work:
        work.running.outbox.add(made_up("lost"), some[0])
        (late,) = work.running.outbox.lease(made_up("lost"), 1, seconds=10)
        age_leases(work._connection, 10)
        (fresh,) = work.running.outbox.lease(made_up("lost"), 1)
        work.running.outbox.add(made_up("lost"), some[0])
        assert not work.running.outbox.settle(late), "also where the object changed meanwhile"
        assert not work.running.outbox.postpone(late, "too-late")
        assert work.running.outbox.lease(made_up("lost"), 1) == [], "it is still the other's"
        assert work.running.outbox.settle(fresh)


@pytest.mark.parametrize("days", [365, -365])
def test_work_that_was_put_off_by_a_wrong_clock_is_tried_again_as_soon_as_any_other(days: int) -> None:
    with world(countries=(AW,), with_organisations=False, clock=WrongClock(days)) as made:
        wrong, right = made[AW], replace(made[AW], clock=SystemClock())
        one, two = SystemClock().new_id(), SystemClock().new_id()
        with wrong.work(made.worker(AW)) as work:
            work.running.outbox.add(made_up("wrong"), one, two)
            for lease in work.running.outbox.lease(made_up("wrong"), 1):
                work.running.outbox.postpone(lease, "clock-differs")
        with right.work(made.worker(AW)) as work:
            assert [x.object for x in work.running.outbox.lease(made_up("wrong"), 10)] == [two], "it was asked for now"
            age_leases(work._connection, 1)
            assert [x.object for x in work.running.outbox.lease(made_up("wrong"), 10)] == [one], (
                "its pause of a second is over"
            )


def test_what_stands_further_ahead_than_anything_is_put_off_or_leased_for_is_due_and_named_until_it_is_leased(
    two: World, some: list[UUID]
) -> None:
    """As the database's own clock leaves it, which was wrong for a while; or whoever writes beside the program."""
    register = two[AW]
    with register.work(two.worker(AW)) as work:
        work.running.outbox.add(made_up("far"), *some[:3])
        work._connection.exec_driver_sql(
            "UPDATE rtr.outbox SET leased_until = '2100-01-01' WHERE consumer = 'far' AND object = %s", (some[0],)
        )
        work._connection.exec_driver_sql(
            "UPDATE rtr.outbox SET not_before = '2100-01-01' WHERE consumer = 'far' AND object = %s", (some[1],)
        )
        work.running.outbox.add(made_up("near"), some[0])
        assert work.running.outbox.oldest_due()["far"] is None
        assert work.running.outbox.oldest_due()["near"] is not None
    assert [one.about for one in check_node(register) if one.code == "queue-waits"] == ["far"]
    assert retry_dead_letters(register) == 1
    with register.work(two.worker(AW)) as work:
        assert work.running.outbox.oldest_due()["far"] is not None
        assert {x.object for x in work.running.outbox.lease(made_up("far"), 10)} == set(some[:3])
        assert work.running.outbox.lease(made_up("far"), 10) == []


def test_a_late_consumer_cannot_settle_and_a_failure_waits_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = HandClock()
    monkeypatch.setattr(store, "database_now", clock.for_the_servers)
    with world(countries=(AW,), with_organisations=False, clock=clock) as made:
        one = clock.new_id()
        with made[AW].work(made.worker(AW)) as work:
            work.running.outbox.add(made_up("slow"), one)
            (late,) = work.running.outbox.lease(made_up("slow"), 1, seconds=10)
            clock.move(11)
            (fresh,) = work.running.outbox.lease(made_up("slow"), 1)
            assert not work.running.outbox.settle(late)
            work.running.outbox.postpone(late, "too-late")
            assert work.running.outbox.settle_many([late]) == 0
            lease = fresh
            for wait in (2, 4, 8, 16, 32, 64, 128, 256, BACKOFF_MAX_S, BACKOFF_MAX_S):
                work.running.outbox.postpone(lease, "partner-unreachable")
                clock.move(wait - 0.001)
                assert work.running.outbox.lease(made_up("slow"), 1) == []
                clock.move(0.001)
                (lease,) = work.running.outbox.lease(made_up("slow"), 1)
