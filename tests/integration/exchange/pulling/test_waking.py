"""One look wakes each job that takes from the country's own rows for what it would take, and for nothing else."""

from __future__ import annotations

import pytest

from api.process import worker
from api.process.hosting import Loop
from register.domain.running.consumer import Consumer
from register.services.running.try_each import Waits, see_what_waits
from register.store.running.sealing import KeyEnd
from schemas.codes import Partition
from tests.integration.exchange.looking import rows
from tests.integration.exchange.net import Net, Node
from tests.support.clock import age_leases

AW, CW, SX = Partition.AW, Partition.CW, Partition.SX
NOTHING = Waits(frozenset(), frozenset(), keys=False, removals=False)


def woken(node: Node) -> set[str]:
    """The jobs that a look at this moment wakes."""
    waits = see_what_waits(node.register, tuple(Consumer))
    table = worker.jobs(node.register, node.appender, node.receiver)
    return {name for name, job in table.items() if job.wanted is not None and job.wanted(waits)}


def test_nobody_is_woken_where_nothing_waits(trio: Net) -> None:
    assert see_what_waits(trio[AW].register, tuple(Consumer)) == NOTHING
    assert woken(trio[AW]) == set()


@pytest.mark.parametrize("consumer", Consumer)
def test_job_is_woken_while_an_object_is_due_for_it_and_nobody_has_it(trio: Net, consumer: Consumer) -> None:
    aruba, job = trio[AW], consumer.job
    with aruba.register.work(aruba.caller()) as work:
        work.running.outbox.add(consumer, aruba.register.clock.new_id())
    assert woken(aruba) == {job}
    assert woken(trio[CW]) == set(), "another country's is none of ours"
    with aruba.register.work(aruba.caller()) as work:
        (lease,) = work.running.outbox.lease(consumer, 1)
    assert woken(aruba) == set(), "somebody has it"
    with aruba.register.work(aruba.caller()) as work:
        age_leases(work._connection, 3_600)
    assert woken(aruba) == {job}, "whoever had it is gone"
    with aruba.register.work(aruba.caller()) as work:
        (lease,) = work.running.outbox.lease(consumer, 1)
        work.running.outbox.postpone(lease, "engine-unavailable")
    assert woken(aruba) == set(), "it was put off"
    with aruba.register.work(aruba.caller()) as work:
        age_leases(work._connection, 3_600)
    assert woken(aruba) == {job}, "and is due again"


def test_job_that_appends_is_woken_for_its_own_partner_until_the_draft_is_in_the_log(trio: Net) -> None:
    aruba = trio[AW]
    aruba.put(CW)
    assert woken(aruba) == {"append-CW"}
    aruba.put(SX)
    assert woken(aruba) == {"append-CW", "append-SX"}
    aruba.append()
    assert woken(aruba) == set()


def test_job_that_destroys_is_woken_until_the_last_ended_key_is_gone(trio: Net) -> None:
    aruba = trio[AW]
    with aruba.register.work(aruba.caller()) as work:
        keys = [work.keys.make(aruba.register.today()).id for _ in range(2)]
    with aruba.register.work(aruba.caller()) as work:
        work.keys.end(keys, KeyEnd.ERASED)
    assert woken(aruba) == {"destroy"}
    destroy = worker.jobs(aruba.register, aruba.appender, aruba.receiver)["destroy"]
    assert destroy.turn()
    assert woken(aruba) == set()


def test_job_that_acknowledges_is_woken_by_a_removal_that_the_index_confirmed_until_a_receipt_lists_it(
    trio: Net,
) -> None:
    aruba, curacao = trio[AW], trio[CW]
    about = aruba.put(CW)
    aruba.append()
    curacao.pull_all(AW)
    aruba.retract(about, CW)
    aruba.append()
    curacao.pull_all(AW)
    assert "acknowledge" not in woken(curacao), "the index has not confirmed it"
    with curacao.register.work(curacao.caller()) as work:
        work.exchange.received.confirm_removed(AW, about)
    assert "acknowledge" in woken(curacao)
    worker.jobs(curacao.register, curacao.appender, curacao.receiver)["acknowledge"].turn()
    assert "acknowledge" not in woken(curacao)
    (told_of,) = rows(trio, "SELECT done_n FROM rtr.draft WHERE country = 'AW' AND type = 'indicator.retract'")
    assert told_of["done_n"] is not None, "and the partner has heard of it"


def test_partner_that_has_not_said_what_it_acknowledged_is_asked_again_though_no_draft_waits(trio: Net) -> None:
    aruba = trio[AW]
    appender = aruba.another_appender("fresh")
    due_in = worker.jobs(aruba.register, appender, aruba.receiver)["append-CW"].due_in
    assert due_in is not None
    assert due_in() == aruba.register.settings.worker.idle_max_s
    appender.append_to(CW)
    assert due_in() == worker.TAKE_ANYWAY_EVERY_S


def test_look_is_soon_again_while_something_new_waits_and_grows_rare_while_it_is_always_the_same(trio: Net) -> None:
    aruba = trio[AW]
    pace = aruba.register.settings.worker
    jobs = {partner: Loop(f"AW-append-{partner}", lambda: False, idle_s=3_600) for partner in (CW, SX)}
    looking = worker._Looking(
        aruba.register, {jobs[CW]: lambda w: CW in w.partners, jobs[SX]: lambda w: SX in w.partners}
    )

    def look() -> tuple[set[Partition], float]:
        looking.turn()
        found = {partner for partner, job in jobs.items() if job._woken.is_set()}
        for job in jobs.values():
            job._woken.clear()
        return found, looking.due_in()

    for _ in range(20):
        last = look()
    assert last == (set(), pace.idle_max_s)
    aruba.put(CW)
    assert look() == ({CW}, pace.idle_s)
    for _ in range(20):
        last = look()
    assert last == ({CW}, pace.idle_max_s), "its partner is away, and its job is woken all the same"
    aruba.put(SX)
    assert look() == ({CW, SX}, pace.idle_s)
