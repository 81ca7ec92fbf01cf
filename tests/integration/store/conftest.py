"""Planted worlds for the isolation matrix: rows of each hosted country in every table, and nothing else.

They are on servers of their own: the matrix spoils roles, and tries to end what others do.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from schemas.codes import Partition
from tests.integration.store.isolation.catalogue import relations
from tests.integration.store.isolation.matrix import admin
from tests.integration.store.isolation.planting import plant
from tests.support.started import servers
from tests.support.world import World, world

HOSTED = (Partition.AW, Partition.CW, Partition.NL)


@pytest.fixture(scope="module", params=servers.available())
def planted(request: pytest.FixtureRequest) -> Iterator[World]:
    """Three countries' rows, on each server that this machine has."""
    with world(server=servers.apart(request.param), countries=HOSTED, with_organisations=False) as made:
        _plant(made)
        yield made


@pytest.fixture(scope="module")
def spoilt() -> Iterator[World]:
    """The same on one server, to be spoilt by one mutation after the other."""
    with world(server=servers.apart("wheel"), countries=HOSTED, with_organisations=False) as made:
        _plant(made)
        yield made


def _plant(made: World) -> None:
    with psycopg.connect(admin(made)) as connection:
        plant(connection, relations(connection), sorted(made.registers))
