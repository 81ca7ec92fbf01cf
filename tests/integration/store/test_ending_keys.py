"""Data keys go in two steps: the api ends them and can do no more, the worker destroys them; between, nothing opens."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import structlog

from register.domain.access.alarm import Alarm
from register.domain.access.caller import Caller, Task
from register.domain.signals.referral import ReferralId
from register.domain.signals.signal import SignalId
from register.keys.envelope import FieldSealBroken
from register.services.access.oversee_asking import acknowledge_alarm
from register.services.running.keep_house import call_privacy_officer, destroy_keys
from register.services.signals.answer_referrals import answer_referral
from register.services.signals.change_signal import amend_signal, refer_signal
from register.services.signals.keep_draft import begin_draft, drop_draft
from register.services.signals.read_signal import read_signal
from register.services.signals.record_signal import record_signal
from register.store.running.sealing import DataKeyLost, Erased, KeyEnd, OpenKey
from register.store.running.server.rls import Role
from schemas.access.privacy import AcknowledgeIn
from schemas.codes import AlarmKind, Partition, ReferralState
from schemas.signals.changes import AmendIn, ReferIn
from schemas.signals.out import SignalOut
from schemas.signals.referral import AnswerIn
from tests.integration.store.isolation.matrix import admin, login
from tests.support.forms import a_form
from tests.support.undo import undone
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW
REFUSED = psycopg.errors.InsufficientPrivilege


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world(countries=(AW, CW)) as made:
        yield made


@pytest.fixture
def submitter(here: World) -> Caller:
    return here.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor="aw-dimas")


@pytest.fixture
def signal(here: World, submitter: Caller) -> SignalOut:
    while destroy_keys(here[AW], 100):
        pass
    return record_signal(here[AW], submitter, a_form(), str(here[AW].clock.new_id()))


ATTEMPTS = {
    "delete": "DELETE FROM rtr.data_key WHERE id = %(id)s",
    "delete in its part": "DELETE FROM rtr.data_key_aw WHERE id = %(id)s",
    "delete all": "DELETE FROM rtr.data_key",
    "overwrite": "UPDATE rtr.data_key SET wrapped = 'x' WHERE id = %(id)s",
    "overwrite in its part": "UPDATE rtr.data_key_aw SET wrapped = 'x' WHERE id = %(id)s",
    "rename": "UPDATE rtr.data_key SET id = gen_random_uuid() WHERE id = %(id)s",
    "overwrite by inserting": "INSERT INTO rtr.data_key SELECT * FROM rtr.data_key WHERE id = %(id)s "
    "ON CONFLICT (country, id) DO UPDATE SET wrapped = 'x'",
    "merge": "MERGE INTO rtr.data_key k USING (SELECT %(id)s::uuid AS id) x ON k.id = x.id WHEN MATCHED THEN DELETE",
    "truncate": "TRUNCATE rtr.data_key",
    "truncate its part": "TRUNCATE rtr.data_key_aw",
    "take an end back": "DELETE FROM rtr.data_key_end WHERE id = %(id)s",
    "take an end back in its part": "DELETE FROM rtr.data_key_end_aw WHERE id = %(id)s",
    "point an end elsewhere": "UPDATE rtr.data_key_end SET id = gen_random_uuid() WHERE id = %(id)s",
    "sign an end for another": "UPDATE rtr.data_key_end SET ended_by = 'somebody'",
    "empty the queue": "TRUNCATE rtr.data_key_end",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_api_role_cannot_delete_or_overwrite_a_data_key_nor_take_an_end_back(
    attempt: str, here: World, signal: SignalOut
) -> None:
    """With the log-in of the api itself, whatever SQL it sends."""
    key = _key_of(here, signal.id)
    with here[AW].work(here.caller("AW-DIMAS", Task.SUBMIT)) as work:
        work.keys.end([key], KeyEnd.ERASED)
    before = _rows(here, "SELECT * FROM rtr.data_key ORDER BY id")
    queue = _rows(here, "SELECT * FROM rtr.data_key_end ORDER BY id")
    with psycopg.connect(login(here, Role(AW, "api"))) as connection, pytest.raises(REFUSED):
        connection.execute(ATTEMPTS[attempt].encode(), {"id": key})
    assert _rows(here, "SELECT * FROM rtr.data_key ORDER BY id") == before
    assert _rows(here, "SELECT * FROM rtr.data_key_end ORDER BY id") == queue


def test_an_end_of_another_countrys_key_is_refused(here: World) -> None:
    other = here.caller("CW-IMMIGRATION", Task.SUBMIT, Task.READ_OWN)
    theirs = record_signal(here[CW], other, a_form(), str(here[CW].clock.new_id()))
    key = _key_of(here, theirs.id)
    with here[AW].work(here.caller("AW-DIMAS", Task.SUBMIT)) as work:
        work.keys.end([key], KeyEnd.ERASED)
    with psycopg.connect(login(here, Role(AW, "api"))) as connection, pytest.raises(REFUSED):
        connection.execute("INSERT INTO rtr.data_key_end VALUES ('CW', %s, 'erased', 'x', now())", (key,))
    destroy_keys(here[AW], 100)
    assert read_signal(here[CW], other, SignalId(theirs.id)).form == theirs.form


def test_what_is_to_be_erased_opens_for_nobody_between_the_steps(
    here: World, submitter: Caller, signal: SignalOut
) -> None:
    key = _key_of(here, signal.id)
    with here[AW].work(submitter) as work:
        work.signals.reports.erase(SignalId(signal.id))
    assert _rows(here, "SELECT id FROM rtr.data_key WHERE id = %s", key) == [(key,)], "it is not destroyed yet"
    with pytest.raises(Erased):
        read_signal(here[AW], submitter, SignalId(signal.id))
    for caller in (submitter, here.worker(AW)):
        with here[AW].work(caller) as work:
            assert work.keys.get_many([key]) == {}
            with pytest.raises(Erased):
                work.keys.get(key)
    assert destroy_keys(here[AW], 100) == 1
    assert _rows(here, "SELECT id FROM rtr.data_key WHERE id = %s", key) == []
    ((reason, by, destroyed),) = _rows(
        here, "SELECT reason, ended_by, destroyed_at IS NOT NULL FROM rtr.data_key_end WHERE id = %s", key
    )
    assert (reason, by, destroyed) == ("erased", None, True), "who did it is in the log, and kept nowhere beside"
    with pytest.raises(Erased):
        read_signal(here[AW], submitter, SignalId(signal.id))


LOST = {
    "the row is gone": "DELETE FROM rtr.data_key WHERE id = %s",
    "and somebody says that it was replaced": "WITH gone AS (DELETE FROM rtr.data_key WHERE id = %s RETURNING *) "
    "INSERT INTO rtr.data_key_end SELECT country, id, 'replaced', 'x', now() FROM gone",
}


@pytest.mark.parametrize("lost", LOST)
def test_a_key_that_is_lost_is_damage_and_no_erasure_until_it_is_put_back(
    lost: str, here: World, submitter: Caller, signal: SignalOut
) -> None:
    key = _key_of(here, signal.id)
    ((kek, wrapped, at),) = _rows(here, "SELECT kek, wrapped, made_at FROM rtr.data_key WHERE id = %s", key)
    _write(here, LOST[lost], key)
    with pytest.raises(DataKeyLost):
        read_signal(here[AW], submitter, SignalId(signal.id))
    with here[AW].work(submitter) as work:
        with pytest.raises(DataKeyLost):
            work.keys.get_many([key])
        assert isinstance(work.keys.try_many([key])[key], DataKeyLost)
        with pytest.raises(DataKeyLost):
            work.signals.reports.get(SignalId(signal.id))
    _write(here, "DELETE FROM rtr.data_key_end WHERE id = %s", key)
    _write(here, "INSERT INTO rtr.data_key VALUES ('AW', %s, %s, %s, %s)", key, kek, wrapped, at)
    assert read_signal(here[AW], submitter, SignalId(signal.id)).form == signal.form


def test_a_lost_key_of_one_that_is_listed_hides_no_other_and_is_logged(here: World, submitter: Caller) -> None:
    """Else whoever takes one key away, or a backup that lacks one, takes the privacy officer's whole list."""
    with here[AW].work(submitter) as work:
        for about in ("damaged", "whole"):
            alarm = Alarm(kind=AlarmKind.MANY_MISSES, whose="case", about=about, case=f"CASE-{about}")
            assert work.access.alarms.ring(alarm)
        rung = {one.about: one.id for one in work.access.alarms.page(acknowledged=None, before=None, limit=10)}
    ((key,),) = _rows(here, "SELECT data_key FROM rtr.alarm WHERE id = %s", rung["damaged"])
    _write(here, "DELETE FROM rtr.data_key WHERE id = %s", key)
    with here[AW].work(submitter) as work, structlog.testing.capture_logs() as lines:
        listed = work.access.alarms.page(acknowledged=None, before=None, limit=10)
    cases = {one.about: one.case for one in listed if one.about in rung}
    assert (cases["damaged"], cases["whole"]) == (None, "CASE-whole")
    assert {(one["event"], one["code"]) for one in lines} == {("row.damaged", "data-key-lost")}


