"""What must hold of the rules of the MoU for any facts whatever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from register.mou.decide import Decision, may_ask, may_hold, may_put, may_see, may_send
from register.mou.edition import Edition, load
from register.mou.facts import (
    AskerFacts,
    Evaluation,
    GateWord,
    HandlingTerms,
    Label,
    LegalProfile,
    RecordFacts,
    SubjectFacts,
)
from register.mou.keys import publishable_keys
from schemas.codes import (
    CrimeClass,
    Handling,
    HandlingCondition,
    LegalBasis,
    Partition,
    PersonCategory,
    Purpose,
    SignalState,
    SubjectRole,
    Visibility,
)

STRICT, DEMO = load("strict"), load("demo")
TODAY = date(2026, 3, 1)

editions = st.sampled_from([STRICT, DEMO])
partitions = st.sampled_from(Partition)
days = st.integers(-400, 400).map(lambda n: TODAY + timedelta(days=n))
coin = st.booleans()


def numbered(subjects: list[SubjectFacts]) -> tuple[SubjectFacts, ...]:
    return tuple(replace(subject, n=n) for n, subject in enumerate(subjects, start=1))


HANDLINGS = st.builds(
    HandlingTerms,
    code=st.sampled_from(Handling),
    conditions=st.frozensets(st.sampled_from(HandlingCondition), max_size=2),
    expires=st.none() | days,
)
SUBJECTS = st.builds(
    SubjectFacts,
    n=st.just(0),
    role=st.sampled_from([*SubjectRole, "REPORTER"]),
    category=st.sampled_from(PersonCategory) | st.none(),
    minor=coin,
    has_keys=coin,
    unsaid=coin,
)
SUSPECT = SubjectFacts(n=1, role="SUSPECT", category=PersonCategory.INVOLVED, has_keys=True)

# What may be otherwise than in order, by fact.
TERMS: dict[str, st.SearchStrategy[Any]] = {
    "legal_basis": st.sampled_from(LegalBasis),
    "purpose": st.sampled_from(Purpose),
    "visibility": st.sampled_from(Visibility),
    "handling": HANDLINGS,
    "audience": st.frozensets(partitions),
    "crime_class": st.none() | st.sampled_from(CrimeClass),
    "source_profile": st.none() | st.sampled_from(LegalProfile),
    "acquisition": st.none(),
    "evaluation": st.none() | st.just(Evaluation("4x4", "", "1")),
    "onward": coin,
    "gate": st.none() | st.sampled_from(GateWord),
    "gate_until": st.none() | days,
    "covenant_ref": st.sampled_from([None, "BES-2017"]),
    "contested": coin,
    "last_verified_on": st.none() | days,
    "retain_until": st.none() | days,
}
RECORD_ONLY: dict[str, st.SearchStrategy[Any]] = {
    "sender": partitions,
    "is_theme": coin,
    "confirmed": coin,
    "single_approval": coin,
    "consent": st.none(),
    "named_recipients": st.frozensets(partitions),
    "state": st.sampled_from(SignalState),
    "withdrawn": coin,
    "about_minors": coin,
    "subjects": st.lists(SUBJECTS, max_size=3).map(numbered),
    "loose_keys": coin,
}
USUAL_BASIS = {
    Partition.AW: LegalBasis.AW_POLICE,
    Partition.BQ: LegalBasis.WPG9,
    Partition.CW: LegalBasis.CW_POLICE,
    Partition.NL: LegalBasis.WPG8,
    Partition.SX: LegalBasis.SX_POLICE,
}


def in_order(owner: Partition) -> dict[str, Any]:
    return {
        "owner": owner,
        "legal_basis": USUAL_BASIS[owner],
        "purpose": Purpose.INVESTIGATE,
        "visibility": Visibility.V1,
        "handling": HandlingTerms(code=Handling.H0),
        "audience": frozenset(Partition),
        "crime_class": CrimeClass.SMUGGLING,
        "source_profile": LegalProfile.POLICE,
        "acquisition": "OBSERVATION",
        "evaluation": Evaluation("4x4", "A", "1"),
        "gate": GateWord.SIGNED,
        "covenant_ref": "MOU-2019",
        "last_verified_on": TODAY,
        "retain_until": TODAY,
    }


def drawn_otherwise(draw: st.DrawFn, facts: dict[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    """At most three facts drawn freely: else nearly all that is drawn is refused, and nothing is tried."""
    names = draw(st.lists(st.sampled_from(sorted(facts)), max_size=3, unique=True))
    return {name: draw(facts[name]) for name in names}


@st.composite
def records(draw: st.DrawFn) -> RecordFacts:
    owner = draw(partitions)
    usual = in_order(owner) | {"sender": owner, "confirmed": True, "consent": GateWord.NODE, "subjects": (SUSPECT,)}
    return RecordFacts(**(usual | drawn_otherwise(draw, TERMS | RECORD_ONLY)))


@st.composite
def labels(draw: st.DrawFn, edition: Edition, me: Partition) -> Label:
    usual = in_order(draw(partitions)) | {"audience": frozenset({me}), "rules": ("WPG10A-1", "SHARED-1")}
    rules = st.sampled_from([(), ("SHARED-1",), ("NO-SUCH-1",)])
    return Label(edition=edition.hash, **(usual | drawn_otherwise(draw, TERMS | {"rules": rules})))


@st.composite
def askers(draw: st.DrawFn) -> AskerFacts:
    own = draw(partitions)
    usual: dict[str, Any] = {
        "purpose": Purpose.INVESTIGATE,
        "legal_basis": USUAL_BASIS[own],
        "profile": LegalProfile.POLICE,
        "case_ref": "Z-1",
        "searches_shared": True,
        "register_unit": draw(coin),
    }
    otherwise: dict[str, st.SearchStrategy[Any]] = {
        "purpose": st.none() | st.sampled_from(Purpose),
        "legal_basis": st.none() | st.sampled_from(LegalBasis),
        "profile": st.none() | st.sampled_from(LegalProfile),
        "case_ref": st.sampled_from([None, ""]),
        "route": st.none() | st.sampled_from(["police", "legal", "pigeon"]),
        "searches_shared": coin,
    }
    return AskerFacts(partition=own, **(usual | drawn_otherwise(draw, otherwise)))


ASKERS = askers()


POLICE_LAW = frozenset(LegalBasis) - {
    LegalBasis.NONPOLICE_BES,
    LegalBasis.NONPOLICE_GDPR,
    LegalBasis.AW_NONPOLICE,
    LegalBasis.CW_NONPOLICE,
    LegalBasis.SX_NONPOLICE,
}


@given(asker=ASKERS, record=records(), target=partitions, edition=editions)
def test_a_body_without_police_law_asks_and_sees_nothing_on_a_ground_of_it(
    asker: AskerFacts, record: RecordFacts, target: Partition, edition: Edition
) -> None:
    if asker.profile in {LegalProfile.POLICE, LegalProfile.JUSTICE} or asker.legal_basis not in POLICE_LAW:
        return
    assert "ASK-4" in may_put(asker, edition, today=TODAY).rules
    assert "ASK-4" in may_ask(asker, target, edition, today=TODAY).rules
    if record.owner is not asker.partition:
        assert "ASK-4" in may_see(asker, record, edition, today=TODAY).rules


@given(asker=ASKERS, target=partitions, edition=editions)
def test_what_may_not_be_put_is_asked_of_nobody(asker: AskerFacts, target: Partition, edition: Edition) -> None:
    put = may_put(asker, edition, today=TODAY)
    assert put.allowed or set(put.rules) <= set(may_ask(asker, target, edition, today=TODAY).rules)


def stands_on_rules(decision: Decision, edition: Edition) -> bool:
    """Something is named, without repetition, and each rule has its sentence."""
    named = decision.rules
    return (
        bool(named)
        and len(set(named)) == len(named)
        and all(edition.rules[rule].says for rule in named)
        and (decision.allowed or (all(decision.sentences) and all(decision.ways) and bool(decision.code)))
    )


@given(record=records(), to=partitions, edition=editions)
def test_every_answer_on_sending_names_rules_that_have_sentences(
    record: RecordFacts, to: Partition, edition: Edition
) -> None:
    assert stands_on_rules(may_send(record, to, edition, today=TODAY), edition)


@given(asker=ASKERS, record=records(), target=partitions, edition=editions)
def test_every_answer_to_an_asker_names_rules_that_have_sentences(
    asker: AskerFacts, record: RecordFacts, target: Partition, edition: Edition
) -> None:
    assert stands_on_rules(may_see(asker, record, edition, today=TODAY), edition)
    assert stands_on_rules(may_ask(asker, target, edition, today=TODAY), edition)


@given(data=st.data(), me=partitions, own=editions, theirs=editions)
def test_every_answer_on_holding_names_rules_that_have_sentences(
    data: st.DataObject, me: Partition, own: Edition, theirs: Edition
) -> None:
    label = data.draw(labels(theirs, me))
    assert stands_on_rules(may_hold(label, me, own, theirs, today=TODAY), own)


@given(owner=partitions, basis=st.sampled_from(LegalBasis), to=partitions, edition=editions)
def test_a_record_of_which_only_the_least_is_known_goes_nowhere(
    owner: Partition, basis: LegalBasis, to: Partition, edition: Edition
) -> None:
    """Default deny: what is missing never helps."""
    bare = RecordFacts(
        owner=owner,
        sender=owner,
        legal_basis=basis,
        purpose=Purpose.PROTECT_VICTIM,
        visibility=Visibility.V0,
        handling=HandlingTerms(code=Handling.H0),
    )
    assert not may_send(bare, to, edition, today=TODAY).allowed


FACTS_THAT_MUST_BE_THERE: dict[str, Any] = {
    "audience": frozenset(),
    "source_profile": None,
    "acquisition": None,
    "evaluation": None,
    "covenant_ref": None,
    "last_verified_on": None,
    "retain_until": None,
}


@given(record=records(), to=partitions, edition=editions, lost=st.sampled_from(sorted(FACTS_THAT_MUST_BE_THERE)))
def test_losing_a_fact_never_opens_a_door(record: RecordFacts, to: Partition, edition: Edition, lost: str) -> None:
    poorer = replace(record, **{lost: FACTS_THAT_MUST_BE_THERE[lost]})
    assert not may_send(poorer, to, edition, today=TODAY).allowed


@given(data=st.data(), record=records(), me=partitions, own=editions, theirs=editions, asker=ASKERS)
def test_a_blind_match_is_neither_sent_nor_held_nor_seen_abroad(
    data: st.DataObject, record: RecordFacts, me: Partition, own: Edition, theirs: Edition, asker: AskerFacts
) -> None:
    blind = replace(record, visibility=Visibility.V3)
    label = replace(data.draw(labels(theirs, me)), visibility=Visibility.V3)
    assert not may_send(blind, me, own, today=TODAY).allowed
    assert not may_hold(label, me, own, theirs, today=TODAY).allowed
    seen = may_see(asker, blind, own, today=TODAY).allowed
    assert not seen or (asker.partition is blind.owner and asker.register_unit)


@given(data=st.data(), record=records(), me=partitions, own=editions, theirs=editions, asker=ASKERS)
def test_theme_data_never_leaves(
    data: st.DataObject, record: RecordFacts, me: Partition, own: Edition, theirs: Edition, asker: AskerFacts
) -> None:
    theme = replace(record, legal_basis=LegalBasis.WPG10B)
    label = replace(data.draw(labels(theirs, me)), legal_basis=LegalBasis.WPG10B)
    assert "WPG10B-1" in may_send(theme, me, own, today=TODAY).rules
    assert "WPG10B-1" in may_hold(label, me, own, theirs, today=TODAY).rules
    assert asker.partition is theme.owner or not may_see(asker, theme, own, today=TODAY).allowed


@given(data=st.data(), record=records(), me=partitions, asker=ASKERS)
def test_what_strict_allows_demo_allows(
    data: st.DataObject, record: RecordFacts, me: Partition, asker: AskerFacts
) -> None:
    """So that simulating the strict edition on the demonstration's data can only take away."""
    label = data.draw(labels(STRICT, me))
    held_strictly = may_hold(label, me, STRICT, STRICT, today=TODAY).allowed
    in_demo = replace(label, edition=DEMO.hash)
    assert not may_send(record, me, STRICT, today=TODAY).allowed or may_send(record, me, DEMO, today=TODAY).allowed
    assert not held_strictly or may_hold(in_demo, me, DEMO, DEMO, today=TODAY).allowed
    assert not may_ask(asker, me, STRICT, today=TODAY).allowed or may_ask(asker, me, DEMO, today=TODAY).allowed
    strictly = may_see(asker, record, STRICT, today=TODAY)
    freely = may_see(asker, record, DEMO, today=TODAY)
    assert not strictly.allowed or (freely.allowed and set(strictly.shows) <= set(freely.shows))


