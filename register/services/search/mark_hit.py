"""Say what was done about a hit: that it was looked at, that the partner was asked, or why it is no concern.

Held like a look at the hits: on a ground, and of hits only that show to whoever says it. Each step is a row that stays
and a leaf of the log. What is said are codes: a reason in words would carry names to where hits are listed.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.running.audit_action import AuditAction
from register.domain.signals.signal import ChangedMeanwhile
from register.errors import NotFound
from register.services.search.budgets import refusals_noted, spend_on_record
from register.services.search.list_hits import (
    hidden_from,
    not_on_reports_of,
    plan_of_look,
    that_may_be_shown,
    with_protection,
)
from register.store.work import Work
from schemas.codes import HitState, Partition
from schemas.search.question import Ground, HitMarkIn, HitRow

_MARKED: Final = AuditAction.HIT_MARKED


def mark_hit(
    register: Register, caller: Caller, ground: Ground, hit_id: UUID, form: HitMarkIn, *, version: int
) -> HitRow:
    """Say something of a hit, and return it as it is now.

    Args:
        register: the caller's country's.
        caller: whoever may look at the hits.
        ground: as for a look; a hit that was not shown to the caller today costs one value of the day.
        hit_id: of the list of hits.
        form: what is said.
        version: of the hit when it was read.

    Raises:
        TaskMissing, CaseRefused, QuestionRefused, SearchBudgetSpent: as for a look at the hits.
        NotFound: there is no hit of this id that would show to the caller on this ground.
        ChangedMeanwhile: somebody said something of it since.
    """
    register.permit(caller, UseCase.MARK_HIT)
    ground = ground._replace(case=register.case_of(caller, ground.case))
    plan = plan_of_look(register, caller, ground)
    with refusals_noted(register, caller, purpose=ground.purpose, case=ground.case), register.work(caller) as work:
        # Paid before anything is judged, and the same for a hit that is not there.
        spend_on_record(register, work, caller, ground.case, work.search.hits.record_of(hit_id) or hit_id)
    with register.looking(caller, AuditAction.HIT_NOT_MARKED, hit_id) as work:
        there = that_may_be_shown(register, work, plan, _find_hit(register, work, hit_id))
        if not there:
            raise NotFound(f"there is no hit {hit_id} that may be shown")
        on = there[0]
        _mark_hit_row(work, on, form.state, version, no_concern=form.no_concern)
        work.running.audit.note(
            _MARKED,
            str(hit_id),
            private={"case": ground.case},
            state=form.state,
            no_concern=form.no_concern or "-",
            number=version,
            purpose=ground.purpose,
            basis=ground.legal_basis,
        )
        (now,) = with_protection(work, that_may_be_shown(register, work, plan, _find_hit(register, work, hit_id)))
    return now


def mark_drafted(
    register: Register, work: Work, hit_id: UUID, origin: Partition, record: UUID, request_id: UUID
) -> None:
    """Say of a hit that a request was drafted from it, in the transaction that keeps the request.

    The extract was judged for the request already; here only that the hit is one on it, and shows to the caller.

    Raises:
        NotFound: there is no such hit on this extract.
        ChangedMeanwhile: somebody said something of it in this moment.
    """
    found = [one for one in _find_hit(register, work, hit_id) if (one.origin, one.record) == (origin, record)]
    if not found:
        raise NotFound(f"there is no hit {hit_id} on this extract that may be shown")
    _mark_hit_row(work, found[0], HitState.DRAFTED, found[0].version, request=request_id)
    work.running.audit.note(
        _MARKED, str(hit_id), state=HitState.DRAFTED, number=found[0].version, request=str(request_id)
    )


def _find_hit(register: Register, work: Work, hit_id: UUID) -> list[HitRow]:
    """The hit as the list of the caller would find it, before its extract is judged."""
    caller = work.caller
    return work.search.hits.newest(
        before=None,
        limit=1,
        hidden=hidden_from(caller, register.edition),
        besides=not_on_reports_of(caller),
        # What nobody has paid for is not shown in the list either.
        but=work.search.budgets.unanswered(caller.actor, None),
        only=hit_id,
        organisation=caller.organisation,
    )


def _mark_hit_row(
    work: Work,
    on: HitRow,
    state: HitState,
    version: int,
    *,
    no_concern: str | None = None,
    request: UUID | None = None,
) -> None:
    if on.version != version or not work.search.hits.mark(
        on, work.caller, state, no_concern=no_concern, request=request
    ):
        raise ChangedMeanwhile(f"something was said of hit {on.id} since version {version}", version=on.version)
