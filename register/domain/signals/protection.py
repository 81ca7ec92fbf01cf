"""Who is protected, and why: the one place that says so, from everything that is known of a person.

Protection is derived, never ticked, and monotone: a fact only ever adds a reason, and no date, later status or later
correction takes one away (domain.md 7). A reason ends only where two persons say that the fact behind it was wrong
(`lifting`), and then while nothing says it any more. What a reason withholds is for the rules (`register/mou`).

Not here: what the inputs of a key are (`register/pseudonyms/inputs`), and how a reason once found is kept
(`register/store/signals/protections`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from register.errors import CallerError
from schemas.codes import PersonCategory, code_list
from schemas.signals.parts import Birth, SubjectIn
from schemas.signals.signal import SignalIn

ADULT_AT: Final = 18
"""Years (convention on the rights of the child, 1)."""
_PEOPLE: Final = frozenset({"person", "unknown"})
_MAY_BE_A_CHILD: Final = frozenset({"RELATIVE", "COMPANION", "CUSTOMER", "WITNESS"})
"""Roles that a child who was seen may have; the others say what only an adult, or somebody at work, does."""
_MINOR_BANDS: Final = frozenset({"0-11", "12-17"})


class Protection(StrEnum):
    """Why a person is protected."""

    ROLE = "role"  # has, or had, the role of a victim, whatever came of it
    LADDER = "ladder"  # stands, or stood, on the victim ladder, whatever the status
    BIRTH = "birth"  # was, or by what is known of the birth may have been, under 18
    BOX = "box"  # somebody said: a minor
    CHILD_SEEN = "child-seen"  # may be one of the children who were seen: nothing says otherwise
    BAND = "band"  # a minor by the age band of an interview
    WITNESS = "witness"  # has, or had, a role that the edition protects as a victim's: a witness's
    SAME_PERSON = "same-person"  # is, by what identifies one person, somebody who is protected in another record
    ALIKE = "alike"  # is nearly such a person, by name and birth date or by name and something more

    @property
    def of_victims(self) -> bool:
        """Whether the reason is that the person is or was a victim, or may be."""
        return self in _OF_VICTIMS

    @property
    def of_minors(self) -> bool:
        """Whether the reason is that the person was, or may have been, a minor."""
        return self not in _OF_VICTIMS | RECOGNISED | {Protection.WITNESS}


_OF_VICTIMS: Final = frozenset({Protection.ROLE, Protection.LADDER})
RECOGNISED: Final = frozenset({Protection.SAME_PERSON, Protection.ALIKE})
"""Reasons that rest on another record: the register unit may say that it is another person."""

Reasons = Mapping[int, frozenset[Protection]]
"""Why each subject is protected, by its number; who is not protected is left out."""


class AgeContradicted(CallerError):
    """What is said of a person's age and the birth date cannot both be true."""

    code = "age-contradicted"
    advice = "Correct the birth date, or say again whether this is a minor; leave out what is not known."


@dataclass(frozen=True, slots=True)
class Spoken:
    """Between which days lies all that a record speaks of: what happened, its receipt, its registration."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Interview:
    """What an interview that stems from the signal says of somebody in it.

    Attributes:
        on_ladder: the person interviewed stands, or stood, on the victim ladder.
        standing: and stands there now: was not taken off, and is not found to be none.
        age_band: of the person, on the day.
        who: numbers of the subjects whom the name fits; empty where it fits nobody, or there is none.
    """

    on_ladder: bool
    age_band: str
    who: frozenset[int] = frozenset()
    standing: bool = True

    @property
    def says(self) -> frozenset[Protection]:
        """Why the person interviewed is protected."""
        found = {Protection.LADDER} if self.on_ladder else set()
        return frozenset(found | ({Protection.BAND} if self.age_band in _MINOR_BANDS else set()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What other records say of the persons of one signal.

    Attributes:
        before: reasons found earlier; they stay.
        restored: reasons that were lifted, and protect again.
        lifted: reasons that were found, and lifted since.
        ladder: numbers of the subjects who stand or stood on the ladder, also if taken off by mistake.
        standing: of these, who stand there now: neither taken off nor found to be none. Of the others the ladder says
            nothing more once it is lifted.
        interviews: that stem from the signal.
        same: sets of subjects who are one person, entered more than once.
        elsewhere: why subjects are recognised as somebody who is protected in another record.
        roles: that the edition of the MoU protects beside a victim's (`protected_roles` of `register/mou/keys`).
    """

    before: Reasons = field(default_factory=dict)
    restored: Reasons = field(default_factory=dict)
    lifted: Reasons = field(default_factory=dict)
    ladder: frozenset[int] = frozenset()
    standing: frozenset[int] = frozenset()
    interviews: tuple[Interview, ...] = ()
    same: tuple[frozenset[int], ...] = ()
    elsewhere: Reasons = field(default_factory=dict)
    roles: frozenset[str] = frozenset()

    def off_the_ladder(self, n: int) -> bool:
        """Whether it was lifted that a subject stood on the ladder."""
        return Protection.LADDER in self.lifted.get(n, ())


