"""A referral of a signal to another organisation, and how its answer goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, NewType
from uuid import UUID

from register.domain.signals.signal import ChangedMeanwhile, SignalId
from register.errors import Conflict, NotFound
from schemas.codes import ReferralState
from schemas.signals.referral import ReferralDetail

ReferralId = NewType("ReferralId", UUID)

NEXT_ANSWERS: Final[Mapping[ReferralState, frozenset[ReferralState]]] = MappingProxyType(
    {
        ReferralState.SENT: frozenset({ReferralState.ACCEPTED, ReferralState.DECLINED, ReferralState.ANSWERED}),
        ReferralState.ACCEPTED: frozenset({ReferralState.DECLINED, ReferralState.ANSWERED}),
        # What is taken up after all is a new referral; what was answered wrongly is answered again.
        ReferralState.DECLINED: frozenset(),
        ReferralState.ANSWERED: frozenset({ReferralState.ANSWERED}),
        ReferralState.TAKEN_BACK: frozenset(),
    }
)
ENDED: Final = frozenset({ReferralState.DECLINED, ReferralState.TAKEN_BACK})
"""What holds no more, for good: whom it was sent to reads nothing of the report."""


class AnswerNotAllowed(Conflict):
    """The referral cannot be answered so in its state, or not on that day."""

    code = "answer-not-allowed"
    advice = "Choose one of the states that the message names, on or after the day it names."


class ReferralUnknown(NotFound):
    """There is no such referral that this caller may know of: one sentence for what is not there and not shown."""

    code = "referral-unknown"
    advice = (
        "Look it up in the list of referrals. A referral shows to the organisation that it was sent to and to the "
        "register unit, in its own country only."
    )


class ReportNotShown(NotFound):
    """The referral is there, and gives no right to read the report behind it any more."""

    code = "report-not-shown"
    advice = "Nothing to do: ask the register unit of your country if your organisation should read it after all."


class NotBack(Conflict):
    """The referral does not wait for the register unit: it was referred again, closed, or never came back."""

    code = "referral-not-back"
    advice = "Read the referral again; there is nothing to close."


class NotTakenBack(Conflict):
    """The referral holds no more: it was declined, taken back, or ended with its report."""

    code = "referral-ended"
    advice = "Nothing to do: whom it was sent to reads nothing of the report any more."


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """One referral.

    Attributes:
        sent_by: who referred it.
        reference: of the signal; urgency: its own, and with it that of the referral.
        withdrawn: the signal was taken back since.
        due_at: until when its answer may wait; None where none is awaited any more.
        taken_back_at: when it was taken back itself, and by whom.
        note: what was asked, opened; answer: what was said.
        ends: the day until which the signal is kept, and this with it.
    """

    id: ReferralId
    version: int
    signal: SignalId
    reference: str
    urgency: str
    withdrawn: bool
    kind: str
    to: str
    to_name: str
    sent_by: str
    sent_at: datetime
    on: date
    state: ReferralState
    outcome: str | None
    answered_on: date | None
    ends: date
    due_at: datetime | None
    taken_back_at: datetime | None = None
    taken_back_by: str | None = None
    note: str | None = None
    answer: str | None = None

    @property
    def holds(self) -> bool:
        """Whether it gives whom it was sent to anything to read."""
        return self.state not in ENDED and not self.withdrawn

    def check_version(self, version: int) -> None:
        """Do nothing if it is at this version.

        Raises:
            ChangedMeanwhile: it is at another.
        """
        if self.version != version:
            raise ChangedMeanwhile(f"the referral is at version {self.version}, not {version}", version=self.version)

    def check_answer(self, version: int, state: ReferralState, on: date) -> None:
        """Do nothing if the referral may be answered so.

        Raises:
            ChangedMeanwhile: it is at another version.
            AnswerNotAllowed: names the states or the day that are.
        """
        if self.withdrawn:
            raise AnswerNotAllowed("the report was withdrawn, and the referral ended with it", allowed=[])
        self.check_version(version)
        allowed = NEXT_ANSWERS[self.state]
        if state not in allowed:
            names = ", ".join(sorted(allowed)) or "none"
            raise AnswerNotAllowed(f"the referral is {self.state}; next may come: {names}", allowed=sorted(allowed))
        first = self.answered_on or self.on
        if on < first:
            raise AnswerNotAllowed(f"expected a day from {first} on")

    def check_take_back(self, version: int) -> None:
        """Do nothing if the referral may be taken back.

        Raises:
            ChangedMeanwhile: it is at another version.
            NotTakenBack: it holds no more.
        """
        if not self.holds:
            raise NotTakenBack("the referral holds no more; nobody reads the report by it")
        self.check_version(version)

    def document(
        self,
        now: datetime,
        *,
        back_until: datetime | None = None,
        may_take_back: bool = False,
        taken_back_because: str | None = None,
    ) -> ReferralDetail:
        """The referral for those who may read it; `back_until` for the register unit alone."""
        taken = self.taken_back_at is not None
        return ReferralDetail(
            id=self.id,
            version=self.version,
            signal=self.reference,
            kind=self.kind,
            to=self.to,
            to_name=self.to_name,
            on=self.on,
            state=self.state,
            outcome=self.outcome,
            answered_on=self.answered_on,
            urgency=self.urgency,
            due_at=self.due_at,
            overdue=self.due_at is not None and self.due_at < now,
            withdrawn=self.withdrawn,
            taken_back_at=self.taken_back_at,
            taken_back_by=("sender" if self.taken_back_by == self.sent_by else "unit") if taken else None,
            taken_back_because=taken_back_because,
            note=self.note,
            answer=self.answer,
            back_until=back_until,
            may_take_back=may_take_back and self.holds,
        )
