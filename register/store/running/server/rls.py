"""The DDL that keeps the partitions apart, generated for the hosted countries (security.md 1).

`provision_countries` converges: roles, child tables, row security, policies and grants are what `register.store.models`
says, whatever was there before. It runs after the migrations, as the operator's administrator, and again to host
one more country. Policies are constants for one login role per country and function; there is no settable
tenant variable, since any SQL could set one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from register.store.models import EVALUATOR_SCHEMA, RIGHTS, SCHEMA, Rights, metadata
from schemas.codes import Partition

FUNCTIONS = ("api", "worker", "auditor", "backup", "evaluator")
SERVING = ("api", "worker")
"""Those that a node connects as to serve and to work."""
OWNER = "rtr_owner"
MIGRATOR = "rtr_migrator"
LOCK_TIMEOUT_MS = 4_000
"""No role waits longer for a lock: a stuck transaction of one country must not queue up the others."""


@dataclass(frozen=True, slots=True)
class Role:
    """A login role: one country, one function."""

    country: Partition
    function: str

    @property
    def name(self) -> str:
        """For instance `rtr_aw_api`."""
        return f"rtr_{self.country.lower()}_{self.function}"


def list_roles(countries: Iterable[Partition]) -> list[Role]:
    """The login roles of the hosted countries, in fixed order."""
    return [Role(c, f) for c in countries for f in FUNCTIONS]


def tenant_tables() -> list[sa.Table]:
    """Every table that has a country, parents only."""
    return [t for t in metadata.sorted_tables if t.key in RIGHTS]


def child_name(table: sa.Table, country: Partition) -> str:
    """The partition of a table that holds one country, with its schema."""
    return f"{table.schema}.{table.name}_{country.lower()}"


def provision_countries(
    connection: sa.Connection, countries: Iterable[Partition], password: Callable[[str], str]
) -> None:
    """Make the database serve exactly these countries; safe to repeat.

    Args:
        connection: of an administrator who may create roles; the caller commits.
        countries: the hosted ones. A country that was hosted before keeps its tables and loses its log-ins.
        password: gives the password of a role by its name.
    """
    hosted = list(countries)
    for statement in _rights_of_roles(connection, hosted, password):
        connection.exec_driver_sql(statement)
    # Ten thousand statements for five countries: said one by one, nearly all of the time would be waiting for answers.
    connection.exec_driver_sql("; ".join(_none_of_strangers(connection)))
    for table in tenant_tables():
        connection.exec_driver_sql("; ".join(_table_statements(table, hosted)))
    readers = ", ".join(r.name for r in list_roles(hosted) if r.function in ("api", "worker", "auditor", "backup"))
    connection.exec_driver_sql(f"GRANT SELECT ON {SCHEMA}.roster TO {readers}")
    # Whether a migration is missing is for a serving process to see, too.
    serving = ", ".join(r.name for r in list_roles(hosted) if r.function in SERVING)
    connection.exec_driver_sql(f"GRANT SELECT ON {SCHEMA}.alembic_version TO {serving}")


def _rights_of_roles(
    connection: sa.Connection, hosted: list[Partition], password: Callable[[str], str]
) -> Iterator[str]:
    """One by one: a server may write a statement that fails into its log, and these hold passwords."""
    database = _quote_identifier(str(connection.execute(sa.text("SELECT current_database()")).scalar_one()))
    known = set(connection.execute(sa.text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'rtr\\_%'")).scalars())
    yield from _role_statements(hosted, known, password)
    yield f"REVOKE ALL ON DATABASE {database} FROM PUBLIC"
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC"
    for kind, name in connection.execute(sa.text(TELLING_OF_OTHERS), {"role": "public"}):
        # Row estimates, sizes, locks and running queries of the neighbours are nobody's business.
        yield f"REVOKE ALL ON {kind} {name} FROM PUBLIC"
    for country in Partition:
        word = "GRANT" if country in hosted else "REVOKE"
        link = "TO" if country in hosted else "FROM"
        for role in list_roles([country]):
            if country not in hosted and role.name not in known:
                continue
            schema = EVALUATOR_SCHEMA if role.function == "evaluator" else SCHEMA
            yield f"{word} CONNECT ON DATABASE {database} {link} {role.name}"
            yield f"{word} USAGE ON SCHEMA {schema} {link} {role.name}"
            if role.function in ("backup", "worker"):
                yield f"{word} USAGE ON SCHEMA {EVALUATOR_SCHEMA} {link} {role.name}"


def _none_of_strangers(connection: sa.Connection) -> list[str]:
    """Take away what `_STRANGERS` finds; nothing at all in a fresh database."""
    return list(connection.execute(sa.text(_STRANGERS)).scalars()) or ["SELECT 1"]


# What PostgreSQL lets everybody ask of all its databases and roles; views, and the functions that answer without them.
# Not here, since nothing that reads the catalogue works without: `reltuples` and `relpages` of pg_class.
TELLING_OF_OTHERS = r"""
SELECT 'TABLE' AS kind, c.oid::regclass::text AS name
FROM pg_class c WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'v'
AND (c.relname LIKE 'pg\_stat%' OR c.relname IN ('pg_locks', 'pg_prepared_xacts', 'pg_replication_slots',
     'pg_shmem_allocations', 'pg_backend_memory_contexts', 'pg_aios'))
