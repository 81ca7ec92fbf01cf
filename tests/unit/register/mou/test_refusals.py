"""One record in perfect order, one thing wrong with it: refused, and by the rule that says so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from register.mou.decide import may_ask, may_hold, may_see, may_send
from register.mou.edition import FOLDER, Edition, read
from register.mou.facts import AskerFacts, Evaluation, GateWord, HandlingTerms, LegalProfile, SubjectFacts
from register.mou.rules.gate import Gates
from schemas.codes import (
    Handling,
    HandlingCondition,
    LegalBasis,
    Partition,
    PersonCategory,
    Purpose,
    SignalState,
    Visibility,
)
from tests.unit.register.mou.examples import CHILD, DEMO, STRICT, SUSPECT, TODAY, YESTERDAY, a_label, a_record, an_asker

AW, NL = Partition.AW, Partition.NL


def handling(code: Handling, *conditions: HandlingCondition, expires: date | None = None) -> HandlingTerms:
    return HandlingTerms(code=code, conditions=frozenset(conditions), expires=expires)


REFUSED_RECORDS: list[tuple[str, dict[str, Any]]] = [
    ("WPG10B-1", {"legal_basis": LegalBasis.WPG10B}),
    ("WPG10A-1", {"legal_basis": LegalBasis.WPG10A, "consent": None}),
    ("WPG10A-1", {"legal_basis": LegalBasis.WPG10A, "consented_to": frozenset({Partition.SX})}),
    ("WPG10A-1", {"legal_basis": LegalBasis.WPG10A, "gate_until": YESTERDAY}),
    ("BASIS-1", {"legal_basis": LegalBasis.NONPOLICE_BES, "source_profile": LegalProfile.NON_POLICE}),
    ("BASIS-2", {"source_profile": LegalProfile.NON_POLICE}),
    ("BASIS-2", {"source_profile": None}),
    ("SHARED-1", {"legal_basis": LegalBasis.WPG13}),
    ("THEME-1", {"is_theme": True, "crime_class": None}),
    ("THEME-1", {"legal_basis": LegalBasis.WPG10B, "crime_class": None}),
    ("COVENANT-1", {"covenant_ref": None}),
    ("COVENANT-1", {"covenant_ref": "BES-2017"}),
    ("AUDIENCE-1", {"audience": frozenset()}),
    ("AUDIENCE-1", {"audience": frozenset({Partition.CW, Partition.SX})}),
    ("OWNER-1", {"sender": Partition.BQ}),
    ("RECIPIENT-1", {"owner": AW, "sender": AW, "legal_basis": LegalBasis.AW_POLICE}),
    ("HANDLING-2", {"handling": handling(Handling.H2), "onward": True}),
    ("HANDLING-2", {"handling": handling(Handling.H3, HandlingCondition.NO_ONWARD), "onward": True}),
    ("HANDLING-3", {"handling": handling(Handling.H3)}),
    ("HANDLING-3", {"handling": handling(Handling.H3, HandlingCondition.EXPIRY)}),
    ("HANDLING-3", {"handling": handling(Handling.H3, HandlingCondition.EXPIRY, expires=YESTERDAY)}),
    ("HANDLING-3", {"handling": handling(Handling.H0, expires=YESTERDAY)}),
    ("HANDLING-4", {"handling": handling(Handling.H3, HandlingCondition.NAMED_RECIPIENTS)}),
    (
        "HANDLING-4",
        {
            "handling": handling(Handling.H3, HandlingCondition.NAMED_RECIPIENTS),
            "named_recipients": frozenset({Partition.CW}),
        },
    ),
    ("VISIBILITY-1", {"visibility": Visibility.V3}),
    ("PERSON-1", {"subjects": (SubjectFacts(n=1, role="SUSPECT", category=None),)}),
    ("PERSON-1", {"subjects": (SUSPECT, SubjectFacts(n=2, role="REPORTER", category=None))}),
    ("MINOR-1", {"subjects": (SUSPECT, CHILD)}),
    ("MINOR-1", {"about_minors": True}),
    ("GATE-1", {"gate": None, "single_approval": True}),
    ("GATE-1", {"gate": None, "visibility": Visibility.V0}),
    ("GATE-1", {"gate_until": YESTERDAY}),
    ("RETAIN-1", {"retain_until": YESTERDAY}),
    ("RETAIN-1", {"retain_until": None}),
    ("WITHDRAWN-1", {"withdrawn": True}),
    ("STATE-1", {"state": SignalState.NO_FURTHER_ACTION}),
    ("QUALITY-1", {"evaluation": None}),
    ("QUALITY-1", {"evaluation": Evaluation("4x4", "B", "")}),
    ("QUALITY-1", {"last_verified_on": None}),
    ("ORIGIN-1", {"acquisition": None}),
]


@pytest.mark.parametrize(("rule", "wrong"), REFUSED_RECORDS, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("edition", [DEMO, STRICT], ids=["demo", "strict"])
def test_record_is_not_sent_with_one_thing_wrong(rule: str, wrong: dict[str, Any], edition: Edition) -> None:
    decision = may_send(a_record(**wrong), AW, edition, today=TODAY)
    assert not decision.allowed
    assert rule in decision.rules


def test_nodes_word_for_the_prosecutor_counts_only_where_the_edition_takes_it() -> None:
    """At the owner as at the receiver, whose label says that the decision rests on a consent."""
    crime = {"legal_basis": LegalBasis.WPG10A, "consent": GateWord.NODE}
    for edition, counts in ((DEMO, True), (STRICT, False)):
        assert may_send(a_record(**crime), AW, edition, today=TODAY).allowed is counts
        label = a_label(**crime, edition=edition.hash)
        held = may_hold(label, AW, edition, edition, today=TODAY)
        assert (held.allowed, held.rules == ("WPG10A-1",)) == (counts, not counts)


def test_record_in_order_is_sent_and_names_what_it_rests_on() -> None:
    decision = may_send(a_record(), AW, STRICT, today=TODAY)
    assert decision.rules == ("SHARED-1", "CONFIRM-1", "PURPOSE-1", "AUDIENCE-1", "COVENANT-1", "GATE-1")
    assert decision.gate is GateWord.SIGNED
    assert decision.assumed
    assert (decision.sentences, decision.ways, decision.code) == ((), (), "")


@pytest.mark.parametrize(
    ("owner", "basis"), [(Partition.CW, LegalBasis.CW_POLICE), (Partition.SX, LegalBasis.SX_POLICE)]
)
def test_country_of_requests_only_sends_nothing_unasked(owner: Partition, basis: LegalBasis) -> None:
    record = a_record(owner=owner, sender=owner, legal_basis=basis)
    assert may_send(record, AW, STRICT, today=TODAY).rules == ("REQUEST-1", "SHARED-1")
    assert may_send(record, AW, DEMO, today=TODAY).allowed


def test_every_objection_is_named_at_once() -> None:
    wrong = a_record(visibility=Visibility.V3, withdrawn=True, audience=frozenset())
    decision = may_send(wrong, AW, DEMO, today=TODAY)
    assert decision.rules == ("WITHDRAWN-1", "VISIBILITY-1", "AUDIENCE-1")
    assert decision.code == "refused-by-rule"
    assert len(decision.sentences) == len(decision.ways) == 3


def test_theme_record_of_the_netherlands_is_refused_first_of_all_because_it_never_leaves() -> None:
    assert may_send(a_record(legal_basis=LegalBasis.WPG10B), AW, DEMO, today=TODAY).rules[0] == "WPG10B-1"


def test_a_released_theme_record_goes_with_its_crime_class() -> None:
    assert may_send(a_record(is_theme=True, legal_basis=LegalBasis.WPG9), AW, STRICT, today=TODAY).allowed


def test_crime_class_is_demanded_of_theme_records_only() -> None:
    assert may_send(a_record(crime_class=None), AW, STRICT, today=TODAY).allowed


def test_organisations_of_justice_may_rest_on_police_law_and_police_on_other_law() -> None:
    assert may_send(a_record(source_profile=LegalProfile.JUSTICE), AW, STRICT, today=TODAY).allowed
    permit = a_record(legal_basis=LegalBasis.NONPOLICE_GDPR, purpose=Purpose.ADMINISTRATIVE)
    assert may_send(permit, AW, STRICT, today=TODAY).allowed


def test_owner_may_provide_a_no_onward_record_to_whom_it_names() -> None:
    decision = may_send(a_record(handling=handling(Handling.H2)), AW, STRICT, today=TODAY)
    assert decision.allowed
    assert [rule.id for rule in decision.obligations] == ["HANDLING-2"]


def test_named_recipient_gets_a_record_with_conditions_and_is_told_them() -> None:
    terms = handling(
        Handling.H3,
        HandlingCondition.NAMED_RECIPIENTS,
        HandlingCondition.NO_CONTACT,
        HandlingCondition.NO_COURT,
        HandlingCondition.EXPIRY,
        expires=TODAY,
    )
    decision = may_send(a_record(handling=terms, named_recipients=frozenset({AW})), AW, STRICT, today=TODAY)
    assert decision.allowed
    assert decision.sentences == (
        "Not to be used in court without the owner's permission.",
        "Do not contact the person, and do not call the number.",
    )


def test_last_day_of_retention_is_still_a_day() -> None:
    assert may_send(a_record(retain_until=TODAY), AW, STRICT, today=TODAY).allowed


def test_contested_record_goes_and_says_so() -> None:
    decision = may_send(a_record(contested=True), AW, STRICT, today=TODAY)
    assert decision.allowed
    assert [rule.id for rule in decision.obligations] == ["CONTESTED-1"]


def test_unconfirmed_record_waits_in_strict_and_goes_in_demo() -> None:
    assert may_send(a_record(confirmed=False), AW, STRICT, today=TODAY).rules == ("CONFIRM-1",)
    assert may_send(a_record(confirmed=False), AW, DEMO, today=TODAY).allowed


def test_standing_approval_covers_a_record_that_cites_none() -> None:
    """Nobody signed it, so its owner's node vouches for it."""
    decision = may_send(a_record(gate=None), AW, DEMO, today=TODAY)
    assert (decision.allowed, decision.gate) == (True, GateWord.NODE)
    assert may_send(a_record(gate=None), AW, STRICT, today=TODAY).rules == ("GATE-1",)


