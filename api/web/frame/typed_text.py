"""Text that somebody typed, as a page may show it: in the order of its characters, whatever stands in it.

A character that turns the direction of writing (U+202E and its like) shows a telephone number backwards, and the words
of the page behind it. Unicode calls these `Bidi_Control`. No page shows one; what is stored keeps them. Letters that
run from right to left of themselves are set apart (`bdi`), so that what stands beside them keeps its place.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from api.web.frame.languages import N_, Words

CONTROLS: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
LEFT_OUT: Final = N_("Invisible signs that turn the direction of writing stand in this text. They are left out here.")
_NONE: Final = dict.fromkeys(map(ord, CONTROLS))
_RIGHT_TO_LEFT: Final = {"R", "AL", "AN"}


def without_controls(value: Any) -> Any:
    """What a template is about to show, without the characters that turn its direction; every value comes by here."""
    if not isinstance(value, str) or value.isascii():
        return value
    bare = str(value).translate(_NONE)
    return Markup(bare) if isinstance(value, Markup) else bare  # noqa: S704 - it was markup before, and loses only


@pass_context
def as_typed(context: Context, value: str | None) -> Markup:
    """Text that somebody typed, set apart where its direction is its own, with a word where something was left out."""
    text = value or ""
    if text.isascii():
        return escape(text)
    shown = escape(without_controls(text))
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        shown = Markup("<bdi>{}</bdi>").format(shown)
    if any(character in CONTROLS for character in text):
        words: Words = context["words"]
        shown += Markup(' <span class="hint">({})</span>').format(words.marked(LEFT_OUT))
    return shown
