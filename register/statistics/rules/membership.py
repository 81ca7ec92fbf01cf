"""How much better than by guessing a reader of the public brief can tell whether one more person is counted (A8).

The reader knows every other record of one country, and of the others the order of size only. The rate is the most
by which any guess from one printed figure beats a guess without it: 0 tells nothing, 1 tells all. In whole numbers,
so that every node gets the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from register.statistics.definition import PUBLIC_BASE

MEMBERSHIP_MAX: Final = Fraction(15, 100)
"""Above it the public brief refuses."""
_WHOLE: Final = 10**12
_TAIL: Final = 20


def membership_rate(seen: Sequence[int], base: int, printed_base: int = PUBLIC_BASE) -> Fraction:
    """Return the rate for the country whose person is easiest to tell.

    One record moves a country's figure up by a whole base in one of `base` draws and not at all in the others; the
    other countries' figures and the rounding of the sum hide that move.

    Args:
        seen: the contributions to the figure, rounded.
        base: of their rounding.
        printed_base: in which the sum is printed.
    """
    drawn = [_rounded_counts(figure, base) for figure in seen]
    worst = Fraction(0)
    for target in range(len(seen)):
        others: Mapping[int, int] = {0: 1}
        for place, counts in enumerate(drawn):
            if place != target:
                others = _add_weights(others, counts)
        plain, moved = (_round_weights(others, shift, printed_base) for shift in (0, base))
        apart = sum(abs(plain.get(v, 0) - moved.get(v, 0)) for v in plain.keys() | moved.keys())
        worst = max(worst, Fraction(apart, 2 * base * sum(plain.values())))
    return worst


def _rounded_counts(figure: int, base: int) -> dict[int, int]:
    """Weights of a country's rounded figure, for a reader who expects a Poisson count of about this size."""
    expected = max(figure, 1)
    weights: dict[int, int] = {}
    weight = _WHOLE
    for count in range(3 * expected + _TAIL):
        low, over = count - count % base, count % base
        weights[low] = weights.get(low, 0) + weight * (base - over)
        if over:
            weights[low + base] = weights.get(low + base, 0) + weight * over
        weight = weight * expected // (count + 1)
    scale = max(weights.values()) // _WHOLE + 1
    return {value: w // scale for value, w in weights.items() if w // scale}


def _add_weights(a: Mapping[int, int], b: Mapping[int, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for x, wx in a.items():
        for y, wy in b.items():
            found[x + y] = found.get(x + y, 0) + wx * wy
    return found


def _round_weights(weights: Mapping[int, int], shift: int, base: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for value, weight in weights.items():
        low, over = (value + shift) - (value + shift) % base, (value + shift) % base
        found[low] = found.get(low, 0) + weight * (base - over)
        found[low + base] = found.get(low + base, 0) + weight * over
    return found
