"""The area's door of a unit of work."""

from __future__ import annotations

from functools import cached_property

from register.store.running.ground import Ground
from register.store.signals.dossiers import Dossiers
from register.store.signals.form_drafts import FormDrafts
from register.store.signals.near_duplicates import NearDuplicates
from register.store.signals.own_tokens import OwnTokens
from register.store.signals.protecting.findings import Findings
from register.store.signals.protecting.liftings import Liftings
from register.store.signals.protecting.protections import Protections
from register.store.signals.referrals import Referrals
from register.store.signals.sharing.class_approvals import ClassApprovals
from register.store.signals.sharing.decisions import Sharing
from register.store.signals.signals import Signals
from register.store.signals.timeline import Timeline


class SignalStores:
    """Reports, what hangs on them, and what was decided about them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def reports(self) -> Signals:
        """Signals and what hangs on them."""
        return Signals(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def dossiers(self) -> Dossiers:
        """Signals with all that hangs on them, read in one go."""
        return Dossiers(self._ground.connection, self._ground.partition, self._ground.keys)

    @cached_property
    def own_tokens(self) -> OwnTokens:
        """Blind values and pseudonyms of own signals."""
        return OwnTokens(self._ground.connection, self._ground.partition, self._ground.keys)

    @cached_property
    def protections(self) -> Protections:
        """What protects persons of own signals."""
        return Protections(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def findings(self) -> Findings:
        """What the register found in two records and asks the register unit."""
        return Findings(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def liftings(self) -> Liftings:
        """By whom protections were lifted."""
        return Liftings(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def sharing(self) -> Sharing:
        """What was decided for each partner about own signals."""
        return Sharing(self._ground.connection, self._ground.partition)

    @cached_property
    def class_approvals(self) -> ClassApprovals:
        """Approvals of classes of own signals, and what left on them."""
        return ClassApprovals(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def timeline(self) -> Timeline:
        """Who did what with own signals, and why."""
        return Timeline(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def referrals(self) -> Referrals:
        """Referrals of signals and their answers."""
        return Referrals(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def form_drafts(self) -> FormDrafts:
        """Forms begun at the pages and not sent yet."""
        return FormDrafts(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def near_duplicates(self) -> NearDuplicates:
        """Own signals that may be the same report."""
        return NearDuplicates(self._ground.connection, self._ground.partition)
