"""The rules on the claims of tokens: who may present one, to whom, for what, and until when.

Three kinds: access tokens of people and systems (RFC 9068), the ID token by which a provider tells the pages who
signed in (OpenID Connect Core 2), and the assertion by which a client proves itself to its issuer (RFC 7523). What
signs a request between nodes is the exchange's own (`sync.protocol.documents.request`). Time comes in as an
argument. Whether a `jti` was seen before is asked of whoever keeps them. What a person may do is never in a token:
authorisations are rows of the register (security.md 4).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, Final, Literal

from register.errors import NotSignedIn
from register.keys import jws
from register.keys.jwk import ALGORITHMS, OLDER, Older, PrivateKey, PublicKey
from register.keys.strict_json import encode_base64url

ACCESS_TYP: Final = "at+jwt"
ASSERTION_TYP: Final = "client-authentication+jwt"
ID_TYP: Final = "JWT"
TOKEN_MAX_CHARS: Final = 8_192
TEXT_MAX_CHARS: Final = 255
LEEWAY: Final = timedelta(seconds=30)
ASSERTION_LIFETIME_MAX: Final = timedelta(seconds=120)
_LAST_SECOND: Final = 253_370_764_799  # end of the year 9998: leeway can be added without leaving the calendar


class TokenRefused(NotSignedIn):
    """A token is there and does not hold: wrong signature, issuer, audience, type, lifetime or shape."""

    code = "token-refused"
    advice = "Sign in again at your country's provider; if that does not help, its operator must look at the message."


class TokenExpired(TokenRefused):
    """A token was good and its time is over."""

    code = "token-expired"
    advice = "Get a new token and repeat the request."


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenProfile:
    """What one issuer's tokens look like. As it stands: RFC 9068; each setting lets in what some providers do instead.

    Attributes:
        older_algorithms: RS256, or Ed25519 under its older name EdDSA.
        access_typ: the header's `typ` of access tokens. With "JWT" they cannot be told from ID tokens by it: then a
            token with a `nonce` is none, and the audience must not be the client's id (the settings refuse that).
        client_claim: which claim names the client.
        needs_id: whether each access token has a `jti`.
        lifetime_max: of any token.
        leeway: by which the issuer's clock may differ from ours.
    """

    older_algorithms: frozenset[Older] = frozenset()
    access_typ: Literal["at+jwt", "JWT"] = "at+jwt"
    client_claim: Literal["client_id", "azp", "appid"] = "client_id"
    needs_id: bool = True
    lifetime_max: timedelta = timedelta(hours=1)
    leeway: timedelta = timedelta(seconds=30)


STRICT: Final = TokenProfile()
_ACCESS_TYPS: Final = ("at+jwt", "JWT")
_CLIENT_CLAIMS: Final = ("client_id", "azp", "appid")
_WIDER: Final[Mapping[str, tuple[Any, ...]]] = {
    "older_algorithms": (frozenset({"RS256"}), frozenset({"EdDSA"}), OLDER),
    "needs_id": (False,),
    "lifetime_max": tuple(timedelta(hours=hours) for hours in (2, 4, 12, 24)),
    "leeway": tuple(timedelta(seconds=seconds) for seconds in (60, 120, 300)),
}
"""What a profile can let in beyond its own, the widest last."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What an accepted access token says. The issuer decides the country; no claim does."""

    issuer: str
    subject: str
    client_id: str
    jti: str
    issued_at: datetime
    expires_at: datetime
    authenticated: Authenticated


@dataclass(frozen=True, slots=True)
class Authenticated:
    """When the provider asked the person for a proof (`auth_time`) and how strong it was (`acr`), if it says so."""

    at: datetime | None
    acr: str


@dataclass(frozen=True, slots=True)
class IdToken:
    """What an accepted ID token says. `name` is for the header of a page and decides nothing; empty if not given."""

    subject: str
    name: str
    authenticated: Authenticated


@dataclass(frozen=True, slots=True)
class ClientAssertion:
    """What an accepted client assertion says; the client is subject and issuer of it at once."""

    client_id: str
    jti: str
    remember_until: datetime


