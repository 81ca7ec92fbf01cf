"""The one rule on addresses that a token, or the proof for one, is sent to."""

from __future__ import annotations

from urllib.parse import urlsplit

from api.client.errors import UnsafeAddress

_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))


def safe_url(url: str) -> str:
    """Return the address without a slash at its end.

    Raises:
        UnsafeAddress: neither https nor the loopback, or with a password, a query or a fragment in it.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise UnsafeAddress("the address cannot be read") from None
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not secure or not host or parts.username or parts.password or parts.query or parts.fragment:
        raise UnsafeAddress(f"expected an https address, or http on the loopback, for {host or 'the register'}")
    return url.rstrip("/")
