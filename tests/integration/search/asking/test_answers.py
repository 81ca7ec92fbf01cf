"""Every answer of the table (search.md 1), with real pseudonyms, PostgreSQL and an engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from register.core import Register
from register.domain.access.caller import system
from register.matching.answers import LIMITED, cut_off_words
from register.mou import edition as editions
from register.mou.asking import QuestionRefused
from register.services.exchange.keep_tickets import ask_ticket
from register.services.search.list_hits import list_hits
from register.store.search.search_keys import DF_MAX
from schemas.codes import LegalBasis, Partition, TicketReason
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.search.question import Answer
from schemas.signals.parts import Birth
from tests.integration.search.asking.scene import AW, BQ, CW, NL, SX, Scene, a_phone, about, ground_of, of_country
from tests.support.exchange.limited import Limited
from tests.support.started.databases import empty


@pytest.fixture(autouse=True)
def no_tickets(scene: Scene) -> Iterator[None]:
    yield
    empty(scene.world.settings, ("ticket",))


ZENO = {"name": "Zeno Testman", "birth": Birth(year=1979, month=4, day=3)}


def test_a_hit_names_owner_strength_evidence_and_the_next_step(scene: Scene) -> None:
    record = scene.hold(CW, about(**ZENO))
    scene.settle()
    out = scene.ask(subject=about(**ZENO))
    answer = of_country(out, CW)
    assert (answer.answer, answer.words) == (Answer.HIT, "Curaçao: 1 shared extract matches.")
    (hit,) = answer.hits
    assert (hit.record, hit.owner, hit.strength) == (record, CW, "very-strong")
    assert {e.attribute for e in hit.evidence} == {"surname", "given_names", "birth_date"}
    assert (hit.month_from, hit.month_to, hit.role, hit.location_type) == (
        "2026-01",
        "2026-02",
        "GUARANTOR",
        "BAR_CLUB",
    )
    assert hit.next_step == f"Ask A unit for the content of {hit.reference} by police request or legal assistance."
    assert not out.degraded
    assert not out.simulated
    assert out.edition == "demo"
    assert [a.country for a in out.countries] == [BQ, CW, NL, SX]


@pytest.mark.any_engine
def test_an_equal_number_alone_is_named_for_what_it_is(scene: Scene) -> None:
    phone = a_phone()
    scene.hold(SX, about(phone))
    scene.settle()
    (hit,) = scene.answer(SX, phone).hits
    assert hit.strength == "same-number"


@pytest.mark.any_engine
def test_visibility_limits_what_a_hit_shows(scene: Scene) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone), visibility="V2")
    scene.settle()
    (hit,) = scene.answer(CW, phone).hits
    assert (hit.visibility, hit.signal_type, hit.role, hit.location_type) == ("V2", None, None, None)
    assert hit.month_from == "2026-01"


@pytest.mark.any_engine
def test_a_number_that_must_not_be_called_says_so(scene: Scene) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone), handling={"code": "H3", "conditions": ["NO_CONTACT"]})
    scene.settle()
    (hit,) = scene.answer(CW, phone).hits
    assert hit.do_not_contact
    assert hit.obligations


def test_nothing_that_may_be_shown_is_never_called_unknown(scene: Scene) -> None:
    answer = scene.answer(CW, a_phone())
    assert answer.answer is Answer.NOTHING
    assert answer.words == "Nothing that may be shown. This does not mean that nothing is known there."
    assert (answer.hits, answer.too_common) == ((), ())
    assert answer.stale_since is None


@pytest.mark.any_engine
def test_a_country_that_may_not_be_asked_says_the_rule_and_what_would_allow_it(scene: Scene) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    scene.hold(NL, about(phone))
    scene.settle()
    out = scene.ask(phone, simulate_edition="strict")
    assert out.simulated
    assert out.edition == "strict"
    answer = of_country(out, CW)
    assert (answer.answer, answer.rules, answer.hits) == (Answer.NOT_ASKED, ("REQUEST-1",), ())
    assert answer.reasons == ("This country shares nothing unasked and answers requests only.",)
    assert answer.ways == ("A request to the country, approved there by the public prosecutor.",)
    assert of_country(out, NL).answer is not Answer.NOT_ASKED


@pytest.mark.any_engine
def test_simulating_an_edition_changes_nothing_for_the_next_question(scene: Scene) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    scene.settle()
    before = scene.answer(CW, phone)
    scene.ask(phone, simulate_edition="strict")
    after = scene.ask(phone)
    assert of_country(after, CW) == before
    assert not after.simulated


@pytest.mark.any_engine
def test_simulating_a_wider_edition_shows_nothing_that_the_one_in_force_withholds(scene: Scene) -> None:
    """Whoever may search could otherwise choose the rules by which he is answered."""
    phone = a_phone()
    scene.hold(CW, about(phone))
    scene.settle()
    under_strict = replace(scene.aruba, edition=editions.load("strict"))
    out = scene.ask(phone, register=under_strict, simulate_edition="demo")
    plain = scene.ask(phone, register=under_strict)
    assert out.simulated
    assert of_country(out, CW).answer is Answer.NOT_ASKED
    assert of_country(out, CW).rules == of_country(plain, CW).rules == ("REQUEST-1",)
    assert out.own == plain.own


@pytest.mark.any_engine
def test_a_question_on_another_countrys_law_is_refused_with_its_rule(scene: Scene) -> None:
    with pytest.raises(QuestionRefused, match="ASK-3"):
        scene.ask(a_phone(), legal_basis=LegalBasis.CW_POLICE)


def test_a_value_in_too_many_records_is_neither_a_hit_nor_a_miss(scene: Scene) -> None:
    phone = a_phone()
    scene.hold_many(CW, about(phone), 20, record={"period": {"from": "2025-11", "to": "2025-12"}})
    scene.hold_many(SX, about(phone), DF_MAX - 20)
    scene.settle()
    assert scene.answer(CW, phone).answer is Answer.HIT
    last = scene.hold(SX, about(phone), record={"period": {"from": "2026-03", "to": "2026-05"}})
    scene.settle()
    out = scene.ask(phone)
    curacao, netherlands = (of_country(out, c) for c in (CW, NL))
    assert (curacao.answer, curacao.hits) == (Answer.TOO_COMMON, ())
    (common,) = curacao.too_common
    assert (common.family, common.records, common.month_from, common.month_to) == ("phone", 20, "2025-11", "2025-12")
    assert netherlands.answer is Answer.NOTHING
    scene.mirrors[SX].retract(last)
    scene.settle()
    assert scene.answer(CW, phone).answer is Answer.HIT


def test_who_registers_in_one_country_makes_no_value_too_common_for_what_others_know_of_it(scene: Scene) -> None:
    """Thirty-two reports of one officer took a trafficker's number from all five countries."""
    phone = a_phone()
    wanted = scene.hold(CW, about(phone))
    for origin in (SX, NL, BQ):
        scene.hold_many(origin, about(phone), DF_MAX + 7)
    own = scene.record(selectors=[phone.model_dump()])
    scene.settle()
    out = scene.ask(phone)
    assert [hit.record for hit in of_country(out, CW).hits] == [wanted]
    assert [one.reference for one in out.own.signals] == [own.reference]
    sint_maarten = of_country(out, SX)
    assert (sint_maarten.answer, sint_maarten.too_common[0].records) == (Answer.TOO_COMMON, DF_MAX + 7)
    standing = list_hits(scene.aruba, scene.unit, ground_of(scene.unit), cursor=None, limit=50).items
    assert [row.record for row in standing if row.signal == own.id] == [wanted]


