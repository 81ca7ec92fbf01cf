"""How the pages sign somebody in: OpenID Connect's code flow with PKCE, at the country's one provider.

State, nonce and code verifier are made here, travel in the person's own browser in one marked, short-lived cookie,
and are good for the one answer that carries the same state. The pages prove themselves by a key, not by a secret.
The ID token is checked by the strict door (`register.keys.tokens`); of the provider's answers nothing is believed
that it did not sign or publish under its own address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import httpx2

from api.http.issuers import IssuerMisconfigured, IssuerRegistry, check_address
from api.http.sign_in import ASSERTION_TYPE, DISCOVERY, FORM, ProviderUnreachable, SignInRefused
from api.web.frame.addresses import own_path
from register.core import Register
from register.keys import jws
from register.keys.strict_json import NotStrictJson, parse_object
from register.keys.tokens import TOKEN_MAX_CHARS, IdToken, TokenRefused, read_id_token, sign_client_assertion
from register.settings import CountrySettings
from register.tls import trusted
from sync.transport.deadline import PunctualTransport, whole_within

SIGNED_IN: Final = "/signed-in"
"""Where the provider sends people back to; it must know this address of each country's pages."""
LASTS: Final = timedelta(minutes=10)
TIMEOUT_S: Final = 5.0
"""For each answer of the provider as a whole, however it spreads its bytes."""
ANSWER_MAX_BYTES: Final = 65_536
_AS_IS: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}


class SignInNotSetUp(ProviderUnreachable):
    """This country's settings name no provider, so nobody can sign in to its pages."""

    code = "sign-in-not-set-up"
    advice = "Set `issuer` and `client_id` of the country, and register the pages' key and address at the provider."


class NotFresh(SignInRefused):
    """The provider was asked for a fresh sign-in and answered with another one."""

    code = "sign-in-not-fresh"
    advice = "Set the provider to heed `prompt=login`, `max_age` and `acr_values`, and to say `auth_time` and `acr`."


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that was begun in one browser and not answered yet.

    Attributes:
        next: the page to go to afterwards; a path of our own.
        until: seconds since 1970.
        fresh: the provider was told to ask the person anew, whoever is signed in there already.
    """

    state: str
    nonce: str
    verifier: str
    next: str
    until: int
    fresh: bool


def base_url(settings: CountrySettings) -> str:
    """Where browsers find this country's pages, without a slash at the end."""
    return settings.public_url.rstrip("/") or f"http://{settings.listen}"


