"""What the log-in of the pages and the API cannot say on its own, whoever holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, ProgrammingError

from register.core import Register
from register.domain.access.alarm import Alarm
from register.domain.access.caller import Caller, Task, system
from register.domain.running.consumer import Consumer
from register.domain.signals.protecting.lifting import LiftingId
from register.domain.signals.referral import ReferralId
from register.domain.signals.signal import SignalId
from register.errors import NotFound
from register.keys.envelope import FieldSealBroken
from register.services.access.open_session import close_session, hash_of, open_session, resume_session
from register.services.access.oversee_asking import acknowledge_alarm, list_alarms
from register.services.access.own_sessions import end_other_sessions
from register.services.exchange.checking.check_own import check_own
from register.services.running.check_node import check_node
from register.services.running.keep_house import call_privacy_officer, keep_house
from register.services.search.index_records import find_wanted_changes
from register.services.signals.answer_referrals import read_referral, read_referred_report
from register.services.signals.change_signal import refer_signal, withdraw_signal
from register.services.signals.protecting.lift_protection import read_lifting
from register.services.signals.read_signal import read_signal
from register.services.signals.record_signal import record_signal
from register.services.signals.share_signal import share_signals
from register.services.signals.withdraw_unread import withdraw_unread
from register.store.exchange.damages import Stored
from register.store.running.sealing import NotSealed
from schemas.access.privacy import AcknowledgeIn
from schemas.codes import AlarmKind, Partition, RetractReason
from schemas.signals.changes import ReferIn, WithdrawIn
from tests.support.forms import a_form
from tests.support.records.lifted import a_person, a_report, asked, corrected, decided, grown_up
from tests.support.started.databases import empty
from tests.support.told import share_all
from tests.support.world import World

AW = Partition.AW
CHILD = {"n": 1, "role": "VICTIM_POTENTIAL", "kind": "person", "name": "Nena Ficticia",
         "birth": {"year": 2015, "month": 5, "day": 6}}  # fmt: skip


@pytest.fixture(scope="module")
def report(two: World) -> str:
    """A report of a child, with a number beside her that is withheld because of her."""
    officer = two.caller("AW-DIMAS", Task.SUBMIT, actor="officer")
    number = [{"type": "PHONE", "value": "+297 000 0811"}]
    made = record_signal(two[AW], officer, a_form(subjects=[CHILD | {"selectors": number}], selectors=[]), "stolen")
    him = {"n": 1, "role": "SUSPECT", "kind": "person", "name": "Ralf Ficticio", "selectors": number}
    record_signal(two[AW], officer, a_form(subjects=[him], selectors=[]), "asked")
    with two[AW].work(officer) as work:
        work.search.budgets.count("person", "officer", two[AW].today(), 7)
    share_all(two[AW])
    return str(made.id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rtr.token SET withheld_by = NULL WHERE signal_id = :id",
        "UPDATE rtr.protection SET lifted_by = gen_random_uuid() WHERE signal_id = :id",
        (
            "INSERT INTO rtr.protection SELECT country, signal_id, subject_n, 'X', at, gen_random_uuid() "
            "FROM rtr.protection WHERE signal_id = :id"
        ),
        "UPDATE rtr.search_spent SET spent = spent - 1",
        (
            "INSERT INTO rtr.search_spent SELECT country, budget, name, day, 0 FROM rtr.search_spent "
            "ON CONFLICT (country, budget, name, day) DO UPDATE SET spent = excluded.spent"
        ),
        (
            "INSERT INTO rtr.search_spent SELECT country, budget, 'somebody-else', day, -9 FROM rtr.search_spent "
            "ON CONFLICT DO NOTHING"
        ),
        "UPDATE rtr.protected_input SET one_person = false WHERE signal_id = :id",
        (
            "INSERT INTO rtr.data_key_end SELECT country, data_key, 'erased', 'unit', now(), now() FROM rtr.signal "
            "WHERE id = :id"
        ),
        "INSERT INTO rtr.data_key_end SELECT country, data_key, 'erased', NULL, now() FROM rtr.signal WHERE id = :id",
        "UPDATE rtr.finding SET decision = 'KEEP', decided_at = now(), decided_by = 'unit' WHERE signal_id <> :id",
        "UPDATE rtr.finding SET decision = 'KEEP', decided_at = now(), version = version + 1 WHERE signal_id <> :id",
        "UPDATE rtr.finding SET proposed = 'KEEP', version = version + 1 WHERE signal_id <> :id",
        (
            "INSERT INTO rtr.finding SELECT country, gen_random_uuid(), asked, signal_id, subject_n + 1, because_id, "
            "because_n, family, blind, urgency, opened_at, version, 'KEEP', NULL, now(), 'unit', NULL, NULL "
            "FROM rtr.finding WHERE signal_id <> :id"
        ),
    ],
)
def test_the_log_in_of_the_api_can_neither_publish_a_withheld_key_nor_lift_a_protection_by_itself(
    two: World, report: str, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        two[AW].database.transaction("api") as connection,
    ):
        connection.execute(sa.text(statement), {"id": report})


@pytest.mark.parametrize("column", ["sealed", "plain", "blind", "data_key"])
def test_the_log_in_of_the_api_can_put_no_pseudonym_in_the_place_of_another(
    two: World, report: str, column: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        two[AW].database.transaction("api") as connection,
    ):
        connection.execute(sa.text(f"UPDATE rtr.token SET {column} = NULL WHERE signal_id = :id"), {"id": report})


def test_the_log_in_of_the_worker_can_bring_no_pseudonym_in_plain_which_is_read_without_a_seal(
    two: World, report: str
) -> None:
    brought = (
        "INSERT INTO rtr.token (country, signal_id, subject_n, blind, plain, family, version, epoch) "
        "SELECT country, signal_id, subject_n, blind || '\\x00', '\\x01', family, version, epoch FROM rtr.token "
        "WHERE signal_id = :id"
    )
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        two[AW].database.transaction("worker") as connection,
    ):
        connection.execute(sa.text(brought), {"id": report})


@pytest.mark.parametrize("table", ["protection", "protected_input"])
def test_the_log_in_of_the_api_cannot_delete_what_protects_while_anything_of_the_report_can_be_read(
    two: World, report: str, table: str
) -> None:
    with two[AW].database.transaction("api") as connection:
        connection.execute(sa.text(f"DELETE FROM rtr.{table}_aw WHERE signal_id = :id"), {"id": report})
        left = connection.execute(sa.text(f"SELECT count(*) FROM rtr.{table} WHERE signal_id = :id"), {"id": report})
        assert left.scalar_one() > 0


def test_no_story_is_away_only_for_as_long_as_it_takes_to_delete_what_protects(two: World, report: str) -> None:
    story = sa.text("SELECT account FROM rtr.signal WHERE id = :id")
    away, back = (sa.text(f"UPDATE rtr.signal SET account = {value} WHERE id = :id") for value in ("NULL", ":was"))
    seeming = sa.text(
        "UPDATE rtr.signal SET data_key = (SELECT id FROM rtr.data_key_end WHERE reason <> 'replaced' LIMIT 1) "
        "WHERE id = :id"
    )

    def unprotected() -> None:
        with two[AW].database.transaction("api") as connection:
            was = connection.execute(story, {"id": report}).scalar_one()
            connection.execute(away, {"id": report})
            for table in ("protection", "protected_input"):
                connection.execute(sa.text(f"DELETE FROM rtr.{table}_aw WHERE signal_id = :id"), {"id": report})
            connection.execute(back, {"id": report, "was": was})

    def seemingly_erased() -> None:
        with two[AW].database.transaction("api") as connection:
            connection.execute(
                sa.text("INSERT INTO rtr.data_key_end VALUES ('AW', gen_random_uuid(), 'erased', 'unit', now(), NULL)")
            )
            connection.execute(seeming, {"id": report})

    for write in (unprotected, seemingly_erased):
        with pytest.raises(ProgrammingError, match="row-level security"):
            write()


@pytest.mark.parametrize(
    ("table", "whose"), [("protection", "signal_id"), ("protected_input", "signal_id"), ("finding", "because_id")]
)
def test_what_protects_goes_with_the_key_of_its_report_alone_and_not_with_its_story(
    two: World, report: str, table: str, whose: str
) -> None:
    """An administrator's hand took the story out; the key is alive, so nothing was erased."""
    count = sa.text(f"SELECT count(*) FROM rtr.{table} WHERE {whose} = :id")
    with storyless(two, report), two[AW].database.transaction("api") as connection:
        before = connection.execute(count, {"id": report}).scalar_one()
        connection.execute(sa.text(f"DELETE FROM rtr.{table}_aw WHERE {whose} = :id"), {"id": report})
        assert connection.execute(count, {"id": report}).scalar_one() == before > 0


