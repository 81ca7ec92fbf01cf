"""Who is protected, and why: from everything that is known, and never less for knowing more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.domain.signals.protecting.perhaps_victims import perhaps_a_victim
from register.domain.signals.protecting.said_of_a_name import says_child, says_role
from register.domain.signals.protection import (
    AgeContradicted,
    Interview,
    Known,
    Protection,
    Spoken,
    adult_on,
    age_contradicted,
    check_ages,
    derive_earliest_birth,
    derive_latest_birth,
    is_protected,
    may_be_minor,
    protect,
    spoken_of,
    teller_of,
)
from register.pseudonyms.inputs.written import other_names
from register.pseudonyms.normalise.person import name_tokens
from schemas.codes import SubjectRole
from schemas.signals.parts import Birth, SubjectIn
from schemas.signals.signal import SignalIn
from tests.support.forms import a_form

RECORDED = date(2026, 3, 1)
SPOKEN = Spoken(date(2026, 1, 15), RECORDED)
VICTIMS = {role for role in SubjectRole if role.startswith("VICTIM")}


def a_person(role: str = "COMPANION", n: int = 1, **parts: Any) -> SubjectIn:
    return SubjectIn.model_validate({"n": n, "role": role, "kind": "person"} | parts)


def form_of(*persons: SubjectIn, **parts: Any) -> SignalIn:
    whole = {"period": {"from": "2026-01-15"}, "received_on": "2026-02-01", "selectors": []} | parts
    return a_form(subjects=[p.model_dump(mode="json") for p in persons], **whole)


@pytest.mark.parametrize(
    ("birth", "minor"),
    [
        ({"year": 2008}, True),  # born on 31 December at the latest
        ({"year": 2007}, False),
        ({"year": 2008, "month": 1}, True),
        ({"year": 2007, "month": 12}, False),
        ({"year": 2008, "month": 1, "day": 16}, True),  # eighteen tomorrow
        ({"year": 2008, "month": 1, "day": 15}, False),  # eighteen today
        ({"year": 2018, "month": 3, "day": 4}, True),
        ({"year": 1984}, False),
    ],
)
def test_what_is_not_known_of_a_birth_counts_for_protection(birth: dict[str, int], minor: bool) -> None:  # noqa: FBT001
    assert may_be_minor(Birth(**birth), SPOKEN.first) is minor
    assert is_protected(a_person(birth=birth), SPOKEN) is minor


def test_who_was_born_on_29_february_is_an_adult_on_1_march() -> None:
    assert adult_on(date(2008, 2, 29)) == date(2026, 3, 1)


def test_every_day_that_a_signal_speaks_of_counts() -> None:
    form = form_of(a_person(), period={"from": "2024-01-01", "to": "2026-01-02"}, received_on="2026-02-01")
    assert spoken_of(form, RECORDED) == Spoken(date(2024, 1, 1), RECORDED)
    # Was seventeen when it began, and is twenty when it is registered.
    seen = form_of(a_person(birth={"year": 2006, "month": 1, "day": 2}), period={"from": "2024-01-01"})
    assert protect(seen, RECORDED) == {1: {Protection.BIRTH}}


def test_a_box_contradicts_no_birth_date_if_both_were_true_on_the_last_day_of_the_period() -> None:
    """The period may end after the day on which the report was registered."""
    period = {"from": "2026-01-10", "to": "2026-03-05"}
    grown = a_person(minor=False, birth={"year": 2008, "month": 3, "day": 1})
    check_ages(form_of(grown, period=period, received_on="2026-02-01"), date(2026, 2, 1))
    period["to"] = "2026-02-28"
    with pytest.raises(AgeContradicted):
        check_ages(form_of(grown, period=period, received_on="2026-02-01"), date(2026, 2, 1))


@pytest.mark.parametrize(
    "name",
    [
        *("Lola, 15", "Lola 15a", "Lola ±15", "Lola 15-16", "Lola, ca 15", "Lola (menor de edad, 15)", "Lola, 15 y"),
        *("Lola edad 15", "15-year-old Lola", "Lola 15 anja", "girl of 12", "Kim [15]", "Kim - 15", "Kim (15)"),
        *(
            "Kobi Kindzes, 16",
            "Kim 15 aña di edad",
            "Kim 13 y/o",
            "Kim (10 jr.)",
            "Kim ١٥",
            "Kim １５",
            "Kim15",
            "Kim (geb. 2011)",
            "Kim 2008",  # eighteen, or not yet, in the year that is spoken of
        ),
        *("leerlinge Lola", "Lola (leerling)", "Lola, pupil", "Lola scholier", "alumna Lola", "Lola estudiante"),
        *("mucha Lola", "muchanan di Lola", "alumno", "het kind van Lola", "menores de edad"),
        *("Lola Prima (AMV)", "Lola, minderj.", "Lola (MJ)", "NNA Lola", "Lola u18", "Lola -18", "Lola <18", "AMV's"),
        *(
            "Lola, vijftien jaar",
            "Lola quince años",
            "Lola fifteen years old",
            "vijftienjarige Lola",
            "Lola diessinku aña",
        ),
        *("Lola quinze anos", "Lola (kenz an)", "Lola, dix-sept ans", "zoontje van Rosa", "dochtertje", "zusje Lola"),
        *("niñita", "hermanita de Rosa", "jovencita", "twee meiden", "girls", "timoun Lola", "criança", "menina Lola"),
        *("Lola, mineure", "onder de 18", "menor de 18"),
        *("menor de nombre Lola", "the baby of Lola", "Teenager, name unknown", "minderjarig meisje"),
    ],
)
def test_who_is_called_a_child_beside_the_name_is_protected_until_something_says_otherwise(name: str) -> None:
    assert is_protected(a_person(name=name), SPOKEN)
    assert is_protected(a_person("SUSPECT", name=name), SPOKEN)
    assert not is_protected(a_person(name=name, minor=False), SPOKEN)
    assert is_protected(a_person(name=name, birth={"year": 1980}), SPOKEN), "the date may be that of a false paper"


@pytest.mark.parametrize(
    "name",
    [
        "Lola Prima",
        "Lola, 26",
        "Lola 1990",
        "Kim 2007",
        "Lola 12/05/1980",
        "Benjamin Menores",
        "Kindt",
        "MJ Lopez",
        "Ama Mensah",
        "Boy Croes",
        "Lola, treinta y cinco años",
        "Lola thirty-five years",
        "Lola vijfendertig jaar",
        "Tres Palacios",
        "Kim - 18",
        "Lola 18-18-1990",
    ],
)
def test_a_name_with_no_age_of_a_child_protects_nobody(name: str) -> None:
    assert not is_protected(a_person(name=name), SPOKEN)


@pytest.mark.parametrize(("year", "held"), [(1912, True), (1925, True), (1926, False), (1940, False)])
def test_who_would_be_older_than_a_hundred_is_perhaps_a_child_until_it_is_answered(year: int, held: bool) -> None:  # noqa: FBT001
    assert is_protected(a_person("SUSPECT", birth={"year": year, "month": 10, "day": 11}), SPOKEN) is held
    assert not is_protected(a_person("SUSPECT", birth={"year": year}, minor=False), SPOKEN)


@pytest.mark.parametrize(
    ("kind", "name", "child"),
    [
        ("group", "3 kinderen van Rosa (4, 6 en 9)", True),
        ("group", "vrouwen (19, 22 en 16)", True),
        ("group", "5 vrouwen", False),
    ],
)
def test_of_a_group_a_word_for_a_child_counts_and_what_can_only_be_an_age(
    kind: str,
    name: str,
    child: bool,  # noqa: FBT001 - a case
) -> None:
    assert is_protected(a_person(kind=kind, name=name), SPOKEN) is child


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Lolarona, 15", True),
        ("Lolarona (17)", True),
        ("Kids Travel NV", True),
        ("Refugio Tours", True),
        ("Bar 7 Mares", False),
        ("Hotel Sol (12 rooms)", False),
        ("Peuterzaal Zon", False),
    ],
)
def test_a_company_that_is_called_as_a_child_or_a_victim_is_asked_about_and_is_not_taken_for_one(
    name: str,
    asked: bool,  # noqa: FBT001 - a case
) -> None:
    one = a_person(kind="company", name=name)
    assert perhaps_a_victim(a_form(), one) is asked
    assert not is_protected(one, SPOKEN)


def test_a_student_is_a_child_at_a_school_only_and_what_a_school_or_an_adoption_tells_is_of_one() -> None:
    student = a_person("SUSPECT", name="Kim, student")
    school = {"island": "AW", "location_type": "SCHOOL"}
    assert protect(form_of(student, place=school), RECORDED)
    assert not protect(form_of(student), RECORDED)
    for parts in ({"place": school, "source": "SCHOOL"}, {"exploitation_forms": ["ADOPTION"]}):
        assert protect(form_of(a_person(), a_person("SUSPECT", n=2), **parts), RECORDED) == {1: {Protection.CHILD_SEEN}}


@pytest.mark.parametrize(
    "said",
    [
        *("Lola Prima (slachtoffer)", "Lola Prima (víctima)", "Lola Prima - getuige", "testigo protegida Lola Prima"),
        *("Melder: Lola Prima", "Lola Prima, zwanger, opvang", "Lola Prima victim", "witness Lola Prima"),
        *("Lola Prima (tipgever)", "belster Lola Prima", "klokkenluider Lola Prima", "Lola Prima, aangeefster"),
        *("aangever Lola Prima", "gedupeerde Lola Prima", "Lola Prima (overlevende)", "survivor Lola Prima"),
        *("Lola Prima, sobreviviente", "complainant Lola Prima", "Lola Prima (slachtofferopvang, bewoonster)"),
        *(
            "vict. Lola Prima",
            "Lola Prima - bedenktijd",
            "viktim Lola Prima",
            "vítima Lola Prima",
            "Lola Prima, victime",
        ),
        *("Lola Prima (beller)", "tipgevers: Lola Prima", "plaignante Lola Prima", "ikzelf, Lola Prima"),
        *("reporter Lola Prima", "denunciante Lola Prima", "Lola Prima (shelter)", "víktima Lola Prima"),
    ],
)
def test_who_is_called_a_victim_a_witness_or_a_reporter_is_held_and_the_word_is_no_part_of_the_name(said: str) -> None:
    found = protect(form_of(a_person("SUSPECT", name=said, birth={"year": 1980}, minor=False)), RECORDED)
    assert found == {1: {Protection.CALLED}}
    assert name_tokens(said) == name_tokens("Lola Prima")


@pytest.mark.parametrize(
    "said",
    [
        *("Lola Prima (ik zelf)", "Lola Prima, wil anoniem blijven", "Lola Prima (buurvrouw die belde)"),
        *("Lola Prima (quiere ser anónima)", "yo misma, Lola Prima"),
    ],
)
def test_what_somebody_says_of_themselves_in_several_words_is_held_and_left_out_in_one_reading(said: str) -> None:
    one = a_person("SUSPECT", name=said, birth={"year": 1980}, minor=False)
    assert protect(form_of(one), RECORDED) == {1: {Protection.CALLED}}
    assert name_tokens("Lola Prima") in {name_tokens(other) for other in other_names(said)}


@pytest.mark.parametrize(
    "name",
    ["Lola Prima - zus van de baas", "Lola Prima (werkt in de bar)", "Lola Prima, vijftien jaar", "Lola Prima 15 jaar"],
)
def test_a_remark_that_nobody_understands_is_left_out_in_one_reading_of_the_name(name: str) -> None:
    assert name_tokens("Lola Prima") in {name_tokens(other) for other in other_names(name)}


@pytest.mark.parametrize("surname", ["Melder", "Scholier", "Menor", "Leerling", "Pupil", "Refugio"])
def test_a_surname_that_is_such_a_word_too_is_compared_and_the_word_is_understood_where_a_mark_sets_it_off(
    surname: str,
) -> None:
    whole = name_tokens(f"Jan {surname}")
    assert whole == tuple(sorted(["jan", surname.casefold()]))
    for same in (f"{surname} Jan", f"{surname}, Jan", f"JAN {surname.upper()}", f"Jan {surname} (slachtoffer)"):
        assert name_tokens(same) == whole
    assert surname.casefold() in name_tokens(f"Jan Pieter {surname}")
    assert name_tokens(f"Ana {surname}-Bosk") == tuple(sorted(["ana", "bosk", surname.casefold()]))
    assert name_tokens(f"({surname})") == name_tokens(surname) == (surname.casefold(),)
    word = surname.casefold()
    for said in ("Jan ({})", "{}: Jan", "Jan, {}", "Jan - {}", "{} - Jan", "Jan [{}]", "Jan / {}", "Jan ({}, zwanger)"):
        assert name_tokens(said.format(word)) == ("jan",)


@pytest.mark.parametrize("name", ["Jan Melder", "Melder, Jan", "Maria del Refugio Prima", "melder Lola Prima"])
def test_who_may_be_called_so_is_asked_about_and_not_taken_for_a_reporter(name: str) -> None:
    one = a_person("SUSPECT", name=name, birth={"year": 1980})
    assert perhaps_a_victim(a_form(), one)
    assert not is_protected(one, SPOKEN)
    assert is_protected(a_person("SUSPECT", name="Jan (melder)", birth={"year": 1980}), SPOKEN)


@pytest.mark.parametrize(
    "plural",
    [
        *("kinderen", "victims", "viktimanan", "testigos", "testigunan", "witnesses", "reporters", "denunciantes"),
        *("informantes", "minderjarigen", "leerlingen", "estudiantes"),
    ],
)
def test_several_of_them_are_no_part_of_a_name_either(plural: str) -> None:
    assert name_tokens(f"{plural} Lola Prima") == name_tokens("Lola Prima")
    assert says_role(plural) or says_child(plural, at_school=False)


@pytest.mark.parametrize("role", SubjectRole)
def test_a_victims_role_protects_and_no_other_does(role: str) -> None:
    assert is_protected(a_person(role, birth={"year": 1980}), SPOKEN) is (role in VICTIMS)


def test_a_role_that_the_edition_protects_protects_for_good_and_makes_nobody_a_victim_or_a_minor() -> None:
    witness = form_of(a_person("WITNESS", birth={"year": 1980}))
    assert not protect(witness, RECORDED)
    found = protect(witness, RECORDED, Known(roles=frozenset({"WITNESS"})))
    assert found == {1: {Protection.WITNESS}}
    assert not any(why.of_victims or why.of_minors for why in found[1])
    later = form_of(a_person("SUSPECT", birth={"year": 1980}))
    assert protect(later, RECORDED, Known(before=found)) == found


@pytest.mark.parametrize(
    ("person", "protected"),
    [
        (a_person(), True),
        (a_person("WITNESS"), True),
        (a_person("SUSPECT"), False),
        (a_person("EMPLOYER"), False),
        (a_person(minor=False), False),
        (a_person(birth={"year": 1990}), False),
        (a_person(kind="company"), False),
    ],
)
def test_children_seen_protect_who_may_be_one_of_them(person: SubjectIn, protected: bool) -> None:  # noqa: FBT001
    assert bool(protect(form_of(person, persons_seen={"adults": 3, "children": 1}), RECORDED)) is protected
    assert not protect(form_of(person, persons_seen={"adults": 3}), RECORDED)


def test_an_interview_protects_whom_its_name_fits_or_else_all_whom_nothing_blames() -> None:
    form = form_of(a_person("SUSPECT", 1), a_person("COMPANION", 2), a_person("RELATIVE", 3), a_person("EMPLOYER", 4))

    def by(**parts: Any) -> dict[int, Any]:
        whole: dict[str, Any] = {"on_ladder": True, "age_band": "30-39"}
        known = Known(interviews=(Interview(**(whole | parts)),))
        return dict(protect(form, RECORDED, known))

    assert by() == {2: {Protection.MEANT}, 3: {Protection.MEANT}}
    assert by(who=frozenset({1})) == {1: {Protection.LADDER}}, "who is suspected may be a victim"
    assert by(on_ladder=False, age_band="12-17", who=frozenset({2})) == {2: {Protection.BAND}}
    assert by(on_ladder=False) == by(), "one talks so with possible victims"
    assert by(on_ladder=False, held=False) == {}, "it was taken back"
    assert by(nearly=frozenset({1, 4})) == {1: {Protection.MEANT}, 4: {Protection.MEANT}}
    assert by(nearly=frozenset({1, 4}), others=frozenset({1})) == {4: {Protection.MEANT}}
    assert by(on_ladder=False, who=frozenset({1})) == {1: {Protection.MEANT}}, "an adult, by an exact name"


def test_who_was_taken_off_the_ladder_stays_protected_until_that_is_lifted() -> None:
    form = form_of(a_person("SUSPECT"))
    ladder = frozenset({Protection.LADDER})
    taken_off = Known(ladder=frozenset({1}))
    assert protect(form, RECORDED, taken_off) == {1: ladder}
    lifted = replace(taken_off, lifted={1: ladder})
    assert protect(form, RECORDED, lifted) == {}
    assert protect(form, RECORDED, replace(lifted, standing=frozenset({1}))) == {1: ladder}


def test_one_person_under_two_numbers_is_protected_under_both() -> None:
    form = form_of(a_person("SUSPECT", 1), a_person("VICTIM_PRESUMED", 2))
    assert set(protect(form, RECORDED)) == {2}
    assert set(protect(form, RECORDED, Known(same=(frozenset({1, 2}),)))) == {1, 2}


@pytest.mark.parametrize(
    ("said", "stays"),
    [
        ({"reporter_anonymous": True}, Protection.UNNAMED),
        ({"source": "VICTIM"}, Protection.TOLD_IT),
    ],
)
def test_what_was_once_said_of_who_told_it_stays_whatever_a_later_form_says(
    said: dict[str, Any], stays: Protection
) -> None:
    later = form_of(a_person(), reporter_anonymous=False, source="GOV_DEPT")
    before = teller_of(form_of(a_person(), **said))
    assert before == {stays}
    assert teller_of(later, before) == {stays}
    assert teller_of(later) == frozenset()


def test_who_was_entered_as_a_victim_and_as_a_relative_is_no_relative_of_themselves() -> None:
    form = form_of(a_person("VICTIM_PRESUMED", 1), a_person("RELATIVE", 2), a_person("RELATIVE", 3))
    known = Known(beside=frozenset({"RELATIVE"}), same=(frozenset({1, 2}),))
    hers, relatives = frozenset({Protection.ROLE}), frozenset({Protection.RELATIVE})
    assert protect(form, RECORDED, known) == {1: hers, 2: hers, 3: relatives}
    assert protect(form, RECORDED, replace(known, same=())) == {1: hers, 2: relatives, 3: relatives}


@pytest.mark.parametrize(
    ("minor", "birth", "contradicted"),
    [
        (False, {"year": 2015}, True),
        (False, {"year": 2008}, False),  # may be either: protected, and not asked
        (False, {"year": 1984}, False),
        (True, {"year": 1984}, False),  # a false paper, it may be: protected, and asked about
        (True, {"year": 2008}, False),
        (None, {"year": 2015}, False),
    ],
)
def test_only_what_cannot_both_be_true_is_asked(minor: bool | None, birth: dict[str, int], contradicted: bool) -> None:  # noqa: FBT001
    assert age_contradicted(minor, Birth(**birth), SPOKEN) is contradicted
    form = form_of(a_person(), a_person(n=2, birth=birth, minor=minor))
    if contradicted:
        with pytest.raises(AgeContradicted) as refused:
            check_ages(form, RECORDED)
        assert refused.value.details == {"pointer": "/subjects/1/minor"}
        assert str(birth["year"]) not in str(refused.value)
    else:
        check_ages(form, RECORDED)


# --- for any facts whatever ---

days = st.dates(date(2000, 1, 1), date(2026, 12, 31))


@st.composite
def births(draw: st.DrawFn) -> Birth:
    born = draw(st.dates(date(1950, 1, 1), date(2026, 1, 1)))
    known = draw(st.integers(1, 3))
    return Birth(year=born.year, month=born.month if known > 1 else None, day=born.day if known > 2 else None)


people = st.builds(
    a_person,
    role=st.sampled_from(SubjectRole),
    birth=st.none() | births().map(lambda b: b.model_dump()),
    minor=st.none() | st.booleans(),
)
reasons = st.dictionaries(st.integers(1, 3), st.frozensets(st.sampled_from(Protection), min_size=1), max_size=3)
interviews = st.builds(
    Interview,
    on_ladder=st.booleans(),
    age_band=st.sampled_from(["12-17", "30-39", "UNKNOWN"]),
    who=st.frozensets(st.integers(1, 3), max_size=2),
)
knowns = st.builds(
    Known,
    before=reasons,
    ladder=st.frozensets(st.integers(1, 3)),
    interviews=st.lists(interviews, max_size=2).map(tuple),
    same=st.lists(st.frozensets(st.integers(1, 3), min_size=2), max_size=1).map(tuple),
)


def numbered(persons: list[SubjectIn]) -> list[SubjectIn]:
    return [p.model_copy(update={"n": n}) for n, p in enumerate(persons, start=1)]


@given(birth=births(), first=days, later=st.integers(0, 9_000))
def test_who_may_be_a_minor_on_a_day_may_be_one_on_every_earlier_day(birth: Birth, first: date, later: int) -> None:
    assert may_be_minor(birth, first) or not may_be_minor(birth, first + timedelta(days=later))


@given(birth=births(), on=days)
def test_knowing_less_of_a_birth_never_protects_less(birth: Birth, on: date) -> None:
    for vaguer in (Birth(year=birth.year), Birth(year=birth.year, month=birth.month)):
        assert may_be_minor(vaguer, on) or not may_be_minor(birth, on)
    assert derive_earliest_birth(birth) <= derive_latest_birth(birth)


@given(st.lists(people, min_size=1, max_size=3).map(numbered), knowns, knowns, days)
def test_no_fact_takes_a_reason_away(persons: list[SubjectIn], known: Known, more: Known, recorded: date) -> None:
    form = form_of(*persons)
    before = protect(form, recorded, known)
    together = Known(
        before={n: known.before.get(n, frozenset()) | more.before.get(n, frozenset()) for n in (1, 2, 3)},
        ladder=known.ladder | more.ladder,
        interviews=known.interviews + more.interviews,
        same=known.same + more.same,
    )
    after = protect(form, recorded, together)
    assert all(why <= after.get(n, frozenset()) for n, why in before.items())


@given(
    st.lists(people, min_size=1, max_size=3).map(numbered),
    st.lists(people, min_size=3, max_size=3).map(numbered),
    knowns,
    days,
)
def test_no_correction_of_the_form_releases_what_was_found(
    persons: list[SubjectIn], corrected: list[SubjectIn], known: Known, recorded: date
) -> None:
    before = protect(form_of(*persons), recorded, known)
    after = protect(form_of(*corrected), recorded, replace(known, before=before))
    # That somebody has left protects nobody: it is forgotten of whoever stands in the form.
    assert all(why - {Protection.LEFT} <= after.get(n, frozenset()) for n, why in before.items())


@given(st.lists(people, min_size=1, max_size=3).map(numbered), knowns, days, st.integers(0, 9_000))
def test_no_date_releases_anybody(persons: list[SubjectIn], known: Known, recorded: date, later: int) -> None:
    form = form_of(*persons)
    before = protect(form, recorded, known)
    after = protect(form, recorded + timedelta(days=later), replace(known, before=before))
    assert all(why <= after[n] for n, why in before.items())
