"""An address to listen on is host:port, or is refused before anything starts."""

from __future__ import annotations

import pytest

from api.process.hosting import Address, BadAddress


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
