"""What a match key is made of: the inputs that a protected person must not share with a key that leaves.

An input is the normalised value behind a key, in every reading, whole: a phone, a document (also its bare number,
since the type is often called otherwise), an account, an address for mail, a name set with what is known of the
birth. Two keys may differ and still be of one input: a name with a nationality, and the same name with a birth date.

Inputs go by the value typed, not by the family of a key: whatever keys are derived from a value one day, in whole or
in part, are made of its inputs. They identify, as keys do: they are compared in memory, and kept only as the country's
own blind values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations
from string import ascii_lowercase
from typing import Final

from register.domain.signals.protecting.papers import OF_ANOTHER
from register.pseudonyms.errors import NoKey, SelectorRefused, TooManyKeys
from register.pseudonyms.inputs import written
from register.pseudonyms.matchkeys import MatchKey, Selector, derive
from register.pseudonyms.normalise import document, email, handle, iban, person, phone
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.folding import fold
from register.pseudonyms.normalise.person import Birth, Person, initials_of, letters_of, name_tokens
from schemas.codes.countries import UNKNOWN

Inputs = frozenset[MatchKey]

ONE_PERSON: Final = frozenset({document.FAMILY, person.WITH_BIRTH_DATE})
"""Families of an input that identifies one person: a document with its issuer, a full name with a full birth date."""
PERSONAL: Final = frozenset({phone.FAMILY, handle.FAMILY, email.FAMILY})
"""Families of match keys of what mostly one person uses."""
REACHING_ONE: Final = PERSONAL | {document.FAMILY, iban.FAMILY}
"""Families of match keys of what tells who somebody is (`TELLS_WHO` of the forms): it identifies or reaches one."""

_NAME_AS_KNOWN: Final = "input.name"
_NAME_WITHOUT_ALL: Final = "input.name.less"
_NAME_WITH_MORE: Final = "input.name.longer"  # the whole name: a longer one may hold it
_NAME_WITH_FEWER: Final = "input.name.shorter"  # a part of the name: it may be the whole of a shorter one
_NAME_A_LETTER_OFF: Final = "input.name.letter"  # one name of it with a letter left out, and the others
_NAME_A_DAY_OFF: Final = "input.name.day"  # the whole name with a birth date beside the person's
_NAME_BY_LETTERS: Final = "input.name.letters"  # the letters of the whole name, however it is spaced or joined
_NAME_INITIALLED: Final = "input.name.initialled"  # the name, of which some parts are initials
_NAME_IN_FULL: Final = "input.name.full"  # the name with some parts cut to initials: it may be one that is initialled
_NAME_IN_PART: Final = "input.name.part"  # one part of the name: where records are looked for by a name with initials
_NAME_OTHERWISE: Final = "input.name.otherwise"  # the whole name with a full birth date, in another reading of it
_LITTLE_WHOLE: Final = "input.name.little"  # the whole name, with some of a birth or none, and no other nation
_LITTLE_PART: Final = "input.name.little.part"  # a part of the name, with some of a birth, and the nation
_LITTLE_LONGER: Final = "input.name.little.longer"  # the whole name, of which the other has a part, in the same way
_LITTLE_INITIALLED: Final = "input.name.little.initialled"  # the name with initials for one or two of its parts
_LITTLE_IN_FULL: Final = "input.name.little.full"  # one that has initials, for whoever has it in full
_NATION_WITH_MORE: Final = "input.name.nation.longer"  # the two above, by nationality, where a birth date is not whole
_NATION_WITH_FEWER: Final = "input.name.nation.shorter"
ALIKE: Final = frozenset(
    {
        _NAME_WITH_MORE,
        _NAME_WITH_FEWER,
        _NAME_A_LETTER_OFF,
        _NAME_A_DAY_OFF,
        _NAME_BY_LETTERS,
        _NAME_INITIALLED,
        _NAME_IN_FULL,
        _NAME_OTHERWISE,
        _NATION_WITH_MORE,
        _NATION_WITH_FEWER,
        _LITTLE_WHOLE,
        _LITTLE_PART,
        _LITTLE_LONGER,
        _LITTLE_INITIALLED,
        _LITTLE_IN_FULL,
    }
)
"""Families of an input that probably identifies one person: the same full birth date, and a name within the other, but
for a letter, joined or spaced otherwise, or with initials for some of it; or the same name, and a birth date but for a
day; or another name that the same field may mean; or one nationality, and a name of one part more, where no two birth
dates tell them apart; or what little is typed of somebody who is known: the whole name of three parts or more and
nothing that tells them apart, or a part of it with the nationality and some of the birth."""
_LITTLE: Final = frozenset({_LITTLE_WHOLE, _LITTLE_PART, _LITTLE_LONGER, _LITTLE_INITIALLED, _LITTLE_IN_FULL})
_NEARLY: Final = ALIKE - {_NATION_WITH_MORE, _NATION_WITH_FEWER} - _LITTLE
_NAME_MEANT: Final = "input.name.meant"  # the whole name of somebody of whom a nation is said, or none
_NAME_WORD: Final = "input.name.word"  # one part of the name, also without a letter: with a number it is enough
_OF_UNNAMED: Final = "input.unnamed"  # a number or account that is all that is known of its person
_HERS, _OTHERS = "hers", "others"
_BY_HOW_MUCH: Final = frozenset({_HERS, _OTHERS})  # by all that is known of the owner's birth, or of the other's
_NO_NATION, _ANY_NATION = "", "*"
_ACCOUNT: Final = "input.account"  # the name of an account, wherever it is
_NUMBER: Final = "input.number"
_VERSION: Final = 1
_DIGITS_ENOUGH: Final = 6  # of a document, to be told by its digits alone
_PHONE_DIGITS: Final = 8  # of an account's name, to be read as a number with its country code
_NAMES_ENOUGH: Final = 2
_PARTS_OF_A_DATE: Final = ("year", "month", "day")
_UNDATED: Final = ("undated", "dated"), ("dated", "undated"), ("undated", "undated")  # an owner, and who is compared
_NAMES_TELLING: Final = 3  # of so many whole parts few people have one name
_NAMES_LEFT_OUT: Final = 2  # at most, for two names with one birth date to be taken for one person's
_NAMES_COMPARED: Final = 8  # with more of them, part by part is too many
_NAMES_SHORT: Final = 4  # of so many, some may be left out beside initials; of more that is too many
_NAMES_CUT: Final = 5  # of so many, all but one may be initials; of more, two or all but one
_LETTERS_COMPARED: Final = 64  # of a whole name; with more of them, letter by letter is too many
_LETTERS_ENOUGH: Final = 2  # of one name, for a letter of it to be left out


def derive_owned_inputs(selector: Selector) -> Inputs:
    """The inputs that somebody of whom this is known has: what is withheld for their sake; none of what says none."""
    if isinstance(selector, Person):
        if not _names_somebody(selector):
            return frozenset()
        others = (_less_sure(_owned_by_name(x)) for x in _list_other_persons(selector))
        return _owned_by_name(selector).union(_otherwise_dated(selector), *others)
    return _of_value(selector)


def _owned_by_name(selector: Person) -> Inputs:
    known = {MatchKey(_NAME_AS_KNOWN, _VERSION, value) for value in _name_values(selector)}
    less = {MatchKey(_NAME_WITHOUT_ALL, _VERSION, value) for value in _list_vaguer_inputs(selector)}
    near = {
        *_a_letter_off(selector),
        *(MatchKey(_NAME_A_DAY_OFF, _VERSION, x) for x in _days_beside(selector)),
        *_by_letters(selector),
        *_derive_initialled_keys(selector, _NAME_INITIALLED),
        *_in_full(selector, _NAME_IN_FULL),
    }
    alike = {
        *_derive_alike_keys(selector, owner=True),
        *_alike_in_nation(selector, owner=True),
        *_by_little(selector, owner=True),
    }
    return frozenset({*_derive_readings(selector), *known, *less, *alike, *near, *_words_of(selector)})


def made_of(selector: Selector) -> Inputs:
    """The inputs that the keys of this value are made of: withheld where a protected person owns one of them.

    A name is the same input where all that is known of both births agrees, however little that is.
    """
    if isinstance(selector, Person):
        if not _names_somebody(selector):
            return frozenset()
        others = (_less_sure(_made_of_name(x)) for x in _list_other_persons(selector))
        return _made_of_name(selector).union(_otherwise_dated(selector), *others)
    return _of_value(selector)


def _made_of_name(selector: Person) -> Inputs:
    as_known = {MatchKey(_NAME_AS_KNOWN, _VERSION, value) for value in _name_values(selector)}
    vaguer_here = {MatchKey(_NAME_AS_KNOWN, _VERSION, value) for value in _list_vaguer_inputs(selector)}
    vaguer_there = {MatchKey(_NAME_WITHOUT_ALL, _VERSION, value) for value in _name_values(selector)}
    alike = {*_derive_alike_keys(selector, owner=False), *_alike_in_nation(selector, owner=False)}
    alike |= _by_little(selector, owner=False)
    near = {
        *_a_letter_off(selector),
        *(MatchKey(_NAME_A_DAY_OFF, _VERSION, x) for x in _list_dated_names(selector)),
        *_by_letters(selector),
        *_derive_initialled_keys(selector, _NAME_IN_FULL),
        *_in_full(selector, _NAME_INITIALLED),
    }
    # Where the birth date is known the key is made of that: a namesake of the same nationality is somebody else.
    keys = {
        key
        for key in _derive_readings(selector)
        if key.family != person.WITH_NATIONALITY or not _list_dated_names(selector)
    }
    return frozenset({*keys, *as_known, *vaguer_here, *vaguer_there, *alike, *near})


def derive_compared_inputs(one: Person) -> Inputs:
    """What a person is compared by: what their keys are made of, the nationality where the keys have none, and names.

    None of these names alone is enough to withhold a key for.
    """
    if not _names_somebody(one):
        return frozenset()
    named = [one, *_list_other_persons(one)]
    nation = {key for x in named for key in _derive_readings(x) if key.family == person.WITH_NATIONALITY}
    words = {key for x in named for key in _words_of(x)}
    return made_of(one) | nation | may_be_meant(one) | words


def identifies_one(key: MatchKey) -> bool:
    """Whether an input belongs to one person only, so that it is withheld everywhere in the country."""
    return key.family in ONE_PERSON


def is_alike(key: MatchKey) -> bool:
    """Whether an input belongs to one person in all likelihood: a person is asked, and until then it is protected."""
    return key.family in ALIKE


def is_nearly_one(key: MatchKey) -> bool:
    """Whether who has such an input has a whole birth date of its owner, or a day beside it, and nearly the name."""
    return key.family in _NEARLY


def is_of_a_name(key: MatchKey) -> bool:
    """Whether an input is a name with what is known of a birth: two people may have both in common."""
    return key.selector_class == "person" or key.family.startswith(_NAME_AS_KNOWN)


def is_whole_name(key: MatchKey) -> bool:
    """Whether who has this input in common has the whole name in common, and no birth that tells them apart."""
    return key.family in {_NAME_AS_KNOWN, _NAME_WITHOUT_ALL}


def is_name_with_some_birth(key: MatchKey) -> bool:
    """Whether who has this input is called as its owner is, and what is known of the birth agrees with all of hers."""
    named = key.family == _NAME_WITHOUT_ALL and key.values.index("") >= _NAMES_ENOUGH
    return named and bool(_birth_in(key))


def adds_to_a_name(key: MatchKey) -> bool:
    """Whether an input makes two of one name one person, in all likelihood: a value, or the nationality.

    The nationality of a name of one part, which many have, adds nothing.
    """
    return not (is_of_a_name(key) or is_alike(key)) or _is_of_a_nation(key)


def is_word_of_name(key: MatchKey) -> bool:
    """Whether an input is a part of a name: who has it and a number or an account in common is asked about."""
    return key.family == _NAME_WORD


def is_personal(key: MatchKey) -> bool:
    """Whether an input is a number, an account or an address for mail: what mostly one person uses."""
    return key.family in {*PERSONAL, _ACCOUNT}


def is_of_unnamed(key: MatchKey) -> bool:
    """Whether an input is all that is known of a person: whoever has it may be that person."""
    return key.family == _OF_UNNAMED


def of_unnamed(selector: Selector) -> Inputs:
    """What somebody has in common with a person of whom nothing but this number or account is known."""
    return (
        frozenset(
            MatchKey(_OF_UNNAMED, _VERSION, (key.family, *key.values))
            for key in _of_value(selector)
            if is_personal(key)
        )
        if isinstance(selector, phone.Phone | handle.Handle | email.Email)
        else frozenset()
    )


def names_indexed(one: Person) -> Inputs:
    """What a record of this person is found by beside its keys.

    By its parts, where somebody's whole name is a part of this one; by its letters; by its initials, and by each part,
    where somebody has initials for the others; and by the whole name with what is known of the birth, where somebody's
    is known to another extent.
    """
    if not _names_somebody(one):
        return frozenset()
    others = _list_other_persons(one)
    read = {MatchKey(_NAME_OTHERWISE, _VERSION, values) for x in others for values in _list_dated_names(x)}
    return _indexed_by_name(one).union(read, *(_indexed_by_name(x) for x in others))


def _indexed_by_name(one: Person) -> Inputs:
    longer = {key for key in _derive_alike_keys(one, owner=False) if key.family == _NAME_WITH_MORE}
    # Not as one who has initials may be called in full: that is looked for in what comes later only.
    little = {key for key in _by_little(one, owner=False) if key.family != _LITTLE_IN_FULL}
    nation = _alike_in_nation(one, owner=False) | little
    known = _made_of_name(one)
    whole = {key for key in known if is_whole_name(key) and len(_birth_in(key)) < len(_PARTS_OF_A_DATE)}
    return frozenset(
        {*longer, *nation, *whole, *_by_letters(one), *_derive_initialled_keys(one, _NAME_IN_FULL), *_in_part(one)}
    )


def found_alike(one: Person) -> Inputs:
    """What records are looked for by, for a protected person: keys of names and days beside theirs, `names_indexed`."""
    several = (one, *_list_other_persons(one))
    found = {key for x in several for key in _found_by_name(x)}
    dated = {key.values for key in _otherwise_dated(one)}
    # What a program has spoilt lacks a letter, in all likelihood.
    shorter = {
        (*sorted({*(x for x in names if x != name), less}), born)
        for x in several
        for names, born in _by_letter(x)
        for name in names
        for less in _shorten_name(name)
    }
    fewer = {key.values for x in several for key in _derive_alike_keys(x, owner=True) if key.family == _NAME_WITH_FEWER}
    days = {values for x in several for values in _days_beside(x)}
    otherwise = {MatchKey(_NAME_OTHERWISE, _VERSION, values) for values in dated | shorter | fewer | days}
    # By the whole name itself they are looked for anyway, as by all that the person owns.
    keys = {MatchKey(person.WITH_BIRTH_DATE, person.VERSION, x) for x in dated - set(_list_dated_names(one))}
    return frozenset({*found, *otherwise, *keys})


def _found_by_name(one: Person) -> Inputs:
    near = {*_letters_beside(one), *_days_beside(one)}
    fewer = {key.values for key in _derive_alike_keys(one, owner=True) if key.family == _NAME_WITH_FEWER}
    longer = {key for key in _derive_alike_keys(one, owner=True) if key.family == _NAME_WITH_MORE}
    keys = {MatchKey(person.WITH_BIRTH_DATE, person.VERSION, values) for values in near | fewer}
    parts = _in_part(one) if _derive_initialled_keys(one, _NAME_INITIALLED) else set()
    nation = _alike_in_nation(one, owner=True) | _by_little(one, owner=True)
    return frozenset({*keys, *longer, *nation, *_by_letters(one), *_in_full(one, _NAME_IN_FULL), *parts})


def found_elsewhere(selector: Selector) -> Inputs:
    """The keys of an account of this name on every platform that the register knows."""
    if not isinstance(selector, handle.Handle):
        return frozenset()
    return frozenset(
        MatchKey(handle.FAMILY, handle.VERSION, (platform, handle.NAME, name))
        for key in _derive_readings(selector)
        if key.family == handle.FAMILY and key.values[1] == handle.NAME
        for platform in handle.platforms()
        for name in {key.values[-1], _strip_account(key.values[-1])}
    )


def names_meant(one: Person) -> Inputs:
    """What an interview says of whom it is with: the whole name, and the nation that nobody must have another than.

    None of a name of one part, which many have.
    """
    nations = _list_nations(one)
    more = (_alike_in_nation(x, owner=True) for x in (one, *_list_other_persons(one)))
    return _named_meant(one, {*nations, _NO_NATION} if nations else {_ANY_NATION}).union(*more)


def may_be_meant(one: Person) -> Inputs:
    """What a person of a report is compared by with `names_meant`."""
    more = (_alike_in_nation(x, owner=False) for x in (one, *_list_other_persons(one)))
    return _named_meant(one, {*(_list_nations(one) or {_NO_NATION}), _ANY_NATION}).union(*more)


def found_meant(one: Person) -> Inputs:
    """What records are looked for by, for whom an interview names: `names_indexed`."""
    more = {key for x in (one, *_list_other_persons(one)) for key in _alike_in_nation(x, owner=True)}
    return frozenset({*more, *(MatchKey(_NAME_AS_KNOWN, _VERSION, (*names, "")) for names in _names_meant(one))})


def _named_meant(one: Person, nations: Iterable[str]) -> Inputs:
    return frozenset(
        MatchKey(_NAME_MEANT, _VERSION, (*names, "", nation)) for names in _names_meant(one) for nation in nations
    )


def _names_meant(one: Person) -> list[tuple[str, ...]]:
    named = (_list_name_tokens(x.name) for x in (one, *_list_other_persons(one)))
    return [names for names in named if len(names) >= _NAMES_ENOUGH]


def _list_nations(one: Person) -> set[str]:
    """The nationality of a person, where it is known."""
    return {one.nationality.upper()} - {UNKNOWN} if one.nationality else set()


def is_one_person(first: Iterable[tuple[Selector, str | None]], second: Iterable[tuple[Selector, str | None]]) -> bool:
    """Whether two sets of values, each with the use of its document, are of one person entered twice.

    They share a document that is the person's own, or a name (one may have more names than the other) of which the
    births agree as far as they are known.
    """
    ours, theirs = list(first), list(second)
    if _own_documents(ours) & _own_documents(theirs):
        return True
    return any(_same_name(one, other) for one in _list_persons(ours) for other in _list_persons(theirs))


def parts_of_name(name: str) -> frozenset[str]:
    """The folded parts of a name as people say it, initials too; none where it says nothing."""
    return frozenset(re.findall(r"[^\W\d_]+", fold(name)))


def may_name(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two names, by their parts, may be said of one person: a part in common, but for a letter, or an initial.

    Nothing to withhold across records by: it is asked within one report, where few are named.
    """
    theirs = list(other)
    return any(_may_be_one_part(x, y) for x in one for y in theirs)


