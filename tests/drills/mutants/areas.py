"""What the drill mutates by the area's word, and which tests have to notice.

The word stands on every floor, so it finds both: the folders of the product that bear it, and the tests whose folder
or name does. A change that only the tests of another area notice is one that this area's do not hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PRODUCT: Final = ("api", "register", "schemas", "sync")
FLOORS: Final = (
    "api/cli", "api/routes", "api/web",
    "register/domain", "register/services", "register/store",
    "schemas",
)  # fmt: skip
_SERVERLESS: Final = ("unit", "properties", "simulator")


@dataclass(frozen=True)
class Area:
    """One part of the product and its tests.

    Attributes:
        folders: of the product, below the root.
        words: of the folders or names of its tests.
        beside: folders of tests that are about every area, and so about this one.
        pure: needs no server, and neither do its tests.
    """

    folders: tuple[str, ...]
    words: frozenset[str]
    beside: tuple[str, ...] = ()
    pure: bool = False


def _of_floors(word: str, *more: str) -> Area:
    folders = (*(f"{floor}/{word}" for floor in FLOORS), *more)
    return Area(folders, frozenset({word}), beside=("tests/integration/http", "tests/integration/store"))


def _pure(folder: str, *words: str) -> Area:
    return Area((folder,), frozenset(words), pure=True)


AREAS: Final = {
    "signals": _of_floors("signals"),
    "desk": _of_floors("desk"),
    "casework": _of_floors("casework"),
    "exchange": _of_floors("exchange", "sync/pulling", "sync/transport"),
    "search": _of_floors("search", "register/search"),
    "statistics": _of_floors("statistics", "register/statistics"),
    "access": _of_floors("access", "api/http"),
    "running": _of_floors("running", "register/audit", "register/keys"),
    "pseudonyms": _pure("register/pseudonyms", "pseudonyms"),
    "matching": _pure("register/matching", "matching"),
    "mou": _pure("register/mou", "mou", "gate", "signals"),
    "protocol": _pure("sync/protocol", "protocol", "simulator"),
}


def list_sources(root: Path, area: Area, only: str = "") -> list[str]:
    """Return the modules of an area, below the root, in order; `only` keeps those whose path begins with it."""
    found = (path for folder in area.folders for path in (root / folder).rglob("*.py"))
    return sorted(name for path in found if (name := str(path.relative_to(root))).startswith(only))


def list_tests(root: Path, area: Area, *, serverless: bool) -> list[str]:
    """Return the files of tests that have to notice; `serverless` leaves out those that a server answers."""
    return sorted(_tests(root, area, serverless=serverless or area.pure))


def _tests(root: Path, area: Area, *, serverless: bool) -> Iterator[str]:
    for floor in _SERVERLESS if serverless else (*_SERVERLESS, "integration"):
        for path in (root / "tests" / floor).rglob("test_*.py"):
            name = path.relative_to(root)
            words = {*name.parts[:-1], *re.split(r"[_.]", name.name)}
            if words & area.words or str(name).startswith(area.beside or ("/",)):
                yield str(name)
