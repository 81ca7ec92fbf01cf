"""What the register finds in two records of the country and leaves to the register unit: the question and its answer.

A finding holds ids, numbers and codes: nothing of the value. What each answer does is for `services`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, NewType, TypeAlias
from uuid import UUID

from register.domain.access.caller import Caller, Task
from register.domain.running.to_do import KINDS, ToDo, finding
from register.domain.signals.protecting.lifting import NotTheSecond
from register.domain.signals.signal import ChangedMeanwhile, SignalId
from register.errors import CallerError
from schemas.codes import Code, Finding, FindingDecision, ToDoKind, Urgency, code_list
from schemas.signals.finding import FindingOut

FindingId = NewType("FindingId", UUID)

NAME_PART: Final = "person.part"
"""The family of a part of a name: in the country's own index only, and none of match keys."""
WHOLE_REPORT: Final = "report"
TOLD_ALIKE: Final = "report.alike"
"""The families under which the keyed values of a whole report stand there, as it is and however it is written: no
question asks for them."""

WHOLE_PERSON: Final = b""
"""The value of a question that is about a person and none of theirs."""
OF_PERSON: Final = "taken-off"
OF_INTERVIEW: Final = "interview"
"""The families of questions about whoever was taken off a record, and about whom an interview means; the record of the
protected person is the one that has the value, and the value is none, or the id of the interview."""
Place: TypeAlias = tuple[int, SignalId, int, Finding, bytes]
"""What tells a question from the others about one record: whom in it, because of whom, what is asked, the value."""

DECISIONS: Final[Mapping[Finding, tuple[FindingDecision, ...]]] = MappingProxyType(
    {
        Finding.SAME_PERSON: (FindingDecision.SAME, FindingDecision.ANOTHER),
        Finding.ALSO_A_VICTIMS: (FindingDecision.WITHHOLD, FindingDecision.KEEP),
        Finding.ALSO_A_REPORTERS: (FindingDecision.WITHHOLD, FindingDecision.KEEP),
        Finding.RIGHTFUL_HOLDER: (FindingDecision.WITHHOLD, FindingDecision.KEEP),
        Finding.TAKEN_OFF: (FindingDecision.WITHHOLD, FindingDecision.KEEP),
        Finding.PERHAPS_MEANT: (FindingDecision.SAME, FindingDecision.ANOTHER),
    }
)
"""What may be said to each kind, what protects first."""
SAYS_NOBODYS: Final = frozenset({Finding.ALSO_A_REPORTERS, Finding.ALSO_A_VICTIMS})
"""What is asked of a value that somebody said to be nobody's."""
_OF_WHOEVER_IS_PROTECTED: Final = frozenset({Finding.RIGHTFUL_HOLDER, Finding.ALSO_A_VICTIMS})
"""What is asked of a value of somebody in a report, of all who are protected in the same one."""
LETS_GO: Final = frozenset({FindingDecision.ANOTHER, FindingDecision.KEEP})
"""What lets values leave that were withheld as a protected person's."""


class DecisionDoesNotFit(CallerError):
    """The finding is of a kind to which this is no answer, or the reason is not for this decision."""

    code = "decision-does-not-fit"
    advice = "Choose one of the decisions that the message names, and a reason with KEEP and ANOTHER only."


