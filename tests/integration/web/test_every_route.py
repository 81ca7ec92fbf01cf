"""What holds of every address of the pages, by the routes themselves: forgery, other countries, framing, traces."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus
from uuid import UUID

import pytest
from httpx2 import Response

from api.web.frame.guard import cookie_name
from api.web.search.question import FIELDS
from register.domain.access.caller import Task
from schemas.codes import Partition
from tests.integration.web.desk.test_desk_pages import one_of_each
from tests.integration.web.ours import referred
from tests.integration.web.search.test_search_page import GROUND, a_draft, ask, hit_of
from tests.integration.web.walk import Fields, answered, csrf, send
from tests.support.found import a_finding
from tests.support.records.lifted import a_lifting
from tests.support.web.pages import AW, CW, Browserless
from tests.support.web.routes import PUBLIC, Route, parts_of, routes_of
from tests.support.web.search_pages import PHONE, SearchPages, search_pages

NUMBER: Final = ("000 0142", "0000142")
"""The number as it was typed and as it is kept; its last four signs alone may stand in any random identifier."""
CASE: Final = ("Zeno", "Testman", "Dakota", "bus stop", *NUMBER, "surety", "Z-2026", "NONPOLICE", "CW-2026", "AW-2026")
"""What was typed or found, and stands in no address, title or cookie."""
SUSPECT: Final[Fields] = {"role": "SUSPECT", "name": "Zeno Testman", "year": "1985"}
HOSTILE: Final = (
    "//evil.example",
    "https://evil.example",
    "https:evil.example",
    "/\\evil.example",
    "/%5Cevil.example",
    "/report/..//evil.example",
    "/%09/evil.example",
    "/ours?next=//evil.example",
    "/ours?state=//evil.example",
    "/ours?x=%0d%0aset-cookie:a=b",
    "javascript:alert(1)",
    "evil.example",
)
At = Callable[..., Browserless]


@dataclass(frozen=True)
class Here:
    """Aruba's pages with a report under way, one sent, and a drafted request, all of one person."""

    found: SearchPages
    routes: list[Route]
    person: Browserless
    parts: dict[str, tuple[str, ...]]

    def addresses(self, method: str, *, public: bool = True) -> list[str]:
        """Every address that takes this method."""
        wanted = [one for one in self.routes if one.method == method and (public or one.path not in PUBLIC)]
        return [address for one in wanted for address in one.addresses(self.parts)]

    @property
    def session(self) -> str:
        """The cookie of Aruba's sessions."""
        return cookie_name(self.found.pages[AW].register)


@pytest.fixture(scope="module")
def found() -> Iterator[SearchPages]:
    with search_pages() as made:
        yield made


@pytest.fixture
def come(found: SearchPages) -> Iterator[At]:
    """Somebody new at the pages of a country, signed in if named."""
    with ExitStack() as closing:

        def one(name: str | None = None, country: Partition = AW) -> Browserless:
            person = closing.enter_context(Browserless(found.pages[country].url))
            if name is not None:
                person.sign_in(name)
            return person

        yield one


@pytest.fixture
def here(found: SearchPages, come: At) -> Here:
    """Signs in anew, since the tests spoil sessions."""
    found.again()
    person, register = come("aw-all"), found.pages[AW].register
    sent, under_way = answered(person, known=SUSPECT), answered(person, known=SUSPECT)
    send(person, f"{sent}/check", {})
    signal = re.search(r'href="/ours/([0-9a-f-]{36})"', person.get(f"{sent}/done").text)
    assert signal
    request = str(a_draft(person).headers["location"]).rpartition("/")[2]
    drafts = [one.rpartition("/")[2] for one in (under_way, sent)]
    referral = str(referred(found.pages, UUID(signal[1])))
    officer = found.pages.world.caller("AW-CMMA", Task.SUBMIT, actor="aw-all")
    finding = str(a_finding(register, officer)[0])
    lifting = str(a_lifting(found.pages.world))
    parts = parts_of(
        register,
        drafts=drafts,
        signal=signal[1],
        request=request,
        referral=referral,
        finding=finding,
        lifting=lifting,
        records=one_of_each(person),
    )
    return Here(found, routes_of(register), person, {name: tuple(values) for name, values in parts.items()})


