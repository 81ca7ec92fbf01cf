"""The owner's own figures over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from api.caller import Registered, SignedIn
from register.services.owner_statistics import owner_statistics
from schemas.statistics import OwnerStatistics

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])


@router.get("/owner")
def owner(register: Registered, caller: SignedIn, year: int) -> OwnerStatistics:
    """The own figures of a year, exact, with how each table may travel; for the country's own statisticians."""
    return owner_statistics(register, caller, year)
