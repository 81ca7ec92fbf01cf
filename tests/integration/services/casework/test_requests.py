"""A request is drafted of what a search would show now, of nothing else; it is sealed, logged and one house's own."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.casework.request import DayOutOfRange, NotADraft, RequestId, RouteNotTaken
from register.domain.paging import BadCursor
from register.domain.signals.signal import ChangedMeanwhile
from register.errors import NotFound
from register.mou import edition as editions
from register.mou.asking import QuestionRefused
from register.services.casework.draft_request import amend_request, draft_request, withdraw_request
from register.services.casework.read_requests import list_requests, read_request
from register.services.running.keep_house import destroy_keys
from register.services.search.read_record import read_record
from register.store.running.idempotency import KeyReused
from schemas.casework.request import RequestAmendIn, RequestIn, RequestOut, RequestWithdrawIn
from schemas.codes import LegalBasis, Partition, Purpose
from tests.integration.exchange.extracts import an_extract
from tests.integration.services.signals.recording.test_same_draw import until_somebody_waits
from tests.integration.store.isolation.matrix import admin
from tests.support.clock import HandClock
from tests.support.records.mirror import Mirror
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
WORDS, CASE = "Who stood surety, and for whom?", "Z-2026-04"
Hold = Callable[..., UUID]


@pytest.fixture(scope="module")
def mirror(two: World) -> Mirror:
    return Mirror(two[AW], CW)


@pytest.fixture
def hold(two: World, mirror: Mirror) -> Hold:
    """An extract of Curaçao in Aruba's mirror; members of its label may be named."""

    def make(**changes: Any) -> UUID:
        number = mirror.seq + 1
        held = mirror.hold(an_extract(replace(two[AW], partition=CW), AW, number=1000 + number, **changes))[0]
        with two[AW].work(two.caller("AW-CMMA")) as work:  # an answer of yesterday showed it
            for actor in ("coordinator", "tester"):
                work.search.budgets.note_shown(actor, [held], two[AW].today() - timedelta(days=1))
        return held

    return make


def test_nobody_drafts_a_request_for_what_no_answer_has_shown_to_them(two: World, hold: Hold) -> None:
    stranger = two.caller("AW-CMMA", Task.SEARCH_SHARED, actor="knows-the-id")
    with pytest.raises(NotFound):
        draft(two, stranger, record := hold())
    with pytest.raises(NotFound):
        read_record(
            two[AW], stranger, record, purpose=Purpose.COORDINATE, legal_basis=LegalBasis.AW_NONPOLICE, case=CASE
        )


@pytest.fixture
def coordinator(two: World) -> Caller:
    return two.caller("AW-CMMA", Task.SEARCH_SHARED, actor="coordinator")


def form(two: World, record: UUID, **parts: Any) -> RequestIn:
    whole: dict[str, Any] = {
        "record": record,
        "route": "police",
        "purpose": Purpose.COORDINATE,
        "legal_basis": LegalBasis.AW_NONPOLICE,
        "case": CASE,
        "asks": WORDS,
        "answer_by": two[AW].today() + timedelta(days=14),
    }
    return RequestIn(**whole | parts)


def draft(two: World, by: Caller, record: UUID, key: str = "", **parts: Any) -> RequestOut:
    return draft_request(two[AW], by, form(two, record, **parts), key or str(two[AW].clock.new_id()))


def rows(two: World, query: str, *values: object) -> list[dict[str, Any]]:
    with psycopg.connect(admin(two), row_factory=dict_row) as connection:
        return connection.execute(query.encode(), values or None).fetchall()


def leaves(two: World, about: object) -> list[str]:
    query = "SELECT action FROM rtr.audit_leaf WHERE commitment->>'about' = %s ORDER BY id"
    return [row["action"] for row in rows(two, query, str(about))]


def stored(two: World) -> int:
    return int(rows(two, "SELECT count(*) AS n FROM rtr.request")[0]["n"])


