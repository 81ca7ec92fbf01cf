"""No page leaves a reader standing: a rule leads to its sentence, a hit to the search, a language to the same page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from register.domain.access.caller import Task
from register.domain.signals.referral import ReferralId
from register.domain.signals.signal import SignalId
from register.services.signals.answer_referrals import answer_referral
from register.services.signals.change_signal import refer_signal
from schemas.codes import ReferralState
from schemas.signals.changes import ReferIn
from schemas.signals.out import SignalOut
from schemas.signals.referral import AnswerIn
from tests.integration.web.conftest import At
from tests.integration.web.ours import hits, present, recorded
from tests.integration.web.search.test_search_page import ask, section
from tests.support.exchange.neighbours import Neighbours
from tests.support.web.pages import AW, Browserless, Pages
from tests.support.web.search_pages import PHONE, SearchPages, search_pages

SUSPECT = {
    "n": 1, "role": "SUSPECT", "kind": "person", "name": "Zeno Testman",
    "selectors": [{"type": "PHONE", "value": "+297 000 0666"}],
}  # fmt: skip
WRONG = "Is something wrong in it, or do you know more?"
ASK = "To ask: search for the same, and draft a request from what is found"


@pytest.fixture(scope="module")
def searching() -> Iterator[SearchPages]:
    with search_pages() as made:
        yield made


@pytest.fixture
def matched(served: Pages, near: Neighbours) -> SignalOut:
    """A report of Aruba that something of Curaçao's matches."""
    signal = recorded(served, subjects=[SUSPECT])
    recorded(served, "CW-KPC", "cw-officer", place={"island": "CW", "location_type": "STREET"}, subjects=[SUSPECT])
    near.settle()
    near.settle()
    return signal


def anchors(page: str) -> set[str]:
    return set(re.findall(r'href="/rules#([^"]+)"', page))


def test_each_rule_that_a_report_names_leads_to_its_sentence(served: Pages, at: At) -> None:
    victim = {**SUSPECT, "role": "VICTIM_PRESUMED"}
    signal = recorded(served, subjects=[victim])
    officer = at("aw-officer")
    page = officer.get(f"/ours/{signal.id}").text
    rules = officer.get("/rules").text
    named = set(re.findall(r"\b[A-Z]+[0-9]*[A-Z]*-[0-9]+\b", re.sub(r"<[^>]+>", " ", page))) & set(
        served[AW].register.edition.rules
    )

    assert "KEYS-1" in named
    assert anchors(page) == named
    assert all(f'id="{one}"' in rules for one in named)


def test_who_may_not_reclassify_is_told_who_does(served: Pages, at: At) -> None:
    signal = recorded(served)

    assert WRONG in at("aw-officer").get(f"/ours/{signal.id}").text
    assert WRONG not in at("aw-unit").get(f"/ours/{signal.id}").text


def test_answer_to_a_referral_stands_at_the_report(served: Pages, at: At) -> None:
    signal, register = recorded(served), served[AW].register
    unit = served.world.caller("AW-JIUMM", Task.REGISTER)
    form = ReferIn(kind="assistance", to="AW-VICTIM")
    refer_signal(register, unit, SignalId(signal.id), form, version=1)
    officer = at("aw-officer")
    assert "Answer of" not in officer.get(f"/ours/{signal.id}").text
    one = present(served, signal.id).referrals[0]
    said = AnswerIn(state=ReferralState.ANSWERED, outcome="HELP_GIVEN", on=one.on)
    answer_referral(register, unit, ReferralId(one.id), said, version=1)

    page = officer.get(f"/ours/{signal.id}").text
    assert re.search(r"Answer of \d+ \w+ \d{4}: Help given", page)


def test_hit_leads_to_the_search_for_those_who_may_search(at: At, matched: SignalOut) -> None:
    searcher, unit = at("aw-interpol"), at("aw-unit")

    assert matched.reference in hits(unit)
    assert ASK in hits(searcher)
    assert ASK not in hits(unit), "a link that would refuse him is none"


def test_own_report_that_a_search_found_opens_for_those_who_may_read_it(searching: SearchPages) -> None:
    opened = {}
    for name in ("aw-lead", "aw-interpol"):
        searching.again()
        with Browserless(searching.pages[AW].url) as person:
            person.sign_in(name)
            answer = ask(person, PHONE)
            assert "AW-2026" in section(answer, "own")
            opened[name] = re.findall(r'href="(/ours/[0-9a-f-]{36})"', answer.text)
            assert all(person.get(one).status_code == 200 for one in opened[name])
            assert anchors(answer.text) == {"REQUEST-1"}

    assert len(opened["aw-lead"]) == 1
    assert opened["aw-interpol"] == []


@pytest.mark.parametrize("path", ["/ours?state=CLOSED&received_from=2026-01-05", "/figures?year=2023"])
def test_another_language_shows_the_same_page(at: At, path: str) -> None:
    person = at("aw-all")
    link = re.search(r'href="(/language/nl\?next=[^"]+)"', person.get(path).text)

    assert link
    assert person.get(html.unescape(link[1])).headers["location"] == path
    assert '<html lang="nl">' in person.get(path).text


def test_signing_in_leads_back_to_the_very_list(at: At) -> None:
    path = "/ours?state=CLOSED&received_from=2026-01-05"
    person = at()
    door = person.get(path).headers["location"]
    link = re.search(r'href="/sign-in\?next=([^"]+)"', person.get(door).text)

    assert link
    assert person.sign_in("aw-unit", then=html.unescape(link[1])).headers["location"] == path


def test_code_of_the_provider_is_in_no_link(at: At) -> None:
    page = at().get("/signed-in?code=a-code-of-tests&state=x")

    assert page.status_code == 403
    assert "a-code-of-tests" not in page.text
