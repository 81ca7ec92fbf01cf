"""What somebody typed is shown in the order in which he typed it, on every page (Unicode, UAX 9)."""

from __future__ import annotations

import re
import unicodedata

import pytest
from markupsafe import Markup, escape

from api.web.frame.languages import Words
from api.web.frame.rendering import _environment
from api.web.frame.typed_text import CONTROLS, LEFT_OUT
from schemas.codes import Partition
from tests.support.web.messages import WEB

STORY = "Tel \u202e5601030"
BACKWARDS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
WORDS = Words("en", Partition.AW)
_OUTPUT = re.compile(r"\{\{((?:(?!\}\}).)*)\}\}")
_TYPED = re.compile(
    r"(?<![\w.])(?:form\.account|form\.place\.locality|(?:person|heir|thing|item)\.(?:name|number)|one\.value|one\.note"
    r"|one\.answer|(?:one\.)?line\.reason|made\.(?:asks|withdrawn_for|case)|(?:question\.)?ground\.case|one\.case)\b"
    r"(?!\.|\|as_typed)"
)
_IN_A_FIELD = {"fields.html"}
"""An option of a select is text alone: nothing can be set apart in it."""


def page(template: str, **values: object) -> str:
    return _environment().from_string(template).render(words=WORDS, _=WORDS.marked, **values)


@pytest.mark.parametrize(
    "template",
    [
        "{{ x }}",
        '<input value="{{ x }}">',
        '<textarea>{{ x|default("") }}</textarea>',
        "{{ x|as_typed }}",
        '{{ ": " ~ x|as_typed }}',
        '{{ ", " ~ x if x }}',
        '{{ _("Case %(case)s", case=x) }}',
        '{{ _("Case %(case)s", case=x|as_typed) }}',
        "{% macro m(y) %}{{ y }}{% endmacro %}{{ m(x) }}",
    ],
)
@pytest.mark.parametrize("control", CONTROLS)
def test_no_character_that_turns_the_direction_is_on_any_page(template: str, control: str) -> None:
    shown = page(template, x=f"Tel {control}5601030")

    assert control not in shown
    assert "Tel 5601030" in shown


def test_every_control_that_unicode_knows_is_left_out() -> None:
    every = {c for c in map(chr, range(0x110000)) if unicodedata.bidirectional(c) in BACKWARDS}

    assert every < set(CONTROLS)
    assert set(CONTROLS) - every == set("\u061c\u200e\u200f"), "and the three marks"


def test_it_is_said_where_something_was_left_out_and_only_there() -> None:
    assert page("{{ x|as_typed }}", x=STORY) == f'Tel 5601030 <span class="hint">({LEFT_OUT.message})</span>'
    assert page("{{ x|as_typed }}", x="Tel 5601030") == "Tel 5601030"
    assert page("{{ x|as_typed }}", x="Curaçao, 'Zoë' – 5") == str(escape("Curaçao, 'Zoë' – 5"))
    assert page("{{ x|as_typed }}", x=None) == ""


def test_letters_that_run_from_right_to_left_are_set_apart_from_what_stands_beside_them() -> None:
    assert page("{{ x|as_typed }}, 1990", x="\u05d3\u05df") == "<bdi>\u05d3\u05df</bdi>, 1990"
    assert page("{{ x|as_typed }}", x="\u0645<b>") == "<bdi>\u0645&lt;b&gt;</bdi>"


def test_markup_stays_markup_and_text_stays_text() -> None:
    assert page("{{ x }}", x=Markup("<b>\u202eé</b>")) == "<b>é</b>"
    assert page("{{ x }}", x="<b>\u202eé</b>") == "&lt;b&gt;é&lt;/b&gt;"


def test_every_template_shows_typed_text_by_the_one_filter() -> None:
    bare, set_apart = [], 0
    for file in sorted((WEB / "templates").rglob("*.html")):
        for output in _OUTPUT.findall(file.read_text()):
            set_apart += output.count("|as_typed")
            said = re.sub(r"\bif [\w.]+(?= else|\)|$)", "", output.strip())
            if file.name not in _IN_A_FIELD and (found := _TYPED.search(said)):
                bare.append(f"{file.name}: {found[0]} in {{{{{output}}}}}")

    assert bare == []
    assert set_apart > 30