NOTHING_KNOWN: Final = Known()


def spoken_of(form: SignalIn, recorded: date) -> Spoken:
    """The days between which lies all that a signal speaks of."""
    days = [form.period.from_, form.period.to or form.period.from_, form.received_on, recorded]
    return Spoken(min(days), max(days))


def protect(form: SignalIn, recorded: date, known: Known = NOTHING_KNOWN) -> Reasons:
    """Say why each subject of a signal is protected.

    Args:
        form: of the signal, as it now is.
        recorded: the day it was registered.
        known: what other records say.
    """
    spoken, children = spoken_of(form, recorded), form.persons_seen is not None and form.persons_seen.children > 0
    found = {
        s.n: {*known.before.get(s.n, ()), *known.restored.get(s.n, ())} | _of_subject(s, spoken, children_seen=children)
        for s in form.subjects
    }
    for s in form.subjects:
        if s.role in known.roles:
            found[s.n].add(Protection.WITNESS)
    for n in known.ladder & found.keys():
        if n in known.standing or not known.off_the_ladder(n):
            found[n].add(Protection.LADDER)
    for interview in known.interviews:
        for n in _whom(interview, form):
            gone = known.off_the_ladder(n) and not interview.standing
            found[n] |= interview.says - ({Protection.LADDER} if gone else set())
    for n, why in known.elsewhere.items():
        if n in found:
            found[n] |= why
    for one in known.same:
        # One person, entered twice, is protected under both numbers.
        together = {reason for n in one for reason in found.get(n, ())}
        for n in one & found.keys():
            found[n] |= together
    return {n: frozenset(reasons) for n, reasons in found.items() if reasons}


def is_protected(subject: SubjectIn, spoken: Spoken, *, children_seen: bool = False) -> bool:
    """Whether a person is protected by what one form says of them; other records may still add to it."""
    return bool(_of_subject(subject, spoken, children_seen=children_seen))


def check_ages(form: SignalIn, recorded: date) -> None:
    """Refuse a box that says the opposite of the birth date: one of them is a slip, and a person must say which.

    Raises:
        AgeContradicted: names the fields, and repeats nothing of what was typed.
    """
    spoken = spoken_of(form, recorded)
    for i, subject in enumerate(form.subjects):
        if age_contradicted(subject.minor, subject.birth, spoken):
            says = "no minor" if subject.minor is False else "a minor"
            born = "a child throughout" if subject.minor is False else "an adult throughout"
            raise AgeContradicted(
                f"person {subject.n} is said to be {says}, and by the birth date was {born}: correct one of the two",
                pointer=f"/subjects/{i}/minor",
            )


def age_contradicted(minor: bool | None, birth: Birth | None, spoken: Spoken) -> bool:  # noqa: FBT001 - a field
    """Whether a box and a birth date cannot both be true on any day that the record speaks of."""
    if minor is None or birth is None:
        return False
    if minor:
        return not may_be_minor(birth, spoken.first)
    return adult_on(earliest(birth)) > spoken.last


def may_be_minor(birth: Birth, on: date) -> bool:
    """Whether somebody of whose birth this much is known may be under 18 on a day; what is not known counts for it."""
    return adult_on(latest(birth)) > on


def adult_on(born: date) -> date:
    """The day from which somebody is an adult; who was born on 29 February waits until 1 March."""
    try:
        return born.replace(year=born.year + ADULT_AT)
    except ValueError:
        return date(born.year + ADULT_AT, 3, 1)


def latest(birth: Birth) -> date:
    """The last day on which the person can have been born."""
    month = birth.month or 12
    if birth.day is not None:
        return date(birth.year, month, birth.day)
    following = date(birth.year + 1, 1, 1) if month == 12 else date(birth.year, month + 1, 1)  # noqa: PLR2004 - December
    return date.fromordinal(following.toordinal() - 1)


def earliest(birth: Birth) -> date:
    """The first day on which the person can have been born."""
    return date(birth.year, birth.month or 1, birth.day or 1)


def _of_subject(subject: SubjectIn, spoken: Spoken, *, children_seen: bool) -> set[Protection]:
    found = set()
    if code_list("subject_role")[subject.role].extra["person_category"] == PersonCategory.VICTIM:
        found.add(Protection.ROLE)
    if subject.minor:
        found.add(Protection.BOX)
    if subject.birth is not None:
        if may_be_minor(subject.birth, spoken.first):
            found.add(Protection.BIRTH)
    elif children_seen and subject.minor is None and subject.kind in _PEOPLE and subject.role in _MAY_BE_A_CHILD:
        found.add(Protection.CHILD_SEEN)
    return found


def _whom(interview: Interview, form: SignalIn) -> Collection[int]:
    """Whom an interview protects: whom the name fits, or else everybody in the signal whom nothing blames.

    The interview does not say which of the signal's persons it was held with. Somebody who is suspected is taken for
    another person unless the name fits: else one interview would keep every suspect at home.
    """
    if interview.who:
        return interview.who & {s.n for s in form.subjects}
    return [s.n for s in form.subjects if s.kind in _PEOPLE and s.role in _MAY_BE_A_CHILD]
