"""Facts about the five partitions that are neither rules nor settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from schemas.codes import Partition

PARTITIONS = tuple(Partition)


@dataclass(frozen=True, slots=True)
class PartitionFacts:
    """What is the same in every deployment.

    Attributes:
        name: as printed in English.
        share: index of the country's key share in the 3-of-5 sharing (pseudonyms.md 2).
        emergency: the number shown first when a report is urgent.
        phone_region: the region of a number given without a country.
        hours_ahead: of UTC, all the year round; the Netherlands' summer time is left out.
    """

    name: str
    share: int
    emergency: str
    phone_region: str
    hours_ahead: int


FACTS: Mapping[Partition, PartitionFacts] = MappingProxyType(
    {
        Partition.AW: PartitionFacts("Aruba", 1, "911", "AW", -4),
        Partition.BQ: PartitionFacts("Caribbean Netherlands", 2, "911", "BQ", -4),
        Partition.CW: PartitionFacts("Curaçao", 3, "911", "CW", -4),
        Partition.NL: PartitionFacts("Netherlands", 4, "112", "NL", 1),
        Partition.SX: PartitionFacts("Sint Maarten", 5, "911", "SX", -4),
    }
)


def others(own: Partition) -> tuple[Partition, ...]:
    """The four partners of a country, in fixed order."""
    return tuple(p for p in PARTITIONS if p is not own)


def local_time(country: Partition, at: datetime) -> datetime:
    """A moment by the country's own clock, without a zone, to be shown."""
    return at.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=FACTS[country].hours_ahead)


def today_in(country: Partition, now: datetime) -> date:
    """The day on the country's calendar, never later than the UTC day, by which dates of the future are refused."""
    return min(local_time(country, now).date(), now.astimezone(UTC).date())
