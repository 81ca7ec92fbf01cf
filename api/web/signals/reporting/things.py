"""What is known: the pages that add a person, phone, document, plate or thing found online, change it, or take it off.

One entry is judged alone, by the same rules that will judge it in the report.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, Posted, SignedInHere, Visitor, to
from api.web.frame.languages import N_
from api.web.signals.reporting.answers import Fault, Reader
from api.web.signals.reporting.known import (
    ALONE,
    FIELDS,
    REFUSED,
    SAID,
    UNREADABLE,
    Item,
    found_in,
    has_room,
    heirs_of,
    persons_of,
    put,
    read_item,
    read_items,
    things_of,
    without,
)
from api.web.signals.reporting.pages import (
    NoSuchStep,
    Typist,
    asked_of,
    given_back,
    onward,
    shown,
    step_as_it_is,
    step_shown,
    the_draft,
    version_of,
)
from api.web.signals.reporting.steps import BY_NAME, Content, faults_of, first_open, signal_of
from register.domain.running.form_draft import FormDraft
from register.domain.signals.signal import ChangedMeanwhile
from register.services.signals.find_near_duplicates import find_near_duplicates
from register.services.signals.keep_draft import keep_draft
from register.services.signals.preview_signal import readings_of_form, refusal_of
from schemas.signals.reading import ReadAs
from schemas.signals.signal import SignalIn

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_PROBE: Final[dict[str, Any]] = {
    "kind": "submission", "urgency": "NORMAL", "account": "-", "received_on": "2026-01-01",
    "period": {"from": "2026-01-01"}, "place": {"island": "AW", "location_type": "UNKNOWN"},
    "signal_type": "UNDETERMINED", "source": "CITIZEN", "channel": "PHONE",
}  # fmt: skip
"""A form around the values of one entry, so that the one rule that reads them can be asked about them alone."""


@router.get("/{draft}/known/{kind}")
def thing(request: Request, here: SignedInHere, draft: UUID, kind: str) -> Response:
    """The page to add one person, phone, document, plate or thing found online."""
    return _show_thing(request, here, draft, kind)


@router.post("/{draft}/known/{kind}")
def added(request: Request, typist: Typist, draft: UUID, kind: str) -> Response:
    """Add it to the draft, under the version of the page as its id: no other entry of the draft ever has that."""
    return _keep_entry(request, typist, draft, kind, None)


@router.get("/{draft}/known/{kind}/{entry}")
def thing_again(request: Request, here: SignedInHere, draft: UUID, kind: str, entry: str) -> Response:
    """The page to change one that was added: who gets another role keeps all that is theirs."""
    return _show_thing(request, here, draft, kind, entry)


@router.post("/{draft}/known/{kind}/{entry}")
def changed(request: Request, typist: Typist, draft: UUID, kind: str, entry: str) -> Response:
    """Change it in the draft."""
    return _keep_entry(request, typist, draft, kind, entry)


def _keep_entry(
    request: Request, typist: tuple[Visitor, Posted], draft: UUID, kind: str, entry: str | None
) -> Response:
    here, posted = typist
    _check_kind(kind)
    typed = {name: posted.one(name) for name in FIELDS[kind]}
    version, reader = version_of(posted), Reader(typed, asked_of(here).today)
    begun = _name_begun(kind, entry)

    def keep(content: Content) -> Content:
        known = content.get("known", {})
        items = known.get("items", [])
        if entry is not None:
            _find_entry(items, kind, entry)
        item = read_item(kind, reader, [one["id"] for one in persons_of(items)])
        others = [one for one in items if one["id"] != (entry or str(version))]
        if item is not None and not has_room(others, kind, item.get("owner", "")):
            reader.fault(FIELDS[kind][0], N_("This report is full. Send it, and add the rest in a second one."))
        if item is not None and not reader.faults and (refused := refused_alone(here, item)) is not None:
            reader.faults.append(refused)
        if reader.faults or item is None:
            # Kept too, as everything typed is: the page shows it again when it is opened anew.
            return {**content, "known": {**_open_known(known), begun: typed}}
        rest = {name: value for name, value in _open_known(known).items() if name != begun}
        put_in = put(items, {"id": entry or str(version), **item})
        # Sent twice, it finds itself there: nothing is to be compared or closed anew.
        return content if put_in == items else {**content, "known": {**rest, "items": put_in}}

    again = f"/report/{draft}/known/{kind}" + ("" if entry is None else f"/{entry}")
    try:
        found = keep_draft(here.register, here.caller, draft, keep, version=version)
    except ChangedMeanwhile:
        return given_back(
            request,
            here,
            typed,
            again,
            lambda written: _show_thing(request, here, draft, kind, entry, typed, late=written),
        )
    if reader.faults and not here.session.idle:
        return _show_thing(request, here, draft, kind, entry, typed, reader.faults, found=found)
    return onward(here, again if reader.faults else f"/report/{draft}/known")


def refused_alone(here: Visitor, item: Item) -> Fault | None:
    """What the rules that read a value object to in one entry, taken alone; None where it can be read."""
    kind = item["kind"]
    probe = SignalIn.model_validate(_PROBE | read_items([{"id": ALONE, **item, "owner": ""}]))
    refused = refusal_of(here.register, probe) or _says_none(here, kind, probe)
    if refused is None:
        return None
    return Fault("name" if kind == "person" else "number", REFUSED.get(refused, UNREADABLE))


def _says_none(here: Visitor, kind: str, probe: SignalIn) -> str | None:
    """The code of a value that says "none", where the page has nothing else to keep: a number, a plate, an account."""
    if kind in {"person", "document"}:
        return None
    read = readings_of_form(here.register, probe)
    return "value-says-none" if any(one.read_as is ReadAs.SAYS_NONE for one in read) else None


def known_sent(request: Request, here: Visitor, posted: Posted, draft: UUID) -> Response:
    """Keep what was answered on the page of what is known: something taken off, nothing known, or no more to add."""
    remove = posted.one("remove")
    asked_about: list[str] = []

    def change(content: Content) -> Content:
        known = content.get("known", {})
        items = known.get("items", [])
        if remove:
            if found_in(items, remove) is None:
                return content  # it is gone already
            said = {one["id"]: posted.one(f"things-{one['id']}") for one in things_of(items, remove)}
            left = without(items, remove, said)
            if left is None:
                asked_about.append(remove)
                return content
            rest = {name: value for name, value in _open_known(known).items() if not name.endswith(f"-{remove}")}
            return {**content, "known": {**rest, "items": left}}
        said = {"closed": "yes"} if items else {"nothing": "yes" if posted.one("then") == "nothing" else ""}
        return {**content, "known": {**known, **said}}

    page = f"/report/{draft}/known"
    try:
        found = keep_draft(here.register, here.caller, draft, change, version=version_of(posted))
    except ChangedMeanwhile:
        return given_back(request, here, {}, page, lambda _: step_as_it_is(request, here, draft, "known", late=""))
    if asked_about and not here.session.idle:
        late = "" if found.version != version_of(posted) else None
        return _show_whose(request, here, found, asked_about[0], posted, late=late)
    if remove or here.session.idle:
        return onward(here, page)
    asked = asked_of(here)
    faults = faults_of(BY_NAME["known"], found.content["known"], asked, found.content)
    if faults:
        return step_shown(request, here, found, "known", found.content["known"], faults)
    missing = first_open(found.content, asked)
    if missing is not None:
        return to(f"/report/{draft}/{missing}")
    if not found.content["known"].get("compared"):
        near = find_near_duplicates(here.register, here.caller, signal_of(found.content, asked))
        similar = [
            {"reference": one.reference, "on": here.register.day_of(one.recorded_at).isoformat()} for one in near
        ]
        try:
            keep_draft(
                here.register,
                here.caller,
                draft,
                lambda kept: {**kept, "known": {**kept["known"], "similar": similar, "compared": True}},
                version=found.version,
            )
        except ChangedMeanwhile:
            return step_as_it_is(request, here, draft, "known", late="")
    return to(f"/report/{draft}/check")


def _open_known(known: Content) -> dict[str, Any]:
    """What is known, to be compared anew because it changes."""
    return {name: value for name, value in known.items() if name not in {"similar", "compared", "closed", "nothing"}}


def _name_begun(kind: str, entry: str | None) -> str:
    """Where the draft keeps what was typed on a page and has faults yet."""
    return f"begun-{kind}" if entry is None else f"begun-{kind}-{entry}"


def _check_kind(kind: str) -> None:
    if kind not in FIELDS:
        raise NoSuchStep("there is nothing of that kind to add")


def _find_entry(items: list[Item], kind: str, entry: str) -> Item:
    found = found_in(items, entry)
    if found is None or found["kind"] != kind:
        raise ChangedMeanwhile("there is nothing of that id to change any more")
    return found


def _show_whose(
    request: Request, here: Visitor, draft: FormDraft, entry: str, posted: Posted, *, late: str | None
) -> Response:
    """The page that asks what becomes of each thing of a person who is to be taken off."""
    items = draft.content["known"]["items"]
    things = things_of(items, entry)
    typed = {name: posted.one(name) for name in (f"things-{one['id']}" for one in things)}
    faults = [Fault(name, N_("Choose one of these.")) for name, said in typed.items() if not said]
    return shown(
        request,
        here,
        "signals/reporting/things/remove_person.html",
        draft=draft,
        late=late,
        entry=entry,
        person=found_in(items, entry),
        things=things,
        heirs=[(one["id"], n, one) for n, one in heirs_of(items, entry)],
        typed=typed,
        faults=faults if any(typed.values()) else [],
    )


def _show_thing(
    request: Request,
    here: Visitor,
    draft_id: UUID,
    kind: str,
    entry: str | None = None,
    typed: Content | None = None,
    faults: list[Fault] | None = None,
    *,
    found: FormDraft | None = None,
    late: str | None = None,
) -> Response:
    """The page of one entry, with what was typed there; the page of all where there is no such entry any more."""
    _check_kind(kind)
    draft = found or the_draft(here, draft_id)
    known = draft.content.get("known", {})
    items = known.get("items", [])
    before = {} if entry is None else found_in(items, entry)
    if before is None or (entry is not None and before["kind"] != kind):
        return step_shown(request, here, draft, "known", known, [], late=late or "")
    began = known.get(_name_begun(kind, entry), {})
    persons = persons_of(items)
    if typed is not None and typed.get("owner") not in SAID | {one["id"] for one in persons}:
        typed = {**typed, "owner": ""}  # whoever it was is gone
    return shown(
        request,
        here,
        f"signals/reporting/things/add_{kind}.html",
        draft=draft,
        late=late,
        # What somebody changed stays as it now is; what is added takes nobody's place.
        typed=began or before if late is not None and entry is not None else typed or began or before,
        faults=faults,
        persons=[(one["id"], one) for one in persons],
        action=f"/report/{draft.id}/known/{kind}" + ("" if entry is None else f"/{entry}"),
        changing=entry is not None,
    )
