"""References with a drawn number: a counted one would tell whoever sees two of them how many there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from register.errors import Conflict

DRAWS: Final = 20
"""As often is tried again before numbers grow longer, or before a request gives up."""
_DIGITS: Final = 4


class ReferenceTaken(Conflict):
    """Somebody else stored a record under the same drawn reference at the same moment."""

    code = "reference-taken"
    advice = "Send the same request again."

    def __init__(self) -> None:
        super().__init__("the drawn reference was taken at the same moment")


def draw_reference(prefix: str, is_taken: Callable[[str], bool], below: Callable[[int], int]) -> str:
    """Return a free reference: the prefix and a number of at least four digits.

    Args:
        prefix: for instance `AW-2026`.
        is_taken: whether a reference is in use.
        below: a random number from 0 to below its argument.
    """
    digits = _DIGITS
    while True:
        for _ in range(DRAWS):
            reference = f"{prefix}-{below(10**digits - 1) + 1:0{digits}d}"
            if not is_taken(reference):
                return reference
        digits += 1  # the year is getting full at this length
