"""What stands with a name and is none: an age, a word for a child, and words for a victim, a witness, a reporter.

Officers write into the field of a name what they know of somebody. The words themselves are left out where names are
compared (`said` in `register/pseudonyms/normalise/names.json`).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DATE: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMBER: Final = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_AGES: Final = re.compile(
    r"(?:(?<=[,(\[/–-])|(?<=\ben)|(?<=\by)|(?<=\band))\s*(\d{1,2})(?!\d)"
    r"(?=\s*(?:$|[,)\]/]|en\b|y\b|and\b|i\b|jaar|jr|años|aña|years?\b|yrs?\b|y/o))",
    re.IGNORECASE,
)
"""Numbers that can only be ages: behind a comma or in brackets, with nothing counted behind them."""
_CHILD: Final = re.compile(
    r"\b(?:child(?:ren)?|kids?|minors?|underage|baby|babies|infants?|toddlers?|teen(?:ager)?s?|pupils?"
    r"|school ?(?:girl|boy)|minderjarigen?|minderjarige?|kleuters?|peuters?|meisjes?|tieners?|kind(?:eren|je|jes)?"
    r"|leerling(?:e|en)?|scholier(?:e|en)?|menor(?:es de edad)?|niñ[oa]s?|beb[eé]s?|adolescentes?"
    r"|alumn[oa]s?|estudiantes?|mucha(?:nan)?)\b",
    re.IGNORECASE,
)
"""Words that officers write for a name they do not know; hardly any of them is a name in the five countries."""
_STUDENT: Final = re.compile(r"\bstudent(?:e|en|es|s)?\b", re.IGNORECASE)
_ROLE: Final = re.compile(
    r"\b(?:slachtoffers?|v[ií]ctimas?|v[ií]ktima(?:nan)?|victims?|getuigen?|testig[oau]s?|testigunan|witness(?:es)?"
    r"|meldster|reporters?|denunciantes?|informante?s?|zwanger|pregnant|embarazada|opvang|safe ?house)\b",
    re.IGNORECASE,
)


_ALSO_NAMES: Final = r"(?:melders?|shelter|refugio)"
"""Words for the same that people are called, too: `said_aside` in `names.json`."""
_SET_OFF: Final = re.compile(
    rf"(?:(?:[(\[{{\"“”,;:/]|\s[-–—])\s*{_ALSO_NAMES}\s*(?:$|[)\]}}\"“”,;:/]|[-–—]\s))"
    rf"|^\s*{_ALSO_NAMES}\s*(?:[:;/]|[-–—]\s)",
    re.IGNORECASE,
)
_BARE: Final = re.compile(rf"\b{_ALSO_NAMES}\b", re.IGNORECASE)
ADULT_AT: Final = 18
"""Years (convention on the rights of the child, 1)."""


def says_child(name: str, *, at_school: bool) -> bool:
    """Whether a word for a child stands with a name; at a school, where students are children, also theirs."""
    text = unicodedata.normalize("NFKC", name)
    return _CHILD.search(text) is not None or (at_school and _STUDENT.search(text) is not None)


def says_age(name: str) -> bool:
    """Whether what can be nothing else than an age under 18 stands with a name, were it a company's or a group's."""
    return any(int(age) < ADULT_AT for age in _AGES.findall(_DATE.sub(" ", unicodedata.normalize("NFKC", name))))


def says_birth(name: str, born_from: int, born_to: int) -> bool:
    """Whether a year of birth between two, or any number that may be an age under 18, stands with one person's name.

    `Lola, ca 15`, `girl of 12`, `Kim - 15`: people write ages in too many ways to list them.
    """
    text = unicodedata.normalize("NFKC", name)
    years = any(born_from <= int(year) <= born_to for year in _YEAR.findall(text))
    return years or any(int(number) < ADULT_AT for number in _NUMBER.findall(_DATE.sub(" ", text)))


def says_role(name: str) -> bool:
    """Whether a word stands with a name that says that it is a victim's, a witness's or a reporter's."""
    text = unicodedata.normalize("NFKC", name)
    return _ROLE.search(text) is not None or _SET_OFF.search(text) is not None


def may_say_role(name: str) -> bool:
    """Whether a word stands in a name that may say so, or be the name: "Jan Melder"."""
    return _BARE.search(unicodedata.normalize("NFKC", name)) is not None