def test_a_report_whose_story_is_gone_while_its_key_lives_is_damage_and_never_told_as_erased(
    two: World, report: str
) -> None:
    unit = two.caller("AW-DIMAS", Task.REGISTER, actor="unit")
    with storyless(two, report):
        with pytest.raises(FieldSealBroken):
            read_signal(two[AW], unit, SignalId(UUID(report)))
        with two[AW].work(unit) as work:
            work.running.outbox.add(Consumer.PSEUDONYMISE, UUID(report))
        share_signals(two[AW], 100)
        with two[AW].work(system(AW, "worker")) as work:
            assert work.signals.reports.get_sealed(SignalId(UUID(report))).reference in work.exchange.damages.first(
                Stored.SIGNAL, AW, 200
            )
            assert "signal" in work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)


@contextmanager
def storyless(two: World, report: str) -> Iterator[None]:
    """The report without its story, by a hand that no policy binds; put back in the end."""
    database = two.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as admin:
        (was,) = admin.execute("SELECT account FROM rtr.signal WHERE id = %s", (report,)).fetchone() or (None,)
        admin.execute("UPDATE rtr.signal SET account = NULL WHERE id = %s", (report,))
        try:
            yield
        finally:
            admin.execute("UPDATE rtr.signal SET account = %s WHERE id = %s", (was, report))


