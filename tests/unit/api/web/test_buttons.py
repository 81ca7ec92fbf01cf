"""Every kind of button of the pages can be read at rest, under the pointer, with the focus and disabled (WCAG 1.4.3).

A browser shows a button at rest only, so the colours are taken from the stylesheet as the cascade gives them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.support.web.messages import WEB

TEXT, EDGE = 4.5, 3.0
STATES = ("", "hover", "focus", "disabled")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PART = re.compile(r":(?P<pseudo>[\w-]+)(?:\([^)]*\))?|\.(?P<name>[\w-]+)|\[(?P<attr>[^\]]+)\]|(?P<tag>\*|[a-z]\w*)")
_BUTTON = re.compile(r"<(button|a|summary)\b((?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*)>")
_CLASS = re.compile(r'class="([^"{]*)"')
_PIECES = {"background", "background-color", "color", "outline", "outline-color"}


@dataclass(frozen=True)
class Kind:
    """A button: its tag, its classes, and whether it stands in the page's header."""

    tag: str
    classes: frozenset[str]
    in_header: bool = False

    def __str__(self) -> str:
        return ".".join(["header " * self.in_header + self.tag, *sorted(self.classes)])


def kinds() -> set[Kind]:
    """Every kind of button that a template shows."""
    found = set()
    for file in (WEB / "templates").rglob("*.html"):
        text = file.read_text()
        for tag, attributes in _BUTTON.findall(text):
            classes = frozenset(" ".join(_CLASS.findall(attributes)).split())
            if tag == "button" or "button" in classes:
                found.add(Kind(tag, classes, in_header=file.name == "layout.html"))
        # A page that has only the class of another page's button.
        found |= {Kind("button", frozenset(c.split())) for c in re.findall(r'block kind %\} class="([^"]+)"', text)}
    return found


def rules(css: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Selectors with what they set, in the order of the file; what is for paper or small screens only as well."""
    flat = re.sub(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}", r"\1", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    for selectors, body in _RULE.findall(flat):
        sets = dict(re.findall(r"([\w-]+)\s*:\s*([^;]+)", body))
        for one in re.split(r",(?![^(]*\))", selectors):
            yield one.strip(), sets


def weight(selector: str, kind: Kind, state: str) -> tuple[int, int] | None:
    """How specific a selector is that holds for this button; None where it does not hold.

    Only the header counts as something around it: no other part of a page may give its buttons a colour.
    """
    *around, last = selector.split()
    if not last or any(one != ".top" for one in around) or (around and not kind.in_header):
        return None
    classes = tags = 0
    for part in _PART.finditer(last):
        if part["pseudo"]:
            if part["pseudo"] not in {state, "focus-visible" if state == "focus" else state}:
                return None
            classes += 1
        elif part["name"]:
            if part["name"] not in kind.classes:
                return None
            classes += 1
        elif part["attr"] or part["tag"] not in {kind.tag, "*"}:
            return None
        else:
            tags += part["tag"] != "*"
    return classes + len(around), tags


def shown(css: str, kind: Kind, state: str) -> dict[str, str]:
    """What the cascade gives a button of this kind in this state."""
    holds = [(weight(one, kind, state), n, sets) for n, (one, sets) in enumerate(rules(css))]
    found: dict[str, str] = {}
    for _, _, sets in sorted((w, n, s) for w, n, s in holds if w is not None):
        found |= {name.partition("-")[0] if name != "outline-color" else name: said
                  for name, said in sets.items() if name in _PIECES}  # fmt: skip
    return found


def colour(said: str, names: Mapping[str, str]) -> str | None:
    """A colour of six hexadecimal digits; None where there is none."""
    said = re.sub(r"var\(--([\w-]+)\)", lambda found: names[found[1]], said)
    found = re.search(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", said)
    return None if found is None else found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1])


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def light(of: str) -> float:
        parts = [int(of[n : n + 2], 16) / 255 for n in (0, 2, 4)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def faults(css: str, every: set[Kind]) -> list[str]:
    """The buttons that cannot be read, each with its state and what it is shown with."""
    names = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]+)", css))
    paper = {colour(names[one], names) for one in ("paper", "wash")}
    header = colour(next(sets["background"] for one, sets in rules(css) if one == ".top"), names)
    found = []
    for kind in sorted(every, key=str):
        for state in STATES:
            has = shown(css, kind, state)
            ink, under = colour(has["color"], names), colour(has["background"], names)
            grounds = {under} if under else {header} if kind.in_header else paper
            ratios = [contrast(ink or "000000", ground or "") for ground in grounds]
            if min(ratios) < TEXT:
                found.append(f"{kind}:{state} {ink} on {grounds}")
            if state == "focus":
                ring = colour(has.get("outline-color") or has["outline"], names)
                around = {header} if kind.in_header else paper
                if min(contrast(ring or "", ground or "") for ground in around) < EDGE:
                    found.append(f"{kind}: the ring of its focus, {ring}")
    return found


CSS = (WEB / "static" / "style.css").read_text()


def test_every_kind_of_button_can_be_read_in_every_state() -> None:
    every = kinds()

    assert {"plain", "second", "bad", "button"} <= {name for kind in every for name in kind.classes}
    assert faults(CSS, every) == []


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Kind("button", frozenset({"danger"})), "button.danger: ffffff on {'f1f3f5'}"),
        (Kind("button", frozenset({"note"})), "button.note: ffffff on {'f1f3f5'}"),
    ],
)
def test_a_button_with_the_class_of_a_box_would_be_found(kind: Kind, fault: str) -> None:
    assert fault in faults(CSS, {kind})


def test_a_hover_that_hides_the_words_would_be_found() -> None:
    pale = CSS + ".second:hover { color: #fff; }"
    assert any(one.startswith("a.button.second:hover") for one in faults(pale, kinds()))


@pytest.mark.parametrize(
    "name", sorted(str(p.relative_to(WEB / "templates")) for p in (WEB / "templates").rglob("*.html"))
)
def test_part_of_a_page_that_a_template_names_is_named_by_none_that_it_builds_on(name: str) -> None:
    """A page of the middle that opened a part of its own under a name of the layout's would be filled twice over."""
    opened = r"{%-? *block (\w+) *%}{%-? *endblock"  # what a template leaves for others to fill
    text = (WEB / "templates" / name).read_text(encoding="utf-8")
    above = re.search(r'{% extends "([^"]+)" %}', text)
    left = set(re.findall(opened, text))
    while above:
        base = (WEB / "templates" / above[1]).read_text(encoding="utf-8")
        assert left & set(re.findall(r"{%-? *block (\w+)", base)) == set(), (name, above[1])
        above = re.search(r'{% extends "([^"]+)" %}', base)