GONE = {
    "lost": "DELETE FROM rtr.data_key WHERE id = %s",
    "ended": "INSERT INTO rtr.data_key_end VALUES ('AW', %s, 'erased', 'thief', now())",
    "damaged": "UPDATE rtr.data_key SET wrapped = decode('00', 'hex') || wrapped WHERE id = %s",
}


@pytest.mark.parametrize("how", GONE)
def test_an_alarm_whose_key_is_gone_is_acknowledged_and_stays_so(here: World, submitter: Caller, how: str) -> None:
    """It could not be answered by anybody, and rang for good."""
    privacy, gone = here.caller("AW-CMMA", Task.PRIVACY, actor="privacy"), f"gone-{how}"
    with here[AW].work(submitter) as work:
        assert work.access.alarms.ring(Alarm(kind=AlarmKind.MANY_MISSES, whose="case", about=gone, case="CASE-1"))
        (about,) = [
            one.id for one in work.access.alarms.page(acknowledged=False, before=None, limit=10) if one.about == gone
        ]
    ((key,),) = _rows(here, "SELECT data_key FROM rtr.alarm WHERE id = %s", about)
    _write(here, GONE[how], key)
    said = acknowledge_alarm(here[AW], privacy, about, AcknowledgeIn(reason="Looked at."))
    assert said.reason == "Looked at."
    call_privacy_officer(here[AW])
    with here[AW].work(privacy) as work:
        assert gone not in work.access.alarms.open_since(AlarmKind.MANY_MISSES)
        assert work.access.alarms.get(about).reason == "Looked at."


