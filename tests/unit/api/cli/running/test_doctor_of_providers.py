"""`rtr doctor` at an identity provider: what of it does not fit, and which setting lets it in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from api.http.sign_in import DISCOVERY
from register.keys.strict_json import encode_base64url
from tests.unit.api.cli.desk import document, rtr

AUDIENCE = "regional-theme-register"
KEY = rsa.generate_private_key(65_537, 2_048)


@dataclass
class Provider:
    """One that signs with RS256 only, as most do."""

    url: str

    def token(self, **claims: Any) -> str:
        now = int(datetime.now(UTC).timestamp())
        said = {
            "iss": self.url, "aud": AUDIENCE, "sub": "p-17", "azp": "pages", "iat": now + 40, "exp": now + 3_900,
        }  # fmt: skip
        return jwt.encode(said | claims, KEY, algorithm="RS256", headers={"kid": "k1", "typ": "JWT"})


@pytest.fixture
def provider() -> Iterator[Provider]:
    numbers = KEY.public_key().public_numbers()
    n = encode_base64url(numbers.n.to_bytes(256))
    keys = {"keys": [{"kty": "RSA", "n": n, "e": "AQAB", "kid": "k1", "use": "sig", "alg": "RS256"}]}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = {DISCOVERY: {"issuer": url, "jwks_uri": f"{url}/keys"}, "/keys": keys}.get(self.path)
            self.send_response(404 if said is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: object) -> None:
            """Quietly."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Provider(url)
        server.shutdown()


def settings_of(folder: Path, provider: Provider, tokens: str = "") -> Path:
    file = folder / "settings.toml"
    file.write_text(
        f'countries = ["AW"]\nhome = {json.dumps(str(folder / "home"))}\n'
        f'[country.AW]\nissuer = "{provider.url}"\n[country.AW.tokens]\n{tokens}\n'
    )
    return file


def check(folder: Path, settings: Path, name: str, token: str | None = None) -> dict[str, Any]:
    (folder / "token").write_text(f"{token}\n")
    words = ["--token", str(folder / "token")] if token else []
    found = document(rtr("--config", str(settings), "doctor", *words, "--json"))
    return next(one for one in found["checks"] if one["name"] == name)


def test_provider_that_signs_as_no_setting_lets_in_is_named_with_the_setting(
    tmp_path: Path, provider: Provider
) -> None:
    found = check(tmp_path, settings_of(tmp_path, provider), "identity provider AW")
    assert (found["ok"], found["detail"]) == (False, "answers, and signs with RS256 only")
    assert 'country.AW.tokens.older_algorithms` = ["RS256"]' in found["fix"]


def test_what_the_doctor_says_to_set_lets_the_token_in(tmp_path: Path, provider: Provider) -> None:
    settings = settings_of(tmp_path, provider)
    found = check(tmp_path, settings, "sample token", provider.token())
    assert not found["ok"]
    where, _, lines = found["fix"].partition(": ")
    assert where == "Set in [country.AW.tokens]"
    settings = settings_of(tmp_path, provider, lines.replace("; ", "\n"))
    found = check(tmp_path, settings, "sample token", provider.token())
    assert (found["ok"], found["detail"]) == (True, "holds, for AW")
    assert check(tmp_path, settings, "identity provider AW")["ok"]


@pytest.mark.parametrize(
    ("claims", "says"),
    [({"aud": "another"}, "another audience"), ({"iss": "https://else.example"}, "nobody's here")],
)
def test_token_that_no_setting_mends_is_told_why(
    tmp_path: Path, provider: Provider, claims: dict[str, str], says: str
) -> None:
    found = check(tmp_path, settings_of(tmp_path, provider), "sample token", provider.token(**claims))
    assert not found["ok"]
    assert says in found["detail"]


def test_what_is_no_token_is_told_and_not_repeated(tmp_path: Path, provider: Provider) -> None:
    found = check(tmp_path, settings_of(tmp_path, provider), "sample token", "geheim-wachtwoord")
    assert not found["ok"]
    assert "geheim" not in json.dumps(found)


def test_provider_that_is_silent_is_missing(tmp_path: Path) -> None:
    found = check(tmp_path, settings_of(tmp_path, Provider("http://127.0.0.1:1")), "identity provider AW")
    assert (found["ok"], found["needed"]) == (False, True)
    assert found["fix"]


def test_doctor_does_not_call_well_what_it_lists_as_not_here(tmp_path: Path, provider: Provider) -> None:
    settings = settings_of(tmp_path, provider, 'older_algorithms = ["RS256"]')
    said = rtr("--config", str(settings), "doctor")
    assert "not here" in said.stdout
    assert "All that these settings need is here." not in said.stdout
    assert "parts are not here, see above what for." in said.stdout
