"""A provider of sign-in for trial and test: one small issuer a country, on the loopback.

Gives access tokens to clients that prove themselves by a key (client credentials with private_key_jwt), and signs
people in to the pages with a password that whoever starts it hands in (`code_flow`); there is no
password in the program. Knows who may sign in and nothing of what they may do. Refuses production.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeVar
from urllib.parse import parse_qsl

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from api.http.issuers import Issuer
from api.http.sign_in import ASSERTION_TYPE, DISCOVERY, FORM
from register.clock import Clock
from register.errors import OperatorError
from register.keys import jws
from register.keys.jwk import PrivateKey, PublicKey, write_key_set
from register.keys.tokens import (
    TOKEN_MAX_CHARS,
    TokenRefused,
    read_client_assertion,
    sign_access_token,
    sign_id_token,
)
from rtr_trial.embedded.identity_provider.code_flow import CodeFlow, Login, PagesClient
from rtr_trial.embedded.production import RefusedInProduction
from schemas.codes import Partition

TOKEN_LIFETIME: Final = timedelta(minutes=10)
START_TIMEOUT_S: Final = 15.0
_FORM_MAX_BYTES: Final = 16_384
_CODE: Final = "authorization_code"


class IssuerDoesNotStart(OperatorError):
    """The embedded issuer ended, or did not answer in time."""

    code = "issuer-does-not-start"
    advice = "Another program may hold its port, or the machine is very busy; start it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody who may sign in.

    Attributes:
        client_id: unique at the issuer.
        subject: opaque; the register's rows say which person or service it is, and of which organisation.
        keys: the client's public keys by kid.
        kind: for the list that the demo prints; in no token.
        label: likewise.
    """

    client_id: str
    subject: str
    keys: Mapping[str, PublicKey]
    kind: Literal["person", "service"] = "service"
    label: str = ""


_ClientT = TypeVar("_ClientT", Client, PagesClient)


class LoopbackIssuer:
    """The issuer of one country: its keys, its clients, and `app`, which answers."""

    def __init__(
        self,
        partition: Partition,
        *,
        url: str,
        audience: str,
        clients: Iterable[Client],
        clock: Clock,
        environment: str,
        key: PrivateKey | None = None,
        logins: Iterable[Login] = (),
    ) -> None:
        """Set the issuer up; nothing listens yet.

        Args:
            partition: the country it signs in for.
            url: its address and issuer identifier.
            audience: what its tokens hold in `aud`.
            clients: who may sign in.
            clock: for the times in tokens and fresh ids.
            environment: the value of RTR_ENV; "production" is refused.
            key: to sign with; a fresh one if None.
            logins: people who sign in to pages with a password.

        Raises:
            RefusedInProduction: see `environment`.
        """
        if environment.strip().lower() in {"production", "prod"}:
            raise RefusedInProduction("the embedded issuer does not run with RTR_ENV=production")
        self.partition, self.url, self.audience = partition, url, audience
        self.token_url = f"{url}/token"
        self.clients = {client.client_id: client for client in clients}
        self._clock = clock
        self._key = key or PrivateKey.generate()
        self._kid = self._key.public().thumbprint()
        self._seen = _SeenOnce()
        self._flow = CodeFlow(url, logins, (), clock)
        self.app = self._build()

    def as_issuer(self) -> Issuer:
        """What a node's settings say about this issuer."""
        return Issuer(url=self.url, partition=self.partition, audience=self.audience)

    def admit(self, pages: PagesClient) -> None:
        """Let people sign in to these pages; their key is often made after the issuer has started."""
        self._flow.clients[pages.client_id] = pages

    def mint(
        self,
        client_id: str,
        *,
        now: datetime | None = None,
        lifetime: timedelta = TOKEN_LIFETIME,
        audience: str | None = None,
        auth_time: datetime | None = None,
    ) -> str:
        """Return an access token for a client without asking him to prove himself: for tests and the demo's process."""
        client, now = self.clients[client_id], now or self._clock.now()
        return sign_access_token(
            issuer=self.url,
            audience=audience or self.audience,
            subject=client.subject,
            client_id=client.client_id,
            jti=str(self._clock.new_id()),
            now=now,
            lifetime=lifetime,
            kid=self._kid,
            key=self._key,
            # A person proves who it is by the key of its client, at this very moment; behind a program is nobody.
            auth_time=(auth_time or now) if client.kind == "person" else None,
        )

    def _build(self) -> FastAPI:
        app = FastAPI(title=f"Issuer of {self.partition}", openapi_url=None, redirect_slashes=False)

        @app.get(DISCOVERY)
        def discovery() -> JSONResponse:
            return JSONResponse(self._description())

        @app.get("/keys")
        def keys() -> Response:
            return Response(write_key_set({self._kid: self._key.public()}), media_type="application/jwk-set+json")

        @app.post("/token")
        async def token(request: Request) -> JSONResponse:
            return self._answer(await _form_of(request))

        @app.get("/authorize")
        def authorize(request: Request) -> Response:
            return self._flow.ask(_once(request.query_params.multi_items()))

        @app.post("/authorize")
        async def sign_in(request: Request) -> Response:
            return self._flow.sign_in(await _form_of(request))

        return app

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "token_endpoint": self.token_url,
            "authorization_endpoint": f"{self.url}/authorize",
            "jwks_uri": f"{self.url}/keys",
            "grant_types_supported": self._grants(),
            "response_types_supported": ["code"] if self._flow.clients else [],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["Ed25519"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["Ed25519", "ES256", "PS256"],
        }

    def _answer(self, form: Mapping[str, str] | None) -> JSONResponse:
        if form is None:
            return _refused("invalid_request", "expected one form with each member once")
        if form.get("grant_type") not in self._grants():
            return _refused("unsupported_grant_type", f"expected {' or '.join(self._grants())}")
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            return _refused("invalid_client", "expected private_key_jwt", status=401)
        if form["grant_type"] == _CODE:
            return self._redeemed(form)
        client = self._proven(form.get("client_assertion", ""), self.clients)
        if client is None or form.get("client_id", client.client_id) != client.client_id:
            return _refused("invalid_client", "the assertion does not hold", status=401)
        if form.get("resource", self.audience) != self.audience:
            return _refused("invalid_target", "this issuer knows one audience")
        said = {
            "access_token": self.mint(client.client_id),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
        }
        return JSONResponse(said, headers={"Cache-Control": "no-store"})

    def _redeemed(self, form: Mapping[str, str]) -> JSONResponse:
        client = self._proven(form.get("client_assertion", ""), self._flow.clients)
        if client is None or form.get("client_id", client.client_id) != client.client_id:
            return _refused("invalid_client", "the assertion does not hold", status=401)
        granted = self._flow.redeem(form, client)
        if granted is None:
            return _refused("invalid_grant", "the code does not hold, or not for this client, address and verifier")
        who, now = granted.login, self._clock.now()
        signed: dict[str, Any] = {"issuer": self.url, "subject": who.subject, "now": now}
        signed |= {"kid": self._kid, "key": self._key, "auth_time": granted.at}
        said = {
            "access_token": sign_access_token(
                audience=self.audience,
                client_id=client.client_id,
                jti=str(self._clock.new_id()),
                lifetime=TOKEN_LIFETIME,
                **signed,
            ),
            "id_token": sign_id_token(client_id=client.client_id, name=who.title, nonce=granted.nonce, **signed),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
        }
        return JSONResponse(said, headers={"Cache-Control": "no-store"})

    def _grants(self) -> list[str]:
        return ["client_credentials", *([_CODE] if self._flow.clients else [])]

    def _proven(self, assertion: str, among: Mapping[str, _ClientT]) -> _ClientT | None:
        now = self._clock.now()
        try:
            client = among[jws.peek(assertion, max_chars=TOKEN_MAX_CHARS).issuer]
            proof = read_client_assertion(
                assertion, client_id=client.client_id, audience=self.url, keys=client.keys, now=now
            )
        except (jws.SignedDocumentRefused, TokenRefused, KeyError):
            return None
        return client if self._seen.first_time((proof.client_id, proof.jti), now, until=proof.remember_until) else None