def test_a_question_that_nobody_or_the_asker_answered_lifts_nothing(two: World, report: str) -> None:
    ask = sa.text(
        "INSERT INTO rtr.lifting (country, id, signal_id, subject_n, protection, because, asked_by, asked_for, "
        "asked_at, second, state, version, decided_by) SELECT country, gen_random_uuid(), signal_id, subject_n, "
        "reason, 'X', 'thief', 'AW-DIMAS', now(), 'AW-VICTIM', 'LIFTED', 2, CAST(:by AS text) FROM rtr.protection "
        "WHERE signal_id = :id"
    )
    lift = sa.text(
        "UPDATE rtr.protection p SET lifted_by = l.id FROM rtr.lifting l "
        "WHERE l.signal_id = p.signal_id AND l.protection = p.reason AND p.signal_id = :id"
    )

    def lifted(by: str | None) -> None:
        with two[AW].database.transaction("api") as connection:
            connection.execute(ask, {"id": report, "by": by})
            connection.execute(lift, {"id": report})

    for by in (None, "thief"):
        with pytest.raises(ProgrammingError, match="row-level security"):
            lifted(by)
    database = two.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        found = connection.execute("SELECT count(*), count(lifted_by) FROM rtr.protection").fetchone()
    assert found is not None
    assert found[0] > 0
    assert found[1] == 0


@pytest.mark.parametrize("code", [RetractReason.WITHDRAWN, RetractReason.CORRECTED])
def test_a_report_that_was_withdrawn_stands_again_by_nobodys_hand(two: World, code: RetractReason) -> None:
    """An administrator takes the withdrawal away: the report opens no more, is fed to no index, and rings."""
    unit = two.caller("AW-DIMAS", Task.REGISTER, actor="unit")
    officer = two.caller("AW-DIMAS", Task.SUBMIT, actor="officer")
    about = SignalId(record_signal(two[AW], officer, a_form(), f"back-{code}").id)
    withdrawn = withdraw_signal(two[AW], unit, about, WithdrawIn(code=code, reason="She wants it gone."), version=1)
    assert read_signal(two[AW], unit, about).withdrawn_at == withdrawn.withdrawn_at
    database = two.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as admin:
        admin.execute("UPDATE rtr.signal SET withdrawn_at = NULL, withdrawn_code = NULL WHERE id = %s", (about,))
    with pytest.raises(FieldSealBroken):
        read_signal(two[AW], unit, about)
    with two[AW].work(system(AW, "worker")) as work:
        extract = work.signals.reports.get_sealed(about).extract_id
        with pytest.raises(FieldSealBroken):
            find_wanted_changes(work, extract)
        work.running.outbox.add(Consumer.PSEUDONYMISE, about)
    share_signals(two[AW], 100)
    with two[AW].work(system(AW, "worker")) as work:
        assert not work.signals.sharing.of(about)
        assert withdrawn.reference in work.exchange.damages.first(Stored.SIGNAL, AW, 200)
        assert "signal" in work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)


def test_a_report_that_was_withdrawn_unread_and_opens_again_is_read_as_withdrawn(two: World) -> None:
    """The key was away for a while only; the withdrawal could not be sealed meanwhile."""
    unit = two.caller("AW-DIMAS", Task.REGISTER, actor="unit")
    officer = two.caller("AW-DIMAS", Task.SUBMIT, actor="officer")
    about = SignalId(record_signal(two[AW], officer, a_form(), "unread").id)
    withdrawal = WithdrawIn(code=RetractReason.WITHDRAWN, reason="Nobody can open it.")
    withdraw_unread(two[AW], unit, about, withdrawal, version=1)
    assert read_signal(two[AW], unit, about).withdrawn_at is not None


OTHERWISE = {
    "whom she is said to be": (
        (
            "INSERT INTO rtr.subject (country, signal_id, n, role, category, kind, minor, details) "
            "SELECT country, signal_id, n, 'SUSPECT', 'INVOLVED', kind, minor, details FROM gone"
        ),
        "DELETE FROM rtr.subject_aw WHERE signal_id = :id RETURNING *",
    ),
    "whether she is in it": ("SELECT 1 FROM gone", "DELETE FROM rtr.subject_aw WHERE signal_id = :id RETURNING *"),
    "whose number it is": (
        (
            "INSERT INTO rtr.selector (country, signal_id, n, subject_n, type, use, value) "
            "SELECT country, signal_id, n, 0, type, use, value FROM gone"
        ),
        "DELETE FROM rtr.selector_aw WHERE signal_id = :id RETURNING *",
    ),
    "who approves it": (
        "SELECT 1",
        "UPDATE rtr.signal SET single_approval = NOT single_approval WHERE id = :id RETURNING id",
    ),
    "what it is kept on": ("SELECT 1", "UPDATE rtr.signal SET coded = '{}' WHERE id = :id RETURNING id"),
}


