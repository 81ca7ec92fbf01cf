"""Who am I here: what this register grants the caller, for clients and pages to show."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from api.http.caller import Registered, SignedIn
from register.domain.partition import FACTS

router = APIRouter(prefix="/v1/me", tags=["me"])


class Me(BaseModel):
    """The caller as this register knows him."""

    model_config = ConfigDict(frozen=True)
    country: str
    country_name: str
    kind: str
    organisation: str | None
    tasks: list[str]
    edition: str


@router.get("")
def me(register: Registered, caller: SignedIn) -> Me:
    """Country, organisation and tasks of the caller, and the edition of the rules in force here."""
    return Me(
        country=register.partition,
        country_name=FACTS[register.partition].name,
        kind=caller.kind,
        organisation=caller.organisation,
        tasks=sorted(caller.tasks),
        edition=register.edition.id,
    )
