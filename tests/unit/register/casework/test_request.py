"""A request's states and bounds, without a store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from register.domain.casework.request import (
    LONGEST_DAYS,
    NEXT_STATES,
    DayOutOfRange,
    NotADraft,
    Request,
    RequestId,
    RouteNotTaken,
    check_day,
    check_route,
    kept_until,
)
from register.domain.casework.request_document import build_request_document
from register.domain.signals.signal import ChangedMeanwhile
from schemas.casework.request import RequestAmendIn
from schemas.codes import LegalBasis, Partition, Purpose, RequestState

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = AT.date()


def a_request(**parts: Any) -> Request:
    whole: dict[str, Any] = {
        "id": RequestId(UUID(int=4)),
        "partition": Partition.AW,
        "reference": "AW-REQ-2026-0815",
        "state": RequestState.DRAFT,
        "version": 1,
        "organisation": "AW-CMMA",
        "actor": "coordinator",
        "owner": Partition.CW,
        "unit": "CW-NCT",
        "record": UUID(int=2),
        "record_reference": "CW-2026-0417",
        "route": "police",
        "purpose": Purpose.COORDINATE,
        "legal_basis": LegalBasis.AW_NONPOLICE,
        "case": "Z-2026-04",
        "asks": "Who stood surety?",
        "answer_by": date(2026, 3, 30),
        "retain_until": kept_until(date(2026, 3, 30)),
        "made_at": AT,
        "changed_at": AT,
    }
    return Request(**whole | parts)


def test_every_state_says_what_may_follow() -> None:
    assert set(NEXT_STATES) == set(RequestState)


def test_draft_changes_and_counts_on() -> None:
    changed = a_request().amended(AT, version=1, parts={"route": "legal", "answer_by": date(2026, 4, 15)})

    assert (changed.route, changed.version, changed.state) == ("legal", 2, RequestState.DRAFT)
    assert changed.retain_until == kept_until(date(2026, 4, 15))


def test_nobody_changes_what_he_has_not_seen() -> None:
    with pytest.raises(ChangedMeanwhile, match="at version 2, not 1"):
        a_request(version=2).amended(AT, version=1, parts={})
    with pytest.raises(ChangedMeanwhile):
        a_request(version=2).withdrawn(AT, version=1, reason="-")


def test_withdrawn_request_keeps_its_words_and_changes_no_more() -> None:
    gone = a_request().withdrawn(AT, version=1, reason="Answered by telephone.")

    assert (gone.state, gone.withdrawn_at, gone.withdrawn_for) == (RequestState.WITHDRAWN, AT, "Answered by telephone.")
    assert gone.asks == a_request().asks
    with pytest.raises(NotADraft):
        gone.amended(AT, version=2, parts={"route": "legal"})
    with pytest.raises(NotADraft):
        gone.withdrawn(AT, version=2, reason="Again.")


@pytest.mark.parametrize("days", [0, LONGEST_DAYS])
def test_answer_may_be_asked_for_from_today_to_a_year_ahead(days: int) -> None:
    check_day(TODAY + timedelta(days=days), TODAY)


@pytest.mark.parametrize("days", [-1, LONGEST_DAYS + 1])
def test_answer_by_another_day_is_refused(days: int) -> None:
    with pytest.raises(DayOutOfRange):
        check_day(TODAY + timedelta(days=days), TODAY)


def test_only_routes_that_the_owner_takes_are_taken() -> None:
    check_route("legal", ("police", "legal"))
    with pytest.raises(RouteNotTaken) as refused:
        check_route("police", ("legal",))
    assert refused.value.details["allowed"] == ["legal"]


@pytest.mark.parametrize(
    ("parts", "live", "says"),
    [({}, True, "Print it and carry it to CW-NCT by police request"),
     ({"route": "legal"}, True, "by legal assistance"),
     ({}, False, "Do not carry it"),
     ({"state": RequestState.WITHDRAWN}, True, "Nothing")],
)  # fmt: skip
def test_request_says_what_to_do_with_it_today(parts: dict[str, Any], says: str, *, live: bool) -> None:
    assert says in build_request_document(a_request(**parts), record_live=live).next_step


def test_what_is_sealed_is_in_no_repr() -> None:
    shown = repr(a_request(withdrawn_for="Answered by telephone."))
    for words in ("Z-2026-04", "surety", "telephone"):
        assert words not in shown


def test_change_that_changes_nothing_is_refused() -> None:
    with pytest.raises(ValidationError):
        RequestAmendIn()
