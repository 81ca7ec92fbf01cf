"""Read one shared extract again, as far as its visibility shows it; the reading is logged with its case."""

from __future__ import annotations

from uuid import UUID

from register.core import Register
from register.domain.caller import Caller, Task
from register.errors import NotFound
from register.mou.decide import may_see
from register.mou.facts import AskerFacts
from register.mou.label import terms_of
from schemas.codes import LegalBasis, Purpose
from schemas.exchange import document
from schemas.search import ContactOut, RecordOut


def read_record(
    register: Register, caller: Caller, record: UUID, *, purpose: Purpose, legal_basis: LegalBasis, case: str
) -> RecordOut:
    """Return what may be shown of a received extract.

    An extract that may not be shown is answered like one that is not there.

    Raises:
        TaskMissing: the caller may not search what others share.
        NotFound: there is none that this caller may see for this purpose.
    """
    caller.require(Task.SEARCH_SHARED)
    with register.work(caller) as work:
        work.audit.note("record.asked", str(record), private={"case": case}, purpose=purpose, basis=legal_basis)
    with register.work(caller) as work:
        found = work.held.origin_of(record)
        extract = work.held.open(found[0], [record]).get(record) if found is not None else None
        asker = AskerFacts(
            partition=register.partition,
            purpose=purpose,
            legal_basis=legal_basis,
            case_ref=case,
            searches_shared=True,
            register_unit=caller.may(Task.REGISTER),
        )
        decision = None
        if extract is not None:
            decision = may_see(asker, terms_of(extract), register.edition, today=register.clock.now().date())
        if extract is None or decision is None or not decision.allowed:
            work.audit.note("record.not-shown", str(record))
        else:
            work.audit.note("record.shown", str(record), rules=list(decision.rules))
    if extract is None or decision is None or not decision.allowed:
        raise NotFound(f"there is no shared extract {record} that may be shown")
    values = document(extract.put.record)
    return RecordOut(
        record=record,
        owner=extract.origin,
        reference=extract.put.record.reference,
        visibility=extract.put.label.visibility,
        shown={k: values[k] for k in decision.shows if k in values},
        contact=ContactOut(unit=extract.put.record.contact.unit, routes=extract.put.record.contact.routes),
        obligations=decision.sentences,
    )
