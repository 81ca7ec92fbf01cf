"""One open register with real sign-in, shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.http.doors import Doors
from tests.integration.http.doors import doors as opened


@pytest.fixture(scope="package")
def doors() -> Iterator[Doors]:
    with opened() as found:
        yield found
