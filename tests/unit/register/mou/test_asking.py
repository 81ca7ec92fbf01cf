"""Whether a country is asked at all, and what the asker is told if not."""

from __future__ import annotations

from typing import Any

import pytest

from register.mou.decide import may_ask, may_put
from register.mou.edition import FOLDER, read
from register.mou.facts import LegalProfile
from schemas.codes import LegalBasis, Partition, Purpose, code_list
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
        ("ASK-4", {"profile": LegalProfile.NON_POLICE, "purpose": Purpose.COORDINATE}),
        ("ASK-5", {"profile": LegalProfile.NON_POLICE, "legal_basis": LegalBasis.AW_NONPOLICE}),
        ("ASK-6", {"route": "pigeon"}),
    ],
)
def test_nobody_is_asked_without_grounds(rule: str, asker: dict[str, Any]) -> None:
    assert may_ask(an_asker(**asker), CW, DEMO, today=TODAY).rules == (rule,)


def test_an_organisation_of_no_known_profile_asks_on_no_ground_for_no_purpose() -> None:
    assert may_put(an_asker(profile=None), DEMO, today=TODAY).rules == ("ASK-4", "ASK-5")


@pytest.mark.parametrize("profile", LegalProfile)
@pytest.mark.parametrize("basis", LegalBasis)
def test_a_ground_of_police_law_is_for_police_and_justice(profile: LegalProfile, basis: LegalBasis) -> None:
    own = code_list("legal_basis")[basis].extra["partitions"][0]
    asker = an_asker(partition=Partition(own), profile=profile, legal_basis=basis, purpose=Purpose.COORDINATE)
    for edition in (DEMO, STRICT):
        allowed = profile is not LegalProfile.NON_POLICE or "NONPOLICE" in basis
        assert may_put(asker, edition, today=TODAY).allowed is allowed


def test_the_police_route_is_for_police_and_justice_in_strict() -> None:
    facts: dict[str, Any] = {"legal_basis": LegalBasis.AW_NONPOLICE, "purpose": Purpose.COORDINATE, "route": "police"}
    for profile in LegalProfile:
        decision = may_put(an_asker(**facts, profile=profile), STRICT, today=TODAY)
        assert decision.rules == (("ASK-6",) if profile is LegalProfile.NON_POLICE else ())


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ("", True),
        ('parties = ["AW", "BQ", "NL", "SX"]', False),
        ('parties = ["BQ", "CW", "NL", "SX"]', False),
        ("holds_from = 2029-01-31", False),
    ],
)
def test_a_country_is_asked_only_under_a_covenant_in_force_of_which_both_are_parties(
    change: str, *, asked: bool
) -> None:
    text = (FOLDER / "demo.toml").read_text(encoding="utf-8")
    name = change.partition(" = ")[0]
    old = {"parties": 'parties = ["AW", "BQ", "CW", "NL", "SX"]', "holds_from": "holds_from = 2019-01-31", "": ""}[name]
    edition = read((text.replace(old, change) if change else text).encode())
    decision = may_ask(an_asker(), CW, edition, today=TODAY)
    assert decision.allowed is asked
    assert asked or decision.rules == ("COVENANT-1",)
    assert may_ask(an_asker(), AW, edition, today=TODAY).allowed, "the own register needs none"


def test_own_register_is_asked_without_an_authorisation_for_what_others_share() -> None:
    assert may_ask(an_asker(searches_shared=False), AW, STRICT, today=TODAY).allowed


def test_own_register_is_not_asked_without_a_reason_either() -> None:
    assert may_ask(an_asker(case_ref=None), AW, DEMO, today=TODAY).rules == ("ASK-1",)
