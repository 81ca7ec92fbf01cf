"""The names of the keys that wrap data keys: one for each month in which something ends.

Pure. They are made for years ahead, so that a copy of the key store opens what is registered long after it was taken;
what comes later is made a year at a time, so that the key store grows at most once a year.
"""

from __future__ import annotations

from datetime import date
from typing import Final

PREFIX: Final = "kek/"
YEARS_AHEAD: Final = 10
"""Longer than anything is kept."""


def month_key(ends: date) -> str:
    """The name of the key for what ends on a day, for instance `kek/2031-11`."""
    return f"{PREFIX}{ends:%Y-%m}"


def year_of(name: str) -> list[str]:
    """The names of all the keys of the year that one is of."""
    year = name.removeprefix(PREFIX)[:4]
    return [f"{PREFIX}{year}-{month:02}" for month in range(1, 13)]


def keys_ahead(today: date) -> list[str]:
    """The names of the keys that a new key store holds: of this day's year and of those ahead."""
    years = range(today.year, today.year + YEARS_AHEAD + 1)
    return [name for year in years for name in year_of(month_key(date(year, 1, 1)))]
