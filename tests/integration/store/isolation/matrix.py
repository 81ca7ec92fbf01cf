"""Runs the isolation matrix over a database and says what it found: breaches, and how many cells were tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from register.store.running.server.rls import FUNCTIONS, OWNER, Role
from schemas.codes import Partition
from tests.integration.store.isolation import rolewide
from tests.integration.store.isolation.catalogue import Relation, relations
from tests.integration.store.isolation.cells import Case, Cell, cells, refused, touches, value
from tests.integration.store.isolation.expectations import NoExpectation, rights
from tests.integration.store.isolation.session import Session
from tests.support.world import World


@dataclass(slots=True)
class Report:
    """What a run found.

    Attributes:
        tried: cells by verb.
        breaches: one sentence each.
    """

    tried: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)

    @property
    def cells(self) -> int:
        return self.tried.total()

    def look(self, where: str, cell: Cell, session: Session) -> None:
        """Try one cell."""
        self.tried[cell.verb] += 1
        outcome = session.attempt(cell.statement, *cell.before)
        wrong = cell.judge(outcome)
        if wrong is None and cell.twin and not outcome.looks_like(absent := session.attempt(cell.twin, *cell.before)):
            wrong = f"told from absent: {outcome} and {absent}"
        if wrong is not None:
            self.breaches.append(f"{where}: {cell.verb}: {wrong}")


def examine(
    world: World, pair: tuple[Partition, Partition], tables: Collection[str] | None = None, *, rolewide_too: bool = True
) -> Report:
    """Try every cell of two countries' roles, each against the other's rows.

    Args:
        world: planted (see `planting.plant`).
        pair: the two countries.
        tables: only these and their parts; all if not given.
        rolewide_too: also what concerns no table.
    """
    report = Report()
    hosted = tuple(str(c) for c in world.registers)
    with psycopg.connect(admin(world)) as connection:
        version = connection.info.server_version
        found = [r for r in relations(connection) if tables is None or r.table in tables]
    for country, other in (pair, pair[::-1]):
        for function in FUNCTIONS:
            role = Role(country, function)
            with _session(login(world, role)) as session:
                for relation in found:
                    _relation(report, session, relation, role, other, hosted, version)
                if rolewide_too:
                    for cell in rolewide.cells(role, [Role(c, f) for c in world.registers for f in FUNCTIONS]):
                        report.look(role.name, cell, session)
    with _session(admin(world), as_role=OWNER) as session:
        for relation in found:
            if relation.has_country and relation.kind in "pr":
                _as_owner(report, session, relation)
    return report


def admin(world: World) -> str:
    """How the administrator enters the world's database."""
    database = world.settings.database
    return psycopg.conninfo.make_conninfo(database.admin_url, dbname=database.name)


def login(world: World, role: Role) -> str:
    """How a role enters the world's database."""
    database = world.settings.database
    password = world.settings.secret(f"{role.name}.password").read_text(encoding="ascii")
    return psycopg.conninfo.make_conninfo(
        host=database.host, port=database.port, dbname=database.name, user=role.name, password=password
    )


def _relation(
    report: Report, session: Session, relation: Relation, role: Role, other: str, hosted: tuple[str, ...], version: int
) -> None:
    try:
        right = rights(relation, role)
    except NoExpectation:
        report.breaches.append(f"{relation.name}: nobody has said what {role.name} may do with it")
        return
    for cell in cells(Case(relation, role, right, other, hosted, version)):
        report.look(f"{role.name} on {relation.name}", cell, session)


def _as_owner(report: Report, session: Session, relation: Relation) -> None:
    """FORCE: row security holds for the owner too; a migration that forgets it gets an error, not a wrong count."""
    column = relation.columns[-1].name
    tries: list[tuple[str, str, Callable[..., str | None], tuple[str, ...]]] = [
        ("owner count", f"SELECT count(*) FROM {relation.name}", value(0), ()),
        ("owner update", f"UPDATE {relation.name} SET {column} = {column}", touches(0), ()),
        ("owner row security off", f"SELECT 1 FROM {relation.name}", refused, ("SET LOCAL row_security = off",)),
    ]
    for verb, statement, judge, before in tries:
        report.look(f"{OWNER} on {relation.name}", Cell(verb, statement, judge, before), session)


@contextmanager
def _session(conninfo: str, *, as_role: str | None = None) -> Iterator[Session]:
    session = Session(conninfo, as_role=as_role)
    try:
        yield session
    finally:
        session.close()
