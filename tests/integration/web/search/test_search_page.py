"""The search at the door: each kind of answer, what may not be told apart, forgery, hostile texts, what it costs."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import unquote_plus

import pytest
from httpx2 import Response

from api.web.search.question import FIELDS
from register.domain.partition import day_in
from register.services.search.search_records import search_records
from schemas.codes import LegalBasis, Partition, Purpose, code_list
from schemas.search.question import AskedSubject, SearchIn
from schemas.signals.parts import SelectorIn
from tests.integration.web.walk import Fields, csrf, send
from tests.support.web.pages import Browserless
from tests.support.web.search_pages import AW, BQ, COMMON, CW, MANY, NL, NOBODYS, PHONE, SearchPages, search_pages

HOSTILE = "\"><script>alert('x')</script><img src=x onerror=alert(1)>{{7777*7777}}"
GROUND: Fields = {"purpose": "COORDINATE", "legal_basis": "AW_NONPOLICE", "case": "Z-2026-04"}
SQL_A_PAGE = 6
PAGE_BYTES = 40_000
Come = Callable[..., Browserless]


@pytest.fixture(scope="module")
def found() -> Iterator[SearchPages]:
    with search_pages() as made:
        yield made


@pytest.fixture
def come(found: SearchPages) -> Iterator[Come]:
    """Somebody new at the pages of a country, signed in if named."""
    found.again()
    with ExitStack() as closing:

        def one(name: str | None = None, country: Partition = AW) -> Browserless:
            person = closing.enter_context(Browserless(found.pages[country].url))
            if name is not None:
                person.sign_in(name)
            return person

        yield one


@pytest.fixture
def coordinator(come: Come) -> Browserless:
    return come("aw-coordinator")


def phone(number: str) -> str:
    return json.dumps({"kind": "phone", "number": number})


def ask(person: Browserless, *numbers: str, **ground: str) -> Response:
    return send(person, "/search", {**GROUND, **ground, "thing": [phone(n) for n in numbers], "then": "ask"})


def section(answer: Response, country: str) -> str:
    cut = re.search(rf'<section id="{country}".*?</section>', answer.text, re.DOTALL)
    assert cut, answer.text
    return html.unescape(re.sub(r"<[^>]+>", " ", cut[0]))


def hit_of(answer: Response) -> str:
    button = re.search(r'name="hit" value="([^"]*)"', answer.text)
    assert button
    return html.unescape(button[1])


def a_draft(person: Browserless, **fields: str) -> Response:
    hit = hit_of(ask(person, PHONE))
    page = send(person, "/search/requests", {**GROUND, "hit": hit})
    key = re.search(r'name="key" value="([^"]*)"', page.text)
    assert key
    typed = {"route": "police", "asks": "Who stood surety?", "then": "save"}
    day = re.search(r'name="answer_by" type="date" value="([^"]*)"', page.text)
    assert day
    return send(
        person, "/search/requests", {**GROUND, "hit": hit, "key": key[1], **typed, "answer_by": day[1], **fields}
    )


def refused(answer: Response) -> bool:
    return answer.status_code == 403 and "This form was not taken" in answer.text


def forms(person: Browserless) -> list[tuple[str, Fields]]:
    """Every form of the search, with fields that it would take."""
    request = str(a_draft(person).headers["location"])
    hit = hit_of(ask(person, PHONE))
    things: Fields = {**GROUND, "thing": [phone(PHONE)]}
    return [
        *(("/search", {**things, "then": then}) for then in ("ground", "things", "add-phone", "remove-0", "ask")),
        ("/search", {**things, "then": "added-phone", "number": NOBODYS}),
        ("/search/requests", {**GROUND, "hit": hit}),
        ("/search/requests", {**GROUND, "hit": hit, "key": "a-key-of-tests", "route": "police", "asks": "x",
                              "answer_by": "2026-12-24", "then": "save"}),
        (request, {"version": "1", "route": "legal", "asks": "x", "answer_by": "2026-12-24", "then": "change"}),
        (request, {"version": "1", "reason": "x", "then": "withdraw"}),
    ]  # fmt: skip


# -- the five answers


def test_each_country_answers_in_its_own_way(found: SearchPages, coordinator: Browserless) -> None:
    found.stale(CW)
    answer = ask(coordinator, PHONE, COMMON)

    assert "Same phone number" in section(answer, "cw")
    assert "May be out of date." in section(answer, "cw")
    assert "Do not call or contact." in section(answer, "cw")
    assert "Draft a request" in section(answer, "cw")
    assert "does not mean that nothing is known" in section(answer, "bq")
    assert "stands in 26 records here" in section(answer, "nl")
    assert "January 2026 to February 2026" in section(answer, "nl")
    assert "answers requests only" in section(answer, "sx")
    assert "A request to the country, approved there by the public prosecutor." in section(answer, "sx")
    assert "DIMAS" in section(answer, "own")


def test_country_that_was_restored_is_missing_since_then_whether_it_has_a_hit_or_not(
    found: SearchPages, coordinator: Browserless
) -> None:
    for country in (CW, BQ):
        found.cut_off(country)
    answer = ask(coordinator, PHONE)
    for place, name in (("cw", "Curaçao"), ("bq", "Caribbean Netherlands")):
        told = " ".join(section(answer, place).split())
        assert re.search(rf"What .*{name}.* said since .* is missing here\.", told)
        assert "Telephone its register unit" in told
        assert "ask again in a minute" not in told
    assert "is missing here" not in section(answer, "nl")


def test_code_of_a_partner_that_is_not_known_here_does_not_break_the_page(coordinator: Browserless) -> None:
    assert "not known here (NEW_CODE)" in section(ask(coordinator, PHONE), "cw")


def test_weaker_hits_are_folded_and_can_be_asked_about_too(coordinator: Browserless) -> None:
    answer = ask(coordinator, MANY)
    assert "2 more, no stronger" in section(answer, "cw")
    assert answer.text.count('name="hit"') == 6


def test_without_the_engine_the_page_says_so_and_finds_the_same(found: SearchPages, coordinator: Browserless) -> None:
    found.scene.engine.down = True
    answer = ask(coordinator, PHONE)
    assert "Without the search engine." in answer.text
    assert "Same phone number" in section(answer, "cw")


def test_what_could_not_be_computed_is_no_miss(found: SearchPages, coordinator: Browserless) -> None:
    found.scene.world.down.update({BQ, CW, NL})
    answer = ask(coordinator, PHONE)
    assert "This is no answer: ask again later." in section(answer, "cw")
    assert "does not mean" not in section(answer, "bq")
    assert "DIMAS" in section(answer, "own"), "the own register answers all the same"


def test_a_limit_that_is_reached_is_told_with_when_and_how_to_go_on(
    found: SearchPages, coordinator: Browserless
) -> None:
    found.limits.full.add("phone/e1")
    said = section(ask(coordinator, PHONE), "cw")
    for words in ("Not computed", "This is no answer.", "is used up", "There is room again from", "a ticket to search"):
        assert words in said
    assert "too few countries" not in said
    assert "Nothing that may be shown" not in said


def test_question_of_another_country_s_law_is_refused_before_anybody_is_asked(coordinator: Browserless) -> None:
    answer = ask(coordinator, PHONE, legal_basis="CW_POLICE")
    assert "Choose on what ground you ask" in answer.text
    assert "Curaçao" not in answer.text


def test_record_that_may_not_be_shown_makes_the_page_of_a_miss(found: SearchPages, coordinator: Browserless) -> None:
    """Blind or for another purpose: byte for byte what a number that nobody knows gives."""
    hidden = "+599 9 500 0988"
    subject = AskedSubject(selectors=(SelectorIn(type="PHONE", value=hidden),))
    found.scene.hold(CW, subject, visibility="V3")
    found.scene.hold(CW, subject, purpose="INVESTIGATE")
    found.scene.settle()
    found.again()

    def page(number: str) -> str:
        text = ask(coordinator, number, purpose="ADMINISTRATIVE").text
        text = text.replace(number, "NUMBER").replace(html.escape(phone(number)), "THING")
        return re.sub(r"\d\d:\d\d", "TIME", text)

    assert page(hidden) == page("+599 9 500 0989")


def test_search_at_the_page_leaves_the_leaves_of_a_search(found: SearchPages, coordinator: Browserless) -> None:
    before = len(found.scene.leaves())
    ask(coordinator, NOBODYS)
    asked, answered = found.scene.leaves()[before:]

    assert (asked["action"], answered["action"]) == ("search.asked", "search.answered")
    assert asked["commitment"]["actor"] == "aw-coordinator"
    assert asked["commitment"]["facts"]["purpose"] == "COORDINATE"
    assert "Z-2026-04" not in json.dumps(asked["commitment"])


def test_nothing_is_asked_before_the_question_is_sent(found: SearchPages, coordinator: Browserless) -> None:
    before = len(found.scene.leaves())
    send(coordinator, "/search", {**GROUND, "then": "things"})
    send(coordinator, "/search", {**GROUND, "then": "added-phone", "number": PHONE})
    send(coordinator, "/search", {**GROUND, "then": "ask"})
    assert len(found.scene.leaves()) == before


@pytest.mark.parametrize(
    ("kind", "number", "says"),
    [
        ("ADDRESS", "Straat 1, Oranjestad", "Other countries cannot find this yet"),
        ("VESSEL", "Prueba II", "Other countries cannot find this yet"),
        ("BANK_ACCOUNT", "NL91 ABNA 0417 1643 01", "Its digits do not fit together"),
    ],
)
def test_what_other_countries_cannot_find_yet_is_said_where_it_is_typed(
    coordinator: Browserless, kind: str, number: str, says: str
) -> None:
    """C26: never that too few countries could be reached."""
    typed = {"mark_type": kind, "number": number, "country": ""}
    answer = send(coordinator, "/search", {**GROUND, "then": "added-mark", **typed})
    assert says in answer.text
    assert "reached" not in answer.text
    kept = json.dumps({"kind": "mark", "mark_type": kind, "number": number, "country": ""})
    assert says in send(coordinator, "/search", {**GROUND, "thing": kept, "then": "ask"}).text


def test_a_birth_date_that_does_not_exist_stops_no_question(coordinator: Browserless) -> None:
    person = {"name": "Zeno Testman", "day": "31", "month": "6", "year": "1979", "nationality": "CO"}
    page = send(coordinator, "/search", {**GROUND, "then": "added-person", **person})
    says = "There is no day 31 in that month: it is asked with the month and the year only."
    assert says in page.text
    thing = re.search(r'name="thing" value="([^"]*)"', page.text)
    assert thing
    answer = send(coordinator, "/search", {**GROUND, "thing": html.unescape(thing[1]), "then": "ask"})
    assert says in answer.text
    assert "Compared by the whole name and the nationality together" in answer.text


def test_the_header_names_the_purpose_that_is_asked_for(coordinator: Browserless) -> None:
    def purpose(page: Response) -> str:
        found = re.search(r"<dt>Purpose</dt><dd>([^<]*)", page.text)
        assert found
        return found[1].strip()

    usual = purpose(coordinator.get("/search"))
    asked = send(coordinator, "/search", {**GROUND, "purpose": "PROTECT_VICTIM", "then": "things"})
    assert purpose(asked) == code_list("purpose")["PROTECT_VICTIM"].label() != usual
    assert purpose(send(coordinator, "/search", {**GROUND, "purpose": "<b>", "then": "things"})) == usual


# -- who may


@pytest.mark.parametrize("name", ["aw-officer", "aw-reader", "aw-contact"])
def test_page_is_for_those_who_may_search(come: Come, name: str) -> None:
    person = come(name)
    assert "/search" not in person.get("/").text
    for path in ("/search", "/search/requests"):
        assert person.get(path).status_code == 403, path
    assert ask(person, PHONE).status_code == 403
    assert send(person, "/search/requests", {**GROUND, "hit": "{}"}).status_code == 403


def test_session_of_another_country_opens_nothing(come: Come, coordinator: Browserless) -> None:
    request = str(a_draft(coordinator).headers["location"])
    abroad, here = come("cw-coordinator", CW), come()
    token = next(iter(abroad.cookies.values()))
    here.cookies = {"__Host-rtr-cw": token, "__Host-rtr-aw": token}

    for path in ("/search", "/search/requests", request):
        assert here.get(path).headers["location"].startswith("/signed-out/"), path
    # What that browser typed comes back to it, and nothing was done.
    answer = here.post("/search", {**GROUND, "csrf": csrf(abroad)})
    assert "You were signed out" in answer.text
    assert "Sign out" not in answer.text
    assert abroad.get(request).status_code == 404


def test_request_is_read_by_the_own_organisation_only(come: Come, coordinator: Browserless) -> None:
    request = str(a_draft(coordinator).headers["location"])
    colleague = come("aw-searcher")
    assert colleague.get(request).status_code == 404
    assert send(colleague, request, {"version": "1", "reason": "x", "then": "withdraw"}).status_code == 404
    assert request not in colleague.get("/search/requests").text
    assert request in coordinator.get("/search/requests").text


# -- forgery and hostile texts


def test_no_form_is_taken_without_the_token_of_its_session(come: Come, coordinator: Browserless) -> None:
    others = csrf(come("aw-searcher"))
    for path, fields in forms(coordinator):
        assert refused(coordinator.post(path, {**fields, "csrf": ""})), path
        assert refused(coordinator.post(path, {**fields, "csrf": others})), path


def test_no_form_is_taken_from_another_site(coordinator: Browserless) -> None:
    token = csrf(coordinator)
    for path, fields in forms(coordinator):
        whole = {**fields, "csrf": token}
        assert refused(coordinator.post(path, whole, origin="https://evil.example", sec_fetch_site="")), path
        assert refused(coordinator.post(path, whole, sec_fetch_site="cross-site")), path


def test_hostile_text_comes_out_as_text_in_every_field(coordinator: Browserless) -> None:
    pages = [send(coordinator, "/search", {**GROUND, field: HOSTILE, "then": "things"}).text for field in GROUND]
    pages.append(ask(coordinator, PHONE, case=HOSTILE).text)
    for kind, names in FIELDS.items():
        sent: Fields = {**GROUND, **dict.fromkeys(names, HOSTILE), "then": f"added-{kind}"}
        pages.append(send(coordinator, "/search", sent).text)
    named = json.dumps({"kind": "person", "name": HOSTILE, "year": "1979"})
    pages.append(send(coordinator, "/search", {**GROUND, "thing": named, "then": "things"}).text)
    hit = json.loads(hit_of(ask(coordinator, PHONE))) | {"unit": HOSTILE, "reference": HOSTILE}
    pages.append(send(coordinator, "/search/requests", {**GROUND, "case": HOSTILE, "hit": json.dumps(hit)}).text)
    typed = {"route": HOSTILE, "asks": HOSTILE, "answer_by": HOSTILE, "key": HOSTILE, "then": "save"}
    pages.append(send(coordinator, "/search/requests", {**GROUND, "hit": json.dumps(hit), **typed}).text)
    request = str(a_draft(coordinator, asks=HOSTILE).headers["location"])
    pages.append(coordinator.get(request).text)
    change: Fields = {"version": "1", "route": HOSTILE, "asks": HOSTILE, "answer_by": HOSTILE, "then": "change"}
    pages.append(send(coordinator, request, change).text)
    send(coordinator, request, {"version": "1", "reason": HOSTILE, "then": "withdraw"})
    pages.append(coordinator.get(request).text)

    shown = "\n".join(pages)
    assert html.escape(HOSTILE, quote=False).replace("'", "&#39;").replace('"', "&#34;") in shown
    for raw in ("<script", "<img", "onerror=alert(1)>"):
        assert raw not in shown
    assert str(7777 * 7777) not in shown


@pytest.mark.parametrize(
    "fields",
    [
        {**GROUND, "thing": "{", "then": "ask"},
        {**GROUND, "thing": '{"kind":"phone","number":"' + "1" * 600 + '"}', "then": "ask"},
        {**GROUND, "thing": [phone(PHONE)] * 9, "then": "ask"},
    ],
)
def test_question_that_no_page_made_is_refused(coordinator: Browserless, fields: Fields) -> None:
    assert send(coordinator, "/search", fields).status_code == 422


@pytest.mark.parametrize(
    "then", ["", "nonsense", "add-moon", "added-", "remove-x", "remove-\u00b2", "remove-99", "add-"]
)
def test_step_that_is_none_leads_back_to_the_question(coordinator: Browserless, then: str) -> None:
    answer = send(coordinator, "/search", {**GROUND, "thing": [phone(PHONE)], "then": then})
    assert "Search: what do you know?" in answer.text
    assert "+297 000 0142" in answer.text


@pytest.mark.parametrize("path", ["/search", "/search/requests", "/search/requests/x"])
def test_every_answer_forbids_scripts_caches_and_everything_from_elsewhere(coordinator: Browserless, path: str) -> None:
    for answer in (coordinator.get(path), ask(coordinator, PHONE)):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert "<script" not in answer.text
        assert " style=" not in answer.text


def test_no_browser_is_asked_to_remember_what_was_typed(coordinator: Browserless) -> None:
    request = str(a_draft(coordinator).headers["location"])
    hit = hit_of(ask(coordinator, PHONE))
    pages = [coordinator.get("/search").text, coordinator.get(request).text]
    pages += [send(coordinator, "/search/requests", {**GROUND, "hit": hit}).text]
    pages += [send(coordinator, "/search", {**GROUND, "then": f"add-{kind}"}).text for kind in FIELDS]
    for page in pages:
        fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", page)
        asked = [field for field in fields if 'type="hidden"' not in field]
        assert asked
        assert all('autocomplete="off"' in field for field in asked), asked


def test_addresses_and_titles_hold_nothing_of_the_case(coordinator: Browserless) -> None:
    saved = a_draft(coordinator)
    pages = [ask(coordinator, PHONE).text, coordinator.get(saved.headers["location"]).text]
    pages += [coordinator.get("/search/requests").text]
    found = [saved.headers["location"]]
    for page in pages:
        found += re.findall(r'(?:href|action)="([^"]*)"', page) + re.findall(r"<title>(.*?)</title>", page)
    said = unquote_plus(" ".join(found))
    for word in ("Z-2026", "000 0142", "0000142", "Zeno", "surety", "AW-", "CW-", "NONPOLICE", "COORDINATE"):
        assert word not in said, word


# -- the request


def test_hit_becomes_a_request_that_can_be_printed(coordinator: Browserless) -> None:
    saved = a_draft(coordinator)
    page = html.unescape(coordinator.get(saved.headers["location"]).text)

    assert saved.status_code == 303
    for words in ("AW-REQ-", "A unit, Curaçao", "CW-2026-", "Police request", "Z-2026-04", "Who stood surety?",
                  "Answering inside the register comes later", "Name and signature:"):  # fmt: skip
        assert words in page, words


def test_form_sent_twice_makes_one_request(coordinator: Browserless) -> None:
    hit = hit_of(ask(coordinator, PHONE))
    fields: Fields = {**GROUND, "hit": hit, "key": "sent-twice-key", "route": "police", "asks": "x", "then": "save"}
    page = send(coordinator, "/search/requests", {**fields, "answer_by": ""})
    assert "Give a day from today to a year ahead" in html.unescape(page.text)
    today = coordinator_today(page)
    first, second = (send(coordinator, "/search/requests", {**fields, "answer_by": today}) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]


def coordinator_today(page: Response) -> str:
    found = re.search(r"for instance (\d{4}-\d\d-\d\d)", page.text)
    assert found
    return found[1]


def test_form_that_names_a_record_nobody_was_shown_drafts_nothing(found: SearchPages, coordinator: Browserless) -> None:
    hit = json.loads(hit_of(ask(coordinator, PHONE)))
    before = coordinator.get("/search/requests").text.count("AW-REQ-")
    for record in ("01976a10-5c00-7000-8000-00000000ffff", "not an id"):
        typed = {"route": "police", "asks": "x", "key": "probing-key-1", "then": "save"}
        day = str(day_in(AW, found.scene.clock.now()))
        sent: Fields = {**GROUND, **typed, "answer_by": day, "hit": json.dumps(hit | {"record": record})}
        assert send(coordinator, "/search/requests", sent).status_code in {404, 422}
    assert coordinator.get("/search/requests").text.count("AW-REQ-") == before


def test_what_the_form_says_of_the_owner_does_not_count(coordinator: Browserless) -> None:
    hit = json.loads(hit_of(ask(coordinator, PHONE)))
    false = json.dumps(hit | {"unit": "A false unit", "reference": "NL-2026-9999"})
    saved = a_draft(coordinator, hit=false)
    page = coordinator.get(saved.headers["location"]).text
    assert "A unit, Curaçao" in page
    assert "false unit" not in page


def test_draft_to_another_country_than_the_owner_is_answered_as_if_nothing_were_there(coordinator: Browserless) -> None:
    hit = json.loads(hit_of(ask(coordinator, PHONE)))
    assert a_draft(coordinator, hit=json.dumps(hit | {"owner": "NL"})).status_code == 404


def test_draft_of_an_extract_that_was_taken_back_says_on_paper_too_not_to_carry_it(
    found: SearchPages, coordinator: Browserless
) -> None:
    number = "+599 9 500 0966"
    record = found.scene.hold(CW, AskedSubject(selectors=(SelectorIn(type="PHONE", value=number),)))
    found.scene.settle()
    ask(coordinator, number)
    hit = json.dumps(json.loads(hit_of(ask(coordinator, PHONE))) | {"record": str(record)})
    path = str(a_draft(coordinator, hit=hit).headers["location"])
    found.scene.mirrors[CW].retract(record)
    page = coordinator.get(path).text

    assert "Do not carry it" in page
    assert '<div class="danger">' in page, "not of the parts that stay on the screen"
    assert "Save the change" not in page
    assert "Withdraw it" in page


def test_draft_is_changed_and_withdrawn_and_says_so(coordinator: Browserless) -> None:
    path = str(a_draft(coordinator).headers["location"])
    shown = coordinator.get(path).text
    day = re.search(r'name="answer_by" type="date" value="([^"]*)"', shown)
    assert day
    change: Fields = {"route": "legal", "asks": "Which papers?", "answer_by": day[1], "then": "change"}
    assert send(coordinator, path, {"version": "1", **change}).status_code == 303
    assert "Which papers?" in coordinator.get(path).text
    assert "Say in a few words" in send(coordinator, path, {"version": "2", "reason": "", "then": "withdraw"}).text
    assert send(coordinator, path, {"version": "2", "reason": "By phone.", "then": "withdraw"}).status_code == 303
    gone = coordinator.get(path).text
    assert "By phone." in gone
    assert "Save the change" not in gone


def test_who_was_slower_keeps_what_he_typed_and_changes_nothing(coordinator: Browserless) -> None:
    path = str(a_draft(coordinator).headers["location"])
    day = re.search(r'name="answer_by" type="date" value="([^"]*)"', coordinator.get(path).text)
    assert day
    change: Fields = {"route": "legal", "answer_by": day[1], "then": "change"}
    assert send(coordinator, path, {"version": "1", "asks": "Theirs.", **change}).status_code == 303

    slower = send(coordinator, path, {"version": "1", "asks": "Mine, long typed.", **change}).text
    assert "Somebody changed this draft meanwhile" in slower
    assert "Mine, long typed.</textarea>" in slower
    assert 'name="version" value="2"' in slower
    assert "Theirs." in coordinator.get(path).text
    withdrawing = send(coordinator, path, {"version": "1", "reason": "Mine too.", "then": "withdraw"}).text
    assert "Somebody changed this draft meanwhile" in withdrawing
    assert 'value="Mine too."' in withdrawing

    assert send(coordinator, path, {"version": "2", "reason": "Done.", "then": "withdraw"}).status_code == 303
    for late in ({"asks": "Mine, later.", **change}, {"reason": "Mine, later.", "then": "withdraw"}):
        gone = send(coordinator, path, {"version": "3", **late}).text
        assert "can no longer be changed" in gone
        assert "Mine, later.</textarea>" in gone
        assert "Mine, later." not in coordinator.get(path).text


def test_form_that_is_sent_after_the_session_went_idle_does_nothing_and_is_shown_again_after_signing_in(
    found: SearchPages, coordinator: Browserless
) -> None:
    path = str(a_draft(coordinator).headers["location"])
    hit, token, before = hit_of(ask(coordinator, PHONE)), csrf(coordinator), coordinator.get(path).text
    typed: list[tuple[str, Fields, list[str]]] = [
        ("/search/requests", {**GROUND, "hit": hit, "asks": "Typed long.", "then": "save"}, ["Typed long."]),
        (path, {"version": "1", "reason": "Typed long.", "then": "withdraw"}, ["Typed long."]),
        ("/search", {**GROUND, "thing": [phone(PHONE)], "then": "added-phone", "number": NOBODYS},
         ["Z-2026-04", PHONE, NOBODYS]),
    ]  # fmt: skip
    found.pages.clock.move(1_000)
    held = []
    for address, fields, _ in typed:
        way = str(coordinator.post(address, {"csrf": token, **fields}).headers["location"])
        assert way.startswith("/signed-out/held?next=/held/"), address
        assert "Who stood surety?" not in coordinator.get(way).text, "nothing of the register is shown"
        held.append(way.partition("=")[2])
        without_token = coordinator.post(address, fields)
        assert without_token.headers["location"].startswith("/signed-out/idle"), "kept is its own session's form only"
    for address in ("/search", "/search/requests", path):
        assert coordinator.post(address, {"csrf": token}).headers["location"].startswith("/signed-out/idle")
    coordinator.sign_in("aw-coordinator")
    for one, (_, _, written) in zip(held, typed, strict=True):
        page = html.unescape(coordinator.get(one).text)
        assert [text for text in written if text not in page] == []
    of_its_moment = r'value="[0-9a-f]{64}"|\d\d:\d\d</p></main>'  # a form's token, and when it is printed
    assert re.sub(of_its_moment, "", coordinator.get(path).text) == re.sub(of_its_moment, "", before)


# -- what it costs


@pytest.mark.parametrize(
    ("budget", "says"),
    [
        ("person", "You have looked up 1000000 of the 1000000 values that one person may look up in a day"),
        (
            "case",
            "1000000 of the 1000000 values that may be looked up for one case in a day were looked up for this one",
        ),
        ("organisation", "Your organisation has looked up 1000000 of the 1000000 values that it may look up in a day"),
        (
            "own",
            "You have looked up 1000000 of the 1000000 values that one person may look up in the register of",
        ),
    ],
)
def test_who_has_asked_what_may_be_asked_in_a_day_reads_when_there_is_more(
    found: SearchPages, coordinator: Browserless, budget: str, says: str
) -> None:
    assert ask(coordinator, NOBODYS).status_code == 200
    found.scene.change(f"UPDATE rtr.search_spent SET spent = 1000000 WHERE budget = '{budget}'")
    try:
        answer = ask(coordinator, NOBODYS)
    finally:
        found.scene.change(f"UPDATE rtr.search_spent SET spent = 1 WHERE budget = '{budget}'")
    assert says in answer.text
    assert "tomorrow from 00:00" in answer.text
    assert NOBODYS in html.unescape(answer.text), "what was typed is still there"


def test_no_page_of_the_search_says_more_than_six_things_to_the_database(
    found: SearchPages, coordinator: Browserless
) -> None:
    token, statements = csrf(coordinator), found.pages[AW].statements
    request = str(a_draft(coordinator).headers["location"])
    hit = hit_of(ask(coordinator, PHONE))
    carried = {"csrf": token, **GROUND, "thing": [phone(PHONE)]}
    said: dict[str, int] = {}

    def counted(name: str, do: Callable[[], Any]) -> None:
        before = statements.count
        do()
        said[name] = statements.count - before

    counted("ground", lambda: coordinator.get("/search"))
    for then in ("ground", "things", "add-person", "remove-0"):
        counted(then, lambda then=then: coordinator.post("/search", {**carried, "then": then}))  # type: ignore[misc]
    counted("added", lambda: coordinator.post("/search", {**carried, "then": "added-phone", "number": NOBODYS}))
    counted("draft", lambda: coordinator.post("/search/requests", {**GROUND, "csrf": token, "hit": hit}))
    counted("requests", lambda: coordinator.get("/search/requests"))
    counted("request", lambda: coordinator.get(request))

    print(f"statements {said}")
    assert max(said.values()) <= SQL_A_PAGE, said
    assert min(said.values()) > 0


@pytest.mark.parametrize("numbers", [(NOBODYS,), (PHONE, COMMON), (MANY,)])
def test_page_of_the_answers_adds_at_most_six_statements_to_one_search(
    found: SearchPages, coordinator: Browserless, numbers: tuple[str, ...]
) -> None:
    """How many the search itself needs depends on what is found; that is the service's affair, with its own tests."""
    token, statements = csrf(coordinator), found.pages[AW].statements
    things = [phone(number) for number in numbers]
    question = SearchIn(
        purpose=Purpose.COORDINATE,
        legal_basis=LegalBasis.AW_NONPOLICE,
        case="Z-2026-04",
        subject=AskedSubject(selectors=tuple(SelectorIn(type="PHONE", value=n) for n in numbers)),
    )
    before, asked = statements.count, len(found.scene.engine.calls)
    search_records(found.scene.aruba, found.scene.coordinator, question)
    alone, once = statements.count - before, len(found.scene.engine.calls) - asked
    before, asked = statements.count, len(found.scene.engine.calls)
    coordinator.post("/search", {**GROUND, "csrf": token, "thing": things, "then": "ask"})
    whole, calls = statements.count - before, len(found.scene.engine.calls) - asked

    print(f"search {alone} statements, page {whole - alone} more, engine {calls} call(s)")
    assert whole - alone <= SQL_A_PAGE
    assert calls == once <= 2


def test_no_page_of_the_search_with_all_that_it_loads_is_larger_than_forty_kilobytes(
    found: SearchPages, coordinator: Browserless
) -> None:
    found.stale(CW)
    request = str(a_draft(coordinator).headers["location"])
    pages = {
        "ground": coordinator.get("/search"),
        "person": send(coordinator, "/search", {**GROUND, "then": "add-person"}),
        "document": send(coordinator, "/search", {**GROUND, "then": "add-document"}),
        "answers": ask(coordinator, PHONE, COMMON),
        "many": ask(coordinator, MANY, PHONE),
        "draft": send(coordinator, "/search/requests", {**GROUND, "hit": hit_of(ask(coordinator, PHONE))}),
        "request": coordinator.get(request),
        "requests": coordinator.get("/search/requests"),
    }
    loaded = set(re.findall(r'href="(/static/[^"]+)"', pages["ground"].text))
    files = sum(len(coordinator.get(one).content) for one in loaded)
    sizes = {name: len(page.content) for name, page in pages.items()}
    print(f"files {files}, pages {sizes}")

    assert len(loaded) == 2
    assert max(sizes.values()) + files < PAGE_BYTES