def test_draft_goes_to_the_owner_and_unit_of_the_extract(two: World, coordinator: Caller, hold: Hold) -> None:
    record = hold()
    made = draft(two, coordinator, record)

    assert (made.owner, made.unit, made.record, made.state) == (CW, "A unit", record, "DRAFT")
    assert made.record_reference.startswith("CW-2026-")
    assert "does not send" in made.next_step
    read = read_request(two[AW], coordinator, made.reference)
    assert read == read_request(two[AW], coordinator, RequestId(made.id))
    assert read.model_dump_json() == made.model_dump_json()


@pytest.mark.parametrize("task", sorted(set(Task) - {Task.SEARCH_SHARED}))
def test_only_who_may_search_drafts_reads_changes_and_withdraws(
    two: World, coordinator: Caller, hold: Hold, task: Task
) -> None:
    record = hold()
    made = draft(two, coordinator, record)
    other, request_id = two.caller("AW-CMMA", task), RequestId(made.id)
    for attempt in (
        lambda: draft(two, other, record),
        lambda: read_request(two[AW], other, request_id),
        lambda: list_requests(two[AW], other, cursor=None, limit=5),
        lambda: amend_request(two[AW], other, request_id, RequestAmendIn(route="legal"), version=1),
        lambda: withdraw_request(two[AW], other, request_id, RequestWithdrawIn(reason="-"), version=1),
    ):
        with pytest.raises(TaskMissing, match="SEARCH_SHARED"):
            attempt()


def test_extract_that_a_search_would_not_show_is_answered_as_one_that_is_not_there(
    two: World, coordinator: Caller, hold: Hold, mirror: Mirror
) -> None:
    """A request must not be a way to ask whether something exists."""
    gone = hold()
    mirror.retract(gone)
    today = two[AW].today()
    expired = hold(handling={"code": "H3", "conditions": ["EXPIRY"], "expires": f"{today - timedelta(days=1)}"})
    hidden: dict[str, tuple[UUID, dict[str, Any]]] = {
        "nowhere": (UUID(int=7), {}),
        "retracted": (gone, {}),
        "expired": (expired, {}),
        "another purpose": (hold(purpose="PROTECT_VICTIM"), {"purpose": Purpose.ADMINISTRATIVE}),
    }
    before, said = stored(two), set()
    for record, parts in hidden.values():
        with pytest.raises(NotFound) as refused:
            draft(two, coordinator, record, **parts)
        said.add((type(refused.value), str(refused.value).replace(str(record), "-"), tuple(refused.value.details)))
        assert leaves(two, record)[-2:] == ["request.asked", "request.not-drafted"]
    assert len(said) == 1
    assert stored(two) == before


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        ("ASK-3", {"legal_basis": LegalBasis.CW_NONPOLICE}),
        ("ASK-4", {"legal_basis": LegalBasis.AW_POLICE}),
        ("ASK-5", {"purpose": Purpose.INVESTIGATE}),
    ],
)
def test_request_on_what_is_none_of_the_asking_organisation_is_refused_with_its_rule_whatever_is_there(
    two: World, coordinator: Caller, hold: Hold, rule: str, parts: dict[str, Any]
) -> None:
    said: set[tuple[str, tuple[str, ...]]] = set()
    for record in (hold(), UUID(int=7)):
        with pytest.raises(QuestionRefused, match=rule) as refused:
            draft(two, coordinator, record, **parts)
        said.add((str(refused.value), tuple(refused.value.details["rules"])))
    assert [rules for _, rules in said] == [(rule,)]


def test_a_route_that_the_asking_organisation_may_not_take_is_refused_with_its_rule(
    two: World, coordinator: Caller, hold: Hold
) -> None:
    strict = replace(two[AW], edition=editions.load("strict"))
    with pytest.raises(QuestionRefused, match="ASK-6"):
        draft_request(strict, coordinator, form(two, hold()), "strict-route")


def test_country_that_takes_requests_only_is_no_hit_and_takes_no_draft_of_one(
    two: World, coordinator: Caller, hold: Hold
) -> None:
    record = hold()
    strict = replace(two[AW], edition=editions.load("strict"))
    with pytest.raises(NotFound):
        draft_request(strict, coordinator, form(two, record, route="legal"), "strict-key")


