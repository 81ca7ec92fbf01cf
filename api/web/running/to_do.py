"""What waits for somebody: his list, the most urgent first, each with the page on which it is settled."""

from __future__ import annotations

from typing import Annotated, Final, assert_never

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SignedInHere, show
from api.web.signals.approved.routes import keeps_classes
from api.web.signals.ours.wording import families_of, title_of
from register.domain.access.caller import Task
from register.domain.running.to_do import DETAILS
from register.services.running.list_to_do import list_to_do
from schemas.codes import ToDoKind
from schemas.running.to_do import ToDoOut

router = APIRouter(include_in_schema=False, route_class=PageRoute)
ROWS: Final = 25
Cursor = Annotated[str | None, Query(max_length=64)]


@router.get("/to-do")
def to_do(request: Request, here: SignedInHere, cursor: Cursor = None) -> Response:
    """What waits for the visitor, page by page."""
    page = list_to_do(here.register, here.caller, cursor=cursor, limit=ROWS)
    return show(
        request,
        here,
        "running/to_do.html",
        items=page.items,
        later=f"/to-do?cursor={page.next}" if page.next else None,
        first=cursor is None,
        page_of=page_of,
        details=DETAILS,
        families_of=families_of,
        title_of=title_of,
        decides=here.caller.may(Task.REGISTER),
        keeps=keeps_classes(here),
    )


def page_of(one: ToDoOut) -> str | None:
    """The page on which it is settled; None where a person outside the register settles it."""
    match one.kind:
        case ToDoKind.REFERRAL | ToDoKind.REFERRED_BACK:
            return f"/referrals/{one.object}"
        case ToDoKind.CONFIRM | ToDoKind.APPROVAL:
            return f"/ours/{one.object}"
        case ToDoKind.FINDING:
            return f"/findings/{one.object}"
        case ToDoKind.LET_GO:
            return f"/let-go/{one.object}"
        case ToDoKind.LIFTING:
            return f"/liftings/{one.object}"
        case ToDoKind.ALARM | ToDoKind.SAMPLE:
            return "/privacy"
        case ToDoKind.TICKET:
            return "/tickets"
        case ToDoKind.DEAD_LETTER | ToDoKind.LOG_STOPPED | ToDoKind.WITHDRAWALS_UNPROVEN:
            return None
        case _:
            assert_never(one.kind)
