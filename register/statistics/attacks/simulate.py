"""Made-up years of five countries, for the drill: Poisson counts, shares after Aruba's report of 2023.

Nothing here is about anybody; the means are those of statistics.md 5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from register.statistics.rules.stream import Stream, keyed_seed
from schemas.codes import Partition

MEANS: Final[Mapping[Partition, int]] = {
    Partition.AW: 24,
    Partition.BQ: 4,
    Partition.CW: 15,
    Partition.NL: 800,
    Partition.SX: 6,
}
"""Notifications a year, on average."""
_INTAKES_OF_100: Final = 50
_VICTIMS_OF_100: Final = 30
_POISSON_STEP: Final = 500

Record: TypeAlias = Mapping[str, str]
Shares: TypeAlias = Mapping[str, int]

_NOTIFICATION: Final[Mapping[str, Shares]] = {
    "source": {"CITIZEN": 45, "GOV_DEPT": 33, "NGO_IO": 16, "SCHOOL": 4, "PRIVATE_SECTOR": 2},
    "channel": {"EMAIL": 41, "PHONE": 29, "WHATSAPP": 21, "MESSENGER": 9},
    "signal_type": {"HT": 29, "MS": 4, "UNDETERMINED": 67},
    "forwarded": {"YES": 95, "NO": 5},
}
_PERSON: Final[Mapping[str, Shares]] = {
    "sex": {"FEMALE": 67, "MALE": 33},
    "age": {"0-11": 3, "12-17": 10, "18-24": 25, "25-29": 20, "30-39": 27, "40-49": 10, "50-plus": 5},
    "nationality": {"CO": 40, "VE": 30, "DO": 12, "HT": 5, "NL": 5, "PE": 8},
}
_VICTIM: Final[Mapping[str, Shares]] = {
    **_PERSON,
    "victim_status": {"POTENTIAL": 45, "PRESUMED": 20, "CONFIRMED": 15, "NOT": 20},
    "form": {"SEX": 60, "LABOUR": 35, "CRIMINAL": 5},
    "movement": {"DOMESTIC": 15, "INTRA_REGIONAL": 60, "TRANSNATIONAL": 15, "UNKNOWN": 10},
}


@dataclass(frozen=True, slots=True)
class Year:
    """One country's made-up records of a year, by population."""

    records: Mapping[str, Sequence[Record]]


def simulate_year(seed: str, country: Partition, number: int) -> Year:
    """Make up one year; the same arguments make the same year."""
    stream = Stream(keyed_seed(b"drill", seed, country.value, number))
    notifications = _draw_poisson(stream, MEANS[country])
    intakes = sum(stream.below(100) < _INTAKES_OF_100 for _ in range(notifications))
    victims = _draw_poisson(stream, MEANS[country] * _VICTIMS_OF_100 // 100)
    return Year(
        {
            "notifications": [_draw_record(stream, _NOTIFICATION) for _ in range(notifications)],
            "intakes": [_draw_record(stream, _PERSON) for _ in range(intakes)],
            "victims": [_draw_record(stream, _VICTIM) for _ in range(victims)],
        }
    )


def _draw_record(stream: Stream, shares: Mapping[str, Shares]) -> Record:
    return {variable: _one_of(stream, of) for variable, of in shares.items()}


def _one_of(stream: Stream, shares: Shares) -> str:
    at = stream.below(sum(shares.values()))
    for code, share in shares.items():
        at -= share
        if at < 0:
            return code
    raise AssertionError("shares add up")


def _draw_poisson(stream: Stream, mean: int) -> int:
    """A Poisson count by counting arrivals; large means in steps, so that no number underflows."""
    count = 0
    while mean > 0:
        step = min(mean, _POISSON_STEP)
        mean -= step
        left = math.exp(-step) if step else 1.0
        product = stream.fraction()
        while product > left:
            count += 1
            product *= stream.fraction()
    return count
