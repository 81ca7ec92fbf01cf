"""The demo's data say what the story says, and nothing in them matches by accident."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

import phonenumbers
import pytest

from register.domain.access.caller import Task
from register.domain.access.organisation import RETENTION_DAYS, Profile
from register.domain.partition import others
from register.matching.score import count_carriers, score
from register.matching.weights import default_weights
from register.mou.decide import may_send
from register.mou.edition import load
from register.mou.facts import Evaluation, HandlingTerms, LegalProfile, RecordFacts, SubjectFacts
from register.pseudonyms.normalise import document, email, handle, person, phone, plate
from register.pseudonyms.normalise.canonical import Canonical, Mode
from rtr_trial.demo.made_up.data import (
    DemoSignal,
    ExpectedHit,
    Question,
    canaries,
    expectations,
    organisations,
    people,
    signals,
    signals_during_cut,
)
from schemas.codes import Partition, PersonCategory, code_list
from schemas.signals.parts import SelectorIn, SubjectIn
from schemas.signals.signal import SignalIn

ALL = (*signals(), *signals_during_cut())
BY_KEY = {one.key: one for one in ALL}
BY_CODE = {one.code: one for one in organisations()}
EXPECT = expectations()

INTENDED = (
    {"guarantor-aw-1", "guarantor-aw-2", "guarantor-aw-3", "guarantor-aw-4"}
    | {"guarantor-cw-1", "guarantor-cw-2", "guarantor-cw-3"},
    {"sexcam-aw-1", "sexcam-sx-1", "sexcam-nl-1"},
    {"lookalike-aw-1", "lookalike-nl-1"},
    {"boat-cw-1", "boat-aw-1"},
    {"house-bq-1", "house-bq-2", "house-bq-3", "house-bq-4"},
    {"trago-cw-1", "trago-aw-1"},
    {one.key for one in ALL if one.group == "switchboard"},
)


def keys_of_selector(selector: SelectorIn, mode: Mode) -> list[Canonical]:
    match selector.type:
        case "PHONE":
            return phone.canonical(phone.Phone(selector.value, selector.country), mode)
        case "EMAIL":
            return email.canonical(email.Email(selector.value), mode)
        case "PLATE":
            return plate.canonical(plate.Plate(selector.country or "", selector.value), mode)
        case "SOCIAL_HANDLE":
            return handle.canonical(handle.Handle(selector.platform or "", selector.value), mode)
        case "PASSPORT":
            number = document.Document(selector.country or "", selector.document_type or "", selector.value)
            return document.canonical(number, mode)
    raise AssertionError(f"the demo uses a selector that has no class of keys yet: {selector.type}")


def keys_of_subject(subject: SubjectIn, mode: Mode = Mode.REGISTER) -> Iterator[Canonical]:
    if subject.name is not None and subject.kind == "person":
        known = subject.birth
        birth = person.Birth(known.year, known.month, known.day) if known is not None else None
        yield from person.canonical(person.Person(subject.name, birth, subject.nationality), mode)
    for selector in subject.selectors:
        yield from keys_of_selector(selector, mode)


def is_protected(subject: SubjectIn) -> bool:
    return bool(subject.minor) or code_list("subject_role")[subject.role].extra["person_category"] == "VICTIM"


def every_key(form: SignalIn) -> set[Canonical]:
    loose = {key for selector in form.selectors for key in keys_of_selector(selector, Mode.REGISTER)}
    return loose | {key for subject in form.subjects for key in keys_of_subject(subject)}


def published(form: SignalIn) -> set[Canonical]:
    """What is tied to nobody is taken for a protected person's where there are no other people in the signal."""
    if form.subjects and all(is_protected(subject) for subject in form.subjects):
        return set()
    loose = {key for selector in form.selectors for key in keys_of_selector(selector, Mode.REGISTER)}
    return loose | {key for s in form.subjects if not is_protected(s) for key in keys_of_subject(s)}


def asked_keys(question: Question) -> set[Canonical]:
    if question.subject is not None:
        return set(keys_of_subject(question.subject, Mode.QUERY))
    assert question.selector is not None
    return set(keys_of_selector(question.selector, Mode.QUERY))


