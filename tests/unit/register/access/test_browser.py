"""A browser is known again by two short names, and nothing else of what it says of itself is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.domain.access.browser import SAID_MAX, UNKNOWN, Browser, browser_of

_GECKO = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
_CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"
_PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) {} Mobile Safari/537.36"
_APPLE = "Mozilla/5.0 ({} Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) {} Safari/605.1.15"


@pytest.mark.parametrize(
    ("said", "browser"),
    [
        (_GECKO, Browser("Firefox", "Windows")),
        (_CHROME, Browser("Chrome", "Windows")),
        (f"{_CHROME} Edg/141.0", Browser("Edge", "Windows")),
        (f"{_CHROME} OPR/120.0", Browser("Opera", "Windows")),
        (_PHONE.format("Chrome/141.0"), Browser("Chrome", "Android")),
        (_PHONE.format("SamsungBrowser/28.0 Chrome/130.0"), Browser("Samsung Internet", "Android")),
        (_APPLE.format("iPhone; CPU iPhone OS 18_6 like", "Version/18.6 Mobile"), Browser("Safari", "iPhone")),
        (_APPLE.format("iPhone; CPU iPhone OS 18_6 like", "FxiOS/143.0 Mobile"), Browser("Firefox", "iPhone")),
        (_APPLE.format("Macintosh; Intel", "Version/18.6"), Browser("Safari", "macOS")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", Browser("Firefox", "Linux")),
        ("curl/8.5.0", UNKNOWN),
        ("", UNKNOWN),
        ("x" * SAID_MAX + "Firefox/1", UNKNOWN),
    ],
)
def test_browser_is_named_by_what_it_says(said: str, browser: Browser) -> None:
    assert browser_of(said) == browser


@given(said=st.text(max_size=300))
def test_nothing_of_what_was_said_is_kept_but_a_name_of_the_lists(said: str) -> None:
    names = {"", "Edge", "Opera", "Samsung Internet", "Firefox", "Chrome", "Safari"}
    systems = {"", "Android", "iPhone", "iPad", "Windows", "ChromeOS", "macOS", "Linux"}
    found = browser_of(f"{said} Firefox/{said} Android {said}")
    assert (found.name in names, found.system in systems) == (True, True)
