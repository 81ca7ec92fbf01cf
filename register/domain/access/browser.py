"""In which browser somebody signed in, as far as it tells and as coarse as a person needs to know it again.

Only names of these two lists are kept: what a browser says of itself is long, tells one device from another, and is
whatever its sender likes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SAID_MAX: Final = 1_000
"""Characters of what a browser says that are looked at."""

# The more particular first: each of them also says what the ones after it say.
_NAMES: Final[Sequence[tuple[str, str]]] = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final[Sequence[tuple[str, str]]] = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser and the system it runs on, by name; each is empty where it is none of those that are known."""

    name: str = ""
    system: str = ""


UNKNOWN: Final = Browser()


def browser_of(said: str) -> Browser:
    """The browser of a header `User-Agent`; a program, and whatever is made up, is none."""
    looked_at = said[:SAID_MAX]
    return Browser(_find_first_named(_NAMES, looked_at), _find_first_named(_SYSTEMS, looked_at))


def _find_first_named(known: Sequence[tuple[str, str]], said: str) -> str:
    return next((name for sign, name in known if sign in said), "")
