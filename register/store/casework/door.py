"""The area's door of a unit of work."""

from __future__ import annotations

from functools import cached_property

from register.store.casework.requests import Requests
from register.store.running.ground import Ground


class CaseworkStores:
    """Requests for the content of what was found."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def requests(self) -> Requests:
        """Requests to owners of shared extracts."""
        return Requests(self._ground.connection, self._ground.partition, self._ground.keys)