class SignIn:
    """One country's way to its provider; safe to share between threads."""

    def __init__(self, register: Register, issuers: IssuerRegistry, *, within_s: float = TIMEOUT_S) -> None:
        self._register, self._issuers, self._within_s = register, issuers, within_s
        self._settings = register.settings.of(register.partition)
        self._found: dict[str, str] = {}

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to; registered there, letter by letter."""
        return f"{base_url(self._settings)}{SIGNED_IN}"

    def begin(self, wanted: str | None, *, fresh: bool = False) -> tuple[str, str]:
        """Return the address to send the browser to, and the cookie it must bring back.

        Args:
            wanted: the page to go to afterwards.
            fresh: have the person sign in anew, as strongly as the settings ask (RFC 9470, 5).

        Raises:
            SignInNotSetUp: there is no provider.
            ProviderUnreachable: it does not say where its doors are.
        """
        door = self._endpoint("authorization_endpoint")
        pending = Pending(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(32),
            next=own_path(wanted),
            until=int((self._register.clock.now() + LASTS).timestamp()),
            fresh=fresh,
        )
        challenge = base64.urlsafe_b64encode(hashlib.sha256(pending.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if fresh:
            # Both say the same (OpenID Connect Core 3.1.2.1); with `max_age` the answer must say when it was.
            asked |= {"prompt": "login", "max_age": "0"}
            if self._settings.fresh_sign_in_acr:
                asked["acr_values"] = " ".join(self._settings.fresh_sign_in_acr)
        return f"{door}?{urlencode(asked)}", self._marked(pending)

    def pending(self, cookie: str | None, state: str, iss: str | None) -> Pending:
        """Return the sign-in that this answer belongs to.

        Raises:
            SignInRefused: none was begun in this browser, it is too old, or the answer is another one's.
        """
        found = self._read(cookie or "", self._register.clock.now())
        if found is None or not hmac.compare_digest(found.state.encode(), state.encode()):
            raise SignInRefused("the answer belongs to no sign-in that was begun in this browser")
        if iss is not None and iss != self._settings.issuer:
            raise SignInRefused("another provider answered than the one that was asked")
        return found

    def redeem(self, code: str, pending: Pending) -> IdToken:
        """Turn the code into who signed in.

        Raises:
            SignInRefused, TokenRefused: the code or what came for it does not hold.
            ProviderUnreachable: no answer, or one that is none.
        """
        register, settings, now = self._register, self._settings, self._register.clock.now()
        key = register.keys.pages_client
        assertion = sign_client_assertion(
            client_id=settings.client_id,
            audience=settings.issuer,
            jti=str(register.clock.new_id()),
            now=now,
            kid=key.public().thumbprint(),
            key=key,
        )
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": pending.verifier,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        said = self._ask("POST", self._endpoint("token_endpoint"), content=urlencode(form))
        compact = said.get("id_token")
        if not isinstance(compact, str):
            raise SignInRefused("the provider sent no ID token")
        try:
            kid = jws.peek(compact, max_chars=TOKEN_MAX_CHARS).kid
        except jws.SignedDocumentRefused as exc:
            raise TokenRefused(f"the ID token is refused: {exc}", reason=exc.code) from exc
        who = read_id_token(
            compact,
            issuer=settings.issuer,
            client_id=settings.client_id,
            nonce=pending.nonce,
            keys=self._issuers.keys_of(settings.issuer, kid),
            now=now,
            profile=self._issuers.profile_of(settings.issuer),
        )
        self.check_fresh(who, pending)
        return who

    def check_fresh(self, who: IdToken, pending: Pending) -> None:
        """Do nothing if the answer shows the fresh sign-in that was asked for, where one was.

        Raises:
            NotFresh: it does not. Taken all the same, it would lead the person round in circles.
        """
        if not pending.fresh:
            return
        said, clock_off = who.authenticated, self._issuers.profile_of(self._settings.issuer).leeway
        began = datetime.fromtimestamp(pending.until, UTC) - LASTS
        if said.at is None or said.at < began - clock_off:
            raise NotFresh("the provider did not have the person sign in anew, or does not say when it was")
        if self._settings.fresh_sign_in_acr and said.acr not in self._settings.fresh_sign_in_acr:
            raise NotFresh("the provider had the person sign in less strongly than was asked for")

    def _endpoint(self, name: str) -> str:
        if not self._settings.issuer:
            raise SignInNotSetUp("no provider is set")
        if name not in self._found:
            said = self._ask("GET", self._settings.issuer.rstrip("/") + DISCOVERY)
            if said.get("issuer") != self._settings.issuer:
                raise ProviderUnreachable("the discovery document is another issuer's")
            for each in ("authorization_endpoint", "token_endpoint"):
                address = said.get(each)
                if not isinstance(address, str):
                    raise ProviderUnreachable(f"the discovery document names no {each}")
                try:
                    check_address(address)
                except IssuerMisconfigured as exc:
                    raise ProviderUnreachable(f"the discovery document names an unsafe {each}") from exc
                self._found[each] = address
        return self._found[name]

    def _ask(self, method: str, url: str, content: str | None = None) -> dict[str, Any]:
        headers = _AS_IS | ({"Content-Type": FORM} if content is not None else {})
        held = bytearray()
        try:
            # A connection for each: people sign in a few times a day, and nobody has to close this one.
            with (
                whole_within(self._within_s),
                httpx2.Client(
                    transport=PunctualTransport(trusted()),
                    follow_redirects=False,
                    trust_env=False,
                    timeout=self._within_s,
                ) as http,
                http.stream(method, url, headers=headers, content=content) as answer,
            ):
                for piece in answer.iter_bytes():
                    held += piece
                    if len(held) > ANSWER_MAX_BYTES:
                        raise ProviderUnreachable("the provider's answer is too large")
            said = parse_object(bytes(held))
        except (httpx2.HTTPError, httpx2.InvalidURL, NotStrictJson) as exc:
            raise ProviderUnreachable(f"the provider gave no answer of use ({type(exc).__name__})") from exc
        if answer.status_code == httpx2.codes.OK:
            return said
        if answer.status_code < httpx2.codes.INTERNAL_SERVER_ERROR:
            raise SignInRefused("the provider refused the code")
        raise ProviderUnreachable(f"the provider answered with status {answer.status_code}")

    def _marked(self, pending: Pending) -> str:
        said = base64.urlsafe_b64encode(json.dumps(asdict(pending)).encode()).decode()
        return f"{said}.{self._mark(said)}"

    def _read(self, cookie: str, now: datetime) -> Pending | None:
        said, _, mark = cookie.partition(".")
        if not hmac.compare_digest(self._mark(said).encode(), mark.encode()):
            return None
        found = Pending(**json.loads(base64.urlsafe_b64decode(said)))
        return found if now.timestamp() <= found.until else None

    def _mark(self, said: str) -> str:
        return hmac.new(self._register.keys.pages_cookie, b"sign-in\x00" + said.encode(), hashlib.sha256).hexdigest()
