"""What all tests share: how often a property is tried, and key stores that cost no more than a test needs.

A property is tried 25 times in the suite, 1,000 times in `check.py --long`; a slow machine fails none. The suite tries
the same 25 each time, so that what lands depends on no chance; the long run draws anew and searches. What it finds
becomes an `@example`.
The collector of cycles looks rarely: by its own count it goes through all that pytest and Hypothesis keep some
thousand times a run, which was a seventh of the quick layers' time.
"""

from __future__ import annotations

import gc

from hypothesis import settings

from tests.support import key_stores

settings.register_profile("suite", max_examples=25, deadline=None, print_blob=True, derandomize=True)
settings.register_profile("long", parent=settings.get_profile("suite"), max_examples=1_000, derandomize=False)
settings.load_profile("suite")  # `--hypothesis-profile=long` is read after this
key_stores.make_cheap()
gc.set_threshold(200_000, 20, 50)
