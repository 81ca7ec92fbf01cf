"""Who stands for the victim where a protection is to be lifted: rows of data by country, with source and dates.

Pure. By organisation or kind of organisation, none of them the police's; which persons of it is the register's
authorisations' business.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from register.domain.access.organisation import Organisation
from register.errors import CallerError
from schemas.codes import Partition, code_list


class NotOfTheVictimsSide(CallerError):
    """The organisation does not stand for the victim."""

    code = "not-of-the-victims-side"
    advice = "Name one of the organisations that the message names, another than your own."


@dataclass(frozen=True, slots=True)
class VictimsSide:
    """One row.

    Attributes:
        id: stable.
        country: where it holds.
        organisations, kinds: who it is, by code or by kind.
        source: the text it rests on, or the document that stands in for it.
        says: one sentence.
        assumed: until the country has confirmed it.
    """

    id: str
    country: Partition
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


@cache
def victims_sides() -> tuple[VictimsSide, ...]:
    """Every row, in the order of the file.

    Raises:
        ValueError: a kind is none, or counts as police: then two of the police side could lift a protection.
    """
    rows = tomllib.loads((files("register.mou.ladder") / "victims_side.toml").read_text(encoding="utf-8"))["rule"]
    kinds = code_list("organisation_kind")
    for row in rows:
        for kind in row["kinds"]:
            if kind not in kinds or kinds[kind].reports_as == "POLICE":
                raise ValueError(f"{row['id']}: {kind!r} cannot stand for a victim")
    return tuple(
        VictimsSide(
            id=row["id"],
            country=Partition(row["country"]),
            organisations=frozenset(row.get("organisations", ())),
            kinds=frozenset(row["kinds"]),
            source=row["source"],
            says=row["says"],
            assumed=row["assumed"],
            valid_from=row["from"],
            valid_to=row.get("to"),
        )
        for row in rows
    )


def standing_for_victims(organisations: Iterable[Organisation], day: date) -> list[Organisation]:
    """Those that stand for the victim on a day, by their codes."""
    rows = [row for row in victims_sides() if row.holds(day)]
    return sorted(
        (
            one
            for one in organisations
            for row in rows
            if row.country is one.partition and (one.code in row.organisations or one.kind in row.kinds)
        ),
        key=lambda one: one.code,
    )


def require_victims_side(code: str, organisations: Iterable[Organisation], day: date, *, besides: str) -> None:
    """Do nothing if the organisation stands for the victim, and is another than `besides`.

    Raises:
        NotOfTheVictimsSide: names those that do.
    """
    names = [one.code for one in standing_for_victims(organisations, day) if one.code != besides]
    if code not in names:
        raise NotOfTheVictimsSide(f"for the victim stands: {', '.join(names) or 'nobody'}", pointer="/second")
