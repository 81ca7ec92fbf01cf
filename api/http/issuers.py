"""Who issued a token, for which country, and under which keys: a bearer token in, an identity out.

The issuer decides the country, never a claim. Keys come from the issuer's published set: fetched within three
seconds, kept, and kept on when the issuer is out of reach, so that sign-in survives its outages. One fetch at a
time for each issuer, however many ask. This is the only place where sign-in reaches the network; what the
identity may do are rows of the register (`services.access.identify_caller`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final
from urllib.parse import urlsplit

import httpx2

from api.http.sign_in import DISCOVERY
from register.errors import NotSignedIn, OperatorError
from register.keys import jws
from register.keys.jwk import KEY_SET_MAX_BYTES, PublicKey, UnusableKey, read_key_set
from register.keys.strict_json import NotStrictJson, parse_object
from register.keys.tokens import STRICT, TOKEN_MAX_CHARS, Authenticated, TokenProfile, TokenRefused, read_access_token
from register.logs import logger
from register.settings import CountrySettings
from register.tls import trusted
from schemas.codes import Partition
from sync.transport.deadline import PunctualTransport, whole_within

FETCH_TIMEOUT_S: Final = 3.0
_AS_IS: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}
_LOOPBACK: Final = frozenset(("127.0.0.1", "localhost", "::1"))


class IssuerUnreachable(OperatorError):
    """The keys of a country's provider were never fetched, so nobody of that country can be signed in yet."""

    code = "issuer-unreachable"
    advice = "Check the issuer's address and the network between; it is asked again with the next request."


class IssuerMisconfigured(OperatorError):
    """The settings of an issuer cannot be right."""

    code = "issuer-misconfigured"
    advice = "Correct the issuers in the settings: https (or loopback), one country each, no address twice."


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One provider that may sign people and systems of one country in.

    Attributes:
        url: exactly as in the `iss` of its tokens.
        partition: the country it signs in for.
        audience: what its tokens for this node hold in `aud`.
        jwks_url: where its keys are; None asks its discovery document.
        profile: what its tokens look like.
        keys_max_age_s: after so long the keys are fetched anew, and the old ones serve until that works.
        retry_after_s: least time between two fetches, whether they worked or not: an unknown kid cannot hurry us.
    """

    url: str
    partition: Partition
    audience: str
    jwks_url: str | None = None
    profile: TokenProfile = STRICT
    keys_max_age_s: float = 300.0
    retry_after_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who stands behind an accepted token. `subject` is opaque and unique within the issuer only."""

    partition: Partition
    issuer: str
    subject: str
    client_id: str
    jti: str
    expires_at: datetime
    authenticated: Authenticated


class IssuerStanding(IntEnum):
    """What is known of an issuer, the worst first."""

    NEVER_HAD = 0
    """Its keys were never had: nobody can be signed in."""
    AWAY = 1
    """The last fetch failed; tokens are checked with the keys that were had before."""
    WELL = 2


class IssuerRegistry:
    """The issuers this node believes; safe to share between threads."""

    def __init__(
        self,
        issuers: Iterable[Issuer],
        *,
        monotonic: Callable[[], float],
        transport: httpx2.BaseTransport | None = None,
        within_s: float = FETCH_TIMEOUT_S,
    ) -> None:
        """Take the settings; nothing is fetched before the first token comes, or somebody looks.

        Args:
            issuers: one or more a country; an address belongs to one country only.
            monotonic: seconds that never run backwards, from the clock.
            transport: another way to the issuers, for tests.
            within_s: for an issuer's description and keys, both together, however it spreads its bytes.

        Raises:
            IssuerMisconfigured: see there.
        """
        self._client = httpx2.Client(
            follow_redirects=False, trust_env=False, transport=transport or PunctualTransport(trusted())
        )
        self._issuers: dict[str, _Keys] = {}
        for issuer in issuers:
            for url in (issuer.url, issuer.jwks_url):
                check_address(url)
            if issuer.url in self._issuers:
                raise IssuerMisconfigured(f"the issuer {issuer.url} is named twice")
            self._issuers[issuer.url] = _Keys(issuer, self._client, monotonic, within_s)

    def authenticate(self, bearer: str, now: datetime) -> Identity:
        """Return the identity behind an access token that holds at `now`.

        Raises:
            TokenRefused, TokenExpired: the token does not hold, or no issuer of ours made it.
            IssuerUnreachable: its issuer's keys were never fetched.
        """
        try:
            says = jws.peek(bearer, max_chars=TOKEN_MAX_CHARS)
        except jws.SignedDocumentRefused as exc:
            raise TokenRefused(f"the token is refused: {exc}", reason=exc.code) from exc
        source = self._issuers.get(says.issuer)
        if source is None:
            raise TokenRefused("the token comes from an issuer that this node does not know")
        issuer, keys = source.issuer, source.keys_for(says.kid)
        token = read_access_token(
            bearer, issuer=issuer.url, audience=issuer.audience, keys=keys, now=now, profile=issuer.profile
        )
        return Identity(
            issuer.partition,
            issuer.url,
            token.subject,
            token.client_id,
            token.jti,
            token.expires_at,
            token.authenticated,
        )

    def look(self) -> None:
        """Fetch what was never had or is old, as a token would have it fetched; takes as long as a fetch at most."""
        for source in self._issuers.values():
            source.look()

    def standing(self) -> IssuerStanding | None:
        """Whether somebody can be signed in, by what is known so far; None where no issuer is named."""
        found = [source.standing() for source in self._issuers.values()]
        return min(found, default=None)

    def keys_of(self, issuer: str, kid: str) -> Mapping[str, PublicKey]:
        """The keys of one issuer, fetched first where `kid` is not among those known.

        Raises:
            TokenRefused: this node knows no such issuer.
            IssuerUnreachable: its keys were never fetched.
        """
        source = self._issuers.get(issuer)
        if source is None:
            raise TokenRefused("this node does not know that issuer")
        return source.keys_for(kid)

    def profile_of(self, issuer: str) -> TokenProfile:
        """What an issuer's tokens look like; `TokenRefused` where this node knows no such issuer."""
        source = self._issuers.get(issuer)
        if source is None:
            raise TokenRefused("this node does not know that issuer")
        return source.issuer.profile

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def issuer_of(settings: CountrySettings, country: Partition) -> Issuer | None:
    """The provider of a country as the settings have it; None where they name none."""
    if not settings.issuer:
        return None
    said = settings.tokens
    profile = TokenProfile(
        older_algorithms=frozenset(said.older_algorithms),
        access_typ=said.access_typ,
        client_claim=said.client_claim,
        needs_id=said.needs_id,
        lifetime_max=timedelta(seconds=said.lifetime_max_s),
        leeway=timedelta(seconds=said.clock_s),
    )
    return Issuer(url=settings.issuer, partition=country, audience=settings.audience, profile=profile)


