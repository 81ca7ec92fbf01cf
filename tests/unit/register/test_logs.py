"""A log line never ends the work that it is about, and what goes wrong again and again does not fill the disk."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any

import structlog

from register import logs
from register.logs import REPEATED_AFTER_S, Repeats


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


def test_closed_stream_raises_nothing() -> None:
    with writing_to_a_disk() as disk:
        disk.close()
        logs.logger().error("worker.turn-failed", job="index")


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
