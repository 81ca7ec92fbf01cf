"""Whatever key is derived of merged values: one that is made of hers is told, in any family and any writing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.pseudonyms.matchkeys import MatchKey, derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.signal_keys import (
    SubjectKey,
    fits_name,
    owned_inputs,
    rightful_elsewhere,
    same_persons,
    selector_of,
    subject_keys,
)
from schemas.codes import Partition
from schemas.signals.parts import SelectorIn
from schemas.signals.signal import SignalIn
from tests.support.forms import a_form

AW = Partition.AW

# Of each class some values, each in several writings.
WRITINGS: list[list[dict[str, Any]]] = [
    [
        {"type": "PHONE", "value": "+58 412 555 7701"},
        {"type": "PHONE", "value": "0412-5557701", "country": "VE"},
        {"type": "PHONE", "value": "0058 4125557701"},
    ],
    [{"type": "PHONE", "value": "560 0142"}, {"type": "PHONE", "value": "+2975600142"}],
    [{"type": "EMAIL", "value": "Prueba@Example.org"}, {"type": "EMAIL", "value": "prueba@example.org"}],
    [
        {"type": "PASSPORT", "value": "ZT1000001", "country": "VE"},
        {"type": "PASSPORT", "value": "zt 100 0001", "country": "VE"},
        {"type": "NATIONAL_ID", "document_type": "ID_CARD", "value": "ZT1000001", "country": "VE"},
        {"type": "PASSPORT", "value": "ZT1OOOOOI", "country": "CO"},
    ],
    [{"type": "PLATE", "value": "A-99901", "country": "AW"}, {"type": "PLATE", "value": "a 99901", "country": "AW"}],
    [
        {"type": "BANK_ACCOUNT", "value": "NL91ABNA0417164300"},
        {"type": "BANK_ACCOUNT", "value": "IBAN nl91 abna 0417 1643 00"},
    ],
    [{"type": "VESSEL", "value": "MV Prueba, IMO 9074729"}, {"type": "VESSEL", "value": "imo9074729"}],
    [
        {"type": "COMPANY_REG", "value": "H01420.0", "country": "AW"},
        {"type": "COMPANY_REG", "value": "h 1420", "country": "AW"},
    ],
    [
        {"type": "SOCIAL_HANDLE", "value": "@prueba.x", "platform": "INSTAGRAM"},
        {"type": "SOCIAL_HANDLE", "value": "https://instagram.com/Prueba.X/", "platform": "INSTAGRAM"},
    ],
]
BORN = {"year": 1984, "month": 5, "day": 17}
NAMES: list[list[dict[str, Any]]] = [
    [
        {"name": "Muestra Inventada", "birth": BORN},
        {"name": "Inventada, Muestra", "birth": {"year": 1984}, "nationality": "VE"},
        {"name": "MUESTRA INVENTADA", "nationality": "VE"},
        {"name": "Muestra Inventáda", "birth": {"year": 1984, "month": 5}, "nationality": "CO"},
    ],
    [{"name": "Otra Persona", "birth": BORN}, {"name": "otra persona", "nationality": "CO"}],
]


@st.composite
def persons(draw: st.DrawFn) -> tuple[dict[str, Any], set[tuple[str, int]]]:
    """Somebody's values in some writing, and which values they are."""
    chosen = draw(st.sets(st.integers(0, len(WRITINGS) - 1), max_size=4))
    name = draw(st.none() | st.integers(0, len(NAMES) - 1))
    selectors = [draw(st.sampled_from(WRITINGS[i])) for i in sorted(chosen)]
    named = {} if name is None else draw(st.sampled_from(NAMES[name]))
    which = {("value", i) for i in chosen} | (set() if name is None else {("name", name)})
    return {"kind": "person", "selectors": selectors, **named}, which


def form_of(*subjects: dict[str, Any], loose: list[dict[str, Any]] | None = None) -> SignalIn:
    roles = ("VICTIM_PRESUMED", "SUSPECT", "EMPLOYER")
    numbered = [{"n": n, "role": roles[n - 1], **s} for n, s in enumerate(subjects, start=1)]
    return a_form(subjects=numbered, selectors=loose or [])


def value_of(key: SubjectKey) -> set[tuple[str, int]]:
    """Which of the values above a key was derived from, told by deriving each of them alone."""
    return {which for which, keys in OF_VALUE.items() if key.key in keys}