KEPT_HOME = {one.signal for one in EXPECT.kept_home}


def found(question: Question, country: Partition) -> set[str]:
    """What a shared index would bring: equal keys among what may leave, or among all in the asker's own register."""
    own = country == Partition.AW
    return {
        one.key
        for one in signals()
        if one.country == country
        and (own or one.key not in KEPT_HOME)
        and asked_keys(question) & (every_key(one.form) if own else published(one.form))
    }


def test_the_story_has_24_notifications_and_86_submissions() -> None:
    kinds = Counter(one.form.kind for one in signals())
    assert kinds == {"notification": 24, "submission": 86}
    assert (EXPECT.counts.notifications, EXPECT.counts.submissions) == (24, 86)


def test_the_groups_add_up_to_110() -> None:
    groups = Counter(one.group for one in signals())
    assert groups == {"cmma-2023": 24, "story": 27, "switchboard": 31, "noise": 28}
    assert dict(EXPECT.counts.groups) == groups
    assert groups.total() == 110


def test_18_services_submit_and_each_of_them_may() -> None:
    services = {one.code for one in organisations() if one.submits}
    assert len(services) == EXPECT.counts.services == 18
    assert {one.organisation for one in signals()} == services
    assert all(Task.SUBMIT in BY_CODE[code].tasks for code in services)
    assert Counter(code[:2] for code in services) == {"AW": 8, "CW": 3, "SX": 1, "NL": 2, "BQ": 4}


def test_keys_of_signals_are_distinct() -> None:
    assert len(BY_KEY) == len(ALL)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.key)
def test_a_signal_is_accepted_as_it_is_posted(one: DemoSignal) -> None:
    assert SignalIn.model_validate_json(json.dumps(one.body)) == one.form


def test_notifications_are_of_2023_and_all_else_of_2026() -> None:
    years = {(one.group == "cmma-2023", one.form.received_on.year) for one in ALL}
    assert years == {(True, 2023), (False, 2026)}
    assert all(one.form.period.from_ <= one.form.received_on for one in ALL)


def test_the_notifications_have_the_margins_of_the_annual_report() -> None:
    forms = [one.form for one in signals() if one.form.kind == "notification"]
    source = Counter(code_list("source").reporting(form.source) for form in forms)
    channel = Counter(code_list("channel").reporting(form.channel) for form in forms)
    content = Counter(code_list("signal_type").reporting(form.signal_type) for form in forms)
    assert source == {"CITIZEN": 11, "GOV_DEPT": 8, "NGO_IO": 4, "SCHOOL": 1}
    assert channel == {"EMAIL": 10, "PHONE": 7, "WHATSAPP": 5, "MESSENGER": 2}
    assert content == {"HT": 7, "MS": 1, "OTHER": 16}
    assert sum(form.reporter_anonymous for form in forms) == 2
    assert all(form.source == "CITIZEN" for form in forms if form.reporter_anonymous)


def test_the_expected_report_prints_15_figures_and_they_are_those_of_the_annual_report() -> None:
    report = EXPECT.report_2023
    assert report.figures == 15
    assert (report.notifications, report.forwarded, report.anonymous) == (24, 24, 2)
    assert report.source == {"CITIZEN": 11, "GOV_DEPT": 8, "NGO_IO": 4, "SCHOOL": 1, "PRIVATE_SECTOR": 0}
    assert report.channel == {"EMAIL": 10, "PHONE": 7, "WHATSAPP": 5, "MESSENGER": 2}
    assert report.signal_type == {"HT": 7, "MS": 1, "OTHER": 16}


def test_no_two_signals_share_a_key_unless_the_story_wants_it() -> None:
    carriers: dict[Canonical, set[str]] = {}
    for one in ALL:
        for key in every_key(one.form):
            carriers.setdefault(key, set()).add(one.key)
    shared = [keys for keys in carriers.values() if len(keys) > 1]
    assert shared
    unintended = [keys for keys in shared if not any(keys <= intended for intended in INTENDED)]
    assert unintended == []


