"""What the list may be narrowed to: codes and days only, so that an address never holds anything of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from api.web.frame.languages import N_
from api.web.signals.reporting.answers import Fault, Reader
from schemas.codes import code_list

CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "kind": "signal_kind",
        "type_assessed": "signal_type",
        "state": "signal_state",
        "urgency": "urgency",
        "source": "source",
        "island": "island",
    }
)
"""Filter -> the list of its codes; names are those of the API."""
DAYS: Final = ("received_from", "received_to")
ORGANISATION: Final = "organisation"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The filters of a list, as typed and as read.

    Attributes:
        typed: by field, also what is wrong.
        wanted: for the service; nothing where there are faults.
        faults: what to mend.
    """

    typed: Mapping[str, str]
    wanted: Mapping[str, str | date]
    faults: list[Fault]

    def address(self, path: str, cursor: str) -> str:
        """The address of another page of the same list."""
        return f"{path}?{urlencode({**{k: str(v) for k, v in self.wanted.items()}, 'cursor': cursor})}"


def read_filters(query: Mapping[str, str], today: date, organisations: Iterable[str]) -> Narrowed:
    """Read the filters of an address; a code that no list of ours has narrows nothing.

    Args:
        query: of the address.
        today: on the island's calendar.
        organisations: codes that may be chosen.
    """
    typed = {name: query.get(name, "").strip() for name in (*CODES, *DAYS, ORGANISATION)}
    reader = Reader(typed, today)
    wanted: dict[str, str | date] = {n: typed[n] for n, codes in CODES.items() if typed[n] in code_list(codes)}
    if typed[ORGANISATION] in set(organisations):
        wanted[ORGANISATION] = typed[ORGANISATION]
    days = [reader.day(name, needed=False) for name in DAYS]
    wanted |= {name: day for name, day in zip(DAYS, days, strict=True) if day is not None}
    if days[0] is not None and days[1] is not None and days[1] < days[0]:
        reader.fault(DAYS[1], N_("The last day is before the first. Mend one of them, or leave the last day out."))
    return Narrowed(typed, {} if reader.faults else wanted, reader.faults)
