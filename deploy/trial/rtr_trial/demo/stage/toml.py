"""Write a table as TOML: what the demo's settings need, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def toml(table: Mapping[str, Any]) -> str:
    """Return the text; values are strings, numbers, booleans, lists of these, and tables of all that."""
    return "\n".join(_write_lines(table, ())) + "\n"


def _write_lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    inner = {name: value for name, value in table.items() if isinstance(value, Mapping)}
    if path and len(inner) < len(table):
        yield f"\n[{'.'.join(path)}]"
    # JSON's scalars and lists of them are TOML's as well; a DEL would not be, and no setting holds one.
    yield from (f"{name} = {json.dumps(value)}" for name, value in table.items() if name not in inner)
    for name, value in inner.items():
        yield from _write_lines(value, (*path, name))
