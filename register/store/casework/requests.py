"""Requests in the store: the case, the words and the reason sealed in one field, each change under a fresh data key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from register.domain.casework.request import Request, RequestId
from register.errors import NotFound
from register.store.models.casework import request
from register.store.models.exchange import received_record
from register.store.running.references import reference_wanted
from register.store.running.sealing import SEALED_SCHEMA, DataKeys, KeyEnd, OpenKey, Place, read_settled
from schemas.codes import LegalBasis, Partition, Purpose, RequestState

_SEALED = ("case", "asks", "withdrawn_for")
_CHANGES = ("state", "version", "route", "answer_by", "retain_until", "changed_at", "withdrawn_at")
_FIXED = ("reference", "organisation", "actor", "owner", "unit", "record", "record_reference", "purpose",
          "legal_basis", "made_at")  # fmt: skip
_SUMMARY = ("id", "reference", "state", "owner", "unit", "record_reference", "route", "answer_by", "made_at")


class Requests:
    """The requests that one country makes, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys) -> None:
        self._connection, self._country, self._keys = connection, country, keys

    def add(self, made: Request) -> None:
        """Store a new request; raises `ReferenceTaken`."""
        key = self._keys.make(made.retain_until)
        plain = {name: getattr(made, name) for name in (*_FIXED, *_CHANGES)}
        row = {"country": self._country, "id": made.id, **plain, **self._content(made, key)}
        with reference_wanted():
            self._connection.execute(sa.insert(request), [row])

    def replace(self, changed: Request) -> None:
        """Store what changed of a request that is held to be changed; the key of what it said before is destroyed."""
        query = sa.select(request.c.data_key).where(*self._is(changed.id))
        old = self._connection.execute(query).scalar_one()
        key = self._keys.make(changed.retain_until)
        values = {name: getattr(changed, name) for name in _CHANGES} | self._content(changed, key)
        self._connection.execute(sa.update(request).where(*self._is(changed.id)).values(values))
        self._keys.end([old], KeyEnd.REPLACED)

    def get(self, which: RequestId | str, organisation: str | None, *, to_change: bool = False) -> tuple[Request, bool]:
        """Return a request of an organisation, opened, and whether its extract can still be found here.

        Args:
            which: id or reference.
            organisation: whose it must be.
            to_change: hold it until commit.

        Raises:
            NotFound: there is none, or it is another organisation's.
            Erased: its content has been destroyed.
        """
        return read_settled(lambda: self._get(which, organisation, to_change=to_change))

    def _get(self, which: RequestId | str, organisation: str | None, *, to_change: bool) -> tuple[Request, bool]:
        column = request.c.reference if isinstance(which, str) else request.c.id
        live = sa.exists().where(
            received_record.c.country == request.c.country,
            received_record.c.partner == request.c.owner,
            received_record.c.object == request.c.record,
            received_record.c.live,
            received_record.c.hidden_at.is_(None),
        )
        query = sa.select(request, live.label("record_live")).where(
            request.c.country == self._country, column == which, request.c.organisation == organisation
        )
        row = self._connection.execute(query.with_for_update(of=request) if to_change else query).one_or_none()
        if row is None:
            raise NotFound(f"there is no request {which} of your organisation")
        content = self._keys.get(row.data_key).open_json(self._place(row.id), "content", row.content)
        return self._loaded(dict(row._mapping), content), row.record_live  # noqa: SLF001 - SQLAlchemy's public name for it

    def newest(self, organisation: str | None, *, before: UUID | None, limit: int) -> list[Mapping[str, Any]]:
        """Plain columns of an organisation's requests, newest first; `before` is the id after which a page begins."""
        query = sa.select(*(request.c[name] for name in _SUMMARY)).where(
            request.c.country == self._country, request.c.organisation == organisation
        )
        if before is not None:
            query = query.where(request.c.id < before)
        return [dict(r) for r in self._connection.execute(query.order_by(request.c.id.desc()).limit(limit)).mappings()]

    def reference_is_taken(self, reference: str) -> bool:
        """Whether a drawn reference is in use."""
        query = sa.select(sa.literal(1)).where(request.c.country == self._country, request.c.reference == reference)
        return self._connection.execute(query).first() is not None

    def _content(self, made: Request, key: OpenKey) -> dict[str, Any]:
        said = {name: getattr(made, name) for name in _SEALED}
        sealed = key.seal_json(self._place(made.id), "content", said)
        return {"content": sealed, "data_key": key.id, "sealed_schema": SEALED_SCHEMA}

    def _loaded(self, row: Mapping[str, Any], content: Mapping[str, Any]) -> Request:
        plain = {name: row[name] for name in (*_FIXED, *_CHANGES)} | {name: content[name] for name in _SEALED}
        coded: dict[str, Any] = {
            "state": RequestState(row["state"]),
            "owner": Partition(row["owner"]),
            "purpose": Purpose(row["purpose"]),
            "legal_basis": LegalBasis(row["legal_basis"]),
        }
        return Request(id=RequestId(row["id"]), partition=self._country, **plain | coded)

    def _is(self, request_id: RequestId) -> tuple[sa.ColumnElement[bool], ...]:
        return (request.c.country == self._country, request.c.id == request_id)

    def _place(self, request_id: UUID) -> Place:
        return Place(self._country, "request", str(request_id))
