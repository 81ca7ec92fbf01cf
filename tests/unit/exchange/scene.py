"""Curaçao tells Aruba: pages built, signed and sealed by fakes, taken by the real protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from schemas.codes import Partition
from schemas.exchange.wire import IndicatorPut, PageHeader, Typ, document
from sync.protocol.documents.page import StoredEntry, build_page, seal_info
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.signed import Trust
from sync.protocol.documents.stub import LogId, Tip
from sync.protocol.effects import Effect
from sync.protocol.entries import Rules
from sync.protocol.events import Examined, PageArrived, ReceiverState, Step
from sync.protocol.ports import Judgement
from sync.protocol.stream import examine, step
from tests.simulator.builders import newest_of
from tests.simulator.fakes import (
    FakeOpener,
    FakeSigner,
    FakeVerifier,
    a_roster,
    fake_key,
    fake_seal,
    rosters_of,
    seal_kid,
    sign_kid,
)

CW, AW, SX = Partition.CW, Partition.AW, Partition.SX
LOG = LogId(CW, AW)
START = LOG.start()
NOW = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
E = TypeVar("E", bound=Effect)


def hold_all(_put: IndicatorPut, _about: str) -> Judgement:
    """Rules that allow everything."""
    return Judgement(held=True)


CURACAO = FakeSigner(sign_kid(CW))
ARUBA = Rules(AW, hold_all)


@dataclass(frozen=True)
class Scene:
    """How the page is made and taken; a test changes one thing with `but`."""

    log: LogId = LOG
    rosters: Rosters = field(default_factory=lambda: rosters_of(a_roster()))
    signer: FakeSigner = CURACAO
    roster: int = 1
    rules: Rules = ARUBA
    envelopes: tuple[int, int] = (1, 1)

    def but(self, **changes: object) -> Scene:
        """The same scene with one thing changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # the names are those of the fields

    @property
    def trust(self) -> Trust:
        """Whom Aruba listens to."""
        return Trust(AW, CW, self.rosters, FakeVerifier(), self.envelopes)

    @property
    def opener(self) -> FakeOpener:
        """Opens what is sealed to Aruba."""
        return FakeOpener(fake_key(seal_kid(AW)))

    def header(
        self, before: Tip, entries: Sequence[StoredEntry], newest: Mapping[str, int] | None = None
    ) -> tuple[PageHeader, bytes]:
        """A header and its block, not signed yet."""
        known = newest_of(list(entries)) if newest is None else newest
        return build_page(self.log, before, entries, known, roster=self.roster)

    def seal(self, header: PageHeader, block: bytes) -> tuple[bytes, bytes]:
        """A signed header and the sealed block."""
        jws = self.signer.sign(Typ.PAGE, document(header))
        return jws, fake_seal(block, fake_key(seal_kid(AW)), seal_info(jws))

    def page(
        self, before: Tip, entries: Sequence[StoredEntry], newest: Mapping[str, int] | None = None
    ) -> tuple[bytes, bytes]:
        """A signed and sealed page."""
        return self.seal(*self.header(before, entries, newest))

    def examine(self, state: ReceiverState, page: tuple[bytes, bytes]) -> Examined:
        """What a page says of itself."""
        return examine(state, *page, self.trust, self.opener)

    def take(
        self,
        state: ReceiverState,
        page: tuple[bytes, bytes],
        *,
        stored: Mapping[str, int] | None = None,
        hash_at: Mapping[int, bytes] | None = None,
    ) -> Step:
        """A page taken."""
        return step(state, PageArrived(self.examine(state, page), self.rules, stored or {}, hash_at or {}))


OPENING = ReceiverState.opening(LOG)


def effect(done: Step, kind: type[E]) -> E:
    """The one effect of a kind."""
    (found,) = [effect for effect in done.effects if isinstance(effect, kind)]
    return found


def kinds(done: Step) -> list[str]:
    """Names of the effects, in order."""
    return [type(effect).__name__ for effect in done.effects]


def tip_of(entries: Sequence[StoredEntry], before: Tip = START) -> Tip:
    """The tip after these entries."""
    return Tip(entries[-1].seq, entries[-1].entry_hash) if entries else before
