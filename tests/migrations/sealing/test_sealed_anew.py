"""What an older release sealed beside nothing is sealed anew by the worker, once, and no forged row is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from register.domain.access.alarm import Alarm
from register.domain.access.caller import Caller, Task
from register.domain.running.consumer import Consumer
from register.domain.signals.protecting.lifting import LiftingId
from register.domain.signals.referral import ReferralId
from register.domain.signals.signal import SignalId
from register.errors import NotFound
from register.services.access.open_session import open_session, resume_session
from register.services.access.oversee_asking import acknowledge_alarm
from register.services.exchange.checking.check_own import check_own
from register.services.running import operate_database
from register.services.running.check_node import check_node
from register.services.running.keep_house import call_privacy_officer, seal_anew
from register.services.signals.answer_referrals import read_referral, read_referred_report
from register.services.signals.change_signal import refer_signal
from register.services.signals.protecting.lift_protection import read_lifting
from register.services.signals.read_signal import read_signal
from register.store.running.sealing import NotSealed, Place
from schemas.access.privacy import AcknowledgeIn
from schemas.codes import AlarmKind, Partition
from schemas.signals.changes import ReferIn
from tests.migrations.test_receipts_by_entry import _move
from tests.support.records.lifted import a_person, a_report, asked, corrected, decided, grown_up
from tests.support.told import share_all
from tests.support.world import World, world

AW = Partition.AW
BEFORE = "2026_11_30_41"


@pytest.fixture
def before() -> Iterator[dict[str, Any]]:
    """A register as an older release left it, migrated: a referral with a word, one without, a lifting, an alarm."""
    with world(countries=(AW, Partition.CW)) as made:
        unit, privacy = made.caller("AW-JIUMM", Task.REGISTER, actor="unit"), made.caller("AW-JIUMM", Task.PRIVACY)
        person = a_person()
        report = a_report(made, person).id
        corrected(made, report, grown_up(person))
        lifted = decided(made, asked(made, report)).id
        for note in (None, "Can you house her?"):
            version = read_signal(made[AW], unit, SignalId(report)).version
            referral = ReferIn(kind="assistance", to="AW-VICTIM", note=note)
            refer_signal(made[AW], unit, SignalId(report), referral, version=version)
        with made[AW].work(made.worker(AW)) as work:
            work.access.alarms.ring(Alarm(kind=AlarmKind.MANY_MISSES, whose="person", about="somebody"))
            (rung,) = work.access.alarms.page(acknowledged=False, before=None, limit=9)
            silent, told = sorted(one.id for one in work.signals.referrals.of_signal(SignalId(report)))
        acknowledge_alarm(made[AW], privacy, rung.id, AcknowledgeIn(reason="A drill."))
        session = open_session(made[AW], unit, "Unit", replaces=None)
        _move(made.settings, BEFORE)
        query(made, "UPDATE rtr.referral SET note = NULL, data_key = NULL WHERE id = %s", silent)
        for table, column, about, words in (
            ("referral", "note", told, "Can you house her?"),
            ("lifting", "note", lifted, "Passport seen."),
            ("alarm", "reason", rung.id, "A drill."),
        ):
            ((key,),) = query(made, f"SELECT data_key FROM rtr.{table} WHERE id = %s", about)
            with made[AW].work(made.worker(AW)) as work:
                sealed = work.keys.get(key).seal_json(Place(AW, table, str(about)), column, words)
            query(made, f"UPDATE rtr.{table} SET {column} = %s WHERE id = %s", sealed, about)
        operate_database.migrate(made.settings)
        yield {"world": made, "report": report, "silent": silent, "told": told, "lifted": lifted, "alarm": rung.id,
               "unit": unit, "session": session}  # fmt: skip


def query(made: World, statement: str, *values: object) -> list[tuple[Any, ...]]:
    database = made.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        done = connection.execute(statement.encode(), values)
        return done.fetchall() if done.description else []


def rings(made: World) -> set[str]:
    with made[AW].work(made.worker(AW)) as work:
        return set(work.access.alarms.open_since(AlarmKind.ROWS_DIFFER))


def waits(made: World) -> list[str]:
    return [one.detail for one in check_node(made[AW]) if one.code == "seal-waits"]


def reader(made: World) -> Caller:
    return made.caller("AW-VICTIM", Task.READ_OWN, actor="reader")


def test_what_was_sealed_beside_nothing_opens_once_the_worker_has_sealed_it_and_nothing_rings(
    before: dict[str, Any],
) -> None:
    made, unit = before["world"], before["unit"]
    assert waits(made) == ["4"]
    # Whatever the worker and people do first: nothing of before is told as damaged or forged.
    with made[AW].work(unit) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, before["report"])
    share_all(made[AW])
    check_own(made[AW])
    call_privacy_officer(made[AW])
    with pytest.raises(NotFound):
        read_referral(made[AW], reader(made), ReferralId(before["told"]))
    assert resume_session(made[AW], before["session"]) is None

    assert [seal_anew(made[AW], 3) for _ in range(3)] == [3, 1, 0], "in bounded turns, once"
    assert waits(made) == []
    assert read_referral(made[AW], reader(made), ReferralId(before["told"])).note == "Can you house her?"
    assert read_referred_report(made[AW], reader(made), ReferralId(before["silent"])).reported.subjects
    assert read_lifting(made[AW], unit, LiftingId(before["lifted"])).note == "Passport seen."
    check_own(made[AW])
    call_privacy_officer(made[AW])
    with made[AW].work(unit) as work:
        assert work.access.alarms.get(before["alarm"]).reason == "A drill."
        assert work.signals.protections.lifted(SignalId(before["report"])), "who was lifted stays so"
        work.running.outbox.add(Consumer.PSEUDONYMISE, before["report"])
    share_all(made[AW])
    assert rings(made) == set()
    assert [one.code for one in check_node(made[AW]) if one.code == "own-damaged"] == []
    with made[AW].work(made.worker(AW)) as work:
        assert work.signals.protections.lifted(SignalId(before["report"]))


BY_ITSELF = {
    "api": (
        "INSERT INTO rtr.sealed_before (country, place, id, fixed) SELECT 'AW', 'referral', gen_random_uuid(), 'x'",
        "UPDATE rtr.sealed_before SET fixed = 'x'",
        "UPDATE rtr.sealed_before SET tried_at = now()",
        "DELETE FROM rtr.sealed_before_aw",
        "UPDATE rtr.referral SET note = NULL",
    ),
    "worker": (
        "INSERT INTO rtr.sealed_before SELECT * FROM rtr.sealed_before",
        "UPDATE rtr.sealed_before SET fixed = 'x'",
        "UPDATE rtr.referral SET note = NULL",
        "UPDATE rtr.lifting SET note = NULL",
    ),
}


def test_no_log_in_of_a_node_marks_a_row_and_the_worker_seals_none_that_is_not_marked(before: dict[str, Any]) -> None:
    made = before["world"]
    seal_anew(made[AW], 100)
    for role, statements in BY_ITSELF.items():
        for statement in statements:
            with (
                pytest.raises(ProgrammingError, match=r"permission denied|row-level security"),
                made[AW].database.transaction(role) as connection,
            ):
                connection.execute(sa.text(statement))


def test_a_marked_row_that_somebody_writes_otherwise_is_not_sealed_and_rings(before: dict[str, Any]) -> None:
    """By a hand that no right binds: the log-in of the api cannot delete a lifting, to write one of the same id."""
    made, unit = before["world"], before["unit"]
    query(made, "UPDATE rtr.lifting SET second = 'AW-IMIGRACION' WHERE id = %s RETURNING id", before["lifted"])
    assert seal_anew(made[AW], 100) == 4
    assert rings(made) == {"lifting"}
    with pytest.raises(NotSealed):
        read_lifting(made[AW], unit, LiftingId(before["lifted"]))
    with made[AW].work(unit) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, before["report"])
    share_all(made[AW])
    with made[AW].work(made.worker(AW)) as work:
        assert not work.signals.protections.lifted(SignalId(before["report"])), "it protects again"


def test_a_row_whose_key_is_lost_waits_and_is_sealed_once_a_backup_brought_it_back(before: dict[str, Any]) -> None:
    made = before["world"]
    ((key,),) = query(made, "SELECT data_key FROM rtr.referral WHERE id = %s", before["told"])
    ((kek, wrapped, at),) = query(made, "DELETE FROM rtr.data_key WHERE id = %s RETURNING kek, wrapped, made_at", key)
    assert [seal_anew(made[AW], 100) for _ in range(2)] == [3, 0]
    assert waits(made) == ["1"]
    query(made, "INSERT INTO rtr.data_key (country, id, kek, wrapped, made_at) VALUES ('AW', %s, %s, %s, %s)",
          key, kek, wrapped, at)  # fmt: skip
    assert seal_anew(made[AW], 100) == 1
    assert read_referral(made[AW], reader(made), ReferralId(before["told"])).note == "Can you house her?"
    assert waits(made) == []


def test_nothing_of_what_was_erased_meanwhile_is_sealed(before: dict[str, Any]) -> None:
    made = before["world"]
    ((key,),) = query(made, "SELECT data_key FROM rtr.referral WHERE id = %s", before["told"])
    with made[AW].work(made.worker(AW)) as work:
        work.keys.end([UUID(str(key))], "erased")
    assert seal_anew(made[AW], 100) == 4
    assert query(made, "SELECT data_key FROM rtr.referral WHERE id = %s", before["told"]) == [(key,)]
