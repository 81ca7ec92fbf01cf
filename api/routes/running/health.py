"""Is it alive, is it ready, and if not: what is missing."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from api.http.caller import Registered
from register.domain.access.caller import system
from register.services.running.check_readiness import Readiness, check_readiness

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    """The process answers."""

    model_config = ConfigDict(frozen=True)
    status: str = "ok"
    country: str
    environment: str
    notice: str | None = None


@router.get("/health")
def health(register: Registered) -> Health:
    """The process is alive; says what makes it unfit for real data."""
    trial = register.settings.env != "production"
    notice = "Trial: one machine may hold all keys; not for real data." if trial else None
    return Health(country=register.partition, environment=register.settings.env, notice=notice)


@router.get("/ready")
def ready(register: Registered, response: Response) -> Readiness:
    """Whether the node can do its work; 503 names what is missing."""
    found = check_readiness(register, system(register.partition, "api"))
    if not found.ready:
        response.status_code = 503
    return found
