"""The garbage collector of a process that is to run for long.

All that was imported stays for ever, and a full collection walks over it again and again: while pages of the exchange
are read, that took as long as reading them. It is set aside once, and collections come less often.
"""

from __future__ import annotations

import gc
from typing import Final

YOUNG_MAX: Final = 20_000
"""New objects between two collections: a few megabytes, where Python's own 700 are one entry of a page."""
_OLDER_EVERY: Final = 20


def settle() -> None:
    """Set aside what lives now. Call it when everything is imported and open, before the work begins."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, _OLDER_EVERY, _OLDER_EVERY)
