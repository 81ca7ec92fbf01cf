"""Sealed rows: what is moved does not open, what lost its data key is gone, what is amended gets a fresh one."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from register.domain.access.caller import Caller, Task
from register.domain.signals.signal import SignalId
from register.keys.envelope import FieldSealBroken
from register.keys.keystore import UnknownSecret
from register.services.running.keep_house import destroy_keys
from register.services.signals.change_signal import amend_signal
from register.services.signals.read_signal import read_signal
from register.services.signals.record_signal import record_signal
from register.store.running.sealing import Erased, KeyEnd
from schemas.codes import Partition
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.store.isolation.matrix import admin
from tests.support.forms import a_form
from tests.support.undo import undone
from tests.support.world import World

AW = Partition.AW


@pytest.fixture
def submitter(two: World) -> Caller:
    return two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN)


@pytest.fixture
def signal(two: World, submitter: Caller) -> SignalOut:
    return record_signal(two[AW], submitter, a_form(), str(two[AW].clock.new_id()))


def test_a_sealed_signal_opens_for_its_owner(two: World, submitter: Caller, signal: SignalOut) -> None:
    assert read_signal(two[AW], submitter, SignalId(signal.id)).form == signal.form


MOVES = {
    "to another row": "UPDATE rtr.selector SET value = (SELECT value FROM rtr.selector WHERE signal_id = %(id)s "
    "AND n = 1) WHERE signal_id = %(id)s AND n = 0",
    "to another column": "UPDATE rtr.signal SET locality = account WHERE id = %(id)s",
    "to another table": "UPDATE rtr.subject SET details = (SELECT account FROM rtr.signal WHERE id = %(id)s) "
    "WHERE signal_id = %(id)s",
    "to another handling": "UPDATE rtr.signal SET handling = 'H2' WHERE id = %(id)s",
    "to another schema version": "UPDATE rtr.signal SET sealed_schema = 4 WHERE id = %(id)s",
    "under another data key": "UPDATE rtr.signal SET data_key = (SELECT data_key FROM rtr.signal WHERE id = %(other)s)"
    " WHERE id = %(id)s",
    "under another role": "UPDATE rtr.subject SET role = 'WITNESS' WHERE signal_id = %(id)s",
    "of an adult": "UPDATE rtr.subject SET minor = NOT coalesce(minor, false) WHERE signal_id = %(id)s",
    "without a person": "DELETE FROM rtr.subject WHERE signal_id = %(id)s",
    "of somebody else's number": "UPDATE rtr.selector SET subject_n = 0 WHERE signal_id = %(id)s AND subject_n > 0",
    "with a stronger sign": "DELETE FROM rtr.indicator WHERE signal_id = %(id)s",
    "for more to see": "UPDATE rtr.signal SET visibility = 'V1', handling_conditions = '{EXPIRY}' WHERE id = %(id)s",
    "for another purpose": "UPDATE rtr.signal SET purpose = 'INVESTIGATE', legal_basis = 'X' WHERE id = %(id)s",
    "by somebody who may be named": "UPDATE rtr.signal SET reporter_anonymous = NOT reporter_anonymous "
    "WHERE id = %(id)s",
    "without the mark for single approval": "UPDATE rtr.signal SET single_approval = NOT single_approval "
    "WHERE id = %(id)s",
    "under terms that the form did not name": "UPDATE rtr.signal SET coded = jsonb_set(coded, "
    "'{overrides,visibility}', '\"V1\"') WHERE id = %(id)s",
    "as an older release sealed it": "UPDATE rtr.signal SET sealed_schema = 1, visibility = 'V1' WHERE id = %(id)s",
    "beside a renamed data key": "WITH gone AS (DELETE FROM rtr.data_key WHERE id = (SELECT data_key FROM rtr.signal "
    "WHERE id = %(id)s) RETURNING *) UPDATE rtr.data_key k SET wrapped = gone.wrapped FROM gone "
    "WHERE k.id = (SELECT data_key FROM rtr.signal WHERE id = %(other)s)",
}


@pytest.mark.parametrize("move", MOVES)
def test_what_was_sealed_does_not_open(move: str, two: World, submitter: Caller, signal: SignalOut) -> None:
    other = record_signal(two[AW], submitter, a_form(), str(two[AW].clock.new_id()))
    _run(two, MOVES[move], id=signal.id, other=other.id)
    moved = other if "renamed" in move else signal
    with pytest.raises(FieldSealBroken):
        read_signal(two[AW], submitter, SignalId(moved.id))


def test_what_was_sealed_in_one_country_does_not_open_in_another(two: World, signal: SignalOut) -> None:
    """A whole signal carried over by the operator, data key and all: the other country's keys do not open it."""
    curacao = two.caller("CW-IMMIGRATION", Task.SUBMIT, Task.READ_OWN)
    own = record_signal(two[Partition.CW], curacao, a_form(), str(two[AW].clock.new_id()))
    _run(
        two,
        "INSERT INTO rtr.data_key SELECT 'CW', k.id, k.kek, k.wrapped, k.made_at FROM rtr.data_key k "
        "JOIN rtr.signal s ON s.data_key = k.id WHERE s.id = %(id)s",
        id=signal.id,
    )
    _run(
        two,
        "UPDATE rtr.signal s SET account = o.account, data_key = o.data_key, handling = o.handling "
        "FROM rtr.signal o WHERE o.id = %(id)s AND s.id = %(own)s",
        id=signal.id,
        own=own.id,
    )
    with pytest.raises((FieldSealBroken, UnknownSecret)):
        read_signal(two[Partition.CW], curacao, SignalId(own.id))


