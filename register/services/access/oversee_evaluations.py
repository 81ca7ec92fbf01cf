"""The privacy officer looks at what evaluators computed for this country: night by night, and as one figure.

Counts only: what was asked is in the log at home, and the ids of a finding in the leaf of its night.
"""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.exchange.balance import SPAN, derive_balance
from register.domain.running.audit_action import AuditAction
from register.pseudonyms.asker import PARTNERS_NEEDED
from schemas.access.privacy import EvaluationsOut, NightOut


def look_at_evaluations(register: Register, caller: Caller) -> EvaluationsOut:
    """Return how each day stands with each evaluator, newest first, and what came of what was evaluated.

    Raises:
        TaskMissing: both are the privacy officer's.
    """
    register.permit(caller, UseCase.OVERSEE_EVALUATIONS)
    since = register.clock.now() - SPAN
    with register.work(caller) as work:
        nights = work.exchange.reconciling.nights()
        registered = work.exchange.reconciling.registered(since, needed=PARTNERS_NEEDED)
        found = derive_balance(registered, work.signals.own_tokens.published({report for report, _, _ in registered}))
        work.running.audit.note(AuditAction.EVALUATIONS_LOOKED_AT, "-", nights=len(nights))
    return EvaluationsOut(
        since=since,
        to_publish=found.to_publish,
        published=found.published,
        unpublished=found.unpublished,
        to_keep=found.to_keep,
        nights=tuple(
            NightOut(
                evaluator=night.evaluator,
                day=night.day,
                state=night.state.value,
                listed=night.listed,
                unasked=night.unasked,
                unlisted=night.unlisted,
                looked_at=night.looked_at,
            )
            for night in nights
        ),
    )
