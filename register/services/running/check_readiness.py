"""Look whether this country's node can do its work, part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from register.core import Register
from register.domain.access.caller import Caller
from register.errors import RegisterError


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found.

    Attributes:
        ready: every part that this process needs works.
        parts: by name, "ok" or the stable code of what is wrong.
        waiting: how many objects wait for each consumer of the outbox.
    """

    ready: bool
    parts: Mapping[str, str]
    waiting: Mapping[str, int]


def check_readiness(register: Register, caller: Caller) -> Readiness:
    """Try the database and the engine; errors become codes, nothing is raised."""
    parts: dict[str, str] = {}
    waiting: dict[str, int] = {}
    try:
        with register.work(caller) as work:
            waiting = work.outbox.waiting()
        parts["database"] = "ok"
    except RegisterError as error:
        parts["database"] = error.code
    if register.index is not None:
        parts["engine"] = "ok" if register.index.health().reachable else "engine-unavailable"
    # Without the engine a search still answers, degraded; without the database nothing works.
    return Readiness(ready=parts["database"] == "ok", parts=parts, waiting=waiting)
