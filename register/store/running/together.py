"""Several queries in one statement: one way there and back, and one moment for all that they see.

Rows come as JSON from the server and are given their columns' types again; what a query cannot select by a named
column of a plain type has no place here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

Row = Mapping[str, Any]

_BACK: Mapping[type[Any], Callable[[Any], Any]] = {
    sa.Uuid: UUID,
    sa.Date: date.fromisoformat,
    sa.DateTime: datetime.fromisoformat,
    sa.LargeBinary: lambda text: bytes.fromhex(text.removeprefix("\\x")),
}


def read_together(connection: sa.Connection, queries: Mapping[str, sa.Select[Any]]) -> dict[str, list[Row]]:
    """Run queries as one statement; return the rows of each by its name, in the order that the query gives them.

    Args:
        connection: inside a transaction.
        queries: by name; columns are of the types text, number, boolean, date, time, UUID, bytes, array or JSON.
    """
    found = connection.execute(sa.select(*(_gathered(name, query) for name, query in queries.items()))).mappings().one()
    return {name: [_typed(row, query) for row in found[name]] for name, query in queries.items()}


def _gathered(name: str, query: sa.Select[Any]) -> sa.Label[Any]:
    rows = query.subquery(f"of_{name}")
    whole = sa.func.coalesce(sa.func.jsonb_agg(sa.func.to_jsonb(rows.table_valued())), sa.text("'[]'::jsonb"))
    return sa.select(whole).select_from(rows).scalar_subquery().label(name)


def _typed(row: Mapping[str, Any], query: sa.Select[Any]) -> Row:
    columns = query.selected_columns
    return {name: _value(row[name], columns[name].type) for name in columns.keys()}  # noqa: SIM118 - not a mapping


def _value(value: Any, kind: sa.types.TypeEngine[Any]) -> Any:
    if value is None:
        return None
    return next((back(value) for known, back in _BACK.items() if isinstance(kind, known)), value)
