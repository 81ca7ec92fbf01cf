"""What another report of the country says of a person or a number holds here too, in whatever form it comes.

Every case was typed by somebody who could register: the second report brought a protected person's key abroad.
"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from register.domain.access.caller import Caller
from register.domain.signals.protection import Protection
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal
from register.services.signals.preview_signal import preview_signal
from register.services.signals.protecting import assess_protection, keep_protection
from register.services.signals.read_signal import read_signal
from schemas.codes import Finding, Partition
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.forms import a_form
from tests.support.found import Person, families, findings, say, waiting
from tests.support.told import drafts_of, live, share_all
from tests.support.web.pages import Statements
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
WAITS = "Something in it is not shared with partners before the register unit has looked at it."


def both_ways(
    two: World, record: Record, first: str, protecting: dict[str, Any], other: dict[str, Any]
) -> tuple[SignalOut, SignalOut]:
    """Register the two reports in either order, and share; gives the one that protects, and the other."""
    if first == "protecting":
        one = record(**protecting)
        share_all(two[AW])
        there = record(**other)
        assert WAITS in there.next_steps
        assert families(two, there) == set()
    else:
        there = record(**other)
        assert WAITS not in there.next_steps
        share_all(two[AW])
        assert families(two, there), "nobody knows better yet"
        before = len(drafts_of(two[AW], there.id, CW))
        one = record(**protecting)
        assert [d.type for d in drafts_of(two[AW], there.id, CW)][before:][:1] == ["indicator.retract"]
    share_all(two[AW])
    return one, there


def about(*persons: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"subjects": list(persons), "selectors": []} | parts


# --- a number of whoever reported ---


@pytest.mark.parametrize("first", ["protecting", "other"])
@pytest.mark.parametrize("under", ["SUSPECT", None])
def test_what_belongs_to_a_reporter_is_withheld_in_every_report_until_the_unit_has_said(
    two: World, record: Record, hotline: Caller, her: Person, him: Person, first: str, under: str | None
) -> None:
    calls = her.phone()
    if under:
        other = about(him.as_(under, him.phone(), calls))
    else:
        other = about(him.as_("SUSPECT", him.phone()), selectors=[calls | {"of_nobody": True}])
    told = about(Person().as_("SUSPECT", Person().phone()), selectors=[calls | {"of_reporter": True}])
    if first == "protecting":
        one = record(**told)
        there = record(**other)
    else:
        there = record(**other)
        share_all(two[AW])
        assert families(two, there) == {(1, "phone"), (0, "phone")} if not under else {(1, "phone")}
        one = record(**told)
        assert families(two, there) == {(1, "phone")}, "in the same transaction"
    share_all(two[AW])
    assert families(two, there) == {(1, "phone")}
    [asked] = findings(two, hotline, there)
    assert (asked.finding, asked.because, asked.because_subject) == (Finding.ALSO_A_REPORTERS, one.id, 0)
    assert asked.id in waiting(two, hotline)
    assert phones(two, there) == 1
    kept = say(two, hotline, asked, "KEEP", "SHARED_BY_MANY")
    share_all(two[AW])
    assert phones(two, there) == 2
    say(two, hotline, kept, "WITHHOLD")
    assert phones(two, there) == 1
    assert findings(two, hotline, one) == []


def test_a_reporter_who_calls_again_is_asked_about_by_nobody(
    two: World, record: Record, hotline: Caller, her: Person, him: Person
) -> None:
    calls = her.phone() | {"of_reporter": True}
    one, again = (record(**about(him.as_("SUSPECT", him.phone()), selectors=[calls])) for _ in range(2))
    share_all(two[AW])
    assert phones(two, one) == phones(two, again) == 1
    assert findings(two, hotline, one) == findings(two, hotline, again) == []


@pytest.mark.parametrize(
    "theirs",
    [
        {"type": "EMAIL", "value": "reporter{}@example.org"},
        {"type": "SOCIAL_HANDLE", "value": "reporter.{}", "platform": "INSTAGRAM"},
        {"type": "PASSPORT", "value": "ZT77{}", "country": "VE"},
        {"type": "PLATE", "value": "A-77{}", "country": "AW"},
    ],
    ids=lambda one: one["type"],
)
def test_whatever_a_reporter_is_found_by_is_withheld_elsewhere(
    two: World, record: Record, her: Person, him: Person, theirs: dict[str, Any]
) -> None:
    thing = theirs | {"value": theirs["value"].format(f"{her.number:03}")}
    record(**about(Person().as_("SUSPECT", Person().phone()), selectors=[thing | {"of_reporter": True}]))
    there = record(**about(him.as_("SUSPECT", him.phone(), thing)))
    share_all(two[AW])
    assert families(two, there) == {(1, "phone")}


# --- what several may use ---


@pytest.mark.parametrize("first", ["protecting", "other"])
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize(
    "thing",
    [
        {"type": "PHONE", "value": "+58 414 {} 0001"},
        {"type": "SOCIAL_HANDLE", "value": "nena.{}", "platform": "INSTAGRAM"},
        {"type": "PASSPORT", "value": "ZT66{}", "country": "VE", "use": "LOOKALIKE"},
    ],
    ids=lambda one: one["type"],
)
def test_a_victims_value_waits_wherever_it_stands_until_the_unit_has_decided(
    two: World,
    record: Record,
    hotline: Caller,
    her: Person,
    him: Person,
    first: str,
    alone: bool,  # noqa: FBT001
    thing: Any,
) -> None:
    value = thing | {"value": thing["value"].format(f"{her.number:03}")}
    bare = {key: part for key, part in value.items() if key != "use"}
    other = about(selectors=[bare | {"of_nobody": True}]) if alone else about(him.as_("SUSPECT", bare))
    _, there = both_ways(two, record, first, about(her.as_("VICTIM_POTENTIAL", value)), other)
    assert families(two, there) == set()
    [asked] = findings(two, hotline, there)
    assert asked.finding in {Finding.ALSO_A_VICTIMS, Finding.RIGHTFUL_HOLDER}
    assert asked.id in waiting(two, hotline)
    kept = say(two, hotline, asked, "KEEP", "OTHER_HOLDER")
    assert WAITS not in read_signal(two[AW], hotline, SignalId(there.id)).next_steps
    share_all(two[AW])
    assert len(families(two, there)) == 1, "let go again"
    say(two, hotline, kept, "WITHHOLD")
    assert families(two, there) == set()


def test_a_report_changed_to_hold_a_victims_phone_tells_nobody_of_it_meanwhile(
    two: World, record: Record, submitter: Caller, hotline: Caller, her: Person, him: Person
) -> None:
    record(**about(her.named("VICTIM_POTENTIAL", her.phone())))
    there = record(**about(him.as_("SUSPECT", him.phone())))
    share_all(two[AW])
    person = him.as_("SUSPECT", him.phone(), her.phone())
    change = AmendIn.model_validate({"changes": {"subjects": [person]}, "reason": "He has another number."})
    changed = amend_signal(two[AW], submitter, SignalId(there.id), change, version=1)
    assert WAITS in changed.next_steps
    share_all(two[AW])
    assert phones(two, there) == 1
    assert len(findings(two, hotline, there)) == 1


def test_a_number_in_very_many_reports_waits_in_the_newest_and_stays_in_the_others(
    two: World, record: Record, her: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep_protection, "ASKED_MAX", 2)
    hotel = [record(**about(Person().as_("EMPLOYER", her.phone()))) for _ in range(4)]
    share_all(two[AW])
    record(**about(her.as_("VICTIM_POTENTIAL", her.phone())))
    assert [bool(families(two, one)) for one in hotel] == [True, True, False, False]


def test_who_enters_a_victims_number_is_told_that_it_waits_and_not_whose_it_is(
    two: World, record: Record, submitter: Caller, hotline: Caller, her: Person, him: Person
) -> None:
    victim = record(hotline, **about(her.as_("VICTIM_POTENTIAL", her.phone())))
    form = about(him.as_("SUSPECT", her.phone()))
    there = record(**form)
    assert WAITS in there.next_steps
    assert all(not one.allowed and "KEYS-7" in one.rules for one in there.sharing)
    again = read_signal(two[AW], submitter, SignalId(there.id))
    assert WAITS in again.next_steps
    for shown in (there, again):
        assert victim.reference not in repr(shown)
        assert str(victim.id) not in repr(shown)
    # A preview leaves nothing in the log: by it anybody could ask of any number whether it is a victim's.
    asked = preview_signal(two[AW], submitter, a_form(**form))
    other = preview_signal(two[AW], submitter, a_form(**about(him.as_("SUSPECT", him.phone()))))
    assert asked.sharing == other.sharing


# --- persons who are nearly the same ---


def name_of(her: Person) -> str:
    return f"{her.name} {her.family}"


@pytest.mark.parametrize("first", ["protecting", "other"])
@pytest.mark.parametrize(
    "nearly",
    [
        pytest.param(lambda her: {"name": f"{her.name} {her.family[:-1]}"}, id="a-letter-less"),
        pytest.param(lambda her: {"name": f"{her.name[:2]}h{her.name[2:]} {her.family}"}, id="a-letter-more"),
        pytest.param(lambda her: {"name": f"Z{her.name[1:]} {her.family}"}, id="another-first-letter"),
        pytest.param(lambda her: {"name": f"{her.name} {her.family[1]}{her.family[0]}{her.family[2:]}"}, id="turned"),
        pytest.param(lambda her: {"name": f"{her.name}{her.family}"}, id="joined"),
        pytest.param(lambda her: {"name": f"Vander{her.family} {her.name}"}, id="a-particle-joined"),
        pytest.param(lambda her: {"name": f"{her.family[0]}. {her.name}"}, id="an-initial"),
        pytest.param(lambda her: {"name": f"{her.name[:2]}\u200b{her.name[2:]} {her.family}"}, id="cut"),
        pytest.param(lambda _: {"birth": {"year": 1990, "month": 3, "day": 5}}, id="a-day-later"),
        pytest.param(lambda _: {"birth": {"year": 1990, "month": 3, "day": 3}}, id="a-day-earlier"),
        pytest.param(lambda _: {"birth": {"year": 1990, "month": 4, "day": 3}}, id="day-and-month-changed-about"),
    ],
)
def test_who_is_nearly_a_victim_is_protected_as_a_whole_until_somebody_has_said_who_it_is(
    two: World, record: Record, hotline: Caller, her: Person, first: str, nearly: Any
) -> None:
    born = {"year": 1990, "month": 3, "day": 4}
    victim = her.as_("VICTIM_POTENTIAL", name=name_of(her), birth=born)
    other = her.as_("SUSPECT", her.phone(), name=name_of(her), birth=born) | nearly(her)
    _, there = both_ways(two, record, first, about(victim), about(other))
    assert families(two, there) == set()
    [asked] = findings(two, hotline, there)
    assert asked.finding is Finding.SAME_PERSON
    say(two, hotline, asked, "ANOTHER", "NAMESAKE")
    share_all(two[AW])
    assert families(two, there) == {(1, "phone"), (1, "person.p1")}


def test_who_was_nearly_a_victim_and_turns_out_to_be_another_passes_on_what_is_hers(
    two: World, record: Record, hotline: Caller, her: Person
) -> None:
    """As long as only a likeness protects her, it passes nothing on; a fact does, also where the likeness was first."""
    almost: dict[str, Any] = {"name": name_of(her), "birth": {"year": 1990, "month": 3, "day": 5}}
    record(**about(her.as_("VICTIM_POTENTIAL", **almost | {"birth": {"year": 1990, "month": 3, "day": 4}})))
    alike = record(**about(her.as_("SUSPECT", her.phone(), her.passport(), **almost)))
    third = record(**about(Person().as_("EMPLOYER", her.passport(), Person().phone())))
    share_all(two[AW])
    assert families(two, alike) == set()
    assert families(two, third) == {(1, "document"), (1, "phone")}
    record(**about(her.as_("VICTIM_POTENTIAL", **almost)))
    with two[AW].work(two.worker(AW)) as work:
        assert Protection.SAME_PERSON in work.signals.protections.reasons(SignalId(alike.id))[1]
    assert families(two, third) == set(), "in the same transaction"
    assert Finding.SAME_PERSON in {one.finding for one in findings(two, hotline, third)}


@pytest.mark.parametrize("first", ["protecting", "other"])
@pytest.mark.parametrize("common", ["nationality", "phone", "handle"])
@pytest.mark.parametrize("without", ["victim", "other"])
def test_one_full_name_without_a_birth_date_and_one_thing_in_common_is_one_person_until_somebody_says_otherwise(
    two: World, record: Record, hotline: Caller, her: Person, first: str, common: str, without: str
) -> None:
    account = {"type": "SOCIAL_HANDLE", "value": f"muestra{her.number:03}", "platform": "INSTAGRAM"}
    thing = {"phone": [her.phone()], "handle": [account], "nationality": []}[common]
    nation: dict[str, Any] = {"nationality": "CO"} if common == "nationality" else {}
    victim = her.as_("VICTIM_POTENTIAL", *thing, name=name_of(her), birth=her.born, **nation)
    other = her.as_("SUSPECT", *thing, her.phone(7), name=name_of(her), birth=her.born, **nation)
    (victim if without == "victim" else other).pop("birth")
    _, there = both_ways(two, record, first, about(victim), about(other))
    assert families(two, there) == set()
    [asked] = findings(two, hotline, there)
    assert asked.finding is Finding.SAME_PERSON
    assert asked.id in waiting(two, hotline)


@pytest.mark.parametrize("first", ["protecting", "other"])
@pytest.mark.parametrize("known", [{"nationality": "CO"}, {"birth": {"year": 1990, "month": 3, "day": 14}}])
def test_a_key_of_a_victims_name_waits_where_nothing_more_of_her_is_known(
    two: World, record: Record, hotline: Caller, her: Person, first: str, known: dict[str, Any]
) -> None:
    victim = her.as_("VICTIM_POTENTIAL", name=name_of(her))
    _, there = both_ways(two, record, first, about(victim), about(her.as_("SUSPECT", name=name_of(her), **known)))
    assert families(two, there) == set()
    assert [one.finding for one in findings(two, hotline, there)] == [Finding.ALSO_A_VICTIMS]


def test_namesakes_of_whom_both_birth_dates_are_known_are_two(two: World, record: Record, her: Person) -> None:
    record(**about(her.named("VICTIM_POTENTIAL") | {"nationality": "CO"}))
    born = {"year": 1970, "month": 8, "day": 20}
    there = record(**about(her.as_("SUSPECT", her.phone(), name=name_of(her), birth=born, nationality="CO")))
    share_all(two[AW])
    assert families(two, there) == {(1, "phone"), (1, "person.p1")}


@pytest.mark.parametrize("first", ["protecting", "other"])
def test_her_account_on_another_platform_waits_until_the_unit_has_decided(
    two: World, record: Record, hotline: Caller, her: Person, him: Person, first: str
) -> None:
    name = f"nena_{her.number:03}"
    account = {"type": "SOCIAL_HANDLE", "value": name, "platform": "INSTAGRAM"}
    victim, other = her.as_("VICTIM_POTENTIAL", account), him.as_("SUSPECT", account | {"platform": "TIKTOK"})
    _, there = both_ways(two, record, first, about(victim), about(other))
    assert families(two, there) == set()
    [asked] = findings(two, hotline, there)
    assert asked.finding is Finding.ALSO_A_VICTIMS


@pytest.mark.parametrize("first", ["protecting", "other"])
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("name", "other", "asked"),
    [
        ("Ma. Belen Ruizz", "María Belén Ruizz", False),
        ("Ana de la Cruzz", "Ana Delacruzz", True),
        ("Ana Maria Solano", "Anamaria Solano", True),
        ("Ana van der Bergh", "Ana Vanderbergh", True),
        ("Ana M. Uribe", "Ana Maria Uribe", True),
        ("A.M. Vidal", "Ana Maria Vidal", True),
        ("\u0410na \u0410breu", "Ana Abreu", False),
        ("ANA\u200bBRICEÑO", "Ana Briceño", False),
    ],
)
def test_one_name_written_otherwise_is_found_nowhere_abroad(
    two: World,
    record: Record,
    hotline: Caller,
    her: Person,
    first: str,
    swapped: bool,  # noqa: FBT001
    name: str,
    other: str,
    asked: bool,  # noqa: FBT001
) -> None:
    # No two cases have two of year, month and day in common: with the name that would be one person.
    born = {"year": 1930 + her.number % 60, "month": 1 + her.number * 5 % 12, "day": 1 + her.number % 28}
    hers, his = (other, name) if swapped else (name, other)
    victim = her.as_("VICTIM_PRESUMED", name=hers, birth=born)
    suspect = her.as_("SUSPECT", her.phone(), name=his, birth=born)
    _, there = both_ways(two, record, first, about(victim), about(suspect))
    found = findings(two, hotline, there)
    assert [one.finding for one in found] == [Finding.SAME_PERSON]
    assert (found[0].family == "person.part") is asked


@pytest.mark.parametrize(
    ("hers", "his"),
    [
        ("Yesenia Noll", "Y. Noll"),
        ("Y. Noll", "Yesenia Noll"),
        ("Ana de la Cruzz", "Ana Delacruzz"),
        ("Ana Maria Solano", "Anamaria Solano"),
        ("Yesenia Noll", "Yesenia Nol"),
    ],
)
@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_who_is_nearly_a_victim_of_the_same_report_is_protected_until_somebody_has_said_who_it_is(
    two: World, record: Record, hotline: Caller, her: Person, hers: str, his: str, order: tuple[int, int]
) -> None:
    born, (n, m) = {"year": 1930 + her.number % 60, "month": 2, "day": 7}, order
    victim = her.as_("VICTIM_PRESUMED", n=n, name=hers, birth=born)
    other = her.as_("SUSPECT", her.phone(), n=m, name=his, birth=born)
    there = record(**about(victim, other))
    share_all(two[AW])
    assert families(two, there) == set()
    [asked] = findings(two, hotline, there)
    assert (asked.finding, asked.because, asked.because_subject) == (Finding.SAME_PERSON, there.id, n)
    assert asked.id in waiting(two, hotline)
    later = say(two, hotline, asked, "ANOTHER", "NAMESAKE")
    share_all(two[AW])
    assert families(two, there) == {(m, "phone"), (m, "person.p1")}
    assert asked.id not in waiting(two, hotline)
    say(two, hotline, later, "SAME")
    assert families(two, there) == set()


def test_two_letters_off_is_somebody_else(two: World, record: Record, her: Person) -> None:
    record(**about(her.named("VICTIM_POTENTIAL")))
    there = record(**about(her.as_("SUSPECT", her.phone(), name=f"{her.name} Zz{her.family[2:]}", birth=her.born)))
    share_all(two[AW])
    assert families(two, there) == {(1, "phone"), (1, "person.p1")}


def test_nearly_the_same_takes_no_more_reports_down_than_a_person_can_look_at(
    two: World, record: Record, hotline: Caller, her: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assess_protection, "ALIKE_MAX", 2)
    there = []
    for n, letter in enumerate("qwx"):
        person = her.as_("SUSPECT", her.phone(n), name=f"{her.name} {her.family}{letter}", birth=her.born)
        there.append(record(**about(person)))
    share_all(two[AW])
    record(**about(her.named("VICTIM_POTENTIAL")))
    assert [bool(families(two, one)) for one in there] == [False, False, True]
    assert all(findings(two, hotline, one) for one in there), "each is asked about"


# --- a witness ---


def test_nothing_of_a_witness_leaves_wherever_it_stands(
    two: World, record: Record, submitter: Caller, hotline: Caller, her: Person, him: Person
) -> None:
    witness = her.named("WITNESS", her.phone(), her.passport()) | {"nationality": "CO"}
    there = record(**about(Person().as_("EMPLOYER", her.phone(), him.phone(5))))
    share_all(two[AW])
    assert phones(two, there) == 2
    one = record(**about(him.as_("SUSPECT", him.phone()), witness | {"n": 2}))
    assert phones(two, there) == 1
    share_all(two[AW])
    assert families(two, one) == {(1, "phone")}
    assert [f.finding for f in findings(two, hotline, there)] == [Finding.ALSO_A_VICTIMS]
    named = record(**about(her.named("SUSPECT", him.phone(6))))
    share_all(two[AW])
    assert families(two, named) == set(), "the whole person, also under another role"
    change = {"subjects": [him.as_("SUSPECT", him.phone()), witness | {"n": 2, "role": "EMPLOYER"}]}
    amend_signal(
        two[AW], submitter, SignalId(one.id), AmendIn.model_validate({"changes": change, "reason": "No."}), version=1
    )
    share_all(two[AW])
    assert families(two, one) == {(1, "phone")}, "whatever is said of them later"


# --- what it costs ---


@pytest.mark.parametrize("role", ["SUSPECT", "VICTIM_POTENTIAL", "WITNESS"])
def test_each_value_of_a_report_is_compared_in_the_statements_of_all(
    two: World, record: Record, her: Person, him: Person, role: str
) -> None:
    def cost(person: dict[str, Any]) -> int:
        said = Statements()

        def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if "signal.reference =" not in statement:  # a reference is drawn by lot, and drawn again where it is taken
                said()

        engine = two[AW].database._engine("api")
        sa.event.listen(engine, "before_cursor_execute", hear)
        try:
            record(**about(person))
        finally:
            sa.event.remove(engine, "before_cursor_execute", hear)
        return said.count

    many = [him.phone(n) for n in range(8)]  # of more, some count as values that were registered by themselves
    assert cost(her.named(role, her.phone())) == cost(him.named(role, *many, more="Una Dua"))


# --- helpers ---


def phones(two: World, signal: SignalOut) -> int:
    found = live(two[AW], signal.id, CW)
    return 0 if found is None else sum(t["family"] == "phone" for t in found["tokens"])