def test_nodes_word_that_the_keeper_approved_passes_where_the_edition_takes_it() -> None:
    assert may_send(a_record(gate=GateWord.NODE), AW, DEMO, today=TODAY).gate is GateWord.NODE
    assert may_send(a_record(gate=GateWord.NODE), AW, STRICT, today=TODAY).rules == ("GATE-1",)


def test_where_no_approval_is_needed_none_is_cited_that_its_receiver_would_not_take() -> None:
    aruba = {"owner": AW, "sender": AW, "legal_basis": LegalBasis.AW_POLICE}
    decision = may_send(a_record(gate=GateWord.NODE, **aruba), Partition.NL, DEMO, today=TODAY)
    assert (decision.allowed, decision.gate) == (True, GateWord.NODE)
    assert STRICT.given("GATE-1", Gates).word(a_record(gate=GateWord.NODE, **aruba), TODAY) is None


def test_last_day_of_an_approval_is_still_a_day() -> None:
    assert may_send(a_record(gate_until=TODAY), AW, STRICT, today=TODAY).allowed
    assert may_hold(a_label(gate_until=TODAY), AW, STRICT, STRICT, today=TODAY).allowed
    assert may_see(an_asker(), a_label(gate_until=TODAY), STRICT, today=TODAY).allowed


