"""A cut cable carries nothing and refuses; a mended one carries again, at the same address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from rtr_trial.demo.stage.cable import Cable, Line

TIMEOUT_S = 5.0


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that says everything back."""
    door = socket.create_server(("127.0.0.1", 0))

    def answer(one: socket.socket) -> None:
        with one:
            while piece := one.recv(1000):
                one.sendall(piece)

    def serve() -> None:
        while True:
            try:
                one, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(one,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield door.getsockname()[1]
    door.shutdown(socket.SHUT_RDWR)
    door.close()


@pytest.fixture
def line(echo: int) -> Iterator[Line]:
    made = Line("127.0.0.1", echo)
    yield made
    made.close()


def dial(line: Line) -> socket.socket:
    return socket.create_connection(("127.0.0.1", line.port), timeout=TIMEOUT_S)


def ask(end: socket.socket, words: bytes) -> bytes:
    end.sendall(words)
    return end.recv(1000)


def is_over(end: socket.socket) -> bool:
    try:
        return end.recv(1) == b""
    except ConnectionError:
        return True


def test_a_whole_line_carries_both_ways(line: Line) -> None:
    with dial(line) as end:
        assert ask(end, b"hello") == b"hello"


def test_the_end_of_what_is_sent_is_carried_too(line: Line) -> None:
    with dial(line) as end:
        end.sendall(b"last words")
        end.shutdown(socket.SHUT_WR)
        assert end.recv(1000) == b"last words"
        assert is_over(end)


def test_a_cut_closes_what_is_open(line: Line) -> None:
    with dial(line) as end:
        assert ask(end, b"hello") == b"hello"
        line.cut()
        assert is_over(end)


def test_a_cut_line_refuses_new_connections(line: Line) -> None:
    line.cut()
    with pytest.raises(ConnectionRefusedError):
        dial(line)


def test_a_mended_line_carries_again_at_the_same_address(line: Line) -> None:
    url = line.url
    for _ in range(3):
        line.cut()
        line.mend()
        with dial(line) as end:
            assert ask(end, b"again") == b"again"
    assert line.url == url


def test_cutting_and_mending_twice_changes_nothing(line: Line) -> None:
    line.mend()
    line.cut()
    line.cut()
    line.mend()
    line.mend()
    with dial(line) as end:
        assert ask(end, b"once") == b"once"


def test_a_line_to_nobody_closes_what_connects() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    line = Line("127.0.0.1", port)
    with dial(line) as end:
        assert is_over(end)
    line.close()


def test_a_cable_cuts_and_mends_all_its_lines_together(echo: int) -> None:
    lines = [Line("127.0.0.1", echo) for _ in range(3)]
    cable = Cable(lines)
    cable.cut()
    for line in lines:
        with pytest.raises(ConnectionRefusedError):
            dial(line)
    cable.mend()
    for line in lines:
        with dial(line) as end:
            assert ask(end, b"whole") == b"whole"
    cable.close()


def test_many_connections_are_carried_at_once(line: Line) -> None:
    ends = [dial(line) for _ in range(20)]
    for number, end in enumerate(ends):
        end.sendall(b"%d" % number)
    assert [end.recv(1000) for end in ends] == [b"%d" % number for number in range(20)]
    for end in ends:
        end.close()
