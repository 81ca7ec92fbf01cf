"""A form that waits until its sender has signed in again: what it says, the way to the provider, and on from there."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SignedInHere, show, typed_in
from register.domain.access.caller import FreshSignInNeeded
from register.services.access.hold_form import read_held_form

router = APIRouter(prefix="/held", include_in_schema=False, route_class=PageRoute)


@router.get("/{held}")
def held_form(request: Request, here: SignedInHere, held: UUID) -> Response:
    """Ask for a fresh sign-in; after it, give the form back to be sent with one press."""
    form = read_held_form(here.register, here.caller, held)
    fresh = True
    try:
        here.register.require_fresh_sign_in(here.caller)
    except FreshSignInNeeded:
        fresh = False
    minutes = -(-here.register.settings.of(here.register.partition).fresh_sign_in_s // 60)
    return show(
        request,
        here,
        "access/held.html",
        held=held,
        form=form,
        written=typed_in(form.fields),
        fresh=fresh,
        minutes=minutes,
    )