def test_record_that_waits_for_its_prosecutor_goes_once_it_is_approved_singly() -> None:
    boat = {"owner": Partition.BQ, "sender": Partition.BQ, "single_approval": True}
    assert may_send(a_record(gate=None, **boat), AW, DEMO, today=TODAY).rules == ("GATE-1",)
    assert may_send(a_record(gate=GateWord.NODE, **boat), AW, DEMO, today=TODAY).gate is GateWord.NODE


def test_nothing_is_decided_under_an_edition_that_is_not_in_force() -> None:
    before = date(2019, 1, 30)
    assert may_send(a_record(), AW, STRICT, today=before).rules == ("EDITION-1", "COVENANT-1")


@pytest.mark.parametrize("missing", [AW, Partition.NL])
def test_a_covenant_of_which_one_of_the_two_is_no_party_carries_nothing(missing: Partition) -> None:
    """C34: whether the owner or the recipient is missing, and on both sides of the border."""
    text = (FOLDER / "demo.toml").read_text(encoding="utf-8")
    all_five = 'parties = ["AW", "BQ", "CW", "NL", "SX"]'
    assert all_five in text
    left = ", ".join(f'"{one}"' for one in Partition if one is not missing)
    edition = read(text.replace(all_five, f"parties = [{left}]").encode())
    assert may_send(a_record(), AW, edition, today=TODAY).rules == ("COVENANT-1",)
    assert may_send(a_record(), Partition.SX, edition, today=TODAY).allowed is (missing is AW)
    label = a_label(edition=edition.hash, gate=GateWord.NODE)
    assert "COVENANT-1" in may_hold(label, AW, edition, edition, today=TODAY).rules


