"""Keys that have no pseudonym yet: what they hold up, and what never waits for them.

What takes something back from partners leaves with what is known; what gives waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from register.core import Register
from register.domain.access.caller import Caller, system
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.search.feeding.changes import Put
from register.services.exchange.keep_tickets import ask_ticket
from register.services.search.index_records import REVISIONS, find_wanted_changes
from register.services.signals.approving.ask_approval import what_would_leave
from register.services.signals.change_signal import amend_signal, reclassify_signal
from register.services.signals.read_signal import read_signal
from schemas.codes import EntryType, Partition, TicketReason
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.signals.changes import AmendIn, ReclassifyIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.exchange.limited import Asked, Limited
from tests.support.started.databases import empty
from tests.support.told import drafts_of, live, share_all
from tests.support.world import World

AW, BQ, CW, NL, SX = Partition
WHY = "Weighed again."
PLATE = {"type": "PLATE", "value": "A-99901", "country": "AW"}
OTHER_PLATE = {"type": "PLATE", "value": "A-99902", "country": "AW"}


@pytest.fixture
def away(two: World) -> Iterator[Callable[[], None]]:
    """Takes three evaluators away until the test is over."""
    yield lambda: two.down.update({BQ, NL, SX})
    two.down.clear()


@pytest.fixture(autouse=True)
def nothing_else_waits(two: World) -> Iterator[None]:
    """What one test leaves waiting is not asked for in the next, and a mark that it sets passes on to none there."""
    yield
    with psycopg.connect(two.settings.database.admin_url, dbname=two.settings.database.name) as connection:
        connection.execute("DELETE FROM rtr.outbox_aw WHERE consumer = 'pseudonymise'")
        connection.execute("UPDATE rtr.signal_aw SET created_at = created_at - interval '91 days'")


@pytest.fixture
def shared(two: World, record: Record) -> SignalOut:
    """A report that Curaçao has."""
    made = record()
    share_all(two[AW])
    assert live(two[AW], made.id, CW) is not None
    return made


def amend(two: World, by: Caller, signal: SignalOut, **changes: Any) -> SignalOut:
    told = AmendIn.model_validate({"changes": changes, "reason": WHY})
    version = read_signal(two[AW], by, SignalId(signal.id)).version
    return amend_signal(two[AW], by, SignalId(signal.id), told, version=version)


def with_asked(register: Register) -> tuple[Register, Asked]:
    asked = Asked(register.evaluators)
    return replace(register, evaluators=asked), asked


# --- what takes back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "narrower",
    [{"visibility": "V3"}, {"single_approval": True}, {"handling": {"code": "H1"}}],
    ids=lambda one: next(iter(one)),
)
@pytest.mark.parametrize("selectors", [[PLATE], [OTHER_PLATE]], ids=["same keys", "another key"])
def test_what_an_amendment_narrows_is_drafted_with_it_though_no_evaluator_can_be_asked(
    two: World, unit: Caller, shared: SignalOut, away: Callable[[], None], narrower: dict[str, Any], selectors: Any
) -> None:
    before = drafts_of(two[AW], shared.id, CW)
    away()
    amend(two, unit, shared, selectors=selectors, **narrower)
    drafts = drafts_of(two[AW], shared.id, CW)
    assert len(drafts) > len(before)
    if "handling" not in narrower:
        assert drafts[-1].type == EntryType.INDICATOR_RETRACT
        assert live(two[AW], shared.id, CW) is None
    else:
        assert drafts[-1].body is not None
        assert drafts[-1].body["label"]["handling"]["code"] == "H1"


def test_an_approval_that_ends_with_the_type_is_taken_back_in_the_same_transaction(
    two: World, unit: Caller, shared: SignalOut, away: Callable[[], None]
) -> None:
    away()
    told = ReclassifyIn(signal_type="HT_MS", reason=WHY)
    reclassify_signal(two[AW], unit, SignalId(shared.id), told, version=1)
    found = live(two[AW], shared.id, CW)
    assert found is None or found["signal_type"] == "HT_MS"


def test_worker_takes_back_what_may_not_stay_though_keys_wait(
    two: World, unit: Caller, shared: SignalOut, away: Callable[[], None]
) -> None:
    """Whatever narrowed it: here the column alone, as another version of the house would leave it."""
    away()
    amend(two, unit, shared, selectors=[OTHER_PLATE])
    with two[AW].work(two.worker(AW)) as work:
        work.signals.reports.set_columns(SignalId(shared.id), widened=True)
        work.running.outbox.add(Consumer.PSEUDONYMISE, shared.id)
    share_all(two[AW])
    assert live(two[AW], shared.id, CW) is None
    assert read_signal(two[AW], unit, SignalId(shared.id)).pseudonyms == "pending"


def test_keys_that_wait_give_nothing_to_a_partner_that_has_nothing(
    two: World, record: Record, away: Callable[[], None]
) -> None:
    away()
    made = record()
    share_all(two[AW])
    assert [drafts_of(two[AW], made.id, partner) for partner in (BQ, CW, NL, SX)] == [[], [], [], []]


def test_trying_again_drafts_and_notes_nothing_twice(
    two: World, unit: Caller, shared: SignalOut, away: Callable[[], None]
) -> None:
    away()
    amend(two, unit, shared, selectors=[OTHER_PLATE])
    seen = []
    for _ in range(3):
        with two[AW].work(two.worker(AW)) as work:
            work.running.outbox.add(Consumer.PSEUDONYMISE, shared.id)
        share_all(two[AW])
        seen.append((len(drafts_of(two[AW], shared.id, CW)), notes(two, shared)))
    assert seen[0] == seen[1] == seen[2]


def notes(two: World, signal: SignalOut) -> int:
    query = (
        f"SELECT count(*) FROM rtr.audit_leaf WHERE commitment->>'about' = '{signal.id}' AND action = 'signal.shared'"
    )
    with two[AW].database.transaction("auditor") as connection:
        return int(connection.exec_driver_sql(query).scalar_one())


# --- what is known is not asked again --------------------------------------------------------------------------------


def test_amendment_of_anything_but_keys_asks_no_evaluator_and_reaches_partners_without_them(
    two: World, unit: Caller, shared: SignalOut, away: Callable[[], None]
) -> None:
    before = live(two[AW], shared.id, CW)
    assert before is not None
    away()
    amend(two, unit, shared, urgency="DAY")
    register, asked = with_asked(two[AW])
    share_all(register)
    after = live(two[AW], shared.id, CW)
    assert asked.asked == []
    assert after is not None
    assert after["tokens"] == before["tokens"]
    assert read_signal(two[AW], unit, SignalId(shared.id)).pseudonyms == "done"


def test_amendment_asks_for_the_keys_that_are_new_and_for_no_other(two: World, unit: Caller, shared: SignalOut) -> None:
    before = live(two[AW], shared.id, CW)
    amend(two, unit, shared, selectors=[PLATE, OTHER_PLATE])
    register, asked = with_asked(two[AW])
    share_all(register)
    after = live(two[AW], shared.id, CW)
    assert before is not None
    assert after is not None
    assert {tuple(b.key_id for b in one.body.batches) for one in asked.asked} == {("plate/e1",)}
    assert {one.body.count for one in asked.asked} == {1}
    assert len(after["tokens"]) == len(before["tokens"]) + 1


# --- what a limit holds up -------------------------------------------------------------------------------------------


def limited(two: World, **limits: Any) -> tuple[Register, Limited]:
    evaluators = Limited(two[AW].evaluators, **limits)
    return replace(two[AW], evaluators=evaluators), evaluators


def families(two: World, signal: SignalOut) -> set[str]:
    """Classes of the pseudonyms that Curaçao has of it."""
    record = live(two[AW], signal.id, CW)
    return set() if record is None else {one["family"].partition(".")[0] for one in record["tokens"]}


def again(register: Register, signal: SignalOut) -> None:
    with register.work(system(AW, "worker")) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, signal.id)
    share_all(register)


def test_a_full_book_of_one_class_holds_back_its_keys_and_not_the_report(
    two: World, unit: Caller, record: Record
) -> None:
    register, evaluators = limited(two, full=["plate/e1"])
    made = record()
    share_all(register)
    assert families(two, made) == {"person", "phone"}
    told = read_signal(two[AW], unit, SignalId(made.id))
    assert told.pseudonyms == "partial"
    assert any("cannot be found abroad yet" in step for step in told.next_steps)
    assert waits_for(two, made) == "evaluator-country-full"
    assert indexed(two, made) == (told.version, {"person", "phone"})

    version = drafts_of(two[AW], made.id, CW)[-1].version
    evaluators.full.clear()
    again(register, made)
    assert families(two, made) == {"person", "phone", "plate"}
    assert drafts_of(two[AW], made.id, CW)[-1].version > version
    after = read_signal(two[AW], unit, SignalId(made.id))
    assert (after.pseudonyms, after.version) == ("done", told.version + 1)
    assert waits_for(two, made) is None
    assert indexed(two, made) == (after.version, {"person", "phone", "plate"})


def an_own_ticket(two: World, selector_class: str, *, takes: int = 1, used: int = 0, counts: int = 4) -> UUID:
    """Of which each evaluator takes so many keys; so many of the four count it."""
    made = ask_ticket(
        two[AW], replace(system(AW, "api"), actor="operator:1000"), purpose=EvaluationPurpose.REGISTER,
        selector_class=selector_class, keys=max(1, 2 * takes), rows=1, days=1, reason=TicketReason.IMPORT_OF_PAST_YEARS,
    )  # fmt: skip
    said = {"state": "signed", "reason": None, "signature": None, "takes": takes, "used": used}
    answers = {one.value: {**said, "counts": n < counts} for n, one in enumerate((BQ, CW, NL, SX))}
    with two[AW].work(system(AW, "worker")) as work:
        work.exchange.tickets.answered(UUID(made.id), answers, "signed")
    return UUID(made.id)


def was_asked_on(two: World, ticket: UUID) -> bool:
    with two[AW].work(system(AW, "worker")) as work:
        kept = work.exchange.tickets.get(AW, ticket)
    assert kept is not None
    return kept.asked_on is not None


@pytest.fixture(autouse=True)
def no_tickets(two: World) -> Iterator[None]:
    yield
    empty(two.settings, ("ticket",))


def test_the_worker_asks_on_a_ticket_what_a_full_book_refuses_and_on_none_that_is_used_up(
    two: World, unit: Caller, record: Record
) -> None:
    """Whether one has room is what evaluators say: two of them, since one alone makes no pseudonym."""
    alone, other, used_up, ticket = (
        an_own_ticket(two, "plate", counts=1),
        an_own_ticket(two, "phone"),
        an_own_ticket(two, "plate", used=1),
        an_own_ticket(two, "plate"),
    )
    register, evaluators = limited(two, full=["plate/e1"])
    first = record()
    share_all(register)
    assert families(two, first) == {"person", "phone", "plate"}
    assert read_signal(two[AW], unit, SignalId(first.id)).pseudonyms == "done"
    assert {one.ticket for one in evaluators.asked} == {None, ticket}, "only what was refused is asked on it"
    assert [was_asked_on(two, one) for one in (alone, other, used_up, ticket)] == [False, False, False, True]

    evaluators.used_up.add(ticket)
    second = record()
    share_all(register)
    assert families(two, second) == {"person", "phone"}, "the ticket is used up: its keys wait as before"
    assert waits_for(two, second) == "evaluator-country-full"


def test_what_one_ticket_has_no_room_for_is_asked_on_the_next_and_in_parts_that_fit(
    two: World, unit: Caller, record: Record
) -> None:
    """Another worker used the first one since evaluators said so; of the second each takes 20."""
    first, second = an_own_ticket(two, "plate", takes=100), an_own_ticket(two, "plate", takes=20)
    register, evaluators = limited(two, full=["plate/e1"])
    evaluators.used_up.add(first)
    made = record(selectors=[{"type": "PLATE", "value": f"A-{70_000 + n}", "country": "AW"} for n in range(60)])
    share_all(register)
    assert read_signal(two[AW], unit, SignalId(made.id)).pseudonyms == "done"
    on = {
        one: [len(b.elements) for asked in evaluators.asked if asked.ticket == one for b in asked.body.batches]
        for one in (first, second)
    }
    assert on[first] == [], "refused, once by each partner, and not part by part"
    assert max(on[second]) == 15, "60 halved until it fits"
    assert [was_asked_on(two, one) for one in (first, second)] == [True, True]


def test_what_is_held_up_is_asked_alone_and_under_one_name(two: World, record: Record) -> None:
    """What was granted is not asked again, and evaluators know the repeat: neither costs the quota."""
    register, evaluators = limited(two, full=["plate/e1"])
    made = record()
    share_all(register)
    evaluators.full.clear()
    two.down.update({BQ, NL, SX})
    try:
        again(register, made)
        again(register, made)
    finally:
        two.down.clear()
    again(register, made)
    late = [one for one in evaluators.asked if "plate/e1" in {b.key_id for b in one.body.batches}]
    assert {tuple((b.key_id, len(b.elements)) for b in one.body.batches) for one in late} == {(("plate/e1", 1),)}
    assert len({(one.body.request_id, one.body.digest()) for one in late}) == 1


def test_a_partial_report_stays_with_partners_when_evaluators_go_away_and_still_narrows(
    two: World, unit: Caller, record: Record, away: Callable[[], None]
) -> None:
    register, _ = limited(two, full=["plate/e1"])
    made = record()
    share_all(register)
    away()
    again(register, made)
    assert families(two, made) == {"person", "phone"}
    assert read_signal(two[AW], unit, SignalId(made.id)).pseudonyms == "partial"
    amend(two, unit, made, visibility="V3")
    assert live(two[AW], made.id, CW) is None


def test_what_a_keeper_approves_of_a_partial_report_is_what_leaves(two: World, record: Record) -> None:
    register, _ = limited(two, full=["plate/e1"])
    made = record()
    share_all(register)
    with register.work(system(AW, "worker")) as work:
        signal = work.signals.reports.get(SignalId(made.id))
        approved, _ = what_would_leave(register, work, signal, work.access.organisations.get(signal.organisation))
    assert {one.family.partition(".")[0] for one in approved.tokens} == {"person", "phone"}


def test_report_with_more_keys_of_a_class_than_ever_fit_at_once_is_asked_in_parts(
    two: World, unit: Caller, record: Record
) -> None:
    register, evaluators = limited(two, at_once=50)
    plates = [{"type": "PLATE", "value": f"A-{80_000 + n}", "country": "AW"} for n in range(60)]
    made = record(selectors=plates)
    share_all(register)
    assert read_signal(two[AW], unit, SignalId(made.id)).pseudonyms == "done"
    record_part = live(two[AW], made.id, CW)
    assert record_part is not None
    assert sum(one["family"] == "plate" for one in record_part["tokens"]) == 60
    assert max(len(b.elements) for one in evaluators.asked for b in one.body.batches) <= 50


def test_what_is_refused_key_by_key_is_named_by_its_own_code(two: World, unit: Caller, record: Record) -> None:
    register, _ = limited(two, at_once=0)
    made = record()
    share_all(register)
    assert read_signal(two[AW], unit, SignalId(made.id)).pseudonyms == "partial"
    assert waits_for(two, made) == "evaluator-too-many-keys"


# --- what is declared ------------------------------------------------------------------------------------------------


def test_what_a_victim_has_is_declared_to_be_kept_and_what_partners_get_to_be_published(
    two: World, record: Record
) -> None:
    register, evaluators = with_asked(two[AW])
    mine = {"type": "PHONE", "value": "+297 560 7171"}
    other = {"type": "PHONE", "value": "+297 560 7272"}
    made = record(
        selectors=[],
        subjects=[
            {"n": 1, "role": "VICTIM_PRESUMED", "kind": "person", "selectors": [mine]},
            {"n": 2, "role": "SUSPECT", "kind": "person", "selectors": [other]},
        ],
    )
    share_all(register)
    asked = {one.body.request_id: one.body for one in evaluators.asked}.values()
    assert sorted((one.declared, one.count) for one in asked) == [("keep", 1), ("publish", 1)]
    published = live(two[AW], made.id, CW)
    assert published is not None
    assert len(published["tokens"]) == 1


def test_of_a_report_that_no_partner_may_have_all_is_declared_to_be_kept(two: World, record: Record) -> None:
    register, evaluators = with_asked(two[AW])
    record(visibility="V3")
    share_all(register)
    assert evaluators.asked
    assert {one.body.declared for one in evaluators.asked} == {"keep"}


def test_what_waits_for_an_approval_is_declared_to_be_published(two: World, record: Record) -> None:
    register, evaluators = with_asked(two[AW])
    made = record(selectors=[{"type": "PHONE", "value": "+297 560 7373"}], subjects=[], single_approval=True)
    share_all(register)
    assert live(two[AW], made.id, CW) is None
    assert {one.body.declared for one in evaluators.asked} == {"publish"}


def test_a_repeat_declares_the_same_under_the_same_id(two: World, record: Record, away: Callable[[], None]) -> None:
    register, evaluators = with_asked(two[AW])
    away()
    record()
    share_all(register)
    two.down.clear()
    with psycopg.connect(two.settings.database.admin_url, dbname=two.settings.database.name) as connection:
        connection.execute(
            "UPDATE rtr.outbox_aw SET not_before = now(), leased_until = NULL WHERE consumer = 'pseudonymise'"
        )
    share_all(register)
    asked = [one.body for one in evaluators.asked]
    assert len({one.request_id for one in asked}) == len({one.digest() for one in asked}) == 1
    assert len(asked) > 2


def waits_for(two: World, signal: SignalOut) -> str | None:
    query = f"SELECT last_error FROM rtr.outbox_aw WHERE consumer = 'pseudonymise' AND object = '{signal.id}'"
    database = two.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        row = connection.execute(query.encode()).fetchone()
    return None if row is None else row[0]


def indexed(two: World, signal: SignalOut) -> tuple[int, set[str]]:
    """Which version of the report the own index has, and by which classes."""
    with two[AW].work(two.worker(AW)) as work:
        [put] = find_wanted_changes(work, work.signals.reports.get(SignalId(signal.id)).extract_id)
    assert isinstance(put, Put)
    return put.version // REVISIONS, {one.family.partition(".")[0] for one in put.tokens}
