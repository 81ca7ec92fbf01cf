"""What the two indexes of an origin hold, field by field, and nothing else: the mappings are strict.

A record's document holds codes, months, evaluation, handling, visibility, owner, contact unit and reference. A
token's document is flat: the peppered token, its family and epoch, an opaque handle. Neither holds a name, a
selector, a narrative, an exact date or a raw token. A change of a mapping raises `MAPPING_VERSION`; the indexes are
then rebuilt (`SearchIndex.prepare` says for which origins).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from register.search.names import Kind
from register.search.peppers import Handle, PepperedToken
from schemas.codes import Handling, HandlingCondition, LegalBasis, Partition, Purpose, Visibility

MAPPING_VERSION: Final = 1

_SETTINGS: Final[dict[str, Any]] = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "1s"}
_CODE: Final = {"type": "keyword"}
_MONTH: Final = {"type": "date", "format": "yyyy-MM"}
_DAY: Final = {"type": "date", "format": "yyyy-MM-dd"}
_STORED: Final = {"type": "keyword", "index": False, "doc_values": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDocument:
    """One indicator record as this host may see it. Codes are those of `schemas/codes`.

    Attributes:
        reference: the origin's own, for instance CW-2026-0417.
        owner: the organisation or unit that decides on requests.
        contact_unit: whom to ask, a unit and never a person.
        period_from: month, `YYYY-MM`.
        period_to: month, `YYYY-MM`.
        indicator_groups: groups of indicators; `indicators` holds group and strength as `group:strength`.
    """

    reference: str
    owner: str
    contact_unit: str
    signal_type: str
    purpose: Purpose
    legal_basis: LegalBasis
    handling: Handling
    visibility: Visibility
    handling_conditions: tuple[HandlingCondition, ...] = ()
    crime_class: str | None = None
    reporting_class: str | None = None
    source_profile: str | None = None
    acquisition: str | None = None
    evaluation_source: str | None = None
    evaluation_information: str | None = None
    contested: bool = False
    period_from: str | None = None
    period_to: str | None = None
    exploitation_forms: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    smuggling_elements: tuple[str, ...] = ()
    recruitment: tuple[str, ...] = ()
    indicator_groups: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    subject_roles: tuple[str, ...] = ()
    sector: str | None = None
    location_type: str | None = None
    movement: str | None = None
    persons_seen: int | None = None


_TYPES: Final[dict[str, dict[str, Any]]] = {
    "period_from": _MONTH,
    "period_to": _MONTH,
    "contested": {"type": "boolean"},
    "persons_seen": {"type": "integer"},
}
_FIELDS: Final[dict[Kind, dict[str, dict[str, Any]]]] = {
    Kind.RECORD: {
        **{field.name: _TYPES.get(field.name, _CODE) for field in fields(RecordDocument)},
        "origin": _CODE,
        "version": {"type": "long"},
        "live": {"type": "boolean"},
        "gone_on": _DAY,
    },
    Kind.TOKEN: {
        "t": _CODE,
        "family": _STORED,
        "epoch": {"type": "integer", "index": False, "doc_values": False},
        "handle": _STORED,
        "object": _CODE,
        "gone_on": _DAY,
    },
}


def index_body(kind: Kind, *, aliases: tuple[str, ...]) -> dict[str, Any]:
    """The body that creates an index with its aliases in one step."""
    return {
        "settings": dict(_SETTINGS),
        "mappings": {"dynamic": "strict", "properties": dict(_FIELDS[kind])},
        "aliases": {alias: {} for alias in aliases},
    }


def record_body(origin: Partition, version: int, record: RecordDocument) -> dict[str, Any]:
    """A live record; fields without a value are left out."""
    values = {field.name: getattr(record, field.name) for field in fields(RecordDocument)}
    filled = {name: value for name, value in values.items() if value not in (None, ())}
    return {**filled, "origin": origin, "version": version, "live": True}


def record_tombstone(version: int, today: date) -> dict[str, Any]:
    """What stays of a removed record until it is purged: that there was one, until when."""
    return {"version": version, "live": False, "gone_on": today.isoformat()}


def token_body(token: PepperedToken, *, family: str, epoch: int, handle: Handle, object_key: str) -> dict[str, Any]:
    """A live token."""
    return {"t": token, "family": family, "epoch": epoch, "handle": handle, "object": object_key}


def token_tombstone(today: date) -> dict[str, Any]:
    """What stays of a token that its record no longer has: it matches nothing and belongs to nothing."""
    return {"gone_on": today.isoformat()}
