"""How each value of a form or a question was read, and what a question cannot find.

The words are made from the very keys that are registered or asked, so they cannot say what is not so; of a document's
number only the letters that are compared as digits (B as 8) stand as they were typed. Nothing is looked up here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import assert_never

from register.domain.signals.protecting.said_of_a_value import not_understood
from register.pseudonyms.errors import CheckFails, IssuerUnknown, NoKey, NotComparedYet, SelectorRefused
from register.pseudonyms.inputs import written
from register.pseudonyms.matchkeys import MatchKey, Selector, derive
from register.pseudonyms.normalise import company, document, email, handle, iban, person, phone, plate, vessel
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.person import Birth, Person
from register.pseudonyms.signal_keys import person_of, selector_of
from schemas.codes import Partition
from schemas.codes.countries import UNKNOWN
from schemas.search.question import AskedSubject
from schemas.signals.parts import Birth as KnownBirth
from schemas.signals.parts import SelectorIn
from schemas.signals.reading import CannotFindOut, ReadAs, ReadingOut
from schemas.signals.signal import SignalIn

KEPT = "Kept in your register; not compared with other countries yet."
SAYS_NONE = "Kept as it is: this says that it is not known, so nothing is compared with it."
CHECK_FAILS = "Kept as it is: its check digits do not fit, so a digit is wrong, and nothing is compared with it."
ISSUER_UNKNOWN = "Kept as it is: without the country that issued it, nothing is compared with the number."
TWO = "These may be two persons, {}: enter each one by itself."
BESIDE = 'What stands beside it is left out: "{}". If it says whose the value is, say so in the report.'
NAME_ALONE = "Kept as it is: a name is compared only with a whole birth date or a nationality."

_SAYS = {
    ReadAs.PHONE: "Read as a phone number of {country}: {value}.",
    ReadAs.EMAIL: "Read as the e-mail address {value}.",
    ReadAs.PASSPORT: "Read as a passport number of {country}: {value}.",
    ReadAs.NATIONAL_NUMBER: "Read as a personal number of {country}, on whatever card: {value}.",
    ReadAs.DOCUMENT: "Read as the number of a document of {country}: {value}.",
    ReadAs.PLATE: "Read as a number plate of {country}: {value}.",
    ReadAs.ACCOUNT_NAME: "Read as the account {value} on {platform}.",
    ReadAs.ACCOUNT_ID: "Read as the account with the number {value} on {platform}.",
    ReadAs.GROUP: "Read as a group or page on {platform}: {value}.",
    ReadAs.POST: "Read as a post on {platform}: {value}. It finds the same post, not the account.",
    ReadAs.BANK_ACCOUNT: "Read as the bank account (IBAN) {value}.",
    ReadAs.VESSEL: "Read as a vessel: {value}.",
    ReadAs.COMPANY: "Read as a company number of {country}: {value}.",
    ReadAs.NAME_AND_BIRTH_DATE: "Compared by the whole name and the birth date together: {value}.",
    ReadAs.NAME_AND_NATIONALITY: "Compared by the whole name and the nationality together: {value}.",
    ReadAs.KEPT: KEPT,
    ReadAs.SAYS_NONE: SAYS_NONE,
    ReadAs.CHECK_FAILS: CHECK_FAILS,
    ReadAs.ISSUER_UNKNOWN: ISSUER_UNKNOWN,
    ReadAs.NAME_ALONE: NAME_ALONE,
}

CANNOT_FIND = {
    "other-names": "Asked with the whole name: cannot find who is registered with fewer, more or other names.",
    "with-birth-date": "Asked without a birth date: cannot find who is registered with one.",
    "other-birth-date": "Asked with the birth date: cannot find who is registered with another one, or a part of it.",
    "without-nationality": (
        "Asked without a nationality: cannot find who is registered with a name and no whole birth date."
    ),
    "no-birth-date-abroad": (
        "In other countries it cannot find who is registered with a name and no whole birth date: a name and a "
        "nationality are too little there to show anybody."
    ),
    "name-not-asked": (
        "The name was not asked with: add a whole birth date to it; with a nationality it is looked for in your own "
        "register only."
    ),
    "value-not-asked": "A value was not asked with: other countries cannot find values of its kind yet.",
    "check-fails": "A value was not asked with: its check digits do not fit, so a digit in it is wrong.",
    "says-none": "A value was not asked with, since it says that it is not known.",
    "issuer-unknown": "A number was not asked with: name the country that issued the document.",
}
"""What a question can leave out of reach, by code."""


def readings_of(form: SignalIn, country: Partition) -> tuple[ReadingOut, ...]:
    """Return how each value of a signal's form is read, in the form's order.

    A value that was registered and that the rules of today refuse is left out: it cannot have been read as anything.
    """
    read: list[Callable[[], ReadingOut]] = []
    for i, one in enumerate(form.selectors):
        read.append(partial(_read_typed_selector, one, f"/selectors/{i}", country))
    for i, subject in enumerate(form.subjects):
        if (named := person_of(subject)) is not None:
            read.append(partial(_read_person, named, f"/subjects/{i}/name"))
        for n, one in enumerate(subject.selectors):
            read.append(partial(_read_typed_selector, one, f"/subjects/{i}/selectors/{n}", country))
    found = []
    for make in read:
        with suppress(SelectorRefused):
            found.append(make())
    return tuple(found)


def asked_with(subject: AskedSubject, country: Partition) -> tuple[ReadingOut, ...]:
    """Return how each value of a question was read; the reading that is registered stands for the others.

    Raises:
        SelectorRefused: a value that cannot be read.
    """
    found = [] if subject.name is None else [_read_person(_asked_person(subject), "/subject/name", mode=Mode.QUERY)]
    found += [_read_typed_selector(one, f"/subject/selectors/{i}", country) for i, one in enumerate(subject.selectors)]
    return tuple(found)


def cannot_find(subject: AskedSubject, readings: Sequence[ReadingOut]) -> tuple[CannotFindOut, ...]:
    """Return what the question leaves out of reach, as far as it follows from what it was asked with."""
    codes = dict.fromkeys(_out_of_reach(subject, readings))
    return tuple(CannotFindOut(code=code, says=CANNOT_FIND[code]) for code in codes)


def what_would_do(readings: Sequence[ReadingOut]) -> str:
    """Return one sentence on what would make a question of values none of which can be asked with."""
    wanted = {
        ReadAs.NAME_ALONE: "a whole birth date to the name (a nationality, for your own register alone)",
        ReadAs.ISSUER_UNKNOWN: "the country that issued the document",
        ReadAs.SAYS_NONE: "a value that is known",
        ReadAs.CHECK_FAILS: "the number with all its digits right",
        ReadAs.KEPT: (
            "a name with a birth date, a phone, a document, a plate, an e-mail address, an account, an IBAN, a vessel "
            "by IMO number, MMSI or call sign, or a company number"
        ),
    }
    parts = dict.fromkeys(wanted[one.read_as] for one in readings if one.read_as in wanted)
    kept = "Other countries cannot find values of this kind yet; " if _only_kept(readings) else ""
    return (kept or "Nothing of this can be asked with in other countries; ") + "add " + ", or ".join(parts) + "."


def _only_kept(readings: Sequence[ReadingOut]) -> bool:
    return {one.read_as for one in readings} == {ReadAs.KEPT}


def _out_of_reach(subject: AskedSubject, readings: Sequence[ReadingOut]) -> Iterator[str]:
    for one in readings:
        match one.read_as:
            case ReadAs.NAME_AND_BIRTH_DATE:
                yield from ("other-names", "other-birth-date")
                if subject.nationality in {None, UNKNOWN}:
                    yield "without-nationality"
                yield "no-birth-date-abroad"
            case ReadAs.NAME_AND_NATIONALITY:
                # The key of the two is weak: alone it is no hit in another country (search.md 4).
                yield from ("other-names", "with-birth-date", "no-birth-date-abroad")
            case ReadAs.NAME_ALONE:
                yield "name-not-asked"
            case ReadAs.KEPT:
                yield "value-not-asked"
            case ReadAs.SAYS_NONE:
                yield "says-none"
            case ReadAs.CHECK_FAILS:
                yield "check-fails"
            case ReadAs.ISSUER_UNKNOWN:
                yield "issuer-unknown"
            case (
                ReadAs.PHONE
                | ReadAs.EMAIL
                | ReadAs.PASSPORT
                | ReadAs.NATIONAL_NUMBER
                | ReadAs.DOCUMENT
                | ReadAs.PLATE
                | ReadAs.ACCOUNT_NAME
                | ReadAs.ACCOUNT_ID
                | ReadAs.GROUP
                | ReadAs.POST
                | ReadAs.BANK_ACCOUNT
                | ReadAs.VESSEL
                | ReadAs.COMPANY
            ):
                continue  # compared whole: what it was asked with is what it finds
            case _:
                assert_never(one.read_as)


def _asked_person(subject: AskedSubject) -> Person:
    return Person(subject.name or "", _build_birth(subject.birth), subject.nationality)


def _build_birth(known: KnownBirth | None) -> Birth | None:
    return None if known is None else Birth(known.year, known.month, known.day)


def _read_person(named: Person, pointer: str, *, mode: Mode = Mode.REGISTER) -> ReadingOut:
    found = _read_selector(named, pointer, mode=mode)
    if found.read_as is not ReadAs.SAYS_NONE and not found.read_as.is_compared:
        found = _build_reading(pointer, ReadAs.NAME_ALONE)
    if mode is Mode.REGISTER and (both := written.two_in(named.name)):
        found = found.model_copy(update={"others": both, "says": f"{found.says} {TWO.format(' and '.join(both))}"})
    return found


def _read_typed_selector(selector: SelectorIn, pointer: str, country: Partition) -> ReadingOut:
    made = selector_of(selector, country)
    found = _build_reading(pointer, ReadAs.KEPT) if made is None else _read_selector(made, pointer)
    if found.read_as.is_compared and (beside := not_understood(selector)) is not None:
        found = found.model_copy(update={"beside": beside, "says": f"{found.says} {BESIDE.format(beside)}"})
    return found


def _read_selector(selector: Selector, pointer: str, *, mode: Mode = Mode.REGISTER) -> ReadingOut:
    try:
        keys = derive(selector, mode=mode)
    except IssuerUnknown:
        return _build_reading(pointer, ReadAs.ISSUER_UNKNOWN)
    except NotComparedYet:
        return _build_reading(pointer, ReadAs.KEPT)
    except CheckFails:
        return _build_reading(pointer, ReadAs.CHECK_FAILS)
    except NoKey:
        return _build_reading(pointer, ReadAs.SAYS_NONE)
    except SelectorRefused as error:
        error.details.setdefault("pointer", pointer)
        raise
    if not keys:
        return _build_reading(pointer, ReadAs.NAME_ALONE)
    others: tuple[str, ...] = ()
    if isinstance(selector, phone.Phone):
        others = tuple(one.e164 for one in phone.read(selector).others)
    if isinstance(selector, vessel.Vessel):
        return _build_reading(pointer, ReadAs.VESSEL, ", ".join(f"{_SHIP[k.values[0]]} {k.values[1]}" for k in keys))
    return _describe_selector(selector, keys[0], pointer, others)


def _describe_selector(selector: Selector, key: MatchKey, pointer: str, others: tuple[str, ...]) -> ReadingOut:
    match key.family:
        case phone.FAMILY:
            country, value = phone.written(key.values[0])
            return _build_reading(pointer, ReadAs.PHONE, value, country=country, others=others)
        case document.FAMILY:
            country, scheme, value = key.values
            if isinstance(selector, document.Document):
                value = document.written(selector, value)
            kinds = {document.PASSPORT: ReadAs.PASSPORT, document.NATIONAL: ReadAs.NATIONAL_NUMBER}
            return _build_reading(pointer, kinds.get(scheme, ReadAs.DOCUMENT), value, country=country)
        case handle.FAMILY:
            platform, kind, value = key.values
            return _build_reading(pointer, _ACCOUNTS[kind], value, platform=platform)
        case person.WITH_BIRTH_DATE:
            return _build_reading(pointer, ReadAs.NAME_AND_BIRTH_DATE, _join_key_values(key))
        case person.WITH_NATIONALITY:
            return _build_reading(pointer, ReadAs.NAME_AND_NATIONALITY, _join_key_values(key))
        case iban.FAMILY:
            return _build_reading(pointer, ReadAs.BANK_ACCOUNT, key.values[0])
        case company.FAMILY:
            return _build_reading(pointer, ReadAs.COMPANY, key.values[1], country=key.values[0])
        case plate.FAMILY:
            return _build_reading(pointer, ReadAs.PLATE, key.values[1], country=key.values[0])
        case email.FAMILY:
            return _build_reading(pointer, ReadAs.EMAIL, key.values[0])
        case _:
            raise ValueError(f"there are no words for a key of the family {key.family}")


_SHIP = {vessel.IMO: "IMO", vessel.MMSI: "MMSI", vessel.CALL_SIGN: "call sign"}
_ACCOUNTS = {
    handle.ID: ReadAs.ACCOUNT_ID,
    handle.NAME: ReadAs.ACCOUNT_NAME,
    handle.GROUP: ReadAs.GROUP,
    handle.POST: ReadAs.POST,
}


def _join_key_values(key: MatchKey) -> str:
    return f"{' '.join(key.values[:-1])}, {key.values[-1]}"


def _build_reading(
    pointer: str,
    read_as: ReadAs,
    value: str | None = None,
    *,
    country: str | None = None,
    platform: str | None = None,
    others: tuple[str, ...] = (),
) -> ReadingOut:
    says = _SAYS[read_as].format(value=value, country=country, platform=platform)
    if others:
        says += " It may also be: " + ", ".join(phone.written(one)[1] for one in others) + "."
    return ReadingOut(
        pointer=pointer, read_as=read_as, value=value, country=country, platform=platform, others=others, says=says
    )
