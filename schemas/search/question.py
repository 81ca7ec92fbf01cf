"""A question across the countries, and the answer of each of them.

A country answers in one of five ways, and never with silence: a hit; nothing that may be shown (which is not
"unknown"); not asked, with the rule and what would allow it; too common; not computed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from pydantic import Field, StrictBool, StringConstraints, model_validator

from schemas.codes import HandlingCondition, HitState, LegalBasis, Partition, Purpose, Visibility
from schemas.codes.fields import in_list
from schemas.form import PAGE_MAX, Day, Form, Instant, Line, Name, Nationality
from schemas.signals.parts import Birth, SelectorIn
from schemas.signals.reading import CannotFindOut, ReadingOut

SELECTORS_MAX = 8
HITS_MAX = 100


class AskedSubject(Form):
    """Whom or what the question is about: what is known of one subject."""

    name: Name | None = Field(default=None, repr=False)
    birth: Birth | None = Field(default=None, repr=False)
    nationality: Nationality | None = Field(default=None, repr=False)
    selectors: tuple[SelectorIn, ...] = Field(default=(), max_length=SELECTORS_MAX)

    @model_validator(mode="after")
    def _something_to_match(self) -> AskedSubject:
        from pydantic_core import PydanticCustomError

        if not self.selectors and self.name is None:
            raise PydanticCustomError("nothing-asked", "Give a name, a phone, a document, a plate or an account")
        if self.name is not None and not self.selectors and self.birth is None and self.nationality is None:
            raise PydanticCustomError(
                "name-alone",
                "A name alone matches nothing; add a whole birth date (a nationality, for your own register alone)",
            )
        return self


class SearchIn(Form):
    """One question. Purpose, legal basis and case are logged before anything is asked.

    Attributes:
        case: the reference of the case in the asker's own administration; sealed in the log.
        simulate_edition: answer as another edition of the rules would have it; nothing changes by that.
    """

    purpose: Annotated[Purpose, in_list("purpose")]
    legal_basis: Annotated[LegalBasis, in_list("legal_basis")]
    case: Line = Field(repr=False)
    subject: AskedSubject
    simulate_edition: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")] | None = None


class Answer(StrEnum):
    """How a country answered."""

    HIT = "hit"
    NOTHING = "nothing-that-may-be-shown"
    NOT_ASKED = "not-asked"
    TOO_COMMON = "too-common"
    NOT_COMPUTED = "not-computed"


class EvidenceOut(Form):
    """One reason for the strength of a hit, in bits: log2 of how much likelier it makes that both are one."""

    attribute: str
    family: str
    bits: float
    words: str


class ContactOut(Form):
    """Whom to ask for the content, and by which routes."""

    unit: str
    routes: tuple[str, ...]


class HitOut(Form):
    """A shared extract of one country that matches, as far as its visibility shows it.

    Fields that the rules do not show for this visibility are absent.
    """

    record: UUID
    owner: Partition
    reference: str
    visibility: Visibility
    strength: str
    bits: float
    evidence: tuple[EvidenceOut, ...]
    signal_type: str | None = None
    month_from: str | None = None
    month_to: str | None = None
    role: str | None = None
    document_use: str | None = None
    exploitation_forms: tuple[str, ...] = ()
    smuggling_elements: tuple[str, ...] = ()
    location_type: str | None = None
    sector: str | None = None
    persons_seen: int | None = None
    contact: ContactOut
    conditions: tuple[HandlingCondition, ...] = ()
    do_not_contact: StrictBool = False
    contested: StrictBool = False
    obligations: tuple[str, ...] = ()
    next_step: str


class CommonOut(Form):
    """A value that describes too many records to be a match: how many this country has, and from when to when."""

    family: str
    records: int
    month_from: str | None = None
    month_to: str | None = None


class CountryAnswer(Form):
    """What one partner's part of the question came to.

    Attributes:
        stale_since: set beside any answer where this country's part may be out of date: the time of its newest head;
            where it is cut off, the last time at which all that it had said was known to be here.
        cut_off: nothing that this country says reaches this node until operators have acted, for instance because its
            register was restored from an older copy: what it shared, corrected or took back since is missing here.
        unreadable: how many extracts of this country, whatever was asked, this node cannot read now; each may match.
        rules, reasons, ways: of a country that was not asked: why, and what would allow it; where a limit let nothing
            be computed: which, and how to go on.
        limit: code of the limit that let nothing be computed; None where too few countries answered.
        retry_at: when that limit has room again, if nothing else is asked until then.
    """

    country: Partition
    answer: Answer
    words: str
    hits: tuple[HitOut, ...] = Field(default=(), max_length=HITS_MAX)
    too_common: tuple[CommonOut, ...] = ()
    unreadable: int = 0
    stale_since: Instant | None = None
    cut_off: StrictBool = False
    rules: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    limit: str | None = None
    retry_at: Instant | None = None


class GuaranteeOut(Form):
    """A letter of guarantee in the own register."""

    kind: str
    service: str
    on: Day


class OwnHit(Form):
    """An own signal that matches; its content is read by its reference."""

    id: UUID
    reference: str
    organisation: str
    organisation_name: str
    signal_type: str
    received_on: Day
    families: tuple[str, ...]
    role: str | None = None
    guarantees: tuple[GuaranteeOut, ...] = ()


class OwnAnswer(Form):
    """What the asker's own register holds; always computed, also when no partner can be reached."""

    signals: tuple[OwnHit, ...]
    too_common: tuple[CommonOut, ...] = ()


