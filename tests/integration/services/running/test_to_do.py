"""What waits, for whom, in which order and until when; over PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import cast
from uuid import UUID

import psycopg
import pytest

from register.core import Register
from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.running.consumer import Consumer
from register.domain.running.to_do import KINDS, ToDo, finding, kinds_for, waits_for
from register.domain.signals.signal import SignalId
from register.services.running.keep_house import keep_house
from register.services.running.list_to_do import count_to_do, list_to_do
from register.services.signals.approving.approve_signal import confirm_signal
from register.services.signals.change_signal import OrganisationEnded, amend_signal, refer_signal, withdraw_signal
from register.services.signals.list_signals import list_signals
from register.services.signals.record_signal import record_signal
from register.store.running.outbox import STUCK_AFTER
from schemas.codes import Finding, Partition, ToDoKind, Urgency
from schemas.running.to_do import ToDoOut
from schemas.signals.changes import AmendIn, ReferIn, WithdrawIn
from schemas.signals.out import SignalOrder, SignalOut, SignalSummary
from tests.support.clock import HandClock, age_leases
from tests.support.forms import a_form
from tests.support.world import World, world

MACHINE = cast("Consumer", "machine")
AW = Partition.AW
HOUR = 3600


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def here(clock: HandClock) -> Iterator[World]:
    with world(countries=(AW,), clock=clock) as made:
        yield made


@pytest.fixture
def register(here: World) -> Register:
    return here[AW]


@pytest.fixture
def unit(here: World) -> Caller:
    return here.caller("AW-JIUMM", Task.REGISTER, Task.ENRICH, Task.READ_OWN, actor="unit")


@pytest.fixture
def contact(here: World) -> Caller:
    """Somebody of the contact point who reads, and registers nothing."""
    return here.caller("AW-CMMA", Task.READ_OWN, actor="contact")


def record(here: World, urgency: str = "NORMAL") -> SignalOut:
    by = here.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN)
    return record_signal(here[AW], by, a_form(urgency=urgency), str(here[AW].clock.new_id()))


def refer(here: World, unit: Caller, signal: SignalOut, to: str = "AW-CMMA", version: int = 1) -> UUID:
    referral = ReferIn(kind="assistance", to=to)
    return refer_signal(here[AW], unit, SignalId(signal.id), referral, version=version).referrals[-1].id


def waiting(register: Register, caller: Caller) -> list[ToDoOut]:
    return list(list_to_do(register, caller, cursor=None, limit=200).items)


def test_referral_waits_for_the_organisation_that_it_was_sent_to_and_for_nobody_else(
    here: World, register: Register, unit: Caller, contact: Caller
) -> None:
    referral = refer(here, unit, record(here, "NOW"))
    (one,) = waiting(register, contact)
    assert (one.kind, one.object, one.unit, one.detail) == (ToDoKind.REFERRAL, referral, "AW-CMMA", "assistance")
    others = [here.caller(code, Task.READ_OWN, Task.SUBMIT) for code in ("AW-KPA", "AW-DIMAS", "AW-JIUMM")]
    others += [here.caller("AW-CMMA", Task.STATISTICS, Task.SEARCH_SHARED)]
    assert [waiting(register, caller) for caller in others] == [[]] * len(others)
    assert {one.kind for one in waiting(register, unit)} == {ToDoKind.CONFIRM}


def test_what_waits_at_an_organisation_that_has_ended_waits_for_the_register_unit_and_nothing_more_goes_there(
    here: World, register: Register, unit: Caller
) -> None:
    referral = refer(here, unit, signal := record(here, "NOW"))
    database = here.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        ended = "UPDATE rtr.organisation SET valid_to = %s WHERE country = 'AW' AND code = 'AW-CMMA'"
        connection.execute(ended, (register.today(),))
        assert {one.kind for one in waiting(register, unit)} == {ToDoKind.CONFIRM}, "it takes part through its last day"
        refer(here, unit, signal, version=2)
        connection.execute(ended, (register.today() - timedelta(days=1),))
    assert referral in {one.object for one in waiting(register, unit)}
    for caller in (here.caller("AW-KPA", Task.READ_OWN, Task.SUBMIT), here.caller("AW-JIUMM", Task.READ_OWN)):
        assert waiting(register, caller) == []
    with pytest.raises(OrganisationEnded):
        refer(here, unit, signal, version=3)


def test_most_urgent_comes_first_then_what_is_due_first(here: World, register: Register, unit: Caller) -> None:
    clock = register.clock
    assert isinstance(clock, HandClock)
    made = []
    for urgency in ("NORMAL", "NOW", "DAY", "NOW", "NORMAL"):
        made.append(record(here, urgency).reference)
        clock.move(60)
    wanted = [made[n] for n in (1, 3, 2, 0, 4)]
    assert [one.reference for one in waiting(register, unit)] == wanted
    paged, cursor = [], None
    while True:
        page = list_to_do(register, unit, cursor=cursor, limit=2)
        paged += [one.reference for one in page.items]
        if (cursor := page.next) is None:
            break
    assert paged == wanted


def test_to_do_is_overdue_after_what_its_urgency_allows(here: World, register: Register, unit: Caller) -> None:
    clock = register.clock
    assert isinstance(clock, HandClock)
    for urgency in ("NOW", "DAY", "NORMAL"):
        record(here, urgency)
    late = []
    for hours in (0.9, 0.2, 24, 24 * 7):
        clock.move(hours * HOUR)
        late.append([one.urgency.value for one in waiting(register, unit) if one.overdue])
    assert late == [[], ["NOW"], ["NOW", "DAY"], ["NOW", "DAY", "NORMAL"]]
    counted = count_to_do(register, unit)[ToDoKind.CONFIRM]
    assert (counted.waiting, counted.overdue) == (3, 3)


def test_report_waits_until_it_is_confirmed_and_again_once_it_was_changed(
    here: World, register: Register, unit: Caller
) -> None:
    signal = SignalId(record(here).id)
    confirm_signal(register, unit, signal, "As the profile has it.", version=1)
    assert waiting(register, unit) == []
    change = AmendIn.model_validate({"changes": {"urgency": "NOW"}, "reason": "She called."})
    amend_signal(register, unit, signal, change, version=2)
    assert [one.urgency for one in waiting(register, unit)] == [Urgency.NOW]
    back = WithdrawIn.model_validate({"code": "corrected", "reason": "Entered twice."})
    withdraw_signal(register, unit, signal, back, version=3)
    assert waiting(register, unit) == []


def test_referral_becomes_as_urgent_as_the_report_and_waits_since_it_was_sent(
    here: World, register: Register, unit: Caller, contact: Caller
) -> None:
    clock = register.clock
    assert isinstance(clock, HandClock)
    signal = record(here)
    refer(here, unit, signal)
    clock.move(2 * HOUR)
    change = AmendIn.model_validate({"changes": {"urgency": "NOW"}, "reason": "She called."})
    amend_signal(register, unit, SignalId(signal.id), change, version=2)
    (one,) = waiting(register, contact)
    assert (one.urgency, one.overdue, one.due_at - one.opened_at) == (Urgency.NOW, True, timedelta(hours=1))


def test_finding_waits_for_the_register_unit_also_when_the_report_is_withdrawn_until_it_is_answered(
    here: World, register: Register, unit: Caller, contact: Caller
) -> None:
    signal = record(here)
    with register.work(unit) as work:
        told = {"signal": signal.id, "reference": signal.reference}
        work.running.to_do.bring(finding(Finding.ALSO_A_VICTIMS, signal.id, Urgency.NOW, **told))  # type: ignore[arg-type]
    found = [one for one in waiting(register, unit) if one.kind is ToDoKind.FINDING]
    assert [(one.detail, one.due_at - one.opened_at) for one in found] == [("ALSO_A_VICTIMS", timedelta(hours=1))]
    assert waiting(register, contact) == []
    back = WithdrawIn.model_validate({"code": "corrected", "reason": "Entered twice."})
    withdraw_signal(register, unit, SignalId(signal.id), back, version=1)
    assert [one.kind for one in waiting(register, unit)] == [ToDoKind.FINDING]
    with register.work(unit) as work:
        work.running.to_do.close(ToDoKind.FINDING, [signal.id])
    assert waiting(register, unit) == []


def test_work_that_failed_ten_times_waits_for_a_person_until_it_gets_on(here: World, unit: Caller) -> None:
    register = here[AW]
    about = register.clock.new_id()
    with register.work(here.worker(AW)) as work:
        work.running.outbox.add(MACHINE, about)
    shown = []
    for _ in range(STUCK_AFTER):
        with register.work(here.worker(AW)) as work:
            age_leases(work._connection, HOUR)
            (lease,) = work.running.outbox.lease(MACHINE, 1)
            work.running.outbox.postpone(lease, "partner-unreachable")
        shown.append(len(waiting(register, unit)))
    assert shown == [0] * (STUCK_AFTER - 1) + [1]
    (one,) = waiting(register, unit)
    assert (one.kind, one.object, one.detail) == (ToDoKind.DEAD_LETTER, about, MACHINE)
    with register.work(here.worker(AW)) as work:
        age_leases(work._connection, HOUR)
        work.running.outbox.settle_many(work.running.outbox.lease(MACHINE, 1))
    assert waiting(register, unit) == []


def test_all_that_failed_ten_times_and_gets_on_together_waits_for_nobody_any_more(here: World, unit: Caller) -> None:
    register = here[AW]
    several = [register.clock.new_id() for _ in range(3)]
    with register.work(here.worker(AW)) as work:
        work.running.outbox.add(MACHINE, *several)
    for _ in range(STUCK_AFTER):
        with register.work(here.worker(AW)) as work:
            age_leases(work._connection, HOUR)
            for lease in work.running.outbox.lease(MACHINE, 3):
                work.running.outbox.postpone(lease, "partner-unreachable")
    assert {one.object for one in waiting(register, unit)} == set(several)
    with register.work(here.worker(AW)) as work:
        age_leases(work._connection, HOUR)
        leases = work.running.outbox.lease(MACHINE, 3)
        work.running.outbox.add(MACHINE, several[0])
        assert work.running.outbox.settle_many(leases) == 3
    assert waiting(register, unit) == []


def test_what_was_settled_is_forgotten_after_its_time(here: World, register: Register, unit: Caller) -> None:
    clock = register.clock
    assert isinstance(clock, HandClock)
    confirm_signal(register, unit, SignalId(record(here).id), "As the profile has it.", version=1)
    record(here)
    clock.move(399 * 24 * HOUR)
    keep_house(register)  # what was kept for repeats of the requests goes first
    assert keep_house(register) == 0
    clock.move(2 * 24 * HOUR)
    assert keep_house(register) == 1
    assert len(waiting(register, unit)) == 1, "what is open stays, however long"


def test_list_of_the_register_unit_begins_with_what_waits_the_most_urgent_and_the_longest(
    here: World, register: Register, unit: Caller
) -> None:
    """C39: the only 'now' was the twentieth of twenty-five."""
    clock = register.clock
    assert isinstance(clock, HandClock)
    made = []
    for urgency in ("NORMAL", "DAY", "NOW", "NORMAL", "NOW", "NORMAL"):
        made.append(record(here, urgency))
        clock.move(60)
    for settled in (made[4], made[5]):
        confirm_signal(register, unit, SignalId(settled.id), "As the profile has it.", version=1)
    refer(here, unit, made[5], "AW-KPA", version=2)
    wanted = [made[n].reference for n in (2, 1, 0, 3, 5, 4)]

    def listed(limit: int) -> list[SignalSummary]:
        found: list[SignalSummary] = []
        cursor = None
        while True:
            page = list_signals(register, unit, filters={}, cursor=cursor, limit=limit, order=SignalOrder.WAITING)
            found += page.items
            if (cursor := page.next) is None:
                return found

    for limit in (1, 2, 4, 200):
        assert [one.reference for one in listed(limit)] == wanted, limit
    clock.move(2 * HOUR)
    assert [one.overdue for one in listed(200)] == [True, False, False, False, False, False]
    assert [one.waits_since is None for one in listed(200)] == [False] * 5 + [True]


def test_order_by_what_waits_is_the_register_units_only(here: World, register: Register) -> None:
    for tasks in ((Task.ENRICH,), (Task.READ_OWN,), (Task.PROSECUTE,)):
        with pytest.raises(TaskMissing):
            list_signals(
                register, here.caller("AW-JIUMM", *tasks), filters={}, cursor=None, limit=9, order=SignalOrder.WAITING
            )


TASKS = [frozenset[Task](), frozenset({Task.READ_OWN}), frozenset({Task.REGISTER}), frozenset(Task)]


def test_store_finds_exactly_what_the_domain_says_waits_for_a_caller(here: World, register: Register) -> None:
    units, persons = (None, "AW-CMMA", "AW-KPA"), (None, "anna", "ben")
    every = list(product(ToDoKind, units, persons))
    with register.work(here.worker(AW)) as work:
        for kind, of, person in every:
            to_do = ToDo(kind=kind, object=register.clock.new_id(), detail=f"{of} {person}", urgency=Urgency.DAY,
                         within=timedelta(hours=1), unit=of, person=person)  # fmt: skip
            work.running.to_do.bring(to_do)
    for tasks, organisation, actor in product(TASKS, ("AW-CMMA", "AW-KPA"), ("anna", "carl")):
        caller = here.caller(organisation, *tasks, actor=actor)
        found = {(one.kind, one.detail) for one in waiting(register, caller)}
        wanted = {(k, f"{of} {person}") for k, of, person in every if waits_for(caller, k, of, person)}
        assert found == wanted, (tasks, organisation, actor)
        assert {kind for kind, _ in found} <= kinds_for(caller) <= set(KINDS)
