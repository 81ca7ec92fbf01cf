"""One country's HTTP application: its routes, its error answers, its bounds.

A process that serves several countries makes one application for each, on an address of its own, so that no
request can name a country: the address has decided it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import Depends, FastAPI

from api import web
from api.http import problems
from api.http.admission import Admission, PartnersPlaces
from api.http.bounds import Bounds
from api.http.headers import StandingHeaders
from api.http.issuers import IssuerRegistry
from api.http.openapi import DescribedApi
from api.routes.access import me, organisations, privacy, sessions
from api.routes.casework import requests
from api.routes.desk import records, victims
from api.routes.exchange import partners, sync
from api.routes.running import health, to_do
from api.routes.search import searches
from api.routes.signals import approvals, findings, liftings, referrals, signals
from api.routes.statistics import releases, statistics
from register.core import Register
from sync.protocol.documents.roster import Rosters

API_VERSION = "1.0.0"


def create(
    register: Register,
    issuers: IssuerRegistry,
    rosters: Callable[[], Rosters],
    *,
    closed_doors: Callable[[], Sequence[str]] = tuple,
) -> FastAPI:
    """Return the application of one country.

    Args:
        register: the country's, open; the caller closes it after the application has stopped.
        issuers: who may sign people and services in here.
        rosters: gives those known now; partners' requests are checked by them.
        closed_doors: the countries of this process that are not served, or not yet.
    """
    app = DescribedApi(
        title="Regional Theme Register",
        version=API_VERSION,
        openapi_url="/v1/openapi.json",
        # Pages that load their scripts from elsewhere have no place here; ours is `api.web.rules.published`.
        docs_url=None,
        redoc_url=None,
        # An address with a slash behind it is another one, and there is nothing at it.
        redirect_slashes=False,
        dependencies=[Depends(problems.refuse_parameters_twice)],
    )
    app.state.register, app.state.issuers, app.state.rosters = register, issuers, rosters
    app.state.closed_doors = closed_doors
    app.state.partners_places = PartnersPlaces.of(register.settings.requests_max)
    web.mount(app, register, issuers)
    for routes in (
        signals, approvals, findings, liftings, referrals, records, victims, searches, requests,
        statistics, releases, partners, organisations, me, sessions, to_do, privacy, sync, health,
    ):  # fmt: skip
        app.include_router(routes.router)
    # The last one added is the outermost: a request is read whole, then it takes a place, then it is worked on.
    app.add_middleware(Admission, refuse=problems.answer, most=register.settings.requests_max)
    app.add_middleware(Bounds, refuse=problems.answer)
    problems.install(app, new_id=register.clock.new_id)
    # Outermost, so that what the layers inside answer by themselves has these headers too.
    public = register.settings.of(register.partition).public_url
    app.add_middleware(StandingHeaders, version=API_VERSION, https_only=public.startswith("https://"))
    return app