DAMAGED = {
    "its key is lost": "DELETE FROM rtr.data_key WHERE id = (SELECT data_key FROM rtr.signal_event "
    "WHERE signal_id = %s AND data_key IS NOT NULL)",
    "it is spoilt": "UPDATE rtr.signal_event SET reason = set_byte(reason, 20, get_byte(reason, 20) # 1) "
    "WHERE signal_id = %s AND reason IS NOT NULL",
}


@pytest.mark.parametrize("how", DAMAGED)
def test_a_report_is_read_without_a_reason_in_its_timeline_that_does_not_open(
    how: str, here: World, submitter: Caller, signal: SignalOut
) -> None:
    """Half a backup lacks the key of what was said last; the story is what somebody needs."""
    amend_signal(here[AW], submitter, SignalId(signal.id), AMENDED, version=1)
    _write(here, DAMAGED[how], signal.id)
    with structlog.testing.capture_logs() as lines:
        assert read_signal(here[AW], submitter, SignalId(signal.id)).form.account == "Corrected."
    assert [one["event"] for one in lines] == ["reason.damaged"]
    with here[AW].work(submitter) as work, pytest.raises((DataKeyLost, FieldSealBroken)):
        work.signals.timeline.of(SignalId(signal.id))


def test_a_report_that_is_changed_while_it_is_read_opens_as_it_then_is(
    here: World, submitter: Caller, signal: SignalOut
) -> None:
    """What was replaced in between is no damage: row and key are read by two statements."""
    with here[AW].work(submitter) as work:
        before = work.signals.dossiers.find(SignalId(signal.id))
        amend_signal(here[AW], submitter, SignalId(signal.id), AMENDED, version=1)
        assert before.open(alike=here[AW].keys.fingerprint).signal.form.account == "Corrected."


