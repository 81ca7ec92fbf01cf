"""What waits, as it is shown: counted in the navigation and on the first page, and each with its way on."""

from __future__ import annotations

import re

import pytest

from register.domain.running.to_do import dead_letter, finding, log_stopped
from schemas.codes import Finding, Partition, Urgency
from tests.integration.web.conftest import At
from tests.integration.web.ours import recorded
from tests.integration.web.ours import referred as refer_to
from tests.support.web.pages import AW, Pages


@pytest.fixture
def referred(served: Pages) -> str:
    """An urgent report, referred to a school; gives its reference."""
    signal = recorded(served, urgency="NOW")
    refer_to(served, signal.id, "AW-SCHOOL")
    return signal.reference


def counted(page: str) -> str:
    found = re.search(r'href="/to-do"[^>]*>What waits(.*?)</a>', page, re.DOTALL)
    assert found, "no way to what waits"
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def test_what_waits_is_counted_on_every_page_and_said_on_the_first(referred: str, at: At) -> None:
    school = at("aw-school")
    assert counted(school.get("/").text).startswith(": ")
    assert counted(school.get("/rules").text) == counted(school.get("/").text)
    assert "What waits for you" in school.get("/").text
    assert "A referral to answer: " in school.get("/").text
    assert referred in school.get("/to-do").text


def test_whoever_has_nothing_waiting_is_counted_nothing(referred: str, at: At) -> None:
    officer = at("aw-officer")
    assert counted(officer.get("/").text) == ""
    assert "Nothing waits for you." in officer.get("/to-do").text
    assert referred not in officer.get("/to-do").text
    figures = at("aw-figures").get("/").text
    assert "/to-do" not in figures


def test_late_is_said_in_words_in_both_languages(served: Pages, referred: str, at: At) -> None:
    with served[AW].register.work(served.world.worker(AW)) as work:
        work._connection.exec_driver_sql(
            f"UPDATE rtr.to_do SET due_at = now() - interval '1 hour' WHERE reference = '{referred}'"
        )
    school = at("aw-school")
    page = school.get("/to-do").text
    assert re.search(r'<strong class="late">Overdue since ', page)
    assert "overdue" in counted(page)
    school.get("/language/nl?next=/to-do")
    assert "Te laat sinds" in school.get("/to-do").text
    assert "te laat" in school.get("/").text


def test_list_of_the_register_unit_is_a_worklist_and_a_log_on_demand(served: Pages, at: At) -> None:
    urgent = recorded(served, urgency="NOW").reference
    later = [recorded(served).reference for _ in range(3)]
    page = at("aw-unit").get("/ours").text
    assert page.index(urgent) < min([page.index(one) for one in later if one in page], default=len(page))
    assert "what waits first" in page
    assert re.search(r'href="/to-do">What waits for you</a>: ', page)
    assert "due by" in page.partition(urgent)[2].partition("</li>")[0]
    newest = at("aw-unit").get("/ours?sort=newest").text
    assert newest.index(later[2]) < newest.index(later[0]) < newest.index(urgent)
    officer = at("aw-officer").get("/ours").text
    assert "waits since" not in officer
    assert "/ours?sort" not in officer


def test_each_kind_leads_where_it_is_settled(served: Pages, at: At) -> None:
    signal, register = recorded(served), served[AW].register
    lost = register.clock.new_id()
    with register.work(served.world.worker(AW)) as work:
        about = finding(
            Finding.ALSO_A_VICTIMS, register.clock.new_id(), Urgency.NOW, signal=signal.id, reference=signal.reference
        )
        work.running.to_do.bring(about)
        work.running.to_do.bring(dead_letter(lost, "index-CW"))
    unit, pages, address = at("aw-unit"), "", "/to-do"
    while address:
        page = unit.get(address).text
        pages += page
        more = re.search(r'href="(/to-do\?cursor=[^"]+)"', page)
        address = more[1] if more else ""
    assert f'<a href="/findings/{about.object}">A finding to decide on: {signal.reference}</a>' in pages
    assert f'<a href="/ours/{signal.id}">A report to confirm: {signal.reference}</a>' in pages
    assert f"Tell your operator: index-CW, {lost}" in pages
    assert "Also a victim&#39;s" in pages
    assert unit.get(f"/ours/{signal.id}").status_code == 200


def test_log_that_stopped_is_urgent_for_the_register_unit_and_says_whom_to_reach_and_how(served: Pages, at: At) -> None:
    with served[AW].register.work(served.world.worker(AW)) as work:
        work.running.to_do.bring(log_stopped(Partition.CW))
    page = at("aw-unit").get("/to-do").text
    with served[AW].register.work(served.world.worker(AW)) as work:
        work.running.to_do.bring(log_stopped(Partition.CW, waits=False))
    told = page.partition("A partner is told nothing more, removals neither")[2].partition("</li>")[0]
    assert "Curaçao" in told
    assert "Reach that country by telephone at once and say which references" in told
    assert 'href="/exchange"' in told
