"""What spreadsheets, mails and chats leave around a value, taken off before any class reads it.

`95557703.0` is a number that a spreadsheet took for an amount; `1.0123E+9` is one that it cut, which nobody can read
back. Both are told here, once for all classes.
"""

from __future__ import annotations

import re
from typing import Final

from register.pseudonyms.errors import NumberCut
from register.pseudonyms.normalise.folding import compatible

_AMOUNT: Final = re.compile(r"(?P<digits>\+?[0-9]{3,})[.,]0{1,2}")
_CUT: Final = re.compile(r"[+-]?[0-9](?:[.,][0-9]+E[+-]?|E[+-])[0-9]{1,3}", re.IGNORECASE)
_AS_FORMULA: Final = re.compile(r'="?(?P<value>[^"=]*)"?')
_WORD: Final = re.compile(r"[^\W_]+")
_AROUND: Final = " \t\r\n;,|\"'“”«»‘’´`"


def ones(text: str) -> str:
    """Return a value with 1 where somebody read an `l`, in each word of letters and digits for itself.

    A word whose only letter is one L before its digits is left: it may begin with one.
    """
    return _WORD.sub(lambda found: _ones_of_word(found[0]), text)


def ones_among_capitals(text: str) -> str:
    """Return a value with 1 for each small `l` where all other letters are capitals: `B-0l234`."""
    letters = {c for c in text if c.isalpha()} - {"l"}
    mixed = bool(letters) and not any(map(str.islower, letters)) and any(map(str.isdigit, text))
    return text.replace("l", "1") if mixed else text


def _ones_of_word(word: str) -> str:
    letters = [c for c in word if c.isalpha()]
    if not any(map(str.isdigit, word)) or not {"l", "L"}.issuperset(letters):
        return ones_among_capitals(word)
    return word if len(letters) == 1 and word[0] in "lL" else word.replace("l", "1").replace("L", "1")


def tidy(text: str) -> str:
    """Return a value without what was left around it; idempotent.

    Raises:
        CharacterRefused: a character that not every country's program knows.
        NumberCut: a spreadsheet kept its first digits only.
    """
    bare = compatible(text).strip(_AROUND)
    if formula := _AS_FORMULA.fullmatch(bare):
        bare = formula["value"].strip(_AROUND)
    if _CUT.fullmatch(bare):
        raise NumberCut("a spreadsheet has cut this number; type all its digits")
    if amount := _AMOUNT.fullmatch(bare):
        return amount["digits"]
    return bare
