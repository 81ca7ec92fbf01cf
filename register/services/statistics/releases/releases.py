"""The life of a release in this register: drafted, attacked, approved by two, frozen, superseded (statistics.md 4).

A draft is a pure function of the words at hand, so every node that holds the same makes the same bytes; each step
names their hash. No true figure is read here but the node's own, for the insider's attack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.paging import BadCursor
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.statistics.rows import ReleaseRow
from register.services.statistics.asked import RuleSaysNo, period_of, table_of, tell_refusals
from register.services.statistics.leaves import noted, ring_if_forged
from register.services.statistics.releases.attacking import attacked
from register.services.statistics.releases.sources import candidate_of, read_sources
from register.services.statistics.releases.stored import (
    Held,
    StoredReleaseChanged,
    cell_row,
    definition_of,
    life_of,
    read_held,
    remake_candidate,
    row_of,
    sources_of,
)
from register.services.statistics.statements.contribute import TURN
from register.services.statistics.statements.words import signed_row
from register.statistics.attacks.candidate import count_breaches
from register.statistics.catalogue import default_catalogue
from register.statistics.definition import Definition, Tier
from register.statistics.release.life import BreachFound, OlderRelease, OtherBytes, ReleaseState
from register.statistics.release.release import Release
from register.statistics.release.statements import ReleaseWord
from register.statistics.rules import rules
from register.store.work import Work
from schemas.codes import Partition
from schemas.statistics.entry import StatementKind

RELEASE_TYP: Final = "rtr-release+jws"


def draft_release(register: Register, caller: Caller, tier: Tier, table_id: str, period: str) -> Held:
    """Make the release of the newest contributions at hand; the same words make the same one.

    Raises:
        TaskMissing, NoSuchTable, BadPeriod, NothingContributed, ContributionRefused: see there.
        RuleSaysNo: the table is not registered for that tier (R1).
    """
    register.permit(caller, UseCase.DRAFT_RELEASE)
    catalogue = default_catalogue()
    definition, of = table_of(catalogue, table_id), period_of(period)
    _check_tier(definition, tier)
    with noted(register, caller, AuditAction.RELEASE_DRAFTED, f"{definition.name} {of}") as work:
        known = read_sources(work, catalogue, definition)
        candidate = candidate_of(known, definition, tier, of, known.newest(definition, of), known.ledger())
        made = candidate.release
        row = row_of(made, candidate, known.facts_in(definition, of), by=caller.actor, at=register.clock.now())
        if work.statistics.releases.add(row, [cell_row(cell) for cell in made.cells]):
            work.running.audit.note(
                AuditAction.RELEASE_DRAFTED, made.digest, tier=tier.value, table=definition.name, period=str(of)
            )
        else:
            work.running.audit.note(AuditAction.RELEASE_READ, made.digest)
        return read_held(work, made.digest)


def attack_release(register: Register, caller: Caller, digest: str) -> Held:
    """Run the attacks on a draft; what they come to is kept with it.

    Raises:
        TaskMissing, NoSuchRelease, WrongState: see there.
        BreachFound: a figure was worked out, or R6 or R7 refuses; the draft stays a draft.
    """
    register.permit(caller, UseCase.ATTACK_RELEASE)
    with noted(register, caller, AuditAction.RELEASE_ATTACKED, digest) as work:
        one = read_held(work, digest, lock=True)
        life = life_of(one.row)
        life.attacked(digest, breaches=0)  # whether this step may begin
        known = sources_of(work, default_catalogue(), one)
        findings, refusals = attacked(register, work, known, one)
        against = count_breaches(findings) + len(refusals)
        kept = {"attacks": [asdict(f) for f in findings], "refusals": refusals}
        state = life.state if against else life.attacked(digest, breaches=0).state
        work.statistics.releases.set(one.row, state=state.value, findings=kept, attacked_at=register.clock.now())
        work.running.audit.note(
            AuditAction.RELEASE_ATTACKED, digest, breaches=against, codes=[r["code"] for r in refusals]
        )
        done = read_held(work, digest)
    if against:
        raise BreachFound(f"{against} findings stand against the release", **kept)
    return done


def approve_release(register: Register, caller: Caller, digest: str) -> Held:
    """Approve a release that was attacked; the second person makes it approved.

    Raises:
        TaskMissing, FreshSignInNeeded, NoSuchRelease, WrongState, SamePerson, PeopleOnly: see there.
    """
    register.permit(caller, UseCase.APPROVE_RELEASE)
    with noted(register, caller, AuditAction.RELEASE_APPROVED, digest) as work:
        row = read_held(work, digest, lock=True).row
        life = life_of(row).approved(digest, by=caller.actor)
        if not work.statistics.releases.approve(digest, caller.actor):
            raise StoredReleaseChanged(f"somebody wrote an approval of the release {digest} beside the register")
        work.statistics.releases.set(row, state=life.state.value)
        work.running.audit.note(AuditAction.RELEASE_APPROVED, digest, approvals=len(life.approved_by))
        return read_held(work, digest)


def freeze_release(register: Register, caller: Caller, digest: str) -> Held:
    """Freeze an approved release: it is made again, is the same, is signed, and partners are told its hash.

    Raises:
        TaskMissing, FreshSignInNeeded, NoSuchRelease, WrongState: see there.
        OtherBytes: made again it is another.
        OlderRelease: a frozen one of the same table and period holds a word that this one does not.
        BreachFound: what became known since the attack speaks against it.
    """
    register.permit(caller, UseCase.FREEZE_RELEASE)
    catalogue = default_catalogue()
    with noted(register, caller, AuditAction.RELEASE_FROZEN, digest) as work:
        work.running.outbox.add(Consumer.WORDS, TURN)
        one = read_held(work, digest, lock=True)
        life = life_of(one.row).frozen(digest)
        frozen = _frozen_before(work, one)
        known = sources_of(work, catalogue, one)
        again = remake_candidate(known, one)
        if again.release.digest != digest:
            raise OtherBytes("made again from the same contributions, the release is another")
        findings, refusals = attacked(register, work, known, one)
        if against := count_breaches(findings) + len(refusals):
            raise BreachFound(f"{against} findings stand against the release by now", refusals=refusals)
        _supersede_frozen(work, one, frozen)
        word = _build_release_word(register.partition, one.release)
        work.statistics.statements.keep(StatementKind.RELEASE, signed_row(register, word))
        definition = definition_of(known, one)
        linked = [(d.id, d.version) for d in catalogue.linked(definition)]
        work.statistics.releases.link(digest, linked, definition.population.name)
        work.statistics.releases.set(
            one.row,
            state=life.state.value,
            frozen_at=register.clock.now(),
            signature=register.keys.sign_beside(one.release.canonical(), RELEASE_TYP),
        )
        work.running.audit.note(AuditAction.RELEASE_FROZEN, digest, revision=one.release.revision)
        return read_held(work, digest)


def list_releases(register: Register, caller: Caller) -> list[ReleaseRow]:
    """The releases of this register, newest draft first."""
    register.permit(caller, UseCase.LIST_RELEASES)
    with register.work(caller) as work:
        rows = work.statistics.releases.list()
        ring_if_forged(work, work)
        work.running.audit.note(AuditAction.RELEASE_LISTED, "-", count=len(rows))
    return rows


def page_of_releases(
    register: Register, caller: Caller, *, cursor: str | None = None, limit: int
) -> tuple[Sequence[ReleaseRow], str | None]:
    """One page of the releases of this register, newest draft first, and the cursor of the next; None on the last.

    Raises:
        TaskMissing: only those with the task STATISTICS.
        BadCursor: the cursor is none of ours.
    """
    register.permit(caller, UseCase.LIST_RELEASES)
    with register.work(caller) as work:
        if cursor is not None and not work.statistics.releases.has(cursor):
            raise BadCursor("the cursor is none that this list gave out")
        rows = work.statistics.releases.page(cursor, limit + 1)
        ring_if_forged(work, work)
        work.running.audit.note(AuditAction.RELEASE_LISTED, "-", count=len(rows[:limit]))
    return rows[:limit], rows[limit - 1].digest if len(rows) > limit else None


def read_release(register: Register, caller: Caller, digest: str) -> Held:
    """One release with its figures. Raises `NoSuchRelease`, `StoredReleaseChanged`."""
    register.permit(caller, UseCase.READ_RELEASE)
    with noted(register, caller, AuditAction.RELEASE_READ, digest[:64]) as work:
        found = read_held(work, digest)
        work.running.audit.note(AuditAction.RELEASE_READ, digest)
        return found


def _frozen_before(work: Work, one: Held) -> list[ReleaseRow]:
    """The frozen releases that this one comes in the place of.

    The revision alone does not tell which is newer: a country that joins, or corrects what it has published, leaves
    the sum of the revisions as it was. So a release is newer if it knows each word of the other, or a later one.

    Raises:
        OlderRelease: one of them is newer than this one, or neither is.
    """
    same = [
        old
        for old in work.statistics.releases.list(
            tier=one.row.tier, table_id=one.row.table_id, period=one.row.period, state=ReleaseState.FROZEN.value
        )
        if old.sealed  # another is not frozen, whatever its row says
    ]
    here = _newest_words(work, one.row)
    for old in same:
        told = _newest_words(work, old) if old.version == one.row.version else {}
        if old.version > one.row.version or any(here.get(about, -1) < number for about, number in told.items()):
            raise OlderRelease("a frozen release of the same table and period holds words that this one does not")
    return same


def _newest_words(work: Work, row: ReleaseRow) -> dict[tuple[Partition, str], int]:
    """The number of the word that a release was made of, by country and place."""
    named = {digest for _, digest, _ in row.contributions}
    words = [
        *work.statistics.statements.by_digest(StatementKind.CONTRIBUTION, named).values(),
        *work.statistics.statements.by_digest(StatementKind.FACT, row.facts).values(),
    ]
    return {(word.origin, word.place): word.number for word in words}


def _supersede_frozen(work: Work, one: Held, frozen: Sequence[ReleaseRow]) -> None:
    for old in frozen:
        life = life_of(old).superseded(one.row.digest)
        work.statistics.releases.set(old, state=life.state.value, superseded_by=life.superseded_by)
        work.running.audit.note(AuditAction.RELEASE_SUPERSEDED, old.digest, by=one.row.digest)


def _build_release_word(country: Partition, made: Release) -> ReleaseWord:
    return ReleaseWord(
        country=country,
        tier=made.tier,
        table_id=made.table_id,
        version=made.version,
        period=made.period,
        number=made.revision,
        digest=made.digest,
    )


def _check_tier(definition: Definition, tier: Tier) -> None:
    refusals = rules.check_catalogue(definition, tier)
    if tier is Tier.OWNER or refusals:
        raise RuleSaysNo("the table is not registered for that tier", refusals=tell_refusals(refusals))