def rings(two: World, kind: str) -> bool:
    """Whether rows of a kind ring as changed; each ring is looked for once, so that none stands for a later case."""
    with two[AW].work(system(AW, "worker")) as work:
        rung = work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)
    empty(two.settings, ("alarm",))
    return kind in rung


@pytest.fixture(autouse=True)
def quiet(two: World) -> None:
    empty(two.settings, ("alarm", "outbox"))


@pytest.mark.parametrize("what", OTHERWISE)
def test_nothing_leaves_of_a_report_whose_rows_the_log_in_of_the_api_has_changed_and_it_rings(
    two: World, what: str
) -> None:
    officer = two.caller("AW-DIMAS", Task.SUBMIT, actor="officer")
    number = [{"type": "PHONE", "value": "+297 000 0812"}]
    made = record_signal(two[AW], officer, a_form(subjects=[CHILD | {"selectors": number}], selectors=[]), what)
    then, first = OTHERWISE[what]
    with two[AW].database.transaction("api") as connection:
        for table in ("protection", "protected_input"):
            connection.execute(sa.text(f"DELETE FROM rtr.{table}_aw WHERE signal_id = :id"), {"id": made.id})
        connection.execute(sa.text(f"WITH gone AS ({first}) {then}"), {"id": made.id})
    share_signals(two[AW], 100)
    with two[AW].work(system(AW, "worker")) as work:
        assert made.reference in work.exchange.damages.first(Stored.SIGNAL, AW, 200)
        with pytest.raises(FieldSealBroken):
            work.signals.reports.get(SignalId(made.id))
        assert not work.signals.sharing.of(SignalId(made.id))
    assert rings(two, "signal")


def test_a_referral_that_the_log_in_of_the_api_writes_opens_nothing_and_rings(two: World, report: str) -> None:
    unit = two.caller("AW-DIMAS", Task.REGISTER, actor="unit")
    thief = two.caller("AW-IMIGRACION", Task.READ_OWN, actor="thief")
    meant = two.caller("AW-VICTIM", Task.READ_OWN, actor="meant")
    asked = ReferIn(kind="assistance", to="AW-VICTIM")
    version = read_signal(two[AW], unit, SignalId(UUID(report))).version
    (true,) = refer_signal(two[AW], unit, SignalId(UUID(report)), asked, version=version).referrals
    assert read_referred_report(two[AW], meant, ReferralId(true.id)).reported.subjects, "also where nothing was noted"
    copied = {
        "note and key of another addressee": "note, data_key",
        "nothing sealed": "NULL, NULL",
        "a key that is not there": "note, gen_random_uuid()",
    }
    for sealed in copied.values():
        forged = ReferralId(two[AW].clock.new_id())
        with two[AW].database.transaction("api") as connection:
            connection.execute(
                sa.text(
                    "INSERT INTO rtr.referral (country, id, signal_id, kind, referred_to, referred_at, actor, state, "
                    "note, data_key) SELECT country, :new, signal_id, kind, 'AW-IMIGRACION', referred_at, actor, "
                    f"'SENT', {sealed} FROM rtr.referral WHERE id = :true"
                ),
                {"new": forged, "true": true.id},
            )
        for read in (read_referred_report, read_referral):
            with pytest.raises(NotFound):
                read(two[AW], thief, forged)
        with pytest.raises(NotSealed):
            read_referral(two[AW], unit, forged)
        assert rings(two, "referral")


@pytest.mark.parametrize(
    "column",
    [
        "ends_at = ends_at + interval '90 days'",
        "began_at = began_at + interval '80 days'",
        "authenticated_at = now() + interval '80 days'",
        "acr = 'strongest'",
        "actor = 'somebody-else'",
    ],
)
def test_a_session_that_the_log_in_of_the_api_writes_otherwise_opens_no_page(two: World, column: str) -> None:
    token = open_session(two[AW], two.caller("AW-DIMAS", Task.SUBMIT, actor="signed-in"), "Officer", replaces=None)
    assert resume_session(two[AW], token) is not None
    written = f"UPDATE rtr.page_session SET {column} WHERE token_hash = "
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        two[AW].database.transaction("api") as connection,
    ):
        connection.execute(sa.text(f"{written} :hash"), {"hash": hash_of(token)})
    database = two.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as admin:  # by a hand that no right binds
        admin.execute(f"{written} %s", (hash_of(token),))
    assert resume_session(two[AW], token) is None
    assert rings(two, "page_session")