@pytest.mark.any_engine
def test_own_reports_are_shown_however_many_carry_the_value(scene: Scene) -> None:
    phone = a_phone()
    first = scene.record(selectors=[phone.model_dump()])
    for _ in range(DF_MAX):
        scene.record(selectors=[phone.model_dump()])
    scene.settle()
    own = scene.ask(phone).own
    assert len(own.signals) == DF_MAX + 1
    assert own.signals[0].reference == first.reference
    assert [one.records for one in own.too_common] == [DF_MAX + 1]


def test_a_rare_value_beside_a_common_one_still_hits(scene: Scene) -> None:
    common, rare = a_phone(), a_phone()
    scene.hold_many(CW, about(common), DF_MAX + 5)
    wanted = scene.hold(CW, about(rare))
    scene.settle()
    answer = scene.answer(CW, common, rare)
    assert [h.record for h in answer.hits] == [wanted]
    assert [c.records for c in answer.too_common] == [DF_MAX + 5]


@pytest.mark.parametrize("way", ["engine", "postgres"])
def test_a_rare_value_in_many_subjects_loses_none_of_its_records(scene: Scene, way: str) -> None:
    phone, other = a_phone(), a_phone()
    several = scene.extract(CW, about(phone), about(phone), about(phone, other))
    records = scene.mirrors[CW].hold(*[several] * 14)
    scene.settle()
    hits = scene.answer(CW, phone, other, register=None if way == "engine" else scene.degraded()).hits
    assert {h.record for h in hits} == set(records)
    assert len(hits) == 3 * len(records)


