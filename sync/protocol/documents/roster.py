"""Rosters: who takes part, with which keys, and whose word made it so (sync/README.md, step 1).

Roster 1 is trusted because its hash is pinned in every node's settings; each later one because three coordinators of
the roster before it approved it. A key id keeps its key for ever, so that evidence signed long ago still verifies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from schemas import canonical
from schemas.codes import Partition
from schemas.exchange.wire import Approval, KeyState, Member, NodeKey, Roster, document
from sync.protocol.refusals import KeyNotActive, KeyRevoked, NoSealingKey, RosterRefused, RosterUnknown

APPROVALS_NEEDED: Final = 3


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval whose signature was verified under coordinator key `kid` of the roster before."""

    kid: str
    approval: Approval


def roster_hash(roster: Roster) -> bytes:
    """Return a roster's identity: SHA-256 of its canonical bytes, 32 raw bytes."""
    return hashlib.sha256(canonical.dumps_plain(document(roster))).digest()


class _Identity(NamedTuple):
    """What a key id stands for, in every roster the same."""

    country: Partition
    use: str
    x: str
    organisation: str | None
    kind: str | None


def _derive_identity(key: NodeKey) -> _Identity:
    return _Identity(key.country, key.use, key.x, key.organisation, key.kind)


@dataclass(frozen=True, slots=True)
class Rosters:
    """Every roster known here, 1 to the newest, each trusted through the one before it."""

    documents: tuple[Roster, ...]

    @classmethod
    def pinned(cls, first: Roster, pin: bytes) -> Rosters:
        """Begin with roster 1.

        Raises:
            RosterRefused: it is not roster 1, or not the one whose hash the settings pin.
        """
        if first.number != 1 or roster_hash(first) != pin:
            raise RosterRefused("roster 1 is not the one that the settings pin")
        return cls((first,))

    @property
    def newest(self) -> Roster:
        """The roster with the highest number."""
        return self.documents[-1]

    def accept(self, candidate: Roster, approvals: Iterable[Approved]) -> Rosters:
        """Return the rosters with one more.

        Raises:
            RosterRefused: it does not follow the newest, fewer than three coordinators of the newest roster approved
                it, or a key id changed its key.
        """
        before = self.newest
        if candidate.number != before.number + 1 or candidate.prev != canonical.b64(roster_hash(before)):
            raise RosterRefused(f"roster {candidate.number} does not follow roster {before.number}")
        wanted = Approval(number=candidate.number, roster=canonical.b64(roster_hash(candidate)))
        active = {key.kid: key.country for key in before.coordinator_keys if key.state is KeyState.ACTIVE}
        given = {active[word.kid] for word in approvals if word.kid in active and word.approval == wanted}
        if len(given) < APPROVALS_NEEDED:
            raise RosterRefused(f"roster {candidate.number} has {len(given)} of {APPROVALS_NEEDED} approvals")
        known = self._keys()
        if any(_derive_identity(key) != known.get(key.kid, _derive_identity(key)) for key in candidate.node_keys):
            raise RosterRefused(f"roster {candidate.number} gives an old key id to another key")
        return Rosters((*self.documents, candidate))

    def signing_keys(self) -> Mapping[str, bytes]:
        """Return every node's signing keys of all rosters by key id, whatever their state: for old evidence too."""
        return self._raw_keys("sign")

    def approval_keys(self) -> Mapping[str, bytes]:
        """Return the approval keys of all rosters by key id, whatever their state; no other key approves."""
        return self._raw_keys("approve")

    def approval_key(self, kid: str) -> NodeKey:
        """Return one of `approval_keys` as it stands today: revoked once is revoked, left out is retired."""
        listed = [key for roster in self.documents for key in roster.node_keys if key.kid == kid]
        if any(key.state is KeyState.REVOKED for key in listed):
            return listed[-1].model_copy(update={"state": KeyState.REVOKED})
        if self._state(self.newest, kid) is None:
            return listed[-1].model_copy(update={"state": KeyState.RETIRED})
        return listed[-1]

    def country_of(self, kid: str) -> Partition:
        """Return whose key this is, of those in `signing_keys`."""
        return self._keys()[kid].country

    def check_signed(self, kid: str, number: int, *, new: bool) -> None:
        """Check that a key could sign under roster `number`.

        Args:
            kid: the key that signed.
            number: the roster that the signed thing names.
            new: whether it is to be applied; stored evidence verifies even after its key was revoked.

        Raises:
            RosterUnknown: we do not have that roster.
            KeyNotActive: it was not active in it.
            KeyRevoked: it has been revoked since.
        """
        if not 1 <= number <= self.newest.number:
            raise RosterUnknown(f"signed under roster {number}; the newest known here is {self.newest.number}")
        # In any roster: leaving a revoked key out of a later one does not bring it back.
        if new and any(self._state(roster, kid) is KeyState.REVOKED for roster in self.documents):
            raise KeyRevoked("signed with a key that has been revoked")
        if self._state(self.documents[number - 1], kid) is not KeyState.ACTIVE:
            raise KeyNotActive(f"signed with a key that was not active in roster {number}")

    def sealing_key(self, country: Partition) -> bytes:
        """Return the raw X25519 key to seal to this country.

        Raises:
            NoSealingKey: the newest roster lists no active one.
        """
        for key in self.newest.node_keys:
            if key.country is country and key.use == "seal" and key.state is KeyState.ACTIVE:
                return canonical.unb64(key.x)
        raise NoSealingKey(f"roster {self.newest.number} lists no active sealing key of {country}")

    def member(self, country: Partition) -> Member | None:
        """Return the country's row in the newest roster; None where it takes no part."""
        return next((member for member in self.newest.members if member.country is country), None)

    def _raw_keys(self, use: str) -> dict[str, bytes]:
        return {kid: canonical.unb64(key.x) for kid, key in self._keys().items() if key.use == use}

    def _keys(self) -> dict[str, _Identity]:
        return {key.kid: _derive_identity(key) for roster in self.documents for key in roster.node_keys}

    @staticmethod
    def _state(roster: Roster, kid: str) -> KeyState | None:
        key: NodeKey | None = next((key for key in roster.node_keys if key.kid == kid), None)
        return None if key is None else key.state
