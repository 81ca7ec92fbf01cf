"""The match keys of a signal's form: which subject has which, and what the country's own index makes of them.

Selectors of classes that have no rule yet (address, advertisement, ticket), values of which their class makes nothing
yet (an account that is no IBAN, the name of a boat), and values that say "none", are kept sealed with the signal and
have no key; `readings` says so of each.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from register.domain.signals.protecting.finding import NAME_PART, TOLD_ALIKE, WHOLE_REPORT
from register.domain.signals.protecting.papers import OF_ANOTHER
from register.domain.signals.protecting.said_of_a_value import says_hers
from register.domain.signals.protection import of_another
from register.pseudonyms import inputs
from register.pseudonyms.errors import NoKey, SelectorRefused
from register.pseudonyms.matchkeys import MatchKey, Selector, blind_index, check_record, derive
from register.pseudonyms.normalise.canonical import Mode
from register.pseudonyms.normalise.company import Company
from register.pseudonyms.normalise.document import Document
from register.pseudonyms.normalise.email import Email
from register.pseudonyms.normalise.handle import Handle, number_on
from register.pseudonyms.normalise.iban import Account
from register.pseudonyms.normalise.person import Birth, Person
from register.pseudonyms.normalise.phone import Phone
from register.pseudonyms.normalise.plate import Plate
from register.pseudonyms.normalise.vessel import Vessel
from schemas.canonical import dumps
from schemas.codes import Partition
from schemas.signals.parts import IDENTITY_DOCUMENTS, SUBJECTS_MAX, SelectorIn, SubjectIn
from schemas.signals.signal import SignalIn

_OF_EACH_TELLING: Final = frozenset({"received_on", "urgency"})


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """One match key of one subject (0: of none).

    Attributes:
        use: the document's, where it is a document's.
        inputs: what it is made of, in every writing in which the subject has it.
        of_nobody: it belongs to no subject, and somebody said that it is none of theirs.
        of_reporter: it belongs to whoever told it, who is no subject.
        perhaps_reporters: nobody has said whose it is, and it may be the reporter's, who does not want to be known.
        perhaps_holders: a document of nobody in the report, which may be of somebody protected.
        said_hers: what was typed beside it says that it is a victim's, a relative's or whoever told it's.
        typed: the value as it was typed, in every writing; empty for a name.
    """

    subject: int
    key: MatchKey
    use: str | None = None
    inputs: frozenset[MatchKey] = field(default=frozenset(), repr=False)
    of_nobody: bool = False
    of_reporter: bool = False
    perhaps_reporters: bool = False
    perhaps_holders: bool = False
    said_hers: bool = False
    typed: frozenset[str] = field(default=frozenset(), repr=False)


def subject_keys(form: SignalIn, country: Partition) -> list[SubjectKey]:
    """Return the keys of a form as they are registered, without repeats.

    Args:
        form: the signal's.
        country: where it was typed; a number without a country is read as from there first.

    Raises:
        SelectorRefused: a value that cannot be read; says where it stands and what to type instead.
        TooManyKeys: more subjects or keys than a record may have.
    """
    found: dict[tuple[int, MatchKey], SubjectKey] = {}

    def take(n: int, selector: Selector | None, one: SelectorIn | None, pointer: str) -> None:
        loose = one if n == 0 else None
        of_nobody = loose is not None and loose.of_nobody
        of_reporter = loose is not None and loose.of_reporter
        perhaps = loose is not None and form.perhaps_reporters(loose)
        holders = one is not None and of_another(form, one, loose=n == 0)
        hers = one is not None and says_hers(one)
        typed = frozenset() if one is None else frozenset({one.value})
        for key in _derive_register_keys(selector, pointer):
            before = found.get((n, key))
            made_of = inputs.made_of(selector) if selector is not None else frozenset()
            if before is None:
                use = None if one is None else one.use
                found[n, key] = SubjectKey(n, key, use, made_of, of_nobody, of_reporter, perhaps, holders, hers, typed)
            else:
                found[n, key] = replace(
                    before,
                    inputs=before.inputs | made_of,
                    of_nobody=before.of_nobody and of_nobody,
                    of_reporter=before.of_reporter or of_reporter,
                    perhaps_reporters=before.perhaps_reporters or perhaps,
                    perhaps_holders=before.perhaps_holders or holders,
                    said_hers=before.said_hers or hers,
                    typed=before.typed | typed,
                )

    for i, loose in enumerate(form.selectors):
        take(0, selector_of(loose, country), loose, f"/selectors/{i}")
    for i, subject in enumerate(form.subjects):
        take(subject.n, person_of(subject), None, f"/subjects/{i}/name")
        for j, one in enumerate(subject.selectors):
            take(subject.n, selector_of(one, country), one, f"/subjects/{i}/selectors/{j}")
    check_record([[x.key for x in found.values() if x.subject == s.n] for s in form.subjects])
    return list(found.values())


def compared_inputs(form: SignalIn, country: Partition) -> frozenset[MatchKey]:
    """All that the keys and persons of a form are made of: what other records' protected persons may own too.

    Not a part of a name, which says nothing without one of the others.
    """
    of_keys = (x for k in subject_keys(form, country) for x in (k.key, *k.inputs))
    found = frozenset(of_keys).union(*named_inputs(form, country).values())
    return frozenset(x for x in found if not inputs.is_word_of_name(x))


def named_inputs(form: SignalIn, country: Partition) -> dict[int, frozenset[MatchKey]]:
    """What each person is compared by as a whole: the name, also where it is too little for a key.

    And each number of theirs, where more is known of them: somebody else's may be all that is known.
    """
    found = {n: inputs.derive_compared_inputs(one) for n, one in persons_of(form).items()}
    for n, values in _persons_values(form, country).items():
        if len(values) > 1:
            found[n] = found.get(n, frozenset()).union(*(inputs.of_unnamed(one) for one in values))
    return found


def owned_inputs(form: SignalIn, country: Partition) -> dict[int, frozenset[MatchKey]]:
    """What each subject owns: nobody else's key may be made of it where the subject is protected."""
    owned = {
        n: frozenset(key for selector, _ in values for key in inputs.derive_owned_inputs(selector))
        for n, values in _list_values(form, country).items()
    }
    for n, values in _persons_values(form, country).items():
        if len(values) == 1:
            owned[n] |= inputs.of_unnamed(values[0])
    return owned