def _may_be_one_part(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) == _LETTERS_ENOUGH:
        return one == other
    near = len(short) > 1 and bool({one, *_shorten_name(one)} & {other, *_shorten_name(other)})
    return long.startswith(short) or near


def same_persons(subjects: dict[int, list[tuple[Selector, str | None]]]) -> tuple[frozenset[int], ...]:
    """Sets of subjects that are one person; a chain of likenesses counts as one."""
    groups = [{n} for n in subjects]
    for one, other in combinations(subjects, 2):
        if is_one_person(subjects[one], subjects[other]):
            joined = [group for group in groups if one in group or other in group]
            groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return tuple(frozenset(group) for group in groups if len(group) > 1)


def _of_value(selector: Selector) -> Inputs:
    found = set(_derive_readings(selector))
    for key in list(found):
        if key.family == document.FAMILY:
            digits = re.sub(r"[^0-9]", "", key.values[-1])
            found.add(MatchKey(_NUMBER, _VERSION, (digits if len(digits) >= _DIGITS_ENOUGH else key.values[-1],)))
        if key.family == handle.FAMILY and key.values[1] == handle.NAME:
            found.add(MatchKey(_ACCOUNT, _VERSION, (_strip_account(key.values[-1]),)))
        named = key.values[-1].partition("@")[0].lstrip("+")
        if key.family in {handle.FAMILY, email.FAMILY} and named.isdigit():
            digits = named
            if len(digits) >= _PHONE_DIGITS:
                # An account that is named by its number, as messengers do; some write it as an address for mail.
                found.add(MatchKey(phone.FAMILY, phone.VERSION, ("+" + digits,)))
    return frozenset(found)