@pytest.mark.parametrize("intended", INTENDED, ids=min)
def test_signals_that_belong_together_are_linked_by_keys(intended: set[str]) -> None:
    reached = {min(intended)}
    for _ in intended:
        held = {key for name in reached for key in every_key(BY_KEY[name].form)}
        reached |= {name for name in intended if held & every_key(BY_KEY[name].form)}
    assert reached == intended


def test_what_is_kept_home_is_what_the_rules_keep_home() -> None:
    """3 theme records, 2 with keys of minors only, 4 with keys of a victim only, 1 that waits for its prosecutor."""
    reasons = {one.signal: one.because for one in EXPECT.kept_home}
    assert Counter(reasons.values()) == {"theme": 3, "minor": 2, "victim": 4, "prosecutor": 1}
    for one in ALL:
        protected_only = bool(every_key(one.form)) and not published(one.form)
        because = (
            "theme"
            if one.form.legal_basis == "WPG10B"
            else "prosecutor"
            if one.form.single_approval
            else "minor"
            if protected_only and all(s.minor for s in one.form.subjects)
            else "victim"
            if protected_only
            else None
        )
        assert reasons.get(one.key) == because, one.key


BECAUSE = {"theme": "WPG10B-1", "minor": "MINOR-1", "victim": "KEYS-1", "prosecutor": "GATE-1"}


def facts(one: DemoSignal) -> RecordFacts:
    owner, form = BY_CODE[one.organisation].registered(), one.form
    basis = form.legal_basis or owner.profile.legal_basis
    handling = form.handling
    return RecordFacts(
        owner=one.country,
        sender=one.country,
        legal_basis=basis,
        purpose=form.purpose or owner.profile.purpose,
        visibility=form.visibility or owner.profile.visibility,
        handling=HandlingTerms(
            code=handling.code if handling else owner.profile.handling,
            conditions=frozenset(handling.conditions) if handling else frozenset(),
        ),
        audience=frozenset(others(one.country)),
        crime_class=form.crime_class,
        source_profile=LegalProfile.NON_POLICE if owner.legal_profile == "non-police" else LegalProfile.POLICE,
        acquisition=owner.profile.acquisition,
        evaluation=Evaluation(*owner.profile.evaluation),
        covenant_ref="MOU-2019",
        last_verified_on=form.received_on,
        retain_until=date(2027, 12, 31),
        is_theme=basis == "WPG10B",
        single_approval=form.single_approval,
        subjects=tuple(
            SubjectFacts(
                n=subject.n,
                role=subject.role,
                category=PersonCategory(code_list("subject_role")[subject.role].extra["person_category"]),
                minor=bool(subject.minor),
                has_keys=any(True for _ in keys_of_subject(subject)),
            )
            for subject in form.subjects
        ),
        loose_keys=bool(form.selectors),
    )


@pytest.mark.parametrize("one", signals(), ids=lambda one: one.key)
def test_the_rules_of_edition_demo_let_every_signal_go_to_all_four_or_keep_it_home_for_its_reason(
    one: DemoSignal,
) -> None:
    edition = load("demo")
    decisions = [may_send(facts(one), to, edition, today=date(2026, 6, 15)) for to in others(one.country)]
    reasons = {kept.signal: BECAUSE[kept.because] for kept in EXPECT.kept_home}
    assert {decision.allowed for decision in decisions} == {one.key not in reasons}
    assert all(reasons.get(one.key, decision.rules[0]) == decision.rules[0] for decision in decisions)


def test_theme_records_name_their_crime_class_and_nobody_else_does() -> None:
    assert all((one.form.crime_class is not None) == (one.form.legal_basis == "WPG10B") for one in ALL)


@pytest.mark.parametrize("question", EXPECT.question, ids=lambda question: question.id)
def test_a_question_finds_what_the_story_says(question: Question) -> None:
    hits = {hit.country: set(hit.signals) for hit in question.hit}
    if question.too_common:
        found_by = {country: len(found(question, country)) for country in Partition}
        assert {country: count for country, count in found_by.items() if count} == question.too_common
        for country in question.too_common:
            assert count_carriers(question.too_common, {country}) > default_weights().too_common_over
    else:
        assert found(question, Partition.AW) == set(question.own)
        abroad = {country: found(question, country) for country in Partition if country is not Partition.AW}
        assert {country: keys for country, keys in abroad.items() if keys} == hits
    answered = {Partition.AW, *hits, *question.nothing, *question.too_common}
    assert answered == set(Partition)
    assert not set(question.nothing) & (hits.keys() | question.too_common.keys())


