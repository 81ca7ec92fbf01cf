"""The aid suggests what the signs point to, and says what is missing; whoever reports decides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.domain.signals.type_aid import HELP_ACROSS_A_BORDER, Suggestion, suggest_type
from schemas.codes import code_list

some = {
    name: st.lists(st.sampled_from(code_list(codes).codes), max_size=3)
    for name, codes in (
        ("acts", "act"),
        ("means", "means"),
        ("forms", "exploitation_form"),
        ("smuggling", "smuggling_element"),
    )
}


@pytest.mark.parametrize(
    ("acts", "means", "forms", "minor", "smuggling", "suggested"),
    [
        (["RECRUIT"], ["THREAT"], ["SEX"], False, [], Suggestion("HT")),
        (["RECRUIT"], [], ["SEX"], True, [], Suggestion("HT")),
        (["RECRUIT"], [], ["SEX"], False, [], Suggestion("UNDETERMINED", ("means",))),
        ([], [], [], False, ["BOAT_LANDING"], Suggestion("MS")),
        (["TRANSPORT"], [], [], False, ["BOAT_LANDING"], Suggestion("MS")),
        ([], [], [], False, ["FEE_DEBT"], Suggestion("MS", worked_off=True)),
        (["TRANSPORT"], ["FORCE"], ["LABOUR"], False, ["FEE_DEBT"], Suggestion("HT_MS", worked_off=True)),
        ([], [], [], False, [], Suggestion("UNDETERMINED")),
        ([], [], [], False, ["DANGER_TO_LIFE"], Suggestion("UNDETERMINED")),
    ],
)
def test_signs_point_to_a_type(
    acts: list[str], means: list[str], forms: list[str], *, minor: bool, smuggling: list[str], suggested: Suggestion
) -> None:
    assert suggest_type(acts=acts, means=means, forms=forms, minor=minor, smuggling=smuggling) == suggested


@given(**some, minor=st.booleans())
def test_trafficking_is_never_suggested_without_act_means_and_purpose(
    acts: list[str], means: list[str], forms: list[str], smuggling: list[str], *, minor: bool
) -> None:
    found = suggest_type(acts=acts, means=means, forms=forms, minor=minor, smuggling=smuggling)
    if found.signal_type in {"HT", "HT_MS"}:
        assert acts
        assert forms
        assert means or minor
    if found.signal_type in {"MS", "HT_MS"}:
        assert HELP_ACROSS_A_BORDER & set(smuggling)


def test_every_sign_of_the_aid_is_a_code_of_the_list() -> None:
    assert set(code_list("smuggling_element").codes) >= HELP_ACROSS_A_BORDER
