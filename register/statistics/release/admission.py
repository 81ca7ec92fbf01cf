"""Whether a contribution is one that our rules can have made of a table: judged at receipt, and again at assembly.

A signature says who made it and not that it is sound: a partner's program may be older or broken, and one word must
not stop the release of all. What the figures say is not judged here; the attacks do that.
"""

from __future__ import annotations

from collections.abc import Sequence

from register.statistics.definition import RULESET, Definition, Tier
from register.statistics.refusals import Refusal, Rule
from register.statistics.release.contribution import Contribution, Grain
from register.statistics.tables import ALL
from schemas.codes import Partition

_WAYS_MAX = 2


def find_misshape(definition: Definition, part: Contribution) -> str | None:
    """What of a contribution's form is not the table's, in a sentence; None if nothing.

    Args:
        definition: of the table with the id and version that the contribution names.
        part: the contribution.
    """
    if part.base != definition.population.base:
        return f"{part.country}: expected figures rounded to base {definition.population.base}"
    if part.ruleset == RULESET and set(part.shown) != {Tier.WORKING_GROUP}:
        return f"{part.country}: expected one grain, the working group's: a second one is a second bound on the figures"
    shows = part.grain not in {Grain.WITHHELD, Grain.NOT_COLLECTED}
    if shows and Tier.WORKING_GROUP not in definition.tiers:
        return f"{part.country}: the table is not registered for tier {Tier.WORKING_GROUP}"
    if part.table is None:
        return None
    if len(definition.variables) > _WAYS_MAX:
        return f"{part.country}: expected no figures of a table of more than {_WAYS_MAX} variables"
    kept = set(part.table.rows) | set(part.table.columns) - {ALL}
    if (part.table.rows, part.table.columns) != definition.headings(kept):
        return f"{part.country}: expected the rows of the catalogue"
    return None


def is_of_other_rules(definition: Definition, part: Contribution) -> bool:
    """Whether it was made under another rule set or definition: an honest partner may be one version behind."""
    return (part.ruleset, part.catalogue) != (RULESET, definition.fingerprint)


def left_out(countries: Sequence[Partition]) -> list[Refusal]:
    """The reason why these countries' contributions are not in a release, as one refusal; none if there are none."""
    if not countries:
        return []
    return [
        Refusal(
            Rule.CATALOGUE,
            "made-by-other-rules",
            f"Not reported, since made under another rule set or definition of the table: {', '.join(countries)}.",
            "These countries contribute again once their program has the same rules and definition.",
        )
    ]
