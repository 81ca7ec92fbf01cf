"""Aruba and Curaçao for the tests of one module, who enters reports there, and two made-up persons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from register.domain.access.caller import Caller, Task
from schemas.codes import Partition
from tests.support.found import Person
from tests.support.world import World, world


@pytest.fixture(scope="module")
def two() -> Iterator[World]:
    with world(countries=(Partition.AW, Partition.CW)) as made:
        yield made


@pytest.fixture
def hotline(two: World) -> Caller:
    return two.caller("AW-JIUMM", Task.SUBMIT, Task.REGISTER, Task.ENRICH, actor="hotline")


@pytest.fixture
def colleague(hotline: Caller) -> Caller:
    """Another person of the same unit."""
    return replace(hotline, actor="colleague")


@pytest.fixture
def her() -> Person:
    return Person()


@pytest.fixture
def him() -> Person:
    return Person()
