"""What programs and their makers read here, signed in or not: the error codes, and the API's description as a page.

Nothing of it is looked up: both ship with the register, are the same for everybody, and load nothing from elsewhere.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.http.caller import Registered
from api.http.problems import ERROR_PAGE
from api.web.frame.guard import PageRoute
from api.web.frame.rendering import render
from api.web.rules.error_codes import error_codes
from api.web.rules.operations import Reference, read_reference

router = APIRouter(include_in_schema=False, route_class=PageRoute)
API_PAGE: Final = "/docs/api"
_MADE: Final = "_reference"


@router.get(ERROR_PAGE)
def errors(request: Request, register: Registered) -> Response:
    """Every error code, at the address that the `type` of a problem document names."""
    return render(request, "rules/error_codes.html", country=register.partition, chapters=error_codes())


@router.get(API_PAGE)
def api(request: Request, register: Registered) -> Response:
    """Every operation of the API, with its forms and examples."""
    return render(request, "rules/api.html", country=register.partition, api=_find_reference(request))


def _find_reference(request: Request) -> Reference:
    """Made once for an application, as its description is."""
    state = request.app.state
    if not hasattr(state, _MADE):
        setattr(state, _MADE, read_reference(request.app.openapi()))
    made: Reference = getattr(state, _MADE)
    return made
