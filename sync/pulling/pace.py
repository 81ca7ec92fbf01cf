"""When to ask a partner again: soon while things move, ever less often while nothing comes, never all at once."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

from register.settings import SyncSettings
from sync.receiver import Pulled

GROWTH: Final = 1.5
JITTER: Final = 0.2


@dataclass(slots=True)
class Pace:
    """The waits of one partner; seconds. `draw` gives a number from 0 to 1."""

    settings: SyncSettings
    draw: random.Random = field(default_factory=random.SystemRandom)
    _wait: float = 0.0

    def after(self, pulled: Pulled) -> float:
        """How long to wait after this pull: not at all while there is more."""
        if pulled.more:
            self._wait = 0.0
            return 0.0
        if pulled.applied:
            self._wait = 0.0
        grown = max(self.settings.poll_min_s, self._wait * GROWTH)
        self._wait = min(grown, self.settings.poll_max_s)
        return self._wait * (1 + JITTER * (2 * self.draw.random() - 1))
