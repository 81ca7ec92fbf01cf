"""What holds of every page in every state: accessible as far as axe sees it, no wider than a phone, nothing too small.

WCAG 2.2 AA; reflow (1.4.10) and the size of targets, which axe does not see, are measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from typing import Any, Final

from playwright.sync_api import Page

TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW: Final = 320
TARGET: Final = 24

# Given to the page from outside, so that the policy of the page stays as strict as it is.
AXE: Final = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
# Only what is wrong is told, and style sheets are not fetched again: none of these rules reads them.
_RUN: Final = """tags => axe.run(document, {
    runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], preload: false})"""
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
    """What axe finds against a page, once the whole of it has come: a press returns when its first byte has."""
    page.wait_for_load_state()
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(_RUN, TAGS)
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]


def faults_of(page: Page) -> list[str]:
    """What is wrong with the page as it stands; empty if nothing is."""
    found = violations(page)
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": NARROW, "height": 640})
    if page.evaluate("document.documentElement.scrollWidth") > NARROW:
        found.append(f"wider than {NARROW} px")
    found += [f"outside: {html}" for html in page.evaluate(_OUTSIDE)]
    found += [f"small target: {html}" for html in page.evaluate(_SMALL, TARGET)]
    page.set_viewport_size(size)
    if page.locator("h1").count() != 1:
        found.append("not one heading of the first level")
    return found


def walked(page: Page, states: Iterable[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Look at a page in each state that a walk stops at; return the states, and what is wrong with any of them."""
    seen, wrong = [], {}
    for name in states:
        seen.append(name)
        if found := faults_of(page):
            wrong[name] = found
    return seen, wrong
