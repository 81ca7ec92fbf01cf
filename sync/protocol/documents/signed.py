"""Reading what a partner signed: roster and signature, then for whom, then which version (sync/README.md, step 5)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange.wire import ENVELOPE_VERSION, Document, LogClaims, Typ, read
from sync.protocol.documents.roster import Rosters
from sync.protocol.ports import Verifier
from sync.protocol.refusals import Malformed, VersionUnsupported, WrongAudience, WrongIssuer

C = TypeVar("C", bound=Document)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we listen to.

    Attributes:
        me: this country.
        partner: whose word is expected; None where only the signature tells who speaks (requests).
        rosters: all that are known here.
        envelopes: lowest and highest envelope version read here.
    """

    me: Partition
    partner: Partition | None
    rosters: Rosters
    verifier: Verifier
    envelopes: tuple[int, int] = (ENVELOPE_VERSION, ENVELOPE_VERSION)


@dataclass(frozen=True, slots=True)
class Signed(Generic[C]):
    """A document whose signature, addressee and version were found good; `jws` is its evidence."""

    claims: C
    kid: str
    issuer: Partition
    jws: bytes

    @property
    def digest(self) -> bytes:
        """SHA-256 of the compact JWS: what seals and receipts refer to."""
        return hashlib.sha256(self.jws).digest()


def read_signed(jws: bytes, typ: Typ, model: type[C], trust: Trust, *, new: bool = True) -> Signed[C]:
    """Return what was signed, or refuse it.

    Args:
        jws: compact serialisation, as received.
        typ: what it must be.
        model: the claims it must have.
        trust: whom we listen to.
        new: False for stored evidence, which verifies even where its key has been revoked since.

    Raises:
        PartnerError: what the verifier refuses (bad-signature, unknown-key ...), roster-unknown, key-not-active,
            key-revoked, wrong-issuer, wrong-audience, version-unsupported or malformed; checked in this order.
    """
    verified = trust.verifier.verify(jws, typ=typ, keys=trust.rosters.signing_keys())
    claims = verified.claims
    issuer = trust.rosters.country_of(verified.kid)
    trust.rosters.check_signed(verified.kid, _read_integer(claims, "roster"), new=new)
    if claims.get("iss") != issuer or (trust.partner is not None and issuer is not trust.partner):
        raise WrongIssuer(f"expected {trust.partner or issuer}; signed by {issuer}")
    if claims.get("aud") != trust.me:
        raise WrongAudience(f"made for another country than {trust.me}")
    if issubclass(model, LogClaims):
        # Before the other claims are looked at: another version may have others.
        version = _read_integer(claims, "v")
        lowest, highest = trust.envelopes
        if not lowest <= version <= highest:
            raise VersionUnsupported(f"envelope version {version}; read here: {lowest} to {highest}")
    try:
        return Signed(read(model, canonical.dumps(claims)), verified.kid, issuer, jws)
    except DocumentRefused as refusal:
        raise Malformed(str(refusal)) from refusal


def _read_integer(claims: Mapping[str, object], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"claim `{name}` is not a number")
    return value
