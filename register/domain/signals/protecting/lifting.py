"""That a protection is lifted: a fact behind it was wrong, and two persons say so, one of them of the victim's side.

Nothing else ends a protection, and this ends one reason of one person at a time: what else protects them stays. It
can be reversed, by either side alone, since that protects. It is told to nobody abroad: what the rules then allow is
shared as after any correction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, NewType, assert_never
from uuid import UUID

from register.domain.access.caller import Caller, Task
from register.domain.running.to_do import KINDS, ToDo
from register.domain.signals.protection import PERHAPS, RECOGNISED, Protection
from register.domain.signals.signal import ChangedMeanwhile, SignalId
from register.errors import CallerError, Conflict, NotPermitted
from schemas.codes import LiftingDecision, LiftingState, ToDoKind, Urgency, code_list

LiftingId = NewType("LiftingId", UUID)

SECONDS: Final = frozenset({Task.SUBMIT, Task.ENRICH, Task.REGISTER})
"""At the organisation that was asked, those who answer for it; who only reads there reads."""
_FROM: Final[Mapping[LiftingDecision, tuple[LiftingState, LiftingState]]] = MappingProxyType(
    {
        LiftingDecision.LIFT: (LiftingState.ASKED, LiftingState.LIFTED),
        LiftingDecision.REFUSE: (LiftingState.ASKED, LiftingState.REFUSED),
        LiftingDecision.TAKE_BACK: (LiftingState.ASKED, LiftingState.TAKEN_BACK),
        LiftingDecision.REVERSE: (LiftingState.LIFTED, LiftingState.REVERSED),
    }
)
"""By decision, the state in which it may be taken, and the one that it leads to."""


class NotToBeLifted(CallerError):
    """The person is not protected by this reason, or not by one that can be lifted so."""

    code = "not-to-be-lifted"
    advice = (
        "Read why the person is protected, and choose a reason that stands there with a mistake that goes with it. "
        "Whoever is taken for somebody of another report, or of an interview, is let go by the finding about it."
    )


class FactStands(Conflict):
    """Something still says what would be lifted, or something else protects the person too."""

    code = "fact-stands"
    advice = "Correct the report, the interview or the ladder first; only what nothing says any more can be lifted."


class AlreadyAsked(Conflict):
    """The same is asked of somebody already."""

    code = "lifting-asked-already"
    advice = "Wait for the answer, or take the question back and ask another organisation."


class RefusedBefore(Conflict):
    """Who was asked about this protection said that it stays; another organisation is not asked in its place."""

    code = "lifting-refused-before"
    advice = "Ask the organisation that the message names once more, and say in the note what it did not know."


class NotTheSecond(NotPermitted):
    """Another person than the caller has to say this.

    Two of two organisations, neither of whom brought the report in, lift a protection; two of the register unit let go
    whom all that identifies a person says to be somebody protected.
    """

    code = "not-the-second-person"
    advice = (
        "Ask somebody else of those who may say it: not who brought the report in, nor who asked or said it before. A "
        "program cannot say it, whatever its tasks."
    )


class LiftingSettled(Conflict):
    """This can no longer be said to the question, or not yet."""

    code = "lifting-settled"
    advice = "Read it again: somebody has answered, taken it back or reversed it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifting:
    """One question, and what became of it.

    Attributes:
        reference: of the signal; `reported_by` is who brought it in, `ends` the day until which it is kept.
        asked_by, asked_for: who of the register unit asked, and the organisation he works for.
        second: the organisation of the victim's side that was asked.
        in_force: a row of protection is lifted by it.
        note: what was wrong, opened.
    """

    id: LiftingId
    version: int
    signal: SignalId
    reference: str
    reported_by: str
    ends: date
    subject: int
    protection: Protection
    because: str
    asked_by: str
    asked_for: str
    asked_at: datetime
    second: str
    state: LiftingState
    decided_by: str | None = None
    decided_at: datetime | None = None
    reversed_by: str | None = None
    reversed_at: datetime | None = None
    in_force: bool = False
    note: str | None = None

    def check(self, caller: Caller, decision: LiftingDecision, version: int) -> LiftingState:
        """Return the state that a decision leads to.

        Raises:
            ChangedMeanwhile: it is at another version.
            LiftingSettled: it is not in the state in which this may be said.
            NotTheSecond: the caller is not one of those who may say it.
        """
        if self.version != version:
            raise ChangedMeanwhile(f"the lifting is at version {self.version}, not {version}", version=self.version)
        comes_from, leads_to = _FROM[decision]
        if self.state is not comes_from:
            raise LiftingSettled(f"the lifting is {self.state}; {decision} may be said while it is {comes_from}")
        self._check_who(caller, decision)
        return leads_to

    def may(self, caller: Caller, decision: LiftingDecision) -> bool:
        """Whether a caller is one of those who say this to it, whoever brought the report in."""
        second = caller.organisation == self.second and bool(SECONDS & caller.tasks)
        match decision:
            case LiftingDecision.TAKE_BACK:
                return caller.may(Task.REGISTER) and caller.organisation == self.asked_for
            case LiftingDecision.REVERSE:
                return caller.may(Task.REGISTER) or second
            case LiftingDecision.LIFT | LiftingDecision.REFUSE:
                return second and caller.actor != self.asked_by
            case _:
                assert_never(decision)

    def offered(self, caller: Caller) -> tuple[LiftingDecision, ...]:
        """What a caller can say to it now."""
        return tuple(one for one in LiftingDecision if self.state is _FROM[one][0] and self.may(caller, one))

    def _check_who(self, caller: Caller, decision: LiftingDecision) -> None:
        if not self.may(caller, decision):
            who = {
                LiftingDecision.TAKE_BACK: f"{self.asked_for}, which asked",
                LiftingDecision.REVERSE: f"the register unit or {self.second}",
            }.get(decision, f"another person, of {self.second}")
            raise NotTheSecond(f"{decision} is said by {who}")
        if decision is LiftingDecision.LIFT:
            require_no_reporter(caller, self.reported_by)


def require_no_reporter(caller: Caller, reported_by: str) -> None:
    """Do nothing if the caller is a person, and not the one who brought the report in; raise `NotTheSecond` if not."""
    if caller.kind != "person" or caller.actor == reported_by:
        raise NotTheSecond("who brought a report in lifts no protection in it, and no program does")


def may_know(caller: Caller, second: str) -> bool:
    """Whether he may read a lifting: the register unit may, and whoever works where it was asked."""
    at_second = caller.organisation == second and bool((SECONDS | {Task.READ_OWN}) & caller.tasks)
    return caller.may(Task.REGISTER) or at_second


def check_fits(protection: Protection, because: str) -> None:
    """Do nothing if this mistake can be behind this reason; else raise `NotToBeLifted`, which names those that can."""
    fitting = [one.code for one in code_list("lifting_reason") if protection.value in one.extra["lifts"]]
    if protection in RECOGNISED | PERHAPS:
        raise NotToBeLifted("the person is taken for somebody; the finding about it ends it", pointer="/protection")
    if because not in fitting:
        raise NotToBeLifted(f"with {protection} goes {' or '.join(fitting)}", pointer="/because")


def waits(lifting: Lifting) -> ToDo:
    """The to-do of the organisation that was asked, as it waits or does not any more."""
    kind, urgency = ToDoKind.LIFTING, Urgency.NORMAL
    return ToDo(
        kind=kind,
        object=lifting.id,
        detail="",
        urgency=urgency,
        within=KINDS[kind].within[urgency],
        unit=lifting.second,
        signal=lifting.signal,
        reference=lifting.reference,
        waits=lifting.state is LiftingState.ASKED,
    )