@contextlib.contextmanager
def running(
    partition: Partition,
    *,
    audience: str,
    clients: Iterable[Client],
    clock: Clock,
    environment: str,
    port: int = 0,
    key: PrivateKey | None = None,
    logins: Iterable[Login] = (),
) -> Iterator[LoopbackIssuer]:
    """Serve a country's issuer on the loopback, in a thread, for as long as the block lasts.

    The arguments are those of `LoopbackIssuer`; port 0 takes a free one, which `url` then names.

    Raises:
        RefusedInProduction: see `LoopbackIssuer`.
        IssuerDoesNotStart: the server ended or did not answer in time.
    """
    with socket.create_server(("127.0.0.1", port)) as listener:
        issuer = LoopbackIssuer(
            partition,
            url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            audience=audience,
            clients=clients,
            clock=clock,
            environment=environment,
            key=key,
            logins=logins,
        )
        server = uvicorn.Server(uvicorn.Config(issuer.app, log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), name=f"issuer-{partition}", daemon=True)
        thread.start()
        try:
            _wait_until_started(server, thread)
            yield issuer
        finally:
            server.should_exit = True
            thread.join(START_TIMEOUT_S)


class _SeenOnce:
    """Remembers what was presented until it could not be presented again anyway."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], datetime] = {}
        self._lock = threading.Lock()

    def first_time(self, what: tuple[str, str], now: datetime, *, until: datetime) -> bool:
        with self._lock:
            self._until = {known: end for known, end in self._until.items() if end >= now}
            return self._until.setdefault(what, until) is until


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise IssuerDoesNotStart("the embedded issuer did not start")
        time.sleep(0.01)


async def _form_of(request: Request, *, encoding: str = "utf-8") -> dict[str, str] | None:
    """The members of a form, or None where it is no form, too large, or names one twice (RFC 6749, 3.2)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return None
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) > _FORM_MAX_BYTES:
            return None
    try:
        pairs = parse_qsl(
            held.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=20,
            encoding=encoding,
            errors="strict",
        )
    except ValueError:
        return None
    return _once(pairs)


def _once(pairs: Sequence[tuple[str, str]]) -> dict[str, str] | None:
    members = dict(pairs)
    return members if len(members) == len(pairs) else None


def _refused(error: str, says: str, *, status: int = 400) -> JSONResponse:
    """An error of RFC 6749, 5.2, in its own form: this is no door of the register."""
    return JSONResponse(
        {"error": error, "error_description": says}, status_code=status, headers={"Cache-Control": "no-store"}
    )
