"""What whoever searches is told of a limit: whose it is, when it has room, and how to go on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.web.frame.languages import catalogue
from register.pseudonyms.client import Pending
from register.pseudonyms.errors import OverQuota, TooManyAtOnce
from register.services.exchange.ask_evaluators import limit_told
from schemas.codes import Partition

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("limit", "which", "ticket"),
    [
        ("evaluator-country-full", "searches of this country", True),
        ("ticket-used-up", "searches of this country", True),
        ("ticket-day-full", "searches of this country", True),
        ("evaluator-organisation-full", "organisation", True),
        ("evaluator-actor-full", "You have used up", True),
        ("evaluator-new-actors-full", "first time today", False),
        ("evaluator-repeats-full", "within a minute", False),
    ],
)
def test_a_limit_says_whose_it_is_when_it_has_room_and_how_to_go_on(limit: str, which: str, ticket: bool) -> None:  # noqa: FBT001 - a parameter
    told = limit_told(Pending((), AT, limit))
    assert told is not None
    assert (told.code, told.retry_at) == (limit, AT)
    assert which in told.says
    assert any("ticket" in way for way in told.ways) is ticket
    assert any("when there is room" in way for way in told.ways)


def test_what_is_never_computed_at_once_names_no_slot_and_says_to_ask_about_less() -> None:
    told = limit_told(Pending((), AT, "evaluator-too-many-keys"))
    assert told is not None
    assert told.retry_at is None
    assert "fewer" in told.ways[0]


def test_what_is_said_of_a_limit_is_there_in_dutch() -> None:
    known = {str(m.id) for m in catalogue("nl") if m.id and m.string}
    codes = [kind.code for kind in OverQuota.__subclasses__()] + [TooManyAtOnce.code]
    told = [one for code in codes if (one := limit_told(Pending((), AT, code))) is not None]
    assert len(told) == len(codes)
    assert {sentence for one in told for sentence in (one.says, *one.ways)} <= known


def test_too_few_countries_are_no_limit() -> None:
    assert limit_told(Pending((Partition.NL,))) is None
