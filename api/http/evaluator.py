"""The application of `rtr evaluate`: one country's evaluator, and nothing else.

A small process of its own, so that it can be reviewed in an hour and run by an operating-system user of its own. It
needs the country's key store, the rosters and the login role `evaluator`, which reaches no partition.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Depends, FastAPI

from api.http import problems
from api.http.admission import Admission, PartnersPlaces
from api.http.bounds import Bounds
from api.http.headers import StandingHeaders
from api.routes.exchange import evaluate
from api.routes.running import health
from register.core import Register
from register.domain.exchange.limits import check_lower
from register.pseudonyms.evaluation import ShareSet
from sync.lists import AskersLists
from sync.protocol.documents.roster import Rosters

API_VERSION = "1.0.0"


def create(register: Register, rosters: Callable[[], Rosters], shares: ShareSet, askers: AskersLists) -> FastAPI:
    """Return the evaluator's application of one country.

    Args:
        register: the country's, open; only its role `evaluator` is used.
        rosters: gives those known now.
        shares: the country's own (`evaluate_batch.own_shares`); read them once a process.
        askers: who may ask, by their countries' signed lists.

    Raises:
        LimitNotLower: a setting would allow more than the roster.
    """
    if shares.country is not register.partition:
        raise ValueError(f"the shares of {shares.country} are not for the evaluator of {register.partition}")
    once = [Depends(problems.refuse_parameters_twice)]
    app = FastAPI(
        title="Evaluator", version=API_VERSION, openapi_url=None, docs_url=None, redoc_url=None, dependencies=once
    )
    app.state.partners_places = PartnersPlaces.of(register.settings.requests_max)
    mount(app, register, rosters, shares, askers)
    app.add_api_route("/health", health.health, methods=["GET", "HEAD"])
    app.add_middleware(Admission, refuse=problems.answer, most=register.settings.requests_max)
    app.add_middleware(Bounds, refuse=problems.answer, most=evaluate.BODY_MAX)
    problems.install(app, new_id=register.clock.new_id)
    app.add_middleware(StandingHeaders, version=API_VERSION)
    return app


def mount(
    app: FastAPI, register: Register, rosters: Callable[[], Rosters], shares: ShareSet, askers: AskersLists
) -> None:
    """Add the evaluator's route to an application, for a node that runs all in one process; as `create`."""
    lower = register.settings.pseudonyms.lower
    if lower:  # only then: a node without a roster serves its own people all the same
        check_lower(rosters().newest.limits, lower)
    app.state.register, app.state.rosters, app.state.shares = register, rosters, shares
    app.state.askers = askers
    app.include_router(evaluate.router)
