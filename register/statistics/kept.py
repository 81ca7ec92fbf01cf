"""Which optional rows a country has declared to keep; see `definitions/kept.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from schemas.codes import Partition


@cache
def _declared() -> Mapping[Partition, frozenset[str]]:
    file = resources.files("register.statistics").joinpath("definitions", "kept.toml")
    found = tomllib.loads(file.read_text(encoding="utf-8"))
    return MappingProxyType({Partition(country): frozenset(said["rows"]) for country, said in found.items()})


def rows_kept(country: Partition) -> frozenset[str]:
    """The codes of the optional rows that a country prints in what it shares."""
    return _declared()[country]
