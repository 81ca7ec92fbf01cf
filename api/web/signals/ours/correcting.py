"""Correct the persons and things of a report that is in the register: one at a time, each with its reason.

The pages are those of the report form, and so are their rules; each change is an amendment on the version that was
read. Who may correct is asked here and again by the service; nothing moves to nobody unless somebody says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError

from api.web.frame.guard import PageRoute, Posted, SentHere, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_
from api.web.frame.rendering import words_of
from api.web.signals.ours.corrected import (
    At,
    Parts,
    chosen_by,
    found_at,
    item_at,
    kind_of,
    list_heirs,
    with_item,
    without_item,
)
from api.web.signals.reporting.answers import Fault, Reader
from api.web.signals.reporting.known import FIELDS, REFUSED, UNREADABLE, read_item
from api.web.signals.reporting.pages import NoSuchStep, asked_of, in_words, shown, version_of
from api.web.signals.reporting.things import refused_alone
from register.domain.access.caller import Task
from register.domain.signals.dossier import Dossier
from register.domain.signals.protection import AgeContradicted
from register.domain.signals.reading import may_amend
from register.domain.signals.signal import AlreadyWithdrawn, ChangedMeanwhile, SignalId
from register.errors import CallerError, NotFound
from register.services.signals.change_signal import OwnerGone, amend_signal
from register.services.signals.read_signal import read_dossier
from schemas.signals.changes import AmendIn
from schemas.signals.parts import SUBJECTS_MAX, SelectorIn, SubjectIn

router = APIRouter(prefix="/ours", include_in_schema=False, route_class=PageRoute)
BESIDE: Final = ("reason", "version")
"""The fields of every page that corrects something, beside its own."""
_THINGS: Final = "things-"


@router.get("/{signal_id}/persons")
def persons(
    request: Request, here: SignedInHere, signal_id: UUID, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """What stands in the report, each with the ways to change it."""
    return _show_persons(request, here, report_to_correct(here, signal_id), corrected=done == "corrected")


@router.get("/{signal_id}/persons/remove/{at}")
def remove(request: Request, here: SignedInHere, signal_id: UUID, at: str) -> Response:
    """The page that takes one off, and asks what becomes of what is theirs."""
    return _show_removal(request, here, report_to_correct(here, signal_id), _read_place(at), {}, [])


@router.post("/{signal_id}/persons/remove/{at}")
def removed(request: Request, post: SentHere, signal_id: UUID, at: str) -> Response:
    """Take it off."""
    here, posted = post.visitor, post.posted
    typed = {
        name: posted.one(name) for name in (*BESIDE, *(name for name in posted.fields if name.startswith(_THINGS)))
    }
    found, where = report_to_correct(here, signal_id), _read_place(at)
    if version_of(posted) != found.signal.version:
        return _show_removal(request, here, found, where, _keep_reason(typed), [], late=typed["reason"])
    what = _find_named(found, where)
    reader = Reader(typed, asked_of(here).today)
    reason = reason_of(reader)
    theirs = [f"{_THINGS}{i}" for i in range(len(what.selectors) if isinstance(what, SubjectIn) else 0)]
    left = without_item(found.signal.form, where, [typed.get(name, "") for name in theirs])
    if left is None:
        for name in (name for name in theirs if not typed.get(name)):
            reader.fault(name, N_("Choose one of these."))
    if left is None or reader.faults:
        return _show_removal(request, here, found, where, typed, reader.faults)
    try:
        fault = make_amendment(here, found, left[0], reason, "reason", left_open=left[1])
    except ChangedMeanwhile:
        return _show_removal(
            request, here, report_to_correct(here, signal_id), where, _keep_reason(typed), [], late=typed["reason"]
        )
    if fault is not None:
        return _show_removal(request, here, found, where, typed, [fault])
    return to(f"{_build_base(signal_id)}?done=corrected")


@router.get("/{signal_id}/persons/{kind}")
def thing(request: Request, here: SignedInHere, signal_id: UUID, kind: str) -> Response:
    """The page to add one."""
    return _show_item(request, here, report_to_correct(here, signal_id), kind, None, {}, [])


@router.post("/{signal_id}/persons/{kind}")
def added(request: Request, post: SentHere, signal_id: UUID, kind: str) -> Response:
    """Add it."""
    return _take_sent(request, post.visitor, post.posted, signal_id, kind, None)


@router.get("/{signal_id}/persons/{kind}/{at}")
def thing_again(request: Request, here: SignedInHere, signal_id: UUID, kind: str, at: str) -> Response:
    """The page to change one."""
    return _show_item(request, here, report_to_correct(here, signal_id), kind, _read_place(at), {}, [])


@router.post("/{signal_id}/persons/{kind}/{at}")
def changed(request: Request, post: SentHere, signal_id: UUID, kind: str, at: str) -> Response:
    """Change it."""
    return _take_sent(request, post.visitor, post.posted, signal_id, kind, _read_place(at))


def _take_sent(request: Request, here: Visitor, posted: Posted, signal_id: UUID, kind: str, at: At | None) -> Response:
    _check_kind(kind)
    typed = {name: posted.one(name) for name in (*FIELDS[kind], *BESIDE)}
    found = report_to_correct(here, signal_id)
    form = found.signal.form
    if version_of(posted) != found.signal.version:
        return _show_item(request, here, found, kind, at, typed, [], late=written_of(request, here, typed))
    if at is not None and item_at(form, kind, at) is None:
        raise NoSuchStep("there is nothing of that number to change")
    reader = Reader(typed, asked_of(here).today)
    item, reason = read_item(kind, reader, [n for n, _ in chosen_by(form)]), reason_of(reader)
    if at is None and kind == "person" and len(form.subjects) >= SUBJECTS_MAX:
        reader.fault("role", N_("This report is full. Send it, and add the rest in a second one."))
    if item is not None and not reader.faults and (refused := refused_alone(here, item)) is not None:
        reader.faults.append(refused)
    if item is None or reader.faults:
        return _show_item(request, here, found, kind, at, typed, reader.faults)
    parts = with_item(form, item, at, taken=found.protected.keys())
    try:
        fault = make_amendment(here, found, parts, reason, "name" if kind == "person" else "number")
    except ChangedMeanwhile:
        found, written = report_to_correct(here, signal_id), written_of(request, here, typed)
        return _show_item(request, here, found, kind, at, typed, [], late=written)
    if fault is not None:
        return _show_item(request, here, found, kind, at, typed, [fault])
    return to(f"{_build_base(signal_id)}?done=corrected")


def make_amendment(
    here: Visitor, found: Dossier, parts: Parts, reason: str, field: str, *, left_open: Collection[int] = ()
) -> Fault | None:
    """Make the change; what is wrong with it as a fault, at the field of the value where nothing says better.

    `left_open` as for `amend_signal`.

    Raises:
        ChangedMeanwhile: somebody changed the report since it was read.
    """
    signal = found.signal
    try:
        change = AmendIn.model_validate({"changes": parts, "reason": reason})
        amend_signal(here.register, here.caller, signal.id, change, version=signal.version, left_open=left_open)
    except (ChangedMeanwhile, NotFound):
        raise
    except AgeContradicted:
        return Fault(
            "minor",
            N_("Somebody is said to be no minor, and was a child by the birth date. Change the one that is wrong."),
        )
    except OwnerGone:
        return Fault("owner", N_("It was somebody's. Say whose it is now, or that it belongs to none of them."))
    except ValidationError as error:
        says = UNREADABLE
        if any("guarantee" in one["msg"] for one in error.errors(include_input=False, include_context=False)):
            says = N_("A letter of guarantee names this person. Ask the register unit to correct that first.")
        return Fault(field, says)
    except CallerError as error:
        return Fault(field, REFUSED.get(error.code, UNREADABLE))
    return None


def reason_of(reader: Reader) -> str:
    """Why it is changed, as typed; a fault where nothing was."""
    return reader.note("reason", N_("Say why, in a few words. It stays in the timeline."))


def report_to_correct(here: Visitor, signal_id: UUID) -> Dossier:
    """The report, for somebody who may correct it.

    Raises:
        NotFound: there is none that he may know of.
        TaskMissing: he may read it and not correct it.
        AlreadyWithdrawn: it was withdrawn, and stays as it is.
    """
    found = read_dossier(here.register, here.caller, SignalId(signal_id))
    if not may_amend(here.caller, found.signal.organisation):
        here.caller.require(Task.ENRICH)
    if found.signal.withdrawn_at is not None:
        raise AlreadyWithdrawn(f"{found.signal.reference} was withdrawn; it cannot change")
    return found


def _read_place(text: str) -> At:
    at = At.read(text)
    if at is None:
        raise NoSuchStep("there is nothing of that number")
    return at


def _check_kind(kind: str) -> None:
    if kind not in FIELDS:
        raise NoSuchStep("there is nothing of that kind to add")


def _find_named(found: Dossier, at: At) -> SubjectIn | SelectorIn:
    what = found_at(found.signal.form, at)
    if what is None:
        raise NoSuchStep("there is nothing of that number")
    return what


def _build_base(signal_id: UUID) -> str:
    return f"/ours/{signal_id}/persons"


def written_of(request: Request, here: Visitor, typed: Mapping[str, Any]) -> str:
    """What was typed into a page of an older version, in words."""
    words = words_of(request, here.register.partition, intake=False)
    return in_words(words, {name: value for name, value in typed.items() if name != "version"})


def _keep_reason(typed: Mapping[str, str]) -> dict[str, str]:
    """What still holds of a form about a report that has changed since: why, and nothing that names a place in it."""
    return {"reason": typed["reason"]}


def _show_persons(
    request: Request, here: Visitor, found: Dossier, *, corrected: bool = False, late: str | None = None
) -> Response:
    return show(
        request,
        here,
        "signals/ours/correcting/persons.html",
        signal=found.signal,
        form=found.signal.form,
        base=_build_base(found.signal.id),
        kind_of=kind_of,
        corrected=corrected,
        late=late,
    )


def _show_item(
    request: Request,
    here: Visitor,
    found: Dossier,
    kind: str,
    at: At | None,
    typed: Mapping[str, Any],
    faults: list[Fault],
    *,
    late: str | None = None,
) -> Response:
    _check_kind(kind)
    form, base = found.signal.form, _build_base(found.signal.id)
    before = {} if at is None else item_at(form, kind, at)
    if before is None:
        if late is not None:
            return _show_persons(request, here, found, late=late)
        raise NoSuchStep("there is nothing of that number to change")
    where = "" if at is None else f"/{at}"
    if late is not None:
        # What stands there may be something else by now, and so may whoever has the owner's place.
        typed = {**typed, **before, "owner": before.get("owner", "")}
    return shown(
        request,
        here,
        "signals/ours/correcting/correct.html",
        page=f"add_{kind}",
        typed=typed or before,
        faults=faults,
        persons=chosen_by(form),
        action=f"{base}/{kind}{where}",
        changing=at is not None,
        back=base,
        version=found.signal.version,
        changed=late,
        draft=None,
    )


def _show_removal(
    request: Request,
    here: Visitor,
    found: Dossier,
    at: At,
    typed: Mapping[str, str],
    faults: list[Fault],
    *,
    late: str | None = None,
) -> Response:
    if late is not None and found_at(found.signal.form, at) is None:
        return _show_persons(request, here, found, late=late)
    what, form = _find_named(found, at), found.signal.form
    base = _build_base(found.signal.id)
    return show(
        request,
        here,
        "signals/ours/correcting/remove.html",
        name=what.value if isinstance(what, SelectorIn) else what.name or "",
        things=what.selectors if isinstance(what, SubjectIn) else (),
        is_person=isinstance(what, SubjectIn),
        heirs=list_heirs(form, at),
        typed=typed,
        faults=faults,
        action=f"{base}/remove/{at}",
        back=base,
        version=found.signal.version,
        changed=late,
    )
