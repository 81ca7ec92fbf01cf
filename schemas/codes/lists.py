"""Reads a code list from its TOML file and answers in the languages of the users.

A list is loaded once and never changes while the program runs. Nothing here decides anything: which code may
leave a country, or which role a rule protects, is said by the MoU's rules, which only name the codes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

LANGUAGES = ("en", "nl", "pap_AW", "pap_CW", "pap_BQ", "es")
"""English is the source; `pap_BQ` holds only the terms in which Bonaire differs from Curaçao."""

# One word means trafficking on one island and smuggling on the next, so no language ever falls back to a
# neighbour's word except Bonaire's to Curaçao's, where `pap_BQ` has been given every term that would flip.
_FALLBACK = {"pap_BQ": "pap_CW"}

_OWN_KEYS = frozenset(
    {"label", "explain", "reports_as", "assumed", "checked", "valid_from", "valid_until", "followed_by"}
)


class UnknownCode(KeyError):
    """A code, or a list of that name, does not exist; programs get here only by a slip of their own."""


@dataclass(frozen=True, slots=True)
class Code:
    """One word of a list.

    Attributes:
        code: what is stored and sent; never translated.
        labels: what people read, by language; always holds `en` and `nl`.
        explanations: one plain line each, by language; always holds `en` and `nl`.
        reports_as: the row of the printed report that counts it; None where the list has no such rows.
        assumed: True until the country it concerns has confirmed it.
        valid_from, valid_until: the first and the last day on which it is entered; None where it always was, or is
            still. A retired code stays in the list, so that old records stay readable.
        followed_by: the code of the same list that is entered in its place once it is retired; None where none is.
        extra: what only this list has, for instance `person_category`, `htcds` or `partitions`.
    """

    code: str
    labels: Mapping[str, str]
    explanations: Mapping[str, str]
    reports_as: str | None = None
    assumed: bool = False
    valid_from: date | None = None
    valid_until: date | None = None
    followed_by: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    _checked: Mapping[str, bool] = field(default_factory=dict)

    def label(self, language: str = "en") -> str:
        """What people read; English where the language has no word of its own yet."""
        return _in_language(self.labels, language)

    def explain(self, language: str = "en") -> str:
        """One plain line on what the code covers; English where the language has none yet."""
        return _in_language(self.explanations, language)

    def in_force(self, on: date) -> bool:
        """Whether the code may be entered on a day."""
        return (self.valid_from or date.min) <= on <= (self.valid_until or date.max)

    def is_checked(self, language: str) -> bool:
        """Whether a native speaker has confirmed the label; pages mark those that nobody has."""
        return self._checked.get(language, True)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a printed report, in the order and the words in which the coordinators print it."""

    row: str
    labels: Mapping[str, str]

    def label(self, language: str = "en") -> str:
        """The heading as printed; English where the language has no word of its own yet."""
        return _in_language(self.labels, language)


@dataclass(frozen=True, slots=True)
class CodeList:
    """All codes of one list, in the order in which forms show them.

    Attributes:
        name: the file's name without its ending.
        title: what the list is called, by language.
        explanation: what the list is for, by language.
        rows: the rows of the printed report that its codes roll up to; empty where it is not printed.
    """

    name: str
    title: Mapping[str, str]
    explanation: Mapping[str, str]
    rows: tuple[Row, ...]
    _codes: Mapping[str, Code]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes in the order of the file."""
        return tuple(self._codes)

    def offered(self, on: date) -> tuple[str, ...]:
        """The codes that may be entered on a day: what a form shows."""
        return tuple(code for code, words in self._codes.items() if words.in_force(on))

    def in_place_of(self, code: str, on: date) -> str | None:
        """The code that is entered on a day in place of a retired one; None where none follows it."""
        found, seen = self[code].followed_by, {code}
        while found is not None and found not in seen and not self[found].in_force(on):
            seen.add(found)
            found = self[found].followed_by
        return None if found in seen else found

    def __contains__(self, code: object) -> bool:
        return code in self._codes

    def __getitem__(self, code: str) -> Code:
        """The code's words. Raises `UnknownCode`, which names the list but not what was asked for."""
        try:
            return self._codes[code]
        except KeyError:
            raise UnknownCode(f"no such code in the list {self.name}") from None

    def __iter__(self) -> Iterator[Code]:
        return iter(self._codes.values())

    def __len__(self) -> int:
        return len(self._codes)

    def reporting(self, code: str) -> str | None:
        """The row of the printed report that counts this code."""
        return self[code].reports_as


@cache
def names() -> tuple[str, ...]:
    """The names of all lists, sorted."""
    files = resources.files(__package__).iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


@cache
def code_list(name: str) -> CodeList:
    """Return a list by name, for instance `signal_type`. Raises `UnknownCode` if there is none."""
    if name not in names():
        raise UnknownCode(f"no code list {name!r}; there are: {', '.join(names())}")
    return read_list(name, resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def read_list(name: str, text: str) -> CodeList:
    """Return a list from its TOML text."""
    document = tomllib.loads(text)
    head = document["list"]
    return CodeList(
        name=name,
        title=MappingProxyType(head["title"]),
        explanation=MappingProxyType(head["explain"]),
        rows=tuple(Row(row, MappingProxyType(words["label"])) for row, words in document.get("rows", {}).items()),
        _codes=MappingProxyType({code: _read(code, words, head) for code, words in document["codes"].items()}),
    )


def _read(code: str, words: Mapping[str, Any], head: Mapping[str, Any]) -> Code:
    return Code(
        code=code,
        labels=MappingProxyType(words["label"]),
        explanations=MappingProxyType(words["explain"]),
        reports_as=words.get("reports_as"),
        assumed=bool(words.get("assumed", head.get("assumed", False))),
        valid_from=words.get("valid_from"),
        valid_until=words.get("valid_until"),
        followed_by=words.get("followed_by"),
        extra=MappingProxyType({key: value for key, value in words.items() if key not in _OWN_KEYS}),
        _checked=MappingProxyType(words.get("checked", {})),
    )


def _in_language(words: Mapping[str, str], language: str) -> str:
    return words.get(language) or words.get(_FALLBACK.get(language, "en")) or words["en"]
