"""Draft a request to the owner of a shared extract, change it, withdraw it.

A draft is made of an extract that a search of the same person, with the same purpose, ground and case, would show
now: the extract is read again and judged by the rules of the search, so that a request tells nobody more than a
search does. What was asked for is logged before it is looked up, and that nothing was drafted as well.

Not done here: nothing is sent, and no answer is taken. A draft is printed and carried.
"""

from __future__ import annotations

import secrets
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.casework.request import Request, RequestId, RouteNotTaken, check_day, check_route, kept_until
from register.domain.casework.request_document import build_request_document
from register.domain.exchange.held import HeldExtract, OwnerNeeded
from register.domain.reference import draw_reference
from register.domain.running.audit_action import AuditAction
from register.errors import NotFound
from register.mou.asking import asker_of, require_question
from register.mou.decide import may_ask, may_see
from register.mou.facts import AskerFacts
from register.mou.label import terms_of
from register.services.search.budgets import refusals_noted, spend_on_record
from register.services.search.mark_hit import mark_drafted
from register.store.work import Work
from schemas.canonical import dumps
from schemas.casework.request import RequestAmendIn, RequestIn, RequestOut, RequestWithdrawIn
from schemas.codes import Partition, RequestState

_REFUSED: Final = (RouteNotTaken, OwnerNeeded)
"""What tells a caller, as `NotFound` does, something of the extract that he asked for: noted as that is."""


def draft_request(register: Register, caller: Caller, form: RequestIn, key: str) -> RequestOut:
    """Store a draft in the caller's partition.

    Args:
        register: the caller's country's.
        caller: with the task SEARCH_SHARED.
        form: whose content is asked for, by which route, on what ground, until when.
        key: the Idempotency-Key: the same key with the same form gives the first answer again.

    Raises:
        TaskMissing: the caller may not search what others share.
        CaseRefused: what was given as the case is no reference of one.
        SearchBudgetSpent: nothing is left of the day's budgets, and the extract was not shown to the caller today.
        QuestionRefused: the rules refuse the request itself: its ground, purpose or route is none of the caller's.
        DayOutOfRange: the day of the answer has passed on the country's calendar, or is more than a year ahead.
        NotFound: there is no extract of this id that may be shown for this purpose; the same for one that is there.
            Nor is there a hit on it of the id that the form names.
        ChangedMeanwhile: somebody said something of the hit in this very moment.
        RouteNotTaken: the extract is shown, and its owner takes no requests by this route.
        KeyReused, InFlight: about the Idempotency-Key.
    """
    register.permit(caller, UseCase.DRAFT_REQUEST)
    check_day(form.answer_by, register.today())
    form = form.model_copy(update={"case": register.case_of(caller, form.case)})
    asker = asker_of(caller, purpose=form.purpose, legal_basis=form.legal_basis, case=form.case, route=form.route)
    require_question(asker, (register.edition,), register.today())
    with refusals_noted(register, caller, purpose=form.purpose, case=form.case), register.work(caller) as work:
        spend_on_record(register, work, caller, form.case, form.record)
        work.running.audit.note(
            AuditAction.REQUEST_ASKED,
            str(form.record),
            private={"case": form.case},
            purpose=form.purpose,
            basis=form.legal_basis,
        )

    def make(work: Work) -> bytes:
        return _store_request(register, work, form, asker).model_dump_json().encode()

    request = dumps(form.model_dump(mode="json"))
    with register.noting(caller, AuditAction.REQUEST_NOT_DRAFTED, form.record, *_REFUSED):
        return RequestOut.model_validate_json(register.once(caller, key, request, make))


def amend_request(
    register: Register, caller: Caller, request_id: RequestId, change: RequestAmendIn, *, version: int
) -> RequestOut:
    """Change the words, the route or the day of a draft; the extract is read again, as for a new one.

    Raises:
        TaskMissing, DayOutOfRange, QuestionRefused, RouteNotTaken: as for a new draft.
        NotFound: there is no such request of the caller's organisation, or its extract may not be shown any more.
        ChangedMeanwhile: `version` is not the present one.
        NotADraft: it has been withdrawn.
    """
    register.permit(caller, UseCase.AMEND_REQUEST)
    if change.answer_by is not None:
        check_day(change.answer_by, register.today())
    with register.looking(caller, AuditAction.REQUEST_NOT_AMENDED, request_id, *_REFUSED) as work:
        request, _ = work.casework.requests.get(request_id, caller.organisation, to_change=True)
        parts = change.model_dump(exclude_none=True)
        changed = request.amended(register.clock.now(), version=version, parts=parts)
        asker = asker_of(
            caller,
            purpose=changed.purpose,
            legal_basis=changed.legal_basis,
            case=changed.case,
            route=changed.route,
        )
        require_question(asker, (register.edition,), register.today())
        extract = _find_shown_extract(register, work, changed.record, changed.owner, asker)
        check_route(changed.route, extract.put.record.contact.routes)
        work.casework.requests.replace(changed)
        work.running.audit.note(
            AuditAction.REQUEST_AMENDED, str(request_id), version=changed.version, fields=sorted(parts)
        )
    return build_request_document(changed, record_live=True)


