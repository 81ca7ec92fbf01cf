"""The code lists: complete, in the users' languages, and equal to what rules name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import pytest

from schemas import codes
from schemas.codes import LANGUAGES, Code, PersonCategory, UnknownCode, code_list, names

ENUMERATIONS: dict[str, type[StrEnum]] = {
    "partition": codes.Partition,
    "legal_basis": codes.LegalBasis,
    "crime_class": codes.CrimeClass,
    "purpose": codes.Purpose,
    "handling": codes.Handling,
    "handling_condition": codes.HandlingCondition,
    "visibility": codes.Visibility,
    "person_category": codes.PersonCategory,
    "entry_type": codes.EntryType,
    "subject_role": codes.SubjectRole,
    "document_use": codes.DocumentUse,
    "request_state": codes.RequestState,
    "signal_state": codes.SignalState,
    "retract_reason": codes.RetractReason,
    "alarm_kind": codes.AlarmKind,
    "sample_verdict": codes.SampleVerdict,
    "referral_state": codes.ReferralState,
    "ticket_reason": codes.TicketReason,
    "ticket_refusal": codes.TicketRefusal,
    "victim_status": codes.VictimStatus,
    "urgency": codes.Urgency,
    "to_do_kind": codes.ToDoKind,
    "hit_state": codes.HitState,
    "finding": codes.Finding,
    "finding_decision": codes.FindingDecision,
    "lifting_state": codes.LiftingState,
    "lifting_decision": codes.LiftingDecision,
}

INVOLVED = {
    *("SUSPECT", "RECRUITER", "TRANSPORTER", "SMUGGLER"),
    *("EXPLOITER", "DOC_PROVIDER", "MONEY_HANDLER", "FACILITATOR"),
}
IN_RELATION = {
    *("GUARANTOR", "EMPLOYER", "LANDLORD", "ADVERTISER"),
    *("RELATIVE", "COMPANION", "CUSTOMER", "WITNESS"),
}
VICTIM = {"VICTIM_POTENTIAL", "VICTIM_PRESUMED", "VICTIM_CONFIRMED", "VICTIM_NOT"}

ALL = [(name, code) for name in names() for code in code_list(name)]


def _each(pair: tuple[str, Code]) -> str:
    return f"{pair[0]}-{pair[1].code}"


@pytest.mark.parametrize("name", sorted(ENUMERATIONS))
def test_enumeration_equals_its_list(name: str) -> None:
    assert set(code_list(name).codes) == set(ENUMERATIONS[name])


def test_every_enumeration_of_codes_has_a_list() -> None:
    enumerations = {value for value in vars(codes).values() if isinstance(value, type) and issubclass(value, StrEnum)}
    assert enumerations - {StrEnum} == set(ENUMERATIONS.values())


@pytest.mark.parametrize("pair", ALL, ids=_each)
def test_code_has_label_and_one_line_of_explanation_in_english_and_dutch(pair: tuple[str, Code]) -> None:
    for words in (pair[1].labels, pair[1].explanations):
        for language in ("en", "nl"):
            assert words[language].strip() == words[language] != ""
            assert "\n" not in words[language]
    for language in ("en", "nl"):
        assert pair[1].explain(language).endswith(".")
        assert pair[1].label(language) != pair[1].code or pair[0] == "platform"


@pytest.mark.parametrize("pair", ALL, ids=_each)
def test_word_in_a_language_without_a_native_check_is_marked(pair: tuple[str, Code]) -> None:
    assert set(pair[1].labels) <= set(LANGUAGES)
    for language in set(pair[1].labels) - {"en", "nl"}:
        assert not pair[1].is_checked(language)
    assert pair[1].is_checked("en")


@pytest.mark.parametrize("name", names())
def test_list_has_title_and_explanation_and_distinct_labels(name: str) -> None:
    words = code_list(name)
    for language in ("en", "nl"):
        assert words.title[language]
        assert words.explanation[language].endswith(".")
        labels = [code.label(language) for code in words]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", names())
def test_reporting_column_is_on_all_codes_or_on_none_and_names_a_printed_row(name: str) -> None:
    words = code_list(name)
    printed: set[str | None] = {row.row for row in words.rows}
    assert {code.reports_as for code in words} == (printed or {None})
    assert all(row.label("en") and row.label("nl") for row in words.rows)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["HT", "MS"])
def test_trafficking_and_smuggling_carry_what_they_mean_in_every_language(code: str, language: str) -> None:
    """Only words in brackets keep the two apart: the same Papiamentu word is one here and the other there."""
    label = code_list("signal_type")[code].label(language)
    assert "(" in label
    assert label.endswith(")")


def test_caribbean_netherlands_never_calls_trafficking_what_there_means_smuggling() -> None:
    types = code_list("signal_type")
    assert types["MS"].label("pap_BQ").startswith("Trafikashon di hende")
    assert types["HT"].label("pap_BQ").startswith("Trata di hende")
    assert types["HT"].label("pap_CW").startswith("Trafikashon di hende")
    assert types["MS"].label("pap_CW").startswith("Kontrabanda di hende")
    assert types["HT"].label("pap_AW").startswith("Traficacion di hende")
    assert types["MS"].label("pap_AW").startswith("Contrabando di hende")
    assert types["MS"].label("es").startswith("Tráfico de migrantes")


def test_language_falls_back_to_english_and_bonaire_to_curacao_first() -> None:
    code = Code("X", {"en": "coat", "nl": "jas", "pap_CW": "yas"}, {"en": "A coat.", "nl": "Een jas."})
    assert [code.label(language) for language in LANGUAGES] == ["coat", "jas", "coat", "yas", "yas", "coat"]
    assert code.label("fr") == "coat"
    assert code.explain("pap_BQ") == "A coat."


def test_term_that_differs_in_bonaire_overrides_the_word_of_curacao() -> None:
    code = Code("X", {"en": "coat", "nl": "jas", "pap_CW": "yas", "pap_BQ": "mantel"}, {"en": "A.", "nl": "B."})
    assert code.label("pap_BQ") == "mantel"


def test_roles_have_the_person_categories_of_the_law() -> None:
    roles = {role.code: PersonCategory(role.extra["person_category"]) for role in code_list("subject_role")}
    expected = (
        dict.fromkeys(INVOLVED, PersonCategory.INVOLVED)
        | dict.fromkeys(IN_RELATION, PersonCategory.IN_RELATION)
        | dict.fromkeys(VICTIM, PersonCategory.VICTIM)
        | {"OFFICIAL": PersonCategory.OFFICIAL}
    )
    assert roles == expected


def test_reporter_is_no_role() -> None:
    assert "REPORTER" not in code_list("subject_role")


def test_police_grounds_of_the_netherlands_hold_for_nl_and_bq_only() -> None:
    """The Wpg is no law of Aruba, Curaçao and Sint Maarten."""
    grounds = {code.code: set(code.extra["partitions"]) for code in code_list("legal_basis")}
    assert all(where == {"NL", "BQ"} for code, where in grounds.items() if code.startswith("WPG"))
    for country in ("AW", "CW", "SX"):
        assert {code for code, where in grounds.items() if country in where} == {
            f"{country}_POLICE",
            f"{country}_NONPOLICE",
        }


def test_grounds_of_countries_whose_law_nobody_has_confirmed_are_marked_assumed() -> None:
    assumed = {code.code for code in code_list("legal_basis") if code.assumed}
    assert assumed == {f"{country}_{kind}" for country in ("AW", "CW", "SX") for kind in ("POLICE", "NONPOLICE")}


def test_only_theme_processing_demands_a_crime_class() -> None:
    assert [code.code for code in code_list("legal_basis") if code.extra.get("theme")] == ["WPG10B"]


def test_every_island_belongs_to_a_partition() -> None:
    where = {code.code: code.extra["partition"] for code in code_list("island")}
    assert set(where.values()) == set(codes.Partition)
    assert sorted(code for code, partition in where.items() if partition == "BQ") == [
        "BONAIRE",
        "SABA",
        "SINT_EUSTATIUS",
    ]


def test_means_hold_the_nine_of_the_protocol_and_the_seventeen_methods_of_control() -> None:
    families = [code.extra["family"] for code in code_list("means")]
    assert families.count("palermo") == 9
    assert families.count("control") == 17 + 1
    assert "CONTROL_RESTRICTS_MOVEMENT" in code_list("means")


def test_fee_to_be_worked_off_asks_about_trafficking() -> None:
    cues = {code.code: code.extra["cue"] for code in code_list("smuggling_element") if "cue" in code.extra}
    assert cues == {"FEE_DEBT": "HT_MS"}
    assert cues["FEE_DEBT"] in code_list("signal_type")


def test_first_evaluation_scheme_is_the_one_whose_values_have_words() -> None:
    scheme = code_list("evaluation_scheme")["4x4"].extra
    assert tuple(scheme["source"]) == code_list("evaluation_source").codes
    assert tuple(scheme["information"]) == code_list("evaluation_information").codes


def test_ilo_rule_finds_its_six_dimensions() -> None:
    assert sum(bool(code.extra["ilo_dimension"]) for code in code_list("indicator_group")) == 6


def test_unknown_list_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownCode, match="signal_type"):
        code_list("no-such-list")


def test_unknown_code_is_refused_without_repeating_it() -> None:
    with pytest.raises(UnknownCode) as refused:
        code_list("source")["Zeno Testman"]
    assert "Zeno" not in str(refused.value)
    assert "source" in str(refused.value)


def test_list_is_read_once() -> None:
    assert code_list("source") is code_list("source")


@pytest.mark.parametrize("name", names())
def test_list_is_in_the_data_dictionary(name: str) -> None:
    dictionary = Path(codes.__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    assert f"`{name}`" in dictionary
