"""Facts about the five partitions that are neither rules nor settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

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
        zone: the clock of its capital by the tz database, summer time included; it decides which day it is.
    """

    name: str
    share: int
    emergency: str
    phone_region: str
    zone: ZoneInfo


FACTS: Mapping[Partition, PartitionFacts] = MappingProxyType(
    {
        Partition.AW: PartitionFacts("Aruba", 1, "911", "AW", ZoneInfo("America/Aruba")),
        Partition.BQ: PartitionFacts("Caribbean Netherlands", 2, "911", "BQ", ZoneInfo("America/Kralendijk")),
        Partition.CW: PartitionFacts("Curaçao", 3, "911", "CW", ZoneInfo("America/Curacao")),
        Partition.NL: PartitionFacts("Netherlands", 4, "112", "NL", ZoneInfo("Europe/Amsterdam")),
        Partition.SX: PartitionFacts("Sint Maarten", 5, "911", "SX", ZoneInfo("America/Lower_Princes")),
    }
)


def others(own: Partition) -> tuple[Partition, ...]:
    """The four partners of a country, in fixed order."""
    return tuple(p for p in PARTITIONS if p is not own)


def local_time(country: Partition, at: datetime) -> datetime:
    """A moment by the country's own clock, without a zone, to be shown."""
    return at.astimezone(FACTS[country].zone).replace(tzinfo=None)


def day_in(country: Partition, at: datetime) -> date:
    """The day of a moment on the country's calendar, and by its `year` the year: the only way from a moment to a day.

    References, forms, answers, figures and rules go by it: half past midnight at the desk is today, and New Year's
    Eve on the islands is the old year, though in UTC the new one has begun. Two things keep UTC, and say so: the
    budget that all five evaluators count alike, and until when a key of the node's own is kept.
    """
    return local_time(country, at).date()


def midnight_in(country: Partition, day: date) -> datetime:
    """The moment at which a day begins in the country, aware."""
    return datetime.combine(day, time(), tzinfo=FACTS[country].zone)
