"""Who answers at an address: a look at a search engine, before anything is asked of it."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit


def who_answers(url: str, *, path: str = "/", timeout_s: float = 2.0) -> dict[str, Any] | None:
    """What an engine says of itself, or None if nobody answers with JSON. No proxy is used."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with closing(kind(parts.hostname or "127.0.0.1", parts.port, timeout=timeout_s)) as connection:
        try:
            connection.request("GET", f"{parts.path.rstrip('/')}{path}", headers={"Accept": "application/json"})
            answer = json.loads(connection.getresponse().read(65_536))
        except (OSError, http.client.HTTPException, ValueError):
            return None
    return answer if isinstance(answer, dict) else None
