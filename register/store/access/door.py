"""The area's door of a unit of work."""

from __future__ import annotations

from functools import cached_property

from register.store.access.alarms import Alarms
from register.store.access.organisations import Organisations
from register.store.access.sessions import Sessions
from register.store.running.ground import Ground


class AccessStores:
    """Who may come in, who is in, and what the privacy officer should look at."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def organisations(self) -> Organisations:
        """Organisations and authorisations."""
        return Organisations(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def sessions(self) -> Sessions:
        """Who is signed in at the pages."""
        return Sessions(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def alarms(self) -> Alarms:
        """What the privacy officer should look at."""
        return Alarms(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)
