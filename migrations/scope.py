"""What the migrations look after: the tables of the models. Their parts follow who is hosted (`store.running.rls`)."""

from __future__ import annotations

from typing import Any

from register.store.models import EVALUATOR_SCHEMA, SCHEMA, SHARED_TABLES, metadata


def include_object(item: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:  # noqa: FBT001 - alembic's signature
    """Leave the children of partitioned tables to `register.store.running.server.rls`: they depend on who is hosted."""
    if kind == "table" and reflected:
        return item.schema in (SCHEMA, EVALUATOR_SCHEMA) and (
            f"{item.schema}.{name}" in metadata.tables or name in SHARED_TABLES
        )
    if kind == "foreign_key_constraint" and reflected:
        # PostgreSQL keeps one more for each part of the table that is referred to.
        return item.elements[0].target_fullname.rsplit(".", 1)[0] in metadata.tables
    return True


OPTIONS: dict[str, Any] = {
    "target_metadata": metadata,
    "include_schemas": True,
    "include_object": include_object,
    "version_table_schema": SCHEMA,
    "compare_server_default": False,
    "transaction_per_migration": False,
}
"""How alembic is configured, for migrating and for comparing the models with a database."""
