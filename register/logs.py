"""Structured logs: an event, ids and numbers, and nothing about a person.

Only members on the allow-list are written; any other is replaced by the word "withheld", and a test plants names
to prove it. A library's own log lines are cut to their level and logger: their text may hold what they were given.

Writing never raises and never waits: neither a full disk nor a pipe that nobody reads may hold up the work that the
line is about. What goes wrong again and again is written once a minute with how often it was left out, since a flood of
lines fills the disk that the database needs.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TextIO

import structlog

from register.clock import SystemClock

REPEATED_AFTER_S: Final = 60.0
_KINDS_MAX: Final = 1_000  # of lines that are remembered; the members that tell kinds apart hold codes and names only
_FRAMES_MAX: Final = 20
WAITING_MAX: Final = 5_000
"""Lines that wait for whoever reads the log, of some hundred bytes each; what comes beside them is dropped."""
READER_STANDS_AFTER_S: Final = 20.0
TRY_AGAIN_EVERY_S: Final = 5.0
"""How soon a log that lost lines is tried again, also where no line comes."""
FLUSH_WITHIN_S: Final = 2.0
"""How long the end of a process waits for a log that stands."""

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


class LogTrouble(StrEnum):
    """Why lines of the log are not kept."""

    NOT_READ = "log-not-read"
    NOT_WRITTEN = "log-not-written"


@dataclass(frozen=True, slots=True)
class LogState:
    """How the log of this process stands.

    Attributes:
        trouble: None while every line is written.
        for_s: seconds since the first line that was not.
    """

    trouble: LogTrouble | None = None
    for_s: float = 0.0


class LineWriter:
    """Writes lines to the standard error of the process, in the order in which they come, and keeps nobody waiting.

    A thread of its own writes, past the buffer and the lock of `sys.stderr`: one that hangs in a pipe must hold neither
    what others need nor the end of the process. A line that cannot be written is counted, and the next that can be says
    how many were lost. One that was written in part is ended before the next begins.
    """

    def __init__(self, monotonic: Callable[[], float], *, waiting_max: int = WAITING_MAX) -> None:
        self._monotonic, self._waiting_max = monotonic, waiting_max
        # Its `put` may be interrupted by another of the same thread, as by a finaliser that logs: no lock of ours may.
        self._waiting: queue.SimpleQueue[tuple[int, bytes] | threading.Event] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.RLock()
        self._lost = 0
        self._losing_since: float | None = None
        self._writing_since: float | None = None
        self._cut = False
        self._fd = 2

    def write(self, line: str) -> None:
        """Take a line, without its end; returns at once, whatever the log is."""
        text = f"{line}\n"
        fd = _descriptor_of(sys.stderr)
        if fd is None:
            self._write_here(text)
        elif self._waiting.qsize() >= self._waiting_max:
            self._lose()
        else:
            self._waiting.put((fd, text.encode("utf-8", "backslashreplace")))
            self._begin()

    def flush(self, within_s: float = FLUSH_WITHIN_S) -> bool:
        """Wait until all that came is written or lost, but not for longer; whether it is."""
        if self._thread is None:
            return True
        done = threading.Event()
        self._waiting.put(done)
        return done.wait(within_s)

    def state(self) -> LogState:
        """How the log stands."""
        now, losing, writing = self._monotonic(), self._losing_since, self._writing_since
        if writing is not None and now - writing >= READER_STANDS_AFTER_S:
            return LogState(LogTrouble.NOT_READ, now - writing)
        if losing is None:
            return LogState()
        return LogState(LogTrouble.NOT_WRITTEN if writing is None else LogTrouble.NOT_READ, now - losing)

    def _begin(self) -> None:
        if self._thread is None or not self._thread.is_alive():  # none yet, or this is a child that inherited none
            with self._starting:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._keep_writing, name="log", daemon=True)
                    with suppress(RuntimeError):  # the interpreter ends, and begins no threads any more
                        self._thread.start()

    def _keep_writing(self) -> None:
        while True:
            try:
                taken = self._waiting.get(timeout=TRY_AGAIN_EVERY_S if self._lost else None)
            except queue.Empty:
                self._tell_of_lost()
                continue
            if isinstance(taken, threading.Event):
                taken.set()
                continue
            self._fd, line = taken
            if not (self._tell_of_lost() and self._put(line)):
                self._lose()

    def _tell_of_lost(self) -> bool:
        """Say how many lines were lost, if any were; whether the log takes lines."""
        told = self._lost
        if told and not self._put(_lost_line(told).encode()):
            return False
        self._found(told)
        return True

    def _put(self, line: bytes) -> bool:
        rest = b"\n" + line if self._cut else line
        self._writing_since = self._monotonic()
        try:
            while rest:
                taken = os.write(self._fd, rest)
                if taken:
                    self._cut = rest[taken - 1] != ord("\n")
                rest = rest[taken:]
        except OSError:  # a full disk, a pipe whose reader has ended, a descriptor that was closed
            return False
        finally:
            self._writing_since = None
        return True

    def _write_here(self, text: str) -> None:
        """To a stream of this process's memory, which nobody else has to read."""
        try:
            if self._lost:
                sys.stderr.write(_lost_line(self._lost))
                self._found(self._lost)
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError, AttributeError):  # it is full, it was closed, there is none
            self._lose()

    def _lose(self) -> None:
        if self._losing_since is None:
            self._losing_since = self._monotonic()
        self._lost += 1

    def _found(self, told: int) -> None:
        self._lost -= told
        if not self._lost:
            self._losing_since = None


def _descriptor_of(stream: TextIO | None) -> int | None:
    """Where a stream writes to; None where that is in memory, it is closed, or there is none."""
    try:
        return stream.fileno() if stream is not None else None
    except (OSError, ValueError, AttributeError):
        return None


def _lost_line(count: int) -> str:
    return f'{{"event": "log.lost", "level": "error", "lost": {count}}}\n'


class _Lines:
    """What structlog takes for a logger: whatever the level, a line is written."""

    def __init__(self, writer: LineWriter) -> None:
        self.msg = self.debug = self.info = self.warning = self.error = self.critical = self.exception = writer.write
        self.log = self.fatal = self.warn = self.failure = self.err = writer.write


_WRITER: Final = LineWriter(SystemClock().monotonic)


def flush_log() -> bool:
    """Wait, not for long, until all lines that came are written or lost; whether they are."""
    return _WRITER.flush()


atexit.register(flush_log)


def log_state() -> LogState:
    """How the log of this process stands: whether its lines are kept."""
    return _WRITER.state()


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
        logger_factory=lambda *_: _Lines(_WRITER),
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
