"""The rows that hang on a signal: subjects, selectors, indicators and guarantees, sealed where they name somebody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from register.domain.signals.signal import Signal, SignalId
from register.store.models.signals import guarantee, indicator, selector, subject
from register.store.running.rls import child_name
from register.store.running.sealing import OpenKey, Place
from schemas.codes import Partition, code_list
from schemas.signals.parts import SubjectIn

_TABLES: Final = (subject, selector, indicator, guarantee)


def add_parts(connection: sa.Connection, record: Signal, key: OpenKey) -> None:
    """Store what hangs on a signal, sealed under the signal's key."""
    form, base = record.form, {"country": record.partition, "signal_id": record.id}

    def place(table: str, n: int) -> Place:
        return Place(record.partition, table, f"{record.id}/{n}", record.ground.handling)

    roles = code_list("subject_role")
    subjects = [
        base
        | {
            "n": s.n,
            "role": s.role,
            "category": roles[s.role].extra["person_category"],
            "kind": s.kind,
            "minor": s.minor,
            "details": key.seal_json(place("subject", s.n), "details", _details(s)),
        }
        for s in form.subjects
    ]
    pairs = [(0, x) for x in form.selectors] + [(s.n, x) for s in form.subjects for x in s.selectors]
    selectors = [
        base
        | {
            "n": i,
            "subject_n": n,
            "type": x.type,
            "use": x.use,
            "value": key.seal_json(place("selector", i), "value", x.model_dump(mode="json", exclude_none=True)),
        }
        for i, (n, x) in enumerate(pairs)
    ]
    indicators = [
        base | {"n": i, "indicator_group": x.group, "strength": x.strength} for i, x in enumerate(form.indicators)
    ]
    guarantees = [
        base
        | {
            "n": i,
            "kind": g.kind,
            "service": key.seal_json(place("guarantee", i), "service", g.service),
            "given_on": g.on,
            "guarantor_n": g.guarantor,
            "beneficiary_n": g.beneficiary,
        }
        for i, g in enumerate(form.guarantees)
    ]
    for table, rows in zip(_TABLES, (subjects, selectors, indicators, guarantees), strict=True):
        if rows:
            connection.execute(sa.insert(table), rows)


def replace_parts(connection: sa.Connection, record: Signal, key: OpenKey) -> None:
    """Store what hangs on a signal in the place of what hung on it before."""
    for table in _TABLES:
        delete_of_signal(connection, record.partition, table, record.id)
    add_parts(connection, record, key)


def parts_queries(country: Partition, signal_id: SignalId | sa.ColumnElement[Any]) -> dict[str, sa.Select[Any]]:
    """The queries for the rows that hang on a signal, by the name of their table."""
    return {
        table.name: sa.select(table)
        .where(table.c.country == country, table.c.signal_id == signal_id)
        .order_by(table.c.n)
        for table in _TABLES
    }


def read_parts(connection: sa.Connection, row: Mapping[Any, Any], key: OpenKey) -> dict[str, Any]:
    """Return those members of the form that are rows of their own, opened; `row` is the signal's."""
    queries = parts_queries(Partition(row["country"]), SignalId(row["id"]))
    return open_parts({name: connection.execute(q).mappings().all() for name, q in queries.items()}, row, key)


def open_parts(rows: Mapping[str, Sequence[Mapping[Any, Any]]], row: Mapping[Any, Any], key: OpenKey) -> dict[str, Any]:
    """The same for rows that were read already: those of `parts_queries`, by the name of their table."""
    place = _places(row)
    by_subject: dict[int, list[Any]] = {}
    for x in rows[selector.name]:
        value = key.open_json(place("selector", x["n"]), "value", x["value"])
        by_subject.setdefault(x["subject_n"], []).append(value)
    subjects = [
        {**{name: s[name] for name in ("n", "role", "kind", "minor")}, "selectors": by_subject.get(s["n"], [])}
        | key.open_json(place("subject", s["n"]), "details", s["details"])
        for s in rows[subject.name]
    ]
    return {
        "subjects": subjects,
        "selectors": by_subject.get(0, []),
        "indicators": [{"group": i["indicator_group"], "strength": i["strength"]} for i in rows[indicator.name]],
        "guarantees": open_guarantees(rows[guarantee.name], row, key),
    }


def open_guarantees(
    guarantees: Sequence[Mapping[Any, Any]], row: Mapping[Any, Any], key: OpenKey
) -> list[dict[str, Any]]:
    """The guarantees of a signal as its form has them; `row` is the signal's, `key` its own."""
    place = _places(row)
    return [
        {
            "kind": g["kind"],
            "service": key.open_json(place("guarantee", g["n"]), "service", g["service"]),
            "on": g["given_on"],
            "guarantor": g["guarantor_n"],
            "beneficiary": g["beneficiary_n"],
        }
        for g in guarantees
    ]


def delete_of_signal(connection: sa.Connection, country: Partition, table: sa.Table, signal_id: SignalId) -> None:
    """Delete all rows of one signal from a table; app roles may delete in their own child only."""
    child = child_name(table, country)
    connection.execute(sa.text(f"DELETE FROM {child} WHERE signal_id = :id"), {"id": signal_id})


def _places(row: Mapping[Any, Any]) -> Callable[[str, int], Place]:
    """Where the n-th row of a table that hangs on a stored signal was sealed."""

    def place(table: str, n: int) -> Place:
        return Place(Partition(row["country"]), table, f"{row['id']}/{n}", row["handling"], row["sealed_schema"])

    return place


def _details(person: SubjectIn) -> dict[str, Any]:
    return person.model_dump(mode="json", include={"name", "birth", "nationality"}, exclude_none=True)