def read_access_token(
    compact: str,
    *,
    issuer: str,
    audience: str,
    keys: Mapping[str, PublicKey],
    now: datetime,
    profile: TokenProfile = STRICT,
) -> AccessToken:
    """Return the access token if it holds at `now` (RFC 9068, section 4), else raise a `TokenRefused`.

    The claims iss, aud, exp, iat, jti, sub and client_id are all required, but for what the issuer's profile lets be
    otherwise; a token without an id of its own is known by the hash of its signature.
    """
    claims = _signed_claims(compact, profile.access_typ, keys, profile.older_algorithms)
    if claims.get("iss") != issuer:
        raise TokenRefused("the token's `iss` is not the issuer whose key signed it")
    if audience not in _list_audiences(claims):
        raise TokenRefused("the token is for another audience")
    if "nonce" in claims:
        raise TokenRefused("the token has a `nonce`: it says who signed in, and lets nobody ask for anything")
    issued_at, expires_at = _read_lifetime(claims, profile.lifetime_max, now, profile.leeway)
    subject, client_id = _read_text(claims, "sub"), _read_text(claims, profile.client_claim)
    jti = _read_text(claims, "jti") if profile.needs_id or "jti" in claims else _hash_of(compact)
    return AccessToken(issuer, subject, client_id, jti, issued_at, expires_at, _read_authentication(claims, issued_at))


def profile_that_takes(
    compact: str, *, issuer: str, audience: str, keys: Mapping[str, PublicKey], now: datetime, profile: TokenProfile
) -> TokenProfile:
    """Return the profile nearest to this one under which an access token holds: what differs is what to set.

    Raises:
        TokenRefused: no profile takes it; says why.
    """

    def read_with(**other: Any) -> TokenProfile:
        made = replace(profile, **other)
        read_access_token(compact, issuer=issuer, audience=audience, keys=keys, now=now, profile=made)
        return made

    refused: TokenRefused | None = None
    either = product((profile.client_claim, *_CLIENT_CLAIMS), (profile.access_typ, *_ACCESS_TYPS))
    for claim, typ in either:
        widest = {"client_claim": claim, "access_typ": typ} | {name: ladder[-1] for name, ladder in _WIDER.items()}
        try:
            read_with(**widest)
        except TokenRefused as error:
            if refused is None or refused.details.get("reason") == jws.WrongType.code:
                refused = error  # the one by the token's own type says what is wrong
            continue
        for name, ladder in _WIDER.items():  # each as narrow as the token lets it be, the others held
            for value in (getattr(profile, name), *ladder):
                with suppress(TokenRefused):
                    read_with(**widest | {name: value})
                    widest[name] = value
                    break
        return read_with(**widest)
    raise refused or TokenRefused("the token is refused")


def sign_access_token(
    *,
    issuer: str,
    audience: str,
    subject: str,
    client_id: str,
    jti: str,
    now: datetime,
    lifetime: timedelta,
    kid: str,
    key: PrivateKey,
    auth_time: datetime | None = None,
    acr: str = "",
) -> str:
    """Return a signed access token; only the loopback issuer of trials and the tests make any."""
    claims = {
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "client_id": client_id,
        "jti": jti,
        "iat": _derive_seconds(now),
        "exp": _derive_seconds(now + lifetime),
        **_said_of_sign_in(auth_time, acr),
    }
    return jws.sign(claims, typ=ACCESS_TYP, kid=kid, key=key)


def read_id_token(
    compact: str,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    keys: Mapping[str, PublicKey],
    now: datetime,
    profile: TokenProfile = STRICT,
) -> IdToken:
    """Return the ID token if it holds at `now` (OpenID Connect Core 3.1.3.7), else raise a `TokenRefused`.

    It must be for this client alone and carry the nonce of the very sign-in that it answers.
    """
    claims = _signed_claims(compact, ID_TYP, keys, profile.older_algorithms)
    if claims.get("iss") != issuer:
        raise TokenRefused("the ID token's `iss` is not the issuer whose key signed it")
    if _list_audiences(claims) != [client_id] or claims.get("azp", client_id) != client_id:
        raise TokenRefused("the ID token is for another client, or not for this one alone")
    if not hmac.compare_digest(_read_text(claims, "nonce").encode(), nonce.encode()):
        raise TokenRefused("the ID token answers another sign-in")
    issued_at, _ = _read_lifetime(claims, profile.lifetime_max, now, profile.leeway)
    # Some providers send it empty for whoever has none.
    name = _read_text(claims, "name") if claims.get("name", "") != "" else ""
    return IdToken(_read_text(claims, "sub"), name, _read_authentication(claims, issued_at))


def sign_id_token(
    *,
    issuer: str,
    client_id: str,
    subject: str,
    name: str,
    nonce: str,
    now: datetime,
    kid: str,
    key: PrivateKey,
    auth_time: datetime | None = None,
    acr: str = "",
) -> str:
    """Return a signed ID token, good for five minutes; only the loopback issuer of trials and the tests make any."""
    claims = {
        "iss": issuer,
        "aud": client_id,
        "sub": subject,
        "name": name,
        "nonce": nonce,
        "iat": _derive_seconds(now),
        "exp": _derive_seconds(now + timedelta(minutes=5)),
        **_said_of_sign_in(auth_time, acr),
    }
    return jws.sign(claims, typ=ID_TYP, kid=kid, key=key)


