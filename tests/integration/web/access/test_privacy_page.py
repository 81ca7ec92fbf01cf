"""The privacy officer's page: what rang is acknowledged, what was drawn is ticked, and nobody else comes."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest

from register.domain.exchange.reconciling import Night, NightState
from schemas.codes import Partition
from tests.integration.web.asked import rung_and_drawn
from tests.integration.web.conftest import At
from tests.integration.web.walk import send
from tests.support.web.pages import AW, Pages

SQL_OF_TWO_LISTS = 6
"""The rows of each list with their keys, one leaf, and what every page asks."""


@pytest.fixture
def drawn(served: Pages) -> tuple[UUID, UUID]:
    return rung_and_drawn(served)


def test_officer_comes_from_what_waits_acknowledges_and_ticks(drawn: tuple[UUID, UUID], at: At) -> None:
    alarm, search = drawn
    officer = at("aw-privacy")
    assert 'href="/privacy"' in officer.get("/to-do").text
    page = officer.get("/privacy").text
    for word in ("Neighbouring values asked about", "Z-2026-77 &lt;b&gt;", "Z-2026-78", "1 of our own, 2 of others"):
        assert word in page
    missing = send(officer, f"/privacy/alarms/{alarm}", {"reason": "  "})
    assert "what you looked at and what came of it" in missing.text
    done = send(officer, f"/privacy/alarms/{alarm}", {"reason": "A seized phone book; the file was seen."})
    assert "What you said is in the register." in officer.get(done.headers["location"]).text
    unsaid = send(officer, f"/privacy/searches/{search}", {"verdict": "TO_BE_ASKED", "note": ""})
    assert "what is to be asked about" in unsaid.text
    assert 'value="TO_BE_ASKED" autocomplete="off" checked' in unsaid.text
    unchosen = send(officer, f"/privacy/searches/{search}", {"note": "Which case is this?"})
    assert f'href="#verdict-{search}"' in unchosen.text
    assert "Which case is this?" in unchosen.text
    send(officer, f"/privacy/searches/{search}", {"verdict": "TO_BE_ASKED", "note": "Which case is this?"})
    page = officer.get("/privacy").text
    assert str(alarm) not in page
    assert str(search) not in page
    said = officer.get("/privacy/said").text
    assert "A seized phone book; the file was seen." in said
    assert "To be asked about: Which case is this?" in said


def test_second_word_is_not_taken_for_the_first(drawn: tuple[UUID, UUID], at: At) -> None:
    officer, address = at("aw-privacy"), f"/privacy/alarms/{drawn[0]}"
    send(officer, address, {"reason": "First."})
    again = send(officer, address, {"reason": "Second."})
    assert "Something was said to this before" in officer.get(again.headers["location"]).text
    assert "Second." not in officer.get("/privacy/said").text


def test_officer_with_a_letter_about_somebodys_own_data_is_told_step_by_step_what_to_do_today(at: At) -> None:
    """Who looks up, under which case, who decides, and that the answer hints at nothing that may not be told."""
    page = at("aw-privacy").get("/privacy").text
    letter = page[page.index("A letter of somebody about their own data") : page.index("</details>")]
    steps = re.findall("<li>(.*?)</li>", letter, re.DOTALL)
    said = [
        "keep no copy", "a second person decides with you", "reference as the case", "You decide",
        "it has the same words", "names their contacts",
    ]  # fmt: skip
    assert [word in step for word, step in zip(said, steps, strict=True)] == [True] * len(said)
    assert "<form" not in letter, "nobody is looked up here: that would be a door for fishing"


@pytest.mark.parametrize("who", ["aw-coordinator", "aw-unit", "aw-all", "aw-figures"])
@pytest.mark.usefixtures("drawn")
def test_nobody_else_comes_or_is_led_there(who: str, at: At) -> None:
    person = at(who)
    assert 'href="/privacy"' not in person.get("/").text
    assert person.get("/privacy").status_code == 403
    assert "Z-2026-77" not in person.get("/privacy/said").text


def test_officer_comes_to_the_nights_and_sees_what_each_evaluator_lists(served: Pages, at: At) -> None:
    register = served[AW].register
    found = Night(register.today() - timedelta(days=3), NightState.FINDING, 1_240, unasked=(register.clock.new_id(),))
    with register.work(served.world.worker(AW)) as work:
        work.exchange.reconciling.keep_night(Partition.NL, found)
        work.exchange.reconciling.keep_night(Partition.CW, Night(found.day, NightState.LATE))
    officer = at("aw-privacy")
    assert 'href="/privacy/nights"' in officer.get("/privacy").text
    page = officer.get("/privacy/nights").text
    for word in ("1,240", "Finding", "Its list is late", "Declared to stay at home"):
        assert word in page
    assert str(found.unasked[0]) not in page, "ids are in the log"
    officer.get("/language/nl")
    assert "Nacht voor nacht" in officer.get("/privacy/nights").text


@pytest.mark.parametrize("who", ["aw-coordinator", "aw-unit", "aw-all", "aw-figures"])
def test_nobody_else_comes_to_the_nights(who: str, at: At) -> None:
    assert at(who).get("/privacy/nights").status_code == 403


def test_officer_is_led_to_nothing_of_what_is_asked_about(at: At) -> None:
    home = at("aw-privacy").get("/").text
    for address in ("/ours", "/search", "/hits", "/report"):
        assert f'href="{address}"' not in home


def test_page_is_in_dutch_too(at: At) -> None:
    officer = at("aw-privacy")
    officer.get("/language/nl")
    assert "Hoe er wordt gevraagd" in officer.get("/privacy").text


@pytest.mark.usefixtures("drawn")
def test_page_with_both_lists_asks_the_database_no_more_than_two_lists_need(served: Pages, at: At) -> None:
    officer = at("aw-privacy")
    for path in ("/privacy", "/privacy/said"):
        served[AW].statements.count = 0
        assert officer.get(path).status_code == 200
        assert 0 < served[AW].statements.count <= SQL_OF_TWO_LISTS, path


def test_each_look_at_the_page_leaves_one_leaf_of_how_much_was_shown(
    served: Pages, at: At, drawn: tuple[UUID, UUID]
) -> None:
    def leaves() -> list[tuple[str, dict[str, int]]]:
        with served[AW].register.database.transaction("api") as connection:
            query = (
                "SELECT commitment->>'actor', commitment->'facts' FROM rtr.audit_leaf WHERE action = 'asking.listed'"
            )
            return [(actor, facts) for actor, facts in connection.exec_driver_sql(f"{query} ORDER BY id")]

    before, officer = leaves(), at("aw-privacy")
    assert str(drawn[0]) in officer.get("/privacy").text
    ((_, shown),) = leaves()[len(before) :]
    assert shown["alarms"] >= 1
    assert shown["searches"] >= 1
