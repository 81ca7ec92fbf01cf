"""The page of error codes that ships with the register (`register/docs/error-codes.md`), as values.

The `type` of every problem document names this page and the code on it. The file is made from the errors themselves
(`api.published.docs_errors`), so the page cannot say anything else than the program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

_ENTRY: Final = re.compile(
    r"### (?P<code>[a-z0-9-]+)\n\n(?P<means>[^\n]+)\n\n- What to do: (?P<advice>[^\n]+)\n- Status: (?P<status>\d{3})\n*"
)


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code: what it means, what whoever must act can do, and the HTTP status it comes with."""

    code: str
    means: str
    advice: str
    status: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """The codes that the same one must act on, in the order of the alphabet."""

    title: str
    codes: tuple[ErrorCode, ...]


@cache
def error_codes() -> tuple[Chapter, ...]:
    """Return the chapters of the page; `ValueError` where the file is not as `docs_errors` makes it."""
    text = (resources.files("register") / "docs" / "error-codes.md").read_text(encoding="utf-8")
    return tuple(_read_chapter(part) for part in text.split("\n## ")[1:])


def _read_chapter(text: str) -> Chapter:
    title, _, body = text.partition("\n\n")
    found: list[ErrorCode] = []
    at = 0
    while at < len(body):
        entry = _ENTRY.match(body, at)
        if entry is None:
            raise ValueError(f"what follows in the chapter {title!r} is no error code")
        found.append(ErrorCode(entry["code"], entry["means"], entry["advice"], int(entry["status"])))
        at = entry.end()
    return Chapter(title, tuple(found))
