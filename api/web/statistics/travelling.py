"""How a table may leave the country, in words: for each tier exact, rounded, or why it stays here.

From the verdicts of the owner's own rules, as the API gives them; nothing is decided here.
"""

from __future__ import annotations

from typing import Final

from api.web.frame.languages import N_, Text, Words
from schemas.statistics.owner import RegisteredTable, TierVerdict

_SAYS: Final = {
    ("W", "exact"): N_("To the working group it may travel exact."),
    ("W", "rounded"): N_("To the working group it may travel rounded."),
    ("W", "no"): N_("For the working group it stays here, because %(why)s."),
    ("P", "exact"): N_("Into the public brief it may travel exact."),
    ("P", "rounded"): N_("Into the public brief it may travel rounded."),
    ("P", "no"): N_("For the public brief it stays here, because %(why)s."),
}
WHY: Final = {
    "group-all-alike": N_("all of a group, as they are printed, are alike: who knows one of them, knows what they are"),
    "too-many-variables": N_("it has three variables, and what is shared has two at most"),
    "not-for-this-tier": N_("it is not registered for that"),
    "period-open": N_("the year is not over"),
    "row-not-kept": N_("a record belongs in a row that this country has not declared to keep"),
    "too-thin": N_("it has too few records for so many cells"),
}
"""By the code of the refusal: those that a yearly table can meet at its owner."""


def describe_travelling(table: RegisteredTable, words: Words) -> tuple[str, ...]:
    """One sentence for each tier; none where there is no figure."""
    return tuple(_write_sentence(one, words) for one in table.verdicts)


def _write_sentence(verdict: TierVerdict, words: Words) -> str:
    why = "; ".join(words.plain(WHY.get(one.code, Text(one.says))) for one in verdict.why)
    return words.plain(_SAYS[verdict.tier, verdict.travels], **({"why": why} if why else {}))
