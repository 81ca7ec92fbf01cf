"""Rows for any table, made from its column types: those of two countries differ in every value and in number."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from uuid import NAMESPACE_URL, uuid5

import psycopg

from tests.integration.store.isolation.catalogue import Relation

ABSENT = 77
"""The number of a row that is never planted."""


def rows_of(relation: Relation, country: str, hosted: Sequence[str]) -> int:
    """How many rows a country has in a table; no two countries have as many, so that a count cannot lie."""
    several = 2 + sorted(hosted).index(country)
    return 1 if relation.one_row else several * len(_MARKED) if relation.table == _MARKS else several


_EMPTY = {
    "rtr.draft": ("appended_inc", "appended_seq", "done_n", "refused_at"),
    "rtr.outbox": ("leased_until", "last_error", "stuck_since"),
    "rtr.data_key_end": ("destroyed_at",),
    "rtr.known_key": ("given_up_at",),
    "rtr.protection": ("lifted_by",),
    "rtr.finding": ("decision", "reason", "decided_by", "decided_at", "proposed", "proposed_by"),
    "rtr.token": ("plain",),
    "rtr.alarm": ("acknowledged_at", "acknowledged_by", "reason"),
    "rtr.ticket": ("reason", "decided_by", "decided_at", "signature", "refusal", "data_key", "carried_at"),
}
"""What no role may write as it likes (`Rights.after_update`, `after_insert`): a lifting that is named must have been
decided by two, no question and no ticket comes answered, no end of a key as destroyed, no key as given up, no pseudonym
in plain, no draft with a number and no work as leased."""
_FRESH = {
    "rtr.outbox": {"generation": "1", "fence": "0", "attempts": "0"},
    "rtr.search_outcome": {"missed": "0"},
    "rtr.ticket": {"state": "'asked'", "answers": "'{}'", "spent": "0"},
}
"""What is written as it is at first, or not at all."""
_MARKS = "rtr.sealed_before"
_MARKED = ("referral", "lifting")
"""Where the worker may seal anew what is marked, and nothing else: each of their rows is."""


def plant(connection: psycopg.Connection, tables: Sequence[Relation], hosted: Sequence[str]) -> None:
    """Put rows of each country into every partitioned table, those that others refer to first."""
    waiting = [t for t in tables if t.kind == "p"]
    done: set[str] = set()
    while waiting:
        ready = [t for t in waiting if all(k.table in done for k in t.foreign_keys)]
        assert ready, f"foreign keys in a circle: {[t.name for t in waiting]}"
        for table in ready:
            for country in hosted:
                for n in range(1, rows_of(table, country, hosted) + 1):
                    connection.execute(insert(table, row(table, country, n)).encode())
            done.add(table.name)
        waiting = [t for t in waiting if t.name not in done]


def insert(relation: Relation, values: Mapping[str, str], more: str = "") -> str:
    """The statement that inserts a row of literals."""
    names = ", ".join(f'"{n}"' for n in values)
    return f"INSERT INTO {relation.name} ({names}) VALUES ({', '.join(values.values())}) {more}"


def row(
    relation: Relation, country: str, n: int, *, made_for: str | None = None, refers_to: tuple[str, int] | None = None
) -> dict[str, str]:
    """Literals of row `n`, column by column.

    Args:
        relation: the table or one of its parts.
        country: what stands in the column `country`.
        n: which row.
        made_for: the country whose row `n` the other values are taken from; the same country if not given.
        refers_to: country and number of the row that foreign keys name; the same country's first if not given.
    """
    values = {
        c.name: literal(relation.table, c.name, c.type, made_for or country, n)
        for c in relation.columns
        if c.name != "country"
    }
    for column in _EMPTY.get(relation.table, ()):
        values[column] = "NULL"
    values |= _FRESH.get(relation.table, {})
    if relation.table == "rtr.data_key_end":  # what hangs on a report may be deleted where its key has ended
        values["id"] = literal("rtr.signal", "data_key", "uuid", made_for or country, n)
    if relation.table == _MARKS:
        marked = _MARKED[n % len(_MARKED)]
        of = (n + 1) // len(_MARKED)
        values |= {"place": f"'{marked}'", "id": literal(f"rtr.{marked}", "id", "uuid", made_for or country, of)}
    seen, number = refers_to or (country, 1)
    named = {column for key in relation.foreign_keys for column in key.columns}
    # Whose key is made of others' keys alone: the first's first row goes with each row of the second, and a row that is
    # not there is a pair of two that are.
    of_pairs = set(relation.key) <= named | {"country"}
    for place, key in enumerate(relation.foreign_keys):
        at = number
        if of_pairs and number == 1 and (n == ABSENT or refers_to is not None):
            at = 2 if place == 0 else 1
        elif of_pairs and refers_to is None and place:
            at = n
        for own, remote in zip(key.columns, key.remote, strict=True):
            if own != "country":
                kind = next(c.type for c in relation.columns if c.name == own)
                values[own] = literal(key.table, remote, kind, seen, at)
    return {"country": f"'{country}'", **values}


@cache
def literal(table: str, column: str, kind: str, country: str, n: int) -> str:
    """A value of a type, told by table, column, country and number."""
    said = f"{table}.{column}.{country}.{n}"
    seed = hashlib.sha256(said.encode()).digest()
    match kind:
        case "uuid":
            return f"'{uuid5(NAMESPACE_URL, said)}'"
        case "text":
            return f"'{said}'"
        case "character(7)":
            return f"'20{10 + seed[0] % 80}-{1 + n % 12:02}'"
        case "smallint" | "integer" | "bigint" | "double precision":
            return str(seed[0] * 100 + n)
        case "boolean":
            return "true"
        case "date":
            return f"'2026-01-{1 + n % 28:02}'"
        case "timestamp with time zone":
            return f"'2026-01-{1 + n % 28:02} 12:00+00'"
        case "bytea" | "bytea[]":
            said = f"'\\x{seed.hex()}'"
            return said if kind == "bytea" else f"ARRAY[{said}::bytea]"
        case "jsonb":
            return f"""'{{"planted": "{said}"}}'"""
        case "text[]":
            return f"ARRAY['{said}']"
        case "character(2)[]":
            return f"ARRAY['{country}']::character(2)[]"
        case _:
            raise AssertionError(f"no value is known for the type {kind} of {table}.{column}")
