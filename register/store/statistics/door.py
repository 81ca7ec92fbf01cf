"""The area's door of a unit of work."""

from __future__ import annotations

from functools import cached_property

from register.store.running.ground import Ground
from register.store.statistics.figures import Figures
from register.store.statistics.releases import Releases
from register.store.statistics.statements import Statements
from register.store.statistics.yearly import Yearly


class StatisticsStores:
    """The owner's figures, what countries said about statistics, releases."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def figures(self) -> Figures:
        """Counts for the owner's tables."""
        return Figures(self._ground.connection, self._ground.partition)

    @cached_property
    def yearly(self) -> Yearly:
        """The same for several years at once."""
        return Yearly(self._ground.connection, self._ground.partition)

    @cached_property
    def statements(self) -> Statements:
        """What countries said about statistics."""
        return Statements(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def releases(self) -> Releases:
        """Regional releases."""
        return Releases(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)
