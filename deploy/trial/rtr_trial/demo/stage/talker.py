"""A persona's way to its register: the client for programs, patient with a busy machine.

Nothing but the public API over HTTP, with a token of the country's issuer.
"""

from __future__ import annotations

from typing import Final

from api.client import Client, SignIn

TIMEOUT_S: Final = 30.0


class Talker(Client):
    """As `Client`, with a longer patience."""

    def __init__(self, url: str, sign_in: SignIn) -> None:
        super().__init__(url, sign_in, timeout_s=TIMEOUT_S)