def _keys_alone() -> dict[tuple[str, int], set[MatchKey]]:
    found: dict[tuple[str, int], set[MatchKey]] = {}
    for i, writings in enumerate(WRITINGS):
        for one in writings:
            selector = selector_of(SelectorIn.model_validate(one), AW)
            assert selector is not None
            found.setdefault(("value", i), set()).update(derive(selector, mode=Mode.REGISTER))
    for i, names in enumerate(NAMES):
        for name in names:
            keys = subject_keys(form_of({"kind": "person", **name}), AW)
            found.setdefault(("name", i), set()).update(k.key for k in keys)
    return found


OF_VALUE = _keys_alone()


def test_every_family_there_is_takes_part() -> None:
    families = {key.family for keys in OF_VALUE.values() for key in keys}
    assert families == {
        "phone",
        "email",
        "document",
        "plate",
        "handle",
        "iban",
        "vessel",
        "company",
        "person.p0",
        "person.p1",
    }


@given(persons(), persons(), st.sets(st.integers(0, len(WRITINGS) - 1), max_size=3), st.data())
def test_a_key_is_told_to_be_made_of_hers_exactly_where_it_is(
    her: tuple[dict[str, Any], set[tuple[str, int]]],
    him: tuple[dict[str, Any], set[tuple[str, int]]],
    loose: set[int],
    data: st.DataObject,
) -> None:
    beside = [data.draw(st.sampled_from(WRITINGS[i])) for i in sorted(loose)]
    form = form_of(her[0], him[0], loose=beside)
    hers = owned_inputs(form, AW)[1]
    for key in subject_keys(form, AW):
        made_of_hers = bool(value_of(key) & her[1])
        assert bool(hers & key.inputs) is made_of_hers or key.subject == 1


@given(persons())
def test_all_keys_of_a_person_are_made_of_what_they_own(person: tuple[dict[str, Any], set[tuple[str, int]]]) -> None:
    form = form_of(person[0])
    owned = owned_inputs(form, AW)[1]
    assert all(owned & key.inputs for key in subject_keys(form, AW))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"name": "Luis Muestra"}, {"name": "Muestra, Luis"}, True),
        ({"name": "Luis Muestra Ficticio", "birth": BORN}, {"name": "Luis Muestra", "birth": {"year": 1984}}, True),
        ({"name": "Luis Muestra", "birth": BORN}, {"name": "Luis Muestra", "birth": {**BORN, "year": 1960}}, False),
        ({"name": "Luis Muestra", "birth": BORN}, {"name": "Luis", "birth": BORN}, False),
        ({"name": "Luis Muestra"}, {"name": "Ana Muestra"}, False),
        ({"selectors": [WRITINGS[3][0]]}, {"name": "Ana", "selectors": [WRITINGS[3][1]]}, True),
        ({"selectors": [{**WRITINGS[3][0], "use": "LOOKALIKE"}]}, {"selectors": [WRITINGS[3][0]]}, False),
        ({"selectors": [WRITINGS[0][0]]}, {"selectors": [WRITINGS[0][0]]}, False),
    ],
)
def test_one_person_entered_twice_is_told_by_an_own_document_or_by_the_name_as_far_as_it_is_known(
    one: dict[str, Any],
    other: dict[str, Any],
    same: bool,  # noqa: FBT001
) -> None:
    form = form_of({"kind": "person", **one}, {"kind": "person", **other})
    assert same_persons(form, AW) == ((frozenset({1, 2}),) if same else ())


def test_an_account_named_by_its_number_is_made_of_the_phone() -> None:
    account = {"type": "SOCIAL_HANDLE", "value": "+584125557701", "platform": "WHATSAPP"}
    form = form_of({"kind": "person", "selectors": [WRITINGS[0][0]]}, loose=[account])
    [loose] = [k for k in subject_keys(form, AW) if k.subject == 0]
    assert owned_inputs(form, AW)[1] & loose.inputs


def test_a_document_used_as_a_look_alike_is_somebody_elses() -> None:
    used = [{**WRITINGS[3][0], "use": "FALSE"}, WRITINGS[0][0]]
    form = form_of({"kind": "person", "selectors": used})
    assert {key.family for key in rightful_elsewhere(form, 1, AW)} == {"document", "input.number"}


def test_a_name_fits_whoever_may_bear_it() -> None:
    form = form_of({"kind": "person", "name": "Ana Prueba Ficticia", "birth": BORN}, {"kind": "person", "name": "Luis"})
    assert fits_name(form, "Ficticia, Ana") == {1}
    assert fits_name(form, "?") == frozenset()
