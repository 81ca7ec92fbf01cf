"""How a program signs in: one request to its provider's token endpoint, proved by its own key.

Client credentials with private_key_jwt (RFC 6749 4.4, RFC 7523). No password and no shared secret exist. Keeps
nothing: who wants to use a token twice holds it until it expires.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

import httpx2

from register.errors import NotSignedIn, OperatorError
from register.keys.jwk import PrivateKey
from register.keys.tokens import sign_client_assertion

DISCOVERY: Final = "/.well-known/openid-configuration"
"""Where a provider says, below its own address, what it offers (OpenID Connect Discovery 4)."""
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM: Final = "application/x-www-form-urlencoded"


class SignInRefused(NotSignedIn):
    """The provider refused to give a token to this client."""

    code = "sign-in-refused"
    advice = "Check that the provider knows the client and its public key, and that the clocks agree."


class ProviderUnreachable(OperatorError):
    """The provider did not answer, or not with a token."""

    code = "provider-unreachable"
    advice = "Check the provider's address and the network between."


@dataclass(frozen=True, slots=True)
class ClientKey:
    """How a client proves itself: its id at the provider and the key registered for it."""

    client_id: str
    kid: str
    key: PrivateKey = field(repr=False)


def fetch_access_token(
    http: httpx2.Client, me: ClientKey, *, issuer: str, token_url: str, jti: str, now: datetime
) -> str:
    """Return a fresh access token for the client.

    Args:
        http: the connections to use.
        me: the client and its key.
        issuer: the provider's issuer identifier, the audience of the assertion.
        token_url: its token endpoint.
        jti: fresh; the provider refuses one it has seen.
        now: aware.

    Raises:
        SignInRefused: the provider's error code is in the message.
        ProviderUnreachable: no answer, or one that is none.
    """
    assertion = sign_client_assertion(client_id=me.client_id, audience=issuer, jti=jti, now=now, kid=me.kid, key=me.key)
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    try:
        answer = http.post(token_url, content=urlencode(form), headers={"Content-Type": FORM})
        said = answer.json()
    except (httpx2.HTTPError, ValueError) as exc:
        raise ProviderUnreachable(f"{token_url} gave no answer ({type(exc).__name__})") from exc
    token = said.get("access_token") if isinstance(said, dict) else None
    if answer.status_code == httpx2.codes.OK and isinstance(token, str):
        return token
    if answer.status_code < httpx2.codes.INTERNAL_SERVER_ERROR and isinstance(said, dict):
        raise SignInRefused(f"the provider refused client {me.client_id}: {said.get('error')}")
    raise ProviderUnreachable(f"{token_url} answered with status {answer.status_code} and no token")
