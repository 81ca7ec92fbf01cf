"""The case that somebody asks for: one shape, so that it is one case however it is typed, and no word for "none".

Pure. A case is a reference in the asker's own administration; whether it exists there, nobody here can know. An
organisation may say how its references look; what looks like the reference of an own report is a case as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from typing import Final

from register.errors import CallerError
from schemas.access.admission import CASE_LEAST
from schemas.codes import Partition

CASE_MOST: Final = 100
"""Characters of a case."""
DIGIT: Final = "#"
LETTER: Final = "@"
"""In the form of an organisation's references: one digit, one letter; letters and digits stand for themselves."""
_WORD: Final = re.compile(r"[A-Z]+|[0-9]+")
_TELLING_DIGITS: Final = 4
_YEAR: Final = 4
_YEAR_LEAST: Final = 1990
_PHONE_LEAST: Final = 7


class CaseRefused(CallerError):
    """What was given as the case is no reference of one."""

    code = "case-refused"
    advice = (
        "Give the reference as it stands in your own administration: at least four letters and digits, one digit among "
        "them, for instance 2026-04117 or ZAAK 0381. A number that is looked up (of a telephone, a document, a bank "
        "account) is no case."
    )


def read_case(
    text: str,
    country: Partition,
    *,
    forms: Collection[str] = (),
    this_year: int,
    says_none: Callable[[str], bool],
    is_filler: Callable[[str], bool],
) -> str:
    """Return a case as it is counted, logged and shown: capital letters without accents, digits and signs.

    Args:
        text: as typed; width, case, accents, spaces and invisible characters make no other case of it.
        country: the asker's; what looks like the reference of a report of its register is a case whatever the forms.
        forms: how references of the asker's organisation look (`ZAAK-####`); any, where it has not said.
        this_year: the year in the asker's country; a year in a case lies between 1990 and the next.
        says_none: whether a word stands where nothing is known.
        is_filler: whether digits do.

    Raises:
        CaseRefused: it is none; says what it lacks, never what was typed.
    """
    case = fold_case(text)
    if not case.isascii() or not case.isprintable():
        raise CaseRefused("expected a case in letters, digits and signs of the keyboard")
    words = _WORD.findall(case)
    if len("".join(words)) < CASE_LEAST or not re.search("[0-9]", case):
        raise CaseRefused(f"expected a case of at least {CASE_LEAST} letters and digits, with one digit at least")
    if len(case) > CASE_MOST:
        raise CaseRefused(f"expected a case of at most {CASE_MOST} characters")
    if _is_own_report(case, country, this_year):
        return case
    if forms:
        if not any(_has_form(case, form) for form in forms):
            raise CaseRefused(f"expected a case of your organisation: {' or '.join(forms)} (# a digit, @ a letter)")
        return case
    _check_no_value(case, words, this_year)
    letters, digits = [w for w in words if not w.isdigit()], "".join(w for w in words if w.isdigit())
    # X-2026-04 may be a case; X-1, NONE 2026 and 0000 are none.
    only_none = bool(letters) and all(map(says_none, letters))
    tells = len(digits) >= _TELLING_DIGITS and not is_filler(digits)
    if (only_none and (not tells or any(len(w) > 2 for w in letters))) or (not letters and is_filler(digits)):  # noqa: PLR2004 - a word, not an abbreviation
        raise CaseRefused("expected the reference of a case, and this is a word or a number that stands for none")
    return case


def _check_no_value(case: str, words: list[str], this_year: int) -> None:
    """Refuse what is looked up: whoever types a number as the case it is asked for has no case, and it is kept longer.

    Where an organisation has said how its references look, that decides.
    """
    digits = [w for w in words if w.isdigit()]
    years = [d for d in digits if _begins_with_year(d, this_year)]
    joined, bare = "".join(words), not any(w.isalpha() for w in words)
    if re.search(r"[^ @]@[^ @]+\.[A-Z]", case):
        raise CaseRefused("expected the reference of a case, and this looks like an address for mail")
    if re.match(r"\+|00[1-9]", case) or (bare and not years and len(joined) >= _PHONE_LEAST):
        raise CaseRefused("expected the reference of a case, and this looks like a telephone number")
    if re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", joined) and _checks_as_iban(joined):
        raise CaseRefused("expected the reference of a case, and this looks like a bank account")
    if re.fullmatch(r"[A-Z]{1,3}[0-9]{6,9}", case) and not years:
        raise CaseRefused("expected the reference of a case, and this looks like the number of a document")
    if len(digits) > 1 and len(digits[0]) == _YEAR and not years:
        raise CaseRefused(f"expected the year of a case between {_YEAR_LEAST} and {this_year + 1}")


def _begins_with_year(digits: str, this_year: int) -> bool:
    return len(digits) >= _YEAR and _YEAR_LEAST <= int(digits[:_YEAR]) <= this_year + 1


def _checks_as_iban(text: str) -> bool:
    """ISO 13616: the remainder by 97 is 1."""
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def fold_case(text: str) -> str:
    """A text in one width and case, without accents and invisible characters, with single spaces; idempotent."""
    wide = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = []
    for char in wide:
        kind = unicodedata.category(char)
        if kind == "Pd":
            kept.append("-")
        elif char.isspace():
            kept.append(" ")
        elif kind[0] not in {"C", "M"}:
            kept.append(char)
    return " ".join("".join(kept).split()).upper()


def counted_case(case: str) -> str:
    """What makes a case the same one: its letters and digits; AB 1 and AB-1 are one case."""
    return "".join(_WORD.findall(case))


def _is_own_report(case: str, country: Partition, this_year: int) -> bool:
    found = re.fullmatch(rf"{country}([0-9]{{8,}})", counted_case(case))
    return found is not None and _begins_with_year(found[1], this_year)


def _has_form(case: str, form: str) -> bool:
    """Whether the letters and digits of a case are as the form has them; signs and spaces make no other case."""
    parts = {DIGIT: "[0-9]", LETTER: "[A-Z]"}
    wanted = "".join(parts.get(c, c) for c in form if c.isalnum() or c in parts)
    return re.fullmatch(wanted, counted_case(case)) is not None
