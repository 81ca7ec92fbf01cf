"""Structured logs: an event, ids and numbers, and nothing about a person.

Only members on the allow-list are written; any other is replaced by the word "withheld", and a test plants names
to prove it. A library's own log lines are cut to their level and logger: their text may hold what they were given.

Writing never raises: a full disk must not end the work that the line is about. What goes wrong again and again is
written once a minute with how often it was left out, since a flood of lines fills the disk that the database needs.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any, Final, TextIO, cast

import structlog

from register.clock import SystemClock

REPEATED_AFTER_S: Final = 60.0
_KINDS_MAX: Final = 1_000  # of lines that are remembered; the members that tell kinds apart hold codes and names only
_FRAMES_MAX: Final = 20

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "partition", "partner", "country", "consumer", "code", "seq",
        "from_seq",
        "to", "to_seq", "entries", "count", "ms", "n", "incarnation", "method", "route", "status", "correlation_id",
        "object_id", "signal_id", "request_id", "key_id", "keys", "attempt", "attempts", "action", "edition", "rule",
        "port", "version", "engine", "state", "lag", "job", "retry_in_s", "actor", "organisation", "error_type",
        "where", "detail", "repeated", "lost",
    }
)  # fmt: skip
"""Members a log line may have; each is an id, a code, a number or a time."""


def _only_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {k: v if k in ALLOWED else "withheld" for k, v in event.items()}


class _Terse(logging.Handler):
    """Takes other libraries' log lines and keeps of each where it came from, not what it says."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().warning("library.log", logger=record.name, where=f"{record.module}:{record.lineno}")


class Repeats:
    """Leaves out warnings and errors that were written less than a minute ago, and counts them.

    Lines are of one kind where event, level and the codes and names in `_TELL_APART` agree; ids do not count, or ten
    thousand objects that fail for one reason would be ten thousand lines.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic, self._lock = monotonic, threading.Lock()
        self._seen: dict[tuple[str, ...], tuple[float, int]] = {}

    def __call__(self, _logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Pass a line on, or drop it; one that is passed says how many of its kind were left out before it."""
        if method not in _REPEATING:
            return event
        kind = (method, *(str(event.get(name, "")) for name in _TELL_APART))
        now = self._monotonic()
        with self._lock:
            last, left_out = self._seen.get(kind, (None, 0))
            if last is not None and now - last < REPEATED_AFTER_S:
                self._seen[kind] = (last, left_out + 1)
                raise structlog.DropEvent
            if len(self._seen) >= _KINDS_MAX:
                self._seen.clear()
            self._seen[kind] = (now, 0)
        if left_out:
            event["repeated"] = left_out
        return event


_REPEATING: Final = frozenset({"warning", "error", "critical"})
_TELL_APART: Final = ("event", "partition", "partner", "country", "consumer", "job", "code", "error_type", "route",
                      "status", "logger", "detail", "rule", "state")  # fmt: skip


class _Stderr:
    """The process's standard error as it is when a line is written; it may be another one than at the start.

    A line that cannot be written is counted, and the next that can be says how many were lost.
    """

    def __init__(self) -> None:
        self._lost = 0

    def write(self, text: str) -> int:
        try:
            if self._lost and text.strip():
                sys.stderr.write(f'{{"event": "log.lost", "level": "error", "lost": {self._lost}}}\n')
                self._lost = 0
            return sys.stderr.write(text)
        except (OSError, ValueError):  # a full disk, a pipe that nobody reads, a stream that was closed
            self._lost += bool(text.strip())  # a line comes in two parts, the second of which only ends it
            return len(text)

    def flush(self) -> None:
        try:
            sys.stderr.flush()
        except (OSError, ValueError):
            self._lost += 1


def configure(level: str = "INFO") -> None:
    """Write JSON lines to standard error from now on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            Repeats(SystemClock().monotonic),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=structlog.PrintLoggerFactory(file=cast("TextIO", _Stderr())),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Terse(level=logging.WARNING)]
    root.setLevel(logging.WARNING)


def logger() -> Any:
    """The logger of this process."""
    return structlog.get_logger()


def frames_of(error: BaseException) -> list[str]:
    """Where an error arose (file, line, function), innermost last; never its words, which may hold a person's data."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_MAX:]
    return [f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in frames]
