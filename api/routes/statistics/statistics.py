"""The owner's own figures, contributions and published figures over HTTP; for those with the task STATISTICS."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.http.caller import Registered, SignedIn
from api.routes.media import JSON_ONLY
from register.services.statistics.owner_statistics import owner_statistics
from register.services.statistics.releases.checking import read_ledger
from register.services.statistics.shown import fact_out, ledger_out, own_contribution_out, part_out
from register.services.statistics.statements.contribute import contribute, list_contributions
from register.services.statistics.statements.facts import keep_row, list_facts, publish_fact
from schemas.statistics.owner import OwnerStatistics
from schemas.statistics.releases import (
    ContributionIn,
    ContributionsOut,
    FactIn,
    FactOut,
    FactsOut,
    KeptRowIn,
    KeptRowOut,
    LedgerOut,
    OwnContributionOut,
)

router = APIRouter(prefix="/v1/statistics", tags=["statistics"], dependencies=JSON_ONLY)


@router.get("/owner")
def owner(register: Registered, caller: SignedIn, year: int) -> OwnerStatistics:
    """The own figures of a year, exact, with how each table may travel; for the country's own statisticians."""
    return owner_statistics(register, caller, year)


@router.get("/contributions")
def contributions(register: Registered, caller: SignedIn) -> ContributionsOut:
    """Every contribution at hand, own and received, as its country rounded and signed it."""
    return ContributionsOut(items=tuple(part_out(part) for part in list_contributions(register, caller)))


@router.post("/contributions")
def contribution(register: Registered, caller: SignedIn, asked: ContributionIn) -> OwnContributionOut:
    """Round the own table under the own key, attack it, sign it and send it. The same figures give the same one."""
    return own_contribution_out(
        contribute(register, caller, asked.table, asked.period, signs_public=asked.signs_public)
    )


@router.get("/facts")
def facts(register: Registered, caller: SignedIn) -> FactsOut:
    """The figures that countries have themselves published; each attack knows them."""
    return FactsOut(items=tuple(fact_out(word, row) for word, row in list_facts(register, caller)))


@router.post("/facts", status_code=201)
def fact(register: Registered, caller: SignedIn, asked: FactIn, response: Response) -> FactOut:
    """Note a figure that the own country has published. It is printed exact from then on, and told to the partners."""
    word, row = publish_fact(
        register,
        caller,
        population=asked.population,
        period=asked.period,
        where=asked.where,
        value=asked.value,
        source=asked.source,
    )
    response.headers["Location"] = "/v1/statistics/facts"
    return fact_out(word, row)


@router.post("/kept-rows", status_code=201)
def kept_row(register: Registered, caller: SignedIn, asked: KeptRowIn, response: Response) -> KeptRowOut:
    """Declare an optional row that the country keeps from a day on, for good."""
    row = keep_row(register, caller, variable=asked.variable, code=asked.code, since=asked.since)
    response.headers["Location"] = "/v1/statistics/ledger"
    return KeptRowOut(variable=row.variable, code=row.code, since=row.since)


@router.get("/ledger")
def ledger(register: Registered, caller: SignedIn) -> LedgerOut:
    """All that a reader may know already, and which tables share a population; every attack runs jointly with it."""
    return ledger_out(read_ledger(register, caller))
