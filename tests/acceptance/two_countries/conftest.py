"""One deployment for the tests of this folder; each leaves it running and quiet, but for the last (`test_restored`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.two_countries.deployment import deployment
from tests.acceptance.two_countries.kills import Scene
from tests.support.runs.long_form import by_form

SEED = 20261122


@pytest.fixture(scope="package")
def scene() -> Iterator[Scene]:
    """Aruba and Curaçao, each on its own, with a service that registers."""
    with deployment() as two:
        made = Scene.open(two, SEED, pause_s=by_form(short=0.5, long=0.1))
        yield made
        made.close()
