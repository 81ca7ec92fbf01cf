"""A fact that protects and a decision on what leaves, at the same moment: whichever is first, nothing of hers leaves.

Two transactions at once on a real PostgreSQL: each test holds one open and lets the other run into it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import psycopg
import pytest

from register.core import repeat_if_deadlocked
from register.domain.access.caller import Caller, Task
from register.domain.signals.protection import Protection
from register.domain.signals.signal import SignalId
from register.pseudonyms.inputs import identifies_one
from register.pseudonyms.matchkeys import blind_index
from register.pseudonyms.signal_keys import owned_inputs
from register.services.desk.keep_intakes import record_intake
from register.services.signals.change_signal import refer_signal, withdraw_signal
from register.services.signals.protecting.keep_protection import begin_fact
from register.services.signals.withdraw_unread import erase_signal
from register.store.running.server.database import Deadlocked
from register.store.signals.protecting.protections import OwnedInput
from schemas.codes import Partition
from schemas.desk.intake import IntakeIn
from schemas.signals.changes import ReferIn, WithdrawIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.forms import a_form
from tests.support.found import a_finding
from tests.support.told import drafts_of, live, share_all
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW
PATIENCE_S = 20


@pytest.fixture(scope="module")
def two() -> Iterator[World]:
    with world(countries=(AW, CW)) as made:
        yield made


@pytest.fixture
def hotline(two: World) -> Caller:
    return two.caller("AW-JIUMM", Task.SUBMIT, Task.REGISTER, Task.ENRICH, actor="hotline")


def person(role: str, passport: str) -> dict[str, Any]:
    document = {"type": "PASSPORT", "value": passport, "country": "VE"}
    phone = {"type": "PHONE", "value": f"+297 5{passport[-6:]}"}
    return {"n": 1, "role": role, "kind": "person", "selectors": [document, phone]}


def families(two: World, signal: SignalOut) -> set[str]:
    found = live(two[AW], signal.id, CW)
    return set() if found is None else {t["family"] for t in found["tokens"]}


def running(work: Callable[[], object]) -> tuple[Thread, list[BaseException]]:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - shown to the test
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    return thread, failed


def wait_until_held_up(two: World) -> None:
    """Return once somebody waits for the lock of facts."""
    until, database = time.monotonic() + PATIENCE_S, two.settings.database
    asked = b"SELECT count(*) FROM pg_locks WHERE NOT granted AND strpos(relation::regclass::text, 'protected_') > 0"
    # As the administrator: no role of a country sees who waits for what.
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        while time.monotonic() < until:
            if (connection.execute(asked).fetchone() or (0,))[0]:
                return
            time.sleep(0.05)
    raise AssertionError("nobody waits: the two run through each other")


def finish(thread: Thread, failed: list[BaseException]) -> None:
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert failed == []


def test_a_signal_that_is_shared_while_a_fact_is_recorded_waits_and_sees_it(
    two: World, record: Record, hotline: Caller
) -> None:
    there = record(subjects=[person("SUSPECT", "ZT5000101")], selectors=[])
    hers = record(hotline, subjects=[person("LANDLORD", "ZT5000102")], selectors=[])
    secret = two[AW].keys.blind_index
    form = a_form(subjects=[person("SUSPECT", "ZT5000101")], selectors=[])
    owned = [OwnedInput(1, blind_index(secret, x), identifies_one(x)) for x in owned_inputs(form, AW)[1]]
    with two[AW].work(hotline) as work:
        begin_fact(work)
        thread, failed = running(lambda: share_all(two[AW]))
        wait_until_held_up(two)
        assert drafts_of(two[AW], there.id, CW) == []
        work.signals.protections.add(SignalId(hers.id), {1: frozenset({Protection.LADDER})}, owned)
    finish(thread, failed)
    assert families(two, there) == set()


def test_a_fact_that_is_recorded_while_a_signal_is_shared_waits_and_takes_back(
    two: World, record: Record, hotline: Caller
) -> None:
    there = record(subjects=[person("SUSPECT", "ZT5000201")], selectors=[])
    share_all(two[AW])
    assert families(two, there) == {"document", "phone"}
    with two[AW].work(two.worker(AW)) as work:
        work.signals.protections.wait_for_facts()
        thread, failed = running(
            lambda: record(hotline, subjects=[person("VICTIM_POTENTIAL", "ZT5000201")], selectors=[])
        )
        wait_until_held_up(two)
        assert families(two, there) == {"document", "phone"}
    finish(thread, failed)
    assert families(two, there) == set()


def test_signals_are_shared_beside_each_other(two: World, record: Record) -> None:
    there = record(subjects=[person("SUSPECT", "ZT5000301")], selectors=[])
    with two[AW].work(two.worker(AW)) as work:
        work.signals.protections.wait_for_facts()
        share_all(two[AW])
    assert families(two, there) == {"document", "phone"}


def test_a_fact_about_a_withdrawn_signal_is_kept_and_tells_partners_nothing_more(
    two: World, record: Record, hotline: Caller
) -> None:
    there = record(subjects=[person("COMPANION", "ZT5000401")], selectors=[])
    share_all(two[AW])
    gone = WithdrawIn.model_validate({"code": "withdrawn", "reason": "Told twice."})
    withdraw_signal(two[AW], hotline, SignalId(there.id), gone, version=1)
    before = drafts_of(two[AW], there.id, CW)
    interview = {"held_on": "2025-06-02", "sex": "FEMALE", "age_band": "12-17", "signal": there.id}
    with two[AW].work(hotline) as work:
        begin_fact(work)
        kept = work.signals.protections.reasons(SignalId(there.id))
    assert kept == {}
    record_intake(two[AW], hotline, IntakeIn.model_validate(interview), str(two[AW].clock.new_id()))
    assert drafts_of(two[AW], there.id, CW) == before
    share_all(two[AW])
    assert drafts_of(two[AW], there.id, CW)[-1].body == {"reason": "withdrawn"}
    with two[AW].work(hotline) as work:
        assert work.signals.protections.reasons(SignalId(there.id)) == {1: {Protection.MEANT, Protection.MEANT_CHILD}}


def wait_until_a_row_is_waited_for(two: World) -> None:
    until, database = time.monotonic() + PATIENCE_S, two.settings.database
    asked = b"SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        while not (connection.execute(asked).fetchone() or (0,))[0]:
            assert time.monotonic() < until, "nobody waits: the two run through each other"
            time.sleep(0.05)


@pytest.mark.parametrize("erasing", [False, True])
def test_withdrawing_that_is_ended_for_another_that_waits_for_it_is_done_again(
    two: World, hotline: Caller, unit: Caller, *, erasing: bool
) -> None:
    """One goes from the report to what waits for it, as who withdraws does; the other from there to the report."""
    waits, signal = a_finding(two[AW], hotline)
    if not erasing:
        # A question stays when its report is withdrawn; a referral ends with it.
        sent = ReferIn(kind="investigation", to="AW-KPA")
        refer_signal(two[AW], hotline, SignalId(signal.id), sent, version=signal.version)
        with two[AW].work(hotline) as work:
            [waits] = [one.id for one in work.signals.referrals.of_signal(SignalId(signal.id))]
            signal = signal.model_copy(update={"version": work.signals.reports.get_sealed(SignalId(signal.id)).version})
    database = two.settings.database
    withdrawal = WithdrawIn(code="withdrawn", reason="Entered twice.")

    def withdraw() -> object:
        if erasing:
            return erase_signal(two[AW], unit, SignalId(signal.id), withdrawal.reason, version=signal.version)
        return withdraw_signal(two[AW], hotline, SignalId(signal.id), withdrawal, version=signal.version)

    leaves = "SELECT count(*) FROM rtr.audit_leaf WHERE country = 'AW' AND action = 'signal.withdrawn'"
    with psycopg.connect(database.admin_url, dbname=database.name) as other:
        before = (other.execute(leaves).fetchone() or (0,))[0]
        # It looks for a deadlock late: PostgreSQL ends the transaction that looks first.
        other.execute("SET deadlock_timeout = '60s'")
        other.execute("SELECT 1 FROM rtr.to_do WHERE country = 'AW' AND object = %s FOR UPDATE", (waits,))
        thread, failed = running(withdraw)
        wait_until_a_row_is_waited_for(two)
        other.execute("SELECT 1 FROM rtr.signal WHERE country = 'AW' AND id = %s FOR UPDATE", (signal.id,))
        other.rollback()
        finish(thread, failed)
        after = (other.execute(leaves).fetchone() or (0,))[0]
    with two[AW].work(hotline) as work:
        assert work.signals.reports.get_sealed(SignalId(signal.id)).withdrawn_at is not None
    assert after == before + 1, "what was undone left nothing"


def test_use_case_that_is_ended_each_time_is_given_up_after_three() -> None:
    tried: list[int] = []

    @repeat_if_deadlocked
    def never() -> None:
        tried.append(1)
        raise Deadlocked("for another")

    with pytest.raises(Deadlocked):
        never()
    assert len(tried) == 3
