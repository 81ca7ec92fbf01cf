"""One deployment for the tests of a file; each leaves it running and quiet.

Not of the folder: while another file runs, its idle nodes would be most of what the machine does.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.two_countries.deployment import deployment
from tests.acceptance.two_countries.kills import Scene
from tests.support.runs.long_form import by_form

SEED = 20261122


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """Aruba and Curaçao, each on its own, with a service that registers."""
    with deployment() as two:
        made = Scene.open(two, SEED, pause_s=by_form(short=0.5, long=0.1))
        yield made
        made.close()
