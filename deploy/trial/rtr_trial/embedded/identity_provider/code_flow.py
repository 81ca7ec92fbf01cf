"""The part of the loopback issuer where people sign in with a name and a password: code flow with PKCE (S256 only).

One address for each client to come back to, compared letter by letter; one page; codes that live a minute, are good
for once and only for the client, address and verifier that they were made for. Knows no cookie: everybody who comes
types his password. For trial and test: a country's own provider does this with its own means.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Final
from urllib.parse import urlencode, urlsplit

from fastapi.responses import HTMLResponse, RedirectResponse, Response

from register.clock import Clock
from register.keys.jwk import PublicKey

CODE_LIFETIME: Final = timedelta(seconds=60)
TRIES: Final = 10
TRIES_WITHIN: Final = timedelta(minutes=5)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_SHORT: Final = re.compile(r"[\x21-\x7e]{1,512}")
_ASKED: Final = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
    "code_challenge_method",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A person who signs in with a password.

    Attributes:
        name: what is typed; unique at the issuer.
        subject: opaque; the register's rows say what this person may do.
        title: how pages call this person.
    """

    name: str
    password: str = field(repr=False)
    subject: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesClient:
    """An application that people sign in to.

    Attributes:
        keys: by which it proves itself when it redeems a code, by kid.
        redirect_uri: the only address that a code is sent to.
    """

    client_id: str
    keys: Mapping[str, PublicKey]
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Granted:
    """What a code stands for."""

    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    login: Login
    at: datetime
    until: datetime


class CodeFlow:
    """The authorization endpoint of one issuer and the codes it has given out; safe to share between threads."""

    def __init__(self, issuer: str, logins: Iterable[Login], clients: Iterable[PagesClient], clock: Clock) -> None:
        self._issuer, self._clock = issuer, clock
        self._logins = {one.name: one for one in logins}
        self.clients = {one.client_id: one for one in clients}
        self._codes: dict[str, Granted] = {}
        self._failed: dict[str, list[datetime]] = {}
        self._lock = threading.Lock()

    def ask(self, asked: Mapping[str, str] | None) -> Response:
        """Answer somebody whom a client sent here: the page to sign in on, or a refusal."""
        client = self._client_of(asked)
        if client is None or asked is None:
            return _page("Sign-in did not begin", "<p>The address that led here is not one of ours.</p>", status=400)
        wrong = _wrong(asked)
        return self._back(client, asked, error=wrong) if wrong else _form(asked, client)

    def sign_in(self, sent: Mapping[str, str] | None) -> Response:
        """Answer a name and password: back to the client with a code, or the page again."""
        client = self._client_of(sent)
        if client is None or sent is None or _wrong(sent):
            return _page("Sign-in did not begin", "<p>The form is not one of ours.</p>", status=400)
        name = sent.get("name", "")
        if self._too_many(name):
            return _form(sent, client, says="Too many tries. Wait five minutes.", status=429)
        login = self._logins.get(name)
        if not _same(sent.get("password", ""), login.password if login else secrets.token_hex(16)) or login is None:
            self._note_failure(name)
            return _form(sent, client, says="Name and password do not belong together.", status=403)
        code, now = secrets.token_urlsafe(32), self._clock.now()
        granted = Granted(
            client.client_id,
            client.redirect_uri,
            sent["code_challenge"],
            sent["nonce"],
            login,
            now,
            now + CODE_LIFETIME,
        )
        with self._lock:
            self._codes = {known: one for known, one in self._codes.items() if one.until >= self._clock.now()}
            self._codes[code] = granted
        return self._back(client, sent, code=code)

    def redeem(self, form: Mapping[str, str], client: PagesClient) -> Granted | None:
        """Return what a code stands for, once, to the client it was made for; None where anything does not fit."""
        with self._lock:
            granted = self._codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        if granted is None or granted.until < self._clock.now() or not _VERIFIER.fullmatch(verifier):
            return None
        hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        fits = (
            granted.client_id == client.client_id
            and granted.redirect_uri == form.get("redirect_uri")
            and hmac.compare_digest(hashed, granted.challenge)
        )
        return granted if fits else None

    def _client_of(self, asked: Mapping[str, str] | None) -> PagesClient | None:
        client = self.clients.get((asked or {}).get("client_id", ""))
        return client if client is not None and asked and asked.get("redirect_uri") == client.redirect_uri else None

    def _back(self, client: PagesClient, asked: Mapping[str, str], **says: str) -> Response:
        # `iss` (RFC 9207): a client of several issuers can tell whose answer this is.
        state = {"state": asked["state"]} if _SHORT.fullmatch(asked.get("state", "")) else {}
        address = f"{client.redirect_uri}?{urlencode({**says, **state, 'iss': self._issuer})}"
        return RedirectResponse(address, status_code=303, headers=dict(_HEADERS))

    def _too_many(self, name: str) -> bool:
        since = self._clock.now() - TRIES_WITHIN
        with self._lock:
            self._failed = {who: kept for who, at in self._failed.items() if (kept := [t for t in at if t > since])}
            return len(self._failed.get(name, ())) >= TRIES

    def _note_failure(self, name: str) -> None:
        with self._lock:
            self._failed.setdefault(name, []).append(self._clock.now())


def _wrong(asked: Mapping[str, str]) -> str:
    """The error code of RFC 6749, 4.1.2.1, or nothing."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked.get("scope", "").split(" "):
        return "invalid_scope"
    if asked.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(asked.get("code_challenge", "")):
        return "invalid_request"
    if "request" in asked or "request_uri" in asked:
        return "request_not_supported"
    return "" if all(_SHORT.fullmatch(asked.get(name, "")) for name in ("state", "nonce")) else "invalid_request"


def _same(typed: str, known: str) -> bool:
    return hmac.compare_digest(hashlib.sha256(typed.encode()).digest(), hashlib.sha256(known.encode()).digest())


def _form(asked: Mapping[str, str], client: PagesClient, *, says: str = "", status: int = 200) -> Response:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">' for name in _ASKED if name in asked
    )
    error = f'<p class="error" role="alert">{escape(says)}</p>' if says else ""
    body = (
        f'{error}<form method="post" action="/authorize">{hidden}'
        '<p><label for="name">Name</label><input id="name" name="name" autocomplete="username" required></p>'
        '<p><label for="password">Password</label><input id="password" name="password" type="password" '
        'autocomplete="current-password" required></p><p><button>Sign in</button></p></form>'
        "<p>This sign-in is part of a trial. The names and passwords were printed when it started.</p>"
    )
    back = urlsplit(client.redirect_uri)
    return _page("Sign in", body, status=status, form_action=f"'self' {back.scheme}://{back.netloc}")


_STYLE: Final = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "label{display:block;font-weight:600}input{width:100%;box-sizing:border-box;font:inherit;padding:.5rem;"
    "border:2px solid #1b1b1b}button{font:inherit;padding:.6rem 1.2rem;background:#1d3f91;color:#fff;border:0}"
    ":focus-visible{outline:3px solid #b45309;outline-offset:2px}.error{border-left:6px solid #b3261e;padding:.5rem}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def _page(title: str, body: str, *, status: int, form_action: str = "'none'") -> Response:
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; form-action {form_action}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(html, status_code=status, headers={**_HEADERS, "Content-Security-Policy": policy})
