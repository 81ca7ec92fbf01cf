"""A request for the content of a shared extract, in the house that makes it: a value and its states.

A draft may be changed and withdrawn; a withdrawn one is only read. Sending it and answering it are not built: they
add states after DRAFT and entries to the exchange, and change nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NewType
from uuid import UUID

from register.domain.signals.signal import ChangedMeanwhile
from register.errors import CallerError, Conflict
from schemas.codes import LegalBasis, Partition, Purpose, RequestState

RequestId = NewType("RequestId", UUID)

NEXT_STATES: Final[Mapping[RequestState, frozenset[RequestState]]] = MappingProxyType(
    {RequestState.DRAFT: frozenset({RequestState.WITHDRAWN}), RequestState.WITHDRAWN: frozenset()}
)
LONGEST_DAYS: Final = 366
"""The furthest day an answer may be asked for: a request without an end is no request on a certain case."""
_KEPT_DAYS: Final = 2 * 365
"""After the day of the answer; assumed, as all retention is, until each country's lawyer has replaced it."""


class NotADraft(Conflict):
    """The request is a draft no more, so it does not change."""

    code = "not-a-draft"
    advice = "Draft a new request from the answer of a search."


class DayOutOfRange(CallerError):
    """The day until which an answer is asked for has passed, or lies more than a year ahead."""

    code = "day-out-of-range"
    advice = "Give a day from today to one year from today."


class RouteNotTaken(CallerError):
    """The owner of the extract takes no requests by this route."""

    code = "route-not-taken"
    advice = "Choose one of the routes that the message names; the answer of the search names them too."


@dataclass(frozen=True, slots=True)
class Request:
    """One request of one country.

    Attributes:
        version: counts changes; it is the ETag.
        owner, unit: whom it goes to; the unit as the extract named it when the request was drafted.
        record, record_reference: the shared extract whose content is asked for.
        retain_until: last day on which it may be kept.
        withdrawn_for: why it was withdrawn.
    """

    id: RequestId
    partition: Partition
    reference: str
    state: RequestState
    version: int
    organisation: str
    actor: str
    owner: Partition
    unit: str
    record: UUID
    record_reference: str
    route: str
    purpose: Purpose
    legal_basis: LegalBasis
    case: str = field(repr=False)
    asks: str = field(repr=False)
    answer_by: date
    retain_until: date
    made_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_for: str | None = field(default=None, repr=False)

    def amended(self, at: datetime, *, version: int, parts: Mapping[str, Any]) -> Request:
        """The draft with other words, route or day.

        Raises:
            ChangedMeanwhile: `version` is not the present one.
            NotADraft: it has been withdrawn.
        """
        self._check(version)
        if self.state is not RequestState.DRAFT:
            raise NotADraft(f"{self.reference} is {self.state}; only a draft changes")
        changed = replace(self, version=self.version + 1, changed_at=at, **parts)
        return replace(changed, retain_until=kept_until(changed.answer_by))

    def withdrawn(self, at: datetime, *, version: int, reason: str) -> Request:
        """The request taken back.

        Raises:
            ChangedMeanwhile: `version` is not the present one.
            NotADraft: it was withdrawn before.
        """
        self._check(version)
        if RequestState.WITHDRAWN not in NEXT_STATES[self.state]:
            raise NotADraft(f"{self.reference} is {self.state}; only a draft is withdrawn")
        return replace(
            self,
            state=RequestState.WITHDRAWN,
            version=self.version + 1,
            changed_at=at,
            withdrawn_at=at,
            withdrawn_for=reason,
        )

    def _check(self, version: int) -> None:
        if self.version != version:
            raise ChangedMeanwhile(
                f"{self.reference} is at version {self.version}, not {version}", version=self.version
            )


def kept_until(answer_by: date) -> date:
    """The last day on which a request may be kept."""
    return answer_by + timedelta(days=_KEPT_DAYS)


def check_day(answer_by: date, today: date) -> None:
    """Do nothing if an answer may be asked for by this day.

    Raises:
        DayOutOfRange: it has passed, or is too far ahead.
    """
    if not today <= answer_by <= today + timedelta(days=LONGEST_DAYS):
        raise DayOutOfRange(f"answer_by: expected a day from {today} to {today + timedelta(days=LONGEST_DAYS)}")


def check_route(route: str, routes: tuple[str, ...]) -> None:
    """Do nothing if the owner takes requests by this route.

    Raises:
        RouteNotTaken: names those by which he does.
    """
    if route not in routes:
        raise RouteNotTaken(f"route: this owner takes requests by {', '.join(routes) or 'none'}", allowed=list(routes))
