"""The area's door of a unit of work."""

from __future__ import annotations

from functools import cached_property

from register.store.desk.intakes import Intakes
from register.store.desk.trainings import Trainings
from register.store.desk.victims import Victims
from register.store.running.ground import Ground


class DeskStores:
    """Interviews, the victim ladder, trainings."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def intakes(self) -> Intakes:
        """Intake interviews."""
        return Intakes(self._ground.connection, self._ground.partition, self._ground.keys)

    @cached_property
    def victims(self) -> Victims:
        """The victim ladder."""
        return Victims(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def trainings(self) -> Trainings:
        """Trainings."""
        return Trainings(self._ground.connection, self._ground.partition)
