"""The isolation matrix: every relation of the catalogue, every login role of two countries, every verb (security.md 1).

What is outside its promise: sizes, row estimates and timing that a pooled database shows to everybody in it.
"""

from __future__ import annotations

import psycopg
import pytest

from register.store.models import RIGHTS, SHARED_TABLES
from register.store.running.server.rls import FUNCTIONS
from schemas.codes import Partition
from tests.integration.store.isolation.catalogue import relations
from tests.integration.store.isolation.matrix import admin, examine
from tests.integration.store.isolation.planting import rows_of
from tests.support.world import World

FEWEST_CELLS = 30_000
TYPES_OF_LOCK = 8


@pytest.mark.slow
def test_no_role_reads_changes_counts_or_senses_a_row_of_another_country(planted: World) -> None:
    report = examine(planted, (Partition.AW, Partition.CW))
    print(f"{report.cells} cells of {len(report.tried)} verbs, {len(report.breaches)} breaches")
    assert report.breaches == []
    assert report.cells >= FEWEST_CELLS


def test_every_country_has_rows_in_every_table_so_that_a_leak_would_be_seen(planted: World) -> None:
    with psycopg.connect(admin(planted)) as connection:
        found = relations(connection)
        for relation in (r for r in found if r.parent):
            row = connection.execute(f"SELECT count(*) FROM {relation.name}".encode()).fetchone()
            assert relation.country is not None
            assert row == (rows_of(relation, relation.country, sorted(planted.registers)),), relation.name
    assert {r.table for r in found if r.parent} == set(RIGHTS)


def test_only_named_tables_have_no_country(planted: World) -> None:
    with psycopg.connect(admin(planted)) as connection:
        without = {r.name for r in relations(connection) if not r.has_country}
    assert without == {f"rtr.{t}" for t in (*SHARED_TABLES, "alembic_version")}


def test_country_leads_every_primary_key_and_is_part_of_every_unique_and_foreign_key(planted: World) -> None:
    query = """
    SELECT k.conrelid::regclass::text || ' ' || k.conname FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = 'country'
    WHERE n.nspname IN ('rtr', 'evaluator') AND k.contype IN ('p', 'u', 'f') AND k.conkey[1] <> a.attnum
    """
    with psycopg.connect(admin(planted)) as connection:
        assert connection.execute(query).fetchall() == []


def test_row_security_is_on_and_forced_on_parents_and_parts_with_one_constant_policy_a_role(planted: World) -> None:
    query = """
    SELECT c.oid::regclass::text, c.relrowsecurity, c.relforcerowsecurity, p.polname::text,
           ARRAY(SELECT rolname::text FROM pg_roles WHERE oid = ANY(p.polroles)), p.polpermissive,
           pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'country' LEFT JOIN pg_policy p ON p.polrelid = c.oid
    WHERE n.nspname IN ('rtr', 'evaluator') AND c.relkind IN ('r', 'p')
    """
    with psycopg.connect(admin(planted)) as connection:
        rows = connection.execute(query).fetchall()
    assert len({r[0] for r in rows}) == len(RIGHTS) * (1 + len(planted.registers))
    guards = [(r[0], r[4]) for r in rows if not r[5]]
    assert len(guards) == 2 * len(planted.registers) * sum(
        holds is not None
        for rights in RIGHTS.values()
        for one in rights.values()
        for holds in (one.after_update, one.after_insert, one.before_delete)
    ), "what else narrows a role is named beside its rights"
    for relation, on, forced, policy, roles, permissive, using, check in (r for r in rows if r[5]):
        country = policy.split("_")[1].upper()
        constant = f"(country = '{country}'::bpchar)"
        assert (on, forced, roles, permissive) == (True, True, [policy], True), relation
        assert (using, check) == (constant, constant), f"{relation} {policy}"


def test_no_part_of_a_table_is_open_to_roles_of_two_countries(planted: World) -> None:
    """Neither by a grant nor by a policy: one partition's role serves one country."""
    query = """
    SELECT c.oid::regclass::text, r.rolname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN pg_roles r
    WHERE n.nspname IN ('rtr', 'evaluator') AND c.relispartition AND c.relkind IN ('r', 'p')
    AND r.rolcanlogin AND r.rolname LIKE 'rtr\\_%'
    AND (has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
         OR has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
         OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND r.oid = ANY(p.polroles)))
    """
    with psycopg.connect(admin(planted)) as connection:
        for relation, role in connection.execute(query):
            assert relation.rsplit("_", 1)[1] == role.split("_")[1], f"{role} reaches {relation}"


def test_no_login_role_stands_above_row_security_and_nobody_may_log_in_as_owner(planted: World) -> None:
    query = """
    SELECT rolname::text, rolcanlogin, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication,
           EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname IN ('rtr', 'evaluator', 'public') AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
    FROM pg_roles r WHERE rolname LIKE 'rtr\\_%'
    """
    with psycopg.connect(admin(planted)) as connection:
        roles = {name: (login, above, owner) for name, login, above, owner in connection.execute(query)}
    logins = {name for name, (login, _, _) in roles.items() if login}
    assert logins >= {f"rtr_{c.lower()}_{f}" for c in planted.registers for f in FUNCTIONS}
    assert {name for name, (_, above, _) in roles.items() if above} == set()
    assert {name for name, (_, _, owner) in roles.items() if owner}.isdisjoint(logins)


def test_public_may_neither_connect_nor_make_temporary_tables_nor_use_our_schemas(planted: World) -> None:
    query = """
    SELECT has_database_privilege('public', current_database(), 'CONNECT'),
           has_database_privilege('public', current_database(), 'TEMP'),
           has_schema_privilege('public', 'rtr', 'USAGE, CREATE'),
           has_schema_privilege('public', 'evaluator', 'USAGE, CREATE'),
           has_schema_privilege('public', 'public', 'USAGE, CREATE')
    """
    with psycopg.connect(admin(planted)) as connection:
        assert connection.execute(query).fetchone() == (False,) * 5


def test_there_is_no_view_function_or_default_part_that_could_lead_around_row_security(planted: World) -> None:
    query = """
    SELECT 'function ' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
    UNION ALL SELECT 'relation ' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relkind IN ('v', 'm', 'f')
    UNION ALL SELECT 'default part ' || c.relname FROM pg_class c
    WHERE pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'
    UNION ALL SELECT 'default right ' || defaclrole::regrole FROM pg_default_acl
    """
    with psycopg.connect(admin(planted)) as connection:
        assert connection.execute(query).fetchall() == []


def test_a_parent_cannot_be_locked_against_the_others_by_any_role(planted: World) -> None:
    """With table-level UPDATE a role could freeze all five countries."""
    report = examine(planted, (Partition.AW, Partition.CW), {"rtr.signal", "rtr.outbox", "rtr.data_key"})
    modes = {v for v in report.tried if v.startswith("lock ") and v.removeprefix("lock ").isupper()}
    assert len(modes) == TYPES_OF_LOCK
    assert [b for b in report.breaches if ": lock " in b] == []
