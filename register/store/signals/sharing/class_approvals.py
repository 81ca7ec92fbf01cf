"""Approvals of a class of records that keepers of the exit gate signed, and what left on each; reasons are sealed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.signals.signal import SignalId
from register.errors import NotFound
from register.store.models.signals import class_approval, class_approval_use, signal
from register.store.running.sealing import DataKeys, KeyEnd, OpenKey, Place
from register.store.running.server.rls import child_name
from schemas.codes import LegalBasis, Partition, Purpose, Visibility
from schemas.exchange.wire import GateApproval, RecordClass

KEPT: Final = timedelta(days=5 * 366)
"""After its last day: as long as what left on it may have to be accounted for (Wpg 14, assumed)."""

Ended: TypeAlias = Literal["withdrawn", "expired"]
"""How an approval of a class ended."""


@dataclass(frozen=True, slots=True)
class ClassApproval:
    """One approval of a class.

    Attributes:
        kind: of the keeper's organisation, as the roster listed it when the approval was handed in.
        actor: who gave it.
        document: the signed approval, as it goes along.
        out: how many signals have left on it and not come back.
        reason, end_reason: why it was given and withdrawn; None where they were not opened.
    """

    id: UUID
    keeper: str
    task: str
    kind: str
    actor: str
    of: RecordClass
    purpose: Purpose
    recipients: frozenset[Partition]
    given: date
    expires: date
    document: str
    handed_in_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended: Ended | None = None
    out: int = 0
    reason: str | None = None
    end_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Under:
    """A signal that left on an approval of its class, and until when; still, where `until` is None."""

    id: SignalId
    reference: str
    since: datetime
    until: datetime | None


class ClassApprovals:
    """The approvals of classes of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def add(
        self, approval: GateApproval, of: RecordClass, *, kind: str, actor: str, document: str, reason: str
    ) -> bool:
        """Keep an approval of a class; False where its id is known already, and nothing is done."""
        made = UUID(approval.approval)
        key = self._keys.make(approval.expires + KEPT)
        row = {
            "country": self._country, "id": made, "keeper": approval.keeper, "task": approval.task, "kind": kind,
            "actor": actor, "legal_basis": of.legal_basis, "visibility": of.visibility, "edition": of.edition,
            "purpose": approval.purpose, "recipients": sorted(approval.recipients), "given": approval.given,
            "expires": approval.expires, "document": document, "handed_in_at": self._clock.now(),
            "reason": key.seal_json(self._place(made), "reason", reason), "data_key": key.id,
        }  # fmt: skip
        kept = insert(class_approval).values(row).on_conflict_do_nothing(index_elements=["country", "id"])
        if self._connection.execute(kept.returning(class_approval.c.id)).first() is None:
            self._keys.end([key.id], KeyEnd.DROPPED)
            return False
        return True

    def get(self, approval_id: UUID) -> ClassApproval:
        """Return an approval, opened.

        Raises:
            NotFound: there is none in this country.
        """
        found = self._opened(self._all().where(class_approval.c.id == approval_id))
        if not found:
            raise NotFound(f"there is no approval of a class {approval_id} in this register")
        return found[0]

    def page(self, *, before: UUID | None, limit: int) -> list[ClassApproval]:
        """The newest, opened."""
        query = self._all()
        if before is not None:
            query = query.where(class_approval.c.id < before)
        return self._opened(query.order_by(class_approval.c.id.desc()).limit(limit))

    def covering(self, of: RecordClass, purpose: Purpose, today: date) -> list[ClassApproval]:
        """Those in force for a class and a purpose, unopened, the last to expire first.

        They are held until this transaction ends: whoever ends one waits, and then finds what left on it meanwhile.
        """
        own = class_approval.c
        query = (
            sa.select(class_approval)
            .where(own.country == self._country, own.ended_at.is_(None), own.given <= today, own.expires >= today)
            .where(own.legal_basis == of.legal_basis, own.visibility == of.visibility, own.edition == of.edition)
            .where(own.purpose == purpose)
            .order_by(own.expires.desc(), own.id)
            .with_for_update(read=True)
        )
        return [_read_approval(row) for row in self._connection.execute(query).mappings()]

    def end(self, approval_id: UUID, by: str, reason: str) -> bool:
        """Keep that it was withdrawn; False where it had ended before."""
        own = class_approval.c
        where = (own.country == self._country, own.id == approval_id, own.ended_at.is_(None))
        row = self._connection.execute(sa.select(own.data_key).where(*where).with_for_update()).one_or_none()
        if row is None:
            return False
        sealed = self._keys.get(row.data_key).seal_json(self._place(approval_id), "end_reason", reason)
        said = {"ended_at": self._clock.now(), "ended_by": by, "ended": "withdrawn", "end_reason": sealed}
        self._connection.execute(sa.update(class_approval).where(*where).values(said))
        return True

    def end_run_out(self, today: date, by: str) -> list[UUID]:
        """End those whose last day is over; return which."""
        own = class_approval.c
        over = (own.country == self._country, own.ended_at.is_(None), own.expires < today)
        said = {"ended_at": self._clock.now(), "ended_by": by, "ended": "expired"}
        ended = self._connection.execute(sa.update(class_approval).where(*over).values(said).returning(own.id))
        return sorted(ended.scalars())

    def left_on_ended(self, limit: int) -> list[SignalId]:
        """Signals that left on an approval that has ended, and are not taken back yet."""
        use, own = class_approval_use.c, class_approval.c
        query = (
            sa.select(use.signal_id)
            .join(class_approval, sa.and_(own.country == use.country, own.id == use.approval))
            .where(use.country == self._country, use.ended_at.is_(None), own.ended_at.is_not(None))
            .group_by(use.signal_id)
            .order_by(use.signal_id)
            .limit(limit)
        )
        return [SignalId(one) for one in self._connection.scalars(query)]

    def used_by(self, signal_id: SignalId) -> frozenset[UUID]:
        """The approvals on which a signal is out now."""
        use = class_approval_use.c
        query = sa.select(use.approval).where(
            use.country == self._country, use.signal_id == signal_id, use.ended_at.is_(None)
        )
        return frozenset(self._connection.scalars(query))

    def set_used(self, signal_id: SignalId, approvals: Collection[UUID]) -> None:
        """Keep on which approvals a signal is out from now on; on none other any more."""
        now, before = self._clock.now(), self.used_by(signal_id)
        use = class_approval_use.c
        if over := before - set(approvals):
            which = (use.country == self._country, use.signal_id == signal_id, use.approval.in_(sorted(over)))
            self._connection.execute(sa.update(class_approval_use).where(*which).values(ended_at=now))
        if new := sorted(set(approvals) - before):
            rows = [
                {"country": self._country, "approval": one, "signal_id": signal_id, "began_at": now, "ended_at": None}
                for one in new
            ]
            again = {"ended_at": None}  # it came back into the class; since when it first left stays
            statement = insert(class_approval_use).values(rows)
            self._connection.execute(
                statement.on_conflict_do_update(index_elements=["country", "approval", "signal_id"], set_=again)
            )

    def under(self, approval_id: UUID, *, after: UUID | None, limit: int) -> list[Under]:
        """What left on an approval, by id of the signal."""
        use, own = class_approval_use.c, signal.c
        query = (
            sa.select(use.signal_id, own.reference, use.began_at, use.ended_at)
            .join(signal, sa.and_(own.country == use.country, own.id == use.signal_id))
            .where(use.country == self._country, use.approval == approval_id)
        )
        if after is not None:
            query = query.where(use.signal_id > after)
        rows = self._connection.execute(query.order_by(use.signal_id).limit(limit))
        return [Under(SignalId(r.signal_id), r.reference, r.began_at, r.ended_at) for r in rows]

    def forget_old(self, today: date) -> int:
        """Forget what ended long ago, with what left on it and its data keys; return how many."""
        old = {"country": self._country, "before": today - KEPT}
        approvals, uses = child_name(class_approval, self._country), child_name(class_approval_use, self._country)
        which = f"SELECT id FROM {approvals} WHERE country = :country AND expires < :before"
        self._connection.execute(sa.text(f"DELETE FROM {uses} WHERE country = :country AND approval IN ({which})"), old)
        gone = self._connection.execute(
            sa.text(f"DELETE FROM {approvals} WHERE country = :country AND expires < :before RETURNING data_key"), old
        )
        keys = list(gone.scalars())
        self._keys.end(keys, KeyEnd.EXPIRED)
        return len(keys)

    def _all(self) -> sa.Select[Any]:
        use = class_approval_use.c
        out = (
            sa.select(sa.func.count())
            .where(use.country == class_approval.c.country, use.approval == class_approval.c.id, use.ended_at.is_(None))
            .scalar_subquery()
        )
        return self._keys.beside(sa.select(class_approval, out.label("out")), class_approval).where(
            class_approval.c.country == self._country
        )

    def _opened(self, query: sa.Select[Any]) -> list[ClassApproval]:
        rows = self._connection.execute(query).mappings()
        return [_read_approval(row, self._words(row, self._keys.of_listed(row))) for row in rows]

    def _words(self, row: Mapping[Any, Any], key: OpenKey | None) -> dict[str, str]:
        place = self._place(row["id"])
        sealed = {field: row[field] for field in ("reason", "end_reason")}
        return {
            field: key.open_json(place, field, found)
            for field, found in sealed.items()
            if key is not None and found is not None
        }

    def _place(self, approval_id: UUID) -> Place:
        return Place(self._country, "class_approval", str(approval_id))


def _read_approval(row: Mapping[Any, Any], words: Mapping[str, str] | None = None) -> ClassApproval:
    return ClassApproval(
        id=row["id"],
        keeper=row["keeper"],
        task=row["task"],
        kind=row["kind"],
        actor=row["actor"],
        of=RecordClass(
            country=Partition(row["country"]),
            legal_basis=LegalBasis(row["legal_basis"]),
            visibility=Visibility(row["visibility"]),
            edition=row["edition"],
        ),
        purpose=Purpose(row["purpose"]),
        recipients=_read_countries(row["recipients"]),
        given=row["given"],
        expires=row["expires"],
        document=row["document"],
        handed_in_at=row["handed_in_at"],
        ended_at=row["ended_at"],
        ended_by=row["ended_by"],
        ended=row["ended"],
        out=row.get("out", 0),
        **(words or {}),
    )


def _read_countries(codes: Iterable[str]) -> frozenset[Partition]:
    return frozenset(Partition(code) for code in codes)
