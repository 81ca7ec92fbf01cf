"""Signatures and seals that cost nothing: the same promises as the real ones, kept by a plain hash.

Whoever knows a public key could forge these; nobody in a simulation does. Values, not mocks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from register.domain.exchange.limits import read_agreed_limits
from register.errors import PartnerError
from register.pseudonyms.normalise.stop import stop_file
from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange.wire import CoordinatorKey, KeyState, Member, NodeKey, ProtocolRange, Roster, Typ
from sync.protocol.documents.roster import Rosters, roster_hash
from sync.protocol.documents.versions import OWN
from sync.protocol.ports import Verified


class FakeRefused(PartnerError):
    """A fake signature or seal does not hold."""

    code = "bad-signature"


def fake_key(kid: str) -> bytes:
    """The public key that a key id has."""
    return hashlib.sha256(kid.encode()).digest()


def _mac(key: bytes, typ: str, payload: bytes) -> str:
    return canonical.b64(hashlib.sha256(key + typ.encode() + payload).digest())


@dataclass(frozen=True, slots=True)
class FakeSigner:
    """Signs as one key id."""

    kid: str

    def sign(self, typ: Typ, claims: Mapping[str, Any]) -> bytes:
        """The fake of a compact JWS."""
        payload = canonical.dumps_plain(claims)
        return f"{self.kid}.{canonical.b64(payload)}.{_mac(fake_key(self.kid), typ, payload)}".encode()


@dataclass(frozen=True, slots=True)
class FakeVerifier:
    """Believes what a `FakeSigner` of one of the keys signed."""

    def verify(self, jws: bytes, *, typ: Typ, keys: Mapping[str, bytes]) -> Verified:
        """What was signed, or `FakeRefused`."""
        try:
            kid, encoded, mac = jws.decode("ascii").split(".")
            payload = canonical.unb64(encoded)
            if kid not in keys or mac != _mac(keys[kid], typ, payload):
                raise FakeRefused("the fake signature does not hold")
            claims = canonical.loads(payload, 1_000_000)
        except (ValueError, DocumentRefused) as refusal:
            raise FakeRefused("no fake signature at all") from refusal
        if not isinstance(claims, dict):
            raise FakeRefused("no claims")
        return Verified(kid, claims)


def fake_seal(block: bytes, public: bytes, info: bytes) -> bytes:
    """Seal to the holder of `public`, bound to `info`."""
    return hashlib.sha256(public + info + block).digest() + block


@dataclass(frozen=True, slots=True)
class FakeOpener:
    """Opens what was sealed to this key."""

    public: bytes

    def __call__(self, sealed: bytes, info: bytes) -> bytes:
        """The block, or `FakeRefused`."""
        block = sealed[32:]
        if sealed[:32] != hashlib.sha256(self.public + info + block).digest():
            raise FakeRefused("the fake seal does not hold")
        return block


def sign_kid(country: Partition, number: int = 1) -> str:
    """Key id of a country's signing key."""
    return f"{country}-sign-{number}"


def seal_kid(country: Partition) -> str:
    """Key id of a country's sealing key."""
    return f"{country}-seal-1"


def a_roster(
    *,
    number: int = 1,
    prev: Roster | None = None,
    states: Mapping[str, KeyState] | None = None,
    protocol: ProtocolRange = OWN,
    signing: Mapping[str, bytes] | None = None,
) -> Roster:
    """Five countries with one active key of each kind.

    Args:
        number: its number.
        prev: the roster before.
        states: states of signing keys, by key id, that are listed instead of the usual ones.
        protocol: what every member reads.
        signing: raw public keys by key id, where they are real.
    """
    kids = states or {sign_kid(country): KeyState.ACTIVE for country in Partition}
    raw = signing or {}
    sign = [(kid, state, "sign") for kid, state in kids.items()]
    seal = [(seal_kid(country), KeyState.ACTIVE, "seal") for country in Partition]
    return Roster(
        number=number,
        prev=None if prev is None else canonical.b64(roster_hash(prev)),
        members=tuple(Member(country=c, url=f"https://{c.lower()}.example", protocol=protocol) for c in Partition),
        node_keys=tuple(
            NodeKey.model_validate(
                {
                    "kid": kid,
                    "country": Partition(kid[:2]),
                    "use": use,
                    "x": canonical.b64(raw.get(kid, fake_key(kid))),
                    "state": state,
                }
            )
            for kid, state, use in (*sign, *seal)
        ),
        coordinator_keys=tuple(
            CoordinatorKey(
                kid=f"{c}-coordinator-1",
                country=c,
                x=canonical.b64(fake_key(f"{c}-coordinator-1")),
                state=KeyState.ACTIVE,
            )
            for c in Partition
        ),
        editions=(),
        stop_file=canonical.b64(stop_file().digest),
        limits=read_agreed_limits(),
        valid_from="2026-01-01T00:00:00.000Z",
    )


def rosters_of(first: Roster) -> Rosters:
    """Roster 1, pinned."""
    return Rosters.pinned(first, roster_hash(first))
