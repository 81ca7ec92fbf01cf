"""Worlds for the tests of the store and the services: real servers, real row security, real keys. And engines.

An engine is started once, used by all tests that name it, and stopped before the next one starts. That holds for one
process: run what needs engines without xdist, or each worker starts nodes of its own, with 1 GB each.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemas.codes import Partition
from tests.integration.search.engine import engines
from tests.support.world import World, world


@pytest.fixture(scope="module")
def two() -> Iterator[World]:
    """Aruba and Curaçao in one database, shared by the tests of a module."""
    with world(countries=(Partition.AW, Partition.CW)) as made:
        yield made


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[engines.Server]:
    """The engine that the test's folder names; its indexes are the test's, and gone with the next one."""
    name: str = request.param
    with engines.wanted()[name](tmp_path_factory.mktemp(name)) as running:
        if name == engines.BY_URL and engines.indexes_of(running):
            pytest.fail("the engine at OPENSEARCH_URL holds indexes rtr-*, which these tests would delete")
        engines.report(name, "ran", version=running.version)
        yield running
