"""A case has a shape: one case however it is typed, no word for "none", and the form of its organisation, if any."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from register.domain.access.case import CaseRefused, counted_case, fold_case, read_case
from register.domain.access.organisation import Profile
from register.pseudonyms.normalise.stop import is_filler, says_none, stop_file
from schemas.access.admission import CaseForm
from schemas.codes import Handling, LegalBasis, Partition, Purpose, Visibility

AW = Partition.AW


def read(text: str, *forms: str) -> str:
    def none(word: str) -> bool:
        return says_none(word) or says_none(word, stop_file().email_words)

    return read_case(text, AW, forms=forms, this_year=2026, says_none=none, is_filler=is_filler)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("+297 593 1401", "telephone"), ("00297 5931401", "telephone"), ("593 1401", "telephone"),
        ("(593) 14-01-22", "telephone"), ("tipline-7@example.com", "mail"), ("NL91 ABNA 0417 1643 00", "bank account"),
        ("NW1234567", "document"), ("Z-9999-99", "year"), ("Z-1989-04", "year"), ("Z-2028-04", "year"),
        ("AW-9999-0412", "year"),
    ],
)  # fmt: skip
def test_a_value_that_is_looked_up_is_no_case_and_neither_is_one_of_a_year_that_is_none(typed: str, says: str) -> None:
    with pytest.raises(CaseRefused, match=says) as refused:
        read(typed)
    assert typed not in str(refused.value)


@pytest.mark.parametrize("typed", ["2026-04117", "Z-1990-04", "Z-2027-1", "PV202604117", "17-0381", "OM 411/26"])
def test_references_with_a_year_of_their_own_way_are_cases(typed: str) -> None:
    assert read(typed) == typed.upper()


def test_form_of_an_organisation_decides_what_its_cases_look_like() -> None:
    assert read("NW1234567", "@@#######") == "NW1234567"


@pytest.mark.parametrize(
    "typed",
    [
        "Z-2026-04",
        " z-2026-04 ",
        "Ｚ－２０２６－０４",
        "Z-2026\u200b-04",
        "\ufeffZ\u00ad-2026-04\u2060",
        "Ź-2026-04",
        "Z\u20132026\u201104",
        "ℤ-𝟚𝟘𝟚𝟞-04",
    ],
)
def test_one_case_is_one_case_however_it_is_typed(typed: str) -> None:
    assert read(typed) == "Z-2026-04"


@pytest.mark.parametrize(
    "typed",
    ["", " ", "x", "-", "none", "\u200b", "\u3164", "12", "a-1", "ABCD", "geen zaak", "onbekend 2026", "none 1",
     "N/A 1", "test 2026", "0000", "0-0-0-0", "1234", "9876543210", "1111-1111", "X-0000", "xx 1", "----1",
     "\u2800\u28002026"],
)  # fmt: skip
def test_what_stands_for_none_or_is_too_short_is_no_case_and_the_refusal_says_what_one_is(typed: str) -> None:
    with pytest.raises(CaseRefused, match="expected") as refused:
        read(typed)
    assert "four letters and digits" in refused.value.advice
    assert not typed.strip(" -\u200b") or len(typed) < 5 or typed not in str(refused.value)


@pytest.mark.parametrize("typed", ["Ζ-2026-04", "З-2026-04", "Z-٢٠٢٦-٠٤"])
def test_letters_and_digits_of_other_scripts_make_no_second_case(typed: str) -> None:
    with pytest.raises(CaseRefused, match="of the keyboard"):
        read(typed)


@pytest.mark.parametrize("typed", ["2026-1", "AB 12", "X-2026-04", "PL0700-2026012345", "AW-2026-0001", "Zaak 381"])
def test_references_of_administrations_are_cases(typed: str) -> None:
    assert read(typed) == typed.upper()


@pytest.mark.parametrize(("typed", "taken"), [
    ("zaak-2026-17", True), ("ZAAK 2026 17", True), ("zaak202617", True), ("Zaak/2026.17", True),
    ("ZAAK-2026-1", False), ("2026-17", False),
    ("AW-2026-0412", True), ("aw 2026 0412", True), ("AW20260412", True), ("AW-2026-041", False),
    ("CW-2026-0412", False), ("ZAAK-2026-17-2", False),
])  # fmt: skip
def test_organisation_that_says_how_its_cases_look_takes_no_others_but_what_looks_like_a_report(
    typed: str, *, taken: bool
) -> None:
    if taken:
        assert read(typed, "ZAAK-####-##", "@@-###")
        return
    with pytest.raises(CaseRefused, match="ZAAK-####-## or @@-### "):
        read(typed, "ZAAK-####-##", "@@-###")


def test_spaces_and_signs_make_no_other_case_to_count() -> None:
    assert len({counted_case(read(typed)) for typed in ("AB 12", "AB-12", "ab12", "AB / 12", "A.B.12")}) == 1


@pytest.mark.parametrize("form", ["ZAAK", "@@@@", "##", "zaak-####", "ZAAK-####\n", "#" * 41, "Ж-####"])
def test_form_that_describes_no_case_is_a_fault_of_the_list(form: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(CaseForm).validate_python(form)


def test_forms_of_an_organisation_are_kept_with_its_profile() -> None:
    profile = Profile(
        legal_basis=LegalBasis.AW_POLICE, purpose=Purpose.INVESTIGATE, evaluation=("4x4", "B", "2"),
        handling=Handling.H1, visibility=Visibility.V1, retention_class="POLICE", acquisition="OWN_TASK",
        contact_unit="Desk", routes=("police",), case_forms=("ZAAK-####",),
    )  # fmt: skip
    assert Profile.from_row(json.loads(json.dumps(profile.as_row()))) == profile


@given(st.text(max_size=30))
def test_reading_a_case_again_changes_nothing(text: str) -> None:
    folded = fold_case(text)
    assert fold_case(folded) == folded
