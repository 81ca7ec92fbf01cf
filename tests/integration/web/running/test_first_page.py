"""The first page counts what lies behind each entry, by the rights of the page that the number leads to."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from register.domain.access.caller import Task
from register.domain.running.behind import Behind, counted_for
from tests.integration.web.conftest import At
from tests.integration.web.ours import recorded
from tests.integration.web.ours import referred as refer_to
from tests.integration.web.search.test_hits_page import known
from tests.integration.web.search.test_search_page import GROUND
from tests.integration.web.walk import begin, send
from tests.support.exchange.neighbours import Neighbours
from tests.support.web.pages import AW, OFFICERS, Browserless, Pages, Statements

UNREAD = "not taken up yet"
UNANSWERED = "unanswered in the country"
UNCONFIRMED = "waiting to be confirmed"
DRAFTED = "drafted requests"
SQL_A_PAGE = 6


def counts(person: Browserless) -> Mapping[str, int]:
    """What the entries of the first page are said to hold."""
    found = re.findall(r'class="behind" href="[^"]*">([^<]+): (\d+)</a>', person.get("/").text)
    return {says: int(number) for says, number in found}


def number(person: Browserless, says: str) -> int:
    return counts(person).get(says, 0)


def test_referral_is_counted_for_whom_it_is_for_and_for_the_unit_until_it_is_taken_up(served: Pages, at: At) -> None:
    school, unit, officer = at("aw-school"), at("aw-unit"), at("aw-officer")
    before = number(school, UNREAD), number(unit, UNANSWERED), number(officer, UNREAD)
    referral = refer_to(served, recorded(served).id, "AW-SCHOOL")
    assert (number(school, UNREAD), number(unit, UNANSWERED)) == (before[0] + 1, before[1] + 1)
    assert number(officer, UNREAD) == before[2]
    today = served[AW].register.today().isoformat()
    answer = send(school, f"/referrals/{referral}", {"state": "ACCEPTED", "on": today, "version": "1"})
    assert answer.status_code == 303, answer.text
    assert (number(school, UNREAD), number(unit, UNANSWERED)) == (before[0], before[1] + 1)


def test_report_to_be_confirmed_is_counted_for_its_own_organisation_and_for_who_sees_the_country(
    served: Pages, at: At
) -> None:
    people = {name: at(name) for name in ("aw-officer", "aw-school", "aw-unit", "aw-figures", "aw-searcher")}
    before = {name: number(person, UNCONFIRMED) for name, person in people.items()}
    recorded(served, "AW-SCHOOL", "aw-school")
    more = {name: number(person, UNCONFIRMED) - before[name] for name, person in people.items()}
    assert more == {"aw-officer": 0, "aw-school": 1, "aw-unit": 1, "aw-figures": 0, "aw-searcher": 0}


def test_drafts_of_reports_are_ones_own_and_drafts_of_requests_ones_organisations(
    served: Pages, near: Neighbours, at: At
) -> None:
    officer, second, lead, searcher = (at(n) for n in ("aw-officer", "aw-second", "aw-lead", "aw-searcher"))
    before = [number(one, says) for one in (officer, second) for says in ("begun and not sent",)]
    begin(second)
    assert [number(one, "begun and not sent") for one in (officer, second)] == [before[0], before[1] + 1]

    own, (abroad,) = known(served, near, "+297 000 0621")
    page = send(lead, "/hits", {**GROUND, "legal_basis": "AW_NONPOLICE"}).text
    assert own.reference in page
    drafted = number(lead, DRAFTED), number(searcher, DRAFTED)
    part = page.partition(abroad.reference)[2]
    carried = html.unescape(re.findall(r'name="hit" value="([^"]+)"', part)[0])
    form = send(lead, "/search/requests", {**GROUND, "legal_basis": "AW_NONPOLICE", "hit": carried}).text
    key, day = (re.findall(rf'name="{n}"[^>]* value="([^"]+)"', form)[0] for n in ("key", "answer_by"))
    typed = {"hit": carried, "key": key, "answer_by": day, "route": "police", "asks": "Who?", "then": "save"}
    assert send(lead, "/search/requests", {**GROUND, "legal_basis": "AW_NONPOLICE", **typed}).status_code == 303
    assert (number(lead, DRAFTED), number(searcher, DRAFTED)) == (drafted[0] + 1, drafted[1])


def test_other_browsers_are_counted_where_there_are_any(at: At) -> None:
    says = "browsers in which you are signed in"
    before = number(at("aw-bureau"), says)
    again = at("aw-bureau")
    assert number(again, says) in {2, before + 1}


def test_every_number_leads_to_a_page_that_opens_for_whoever_reads_it(served: Pages, at: At) -> None:
    refer_to(served, recorded(served).id, "AW-SCHOOL")
    for officer in (one for one in OFFICERS if one.country is AW):
        person = at(officer.name)
        leads = set(re.findall(r'class="behind" href="(/[^"]*)"', person.get("/").text))
        assert [path for path in leads if person.get(path).status_code != 200] == [], officer


@pytest.mark.parametrize(
    ("tasks", "told"),
    [
        ({Task.STATISTICS}, {Behind.SESSIONS}),
        ({Task.READ_OWN}, {Behind.SESSIONS, Behind.REFERRALS_UNREAD, Behind.REPORTS_UNCONFIRMED}),
        ({Task.SEARCH_SHARED}, {Behind.SESSIONS, Behind.REQUESTS_DRAFTED}),
        ({Task.REGISTER}, {Behind.SESSIONS, Behind.REFERRALS_UNANSWERED, Behind.REPORTS_UNCONFIRMED}),
        ({Task.PRIVACY}, {Behind.SESSIONS}),
    ],
)
def test_each_task_is_told_the_numbers_of_its_own_pages(served: Pages, tasks: set[Task], told: set[Behind]) -> None:
    assert counted_for(served.world.caller("AW-CMMA", *tasks)) == told


def test_hit_from_abroad_changes_no_number_of_the_first_page(served: Pages, near: Neighbours, at: At) -> None:
    """A number would tell by a bait what a search tells on a ground."""
    people = [at(name) for name in ("aw-unit", "aw-lead", "aw-interpol")]
    recorded(served, subjects=[], selectors=[{"type": "PHONE", "value": "+297 000 0622"}])
    near.settle()
    before = [counts(person) for person in people]
    recorded(
        served, "CW-KPC", "cw-officer", place={"island": "CW", "location_type": "STREET"}, subjects=[],
        selectors=[{"type": "PHONE", "value": "+297 000 0622"}],
    )  # fmt: skip
    near.settle()
    near.settle()
    assert [counts(person) for person in people] == before


def test_first_page_of_who_may_do_everything_asks_the_database_seldom(served: Pages, at: At) -> None:
    person, said = at("aw-all"), Statements()
    for function in ("api", "worker"):
        sa.event.listen(served[AW].register.database._engine(function), "before_cursor_execute", said)
    said.count = 0
    assert "What would you like to do?" in person.get("/").text
    assert said.count <= SQL_A_PAGE
