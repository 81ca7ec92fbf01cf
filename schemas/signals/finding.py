"""Findings: what the register found in two records, for the register unit alone, and what it says to them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool

from schemas.codes import Finding, FindingDecision, Urgency
from schemas.codes.fields import in_list
from schemas.desk.record import Version
from schemas.form import Form, Instant
from schemas.signals.coded import Reference

FindingCode = Annotated[Finding, in_list("finding")]
DecisionCode = Annotated[FindingDecision, in_list("finding_decision")]
ReasonCode = Annotated[str, in_list("finding_reason")]


class DecideIn(Form):
    """What the register unit says to a finding.

    Attributes:
        decision: SAME or ANOTHER of a person, KEEP or WITHHOLD of a value.
        reason: with KEEP and ANOTHER, which protect less; with nothing else.
    """

    decision: DecisionCode
    reason: ReasonCode | None = None


class ObjectIn(Form):
    """What whoever entered the protected person's report says to her having been let go.

    Attributes:
        objects: the question is asked anew, and what was withheld is withheld again.
    """

    objects: StrictBool


class LetGoOut(Form):
    """That what protected somebody in an own report was let go; nothing of another report, or of an interview.

    Attributes:
        id: of the finding.
        signal: id of the own report, and `reference` its reference.
        subject: number of the person in it because of whom something was withheld; 0 where that was whoever told it,
            or nobody by number.
        decided_at: when it was let go, for the last time.
        due_at: by when an answer is asked for; a later objection counts as well.
        reopened: nobody is let go any more: the question is asked anew, and what was withheld is withheld again.
        objected: what was answered last; none where nothing was.
        answered_at: when, and `answered_by` by whom.
    """

    id: UUID
    signal: UUID
    reference: Reference
    subject: Annotated[int, Field(ge=0)]
    finding: FindingCode
    decided_at: Instant
    due_at: Instant
    reopened: StrictBool
    objected: StrictBool | None = None
    answered_at: Instant | None = None
    answered_by: str | None = None


class FindingOut(Form):
    """A finding: where it stands, and nothing of the value.

    Attributes:
        signal: id of the signal that has the value, and `reference` its reference.
        subject: number of the person in it; 0 where the value stands under nobody.
        because: id of the signal of the protected person; `because_reference` and `because_subject` say which, 0 being
            whoever told it.
        family: what kind of value it is.
        due_at: until when the decision may wait.
        version: also its ETag.
        proposed: what one person of the register unit said and a second has to say too before it counts: that somebody
            is another person whose document, or whole name and birth date, is the protected person's, or whom an
            interview may mean; that a value is shared by which one person is reached, or of whoever is called as its
            owner; or that who or what the report itself asks about is no victim's and no teller's.
        takes_two: two persons have to say that it lets go; looked up where one finding is read by itself.
        withdrawn: the report that has the value was withdrawn: nothing of it is shared, and what is asked is why it was
            entered.
        objected_at: when whoever entered the protected person's report objected last to what was let go, so that it is
            asked anew; `objected_to` and `objected_reason` are the answer that was objected to. Only where it waits,
            and one finding is read by itself.
    """

    id: UUID
    version: Version
    finding: FindingCode
    signal: UUID
    reference: Reference
    subject: Annotated[int, Field(ge=0)]
    because: UUID
    because_reference: Reference
    because_subject: Annotated[int, Field(ge=0)]
    family: Annotated[str, Field(max_length=40)]
    urgency: Annotated[Urgency, in_list("urgency")]
    opened_at: Instant
    due_at: Instant
    overdue: StrictBool
    decision: DecisionCode | None = None
    reason: ReasonCode | None = None
    decided_at: Instant | None = None
    proposed: DecisionCode | None = None
    takes_two: StrictBool = False
    withdrawn: StrictBool = False
    objected_at: Instant | None = None
    objected_to: DecisionCode | None = None
    objected_reason: ReasonCode | None = None
