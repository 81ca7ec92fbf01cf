"""The area's door of a unit of work."""

from __future__ import annotations

from functools import cached_property

from register.store.running.ground import Ground
from register.store.search.budgets import SearchBudgets
from register.store.search.hits import Hits
from register.store.search.indexed import Indexed
from register.store.search.search_keys import SearchKeys
from register.store.search.search_watch import SearchWatch


class SearchStores:
    """Questions, what may be found, and how often was asked."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def hits(self) -> Hits:
        """Received extracts that share a key with an own signal."""
        return Hits(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def indexed(self) -> Indexed:
        """To which version the engine was brought."""
        return Indexed(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def keys(self) -> SearchKeys:
        """Peppered tokens of own and received records."""
        return SearchKeys(self._ground.connection, self._ground.partition)

    @cached_property
    def budgets(self) -> SearchBudgets:
        """How many values were looked up today, by whom."""
        return SearchBudgets(self._ground.connection, self._ground.partition)

    @cached_property
    def watch(self) -> SearchWatch:
        """How somebody asks, and the searches that a week's sample is drawn from."""
        return SearchWatch(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)