def _derive_readings(selector: Selector) -> list[MatchKey]:
    try:
        return [*derive(selector, mode=Mode.QUERY), *derive(selector, mode=Mode.REGISTER)]
    except NoKey:
        return []  # the value says that it is not known: it is nobody's, and there is nothing to withhold
    except TooManyKeys:
        return derive(selector, mode=Mode.REGISTER)


def _names_somebody(one: Person) -> bool:
    """Whether a name says who it is, whatever else is known: `onbekend` and `NN Vrouw` do not."""
    try:
        derive(Person(one.name, Birth(1990, 2, 3)), mode=Mode.REGISTER)
    except NoKey:
        return False
    return True


def _list_birth_parts(birth: Birth | None) -> list[tuple[str, ...]]:
    """What is known of a birth, part by part; a full date also with day and month changed about."""
    if birth is None:
        return [()]
    if birth.month is None:
        return [(str(birth.year),)]
    if birth.day is None:
        return [(str(birth.year), str(birth.month))]
    swapped = [(str(birth.year), str(birth.day), str(birth.month))] if birth.day <= 12 else []  # noqa: PLR2004 - months
    return [(str(birth.year), str(birth.month), str(birth.day)), *swapped]


def _name_values(one: Person) -> list[tuple[str, ...]]:
    return [(*name_tokens(one.name), "", *born) for born in _list_birth_parts(one.birth)]


