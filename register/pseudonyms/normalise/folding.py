"""Folding text so that the same name, typed on any keyboard and any version of Python, gives the same letters.

Rests only on what Unicode promises never to change for characters it has assigned: normalisation forms, combining
classes and case folding. Characters assigned after Unicode 14.0 are refused, by a table of our own, because an older
Python would fold them differently. Letters that Unicode does not decompose are in `folding.json`, with those of other
scripts that look like Latin ones, and what shows nothing.
"""

from __future__ import annotations

import bisect
import functools
import json
import re
import unicodedata
from pathlib import Path

from register.pseudonyms.errors import CharacterRefused

_LISTS = Path(__file__).with_name("lists")
_WORD = re.compile(r"[a-z\x80-\U0010ffff]+")  # of folded text; its own class, since categories may change


def compatible(text: str) -> str:
    """NFKC of a text in which every character is known to all five countries, without invisible characters.

    Raises:
        CharacterRefused: a character is not assigned in Unicode 14.0, is private, or is half of one.
    """
    if text.isascii():
        return text
    refuse_unassigned(text)
    return unicodedata.normalize("NFKC", text.translate(_ignored()))


def fold(text: str) -> str:
    """Letters without case, accents and ligatures, those that look Latin in a Latin word as Latin ones; idempotent.

    Raises:
        CharacterRefused: as `compatible`.
    """
    text = compatible(text)
    if text.isascii():
        return text.lower()
    # Folding case can bring accents back (İ), and taking accents off can bring case back: twice settles it.
    return _WORD.sub(_as_latin, unicodedata.normalize("NFKC", _fold_once(_fold_once(text))))


def refuse_unassigned(text: str) -> None:
    """Raise `CharacterRefused` for characters outside of Unicode 14.0; says which place, never which character."""
    for place, character in enumerate(text, start=1):
        if not character.isascii() and _is_refused(ord(character)):
            raise CharacterRefused(
                f"character {place} is not known to every country's program (Unicode 14.0); type it in other letters",
                place=place,
            )


def digits_of(text: str) -> str:
    """Turn the decimal digits of any script into 0 to 9; leaves all else."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(character, character)) for character in text)


def _fold_once(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return bare.casefold().translate(_letters()).translate(_ignored())


def _as_latin(word: re.Match[str]) -> str:
    """A word as it looks, where it has Latin letters or may be nothing else; a word of another script as it is."""
    looks, letters = _look_alikes(), word.group()
    if letters.isascii():
        return letters
    if any(letter.isascii() for letter in letters) or all(ord(letter) in looks for letter in letters):
        return letters.translate(looks)
    return letters


@functools.cache
def _ranges() -> tuple[list[int], list[int]]:
    lines = (_LISTS / "unicode14.txt").read_text("ascii").splitlines()
    pairs = [part.split("-") for line in lines if not line.startswith("#") for part in line.split()]
    return [int(pair[0], 16) for pair in pairs], [int(pair[-1], 16) for pair in pairs]


def _is_refused(code_point: int) -> bool:
    firsts, lasts = _ranges()
    place = bisect.bisect_right(firsts, code_point) - 1
    return place >= 0 and code_point <= lasts[place]


@functools.cache
def _letters() -> dict[int, str]:
    return {ord(letter): plain for letter, plain in _table()["letters"].items()}


@functools.cache
def _look_alikes() -> dict[int, str]:
    return {ord(letter): plain for letter, plain in _table()["look_alikes"].items()}


@functools.cache
def _ignored() -> dict[int, None]:
    return {int(code, 16): None for code in _table()["ignored"]}


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = json.loads((_LISTS / "folding.json").read_text("utf-8"))
    return table
