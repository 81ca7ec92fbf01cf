"""The keys of a form: of which country a value is, and whose it stays when it is typed twice."""

from __future__ import annotations

from typing import Any

import pytest

from register.pseudonyms.signal_keys import reporters_inputs, selector_of, subject_keys
from schemas.codes import Partition
from schemas.signals.parts import SelectorIn
from tests.support.forms import a_form

AW, CW = Partition.AW, Partition.CW
PHONE = {"type": "PHONE", "value": "+2975601234"}


def test_number_is_of_the_country_that_is_said_or_else_of_where_it_was_typed() -> None:
    said, typed = (SelectorIn(type="PHONE", value="5601234", country=country) for country in ("AW", None))
    assert selector_of(said, CW) == selector_of(typed, AW)
    assert selector_of(said, CW) != selector_of(typed, CW)


@pytest.mark.parametrize("order", [1, -1])
def test_value_typed_twice_is_the_reporters_if_it_is_once_and_nobodys_only_if_it_is_both_times(order: int) -> None:
    """Else whoever told it is found by the second line."""

    def keys(*rows: dict[str, Any]) -> list[tuple[bool, bool]]:
        form = a_form(subjects=[], selectors=[PHONE | row for row in rows][::order])
        return [(key.of_reporter, key.of_nobody) for key in subject_keys(form, AW)]

    assert keys({"of_reporter": True}, {"of_nobody": True}) == [(True, False)]
    assert keys({"of_nobody": True}, {"of_nobody": True}) == [(False, True)]
    assert keys({}, {"of_nobody": True}) == [(False, False)]


def test_what_the_reporter_is_reached_by_is_what_is_said_to_be_theirs_and_nothing_else() -> None:
    other = {"type": "PHONE", "value": "+2975605678"}
    form = a_form(subjects=[], selectors=[PHONE | {"of_reporter": True}, other])
    alone = a_form(subjects=[], selectors=[PHONE | {"of_reporter": True}])
    assert reporters_inputs(form, AW) == reporters_inputs(alone, AW) != frozenset()
    assert reporters_inputs(a_form(subjects=[], selectors=[other]), AW) == frozenset()