def refused(answer: Response) -> bool:
    return answer.status_code == 403 and "This form was not taken" in answer.text


def asks_to_sign_in(answer: Response) -> bool:
    return answer.status_code == 303 and str(answer.headers["location"]).startswith("/signed-out/needed")


def searched(here: Here) -> list[Response]:
    """The pages of the search that have no address of their own."""
    steps = [send(here.person, "/search", {**GROUND, "then": f"add-{kind}"}) for kind in FIELDS]
    answers = ask(here.person, PHONE)
    return [*steps, answers, send(here.person, "/search/requests", {**GROUND, "hit": hit_of(answers)})]


def test_walk_reaches_the_pages(here: Here) -> None:
    """A walk that is refused everywhere would find no fault anywhere."""
    shown = {address: here.person.get(address).status_code for address in here.addresses("GET")}

    assert len(shown) > 60
    assert [a for a, status in shown.items() if status == 200][:1] == ["/"]
    assert sum(status == 200 for status in shown.values()) > 35, shown
    assert set(shown.values()) <= {200, 303, 403, 404}


def test_every_form_is_refused_unless_our_own_page_sent_it_in_this_session(here: Here, come: At) -> None:
    person, other = here.person, come("aw-all")
    own, foreign = csrf(person), csrf(other)
    sent = here.addresses("POST")
    wrong = {}
    for address in sent:
        tries = {
            "no token": person.post(address, {"then": "x"}),
            "another session's token": person.post(address, {"csrf": foreign}),
            "another site": person.post(address, {"csrf": own}, sec_fetch_site="cross-site"),
            "a sister site": person.post(address, {"csrf": own}, sec_fetch_site="same-site"),
            "another origin": person.post(address, {"csrf": own}, origin="https://evil.example"),
            "the neighbour's origin": person.post(address, {"csrf": own}, origin=here.found.pages[CW].url),
            "nobody says": person.post(address, {"csrf": own}, sec_fetch_site="", origin=""),
        }
        if taken := [name for name, answer in tries.items() if not refused(answer)]:
            wrong[address] = taken

    assert wrong == {}
    assert len(sent) > 30
    assert person.get("/report").status_code == 200, "signed out by a form that nobody sent"


def test_every_page_wants_a_session_of_this_country(here: Here, come: At) -> None:
    """Nobody's cookie, one that somebody chose, and the neighbour's: none opens a page, and none becomes a session."""
    neighbour = come("cw-all", CW).cookies[cookie_name(here.found.pages[CW].register)]
    wrong = []
    for cookie in ("", "chosen-by-somebody-else", neighbour):
        for method in ("GET", "POST"):
            for address in here.addresses(method, public=False):
                person = come()
                if cookie:
                    person.cookies[here.session] = cookie
                answer = person.get(address) if method == "GET" else person.post(address, {"csrf": "0" * 64})
                if not asks_to_sign_in(answer) or "set-cookie" in answer.headers:
                    wrong.append((method, address, cookie, answer.status_code))

    assert wrong == []


def test_one_country_finds_nothing_of_another_under_its_own_session(here: Here, come: At) -> None:
    """The neighbour's own person, with every task there is, asks for our ids at the neighbour's pages."""
    other = come("cw-all", CW)
    token = csrf(other)
    ours = {"draft", "signal_id", "request_id", "referral_id", "finding_id", "lifting_id", "record_id"}
    routes = [one for one in here.routes if any(f"{{{name}}}" in one.path for name in ours)]
    told = []
    for one in routes:
        for address in one.addresses(here.parts):
            answer = other.get(address) if one.method == "GET" else other.post(address, {"csrf": token, "version": "1"})
            body = html.unescape(answer.text)
            if answer.status_code != 404 or any(word in body for word in CASE):
                told.append((one.method, address, answer.status_code))

    assert told == []
    assert len(routes) > 12


