"""An erasure erases: nothing of the report can be read or found any more, here or there, and it takes two persons."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from register.domain.access.caller import UNSAID, Caller, FreshSignInNeeded, Task, TaskMissing
from register.domain.signals.signal import AlreadyWithdrawn, SignalId
from register.mou.keeping import SecondPersonNeeded
from register.services.running.keep_house import destroy_keys
from register.services.signals.change_signal import amend_signal, refer_signal, withdraw_signal
from register.services.signals.read_signal import read_history, read_signal
from register.services.signals.record_signal import record_signal
from register.services.signals.withdraw_unread import erase_signal, withdraw_unread
from register.store.running.sealing import Erased
from schemas.codes import Partition
from schemas.signals.changes import AmendIn, ReferIn, WithdrawIn
from schemas.signals.out import SignalOut, WithdrawnUnread
from tests.integration.services.conftest import Record
from tests.support.forms import a_form
from tests.support.told import live_blinds, share_all
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
ERASE = WithdrawIn.model_validate({"reason": "The court has ordered it.", "code": "erased"})
SEALED = ("subject", "selector", "token", "blind_index", "protection", "protected_input", "finding", "lifting")


def erased(two: World, by: Caller, signal: SignalOut) -> WithdrawnUnread:
    return erase_signal(two[AW], by, SignalId(signal.id), "The court has ordered it.", version=signal.version)


def query(two: World, statement: str, *values: object) -> list[tuple[object, ...]]:
    database = two.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        return connection.execute(statement.encode(), values).fetchall()


def test_an_erased_report_leaves_nothing_to_read_and_nothing_to_find(
    two: World, submitter: Caller, unit: Caller
) -> None:
    form = a_form(subjects=[{"n": 1, "role": "VICTIM_POTENTIAL", "kind": "person", "name": "Borrado Ficticio",
                             "birth": {"year": 1990, "month": 1, "day": 2}, "selectors": [
                                 {"type": "PHONE", "value": "+297 000 0777"}]}])  # fmt: skip
    signal = record_signal(two[AW], submitter, form, "once")
    change = AmendIn.model_validate({"changes": {"account": "Seen once."}, "reason": "Borrado Ficticio told so."})
    signal = amend_signal(two[AW], submitter, SignalId(signal.id), change, version=1)
    refer = ReferIn(kind="assistance", to="AW-VICTIM", note="Borrado Ficticio asks for a shelter.")
    signal = refer_signal(two[AW], unit, SignalId(signal.id), refer, version=2)
    share_all(two[AW])
    hangs = {"signal": "id", "signal_event": "signal_id", "referral": "signal_id", "idempotency": "about"}
    keys = {
        row[0]
        for table, column in hangs.items()
        for row in query(two, f"SELECT data_key FROM rtr.{table} WHERE {column} = %s", signal.id)
    } - {None}
    assert len(keys) == 4, "the report, a reason, a referral and the answer kept for a repeat"

    answer = erased(two, unit, signal)
    ended = {row[0] for row in query(two, "SELECT id FROM rtr.data_key_end WHERE reason = 'erased'")}
    assert keys <= ended, "in the transaction of the erasure itself"
    for table in SEALED:
        assert not query(two, f"SELECT 1 FROM rtr.{table} WHERE signal_id = %s", signal.id), table
    with pytest.raises(Erased):
        read_signal(two[AW], unit, SignalId(signal.id))
    with pytest.raises(Erased):
        record_signal(two[AW], submitter, form, "once")
    with pytest.raises(Erased):
        read_history(two[AW], unit, SignalId(signal.id))
    assert answer.reference == signal.reference
    assert "Borrado" not in answer.model_dump_json()

    destroy_keys(two[AW], 1_000)
    assert not query(two, "SELECT 1 FROM rtr.data_key WHERE id = ANY(%s)", list(keys))
    with pytest.raises(AlreadyWithdrawn):
        erase_signal(two[AW], unit, SignalId(signal.id), "Again.", version=answer.version)


def test_whoever_has_it_abroad_is_told_that_it_was_erased_in_the_same_transaction(
    two: World, record: Record, unit: Caller
) -> None:
    signal = record()
    share_all(two[AW])
    erased(two, unit, signal)
    told = (
        "SELECT d.partner, d.type FROM rtr.draft d JOIN rtr.signal s ON s.extract_id = d.object "
        "WHERE s.id = %s AND d.version = 2"
    )
    drafted = query(two, told, signal.id)
    assert drafted
    assert {kind for _, kind in drafted} == {"indicator.retract"}
    assert query(two, "SELECT withdrawn_code FROM rtr.signal WHERE id = %s", signal.id) == [("erased",)]
    share_all(two[AW])
    assert query(two, told, signal.id) == drafted, "the worker has nothing to add, and is not stopped by it"
    assert not query(two, "SELECT 1 FROM rtr.search_key k JOIN rtr.signal s ON s.extract_id = k.record "
                     "WHERE s.id = %s", signal.id)  # fmt: skip


def test_erasing_takes_the_register_unit_a_fresh_sign_in_and_somebody_else_than_who_wrote_it(
    two: World, record: Record, submitter: Caller, unit: Caller
) -> None:
    signal = record()
    with pytest.raises(TaskMissing):
        erased(two, submitter, signal)
    with pytest.raises(TaskMissing):
        erased(two, two.caller("AW-JIUMM", Task.ENRICH, actor="enricher"), signal)
    with pytest.raises(FreshSignInNeeded):
        erased(two, replace(unit, signed_in=UNSAID), signal)
    own = record(by=replace(unit, tasks=unit.tasks | {Task.SUBMIT}))
    with pytest.raises(SecondPersonNeeded):
        erased(two, unit, own)
    change = AmendIn.model_validate({"changes": {"account": "Seen."}, "reason": "Short."})
    changed = amend_signal(two[AW], unit, SignalId(signal.id), change, version=1)
    with pytest.raises(SecondPersonNeeded):
        erased(two, unit, changed)
    for left in (own, changed):
        assert read_signal(two[AW], unit, SignalId(left.id)).withdrawn_at is None


@pytest.mark.parametrize("by", [withdraw_signal, withdraw_unread])
def test_no_other_way_of_withdrawing_says_that_it_erased(
    two: World, record: Record, submitter: Caller, by: object
) -> None:
    assert callable(by)
    signal = record()
    with pytest.raises((ValueError, TaskMissing)):
        by(two[AW], submitter, SignalId(signal.id), ERASE, version=1)
    assert read_signal(two[AW], submitter, SignalId(signal.id)).withdrawn_at is None


def test_a_number_that_waited_because_of_the_erased_report_alone_waits_no_more(
    two: World, record: Record, unit: Caller
) -> None:
    number = {"type": "PHONE", "value": "+297 000 0778"}

    def a_victim(name: str) -> SignalOut:
        person = {"n": 1, "role": "VICTIM_POTENTIAL", "kind": "person", "name": name, "selectors": [number],
                  "birth": {"year": 1991, "month": 3, "day": 4}}  # fmt: skip
        return record(subjects=[person], selectors=[])

    first, second = a_victim("Una Ficticia"), a_victim("Otra Testman")
    third = record(subjects=[], selectors=[number])
    share_all(two[AW])

    def shared() -> bool:
        share_all(two[AW])
        return bool(live_blinds(two[AW], third.id, CW))

    assert not shared()
    erased(two, unit, first)
    assert not shared(), "the other report protects it still"
    erased(two, unit, second)
    assert shared()
    assert not query(
        two,
        "SELECT 1 FROM rtr.to_do t WHERE kind = 'FINDING' AND done_at IS NULL "
        "AND NOT EXISTS (SELECT FROM rtr.finding f WHERE f.id = t.object)",
    )
