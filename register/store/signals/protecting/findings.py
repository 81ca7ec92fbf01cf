"""Findings of one country: asked once each, answered as often as somebody thinks again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.signals.protecting.finding import NAME_PART, FindingId, Found, Question
from register.domain.signals.signal import SignalId
from register.errors import NotFound
from register.store.models.signals import finding, signal, signal_event
from register.store.running.server.rls import child_name
from schemas.codes import Finding, FindingDecision, Partition, Urgency


class Findings:
    """The findings of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def ask(self, question: Question) -> Found | None:
        """Keep a question; None where it was asked before, of a person also the other way round."""
        if question.asked is Finding.SAME_PERSON and self._asked_the_other_way_round(question):
            return None
        made = FindingId(self._clock.new_id())
        row = {
            "country": self._country, "id": made, "asked": question.asked, "signal_id": question.about,
            "subject_n": question.subject_n, "because_id": question.because, "because_n": question.because_n,
            "family": question.family, "blind": question.blind, "urgency": question.urgency,
            "opened_at": self._clock.now(), "version": 1,
        }  # fmt: skip
        kept = self._connection.execute(insert(finding).values(row).on_conflict_do_nothing().returning(finding.c.id))
        return None if kept.first() is None else self.get(made)

    def get(self, finding_id: FindingId, *, for_change: bool = False) -> Found:
        """Return a finding.

        Raises:
            NotFound: there is none in this country.
        """
        query = self._all().where(finding.c.id == finding_id)
        row = self._connection.execute(query.with_for_update() if for_change else query).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no finding {finding_id} in this register")
        return found_of(row)

    def told_apart(self, ids: Collection[UUID]) -> Mapping[UUID, tuple[int, str, str, bool]]:
        """Of each of these findings what tells it from the others about the same report.

        The number of the person whom it asks about (0: of none), the kind of value, the reference of the protected
        person's report, which may be the same one, and whether the one that it is about was withdrawn.
        """
        if not ids:
            return {}
        own = signal.alias("own")
        other = sa.and_(signal.c.country == finding.c.country, signal.c.id == finding.c.because_id)
        query = (
            sa.select(
                finding.c.id,
                finding.c.subject_n,
                finding.c.family,
                signal.c.reference,
                own.c.withdrawn_at.is_not(None).label("gone"),
            )
            .join_from(finding, signal, other)
            .join(own, sa.and_(own.c.country == finding.c.country, own.c.id == finding.c.signal_id))
            .where(finding.c.country == self._country, finding.c.id.in_(list(ids)))
        )
        rows = self._connection.execute(query)
        return {row.id: (row.subject_n, row.family, row.reference, row.gone) for row in rows}

    def of_signal(self, signal_id: SignalId) -> list[Found]:
        """What was found in a signal."""
        return self._several(finding.c.signal_id == signal_id)

    def because_of(self, signal_id: SignalId) -> list[Found]:
        """What was found elsewhere because of somebody in a signal."""
        return self._several(finding.c.because_id == signal_id)

    def unanswered_alike(
        self, persons: Collection[tuple[SignalId, int]], *, besides: SignalId
    ) -> Mapping[tuple[SignalId, int], int]:
        """In how many other records somebody resembles each of these persons, and nobody has said who it is."""
        if not persons:
            return {}
        query = (
            sa.select(finding.c.because_id, finding.c.because_n, sa.func.count(finding.c.signal_id.distinct()))
            .where(
                finding.c.country == self._country,
                sa.tuple_(finding.c.because_id, finding.c.because_n).in_(sorted(persons)),
                finding.c.family == NAME_PART,
                finding.c.decision.is_(None),
                finding.c.signal_id != besides,
            )
            .group_by(finding.c.because_id, finding.c.because_n)
        )
        return {(SignalId(row[0]), row[1]): int(row[2]) for row in self._connection.execute(query)}

    def unanswered_meant(self, interview: bytes, *, besides: SignalId) -> int:
        """In how many other records somebody may be whom an interview names, and nobody has said who it is."""
        query = sa.select(sa.func.count(finding.c.signal_id.distinct())).where(
            finding.c.country == self._country,
            finding.c.asked == Finding.PERHAPS_MEANT,
            finding.c.blind == interview,
            finding.c.decision.is_(None),
            finding.c.signal_id != besides,
        )
        return self._connection.execute(query).scalar_one()

    def page(self, *, decided: bool | None, before: UUID | None, limit: int) -> list[Found]:
        """The newest findings; only those that are decided, or that are not, or any."""
        query = self._all()
        if decided is not None:
            query = query.where(finding.c.decision.is_not(None) if decided else finding.c.decision.is_(None))
        if before is not None:
            query = query.where(finding.c.id < before)
        rows = self._connection.execute(query.order_by(finding.c.id.desc()).limit(limit)).mappings()
        return [found_of(row) for row in rows]

    def decide(
        self, finding_id: FindingId, decision: FindingDecision, reason: str | None, by: str, *, first: str | None
    ) -> Found:
        """Keep an answer, in place of the one before; `first` is who had said it before, where two did."""
        self._connection.execute(
            sa.update(finding)
            .where(finding.c.country == self._country, finding.c.id == finding_id)
            .values(
                decision=decision,
                reason=reason,
                decided_at=self._clock.now(),
                decided_by=by,
                proposed=None,
                proposed_by=first,
                version=finding.c.version + 1,
            )
        )
        return self.get(finding_id)

    def propose(self, finding_id: FindingId, decision: FindingDecision, by: str) -> Found:
        """Keep what one person said until a second says the same; what was decided before holds meanwhile."""
        self._connection.execute(
            sa.update(finding)
            .where(finding.c.country == self._country, finding.c.id == finding_id)
            .values(proposed=decision, proposed_by=by, version=finding.c.version + 1)
        )
        return self.get(finding_id)

    def forget_proposal(self, finding_id: FindingId) -> None:
        """Let what one person said count no more; the answer before stands."""
        self._connection.execute(
            sa.update(finding)
            .where(finding.c.country == self._country, finding.c.id == finding_id)
            .values(proposed=None, proposed_by=None, version=finding.c.version + 1)
        )

    def reopen(self, finding_id: FindingId) -> None:
        """Let an answer, or what one person said, count no more: it was said of somebody else."""
        nothing = dict.fromkeys(("decision", "reason", "decided_at", "decided_by", "proposed", "proposed_by"))
        self._connection.execute(
            sa.update(finding)
            .where(finding.c.country == self._country, finding.c.id == finding_id)
            .values(nothing | {"version": finding.c.version + 1})
        )

    def hurry(self, finding_id: FindingId, urgency: Urgency) -> Found:
        """A victim was marked in danger, or is not any more."""
        self._connection.execute(
            sa.update(finding)
            .where(finding.c.country == self._country, finding.c.id == finding_id)
            .values(urgency=urgency)
        )
        return self.get(finding_id)

    def count_taken_back(self, actor: str, since: datetime) -> int:
        """How many reports somebody withdrew since then about which a question was asked and nobody had answered."""
        withdrawn = signal_event.c
        query = (
            sa.select(sa.func.count(withdrawn.signal_id.distinct()))
            .join_from(
                finding,
                signal_event,
                sa.and_(withdrawn.country == finding.c.country, withdrawn.signal_id == finding.c.signal_id),
            )
            .where(
                finding.c.country == self._country,
                withdrawn.what == "withdrawn",
                withdrawn.actor == actor,
                withdrawn.at > since,
                sa.or_(finding.c.decided_at.is_(None), finding.c.decided_at > withdrawn.at),
            )
        )
        return self._connection.execute(query).scalar_one()

    def reports_named(self, findings: Collection[Found]) -> tuple[Mapping[SignalId, str], frozenset[SignalId]]:
        """The references of the signals that findings are about and rest on; and which of these are withdrawn."""
        ids = {one for found in findings for one in (found.question.about, found.question.because)}
        query = sa.select(signal.c.id, signal.c.reference, signal.c.withdrawn_at).where(
            signal.c.country == self._country, signal.c.id.in_(list(ids))
        )
        rows = self._connection.execute(query).all()
        withdrawn = frozenset(SignalId(row.id) for row in rows if row.withdrawn_at is not None)
        return {SignalId(row.id): row.reference for row in rows}, withdrawn

    def _asked_the_other_way_round(self, question: Question) -> bool:
        other = sa.select(finding.c.id).where(
            finding.c.country == self._country,
            finding.c.asked == question.asked,
            finding.c.signal_id == question.because,
            finding.c.subject_n == question.because_n,
            finding.c.because_id == question.about,
            finding.c.because_n == question.subject_n,
        )
        return self._connection.execute(other).first() is not None

    def _several(self, which: sa.ColumnElement[bool]) -> list[Found]:
        return [
            found_of(row)
            for row in self._connection.execute(self._all().where(which).order_by(finding.c.id)).mappings()
        ]

    def _all(self) -> sa.Select[Any]:
        return findings_query(self._country)


