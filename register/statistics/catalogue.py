"""The catalogue of registered tables, read once from the packaged files and checked whole.

`definitions/variables.toml` says what is counted and by what, `definitions/tables.toml` which tables there are.
Nothing can be asked that is not in it (R1).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from register.statistics.definition import (
    CatalogueError,
    Definition,
    Population,
    Tier,
    Unit,
    Variable,
    all_nest,
)
from register.statistics.refusals import Refusal, Rule
from schemas.codes import code_list

TOTAL_RUNG: Final = "total"
POOLED_RUNG: Final = "pooled"
_PLAIN_LADDER: Final = (TOTAL_RUNG, POOLED_RUNG)
_KEYS: Final = frozenset(
    (
        "id", "version", "title", "population", "variables", "years", "finest", "tiers", "ladder", "about_the_work",
        "period_rule", "filled_by", "collected", "for", "per_inhabitants",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All registered tables.

    Attributes:
        version: first 16 hex digits of the hash of both files; each table has a fingerprint of its own.
        tables: by id, in file order.
    """

    version: str
    tables: Mapping[str, Definition]

    def __iter__(self) -> Iterator[Definition]:
        return iter(self.tables.values())

    def find(self, table_id: str) -> Definition | Refusal:
        """The registered table of that id, or R1's refusal."""
        return self.tables.get(table_id) or Refusal(
            Rule.CATALOGUE,
            "not-registered",
            "Only registered tables are made; there is none of this id.",
            "Choose one of the catalogue, or have the working group register it.",
        )

    def linked(self, definition: Definition) -> tuple[Definition, ...]:
        """The other tables of the same population: what one says holds for the others."""
        return tuple(d for d in self if d.population == definition.population and d.id != definition.id)


@cache
def default_catalogue() -> Catalogue:
    """The catalogue that ships with this release."""
    folder = resources.files("register.statistics").joinpath("definitions")
    return read_catalogue(*(folder.joinpath(n).read_text(encoding="utf-8") for n in ("variables.toml", "tables.toml")))


def read_catalogue(variables: str, tables: str) -> Catalogue:
    """Read a catalogue from its two TOML texts.

    Raises:
        CatalogueError: a table names what does not exist, a key is unknown, recodings of one variable do not nest,
            or a ladder does not go down within its population.
    """
    words = tomllib.loads(variables)
    populations = {
        name: Population(name, MappingProxyType(row["title"]), Unit(row["unit"]))
        for name, row in words["population"].items()
    }
    coded = {v.name: v for name, row in words["variable"].items() for v in _read_variables(name, row)}
    found: dict[str, Definition] = {}
    for row in tomllib.loads(tables)["table"]:
        definition = _read_definition(row, populations, coded)
        if definition.id in found:
            raise CatalogueError(f"table {definition.id} is there twice")
        found[definition.id] = definition
    for definition in found.values():
        _check_ladder(definition, found)
    digest = hashlib.sha256(f"{variables}\x00{tables}".encode()).hexdigest()
    return Catalogue(digest[:16], MappingProxyType(found))


def _read_variables(name: str, row: Mapping[str, Any]) -> Iterator[Variable]:
    """The variable as it is, then each recoding of it."""
    kept = frozenset(row.get("only_if_kept", ()))
    if "list" in row:
        listed = code_list(row["list"])
        codes = {one.row: dict(one.labels) for one in listed.rows}
        row_of = {code.code: code.reports_as or "" for code in listed}
    else:
        codes, row_of = row["codes"], {code: code for code in row["codes"]}
    if not kept <= codes.keys() or not set(row_of.values()) <= codes.keys():
        raise CatalogueError(f"variable {name}: a row is named that is not there")
    title = MappingProxyType(row["title"])
    yield Variable(name, title, MappingProxyType(codes), kept, MappingProxyType(row_of), row.get("rest"))

    recodings = {
        recoding: {code: new for new, olds in groups.items() for code in olds}
        for recoding, groups in row.get("recoding", {}).items()
    }
    for recoding, groups in row.get("recoding", {}).items():
        if sorted(code for olds in groups.values() for code in olds) != sorted(codes):
            raise CatalogueError(f"variable {name}:{recoding}: expected every code exactly once")
    if not all_nest(recodings):
        raise CatalogueError(f"variable {name}: its recodings do not nest")
    for recoding, to in recodings.items():
        words = {**codes, **row.get("recoded", {})}
        if not set(to.values()) <= words.keys():
            raise CatalogueError(f"variable {name}:{recoding}: a row has no words")
        rows = {new: words[new] for new in to.values()}
        yield Variable(
            name=f"{name}:{recoding}",
            title=title,
            codes=MappingProxyType(rows),
            only_if_kept=frozenset(new for new in rows if {c for c, to_row in to.items() if to_row == new} <= kept),
            row_of=MappingProxyType({code: to[r] for code, r in row_of.items()}),
            rest=to[row["rest"]] if "rest" in row else None,
        )


def _read_definition(
    row: Mapping[str, Any], populations: Mapping[str, Population], coded: Mapping[str, Variable]
) -> Definition:
    if unknown := row.keys() - _KEYS:
        raise CatalogueError(f"table {row.get('id')}: unknown {', '.join(sorted(unknown))}")
    tiers = frozenset(Tier(tier) for tier in row.get("tiers", ("W", "P")))
    if Tier.PUBLIC in tiers and Tier.WORKING_GROUP not in tiers:
        # What the public sees follows from what the working group does.
        raise CatalogueError(f"table {row['id']}: what is for the public is for the working group too")
    if row["population"] not in populations or not set(row["variables"]) <= coded.keys():
        raise CatalogueError(f"table {row['id']}: an unknown population or variable")
    return Definition(
        id=row["id"],
        version=row.get("version", 1),
        title=MappingProxyType(row["title"]),
        population=populations[row["population"]],
        variables=tuple(coded[name] for name in row["variables"]),
        years=row.get("years", 1),
        quarters=row.get("finest", "year") == "quarter",
        tiers=tiers,
        ladder=tuple(row.get("ladder", _PLAIN_LADDER)),
        about_the_work=row.get("about_the_work", False),
        period_rule=row["period_rule"],
        filled_by=row["filled_by"],
        collected=row["collected"],
        readers=tuple(row["for"]),
        per_inhabitants=row.get("per_inhabitants"),
    )


def _check_ladder(definition: Definition, found: Mapping[str, Definition]) -> None:
    for rung in definition.ladder:
        if rung in _PLAIN_LADDER:
            continue
        other = found.get(rung)
        if other is None or other.population != definition.population or other.id == definition.id:
            raise CatalogueError(f"table {definition.id}: {rung} is no other table of its population")
        if _count_cells(other) >= _count_cells(definition):
            raise CatalogueError(f"table {definition.id}: {rung} is not coarser")


def _count_cells(definition: Definition) -> int:
    size = 1
    for variable in definition.variables:
        size *= len(variable.codes)
    return size