@pytest.mark.parametrize(("until", "holds"), [(TODAY, True), (YESTERDAY, False)])
def test_a_covenant_carries_records_and_questions_until_its_last_day_and_not_on_the_day_after(
    until: date,
    holds: bool,  # noqa: FBT001 - a case
) -> None:
    text = (FOLDER / "demo.toml").read_text(encoding="utf-8")
    begin = "holds_from = 2019-01-31\n"
    assert text.count(begin) == 1
    edition = read(text.replace(begin, f"{begin}holds_until = {until}\n").encode())
    label = a_label(edition=edition.hash, gate=GateWord.NODE)
    decisions = (
        may_send(a_record(), AW, edition, today=TODAY),
        may_hold(label, AW, edition, edition, today=TODAY),
        may_ask(an_asker(), Partition.CW, edition, today=TODAY),
    )
    assert ["COVENANT-1" in one.rules and not one.allowed for one in decisions] == [not holds] * 3


REFUSED_LABELS: list[tuple[str, dict[str, Any]]] = [
    ("WPG10B-1", {"legal_basis": LegalBasis.WPG10B}),
    ("WPG10A-1", {"legal_basis": LegalBasis.WPG10A, "rules": ("SHARED-1", "GATE-1")}),
    ("THEME-1", {"legal_basis": LegalBasis.WPG10B, "crime_class": None}),
    ("AUDIENCE-1", {"audience": frozenset()}),
    ("AUDIENCE-1", {"audience": frozenset({Partition.AW, Partition.CW})}),
    ("AUDIENCE-1", {"audience": frozenset({Partition.CW})}),
    ("RECIPIENT-1", {"owner": AW, "legal_basis": LegalBasis.AW_POLICE}),
    ("REQUEST-1", {"owner": Partition.CW, "legal_basis": LegalBasis.CW_POLICE}),
    ("COVENANT-1", {"covenant_ref": "BES-2017"}),
    ("GATE-1", {"gate": None}),
    ("GATE-1", {"gate": GateWord.NODE}),
    ("GATE-1", {"gate_until": YESTERDAY}),
    ("VISIBILITY-1", {"visibility": Visibility.V3}),
    ("HANDLING-2", {"handling": handling(Handling.H2), "onward": True}),
    ("HANDLING-3", {"handling": handling(Handling.H3, HandlingCondition.EXPIRY, expires=YESTERDAY)}),
    ("RETAIN-1", {"retain_until": YESTERDAY}),
    ("QUALITY-1", {"evaluation": None}),
    ("ORIGIN-1", {"acquisition": ""}),
    ("BASIS-1", {"legal_basis": LegalBasis.NONPOLICE_BES}),
    ("BASIS-2", {"source_profile": LegalProfile.NON_POLICE}),
    ("SHARED-1", {"legal_basis": LegalBasis.WPG13}),
    ("LABEL-1", {"rules": ()}),
    ("LABEL-1", {"rules": ("SHARED-1", "BECAUSE-1")}),
]


