"""In which line of a TOML file something stands, so that whoever wrote the file finds what is said about it.

The parser of the standard library keeps no lines. Headers are counted instead: good for files made of `[[tables]]`
and `key = value` lines, as the lists of operators are; where a place cannot be told, the nearest header above is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(#.*)?$")
_LONG: Final = re.compile(r'"""|\'\'\'')


def line_of(text: str, place: tuple[str | int, ...]) -> int:
    """Return the line, from 1, of a place such as ("organisation", 3, "unit", 0, "name"), counted from 0."""
    lines = list(_outside_long_texts(text))
    first, last, table = 0, len(lines), ""
    for step, following in zip(place, (*place[1:], None), strict=True):
        if isinstance(step, int):
            continue
        name = f"{table}.{step}" if table else step
        found = _find_header(lines, first, last, name, following if isinstance(following, int) else 0)
        if found is None:
            return _find_key_line(lines, first, last, step) or first + 1
        table, first = name, found
        last = _find_table_end(lines, found, last, name)
    return first + 1


def _find_header(lines: list[str], first: int, last: int, name: str, number: int) -> int | None:
    at = [n for n in range(first, last) if (h := _HEADER.match(lines[n])) is not None and h[2] == name]
    return at[number] if number < len(at) else None


def _find_table_end(lines: list[str], start: int, last: int, name: str) -> int:
    """The first line after a table with all that is inside it."""
    for n in range(start + 1, last):
        header = _HEADER.match(lines[n])
        if header is not None and not header[2].startswith(f"{name}."):
            return n
    return last


def _find_key_line(lines: list[str], first: int, last: int, name: str) -> int | None:
    for n in range(first, last):
        if n > first and _HEADER.match(lines[n]) is not None:
            return None
        if re.match(rf"\s*\"?{re.escape(name)}\"?\s*[=.]", lines[n]):
            return n + 1
    return None


def _outside_long_texts(text: str) -> Iterator[str]:
    """The lines, those inside a text of several lines emptied: what looks like a header there is none."""
    inside = ""
    for line in text.split("\n"):
        kept = not inside
        for mark in _LONG.findall(line):
            inside = "" if inside == mark else inside or mark
        yield line if kept else ""
