"""What partners are left with is what the country says now, also where a row between the two was lost or changed."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from register.domain.access.caller import Task
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.services.exchange.checking.check_told import TOLD, check_told
from register.services.signals.change_signal import withdraw_signal
from register.services.signals.record_signal import record_signal
from register.services.signals.share_signal import share_signals
from schemas.codes import AlarmKind, Partition
from schemas.signals.changes import WithdrawIn
from tests.support.forms import a_form
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW
WITHDRAW = WithdrawIn.model_validate({"reason": "She is in danger.", "code": "withdrawn"})
LAST = (
    "SELECT DISTINCT ON (d.partner) d.partner, d.type FROM rtr.draft d WHERE d.object = %s "
    "ORDER BY d.partner, d.version DESC"
)


@pytest.fixture
def pair() -> Iterator[World]:
    with world(countries=(AW, CW)) as made:
        yield made


def sql(pair: World, statement: str, *values: object) -> list[tuple[object, ...]]:
    """As an administrator, or a disk, does it."""
    database = pair.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        done = connection.execute(statement.encode(), values)
        return done.fetchall() if done.description else []


def shared(pair: World) -> tuple[SignalId, UUID]:
    """A report that partners have, and the id of its extract."""
    made = record_signal(pair[AW], pair.caller("AW-DIMAS", Task.SUBMIT), a_form(), "one")
    share_signals(pair[AW], 10)
    ((extract,),) = sql(pair, "SELECT extract_id FROM rtr.signal WHERE id = %s", made.id)
    assert isinstance(extract, UUID)
    assert types(pair, extract) == {"indicator.put"}
    return SignalId(made.id), extract


def types(pair: World, extract: UUID) -> set[object]:
    return {row[1] for row in sql(pair, LAST, extract)}


def queued(pair: World) -> list[object]:
    return [row[0] for row in sql(pair, "SELECT object FROM rtr.outbox WHERE consumer = 'pseudonymise'")]


def rings(pair: World) -> bool:
    with pair[AW].work(pair.worker(AW)) as work:
        return TOLD in work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)


def test_withdrawn_report_whose_work_was_lost_is_taken_back_and_rings(pair: World) -> None:
    signal, extract = shared(pair)
    withdraw_signal(pair[AW], pair.caller("AW-DIMAS", Task.SUBMIT), signal, WITHDRAW, version=1)
    sql(pair, "DELETE FROM rtr.outbox WHERE object = %s", signal)
    assert share_signals(pair[AW], 10) == 0
    check_told(pair[AW], turn_s=60)
    assert types(pair, extract) == {"indicator.retract"}
    assert rings(pair)


def test_extract_behind_which_no_report_stands_is_taken_back_and_rings(pair: World) -> None:
    signal, extract = shared(pair)
    sql(pair, "UPDATE rtr.signal SET extract_id = gen_random_uuid() WHERE id = %s", signal)
    check_told(pair[AW], turn_s=60)
    assert types(pair, extract) == {"indicator.retract"}
    assert rings(pair)


def test_extract_that_a_partner_may_not_have_any_more_is_decided_again_at_once_and_rings(pair: World) -> None:
    signal, _ = shared(pair)
    sql(pair, "UPDATE rtr.sharing SET allowed = false WHERE signal_id = %s AND recipient = 'CW'", signal)
    check_told(pair[AW], turn_s=60)
    with pair[AW].work(pair.worker(AW)) as work:
        assert [one.object for one in work.running.outbox.lease(Consumer.PSEUDONYMISE, 10)] == [signal]
    assert rings(pair)


def test_report_whose_pseudonyms_are_missing_and_that_nobody_goes_on_with_is_gone_on_with(pair: World) -> None:
    signal, _ = shared(pair)
    check_told(pair[AW], turn_s=60)
    assert queued(pair) == []
    sql(pair, "UPDATE rtr.signal SET pseudonyms = 'pending' WHERE id = %s", signal)
    sql(pair, "DELETE FROM rtr.walk")
    check_told(pair[AW], turn_s=60)
    assert queued(pair) == [signal]
    share_signals(pair[AW], 10)
    sql(pair, "DELETE FROM rtr.walk")
    check_told(pair[AW], turn_s=60)
    assert queued(pair) == []
    assert not rings(pair)


def test_what_partners_may_have_is_left_to_them_and_nothing_rings(pair: World) -> None:
    _, extract = shared(pair)
    taken_back = shared_and_withdrawn(pair)
    check_told(pair[AW], turn_s=60)
    assert types(pair, extract) == {"indicator.put"}
    assert types(pair, taken_back) == {"indicator.retract"}
    assert sql(pair, "SELECT count(*) FROM rtr.draft WHERE object = %s", taken_back) == [(2 * partners(pair, extract),)]
    assert not rings(pair)


def partners(pair: World, extract: UUID) -> int:
    return len(sql(pair, LAST, extract))


def shared_and_withdrawn(pair: World) -> UUID:
    """The extract of another report, that was taken back as it should be."""
    by = pair.caller("AW-DIMAS", Task.SUBMIT)
    made = record_signal(pair[AW], by, a_form(), "two")
    share_signals(pair[AW], 10)
    ((extract,),) = sql(pair, "SELECT extract_id FROM rtr.signal WHERE id = %s", made.id)
    withdraw_signal(pair[AW], by, SignalId(made.id), WITHDRAW, version=1)
    share_signals(pair[AW], 10)
    assert isinstance(extract, UUID)
    return extract
