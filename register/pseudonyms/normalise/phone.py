"""Telephone numbers, family `phone`: E.164 of a possible number.

Possible, not valid: numbering plans change faster than libraries, and the numbers of stories and tests are possible
only. Without a country a number can often be read in several ways (a quarter of the four-digit beginnings in this
region are valid in two countries): registering takes one reading and says that there are more, a query takes them
all. Traps of the region: +599 serves Curaçao and the Caribbean Netherlands; seven digits on Curaçao lack a leading 9
that the library does not add; +599 5 was Sint Maarten until 2011 and is +1 721 now; `1721...` comes without plus.
The other half of Saint Martin dials as France does: its 0690 55 72 02 has the digits of a Dutch mobile, so whoever
types it on Sint Maarten, or groups it as the French do, means +590. Ten digits from 3 are a mobile of Colombia before
they are a number of the United States, which share a plan with Sint Maarten.

What people write around a number is read off it: `Tel.`, `(whatsapp)`, the address of a chat. Two numbers in one
field, also where only the ending of the second is written (`594 7281 / 82`), and an extension are refused with their
own sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import phonenumbers

from register.pseudonyms.errors import ExtensionBeside, PhoneRefused, SaysNone, TwoValues
from register.pseudonyms.normalise.canonical import Canonical, Mode
from register.pseudonyms.normalise.folding import digits_of, fold
from register.pseudonyms.normalise.handle import number_in_link
from register.pseudonyms.normalise.stop import is_repeated, is_running, refuse_none_in_words, stop_file
from register.pseudonyms.normalise.typed import tidy

VERSION = 1
FAMILY = "phone"

REGIONS = ("AW", "BQ", "CW", "SX", "NL", "VE", "CO", "DO", "HT", "SR", "JM", "CN", "GY", "BR")
"""Where a number without a country may be from, the likeliest first."""

_LOCAL_DIGITS = 7
_BEFORE_LOCAL = {"AW": "297", "BQ": "599", "CW": "5999", "SX": "1721"}
_SHARED_CODE = re.compile(r"599(?P<local>[0-9]{7})")
_TYPED = re.compile(r"\(?\+?[0-9(][0-9 .\-()/]*")
_MISREAD = re.compile(r"\(?\+?[0-9(](?:[0-9 .\-()/]|(?<=[0-9oil])[oil]|[oil](?=[oil]*[0-9]))*")  # 56O Ol42
_READ_FOR = str.maketrans("oil", "011")
_FRENCH = r"(?:(?P<{0}590>590|69[01])|(?P<{0}596>596|69[67])|(?P<{0}594>594|694))[0-9]{{6}}"
_FRENCH_LOCAL = re.compile("0" + _FRENCH.format("of"))
_FRENCH_GROUPS = re.compile(r"\(?0[56]9[0-9]\)?(?:[ .-][0-9]{2}){3}")
_FRENCH_CODES = ("590", "596", "594")
_BESIDE_FRANCE = frozenset({"SX", "MF", "GP", "BL", "MQ", "GF"})
"""Where a number of the French islands is typed as there."""
_NO_PLUS = re.compile(  # nowhere near is a local number written so
    r"0?(?P<whole>(?:297|599|5999|1721)[0-9]{7}|590(?:590|69[01])[0-9]{6}|596(?:596|69[67])[0-9]{6}|594(?:594|694)[0-9]{6})"
)
_LABEL = re.compile(
    r"(?:(?:tel|telephone|telefoon|telefono|telefon|phone|mob|mobile|mobiel|mobil|movil|cel|cell|celular|whatsapp|wa|nr|no"
    r"|number|nummer|numero|number)[\s.:]+|tel:|#)+"
)
_REMARK = re.compile(r"\s*[(\[]?\s*(?:[a-z][a-z .'&+-]{2,})[)\]]?$")
_EXTENSION = re.compile(r"[0-9)]\s*[,;(]?\s*(?:ext(?:ension)?|toestel|tst|anexo|x|#)[\s.:]*[0-9]{1,6}\)?$")
_TWO = re.compile(
    r"[0-9][)\s]*(?:[;,&|+]|\b(?:of|or|o|en|and|y|i)\b|\s/\s?|/\s|(?<=[0-9]{7})/(?=[0-9]{7}))\s*(?=.*[0-9]{3})[+(0-9]"
)
_ENDING = re.compile(r"[0-9]{4}\s*(?:-\s*[0-9]{1,2}|/\s*[0-9]{1,4})\)?$")
_EACH_LEAST = 6  # digits of each of two numbers in one field
_NANP_IMPOSSIBLE = ("+10", "+11")  # area codes begin with 2 to 9; the library looks at the length only
_DIALLED_ABROAD = (("00", 10), ("011", 11))  # prefix, and the digits it takes to be no local number
_NOW_DIALLED = (
    # Mexico dropped the 1 of mobiles in 2019; Argentina's 9 says how a call is paid, not whose it is; Brazil put a 9
    # before every mobile by 2016, and the old ones began with 6 to 9.
    (re.compile(r"\+521([0-9]{10})"), r"+52\1"),
    (re.compile(r"\+549([0-9]{10})"), r"+54\1"),
    (re.compile(r"\+55([1-9][0-9])([6-9][0-9]{7})"), r"+55\g<1>9\2"),
)
_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212\t\n", "------  ")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as typed.

    Attributes:
        text: with or without a country code.
        country: two letters of ISO 3166-1: where the number is from, or else where it was typed.
    """

    text: str = field(repr=False)
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a number: E.164, and whether today's numbering plan knows it."""

    e164: str = field(repr=False)
    valid: bool