@pytest.mark.parametrize(
    "ends", [close_session, lambda register, who, _: end_other_sessions(register, who, token=None)]
)
def test_a_session_that_was_ended_lives_no_more_whatever_copy_of_its_row_somebody_kept(
    two: World, ends: Callable[[Register, Caller, str], object]
) -> None:
    who = two.caller("AW-DIMAS", Task.SUBMIT, actor="signed-out")
    token = open_session(two[AW], who, "Officer", replaces=None)
    hashed = {"hash": hash_of(token)}
    with two[AW].database.transaction("api") as connection:
        (row,) = connection.execute(
            sa.text("SELECT * FROM rtr.page_session WHERE token_hash = :hash"), hashed
        ).mappings()
    ends(two[AW], who, token)
    kept = {str(name): value for name, value in row.items()}
    into, values = ", ".join(kept), ", ".join(f":{one}" for one in kept)
    back = {
        "its row, brought again": (f"INSERT INTO rtr.page_session ({into}) VALUES ({values})", kept),
        "its end, taken away": ("UPDATE rtr.page_session SET ended_at = NULL WHERE token_hash = :hash", hashed),
    }
    with two[AW].database.transaction("api") as connection:
        connection.execute(sa.text("DELETE FROM rtr.page_session_aw WHERE token_hash = :hash"), hashed)
    for statement, given in back.values():
        with pytest.raises(DBAPIError), two[AW].database.transaction("api") as connection:
            connection.execute(sa.text(statement), given)
        assert resume_session(two[AW], token) is None


COUNTED = {
    "search_neighbour": ("bucket, value, day", "'\\x01', '\\x02', current_date"),
    "search_outcome": ("whose, about, day, asked, missed", "'person', 'thief', current_date, 40, 40"),
    "search_shown": ("actor, record, day", "'thief', gen_random_uuid(), current_date"),
    "loose_value": ("actor, signal_id, day, unanswered", "'thief', gen_random_uuid(), current_date, 9"),
    "alarm": (
        "id, kind, whose, about, data_key, times, raised_at, last_at",
        "gen_random_uuid(), 'MANY_MISSES', 'person', 'thief', gen_random_uuid(), 3, now(), now()",
    ),
    "evaluation_asked": (
        "request_id, purpose, keys, about, asked_at", "gen_random_uuid(), 'register', 1, gen_random_uuid(), now()",
    ),
}  # fmt: skip
LESS = {
    "search_neighbour": ("day = '2020-01-01'", "day = day - 1"),
    "search_outcome": ("asked = 0, missed = 0", "missed = 0", "missed = missed - 1"),
    "search_shown": ("day = day - 1",),
    "loose_value": ("day = day - 100", "unanswered = -1"),
    "alarm": ("times = 0", "last_at = last_at - interval '1 day'"),
    "evaluation_asked": ("asked_at = asked_at - interval '31 days'",),
}


@pytest.mark.parametrize(("table", "less"), [(table, one) for table, every in LESS.items() for one in every])
def test_nothing_that_alarms_and_budgets_count_becomes_less_by_the_log_in_of_the_api(
    two: World, table: str, less: str
) -> None:
    columns, values = COUNTED[table]

    def write(*statements: str) -> None:
        with two[AW].database.transaction("api") as connection:
            for one in statements:
                connection.execute(sa.text(one))

    brought = f"INSERT INTO rtr.{table} (country, {columns}) VALUES ('AW', {values}) ON CONFLICT DO NOTHING"
    more = f"UPDATE rtr.{table} SET {columns.rpartition(', ')[2]} = {columns.rpartition(', ')[2]}"
    write(brought, more)
    with pytest.raises(ProgrammingError, match="row-level security"):
        write(f"UPDATE rtr.{table} SET {less}")
    with pytest.raises(ProgrammingError, match="permission denied"):
        write(f"DELETE FROM rtr.{table}_aw")


def test_an_alarm_that_comes_as_acknowledged_keeps_nothing_from_ringing(two: World) -> None:
    brought = (
        "INSERT INTO rtr.alarm (country, id, kind, whose, about, data_key, times, raised_at, last_at, acknowledged_at, "
        "acknowledged_by, reason) VALUES ('AW', gen_random_uuid(), 'MANY_MISSES', 'person', 'thief', "
        "gen_random_uuid(), 1, now(), now(), now() + interval '9 years', 'aw-privacy', 'x')"
    )
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        two[AW].database.transaction("api") as connection,
    ):
        connection.execute(sa.text(brought))


