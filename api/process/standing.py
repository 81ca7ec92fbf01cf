"""How the node stands: everything that is wrong with its work, of each hosted country, and a port that says so.

Three answers, never mixed: `/health` says that the process breathes, `/ready` that it can serve people, and this that
the node does all its work. It has a port of its own, for a monitor on the machine or in its network: what it tells is
for operators and not for partners.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict

from register.core import Register
from register.domain.running.node_finding import NodeFinding
from register.errors import RegisterError
from register.services.running.check_node import check_node
from schemas.codes import Partition
from sync.status import exchange_findings, exchange_status


class FindingOut(BaseModel):
    """One thing that is wrong, and what to do about it."""

    model_config = ConfigDict(frozen=True)
    code: str
    about: str
    since: datetime | None
    detail: str
    advice: str


class StandingOut(BaseModel):
    """How one country's node stands; all is well where nothing is found."""

    model_config = ConfigDict(frozen=True)
    well: bool
    findings: tuple[FindingOut, ...]


def standing(register: Register) -> StandingOut:
    """Look at everything; what cannot be looked at is a finding, and nothing is raised."""
    try:
        found = (*check_node(register), *exchange_findings(exchange_status(register)))
    except RegisterError as error:
        return not_looked_at(error)
    return StandingOut(well=not found, findings=tuple(_out(one) for one in found))


def not_looked_at(error: RegisterError, detail: str = "") -> StandingOut:
    """How a country's node stands at which nobody could look, for an error."""
    failed = FindingOut(code=error.code, about="", since=None, detail=detail, advice=error.advice)
    return StandingOut(well=False, findings=(failed,))


def application(registers: Iterable[Register]) -> FastAPI:
    """`/status` for these countries: 200 where all is well, else 503 with what is not."""
    app = FastAPI(openapi_url=None)
    hosted: Mapping[Partition, Register] = {register.partition: register for register in registers}

    @app.get("/status")
    def status(response: Response) -> dict[str, Any]:
        found = {str(country): standing(register) for country, register in hosted.items()}
        if not all(one.well for one in found.values()):
            response.status_code = 503
        return found

    return app


def _out(one: NodeFinding) -> FindingOut:
    return FindingOut(code=one.code, about=one.about, since=one.since, detail=one.detail, advice=one.advice)
