"""The JWT that signs one request between nodes (sync/README.md, step 14). Replay of a `jti` is stored elsewhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from schemas import canonical
from schemas.codes import Partition
from schemas.exchange import wire
from schemas.exchange.wire import RequestClaims, Typ
from sync.protocol.documents.signed import Signed, Trust, read_signed
from sync.protocol.refusals import ClockSkew, RequestMismatch

LEEWAY_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Call:
    """A request as sent. path: with its query, as in the request line."""

    method: str
    path: str
    body: bytes = b""

    @property
    def digest(self) -> str:
        """SHA-256 of the body, base64url."""
        return canonical.b64(hashlib.sha256(self.body).digest())


def request_claims(
    me: Partition, to: Partition, call: Call, *, now: datetime, nonce: str, jti: str, roster: int
) -> RequestClaims:
    """Return the claims to sign for one request; they are good for 120 seconds from `now` (aware).

    Raises:
        ValueError: another method than GET or POST, or a path that is not plain ASCII from a slash on.
    """
    issued = int(now.timestamp())
    return RequestClaims.model_validate(
        {
            "iss": me,
            "aud": to,
            "htm": call.method,
            "htu": call.path,
            "body": call.digest,
            "nonce": nonce,
            "jti": jti,
            "roster": roster,
            "iat": issued,
            "exp": issued + wire.REQUEST_SECONDS_MAX,
        }
    )


def check_request(jws: bytes, call: Call, trust: Trust, *, now: datetime) -> Signed[RequestClaims]:
    """Return who calls, from a JWT that signs exactly this request.

    Raises:
        PartnerError: as `read_signed` (whatever partner `trust` names: the signature tells who calls), or
            request-mismatch, or clock-skew.
    """
    signed = read_signed(jws, Typ.REQUEST, RequestClaims, replace(trust, partner=None))
    claims = signed.claims
    if (claims.htm, claims.htu, claims.body) != (call.method, call.path, call.digest):
        raise RequestMismatch(
            f"{signed.issuer} signed another request than {call.method} {call.path.partition('?')[0]}"
        )
    ours = now.timestamp()
    if not claims.iat - LEEWAY_SECONDS <= ours <= claims.exp + LEEWAY_SECONDS:
        theirs = datetime.fromtimestamp(claims.iat, UTC)
        raise ClockSkew(
            f"{signed.issuer} signed at {wire.instant(theirs)}; here it is {wire.instant(now)}",
            theirs=wire.instant(theirs),
            ours=wire.instant(now),
        )
    return signed
