"""Which engines the contract runs on (they are started in `tests/integration/conftest.py`), and an empty one a test.

An engine that cannot run on this machine gets no tests. It is not passed over in silence: `test_engines_here`
reports it, and fails in CI where it must be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from register.search.engine import Engine, EngineSettings
from register.search.index import SearchIndex
from register.search.peppers import Peppers
from rtr_trial.embedded.engines.opensearch import CURRENT, RELEASES
from schemas.codes import Partition
from tests.integration.search.engine import engines
from tests.integration.search.engine.engines import Missing, Server
from tests.support.runs.long_form import is_long

MISSING = pytest.StashKey[list[Missing]]()
HERE = Path(__file__).parent
PEPPERS = Peppers(token=b"pepper of tokens, for tests only", identity=b"pepper of records, for test only")

UNFIT = {"real_engine": {"osmem"}, "own_node": {"osmem", engines.BY_URL}}
OLDER = {f"opensearch-{version}" for version in RELEASES if version != CURRENT}


class MakeIndex(Protocol):
    """Makes the index of a host on the engine, prepared for these origins."""

    def __call__(self, host: Partition, *origins: Partition) -> SearchIndex: ...


def missing_here(config: pytest.Config) -> list[Missing]:
    """What cannot run here; looked up once a process."""
    if MISSING not in config.stash:
        config.stash[MISSING] = engines.missing()
    return config.stash[MISSING]


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks of this folder."""
    config.addinivalue_line("markers", "real_engine: not for osmem, which shows a document before the refresh")
    config.addinivalue_line("markers", "own_node: only for a node that we start, and may kill")
    config.addinivalue_line("markers", "each_version: of what versions may differ in: in the suite on older ones too")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a server on each engine that can run here and is fit for it."""
    if "server" in metafunc.fixturenames:
        away = {each.name for each in missing_here(metafunc.config)}
        names = [name for name in engines.wanted() if name not in away]
        for marker, unfit in UNFIT.items():
            if metafunc.definition.get_closest_marker(marker):
                names = [name for name in names if name not in unfit]
        if not (is_long() or metafunc.definition.get_closest_marker("each_version")):
            names = [name for name in names if name not in OLDER]
        metafunc.parametrize("server", names, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Drop what no engine on this machine is fit for; the missing ones are reported by name."""
    unfit = [item for item in items if item.path.is_relative_to(HERE) and _has_no_engine(item)]
    if unfit:
        items[:] = [item for item in items if item not in unfit]
        config.hook.pytest_deselected(items=unfit)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name what was missing, and what to install, in the last lines."""
    for each in config.stash.get(MISSING, []):
        terminalreporter.write_line(f"engine missing: {each.name}: {each.reason}")


@pytest.fixture
def engine(server: Server) -> Iterator[Engine]:
    """An engine without any index of ours."""
    if names := engines.indexes_of(server):
        engines.call(server, "DELETE", f"/{','.join(names)}")  # each call is a state that the whole cluster takes
    opened = Engine(EngineSettings(url=server.url))
    yield opened
    opened.close()


@pytest.fixture
def make_index(engine: Engine) -> MakeIndex:
    """A host's index is made when a test asks for it: to make one is what costs an engine most."""

    def make(host: Partition, *origins: Partition) -> SearchIndex:
        index = SearchIndex(host, engine, PEPPERS)
        assert index.prepare(origins) == ()
        return index

    return make


@pytest.fixture
def index(make_index: MakeIndex) -> SearchIndex:
    """The index of Curaçao, for what comes from Aruba."""
    return make_index(Partition.CW, Partition.AW)


@pytest.fixture
def index_of_two(make_index: MakeIndex) -> SearchIndex:
    """The index of Curaçao, for what comes from Aruba and from Sint Maarten."""
    return make_index(Partition.CW, Partition.AW, Partition.SX)


def _has_no_engine(item: pytest.Item) -> bool:
    """Whether the list of engines for this test came out empty."""
    reasons = (str(mark.kwargs.get("reason", "")) for mark in item.iter_markers("skip"))
    return any(reason.startswith("got empty parameter set") for reason in reasons)
