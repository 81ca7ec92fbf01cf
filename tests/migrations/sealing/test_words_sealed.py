"""The words that are sealed now are not lost on the way: with one in plain the migration is refused, and says so."""

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

AW = Partition.AW
BEFORE = "2026_11_30_06"
NAMED = 'UPDATE rtr.signal SET coded = coded || \'{"operation": "Turquesa"}\''
UNNAMED = "UPDATE rtr.signal SET coded = coded || '{\"operation\": null}'"


def test_a_word_in_plain_stops_the_migration_and_nothing_is_changed() -> None:
    with world(countries=(AW,)) as made:
        record_signal(made[AW], made.caller("AW-DIMAS", Task.SUBMIT), a_form(), "one")
        made[AW].close()
        _move(made.settings, BEFORE)
        with _connection(made.settings) as connection:
            connection.exec_driver_sql(NAMED)
            connection.commit()
        with pytest.raises(RuntimeError, match="1 reports name an operation and 0 guarantees"):
            operate_database.migrate(made.settings)
        assert operate_database.state(made.settings).revision == BEFORE
        with _connection(made.settings) as connection:
            assert connection.exec_driver_sql("SELECT coded ->> 'operation' FROM rtr.signal").scalars().all() == [
                "Turquesa"
            ]
            connection.exec_driver_sql(UNNAMED)
            connection.commit()
        operate_database.migrate(made.settings)
        with _connection(made.settings) as connection:
            rows = connection.exec_driver_sql("SELECT coded ? 'operation', operation FROM rtr.signal").all()
        assert [tuple(row) for row in rows] == [(False, None)]
