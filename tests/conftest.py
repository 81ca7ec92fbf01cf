"""How often a property is tried: 25 times in the suite, 1,000 times in `check.py --long`; a slow machine fails none."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("suite", max_examples=25, deadline=None, print_blob=True)
settings.register_profile("long", parent=settings.get_profile("suite"), max_examples=1_000)
settings.load_profile("suite")  # `--hypothesis-profile=long` is read after this
