"""Five evaluators for the tests of this folder; they are started once for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.integration.exchange.evaluators.net import Net
from tests.integration.exchange.evaluators.net import net as started


@pytest.fixture(scope="package")
def five() -> Iterator[Net]:
    with started() as found:
        yield found


@pytest.fixture
def net(five: Net) -> Iterator[Net]:
    """The five, with nothing counted yet."""
    for country in five.urls:
        five.forget_counts(country)
    yield five
    five.clock.offset = timedelta()
