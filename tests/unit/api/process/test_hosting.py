"""An address to listen on is host:port, or is refused before anything starts; a job goes on whatever it meets."""

from __future__ import annotations

import threading

import pytest
import structlog.testing

from api.process.hosting import FAILING_MAX_S, Address, BadAddress, Loop


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8101", Address("127.0.0.1", 8101)),
        (":0", Address("127.0.0.1", 0)),
        ("0.0.0.0:65535", Address("0.0.0.0", 65_535)),  # noqa: S104 - read, never listened on
    ],
)
def test_host_and_port_are_read(text: str, expected: Address) -> None:
    assert Address.parse(text) == expected


@pytest.mark.parametrize("text", ["", "127.0.0.1", "127.0.0.1:", "host:http", "host:65536", "host:-1", "host:²"])
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadAddress, match=r"127\.0\.0\.1:8101"):
        Address.parse(text)


def test_loop_outlives_whatever_its_job_raises_and_works_on() -> None:
    turns: list[int] = []
    worked = threading.Event()

    def turn() -> bool:
        turns.append(1)
        if len(turns) < 4:
            raise OSError(28, "No space left on device")
        worked.set()
        return False

    loop = Loop("AW-index", turn, idle_s=0.001)
    with structlog.testing.capture_logs() as lines:
        loop.start()
        assert worked.wait(30)
        loop.stop()
    failed = [line for line in lines if line["event"] == "worker.turn-failed"]
    assert [line["error_type"] for line in failed] == ["OSError"] * 3
    assert failed[0]["where"][-1].endswith(":turn")
    assert "space" not in str(failed)


def test_job_that_keeps_failing_is_tried_ever_less_often_up_to_a_bound() -> None:
    waits: list[float] = []

    class Watched(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            if len(waits) == 40:
                self.set()
            return False

    def turn() -> bool:
        raise ValueError

    loop = Loop("AW-index", turn, idle_s=0.05)
    loop._stopping = Watched()
    with structlog.testing.capture_logs():
        loop._run()
    assert waits[0] == 0.05
    assert waits == sorted(waits)
    assert waits[-1] == FAILING_MAX_S