@pytest.mark.parametrize(("rule", "wrong"), REFUSED_LABELS, ids=lambda value: value if isinstance(value, str) else "")
def test_extract_is_not_held_with_one_thing_wrong_in_its_label(rule: str, wrong: dict[str, Any]) -> None:
    decision = may_hold(a_label(**wrong), AW, STRICT, STRICT, today=TODAY)
    assert not decision.allowed
    assert rule in decision.rules


def test_extract_in_order_is_held() -> None:
    assert may_hold(a_label(), AW, STRICT, STRICT, today=TODAY).allowed


def test_label_of_an_unknown_edition_is_refused_as_such() -> None:
    for theirs in (None, DEMO):
        decision = may_hold(a_label(edition=STRICT.hash), AW, DEMO, theirs, today=TODAY)
        assert (decision.allowed, decision.code, decision.rules) == (False, "unknown-edition", ("EDITION-2",))


def test_a_label_from_a_generous_edition_is_not_held_by_a_strict_country() -> None:
    label = a_label(edition=DEMO.hash, gate=GateWord.NODE)
    assert may_hold(label, AW, DEMO, DEMO, today=TODAY).allowed
    ours = may_hold(label, AW, STRICT, DEMO, today=TODAY)
    assert (ours.allowed, ours.rules) == (False, ("GATE-1",))


def test_a_label_from_a_strict_edition_must_be_legal_there_too() -> None:
    label = a_label(edition=STRICT.hash, gate=GateWord.NODE)
    theirs = may_hold(label, AW, DEMO, STRICT, today=TODAY)
    assert (theirs.allowed, theirs.rules) == (False, ("GATE-1",))


def test_obligations_of_a_label_bind_its_holder() -> None:
    label = a_label(handling=handling(Handling.H1, HandlingCondition.NO_CONTACT), contested=True)
    decision = may_hold(label, AW, DEMO, STRICT, today=TODAY)
    assert [rule.id for rule in decision.obligations] == ["HANDLING-1", "HANDLING-5", "CONTESTED-1"]


REFUSED_SIGHTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("GATE-1", {}, {"gate_until": YESTERDAY}),
    ("ASK-1", {"purpose": None}, {}),
    ("ASK-1", {"case_ref": ""}, {}),
    ("ASK-1", {"legal_basis": None}, {}),
    ("ASK-2", {"searches_shared": False}, {}),
    ("ASK-3", {"legal_basis": LegalBasis.WPG8}, {}),
    ("ASK-4", {"profile": LegalProfile.NON_POLICE}, {}),
    ("ASK-4", {"profile": None}, {}),
    ("ASK-5", {"profile": LegalProfile.NON_POLICE}, {}),
    ("VISIBILITY-1", {"register_unit": True}, {"visibility": Visibility.V3}),
    ("VISIBILITY-2", {}, {"visibility": Visibility.V3}),
    ("BASIS-1", {}, {"legal_basis": LegalBasis.NONPOLICE_BES}),
    ("SHARED-1", {}, {"legal_basis": LegalBasis.WPG13}),
    ("HANDLING-2", {}, {"handling": handling(Handling.H2), "onward": True}),
    ("AUDIENCE-1", {}, {"audience": frozenset({Partition.CW})}),
    ("RETAIN-1", {}, {"retain_until": YESTERDAY}),
    ("WITHDRAWN-1", {}, {"withdrawn": True}),
    ("WPG10B-1", {}, {"legal_basis": LegalBasis.WPG10B}),
    ("HANDLING-3", {}, {"handling": handling(Handling.H0, expires=YESTERDAY)}),
    ("REQUEST-1", {}, {"owner": Partition.SX, "legal_basis": LegalBasis.SX_POLICE}),
]


