"""What a rule of the statistics says when it says no.

A refusal is a value, not an exception: whoever asks gets all of them at once and goes down the ladder of coarser
tables with them. Reasons are for the owner and for the working group's own log; a release shows one marker for
everything withheld, since a reason can itself tell something (statistics.md 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The rules of statistics.md 2. R1 to R4 and R6 run at the owner on exact counts, R5 and R7 at every node."""

    CATALOGUE = "R1"
    PERIOD = "R2"
    DENSITY = "R3"
    HOMOGENEITY = "R4"
    CONTRIBUTORS = "R5"
    ROUNDING = "R6"
    ATTACK = "R7"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One rule's no.

    Attributes:
        rule: which rule.
        code: stable, hyphenated; programs may compare it.
        says: one sentence for a person.
        would_pass: one sentence on what would make it pass.
    """

    rule: Rule
    code: str
    says: str
    would_pass: str
