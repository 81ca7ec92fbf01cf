"""The glossary that ships with the register (`register/docs/glossary.md`), as values.

The English list is the source; every title, word and explanation is a message of the catalogues.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

_ENTRY = re.compile(r"- \*\*(?P<word>[^*]+)\*\*: (?P<means>.+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One word; id: for the page's anchor, `word-` and the English word."""

    id: str
    word: str
    means: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Words that belong together, in the order of the file."""

    title: str
    entries: tuple[Entry, ...]


@cache
def glossary() -> tuple[Chapter, ...]:
    """Return the glossary's chapters.

    Raises:
        ValueError: the file has a line that is neither a title nor a word with what it means.
    """
    text = (resources.files("register") / "docs" / "glossary.md").read_text(encoding="utf-8")
    chapters: list[tuple[str, list[Entry]]] = []
    for line in text.partition("\n## ")[2].splitlines():
        if not line.strip():
            continue
        found = _ENTRY.fullmatch(line)
        if found is not None and chapters:
            slug = re.sub("[^a-z]+", "-", found["word"].lower())
            chapters[-1][1].append(Entry(f"word-{slug}", found["word"], found["means"]))
        elif not line.startswith("- ") and (not chapters or line.startswith("## ")):
            chapters.append((line.removeprefix("## "), []))
        else:
            raise ValueError(f"a line of the glossary is no word: {line}")
    return tuple(Chapter(title, tuple(entries)) for title, entries in chapters)