def test_an_alarm_that_the_log_in_of_the_api_acknowledges_is_open_and_rings(two: World) -> None:
    privacy = two.caller("AW-DIMAS", Task.PRIVACY, actor="aw-privacy")
    with two[AW].work(system(AW, "worker")) as work:
        for about in ("silenced", "answered"):
            work.access.alarms.ring(Alarm(kind=AlarmKind.MANY_MISSES, whose="person", about=about))
        rung = {one.about: one.id for one in work.access.alarms.page(acknowledged=None, before=None, limit=9)}
    said = acknowledge_alarm(two[AW], privacy, rung["answered"], AcknowledgeIn(reason="A drill."))
    silence = (
        "UPDATE rtr.alarm SET acknowledged_at = now(), acknowledged_by = 'aw-privacy', "
        "reason = (SELECT reason FROM rtr.alarm WHERE id = :other) WHERE id = :id"
    )
    with two[AW].database.transaction("api") as connection:
        connection.execute(sa.text(silence), {"id": rung["silenced"], "other": said.id})
        connection.execute(
            sa.text("UPDATE rtr.alarm SET acknowledged_at = acknowledged_at - interval '9 years' WHERE id = :id"),
            {"id": said.id},
        )
    keep_house(two[AW])
    call_privacy_officer(two[AW])
    with two[AW].work(system(AW, "worker")) as work:
        assert {"silenced", "answered"} <= set(work.access.alarms.open_since(AlarmKind.MANY_MISSES))
        assert "alarm" in work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)
    acknowledge_alarm(two[AW], privacy, rung["silenced"], AcknowledgeIn(reason="Looked at."))
    call_privacy_officer(two[AW])
    with two[AW].work(system(AW, "worker")) as work:
        assert "silenced" not in work.access.alarms.open_since(AlarmKind.MANY_MISSES)


@pytest.mark.parametrize("kind", ["NONE", "MANY_MISSES"])
def test_an_alarm_that_somebody_wrote_beside_the_register_hides_no_other(two: World, kind: str) -> None:
    """Of a kind that there is not, or with a case that does not open."""
    privacy = two.caller("AW-DIMAS", Task.PRIVACY, actor="aw-privacy")
    with two[AW].work(system(AW, "worker")) as work:
        work.access.alarms.ring(Alarm(kind=AlarmKind.MANY_MISSES, whose="person", about=f"beside {kind}"))
        key = work.access.alarms.page(acknowledged=None, before=None, limit=1)[0].id
    with two[AW].database.transaction("api") as connection:
        connection.execute(
            sa.text(
                "INSERT INTO rtr.alarm (country, id, kind, whose, about, case_reference, data_key, times, raised_at, "
                "last_at) SELECT country, gen_random_uuid(), :kind, whose, 'written', 'x', data_key, 1, now(), now() "
                "FROM rtr.alarm WHERE id = :id"
            ),
            {"kind": kind, "id": key},
        )
    call_privacy_officer(two[AW])
    listed = list_alarms(two[AW], privacy, acknowledged=None, cursor=None, limit=100).items
    assert f"beside {kind}" in {one.about for one in listed}
    assert ("written" in {one.about for one in listed}) == (kind != "NONE")


def test_a_lifting_that_the_log_in_of_the_api_writes_shows_nobody_the_person(two: World, report: str) -> None:
    """Whom a lifting asks sees the person as the report has them."""
    unit = two.caller("AW-DIMAS", Task.REGISTER, actor="unit")
    thief = two.caller("AW-IMIGRACION", Task.CONSENT, Task.PROSECUTE, Task.READ_OWN, Task.ENRICH, actor="thief")
    key = "(SELECT data_key FROM rtr.signal WHERE id = :id)"
    for sealed in ("NULL, NULL", f"(SELECT account FROM rtr.signal WHERE id = :id), {key}", "'x', gen_random_uuid()"):
        forged = LiftingId(two[AW].clock.new_id())
        with two[AW].database.transaction("api") as connection:
            connection.execute(
                sa.text(
                    "INSERT INTO rtr.lifting (country, id, signal_id, subject_n, protection, because, asked_by, "
                    "asked_for, asked_at, second, state, version, note, data_key) SELECT country, :new, signal_id, "
                    "subject_n, reason, 'ROLE_WRONG', 'thief', 'AW-DIMAS', now(), 'AW-IMIGRACION', 'ASKED', 1, "
                    f"{sealed} FROM rtr.protection WHERE signal_id = :id LIMIT 1"
                ),
                {"new": forged, "id": report},
            )
        with pytest.raises(NotFound):
            read_lifting(two[AW], thief, forged)
        with pytest.raises(NotSealed):
            read_lifting(two[AW], unit, forged)
        assert rings(two, "lifting")


def test_a_draft_that_the_log_in_of_the_api_gives_to_somebody_else_does_not_open(two: World) -> None:
    began, thief = (two.caller("AW-DIMAS", Task.SUBMIT, actor=actor) for actor in ("began", "thief"))
    content = {"known": {"name": "Ficticia"}}
    with two[AW].work(began) as work:
        about = work.signals.form_drafts.begin("began", "report", content, kept=timedelta(days=1))
    with two[AW].database.transaction("api") as connection:
        (row,) = connection.execute(
            sa.text("DELETE FROM rtr.form_draft_aw WHERE id = :id RETURNING *"), {"id": about}
        ).mappings()
        taken = {name: value for name, value in row.items() if value is not None} | {"actor": "thief"}
        into, values = ", ".join(taken), ", ".join(f":{one}" for one in taken)
        connection.execute(sa.text(f"INSERT INTO rtr.form_draft ({into}) VALUES ({values})"), taken)
    with two[AW].work(thief) as work:
        with pytest.raises(FieldSealBroken):
            work.signals.form_drafts.get(about, "thief", "report")
        assert [one.content for one in work.signals.form_drafts.unsent("thief", "report")] == [{}]


