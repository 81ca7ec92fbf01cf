"""Many rows, or several queries, in one statement.

Columns of rows that are written travel as arrays, and the server makes rows of them.

An ordinary many-row insert costs a round of parsing and planning each row; this one costs one. Values are bound, in
PostgreSQL's binary form (half the time of the textual one for sealed bytes), and never written into the statement.
What is the same in all rows travels once: packing an array costs a microsecond an element.
Lists of codes travel as one text each, joined by a character that no code has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY

Row = Mapping[str, Any]

_BACK: Final[Mapping[type[Any], Callable[[Any], Any]]] = {
    sa.Uuid: UUID,
    sa.Date: date.fromisoformat,
    sa.DateTime: datetime.fromisoformat,
    sa.LargeBinary: lambda text: bytes.fromhex(text.removeprefix("\\x")),
}
_JOINT: Final = "\x1f"
_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]  # as the library has it


def insert_rows(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, on_conflict: str = ""
) -> None:
    """Insert rows, each with the same columns; `on_conflict` is the statement's clause for rows that are there."""
    if not rows:
        return
    columns = [table.c[name] for name in rows[0]]
    values = _gather_values(columns, rows)
    same = {name for name, taken in values.items() if taken[0] == taken[-1] and taken.count(taken[0]) == len(rows)}
    values = {name: taken[0] if name in same else taken for name, taken in values.items()}
    differing = [c for c in columns if c.name not in same]
    chosen = ", ".join(_write_unpacked(c, _write_scalar(c) if c.name in same else f"v.{c.name}") for c in columns)
    if differing:
        source = f"FROM unnest({_write_arrays(differing)}) AS v({', '.join(c.name for c in differing)})"
    else:
        source = f"FROM generate_series(1, {len(rows)})"
    names = ", ".join(c.name for c in columns)
    statement = f"INSERT INTO {table.schema}.{table.name} ({names}) SELECT {chosen} {source} {on_conflict}"
    connection.exec_driver_sql(statement, values)


def update_rows(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str], also: str = ""
) -> int:
    """Set the other columns of the rows that `key` names (with `country` among the values); return how many there were.

    `also` is one more condition on the table `t` and the values `v`.
    """
    if not rows:
        return 0
    columns = [table.c[name] for name in rows[0]]
    names = ", ".join(c.name for c in columns)
    changes = ", ".join(
        f"{c.name} = {_write_unpacked(c, f'v.{c.name}')}" for c in columns if c.name not in (*key, "country")
    )
    same = " AND ".join(f"t.{name} = v.{name}" for name in key)
    # The country stands as a constant too, so that the planner looks at one partition only.
    statement = (
        f"UPDATE {table.schema}.{table.name} AS t SET {changes} FROM unnest({_write_arrays(columns)}) AS v({names}) "
        f"WHERE t.country = %(its_country)s AND {same} {also}"
    )
    values = {**_gather_values(columns, rows), "its_country": str(rows[0]["country"])}
    return int(connection.exec_driver_sql(statement, values).rowcount)


def _write_arrays(columns: Sequence[sa.Column[Any]]) -> str:
    return ", ".join(f"CAST(%({c.name})b AS {_element(c)}[])" for c in columns)


def _write_scalar(column: sa.Column[Any]) -> str:
    return f"CAST(%({column.name})b AS {_element(column)})"


@cache
def _element(column: sa.Column[Any]) -> str:
    if isinstance(column.type, ARRAY):
        return "text"
    name: str = column.type.compile(_DIALECT)
    return "text" if name.startswith("CHAR") else name


def _write_unpacked(column: sa.Column[Any], value: str) -> str:
    return f"string_to_array({value}, '{_JOINT}')" if isinstance(column.type, ARRAY) else value


def _gather_values(columns: Sequence[sa.Column[Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    for column in columns:
        taken = [row[column.name] for row in rows]
        if isinstance(column.type, ARRAY):
            taken = [None if v is None else _JOINT.join(v) for v in taken]
        elif _element(column) == "text":
            # A code that is an enumeration's member is sent as its value, whatever the driver makes of enumerations.
            taken = [None if v is None else str(v) for v in taken]
        values[column.name] = taken
    return values


def read_together(connection: sa.Connection, queries: Mapping[str, sa.Select[Any]]) -> dict[str, list[Row]]:
    """Run queries as one statement; return the rows of each by its name, in the order that the query gives them.

    One way there and back, and one moment for all that they see. Rows come as JSON from the server and are given their
    columns' types again; what a query cannot select by a named column of a plain type has no place here.

    Args:
        connection: inside a transaction.
        queries: by name; columns are of the types text, number, boolean, date, time, UUID, bytes, array or JSON.
    """
    found = (
        connection.execute(sa.select(*(_gather_rows(name, query) for name, query in queries.items()))).mappings().one()
    )
    return {name: [_read_typed_row(row, query) for row in found[name]] for name, query in queries.items()}


def _gather_rows(name: str, query: sa.Select[Any]) -> sa.Label[Any]:
    rows = query.subquery(f"of_{name}")
    whole = sa.func.coalesce(sa.func.jsonb_agg(sa.func.to_jsonb(rows.table_valued())), sa.text("'[]'::jsonb"))
    return sa.select(whole).select_from(rows).scalar_subquery().label(name)


def _read_typed_row(row: Mapping[str, Any], query: sa.Select[Any]) -> Row:
    columns = query.selected_columns
    return {name: _read_value(row[name], columns[name].type) for name in columns.keys()}  # noqa: SIM118 - not a mapping


def _read_value(value: Any, kind: sa.types.TypeEngine[Any]) -> Any:
    if value is None:
        return None
    return next((back(value) for known, back in _BACK.items() if isinstance(kind, known)), value)
