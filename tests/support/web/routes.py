"""Every address of the pages, from the application's own routes: a page that is added cannot be forgotten by a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from api import web
from api.http.issuers import IssuerRegistry
from api.web.desk.kinds import Desk
from api.web.frame.languages import INTAKE_ONLY, WHOLE
from api.web.signals.ours.retelling import PARTS
from api.web.signals.reporting.known import FIELDS
from api.web.signals.reporting.steps import STEPS
from register.clock import SystemClock
from register.core import Register
from register.domain.signals.reading import Change
from register.mou import edition as editions

STATIC: Final = "/static/{version}/{name}"
"""Files without a word of anybody's: no page."""
PUBLIC: Final = frozenset(
    {"/", "/sign-in", "/signed-in", "/signed-out/{why}", "/language/{language}", "/docs/error-codes", "/docs/api"}
)
"""What is shown to somebody who is not signed in."""
NEXT: Final = "next"


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the pages.

    Attributes:
        path: with the names of its parts.
        leads_on: its address may say where to go next.
    """

    path: str
    method: str
    leads_on: bool

    def addresses(self, parts: Mapping[str, Sequence[str]]) -> list[str]:
        """Every address of it, with these values for its parts; a part that nobody gave is an error."""
        names = [name.partition("}")[0] for name in self.path.split("{")[1:]]
        found = []
        for values in product(*(parts[name.partition(":")[0]] for name in names)):
            address = self.path
            for name, value in zip(names, values, strict=True):
                address = address.replace(f"{{{name}}}", value)
            found.append(address)
        return found


def routes_of(register: Register) -> list[Route]:
    """All that is mounted for people, but for the files."""
    app = FastAPI(openapi_url=None)
    web.mount(app, register, IssuerRegistry([], monotonic=SystemClock().monotonic))
    return [
        Route(str(context.path), method, _leads_on(context.original_route))
        for context in iter_route_contexts(app.routes)
        if context.path != STATIC
        for method in sorted(context.methods or ())
    ]


def parts_of(
    register: Register,
    *,
    drafts: Sequence[str],
    signal: str,
    request: str,
    referral: str,
    finding: str,
    lifting: str,
    records: Sequence[str],
    digest: str = "0" * 64,
) -> dict[str, Sequence[str]]:
    """Values for the parts of the addresses.

    Args:
        register: whose pages they are.
        drafts: ids of reports under way, and of one that was sent.
        signal: id of a report.
        request: id of a drafted request.
        referral: id of a referral.
        finding: id of a finding.
        lifting: id of a lifting.
        records: ids of records of the desk, one of each kind; under another kind's address each is nothing.
        digest: of a release.
    """
    return {
        "draft": drafts,
        "signal_id": (signal,),
        "request_id": (request,),
        "referral_id": (referral,),
        "finding_id": (finding,),
        "lifting_id": (lifting,),
        # Of nobody.
        "held": (str(UUID(int=1)),),
        "session_id": (str(UUID(int=1)),),
        # Nothing rang, and nothing was drawn.
        "alarm_id": (str(UUID(int=1)),),
        "search_id": (str(UUID(int=1)),),
        # No class was approved.
        "approval_id": (str(UUID(int=1)),),
        # No country asked for a ticket.
        "asker": ("CW",),
        "ticket_id": (str(UUID(int=1)),),
        "digest": (digest,),
        "records": tuple(Desk),
        "record_id": records,
        "step": tuple(step.name for step in STEPS),
        "kind": tuple(FIELDS),
        # The person whom `walk.answered` adds, and one that the draft has not.
        "entry": ("5", "9"),
        "part": tuple(PARTS),
        "at": ("1", "0.0", "9.9"),
        "change": tuple(Change),
        "why": ("done", "idle", "kept", "held", "needed"),
        "language": WHOLE + INTAKE_ONLY,
        "year": ("2023",),
        "name": tuple(name for name in editions.list_packaged_editions() if name != register.edition.id),
    }


def _leads_on(route: object) -> bool:
    return isinstance(route, APIRoute) and any(one.alias == NEXT for one in route.dependant.query_params)