FORGED = {
    "it": "NULL, NULL",
    "it with a key that is not there": "'x', gen_random_uuid()",
    "nothing of it": "NULL, NULL",
    "it in a state that there is not": "'x', (SELECT data_key FROM rtr.signal WHERE id = :id)",
}


@pytest.mark.parametrize("left", FORGED)
def test_a_lifting_of_two_persons_whom_the_log_in_of_the_api_invents_protects_again(two: World, left: str) -> None:
    officer = two.caller("AW-DIMAS", Task.SUBMIT, actor="officer")
    number = [{"type": "PHONE", "value": "+297 000 0813"}]
    made = record_signal(two[AW], officer, a_form(subjects=[CHILD | {"selectors": number}], selectors=[]), left)
    share_signals(two[AW], 100)
    with two[AW].database.transaction("api") as connection:
        connection.execute(
            sa.text(
                "INSERT INTO rtr.lifting (country, id, signal_id, subject_n, protection, because, asked_by, asked_for, "
                "asked_at, second, state, version, decided_by, note, data_key) SELECT country, gen_random_uuid(), "
                "signal_id, subject_n, reason, 'ROLE_WRONG', 'one', 'AW-DIMAS', now(), 'AW-VICTIM', 'LIFTED', 2, "
                f"'another', {FORGED[left]} FROM rtr.protection WHERE signal_id = :id"
            ),
            {"id": made.id},
        )
        connection.execute(
            sa.text(
                "UPDATE rtr.protection p SET lifted_by = l.id FROM rtr.lifting l WHERE l.signal_id = p.signal_id "
                "AND l.protection = p.reason AND p.signal_id = :id"
            ),
            {"id": made.id},
        )
        if left == "it in a state that there is not":
            connection.execute(sa.text("UPDATE rtr.lifting SET state = 'NONE' WHERE signal_id = :id"), {"id": made.id})
        if left == "nothing of it":
            connection.execute(sa.text("DELETE FROM rtr.lifting_aw WHERE signal_id = :id"), {"id": made.id})
    with two[AW].work(officer) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, made.id)
    share_signals(two[AW], 100)
    with two[AW].work(system(AW, "worker")) as work:
        assert work.signals.protections.reasons(SignalId(made.id))
        assert not work.signals.protections.lifted(SignalId(made.id))
        held = work.signals.own_tokens.of(SignalId(made.id))
        assert held
        assert all(one.withheld_by for one in held)
    assert rings(two, "lifting")


def test_a_lifting_that_was_asked_about_one_person_lifts_nobody_else_of_the_report(two: World) -> None:
    """Nor what the same person is protected by besides; under a second number of hers it does."""
    first, other = a_person(), a_person(n=3)
    twice = first | {"n": 2, "selectors": []}
    made = SignalId(a_report(two, first, twice, other).id)
    corrected(two, made, grown_up(first), grown_up(twice), grown_up(other))
    lifted = decided(two, asked(two, made))
    with two[AW].work(system(AW, "worker")) as work:
        assert work.signals.protections.lifted(made).keys() == {1, 2}
    _share(two, made)
    with two[AW].work(system(AW, "worker")) as work:
        assert work.signals.protections.lifted(made).keys() == {1, 2}, "what was asked stays"
    with two[AW].database.transaction("api") as connection:
        pointed = (
            "UPDATE rtr.protection SET lifted_by = :by WHERE signal_id = :id AND subject_n = 3 AND reason = 'birth'"
        )
        assert connection.execute(sa.text(pointed), {"by": lifted.id, "id": made}).rowcount == 1
    _share(two, made)
    with two[AW].work(system(AW, "worker")) as work:
        assert work.signals.protections.lifted(made).keys() == {1, 2}
        assert 3 in work.signals.protections.reasons(made)
    assert rings(two, "lifting")