def test_too_common_counts_over_the_whole_mirror(scene: Scene) -> None:
    phone = a_phone()
    for origin, number in ((BQ, 7), (CW, 7), (NL, 7), (SX, DF_MAX + 1 - 21)):  # of each so few that all of them count
        scene.hold_many(origin, about(phone), number)
    scene.settle()
    out = scene.ask(phone)
    assert {a.answer for a in out.countries} == {Answer.TOO_COMMON}


def test_own_reports_are_found_whatever_another_country_made_common(scene: Scene) -> None:
    common, rare = a_phone(), a_phone()
    scene.hold_many(CW, about(common), DF_MAX + 1)
    signals = [scene.record(selectors=[one.model_dump()]) for one in (rare, common)]
    scene.settle()
    own = scene.ask(common, rare).own
    assert {s.reference for s in own.signals} == {s.reference for s in signals}
    for found in own.signals:
        assert found.organisation_name not in {"", found.organisation}, "organisations are called by name"
    assert own.too_common == ()


@pytest.mark.any_engine
def test_too_few_evaluators_is_not_computed_and_the_own_register_still_answers(scene: Scene) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    signal = scene.record(selectors=[phone.model_dump()])
    scene.settle()
    scene.world.down.update({BQ, NL, SX})
    scene.engine.calls.clear()
    out = scene.ask(phone)
    assert {a.answer for a in out.countries} == {Answer.NOT_COMPUTED}
    assert not any(a.hits for a in out.countries)
    assert [s.reference for s in out.own.signals] == [signal.reference]
    assert scene.engine.calls == []
    assert not out.degraded


def limited(scene: Scene, **limits: Any) -> tuple[Register, Limited]:
    evaluators = Limited(scene.aruba.evaluators, **limits)
    return replace(scene.aruba, evaluators=evaluators), evaluators


def to_search(scene: Scene, selector_class: str, *, takes: int = 10) -> UUID:
    """A ticket to search that persons of three countries signed, as evaluators answered of it."""
    made = ask_ticket(
        scene.aruba, replace(system(AW, "api"), actor="operator:1000"), purpose=EvaluationPurpose.SEARCH,
        selector_class=selector_class, keys=2 * takes, rows=1, days=1, reason=TicketReason.IMPORT_OF_PAST_YEARS,
    )  # fmt: skip
    said = {"state": "signed", "reason": None, "signature": None, "counts": True, "takes": takes, "used": 0}
    with scene.aruba.work(system(AW, "worker")) as work:
        work.exchange.tickets.answered(UUID(made.id), {one.value: said for one in (BQ, CW, NL, SX)}, "signed")
    return UUID(made.id)


@pytest.mark.any_engine
def test_a_full_limit_is_told_with_its_next_slot_and_how_to_go_on_and_is_never_nothing(scene: Scene) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    signal = scene.record(selectors=[phone.model_dump()])
    scene.settle()
    register, _ = limited(scene, full=["phone/e1"])
    out = scene.ask(phone, register=register)
    for answer in out.countries:
        assert (answer.answer, answer.words, answer.limit) == (
            Answer.NOT_COMPUTED, LIMITED, "evaluator-country-full",
        )  # fmt: skip
        assert answer.retry_at is not None
        assert answer.retry_at - out.asked_at >= timedelta(days=29)
        assert any("ticket" in way for way in answer.ways)
    assert [s.reference for s in out.own.signals] == [signal.reference]


@pytest.mark.any_engine
def test_a_ticket_to_search_is_used_by_itself_for_the_class_that_is_full(scene: Scene) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    scene.settle()
    register, evaluators = limited(scene, full=["phone/e1"])
    asked = about(phone, **ZENO)
    assert of_country(scene.ask(subject=asked, register=register), CW).answer is Answer.NOT_COMPUTED
    assert evaluators.asked == [], "no part of a question is asked that has no answer"
    ticket = to_search(scene, "phone")
    assert of_country(scene.ask(subject=asked, register=register), CW).answer is Answer.HIT
    on = {(batch.key_id, one.ticket) for one in evaluators.asked for batch in one.body.batches}
    assert on == {("person/e1", None), ("phone/e1", ticket)}, "what has room is asked freely"
    with scene.aruba.work(system(AW, "worker")) as work:
        kept = work.exchange.tickets.get(AW, ticket)
        assert kept is not None
        assert kept.asked_on is not None
    evaluators.used_up.add(ticket)
    late = of_country(scene.ask(subject=asked, register=register), CW)
    assert (late.answer, late.limit) == (Answer.NOT_COMPUTED, "evaluator-country-full")


