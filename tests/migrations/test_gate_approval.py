"""What left with a reference that no receiver could check is told anew: every signal is decided again."""

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


def test_signals_are_decided_again_but_for_those_that_were_withdrawn() -> None:
    with world(countries=(BQ,)) as made:
        register, by = made[BQ], made.caller("BQ-KPCN", Task.SUBMIT)
        stands, gone = (record_signal(register, by, a_form(), str(register.clock.new_id())).id for _ in range(2))
        with _connection(made.settings) as connection:
            connection.exec_driver_sql(f"UPDATE rtr.signal SET withdrawn_at = now() WHERE id = '{gone}'")
            connection.exec_driver_sql("DELETE FROM rtr.outbox")
            connection.commit()
        _move(made.settings, "2026_11_30_01")
        register.close()
        operate_database.migrate(made.settings)
        with _connection(made.settings) as connection:
            queued = [row[0] for row in connection.exec_driver_sql("SELECT object FROM rtr.outbox")]
            found = list(connection.exec_driver_sql("SELECT gate_approval, gate_until FROM rtr.signal"))
    assert queued == [stands]
    assert found == [(None, None), (None, None)]