AND has_table_privilege(:role, c.oid, 'SELECT')
UNION ALL
SELECT 'ROUTINE', p.oid::regprocedure::text
FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
AND (p.proname ~ '^pg_(stat|ls|read|control)_' OR p.proname ~ '^pg_.*_size$' AND p.proname <> 'pg_column_size'
     OR p.proname ~ '^pg_(current|last)_(wal|xact|committed|snapshot)' OR p.proname ~ '^txid_'
     OR p.proname ~ '^pg_(snapshot_|xact_status|xact_commit_timestamp|get_multixact_members)'
     OR p.proname ~ 'blocking_pids$' OR p.proname IN ('pg_lock_status', 'pg_prepared_xact', 'pg_get_replication_slots',
     'pg_get_shmem_allocations', 'pg_get_backend_memory_contexts', 'pg_get_aios', 'pg_notification_queue_usage',
     'pg_isolation_test_session_is_blocked'))
AND has_function_privilege(:role, p.oid, 'EXECUTE')
"""


# Every right, policy and membership that anybody has: the ones that are meant are given again right after, in the
# same transaction, so that what somebody added by hand does not outlive the next run.
_STRANGERS = """
SELECT format('REVOKE ALL ON %s FROM %s', c.oid::regclass,
              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT (aclexplode(c.relacl)).grantee
    UNION SELECT (aclexplode(t.attacl)).grantee FROM pg_attribute t WHERE t.attrelid = c.oid
) a
WHERE n.nspname IN ('rtr', 'evaluator') AND a.grantee <> c.relowner
UNION ALL
SELECT format('DROP POLICY %I ON %s', p.polname, p.polrelid::regclass)
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('rtr', 'evaluator')
UNION ALL
SELECT format('REVOKE %s FROM %s', m.roleid::regrole, m.member::regrole)
FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname LIKE 'rtr\\___\\_%'
"""


def _role_statements(hosted: list[Partition], known: set[str], password: Callable[[str], str]) -> Iterator[str]:
    for role in list_roles(hosted):
        verb = "ALTER" if role.name in known else "CREATE"
        secret = _quote_literal(password(role.name))
        yield (
            f"{verb} ROLE {role.name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOBYPASSRLS "
            f"NOREPLICATION PASSWORD {secret}"
        )
        yield f"ALTER ROLE {role.name} SET lock_timeout = {LOCK_TIMEOUT_MS}"
        yield f"ALTER ROLE {role.name} SET search_path = {SCHEMA}"
        yield f"ALTER ROLE {role.name} SET idle_in_transaction_session_timeout = '60s'"


def _table_statements(table: sa.Table, hosted: list[Partition]) -> Iterator[str]:
    parent = f"{table.schema}.{table.name}"
    yield _owned_and_forced(parent)
    for country in hosted:
        child = child_name(table, country)
        yield f"CREATE TABLE IF NOT EXISTS {child} PARTITION OF {parent} FOR VALUES IN ('{country}')"
        yield _owned_and_forced(child)
        for function, right in RIGHTS[table.key].items():
            role = Role(country, function).name
            yield f"REVOKE ALL ON {parent}, {child} FROM {role}"
            for relation in (parent, child):
                yield _write_policy(relation, role, country)
                yield from _write_guards(relation, role, right)
            yield from _write_grants(parent, child, role, right)
        backup = Role(country, "backup").name
        yield _write_policy(child, backup, country)
        yield f"GRANT SELECT ON {child} TO {backup}"


def _owned_and_forced(relation: str) -> str:
    return f"ALTER TABLE {relation} OWNER TO {OWNER}, ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"


def _write_policy(relation: str, role: str, country: Partition) -> str:
    """The policy of the country; dropped with all others before (`_STRANGERS`)."""
    own = f"country = '{country}'"
    return f"CREATE POLICY {role} ON {relation} TO {role} USING ({own}) WITH CHECK ({own})"


def _write_guards(relation: str, role: str, right: Rights) -> Iterator[str]:
    """Narrow what the policy of the country lets a role write; dropped with all others before (`_STRANGERS`)."""
    name = relation.rpartition(".")[2]
    for verb, holds, where in (
        ("UPDATE", right.after_update, "USING (true) WITH CHECK"),
        ("INSERT", right.after_insert, "WITH CHECK"),
        ("DELETE", right.before_delete, "USING"),
    ):
        if holds is not None:
            yield (
                f"CREATE POLICY {role}_{verb.lower()} ON {relation} AS RESTRICTIVE FOR {verb} TO {role} "
                f"{where} ({holds.format(row=name)})"
            )


def _write_grants(parent: str, child: str, role: str, right: Rights) -> Iterator[str]:
    if right.select:
        yield f"GRANT SELECT ON {parent} TO {role}"
    if right.insert:
        yield f"GRANT INSERT ON {parent} TO {role}"
    if right.update:
        yield f"GRANT UPDATE ({', '.join(right.update)}) ON {parent} TO {role}"
    if right.delete:
        # On the own child only: DELETE on the parent would carry a lock on all five with it.
        yield f"GRANT SELECT, DELETE ON {child} TO {role}"


def _quote_identifier(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _quote_literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
