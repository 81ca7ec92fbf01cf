"""Cells that concern no table: what a login role tries with the database as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from register.store.running.server.rls import MIGRATOR, OWNER, TELLING_OF_OTHERS, Role
from tests.integration.store.isolation.cells import Cell, Verdict, no_row, refused
from tests.integration.store.isolation.session import Outcome

STATISTICS = (
    "pg_stats", "pg_stats_ext", "pg_stat_activity", "pg_stat_user_tables", "pg_statio_user_tables", "pg_locks",
    "pg_stat_database", "pg_stat_xact_user_tables", "pg_prepared_xacts",
)  # fmt: skip
FUNCTIONS_OF_ALL = (
    "pg_stat_get_activity(NULL)", "pg_stat_get_live_tuples('rtr.signal'::regclass)",
    "pg_stat_get_tuples_inserted('rtr.signal'::regclass)", "pg_stat_get_numscans('rtr.signal'::regclass)",
    "pg_stat_get_backend_idset()", "pg_stat_get_db_xact_commit(0)", "pg_relation_size('rtr.signal'::regclass)",
    "pg_total_relation_size('rtr.signal'::regclass)", "pg_indexes_size('rtr.signal'::regclass)",
    "pg_database_size(current_database())", "pg_lock_status()", "pg_blocking_pids(1)", "pg_current_wal_lsn()",
    "pg_current_xact_id()", "pg_current_snapshot()", "txid_current()", "pg_ls_dir('.')", "pg_ls_waldir()",
    "pg_read_file('PG_VERSION')", "pg_stat_file('PG_VERSION')", "pg_control_checkpoint()",
)  # fmt: skip


def cells(role: Role, others: Sequence[Role]) -> Iterator[Cell]:
    """Every try; each is refused, or shows nothing of another role."""
    for other in (*(r.name for r in others if r != role), OWNER, MIGRATOR, "postgres"):
        yield Cell(f"set role {other}", f"SET ROLE {other}", refused)
        yield Cell(f"session of {other}", f"SET SESSION AUTHORIZATION {other}", refused)
        yield Cell(f"grant {other}", f"GRANT {other} TO {role.name}", refused)
    for schema in ("rtr", "evaluator", "public"):
        yield Cell(f"create table in {schema}", f"CREATE TABLE {schema}.mine (a int)", refused)
        body = "LANGUAGE sql AS 'SELECT 1'"
        yield Cell(f"create function in {schema}", f"CREATE FUNCTION {schema}.f() RETURNS int {body}", refused)
        yield Cell(f"create view in {schema}", f"CREATE VIEW {schema}.v AS SELECT 1", refused)
    for verb, statement in {
        "create temporary table": "CREATE TEMPORARY TABLE mine (a int)",
        "create schema": "CREATE SCHEMA mine",
        "create extension": "CREATE EXTENSION file_fdw SCHEMA pg_catalog",
        "create role": "CREATE ROLE mine",
        "rise": f"ALTER ROLE {role.name} BYPASSRLS",
        "read passwords": "SELECT rolpassword FROM pg_authid",
        "read statistics": "SELECT * FROM pg_statistic",
        "read a file": "SELECT pg_read_file('PG_VERSION')",
        "copy from a program": "COPY rtr.roster FROM PROGRAM 'true'",
        "end another": "SELECT pg_terminate_backend(pid) FROM pg_stat_get_activity(NULL) a WHERE a.usesysid <> "
        "(SELECT oid FROM pg_roles WHERE rolname = current_user) AND a.usesysid IS NOT NULL",
    }.items():
        yield Cell(verb, statement, refused)
    for view in STATISTICS:
        yield Cell(f"read {view}", f"SELECT * FROM {view}", refused)
    # What a revoked view would ask, asked without it.
    for call in FUNCTIONS_OF_ALL:
        yield Cell(f"ask {call}", f"SELECT {call}", refused)
    yield Cell("any other that tells of all", TELLING_OF_OTHERS.replace(":role", "current_user"), no_row)
    yield Cell(
        "memberships", "SELECT roleid::regrole FROM pg_auth_members WHERE member = current_user::regrole", no_row
    )
    yield Cell("who I am", "SELECT session_user = current_user AND NOT rolsuper AND NOT rolbypassrls AND NOT "
               "rolcreaterole AND NOT rolcreatedb AND NOT rolreplication FROM pg_roles WHERE rolname = current_user",
               _true)  # fmt: skip


def _true(outcome: Outcome) -> Verdict:
    return None if outcome.rows == (("t",),) else f"expected true, got {outcome.rows} {outcome.said}"
