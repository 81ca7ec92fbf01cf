"""Signs of life of a thread that works: whoever started it hears of each, and knows a long turn from one that stands.

Pure. What a server answers notes it (`store.running.database`); a thread that nobody hears notes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

_HEARING: Final = threading.local()


def hear_progress(hear: Callable[[], None]) -> None:
    """Have `hear` called at each sign of life of the thread that calls this, from now on."""
    _HEARING.hear = hear


def note_progress() -> None:
    """Say that this thread got on."""
    hear: Callable[[], None] | None = getattr(_HEARING, "hear", None)
    if hear is not None:
        hear()
