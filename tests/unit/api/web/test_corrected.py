"""A report with one entry added, changed or gone: numbers of persons stay, and nothing moves to nobody by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.signals.ours.corrected import At, found_at, item_at, kind_of, with_item, without_item
from schemas.signals.changes import AmendIn
from schemas.signals.parts import SelectorIn, SubjectIn
from schemas.signals.signal import SignalIn
from tests.support.forms import a_form

PHONE = {"type": "PHONE", "value": "+297 000 0142", "country": "AW"}
PASSPORT = {"type": "PASSPORT", "value": "ZZ0000017", "country": "CO", "use": "LOOKALIKE"}
HANDLE = {"type": "SOCIAL_HANDLE", "value": "somebody", "platform": "INSTAGRAM"}
VESSEL = {"type": "VESSEL", "value": "Prueba II"}
THINGS = [PHONE, PASSPORT, HANDLE, VESSEL, {"type": "EMAIL", "value": "a@example.org"},
          {"type": "PLATE", "value": "A-99907", "country": "AW"}]  # fmt: skip


def report(**parts: Any) -> SignalIn:
    persons = [
        {"n": 3, "role": "SUSPECT", "kind": "person", "name": "Zeno Testman", "birth": {"year": 1985, "month": 2},
         "nationality": "NL", "minor": False, "selectors": [PHONE, VESSEL]},
        {"n": 5, "role": "EMPLOYER", "kind": "company", "name": "Prueba NV", "selectors": [PASSPORT]},
    ]  # fmt: skip
    whole = {"subjects": persons, "selectors": [HANDLE], **parts}
    return a_form(**whole)


def left(form: SignalIn, *things: str) -> Any:
    parts = without_item(form, At(3), things)
    assert parts is not None
    return parts[0]


def after(form: SignalIn, parts: Any) -> SignalIn:
    return AmendIn.model_validate({"changes": parts, "reason": "Looked again."}).applied_to(form)


@given(st.lists(st.sampled_from(THINGS), min_size=1, max_size=4), st.lists(st.sampled_from(THINGS), max_size=3))
def test_an_entry_sent_back_as_it_was_shown_changes_nothing(
    theirs: list[dict[str, Any]], loose: list[dict[str, Any]]
) -> None:
    person = {"n": 7, "role": "WITNESS", "kind": "person", "name": "Ana Ficticia", "selectors": theirs}
    form = report(subjects=[person], selectors=loose)
    places = [At(7), *(At(7, i) for i in range(len(theirs))), *(At(0, i) for i in range(len(loose)))]
    for at in places:
        what = found_at(form, at)
        assert what is not None
        kind = "person" if isinstance(what, SubjectIn) else kind_of(what)
        if kind is not None:
            item = item_at(form, kind, at)
            assert item is not None
            assert after(form, with_item(form, item, at, taken=())) == form


def test_a_person_who_is_changed_keeps_number_and_things() -> None:
    form = report()
    item = item_at(form, "person", At(3))
    assert item is not None
    changed = after(form, with_item(form, {**item, "role": "COMPANION"}, At(3), taken=())).subjects[0]
    assert (changed.n, changed.role, changed.selectors) == (3, "COMPANION", form.subjects[0].selectors)


def test_a_new_person_gets_a_number_that_nobody_had() -> None:
    form = report()
    item = {"kind": "person", "role": "WITNESS", "name": "", "year": "", "month": "", "day": "", "nationality": "",
            "minor": ""}  # fmt: skip
    assert after(form, with_item(form, item, None, taken={6, 7})).subjects[-1].n == 8


@pytest.mark.parametrize(
    ("owner", "where", "said"),
    [("2", 5, (False, False)), ("nobody", 0, (True, False)), ("reporter", 0, (False, True)), ("", 0, (False, False))],
)
def test_a_thing_goes_to_whom_it_is_said_to_belong(owner: str, where: int, said: tuple[bool, bool]) -> None:
    form = report()
    item = item_at(form, "phone", At(3, 0))
    assert item is not None
    changed = after(form, with_item(form, {**item, "owner": owner}, At(3, 0), taken=()))
    things = changed.selectors if where == 0 else next(s.selectors for s in changed.subjects if s.n == where)
    assert (things[-1].value, things[-1].of_nobody, things[-1].of_reporter) == (PHONE["value"], *said)
    assert [one.type for one in changed.subjects[0].selectors] == ["VESSEL"]


def test_who_is_taken_off_leaves_nothing_behind_of_which_nobody_said_what_becomes_of_it() -> None:
    form = report()
    for said in ([], ["gone"], ["gone", ""], ["gone", "1"], ["2", "9"]):
        assert without_item(form, At(3), said) is None, "each is said of, and their own place is no heir"
    gone = after(form, left(form, "gone", "gone"))
    assert [s.n for s in gone.subjects] == [5]
    assert len(gone.selectors) == 1
    heir = after(form, left(form, "2", "2"))
    assert [one.type for one in heir.subjects[0].selectors] == ["PASSPORT", "PHONE", "VESSEL"]
    nobodys = after(form, left(form, "nobody", "nobody"))
    assert [one.of_nobody for one in nobodys.selectors] == [False, True, True]


def test_each_thing_of_who_is_taken_off_may_go_elsewhere_and_one_may_be_left_open() -> None:
    form = report()
    parts = without_item(form, At(3), ["2", "open"])
    assert parts is not None
    assert parts[1] == {1}
    apart = after(form, parts[0])
    assert [one.type for one in apart.subjects[0].selectors] == ["PASSPORT", "PHONE"]
    assert [(one.type, one.of_nobody, one.of_reporter) for one in apart.selectors] == [
        ("SOCIAL_HANDLE", False, False),
        ("VESSEL", False, False),
    ]


def test_a_report_of_which_the_last_thing_goes_says_that_nothing_is_known() -> None:
    form = report(subjects=[], selectors=[HANDLE])
    parts = without_item(form, At(0, 0), [])
    assert parts is not None
    assert after(form, parts[0]).nothing_known


@pytest.mark.parametrize("text", ["", "x", "1.", ".1", "-1", "1.2.3", "999", "\u0661"])
def test_an_address_that_names_no_place_is_none(text: str) -> None:
    assert At.read(text) is None


def test_what_no_page_can_say_is_not_offered_to_be_changed() -> None:
    form = report()
    assert item_at(form, "person", At(5)) is None, "a company"
    assert kind_of(SelectorIn.model_validate({"type": "AD_TEXT_HASH", "value": "0142"})) is None
    assert item_at(form, "phone", At(0, 0)) is None, "an account"
    assert item_at(form, "phone", At(3, 9)) is None
