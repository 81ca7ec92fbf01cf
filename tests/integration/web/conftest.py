"""The pages of two countries, and somebody at them without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from schemas.codes import Partition
from tests.support.exchange.neighbours import Neighbours, neighbours
from tests.support.web.pages import AW, Browserless, Pages, pages

At = Callable[..., Browserless]


@pytest.fixture(scope="package")
def served() -> Iterator[Pages]:
    """Aruba and Curaçao, served; the clock is moved on by some tests and never back."""
    with pages() as made:
        yield made


@pytest.fixture(scope="package")
def near(served: Pages) -> Iterator[Neighbours]:
    """The same two countries, exchanging: a database takes one roster 1, so all files here share the nodes."""
    with neighbours(served.world) as made:
        yield made


@pytest.fixture
def at(served: Pages) -> Iterator[At]:
    """Somebody new at the pages of a country, signed in if named."""
    with ExitStack() as closing:

        def come(name: str | None = None, country: Partition = AW) -> Browserless:
            person = closing.enter_context(Browserless(served[country].url))
            if name is not None:
                person.sign_in(name)
            return person

        yield come


@pytest.fixture
def officer(at: At) -> Browserless:
    """An officer of Aruba, signed in."""
    return at("aw-officer")