class SearchOut(Form):
    """The answers, own register first.

    Attributes:
        id: of the question, as the log has it.
        case: as it is counted and logged, however it was typed.
        edition: the rules that decided; `simulated` where they are not the ones in force.
        asked_with: how each value of the question was read, or why nothing was asked with it.
        cannot_find: what this question could not find, however it is registered.
        degraded: the engine could not be asked and PostgreSQL answered; `modes_off` is what that leaves out.
    """

    id: str
    asked_at: Instant
    case: str = Field(repr=False)
    edition: str
    simulated: StrictBool = False
    degraded: StrictBool = False
    modes_off: tuple[str, ...] = ()
    asked_with: tuple[ReadingOut, ...] = ()
    cannot_find: tuple[CannotFindOut, ...] = ()
    own: OwnAnswer
    countries: tuple[CountryAnswer, ...]


class Ground(NamedTuple):
    """For what, on what ground and for which case something of partners is looked at."""

    purpose: Purpose
    legal_basis: LegalBasis
    case: str


class HitRow(Form):
    """A received extract that shares a key with an own signal, and what was done about it here.

    Attributes:
        subject: the number of the own signal's subject that shares it; 0 for a value of nobody. Absent where it was
            found before that was kept.
        version: counts what was said of it, from 1 for NEW; what a mark names in If-Match.
        no_concern: why it is no concern.
        request: the request drafted from it, where the own organisation drafted it.
        marked_by: the organisation of whoever said it last.
        changed_since: a kind of value is shared now that was not when something was last said of it.
        protected: the person who shares it is protected in our own report: a victim, a minor, a witness, or who told
            it; what is asked of a partner must not betray that.
        contact: whom to ask for the content.
    """

    id: UUID
    signal: UUID
    signal_reference: str
    subject: int | None = None
    origin: Partition
    record: UUID
    reference: str | None = None
    families: tuple[str, ...]
    strength: str
    bits: float | None = None
    found_at: Instant
    state: Annotated[HitState, in_list("hit_state")] = HitState.NEW
    version: Annotated[int, Field(ge=1)] = 1
    no_concern: Annotated[str, in_list("no_concern")] | None = None
    request: UUID | None = None
    marked_at: Instant | None = None
    marked_by: str | None = None
    changed_since: StrictBool = False
    protected: StrictBool = False
    contact: ContactOut | None = None


class HitMarkIn(Form):
    """What somebody says of a hit. A draft made from it marks it by itself.

    Attributes:
        state: that it was looked at, that the partner was asked, or that it is no concern.
        no_concern: why it is none; with NO_CONCERN only.
    """

    state: Literal[HitState.SEEN, HitState.REQUESTED, HitState.NO_CONCERN]
    no_concern: Annotated[str, in_list("no_concern")] | None = None

    @model_validator(mode="after")
    def _a_reason_where_one_is_needed(self) -> HitMarkIn:
        from pydantic_core import PydanticCustomError

        if (self.state is HitState.NO_CONCERN) != (self.no_concern is not None):
            raise PydanticCustomError("reason-needed", "Say why it is no concern, and nothing so of another state")
        return self


class HitsPage(Form):
    """One page of hits, newest first.

    Attributes:
        next: the cursor of the page after it, None on the last one.
        unanswered: values of own reports that no look has answered for yet: hits on these reports are not shown, and
            each further look answers for more of them.
        unreadable: by country, how many of its extracts this node cannot read now, whatever was asked; each may be a
            hit.
        cut_off: by country, since when nothing that it says reaches this node: a hit may have been taken back there.
    """

    items: tuple[HitRow, ...] = Field(max_length=PAGE_MAX)
    next: str | None = None
    unanswered: int = Field(default=0, ge=0)
    unreadable: dict[Partition, int] = Field(default_factory=dict)
    cut_off: dict[Partition, Instant] = Field(default_factory=dict)


class RecordOut(Form):
    """A shared extract that this host holds, as far as it may be shown.

    Attributes:
        gate: by whose word it passed its country's exit gate: a checked signature for this record or for its class, or
            its node's own. Absent where its country needed nobody's.
        approved_by: where signed, the organisation: a key that the roster lists for it approved exactly this record, or
            records of its class in advance. It does not say that somebody there read it; of a class nobody did.
        cut_off_since: since when nothing that its owner says reaches this node: it may have been taken back there.
    """

    record: UUID
    owner: Partition
    reference: str
    visibility: Visibility
    shown: dict[str, object]
    contact: ContactOut
    obligations: tuple[str, ...] = ()
    gate: Literal["signed", "class", "node"] | None = None
    approved_by: str | None = None
    cut_off_since: Instant | None = None
