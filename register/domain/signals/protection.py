"""Who is protected, and why: the one place that says so, from everything that is known of a person.

Protection is derived, never ticked, and monotone: a fact only ever adds a reason, and no date, later status or later
correction takes one away (domain.md 7). A reason ends only where two persons say that the fact behind it was wrong
(`lifting`), and then while nothing says it any more. What a reason withholds is for the rules (`register/mou`).

Not here: what the inputs of a key are (`register/pseudonyms/inputs`), and how a reason once found is kept
(`register/store/signals/protections`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from register.domain.signals.protecting.papers import OF_ANOTHER, births_by_own_papers, born_by
from register.domain.signals.protecting.perhaps_victims import (
    company_called_a_child,
    perhaps_a_victim,
    value_may_be_hers,
)
from register.domain.signals.protecting.said_of_a_name import ADULT_AT, says_age, says_birth, says_child, says_role
from register.domain.signals.protecting.who_told import PEOPLE, is_victims, told_by_herself
from register.errors import CallerError
from schemas.codes import DocumentUse
from schemas.signals.parts import IDENTITY_DOCUMENTS, Birth, SelectorIn, SubjectIn
from schemas.signals.signal import SignalIn

_OLDEST: Final = 100
"""Years; hardly anybody is older."""
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
    RELATIVE = "relative"  # stands, or stood, beside a victim or minor in a role that the edition protects there
    SAME_PERSON = "same-person"  # is, by what identifies one person, somebody who is protected in another record
    ALIKE = "alike"  # is nearly such a person, by name and birth date or by name and something more
    MEANT = "meant"  # is, or may be, whom an interview or the ladder means, held as they are with possible victims
    MEANT_CHILD = "meant-child"  # may be the child whom an interview or the ladder means
    CALLED = "called"  # is called a victim, a witness or a reporter beside the name, or the register unit says so
    LEFT = "left"  # was taken off the report, and the register unit said that what is left in it is not theirs
    UNNAMED = "unnamed-reporter"  # of number 0: who told it did, at some time, not want to be known
    TOLD_IT = "told-it"  # is the victim who told it; of number 0: a victim did, by what was said of the source once

    @property
    def of_victims(self) -> bool:
        """Whether the reason is that the person is or was a victim, or may be."""
        return self in _OF_VICTIMS

    @property
    def of_minors(self) -> bool:
        """Whether the reason is that the person was, or may have been, a minor."""
        return self in _OF_MINORS


_OF_VICTIMS: Final = frozenset(
    {Protection.ROLE, Protection.LADDER, Protection.MEANT, Protection.TOLD_IT, Protection.CALLED}
)
_OF_MINORS: Final = frozenset(
    {Protection.BIRTH, Protection.BOX, Protection.CHILD_SEEN, Protection.BAND, Protection.MEANT_CHILD}
)
PERHAPS: Final = frozenset({Protection.MEANT, Protection.MEANT_CHILD})
"""Reasons that rest on whom an interview means: the register unit may say that it is another person."""
RECOGNISED: Final = frozenset({Protection.SAME_PERSON, Protection.ALIKE})
"""Reasons that rest on another record: the register unit may say that it is another person."""

OWN_REPORT: Final = frozenset(
    {
        Protection.ROLE, Protection.BIRTH, Protection.BOX, Protection.CHILD_SEEN, Protection.WITNESS,
        Protection.RELATIVE, Protection.UNNAMED, Protection.TOLD_IT,
    }
)  # fmt: skip
"""Reasons that the report gives by itself: what other records say of its persons is the register unit's alone."""

Reasons = Mapping[int, frozenset[Protection]]
"""Why each subject is protected, by its number; who is not protected is left out.

Also of whom the form has no more: they stay protected for the life of the record. Under 0 stands what was said of who
told it.
"""


class AgeContradicted(CallerError):
    """A person is said to be no minor, and by the birth date was a child throughout."""

    code = "age-contradicted"
    advice = "Correct the birth date, or say again whether this is a minor; leave out what is not known."


@dataclass(frozen=True, slots=True)
class Spoken:
    """Between which days lies all that a record speaks of: what happened, its receipt, its registration."""

    first: date
    last: date
    at_school: bool = False
    """It happened at a school."""