def test_route_that_the_owner_does_not_take_is_refused_by_name(two: World, coordinator: Caller, hold: Hold) -> None:
    record = hold(record={"contact": {"unit": "A unit", "routes": ["legal"]}})
    with pytest.raises(RouteNotTaken, match="legal"):
        draft(two, coordinator, record)
    assert leaves(two, record)[-2:] == ["request.asked", "request.not-drafted"]
    made = draft(two, coordinator, record, route="legal")
    assert made.route == "legal"
    with pytest.raises(RouteNotTaken, match="legal"):
        amend_request(two[AW], coordinator, RequestId(made.id), RequestAmendIn(route="police"), version=1)
    assert leaves(two, made.id)[-1] == "request.not-amended"


def test_day_that_has_passed_is_refused_before_anything_is_looked_up(
    two: World, coordinator: Caller, hold: Hold
) -> None:
    record = hold()
    with pytest.raises(DayOutOfRange):
        draft(two, coordinator, record, answer_by=two[AW].today() - timedelta(days=1))
    assert leaves(two, record) == []


def test_answer_is_asked_for_from_the_islands_today_on(two: World, coordinator: Caller, hold: Hold) -> None:
    """In the evening of the islands it is tomorrow in UTC."""
    record, today = hold(), two[AW].today()
    night = datetime.combine(today + timedelta(days=1), time(1, 30), UTC)
    late = replace(two[AW], clock=HandClock(night))
    made = draft_request(late, coordinator, form(two, record, answer_by=today), "evening-key")
    assert made.answer_by == today
    change = RequestAmendIn(answer_by=today, asks="Tonight?")
    assert amend_request(late, coordinator, RequestId(made.id), change, version=1).answer_by == today
    with pytest.raises(DayOutOfRange):
        draft_request(late, coordinator, form(two, record, answer_by=today - timedelta(days=1)), "evening-key-2")


def test_draft_sent_twice_is_stored_once(two: World, coordinator: Caller, hold: Hold) -> None:
    record = hold()
    first, second = (draft(two, coordinator, record, "the-same-key") for _ in range(2))
    assert first == second
    with pytest.raises(KeyReused):
        draft(two, coordinator, record, "the-same-key", asks="Something else.")


def test_a_reference_taken_at_the_same_moment_is_drawn_again(
    two: World, coordinator: Caller, hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = hold()
    first = draft(two, coordinator, record)
    taken = f"{first.reference.rpartition('-')[0]}-9999"
    fixed, below = iter([9_998, 9_997]), secrets.randbelow
    monkeypatch.setattr(secrets, "randbelow", lambda most: next(fixed, None) or below(most))
    twin = (
        "INSERT INTO rtr.request SELECT (jsonb_populate_record(r, jsonb_build_object("
        "'id', %s::uuid, 'reference', %s::text))).* FROM rtr.request r WHERE r.id = %s"
    )
    with psycopg.connect(admin(two)) as other, ThreadPoolExecutor(1) as pool:
        other.execute(twin, (two[AW].clock.new_id(), taken, first.id))
        sent = pool.submit(draft, two, coordinator, record, "the-same-moment")
        until_somebody_waits(two)
        other.commit()
        made = sent.result()
    assert made.reference == taken.replace("9999", "9998")
    assert leaves(two, record)[-1] == "request.asked", "no miss"


def test_refused_draft_leaves_its_key_free(two: World, coordinator: Caller, hold: Hold) -> None:
    with pytest.raises(NotFound):
        draft(two, coordinator, UUID(int=8), "key-to-use-again")
    assert draft(two, coordinator, hold(), "key-to-use-again").version == 1


def test_another_organisation_of_the_country_is_told_that_there_is_none(
    two: World, coordinator: Caller, hold: Hold
) -> None:
    made = draft(two, coordinator, hold())
    stranger, request_id = two.caller("AW-JIUMM", Task.SEARCH_SHARED, Task.REGISTER), RequestId(made.id)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: read_request(two[AW], stranger, request_id),
        lambda: read_request(two[AW], stranger, made.reference),
        lambda: amend_request(two[AW], stranger, request_id, RequestAmendIn(route="legal"), version=1),
        lambda: withdraw_request(two[AW], stranger, request_id, RequestWithdrawIn(reason="-"), version=1),
    )
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert made.id not in {r.id for r in list_requests(two[AW], stranger, cursor=None, limit=200).items}
    missed = ["request.not-found", "request.not-amended", "request.not-withdrawn"]
    assert leaves(two, made.id)[-3:] == missed
    assert leaves(two, made.reference) == missed[:1]