def sign_client_assertion(*, client_id: str, audience: str, jti: str, now: datetime, kid: str, key: PrivateKey) -> str:
    """Return the assertion by which a client proves itself to the issuer `audience` (RFC 7523), good for a minute."""
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": jti,
        "iat": _derive_seconds(now),
        "exp": _derive_seconds(now + timedelta(seconds=60)),
    }
    return jws.sign(claims, typ=ASSERTION_TYP, kid=kid, key=key)


def read_client_assertion(
    compact: str, *, client_id: str, audience: str, keys: Mapping[str, PublicKey], now: datetime
) -> ClientAssertion:
    """Return the assertion if it holds at `now`, else raise a `TokenRefused`; the caller refuses a `jti` it knows."""
    claims = _signed_claims(compact, ASSERTION_TYP, keys)
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise TokenRefused("the assertion's `iss` and `sub` must both be the client")
    if claims.get("aud") != audience:
        raise TokenRefused("the assertion's `aud` must be the issuer and nothing else")
    _, expires_at = _read_lifetime(claims, ASSERTION_LIFETIME_MAX, now)
    return ClientAssertion(client_id, _read_text(claims, "jti"), expires_at + LEEWAY)


def _signed_claims(
    compact: str, typ: str, keys: Mapping[str, PublicKey], older: frozenset[Older] = frozenset()
) -> dict[str, Any]:
    try:
        signed = jws.verify(compact, typ=typ, keys=keys, algorithms=ALGORITHMS, older=older, max_chars=TOKEN_MAX_CHARS)
        return signed.claims()
    except jws.SignedDocumentRefused as exc:
        raise TokenRefused(f"the token is refused: {exc}", reason=exc.code) from exc


def _read_lifetime(
    claims: Mapping[str, Any], longest: timedelta, now: datetime, leeway: timedelta = LEEWAY
) -> tuple[datetime, datetime]:
    issued_at, expires_at = _read_moment(claims, "iat"), _read_moment(claims, "exp")
    starts_at = max(issued_at, _read_moment(claims, "nbf")) if "nbf" in claims else issued_at
    if not timedelta(0) < expires_at - issued_at <= longest:
        raise TokenRefused(f"the token's lifetime must be more than 0 and at most {int(longest.total_seconds())} s")
    if now > expires_at + leeway:
        raise TokenExpired(f"the token expired at {expires_at.isoformat()}")
    if now < starts_at - leeway:
        raise TokenRefused(f"the token is not good before {starts_at.isoformat()}; compare the clocks")
    return issued_at, expires_at


def _read_authentication(claims: Mapping[str, Any], issued_at: datetime) -> Authenticated:
    """What a token says of the sign-in behind it; nobody signed in later than the token that says so was made."""
    at = min(_read_moment(claims, "auth_time"), issued_at) if "auth_time" in claims else None
    # Keycloak sends a number where others send a name.
    acr = claims.get("acr", "")
    return Authenticated(at, _read_text(claims, "acr") if isinstance(acr, str) and acr else "")


def _hash_of(compact: str) -> str:
    return encode_base64url(hashlib.sha256(compact.rpartition(".")[2].encode()).digest())


def _read_moment(claims: Mapping[str, Any], name: str) -> datetime:
    """The time of a NumericDate. Whole seconds only: fractions have no single spelling."""
    value = claims.get(name)
    if type(value) is not int or not 0 <= value <= _LAST_SECOND:
        raise TokenRefused(f"the claim `{name}` must be a whole number of seconds since 1970")
    return datetime.fromtimestamp(value, UTC)


def _said_of_sign_in(auth_time: datetime | None, acr: str) -> dict[str, Any]:
    return ({} if auth_time is None else {"auth_time": _derive_seconds(auth_time)}) | ({"acr": acr} if acr else {})


def _read_text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_MAX_CHARS or not value.isprintable():
        raise TokenRefused(f"the claim `{name}` must be a printable text of 1 to {TEXT_MAX_CHARS} characters")
    return value


def _derive_seconds(when: datetime) -> int:
    return int(when.timestamp())


def _list_audiences(claims: Mapping[str, Any]) -> list[Any]:
    value = claims.get("aud")
    return value if isinstance(value, list) else [value]
