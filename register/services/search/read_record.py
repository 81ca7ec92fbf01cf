"""Read one shared extract again, as far as its visibility shows it; the reading is logged with its case.

It opens for whom a question or a look at hits has shown it before, and for nobody else who knows its id: a question
says what it is about and is answered by what matches; an id says nothing. It costs one value of the day's budgets, like
a question, unless the extract was shown to the same person today.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.exchange.held import HeldExtract, OwnerNeeded
from register.domain.running.audit_action import AuditAction
from register.errors import NotFound
from register.mou.asking import asker_of, require_question
from register.mou.decide import Decision, may_see
from register.mou.facts import AskerFacts
from register.mou.label import terms_of
from register.services.search.budgets import refusals_noted, spend_on_record
from register.services.search.list_hits import cut_off_since
from register.store.exchange.damages import Stored
from register.store.work import Work
from schemas.codes import LegalBasis, Partition, Purpose
from schemas.exchange.wire import approval_in, document
from schemas.search.question import ContactOut, RecordOut


def read_record(
    register: Register,
    caller: Caller,
    record: UUID,
    *,
    purpose: Purpose,
    legal_basis: LegalBasis,
    case: str,
    owner: Partition | None = None,
) -> RecordOut:
    """Return what may be shown of a received extract.

    An extract that may not be shown, or was shown to the caller by no answer of the last thirty days, is answered like
    one that is not there.

    Args:
        register: the caller's country's.
        caller: with the task SEARCH_SHARED.
        record: id of the extract, as hits give it.
        purpose: for which it is read; logged.
        legal_basis: a law of the caller's country; logged.
        case: the reference of the case; logged, sealed.
        owner: whose extract; needed only where two owners' logs use the same id.

    Raises:
        TaskMissing: the caller may not search what others share.
        CaseRefused: what was given as the case is no reference of one.
        QuestionRefused: the rules refuse the question itself, whatever is there.
        NotFound: there is none that this caller may see for this purpose. `unreadable` counts, by country, extracts
            that do not open here now, whatever was asked for: this may be one of them.
        SearchBudgetSpent: nothing is left of the day of the person, the case or the organisation, and the extract was
            not shown to the caller today; it left a leaf.
        OwnerNeeded: several that he may see bear this id.
    """
    register.permit(caller, UseCase.READ_RECORD)
    case = register.case_of(caller, case)
    asker = asker_of(caller, purpose=purpose, legal_basis=legal_basis, case=case)
    require_question(asker, (register.edition,), register.today())
    with refusals_noted(register, caller, purpose=purpose, case=case), register.work(caller) as work:
        spend_on_record(register, work, caller, case, record)
        work.running.audit.note(
            AuditAction.RECORD_ASKED, str(record), private={"case": case}, purpose=purpose, basis=legal_basis
        )
    with register.work(caller) as work:
        seen = work.search.budgets.was_ever_shown(caller.actor, record)
        found = _find_shown_extracts(register, work, record, asker, owner) if seen else []
        if len(found) == 1:
            work.search.budgets.note_shown(caller.actor, [record], register.today())
            work.running.audit.note(
                AuditAction.RECORD_SHOWN, str(record), owner=found[0][0].origin, rules=list(found[0][1].rules)
            )
        else:
            work.running.audit.note(AuditAction.RECORD_NOT_SHOWN, str(record))
        # Of whole countries: to say it of this one would tell of an extract that may not be shown.
        unreadable = work.exchange.damages.count_received()
        cut_off = cut_off_since(register, work, [found[0][0].origin]) if len(found) == 1 else {}
    if not found:
        raise _not_found(record, {c: n for c, n in unreadable.items() if owner in {None, c}})
    if len(found) > 1:
        owners = [extract.origin for extract, _ in found]
        raise OwnerNeeded(f"{' and '.join(owners)} each have an extract {record}", owners=owners)
    ((extract, decision),) = found
    values = document(extract.put.record)
    # Its signature was checked when it was taken in.
    approval = None if extract.put.approval is None else approval_in(extract.put.approval)
    return RecordOut(
        record=record,
        owner=extract.origin,
        reference=extract.put.record.reference,
        visibility=extract.put.label.visibility,
        shown={k: values[k] for k in decision.shows if k in values},
        contact=ContactOut(unit=extract.put.record.contact.unit, routes=extract.put.record.contact.routes),
        obligations=decision.sentences,
        gate=extract.put.label.gate if approval is None else "signed" if approval.class_ is None else "class",
        approved_by=None if approval is None else approval.keeper,
        cut_off_since=cut_off.get(extract.origin),
    )


def _not_found(record: UUID, unreadable: Mapping[Partition, int]) -> NotFound:
    said = f"there is no shared extract {record} that may be shown"
    if not unreadable:
        return NotFound(said)
    counted = ", ".join(f"{n} of {country}" for country, n in sorted(unreadable.items()))
    return NotFound(
        f"{said}; extracts that cannot be read here now, of which it may be one: {counted}",
        unreadable={country.value: n for country, n in sorted(unreadable.items())},
    )


def _find_shown_extracts(
    register: Register, work: Work, record: UUID, asker: AskerFacts, owner: Partition | None
) -> list[tuple[HeldExtract, Decision]]:
    """The extracts of this id that may be shown to the asker, each as its owner's alone."""
    today, found = register.today(), []
    for origin, _, _ in work.exchange.held.origins_of(record):
        if owner not in {None, origin}:
            continue
        held, damaged = work.exchange.held.try_open(origin, [record])
        work.exchange.damages.note(Stored.RECEIVED, origin, [str(one) for one in damaged])
        extract = held.get(record)
        if extract is not None:
            decision = may_see(asker, terms_of(extract), register.edition, today=today)
            if decision.allowed:
                found.append((extract, decision))
    return found