def _list_vaguer_inputs(one: Person) -> list[tuple[str, ...]]:
    names = name_tokens(one.name)
    return [(*names, "", *born[:parts]) for born in _list_birth_parts(one.birth) for parts in range(len(born))]


def _list_other_persons(one: Person) -> list[Person]:
    """Who else may be meant by what was written for a name, with the same birth or one that was written there."""
    full = one.birth is not None and one.birth.day is not None
    born = [one.birth] if full else [one.birth, *(Birth(x.year, x.month, x.day) for x in written.dates_in(one.name))]
    found = [Person(name, birth, one.nationality) for name in written.other_names(one.name) for birth in born]
    return [other for other in found if _list_name_tokens(other.name) and _names_somebody(other)]


def _list_name_tokens(name: str) -> tuple[str, ...]:
    try:
        return name_tokens(name)
    except SelectorRefused:
        return ()  # an interview, or a part of a name, may be any words


def _otherwise_dated(one: Person) -> set[MatchKey]:
    """What two have in common of whom one is called in the other reading of a name as the other is, of one birth."""
    return {
        MatchKey(_NAME_OTHERWISE, _VERSION, values)
        for x in (one, *_list_other_persons(one))
        for values in _list_dated_names(x)
    }


def _less_sure(found: Inputs) -> Inputs:
    """Without what identifies one person: it is a reading of a name only, and a person is asked."""
    return frozenset(key for key in found if not identifies_one(key))


