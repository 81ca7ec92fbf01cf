"""Upkeep: what has had its time is forgotten, also where nobody comes any more to begin something new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from register.domain.access.caller import Caller, Task, system
from register.services.access.open_session import open_session, resume_session
from register.services.exchange.keep_tickets import ask_ticket
from register.services.running.keep_house import destroy_keys, keep_house
from register.services.signals.keep_draft import begin_draft
from register.services.signals.record_signal import record_signal
from register.store.search.budgets import KEPT, Purse
from schemas.codes import Partition, TicketReason
from schemas.exchange.evaluation import EvaluationPurpose
from tests.support.clock import HandClock
from tests.support.forms import a_form
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW
HOUR = 3_600
TABLES = ("idempotency", "page_session", "form_draft")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def here(clock: HandClock) -> Iterator[World]:
    with world(countries=(AW, CW), clock=clock) as made:
        yield made


@pytest.fixture
def typist(here: World) -> Caller:
    return here.caller("AW-DIMAS", Task.SUBMIT, actor="aw-dimas")


def test_what_has_had_its_time_is_forgotten_with_its_keys(here: World, typist: Caller, clock: HandClock) -> None:
    record_signal(here[AW], typist, a_form(), str(clock.new_id()))
    open_session(here[AW], typist, "Officer", replaces=None)
    begin_draft(here[AW], typist, "report", {"what": {"account": "Zeno Testman"}})
    keys = _count(here, "data_key")
    clock.move(15 * 24 * HOUR)
    assert keep_house(here[AW]) == 6
    assert [_count(here, table) for table in TABLES] == [0, 0, 0]
    assert destroy_keys(here[AW], 100) == 2, "of the answer and of the draft"
    assert _count(here, "data_key") == keys - 2
    none = dict.fromkeys(("settled", "tickets", "classes"), 0)
    of_its_values = {"questions": 3}  # who entered them, for a week
    assert _leaves(here)[-1] == {"answers": 1, "sessions": 1, "drafts": 1, **of_its_values, **none}


def test_tickets_that_ended_a_year_ago_are_forgotten_and_counted(here: World, clock: HandClock) -> None:
    made = ask_ticket(
        here[AW], replace(system(AW, "api"), actor="operator:1000"), purpose=EvaluationPurpose.REGISTER,
        selector_class="phone", keys=10, rows=1, days=1, reason=TicketReason.IMPORT_OF_PAST_YEARS,
    )  # fmt: skip
    clock.move(401 * 24 * HOUR - 1)
    keep_house(here[AW])
    assert _count(here, "ticket") == 1, made.id
    clock.move(2)
    assert keep_house(here[AW]) == 1
    assert _count(here, "ticket") == 0
    assert _leaves(here)[-1]["tickets"] == 1


def test_counts_of_questions_are_forgotten_after_a_month(here: World, clock: HandClock) -> None:
    register, days = here[AW], 0
    with register.work(here.caller("AW-CMMA", Task.SEARCH_SHARED)) as work:
        assert work.search.budgets.spend([Purse("person", "aw-coordinator", 5)], register.today(), 1) == (
            None,
            {"person": 1},
        )
    while _count(here, "search_spent"):
        clock.move(24 * HOUR)
        days += 1
        keep_house(register)
    assert days == KEPT.days + 1
    assert _leaves(here)[-1]["questions"] == 1


def test_what_somebody_was_shown_opens_again_by_its_id_for_thirty_days_and_not_on_the_next(two: World) -> None:
    shown_on, record, officer = date(2020, 1, 1), two[AW].clock.new_id(), two.caller("AW-CMMA", Task.SEARCH_SHARED)
    with two[AW].work(officer) as work:
        work.search.budgets.note_shown("officer", [record], shown_on)
    for days, opens in ((30, True), (31, False)):
        with two[AW].work(two.worker(AW)) as work:
            work.search.budgets.forget_old(shown_on + timedelta(days=days))
        with two[AW].work(officer) as work:
            assert work.search.budgets.was_ever_shown("officer", record) is opens


def test_what_still_has_time_stays(here: World, typist: Caller, clock: HandClock) -> None:
    record_signal(here[AW], typist, a_form(), str(clock.new_id()))
    token = open_session(here[AW], typist, "Officer", replaces=None)
    begin_draft(here[AW], typist, "report", {})
    clock.move(11 * HOUR)
    assert keep_house(here[AW]) == 0
    assert resume_session(here[AW], token) is not None
    assert [_count(here, table) for table in TABLES] == [1, 1, 1]
    assert _leaves(here) == []


def test_another_country_keeps_what_is_its_own(here: World, typist: Caller, clock: HandClock) -> None:
    begin_draft(here[AW], typist, "report", {})
    clock.move(15 * 24 * HOUR)
    assert keep_house(here[CW]) == 0
    assert _count(here, "form_draft") == 1


def _count(here: World, table: str) -> int:
    return int(_rows(here, f"SELECT count(*) AS n FROM rtr.{table} WHERE country = 'AW'")[0]["n"])


def _leaves(here: World) -> list[Any]:
    found = _rows(here, "SELECT commitment FROM rtr.audit_leaf WHERE action = 'house.kept' ORDER BY id")
    return [row["commitment"]["facts"] for row in found]


def _rows(here: World, query: str) -> list[dict[str, Any]]:
    database = here.settings.database
    address = psycopg.conninfo.make_conninfo(database.admin_url, dbname=database.name)
    with psycopg.connect(address, row_factory=dict_row) as connection:
        return connection.execute(query.encode()).fetchall()
