"""Codes can be retired: no new record takes one, and old records stay readable."""

from __future__ import annotations

from datetime import date

import pytest

from register.domain.codes_in_force import CodeRetired, check_codes
from schemas.codes import CodeList, code_list, names
from schemas.codes.lists import read_list
from schemas.signals.parts import Place, SelectorIn
from tests.support.forms import a_form

LAST = date(2026, 6, 30)
LIST = """
[list]
title = { en = "-", nl = "-" }
explain = { en = "-", nl = "-" }
[codes.PHONE]
label = { en = "Phone", nl = "Telefoon" }
explain = { en = "-", nl = "-" }
valid_until = 2026-06-30
followed_by = "TELEX"
[codes.TELEX]
label = { en = "Telex", nl = "Telex" }
explain = { en = "-", nl = "-" }
valid_until = 2026-06-30
followed_by = "EMAIL"
[codes.EMAIL]
label = { en = "E-mail", nl = "E-mail" }
explain = { en = "-", nl = "-" }
valid_from = 2026-07-01
"""


def lists(name: str) -> CodeList:
    return read_list(name, LIST) if name == "identifier_type" else code_list(name)


PHONE = SelectorIn(type="PHONE", value="+297 000 0142")


def test_code_is_offered_from_its_first_to_its_last_day() -> None:
    found = lists("identifier_type")
    assert found.offered(LAST) == ("PHONE", "TELEX")
    assert found.offered(date(2026, 7, 1)) == ("EMAIL",)


def test_retired_code_is_refused_by_field_and_still_has_its_words() -> None:
    check_codes(PHONE, on=LAST, lists=lists)
    with pytest.raises(
        CodeRetired, match=r"/type: .* does not offer PHONE now; enter EMAIL .E-mail. in its place"
    ) as it:
        check_codes(PHONE, on=date(2026, 7, 1), lists=lists)
    assert it.value.details["followed_by"] == "EMAIL", "the one in force, past one that was retired with it"
    assert lists("identifier_type")["PHONE"].label() == "Phone"


def test_amending_a_record_keeps_the_code_that_it_has() -> None:
    check_codes(PHONE, on=date(2026, 7, 1), was=PHONE, lists=lists)


def test_codes_of_a_whole_form_are_found_wherever_they_stand() -> None:
    asked: list[str] = []

    def noting(name: str) -> CodeList:
        asked.append(name)
        return code_list(name)

    check_codes(a_form(), on=LAST, lists=noting)
    assert {"signal_type", "urgency", "source", "channel", "island", "location_type"} <= set(asked)


@pytest.mark.parametrize("name", names())
def test_what_follows_a_retired_code_is_entered_in_its_place(name: str) -> None:
    for code in code_list(name):
        assert code.followed_by is None or code.valid_until is not None
        assert code.followed_by is None or code_list(name).in_place_of(code.code, date.max) is not None


def test_codes_that_follow_each_other_in_a_ring_name_none() -> None:
    ring = LIST.replace("valid_from = 2026-07-01", 'valid_until = 2026-06-30\nfollowed_by = "PHONE"')
    assert read_list("identifier_type", ring).in_place_of("PHONE", date(2026, 7, 1)) is None


def test_no_list_of_this_release_has_a_code_that_is_never_offered() -> None:
    place = Place(island="AW", location_type="UNKNOWN")
    check_codes(place, on=LAST)