def test_another_country_cannot_read_it(two: World, coordinator: Caller, hold: Hold) -> None:
    made = draft(two, coordinator, hold())
    abroad = two.caller("CW-KPC", Task.SEARCH_SHARED)
    with pytest.raises(NotFound):
        read_request(two[CW], abroad, RequestId(made.id))


def test_case_and_words_are_sealed_in_the_table_and_in_the_log(two: World, coordinator: Caller, hold: Hold) -> None:
    made = draft(two, coordinator, hold(), asks="A quite unusual sentence.", case="Z-UNUSUAL-1")
    withdraw_request(two[AW], coordinator, RequestId(made.id), RequestWithdrawIn(reason="Quite unusual."), version=1)
    for table in ("request", "audit_leaf", "idempotency"):
        for row in rows(two, f"SELECT * FROM rtr.{table}"):
            said = repr({name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items()})
            assert "unusual" not in said.lower(), table


def test_change_takes_a_fresh_key_and_destroys_the_old_one(two: World, coordinator: Caller, hold: Hold) -> None:
    made = draft(two, coordinator, hold())

    def key() -> Any:
        return rows(two, "SELECT data_key FROM rtr.request WHERE id = %s", made.id)[0]["data_key"]

    old = key()
    amended = amend_request(
        two[AW], coordinator, RequestId(made.id), RequestAmendIn(asks="Which papers?", route="legal"), version=1
    )
    assert (amended.asks, amended.route, amended.version, amended.case) == ("Which papers?", "legal", 2, CASE)
    assert key() != old
    destroy_keys(two[AW], 100)
    assert rows(two, "SELECT 1 FROM rtr.data_key WHERE id = %s", old) == []
    assert leaves(two, made.id) == ["request.drafted", "request.amended"]
    with pytest.raises(ChangedMeanwhile):
        amend_request(two[AW], coordinator, RequestId(made.id), RequestAmendIn(route="police"), version=1)


def test_draft_of_an_extract_that_was_taken_back_says_so_and_is_only_withdrawn(
    two: World, coordinator: Caller, hold: Hold, mirror: Mirror
) -> None:
    record = hold()
    made = draft(two, coordinator, record)
    mirror.retract(record)
    request_id = RequestId(made.id)

    read = read_request(two[AW], coordinator, request_id)
    assert not read.record_live
    assert "Do not carry it" in read.next_step
    with pytest.raises(NotFound):
        amend_request(two[AW], coordinator, request_id, RequestAmendIn(asks="More."), version=1)
    gone = withdraw_request(two[AW], coordinator, request_id, RequestWithdrawIn(reason="Taken back."), version=1)
    assert (gone.state, gone.withdrawn_for) == ("WITHDRAWN", "Taken back.")
    with pytest.raises(NotADraft):
        withdraw_request(two[AW], coordinator, request_id, RequestWithdrawIn(reason="Again."), version=2)


def test_list_is_newest_first_and_goes_on_by_its_cursor(two: World, coordinator: Caller, hold: Hold) -> None:
    record = hold()
    made = [draft(two, coordinator, record).id for _ in range(3)]
    first = list_requests(two[AW], coordinator, cursor=None, limit=2)
    second = list_requests(two[AW], coordinator, cursor=first.next, limit=2)

    assert [r.id for r in (*first.items, *second.items)][:3] == made[::-1]
    with pytest.raises(BadCursor):
        list_requests(two[AW], coordinator, cursor="!", limit=2)
