"""Every floor has the same eight rooms and no ninth, and the contracts that keep rooms apart know all of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.architecture.test_layout import ROOT, kept

AREAS = frozenset({"signals", "desk", "casework", "exchange", "search", "statistics", "access", "running"})
FLOORS: Mapping[str, frozenset[str]] = {
    "schemas": frozenset({"codes", "published"}),
    "register/domain": frozenset(),
    "register/store": frozenset({"models"}),
    "register/services": frozenset(),
    "api/routes": frozenset(),
    # Rules of the MoU belong to no area, as `register/mou` does.
    "api/web": frozenset({"frame", "rules", "locale", "static", "templates"}),
    "api/cli": frozenset({"frame"}),
}
"""Floor: what stands beside the areas there."""
APART = ("register/services", "register/store", "api/routes")
"""Floors of which a contract keeps the areas apart."""
TEMPLATES = "api/web/templates"
OF_EVERY_PACKAGE = frozenset({"__init__.py", "conftest.py", "README.md"})
SIBLINGS_MAX = 13
MORE_SIBLINGS = {"register": "its modules of one idea each, and a folder for each layer"}
DATA = frozenset({"api/web/locale", "schemas/codes", "schemas/published"})
SHIPPED = frozenset({"schemas", "register", "sync", "api", "migrations"})
TRIAL = "deploy/trial"
LINES_MIN = 40
IMPORT = re.compile(r"^ *(?:from ([\w.]+) )?import (\([^)]*\)|.+)", re.MULTILINE)
COMMAND = "a command is loaded by its name, and not before somebody asks for it"
ROUTES = "routes are mounted one by one, a module for each subject"
USE_CASE = "only a use case opens a transaction, so the door that calls it cannot hold it"
DOOR = "the stores of an area are made in the area, and `Work` alone opens them"
SMALL_ALONE: Mapping[str, str] = {
    "api/cli/access/authorisation.py": COMMAND,
    "api/cli/access/me.py": COMMAND,
    "api/cli/access/organisation.py": COMMAND,
    "api/cli/running/node.py": COMMAND,
    "api/routes/access/sessions.py": ROUTES,
    "api/routes/running/to_do.py": ROUTES,
    "api/web/access/sessions.py": ROUTES,
    "api/web/exchange/routes.py": ROUTES,
    "migrations/env.py": "alembic runs it by its name",
    "migrations/scope.py": "to import `env` is to migrate, and a test needs what is compared",
    "register/services/exchange/hide_run_out.py": USE_CASE,
    "register/services/exchange/refuse_forged.py": USE_CASE,
    "register/services/exchange/remember_request.py": USE_CASE,
    "register/services/running/count_behind.py": USE_CASE,
    "register/store/access/door.py": DOOR,
    "register/store/casework/door.py": DOOR,
    "register/store/desk/door.py": DOOR,
    "register/store/statistics/door.py": DOOR,
}
"""File: why it stands alone, small as it is and used once."""


def rooms(floor: str) -> set[str]:
    depth = len(floor.split("/"))
    return {path.parts[depth] for path in kept() if path.is_relative_to(floor) and len(path.parts) > depth + 1}


@pytest.mark.parametrize("floor", sorted(FLOORS))
def test_floor_is_divided_by_the_areas_and_nothing_else(floor: str) -> None:
    assert rooms(floor) - AREAS - FLOORS[floor] == set()


@pytest.mark.parametrize("floor", APART)
def test_contract_keeps_every_area_of_the_floor_apart(floor: str) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    package = floor.replace("/", ".")
    (listed,) = (
        set(one["modules"])
        for one in contracts
        if one["type"] == "independence" and all(name.startswith(f"{package}.") for name in one["modules"])
    )
    assert listed == {f"{package}.{room}" for room in rooms(floor) & AREAS}


def siblings(shown: Callable[[Path], bool]) -> dict[str, set[str]]:
    """Folder: what stands in it, counted by files of this kind alone; what every package has is no sibling."""
    found: dict[str, set[str]] = {}
    for path in kept():
        if shown(path):
            for depth in range(1, len(path.parts)):
                found.setdefault("/".join(path.parts[:depth]), set()).add(path.parts[depth])
    return {folder: names - OF_EVERY_PACKAGE for folder, names in found.items()}


def is_of_the_product(path: Path) -> bool:
    """Modules, and the data beside them; data in a folder of its own is no sibling of theirs."""
    return path.parts[0] in {"schemas", "register", "sync", "api"} and (ROOT / path.parent / "__init__.py").exists()


def is_of_the_tests(path: Path) -> bool:
    return path.parts[0] == "tests"


def is_a_template(path: Path) -> bool:
    return path.is_relative_to(TEMPLATES)


@pytest.mark.parametrize("shown", [is_of_the_product, is_of_the_tests, is_a_template])
def test_no_folder_shows_more_than_about_twelve_siblings(shown: Callable[[Path], bool]) -> None:
    found = {folder: names for folder, names in siblings(shown).items() if folder not in DATA}
    assert found, "a rule over no folder holds nothing"
    assert {
        folder: len(names)
        for folder, names in found.items()
        if len(names) > SIBLINGS_MAX and folder not in MORE_SIBLINGS
    } == {}


def modules() -> dict[str, Path]:
    """Dotted name: file, of what ships and of the trial, which uses it."""
    found = {}
    for path in kept():
        if path.suffix == ".py" and (path.parts[0] in SHIPPED or path.is_relative_to(TRIAL)):
            inside = path.relative_to(TRIAL) if path.is_relative_to(TRIAL) else path
            found[".".join(inside.with_suffix("").parts).removesuffix(".__init__")] = path
    return found


def users(known: Mapping[str, Path]) -> dict[str, set[str]]:
    """Module: which others import it, at their top or where they need it."""
    found: dict[str, set[str]] = {name: set() for name in known}
    for user, path in known.items():
        for module, names in IMPORT.findall((ROOT / path).read_text(encoding="utf-8")):
            words = re.findall(r"[\w.]+", names)
            for name in found.keys() & ({module, *(f"{module}.{word}" for word in words)} if module else set(words)):
                found[name].add(user)
    return found


def test_no_file_of_under_forty_lines_is_used_once() -> None:
    known = modules()
    used = users(known)
    assert len(used["register.core"]) > 100, "a rule that sees no imports holds nothing"
    small = {
        str(path)
        for name, path in known.items()
        if path.parts[0] in SHIPPED and path.name != "__init__.py" and not path.is_relative_to("migrations/versions")
        if len((ROOT / path).read_text(encoding="utf-8").splitlines()) < LINES_MIN and len(used[name]) <= 1
    }
    assert small == SMALL_ALONE.keys()
