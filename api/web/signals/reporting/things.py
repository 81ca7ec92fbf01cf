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
    FIELDS,
    REFUSED,
    UNREADABLE,
    Item,
    has_room,
    heirs_of,
    persons_of,
    read_item,
    read_items,
    replaced,
    things_of,
    without,
)
from api.web.signals.reporting.pages import NoSuchStep, Typist, asked_of, content_of, onward, shown, step_shown
from api.web.signals.reporting.steps import BY_NAME, Content, faults_of, first_open, signal_of
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
    return _thing(request, here, draft, kind, {}, [])


@router.post("/{draft}/known/{kind}")
def added(request: Request, typist: Typist, draft: UUID, kind: str) -> Response:
    """Add it to the draft."""
    return _kept(request, typist, draft, kind, None)


@router.get("/{draft}/known/{kind}/{number}")
def thing_again(request: Request, here: SignedInHere, draft: UUID, kind: str, number: int) -> Response:
    """The page to change one that was added: who gets another role keeps all that is theirs."""
    return _thing(request, here, draft, kind, {}, [], number)


@router.post("/{draft}/known/{kind}/{number}")
def changed(request: Request, typist: Typist, draft: UUID, kind: str, number: int) -> Response:
    """Change it in the draft."""
    return _kept(request, typist, draft, kind, number)


def _kept(request: Request, typist: tuple[Visitor, Posted], draft: UUID, kind: str, number: int | None) -> Response:
    here, posted = typist
    if kind not in FIELDS:
        raise NoSuchStep("there is nothing of that kind to add")
    typed = {name: posted.one(name) for name in FIELDS[kind]}
    reader = Reader(typed, asked_of(here).today)
    begun = f"begun-{kind}" if number is None else f"begun-{kind}-{number}"

    def keep(content: Content) -> Content:
        known = content.get("known", {})
        items = known.get("items", [])
        if number is not None:
            _item_at(items, kind, number)
        item = read_item(kind, reader, len(persons_of(items)))
        others = [one for n, one in enumerate(items) if n != number]
        if item is not None and not has_room(others, kind, item.get("owner", "")):
            reader.fault(FIELDS[kind][0], N_("This report is full. Send it, and add the rest in a second one."))
        if item is not None and not reader.faults and (refused := refused_alone(here, item)) is not None:
            reader.faults.append(refused)
        if reader.faults or item is None:
            # Kept too, as everything typed is: the page shows it again when it is opened anew.
            return {**content, "known": {**_open(known), begun: typed}}
        rest = {name: value for name, value in _open(known).items() if name != begun}
        return {**content, "known": {**rest, "items": _with(items, number, item)}}

    keep_draft(here.register, here.caller, draft, keep)
    if reader.faults and not here.session.idle:
        return _thing(request, here, draft, kind, typed, reader.faults, number)
    again = f"/{kind}" if number is None else f"/{kind}/{number}"
    return onward(here, f"/report/{draft}/known" + (again if reader.faults else ""))


def refused_alone(here: Visitor, item: Item) -> Fault | None:
    """What the rules that read a value object to in one entry, taken alone; None where it can be read."""
    kind = item["kind"]
    probe = SignalIn.model_validate(_PROBE | read_items([{**item, "owner": ""}]))
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
    asked_about: list[int] = []

    def change(content: Content) -> Content:
        known = content.get("known", {})
        items = known.get("items", [])
        if remove.isascii() and remove.isdigit() and int(remove[:3]) < len(items):
            left = without(items, int(remove[:3]), posted.one("things"))
            if left is None:
                asked_about.append(int(remove[:3]))
                return content
            return {**content, "known": {**_open(known, renumbered=True), "items": left}}
        said = {"closed": "yes"} if items else {"nothing": "yes" if posted.one("then") == "nothing" else ""}
        return {**content, "known": {**known, **said}}

    content = keep_draft(here.register, here.caller, draft, change)
    if asked_about and not here.session.idle:
        return _whose(request, here, draft, content["known"]["items"], asked_about[0], posted.one("things"))
    if remove or here.session.idle:
        return onward(here, f"/report/{draft}/known")
    asked = asked_of(here)
    faults = faults_of(BY_NAME["known"], content["known"], asked)
    if faults:
        return step_shown(request, here, draft, "known", content["known"], faults, content)
    missing = first_open(content, asked)
    if missing is not None:
        return to(f"/report/{draft}/{missing}")
    if not content["known"].get("compared"):
        found = find_near_duplicates(here.register, here.caller, signal_of(content, asked))
        similar = [
            {"reference": one.reference, "on": here.register.day_of(one.recorded_at).isoformat()} for one in found
        ]
        keep_draft(
            here.register,
            here.caller,
            draft,
            lambda kept: {**kept, "known": {**kept["known"], "similar": similar, "compared": True}},
        )
    return to(f"/report/{draft}/check")


def _open(known: Content, *, renumbered: bool = False) -> dict[str, Any]:
    """What is known, to be compared anew because it changes; what was begun of an entry goes where numbers move."""
    left = {name: value for name, value in known.items() if name not in {"similar", "compared", "closed", "nothing"}}
    return {
        name: v for name, v in left.items() if not (renumbered and name.startswith("begun-") and name[-1].isdigit())
    }


def _with(items: list[Item], number: int | None, item: Item) -> list[Item]:
    return [*items, item] if number is None else replaced(items, number, item)


def _item_at(items: list[Item], kind: str, number: int) -> Item:
    if not 0 <= number < len(items) or items[number]["kind"] != kind:
        raise NoSuchStep("there is nothing of that number to change")
    return items[number]


def _whose(request: Request, here: Visitor, draft: UUID, items: list[Item], number: int, said: str) -> Response:
    """The page that asks what becomes of the things of a person who is to be taken off."""
    faults = [Fault("things", N_("Choose one of these."))] if said else []
    return shown(
        request,
        here,
        "remove_person.html",
        draft=draft,
        number=number,
        person=items[number],
        things=things_of(items, number),
        heirs=heirs_of(items, number),
        faults=faults,
    )


def _thing(
    request: Request,
    here: Visitor,
    draft: UUID,
    kind: str,
    typed: Content,
    faults: list[Fault],
    number: int | None = None,
) -> Response:
    if kind not in FIELDS:
        raise NoSuchStep("there is nothing of that kind to add")
    known = content_of(here, draft).get("known", {})
    items = known.get("items", [])
    began = known.get(f"begun-{kind}" if number is None else f"begun-{kind}-{number}", {})
    before = {} if number is None else _item_at(items, kind, number)
    return shown(
        request,
        here,
        f"add_{kind}.html",
        draft=draft,
        typed=typed or began or before,
        faults=faults,
        persons=persons_of(items),
        action=f"/report/{draft}/known/{kind}" + ("" if number is None else f"/{number}"),
        changing=number is not None,
    )
