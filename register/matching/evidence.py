"""What a comparison of two subjects can say: evidence by attribute, in bits, and one word for its strength.

Values only. Nothing here is a name, a number or a token: an `Evidence` names the attribute that agreed or
disagreed and the family that showed it, so it may be stored, logged and shown to whoever may see the hit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Strength(StrEnum):
    """The word a hit is shown with (search.md 1 and 4).

    Persons are ranked by bits; an equal number or document is named for what it is, whatever else disagrees.
    """

    NONE = "none"
    SAME_NUMBER = "same-number"
    POSSIBLE = "possible"
    STRONG = "strong"
    SAME_DOCUMENT = "same-document"
    VERY_STRONG = "very-strong"

    @property
    def rank(self) -> int:
        """0 nothing, 1 possible, 2 strong, 3 very strong; a same number is possible, a same document a match."""
        return _RANK[self]


_RANK = {
    Strength.NONE: 0,
    Strength.SAME_NUMBER: 1,
    Strength.POSSIBLE: 1,
    Strength.STRONG: 2,
    Strength.SAME_DOCUMENT: 3,
    Strength.VERY_STRONG: 3,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one attribute says for or against the two subjects being one.

    Attributes:
        attribute: as the weight table calls it, for instance `birth_date`.
        family: the family of match keys that showed it, for instance `person.p1`.
        bits: log2 of the likelihood ratio; positive speaks for, negative against, 0 where the agreeing key is
            too common to count.
        words: key of the sentence that pages show, for instance `birth-date-exact`.
    """

    attribute: str
    family: str
    bits: float
    words: str


@dataclass(frozen=True, slots=True)
class Scored:
    """The answer of `score` for one pair of subjects.

    Attributes:
        strength: the word to show.
        bits: sum over `evidence`; says nothing about persons where `strength` names a number or a document.
        evidence: one entry an attribute, in the order of the weight table.
        too_common: families that agree by tokens which describe too many records; neither a hit nor a miss.
        weights: version of the table used.
    """

    strength: Strength
    bits: float
    evidence: tuple[Evidence, ...]
    too_common: tuple[str, ...]
    weights: str

    @property
    def is_hit(self) -> bool:
        """Whether there is anything to show at all."""
        return self.strength is not Strength.NONE