def bearer_of(authorization: str | None) -> str:
    """Return the token of an `Authorization` header (RFC 6750); `NotSignedIn` without one, `TokenRefused` if odd."""
    if authorization is None:
        raise NotSignedIn("no token was sent")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRefused("expected the header `Authorization: Bearer <token>`")
    return token


class _Keys:
    """The last good keys of one issuer, and when to ask for new ones."""

    def __init__(self, issuer: Issuer, client: httpx2.Client, monotonic: Callable[[], float], within_s: float) -> None:
        self.issuer = issuer
        self._client, self._monotonic, self._within_s = client, monotonic, within_s
        self._flight = threading.Lock()
        self._keys: Mapping[str, PublicKey] = {}
        self._good_at: float | None = None
        self._tried_at: float | None = None
        self._failed = False

    def look(self) -> None:
        """Fetch if there is need and a fetch is due; one that is under way is waited for."""
        if self._are_old() and self._may_try():
            with self._flight:
                if self._are_old() and self._may_try():
                    self._fetch()

    def standing(self) -> IssuerStanding:
        """What is known of it."""
        if not self._keys:
            return IssuerStanding.NEVER_HAD
        return IssuerStanding.AWAY if self._failed else IssuerStanding.WELL

    def keys_for(self, kid: str) -> Mapping[str, PublicKey]:
        """The keys to check a token against; fetched first where `kid` is unknown or the keys are old."""
        if kid not in self._keys:
            with self._flight:  # wait for whoever fetches: his answer may hold the key
                if kid not in self._keys and self._may_try():
                    self._fetch()
        elif self._are_old() and self._may_try() and self._flight.acquire(blocking=False):
            try:  # one request fetches, the others go on with what there is
                if self._are_old() and self._may_try():
                    self._fetch()
            finally:
                self._flight.release()
        if not self._keys:
            raise IssuerUnreachable(
                f"the keys of {self.issuer.url} could not be fetched", retry_after_s=int(self.issuer.retry_after_s)
            )
        return self._keys

    def _may_try(self) -> bool:
        return self._tried_at is None or self._monotonic() - self._tried_at >= self.issuer.retry_after_s

    def _are_old(self) -> bool:
        return self._good_at is None or self._monotonic() - self._good_at >= self.issuer.keys_max_age_s

    def _fetch(self) -> None:
        try:
            with whole_within(self._within_s):
                published = self._get(self.issuer.jwks_url or self._discover())
            self._keys = read_key_set(published, self.issuer.profile.older_algorithms)
            self._good_at, self._failed = self._monotonic(), False
        except (httpx2.HTTPError, httpx2.InvalidURL, UnusableKey, _UnusableAnswer) as exc:
            self._failed = True
            country = self.issuer.partition.value
            logger().warning(
                "issuer.keys_not_fetched", country=country, error_type=type(exc).__name__, keys=len(self._keys)
            )
        finally:
            self._tried_at = self._monotonic()

    def _discover(self) -> str:
        try:
            found = parse_object(self._get(self.issuer.url.rstrip("/") + DISCOVERY))
        except NotStrictJson as exc:
            raise _UnusableAnswer(str(exc)) from None
        jwks_url = found.get("jwks_uri")
        if found.get("issuer") != self.issuer.url or not isinstance(jwks_url, str):
            raise _UnusableAnswer("the discovery document is another issuer's or names no keys")
        try:
            check_address(jwks_url)
        except IssuerMisconfigured as exc:
            raise _UnusableAnswer(str(exc)) from None
        return jwks_url

    def _get(self, url: str) -> bytes:
        """Read an answer in pieces, so that its size cannot hold us; whoever calls bounds its time."""
        held = bytearray()
        with self._client.stream("GET", url, headers=_AS_IS, timeout=self._within_s) as answer:
            if answer.status_code != httpx2.codes.OK:
                raise _UnusableAnswer(f"status {answer.status_code}")
            for piece in answer.iter_bytes():
                held += piece
                if len(held) > KEY_SET_MAX_BYTES:
                    raise _UnusableAnswer("the answer is too large")
        return bytes(held)


class _UnusableAnswer(Exception):
    """An issuer answered, but not with keys."""


def check_address(url: str | None) -> None:
    """Raise `IssuerMisconfigured` unless the address is https, or http on the loopback; None is no address."""
    if url is None:
        return
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not secure or not parts.hostname or parts.fragment or parts.username:
        raise IssuerMisconfigured("an issuer's address must be https, or http on the loopback, without a password")