def reporters_inputs(form: SignalIn, country: Partition) -> frozenset[MatchKey]:
    """What is the reporter's own: nobody's key may be made of it."""
    theirs = (selector_of(one, country) for one in form.selectors if one.of_reporter)
    return frozenset(key for selector in theirs if selector is not None for key in inputs.derive_owned_inputs(selector))


def rightful_elsewhere(form: SignalIn, n: int, country: Partition) -> frozenset[MatchKey]:
    """What a subject has that belongs to somebody else: documents used as a look-alike's, false or found."""
    values = _list_values(form, country).get(n, [])
    return frozenset(
        key for selector, use in values if use in OF_ANOTHER for key in inputs.derive_owned_inputs(selector)
    )


def find_orphans(before: SignalIn, after: SignalIn, country: Partition) -> list[int]:
    """Places, among the values without an owner, of those that a person or company owned before, in any writing.

    Of which somebody says that they are nobody's, or the reporter's, are left out.
    """
    owned = frozenset(key for theirs in owned_inputs(before, country).values() for key in theirs)
    found = []
    for i, loose in enumerate(after.selectors):
        selector = None if loose.of_nobody or loose.of_reporter else selector_of(loose, country)
        if selector is not None and owned & inputs.made_of(selector):
            found.append(i)
    return found


def with_numbers_kept(
    before: SignalIn, after: SignalIn, country: Partition, *, protected: Collection[int] = ()
) -> SignalIn:
    """The changed form, in which who stood in the report before has the number that was theirs.

    What is known of a person beside the form goes by the number: why they are protected, their place on the ladder,
    what was asked. Who is new has the number that was typed, or one of their own where that is somebody's: none that
    is or was a protected person's (`protected`), also of whom the form has no more, and none that no form may have.
    """
    theirs = {n: _of_number(before, n, country) for n in (s.n for s in before.subjects)}
    typed = {n: _of_number(after, n, country) for n in (s.n for s in after.subjects)}
    kept = {m: m for m in typed if m in theirs and _are_one(theirs[m], typed[m])}
    for m in typed.keys() - kept.keys():
        free = (n for n in sorted(theirs) if n not in kept.values() and _are_one(theirs[n], typed[m]))
        if (n := next(free, None)) is not None:
            kept[m] = n
    if all(m == n for m, n in kept.items()):
        return after
    taken = {*kept.values(), *theirs, *typed, *protected}
    for m in sorted(typed.keys() - kept.keys()):
        # Where all are taken, one that somebody left whom nothing protected; else any that nobody has now.
        wanted = {*kept.values(), *(typed.keys() - kept.keys())}
        free = (n for n in range(1, SUBJECTS_MAX + 1) if n not in wanted)
        kept[m] = m if m not in kept.values() else min(free, key=lambda n: (n in protected, n in taken, n))
        taken.add(kept[m])
    guarantees = [
        one.model_dump() | {"guarantor": kept[one.guarantor], "beneficiary": one.beneficiary and kept[one.beneficiary]}
        for one in after.guarantees
    ]
    subjects = [one.model_dump() | {"n": kept[one.n]} for one in after.subjects]
    return SignalIn.model_validate({**after.model_dump(), "subjects": subjects, "guarantees": guarantees})