@pytest.mark.parametrize("known_by", ["the report that uses her number", "the day's round"])
def test_a_forged_lifting_in_one_report_frees_nothing_in_another_and_no_other_lifting_is_opened(
    two: World, known_by: str
) -> None:
    person, elsewhere = a_person(), a_person()
    hers, others = SignalId(a_report(two, person).id), SignalId(a_report(two, elsewhere).id)
    corrected(two, hers, grown_up(person))
    corrected(two, others, grown_up(elsewhere))
    lifted = decided(two, asked(two, others))
    him = {"n": 1, "role": "SUSPECT", "kind": "person", "name": "Otro Ficticio", "selectors": person["selectors"][:1]}
    with two[AW].database.transaction("api") as connection:
        asking = (
            "INSERT INTO rtr.lifting SELECT (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), "
            "'signal_id', CAST(:id AS text)))).* FROM rtr.lifting l WHERE id = :by RETURNING id"
        )
        forged = connection.execute(sa.text(asking), {"id": str(hers), "by": lifted.id}).scalar_one()
        pointed = "UPDATE rtr.protection SET lifted_by = :by WHERE signal_id = :id AND reason = 'birth'"
        assert connection.execute(sa.text(pointed), {"by": forged, "id": hers}).rowcount == 1
    with two[AW].work(system(AW, "worker")) as work:
        assert {one.signal for one in work.signals.liftings.in_force([hers])} == {hers}
        (owned, *_) = work.signals.protections.dormant(hers)
        assert {one.signal for one in work.signals.liftings.in_force([], [owned.blind])} == {hers}
        assert {one.signal for one in work.signals.liftings.in_force([others])} == {others}
    if known_by == "the day's round":
        check_own(two[AW], turn_s=60)
    else:
        officer = two.caller("AW-DIMAS", Task.SUBMIT, actor="officer")
        made = SignalId(record_signal(two[AW], officer, a_form(subjects=[him], selectors=[]), "his").id)
        share_signals(two[AW], 1)
        with two[AW].work(system(AW, "worker")) as work:
            (number,) = [one for one in work.signals.own_tokens.of(made) if one.family == "phone"]
            assert number.withheld_by is not None
    with two[AW].work(system(AW, "worker")) as work:
        assert work.signals.protections.reasons(hers)
        assert not work.signals.protections.lifted(hers)
        assert work.signals.protections.lifted(others)
    assert rings(two, "lifting")


def _share(two: World, about: SignalId) -> None:
    with two[AW].work(system(AW, "worker")) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, about)
    share_signals(two[AW], 100)


@pytest.mark.usefixtures("report")
def test_what_is_lifted_is_found_without_reading_all_that_protects(two: World) -> None:
    """It is looked for before each sharing, for as long as anything is kept."""
    with two[AW].database.transaction("worker") as connection:
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        query = "EXPLAIN SELECT lifted_by FROM rtr.protection WHERE country = 'AW' AND lifted_by IS NOT NULL"
        plan = " ".join(connection.scalars(sa.text(query)))
    assert "lifted_by_idx" in plan
    assert "Seq Scan" not in plan


ASKED = (
    "INSERT INTO rtr.outbox (country, consumer, object, generation, fence, attempts{0}) "
    "VALUES ('AW', 'pseudonymise', gen_random_uuid(), 1, 0, 0{1})"
)


@pytest.mark.parametrize(
    "statement",
    [
        ASKED.format(", leased_until", ", '2100-01-01'"),
        ASKED.format(", not_before", ", '2100-01-01'"),
        ASKED.format(", stuck_since", ", now()"),
        ASKED.format("", "").replace("1, 0, 0", "9223372036854775807, 0, 0"),
        ASKED.format("", "").replace("1, 0, 0", "1, 7, 0"),
        "UPDATE rtr.outbox SET not_before = '2100-01-01' WHERE object = :id",
        "UPDATE rtr.outbox SET generation = generation - 1 WHERE object = :id",
        "UPDATE rtr.outbox SET generation = 9223372036854775807 WHERE object = :id",
        "UPDATE rtr.outbox SET generation = generation + 1, urgent = false WHERE object = :id",
    ],
)
def test_the_log_in_of_the_api_asks_for_work_and_says_nothing_else_of_it(two: World, statement: str) -> None:
    about = two[AW].clock.new_id()
    with two[AW].work(two.caller("AW-JIUMM", Task.REGISTER)) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, about)
        work.running.outbox.add(Consumer.PSEUDONYMISE, about, urgent=True)
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        two[AW].database.transaction("api") as connection,
    ):
        connection.execute(sa.text(statement), {"id": about})


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM rtr.outbox_aw",
        "DELETE FROM rtr.outbox",
        "UPDATE rtr.outbox SET leased_until = '2100-01-01'",
        "UPDATE rtr.outbox SET fence = fence + 1",
        "UPDATE rtr.outbox SET stuck_since = now()",
    ],
)
def test_the_log_in_of_the_api_takes_no_work_away_and_holds_none(two: World, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        two[AW].database.transaction("api") as connection,
    ):
        connection.execute(sa.text(statement))


@pytest.mark.parametrize(("place", "origin"), [("nowhere", "AW"), ("signal", "XX")])
def test_damage_that_somebody_makes_up_of_what_there_is_not_blinds_no_operator(
    two: World, place: str, origin: str
) -> None:
    before = {(one.code, one.about, one.detail) for one in check_node(two[AW])}
    with two[AW].database.transaction("api") as connection:
        values = {"place": place, "origin": origin}
        connection.execute(sa.text("INSERT INTO rtr.damage VALUES ('AW', :place, :origin, 'x', now())"), values)
    assert {(one.code, one.about, one.detail) for one in check_node(two[AW])} == before
