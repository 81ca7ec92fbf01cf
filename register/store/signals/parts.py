"""The rows that hang on a signal: subjects, selectors, indicators and guarantees, sealed where they name somebody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from register.domain.signals.signal import Signal, SignalId
from register.store.models.signals import guarantee, indicator, selector, subject
from register.store.running.sealing import OpenKey, Place
from register.store.running.server.rls import child_name
from schemas.codes import Partition, code_list
from schemas.signals.parts import SubjectIn

_TABLES: Final = (subject, selector, indicator, guarantee)
FORM_SCHEMA: Final = 3
"""Version of how a signal is sealed.

From the second on its story is bound to what stands in clear beside it, from the third on to its withdrawal, too.
"""
BOUND_FROM: Final = 2
BOUND: Final = (
    "organisation", "urgency", "received_on", "period_from", "period_to", "island", "location_type", "source",
    "channel", "reporter_anonymous", "coded", "purpose", "legal_basis", "crime_class", "evaluation_scheme",
    "evaluation_source", "evaluation_information", "handling", "handling_conditions", "handling_expires", "visibility",
    "retain_until", "single_approval", "contested",
)  # fmt: skip
WITHDRAWAL: Final = ("withdrawn_at", "withdrawn_code")
_BOUND_PARTS: Final = {
    subject.name: ("n", "role", "category", "kind", "minor"),
    selector.name: ("n", "subject_n", "type", "use"),
    indicator.name: ("n", "indicator_group", "strength"),
    guarantee.name: ("n", "kind", "given_on", "guarantor_n", "beneficiary_n"),
}


def part_rows(record: Signal, key: OpenKey) -> dict[str, list[dict[str, Any]]]:
    """The rows that hang on a signal, by the name of their table, sealed under the signal's key."""
    form, base = record.form, {"country": record.partition, "signal_id": record.id}

    def place(table: str, n: int) -> Place:
        return Place(record.partition, table, f"{record.id}/{n}", record.ground.handling, FORM_SCHEMA)

    roles = code_list("subject_role")
    subjects = [
        base
        | {
            "n": s.n,
            "role": s.role,
            "category": roles[s.role].extra["person_category"],
            "kind": s.kind,
            "minor": s.minor,
            "details": key.seal_json(place("subject", s.n), "details", _list_details(s)),
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
    every = (subjects, selectors, indicators, guarantees)
    return {table.name: rows for table, rows in zip(_TABLES, every, strict=True)}


def add_parts(connection: sa.Connection, parts: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Store what hangs on a signal: rows of `part_rows`."""
    for table in _TABLES:
        if rows := parts[table.name]:
            connection.execute(sa.insert(table), rows)


def replace_parts(connection: sa.Connection, record: Signal, parts: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Store what hangs on a signal in the place of what hung on it before."""
    for table in _TABLES:
        delete_of_signal(connection, record.partition, table, record.id)
    add_parts(connection, parts)


def bound_by(
    row: Mapping[Any, Any], parts: Mapping[str, Sequence[Mapping[Any, Any]]], schema: int = FORM_SCHEMA
) -> str:
    """What of a signal and of what hangs on it stands in clear and is sealed with its story, as a hash in hex.

    Whoever may write rows could else make a victim a suspect there, or a blind report an open one, and the rules would
    believe it, or let a report stand again that was withdrawn. Left out is what changes without the story: states,
    approvals, consents, versions; and what never does.

    Args:
        row: the signal's, as it is stored.
        parts: rows of `part_rows`, or of `parts_queries`, by the name of their table.
        schema: that it was sealed by.
    """
    names: tuple[str, ...] = BOUND + WITHDRAWAL if schema >= FORM_SCHEMA else BOUND
    clear: dict[str, Any] = {"signal": {name: _in_utc(row[name]) for name in names}}
    for table, names in _BOUND_PARTS.items():
        clear[table] = [[one[name] for name in names] for one in sorted(parts[table], key=lambda one: int(one["n"]))]
    return hashlib.sha256(json.dumps(clear, sort_keys=True, default=str).encode()).hexdigest()


def _in_utc(value: Any) -> Any:
    """A moment, the same in whatever zone the store gives it back."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def parts_queries(country: Partition, signal_id: SignalId | sa.ColumnElement[Any]) -> dict[str, sa.Select[Any]]:
    """The queries for the rows that hang on a signal, by the name of their table."""
    return {
        table.name: sa.select(table)
        .where(table.c.country == country, table.c.signal_id == signal_id)
        .order_by(table.c.n)
        for table in _TABLES
    }


def read_parts(connection: sa.Connection, country: Partition, signal_id: SignalId) -> dict[str, Sequence[Any]]:
    """The rows that hang on a signal, by the name of their table."""
    return {n: connection.execute(q).mappings().all() for n, q in parts_queries(country, signal_id).items()}


def open_parts(rows: Mapping[str, Sequence[Mapping[Any, Any]]], row: Mapping[Any, Any], key: OpenKey) -> dict[str, Any]:
    """Those members of the form that are rows of their own, opened; `row` is the signal's.

    `rows` are those of `parts_queries`, by the name of their table.
    """
    place = _derive_places(row)
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
    place = _derive_places(row)
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


def _derive_places(row: Mapping[Any, Any]) -> Callable[[str, int], Place]:
    """Where the n-th row of a table that hangs on a stored signal was sealed."""

    def place(table: str, n: int) -> Place:
        return Place(Partition(row["country"]), table, f"{row['id']}/{n}", row["handling"], row["sealed_schema"])

    return place


def _list_details(person: SubjectIn) -> dict[str, Any]:
    return person.model_dump(mode="json", include={"name", "birth", "nationality"}, exclude_none=True)
