"""The organisations of the own country: who submits signals, and to whom they are referred."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from register.services.access.list_organisations import organisations_for
from schemas.signals.coded import OrganisationCode

router = APIRouter(prefix="/v1/organisations", tags=["signals"], dependencies=JSON_ONLY)


class OrganisationOut(BaseModel):
    """One organisation, by the code that signals and referrals name it by.

    Attributes:
        in_force: whether it takes part today; a signal is referred to no other.
    """

    model_config = ConfigDict(frozen=True)
    code: OrganisationCode
    name: str
    kind: str
    in_force: bool


@router.get("")
def organisations(register: Registered, caller: SignedIn) -> list[OrganisationOut]:
    """The organisations of the own country, by code."""
    today = register.today()
    return [
        OrganisationOut(code=o.code, name=o.name, kind=o.kind, in_force=o.in_force(today))
        for o in organisations_for(register, caller)
    ]
