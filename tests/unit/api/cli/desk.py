"""A person at the command line: `rtr` called in this process, a profile, and a register on the loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from api.cli import app
from api.client import write_profile
from api.published.examples import examples
from register.keys.jwk import PrivateKey
from schemas.casework.request import RequestSummary
from tests.unit.api.client import builders
from tests.unit.api.client.server import Answer, Asked, Server, problem, served_by

KEY = PrivateKey.generate()
EXAMPLE: Mapping[str, Any] = examples()["one_request"].answer
TOKEN = "opaque-token-of-a-test"
# Nothing of the machine's own settings reaches a test.
CLEAN: Mapping[str, str | None] = {"RTR_PROFILE": None, "RTR_CONFIG": None, "COLUMNS": "200", "NO_COLOR": "1"}


def rtr(*words: str, typed: str | None = None) -> Result:
    """Call `rtr` with these words; `typed` is what the person types."""
    return CliRunner(env=CLEAN).invoke(app, list(words), input=typed, catch_exceptions=False)


def document(result: Result) -> Any:
    """The JSON on stdout; fails if there is anything else."""
    return json.loads(result.stdout)


@dataclass(frozen=True)
class Person:
    """Somebody with a profile, and the register he speaks to.

    Attributes:
        register: what it was asked, sign-in left out, is in `asked`.
    """

    profile: Path
    register: Server

    def rtr(self, *words: str, typed: str | None = None) -> Result:
        return rtr("--profile", str(self.profile), *words, typed=typed)

    @property
    def asked(self) -> list[Asked]:
        return [one for one in self.register.asked if one.path.startswith("/v1")]


@contextmanager
def person(folder: Path, answer: Callable[[Asked], Answer]) -> Iterator[Person]:
    """A person whose register, and whose provider, is a server of this test."""

    def both(asked: Asked) -> Answer:
        url = f"http://{asked.headers['Host']}"
        if asked.path.startswith("/.well-known"):
            return Answer(200, {"issuer": url, "token_endpoint": f"{url}/token"})
        if asked.path == "/token":
            return Answer(200, {"access_token": TOKEN})
        return answer(asked)

    with served_by(both) as server:
        profile = write_profile(folder, "me", api=server.url, issuer=server.url, client_id="c", key=KEY, kid="k")
        yield Person(profile, server)


def register_of_one(asked: Asked) -> Answer:
    """A register that holds one signal, AW-2026-0031 at version 3."""
    path = asked.path.partition("?")[0]
    if path == "/v1/me":
        return Answer(200, builders.me())
    if path == "/v1/organisations":
        return Answer(200, [{"code": "AW-JIUMM", "name": "Joint Information Unit", "kind": "intelligence"}])
    if path == "/v1/statistics/owner":
        return Answer(200, builders.figures())
    if path == "/v1/requests" and asked.method == "GET":
        line = {name: EXAMPLE[name] for name in RequestSummary.model_fields}
        return Answer(200, {"items": [line], "next": None})
    if path.startswith("/v1/requests"):
        return Answer(201 if asked.method == "POST" else 200, EXAMPLE)
    if path == "/v1/signals" and asked.method == "POST":
        return Answer(201, builders.signal())
    if path == "/v1/signals":
        return Answer(200, {"items": [builders.summary(n) for n in (1, 2, 3)], "next": None})
    if path.endswith("/history"):
        line = {"at": "2026-03-11T10:00:00Z", "what": "recorded", "actor": "a", "facts": {"state": "REGISTERED"}}
        return Answer(200, [line])
    if path in {f"/v1/signals/by-reference/{builders.REFERENCE}", f"/v1/signals/{builders.ID}"}:
        return Answer(200, builders.signal(version=4 if asked.method == "PATCH" else 3))
    if path.startswith(f"/v1/signals/{builders.ID}/"):
        return Answer(200, builders.signal(version=4))
    return problem(404, "not-found")