@dataclass(frozen=True, slots=True)
class Readings:
    """All ways to read a number: the one to register, and others that a person should be shown."""

    chosen: Reading
    others: tuple[Reading, ...]


def canonical(phone: Phone, mode: Mode) -> list[Canonical]:
    """Registering, the chosen reading; for a query, every reading, the chosen one first.

    Raises:
        PhoneRefused: it is no possible number anywhere near.
        SaysNone: zeros, repeated or running digits, or a word for "none".
    """
    found = read(phone)
    if _is_none(found.chosen.e164):
        raise SaysNone("these digits say that the number is not known; leave them out, or type the number")
    taken = (found.chosen, *found.others) if mode is Mode.QUERY else (found.chosen,)
    return [Canonical(FAMILY, (reading.e164,)) for reading in taken]


def read(phone: Phone) -> Readings:
    """Read a number in every sensible way.

    The named country decides if the number is possible there. Else the first country of `REGIONS` where it is valid
    decides, else the first where it is possible. Other readings are kept if the country code was written (then there
    are two at most), if they are valid, or if no reading at all is.

    Raises:
        PhoneRefused: as `canonical`.
    """
    international, digits = _read_digits(phone.text)
    far: list[Reading] = []
    if international:
        near = _drop_repeated_readings(_shared_code("+" + digits))
    else:
        near, far = _read_local_number(digits, _read_region(phone.country), grouped=_is_grouped_french(phone.text))
    if international and near and not any(one.valid for one in near) and near[0].e164 == f"+{digits[:2]}{digits[3:]}":
        # The library took a 0 behind the country code for a trunk's, and still knows no such number: `+310 555 7211`
        # is somebody's ten digits with a plus put before them.
        far = [one for one in _read_local_number(digits, None, grouped=False)[1] if one.valid]
        near = [] if far else near
    preferred = near or far
    if not preferred:
        raise PhoneRefused("type a whole telephone number with its country code, for instance +297 000 0142")
    chosen = next((reading for reading in preferred if reading.valid), preferred[0])
    every = list(dict.fromkeys((*near, *far)))
    kept = every if international else [one for one in every if one.valid] or every
    return Readings(chosen, tuple(one for one in kept if one != chosen))


def _read_local_number(digits: str, named: str | None, *, grouped: bool) -> tuple[list[Reading], list[Reading]]:
    """The readings of digits without a country code: those that the place or the writing names, and all others."""
    french = list(_read_french_number(digits))
    near = (
        _drop_repeated_readings(iter([*french, *_read_national_number(digits, named)]))
        if named in _BESIDE_FRANCE
        else []
    )
    if not near:
        near = _drop_repeated_readings(
            iter([*(french if grouped else ()), *(_read_national_number(digits, named) if named else ())])
        )
    far = _drop_repeated_readings(
        one for region in REGIONS if region != named for one in _read_national_number(digits, region)
    )
    # Read as one of Sint Maarten or Jamaica, ten digits may be of anywhere in North America: those come last.
    far.sort(key=lambda one: phonenumbers.region_code_for_number(phonenumbers.parse(one.e164)) not in (None, *REGIONS))
    return near, _drop_repeated_readings(iter([*far, *french]))


def _is_grouped_french(text: str) -> bool:
    return _FRENCH_GROUPS.fullmatch(digits_of(tidy(text)).translate(_DASHES).strip()) is not None


