"""What of a signal or a referral waits, and for whom: asked anew after every change, so that no step can forget it."""

from __future__ import annotations

from typing import Final

from register.domain.running.to_do import KINDS, WEEK, ToDo
from register.domain.signals.referral import Referral
from register.domain.signals.signal import Signal
from schemas.codes import ReferralState, ToDoKind, Urgency

UNANSWERED: Final = frozenset({ReferralState.SENT, ReferralState.ACCEPTED})
"""What was taken up still owes what came of it, though with more time."""


def confirmation_of(signal: Signal) -> ToDo:
    """The register unit's confirmation of a signal (CONFIRM-1), as it waits or is settled now."""
    urgency = Urgency(signal.form.urgency)
    return ToDo(
        kind=ToDoKind.CONFIRM,
        object=signal.id,
        detail="",
        urgency=urgency,
        within=KINDS[ToDoKind.CONFIRM].within[urgency],
        signal=signal.id,
        reference=signal.reference,
        waits=signal.ground.confirmed_at is None and signal.withdrawn_at is None,
    )


def approval_of(signal: Signal, keeper: str) -> ToDo:
    """The approval of the exit gate, as it waits for one organisation that keeps it for this signal."""
    urgency = Urgency(signal.form.urgency)
    return ToDo(
        kind=ToDoKind.APPROVAL,
        object=signal.id,
        detail=keeper,
        urgency=urgency,
        within=KINDS[ToDoKind.APPROVAL].within[urgency],
        unit=keeper,
        signal=signal.id,
        reference=signal.reference,
    )


def answer_of(referral: Referral) -> ToDo:
    """The answer of the organisation referred to, as it waits or is settled now.

    A withdrawn report does not end it: help for a person does not depend on the report, and whoever has taken it up
    says what became of it.
    """
    urgency = Urgency(referral.urgency)
    within = KINDS[ToDoKind.REFERRAL].within[urgency]
    return ToDo(
        kind=ToDoKind.REFERRAL,
        object=referral.id,
        detail=referral.kind,
        urgency=urgency,
        within=max(WEEK, within) if referral.state is ReferralState.ACCEPTED else within,
        unit=referral.to,
        signal=referral.signal,
        reference=referral.reference,
        waits=referral.state in UNANSWERED,
    )
