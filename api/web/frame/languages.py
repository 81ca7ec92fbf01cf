"""The languages of the pages: which there are, who is shown which, and the words of each.

English is the source and Dutch is whole; the others are offered where the intake form is, since only its words have
been put into them. A text that no native speaker has checked is marked in its catalogue (`fuzzy`, as gettext does)
and on the page, never passed off as checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import resources
from io import BytesIO
from types import MappingProxyType
from typing import Final

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from register.domain.partition import day_in, local_time
from schemas.codes import Partition, code_list
from schemas.codes.countries import ANTILLES, COUNTRIES, STATELESS, UNKNOWN

WHOLE: Final = ("en", "nl")
INTAKE_ONLY: Final = ("pap_AW", "pap_CW", "es")
OWN_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "en": "English",
        "nl": "Nederlands",
        "pap_AW": "Papiamento",
        "pap_CW": "Papiamentu",
        "es": "Español",
    }
)
_TAGS: Final = {"pap_AW": "pap-AW", "pap_CW": "pap-CW"}
_CLDR: Final = {"pap_AW": "es", "pap_CW": "es"}
"""CLDR has no names of countries in Papiamento; the Spanish ones are nearer than the English."""
_MONTHS: Final = {
    "pap_AW": "januari februari maart april mei juni juli augustus september october november december",
    "pap_CW": "yanüari febrüari mart aprel mei yüni yüli ougùstùs sèptèmber òktober novèmber desèmber",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A message with its values, to be said in the reader's language later."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)


def N_(message: str, **values: object) -> Text:  # noqa: N802 - the name that extraction of messages knows
    """Mark a message for the catalogues; it is translated when a page is made."""
    return Text(message, values)


_NO_COUNTRY: Final[Mapping[str, Text]] = MappingProxyType(
    {
        STATELESS: N_("Stateless"),
        ANTILLES: N_("Netherlands Antilles (until 2010)"),
        UNKNOWN: N_("Country not known"),
    }
)


class Words:
    """Everything a page says, in one language."""

    def __init__(self, language: str, country: Partition) -> None:
        self.language, self.country = language, country
        # Bonaire speaks as Curaçao does, but for the terms in which a word would mean the opposite.
        self._codes = "pap_BQ" if language == "pap_CW" and country is Partition.BQ else language
        self._catalogue = catalogue(language)

    @property
    def tag(self) -> str:
        """For the page's `lang`."""
        return _TAGS.get(self.language, self.language)

    def gettext(self, message: str) -> str:
        """The message in this language; English where it has none."""
        return self._said(message)[0]

    def marked(self, message: str | Text, **values: object) -> Markup:
        """The message for a page, with its values escaped and, where nobody checked it, the mark."""
        text = _build_text(message, values)
        said, checked = self._said(text.message)
        values = self._in_words(text.values)
        made = escape(said) % values if values else escape(said)  # values are escaped as they go in
        return made if checked else made + UNCHECKED

    def plain(self, message: str | Text, **values: object) -> str:
        """The message where a mark cannot stand: a title, an attribute. The caller's template escapes it."""
        text = _build_text(message, values)
        said = self._said(text.message)[0]
        values = self._in_words(text.values)
        return said % values if values else said

    def label(self, list_name: str, code: str) -> Markup:
        """A code in words."""
        word = code_list(list_name)[code]
        if self._codes in word.labels or (self._codes == "pap_BQ" and "pap_CW" in word.labels):
            shown = escape(word.label(self._codes))
            return shown if word.is_checked(self._codes) else shown + UNCHECKED
        return self.marked(word.label("en"))

    def explain(self, list_name: str, code: str) -> Markup:
        """What a code covers, in one line."""
        word = code_list(list_name)[code]
        return escape(word.explain(self.language)) if self.language in WHOLE else self.marked(word.explain("en"))

    def countries(self) -> list[tuple[str, str]]:
        """Every country as (code, name), those nearby first, then by name."""
        names = territories(_CLDR.get(self.language, self.language))
        near = [(code, names.get(code, code)) for code in NEARBY]
        rest = sorted(((c, names.get(c, c)) for c in COUNTRIES - set(NEARBY)), key=lambda pair: pair[1])
        return near + rest

    def nationalities(self) -> list[tuple[str, str]]:
        """What a nationality may be: none, and every country."""
        return [(STATELESS, self.country_name(STATELESS)), *self.countries()]

    def issuers(self) -> list[tuple[str, str]]:
        """Who may have issued a document: not known, every country, and the Netherlands Antilles that were."""
        return [*self.countries(), (ANTILLES, self.country_name(ANTILLES)), (UNKNOWN, self.country_name(UNKNOWN))]

    def country_name(self, code: str) -> str:
        """The name of a country, or of what stands for one on papers."""
        if code in _NO_COUNTRY:
            return self.plain(_NO_COUNTRY[code])
        return territories(_CLDR.get(self.language, self.language)).get(code, code)

    def number(self, number: int) -> str:
        """A whole number as it is written, with the thousands apart."""
        return str(format_decimal(number, locale=_CLDR.get(self.language, self.language)))

    def day(self, day: date) -> str:
        """A day in words, as `5 May 2025`."""
        if self.language in _MONTHS:
            return f"{day.day} {_MONTHS[self.language].split(' ')[day.month - 1]} {day.year}"
        months = Locale.parse(self.language).months["format"]["wide"]
        return f"{day.day} {months[day.month]} {day.year}"

    def day_of(self, iso: str) -> str:
        """A day that is written as 2025-05-05, in words."""
        return self.day(date.fromisoformat(iso))

    def month_of(self, iso: str) -> str:
        """A month that is written as 2025-05, as `May 2025`."""
        return self.day_of(f"{iso}-01").partition(" ")[2]

    def signed(self, number: float) -> str:
        """A number with its sign and one decimal, as this language writes it: +9.7 or +9,7."""
        shown = f"{number:+.1f}".replace("-", "\u2212")
        return shown if self.language == "en" else shown.replace(".", ",")

    def day_at(self, at: datetime) -> str:
        """The day of a moment in words, by the country's own calendar."""
        return self.day(day_in(self.country, at))

    def moment(self, at: datetime) -> str:
        """A moment in words, in the country's own time."""
        here = local_time(self.country, at)
        return f"{self.day(here.date())}, {here:%H:%M}"

    def _in_words(self, values: Mapping[str, object]) -> dict[str, object]:
        """The values of a message, its days in words."""
        return {name: self.day(one) if isinstance(one, date) else one for name, one in values.items()}

    def _said(self, message: str) -> tuple[str, bool]:
        if self.language == "en":
            return message, True
        found = self._catalogue.get(message)
        return (str(found.string), not found.fuzzy) if found is not None and found.string else (message, True)