@dataclass(frozen=True, slots=True)
class Interview:
    """What an interview that stems from the signal says of somebody in it.

    Attributes:
        on_ladder: the person interviewed stands, or stood, on the victim ladder.
        standing: and stands there now: was not taken off, and is not found to be none.
        age_band: of the person, on the day.
        who: numbers of the subjects whom the name fits, or of whom somebody said so; empty where it fits nobody, or
            there is none.
        nearly: numbers of those whom it fits but for a part, an initial or a letter.
        others: numbers of those of whom somebody said that they are another person.
        held: it was held, and not taken back.
        id: of the interview, or of a place on the ladder that is none's.
        stems: from the signal; else it names somebody like one of its persons, and means those of `nearly` or nobody.
        withholds: whom it may mean; not where it asks about too many already.
    """

    on_ladder: bool
    age_band: str
    who: frozenset[int] = frozenset()
    standing: bool = True
    nearly: frozenset[int] = frozenset()
    others: frozenset[int] = frozenset()
    held: bool = True
    id: bytes = b""
    stems: bool = True
    withholds: bool = True

    @property
    def says(self) -> frozenset[Protection]:
        """Why the person interviewed is protected, once it is known who that is."""
        found = {Protection.LADDER} if self.on_ladder else set()
        return frozenset(found | ({Protection.BAND} if self.age_band in _MINOR_BANDS else set()))

    @property
    def may_say(self) -> frozenset[Protection]:
        """Why somebody is protected who may be the person interviewed: one talks so with possible victims."""
        found = {Protection.MEANT} if self.held or self.on_ladder else set()
        return frozenset(found | ({Protection.MEANT_CHILD} if self.age_band in _MINOR_BANDS else set()))

    def asked_about(self, form: SignalIn) -> frozenset[int]:
        """Of whom it is to be asked whether they are the person interviewed, unless that is known."""
        if not (self.held or self.on_ladder):
            return frozenset()
        if self.who:
            return frozenset() if self.says else self.who
        people = frozenset(s.n for s in form.subjects if s.kind in PEOPLE) - self.others
        return people & self.nearly or (people if self.stems else frozenset())

    def protects(self, form: SignalIn) -> frozenset[int]:
        """Who may be the person interviewed, so that they are protected until somebody has said otherwise.

        Whoever stands alone in the report, whatever they are called; else whom the name nearly fits; else everybody
        whom nothing blames: with nothing to go by, one interview would keep every suspect at home.
        """
        people = [s for s in form.subjects if s.kind in PEOPLE]
        asked = self.asked_about(form) if self.withholds else frozenset()
        if len(people) == 1 or self.who or asked & self.nearly:
            return asked
        return asked & {s.n for s in people if s.role in _MAY_BE_A_CHILD}


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
        interviews: that stem from the signal, or name somebody like one of its persons.
        same: sets of subjects who are one person, entered more than once.
        elsewhere: why subjects are recognised as somebody who is protected in another record.
        victims: numbers of those who are a victim, or lead to one, by the register unit's word.
        told_it: numbers of those who are the victim who told it, by the register unit's word.
        roles: that the edition of the MoU protects beside a victim's (`protected_roles` of `register/mou/keys`).
        beside: that it protects where a victim or a minor stands in the same record (`roles_beside` there).
    """

    before: Reasons = field(default_factory=dict)
    restored: Reasons = field(default_factory=dict)
    lifted: Reasons = field(default_factory=dict)
    ladder: frozenset[int] = frozenset()
    standing: frozenset[int] = frozenset()
    interviews: tuple[Interview, ...] = ()
    same: tuple[frozenset[int], ...] = ()
    elsewhere: Reasons = field(default_factory=dict)
    victims: frozenset[int] = frozenset()
    told_it: frozenset[int] = frozenset()
    roles: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()

    def off_the_ladder(self, n: int) -> bool:
        """Whether it was lifted that a subject stood on the ladder."""
        return Protection.LADDER in self.lifted.get(n, ())


NOTHING_KNOWN: Final = Known()


def find_gone_reasons(form: SignalIn, reasons: Reasons) -> Reasons:
    """Why those are protected whom the form has no more: what is left in the record may still be theirs.

    Left out is of whom the register unit said that it is not.
    """
    there = {0, *(s.n for s in form.subjects)}
    return {n: why for n, why in reasons.items() if n not in there and Protection.LEFT not in why}


def teller_of(form: SignalIn, before: frozenset[Protection] = frozenset()) -> frozenset[Protection]:
    """What was said, at any time, of who told it: that stays true whatever the form says later."""
    unnamed = {Protection.UNNAMED} if form.reporter_anonymous else set()
    victim = {Protection.TOLD_IT} if told_by_herself(form) else set()
    return frozenset(before | unnamed | victim)


def as_told(form: SignalIn, reasons: Reasons) -> SignalIn:
    """The form with what was said of its teller at any time."""
    said = reasons.get(0, frozenset())
    told: dict[str, object] = {}
    if Protection.UNNAMED in said and not form.reporter_anonymous:
        told["reporter_anonymous"] = True
    if Protection.TOLD_IT in said and form.source != "VICTIM":
        told["source"] = "VICTIM"
    return form.model_copy(update=told) if told else form


def of_another(form: SignalIn, one: SelectorIn, *, loose: bool) -> bool:
    """Whether a document may be of somebody protected who is nobody of the report: the register unit is asked.

    It was found, whatever the report seems to be: passports that lie at an exploiter's are mostly of those whom he
    exploits. Or it is a child's by its number, and under nobody, or somebody else's than the person it stands under.
    """
    if one.use == DocumentUse.FOUND and one.type in IDENTITY_DOCUMENTS:
        return True
    theirs = loose or one.use in OF_ANOTHER
    return theirs and may_be_a_childs(one, spoken_of(form, form.received_on))


def asks_of_itself(form: SignalIn) -> bool:
    """Whether a form holds something that waits for the register unit, and protects nobody by itself."""
    owned = [(s.n, one) for s in form.subjects for one in s.selectors] + [(0, one) for one in form.selectors]
    values = any(of_another(form, one, loose=n == 0) or value_may_be_hers(form, one, n) for n, one in owned)
    return values or any(perhaps_a_victim(form, one) for one in form.subjects)


def spoken_of(form: SignalIn, recorded: date) -> Spoken:
    """The days between which lies all that a signal speaks of."""
    days = [form.period.from_, form.period.to or form.period.from_, form.received_on, recorded]
    return Spoken(min(days), max(days), form.place.location_type == "SCHOOL")


def protect(form: SignalIn, recorded: date, known: Known = NOTHING_KNOWN) -> Reasons:
    """Say why each subject of a signal is protected.

    Args:
        form: of the signal, as it now is.
        recorded: the day it was registered.
        known: what other records say.
    """
    found = _found_before(form, known)
    _add_what_the_form_says(found, form, recorded, known)
    _add_ladder_and_interviews(found, form, known)
    for n in known.victims & found.keys():
        found[n].add(Protection.CALLED)
    for n in known.told_it & found.keys():
        found[n].add(Protection.TOLD_IT)
    for n, why in known.elsewhere.items():
        if n in found:
            found[n] |= why
    # Nobody is kept for good beside somebody who only may be meant by an interview: the answer may be another person.
    theirs = {n for n, why in found.items() if any(one.of_victims or one.of_minors for one in why - PERHAPS)}
    # Nobody is a relative of themselves: who was entered twice is protected as who they are.
    theirs |= {n for one in known.same if one & theirs for n in one}
    for s in form.subjects:
        if theirs and s.n not in theirs and s.role in known.beside:
            found[s.n].add(Protection.RELATIVE)
    for one in known.same:
        # One person, entered twice, is protected under both numbers.
        together = {reason for n in one for reason in found.get(n, ())}
        for n in one & found.keys():
            found[n] |= together
    return {n: frozenset(reasons) for n, reasons in found.items() if reasons - {Protection.LEFT}}


def _found_before(form: SignalIn, known: Known) -> dict[int, set[Protection]]:
    """What was found earlier, of those whom the form has no more too; of those whom it has, nobody has left."""
    found: dict[int, set[Protection]] = {s.n: set() for s in form.subjects}
    for kept in (known.before, known.restored):
        for n, why in kept.items():
            if n:
                found.setdefault(n, set()).update(why)
    for s in form.subjects:
        found[s.n].discard(Protection.LEFT)
    return found


def _add_what_the_form_says(found: dict[int, set[Protection]], form: SignalIn, recorded: date, known: Known) -> None:
    spoken, children = spoken_of(form, recorded), speaks_of_children(form)
    for s in form.subjects:
        found[s.n] |= _of_subject(s, spoken, children_seen=children)
        if s.role in known.roles:
            found[s.n].add(Protection.WITNESS)


def _add_ladder_and_interviews(found: dict[int, set[Protection]], form: SignalIn, known: Known) -> None:
    for n in known.ladder & found.keys():
        if n in known.standing or not known.off_the_ladder(n):
            found[n].add(Protection.LADDER)
    for interview in known.interviews:
        for n in interview.who & found.keys():
            off = known.off_the_ladder(n) and not interview.standing
            found[n] |= interview.says - ({Protection.LADDER} if off else set())
        for n in interview.protects(form) & found.keys():
            found[n] |= interview.may_say


def speaks_of_children(form: SignalIn) -> bool:
    """Whether a report says that there is a child in it, of whomever: seen, at work, alone, adopted, or by the signs.

    So does what a school tells of itself.
    """
    seen = form.persons_seen is not None and form.persons_seen.children > 0
    at_school = form.place.location_type == "SCHOOL" and form.source == "SCHOOL"
    return seen or at_school or "ADOPTION" in form.exploitation_forms or is_about_a_child(form)


def is_about_a_child(form: SignalIn) -> bool:
    """Whether what happened, by the codes of a report, happened to a child."""
    return (
        "UNACCOMPANIED_MINOR" in form.smuggling_elements
        or "CHILD_LABOUR" in form.exploitation_forms
        or any(sign.group == "CHILD" for sign in form.indicators)
    )


def companies_called_children(form: SignalIn) -> frozenset[int]:
    """Numbers of the companies that are called as a child is, by a word or an age."""
    return frozenset(one.n for one in form.subjects if company_called_a_child(form, one))


def may_be_the_child(subject: SubjectIn) -> bool:
    """Whether somebody of whose age nothing is known may be a child that a report speaks of, by the role."""
    nothing_said = subject.birth is None and subject.minor is None
    return nothing_said and subject.kind in PEOPLE and subject.role in _MAY_BE_A_CHILD


def called_a_minor(subject: SubjectIn, spoken: Spoken) -> bool:
    """Whether an age under 18, a child's year of birth or a word for a child was written with the name.

    It counts beside a birth date too, which may be that of a false paper, and until somebody answers that they are no
    minor. Who is only numbered (`Man 2`) is taken for a child until that answer; of a group, too, what can only be an
    age counts (`3 kinderen (4, 6 en 9)`). Of a company the register unit is asked (`perhaps_victims`).
    """
    if subject.name is None or subject.minor is not None or subject.kind == "company":
        return False
    if says_child(subject.name, at_school=spoken.at_school):
        return True
    if subject.kind in PEOPLE:
        return says_birth(subject.name, spoken.first.year - ADULT_AT, spoken.last.year)
    return says_age(subject.name)


def is_protected(subject: SubjectIn, spoken: Spoken, *, children_seen: bool = False) -> bool:
    """Whether a person is protected by what one form says of them; other records may still add to it."""
    return bool(_of_subject(subject, spoken, children_seen=children_seen))


def names_protected(form: SignalIn, recorded: date, roles: frozenset[str]) -> bool:
    """Whether the form itself names a victim, a child or one of the roles that are protected beside them.

    What other records say of its persons is left out: whoever may read this form need not know that.
    """
    return bool(protect(form, recorded, Known(roles=roles)))


def check_ages(form: SignalIn, recorded: date) -> None:
    """Refuse a "no minor" beside a child's birth date: one of them is a slip, and a person must say which.

    The other way round is kept: a child with an adult's paper is an ordinary case, and is protected as a child
    (`papers_say_adult` asks about it).

    Raises:
        AgeContradicted: names the fields, and repeats nothing of what was typed.
    """
    spoken = spoken_of(form, recorded)
    for i, subject in enumerate(form.subjects):
        if age_contradicted(subject.minor, subject.birth, spoken):
            raise AgeContradicted(
                f"person {subject.n} is said to be no minor, and by the birth date was a child throughout: correct "
                "one of the two",
                pointer=f"/subjects/{i}/minor",
            )


def age_contradicted(minor: bool | None, birth: Birth | None, spoken: Spoken) -> bool:  # noqa: FBT001 - a field
    """Whether somebody is said to be no minor who was one on every day that the record speaks of."""
    return minor is False and birth is not None and adult_on(derive_earliest_birth(birth)) > spoken.last


def papers_say_adult(subject: SubjectIn, spoken: Spoken) -> bool:
    """Whether somebody who is called a minor was, by the birth date, an adult on every day that is spoken of."""
    called = subject.minor or called_a_minor(subject, spoken)
    return bool(called) and subject.birth is not None and not may_be_minor(subject.birth, spoken.first)


def papers_ask(subject: SubjectIn, spoken: Spoken) -> bool:
    """Whether a document of somebody says the birth of a child, or another than was typed: one of them is wrong.

    The number of a sedula begins with the birth date. Who may be a child by it is taken for one, whatever was answered.
    """
    known = subject.birth
    return any(
        adult_on(born) > spoken.first
        or (known is not None and not derive_earliest_birth(known) <= born <= derive_latest_birth(known))
        for born in births_by_own_papers(subject, spoken.last)
    )


def is_too_old(subject: SubjectIn, spoken: Spoken) -> bool:
    """Whether somebody would be older than a hundred: the century is a slip, mostly of a child's birth (1912 for 2012).

    Until somebody answers that they are no minor.
    """
    birth = subject.birth
    return subject.minor is None and birth is not None and spoken.first.year - derive_latest_birth(birth).year > _OLDEST


def may_be_a_childs(one: SelectorIn, spoken: Spoken) -> bool:
    """Whether a document is, by its number, of somebody who was under 18, whoever had it."""
    born = born_by(one, spoken.last)
    return born is not None and adult_on(born) > spoken.first


def may_be_minor(birth: Birth, on: date) -> bool:
    """Whether somebody of whose birth this much is known may be under 18 on a day; what is not known counts for it."""
    return adult_on(derive_latest_birth(birth)) > on


def adult_on(born: date) -> date:
    """The day from which somebody is an adult; who was born on 29 February waits until 1 March."""
    try:
        return born.replace(year=born.year + ADULT_AT)
    except ValueError:
        return date(born.year + ADULT_AT, 3, 1)


def derive_latest_birth(birth: Birth) -> date:
    """The last day on which the person can have been born."""
    month = birth.month or 12
    if birth.day is not None:
        return date(birth.year, month, birth.day)
    following = date(birth.year + 1, 1, 1) if month == 12 else date(birth.year, month + 1, 1)  # noqa: PLR2004 - December
    return date.fromordinal(following.toordinal() - 1)


def derive_earliest_birth(birth: Birth) -> date:
    """The first day on which the person can have been born."""
    return date(birth.year, birth.month or 1, birth.day or 1)


def _of_subject(subject: SubjectIn, spoken: Spoken, *, children_seen: bool) -> set[Protection]:
    found = set()
    if any(adult_on(born) > spoken.first for born in births_by_own_papers(subject, spoken.last)):
        found.add(Protection.BIRTH)
    if is_victims(subject):
        found.add(Protection.ROLE)
    if subject.minor or called_a_minor(subject, spoken):
        found.add(Protection.BOX)
    if subject.kind != "company" and subject.name is not None and says_role(subject.name):
        found.add(Protection.CALLED)
    if subject.birth is not None:
        if may_be_minor(subject.birth, spoken.first) or is_too_old(subject, spoken):
            found.add(Protection.BIRTH)
    elif children_seen and may_be_the_child(subject):
        found.add(Protection.CHILD_SEEN)
    return found
