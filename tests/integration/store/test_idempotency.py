"""An Idempotency-Key is kept with its change: the same request gives the same answer, another one is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Event
from uuid import UUID

import pytest

from register.clock import Clock
from register.domain.access.caller import Caller, Task
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import withdraw_signal
from register.services.signals.record_signal import record_signal
from register.store.running.idempotency import InFlight, KeyReused
from register.store.running.sealing import Erased
from schemas.codes import Partition, RetractReason
from schemas.signals.changes import WithdrawIn
from tests.support.forms import a_form
from tests.support.undo import undone
from tests.support.world import World

AW = Partition.AW


class Later:
    """A clock that is some hours ahead of another."""

    def __init__(self, clock: Clock, *, hours: int) -> None:
        self._clock, self._ahead = clock, timedelta(hours=hours)

    def now(self) -> datetime:
        return self._clock.now() + self._ahead

    def new_id(self) -> UUID:
        return self._clock.new_id()

    def monotonic(self) -> float:
        return self._clock.monotonic()


@pytest.fixture
def submitter(two: World) -> Caller:
    return two.caller("AW-DIMAS", Task.SUBMIT, actor="aw-dimas")


@pytest.fixture
def key(two: World) -> str:
    return str(two[AW].clock.new_id())


def test_the_same_key_and_form_give_the_same_signal_once(two: World, submitter: Caller, key: str) -> None:
    first = record_signal(two[AW], submitter, a_form(), key)
    again = record_signal(two[AW], submitter, a_form(), key)
    assert again == first
    assert _signals(two, submitter).count(first.id) == 1


def test_a_repeat_gets_the_first_answer_also_after_the_signal_has_changed(
    two: World, submitter: Caller, key: str
) -> None:
    first = record_signal(two[AW], submitter, a_form(), key)
    withdraw_signal(
        two[AW],
        submitter,
        SignalId(first.id),
        WithdrawIn(reason="Entered twice.", code=RetractReason.WITHDRAWN),
        version=first.version,
    )
    assert record_signal(two[AW], submitter, a_form(), key) == first


def test_answers_are_forgotten_after_72_hours_with_their_keys(two: World, submitter: Caller, key: str) -> None:
    record_signal(two[AW], submitter, a_form(), key)
    with two[AW].work(two.worker(AW)) as work:
        assert work.running.idempotency.purge() == 0
        kept = "SELECT data_key FROM rtr.idempotency WHERE key = %s"
        data_key = work._connection.exec_driver_sql(kept, (key,)).scalar_one()
    late = replace(two[AW], clock=Later(two[AW].clock, hours=73))
    with late.work(two.worker(AW)) as work:
        assert work.running.idempotency.purge() >= 1
    with two[AW].work(two.worker(AW)) as work, pytest.raises(Erased):
        work.keys.get(data_key)
    with undone(two, submitter) as work:
        assert work.running.idempotency.claim(submitter.actor, key, b"another body") is None


def test_no_answer_lies_in_clear_in_its_row(two: World, submitter: Caller, key: str) -> None:
    record_signal(two[AW], submitter, a_form(account="Canary Zenobia"), key)
    with two[AW].work(submitter) as work:
        row = work._connection.exec_driver_sql("SELECT * FROM rtr.idempotency WHERE key = %s", (key,)).one()
    assert b"Zenobia" not in row.answer


def test_the_same_key_with_another_form_is_refused_and_stores_nothing(two: World, submitter: Caller, key: str) -> None:
    record_signal(two[AW], submitter, a_form(), key)
    before = _signals(two, submitter)
    with pytest.raises(KeyReused):
        record_signal(two[AW], submitter, a_form(urgency="NOW"), key)
    assert _signals(two, submitter) == before


def test_a_key_belongs_to_its_client_and_its_country(two: World, submitter: Caller, key: str) -> None:
    other = two.caller("AW-GNC", Task.SUBMIT, actor="aw-gnc")
    abroad = two.caller("CW-IMMIGRATION", Task.SUBMIT, actor="aw-dimas")
    ids = {record_signal(two[c.partition], c, a_form(), key).id for c in (submitter, other, abroad)}
    assert len(ids) == 3


def test_a_request_whose_change_is_rolled_back_keeps_no_key(two: World, submitter: Caller, key: str) -> None:
    with undone(two, submitter) as work:
        assert work.running.idempotency.claim(submitter.actor, key, b"body") is None
    with undone(two, submitter) as work:
        assert work.running.idempotency.claim(submitter.actor, key, b"body") is None


def test_a_request_that_is_refused_keeps_no_key(two: World, submitter: Caller, key: str) -> None:
    """The submitter corrects the number and sends the form again under the same key."""
    from register.errors import CallerError

    bad = a_form(selectors=[{"type": "PHONE", "value": "not a number"}])
    with pytest.raises(CallerError):
        record_signal(two[AW], submitter, bad, key)
    assert record_signal(two[AW], submitter, a_form(), key).version == 1


def test_a_second_request_is_in_flight_while_the_first_has_not_ended(two: World, submitter: Caller, key: str) -> None:
    with two[AW].work(submitter) as first:
        first.running.idempotency.claim(submitter.actor, key, b"body")
        first.running.idempotency.keep(submitter.actor, key, b"answer")
        with pytest.raises(InFlight) as refused, two[AW].work(submitter) as second:
            second.running.idempotency.claim(submitter.actor, key, b"body")
    assert refused.value.details == {"retry_after_s": 1}
    with two[AW].work(submitter) as later:
        assert later.running.idempotency.claim(submitter.actor, key, b"body") == b"answer"


def test_who_waited_for_the_first_gets_its_answer(two: World, submitter: Caller, key: str) -> None:
    claimed, ended = Event(), Event()

    def first() -> None:
        with two[AW].work(submitter) as work:
            work.running.idempotency.claim(submitter.actor, key, b"body")
            work.running.idempotency.keep(submitter.actor, key, b"answer")
            claimed.set()
            ended.wait(0.1)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first)
        claimed.wait(5)
        with two[AW].work(submitter) as work:
            assert work.running.idempotency.claim(submitter.actor, key, b"body") == b"answer"
        running.result()


def test_the_short_wait_for_a_key_does_not_stay_for_the_rest_of_the_transaction(
    two: World, submitter: Caller, key: str
) -> None:
    with two[AW].work(submitter) as work:
        work.running.idempotency.claim(submitter.actor, key, b"body")
        assert work._connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == "4s"


def test_the_same_request_sent_four_times_at_once_makes_one_signal(two: World, submitter: Caller, key: str) -> None:
    start = Barrier(4)

    def send() -> object:
        start.wait()
        for _ in range(20):
            try:
                return record_signal(two[AW], submitter, a_form(), key).id
            except InFlight:
                continue
        raise AssertionError("in flight for ever")

    with ThreadPoolExecutor(4) as pool:
        answers = [f.result() for f in [pool.submit(send) for _ in range(4)]]
    assert len(set(answers)) == 1
    assert _signals(two, submitter).count(answers[0]) == 1


def _signals(world: World, caller: Caller) -> list[object]:
    with world[caller.partition].work(caller) as work:
        return [s["id"] for s in work.signals.reports.summaries(organisation=None, before=None, limit=200, filters={})]
