"""What of a signal or a referral waits, and for whom: asked anew after every change, so that no step can forget it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from register.domain.running.to_do import DAY, HOUR, KINDS, WEEK, ToDo
from register.domain.signals.referral import Referral
from register.domain.signals.signal import Signal
from schemas.codes import ReferralState, ToDoKind, Urgency

UNANSWERED: Final = frozenset({ReferralState.SENT, ReferralState.ACCEPTED})
"""What was taken up still owes what came of it, though with more time."""
TAKEN_UP_WITHIN: Final[Mapping[Urgency, timedelta]] = MappingProxyType(
    {Urgency.NOW: 8 * HOUR, Urgency.DAY: 3 * DAY, Urgency.NORMAL: WEEK}
)
"""How long whoever took it up has, from when it was sent (casework.md 6): `life` and `urgent` stay soon."""
ENDS_WITH_REPORT: Final = (ToDoKind.REFERRAL, ToDoKind.REFERRED_BACK)
"""What was asked of others about a report ends when it is withdrawn, for whatever reason."""
PASSED_ON: Final = "PASSED_ON"
"""The outcome by which an organisation says that somebody else has it now: nobody whom the register knows of."""


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

    A withdrawn report ends it: whoever took part may have withdrawn her consent to being helped by anybody.
    """
    urgency = Urgency(referral.urgency)
    within = KINDS[ToDoKind.REFERRAL].within[urgency]
    return ToDo(
        kind=ToDoKind.REFERRAL,
        object=referral.id,
        detail=referral.kind,
        urgency=urgency,
        within=TAKEN_UP_WITHIN[urgency] if referral.state is ReferralState.ACCEPTED else within,
        unit=referral.to,
        signal=referral.signal,
        reference=referral.reference,
        waits=referral.state in UNANSWERED and not referral.withdrawn,
    )


def _is_nobodys(referral: Referral) -> bool:
    """Whether its organisation has it no more, and nobody took it back."""
    passed_on = referral.outcome == PASSED_ON and referral.state is not ReferralState.TAKEN_BACK
    return referral.state is ReferralState.DECLINED or passed_on


def came_back(referral: Referral) -> ToDo:
    """A referral that nobody of the register has any more, as it waits for the register unit after an answer.

    What ends it beside another answer is an act: that the unit refers again for the same, or closes it.
    """
    urgency = Urgency(referral.urgency)
    return ToDo(
        kind=ToDoKind.REFERRED_BACK,
        object=referral.id,
        detail=referral.kind,
        urgency=urgency,
        within=KINDS[ToDoKind.REFERRED_BACK].within[urgency],
        signal=referral.signal,
        reference=referral.reference,
        waits=not referral.withdrawn and _is_nobodys(referral),
    )
