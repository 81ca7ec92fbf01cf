"""The child process that is the node of the demo: `rtr node`, started, watched until it serves, and ended.

It runs under a keeper, so it ends when this process ends, however that happens. What it says goes to its log.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

from register.clock import SystemClock
from register.errors import OperatorError
from rtr_trial.embedded.processes import KeptProcess, clean_environment, last_lines
from schemas.codes import Partition

READY_S: Final = 180.0
GRACE_S: Final = 45.0
_LOOK_EVERY_S: Final = 0.05


class NodeDoesNotStart(OperatorError):
    """The node ended, or did not serve in time."""

    code = "node-does-not-start"
    advice = "Read the node's log, whose last lines the message repeats."


class NodeProcess:
    """One `rtr node`.

    Attributes:
        ready: where each country answers, once it does.
    """

    def __init__(self, settings: Path, log: Path, countries: AbstractSet[Partition], clock: SystemClock) -> None:
        """Start it.

        Args:
            settings: its file, absolute.
            log: what it says is appended here.
            countries: that must serve before it counts as ready.
            clock: to wait by.
        """
        self._log, self._countries, self._clock = log, countries, clock
        self._seen = log.stat().st_size if log.exists() else 0
        self._process = KeptProcess(
            [sys.executable, "-P", "-c", "from api.cli import main; main()", "--config", str(settings), "node"],
            log=log,
            environment=clean_environment(PYTHONUNBUFFERED="1"),
            grace_s=GRACE_S,
        )
        self.ready: Mapping[str, str] = {}

    def wait_until_ready(self) -> None:
        """Return when every country serves.

        Raises:
            NodeDoesNotStart: it ended, or did not say so in time.
        """
        deadline = self._clock.monotonic() + READY_S
        while (said := self._said_ready()) is None:
            if self._process.ended() or self._clock.monotonic() > deadline:
                how = "ended" if self._process.ended() else f"did not serve within {READY_S:g} s"
                raise NodeDoesNotStart(f"the node {how}: {last_lines(self._log)}")
            self._clock.pause(_LOOK_EVERY_S)
        missing = sorted(str(c) for c in self._countries - {Partition(c) for c in said})
        if missing:
            raise NodeDoesNotStart(f"the node serves without {', '.join(missing)}: {last_lines(self._log)}")
        self.ready = said

    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process.ended()

    def stop(self) -> None:
        """End it in order and wait; harmless to repeat."""
        self._process.stop()

    def _said_ready(self) -> dict[str, str] | None:
        """The one line that it prints for us, among those of its log."""
        with self._log.open("rb") as log:
            log.seek(self._seen)
            for line in log:
                if line.startswith(b'{"ready"') and line.endswith(b"\n"):
                    found: dict[str, Any] = json.loads(line)
                    return dict(found["ready"])
        return None
