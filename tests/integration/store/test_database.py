"""One country, its own roles, its own connections; and no work on a database that cannot keep them apart."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
import structlog.testing
from sqlalchemy.exc import ProgrammingError

from register import bootstrap
from register.domain.access.caller import Task, system
from register.domain.running.consumer import Consumer
from register.keys.home import read_secret
from register.store.running.audit_leaves import AuditNotWritten
from register.store.running.server.database import Address, Database, DatabaseUnavailable, UnsafeDatabase
from schemas.codes import Partition
from tests.integration.store.isolation.matrix import admin
from tests.support.started import servers
from tests.support.undo import undone
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW


def test_a_caller_of_another_country_is_refused_before_anything_is_opened(two: World) -> None:
    with (
        pytest.raises(ValueError, match="a caller of CW cannot work on the database of AW"),
        two[AW].work(two.caller("CW-KPC", Task.REGISTER)),
    ):
        pass


@pytest.mark.parametrize("function", ["api", "worker", "auditor", "evaluator"])
def test_each_function_works_under_the_login_role_of_its_own_country(two: World, function: str) -> None:
    for country in (AW, CW):
        with two[country].database.transaction(function) as connection:
            who = connection.exec_driver_sql("SELECT session_user, current_user").one()
        assert tuple(who) == (f"rtr_{country.lower()}_{function}",) * 2


def test_no_connection_is_shared_between_countries_or_functions(two: World) -> None:
    """What a connection says it is for and the role that it entered with belong together, on every connection."""
    for country in (AW, CW):
        for caller in (two.caller(f"{country}-OM", Task.READ_OWN), two.worker(country)):
            with two[country].work(caller) as work:
                work.access.organisations.all()
    query = (
        "SELECT application_name, usename FROM pg_stat_activity "
        "WHERE application_name LIKE 'rtr-%' AND datname = current_database()"
    )
    with psycopg.connect(admin(two)) as connection:
        rows = connection.execute(query).fetchall()
    assert len(rows) >= 4
    assert all(name.lower().replace("-", "_") == role for name, role in rows)


def test_a_transaction_that_fails_leaves_nothing_and_one_that_ends_stays(two: World) -> None:
    worker = two.worker(AW)
    thing = two[AW].clock.new_id()
    with undone(two, worker) as work:
        work.running.outbox.add(Consumer.WORDS, thing)
    with two[AW].work(worker) as work:
        assert Consumer.WORDS not in work.running.outbox.waiting()
        work.running.outbox.add(Consumer.WORDS, thing)
    with two[AW].work(worker) as work:
        assert work.running.outbox.waiting()[Consumer.WORDS] == 1


@pytest.mark.parametrize("attribute", ["SUPERUSER", "BYPASSRLS", "CREATEROLE"])
def test_the_check_at_start_refuses_a_role_above_row_security(attribute: str) -> None:
    with world(server=servers.apart("wheel"), countries=(AW,), with_organisations=False) as alone:
        alone[AW].database.check(("api", "worker", "evaluator"))
        with psycopg.connect(admin(alone), autocommit=True) as connection:
            connection.execute(f"ALTER ROLE rtr_aw_api {attribute}".encode())
            try:
                with pytest.raises(UnsafeDatabase, match="rtr_aw_api"):
                    alone[AW].database.check(("worker", "api"))
            finally:
                connection.execute(f"ALTER ROLE rtr_aw_api NO{attribute}".encode())


def test_the_check_at_start_refuses_a_role_that_may_ask_what_others_run(two: World) -> None:
    with psycopg.connect(admin(two), autocommit=True) as connection:
        connection.execute("GRANT EXECUTE ON FUNCTION pg_stat_get_activity(int) TO rtr_aw_api")
        try:
            with pytest.raises(UnsafeDatabase, match=r"pg_stat_get_activity.*rtr db migrate"):
                two[AW].database.check(("api",))
        finally:
            connection.execute("REVOKE EXECUTE ON FUNCTION pg_stat_get_activity(int) FROM rtr_aw_api")


def test_the_check_at_start_refuses_a_role_that_may_become_the_owner() -> None:
    with (
        world(server=servers.apart("wheel"), countries=(AW,), with_organisations=False) as alone,
        psycopg.connect(admin(alone), autocommit=True) as connection,
    ):
        connection.execute("GRANT rtr_owner TO rtr_aw_worker")
        try:
            with pytest.raises(UnsafeDatabase, match="rtr_aw_worker"):
                alone[AW].database.check(("worker",))
        finally:
            connection.execute("REVOKE rtr_owner FROM rtr_aw_worker")


def test_node_that_comes_up_before_its_database_waits_for_it_ever_longer_and_goes_on(two: World) -> None:
    settings = two.settings.database
    database = Database(
        Address(settings.host, 1, settings.name), AW, lambda role: read_secret(two.settings, f"{role}.password")
    )

    waits: list[float] = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 6:  # now the server comes up
            database._address = Address(settings.host, settings.port, settings.name)
            database.close()

    with structlog.testing.capture_logs() as lines:
        bootstrap.wait_for_database(replace(two[AW], database=database), ("api", "worker"), pause)
    database.close()
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert {(line["event"], line["partition"], line["code"]) for line in lines} == {
        ("database.waited-for", AW, "database-unavailable")
    }


def test_a_server_that_does_not_answer_is_an_error_for_the_operator() -> None:
    where = Address(servers.address("wheel").host, 1, "nowhere")
    database = Database(where, AW, lambda _: "secret")
    with pytest.raises(DatabaseUnavailable, match="rtr_aw_api"), database.transaction("api"):
        pass


def test_a_password_of_another_countrys_role_opens_nothing(two: World) -> None:
    at = two.settings.database
    secret = two.settings.secret("rtr_cw_api.password").read_text(encoding="ascii")
    database = Database(Address(at.host, at.port, at.name), AW, lambda _: secret)
    with pytest.raises(DatabaseUnavailable), database.transaction("api"):
        pass


def test_waiting_too_long_for_a_connection_is_an_error_for_the_operator(two: World) -> None:
    at = two.settings.database
    secret = two.settings.secret("rtr_aw_api.password").read_text(encoding="ascii")
    database = Database(Address(at.host, at.port, at.name), AW, lambda _: secret, pool_size=1, pool_wait_s=0.05)
    with (
        database.transaction("api"),
        pytest.raises(DatabaseUnavailable, match="rtr_aw_api"),
        database.transaction("api"),
    ):
        pass
    database.close()


def test_a_connection_lost_within_a_transaction_is_an_error_for_the_operator_and_the_next_one_works(two: World) -> None:
    database = two[AW].database
    with psycopg.connect(admin(two), autocommit=True) as administrator:

        def interrupted() -> None:
            with database.transaction("api") as connection:
                pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
                administrator.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
                connection.exec_driver_sql("SELECT 1")

        with pytest.raises(DatabaseUnavailable, match="went away"):
            interrupted()
    with database.transaction("api") as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_a_connection_that_the_server_ended_while_it_was_idle_is_not_used_again(two: World) -> None:
    at = two.settings.database
    secret = two.settings.secret("rtr_aw_api.password").read_text(encoding="ascii")
    database = Database(Address(at.host, at.port, at.name), AW, lambda _: secret, pool_size=1)
    with database.transaction("api") as connection:
        before = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with psycopg.connect(admin(two), autocommit=True) as administrator:
        administrator.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    with database.transaction("api") as connection:
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != before
    database.close()


def test_a_lock_that_is_not_had_in_time_is_an_error_for_the_operator(two: World) -> None:
    def waits() -> None:
        with two[AW].database.transaction("api") as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '20ms'")
            connection.exec_driver_sql("SELECT count(*) FROM rtr.organisation")

    with psycopg.connect(admin(two)) as administrator:
        administrator.execute("LOCK TABLE rtr.organisation IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseUnavailable, match="55P03"):
            waits()


def test_a_statement_that_is_wrong_stays_a_fault_of_the_program_and_shows_nothing_it_was_given(two: World) -> None:
    with (
        pytest.raises(ProgrammingError) as wrong,
        two[AW].database.transaction("api") as connection,
    ):
        connection.exec_driver_sql("SELECT no_such_column WHERE %(given)s = ''", {"given": "Zoraida Canarini"})
    assert "no_such_column" in str(wrong.value)
    assert "Zoraida" not in str(wrong.value)


def test_without_its_audit_leaf_nothing_is_stored_and_nothing_is_answered() -> None:
    """No audit, no answer (security.md 3)."""
    from register.services.signals.list_signals import list_signals
    from register.services.signals.record_signal import record_signal
    from tests.support.forms import a_form

    with world(countries=(AW,)) as alone:
        caller = alone.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN)
        with psycopg.connect(admin(alone), autocommit=True) as connection:
            connection.execute("REVOKE INSERT ON rtr.audit_leaf FROM rtr_aw_api")
            with pytest.raises(AuditNotWritten, match=r"signal\.compared \(42501\)"):
                record_signal(alone[AW], caller, a_form(), "k1")
            with pytest.raises(AuditNotWritten):
                list_signals(alone[AW], caller, filters={}, cursor=None, limit=10)
            for table in ("signal", "subject", "data_key", "outbox", "idempotency", "blind_index"):
                row = connection.execute(f"SELECT count(*) FROM rtr.{table}".encode()).fetchone()
                assert row == (0,), table


def test_the_system_caller_holds_no_task() -> None:
    assert system(AW, "worker").tasks == frozenset()
    with pytest.raises(Exception, match="needs the task"):
        replace(system(AW, "api")).require(Task.READ_OWN)
