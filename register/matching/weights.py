"""The weight table: read once, checked whole, and turned into evidence that is ready to be added up.

The file is data (weights.toml): a new table is a new version of it, never a branch in code. What a family says at
each document frequency is computed here at load, so that scoring a pair looks up and adds and does no arithmetic
of its own.

Source of the rules: search.md 4.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import chain
from types import MappingProxyType
from typing import Any

from register.matching.evidence import Evidence

UNEQUAL = "unequal"


class WeightsError(ValueError):
    """A weight table contradicts itself or the rules of scoring; names the row."""


class AttributeKind(StrEnum):
    """How an attribute that agrees alone is called."""

    PERSON = "person"
    NUMBER = "number"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Family:
    """What a family of match keys says.

    Attributes:
        name: as in the token, for instance `person.p1`.
        agreeing: evidence of an equal token, by document frequency: index 0 and 1 for a token seen once, the last
            index for one seen `too_common_over` times.
        common: the same without any bits, for a token that is too common.
        against: evidence of tokens on both sides none of which is equal; of a family of several things one entry that
            says so of them together.
        weak: a hit on this family alone is none.
    """

    name: str
    agreeing: tuple[tuple[Evidence, ...], ...]
    common: tuple[Evidence, ...]
    against: tuple[Evidence, ...]
    weak: bool


@dataclass(frozen=True, slots=True)
class Weights:
    """One checked version of the table.

    Attributes:
        version: shown with every answer.
        too_common_over: a token carried by more records of the mirror than this is not scored.
        very_strong, strong, possible: bits from which each word holds.
        order: attribute -> place in a list of evidence.
        kinds: attribute -> how it is called when it agrees alone.
        families: by name; a family that is not in the table counts 0.
        independent: the pairs of weak families that may support each other.
    """

    version: str
    too_common_over: int
    very_strong: float
    strong: float
    possible: float
    order: Mapping[str, int]
    kinds: Mapping[str, AttributeKind]
    families: Mapping[str, Family]
    independent: frozenset[frozenset[str]]


@cache
def default_weights() -> Weights:
    """The table that ships with this release."""
    return read_weights(files("register.matching").joinpath("weights.toml").read_text(encoding="utf-8"))


def read_weights(text: str) -> Weights:
    """Read a table from its TOML text.

    Raises:
        WeightsError: a family names an unknown attribute or level, an agreement has negative bits or a
            disagreement positive ones, the thresholds are out of order, or a row is not marked assumed while the
            table names no training set.
    """
    table = tomllib.loads(text)
    limits, strength, attributes = table["limits"], table["strength"], table["attribute"]
    if not strength["very_strong"] > strength["strong"] > strength["possible"] > 0:
        raise WeightsError("strength: expected very_strong > strong > possible > 0")
    trained = table["training"] != "none"
    bits = {name: _read_levels(name, row, limits, trained=trained) for name, row in attributes.items()}
    families = {
        name: _read_family(
            name,
            _said_of(row),
            bits,
            differs=row.get("differs"),
            weak=row.get("weak", False),
            most=limits["too_common_over"],
        )
        for name, row in table["family"].items()
    }
    return Weights(
        version=table["version"],
        too_common_over=limits["too_common_over"],
        very_strong=strength["very_strong"],
        strong=strength["strong"],
        possible=strength["possible"],
        order=MappingProxyType({name: place for place, name in enumerate(attributes)}),
        kinds=MappingProxyType({name: AttributeKind(row["kind"]) for name, row in attributes.items()}),
        families=MappingProxyType(families),
        independent=_read_independent_pairs(table["independent"], families),
    )


def _said_of(row: Mapping[str, Any]) -> dict[str, str]:
    """What an equal token says: attribute -> level."""
    return {attribute: level for attribute, level in row.items() if attribute not in {"weak", "differs"}}


def _read_levels(name: str, row: Mapping[str, Any], limits: Mapping[str, Any], *, trained: bool) -> dict[str, float]:
    """Bits of each level of an attribute, clipped."""
    clip = limits["decisive"] if row["kind"] == AttributeKind.DOCUMENT else limits["clip"]
    levels: dict[str, float] = {}
    for level, value in row.items():
        if level == "kind":
            continue
        if not trained and not value.get("assumed", False):
            raise WeightsError(f"{name}.{level}: neither trained nor marked assumed")
        raw = value["bits"] if "bits" in value else math.log2(value["m"] / value["u"])
        if (raw > 0) is (level == UNEQUAL):
            raise WeightsError(f"{name}.{level}: {raw:.1f} bits have the wrong sign")
        levels[level] = max(-limits["clip"], min(clip, raw))
    return levels


def _read_family(
    name: str,
    row: Mapping[str, str],
    bits: Mapping[str, Mapping[str, float]],
    *,
    differs: str | None,
    weak: bool,
    most: int,
) -> Family:
    if differs is None and len(row) > 1:
        # Said of each of them it would be untrue: the same names with another day are another key.
        raise WeightsError(
            f"family {name}: says several things together, so it needs an attribute that it `differs` in"
        )
    unlike = [differs] if differs is not None else list(row)
    if missing := [one for one in unlike if UNEQUAL not in bits.get(one, {})]:
        raise WeightsError(f"{missing[0]}: no level `{UNEQUAL}`")
    for attribute, level in row.items():
        if level == UNEQUAL or level not in bits.get(attribute, {}):
            raise WeightsError(f"family {name}: there is no {attribute}.{level}")

    def evidence(attribute: str, level: str, worth: float) -> Evidence:
        return Evidence(attribute, name, worth, f"{attribute}-{level}".replace("_", "-"))

    def seen(df: int) -> tuple[Evidence, ...]:
        # A token that n records carry is n times less telling: log2(n) bits in all, spread over what it implies.
        less = math.log2(df) / len(row)
        return tuple(evidence(a, level, max(0.0, bits[a][level] - less)) for a, level in row.items())

    return Family(
        name=name,
        agreeing=(seen(1), *(seen(df) for df in range(1, most + 1))),
        common=tuple(evidence(a, level, 0.0) for a, level in row.items()),
        against=tuple(evidence(a, UNEQUAL, bits[a][UNEQUAL]) for a in unlike),
        weak=weak,
    )


def _read_independent_pairs(
    pairs: Sequence[Sequence[str]], families: Mapping[str, Family]
) -> frozenset[frozenset[str]]:
    for name in chain.from_iterable(pairs):
        if name not in families or not families[name].weak:
            raise WeightsError(f"independent: {name} is no weak family of this table")
    return frozenset(frozenset(pair) for pair in pairs)