HITS = [(question, hit) for question in EXPECT.question for hit in question.hit]


@pytest.mark.parametrize(("question", "hit"), HITS, ids=[question.id for question, _ in HITS])
def test_an_expected_hit_says_of_its_signals_what_they_hold(question: Question, hit: ExpectedHit) -> None:
    asked = asked_keys(question)
    months = []
    for name in hit.signals:
        one = BY_KEY[name]
        months.append(one.form.period.from_.strftime("%Y-%m"))
        owner = BY_CODE[one.organisation]
        assert (owner.contact, owner.routes, owner.country) == (hit.contact, hit.routes, hit.country)
        carrying = [s for s in one.form.subjects if asked & set(keys_of_subject(s))]
        assert {s.role for s in carrying} == ({hit.role} if hit.role else set())
        assert hit.location_type in {None, one.form.place.location_type}
        assert hit.use in {None, *(selector.use for selector in one.form.selectors)}
        conditions = one.form.handling.conditions if one.form.handling else ()
        assert tuple(conditions) == hit.conditions
    assert (min(months), max(months)) == hit.months


@pytest.mark.parametrize(("question", "hit"), HITS, ids=[question.id for question, _ in HITS])
def test_an_expected_hit_has_the_strength_that_scoring_gives(question: Question, hit: ExpectedHit) -> None:
    asked: dict[str, set[Canonical]] = {}
    for key in asked_keys(question):
        asked.setdefault(key.family, set()).add(key)
    for name in hit.signals:
        held: dict[str, set[Canonical]] = {}
        for key in published(BY_KEY[name].form):
            held.setdefault(key.family, set()).add(key)
        df = {key: len(hit.signals) for keys in asked.values() for key in keys}
        assert score(asked, held, df, default_weights()).strength.value == hit.strength


def test_look_alikes_that_are_no_match_stay_unfound() -> None:
    for question in EXPECT.question:
        for name in question.no_match:
            assert name not in found(question, BY_KEY[name].country)


def test_the_switchboard_is_named_by_31_signals_of_four_countries() -> None:
    carriers = Counter(str(one.country) for one in signals() if one.group == "switchboard")
    assert carriers == {"AW": 10, "CW": 8, "SX": 7, "NL": 6}


def test_the_steps_name_signals_and_people_that_exist() -> None:
    persons = {one.key for one in people()}
    assert {EXPECT.reclassified.by, EXPECT.withdrawal.by} | {q.asker for q in EXPECT.question} <= persons
    boat = BY_KEY[EXPECT.reclassified.signal].form
    assert boat.signal_type == EXPECT.reclassified.was
    assert EXPECT.reclassified.cue in boat.smuggling_elements
    assert boat.persons_seen is not None
    assert (boat.persons_seen.adults, boat.persons_seen.children) == (9, 0)
    assert EXPECT.airport.goes_to == set(Partition) - {BY_KEY[EXPECT.airport.signal].country}
    assert EXPECT.withdrawal.signal in BY_KEY
    assert EXPECT.withdrawal.receipts == len(Partition) - 1
    assert {one.key for one in signals_during_cut()} == set(EXPECT.cut.signals)
    assert {one.country for one in signals_during_cut()} == {EXPECT.cut.country}


def test_the_asker_s_four_guarantees_lie_within_six_months_and_come_from_three_services() -> None:
    own = [BY_KEY[key] for key in EXPECT.asked("a").own]
    given = [guarantee for one in own for guarantee in one.form.guarantees]
    assert Counter(one.kind for one in given) == {"ENTRY": 2, "RELEASE_REPORT": 2}
    assert len({one.organisation for one in own}) == 3
    assert (max(one.on for one in given) - min(one.on for one in given)).days < 183


