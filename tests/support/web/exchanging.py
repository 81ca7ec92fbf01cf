"""Pages of countries that really exchange: the nodes of the exchange tests, each serving its pages too.

Nobody signs in by password here: a door that only tests have opens a session for somebody who is authorised.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Final

from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response

from api.http import app as application
from api.http.issuers import IssuerRegistry
from api.web.frame.guard import cookie_name
from register.clock import SystemClock
from register.core import Register
from register.domain.access.caller import Task
from register.domain.access.organisation import Authorisation
from register.services.access.admit import apply_authorisations
from register.services.access.identify_caller import identify_caller
from register.services.access.open_session import open_session
from schemas.codes import Partition
from sync.protocol.documents.roster import Rosters
from tests.integration.exchange.net import Net, net
from tests.support.records.admitted import BY, TRAINED

COORDINATOR: Final = "coordinator"
AW, CW, SX = Partition.AW, Partition.CW, Partition.SX


@contextmanager
def exchanging() -> Iterator[Net]:
    """Aruba, Curaçao and Sint Maarten; the coordinator of Aruba goes in at `/door`."""
    with net(AW, CW, SX, wrap=with_pages) as made:
        authorise(made, Task.SEARCH_SHARED)
        yield made


def authorise(made: Net, *tasks: Task, actor: str = COORDINATOR) -> None:
    """Let somebody of Aruba's contact point in at the door, for these tasks."""
    grant = Authorisation(
        partition=AW,
        actor=actor,
        actor_kind="person",
        organisation="AW-CMMA",
        tasks=frozenset(tasks),
        scope="all",
        begins=date(2025, 1, 1),
        training=TRAINED,
    )
    apply_authorisations(made[AW].register, [grant], by=BY)


def refused_entries(made: Net) -> None:
    """Curaçao tells Aruba what Aruba may not hold, for two reasons; and Aruba tells Curaçao the same."""
    made[CW].put(AW, number=1, legal_basis="WPG10B")
    made[CW].put(AW, number=2, retain_until="2020-01-01")
    made[CW].append()
    made[AW].pull_all(CW)
    made[AW].put(CW, number=3, retain_until="2020-01-01")
    made[AW].append()
    made[CW].pull_all(AW)


def withdrawals(made: Net) -> None:
    """Aruba withdraws two extracts that Sint Maarten has; one is overdue. Sint Maarten withdraws one of its own."""
    ours = [made[AW].put(SX, number=number) for number in (4, 5)]
    made[AW].append()
    made[SX].pull_all(AW)
    made[AW].retract(ours[0], SX, within=timedelta(seconds=-60))
    made[AW].retract(ours[1], SX)
    theirs = made[SX].put(AW, number=6)
    made[SX].append()
    made[AW].pull_all(SX)
    made[SX].retract(theirs, AW)
    for country in (AW, SX):
        made[country].append()
    made[SX].pull_all(AW)
    made[AW].pull_all(SX)


def all_well(made: Net) -> None:
    """Aruba and its two neighbours told each other something, and have it all."""
    made[AW].put(CW, SX, number=7)
    made[CW].put(AW, number=8)
    made[SX].put(AW, number=9)
    for country in (AW, CW, SX):
        made[country].append()
    for here, there in ((AW, CW), (AW, SX), (CW, AW), (SX, AW)):
        made[here].pull_all(there)


def with_pages(_: Partition, inner: FastAPI) -> FastAPI:
    """The whole application of a country around its exchange, with the door."""
    register: Register = inner.state.register

    def rosters() -> Rosters:
        known: Rosters = inner.state.rosters()
        return known

    app = application.create(register, IssuerRegistry([], monotonic=SystemClock().monotonic), rosters)

    def door(who: str = COORDINATOR) -> Response:
        token = open_session(register, identify_caller(register, who), "Coordinator", replaces=None)
        answer = RedirectResponse("/exchange", status_code=303)
        answer.set_cookie(cookie_name(register), token, secure=True, httponly=True, samesite="lax")
        return answer

    app.add_api_route("/door", door, include_in_schema=False)
    return app