def test_a_referral_that_is_answered_anew_while_it_is_read_is_taken_for_no_forgery(
    here: World, signal: SignalOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit, meant = here.caller("AW-DIMAS", Task.REGISTER), here.caller("AW-VICTIM", Task.ENRICH)
    asked = ReferIn(kind="assistance", to="AW-VICTIM")
    (made,) = refer_signal(here[AW], unit, SignalId(signal.id), asked, version=1).referrals
    about, today = ReferralId(made.id), here[AW].today()
    accepted = AnswerIn(state=ReferralState.ACCEPTED, on=today, note="First.")
    answer_referral(here[AW], meant, about, accepted, version=1)
    with here[AW].work(unit) as work:
        get_many = work.keys.get_many

        def meanwhile(ids: Collection[UUID]) -> dict[UUID, OpenKey]:
            monkeypatch.setattr(work.keys, "get_many", get_many)
            said = AnswerIn(state=ReferralState.ANSWERED, outcome="HELP_GIVEN", on=today, note="Second.")
            answer_referral(here[AW], meant, about, said, version=2)
            return get_many(ids)

        monkeypatch.setattr(work.keys, "get_many", meanwhile)
        assert work.signals.referrals.get(about).answer == "Second."


def test_a_draft_that_is_kept_anew_while_it_is_read_is_not_told_as_damaged(
    here: World, submitter: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads that it is damaged throws it away."""
    whose, kept = (submitter.actor, "report"), timedelta(days=1)
    with here[AW].work(submitter) as work:
        about = work.signals.form_drafts.begin(*whose, {"told": "First."}, kept=kept)
    with here[AW].work(submitter) as work:
        get = work.keys.get

        def meanwhile(key: UUID) -> OpenKey:
            monkeypatch.setattr(work.keys, "get", get)
            with here[AW].work(submitter) as beside:
                draft = beside.signals.form_drafts.get(about, *whose, to_change=True)
                beside.signals.form_drafts.keep(draft, {"told": "Second."}, kept=kept)
            return get(key)

        monkeypatch.setattr(work.keys, "get", meanwhile)
        found = work.signals.form_drafts.get(about, *whose, also_damaged=True)
    assert (found.damaged, found.content) == (False, {"told": "Second."})


def test_what_is_erased_opens_no_more_in_its_own_transaction(here: World, submitter: Caller, signal: SignalOut) -> None:
    with here[AW].work(submitter) as work:
        work.signals.reports.erase(SignalId(signal.id))
        with pytest.raises(Erased):
            work.signals.reports.get(SignalId(signal.id))


def test_the_queue_and_the_log_say_why_who_and_when(here: World, submitter: Caller, signal: SignalOut) -> None:
    key = _key_of(here, signal.id)
    amend_signal(here[AW], submitter, SignalId(signal.id), AMENDED, version=1)
    ((reason, by, at),) = _rows(here, "SELECT reason, ended_by, ended_at FROM rtr.data_key_end WHERE id = %s", key)
    assert (reason, by) == ("replaced", "aw-dimas")
    assert abs((here[AW].clock.now() - at).total_seconds()) < 60
    destroy_keys(here[AW], 100)
    query = "SELECT commitment FROM rtr.audit_leaf WHERE action = 'data-keys.destroyed' ORDER BY id DESC LIMIT 1"
    ((leaf,),) = _rows(here, query)
    assert (leaf["actor"], leaf["facts"]) == (
        here.worker(AW).actor,
        {"reason": "replaced", "by": "aw-dimas", "count": 1, "keys": [str(key)]},
    )


def test_an_erasure_that_is_rolled_back_ends_nothing(here: World, submitter: Caller, signal: SignalOut) -> None:
    with undone(here, submitter) as work:
        work.signals.reports.erase(SignalId(signal.id))
    assert destroy_keys(here[AW], 100) == 0
    assert read_signal(here[AW], submitter, SignalId(signal.id)).form == signal.form


def test_a_worker_killed_at_its_turn_loses_no_end_and_the_next_one_destroys(
    here: World, submitter: Caller, signal: SignalOut
) -> None:
    key = _key_of(here, signal.id)
    with here[AW].work(submitter) as work:
        work.signals.reports.erase(SignalId(signal.id))
    with undone(here, here.worker(AW)) as work:
        assert [lot.keys for lot in work.keys.destroy_ended(100)] == [(key,)]
    assert _rows(here, "SELECT id FROM rtr.data_key WHERE id = %s", key) == [(key,)]
    with pytest.raises(Erased):
        read_signal(here[AW], submitter, SignalId(signal.id))
    assert destroy_keys(here[AW], 100) == 1
    assert _rows(here, "SELECT id FROM rtr.data_key WHERE id = %s", key) == []
    assert destroy_keys(here[AW], 100) == 0


def test_the_worker_can_neither_take_an_end_back_nor_a_destruction(
    here: World, submitter: Caller, signal: SignalOut
) -> None:
    key = _key_of(here, signal.id)
    with here[AW].work(submitter) as work:
        work.signals.reports.erase(SignalId(signal.id))
    destroy_keys(here[AW], 100)
    for attempt in (
        "DELETE FROM rtr.data_key_end_aw WHERE id = %s",
        "UPDATE rtr.data_key_end SET reason = 'replaced' WHERE id = %s",
        "UPDATE rtr.data_key_end SET destroyed_at = NULL WHERE id = %s",
    ):
        with psycopg.connect(login(here, Role(AW, "worker"))) as connection, pytest.raises(REFUSED):
            connection.execute(attempt.encode(), (key,))


def test_no_key_is_destroyed_without_its_leaf(here: World, submitter: Caller, signal: SignalOut) -> None:
    key = _key_of(here, signal.id)
    with here[AW].work(submitter) as work:
        work.signals.reports.erase(SignalId(signal.id))
    with psycopg.connect(admin(here), autocommit=True) as connection:
        connection.execute("REVOKE INSERT ON rtr.audit_leaf FROM rtr_aw_worker")
        try:
            with pytest.raises(Exception, match=r"data-keys\.destroyed"):
                destroy_keys(here[AW], 100)
        finally:
            connection.execute("GRANT INSERT ON rtr.audit_leaf TO rtr_aw_worker")
    assert _rows(here, "SELECT id FROM rtr.data_key WHERE id = %s", key) == [(key,)]
    assert destroy_keys(here[AW], 100) == 1


def test_many_ends_go_in_bounded_turns_and_the_first_to_end_goes_first(here: World, submitter: Caller) -> None:
    while destroy_keys(here[AW], 100):
        pass
    drafts = [begin_draft(here[AW], submitter, "report", {"n": n}) for n in range(5)]
    keys = {row[0]: row[1] for row in _rows(here, "SELECT id, data_key FROM rtr.form_draft")}
    for one in drafts:
        drop_draft(here[AW], submitter, one, version=1)
    assert destroy_keys(here[AW], 2) == 2
    waiting = {row[0] for row in _rows(here, "SELECT id FROM rtr.data_key_end WHERE destroyed_at IS NULL")}
    assert waiting == {keys[one] for one in drafts[2:]}
    assert [destroy_keys(here[AW], 2) for _ in range(3)] == [2, 1, 0]


def test_a_key_ended_twice_is_destroyed_once_and_the_first_reason_stands(
    here: World, submitter: Caller, signal: SignalOut
) -> None:
    key = _key_of(here, signal.id)
    for reason in (KeyEnd.WITHDRAWN, KeyEnd.ERASED):
        with here[AW].work(submitter) as work:
            work.keys.end([key], reason)
    assert _rows(here, "SELECT reason FROM rtr.data_key_end WHERE id = %s", key) == [("withdrawn",)]
    assert destroy_keys(here[AW], 100) == 1


def test_a_key_made_and_ended_in_one_transaction_is_never_stored(here: World, submitter: Caller) -> None:
    with here[AW].work(submitter) as work:
        key = work.keys.make(here[AW].today())
        work.keys.end([key.id], KeyEnd.DROPPED)
    assert _rows(here, "SELECT id FROM rtr.data_key WHERE id = %s", key.id) == []
    assert _rows(here, "SELECT id FROM rtr.data_key_end WHERE id = %s", key.id) == []


AMENDED = AmendIn.model_validate({"changes": {"account": "Corrected."}, "reason": "Misheard."})


def _key_of(world: World, signal_id: UUID) -> UUID:
    found = _rows(world, "SELECT data_key FROM rtr.signal WHERE id = %s", signal_id)[0][0]
    assert isinstance(found, UUID)
    return found


def _rows(world: World, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(admin(world)) as connection:
        return connection.execute(query.encode(), values or None).fetchall()


def _write(world: World, statement: str, *values: object) -> None:
    with psycopg.connect(admin(world)) as connection:
        connection.execute(statement.encode(), values)


# As the operator's guide has them, of the administrator, each night.
WIPE = ("VACUUM (FULL) rtr.data_key", "CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT")


def test_a_key_that_was_destroyed_is_on_no_disk_once_the_line_of_the_guide_has_run(
    here: World, submitter: Caller, signal: SignalOut
) -> None:
    """The heap, and what the log of the database holds, byte for byte: with the passphrase it would open again."""
    with psycopg.connect(admin(here), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET wal_recycle = off")
        connection.execute("SELECT pg_reload_conf()")
        while _rows(here, "SHOW wal_recycle") != [("off",)]:  # each is a new session: told once the server has read it
            pass
        try:
            (wrapped,) = _rows(here, "SELECT k.wrapped FROM rtr.data_key k JOIN rtr.signal s ON s.data_key = k.id "
                                 "WHERE s.id = %s", signal.id)[0]  # fmt: skip
            connection.execute("CHECKPOINT")
            assert _files_with(connection, bytes(wrapped)), "it is found where it is"
            with here[AW].work(submitter) as work:
                work.signals.reports.erase(SignalId(signal.id))
            destroy_keys(here[AW], 100)
            for _night in range(5):  # a look of the server itself may hold a dead row for the time that it takes
                for statement in WIPE:
                    connection.execute(statement)
                if not _files_with(connection, bytes(wrapped)):
                    break
            assert _files_with(connection, bytes(wrapped)) == []
        finally:
            connection.execute("ALTER SYSTEM RESET wal_recycle")
            connection.execute("SELECT pg_reload_conf()")


def _files_with(connection: psycopg.Connection, what: bytes) -> list[str]:
    """The files of this database, and of the server's log, that hold these bytes; other tests share the server."""
    query = "SELECT current_setting('data_directory'), oid::text FROM pg_database WHERE datname = current_database()"
    ((folder, own),) = connection.execute(query).fetchall()
    found = []
    for place in (Path(folder) / "base" / own, Path(folder) / "pg_wal"):
        for one in place.iterdir():
            with suppress(FileNotFoundError, IsADirectoryError):  # a log that has had its time goes meanwhile
                if what in one.read_bytes():
                    found.append(one.name)
    return found