def test_each_country_has_an_officer_a_coordinator_and_a_register_unit_with_their_tasks() -> None:
    for country in Partition:
        own = {one.persona: one for one in people() if one.country == country}
        assert own["officer"].tasks == {Task.SUBMIT, Task.READ_OWN}
        assert Task.SEARCH_SHARED in own["coordinator"].tasks
        assert Task.REGISTER in own["register-unit"].tasks
    assert [one.country for one in people() if one.persona == "statistics"] == [Partition.AW]
    # Letting go of somebody protected takes two of the unit: what no one of them can say alone can be tried.
    for country in (Partition.AW, Partition.CW):
        unit = [one for one in people() if one.country == country and Task.REGISTER in one.tasks]
        assert len(unit) == 2
        assert len({one.organisation for one in unit}) == 1
    assert all(one.organisation in BY_CODE for one in people())


def test_organisations_are_distinct_and_belong_to_the_country_in_their_code() -> None:
    assert len(BY_CODE) == len(organisations())
    assert {one.country for one in organisations()} == set(Partition)
    assert all(one.code.startswith(f"{one.country}-") for one in organisations())


def test_an_organisation_s_default_basis_is_one_of_its_country_and_never_theme_data() -> None:
    for one in organisations():
        dutch = one.country in {Partition.NL, Partition.BQ}
        prefixes = ("WPG", "NONPOLICE") if dutch else (f"{one.country}_",)
        assert one.legal_basis.value.startswith(prefixes)
        assert one.legal_basis != "WPG10B"
        assert ("NONPOLICE" in one.legal_basis) == (one.legal_profile == "non-police")
        assert one.source in code_list("source")
        assert set(one.channels) <= set(code_list("channel").codes)


def test_an_organisation_is_taken_as_the_register_holds_it() -> None:
    for one in organisations():
        row = one.registered()
        assert (row.code, row.partition, row.legal_profile) == (one.code, one.country, one.legal_profile)
        assert row.profile.retention_class in RETENTION_DAYS
        assert Profile.from_row(json.loads(json.dumps(row.profile.as_row()))) == row.profile
        assert row.in_force(date(2026, 1, 1))


def selectors() -> Iterator[SelectorIn]:
    for one in ALL:
        yield from one.form.selectors
        for subject in one.form.subjects:
            yield from subject.selectors


def test_no_number_of_the_story_can_be_rung() -> None:
    numbers = [selector.value for selector in selectors() if selector.type == "PHONE"]
    for number in numbers:
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_possible_number(parsed)
        assert not phonenumbers.is_valid_number(parsed)
    assert numbers


def test_addresses_and_accounts_of_the_story_cannot_be_anybody_s() -> None:
    for selector in selectors():
        if selector.type == "EMAIL":
            assert re.search(r"@example\.(com|net|org)$", selector.value)
        if selector.type == "SOCIAL_HANDLE":
            assert selector.value.endswith("made.up")


def test_there_are_at_least_40_canaries_of_every_kind() -> None:
    assert len(canaries()) == len(set(canaries())) >= 40
    assert {"Zeno Testman", "Testmán, Zenó", "+17215550142", "+1 721 555 0142", "ZZ0000017"} <= set(canaries())
    assert min(map(len, canaries())) >= 7


def test_no_canary_stands_in_what_is_stored_or_shown_in_clear() -> None:
    clear = [one.form.model_dump_json(exclude={"account", "subjects", "selectors"}) for one in ALL]
    clear += [f"{one.key} {one.organisation}" for one in ALL]
    clear += [repr(one) for one in (*organisations(), *people())]
    clear += [repr(one.form) for one in ALL]
    text = "\n".join(clear)
    assert [canary for canary in canaries() if canary in text] == []


def test_every_file_says_that_it_is_made_up_or_assumed() -> None:
    data = [file for file in files("rtr_trial.demo.made_up").iterdir() if file.name.endswith(".toml")]
    marked = re.compile(r"^(made_up|assumed) = true$", re.MULTILINE)
    assert len(data) == 9
    assert [file.name for file in data if not marked.search(file.read_text(encoding="utf-8"))] == []