def findings_query(country: Partition) -> sa.Select[Any]:
    """All findings of a country; its rows are for `found_of`."""
    return sa.select(finding).where(finding.c.country == country)


def delete_findings(connection: sa.Connection, country: Partition, signal_id: SignalId) -> None:
    """Forget what was found in a signal, and elsewhere because of it."""
    child = child_name(finding, country)
    connection.execute(
        sa.text(f"DELETE FROM {child} WHERE country = :country AND :signal IN (signal_id, because_id)"),
        {"country": country, "signal": signal_id},
    )


def found_of(row: Mapping[Any, Any]) -> Found:
    """One finding."""
    return Found(
        id=FindingId(row["id"]),
        question=Question(
            asked=Finding(row["asked"]),
            about=SignalId(row["signal_id"]),
            subject_n=row["subject_n"],
            because=SignalId(row["because_id"]),
            because_n=row["because_n"],
            family=row["family"],
            blind=row["blind"],
            urgency=Urgency(row["urgency"]),
        ),
        version=row["version"],
        opened_at=row["opened_at"],
        decision=None if row["decision"] is None else FindingDecision(row["decision"]),
        reason=row["reason"],
        decided_at=row["decided_at"],
        proposed=None if row["proposed"] is None else FindingDecision(row["proposed"]),
        proposed_by=row["proposed_by"],
    )
