"""Tell trafficking from smuggling by what was seen: a suggestion with its reasons, never a decision.

Trafficking is act, means and purpose together; for somebody under 18 no means is needed, and consent never matters
(domain.md 3). Smuggling is help across a border or with an unlawful stay. A fee that must be worked off is the cue
that one has become the other. What is not enough for either stays "cannot yet be told".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

HELP_ACROSS_A_BORDER: Final = frozenset(
    {"ILLEGAL_ENTRY", "TRANSIT", "STAY", "FALSE_DOC", "LOOKALIKE", "SHAM_GUARANTEE", "SHAM_WORK_PERMIT",
     "BOAT_LANDING", "CONCEALED", "FEE_PAID", "FEE_DEBT"}
)  # fmt: skip
WORKED_OFF: Final = "FEE_DEBT"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the signs point to.

    Attributes:
        signal_type: a code of the list `signal_type`.
        missing: of act, means, purpose, those that trafficking would still need; empty where it has all or none.
        worked_off: a fee must be worked off, so trafficking has to be thought of.
    """

    signal_type: str
    missing: tuple[str, ...] = ()
    worked_off: bool = False


def suggest_type(
    *,
    acts: Collection[str],
    means: Collection[str],
    forms: Collection[str],
    minor: bool,
    smuggling: Collection[str],
) -> Suggestion:
    """Return what these signs point to.

    Args:
        acts: codes of the list `act`.
        means: codes of the list `means`.
        forms: codes of the list `exploitation_form`: the purpose.
        minor: somebody under 18 is concerned.
        smuggling: codes of the list `smuggling_element`.
    """
    parts = {"act": bool(acts), "means": bool(means) or minor, "purpose": bool(forms)}
    trafficking = all(parts.values())
    smuggled = bool(HELP_ACROSS_A_BORDER & set(smuggling))
    worked_off = WORKED_OFF in smuggling
    begun = bool(acts or means or forms)
    missing = tuple(name for name, there in parts.items() if not there) if begun else ()
    if trafficking and smuggled:
        return Suggestion("HT_MS", worked_off=worked_off)
    if trafficking:
        return Suggestion("HT")
    if smuggled and not (means or forms):  # being brought is an act of both
        return Suggestion("MS", worked_off=worked_off)
    return Suggestion("UNDETERMINED", missing, worked_off)
