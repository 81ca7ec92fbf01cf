"""What partners have of the signals of an older release is decided anew after the migration, in every country."""

from __future__ import annotations

import pytest

from register.domain.access.caller import Task
from register.services.running import operate_database
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from tests.migrations.test_migrating import _connection
from tests.migrations.test_receipts_by_entry import _move
from tests.support.forms import a_form
from tests.support.world import world

QUEUED = "SELECT country, object FROM rtr.outbox WHERE consumer = 'pseudonymise'"


@pytest.mark.parametrize("older", ["2026_11_22_06", "2026_11_29_04"])
def test_each_signal_of_an_older_release_is_looked_at_again(older: str) -> None:
    with world(countries=(Partition.AW, Partition.CW)) as made:
        for country, by in ((Partition.AW, "AW-DIMAS"), (Partition.CW, "CW-KPC")):
            register = made[country]
            record_signal(register, made.caller(by, Task.SUBMIT), a_form(), str(register.clock.new_id()))
        with _connection(made.settings) as connection:
            expected = sorted(tuple(row) for row in connection.exec_driver_sql("SELECT country, id FROM rtr.signal"))
            connection.exec_driver_sql("DELETE FROM rtr.outbox")
            connection.commit()
        _move(made.settings, older)
        for register in made.registers.values():
            register.close()
        operate_database.migrate(made.settings)
        with _connection(made.settings) as connection:
            queued = sorted(tuple(row) for row in connection.exec_driver_sql(QUEUED))
        assert len(expected) == 2
        assert queued == expected
