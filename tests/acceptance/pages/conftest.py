"""A real browser at the pages: Debian's Chromium, headless, driven from outside.

Where no Chromium is installed these tests are not collected; whoever runs them all says so in its report.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.acceptance.pages.person import Person
from tests.support.web.pages import AW, Pages, pages
from tests.support.web.search_pages import SearchPages, search_pages

CHROMIUM: Final = shutil.which("chromium")
collect_ignore_glob = [] if CHROMIUM else ["test_*.py"]
_QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def served() -> Iterator[Pages]:
    """Aruba and Curaçao, served."""
    with pages() as made:
        yield made


@pytest.fixture(scope="module")
def searching() -> Iterator[SearchPages]:
    """The same, with an engine and partners' extracts behind Aruba."""
    with search_pages() as made:
        yield made


@pytest.fixture
def coordinator(chromium: Browser, searching: SearchPages) -> Iterator[Person]:
    """Somebody in Aruba who may search, with a fresh browser; its complaints are looked at in the end."""
    searching.again()
    one = Person(chromium, searching.pages[AW].url)
    yield one
    assert one.close() == []


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each takes a fresh profile of it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        yield browser
        browser.close()


@pytest.fixture
def person(chromium: Browser, served: Pages) -> Iterator[Person]:
    """Somebody in Aruba at a phone, with a fresh browser; what the browser complained of is looked at in the end."""
    one = Person(chromium, served[AW].url)
    yield one
    complaints = one.close()
    assert complaints == []
