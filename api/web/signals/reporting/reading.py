"""How a value was read, in the words of the pages; shown beside what was typed, wherever that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from api.web.frame.languages import N_, Text, Words
from schemas.codes import code_list
from schemas.signals.reading import ReadAs, ReadingOut

SAYS: Final[Mapping[ReadAs, Text]] = MappingProxyType(
    {
        ReadAs.PHONE: N_("Read as a phone number of %(country)s: %(value)s"),
        ReadAs.EMAIL: N_("Read as the e-mail address %(value)s"),
        ReadAs.PASSPORT: N_("Read as a passport number of %(country)s: %(value)s"),
        ReadAs.NATIONAL_NUMBER: N_("Read as a personal number of %(country)s: %(value)s"),
        ReadAs.DOCUMENT: N_("Read as a document number of %(country)s: %(value)s"),
        ReadAs.PLATE: N_("Read as a number plate of %(country)s: %(value)s"),
        ReadAs.ACCOUNT_NAME: N_("Read as the account %(value)s on %(platform)s"),
        ReadAs.ACCOUNT_ID: N_("Read as the account %(value)s on %(platform)s"),
        ReadAs.GROUP: N_("Read as a group or page on %(platform)s: %(value)s"),
        ReadAs.POST: N_("Read as a post on %(platform)s: %(value)s. It finds the post, not the account."),
        ReadAs.BANK_ACCOUNT: N_("Read as the bank account (IBAN) %(value)s"),
        ReadAs.VESSEL: N_("Read as a vessel: %(value)s"),
        ReadAs.COMPANY: N_("Read as a company number of %(country)s: %(value)s"),
        ReadAs.NAME_AND_BIRTH_DATE: N_("Compared by the whole name and the birth date together"),
        ReadAs.NAME_AND_NATIONALITY: N_("Compared by the whole name and the nationality together"),
        ReadAs.KEPT: N_("Kept; other countries cannot find it yet"),
        ReadAs.SAYS_NONE: N_("Kept; it says that it is not known, so nothing is compared with it"),
        ReadAs.CHECK_FAILS: N_("Kept; its digits do not fit together, so one is wrong and nothing is compared with it"),
        ReadAs.ISSUER_UNKNOWN: N_("Kept; without the country that issued it nothing is compared with it"),
        ReadAs.NAME_ALONE: N_("Kept; a name is compared only with a whole birth date or a nationality"),
    }
)
MAY_ALSO_BE: Final = N_("It may also be %(others)s")
BESIDE: Final = N_('What stands beside it is left out: "%(beside)s". If it says whose it is, say so in the report.')
TWO_PERSONS: Final = N_("These may be two persons: %(others)s. Enter each one by itself.")


def said(reading: ReadingOut, words: Words) -> list[Text]:
    """What to say of one reading: as what it was read, and what else it may be."""
    values = {
        "value": reading.value or "",
        "country": words.country_name(reading.country) if reading.country else "",
        "platform": _name_platform(reading.platform or ""),
    }
    lines = [Text(SAYS[reading.read_as].message, values)]
    if reading.others:
        else_ = TWO_PERSONS if reading.pointer.endswith("/name") else MAY_ALSO_BE
        lines.append(Text(else_.message, {"others": ", ".join(reading.others)}))
    if reading.beside:
        lines.append(Text(BESIDE.message, {"beside": reading.beside}))
    return lines


def by_place(readings: Sequence[ReadingOut]) -> Mapping[str, ReadingOut]:
    """The readings by their place in the form."""
    return {one.pointer: one for one in readings}


def _name_platform(name: str) -> str:
    codes = code_list("platform")
    return codes[name.upper()].label() if name.upper() in codes else name.capitalize()
