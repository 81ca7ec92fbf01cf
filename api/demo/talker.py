"""A persona's way to its register: the client for programs, patient with a busy machine.

Nothing but the public API over HTTP, with a token of the country's issuer.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from api.client import Client, SignIn
from schemas.signal_out import SharingPreview

TIMEOUT_S: Final = 30.0
_SHARING: Final[TypeAdapter[list[SharingPreview]]] = TypeAdapter(list[SharingPreview])


class Talker(Client):
    """As `Client`, with the one question more that the story asks."""

    def __init__(self, url: str, sign_in: SignIn) -> None:
        super().__init__(url, sign_in, timeout_s=TIMEOUT_S)

    def sharing(self, signal: UUID) -> list[SharingPreview]:
        """Who may receive the extract of a signal, as decided."""
        return _SHARING.validate_json(self._get(f"/v1/signals/{signal}/sharing").content)