def _read_french_number(digits: str) -> Iterator[Reading]:
    if found := _FRENCH_LOCAL.fullmatch(digits):
        code = next(code for code in _FRENCH_CODES if found[f"of{code}"])
        yield from _read_one_number(f"+{code}{digits[1:]}")


def written(e164: str) -> tuple[str, str]:
    """The country of a number, and the number as it is written there, with its country code."""
    parsed = phonenumbers.parse(e164)
    named = next((country for country, code in _WHOLE_CODES if e164.startswith(code)), None)
    region = named or phonenumbers.region_code_for_number(parsed)
    country = region or phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return country, phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


_WHOLE_CODES = (("CW", "+5999"), ("BQ", "+599"), ("SX", "+1721"), ("AW", "+297"))


def _is_none(e164: str) -> bool:
    local = e164[-_LOCAL_DIGITS:]
    return e164 in stop_file().phones or is_repeated(local) or is_running(local)


def _read_digits(text: str) -> tuple[bool, str]:
    """Whether the number is written with its country code, and its digits."""
    refuse_none_in_words(text)
    if (linked := number_in_link(text)) is not None:
        return True, linked.removeprefix("+")
    plain = _strip_words(fold(digits_of(tidy(text)).translate(_DASHES)).strip())
    if _MISREAD.fullmatch(plain) and sum(map(str.isdigit, plain)) >= _EACH_LEAST - 1:
        plain = plain.translate(_READ_FOR)
    if _TYPED.fullmatch(plain) is None:
        raise PhoneRefused("type a telephone number with digits only, and the country code after a plus sign")
    digits = re.sub(r"[^0-9]", "", plain)
    if plain.lstrip("(").startswith("+"):
        return True, digits
    if whole := _NO_PLUS.fullmatch(digits):
        return True, whole["whole"]
    for prefix, least in _DIALLED_ABROAD:
        if digits.startswith(prefix) and len(digits) >= least:
            return True, digits[len(prefix) :]
    return False, digits


def _strip_words(text: str) -> str:
    """The number without the words around it, for a text in small letters."""
    text = text[found.end() :] if (found := _LABEL.match(text)) else text
    if (two := _TWO.search(text)) and all(
        len(re.sub(r"[^0-9]", "", part)) >= _EACH_LEAST for part in (text[: two.end() - 1], text[two.end() - 1 :])
    ):
        raise TwoValues("type one telephone number; these are two, add the other by itself")
    if _EXTENSION.search(text):
        raise ExtensionBeside("type a telephone number without its extension; say in the account which one it was")
    text = _REMARK.sub("", text).strip()
    if (two := _ENDING.search(text)) and len(re.sub(r"[^0-9]", "", text[: two.start() + 4])) >= _EACH_LEAST:
        raise TwoValues(
            "type one telephone number; what stands behind the stroke reads as the ending of a second, add that whole"
        )
    return text


def _read_national_number(digits: str, region: str) -> Iterator[Reading]:
    before = _BEFORE_LOCAL.get(region)
    if before is not None and len(digits) == _LOCAL_DIGITS:
        yield from _read_one_number("+" + before + digits)
    else:
        for found in _read_one_number(digits, region):
            yield from _shared_code(found.e164)


def _shared_code(number: str) -> Iterator[Reading]:
    """Read a number with a country code; ten digits from 599 may lack Curaçao's 9, or be Sint Maarten's old ones."""
    shared = _SHARED_CODE.fullmatch(number.removeprefix("+"))
    if shared is None:
        yield from _read_one_number(number)
        return
    local = shared["local"]
    yield from _read_one_number("+1721" + local if local.startswith("5") else number)
    yield from _read_one_number("+5999" + local)


def _read_one_number(number: str, region: str | None = None) -> Iterator[Reading]:
    for before, now in _NOW_DIALLED:
        number = before.sub(now, number) if before.fullmatch(number) else number
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return
    if phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE:
        e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        if any(before.fullmatch(e164) for before, _ in _NOW_DIALLED):
            yield from _read_one_number(e164)
        elif not e164.startswith(_NANP_IMPOSSIBLE):
            yield Reading(e164, phonenumbers.is_valid_number(parsed))


def _read_region(country: str | None) -> str | None:
    if country is None:
        return None
    if (region := country.upper()) not in phonenumbers.SUPPORTED_REGIONS:
        raise PhoneRefused("name the country of the number by two letters of ISO 3166, for instance SX")
    return region


def _drop_repeated_readings(readings: Iterator[Reading]) -> list[Reading]:
    return list(dict.fromkeys(readings))
