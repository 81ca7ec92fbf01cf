"""A log line never ends the work that it is about, and what goes wrong again and again does not fill the disk."""

from __future__ import annotations

import fcntl
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from typing import Any

import structlog

from register import logs
from register.clock import SystemClock
from register.logs import READER_STANDS_AFTER_S, REPEATED_AFTER_S, LineWriter, LogState, LogTrouble, Repeats


class Disk(io.StringIO):
    """A file that can be full."""

    full = False

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


@contextmanager
def writing_to_a_disk() -> Iterator[Disk]:
    """The process's log goes to a disk while the block lasts."""
    made, before = Disk(), structlog.get_config()
    logs.configure()
    try:
        with redirect_stderr(made):
            yield made
    finally:
        structlog.configure(**before)


def lines(disk: Disk) -> list[dict[str, Any]]:
    return [json.loads(line) for line in disk.getvalue().splitlines()]


def test_full_disk_raises_nothing_and_the_next_line_says_how_many_were_lost() -> None:
    with writing_to_a_disk() as disk:
        disk.full = True
        for n in range(3):
            logs.logger().info("exchange.appended", n=n)
        disk.full = False
        logs.logger().info("exchange.appended", n=3)
        assert [(line["event"], line.get("lost"), line.get("n")) for line in lines(disk)] == [
            ("log.lost", 3, None), ("exchange.appended", None, 3),
        ]  # fmt: skip


def test_closed_stream_raises_nothing_and_the_line_counts_as_lost() -> None:
    with writing_to_a_disk() as disk:
        disk.close()
        logs.logger().error("worker.turn-failed", job="index")
    with writing_to_a_disk() as disk:
        logs.logger().info("exchange.appended")
        assert [line.get("lost") for line in lines(disk)] == [1, None]


def test_thousand_failures_of_one_kind_are_one_line_and_others_beside_it_are_written() -> None:
    with writing_to_a_disk() as disk:
        for n in range(1_000):
            logs.logger().error("object.put-off", consumer="index", object_id=str(n), code="field-seal-broken")
        logs.logger().error("object.put-off", consumer="match", object_id="1", code="field-seal-broken")
        assert [line["consumer"] for line in lines(disk)] == ["index", "match"]


def test_information_is_never_left_out() -> None:
    with writing_to_a_disk() as disk:
        for _ in range(3):
            logs.logger().info("exchange.appended", entries=1)
        assert len(lines(disk)) == 3


def test_after_a_minute_a_line_comes_again_and_says_how_often_it_was_left_out() -> None:
    now = 0.0
    repeats = Repeats(lambda: now)

    def said() -> dict[str, Any] | None:
        try:
            return dict(repeats(None, "warning", {"event": "evaluator.failed", "country": "CW"}))
        except structlog.DropEvent:
            return None

    assert said() == {"event": "evaluator.failed", "country": "CW"}
    now = REPEATED_AFTER_S - 0.001
    assert [said() for _ in range(4)] == [None] * 4
    now = REPEATED_AFTER_S
    assert said() == {"event": "evaluator.failed", "country": "CW", "repeated": 4}
    assert said() is None


def test_kinds_of_lines_that_are_remembered_are_bounded() -> None:
    repeats = Repeats(lambda: 0.0)
    for n in range(5_000):
        repeats(None, "error", {"event": "x", "code": str(n)})
    assert len(repeats._seen) <= 1_000


@contextmanager
def writing_to(fd: int) -> Iterator[LineWriter]:
    """A writer of which standard error is a descriptor; it is closed in the end."""
    writer = LineWriter(lambda: 0.0, waiting_max=50)
    with os.fdopen(fd, "w") as stream, redirect_stderr(stream):
        yield writer
        writer.flush(5)


def full_pipe() -> tuple[int, int]:
    """A pipe that nobody reads, with not a byte of room."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while os.write(writing, b"x" * 4_096):
            pass
    os.set_blocking(writing, True)
    return reading, writing


def read_all(fd: int) -> str:
    """What is left in a pipe whose writing ends are closed."""
    with os.fdopen(fd) as stream:
        return stream.read().lstrip("x")


def test_pipe_that_nobody_reads_holds_up_nobody_and_what_finds_no_room_is_counted_once_it_is_read() -> None:
    reading, writing = full_pipe()
    with writing_to(writing) as writer:
        for n in range(200):
            writer.write(json.dumps({"n": n}))
        assert not writer.flush(0.01), "nobody has read a byte"
        said: list[str] = []
        read = threading.Thread(target=lambda: said.append(read_all(reading)))
        read.start()
        assert writer.flush(10)
        writer.write(json.dumps({"n": 200}))
        assert writer.flush(10)
    read.join(10)
    told = [json.loads(line) for line in said[0].splitlines()]
    kept = [one["n"] for one in told if "n" in one]
    assert kept == sorted(kept), "no line overtakes another"
    assert kept[-1] == 200
    assert sum(one.get("lost", 0) for one in told) == 201 - len(kept) > 100


def test_log_that_nobody_reads_is_known_to_stand_and_one_that_is_read_again_is_not() -> None:
    now = [0.0]
    reading, writing = full_pipe()
    writer = LineWriter(lambda: now[0], waiting_max=50)
    read = threading.Thread(target=read_all, args=[reading])
    with os.fdopen(writing, "w") as stream, redirect_stderr(stream):
        writer.write("{}")
        while writer._writing_since is None:
            SystemClock().pause(0.01)
        now[0] = READER_STANDS_AFTER_S
        assert writer.state() == LogState(LogTrouble.NOT_READ, READER_STANDS_AFTER_S)
        read.start()
        assert writer.flush(10)
        assert writer.state() == LogState()
    read.join(10)


def test_line_that_was_cut_by_a_full_disk_is_ended_before_the_next_and_the_log_is_known_to_lose_lines() -> None:
    """A pipe that does not wait takes a part, as a disk does that fills within a line."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    room = fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ)
    with writing_to(writing) as writer:
        writer.write("a" * (room + 5_000))
        assert writer.flush(10)
        assert writer.state().trouble is LogTrouble.NOT_WRITTEN
        assert os.read(reading, room) == b"a" * room
        writer.write('{"n": 1}')
        assert writer.flush(10)
        assert writer.state() == LogState()
    assert read_all(reading).splitlines() == ["", '{"event": "log.lost", "level": "error", "lost": 1}', '{"n": 1}']


def test_process_whose_log_nobody_reads_does_its_work_and_ends_also_where_a_library_writes_the_lines() -> None:
    work = (
        "import logging; from register import logs; logs.configure()\n"
        "for n in range(2_000): logs.logger().info('x', n=n); logging.getLogger('uvicorn.error').error('y')\n"
        "print('done')"
    )
    reading, writing = full_pipe()
    with os.fdopen(reading), os.fdopen(writing) as stderr:
        ended = subprocess.run(
            [sys.executable, "-c", work], stdout=subprocess.PIPE, stderr=stderr, timeout=60, check=False
        )
    assert (ended.returncode, ended.stdout) == (0, b"done\n")


def test_process_that_ends_at_once_has_written_its_lines() -> None:
    work = "from register import logs; logs.configure(); [logs.logger().info('x', n=n) for n in range(500)]"
    ended = subprocess.run([sys.executable, "-c", work], capture_output=True, timeout=60, check=True)
    assert [json.loads(line)["n"] for line in ended.stderr.splitlines()] == list(range(500))