def test_without_its_data_key_a_signal_is_erased(two: World, submitter: Caller, signal: SignalOut) -> None:
    with two[AW].work(submitter) as work:
        work.keys.end([_key_of(two, signal.id)], KeyEnd.ERASED)
    with pytest.raises(Erased):
        read_signal(two[AW], submitter, SignalId(signal.id))


def test_erasing_destroys_the_key_and_what_was_sealed_and_leaves_the_codes(
    two: World, submitter: Caller, signal: SignalOut
) -> None:
    with two[AW].work(submitter) as work:
        work.signals.reports.erase(SignalId(signal.id))
    with pytest.raises(Erased):
        read_signal(two[AW], submitter, SignalId(signal.id))
    left = _run(
        two,
        "SELECT s.account, s.locality, s.signal_type, count(x.n), count(y.n), count(b.blind) FROM "
        "(SELECT *, type_registered AS signal_type FROM rtr.signal) s "
        "LEFT JOIN rtr.subject x ON x.signal_id = s.id LEFT JOIN rtr.selector y ON y.signal_id = s.id "
        "LEFT JOIN rtr.blind_index b ON b.signal_id = s.id WHERE s.id = %(id)s GROUP BY 1, 2, 3",
        id=signal.id,
    )
    assert left == [(None, None, "MS", 0, 0, 0)]


def test_an_amendment_seals_anew_under_a_fresh_key_and_destroys_the_old_one(
    two: World, submitter: Caller, signal: SignalOut
) -> None:
    old = _key_of(two, signal.id)
    blobs = _blobs(two, signal.id)
    change = AmendIn.model_validate({"changes": {"account": "Corrected."}, "reason": "Misheard."})
    amend_signal(two[AW], submitter, SignalId(signal.id), change, version=1)
    fresh = _key_of(two, signal.id)
    assert fresh != old
    destroy_keys(two[AW], 100)
    assert _run(two, "SELECT count(*) FROM rtr.data_key WHERE id = %(id)s", id=old) == [(0,)]
    assert blobs.isdisjoint(_blobs(two, signal.id))
    assert read_signal(two[AW], submitter, SignalId(signal.id)).form.account == "Corrected."


def test_an_amendment_that_raises_the_handling_stays_readable(two: World, submitter: Caller, signal: SignalOut) -> None:
    """The handling is part of what every field is sealed to."""
    change = AmendIn.model_validate({"changes": {"handling": {"code": "H2"}}, "reason": "Asked by the source."})
    amend_signal(two[AW], submitter, SignalId(signal.id), change, version=1)
    again = read_signal(two[AW], submitter, SignalId(signal.id)).form
    assert again == signal.form.model_copy(update={"handling": change.changes.handling})


def test_a_failed_amendment_leaves_the_old_key_and_content(two: World, submitter: Caller, signal: SignalOut) -> None:
    with undone(two, submitter) as work:
        known = work.signals.reports.get(SignalId(signal.id))
        work.signals.reports.replace(known.changed(two[AW].clock.now()), was=1)
    assert read_signal(two[AW], submitter, SignalId(signal.id)).version == 1


def _key_of(world: World, signal_id: UUID) -> UUID:
    found = _run(world, "SELECT data_key FROM rtr.signal WHERE id = %(id)s", id=signal_id)[0][0]
    assert isinstance(found, UUID)
    return found


def _blobs(world: World, signal_id: UUID) -> set[object]:
    query = (
        "SELECT account FROM rtr.signal WHERE id = %(id)s UNION SELECT details FROM rtr.subject WHERE signal_id = "
        "%(id)s UNION SELECT value FROM rtr.selector WHERE signal_id = %(id)s"
    )
    return {r[0] for r in _run(world, query, id=signal_id)}


def _run(world: World, statement: str, **values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(admin(world)) as connection:
        cursor = connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []
