"""What the modules of this package have in common: when keys are made, and the shape of a result.

No rule of any class is here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Mode(StrEnum):
    """Whether keys are made to be stored and published, or to ask with."""

    REGISTER = "register"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Canonical:
    """One canonical value: its family and its parts, which identify and are in no `repr`."""

    family: str
    values: tuple[str, ...] = field(repr=False)
