"""Findings: what the register found in two reports, each with the page on which the register unit says what it is.

Neither report is shown here: each opens by itself, since each reading leaves its leaf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_
from api.web.signals.ours.wording import explained, families_of, title_of
from api.web.signals.reporting.answers import Fault, Reader
from register.domain.signals.protecting.finding import DECISIONS, FindingId, reasons_for
from register.domain.signals.protecting.lifting import NotTheSecond
from register.domain.signals.signal import ChangedMeanwhile
from register.mou.keeping import SecondPersonNeeded
from register.services.signals.protecting.decide_findings import decide_finding, list_findings, read_finding
from schemas.codes import FindingDecision
from schemas.signals.finding import DecideIn, FindingOut

router = APIRouter(prefix="/findings", include_in_schema=False, route_class=PageRoute)
ROWS: Final = 25
FIELDS: Final = ("decision", "reason")
Cursor = Annotated[str | None, Query(max_length=64)]


@router.get("")
def decided(request: Request, here: SignedInHere, cursor: Cursor = None) -> Response:
    """All findings, newest first: what is decided can be decided otherwise from here."""
    page = list_findings(here.register, here.caller, decided=None, cursor=cursor, limit=ROWS)
    return show(
        request,
        here,
        "signals/found/list.html",
        items=page.items,
        families_of=families_of,
        title_of=title_of,
        later=f"/findings?cursor={page.next}" if page.next else None,
        first=cursor is None,
    )


@router.get("/{finding_id}")
def finding(
    request: Request, here: SignedInHere, finding_id: UUID, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """What was found, and the form to decide it."""
    found = read_finding(here.register, here.caller, FindingId(finding_id))
    return _show_finding(request, here, found, typed={}, faults=[], decided=done == "decided")


@router.post("/{finding_id}")
def decide(request: Request, post: SentHere, finding_id: UUID) -> Response:
    """Decide it, and go back to it; or show what to mend, or that somebody decided meanwhile."""
    here, posted = post.visitor, post.posted
    typed = {name: posted.one(name) for name in FIELDS}
    which = FindingId(finding_id)
    found = read_finding(here.register, here.caller, which)
    if posted.one("version") != str(found.version):
        return _show_finding(request, here, found, typed=typed, faults=[], changed=True)
    reader = Reader(typed, here.register.today())
    said = _read_decision(reader, found)
    if said is None:
        return _show_finding(request, here, found, typed=typed, faults=reader.faults)
    try:
        decide_finding(here.register, here.caller, which, said, version=found.version)
    except ChangedMeanwhile:
        found = read_finding(here.register, here.caller, which)
        return _show_finding(request, here, found, typed=typed, faults=[], changed=True)
    except NotTheSecond:
        own = Fault("decision", N_("You have said this already, and it takes two: ask a colleague to say it too."))
        return _show_finding(request, here, found, typed=typed, faults=[own])
    except SecondPersonNeeded:
        own = Fault("decision", N_("You withdrew this report: somebody else of your unit looks why it was entered."))
        return _show_finding(request, here, found, typed=typed, faults=[own])
    return to(f"/findings/{finding_id}?done=decided")


def _read_decision(reader: Reader, found: FindingOut) -> DecideIn | None:
    says = N_("Choose what it is.")
    decision = reader.code("decision", "finding_decision", says)
    if decision is not None and decision not in DECISIONS[found.finding]:
        reader.fault("decision", says)
    if reader.faults or decision is None:
        return None
    # A reason that was chosen before the decision was changed to one that needs none does no harm.
    fitting = [code.code for code in reasons_for(FindingDecision(decision))]
    reason = reader.text("reason")
    if fitting and reason not in fitting:
        reader.fault("reason", N_("Choose a reason that goes with this decision."))
        return None
    return DecideIn.model_validate({"decision": decision, "reason": reason if fitting else None})


def _show_finding(
    request: Request,
    here: Visitor,
    found: FindingOut,
    *,
    typed: Mapping[str, str],
    faults: Sequence[Fault],
    changed: bool = False,
    decided: bool = False,
) -> Response:
    decisions = DECISIONS[found.finding]
    return show(
        request,
        here,
        "signals/found/finding.html",
        one=found,
        decisions=decisions,
        reasons=[code.code for decision in decisions for code in reasons_for(decision)],
        kinds=families_of([found.family]),
        same=found.because == found.signal,
        title_of=title_of,
        explained=explained,
        typed={"decision": found.decision or "", "reason": found.reason or "", **{n: t for n, t in typed.items() if t}},
        faults=list(faults),
        changed=changed,
        decided=decided,
    )