def nearest_language(wanted: str, allowed: Sequence[str], country: Partition) -> str:
    """The language of the pages that is nearest to an `Accept-Language`; English where none is.

    `nl-AW` is Dutch, `es-VE` Spanish. Papiamento is written in two ways: as the tag says, else as the country does.
    """
    ranked = []
    for place, part in enumerate(wanted.split(",")[:_ASKED_MAX]):
        tag, _, weight = part.partition(";")
        found = _WEIGHT.fullmatch(weight.strip())
        ranked.append((-(float(found[1]) if found else 1.0), place, tag.strip().casefold().replace("_", "-")))
    for less, _, tag in sorted(ranked):
        language, _, region = tag.partition("-")
        if language == "pap":
            aruban = region == "aw" or (not region and country is Partition.AW)
            language = "pap_AW" if aruban else "pap_CW"
        if less < 0 and language in allowed:
            return language
    return "en"


_ASKED_MAX: Final = 20
_WEIGHT: Final = re.compile(r"q=([01](?:\.[0-9]{0,3})?)")
UNCHECKED: Final = Markup('<span class="unchecked" aria-hidden="true">°</span>')

NEARBY: Final = ("AW", "CW", "BQ", "SX", "NL", "VE", "CO", "DO", "HT", "JM", "SR", "GY", "CU", "PE", "EC", "BR", "CN",
                 "PH", "IN")  # fmt: skip


@cache
def catalogue(language: str) -> Catalog:
    """The messages of a language: one file for each part of the pages, put together."""
    whole = Catalog()
    if language == "en":
        return whole
    folder = resources.files("api.web") / "locale" / language
    for file in sorted(one.name for one in folder.iterdir() if one.name.endswith(".po")):
        for message in read_po(BytesIO((folder / file).read_bytes()), locale=None):
            if message.id:
                whole[message.id] = message
    return whole


@cache
def territories(language: str) -> Mapping[str, str]:
    """Names of countries by code, from CLDR."""
    return dict(Locale.parse(language).territories)


def _build_text(message: str | Text, values: Mapping[str, object]) -> Text:
    return Text(message.message, {**message.values, **values}) if isinstance(message, Text) else Text(message, values)
