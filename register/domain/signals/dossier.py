"""All that the register holds about one own signal: the signal, what was done with it, and what others have of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from register.domain.access.organisation import Organisation
from register.domain.signals.history import HistoryLine, build_timeline
from register.domain.signals.protecting.finding import FindingId, Found
from register.domain.signals.protection import Reasons
from register.domain.signals.referral import Referral
from register.domain.signals.signal import Signal
from register.domain.signals.telling import Told
from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class Decided:
    """What the worker decided about one partner, and by which rules."""

    allowed: bool
    rules: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One signal, opened, with everything that hangs on it.

    Attributes:
        organisations: of the country, by code; the signal's own is among them.
        events: what the owner's people did, oldest first.
        decided: empty until the worker has decided.
        told: what partners were told, and what their receipts say of it.
        protected: why its subjects are protected, as far as it has been found and kept.
        found: what the register found in it, decided or not.
        let_go: what was found in other signals because of somebody in it, and let them or a value of theirs go.
        waiting: of what was found in it, what waits for the register unit.
        stopped: the partners who are told nothing more now, of this signal or another, and since when.
    """

    signal: Signal
    organisations: Mapping[str, Organisation]
    events: tuple[HistoryLine, ...]
    referrals: tuple[Referral, ...]
    decided: Mapping[Partition, Decided]
    told: tuple[Told, ...]
    protected: Reasons = field(default_factory=dict)
    found: tuple[Found, ...] = ()
    let_go: tuple[Found, ...] = ()
    waiting: frozenset[FindingId] = frozenset()
    stopped: Mapping[Partition, datetime] = field(default_factory=dict)

    @property
    def awaits_unit(self) -> bool:
        """Whether something in it is withheld until the register unit has decided on a finding."""
        return bool(self.waiting)

    @property
    def organisation(self) -> Organisation:
        """Who submitted the signal."""
        return self.organisations[self.signal.organisation]

    @property
    def history(self) -> list[HistoryLine]:
        """The whole timeline, oldest first."""
        return build_timeline(self.events, self.told, self.stopped)
