"""A request to the owner of a shared extract for its content: what is asked, on what ground, until when.

It is a draft: written, kept and printed in the house that asks. The register does not send it and takes no answer;
what does will bring forms of its own.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool, StringConstraints, model_validator

from schemas.codes import LegalBasis, Partition, Purpose, RequestState
from schemas.codes.fields import in_list
from schemas.form import Day, Form, Instant, Line, Note
from schemas.signals.coded import OrganisationCode
from schemas.signals.signal import Account

Route = Annotated[str, in_list("request_route")]
RequestReference = Annotated[str, StringConstraints(pattern=r"^(AW|BQ|CW|NL|SX)-REQ-[0-9]{4}-[0-9]{4,9}$")]
"""As people use it; the number is drawn, so that it counts nothing."""


class RequestIn(Form):
    """A new draft. The extract is read again under the same purpose, ground and case before anything is stored.

    Attributes:
        record: id of the shared extract, from the answer of a search.
        route: one of the routes that its owner takes requests by.
        case: the reference of the case in the asker's own administration; sealed.
        asks: what is asked, in the asker's words; sealed.
        answer_by: the day until which an answer is of use.
        owner: whose extract; needed only where two owners' logs use the same id.
        hit: the hit on an own report that it is drafted from, which then says so.
    """

    record: UUID
    owner: Annotated[Partition, in_list("partition")] | None = None
    route: Route
    purpose: Annotated[Purpose, in_list("purpose")]
    legal_basis: Annotated[LegalBasis, in_list("legal_basis")]
    case: Line = Field(repr=False)
    asks: Account = Field(repr=False)
    answer_by: Day
    hit: UUID | None = None


class RequestAmendIn(Form):
    """What changes of a draft; what is left out stays. Another ground or extract is another request."""

    route: Route | None = None
    asks: Account | None = Field(default=None, repr=False)
    answer_by: Day | None = None

    @model_validator(mode="after")
    def _something_changes(self) -> RequestAmendIn:
        from pydantic_core import PydanticCustomError

        if self.route is None and self.asks is None and self.answer_by is None:
            raise PydanticCustomError("nothing-changes", "Name the route, what is asked or the day of the answer")
        return self


class RequestWithdrawIn(Form):
    """Why a draft is taken back; sealed with the rest of it."""

    reason: Note = Field(repr=False)


class RequestSummary(Form):
    """One line of the list: nothing sealed is opened for it."""

    id: UUID
    reference: RequestReference
    state: Annotated[RequestState, in_list("request_state")]
    owner: Partition
    unit: str
    record_reference: str
    route: Route
    answer_by: Day
    made_at: Instant


class RequestOut(Form):
    """A draft request, as those who may search in its organisation read it.

    Attributes:
        owner, unit: whom it goes to.
        record, record_reference: the shared extract whose content is asked for.
        record_live: false once its owner has taken the extract back, or it was hidden here.
        version: counts changes; it is the ETag.
        next_step: what to do with it today.
    """

    id: UUID
    reference: RequestReference
    state: Annotated[RequestState, in_list("request_state")]
    version: Annotated[int, Field(ge=1)]
    organisation: OrganisationCode
    owner: Partition
    unit: str
    record: UUID
    record_reference: str
    record_live: StrictBool
    route: Route
    purpose: Annotated[Purpose, in_list("purpose")]
    legal_basis: Annotated[LegalBasis, in_list("legal_basis")]
    case: str = Field(repr=False)
    asks: str = Field(repr=False)
    answer_by: Day
    next_step: str
    made_at: Instant
    changed_at: Instant
    withdrawn_at: Instant | None = None
    withdrawn_for: str | None = Field(default=None, repr=False)