def test_every_answer_forbids_to_be_framed_kept_or_scripted(here: Here) -> None:
    answers = {address: here.person.get(address) for address in here.addresses("GET")}
    answers |= {f"refused {address}": here.person.post(address, {}) for address in here.addresses("POST")}
    answers |= {f"search {n}": answer for n, answer in enumerate(searched(here))}
    answers["nowhere"] = here.person.get("/no-such-page")
    wrong = []
    for address, answer in answers.items():
        headers, policy = answer.headers, answer.headers.get("content-security-policy", "")
        framed = headers.get("x-frame-options") != "DENY" or "frame-ancestors 'none'" not in policy
        if address != "nowhere" and (framed or "unsafe" in policy or "default-src 'none'" not in policy):
            wrong.append((address, policy))
        if headers.get("x-frame-options") != "DENY" or headers["cache-control"] != "no-store":
            wrong.append((address, "kept or framed"))
        if re.search(r"<script|<iframe|\son\w+=|\sstyle=|javascript:", answer.text):
            wrong.append((address, "scripted"))

    assert wrong == []


def test_no_browser_is_asked_to_remember_what_was_typed_in_any_field(here: Here) -> None:
    pages = [here.person.get(address).text for address in here.addresses("GET") if ".xlsx" not in address]
    pages += [one.text for one in searched(here)]
    fields = [field for page in pages for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page)]
    asked = [field for field in fields if 'type="hidden"' not in field]

    assert len(asked) > 100
    assert [field for field in asked if 'autocomplete="off"' not in field] == []


def test_no_address_title_or_cookie_holds_anything_of_a_case(here: Here) -> None:
    answers = [here.person.get(address) for address in here.addresses("GET") if ".xlsx" not in address]
    answers += searched(here)
    seen: set[str] = set()
    for answer in answers:
        seen |= set(re.findall(r'(?:href|action|src)="([^"]*)"', answer.text))
        seen |= {answer.headers.get("location", ""), *answer.headers.get_list("set-cookie")}
        if "/ours/" not in str(answer.url):  # the report's own page is titled by its reference, which is no person's
            seen |= set(re.findall(r"<title>(.*?)</title>", answer.text))

    assert [word for word in CASE if any(word in unquote_plus(html.unescape(one)) for one in seen)] == []
    queried = {one.partition("?")[2].partition("=")[0] for one in seen if one.startswith("/") and "?" in one}
    # A status of the ladder is a code, and an interview an id, as others stand in paths.
    assert queried <= {"cursor", "year", "done", "next", "sort", "status", "interview"}


def test_session_is_begun_by_signing_in_and_nowhere_else(here: Here) -> None:
    before = here.person.cookies[here.session]
    given = [
        line
        for method in ("GET", "POST")
        for address in here.addresses(method)
        for line in _at(here, method, address).headers.get_list("set-cookie")
        if line.startswith(f"{here.session}=") and "Max-Age=0" not in line
    ]

    assert given == []
    assert here.person.cookies[here.session] == before
    here.person.sign_in("aw-all")
    assert here.person.cookies[here.session] != before


def test_no_address_that_leads_on_leads_away(here: Here, come: At) -> None:
    leading = [one for one in here.routes if one.leads_on]
    assert {one.path for one in leading} == {"/sign-in", "/signed-out/{why}", "/language/{language}"}
    ours, away = ("/", "#", here.found.pages[AW].issuer_url), []
    for wanted in HOSTILE:
        for address in [address for one in leading for address in one.addresses(here.parts)]:
            answer = here.person.get(f"{address}?next={wanted}")
            led = [answer.headers.get("location", "/"), *re.findall(r'href="([^"]*)"', answer.text)]
            away += [(address, wanted, one) for one in led if not one.startswith(ours) or "evil" in one]
        if come().sign_in("aw-all", then=wanted).headers["location"] != "/":
            away.append(("signed in", wanted, ""))

    assert away == []


def _at(here: Here, method: str, address: str) -> Response:
    return here.person.get(address) if method == "GET" else here.person.post(address, {})
