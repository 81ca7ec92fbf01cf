"""From a bearer token to a caller: the issuer decides the country, the register's rows decide the rest."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from api.http.issuers import IssuerRegistry, bearer_of
from register.core import Register
from register.domain.access import caller as callers
from register.domain.access.caller import Caller
from register.errors import NotSignedIn
from register.services.access.identify_caller import identify_caller


class OtherCountry(NotSignedIn):
    """The token holds, and is for another country's register."""

    code = "other-country"
    advice = "Use the address of your own country's register."


class BearerInProduction(NotSignedIn):
    """A bearer token came to a node that is set to production: whoever steals one could use it."""

    code = "bearer-in-production"
    advice = "No token opens this node until tokens are bound to their sender, which is not built yet; use the pages."


def the_register(request: Request) -> Register:
    """The register that this application serves."""
    register: Register = request.app.state.register
    return register


def the_caller(request: Request, authorization: Annotated[str | None, Header()] = None) -> Caller:
    """Authenticate the request and return who asks.

    Raises:
        NotSignedIn: no token, one that does not hold, or one of another country; any, where this is production.
        NoAuthorisation: nobody authorised this person here.
    """
    register = the_register(request)
    issuers: IssuerRegistry = request.app.state.issuers
    bearer = bearer_of(authorization)
    if register.settings.env == "production":
        # Plain bearer is for trials, where the issuer is an embedded part (security.md 4).
        raise BearerInProduction("this node is set to production, where no plain bearer token is taken")
    identity = issuers.authenticate(bearer, register.clock.now())
    if identity.partition is not register.partition:
        raise OtherCountry(f"the token was given by {identity.partition}, this is the register of {register.partition}")
    said = identity.authenticated
    return identify_caller(register, identity.subject, callers.SignedIn(said.at, said.acr))


Registered = Annotated[Register, Depends(the_register)]
SignedIn = Annotated[Caller, Depends(the_caller)]
