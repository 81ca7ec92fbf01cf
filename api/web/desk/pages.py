"""The records of the desk at the pages: list, form, one record with its history, correction and taking back.

All kinds have the same pages; `kinds` declares what is a kind's own. Who may do what is asked by the services, and here
only for the buttons. Where somebody changed a record meanwhile, nothing is done: what they changed stands in the form,
what was typed elsewhere stays, and what was typed over their change is shown beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from api.web.desk.fields import Field, fault_of, read_fields, said, typed_of
from api.web.desk.kinds import KINDS, STATUS, Desk, Kind
from api.web.frame.guard import PageRoute, Posted, SentHere, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_, Text, Words
from api.web.frame.rendering import words_of
from api.web.signals.reporting.answers import Fault, Reader
from register.domain.access.caller import Caller
from register.domain.desk.record import ChangeLine, require_any
from register.domain.desk.victim import NEXT_STATUSES, VictimId
from register.domain.signals.signal import AlreadyWithdrawn, ChangedMeanwhile, SignalId
from register.errors import NotFound, RegisterError
from register.services.desk.keep_victims import VICTIMS, assign_status
from register.services.desk.kit import Whole
from register.services.signals.read_signal import read_signal
from schemas.codes import code_list
from schemas.desk.record import TakeBackIn
from schemas.desk.victim import StatusIn

router = APIRouter(prefix="/desk", include_in_schema=False, route_class=PageRoute)
ROWS: Final = 25
WHY: Final = "why"
DONE: Final[Mapping[str, Text]] = {
    "recorded": N_("It is recorded."),
    "amended": N_("It is corrected."),
    "withdrawn": N_("It is taken back."),
    "status-assigned": N_("The status is added."),
}
"""What was done, as the history and the page after it say it."""
_SAY_WHY: Final = N_("Say why, in a few words.")
_UNREADABLE: Final = N_("This cannot be read. Look at what you typed.")
Cursor = Annotated[str | None, Query(max_length=64)]
Done = Annotated[str, Query(max_length=20)]


@router.get("")
def desk(request: Request, here: SignedInHere) -> Response:
    """The kinds that there are for this person."""
    kinds = {name: kind for name, kind in KINDS.items() if kind.keeping.opens_to(here.caller)}
    return show(request, here, "desk/desk.html", kinds=kinds)


@router.get("/{records}")
def listed(request: Request, here: SignedInHere, records: Desk, cursor: Cursor = None, status: Done = "") -> Response:
    """The newest first, page by page; of the ladder also those of one status. A word of no list narrows nothing."""
    kind = KINDS[records]
    narrowed = status if kind.narrowed_by is not None and status in code_list(kind.narrowed_by.codes) else ""
    asked = {"status": narrowed} if narrowed else {}
    page = kind.keeping.list_page(here.register, here.caller, cursor=cursor, limit=ROWS, **asked)
    words = words_of(request, here.register.partition, intake=False)
    lines = [(one, _values(kind.columns, one, words)) for one in page.items]
    return show(
        request,
        here,
        "desk/list.html",
        kind=kind,
        records=records,
        lines=lines,
        later=page.next,
        first=cursor is None,
        narrowed=narrowed,
        may_record=_may_record(kind, here.caller),
        whole=kind.keeping.sees_all(here.caller),
    )


@router.get("/{records}/new")
def form(
    request: Request, here: SignedInHere, records: Desk, interview: Annotated[UUID | None, Query()] = None
) -> Response:
    """The form of a new one; of a person on the ladder also from the interview with the person."""
    kind = KINDS[records]
    require_any(here.caller, *kind.keeping.may_record)
    typed: dict[str, str] = {}
    if interview is not None and records is Desk.VICTIMS:
        met = KINDS[Desk.INTERVIEWS]
        found = met.keeping.read(here.register, here.caller, interview)
        typed = {**typed_of(met.fields, met.form_of(found)), "signal": "", "note": "", "intake": str(interview)}
    return _form(request, here, records, typed, [], str(here.register.clock.new_id()))


@router.post("/{records}")
def recorded(request: Request, post: SentHere, records: Desk) -> Response:
    """Record it, or show what to mend."""
    here, posted, kind = post.visitor, post.posted, KINDS[records]
    require_any(here.caller, *kind.keeping.may_record)
    typed = _typed(kind.fields, posted) | {"intake": posted.one("intake")}
    key = posted.one("key") or str(here.register.clock.new_id())
    made, faults = record_typed(here, kind, typed, key)
    if made is None:
        return _form(request, here, records, typed, faults, key)
    return to(f"/desk/{records}/{made.id}?done=recorded")


@router.get("/{records}/{record_id}")
def one(request: Request, here: SignedInHere, records: Desk, record_id: UUID, done: Done = "") -> Response:
    """One record with its history."""
    kind = KINDS[records]
    whole = kind.keeping.read_whole(here.register, here.caller, record_id)
    words = words_of(request, here.register.partition, intake=False)
    document = whole.document
    changes = document.withdrawn_at is None and kind.keeping.may_change(here.caller, document)
    return show(
        request,
        here,
        "desk/record.html",
        kind=kind,
        records=records,
        record=document,
        values=_values(_shown(kind, document), document, words, kind),
        history=_history(kind, whole, here.caller),
        statuses=_statuses(document, words) if records is Desk.VICTIMS else [],
        done=DONE.get(done),
        may_amend=changes and kind.amendment is not None,
        may_withdraw=changes,
        may_assign=records is Desk.VICTIMS
        and document.withdrawn_at is None
        and VICTIMS.may_assign(here.caller, document),
        may_ladder=records is Desk.INTERVIEWS
        and document.withdrawn_at is None
        and _may_record(KINDS[Desk.VICTIMS], here.caller),
    )


@router.get("/{records}/{record_id}/amend")
def amendment(request: Request, here: SignedInHere, records: Desk, record_id: UUID) -> Response:
    """The form as it stands, to be corrected."""
    if KINDS[records].amendment is None:
        raise NotFound("nothing of such a record is corrected")
    kind, whole = _to_change(here, records, record_id)
    return _amend(request, here, records, whole, _now(here, kind, whole.document), [])


@router.post("/{records}/{record_id}/amend")
def amended(request: Request, post: SentHere, records: Desk, record_id: UUID) -> Response:
    """Correct it on the version that was seen, or show what to mend, or what somebody changed meanwhile."""
    here, posted = post.visitor, post.posted
    kind, whole = _to_change(here, records, record_id)
    if kind.amendment is None or kind.amending is None:
        raise NotFound("nothing of such a record is corrected")
    typed = _typed(kind.fields, posted) | {WHY: posted.one(WHY)}
    seen = _version(posted)
    if seen != whole.document.version:
        return _meanwhile(request, here, records, whole, typed, seen)
    reader = Reader(typed, here.register.today())
    values = read_fields(kind.fields, reader, here)
    why = reader.note(WHY, _SAY_WHY)
    before = kind.form_of(whole.document)
    changes = {name: value for name, value in values.items() if value != before[name]}
    if not reader.faults and not changes:
        reader.fault(kind.fields[0].name, N_("Nothing was changed yet. Change what is wrong, or go back."))
    if not reader.faults:
        try:
            change = kind.amendment.model_validate({"changes": changes, "reason": why})
            kind.amending.amend(here.register, here.caller, record_id, change, version=seen)
        except ChangedMeanwhile:
            _, whole = _to_change(here, records, record_id)
            return _meanwhile(request, here, records, whole, typed, seen)
        except (ValidationError, RegisterError) as error:
            reader.faults.append(_refusal(kind.fields, error))
        else:
            return to(f"/desk/{records}/{record_id}?done=amended")
    return _amend(request, here, records, whole, typed, reader.faults)


@router.get("/{records}/{record_id}/withdraw")
def withdrawal(request: Request, here: SignedInHere, records: Desk, record_id: UUID) -> Response:
    """The page that takes it back."""
    _, whole = _to_change(here, records, record_id)
    return _withdraw(request, here, records, whole, {}, [])


@router.post("/{records}/{record_id}/withdraw")
def withdrawn(request: Request, post: SentHere, records: Desk, record_id: UUID) -> Response:
    """Take it back, on the version that was seen."""
    here, posted = post.visitor, post.posted
    kind, whole = _to_change(here, records, record_id)
    typed, seen = {WHY: posted.one(WHY)}, _version(posted)
    reader = Reader(typed, here.register.today())
    why = reader.note(WHY, _SAY_WHY)
    if reader.faults:
        return _withdraw(request, here, records, whole, typed, reader.faults)
    try:
        kind.keeping.withdraw(here.register, here.caller, record_id, TakeBackIn(reason=why), version=seen)
    except ChangedMeanwhile:
        _, whole = _to_change(here, records, record_id)
        return _withdraw(request, here, records, whole, typed, [], since=seen)
    return to(f"/desk/{records}/{record_id}?done=withdrawn")


@router.get("/{records}/{record_id}/status")
def step(request: Request, here: SignedInHere, records: Desk, record_id: UUID) -> Response:
    """The form of the next status of a person on the ladder."""
    return _step(request, here, _to_assign(here, records, record_id), {}, [])


@router.post("/{records}/{record_id}/status")
def stepped(request: Request, post: SentHere, records: Desk, record_id: UUID) -> Response:
    """Add a status, on the version that was seen."""
    here, posted = post.visitor, post.posted
    whole, seen = _to_assign(here, records, record_id), _version(posted)
    typed = _typed(STATUS, posted)
    reader = Reader(typed, here.register.today())
    values = read_fields(STATUS, reader, here)
    if not reader.faults:
        try:
            status = StatusIn.model_validate(values)
            assign_status(here.register, here.caller, VictimId(record_id), status, version=seen)
        except ChangedMeanwhile:
            whole = _to_assign(here, records, record_id)
            return _step(request, here, whole, typed, [], since=seen)
        except RegisterError as error:
            if (fault := fault_of("status", error.code)) is None:
                raise
            reader.faults.append(fault)
        else:
            return to(f"/desk/victims/{record_id}?done=status-assigned")
    return _step(request, here, whole, typed, reader.faults)


def record_typed(here: Visitor, kind: Kind, typed: Mapping[str, str], key: str) -> tuple[Any | None, list[Fault]]:
    """Record what was typed; the record, or what is to be mended. Nothing is recorded where anything is wrong."""
    values, faults = check_typed(here, kind, typed)
    if faults:
        return None, faults
    try:
        return kind.keeping.record(here.register, here.caller, kind.form(values), key), []
    except (ValidationError, RegisterError) as error:
        return None, [_refusal(kind.asked(typed), error)]


def check_typed(here: Visitor, kind: Kind, typed: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """What was typed as the form takes it, and what is wrong with it by itself; nothing is stored."""
    reader = Reader(typed, here.register.today())
    values = read_fields(kind.asked(typed), reader, here)
    if typed.get("intake"):
        values["intake"] = typed["intake"]
    if not reader.faults:
        try:
            kind.form(values)
        except ValidationError as error:
            reader.faults.append(_refusal(kind.asked(typed), error))
    return values, reader.faults


def _refusal(fields: Sequence[Field], error: ValidationError | RegisterError) -> Fault:
    """What to say of a form that was refused, at the field that it is about; raises what no form can mend."""
    if isinstance(error, RegisterError):
        at = "status" if "status" in error.code else fields[0].name
        named = error.details.get("fields")
        fault = fault_of(named[0].rpartition(".")[2] if named else at, error.code)
        if fault is None:
            raise error
        return fault
    first = error.errors(include_input=False, include_context=False)[0]
    name = str(first["loc"][-1]) if first["loc"] else ""
    return Fault(name if any(one.name == name for one in fields) else fields[0].name, _UNREADABLE)


def _to_change(here: Visitor, records: Desk, record_id: UUID) -> tuple[Kind, Whole[Any]]:
    """A record for somebody who may change it; one that he may not even know of is not there."""
    kind = KINDS[records]
    whole = kind.keeping.read_whole(here.register, here.caller, record_id)
    if not kind.keeping.may_change(here.caller, whole.document):
        raise NotFound("there is none that this caller may change")
    if whole.document.withdrawn_at is not None:
        raise AlreadyWithdrawn("the record was withdrawn; it cannot change")
    return kind, whole


def _to_assign(here: Visitor, records: Desk, record_id: UUID) -> Whole[Any]:
    if records is not Desk.VICTIMS:
        raise NotFound("only a person on the ladder has a status")
    whole = VICTIMS.read_whole(here.register, here.caller, record_id)
    if not VICTIMS.may_assign(here.caller, whole.document):
        raise NotFound("there is nobody to whom this caller may give a status")
    if whole.document.withdrawn_at is not None:
        raise AlreadyWithdrawn("the person was taken off the ladder")
    return whole


def _now(here: Visitor, kind: Kind, document: BaseModel) -> dict[str, str]:
    """A record as somebody would type it, its report by the reference that they know it by."""
    typed = typed_of(kind.fields, kind.form_of(document))
    if typed.get("signal"):
        with suppress(NotFound):  # of somebody who may correct the record and not read the report: the id stays
            typed["signal"] = read_signal(here.register, here.caller, SignalId(UUID(typed["signal"]))).reference
    return typed


def _may_record(kind: Kind, caller: Caller) -> bool:
    return any(caller.may(task) for task in kind.keeping.may_record)


def _typed(fields: Sequence[Field], posted: Posted) -> dict[str, str]:
    return {one.name: posted.one(one.name) for one in fields}


def _version(posted: Posted) -> int:
    """The version that the page was made of; 0 where the form names none, which no record has."""
    text = posted.one("version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004


def _values(
    fields: Sequence[Field], document: BaseModel, words: Words, kind: Kind | None = None
) -> list[tuple[Field, Any]]:
    """The fields of a record in words; of a line of a list also those beside its form."""
    own = getattr(document, "form", document)
    found = kind.form_of(document) if kind is not None else {}
    return [
        (one, said(one, found.get(one.name, getattr(own, one.name, getattr(document, one.name, None))), words))
        for one in fields
    ]


def _shown(kind: Kind, document: Any) -> Sequence[Field]:
    """The fields of a record's page; a person's statuses stand in a table of their own."""
    by = {"intake": str(getattr(document, "intake", None) or "")}
    return [one for one in kind.asked(by) if one not in STATUS]


def _statuses(document: Any, words: Words) -> list[tuple[Any, list[tuple[Field, Any]]]]:
    return [(line, _values(STATUS, line, words)) for line in reversed(document.history)]


def _history(
    kind: Kind, whole: Whole[Any], reader: Caller, since: int = 0
) -> list[tuple[ChangeLine, Text, list[Text], bool]]:
    """The history newest first: the line, what was done, the labels of the fields, and whether the reader did it."""
    labels = {one.name: one.label for one in kind.fields}
    return [
        (line, DONE[line.done], [labels[name] for name in line.fields if name in labels], line.actor == reader.actor)
        for line in reversed(whole.history)
        if line.version > since and line.done in DONE
    ]


def _form(
    request: Request, here: Visitor, records: Desk, typed: Mapping[str, str], faults: list[Fault], key: str
) -> Response:
    kind = KINDS[records]
    values: dict[str, Any] = {"kind": kind, "records": records, "fields": kind.asked(typed), "key": key}
    return show(request, here, "desk/form.html", typed=typed, faults=faults, **values)


def _amend(
    request: Request,
    here: Visitor,
    records: Desk,
    whole: Whole[Any],
    typed: Mapping[str, str],
    faults: list[Fault],
    *,
    since: int | None = None,
    over: Sequence[tuple[Field, str]] = (),
) -> Response:
    return show(
        request,
        here,
        "desk/amend.html",
        kind=KINDS[records],
        records=records,
        record=whole.document,
        typed=typed,
        faults=faults,
        meanwhile=None if since is None else _history(KINDS[records], whole, here.caller, since),
        over=over,
    )


def _meanwhile(
    request: Request, here: Visitor, records: Desk, whole: Whole[Any], typed: Mapping[str, str], seen: int
) -> Response:
    """The form again, on the record as it is now.

    Fields that nobody else changed keep what was typed; those that somebody did show their value, and what was typed
    over it stands beside, so that neither is lost and nothing is undone by sending an old page.
    """
    kind = KINDS[records]
    now = _now(here, kind, whole.document)
    theirs = {name for line in whole.history if line.version > seen for name in line.fields}
    over = [
        (one, typed[one.name])
        for one in kind.fields
        if one.name in theirs and typed[one.name] and typed[one.name] != now[one.name]
    ]
    merged = {**typed, **{name: now[name] for name in theirs if name in now}}
    return _amend(request, here, records, whole, merged, [], since=seen, over=over)


def _withdraw(
    request: Request,
    here: Visitor,
    records: Desk,
    whole: Whole[Any],
    typed: Mapping[str, str],
    faults: list[Fault],
    *,
    since: int | None = None,
) -> Response:
    kind = KINDS[records]
    return show(
        request,
        here,
        "desk/withdraw.html",
        kind=kind,
        records=records,
        record=whole.document,
        typed=typed,
        faults=faults,
        meanwhile=None if since is None else _history(kind, whole, here.caller, since),
    )


def _step(
    request: Request,
    here: Visitor,
    whole: Whole[Any],
    typed: Mapping[str, str],
    faults: list[Fault],
    *,
    since: int | None = None,
) -> Response:
    kind, present = KINDS[Desk.VICTIMS], whole.document.status
    return show(
        request,
        here,
        "desk/status.html",
        kind=kind,
        records=Desk.VICTIMS,
        record=whole.document,
        fields=STATUS,
        may_follow=sorted(NEXT_STATUSES[present]),
        typed=typed,
        faults=faults,
        meanwhile=None if since is None else _history(kind, whole, here.caller, since),
    )
