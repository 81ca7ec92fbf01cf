"""Facts about the five partitions that are neither rules nor settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    """

    name: str
    share: int
    emergency: str
    phone_region: str


FACTS: Mapping[Partition, PartitionFacts] = MappingProxyType(
    {
        Partition.AW: PartitionFacts("Aruba", 1, "911", "AW"),
        Partition.BQ: PartitionFacts("Caribbean Netherlands", 2, "911", "BQ"),
        Partition.CW: PartitionFacts("Curaçao", 3, "911", "CW"),
        Partition.NL: PartitionFacts("Netherlands", 4, "112", "NL"),
        Partition.SX: PartitionFacts("Sint Maarten", 5, "911", "SX"),
    }
)


def others(own: Partition) -> tuple[Partition, ...]:
    """The four partners of a country, in fixed order."""
    return tuple(p for p in PARTITIONS if p is not own)
