"""The end of the form: all answers shown before they are sent, the report registered once, and its reference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, Visitor, to
from api.web.frame.languages import N_
from api.web.signals.reporting.answers import Fault
from api.web.signals.reporting.pages import asked_of, shown, step_shown, the_draft, version_of
from api.web.signals.reporting.reading import by_place, said
from api.web.signals.reporting.steps import first_open, signal_of
from register.domain.running.form_draft import FormDraft
from register.domain.signals.protection import AgeContradicted
from register.domain.signals.signal import ChangedMeanwhile
from register.services.signals.keep_draft import DraftSent, claim_draft, finish_draft, read_draft
from register.services.signals.preview_signal import preview_signal
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from schemas.signals.out import SharingPreview

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class Group:
    """Partners that get the same answer by the same rules."""

    partners: tuple[Partition, ...]
    allowed: bool
    rules: tuple[str, ...]
    sentences: tuple[str, ...]


def groups_of(sharing: Iterable[SharingPreview]) -> list[Group]:
    """Return the answers in the order in which they first come, each with its partners."""
    found: dict[tuple[bool, tuple[str, ...], tuple[str, ...]], list[Partition]] = {}
    for one in sharing:
        found.setdefault((one.allowed, one.rules, one.sentences), []).append(one.recipient)
    return [Group(tuple(partners), *answer) for answer, partners in found.items()]


@router.get("/{draft}/check")
def check(request: Request, here: SignedInHere, draft: UUID) -> Response:
    """All answers, what would be stored, and who would be told what."""
    return _show_check(request, here, the_draft(here, draft))


def _show_check(request: Request, here: Visitor, draft: FormDraft, *, late: str | None = None) -> Response:
    content, asked = draft.content, asked_of(here)
    missing = first_open(content, asked)
    if missing is not None:
        return to(f"/report/{draft.id}/{missing}")
    form = signal_of(content, asked)
    try:
        preview = preview_signal(here.register, here.caller, form)
    except AgeContradicted:
        says = N_("Somebody is said to be no minor, and was a child by the birth date. Change the one that is wrong.")
        return step_shown(request, here, draft, "known", content["known"], [Fault("add", says)])
    return shown(
        request,
        here,
        "signals/reporting/check.html",
        draft=draft,
        late=late,
        form=form,
        preview=preview,
        readings=by_place(preview.readings),
        said=said,
        sharing=groups_of(preview.sharing),
        similar=content["known"].get("similar", ()),
        rules=here.register.edition.rules,
    )


@router.post("/{draft}/check")
def send(request: Request, sent: SentHere, draft: UUID) -> Response:
    """Register the report, as it was looked over. Sent twice, it is registered once: by the draft's id as the key."""
    here, asked = sent.visitor, asked_of(sent.visitor)
    found = read_draft(here.register, here.caller, draft)
    if found.outcome is not None:
        return to(f"/report/{draft}/done")
    missing = first_open(found.content, asked)
    if missing is not None:
        return to(f"/report/{draft}/{missing}")
    try:
        found = claim_draft(here.register, here.caller, draft, version=version_of(sent.posted))
    except ChangedMeanwhile:
        return _show_check(request, here, the_draft(here, draft), late="")
    except DraftSent:
        return to(f"/report/{draft}/done")
    made = record_signal(here.register, here.caller, signal_of(found.content, asked), str(draft))
    outcome = {
        "id": str(made.id),
        "reference": made.reference,
        "urgent": made.emergency is not None,
        "kind": made.kind,
        "keyed": made.pseudonyms != "none",
        "told": [one.recipient for one in made.sharing if one.allowed and one.not_told_since is None],
        "not_told": [one.recipient for one in made.sharing if one.allowed and one.not_told_since is not None],
    }
    finish_draft(here.register, here.caller, draft, outcome)
    return to(f"/report/{draft}/done")


@router.get("/{draft}/done")
def done(request: Request, here: SignedInHere, draft: UUID) -> Response:
    """The reference, and what happens next."""
    found = read_draft(here.register, here.caller, draft)
    if found.outcome is None:
        return to(f"/report/{draft}")
    return shown(request, here, "signals/reporting/done.html", draft=found, outcome=found.outcome)
