"""Which engines the contract runs on, which can run on this machine, and the report that says so.

A line of the report is a JSON object {name, state: ran | missing, version, reason}, appended to the file that
RTR_ENGINE_REPORT names. `deploy/check.py` reads it; an engine that has no line was not asked for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from register.errors import OperatorError
from register.search.engine import Engine, EngineSettings
from rtr_trial.embedded.engines.opensearch import CURRENT, RELEASES, EmbeddedOpenSearch, ExternalOpenSearch
from rtr_trial.embedded.engines.osmem import EmbeddedOsmem

Server = EmbeddedOsmem | EmbeddedOpenSearch | ExternalOpenSearch
BY_URL = "opensearch-by-url"
REQUIRED_IN_CI = ("osmem", f"opensearch-{CURRENT}")


def _osmem(_: Path) -> Server:
    return EmbeddedOsmem(production=False)


def _node(version: str, folder: Path) -> Server:
    return EmbeddedOpenSearch(folder, production=False, version=version, brief=True)


MAKERS: dict[str, Callable[[Path], Server]] = {
    "osmem": _osmem,
    **{f"opensearch-{version}": partial(_node, version) for version in RELEASES},
}


@dataclass(frozen=True, slots=True)
class Missing:
    """An engine that cannot run here, and what would help."""

    name: str
    reason: str


def wanted() -> dict[str, Callable[[Path], Server]]:
    """All engines to try; one by URL too if OPENSEARCH_URL is set."""
    url = os.environ.get("OPENSEARCH_URL")
    return MAKERS | ({BY_URL: lambda _: ExternalOpenSearch(url)} if url else {})


def missing() -> list[Missing]:
    """Those that cannot run here. The first look fetches jars; a later one only checks them."""
    found = []
    for name, make in wanted().items():
        try:
            make(Path("unused"))
        except OperatorError as exc:
            found.append(Missing(name, str(exc)))
    return found


def indexes_of(server: Server) -> list[str]:
    """The indexes on it that have a name of ours."""
    return list(call(server, "GET", "/rtr-*/_alias"))


def call(server: Server, method: str, path: str) -> dict[str, object]:
    """One request to it."""
    engine = Engine(EngineSettings(url=server.url))
    try:
        return engine.call(method, path, write=True)
    finally:
        engine.close()


def report(name: str, status: str, *, version: str = "", reason: str = "") -> None:
    """Append a line to the report, if there is one."""
    path = os.environ.get("RTR_ENGINE_REPORT")
    if path:
        line = json.dumps({"name": name, "state": status, "version": version, "reason": reason})
        with Path(path).open("a", encoding="utf-8") as lines:
            lines.write(f"{line}\n")
