"""What the privacy officer sees of how is asked, and says to it: who, for what and how much, and no value."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from schemas.codes import AlarmKind, Partition, SampleVerdict
from schemas.codes.fields import in_list
from schemas.form import Form, Instant, Note, refuse
from schemas.signals.coded import LegalBasisCode, OrganisationCode, PurposeCode

Whose = Literal["person", "case", "organisation", "own", "partner", "ticket", "register"]
Actor = Annotated[str, Field(max_length=255)]
Count = Annotated[int, Field(ge=0)]
VerdictCode = Annotated[SampleVerdict, in_list("sample_verdict")]


class AcknowledgeIn(Form):
    """What was found about an alarm.

    Attributes:
        reason: what was looked at and what came of it; sealed.
    """

    reason: Note


class AlarmOut(Form):
    """An alarm.

    Attributes:
        whose: of what `about` is the name: a person's questions abroad or (`own`) to the own register, a case's, an
            organisation's, a partner's evaluations, a ticket (`NL/` and its id: where it was shown, or whose it is), or
            what is stored here (`register`).
        about: subject of the issuer, the case as typed, code of an organisation or of a partner, the kind of row
            (`signal`, `referral`, `alarm`); none once the case was erased.
        actor, organisation: who asked when it opened.
        times: how often it rang until it was acknowledged.
    """

    id: UUID
    kind: Annotated[AlarmKind, in_list("alarm_kind")]
    whose: Whose
    about: Annotated[str, Field(max_length=255)] | None
    actor: Actor | None
    organisation: OrganisationCode | None
    times: Annotated[int, Field(ge=1)]
    raised_at: Instant
    last_at: Instant
    acknowledged_at: Instant | None = None
    reason: Note | None = None


class TickIn(Form):
    """What is said of a search that was drawn.

    Attributes:
        note: what is to be asked about; sealed. Needed unless it is in order.
    """

    verdict: VerdictCode
    note: Note | None = None

    @model_validator(mode="after")
    def _says_what_about(self) -> Self:
        if self.verdict is not SampleVerdict.IN_ORDER and self.note is None:
            raise refuse("note-missing", "Say in the note what is to be asked about")
        return self


class SearchedOut(Form):
    """A search that was drawn by lot from a week.

    Attributes:
        id: of the leaf of its intent.
        families: with which kinds of keys was asked.
        asked: the countries.
        own, hits: how many records of the own register, and of others', were shown; none where it was never answered.
    """

    id: UUID
    at: Instant
    actor: Actor
    organisation: OrganisationCode | None
    purpose: PurposeCode
    legal_basis: LegalBasisCode
    case: Annotated[str, Field(max_length=200)] | None
    families: tuple[Annotated[str, Field(max_length=40)], ...] = Field(max_length=100)
    asked: tuple[Partition, ...] = Field(max_length=5)
    own: Count | None
    hits: Count | None
    verdict: VerdictCode | None = None
    verdict_at: Instant | None = None
    note: Note | None = None


class NightOut(Form):
    """How one day of one evaluator stands: what it lists that it answered, against what was asked here.

    Attributes:
        evaluator: whose list; the own country stands for the counts of all evaluators, compared with each other.
        day: of UTC.
        state: `matched`; `late`, its list could not be had yet; or `finding`.
        listed: how many requests it says that it granted.
        unasked: of these, those that nobody here asked for, not so, or without a trace; of all evaluators' counts, the
            requests of other countries that one evaluator granted alone.
        unlisted: those that it answered by our book the day before, and listed on no day.
        looked_at: when it was compared, or its list asked for, last. The ids of a finding are in the audit log.
    """

    evaluator: Partition
    day: date
    state: Literal["matched", "late", "finding"]
    listed: Count
    unasked: Count
    unlisted: Count
    looked_at: Instant


class EvaluationsOut(Form):
    """What evaluators computed for this country's reports in thirty days, and the nights that were compared.

    Attributes:
        since: from when on the keys are counted.
        to_publish: keys that were declared to be published, as the evaluators were told.
        published: of these, those of which some partner may have the pseudonym now.
        unpublished: the others: waiting for an approval, withdrawn or narrowed since, or asked for under a pretext.
        to_keep: keys that were declared to stay at home.
        nights: newest first, of 62 days.
    """

    since: Instant
    to_publish: Count
    published: Count
    unpublished: Count
    to_keep: Count
    nights: tuple[NightOut, ...] = Field(max_length=350)
