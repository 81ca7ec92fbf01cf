"""How many examples a costly property is given, as a share of what the profile in force tries (tests/conftest.py)."""

from __future__ import annotations

from hypothesis import settings


def share_of_examples(share: float) -> int:
    """Return that share of the profile's examples, and at least one; for `settings(max_examples=...)`."""
    return max(1, round(settings().max_examples * share))