def _alike_in_nation(one: Person, *, owner: bool) -> set[MatchKey]:
    """What two names of one nationality have in common where one has a part more, and a birth date is not whole."""
    names = _list_name_tokens(one.name)
    if not _NAMES_ENOUGH <= len(names) <= _NAMES_COMPARED:
        return set()
    dated, at = "dated" if _list_dated_names(one) else "undated", 0 if owner else 1
    fewer = list(combinations(names, len(names) - 1)) if len(names) > _NAMES_ENOUGH else []
    whole, part = (_NATION_WITH_MORE, _NATION_WITH_FEWER) if owner else (_NATION_WITH_FEWER, _NATION_WITH_MORE)
    return {
        MatchKey(family, _VERSION, (*some, "", *both, nation))
        for family, several in ((whole, [names]), (part, fewer))
        for some in several
        for both in _UNDATED
        if both[at] == dated
        for nation in _list_nations(one)
    }


def _by_little(one: Person, *, owner: bool) -> set[MatchKey]:
    """What a person has in common with somebody of whom little is typed, or with other digits in the birth date.

    The whole name, where it has three parts or more or the nationality agrees; with initials for others beside them;
    or as many parts of it as a given name and a surname, where the nationality agrees. And a birth that agrees as far
    as both are known, or in two of year, month and day.
    """
    names, nations = _list_name_tokens(one.name), _list_nations(one)
    if not _NAMES_ENOUGH <= len(names) <= _NAMES_COMPARED:
        return set()
    births = sorted(_births_in_part(one, owner=owner))
    some = [born for born in births if born[1]]
    if owner:
        no_other = {*nations, _NO_NATION} if nations else {_ANY_NATION}
    else:
        no_other = {*(nations or {_NO_NATION}), _ANY_NATION}
    least = max(_NAMES_ENOUGH, len(names) - _NAMES_LEFT_OUT)
    parts = [part for size in range(least, len(names)) for part in combinations(names, size)]
    whole, part = (_LITTLE_LONGER, _LITTLE_PART) if owner else (_LITTLE_PART, _LITTLE_LONGER)
    full, cut = (_LITTLE_INITIALLED, _LITTLE_IN_FULL) if owner else (_LITTLE_IN_FULL, _LITTLE_INITIALLED)
    telling = sum(len(name) > 1 for name in names) >= _NAMES_TELLING
    as_known = [born for born in births if born[0] in _BY_HOW_MUCH]
    forms: list[tuple[str, Iterable[tuple[str, ...]], list[tuple[str, str]], set[str]]] = [
        (_LITTLE_WHOLE, [names], births if telling else some, no_other if telling else nations),
        (whole, [names], some, nations),
        (part, parts, some, nations),
        (full, _with_initials(names), as_known, no_other),
        (cut, _has_initials(names), as_known, no_other),
    ]
    return {
        MatchKey(family, _VERSION, (*name, "", *born, nation))
        for family, several, borns, by_nation in forms
        for name in several
        for born in borns
        for nation in by_nation
    }


