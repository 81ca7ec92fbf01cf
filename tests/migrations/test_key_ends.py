"""What had ended does not open again where the queue is taken down; sessions without a browser end with the change."""

from __future__ import annotations

from register.domain.access.caller import Task
from register.services.access.open_session import open_session, resume_session
from register.services.running import operate_database
from register.services.signals.record_signal import record_signal
from register.store.running.sealing import KeyEnd
from schemas.codes import Partition
from tests.migrations.test_migrating import _connection
from tests.migrations.test_receipts_by_entry import _move
from tests.support.forms import a_form
from tests.support.world import world

AW = Partition.AW


def test_ended_keys_are_gone_after_the_way_down_and_others_are_not_and_sessions_begin_anew() -> None:
    with world(countries=(AW,)) as made:
        caller = made.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN)
        ended, stays = (record_signal(made[AW], caller, a_form(), f"k{n}") for n in range(2))
        with _connection(made.settings) as connection:
            rows = connection.exec_driver_sql("SELECT id, data_key FROM rtr.signal").all()
        keys = {row.id: row.data_key for row in rows}
        with made[AW].work(caller) as work:
            work.keys.end([keys[ended.id]], KeyEnd.ERASED)
        token = open_session(made[AW], caller, "Officer", replaces=None)
        _move(made.settings, "2026_11_30_06")
        with _connection(made.settings) as connection:
            left = set(connection.exec_driver_sql("SELECT id FROM rtr.data_key").scalars())
            open_still = connection.exec_driver_sql("SELECT count(*) FROM rtr.page_session").scalar_one()
        assert (keys[ended.id] in left, keys[stays.id] in left, open_still) == (False, True, 1)
        operate_database.migrate(made.settings)
        assert resume_session(made[AW], token) is None
        again = open_session(made[AW], caller, "Officer", replaces=None)
        assert resume_session(made[AW], again) is not None
