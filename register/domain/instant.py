"""Times as they are given out: to the millisecond, so that what is given out and what is read again are equal."""

from __future__ import annotations

from datetime import datetime


def to_ms(at: datetime) -> datetime:
    """Cut to milliseconds, as every time is written."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def to_ms_or_none(at: datetime | None) -> datetime | None:
    """The same, where there may be none."""
    return None if at is None else to_ms(at)
