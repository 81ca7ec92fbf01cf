"""What was typed becomes the form of a signal, or a fault that leads to its field; nothing typed makes it fall over."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.frame.addresses import own_path
from api.web.frame.languages import Words
from api.web.signals.reporting.answers import Reader
from api.web.signals.reporting.known import (
    FIELDS,
    GONE,
    OF_NOBODY,
    OF_REPORTER,
    OPEN,
    persons_of,
    put,
    read_item,
    read_items,
    things_of,
    without,
)
from api.web.signals.reporting.sending import groups_of
from api.web.signals.reporting.steps import (
    AID_GROUPS,
    AID_MEANS,
    BY_NAME,
    MAIN_TYPES,
    USUAL,
    Asked,
    defaults_of,
    faults_of,
    first_open,
    signal_of,
)
from schemas.codes import Partition, code_list
from schemas.signals.out import SharingPreview
from tests.support.web.messages import WEB

TODAY = date(2026, 3, 1)
ASKED = Asked(Partition.AW, "submission", TODAY)
WHOLE: dict[str, dict[str, Any]] = {
    "urgency": {"urgency": "NORMAL"},
    "what": {"account": "Seen twice at the bus stop."},
    "when": {"from": "2026-02-28", "to": "", "island": "AW", "location_type": "STREET", "locality": ""},
    "type": {"signal_type": "UNDETERMINED"},
    "source": {"source": "CITIZEN", "anonymous": "", "channel": "PHONE", "received_on": "2026-03-01"},
    "known": {"nothing": "yes"},
}
PERSON = {"id": "0", "kind": "person", "role": "SUSPECT", "name": "", "year": "", "month": "", "day": "",
          "nationality": "", "minor": ""}  # fmt: skip
PHONE = {"id": "0", "kind": "phone", "number": "+297 000 0142", "owner": ""}


def person(entry: str) -> dict[str, str]:
    return {**PERSON, "id": entry}


def phone_of(owner: str) -> dict[str, str]:
    return {**PHONE, "owner": owner}


def test_the_eight_answers_are_a_signal() -> None:
    signal = signal_of(WHOLE, ASKED)

    assert (signal.urgency, signal.place.island, signal.nothing_known) == ("NORMAL", "AW", True)


@pytest.mark.parametrize("step", BY_NAME)
def test_page_that_was_not_sent_is_the_next_one_to_answer(step: str) -> None:
    assert first_open({name: typed for name, typed in WHOLE.items() if name != step}, ASKED) == step


def test_all_pages_answered_leave_nothing_open() -> None:
    assert first_open(WHOLE, ASKED) is None


@pytest.mark.parametrize(
    ("step", "field", "typed"),
    [
        ("urgency", "urgency", ""),
        ("urgency", "urgency", "SOON"),
        ("what", "account", ""),
        ("what", "account", "x" * 8_001),
        ("what", "account", "a\x00b"),
        ("when", "from", ""),
        ("when", "from", "yesterday"),
        ("when", "from", "2026-03-02"),
        ("when", "from", "0999-01-01"),
        ("when", "to", "2026-02-27"),
        ("when", "island", ""),
        ("when", "location_type", "MOON"),
        ("when", "locality", "x" * 201),
        ("type", "signal_type", ""),
        ("source", "source", ""),
        ("source", "channel", "PIGEON"),
        ("source", "received_on", "2027-01-01"),
    ],
)
def test_wrong_answer_is_a_fault_of_its_own_field(step: str, field: str, typed: str) -> None:
    faults = faults_of(BY_NAME[step], {**WHOLE[step], field: typed}, ASKED, WHOLE)

    assert [fault.field for fault in faults] == [field]


def test_a_story_that_is_too_long_is_refused_with_the_limit_and_by_how_much_and_nothing_is_cut() -> None:
    """A paste of 5,000 emoji was cut to 4,000 without a word."""
    assert faults_of(BY_NAME["what"], {"account": "\U0001f6a8" * 5_000}, ASKED, WHOLE) == []
    [fault] = faults_of(BY_NAME["what"], {"account": "x" * 9_412}, ASKED, WHOLE)
    assert fault.says.values == {"most": 8_000, "over": 1_412}
    for file in (WEB / "templates").rglob("*.html"):
        assert "maxlength" not in file.read_text(), file


@pytest.mark.parametrize(
    ("step", "field", "typed", "sure", "about"),
    [
        ("when", "from", {"from": "1926-02-28"}, "sure_long", "1926-02-28"),
        ("source", "received_on", {"received_on": "1926-03-01"}, "sure_long", "1926-03-01"),
        ("source", "received_on", {"received_on": "2026-02-27"}, "sure_before", "2026-02-27<2026-02-28"),
    ],
)
def test_an_odd_day_is_asked_about_and_taken_once_somebody_says_yes_to_that_very_day(
    step: str, field: str, typed: dict[str, str], sure: str, about: str
) -> None:
    answers = {**WHOLE[step], **typed}
    if sure == "sure_long" and step == "source":
        answers |= {"sure_before": "1926-03-01<2026-02-28"}
    [fault] = faults_of(BY_NAME[step], answers, ASKED, WHOLE)
    assert (fault.field, fault.sure) == (field, (sure, about))
    assert faults_of(BY_NAME[step], {**answers, sure: "2000-01-01"}, ASKED, WHOLE) == [fault], "said of another day"
    assert faults_of(BY_NAME[step], {**answers, sure: about}, ASKED, WHOLE) == []


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ({"day": "23/4/79"}, ("23", "4", "1979")),
        ({"day": "3 apr 1979"}, ("3", "4", "1979")),
        ({"year": "mei 1990"}, ("", "5", "1990")),
        ({"year": "79"}, ("", "", "1979")),
        ({"day": "3", "month": "april", "year": "79"}, ("3", "april", "1979")),
        ({"day": "3/4/79", "month": "4"}, ("3", "4", "1979")),
    ],
)
def test_a_birth_date_is_read_as_people_write_it_and_shown_as_it_was_read(
    typed: dict[str, str], read: tuple[str, str, str]
) -> None:
    item = read_item("person", Reader({"role": "SUSPECT", **typed}, TODAY), persons=[])
    assert item is not None
    assert (item["day"], item["month"], item["year"]) == read


@pytest.mark.parametrize("typed", [{"day": "3/4/79"}, {"day": "3/4/79", "year": "79"}, {"year": "3/4/1979"}])
def test_a_birth_date_that_may_be_two_is_shown_back_as_both(typed: dict[str, str]) -> None:
    reader = Reader({"role": "SUSPECT", **typed}, TODAY)
    assert read_item("person", reader, persons=[]) is None
    [fault] = reader.faults
    says = Words("en", Partition.AW).plain(fault.says)
    assert says == "Is it 3 April 1979 or 4 March 1979? Write the month by its name."


def test_neither_something_nor_nothing_is_a_fault() -> None:
    assert [fault.field for fault in faults_of(BY_NAME["known"], {"nothing": ""}, ASKED, WHOLE)] == ["add"]


def test_things_added_count_only_when_somebody_said_that_they_are_all() -> None:
    assert faults_of(BY_NAME["known"], {"items": [PHONE]}, ASKED, WHOLE)
    assert not faults_of(BY_NAME["known"], {"items": [PHONE], "closed": "yes"}, ASKED, WHOLE)


@pytest.mark.parametrize(
    ("kind", "field", "typed"),
    [
        ("person", "role", {"role": ""}),
        ("person", "year", {"role": "SUSPECT", "year": "850"}),
        ("person", "year", {"role": "SUSPECT", "month": "5"}),
        ("person", "year", {"role": "SUSPECT", "year": "2027"}),
        ("person", "day", {"role": "SUSPECT", "year": "1985", "month": "2", "day": "30"}),
        ("person", "day", {"role": "SUSPECT", "year": "1985", "day": "3"}),
        ("person", "month", {"role": "SUSPECT", "year": "1985", "month": "²"}),
        ("person", "year", {"role": "SUSPECT", "year": "²"}),
        ("person", "year", {"role": "SUSPECT", "year": "1" * 5_000}),
        ("person", "day", {"role": "SUSPECT", "year": "1985", "month": "2", "day": "1" * 5_000}),
        ("person", "month", {"role": "SUSPECT", "year": "1985", "month": "000000001" * 600}),
        ("person", "nationality", {"role": "SUSPECT", "nationality": "XX"}),
        ("phone", "number", {"number": ""}),
        ("phone", "owner", {"number": "1", "owner": "2"}),
        ("phone", "owner", {"number": "1", "owner": "-1"}),
        ("document", "document_type", {"number": "A1", "country": "CO"}),
        ("document", "country", {"document_type": "PASSPORT", "number": "A1"}),
        ("document", "use", {"document_type": "PASSPORT", "number": "A1", "country": "CO", "use": "SOLD"}),
        ("plate", "country", {"number": "A-1"}),
        ("online", "platform", {"number": "somebody"}),
        ("mark", "mark_type", {"number": "NL91ABNA0417164300"}),
        ("mark", "mark_type", {"mark_type": "AD_TEXT_HASH", "number": "0142"}),
        ("mark", "number", {"mark_type": "ADDRESS"}),
        ("mark", "country", {"mark_type": "COMPANY_REG", "number": "H01420"}),
    ],
)
def test_wrong_thing_is_a_fault_of_its_own_field(kind: str, field: str, typed: dict[str, str]) -> None:
    reader = Reader(typed, TODAY)

    assert read_item(kind, reader, persons=["1"]) is None
    assert [fault.field for fault in reader.faults] == [field]


@given(
    st.lists(st.sampled_from([PERSON, *(phone_of(owner) for owner in ("", "0", "1", "2", OF_NOBODY))]), max_size=6),
    st.lists(st.sampled_from(["", GONE, OPEN, OF_NOBODY, OF_REPORTER, "0", "1", "2", "9", "x"]), min_size=6),
    st.data(),
)
def test_nothing_of_a_person_who_is_taken_off_moves_to_nobody_by_itself(
    entries: list[dict[str, str]], said: list[str], data: st.DataObject
) -> None:
    items = [{**one, "id": str(n)} for n, one in enumerate(entries)]
    persons = {one["id"] for one in persons_of(items)}
    items = [one for one in items if not one.get("owner", "").isdigit() or one["owner"] in persons]
    if not items:
        return
    gone = data.draw(st.sampled_from([one["id"] for one in items]))
    theirs = {one["id"] for one in things_of(items, gone)}
    things = dict(zip(sorted(theirs), said, strict=False))
    left = without(items, gone, things)

    if any(things[one] not in {GONE, OPEN, OF_NOBODY, OF_REPORTER, *(persons - {gone})} for one in theirs):
        assert left is None, "it is asked"
        return
    assert left is not None
    owners = {one["id"]: one["owner"] for one in items if one["kind"] == "phone"}
    for thing in theirs:
        owners[thing] = "" if things[thing] == OPEN else things[thing]
    goes = {gone} | {thing for thing in theirs if things[thing] == GONE}
    assert [one["id"] for one in left] == [one["id"] for one in items if one["id"] not in goes]
    assert {x["id"]: x["owner"] for x in left if x["kind"] == "phone"} == {
        entry: owner for entry, owner in owners.items() if entry not in goes
    }


def test_a_person_who_is_changed_keeps_what_is_theirs() -> None:
    items = [person("3"), person("5"), {**phone_of("5"), "id": "7"}]
    changed = put(items, {**person("5"), "role": "COMPANION"})
    assert [one["id"] for one in changed] == ["3", "5", "7"]
    assert [one["id"] for one in things_of(changed, "5")] == ["7"]
    assert read_items(changed)["subjects"][1]["selectors"][0]["value"] == PHONE["number"]


def test_what_is_said_to_be_nobodys_is_sent_as_such() -> None:
    [loose] = read_items([PERSON, {**PHONE, "owner": OF_NOBODY}])["selectors"]
    assert loose["of_nobody"]
    [open_] = read_items([PERSON, PHONE])["selectors"]
    assert not open_["of_nobody"]


def test_what_belongs_to_whoever_told_it_is_sent_as_such_also_where_no_person_is_known() -> None:
    reader = Reader({"number": PHONE["number"], "owner": OF_REPORTER}, TODAY)
    item = read_item("phone", reader, [])
    assert item is not None
    [loose] = read_items([{"id": "1", **item}])["selectors"]
    assert (loose["of_reporter"], loose["of_nobody"]) == (True, False)


def test_a_childs_birth_date_and_no_are_asked_about() -> None:
    reader = Reader({**PERSON, "year": "2015", "month": "", "day": "", "minor": "no"}, TODAY)
    assert read_item("person", reader, []) is None
    assert [fault.field for fault in reader.faults] == ["minor"]


def test_what_belongs_to_a_person_goes_with_him_into_the_signal() -> None:
    parts = read_items([person("4"), phone_of("4"), phone_of("")])

    assert [len(subject["selectors"]) for subject in parts["subjects"]] == [1]
    assert len(parts["selectors"]) == 1


anything = st.text(max_size=60) | st.sampled_from(
    ["yes", "SUSPECT", "2026-02-28", "AW", "1", "<script>", "' OR 1=1 --"]
)


@given(st.sampled_from(sorted(BY_NAME)), st.data())
def test_nothing_typed_makes_a_page_fall_over(step: str, data: st.DataObject) -> None:
    typed = {name: data.draw(anything) for name in BY_NAME[step].single}
    faults = faults_of(BY_NAME[step], typed, ASKED, WHOLE)
    if not faults:
        assert first_open({**WHOLE, step: typed}, ASKED) is None
        signal_of({**WHOLE, step: typed}, ASKED)


@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_thing_that_passes_is_one_that_the_form_takes(kind: str, data: st.DataObject) -> None:
    item = read_item(kind, Reader({name: data.draw(anything) for name in FIELDS[kind]}, TODAY), persons=[])
    if item is not None:
        signal_of({**WHOLE, "known": {"items": [{"id": "1", **item}], "closed": "yes"}}, ASKED)


AWAY = (
    "//evil.example", "/\\evil.example", "https://evil.example", "/a//b", "/report/../x", "javascript:alert(1)",
    "/a?b", "/a?b=/c", "/a?b=c:d", "/a?b=c#d", "/a?b=%2f", "/a?b=c?d=e", "/?b=" + "c" * 600,
    "/\t/evil.example", "/%2f/evil.example", "/report\n",
)  # fmt: skip


@given(st.text(max_size=40) | st.sampled_from(AWAY))
def test_nobody_is_led_away_from_our_own_pages(wanted: str) -> None:
    path = own_path(wanted)

    assert path.startswith("/")
    assert not path.startswith("//")
    path, _, query = path.partition("?")
    assert set(path) <= set("abcdefghijklmnopqrstuvwxyz0123456789-/")
    assert re.fullmatch(r"(?:[a-z_]+=[A-Za-z0-9_.-]*(?:&|$))*", query)


def test_own_page_is_gone_back_to() -> None:
    for page in (
        "/report/01a202fd-c86c-758a-a86c-55c9ea8ca858/known/person",
        "/ours?state=CLOSED&received_to=2026-01-05",
    ):
        assert own_path(page) == page


def test_partners_with_the_same_answer_are_told_of_once() -> None:
    def said(partner: Partition, *, allowed: bool, rule: str) -> SharingPreview:
        return SharingPreview(recipient=partner, allowed=allowed, rules=(rule,), sentences=())

    found = groups_of(
        [
            said(Partition.BQ, allowed=True, rule="R-1"),
            said(Partition.CW, allowed=False, rule="R-2"),
            said(Partition.NL, allowed=True, rule="R-1"),
        ]
    )
    assert [(g.partners, g.allowed) for g in found] == [
        ((Partition.BQ, Partition.NL), True),
        ((Partition.CW,), False),
    ]


def test_codes_that_pages_name_are_in_their_lists() -> None:
    assert set(AID_MEANS) <= set(code_list("means").codes)
    assert set(MAIN_TYPES) <= set(code_list("signal_type").codes)
    assert all(len(code_list(name)) for name in AID_GROUPS.values())


@pytest.mark.parametrize(
    ("kind", "of", "source", "channel"),
    [
        ("submission", "border", "OWN_INITIATIVE", "CONTROL_ACTION"),
        ("submission", "helpline", "CITIZEN", "HOTLINE_24_7"),
        ("submission", "airport", "", ""),
        ("notification", "helpline", "", ""),
    ],
)
def test_source_and_channel_are_suggested_where_an_organisation_reports_what_is_its_own(
    kind: str, of: str, source: str, channel: str
) -> None:
    offered = defaults_of("source", Asked(Partition.AW, kind, TODAY, of))
    assert (offered["source"], offered["channel"]) == (source, channel)


def test_what_is_suggested_is_in_the_lists_and_of_kinds_that_there_are() -> None:
    for of, (source, channel) in USUAL.items():
        assert of in code_list("organisation_kind")
        assert source in code_list("source")
        assert channel in code_list("channel")