def find_replaced(before: SignalIn, after: SignalIn, country: Partition) -> frozenset[int]:
    """Numbers under which somebody else stands than before, as far as one can see."""
    there = {s.n for s in before.subjects}
    return frozenset(
        s.n
        for s in after.subjects
        if s.n not in there or not _are_one(_of_number(before, s.n, country), _of_number(after, s.n, country))
    )


def same_persons(form: SignalIn, country: Partition) -> tuple[frozenset[int], ...]:
    """Sets of subjects who are one person, entered more than once."""
    return inputs.same_persons(_list_values(form, country))


def fits_name(form: SignalIn, name: str) -> frozenset[int]:
    """Numbers of the subjects whom a name fits; none where it cannot be read."""
    try:
        named = [(Person(name), None)]
        return frozenset(
            n
            for n, values in _list_values(form, Partition.AW).items()
            if inputs.is_one_person([x for x in values if isinstance(x[0], Person)], named)
        )
    except SelectorRefused:
        return frozenset()


def nearly_fits_name(form: SignalIn, name: str) -> frozenset[int]:
    """Numbers of the subjects who may be meant by a name: a part of it is theirs, but for a letter, or an initial."""
    said = inputs.parts_of_name(name)
    return frozenset(n for n, one in persons_of(form).items() if inputs.may_name(said, inputs.parts_of_name(one.name)))


def has_keys(form: SignalIn, country: Partition) -> bool:
    """Whether anything about the form can be matched at all."""
    return bool(subject_keys(form, country))


def keyed_subjects(form: SignalIn, country: Partition) -> set[int]:
    """Return the numbers of the subjects that have match keys; 0 where a value of nobody has."""
    return {x.subject for x in subject_keys(form, country)}


def blind_entries(keys: Iterable[SubjectKey], key: bytes) -> list[tuple[int, str, bytes]]:
    """Return (subject, family, blind) of the keys of a form, for the country's local index."""
    return [(x.subject, x.key.family, blind_index(key, x.key)) for x in keys]


def index_entries(form: SignalIn, keys: Iterable[SubjectKey], key: bytes) -> list[tuple[int, str, bytes]]:
    """The same, with what a record is found by where a name in it is nearly somebody's, and as a report told again.

    `keys` are those of the form: deriving them costs most of it, and whoever asks has derived them.
    """
    parts = {n: inputs.names_indexed(one) for n, one in persons_of(form).items()}
    return [
        *blind_entries(keys, key),
        *((n, NAME_PART, blind_index(key, x)) for n, theirs in parts.items() for x in sorted(theirs, key=_by_values)),
        *((0, x.family, blind_index(key, x)) for x in report_keys(form)),
    ]


def report_keys(form: SignalIn) -> tuple[MatchKey, MatchKey]:
    """What a report is known again by as a whole: as it is, to the last letter, and however it is written.

    The second leaves out the case of letters, accents, spaces and all other signs, the order in lists, the day on which
    it was told and how urgent it was: the same words and values about the same days and place, told again. Neither has
    the mark for single approval, which is no answer of whoever told it: the gate's keeper sets it and takes it off.
    """
    whole = form.model_dump(mode="json", exclude={"single_approval"})
    told = {name: value for name, value in whole.items() if name not in _OF_EACH_TELLING}
    return MatchKey(WHOLE_REPORT, 1, (_hash_value(whole),)), MatchKey(TOLD_ALIKE, 1, (_hash_value(_fold_value(told)),))


def _fold_value(value: Any) -> Any:
    match value:
        case str():
            return "".join(x for x in unicodedata.normalize("NFKD", value).casefold() if x.isalnum())
        case list():
            return sorted((_fold_value(one) for one in value), key=dumps)
        case dict():
            return {name: _fold_value(one) for name, one in value.items()}
        case _:
            return value


