"""What nobody can read any more can still be taken back: a withdrawal needs no plaintext."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import psycopg
import pytest

from register.domain.access.caller import Task
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import AlreadyWithdrawn, ChangedMeanwhile, SignalId
from register.errors import NotFound, Unreadable
from register.keys.home import keystore_path
from register.search.feeding.changes import Remove
from register.services.search.index_records import find_wanted_changes
from register.services.signals.change_signal import withdraw_signal
from register.services.signals.share_signal import share_signals
from register.services.signals.withdraw_unread import withdraw_unread
from schemas.codes import EntryType, Partition
from schemas.signals.changes import WithdrawIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
WITHDRAW = WithdrawIn.model_validate({"reason": "She is in danger.", "code": "withdrawn"})
LOST: dict[str, str] = {
    "key lost": "DELETE FROM rtr.data_key_aw k USING rtr.signal_aw s WHERE k.id = s.data_key AND s.id = %s",
    "key damaged": "UPDATE rtr.data_key_aw k SET wrapped = decode('00', 'hex') || k.wrapped FROM rtr.signal_aw s "
    "WHERE k.id = s.data_key AND s.id = %s",
    "content damaged": "UPDATE rtr.signal_aw SET account = decode('00', 'hex') || account WHERE id = %s",
}


LACKED: Final = "month's key lacked"
HOW: Final = (*LOST, LACKED)


@pytest.fixture(autouse=True)
def _put_back(two: World) -> Iterator[None]:
    """The newest copy of the key store, for the tests that share it."""
    path = keystore_path(two.settings, AW)
    newest = path.read_bytes()
    yield
    path.write_bytes(newest)


def spoil(two: World, how: str, signal: SignalOut) -> None:
    """Lose or damage what a signal's content is sealed with, as a bad disk does, or an older copy of the key store."""
    database = two.settings.database
    if how == LACKED:
        query = "SELECT k.kek FROM rtr.data_key k JOIN rtr.signal s ON k.id = s.data_key WHERE s.id = %s"
        with psycopg.connect(database.admin_url, dbname=database.name) as connection:
            found = connection.execute(query, (signal.id,)).fetchone()
        assert found is not None
        path = keystore_path(two.settings, AW)
        document = json.loads(path.read_bytes())
        del document["secrets"][found[0]]
        path.write_text(json.dumps(document))
        return
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        assert connection.execute(LOST[how].encode(), (signal.id,)).rowcount == 1


def told(two: World, signal: SignalOut) -> list[tuple[str, str]]:
    """What was drafted of a signal: to whom and what, in order."""
    database = two.settings.database
    query = (
        "SELECT d.partner, d.type FROM rtr.draft d JOIN rtr.signal s ON s.extract_id = d.object "
        "WHERE s.id = %s ORDER BY d.version, d.partner"
    )
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        return [(row[0], row[1]) for row in connection.execute(query.encode(), (signal.id,))]


@pytest.mark.parametrize("how", HOW)
def test_report_that_does_not_open_is_withdrawn_and_retracted_from_everybody_who_has_it(
    two: World, record: Record, how: str
) -> None:
    signal = record()
    share_signals(two[AW], 100)
    have = {partner for partner, _ in told(two, signal)}
    assert have
    spoil(two, how, signal)
    by = two.caller("AW-DIMAS", Task.SUBMIT)
    with pytest.raises(Unreadable):
        withdraw_signal(two[AW], by, SignalId(signal.id), WITHDRAW, version=1)

    made = withdraw_unread(two[AW], by, SignalId(signal.id), WITHDRAW, version=1)

    assert (made.reference, made.version) == (signal.reference, 2)
    share_signals(two[AW], 100)
    retracted = {partner for partner, kind in told(two, signal) if kind == EntryType.INDICATOR_RETRACT}
    assert retracted == have
    with two[AW].work(two.worker(AW)) as work:
        extract = work.signals.reports.get_sealed(SignalId(signal.id)).extract_id
        assert [type(change) for change in find_wanted_changes(work, extract)] == [Remove]
        assert not work.search.keys.of_records(AW, [extract]).get(extract)


@pytest.mark.parametrize("how", LOST)
def test_worker_that_was_stuck_with_it_goes_on_and_drafts_nothing_twice(two: World, record: Record, how: str) -> None:
    signal = record()
    share_signals(two[AW], 100)
    spoil(two, how, signal)
    with two[AW].work(two.worker(AW)) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, signal.id)
    share_signals(two[AW], 100)
    withdraw_unread(two[AW], two.caller("AW-DIMAS", Task.SUBMIT), SignalId(signal.id), WITHDRAW, version=1)
    share_signals(two[AW], 100)
    before = told(two, signal)
    with two[AW].work(two.worker(AW)) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, signal.id)
    share_signals(two[AW], 100)
    assert told(two, signal) == before
    database = two.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        query = "SELECT count(*) FROM rtr.outbox WHERE object = %s AND consumer = 'pseudonymise'"
        assert connection.execute(query, (signal.id,)).fetchone() == (0,)


def test_rights_and_version_are_those_of_any_withdrawal(two: World, record: Record) -> None:
    signal = record()
    spoil(two, "key lost", signal)
    own = two.caller("AW-DIMAS", Task.SUBMIT)

    def withdraw(by: str, *tasks: Task, version: int = 1) -> object:
        return withdraw_unread(two[AW], two.caller(by, *tasks), SignalId(signal.id), WITHDRAW, version=version)

    with pytest.raises(NotFound):
        withdraw("AW-GNC", Task.SUBMIT)
    with pytest.raises(NotFound):
        withdraw("AW-DIMAS", Task.READ_OWN)
    with pytest.raises(ChangedMeanwhile):
        withdraw("AW-DIMAS", Task.SUBMIT, version=7)
    withdraw_unread(two[AW], own, SignalId(signal.id), WITHDRAW, version=1)
    with pytest.raises(AlreadyWithdrawn):
        withdraw_unread(two[AW], own, SignalId(signal.id), WITHDRAW, version=2)
