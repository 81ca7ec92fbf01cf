"""From a partner's signed request to the partner: whose key signed exactly this request, and whether it is new.

`SignedCall` is the signature alone, for a route whose use case keeps the `jti` itself; `PartnerSignedIn` also
refuses what was seen before, and is what every other route for partners takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Header, Request

from api.http.admission import PartnersPlaces
from api.http.caller import Registered
from register.domain.access.caller import partner
from register.errors import NotSignedIn
from register.services.exchange.remember_request import remember_request
from schemas.codes import Partition
from sync.protocol.documents.request import Call, check_request
from sync.protocol.documents.roster import Rosters
from sync.protocol.refusals import WrongIssuer
from sync.transport.partner import SCHEME
from sync.trust import trust_of

_JWT_MAX_CHARS: Final = 4_096


class UnsignedRequest(NotSignedIn):
    """A request that only partners may make came without a signature."""

    code = "unsigned-request"
    advice = "Send `Authorization: RTR` with the JWT that the node of a partner signs for this one request."


@dataclass(frozen=True, slots=True)
class PartnerCall:
    """A request whose signature was found good.

    Attributes:
        partner: whose node signed it.
        nonce: what a head in the answer repeats.
        jti: the request's own id.
        body: the bytes that were signed.
    """

    partner: Partition
    nonce: str
    jti: UUID
    body: bytes = field(repr=False)


async def body_of(request: Request) -> bytes:
    """The request's body, whole; bounded while it streams in."""
    return await request.body()


def signed_call(
    request: Request,
    register: Registered,
    body: Annotated[bytes, Depends(body_of)],
    authorization: Annotated[str | None, Header()] = None,
) -> PartnerCall:
    """Find out who signed this request; whether it was seen before is not looked at.

    Raises:
        UnsignedRequest: there is no such signature.
        PartnerError: it does not hold: bad-signature, wrong-audience, request-mismatch, clock-skew ...
    """
    known: Callable[[], Rosters] = request.app.state.rosters
    rosters, own = known(), register.partition
    member = rosters.member(own)
    path = (urlsplit(member.url).path.rstrip("/") if member else "") + _read_path(request)
    jwt = _read_jwt(authorization)
    signed = check_request(
        jwt.encode("ascii", "replace"),
        Call(request.method, path, body),
        trust_of(own, rosters),
        now=register.clock.now(),
    )
    if signed.issuer is own or rosters.member(signed.issuer) is None:
        raise WrongIssuer(f"{signed.issuer} is no partner of {own} in roster {rosters.newest.number}")
    return PartnerCall(signed.issuer, signed.claims.nonce, UUID(signed.claims.jti), body)


def call_with_a_place(request: Request, call: Annotated[PartnerCall, Depends(signed_call)]) -> Iterator[PartnerCall]:
    """As `signed_call`; until the request ends it counts as one of this partner's, who may hold only so many.

    Raises:
        Overloaded: this partner has as many open as one may.
    """
    places: PartnersPlaces = request.app.state.partners_places
    with places.held_by(call.partner):
        yield call


SignedCall = Annotated[PartnerCall, Depends(call_with_a_place)]


def the_partner(register: Registered, call: SignedCall) -> PartnerCall:
    """Authenticate a partner's request, once.

    Raises:
        RequestReplayed: it was seen before.
        UnsignedRequest, PartnerError: as `signed_call`.
    """
    remember_request(register, partner(register.partition, call.partner), call.partner, call.jti)
    return call


PartnerSignedIn = Annotated[PartnerCall, Depends(the_partner)]


def _read_jwt(authorization: str | None) -> str:
    scheme, _, jwt = (authorization or "").partition(" ")
    if scheme != SCHEME or not jwt or len(jwt) > _JWT_MAX_CHARS:
        raise UnsignedRequest(f"expected the header `Authorization: {SCHEME}` with a signature")
    return jwt


def _read_path(request: Request) -> str:
    """The path with its query, as in the request line: what was signed are the bytes, not their meaning."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope["query_string"]
    return (raw + b"?" + query if query else raw).decode("latin-1")
