"""Correct what was told: how urgent, what happened, when and where, who told it and whether they want to be known.

The pages are those of the report form, and so are their rules; each change is an amendment on the version that was
read, with its reason. Who may correct is asked here and again by the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_, Text
from api.web.signals.ours.correcting import BESIDE, make_amendment, reason_of, report_to_correct, written_of
from api.web.signals.reporting.answers import Fault, Reader
from api.web.signals.reporting.pages import NoSuchStep, asked_of, shown, version_of
from api.web.signals.reporting.steps import BY_NAME
from register.domain.signals.dossier import Dossier
from register.domain.signals.signal import ChangedMeanwhile
from schemas.signals.signal import SignalIn

router = APIRouter(prefix="/ours", include_in_schema=False, route_class=PageRoute)
PARTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "source": N_("Who told it, and how"),
        "what": N_("What happened"),
        "when": N_("When and where"),
        "urgency": N_("How urgent"),
    }
)
"""The pages of the form that are asked again, by their names there; what it seems to be is reclassified."""
Done = Annotated[str, Query(max_length=20)]


@router.get("/{signal_id}/told")
def told(request: Request, here: SignedInHere, signal_id: UUID, done: Done = "") -> Response:
    """What was told, as it was understood, each part with the way to change it."""
    found = report_to_correct(here, signal_id)
    return show(
        request,
        here,
        "signals/ours/correcting/told.html",
        signal=found.signal,
        form=found.signal.form,
        base=_build_base(signal_id),
        parts=PARTS,
        corrected=done == "corrected",
    )


@router.get("/{signal_id}/told/{part}")
def part_again(request: Request, here: SignedInHere, signal_id: UUID, part: str) -> Response:
    """The page to change one part."""
    _check_part(part)
    return _show_part(request, here, report_to_correct(here, signal_id), part, {}, [])


@router.post("/{signal_id}/told/{part}")
def changed(request: Request, post: SentHere, signal_id: UUID, part: str) -> Response:
    """Change it, and show what is told now."""
    _check_part(part)
    here, posted = post.visitor, post.posted
    typed = {name: posted.one(name) for name in (*BY_NAME[part].single, *BESIDE)}
    found = report_to_correct(here, signal_id)
    if version_of(posted) != found.signal.version:
        return _show_part(
            request, here, found, part, {"reason": typed["reason"]}, [], late=written_of(request, here, typed)
        )
    form = found.signal.form
    # The days of the other page are those of the report, so that an odd order is asked about here as in the form.
    reader = Reader(typed, asked_of(here).today, {"when": _list_answers(form, "when")})
    read, reason = BY_NAME[part].read(reader), reason_of(reader)
    if reader.faults:
        return _show_part(request, here, found, part, typed, reader.faults)
    try:
        fault = make_amendment(here, found, dict(read), reason, BY_NAME[part].single[0])
    except ChangedMeanwhile:
        found, late = report_to_correct(here, signal_id), written_of(request, here, typed)
        return _show_part(request, here, found, part, {"reason": typed["reason"]}, [], late=late)
    if fault is not None:
        return _show_part(request, here, found, part, typed, [fault])
    return to(f"{_build_base(signal_id)}?done=corrected")


def _list_answers(form: SignalIn, part: str) -> dict[str, str]:
    """The fields of a page as the report answers them."""
    match part:
        case "source":
            anonymous = "yes" if form.reporter_anonymous else ""
            return {
                "source": form.source,
                "anonymous": anonymous,
                "channel": form.channel,
                "received_on": form.received_on.isoformat(),
            }
        case "when":
            period, place = form.period, form.place
            return {
                "from": period.from_.isoformat(),
                "to": period.to.isoformat() if period.to else "",
                "island": place.island,
                "location_type": place.location_type,
                "locality": place.locality or "",
            }
        case "what":
            return {"account": form.account}
        case _:
            return {"urgency": form.urgency}


def _check_part(part: str) -> None:
    if part not in PARTS:
        raise NoSuchStep("there is nothing of that kind to change")


def _build_base(signal_id: UUID) -> str:
    return f"/ours/{signal_id}/told"


def _show_part(
    request: Request,
    here: Visitor,
    found: Dossier,
    part: str,
    typed: Mapping[str, str],
    faults: list[Fault],
    *,
    late: str | None = None,
) -> Response:
    base = _build_base(found.signal.id)
    # A box that is not ticked is not sent: what was typed is taken as it is, and else what stands in the report.
    sent = typed if "version" in typed else {**_list_answers(found.signal.form, part), **typed}
    return shown(
        request,
        here,
        "signals/ours/correcting/retell.html",
        page=part,
        typed=sent,
        faults=faults,
        action=f"{base}/{part}",
        back=base,
        version=found.signal.version,
        changed=late,
        today=asked_of(here).today,
        ready=False,
        draft=None,
    )
