"""A page says what a code means: none prints one as programs write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

_LISTS: Final = resources.files("schemas.codes").iterdir()
CODED: Final = {one.name.removesuffix(".toml") for one in _LISTS if one.name.endswith(".toml")} | {
    "asker", "country", "decision", "families", "family", "identifier", "kind", "lifted", "nationality",
    "origin", "owner", "partner", "recipients", "role", "selector_class", "second", "seconds", "state", "type",
    "type_assessed", "type_registered",
}  # fmt: skip
"""Names under which values of code lists stand in what templates are given, and organisations' and countries' codes."""
_NAMES: Final = "|".join(sorted(CODED))
PRINTED: Final = re.compile(
    rf"(?:^|~|(?<!=)=|\bor\b|\belse\b)\s*[\w.]+\.(?:{_NAMES})\s*(?:$|[|~,)]|\bor\b|\bif\b|\belse\b)"
    rf"|attribute=.(?:{_NAMES})\b"
)
"""A code by itself, or as a value of a message; not where something puts it into words, nor where it is asked about."""
FOR_PROGRAMS: Final = ("rules/api.html", "rules/error_codes.html")
SENT_BACK: Final = re.compile(r'(?<!\()\b(?!attribute)[\w-]+="[^"]*"')
"""Attributes of elements: programs read them."""


def _templates(folder: Traversable, path: str = "") -> Iterator[tuple[str, str]]:
    for one in sorted(folder.iterdir(), key=lambda each: each.name):
        if one.is_dir():
            yield from _templates(one, f"{path}{one.name}/")
        elif one.name.endswith(".html"):
            yield f"{path}{one.name}", one.read_text(encoding="utf-8")


def _raw(text: str) -> Iterator[str]:
    for expression in re.findall(r"\{\{(.*?)\}\}", SENT_BACK.sub("", text), re.DOTALL):
        if PRINTED.search(expression.strip()) and not expression.strip().startswith("words.label("):
            yield expression.strip()


def test_no_page_prints_a_code_without_its_words() -> None:
    pages = {path: list(_raw(text)) for path, text in _templates(resources.files("api.web") / "templates")}
    assert {path: raw for path, raw in pages.items() if raw and path not in FOR_PROGRAMS} == {}


def test_code_that_is_printed_as_it_is_would_be_found() -> None:
    for raw in ("one.legal_basis", "one.recipients|join(x)", "_(says, kind=one.family)", 'x|map(attribute="state")'):
        assert list(_raw(f"<p>{{{{ {raw} }}}}</p>")), raw
    assert not list(_raw('<p id="{{ one.kind }}">{{ words.label("purpose", one.purpose) if one.purpose }}</p>'))