@pytest.mark.any_engine
def test_two_evaluators_of_the_four_are_enough(scene: Scene) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    scene.settle()
    scene.world.down.update({CW, SX})
    assert scene.answer(CW, phone).answer is Answer.HIT


@pytest.mark.parametrize(
    ("tip", "applied", "age_s", "stale"),
    [(4, 4, 0, False), (4, 4, 179, False), (4, 4, 181, True), (5, 4, 0, True)],
    ids=["fresh", "just-fresh", "head-too-old", "behind-the-tip"],
)
@pytest.mark.any_engine
def test_stale_stands_beside_any_answer_where_a_part_may_be_out_of_date(
    scene: Scene, *, tip: int, applied: int, age_s: int, stale: bool
) -> None:
    phone = a_phone()
    scene.hold(CW, about(phone))
    scene.settle()
    head_at = scene.clock.now() - timedelta(seconds=age_s)
    scene.mirrors[CW].head(tip=tip, applied_to=applied, at=head_at)
    scene.mirrors[NL].head(tip=tip, applied_to=applied, at=head_at)
    out = scene.ask(phone)
    hit, miss, other = (of_country(out, c) for c in (CW, NL, SX))
    assert (hit.answer, miss.answer) == (Answer.HIT, Answer.NOTHING)
    assert hit.stale_since == miss.stale_since == (head_at if stale else None)
    assert other.stale_since is None


@pytest.mark.any_engine
def test_origin_that_was_restored_is_missing_since_all_that_it_said_was_last_here(scene: Scene) -> None:
    """Its heads are fresh and end too early: what it takes back reaches nobody, and a searcher acts on it."""
    phone = a_phone()
    scene.hold(CW, about(phone))
    scene.settle()
    now = scene.clock.now()
    for country in (CW, NL):
        scene.mirrors[country].head(tip=1, applied_to=4, at=now, behind=True)
    scene.change("UPDATE rtr.partner_cursor_aw SET last_success_at = origin_behind_at - interval '5 s'")
    scene.clock.move(7200)
    scene.mirrors[CW].head(tip=1, applied_to=4, at=scene.clock.now(), behind=True)
    scene.mirrors[SX].head(tip=4, applied_to=4, at=scene.clock.now())
    out = scene.ask(phone)
    hit, miss, other = (of_country(out, c) for c in (CW, NL, SX))
    assert (hit.answer, miss.answer) == (Answer.HIT, Answer.NOTHING)
    for one in (hit, miss):
        assert one.cut_off
        assert one.stale_since is not None
        assert abs(now - timedelta(seconds=5) - one.stale_since) < timedelta(seconds=2)
        assert one.words.endswith(cut_off_words(one.country))
    assert (other.stale_since, other.cut_off) == (None, False)


@pytest.mark.any_engine
def test_origin_whose_log_was_halted_is_missing_at_once(scene: Scene) -> None:
    scene.mirrors[NL].head(tip=4, applied_to=4, at=scene.clock.now())
    scene.change("UPDATE rtr.partner_cursor_aw SET halted = 'fork' WHERE partner = 'NL'")
    answer = scene.answer(NL, a_phone())
    assert answer.cut_off
    assert answer.stale_since is not None


@pytest.mark.any_engine
def test_a_partner_that_was_never_reached_is_stale(scene: Scene) -> None:
    scene.change("DELETE FROM rtr.partner_cursor_aw WHERE partner = 'BQ'")
    assert scene.answer(BQ, a_phone()).stale_since == scene.clock.now()


@pytest.mark.any_engine
def test_own_letters_of_guarantee_are_listed(scene: Scene) -> None:
    phone = a_phone()
    signal = scene.record(
        subjects=[
            {"n": 1, "role": "GUARANTOR", "kind": "person", "selectors": [phone.model_dump()]},
            {"n": 2, "role": "COMPANION", "kind": "person", "name": "Alguno"},
        ],
        guarantees=[{"kind": "ENTRY", "service": "IASA", "on": "2026-02-03", "guarantor": 1, "beneficiary": 2}],
    )
    (own,) = scene.ask(phone).own.signals
    assert (own.reference, own.families, own.organisation) == (signal.reference, ("phone",), "AW-DIMAS")
    assert [(g.kind, g.service) for g in own.guarantees] == [("ENTRY", "IASA")]


@pytest.mark.any_engine
def test_own_is_found_though_its_pseudonyms_wait(scene: Scene) -> None:
    phone = a_phone()
    scene.world.down.update(set(Partition) - {AW})
    signal = scene.record(selectors=[phone.model_dump()])
    scene.world.down.clear()
    assert [s.reference for s in scene.ask(phone).own.signals] == [signal.reference]
