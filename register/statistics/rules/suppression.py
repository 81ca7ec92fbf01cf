"""Withholding what cannot be rounded: rates and medians, with an audit that knows these rules.

Counts are never suppressed here: marked cells of a small table can nearly always be computed from the rest
(statistics.md, first paragraph), and the negative controls of the harness show it. One marker stands for everything
withheld, and zeros can be hidden under it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Final

from register.statistics.deduction import Interval

K: Final = 5
"""Fewest persons or events behind a published rate or median."""
_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Share:
    """An exact share: so many of so many."""

    part: int
    whole: int

    def __post_init__(self) -> None:
        if not 0 <= self.part <= self.whole:
            raise ValueError("expected 0 <= part <= whole")


def published_shares(
    shares: Sequence[Share], whole: Sequence[Interval], *, hide_zeros: bool = True
) -> list[int | None]:
    """Return each share in whole percent, or None where it is withheld.

    Withheld are: fewer than K in the whole; a part, or what is missing from the whole, from 1 to K - 1; 0 and 100
    percent when `hide_zeros`; and whatever the audit finds too telling.

    Args:
        shares: exact.
        whole: what readers know of each whole, from the rounded count beside it.
        hide_zeros: else 0 percent shows that nobody did, and 100 that everybody did.
    """
    return [_publish_share(share, known, hide_zeros=hide_zeros) for share, known in zip(shares, whole, strict=True)]


def published_median(values: Sequence[int]) -> float | None:
    """Return the median, or None with fewer than K values or fewer than K on either side of it.

    Values equal to the median count on both sides, so that a median of equal values is shown.
    """
    if len(values) < K:
        return None
    middle = median(values)
    if min(sum(v <= middle for v in values), sum(v >= middle for v in values)) < K:
        return None
    return float(middle)


def parts_behind(percent: int, whole: Interval) -> set[int]:
    """The parts a reader can still think of who knows the percentage, the rules and the whole's bounds."""
    return {
        part
        for total in range(max(whole.low, K), whole.high + 1)
        for part in range(total + 1)
        if rounded_percent(Share(part, total)) == percent and not _is_small(Share(part, total))
    }


def rounded_percent(share: Share) -> int:
    """The share in percent, half up, in exact arithmetic."""
    return int(Fraction(_PERCENT * share.part, share.whole) + Fraction(1, 2))


def _is_small(share: Share) -> bool:
    return share.whole < K or 0 < share.part < K or 0 < share.whole - share.part < K


def _publish_share(share: Share, known: Interval, *, hide_zeros: bool) -> int | None:
    if _is_small(share) or (hide_zeros and share.part in {0, share.whole}):
        return None
    percent = rounded_percent(share)
    # The audit: one part left to think of would print the count behind the percentage, unrounded.
    return percent if share.part in {0, share.whole} or len(parts_behind(percent, known)) > 1 else None
