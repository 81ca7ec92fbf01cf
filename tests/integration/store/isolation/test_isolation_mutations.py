"""The matrix can fail: each way to weaken the isolation, planted on purpose, is found by it."""

from __future__ import annotations

import psycopg
import pytest

from register.services.running import operate_database
from register.store.models import RIGHTS
from schemas.codes import Partition
from tests.integration.store.isolation.matrix import Report, admin, examine
from tests.support.world import World

PAIR = (Partition.AW, Partition.CW)
NOT_RIGHTS = {"a table comes without an expectation", "a view leads around it"}
MINE = "country = 'AW'"

# What is done, what takes it back, and a piece of the sentence that the matrix must say.
MUTATIONS = {
    "a policy is dropped": (
        "DROP POLICY rtr_aw_api ON rtr.signal",
        f"CREATE POLICY rtr_aw_api ON rtr.signal TO rtr_aw_api USING ({MINE}) WITH CHECK ({MINE})",
        "rtr_aw_api on rtr.signal: select",
    ),
    "FORCE is dropped on a parent": (
        "ALTER TABLE rtr.signal NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE rtr.signal FORCE ROW LEVEL SECURITY",
        "rtr_owner on rtr.signal: owner count",
    ),
    "FORCE is dropped on a part": (
        "ALTER TABLE rtr.signal_cw NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE rtr.signal_cw FORCE ROW LEVEL SECURITY",
        "rtr_owner on rtr.signal_cw: owner count",
    ),
    "row security is off": (
        "ALTER TABLE rtr.signal DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE rtr.signal ENABLE ROW LEVEL SECURITY",
        "rtr_aw_api on rtr.signal: select",
    ),
    "another's part is granted": (
        "GRANT SELECT ON rtr.signal_cw TO rtr_aw_api",
        "REVOKE SELECT ON rtr.signal_cw FROM rtr_aw_api",
        "rtr_aw_api on rtr.signal_cw: select",
    ),
    "UPDATE is granted on a whole parent": (
        "GRANT UPDATE ON rtr.signal TO rtr_aw_worker",
        "REVOKE UPDATE ON rtr.signal FROM rtr_aw_worker; {columns}",
        "rtr_aw_worker on rtr.signal: lock ACCESS EXCLUSIVE",
    ),
    "a policy lets everything be read": (
        "CREATE POLICY open ON rtr.subject FOR SELECT TO rtr_cw_worker USING (true)",
        "DROP POLICY open ON rtr.subject",
        "rtr_cw_worker on rtr.subject: count foreign",
    ),
    "a policy lets foreign rows be written": (
        "CREATE POLICY open ON rtr.outbox FOR INSERT TO rtr_cw_api WITH CHECK (true)",
        "DROP POLICY open ON rtr.outbox",
        "rtr_cw_api on rtr.outbox: insert foreign",
    ),
    "TRUNCATE is granted": (
        "GRANT TRUNCATE ON rtr.hit TO rtr_aw_api",
        "REVOKE TRUNCATE ON rtr.hit FROM rtr_aw_api",
        "rtr_aw_api on rtr.hit: truncate",
    ),
    "the owner's rows are anybody's": (
        "GRANT rtr_owner TO rtr_cw_api",
        "REVOKE rtr_owner FROM rtr_cw_api",
        "rtr_cw_api: set role rtr_owner",
    ),
    "a role stands above row security": (
        "ALTER ROLE rtr_aw_auditor BYPASSRLS",
        "ALTER ROLE rtr_aw_auditor NOBYPASSRLS",
        "rtr_aw_auditor on rtr.audit_leaf: count foreign",
    ),
    "a table comes without an expectation": (
        "CREATE TABLE rtr.extra (country char(2) NOT NULL, a int)",
        "DROP TABLE rtr.extra",
        "rtr.extra: nobody has said what rtr_aw_api may do with it",
    ),
    "a view leads around it": (
        "CREATE VIEW rtr.all_signals AS SELECT * FROM rtr.signal; GRANT SELECT ON rtr.all_signals TO rtr_aw_api",
        "DROP VIEW rtr.all_signals",
        "rtr.all_signals: nobody has said what rtr_aw_api may do with it",
    ),
    "everybody may make temporary tables": (
        "GRANT TEMPORARY ON DATABASE {database} TO PUBLIC",
        "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
        "rtr_aw_api: create temporary table",
    ),
    "the running queries are shown": (
        "GRANT SELECT ON pg_stat_activity TO PUBLIC",
        "REVOKE SELECT ON pg_stat_activity FROM PUBLIC",
        "rtr_cw_backup: any other that tells of all",  # the functions behind it are taken away as well
    ),
    "the sizes of all tables are told": (
        "GRANT EXECUTE ON FUNCTION pg_relation_size(regclass, text) TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION pg_relation_size(regclass, text) FROM PUBLIC",
        "rtr_cw_api: any other that tells of all",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_the_matrix_turns_red_when(name: str, spoilt: World) -> None:
    spoil, mend, sentence = (_filled(spoilt, s) for s in MUTATIONS[name])
    tables = _spoilt_by(sentence)
    try:
        _run(spoilt, spoil)
        report = examine(spoilt, PAIR, tables, rolewide_too=not tables)
    finally:
        _run(spoilt, mend)
    assert any(b.startswith(sentence) for b in report.breaches), _first(report)


def test_the_operators_migrate_takes_back_every_right_and_policy_that_nobody_wrote_down(spoilt: World) -> None:
    """`provision` converges, whatever was there before. What nobody spoilt is tried in `test_isolation`."""
    tables = set[str]()
    for name in MUTATIONS.keys() - NOT_RIGHTS:
        spoil, _, sentence = MUTATIONS[name]
        _run(spoilt, _filled(spoilt, spoil))
        tables |= _spoilt_by(sentence)
    assert examine(spoilt, PAIR, tables).breaches
    operate_database.migrate(spoilt.settings)
    assert examine(spoilt, PAIR, tables).breaches == []


def _spoilt_by(sentence: str) -> set[str]:
    """The table that a breach is about; none where it is about a role."""
    where = sentence.split(":", 1)[0].rsplit(maxsplit=1)[-1]
    return {where.removesuffix("_cw")} if where.startswith("rtr.") else set()


def _filled(world: World, statements: str) -> str:
    granted = ", ".join(RIGHTS["rtr.signal"]["worker"].update)
    columns = f"GRANT UPDATE ({granted}) ON rtr.signal TO rtr_aw_worker"
    return statements.format(database=world.settings.database.name, columns=columns)


def _run(world: World, statements: str) -> None:
    with psycopg.connect(admin(world), autocommit=True) as connection:
        connection.execute(statements.encode())


def _first(report: Report) -> str:
    return f"{len(report.breaches)} breaches: {report.breaches[:5]}"
