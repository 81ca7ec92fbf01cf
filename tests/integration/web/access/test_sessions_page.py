"""A person sees where they are signed in and ends it; nobody sees or ends another's."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from register.domain.access.caller import Caller, Task
from register.errors import NotFound
from register.services.access.own_sessions import end_other_sessions, end_session, list_sessions
from tests.integration.web.conftest import At
from tests.integration.web.walk import csrf, send
from tests.support.web.pages import AW, Browserless, Pages

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36"
COOKIE = "__Host-rtr-aw"


@pytest.fixture
def reader(served: Pages) -> Caller:
    """Who `aw-reader` is; nothing is left of the sessions of other tests."""
    caller = served.world.caller("AW-CMMA", Task.READ_OWN, actor="aw-reader")
    end_other_sessions(served[AW].register, caller, token=None)
    return caller


def come(at: At, browser: str, name: str = "aw-reader") -> Browserless:
    person = at()
    person._http.headers["user-agent"] = browser
    person.sign_in(name)
    return person


def listed(person: Browserless) -> list[str]:
    """What the page says of each session, in its order."""
    page = person.get("/sessions")
    assert page.status_code == 200, page.text
    cards = re.findall(r'<ul class="cards">(.*)</ul>', page.text, re.DOTALL)[0]
    return [html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", one))) for one in cards.split("<li>")[1:]]


def ids(served: Pages, caller: Caller) -> list[str]:
    return [str(one.id) for one in list_sessions(served[AW].register, caller, token=None)]


def rows(served: Pages, query: str, *values: Any) -> list[Any]:
    with served[AW].register.database.transaction("api") as connection:
        return list(connection.exec_driver_sql(query, values).mappings())


@pytest.mark.usefixtures("reader")
def test_person_sees_each_browser_in_words_and_which_is_this_one(at: At) -> None:
    phone, desk = come(at, PHONE), come(at, FIREFOX)

    assert phone.get("/").status_code == 200
    seen = listed(desk)
    assert [("This one" in one, "Firefox on Linux" in one, "Chrome on Android" in one) for one in seen] == [
        (True, True, False),
        (False, False, True),
    ]
    assert all(word in one for one in seen for word in ("Signed in", "Last used", "Ends by itself"))
    assert "End Chrome on Android" in seen[1]
    assert "End Firefox" not in seen[0]


@pytest.mark.usefixtures("reader")
def test_nothing_of_what_a_browser_says_reaches_the_page_or_the_store(served: Pages, at: At) -> None:
    person = come(at, f"<script>alert('x')</script> {FIREFOX} serial-4711")

    page = person.get("/sessions").text
    assert "script" not in page
    assert "4711" not in page
    assert "4711" not in repr(rows(served, "SELECT browser, system FROM rtr.page_session"))


def test_session_that_is_ended_stops_at_once_and_the_others_go_on(served: Pages, at: At, reader: Caller) -> None:
    phone, desk = come(at, PHONE), come(at, FIREFOX)
    other = ids(served, reader)[1]

    answer = send(desk, f"/sessions/{other}/end", {})
    assert answer.headers["location"] == "/sessions?done=ended"
    assert str(phone.get("/ours").headers["location"]).startswith("/signed-out/needed")
    assert desk.get("/ours").status_code == 200
    assert "has to sign in again" in desk.get("/sessions?done=ended").text
    assert "signed in nowhere else" in desk.get("/sessions").text


@pytest.mark.usefixtures("reader")
def test_all_others_end_and_this_one_stays(served: Pages, at: At) -> None:
    others = [come(at, PHONE), come(at, FIREFOX)]
    desk = come(at, FIREFOX)

    send(desk, "/sessions/end-others", {})
    assert [one.get("/ours").status_code for one in others] == [303, 303]
    assert len(listed(desk)) == 1
    leaves = rows(served, "SELECT commitment FROM rtr.audit_leaf WHERE action = 'session.ended' ORDER BY id DESC")
    said = leaves[0]["commitment"]
    assert (said["actor"], said["about"], said["facts"]) == ("aw-reader", "-", {"count": 2})


def test_session_with_a_form_half_sent_is_over_too(served: Pages, at: At, reader: Caller) -> None:
    """Its token was read before: a form of an ended session changes nothing, and gives back what was typed."""
    phone, desk = come(at, PHONE), come(at, FIREFOX)
    token = csrf(phone)
    send(desk, "/sessions/end-others", {})

    assert phone.post("/sessions/end-others", {"csrf": token}).status_code in (200, 303)
    assert len(ids(served, reader)) == 1
    assert desk.get("/ours").status_code == 200


def test_who_ends_this_very_session_is_signed_out(served: Pages, at: At, reader: Caller) -> None:
    desk = come(at, FIREFOX)
    (own,) = ids(served, reader)

    assert send(desk, f"/sessions/{own}/end", {}).status_code == 303
    assert str(desk.get("/sessions").headers["location"]).startswith("/signed-out/needed")


def test_nobody_sees_or_ends_anothers_session(served: Pages, at: At, reader: Caller) -> None:
    """Of the same organisation, with every task there is; what is not theirs is answered like what is not there."""
    desk, other = come(at, FIREFOX), come(at, PHONE, "aw-all")
    (own,) = ids(served, reader)
    nowhere = str(served.clock.new_id())

    assert own not in other.get("/sessions").text
    tried, absent = (send(other, f"/sessions/{which}/end", {}) for which in (own, nowhere))
    assert (tried.status_code, absent.status_code) == (404, 404)
    send(other, "/sessions/end-others", {})
    assert desk.get("/ours").status_code == 200
    stranger = served.world.caller("AW-CMMA", *Task, actor="aw-all")
    with pytest.raises(NotFound):
        end_session(served[AW].register, stranger, list_sessions(served[AW].register, reader, token=None)[0].id)


def test_id_of_a_session_opens_nothing(served: Pages, at: At, reader: Caller) -> None:
    come(at, FIREFOX)
    (own,) = ids(served, reader)
    (row,) = rows(served, "SELECT token_hash, actor FROM rtr.page_session WHERE id = %s", own)

    for chosen in (own, bytes(row["token_hash"]).hex()):
        thief = at()
        thief.cookies[COOKIE] = chosen
        assert thief.get("/sessions").status_code == 303


def test_session_that_was_not_used_for_too_long_is_listed_as_such_and_can_be_ended(
    served: Pages, at: At, reader: Caller
) -> None:
    come(at, PHONE)
    served.clock.move(1_000)
    desk = come(at, FIREFOX)

    seen = listed(desk)
    assert ["must sign in again" in one for one in seen] == [False, True]
    send(desk, "/sessions/end-others", {})
    assert len(ids(served, reader)) == 1


@pytest.mark.usefixtures("reader")
def test_page_is_whole_in_dutch(at: At) -> None:
    come(at, PHONE)
    desk = come(at, FIREFOX)
    desk.get("/language/nl")

    page = desk.get("/sessions").text
    assert "Waar u bent aangemeld" in page
    assert "Chrome op Android" in page
    assert "Alles beëindigen behalve deze" in page
