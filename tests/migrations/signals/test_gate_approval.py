"""What left with a reference that no receiver could check is told anew: it is decided again, and nothing else is."""

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
_DECIDED = (
    "INSERT INTO rtr.sharing (country, signal_id, recipient, allowed, rules, edition, decided_at) "
    "VALUES ('BQ', %s, 'NL', %s, %s, 'e', now())"
)


def test_what_left_on_an_approval_is_decided_again() -> None:
    with world(countries=(BQ,)) as made:
        register, by = made[BQ], made.caller("BQ-KPCN", Task.SUBMIT)
        left, kept, free, gone = (
            record_signal(register, by, a_form(), str(register.clock.new_id())).id for _ in range(4)
        )
        with _connection(made.settings) as connection:
            for one, allowed, rules in (
                (left, True, ["SHARED-1", "GATE-1"]),
                (kept, False, ["GATE-1"]),
                (free, True, ["SHARED-1"]),
                (gone, True, ["GATE-1"]),
            ):
                connection.exec_driver_sql(_DECIDED, (str(one), allowed, rules))
            connection.exec_driver_sql(f"UPDATE rtr.signal SET withdrawn_at = now() WHERE id = '{gone}'")
            connection.exec_driver_sql("DELETE FROM rtr.outbox")
            connection.commit()
        _move(made.settings, "2026_11_30_01")
        register.close()
        operate_database.migrate(made.settings)
        with _connection(made.settings) as connection:
            queued = [row[0] for row in connection.exec_driver_sql("SELECT object FROM rtr.outbox")]
    assert queued == [left]