def _hash_value(value: Any) -> str:
    return hashlib.sha256(dumps(value)).hexdigest()


def found_alike(form: SignalIn, n: int) -> frozenset[MatchKey]:
    """By what records are looked for in which a subject stands with a name or a birth date that is nearly theirs."""
    one = persons_of(form).get(n)
    return frozenset() if one is None else inputs.found_alike(one)


def found_elsewhere(form: SignalIn, n: int, country: Partition) -> frozenset[MatchKey]:
    """By what records are looked for that have an account of a subject (0: of whoever told it) on another platform."""
    if n == 0:
        values = [selector_of(one, country) for one in form.selectors if one.of_reporter]
    else:
        values = [selector for selector, _ in _list_values(form, country).get(n, [])]
    return frozenset(key for selector in values if selector is not None for key in inputs.found_elsewhere(selector))


def persons_of(form: SignalIn) -> dict[int, Person]:
    """The subjects who are persons with a name."""
    return {s.n: one for s in form.subjects if (one := person_of(s)) is not None}


def _by_values(key: MatchKey) -> tuple[str, ...]:
    return key.values


def selector_of(selector: SelectorIn, country: Partition) -> Selector | None:
    """Return a typed value as its class's selector; None where the class has no rule yet."""
    if selector.type == "PHONE":
        return Phone(selector.value, selector.country or country)
    if selector.type == "EMAIL":
        return Email(selector.value)
    if selector.type in IDENTITY_DOCUMENTS:
        return Document(selector.country or "", selector.document_type or selector.type, selector.value)
    if selector.type == "PLATE":
        return Plate(selector.country or country, selector.value)
    if selector.type == "BANK_ACCOUNT":
        return Account(selector.value)
    if selector.type == "VESSEL":
        return Vessel(selector.value)
    if selector.type == "COMPANY_REG":
        return Company(selector.country or country, selector.value)
    if selector.type == "SOCIAL_HANDLE":
        # A number on a messenger is the number of a telephone: both meet under one class.
        if (number := number_on(selector.platform or "", selector.value)) is not None:
            return Phone(number, selector.country or country)
        return Handle(selector.platform or "", selector.value)
    return None


def person_of(subject: SubjectIn) -> Person | None:
    """Return a subject as a person to match; None for companies, groups and those without a name."""
    if subject.name is None or subject.kind not in {"person", "unknown"}:
        return None
    birth = subject.birth
    return Person(subject.name, Birth(birth.year, birth.month, birth.day) if birth else None, subject.nationality)


_Things: TypeAlias = list[tuple[Selector, str | None]]


def _of_number(form: SignalIn, n: int, country: Partition) -> _Things:
    return _list_values(form, country)[n]


def _are_one(before: _Things, after: _Things) -> bool:
    """Whether two entries of one report are of one person: by name and birth, or by a value where one has no name."""
    if inputs.is_one_person(before, after):
        return True
    if all(any(isinstance(x, Person) for x, _ in things) for things in (before, after)):
        return False
    first, second = ({k for x, _ in things for k in inputs.derive_owned_inputs(x)} for things in (before, after))
    return bool(first & second)


def _list_values(form: SignalIn, country: Partition) -> dict[int, list[tuple[Selector, str | None]]]:
    """Every value of each subject that can be compared, with the use of a document."""
    return {
        s.n: [(selector, use) for selector, use in _of_subject(s, country) if selector is not None]
        for s in form.subjects
    }


def _persons_values(form: SignalIn, country: Partition) -> dict[int, list[Selector]]:
    """All that is known of each person and can be compared; not a name that names nobody."""
    values, people = _list_values(form, country), {s.n for s in form.subjects if s.kind in {"person", "unknown"}}
    return {
        n: [one for one, _ in things if not isinstance(one, Person) or inputs.derive_owned_inputs(one)]
        for n, things in values.items()
        if n in people
    }


def _of_subject(subject: SubjectIn, country: Partition) -> Iterator[tuple[Selector | None, str | None]]:
    yield person_of(subject), None
    for x in subject.selectors:
        yield selector_of(x, country), x.use


def _derive_register_keys(selector: Selector | None, pointer: str) -> list[MatchKey]:
    if selector is None:
        return []
    try:
        return derive(selector, mode=Mode.REGISTER)
    except NoKey:
        return []
    except SelectorRefused as error:
        error.details.setdefault("pointer", pointer)
        raise
