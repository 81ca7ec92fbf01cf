"""The words of the files of a release, in English and Dutch; those of the tables are in the catalogue."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from register.statistics.definition import Variable
from register.statistics.release.release import Release
from register.statistics.tables import ALL

LANGUAGES: Final = ("en", "nl")


class Words:
    """What a file says, in one language."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"expected a language of {LANGUAGES}")
        self.language = language

    def say(self, name: str, **values: object) -> str:
        """A word or sentence by name."""
        return str(_texts()["say"][name][self.language]) % values

    def trend(self, name: str, **values: object) -> str:
        """What is said of a trend, by its value."""
        return str(_texts()["trend"][name][self.language]) % values

    def paragraphs(self, name: str) -> tuple[str, ...]:
        """Sentences on a subject."""
        return tuple(_texts()["paragraphs"][name][self.language])

    def area(self, code: str) -> str:
        """A country or the region."""
        return str(_texts()["area"][code][self.language])

    def rule(self, period_rule: str) -> str:
        """By which date a table counts; the catalogue says it in English."""
        return period_rule if self.language == "en" else str(_texts()["rule"][period_rule])

    def tier(self, code: str) -> str:
        """For whom."""
        return str(_texts()["tier"][code][self.language])

    def short(self, marker: str) -> str:
        """A marker in a word or two."""
        return str(_texts()["short"][marker][self.language])

    def markers(self) -> dict[str, str]:
        """Every marker and what it means."""
        return {code: words[self.language] for code, words in _texts()["marker"].items()}

    def row(self, variable: Variable | None, code: str | None) -> str:
        """A row or column of a table."""
        if variable is None or code is None or code == ALL:
            return self.say("total")
        return self.of(variable.codes[code])

    def of(self, words: Mapping[str, str]) -> str:
        """The words of the catalogue in this language; English where there are none."""
        return words.get(self.language) or words["en"]

    def heading(self, title: Mapping[str, str], release: Release) -> str:
        """What a table is called, with its period."""
        return f"{self.of(title)}, {release.period}"


@cache
def _texts() -> Mapping[str, Any]:
    text = resources.files("register.statistics.formats").joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
