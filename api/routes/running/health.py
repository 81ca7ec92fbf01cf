"""Is it alive, is it ready, and if not: what is missing."""

from __future__ import annotations

from typing import Final

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from api.http.caller import the_register
from register.domain.access.caller import system
from register.services.running.check_readiness import UNANSWERED, Readiness, check_readiness

router = APIRouter(tags=["operation"])
WATCHERS_MAX: Final = 2
"""Threads that look whether it is ready: their own, so that a monitor is answered when all others are taken."""
READY_WITHIN_S: Final = 2.5
"""Seconds after which a monitor is answered, whatever stands still."""
_LOOKS: Final = anyio.lowlevel.RunVar[anyio.CapacityLimiter]("readiness-looks")


class Health(BaseModel):
    """The process answers."""

    model_config = ConfigDict(frozen=True)
    status: str = "ok"
    country: str
    environment: str
    notice: str | None = None


async def health(request: Request) -> Health:
    """The process is alive; says so where it is a trial. Needs no thread and no database."""
    register = the_register(request)
    trial = register.settings.env != "production"
    notice = "Trial: one machine may hold all keys; not for real data." if trial else None
    return Health(country=register.partition, environment=register.settings.env, notice=notice)


async def ready(request: Request, response: Response) -> Readiness:
    """Whether the node can serve people; 503 names what is missing."""
    register = the_register(request)
    found = UNANSWERED
    with anyio.move_on_after(READY_WITHIN_S):
        # A look that nobody waits for any more ends by itself: everything that it asks has a bound of its own.
        found = await anyio.to_thread.run_sync(
            lambda: check_readiness(register, system(register.partition, "api")),
            limiter=_looks(),
            abandon_on_cancel=True,
        )
    if not found.ready:
        response.status_code = 503
    return found


def _looks() -> anyio.CapacityLimiter:
    try:
        return _LOOKS.get()
    except LookupError:
        made = anyio.CapacityLimiter(WATCHERS_MAX)
        _LOOKS.set(made)
        return made


def watched(router: APIRouter) -> None:
    """Add what monitors ask: with GET or HEAD, and with a slash behind it, as several of them do."""
    router.add_api_route("/health", health, methods=["GET"])
    router.add_api_route("/ready", ready, methods=["GET"])
    for path, answer in (("/health", health), ("/ready", ready)):
        router.add_api_route(path, answer, methods=["HEAD"], include_in_schema=False)
        router.add_api_route(f"{path}/", answer, methods=["GET", "HEAD"], include_in_schema=False)


watched(router)
