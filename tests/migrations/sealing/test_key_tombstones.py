"""What was erased before keys left a word behind is an erasure after the migration, and what was lost is damage."""

from __future__ import annotations

import pytest

from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.services.running import operate_database
from register.services.running.keep_house import destroy_keys
from register.services.signals.read_signal import read_signal
from register.services.signals.record_signal import record_signal
from register.store.running.sealing import DataKeyLost, Erased
from schemas.codes import Partition
from tests.migrations.test_migrating import _connection
from tests.migrations.test_receipts_by_entry import _move
from tests.support.forms import a_form
from tests.support.world import world

AW = Partition.AW
BEFORE = "2026_11_30_37"


def test_keys_that_were_destroyed_before_the_migration_are_told_as_erased_and_lost_ones_are_not() -> None:
    with world(countries=(AW,)) as made:
        caller = made.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN)
        logged, emptied, lost = (record_signal(made[AW], caller, a_form(), f"k{n}") for n in range(3))
        for one in (logged, emptied):
            with made[AW].work(caller) as work:
                work.signals.reports.erase(SignalId(one.id))
        assert destroy_keys(made[AW], 100) == 2
        _move(made.settings, BEFORE)
        with _connection(made.settings) as connection:
            # One as an older release erased it: its content is gone, and no leaf names its key.
            connection.exec_driver_sql(
                "UPDATE rtr.audit_leaf l SET commitment = jsonb_set(commitment, '{facts,keys}', (commitment -> 'facts' "
                "-> 'keys') - (SELECT data_key::text FROM rtr.signal WHERE id = %s)) "
                "WHERE action = 'data-keys.destroyed'",
                (emptied.id,),
            )
            connection.exec_driver_sql(
                "DELETE FROM rtr.data_key WHERE id = (SELECT data_key FROM rtr.signal WHERE id = %s)", (lost.id,)
            )
            assert connection.exec_driver_sql("SELECT count(*) FROM rtr.data_key_end").scalar_one() == 0
            connection.commit()
        operate_database.migrate(made.settings)
        for one in (logged, emptied):
            with pytest.raises(Erased):
                read_signal(made[AW], caller, SignalId(one.id))
        with pytest.raises(DataKeyLost):
            read_signal(made[AW], caller, SignalId(lost.id))
