"""What waited before the migration waits after it, in every country, since the day on which it began to."""

from __future__ import annotations

from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.services.running import operate_database
from register.services.signals.approving.approve_signal import confirm_signal
from register.services.signals.change_signal import refer_signal
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from schemas.signals.changes import ReferIn
from tests.migrations.test_migrating import _connection
from tests.migrations.test_receipts_by_entry import _move
from tests.support.forms import a_form
from tests.support.world import World, world

WRITTEN = "SELECT country, kind, object, detail, unit, urgency, due_at - opened_at FROM rtr.to_do WHERE done_at IS NULL"


def test_what_waits_is_filled_in_as_the_register_would_have_written_it() -> None:
    with world(countries=(Partition.AW, Partition.CW)) as made:
        _record(made, Partition.AW, "AW-DIMAS", "AW-JIUMM", "AW-CMMA")
        _record(made, Partition.CW, "CW-KPC", "CW-KPC", "CW-NCT")
        with made[Partition.AW].work(made.worker(Partition.AW)) as work:
            work.search.indexed.note(Partition.CW, work.clock.new_id(), 1, "too-many-tokens")
        before = _waiting(made)
        assert len(before) == 9
        _move(made.settings, "2026_11_29_01")
        for register in made.registers.values():
            register.close()
        operate_database.migrate(made.settings)
        assert _waiting(made) == before


def _record(made: World, country: Partition, by: str, unit: str, to: str) -> None:
    register = made[country]
    submitter, registrar = made.caller(by, Task.SUBMIT), made.caller(unit, Task.REGISTER, actor="registrar")
    for urgency in ("NOW", "DAY", "NORMAL"):
        form = a_form(urgency=urgency)
        signal = SignalId(record_signal(register, submitter, form, str(register.clock.new_id())).id)
        if urgency == "NOW":
            confirm_signal(register, registrar, signal, "As the profile has it.", version=1)
            referral = ReferIn(kind="assistance", to=to)
            for version in (2, 3):
                refer_signal(register, registrar, signal, referral, version=version)


def _waiting(made: World) -> list[tuple[object, ...]]:
    with _connection(made.settings) as connection:
        return sorted((tuple(row) for row in connection.exec_driver_sql(WRITTEN)), key=str)
