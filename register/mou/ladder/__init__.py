"""Who may assign which status of the victim ladder: rows of data by country, with source and dates in force.

Pure. By organisation or kind of organisation; which persons of it is the register's authorisations' business. Nothing
here says what a status brings: help depends on none of them (domain.md 4).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from register.domain.access.organisation import Organisation
from register.errors import NotPermitted
from schemas.codes import Partition, VictimStatus


class MayNotAssign(NotPermitted):
    """The organisation may not assign this status of the victim ladder; the message names who may."""

    code = "may-not-assign-status"
    advice = "Have an organisation that the message names decide it; help for the person does not wait for it."


@dataclass(frozen=True, slots=True)
class Assigning:
    """One row.

    Attributes:
        id: stable; kept with every status that rests on it.
        country: where it holds.
        statuses: what may be assigned.
        organisations, kinds: to whom it is given, by code or by kind; both empty: to every organisation.
        source: the text it rests on, or the document that stands in for it.
        says: one sentence.
        assumed: until the country has confirmed it.
    """

    id: str
    country: Partition
    statuses: frozenset[VictimStatus]
    organisations: frozenset[str]
    kinds: frozenset[str]
    source: str
    says: str
    assumed: bool
    valid_from: date
    valid_to: date | None

    def holds(self, day: date) -> bool:
        """Whether the row is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def is_for(self, organisation: Organisation) -> bool:
        """Whether it is given to an organisation."""
        anybody = not self.organisations and not self.kinds
        return anybody or organisation.code in self.organisations or organisation.kind in self.kinds


@cache
def assigning() -> tuple[Assigning, ...]:
    """Every row, in the order of the file."""
    rows = tomllib.loads((files("register.mou.ladder") / "assigning.toml").read_text(encoding="utf-8"))["rule"]
    return tuple(
        Assigning(
            id=row["id"],
            country=Partition(row["country"]),
            statuses=frozenset(VictimStatus(s) for s in row["statuses"]),
            organisations=frozenset(row.get("organisations", ())),
            kinds=frozenset(row.get("kinds", ())),
            source=row["source"],
            says=row["says"],
            assumed=row["assumed"],
            valid_from=row["from"],
            valid_to=row.get("to"),
        )
        for row in rows
    )


def of_country(country: Partition, day: date) -> tuple[Assigning, ...]:
    """The rows of a country in force on a day."""
    return tuple(row for row in assigning() if row.country is country and row.holds(day))


def rule_to_assign(
    organisation: Organisation,
    statuses: Collection[VictimStatus],
    day: date,
    rules: Sequence[Assigning] | None = None,
) -> str:
    """Return the id of the rule by which an organisation may assign the first status, given that it may all of them.

    Args:
        organisation: whose person decides.
        statuses: the status to assign; where an earlier one is undone, that one too: only who may give it takes it.
        day: of the decision.
        rules: those in force; None takes the country's.

    Raises:
        MayNotAssign: names the status and who may.
    """
    found = of_country(organisation.partition, day) if rules is None else rules
    used = []
    for status in statuses:
        given = [row for row in found if status in row.statuses]
        mine = next((row.id for row in given if row.is_for(organisation)), None)
        if mine is None:
            who = ", ".join(sorted({name for row in given for name in (*row.organisations, *row.kinds)})) or "nobody"
            raise MayNotAssign(
                f"{organisation.code} may not assign or undo {status} on {day}; may: {who}",
                status=status.value,
                rules=[row.id for row in given],
            )
        used.append(mine)
    return used[0]
