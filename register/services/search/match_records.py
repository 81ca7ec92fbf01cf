"""Find what a record shares with the other side: an own signal with received extracts, and the other way round.

A shared key makes a row in the hits of the country that owns the signal; a withdrawal on either side takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from register.core import Register
from register.domain.access.caller import system
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.matching.answers import Question, scored
from register.matching.score import count_carriers
from register.services.running.try_each import try_each
from register.store.search.hits import Found
from register.store.search.search_keys import KeyRow, Shared
from register.store.work import Work
from schemas.codes import Partition


def match_records(register: Register, limit: int) -> int:
    """Match up to `limit` objects that wait; return how many were looked at."""
    with register.work(system(register.partition, "worker")) as work:
        leases = work.running.outbox.lease(Consumer.MATCH, limit, seconds=register.settings.worker.lease_s)
        matched = try_each(register, work, leases, lambda lease: _match_record(work, lease.object))
        if new := sum(found for _, found in matched):
            work.running.audit.note(AuditAction.HITS_FOUND, "-", count=new)
        work.running.outbox.settle_many([lease for lease, _ in matched])
    return len(leases)


def _match_record(work: Work, about: UUID) -> int:
    new = _match_one(work, about)
    # A key that has become too common links nothing any more: hits that stand on it are judged again. They are found
    # by the hits themselves, not by waiting objects: objects that made each other wait would never come to rest.
    for extract in work.search.keys.own_of_overgrown_hits(about):
        new += _match_one(work, extract)
    return new


def _match_one(work: Work, about: UUID) -> int:
    own = work.signals.reports.id_of_extract(about)
    new = 0 if own is None else _match_of(work, work.partition, about, own)
    return new + sum(_match_of(work, origin, about, None) for origin, _, _ in work.exchange.held.origins_of(about))


def _match_of(work: Work, origin: Partition, about: UUID, own: SignalId | None) -> int:
    """Match an own extract, whose signal is `own`, or one of another origin."""
    linked = work.search.keys.linked(origin, about)
    others: dict[tuple[Partition, UUID], list[tuple[Shared, int]]] = {}
    for shared, subject in linked:
        others.setdefault((shared.origin, shared.record), []).append((shared, subject))
    found = []
    for (other_origin, other), pairs in others.items():
        result = _find_best_pair(work, origin, about, other_origin, other, pairs)
        if result is None:
            continue
        if own is not None:
            found.append(result.of(own, result.mine, other_origin, other))
        else:
            signal_id = work.signals.reports.id_of_extract(other)
            if signal_id is not None:
                found.append(result.of(signal_id, result.theirs, origin, about))
    kept = [f.record for f in found] if own is not None else [f.signal_id for f in found]
    work.search.hits.keep_only(signal_id=own, origin=origin, record=about, pairs=kept)
    return work.search.hits.keep(found)


def _find_best_pair(
    work: Work,
    origin: Partition,
    about: UUID,
    other_origin: Partition,
    other: UUID,
    pairs: Iterable[tuple[Shared, int]],
) -> _Best | None:
    """The strongest pair of subjects of two records; None where nothing is strong enough to show."""
    mine = work.search.keys.of_records(origin, [about])[about]
    theirs = work.search.keys.of_records(other_origin, [other])[other]
    carriers = work.search.keys.carriers(sorted({r.key for r in mine}))
    df = {key: count_carriers(by_origin, {origin, other_origin}) for key, by_origin in carriers.items()}
    best: _Best | None = None
    for shared, subject in pairs:
        result = scored(Question(_group_by_family(mine, subject), df), _group_by_family(theirs, shared.subject))
        if not result.is_hit:
            continue
        families = tuple(sorted({e.family for e in result.evidence if e.bits > 0}))
        candidate = _Best(result.strength.rank, result.bits, str(result.strength), families, subject, shared.subject)
        best = candidate if best is None else max(best, candidate)
    return best


class _Best(NamedTuple):
    """The strongest pair of subjects of two records; in the order by which it is the strongest."""

    rank: int
    bits: float
    strength: str
    families: tuple[str, ...]
    mine: int
    theirs: int

    def of(self, signal_id: UUID, subject: int, origin: Partition, record: UUID) -> Found:
        """The hit on an own signal that it makes."""
        return Found(signal_id, subject, origin, record, self.families, self.bits, self.strength)


def _group_by_family(rows: Iterable[KeyRow], subject: int) -> dict[str, set[str]]:
    families: dict[str, set[str]] = {}
    for row in rows:
        if row.subject == subject:
            families.setdefault(row.family, set()).add(row.key)
    return families
