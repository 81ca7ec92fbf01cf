"""Every page in every state: accessible, readable on a narrow screen, and with nothing for a browser to complain of."""

from __future__ import annotations

from importlib import resources
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from tests.acceptance.pages.person import Person, states

TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW: Final = 320
TARGET: Final = 24
FEWEST_STATES: Final = 38

# Given to the page from outside, so that the policy of the page stays as strict as it is.
_AXE: Final = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_RUN: Final = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})"
_SMALL: Final = """least => [...document.querySelectorAll(
    'button, .button, input:not([type=hidden]), select, textarea, summary, nav a, .back a, .rows a, .top a')]
  .filter(e => !e.classList.contains('skip')).map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([_, box]) => box.width > 0 && (box.width < least || box.height < least)).map(([html]) => html)"""
_OUTSIDE: Final = """() => [...document.querySelectorAll('body *')].filter(e => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    return box.width > 1 && style.position !== 'absolute' && !e.closest('.skip')
      && (box.right > innerWidth + 1 || box.left < -1)
  }).map(e => e.outerHTML.slice(0, 90))"""


def violations(page: Page) -> list[str]:
    page.evaluate(_AXE)
    found: dict[str, Any] = page.evaluate(_RUN, TAGS)
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]


def test_every_page_in_every_state_is_accessible_and_reflows(person: Person) -> None:
    """WCAG 2.2 AA as far as axe sees it; reflow (1.4.10), which axe does not see, and the size of targets by hand.

    One walk for all checks: each state costs more to reach than to look at.
    """
    page, seen, wrong = person.page, [], {}
    for name in states(person):
        seen.append(name)
        found = violations(page)
        size = page.viewport_size
        page.set_viewport_size({"width": NARROW, "height": 640})
        if page.evaluate("document.documentElement.scrollWidth") > NARROW:
            found.append(f"wider than {NARROW} px")
        found += [f"outside: {html}" for html in page.evaluate(_OUTSIDE)]
        found += [f"small target: {html}" for html in page.evaluate(_SMALL, TARGET)]
        assert size is not None
        page.set_viewport_size(size)
        if page.locator("h1").count() != 1:
            found.append("not one heading of the first level")
        if found:
            wrong[name] = found
    assert wrong == {}
    assert len(seen) >= FEWEST_STATES


def test_this_axe_knows_the_rules_that_the_promise_names(person: Person) -> None:
    """An axe without rules for WCAG 2.2 would find no fault against it either."""
    person.open()
    person.page.evaluate(_AXE)

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
