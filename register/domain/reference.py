"""References with a drawn number: a counted one would tell whoever sees two of them how many there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from register.errors import Conflict

DRAWS: Final = 20
"""As often is tried again before numbers grow longer, or before a request gives up."""
_DIGITS: Final = 4
YEARS_BACK: Final = 12
"""How far back a number that is typed without its year is looked for; nothing is kept so long."""
_TYPED: Final = re.compile(r"(?P<country>[A-Z]{2})?(?:(?P<year>20\d\d)(?P<after>\d{4,9})|(?P<alone>\d{1,9}))")
_PARTED: Final = re.compile(r"(?:(?P<country>[A-Z]{2})\W*)?(?:(?P<year>20\d\d)\W+)?(?P<number>\d{1,9})")


class ReferenceTaken(Conflict):
    """Somebody else stored a record under the same drawn reference at the same moment."""

    code = "reference-taken"
    advice = "Send the same request again."

    def __init__(self) -> None:
        super().__init__("the drawn reference was taken at the same moment")


def draw_reference(
    prefix: str, is_taken: Callable[[str], bool], below: Callable[[int], int], *, restores: int = 0
) -> str:
    """Return a free reference: the prefix and a number of at least four digits.

    What was given after a backup is forgotten by a restore, and stands at partners and on paper: so numbers are one
    digit longer after each, and none of them is given to another case.

    Args:
        prefix: for instance `AW-2026`.
        is_taken: whether a reference is in use.
        below: a random number from 0 to below its argument.
        restores: how often the register was restored from an older copy, as far as it knows.
    """
    digits = _DIGITS + restores
    while True:
        for _ in range(DRAWS):
            reference = f"{prefix}-{below(10**digits - 1) + 1:0{digits}d}"
            if not is_taken(reference):
                return reference
        digits += 1  # the year is getting full at this length


def read_references(typed: str, country: str, year: int) -> tuple[str, ...]:
    """The references that may be meant by what a person typed, the newest first; none where it is no reference.

    Without country, year, dashes or leading zeros, with spaces, in small letters: as it is read out on the telephone.

    Args:
        typed: as typed.
        country: whose references are looked for; of another country none is.
        year: the present one, the first that a number without its year is looked for in.
    """
    text = " ".join(typed.upper().split())
    found = _PARTED.fullmatch(text) or _TYPED.fullmatch(text)
    if found is None or found["country"] not in {None, country}:
        return ()
    if found.re is _PARTED and found["year"] is None:
        # In one row: a year and a number, or a number alone.
        found = _TYPED.fullmatch("".join(one for one in (found["country"], found["number"]) if one)) or found
    parts = found.groupdict()
    # Zeros that are typed are kept: once a year is full, `01680` is another report than `1680`.
    number = (parts.get("number") or parts.get("after") or parts.get("alone") or "").zfill(_DIGITS)
    years = [int(parts["year"])] if parts["year"] else range(year, year - YEARS_BACK, -1)
    return tuple(f"{country}-{one}-{number}" for one in years)
