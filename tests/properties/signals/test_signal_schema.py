"""Whatever a service can lawfully type survives the journey; whatever it cannot is refused without an echo."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.codes import code_list
from schemas.codes.countries import COUNTRIES
from schemas.signals.changes import AmendIn
from schemas.signals.signal import SignalIn

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60).filter(str.strip)
PROSE = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t"), min_size=1).filter(str.strip)


def one_of(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(code_list(name).codes)


def some_of(name: str) -> st.SearchStrategy[list[str]]:
    return st.lists(one_of(name), unique=True, max_size=4)


@st.composite
def selectors(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(one_of("identifier_type").filter(lambda code: code != "NAME_DOB"))
    selector = {"type": kind, "value": draw(LINES)}
    if kind in {"PASSPORT", "NATIONAL_ID", "RESIDENCE_PERMIT", "PLATE", "COMPANY_REG"} or draw(st.booleans()):
        selector["country"] = draw(st.sampled_from(sorted(COUNTRIES)))
    if kind == "SOCIAL_HANDLE":
        selector["platform"] = draw(one_of("platform"))
    if kind == "NATIONAL_ID":
        selector["document_type"] = draw(one_of("document_type"))
    if kind in {"PASSPORT", "NATIONAL_ID", "RESIDENCE_PERMIT"} and draw(st.booleans()):
        selector["use"] = draw(one_of("document_use"))
    return selector


@st.composite
def people(draw: st.DrawFn, n: int) -> dict[str, Any]:
    born = draw(DAYS)
    birth = {"year": born.year, "month": born.month, "day": born.day}
    known = draw(st.integers(0, 3))
    return {
        "n": n,
        "role": draw(one_of("subject_role")),
        "kind": "person",
        "name": draw(st.none() | LINES),
        "birth": dict(list(birth.items())[:known]) or None,
        "nationality": draw(st.none() | st.sampled_from(sorted(COUNTRIES))),
        "minor": draw(st.none() | st.booleans()),
        "selectors": draw(st.lists(selectors(), max_size=2)),
    }


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    begin, end = sorted((draw(DAYS), draw(DAYS)))
    numbers = draw(st.lists(st.integers(1, 32), unique=True, max_size=3))
    subjects = [draw(people(n)) for n in numbers]
    loose = draw(st.lists(selectors(), max_size=2))
    exploited = draw(some_of("exploitation_form"))
    guarantees = [
        {"kind": draw(one_of("guarantee_kind")), "service": draw(LINES), "on": str(draw(DAYS)), "guarantor": n}
        for n in numbers[:1]
    ]
    return {
        "kind": draw(one_of("signal_kind")),
        "urgency": draw(one_of("urgency")),
        "account": draw(PROSE),
        "received_on": str(draw(DAYS)),
        "period": {"from": str(begin), "to": draw(st.sampled_from([None, str(end)]))},
        "place": {
            "island": draw(one_of("island")),
            "location_type": draw(one_of("location_type")),
            "locality": draw(st.none() | LINES),
        },
        "signal_type": draw(one_of("signal_type")),
        "source": draw(one_of("source")),
        "reporter_anonymous": draw(st.booleans()),
        "channel": draw(one_of("channel")),
        "subjects": subjects,
        "selectors": loose,
        "nothing_known": not (subjects or loose),
        "guarantees": guarantees,
        "exploitation_forms": exploited,
        "sexual_form": draw(one_of("sexual_form")) if "SEX" in exploited else None,
        "means": draw(some_of("means")),
        "recruitment": draw(some_of("recruitment_method")),
        "purpose": draw(st.none() | one_of("purpose")),
        "legal_basis": draw(st.none() | one_of("legal_basis")),
        "visibility": draw(st.none() | one_of("visibility")),
    }


@given(forms())
def test_form_comes_back_the_same_from_json_and_from_plain_values(form: dict[str, Any]) -> None:
    read = SignalIn.model_validate(form)
    assert SignalIn.model_validate_json(read.model_dump_json()) == read
    assert SignalIn.model_validate(read.model_dump()) == read
    assert SignalIn.model_validate(read.model_dump(mode="json", exclude_unset=True)) == read


@given(forms())
def test_every_part_that_was_typed_is_kept(form: dict[str, Any]) -> None:
    kept = SignalIn.model_validate(form).model_dump(mode="json", exclude_unset=True)
    assert set(kept) == set(form)
    for part in ("kind", "received_on", "signal_type", "means", "exploitation_forms", "legal_basis", "nothing_known"):
        assert kept[part] == form[part]
    assert kept["account"] == form["account"].strip()
    assert [s["value"] for s in kept["selectors"]] == [s["value"].strip() for s in form["selectors"]]


@given(forms(), forms())
def test_amending_to_another_form_gives_that_form(before: dict[str, Any], after: dict[str, Any]) -> None:
    after |= {part: before[part] for part in ("kind", "signal_type")}
    changes = {part: value for part, value in after.items() if part not in {"kind", "signal_type"}}
    amend = AmendIn.model_validate({"reason": "Heard again.", "changes": changes})
    assert amend.applied_to(SignalIn.model_validate(before)) == SignalIn.model_validate(after)


@given(forms(), st.data())
def test_value_in_the_wrong_place_is_refused_without_an_echo(form: dict[str, Any], data: st.DataObject) -> None:
    canary = "Qx7" + data.draw(st.text("ZWVJ", min_size=6, max_size=12))
    part = data.draw(st.sampled_from(sorted(set(form) - {"account"})))
    with pytest.raises(ValidationError) as refused:
        SignalIn.model_validate(form | {part: canary})
    assert canary not in str(refused.value)
    assert canary not in str(refused.value.errors(include_input=False))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_anything_else_is_refused_as_a_form_and_never_breaks_it(anything: object) -> None:
    with pytest.raises(ValidationError):
        SignalIn.model_validate(anything)
