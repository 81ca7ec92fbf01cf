"""The page on the exchange, over countries that really exchange: what it says in each state, to whom, at what cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.integration.exchange.conftest import _EMPTIED
from tests.integration.exchange.net import Net
from tests.integration.web.conftest import At
from tests.support.started.databases import empty
from tests.support.web.exchanging import AW, CW, all_well, exchanging, refused_entries, withdrawals
from tests.support.web.pages import Browserless, Statements

Look = Callable[[], str]
EMPTIED = [name for name in _EMPTIED if name not in {"data_key", "audit_leaf"}]


@pytest.fixture(scope="module")
def started() -> Iterator[Net]:
    with exchanging() as made:
        yield made


@pytest.fixture
def trio(started: Net) -> Iterator[Net]:
    """Nothing told yet."""
    empty(started.world.settings, EMPTIED)
    for clock in started.clocks.values():
        clock.offset = timedelta()
    yield started
    for clock in started.clocks.values():
        clock.offset = timedelta()


@pytest.fixture
def coordinator(trio: Net) -> Iterator[Browserless]:
    known = trio[AW].rosters().member(AW)
    assert known
    with Browserless(known.url) as person:
        person.get("/door")
        yield person


@pytest.fixture
def look(coordinator: Browserless) -> Look:
    def read() -> str:
        coordinator.get("/door")  # tests move the clock, and sessions go idle
        answer = coordinator.get("/exchange")
        assert answer.status_code == 200, answer.text
        return answer.text

    return read


def section(page: str, partner: str) -> str:
    found = re.search(rf'<section aria-labelledby="{partner}">.*?</section>', page, re.DOTALL)
    assert found, partner
    return found[0]


def test_before_anybody_joined_it_says_that_the_own_register_works_without_them(look: Look) -> None:
    page = look()

    assert "No partner takes part yet" in page
    assert page.count("Not exchanged yet") == 4


def test_where_all_arrived_it_says_that_all_is_well(trio: Net, look: Look) -> None:
    all_well(trio)
    as_worker(trio, "DELETE FROM rtr.outbox_aw")
    page = look()

    assert "<strong>All is well.</strong>" in page
    assert "It has all of ours" in section(page, "cw")
    assert "Somebody has to do something" not in page


def test_what_is_still_to_come_is_counted_and_needs_nobody(trio: Net, look: Look) -> None:
    all_well(trio)
    trio[AW].put(CW, number=10)
    trio[AW].append()
    cw = section(look(), "cw")

    assert "Entries of ours that this partner has not confirmed yet: 1." in cw
    assert "Needs you" not in cw


def test_partner_that_was_not_heard_for_a_day_needs_somebody(trio: Net, look: Look) -> None:
    all_well(trio)
    trio.clocks[AW].offset = timedelta(days=2)
    page = look()

    assert "Nothing fresh was heard from this partner since" in section(page, "cw")
    assert "Look at: Curaçao, Sint Maarten." in page


def test_first_page_says_in_red_which_log_stands_still_and_where_to_read_what_to_do(
    trio: Net, coordinator: Browserless, look: Look
) -> None:
    all_well(trio)
    assert "The exchange stands still" not in coordinator.get("/").text
    as_worker(trio, "UPDATE rtr.log_head SET stopped = 'origin-restored', stopped_at = now() WHERE partner = 'CW'")
    as_worker(trio, "UPDATE rtr.partner_cursor SET origin_behind_at = now() WHERE partner = 'SX'")
    first = coordinator.get("/").text
    assert '<div class="danger"><h2>The exchange stands still</h2>' in first
    assert "Curaçao: nothing more is told to it, since our own register was restored from an older copy." in first
    assert "Sint Maarten: its register was restored from an older copy." in first
    assert first.count("Since ") == 2
    assert "What was withdrawn or corrected here after the copy was made" in first
    page = look()
    assert "Nothing at the partner is undone" in section(page, "cw")
    assert "what it withdrew stays withdrawn" in section(page, "sx")
    assert "Needs you" in section(page, "sx")


def test_removals_that_a_stopped_log_holds_back_stand_in_red_on_the_first_page_with_whom_to_call(
    trio: Net, coordinator: Browserless, look: Look
) -> None:
    all_well(trio)
    about = trio[AW].put(CW, number=70)
    trio[AW].append()
    stop = "UPDATE rtr.log_head SET stopped = 'receipt-ahead', stopped_at = now() "
    as_worker(trio, stop + "WHERE country = 'AW' AND partner = 'CW'")
    trio[AW].retract(about, CW)
    first = coordinator.get("/").text
    assert re.search(r"Taken back or changed here since [^<]*, and not told there: 1\. Reach that country", first)
    cw = section(look(), "cw")
    assert "and still as it was at this partner: 1." in cw
    assert "Reach this country by telephone at once" in cw


def test_refused_entries_are_told_with_the_sentence_of_their_rule(trio: Net, look: Look) -> None:
    refused_entries(trio)
    cw = section(look(), "cw")
    rules = trio[AW].register.edition.rules

    assert rules["WPG10B-1"].says in cw
    assert '<a href="/rules#WPG10B-1">' in cw
    assert "The day until which it may be kept has passed." in cw
    assert "Mend the record, or talk it over" in cw
    assert "This partner told us what we may not hold: 1." in cw
    assert "We told this partner what it may not hold: 1." in cw
    assert "Needs you" in cw


def test_withdrawals_are_told_apart_by_who_is_to_confirm_and_whether_it_is_late(trio: Net, look: Look) -> None:
    withdrawals(trio)
    sx = section(look(), "sx")

    assert "Withdrawn by us, and not confirmed by this partner in time: 1." in sx
    assert "Withdrawn by us, and not confirmed by this partner yet: 1." in sx
    assert "Withdrawn by this partner, and still in our search index: 1." in sx


@pytest.mark.parametrize(
    ("column", "table", "says"),
    [
        ("halted", "partner_cursor", "it signed two different versions of what it told us"),
        ("stopped", "log_head", "We tell this partner nothing more"),
    ],
)
def test_log_that_ended_in_a_quarrel_is_said_first(trio: Net, look: Look, column: str, table: str, says: str) -> None:
    all_well(trio)
    as_worker(trio, f"UPDATE rtr.{table} SET {column} = 'log-forked' WHERE country = 'AW' AND partner = 'CW'")
    cw = section(look(), "cw")

    assert says in cw.partition("</div>")[0]
    assert "tell your operator" in cw.lower()


def test_page_leaves_a_leaf_and_asks_six_times_at_most(trio: Net, coordinator: Browserless) -> None:
    all_well(trio)
    said = Statements()
    for function in ("api", "worker"):
        sa.event.listen(trio[AW].register.database._engine(function), "before_cursor_execute", said)
    before = leaves(trio)
    said.count = 0
    assert coordinator.get("/exchange").status_code == 200
    assert 0 < said.count <= 6
    assert leaves(trio) == before + 1


def test_page_is_small_also_where_much_is_refused(trio: Net, look: Look, coordinator: Browserless) -> None:
    for number in range(1, 30):
        trio[CW].put(AW, number=number, retain_until="2020-01-01")
    trio[CW].append()
    trio[AW].pull_all(CW)
    page = look()
    loaded = set(re.findall(r'href="(/static/[^"]+)"', page))

    assert "Number in the list: 1, 2, 3, 4, 5, 6 …" in page
    assert len(page.encode()) + sum(len(coordinator.get(one).content) for one in loaded) < 40_000


def test_page_is_for_register_units_and_those_who_search_only(at: At) -> None:
    assert at("aw-contact").get("/exchange").status_code == 200
    assert at("aw-officer").get("/exchange").status_code == 403
    assert at("aw-reader").get("/exchange").status_code == 403
    assert at().get("/exchange").headers["location"].startswith("/signed-out/needed")
    assert "/exchange" not in at("aw-officer").get("/").text


def test_session_of_another_country_is_none_here(at: At) -> None:
    visitor = at("cw-contact", CW)
    stranger = at()
    stranger.cookies = visitor.cookies

    assert visitor.get("/exchange").status_code == 200
    assert stranger.get("/exchange").headers["location"].startswith("/signed-out/needed")


def as_worker(made: Net, statement: str) -> None:
    with made[AW].register.database.transaction("worker") as connection:
        connection.exec_driver_sql(statement)


def leaves(made: Net) -> int:
    with made[AW].register.database.transaction("api") as connection:
        query = "SELECT count(*) FROM rtr.audit_leaf WHERE action = 'exchange.status-read'"
        return int(connection.exec_driver_sql(query).scalar_one())