@given(data=st.data(), me=partitions, own=editions, theirs=editions)
def test_nothing_is_held_that_the_receivers_own_edition_forbids(
    data: st.DataObject, me: Partition, own: Edition, theirs: Edition
) -> None:
    label = data.draw(labels(theirs, me))
    alone = may_hold(replace(label, edition=own.hash), me, own, own, today=TODAY)
    together = may_hold(label, me, own, theirs, today=TODAY)
    assert alone.allowed or not together.allowed
    assert together.allowed or together.code == "refused-by-rule"


@given(record=records(), to=partitions, edition=editions)
def test_what_is_sent_with_an_honest_label_is_held_under_the_same_edition(
    record: RecordFacts, to: Partition, edition: Edition
) -> None:
    """Two functions over one table must not disagree, or honest partners would fill each other's quarantine."""
    sent = may_send(record, to, edition, today=TODAY)
    if not sent.allowed:
        return
    terms = {name: getattr(record, name) for name in TERMS}
    terms |= {"audience": frozenset({to}), "gate": sent.gate}
    label = Label(owner=record.owner, edition=edition.hash, rules=sent.rules, **terms)
    held = may_hold(label, to, edition, edition, today=TODAY)
    assert held.allowed, held.rules
    assert [rule.id for rule in held.obligations] == [rule.id for rule in sent.obligations]