def withdraw_request(
    register: Register, caller: Caller, request_id: RequestId, withdrawal: RequestWithdrawIn, *, version: int
) -> RequestOut:
    """Take a draft back; it stays readable, with its reason.

    Raises:
        TaskMissing: the caller may not search what others share.
        NotFound: there is no such request of the caller's organisation.
        ChangedMeanwhile, NotADraft: as for a change.
    """
    register.permit(caller, UseCase.WITHDRAW_REQUEST)
    with register.looking(caller, AuditAction.REQUEST_NOT_WITHDRAWN, request_id) as work:
        request, live = work.casework.requests.get(request_id, caller.organisation, to_change=True)
        changed = request.withdrawn(register.clock.now(), version=version, reason=withdrawal.reason)
        work.casework.requests.replace(changed)
        work.running.audit.note(AuditAction.REQUEST_WITHDRAWN, str(request_id), version=changed.version)
    return build_request_document(changed, record_live=live)


def _store_request(register: Register, work: Work, form: RequestIn, asker: AskerFacts) -> RequestOut:
    now, caller = register.clock.now(), work.caller
    organisation = work.access.organisations.get(caller.organisation or "")
    extract = _find_shown_extract(register, work, form.record, form.owner, asker)
    check_route(form.route, extract.put.record.contact.routes)
    request = Request(
        id=RequestId(register.clock.new_id()),
        partition=caller.partition,
        reference=draw_reference(
            f"{caller.partition}-REQ-{register.today().year}",
            work.casework.requests.reference_is_taken,
            secrets.randbelow,
        ),
        state=RequestState.DRAFT,
        version=1,
        organisation=organisation.code,
        actor=caller.actor,
        owner=extract.origin,
        unit=extract.put.record.contact.unit,
        record=form.record,
        record_reference=extract.put.record.reference,
        route=form.route,
        purpose=form.purpose,
        legal_basis=form.legal_basis,
        case=form.case,
        asks=form.asks,
        answer_by=form.answer_by,
        retain_until=kept_until(form.answer_by),
        made_at=now,
        changed_at=now,
    )
    work.casework.requests.add(request)
    if form.hit is not None:
        mark_drafted(register, work, form.hit, extract.origin, form.record, request.id)
    work.search.budgets.note_shown(caller.actor, [form.record], register.today())
    work.running.audit.note(
        AuditAction.REQUEST_DRAFTED,
        str(request.id),
        owner=request.owner,
        record=str(request.record),
        route=request.route,
    )
    return build_request_document(request, record_live=True)


def _find_shown_extract(
    register: Register, work: Work, record: UUID, owner: Partition | None, asker: AskerFacts
) -> HeldExtract:
    """The extract, if a search on these grounds would ask its owner and show it; else as one that is not there.

    As one that is not there, too, if no answer has shown it to the caller: its id alone opens nothing.
    """
    today = register.today()
    found = []
    seen_before = work.search.budgets.was_ever_shown(work.caller.actor, record)
    for origin, _, _ in work.exchange.held.origins_of(record) if seen_before else ():
        extract = work.exchange.held.open(origin, [record]).get(record) if owner in {None, origin} else None
        if extract is None:
            continue
        asked = may_ask(asker, origin, register.edition, today=today)
        seen = may_see(asker, terms_of(extract), register.edition, today=today)
        if asked.allowed and seen.allowed:
            found.append(extract)
    if not found:
        raise NotFound(f"there is no shared extract {record} that may be shown")
    if len(found) > 1:
        owners = [extract.origin for extract in found]
        raise OwnerNeeded(f"{' and '.join(owners)} each have an extract {record}", owners=owners)
    return found[0]
