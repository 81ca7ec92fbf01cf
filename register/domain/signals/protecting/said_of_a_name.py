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
    r"|melders?|meldster|reporters?|denunciantes?|informante?s?|zwanger|pregnant|embarazada|opvang|shelter|refugio"
    r"|safe ?house)\b",
    re.IGNORECASE,
)


def says_child(name: str, born_from: int, born_to: int, adult_at: int, *, one: bool, at_school: bool) -> bool:
    """Whether an age under `adult_at`, a year of birth between two or a word for a child stands with a name.

    Args:
        name: as typed.
        born_from: the first year of birth of a child.
        born_to: the last.
        adult_at: years.
        one: it is one person's name, so that any number may be an age (`Lola, ca 15`, `girl of 12`, `Kim - 15`): people
            write them in too many ways to list them. Of a company or a group only what can be nothing else.
        at_school: it is said at a school, where students are children.
    """
    text = unicodedata.normalize("NFKC", name)
    if _CHILD.search(text) is not None or (at_school and _STUDENT.search(text) is not None):
        return True
    undated = _DATE.sub(" ", text)
    if not one:
        return any(int(age) < adult_at for age in _AGES.findall(undated))
    years = any(born_from <= int(year) <= born_to for year in _YEAR.findall(text))
    return years or any(int(number) < adult_at for number in _NUMBER.findall(undated))


def says_role(name: str) -> bool:
    """Whether a word stands with a name that says that it is a victim's, a witness's or a reporter's."""
    return _ROLE.search(unicodedata.normalize("NFKC", name)) is not None