@pytest.mark.parametrize(("rule", "asker", "record"), REFUSED_SIGHTS)
def test_hit_is_not_shown_with_one_thing_wrong(rule: str, asker: dict[str, Any], record: dict[str, Any]) -> None:
    decision = may_see(an_asker(**asker), a_record(**record), STRICT, today=TODAY)
    assert not decision.allowed
    assert rule in decision.rules
    assert decision.shows == ()


def test_a_hit_shows_less_the_less_visible_it_is() -> None:
    shown = {
        visibility: may_see(an_asker(), a_label(visibility=visibility), DEMO, today=TODAY).shows
        for visibility in (Visibility.V0, Visibility.V1, Visibility.V2)
    }
    assert shown[Visibility.V2] == ("reference", "period", "contact")
    assert set(shown[Visibility.V2]) < set(shown[Visibility.V1]) < set(shown[Visibility.V0])


def test_hit_on_a_number_with_no_contact_says_do_not_call_it() -> None:
    label = a_label(handling=handling(Handling.H3, HandlingCondition.NO_CONTACT))
    assert may_see(an_asker(), label, DEMO, today=TODAY).sentences == (
        "Do not contact the person, and do not call the number.",
    )


@pytest.mark.parametrize("asker", [an_asker(), an_asker(partition=NL, legal_basis=LegalBasis.WPG8)])
def test_obligations_are_shown_with_a_hit_abroad_and_at_home(asker: AskerFacts) -> None:
    record = a_record(handling=handling(Handling.H1, HandlingCondition.NO_CONTACT), contested=True)
    decision = may_see(asker, record, STRICT, today=TODAY)
    assert [rule.id for rule in decision.obligations] == ["HANDLING-1", "HANDLING-5", "CONTESTED-1"]


def test_hit_that_may_not_go_on_says_so() -> None:
    decision = may_see(an_asker(), a_label(handling=handling(Handling.H2)), STRICT, today=TODAY)
    assert decision.sentences == ("Not to be passed on without the owner's permission.",)


def test_blind_match_shows_to_the_owners_register_unit_only() -> None:
    blind = a_record(visibility=Visibility.V3)
    own = an_asker(partition=NL, legal_basis=LegalBasis.WPG8)
    unit = an_asker(partition=NL, legal_basis=LegalBasis.WPG8, register_unit=True)
    assert may_see(own, blind, DEMO, today=TODAY).rules == ("VISIBILITY-1",)
    assert may_see(unit, blind, DEMO, today=TODAY).rules == ("OWN-1",)


def test_own_theme_record_is_a_hit_at_home() -> None:
    asker = an_asker(partition=NL, legal_basis=LegalBasis.WPG10B)
    assert may_see(asker, a_record(legal_basis=LegalBasis.WPG10B), STRICT, today=TODAY).allowed


def test_person_category_is_what_the_register_may_hold_somebody_for() -> None:
    subjects = tuple(SubjectFacts(n=n, role="X", category=c) for n, c in enumerate(PersonCategory, start=1))
    assert may_send(a_record(subjects=subjects), AW, STRICT, today=TODAY).allowed
