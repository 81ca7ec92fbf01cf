"""Bring the search index to the present state of objects, own and received, and confirm what is gone from it.

A retraction counts as done only when the engine itself, asked after a refresh, finds nothing of the object any more.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import system
from register.domain.exchange.held import HeldExtract
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import Signal, SignalId
from register.failpoints import Failpoint
from register.search.feeding.changes import VERSION_REUSED, Change, Put, Remove, TokenEntry, Verdict
from register.search.mapping import RecordDocument
from register.services.running.try_each import try_each
from register.store.work import Work
from schemas.canonical import unb64
from schemas.codes import Partition, Visibility, code_list

REVISIONS: Final = 2**20
"""How often an own record may be brought to the engine anew at one version of its signal.

Which of its pseudonyms are withheld changes by facts of other reports, and the signal's version stays: whoever entered
it would else learn that somebody stands in another report. Two sets of keys under one version cannot be told apart.
"""


def index_records(register: Register, limit: int) -> int:
    """Index up to `limit` objects that wait; return how many were looked at.

    Raises:
        EngineUnavailable, EngineRefused: nothing was settled; the leases run out and the objects are tried again.
    """
    caller = system(register.partition, "worker")
    with register.work(caller) as work:
        leases = work.running.outbox.lease(Consumer.INDEX, limit, seconds=register.settings.worker.lease_s)
        changes = try_each(register, work, leases, lambda lease: find_wanted_changes(work, lease.object))
    if not leases:
        return 0
    dead: dict[tuple[Partition, UUID], str] = {}
    brought: dict[tuple[Partition, UUID], int] = {}
    still_there: set[tuple[Partition, UUID]] = set()
    if register.index is not None:
        every = [change for _, several in changes for change in several]
        outcomes = {_key_of_change(o.change): o for o in register.index.apply(every)}
        reused = [key for key, o in outcomes.items() if o.reason == VERSION_REUSED and key[0] is register.partition]
        if reused:
            outcomes |= {_key_of_change(o.change): o for o in register.index.apply(_version_anew(register, reused))}
        register.failpoints.hit(Failpoint.INDEX_APPLIED)
        dead = {key: o.reason or "refused" for key, o in outcomes.items() if o.verdict is Verdict.DEAD}
        brought = {key: o.change.version for key, o in outcomes.items()}
        removed = [change for change in every if isinstance(change, Remove)]
        still_there = {_key_of_change(c) for c in removed if not register.index.confirm_gone(c.origin, c.object_id)}
    with register.work(caller) as work:
        settled = []
        for lease, several in changes:
            for change in several:
                if _key_of_change(change) in still_there:
                    continue
                if isinstance(change, Remove):
                    work.exchange.received.confirm_removed(change.origin, change.object_id)
                version = brought.get(_key_of_change(change), change.version)
                work.search.indexed.note(change.origin, change.object_id, version, dead.get(_key_of_change(change)))
            if any(_key_of_change(change) in still_there for change in several):
                longest_s = register.settings.worker.retry_max_s
                work.running.outbox.postpone(lease, "still-in-the-index", longest_s=longest_s)
            else:
                settled.append(lease)
        work.running.outbox.settle_many(settled)
    return len(leases)


def _version_anew(register: Register, objects: Collection[tuple[Partition, UUID]]) -> list[Change]:
    """The same own objects as they are now, each under a version that the engine was never given."""
    with register.work(system(register.partition, "worker")) as work:
        found = [change for _, about in objects for change in find_wanted_changes(work, about, anew=True)]
    return [change for change in found if change.origin is register.partition]


def _key_of_change(change: Change) -> tuple[Partition, UUID]:
    return change.origin, change.object_id


def find_wanted_changes(work: Work, about: UUID, *, anew: bool = False) -> list[Change]:
    """What the index shall hold now under an id: of an own extract, and of each partner's that bears it.

    `anew`: an own one gets a version that the engine was never given.
    """
    own = work.signals.reports.id_of_extract(about)
    found = [] if own is None else [_own_change(work, about, own, anew=anew)]
    found += [_received_change(work, about, *held) for held in work.exchange.held.origins_of(about)]
    return [change for change in found if change is not None]


def _own_change(work: Work, about: UUID, own: SignalId, *, anew: bool) -> Change | None:
    least = work.signals.reports.get_sealed(own).version * REVISIONS
    if anew:
        version = work.search.indexed.reserve(work.partition, about, least)
    else:
        version = max(work.search.indexed.version(work.partition, about), least)
    # Read after the version was reserved; and before anything is opened, since what does not open any more must be
    # taken out of the index all the same.
    sealed = work.signals.reports.get_sealed(own)
    if sealed.withdrawn_at is not None or sealed.visibility is Visibility.V3:
        return Remove(work.partition, about, version)
    signal = work.signals.reports.get(own)
    if signal.pseudonyms == "pending":
        # Its tokens are still those of the version before. Two sets under one version could not be told apart,
        # and the older would stay findable; whoever stores the new ones puts it before us again.
        return None
    return Put(work.partition, about, version, _own_document(signal), _own_tokens(work, signal))


def _received_change(work: Work, about: UUID, origin: Partition, version: int, live: bool) -> Change | None:  # noqa: FBT001 - as the row has it
    # Also while it is hidden, for it may be shown again at this version, which the engine would not take after a
    # removal. Nothing finds it meanwhile: it has no search keys, and every hit is read again from PostgreSQL.
    extract = work.exchange.held.open(origin, [about], also_hidden=True).get(about) if live else None
    if extract is None or extract.put.label.visibility is Visibility.V3:
        return Remove(origin, about, version)
    return Put(origin, about, version, _build_document(extract), _list_tokens(extract))


def _own_tokens(work: Work, signal: Signal) -> tuple[TokenEntry, ...]:
    # Keys that are never published stay out of the engine, too: the own register finds them by its blind index.
    return tuple(
        TokenEntry(t.subject_n, t.family, t.epoch, t.token)
        for t in work.signals.own_tokens.of(signal.id)
        if t.withheld_by is None
    )


def _own_document(signal: Signal) -> RecordDocument:
    form, ground = signal.form, signal.ground
    seen = form.persons_seen
    return RecordDocument(
        reference=signal.reference,
        owner=str(signal.partition),
        contact_unit=signal.organisation,
        signal_type=signal.type_assessed,
        purpose=ground.purpose,
        legal_basis=ground.legal_basis,
        handling=ground.handling,
        visibility=ground.visibility,
        handling_conditions=tuple(sorted(ground.handling_conditions)),
        crime_class=ground.crime_class,
        reporting_class=code_list("signal_type").reporting(signal.type_assessed),
        evaluation_source=ground.evaluation[1],
        evaluation_information=ground.evaluation[2],
        contested=ground.contested,
        period_from=f"{form.period.from_:%Y-%m}",
        period_to=f"{form.period.to or form.period.from_:%Y-%m}",
        exploitation_forms=form.exploitation_forms,
        acts=form.acts,
        means=form.means,
        smuggling_elements=form.smuggling_elements,
        recruitment=form.recruitment,
        indicator_groups=tuple(sorted({i.group for i in form.indicators})),
        indicators=tuple(sorted({f"{i.group}:{i.strength}" for i in form.indicators})),
        subject_roles=tuple(sorted({s.role for s in form.subjects if not s.role.startswith("VICTIM")})),
        sector=form.sector,
        location_type=form.place.location_type,
        movement=form.movement,
        persons_seen=seen.adults + seen.children if seen else None,
    )


def _list_tokens(extract: HeldExtract) -> tuple[TokenEntry, ...]:
    return tuple(TokenEntry(t.n, t.family, t.epoch, unb64(t.token)) for t in extract.put.record.tokens)


def _build_document(extract: HeldExtract) -> RecordDocument:
    record, label = extract.put.record, extract.put.label
    seen = record.persons_seen
    return RecordDocument(
        reference=record.reference,
        owner=str(extract.origin),
        contact_unit=record.contact.unit,
        signal_type=record.signal_type,
        purpose=label.purpose,
        legal_basis=label.legal_basis,
        handling=label.handling.code,
        visibility=label.visibility,
        handling_conditions=label.handling.conditions,
        crime_class=label.crime_class,
        reporting_class=record.reporting_class,
        source_profile=label.source_profile,
        acquisition=label.acquisition,
        evaluation_source=label.evaluation.source,
        evaluation_information=label.evaluation.information,
        contested=label.contested,
        period_from=record.period.first,
        period_to=record.period.last,
        exploitation_forms=record.exploitation_forms,
        acts=record.acts,
        means=record.means,
        smuggling_elements=record.smuggling_elements,
        recruitment=record.recruitment,
        indicator_groups=tuple(i.group for i in record.indicators),
        indicators=tuple(f"{i.group}:{i.strength}" for i in record.indicators),
        subject_roles=tuple(sorted({s.role for s in record.subjects})),
        sector=record.sector,
        location_type=record.location_type,
        movement=record.movement,
        persons_seen=seen.adults + seen.children if seen else None,
    )
