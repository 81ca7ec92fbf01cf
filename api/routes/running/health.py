"""Is it alive, is it ready, and if not: what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from api.http.caller import the_register
from api.http.issuers import IssuerRegistry, IssuerStanding, IssuerUnreachable
from register.domain.access.caller import system
from register.services.running.check_readiness import UNANSWERED, Readiness, check_readiness

router = APIRouter(tags=["operation"])
WATCHERS_MAX: Final = 2
"""Threads that look whether it is ready: their own, so that a monitor is answered when all others are taken."""
READY_WITHIN_S: Final = 2.5
"""Seconds after which a monitor is answered, whatever stands still."""
DOOR_CLOSED: Final = "door-closed"
_LOOKS: Final = anyio.lowlevel.RunVar[anyio.CapacityLimiter]("readiness-looks")
_LOOKS_AT_ISSUERS: Final = anyio.lowlevel.RunVar[anyio.CapacityLimiter]("readiness-looks-at-issuers")


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
    issuers: IssuerRegistry = request.app.state.issuers
    looked = [UNANSWERED]

    async def look_at_register() -> None:
        # A look that nobody waits for any more ends by itself: everything that it asks has a bound of its own.
        looked.append(
            await anyio.to_thread.run_sync(
                lambda: check_readiness(register, system(register.partition, "api")),
                limiter=_find_limiter(),
                abandon_on_cancel=True,
            )
        )

    async def look_at_issuers() -> None:
        await anyio.to_thread.run_sync(issuers.look, limiter=_looks_at_issuers(), abandon_on_cancel=True)

    with anyio.move_on_after(READY_WITHIN_S):
        async with anyio.create_task_group() as looks:
            looks.start_soon(look_at_register)
            looks.start_soon(look_at_issuers)
    found = _with_issuers(looked[-1], issuers.standing())
    found = _with_doors(found, request.app.state.closed_doors())
    if not found.ready:
        response.status_code = 503
    return found


def _with_issuers(found: Readiness, standing: IssuerStanding | None) -> Readiness:
    """Without any keys nobody can sign in; while keys are kept from before, tokens still hold."""
    if standing is None or standing is IssuerStanding.WELL:
        return found if standing is None else replace(found, parts={**found.parts, "issuer": "ok"})
    return replace(
        found,
        ready=found.ready and standing is not IssuerStanding.NEVER_HAD,
        parts={**found.parts, "issuer": IssuerUnreachable.code},
        advice={**found.advice, "issuer": IssuerUnreachable.advice},
    )


def _with_doors(found: Readiness, closed: Iterable[str]) -> Readiness:
    """A process that hosts several countries is ready once it serves each: a part that stands may hold the others."""
    if not (named := ", ".join(closed)):
        return found
    return replace(
        found,
        ready=False,
        parts={**found.parts, "doors": DOOR_CLOSED},
        advice={**found.advice, "doors": f"This process does not serve {named} (yet); restart it where that lasts."},
    )


def _looks_at_issuers() -> anyio.CapacityLimiter:
    """Beside those that look at the register: an issuer that stands must not hide that the rest is well."""
    return _limiter(_LOOKS_AT_ISSUERS)


def _find_limiter() -> anyio.CapacityLimiter:
    return _limiter(_LOOKS)


def _limiter(kept: anyio.lowlevel.RunVar[anyio.CapacityLimiter]) -> anyio.CapacityLimiter:
    try:
        return kept.get()
    except LookupError:
        made = anyio.CapacityLimiter(WATCHERS_MAX)
        kept.set(made)
        return made


def watched(router: APIRouter) -> None:
    """Add what monitors ask: with GET or HEAD, and with a slash behind it, as several of them do."""
    router.add_api_route("/health", health, methods=["GET"])
    router.add_api_route("/ready", ready, methods=["GET"])
    for path, answer in (("/health", health), ("/ready", ready)):
        router.add_api_route(path, answer, methods=["HEAD"], include_in_schema=False)
        router.add_api_route(f"{path}/", answer, methods=["GET", "HEAD"], include_in_schema=False)


watched(router)
