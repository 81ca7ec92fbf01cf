"""Every page in every state: accessible, readable on a narrow screen, and with nothing for a browser to complain of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.acceptance.pages.checks import AXE, TAGS, violations, walked
from tests.acceptance.pages.person import Person, states

FEWEST_STATES: Final = 38
DESK_STATES: Final = 9


def test_every_page_in_every_state_is_accessible_and_reflows(person: Person) -> None:
    """WCAG 2.2 AA as far as axe sees it; reflow (1.4.10), which axe does not see, and the size of targets by hand.

    One walk for all checks: each state costs more to reach than to look at.
    """
    seen, wrong = walked(person.page, states(person))
    assert wrong == {}
    assert len(seen) >= FEWEST_STATES


def desk_states(person: Person) -> Iterator[str]:
    """The pages of interviews and of the ladder, as the register unit comes by them."""
    page = person.page
    person.sign_in("aw-unit")
    person.press("Interviews, victims, trainings")
    yield "desk"
    page.locator("main a[href='/desk/interviews']").click()
    yield "interviews"
    person.press("Record an interview")
    page.locator("main form button").click()
    yield "interview with faults"
    for field, value in (("#held_on", "04-03-2025"), ("#name", "Deska Axeman"), ("#note", "Spoke freely.")):
        page.locator(field).fill(value)
    for field, value in (("#sex", "FEMALE"), ("#age_band", "30-39")):
        page.locator(field).select_option(value)
    page.locator("main form button").click()
    yield "an interview"
    person.press("Put this person on the ladder")
    for field, value in (("#movement", "DOMESTIC"), ("#status", "POTENTIAL"), ("#form", "SEX")):
        page.locator(field).select_option(value)
    page.locator("#decided_on").fill("05-03-2025")
    page.locator("#reason").fill("Weighed the signs.")
    page.locator("main form button").click()
    yield "a person on the ladder"
    person.press("Add a status")
    yield "status"
    person.press("Interviews, victims, trainings")
    page.locator("main a[href='/desk/victims']").click()
    yield "the ladder"
    person.press("Bring in a file")
    yield "file"
    rows = b"Report;Sex\nnone;none"
    page.locator("#file").set_input_files({"name": "rows.csv", "mimeType": "text/csv", "buffer": rows})
    person.press("Look at it")
    yield "file with a fault"


def test_every_page_of_the_desk_is_accessible_and_reflows(person: Person) -> None:
    seen, wrong = walked(person.page, desk_states(person))
    assert wrong == {}
    assert len(seen) == DESK_STATES


def test_this_axe_knows_the_rules_that_the_promise_names(person: Person) -> None:
    """An axe without rules for WCAG 2.2 would find no fault against it either."""
    person.open()
    person.page.evaluate(AXE)

    for tag in TAGS:
        assert person.page.evaluate("tag => axe.getRules([tag]).length", tag) > 0, tag


def test_check_finds_what_is_not_accessible(person: Person) -> None:
    """A check that cannot fail proves nothing."""
    person.open()
    person.page.evaluate("document.querySelector('main').innerHTML += '<img src=\"/static/x\"><input>'")
    person.page.wait_for_load_state("networkidle")
    person.complaints.clear()

    assert {one.partition(":")[0] for one in violations(person.page)} >= {"image-alt", "label"}


def test_policy_stops_a_script_that_got_into_a_page(person: Person) -> None:
    person.open()
    person.page.evaluate(
        "() => { const s = document.createElement('script'); s.text = 'window.ran = 1'; document.body.append(s) }"
    )

    assert person.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in complaint for complaint in person.complaints)
    person.complaints.clear()


@pytest.mark.parametrize("scale", [2, 4])
def test_page_zoomed_to_four_times_needs_no_sideways_scrolling(person: Person, scale: int) -> None:
    """1,280 px at 400 % are 320 px of the page: the same rule, said in the browser's own words."""
    person.page.set_viewport_size({"width": 1280 // scale, "height": 1024 // scale})
    person.open()

    assert person.page.evaluate("document.documentElement.scrollWidth") <= 1280 // scale
