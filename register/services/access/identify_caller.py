"""Turn who signed in into a caller: organisation and tasks are rows of the register, never claims of a token."""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import UNSAID, Caller, SignedIn, system
from register.errors import NotPermitted


class NoAuthorisation(NotPermitted):
    """The sign-in holds, but no authorisation in this country's register is in force for it."""

    code = "no-authorisation"
    advice = "Ask your register unit for one, or for a new one: its operator gives it, by a list."


def identify_caller(register: Register, actor: str, signed_in: SignedIn = UNSAID) -> Caller:
    """Return the caller behind an authenticated subject of this country's issuer.

    Tasks of several authorisations in force add up; the organisation is that of the newest.

    Raises:
        NoAuthorisation: none is in force today, or the organisation's own dates have passed.
    """
    today = register.today()
    with register.work(system(register.partition, "api")) as work:
        standing = work.access.organisations.standing(actor, today)
    if not standing:
        raise NoAuthorisation("no authorisation in this register is in force for you today")
    newest, organisation = standing[-1]
    if not organisation.in_force(today):
        raise NoAuthorisation(f"organisation {organisation.code} is not in force today")
    tasks = frozenset(t for grant, _ in standing for t in grant.tasks)
    return Caller(
        partition=register.partition,
        function="api",
        kind="person" if newest.actor_kind == "person" else "service",
        actor=actor,
        organisation=organisation.code,
        legal_profile=organisation.legal_profile,
        case_forms=organisation.profile.case_forms,
        tasks=tasks,
        signed_in=signed_in,
    )
