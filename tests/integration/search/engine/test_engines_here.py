"""An engine that is not here is said to be missing, never passed over."""

from __future__ import annotations

import os

import pytest

from tests.integration.search.engine import engines
from tests.integration.search.engine.conftest import missing_here


def test_an_engine_that_cannot_run_here_is_reported_and_must_be_there_in_ci(pytestconfig: pytest.Config) -> None:
    """The lines written here end in the table of `deploy/check.py`; without CI a missing engine is no failure."""
    missing = missing_here(pytestconfig)
    for each in missing:
        engines.report(each.name, "missing", reason=each.reason)

    needed = set(engines.REQUIRED_IN_CI) if os.environ.get("CI") == "true" else set()
    assert [each for each in missing if each.name in needed] == []
