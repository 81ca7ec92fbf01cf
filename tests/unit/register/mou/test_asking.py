"""Whether a country is asked at all, and what the asker is told if not."""

from __future__ import annotations

from typing import Any

import pytest

from register.mou.decide import may_ask
from schemas.codes import LegalBasis, Partition
from tests.unit.register.mou.examples import DEMO, STRICT, TODAY, an_asker

AW, CW = Partition.AW, Partition.CW


def test_request_only_country_is_not_asked_and_the_asker_learns_what_would_allow_it() -> None:
    decision = may_ask(an_asker(), CW, STRICT, today=TODAY)
    assert not decision.allowed
    assert decision.rules == ("REQUEST-1",)
    assert decision.sentences == ("This country shares nothing unasked and answers requests only.",)
    assert decision.ways == ("A request to the country, approved there by the public prosecutor.",)


def test_permission_to_ask_rests_on_a_rule() -> None:
    assert may_ask(an_asker(), CW, DEMO, today=TODAY).rules == ("REQUEST-1",)


@pytest.mark.parametrize(
    ("rule", "asker"),
    [
        ("ASK-1", {"purpose": None}),
        ("ASK-1", {"legal_basis": None}),
        ("ASK-1", {"case_ref": None}),
        ("ASK-2", {"searches_shared": False}),
        ("ASK-3", {"legal_basis": LegalBasis.CW_POLICE}),
    ],
)
def test_nobody_is_asked_without_grounds(rule: str, asker: dict[str, Any]) -> None:
    assert may_ask(an_asker(**asker), CW, DEMO, today=TODAY).rules == (rule,)


def test_own_register_is_asked_without_an_authorisation_for_what_others_share() -> None:
    assert may_ask(an_asker(searches_shared=False), AW, STRICT, today=TODAY).allowed


def test_own_register_is_not_asked_without_a_reason_either() -> None:
    assert may_ask(an_asker(case_ref=None), AW, DEMO, today=TODAY).rules == ("ASK-1",)
