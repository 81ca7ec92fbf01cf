"""Aruba's mirror on each engine that this machine has: one world and one set of indexes for the tests of a module.

Engines that are missing are reported by the contract tests of `tests/integration/search/engine`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rtr_trial.embedded.engines.opensearch import CURRENT
from schemas.codes import Partition
from tests.integration.search.asking.scene import Scene, Switch
from tests.integration.search.engine import engines
from tests.integration.search.engine.engines import Server
from tests.support.clock import HandClock
from tests.support.runs.long_form import is_long
from tests.support.world import world

ENGINES = ("osmem", f"opensearch-{CURRENT}", engines.BY_URL)
HERE = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of this folder."""
    config.addinivalue_line("markers", "any_engine: of what PostgreSQL and the rules say: in the suite on osmem only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a server on osmem and, where it can run, on the current OpenSearch: see the mark."""
    if "server" in metafunc.fixturenames:
        stash = metafunc.config.stash
        if HERE not in stash:
            away = {each.name for each in engines.missing()}
            stash[HERE] = [name for name in engines.wanted() if name in ENGINES and name not in away]
        names: list[str] = stash[HERE]
        if metafunc.definition.get_closest_marker("any_engine") and not is_long():
            names = names[:1]
        metafunc.parametrize("server", names, indirect=True, scope="session")


@pytest.fixture(scope="module")
def module_scene(server: Server) -> Iterator[Scene]:
    clock = HandClock()
    engine = Switch(server.url)
    engine.empty()
    with world(countries=(Partition.AW, Partition.CW), clock=clock) as made:
        yield Scene.on(made, clock, engine)
    engine.close()


@pytest.fixture
def scene(module_scene: Scene) -> Scene:
    """The module's scene with the engine up, the breaker closed, all evaluators there and every partner fresh."""
    module_scene.again()
    return module_scene