@dataclass(frozen=True, slots=True)
class Question:
    """One question, as what was found asks it.

    Attributes:
        about: the record that has the value, and `subject_n` the number in it (0: of none).
        because: the record of the protected person, and `because_n` the number in it (0: of whoever told it).
        family: what kind of value it is.
        blind: the value, as the country's own index has it; empty where the question is about a whole person.
        urgency: NOW where a victim is marked in danger.
    """

    asked: Finding
    about: SignalId
    subject_n: int
    because: SignalId
    because_n: int
    family: str
    blind: bytes
    urgency: Urgency

    @property
    def place(self) -> Place:
        """What tells it from the others about this record."""
        return (self.subject_n, self.because, self.because_n, self.asked, self.blind)

    @property
    def takes_two(self) -> bool:
        """Whether two persons have to say of a report by itself that it lets go, whatever the value is.

        Of a person: who may have told it, be the victim or lead to her, or was taken off. And of a value of which the
        report says that it is hers or the teller's, by a remark, a name in it, or as whose it was entered. Not of what
        only stands beside somebody protected and is said to be nobody's: most plates and companies there are.
        """
        within = self.because == self.about
        return within and (self.asked is not Finding.ALSO_A_VICTIMS or self.because_n == 0)

    @property
    def of_all_protected(self) -> bool:
        """Whether it asks of a value of this report whether it is anybody's who is protected there, whoever that is."""
        if self.because != self.about or self.blind == WHOLE_PERSON:
            return False
        # A found document that is said to be nobody's is asked about as such a value beside them.
        return self.asked in (SAYS_NOBODYS if self.subject_n == 0 else _OF_WHOEVER_IS_PROTECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A question as it stands in the register, with its answer where it has one.

    Attributes:
        proposed: what one person said that takes two; nothing rests on it.
        proposed_by: who said it; of an answer that two gave, the first of them.
    """

    id: FindingId
    question: Question
    version: int
    opened_at: datetime
    decision: FindingDecision | None = None
    reason: str | None = None
    decided_at: datetime | None = None
    proposed: FindingDecision | None = None
    proposed_by: str | None = None

    @property
    def by_two(self) -> bool:
        """Whether two persons gave the answer: one alone lets go only who resembles somebody, or what many may use."""
        return self.decision is not None and self.proposed is None and self.proposed_by is not None

    @property
    def lets_somebody_go(self) -> bool:
        """Whether somebody was let go, or a value, because of whom a report was withheld, by one person or by two.

        Also whom an interview may have meant: it is told that it was somebody else, and not who was interviewed.
        """
        return self.decision in LETS_GO

    @property
    def due_at(self) -> datetime:
        """Until when it may wait."""
        return self.opened_at + KINDS[ToDoKind.FINDING].within[self.question.urgency]

    def check(self, decision: FindingDecision, reason: str | None, version: int) -> None:
        """Do nothing if this may be said to it.

        Raises:
            ChangedMeanwhile: it is at another version.
            DecisionDoesNotFit: names what may be said.
        """
        if self.version != version:
            raise ChangedMeanwhile(f"the finding is at version {self.version}, not {version}", version=self.version)
        allowed = DECISIONS[self.question.asked]
        if decision not in allowed:
            raise DecisionDoesNotFit(
                f"a finding {self.question.asked} is answered by {' or '.join(allowed)}", pointer="/decision"
            )
        fitting = [code.code for code in reasons_for(decision)]
        if (reason is None and fitting) or (reason is not None and reason not in fitting):
            said = f"one of {', '.join(fitting)}" if fitting else "no reason"
            raise DecisionDoesNotFit(f"give {said} with {decision}", pointer="/reason")

    def is_second(self, caller: Caller, decision: FindingDecision) -> bool:
        """Whether this caller is the second to say what takes two; False for the first.

        Raises:
            NotTheSecond: the caller said it before, or is a program.
        """
        if caller.kind != "person":
            raise NotTheSecond("two persons of the register unit say this, and a program is none")
        if self.proposed is not decision:
            return False
        if self.proposed_by == caller.actor:
            raise NotTheSecond("you have said this; it takes another person of the register unit to say it too")
        return True

    def document(
        self, now: datetime, references: Mapping[SignalId, str], withdrawn: Collection[SignalId]
    ) -> FindingOut:
        """The finding for those who may decide it."""
        asked = self.question
        return FindingOut(
            id=self.id,
            version=self.version,
            finding=asked.asked,
            signal=asked.about,
            reference=references[asked.about],
            subject=asked.subject_n,
            because=asked.because,
            because_reference=references[asked.because],
            because_subject=asked.because_n,
            family=asked.family,
            urgency=asked.urgency,
            opened_at=self.opened_at,
            due_at=self.due_at,
            overdue=self.decision is None and self.due_at < now,
            decision=self.decision,
            reason=self.reason,
            decided_at=self.decided_at,
            proposed=self.proposed,
            withdrawn=asked.about in withdrawn,
        )


def reasons_for(decision: FindingDecision) -> list[Code]:
    """The reasons that go with a decision; only what protects less needs one."""
    return [code for code in code_list("finding_reason") if code.extra["goes_with"] == decision]


def may_object(caller: Caller, organisation: str, *, ended: bool) -> bool:
    """Whether they may object to letting go somebody of a report that this organisation entered; a program may not.

    For one that has ended the register unit may, for which it waits then.
    """
    own = caller.organisation == organisation and bool(KINDS[ToDoKind.LET_GO].tasks & caller.tasks)
    return caller.kind == "person" and (own or (ended and caller.may(Task.REGISTER)))


def told_let_go(found: Found, organisation: str, reference: str, *, gone: bool) -> ToDo:
    """What whoever entered the protected person's report is told, by its own reference and no other.

    Nothing where the record that it is about is `gone`: nothing of it leaves, whatever was said.
    """
    kind, asked = ToDoKind.LET_GO, found.question
    return ToDo(
        kind=kind,
        object=found.id,
        detail=asked.asked.value,
        urgency=asked.urgency,
        within=KINDS[kind].within[asked.urgency],
        unit=organisation,
        signal=asked.because,
        reference=reference,
        waits=found.lets_somebody_go and not gone,
    )


def waits(found: Found, reference: str, *, still: bool) -> ToDo:
    """The to-do of a finding that nobody has answered, as it waits or does not any more."""
    asked = found.question
    to_do = finding(asked.asked, found.id, asked.urgency, signal=asked.about, reference=reference)
    return replace(to_do, waits=still)
