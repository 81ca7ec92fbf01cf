"""The one job that appended for all partners is now one a partner: what it said last does not stand there for ever."""

from __future__ import annotations

from register.domain.running.node_finding import Beat
from register.services.running import operate_database
from register.services.running.check_node import keep_beats
from schemas.codes import Partition
from tests.migrations.test_migrating import _connection
from tests.migrations.test_receipts_by_entry import _move
from tests.support.world import world

AW = Partition.AW


def test_last_word_of_the_job_that_is_no_more_is_forgotten_and_the_others_stay() -> None:
    with world(countries=(AW,)) as made:
        now = made[AW].clock.now()
        keep_beats(made[AW], [Beat(job, now, now, None, None) for job in ("append", "index")])
        _move(made.settings, "2026_11_29_09")
        made[AW].close()
        operate_database.migrate(made.settings)
        with _connection(made.settings) as connection:
            left = connection.exec_driver_sql("SELECT job FROM rtr.beat").scalars().all()
            columns = connection.exec_driver_sql("SELECT stopped_at FROM rtr.log_head").all()
    assert (left, columns) == (["index"], [])
