"""A token when one is needed: fetched from the country's provider, kept until shortly before it ends.

Safe to share between threads. Nothing is written to disk: a program that starts anew signs in anew.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2

from api.client.address import safe_url
from api.http.sign_in import DISCOVERY, ClientKey, ProviderUnreachable, fetch_access_token
from register.clock import Clock
from register.keys.strict_json import NotStrictBase64, NotStrictJson, decode_base64url, parse_object
from sync.transport.deadline import whole_within

EARLY: Final = timedelta(seconds=30)
"""A token is not begun with when it ends sooner than this: the request must still find it good."""
SIGN_IN_WITHIN_S: Final = 20.0
"""For all that a provider is asked until a token is here, however it spreads its bytes."""
OPAQUE_LIFETIME: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where and as whom to sign in.

    Attributes:
        issuer: the provider's issuer identifier, an address.
        me: the client's id and key.
    """

    issuer: str
    me: ClientKey


class Tokens:
    """The access tokens of one client; call it for one that holds now."""

    def __init__(
        self, sign_in: SignIn, http: httpx2.Client, clock: Clock, *, within_s: float = SIGN_IN_WITHIN_S
    ) -> None:
        self._issuer, self._me = safe_url(sign_in.issuer), sign_in.me
        self._http, self._clock, self._within_s = http, clock, within_s
        self._lock = threading.Lock()
        self._token, self._until = "", datetime.min.replace(tzinfo=UTC)
        self._token_url = ""

    def __call__(self) -> str:
        """Return a token.

        Raises:
            SignInRefused: the provider does not know this client, or its key.
            ProviderUnreachable: no answer, or one that is none.
            UnsafeAddress: the provider names an address where nothing may be sent.
        """
        with self._lock:
            now = self._clock.now()
            if not self._token or now >= self._until:
                with whole_within(self._within_s):  # whoever shares this waits for it
                    self._token = self._fetch(now)
                self._until = _read_token_end(self._token, now) - EARLY
            return self._token

    def forget(self, token: str) -> None:
        """Fetch a fresh one next time, if `token` is still the one kept: the register did not take it."""
        with self._lock:
            if self._token == token:
                self._token = ""

    def _fetch(self, now: datetime) -> str:
        if not self._token_url:
            self._token_url = self._discover()
        jti = str(self._clock.new_id())
        return fetch_access_token(
            self._http, self._me, issuer=self._issuer, token_url=self._token_url, jti=jti, now=now
        )

    def _discover(self) -> str:
        """The provider's token endpoint, from its own description (OpenID Connect Discovery 4)."""
        try:
            answer = self._http.get(self._issuer + DISCOVERY)
            said: Any = answer.json() if answer.status_code == httpx2.codes.OK else None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as exc:
            raise ProviderUnreachable(f"{self._issuer} gave no answer ({type(exc).__name__})") from exc
        found = said.get("token_endpoint") if isinstance(said, dict) and said.get("issuer") == self._issuer else None
        if not isinstance(found, str):
            raise ProviderUnreachable(f"{self._issuer} does not describe itself as an issuer of tokens")
        return safe_url(found)


def _read_token_end(token: str, now: datetime) -> datetime:
    """When a token ends. Only a hint for when to ask anew; the register alone judges whether a token holds."""
    try:
        ends = parse_object(decode_base64url(token.split(".")[1])).get("exp")
        return datetime.fromtimestamp(ends, UTC) if isinstance(ends, int) else now + OPAQUE_LIFETIME
    except (IndexError, NotStrictBase64, NotStrictJson, OverflowError, OSError, ValueError):
        return now + OPAQUE_LIFETIME
