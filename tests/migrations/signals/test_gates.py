"""An approval that anybody with one of two tasks could give counts no more: its keeper is asked anew."""

from __future__ import annotations

from register.domain.access.caller import Task
from register.services.running import operate_database
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from tests.migrations.test_migrating import _connection
from tests.migrations.test_receipts_by_entry import _move
from tests.support.forms import a_form
from tests.support.world import world

BQ = Partition.BQ


def test_old_approvals_are_taken_back_and_what_rested_on_them_is_decided_again() -> None:
    with world(countries=(BQ,)) as made:
        register, by = made[BQ], made.caller("BQ-KPCN", Task.SUBMIT)
        approved, other = (record_signal(register, by, a_form(), str(register.clock.new_id())).id for _ in range(2))
        with _connection(made.settings) as connection:
            connection.exec_driver_sql(f"UPDATE rtr.signal SET gate_ref = 'SINGLE-1' WHERE id = '{approved}'")
            connection.exec_driver_sql("DELETE FROM rtr.outbox")
            connection.commit()
        _move(made.settings, "2026_11_29_07")
        register.close()
        operate_database.migrate(made.settings)
        with _connection(made.settings) as connection:
            found = list(connection.exec_driver_sql("SELECT id, gate_ref, widened FROM rtr.signal"))
            queued = [row[0] for row in connection.exec_driver_sql("SELECT object FROM rtr.outbox")]
    assert {row[0]: (row[1], row[2]) for row in found} == {approved: (None, False), other: (None, False)}
    assert queued == [approved]
