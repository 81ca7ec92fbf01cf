"""Structured logs: an event, ids and numbers, and nothing about a person.

Only members on the allow-list are written; any other is replaced by the word "withheld", and a test plants names
to prove it. A library's own log lines are cut to their level and logger: their text may hold what they were given.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "partition", "partner", "country", "consumer", "code", "seq",
        "from_seq",
        "to", "to_seq", "entries", "count", "ms", "n", "incarnation", "method", "route", "status", "correlation_id",
        "object_id", "signal_id", "request_id", "key_id", "keys", "attempt", "attempts", "action", "edition", "rule",
        "port", "version", "engine", "state", "lag", "job", "retry_in_s", "actor", "organisation", "error_type",
        "where", "detail",
    }
)  # fmt: skip
"""Members a log line may have; each is an id, a code, a number or a time."""


def _only_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {k: v if k in ALLOWED else "withheld" for k, v in event.items()}


class _Terse(logging.Handler):
    """Takes other libraries' log lines and keeps of each where it came from, not what it says."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().warning("library.log", logger=record.name, where=f"{record.module}:{record.lineno}")


class _Stderr:
    """The process's standard error as it is when a line is written; it may be another one than at the start."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure(level: str = "INFO") -> None:
    """Write JSON lines to standard error from now on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
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