def _births_in_part(one: Person, *, owner: bool) -> set[tuple[str, str]]:
    """What may be in common of two births: all that is known of one of them, or two parts of two whole dates."""
    known = next(iter(_list_birth_parts(one.birth)))
    shorter = {"-".join(known[:parts]) for parts in range(len(known))}
    whole = len(known) == len(_PARTS_OF_A_DATE)
    as_known = set() if whole else {"-".join(known)}
    hers, others = (as_known, shorter) if owner else (as_known | shorter, as_known)
    pairs = {("".join(x[0] for x in of), "-".join(x[1] for x in of)) for of in _two_of(known)} if whole else set()
    return {*((_HERS, x) for x in hers), *((_OTHERS, x) for x in others), *pairs}


def _two_of(known: tuple[str, ...]) -> Iterable[tuple[tuple[str, str], ...]]:
    return combinations(zip(_PARTS_OF_A_DATE, known, strict=True), 2)


def _with_initials(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A whole name as one or two initials leave it."""
    if not (_NAMES_TELLING < len(names) <= _NAMES_CUT and all(len(name) > 1 for name in names)):
        return []
    return [
        (*(name for name in names if name not in cut), "", *sorted(name[0] for name in cut))
        for size in range(1, min(_NAMES_LEFT_OUT, len(names) - _NAMES_TELLING) + 1)
        for cut in combinations(names, size)
    ]


def _has_initials(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A name with initials that has three whole parts beside them."""
    return [(*whole, "", *initials) for whole, initials in initials_of(names) if len(whole) >= _NAMES_TELLING]


def _derive_alike_keys(one: Person, *, owner: bool) -> set[MatchKey]:
    """What two names of one full birth date have in common where one of them is a part of the other.

    Never two parts: brothers and sisters who are twins share a birth date and their surnames.
    """
    full = [key for key in _derive_readings(Person(one.name, one.birth)) if key.family == person.WITH_BIRTH_DATE]
    found = set()
    for key in full[:1] if not owner else full:
        *names, born = key.values
        if not _NAMES_ENOUGH <= len(names) <= _NAMES_COMPARED:
            continue
        least = max(_NAMES_ENOUGH, len(names) - _NAMES_LEFT_OUT)
        parts = [part for size in range(least, len(names)) for part in combinations(names, size)]
        whole, part = (_NAME_WITH_MORE, _NAME_WITH_FEWER) if owner else (_NAME_WITH_FEWER, _NAME_WITH_MORE)
        found.add(MatchKey(whole, _VERSION, (*names, born)))
        found |= {MatchKey(part, _VERSION, (*some, born)) for some in parts}
    return found


def _list_dated_names(one: Person) -> list[tuple[str, ...]]:
    """The names with the whole birth date, where all of it is known, as in the key; none or one."""
    readings = (key for key in _derive_readings(Person(one.name, one.birth)) if key.family == person.WITH_BIRTH_DATE)
    return [key.values for key in readings][:1]


def _days_beside(one: Person) -> set[tuple[str, ...]]:
    """The same with the birth dates that are a slip away: the day before and after, day and month changed about."""
    found = set()
    for *names, born in _list_dated_names(one):
        day = date.fromisoformat(born)
        beside = {day - timedelta(days=1), day + timedelta(days=1)}
        if day.day <= 12:  # noqa: PLR2004 - months
            beside.add(date(day.year, day.day, day.month))
        found |= {(*names, other.isoformat()) for other in beside - {day}}
    return found


def _a_letter_off(one: Person) -> set[MatchKey]:
    """What two names of one full birth date have in common that differ in one letter of one part.

    Each part as it is and without each of its letters, beside the other parts: a letter more, less, another one, or
    two beside each other changed about, all leave one of these in common.
    """
    found = set()
    for names, born in _by_letter(one):
        for name in names:
            rest = [other for other in names if other != name]
            found |= {
                MatchKey(_NAME_A_LETTER_OFF, _VERSION, (*rest, "", less, born)) for less in {name, *_shorten_name(name)}
            }
    return found


def _letters_beside(one: Person) -> set[tuple[str, ...]]:
    """The values of the keys of names that differ in one letter, of those in which names here are written."""
    found = set()
    for names, born in _by_letter(one):
        for name in names:
            rest = {other for other in names if other != name}
            cuts = [(name[:i], name[i:]) for i in range(len(name) + 1)]
            beside = {a + letter + b for a, b in cuts for letter in ascii_lowercase}
            if len(name) >= _LETTERS_ENOUGH:
                beside |= {*_shorten_name(name), *(a + x + b[1:] for a, b in cuts if b for x in ascii_lowercase)}
                beside |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
            found |= {(*sorted({*rest, other}), born) for other in beside - {name}}
    return found


def _by_letters(one: Person) -> set[MatchKey]:
    """What two names of one full birth date have in common that differ in spaces and particles, and in order."""
    return {
        MatchKey(_NAME_BY_LETTERS, _VERSION, (letters, born))
        for *_, born in _list_dated_names(one)
        for letters in letters_of(one.name)
    }


def _derive_initialled_keys(one: Person, family: str) -> set[MatchKey]:
    """A name with initials, as one who has it in full may be called; none where it has none."""
    return {
        MatchKey(family, _VERSION, (*whole, "", *initials, born))
        for *names, born in _list_dated_names(one)
        for whole, initials in initials_of(names)
    }


def _in_full(one: Person, family: str) -> set[MatchKey]:
    """A name as it is written with initials for some of its parts, and of a short one with others left out."""
    found = set()
    for *names, born in _list_dated_names(one):
        if len(names) > _NAMES_COMPARED:
            continue
        out = _NAMES_LEFT_OUT if len(names) <= _NAMES_SHORT else 0
        for size in range(max(_NAMES_ENOUGH, len(names) - out), len(names) + 1):
            most = size - 1 if len(names) <= _NAMES_CUT else _NAMES_LEFT_OUT
            for some in combinations(names, size):
                for cut in {*range(1, most + 1), size - 1}:
                    for initials in combinations(some, cut):
                        whole = [name for name in some if name not in initials]
                        if all(len(name) > 1 for name in whole):
                            values = (*whole, "", *sorted(name[0] for name in initials), born)
                            found.add(MatchKey(family, _VERSION, values))
    return found


def _in_part(one: Person) -> set[MatchKey]:
    return {
        MatchKey(_NAME_IN_PART, _VERSION, (name, born))
        for *names, born in _list_dated_names(one)
        if len(names) <= _NAMES_COMPARED
        for name in names
        if len(name) > 1
    }


def _by_letter(one: Person) -> list[tuple[list[str], str]]:
    """The names and the birth date of somebody whose names are compared letter by letter; none or one."""
    return [
        (names, born)
        for *names, born in _list_dated_names(one)
        if len(names) <= _NAMES_COMPARED and sum(map(len, names)) <= _LETTERS_COMPARED
    ]


def _words_of(one: Person) -> set[MatchKey]:
    """The parts of a name, each as it is and without each of its letters, as `_a_letter_off` has them."""
    return {
        MatchKey(_NAME_WORD, _VERSION, (word,))
        for name in name_tokens(one.name)
        if len(name) > _LETTERS_ENOUGH
        for word in {name, *_shorten_name(name)}
    }


def _shorten_name(name: str) -> set[str]:
    if len(name) < _LETTERS_ENOUGH:
        return set()
    return {name[:i] + name[i + 1 :] for i in range(len(name))}


def _birth_in(key: MatchKey) -> tuple[str, ...]:
    """What the input of a whole name says of the birth; a whole date has a key of its own beside it."""
    return key.values[key.values.index("") + 1 :]


def _is_of_a_nation(key: MatchKey) -> bool:
    """Whether it is the key of a full name with a nationality."""
    return key.family == person.WITH_NATIONALITY and len(key.values) > _NAMES_ENOUGH


def _strip_account(account: str) -> str:
    """The name of an account without the signs that some platforms drop or do not allow."""
    return re.sub(r"[._-]", "", account) or account


def _own_documents(values: list[tuple[Selector, str | None]]) -> set[MatchKey]:
    return {
        key
        for selector, use in values
        if isinstance(selector, document.Document) and use not in OF_ANOTHER
        for key in _derive_readings(selector)
    }


def _list_persons(values: list[tuple[Selector, str | None]]) -> list[Person]:
    return [one for one, _ in values if isinstance(one, Person) and _names_somebody(one)]


def _same_name(one: Person, other: Person) -> bool:
    ours, theirs = set(name_tokens(one.name)), set(name_tokens(other.name))
    within = ours <= theirs or theirs <= ours
    if not within or (ours != theirs and len(ours & theirs) < _NAMES_ENOUGH):
        return False
    return any(a[: len(b)] == b[: len(a)] for a in _list_birth_parts(one.birth) for b in _list_birth_parts(other.birth))