@given(record=records(), to=partitions, edition=editions)
def test_keys_of_victims_and_minors_are_never_publishable(record: RecordFacts, to: Partition, edition: Edition) -> None:
    keys = publishable_keys(record, edition)
    by_number = {subject.n: subject for subject in record.subjects}
    for n in keys.subjects:
        subject = by_number[n]
        assert subject.has_keys
        assert not subject.minor
        assert subject.category not in {PersonCategory.VICTIM, None}
        assert not subject.role.startswith("VICTIM_")
        assert subject.role != "REPORTER"
    assert keys.subjects | set(keys.withheld) == {subject.n for subject in record.subjects if subject.has_keys}
    assert not keys.nothing_left or "KEYS-4" in may_send(record, to, edition, today=TODAY).rules


@given(record=records(), to=partitions, edition=editions)
def test_whoever_waits_alone_is_not_sent_at_all(record: RecordFacts, to: Partition, edition: Edition) -> None:
    keys = publishable_keys(record, edition)
    told = {subject.n for subject in record.subjects} - keys.untold
    alone = any(subject.unsaid for subject in record.subjects) and not (told or keys.subjects or keys.loose)
    assert ("KEYS-7" in may_send(record, to, edition, today=TODAY).rules) is alone


@given(record=records(), to=partitions, edition=editions, later=st.integers(0, 800))
def test_time_alone_never_allows_what_had_ended(
    record: RecordFacts, to: Partition, edition: Edition, later: int
) -> None:
    """Both editions are open-ended, so a day later can only take away."""
    today = may_send(record, to, edition, today=TODAY).allowed
    assert today or not may_send(record, to, edition, today=TODAY + timedelta(days=later)).allowed
