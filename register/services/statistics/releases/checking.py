"""Whether a release is what it says: on any node, from that node's own copy of the contributions.

Signatures are checked by a port, since only the exchange knows the rosters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.running.audit_action import AuditAction
from register.domain.statistics.rows import SaidRow
from register.errors import PartnerError
from register.services.statistics.leaves import noted
from register.services.statistics.releases.sources import Part, Sources, candidate_of, read_sources
from register.services.statistics.releases.stored import OlderDefinition, read_held, remake_candidate
from register.services.statistics.statements.words import statement_of
from register.statistics.catalogue import default_catalogue
from register.statistics.definition import Tier
from register.statistics.release.ledger import Ledger
from register.statistics.release.statements import PublishedFact, ReleaseWord
from register.store.statistics.releases import NoSuchRelease
from register.store.work import Work
from schemas.codes import Partition
from schemas.statistics.entry import StatementKind

SignerOf: TypeAlias = Callable[[bytes, str], Partition]
"""(canonical bytes, signature) -> the country whose node signed; a `PartnerError` where nobody known did."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What this node makes of a release.

    Attributes:
        digest: of the release that was asked about.
        computed: of the one that this node makes.
        is_held: whether the release was drafted in this register; else it is made of the newest contributions here.
        unsigned: countries whose contribution carries no good signature of theirs.
        agree: countries whose nodes have frozen it.
        differ: country and hash, of nodes that have frozen another one of the same table, tier and period.
    """

    digest: str
    computed: str
    is_held: bool
    unsigned: tuple[Partition, ...]
    agree: tuple[Partition, ...]
    differ: tuple[tuple[Partition, str], ...]

    @property
    def holds(self) -> bool:
        """The same bytes, of contributions that their countries signed."""
        return self.computed == self.digest and not self.unsigned


@dataclass(frozen=True, slots=True)
class LedgerView:
    """All that is known to whoever attacks a release: a reader has it, too."""

    ledger: Ledger
    parts: tuple[Part, ...]
    facts: tuple[tuple[PublishedFact, SaidRow], ...]
    catalogue_version: str
    linked: dict[str, tuple[str, ...]]


def verify_release(register: Register, caller: Caller, digest: str, signer_of: SignerOf) -> Verification:
    """Make a release again from this node's own contributions and compare.

    Raises:
        TaskMissing: only those with the task STATISTICS.
        NoSuchRelease: neither this register nor any node's word knows it.
        OlderDefinition: its table is defined otherwise by now, so nothing can be compared.
    """
    register.permit(caller, UseCase.VERIFY_RELEASE)
    with noted(register, caller, AuditAction.RELEASE_VERIFIED, digest) as work:
        known = read_sources(work, default_catalogue())
        words = _read_release_words(work)
        try:
            one = read_held(work, digest)
        except NoSuchRelease:
            computed, parts, about = _by_word(known, words, digest)
            is_held = False
        else:
            made = remake_candidate(known, one).release
            computed, is_held = made.digest, True
            named = {d for _, d, _ in one.row.contributions}
            parts = [part for part in known.parts if part.row.digest in named]
            about = (made.tier, made.table_id, made.version, made.period)
        same = [w for w in words if (w.tier, w.table_id, w.version, w.period) == about]
        found = Verification(
            digest=digest,
            computed=computed,
            is_held=is_held,
            unsigned=tuple(part.row.origin for part in parts if not _is_signed(part, signer_of)),
            agree=tuple(sorted({w.country for w in same if w.digest == digest})),
            differ=tuple(sorted({(w.country, w.digest) for w in same if w.digest != digest})),
        )
        work.running.audit.note(AuditAction.RELEASE_VERIFIED, digest, holds=found.holds, computed=computed)
    return found


def read_ledger(register: Register, caller: Caller) -> LedgerView:
    """All contributions and published figures at hand, and which tables share a population."""
    register.permit(caller, UseCase.READ_LEDGER)
    catalogue = default_catalogue()
    with register.work(caller) as work:
        known = read_sources(work, catalogue)
        work.running.audit.note(
            AuditAction.STATISTICS_LEDGER_READ, "-", contributions=len(known.parts), facts=len(known.facts)
        )
    tables = {part.contribution.table_id for part in known.parts}
    linked = {t: tuple(d.id for d in catalogue.linked(catalogue.tables[t])) for t in sorted(tables)}
    return LedgerView(known.ledger(), known.parts, known.facts, catalogue.version, linked)


def _by_word(
    known: Sources, words: Iterable[ReleaseWord], digest: str
) -> tuple[str, list[Part], tuple[Tier, str, int, object]]:
    """What this node makes of a release that only others have."""
    word = next((w for w in words if w.digest == digest), None)
    definition = known.catalogue.tables.get(word.table_id) if word is not None else None
    if word is None:
        raise NoSuchRelease("neither this register nor a partner's word knows a release with that hash")
    if definition is None or definition.version != word.version:
        raise OlderDefinition(f"{word.table_id}/{word.version} is defined otherwise by now")
    parts = known.newest(definition, word.period)
    made = candidate_of(known, definition, word.tier, word.period, parts, known.ledger())
    return made.release.digest, parts, (word.tier, word.table_id, word.version, word.period)


def _read_release_words(work: Work) -> list[ReleaseWord]:
    said = [statement_of(StatementKind.RELEASE, row) for row in work.statistics.statements.all(StatementKind.RELEASE)]
    return [word for word in said if isinstance(word, ReleaseWord)]


def _is_signed(part: Part, signer_of: SignerOf) -> bool:
    try:
        return signer_of(part.row.body, part.row.signature) is part.row.origin
    except PartnerError:
        return False
