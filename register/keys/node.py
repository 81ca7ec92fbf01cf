"""The keys of one country's node, by what they are for; the key store behind them knows names only.

What is random is made once, with the key store (`FIRST_SECRETS`), so that every copy of it has them, and never when it
is missing: by another blind index nothing that was registered is found, by another signing key partners believe
nothing, by other actor and case references one person is two to them, by another rounding key figures come nearer to
the true ones. Even the mark of a sign-in, which lasts minutes, has its place there: one rule for all. The keys of
months are made with it too, for years ahead, and later ones by `register.store.known_keys`, which looks first what the
database knows. Shares of the five's keys come from the ceremony. The coordinator's key of a trial alone is made when it
is asked for, since it may not lie on a node of production: another one signs what the roster does not believe.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from functools import cached_property
from typing import Final
from uuid import UUID

from register.domain.running.month_keys import PREFIX as MONTHS
from register.keys import hpke
from register.keys.apart import COORDINATOR
from register.keys.detached import sign_detached
from register.keys.envelope import Envelope
from register.keys.jwk import PrivateKey
from register.keys.keystore import SECRET_BYTES, KeyStore, check_value
from schemas.codes import Partition

FIRST_SECRETS: Final = (
    "node/sign", "node/seal", "blind-index", "index/token", "index/document", "pages/client", "pages/cookie",
    "statistics/rounding", "case-reference", "actor-reference", "fingerprint", "evaluation-secret",
)  # fmt: skip
_SHARE = "share/"


class NodeKeys:
    """What a node of one country can do with its secrets."""

    def __init__(self, country: Partition, keystore: KeyStore) -> None:
        self.country, self._keystore = country, keystore

    @property
    def kid(self) -> str:
        """The signing key's id in the roster."""
        return f"{self.country}-sign-1"

    @property
    def seal_kid(self) -> str:
        """The sealing key's id in the roster."""
        return f"{self.country}-seal-1"

    @cached_property
    def signing(self) -> PrivateKey:
        """The Ed25519 key that signs pages, heads, receipts and requests."""
        return PrivateKey.from_raw(self._keystore.get("node/sign"))

    @cached_property
    def sealing(self) -> bytes:
        """The X25519 key that opens what is sealed to this country; raw."""
        return self._keystore.get("node/seal")

    @property
    def sealing_public(self) -> bytes:
        """The public half of `sealing`, raw; goes into the roster."""
        return hpke.public_key(self.sealing)

    @cached_property
    def coordinator(self) -> PrivateKey:
        """The national coordinator's key, which approves rosters; of a trial only (`apart`)."""
        return PrivateKey.from_raw(self._keystore.get_or_make(COORDINATOR))

    @cached_property
    def envelope(self) -> Envelope:
        """Seals and opens fields at rest."""
        return Envelope(self._keystore)

    @cached_property
    def blind_index(self) -> bytes:
        """The key of the local blind index; of this country only."""
        return self._keystore.get("blind-index")

    @cached_property
    def peppers(self) -> tuple[bytes, bytes]:
        """The two peppers of the search index."""
        return self._keystore.get("index/token"), self._keystore.get("index/document")

    @cached_property
    def pages_client(self) -> PrivateKey:
        """The key by which the pages prove themselves to the country's identity provider."""
        return PrivateKey.from_raw(self._keystore.get("pages/client"))

    @cached_property
    def pages_cookie(self) -> bytes:
        """The key that marks what the pages let a browser carry while somebody signs in."""
        return self._keystore.get("pages/cookie")

    @cached_property
    def rounding(self) -> bytes:
        """The key of the country's rounding (statistics.md 2, R6), 32 bytes; it never leaves this key store.

        Whoever has it and the rounded tables can narrow the true ones down; whoever loses it draws anew, which gives
        the figures away a little, so it belongs to the key store's own backup.
        """
        return self._keystore.get("statistics/rounding")

    @property
    def rounding_check(self) -> str:
        """Tells the rounding key from another one, and nothing else of it."""
        return check_value(self.rounding)

    def sign_beside(self, payload: bytes, typ: str) -> str:
        """This node's signature over bytes that are kept apart from it; equal bytes give an equal signature."""
        return sign_detached(payload, typ=typ, kid=self.kid, key=self.signing)

    def hide_case(self, reference: str) -> bytes:
        """A case reference as evaluators may log it: HMAC under a key of this country, 32 bytes."""
        key = self._keystore.get("case-reference")
        return hmac.new(key, reference.encode(), hashlib.sha256).digest()

    def hide_asked(self, whose: str, about: str, what: str) -> bytes:
        """What somebody asked about or entered, so that it opens nothing and is equal to nobody else's; 32 bytes."""
        framed = f"rtr/neighbour1\x1e{whose}\x1e{about}\x1e{what}".encode()
        return hmac.new(self.blind_index, framed, hashlib.sha256).digest()

    def hide_actor(self, actor: str) -> str:
        """An actor as other countries may count him: opaque, the same every time."""
        key = self._keystore.get("actor-reference")
        return hmac.new(key, actor.encode(), hashlib.sha256).hexdigest()[:32]

    def hide_approver(self, actor: str) -> str:
        """Somebody who approves at the exit gate, as every partner may know them: opaque, the same every time.

        Not as `hide_actor` has them, or evaluators could tell which questions a prosecutor asks.
        """
        return self.hide_actor(f"approver\x00{actor}")

    def fingerprint(self, content: bytes) -> bytes:
        """HMAC of content under a key of this country, 32 bytes: to see that two are equal, and nothing else."""
        return hmac.digest(self._keystore.get("fingerprint"), content, "sha256")

    def checks(self) -> dict[str, str | None]:
        """The check values of what was made once, and of the months' keys; None of one that is not there.

        Raises:
            KeyStoreError: the key store cannot be read any more.
        """
        names = (*FIRST_SECRETS, *self._keystore.names(MONTHS))
        return {name: self._keystore.check_of(name) for name in names}

    def check_of(self, name: str) -> str | None:
        """The check value of one secret, by its name; None where it is not there."""
        return self._keystore.check_of(name)

    def make_anew(self, name: str) -> None:
        """Make the secret of this name in place of one that is lost (`rtr keys give-up`)."""
        self._keystore.put(name, secrets.token_bytes(SECRET_BYTES))

    def keep_share(self, key_id: str, document: bytes) -> None:
        """Keep this country's share of a key of the five, with what is public of it."""
        self._keystore.put(f"{_SHARE}{key_id}", document)

    def shares(self) -> Iterable[bytes]:
        """The shares kept, as documents."""
        return [self._keystore.get(name) for name in self._keystore.names(_SHARE)]

    def evaluation_secret(self, subject: bytes) -> bytes:
        """The secret from which all blinds of one evaluation follow, 32 bytes; the same again for a repeat.

        `subject` names the piece of work and its state, so that another question never has the same blinds.
        """
        key = self._keystore.get("evaluation-secret")
        return hmac.new(key, b"blinds\x00" + subject, hashlib.sha256).digest()

    def evaluation_id(self, subject: bytes, made: UUID) -> UUID:
        """The request id of one evaluation: a UUIDv7 at the time of `made`, the same again for a repeat.

        Evaluators answer a repeat without a new charge on the quota.
        """
        key = self._keystore.get("evaluation-secret")
        drawn = bytearray(made.bytes[:6] + hmac.new(key, b"id\x00" + subject, hashlib.sha256).digest()[:10])
        drawn[6] = 0x70 | (drawn[6] & 0x0F)
        drawn[8] = 0x80 | (drawn[8] & 0x3F)
        return UUID(bytes=bytes(drawn))
