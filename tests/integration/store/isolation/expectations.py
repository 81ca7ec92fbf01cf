"""What each login role may do with each relation, from the rights written beside the tables; and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from register.store.models import RIGHTS, SCHEMA, SHARED_TABLES, Rights
from register.store.running.server.rls import SERVING, Role
from tests.integration.store.isolation.catalogue import Relation

READERS_OF_SHARED = ("api", "worker", "auditor", "backup")
VERSION = f"{SCHEMA}.alembic_version"
NOTHING = Rights(select=False, insert=False)


@dataclass(frozen=True, slots=True)
class NoExpectation(Exception):
    """A relation that no right was written for."""

    relation: str


def rights(relation: Relation, role: Role) -> Rights:
    """What a role may do with a relation.

    Raises:
        NoExpectation: nobody has said.
    """
    if relation.name in {f"{SCHEMA}.{t}" for t in SHARED_TABLES} and not relation.has_country:
        return Rights(select=role.function in READERS_OF_SHARED, insert=False)
    if relation.name == VERSION:
        return Rights(select=role.function in SERVING, insert=False)
    if relation.table not in RIGHTS or relation.kind not in "pr" or not relation.has_country:
        raise NoExpectation(relation.name)
    right = RIGHTS[relation.table].get(role.function, NOTHING)
    if not relation.parent:
        return Rights(select=right.select, insert=right.insert, update=right.update)
    if relation.country is None:
        raise NoExpectation(relation.name)
    if relation.country != role.country:
        return NOTHING
    if role.function == "backup":
        return Rights(insert=False)
    return Rights(select=right.delete, insert=False, delete=right.delete)
