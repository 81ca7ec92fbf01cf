"""Worlds for the tests of the store and the services: real servers, real row security, real keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemas.codes import Partition
from tests.support.world import World, world


@pytest.fixture(scope="module")
def two() -> Iterator[World]:
    """Aruba and Curaçao in one database, shared by the tests of a module."""
    with world(countries=(Partition.AW, Partition.CW)) as made:
        yield made
