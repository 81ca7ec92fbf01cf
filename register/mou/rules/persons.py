"""Who may be in a record, whose keys are never published, and what stays at home for a child's sake."""

from __future__ import annotations

from register.mou.facts import LOOSE, SubjectFacts
from register.mou.rules.table import Given, Nothing, Publishing, Sending, Verdict, predicate, refuse_if
from schemas.codes import PersonCategory


class Persons(Given):
    """Persons told by their category or by their role."""

    categories: frozenset[PersonCategory] = frozenset()
    roles: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    """Roles of those who are such persons where a victim or a minor stands in the same record: by their relatives one
    finds them."""

    def include(self, subject: SubjectFacts) -> bool:
        """Whether the subject is one of them."""
        return subject.category in self.categories or subject.role in self.roles


class Minors(Given):
    """Whether records about minors stay at home."""

    kept_home: bool


@predicate("PERSON-1", Sending, given=Nothing)
def every_subject_is_categorised(_: Nothing, question: Sending) -> Verdict:
    """Without a category nobody has said why the person may be in the register."""
    return refuse_if(any(subject.category is None for subject in question.terms.subjects))


@predicate("PERSON-1", SubjectFacts, given=Nothing)
def keys_of_the_uncategorised_are_withheld(_: Nothing, subject: SubjectFacts) -> Verdict:
    """Who is not known to be anybody else may be a victim."""
    return refuse_if(subject.category is None)


@predicate("KEYS-1", SubjectFacts, given=Persons)
def keys_of_victims_are_withheld(given: Persons, subject: SubjectFacts) -> Verdict:
    """A victim's new island must never show in a match; nor that of somebody whom the ladder knows."""
    return refuse_if(given.include(subject) or subject.victim)


@predicate("KEYS-2", SubjectFacts, given=Nothing)
def keys_of_minors_are_withheld(_: Nothing, subject: SubjectFacts) -> Verdict:
    """Whatever the child's role."""
    return refuse_if(subject.minor)


@predicate("KEYS-3", SubjectFacts, given=Persons)
def keys_of_reporters_and_witnesses_are_withheld(given: Persons, subject: SubjectFacts) -> Verdict:
    """A reporter is never a subject; if one is taken for one by mistake, the keys still stay at home."""
    return refuse_if(given.include(subject) or subject.witness)


@predicate("KEYS-3", Publishing, given=Persons)
def what_is_the_reporters_is_withheld(_: Persons, question: Publishing) -> Verdict:
    """Whoever told is no subject, and what they are reached by stands beside the subjects."""
    return refuse_if(question.key.of_reporter)


@predicate("KEYS-5", Publishing, given=Nothing)
def keys_made_of_their_inputs_are_withheld(_: Nothing, question: Publishing) -> Verdict:
    """A victim's phone under the suspect's name finds the victim all the same."""
    return refuse_if(question.key.of_protected or bool(question.key.inputs_of & question.hidden))


@predicate("KEYS-5", SubjectFacts, given=Nothing)
def keys_of_whom_another_record_protects_are_withheld(_: Nothing, subject: SubjectFacts) -> Verdict:
    """Her other phone, under her name in a second report, finds her as well as the first."""
    return refuse_if(subject.recognised)


@predicate("KEYS-6", Publishing, given=Nothing)
def keys_beside_them_are_withheld_until_somebody_says_whose_they_are(_: Nothing, question: Publishing) -> Verdict:
    """Most values that belong to nobody yet are of the person whom the report is about."""
    theirs = bool(question.hidden) or question.told_by_victim
    loose = question.key.n == LOOSE and not question.key.of_nobody and theirs
    # Also of a subject who may be whoever told it.
    return refuse_if(loose or (question.key.perhaps_reporters and not question.key.of_nobody))


@predicate("KEYS-7", Publishing, given=Nothing)
def keys_wait_where_they_are_also_a_protected_persons(_: Nothing, question: Publishing) -> Verdict:
    """What has gone cannot be called back from who has read it; what waits can still go."""
    return refuse_if(question.key.waits)


@predicate("KEYS-1", Sending, given=Persons)
def not_only_keys_of_victims(_: Persons, question: Sending) -> Verdict:
    """Named beside KEYS-4, so that the owner learns whose keys they are."""
    return refuse_if("KEYS-1" in question.keys_withheld_by)


@predicate("KEYS-2", Sending, given=Nothing)
def not_only_keys_of_minors(_: Nothing, question: Sending) -> Verdict:
    """As above."""
    return refuse_if("KEYS-2" in question.keys_withheld_by)


@predicate("KEYS-3", Sending, given=Persons)
def not_only_keys_of_reporters(_: Persons, question: Sending) -> Verdict:
    """As above."""
    return refuse_if("KEYS-3" in question.keys_withheld_by)


@predicate("KEYS-6", Sending, given=Nothing)
def not_only_keys_of_nobody_yet(_: Nothing, question: Sending) -> Verdict:
    """As above: who owns the record can say whose they are."""
    return refuse_if("KEYS-6" in question.keys_withheld_by)


@predicate("KEYS-7", Sending, given=Nothing)
def not_only_keys_that_wait(_: Nothing, question: Sending) -> Verdict:
    """As above: the register unit can decide. Also of a report whose only person waits, with a number or without."""
    return refuse_if("KEYS-7" in question.keys_withheld_by or question.nobody_else)


@predicate("KEYS-4", Sending, given=Nothing)
def some_key_may_be_published(_: Nothing, question: Sending) -> Verdict:
    """A record without any key goes without tokens; one that has only withheld keys would point at its victim."""
    return refuse_if(bool(question.keys_withheld_by))


@predicate("MINOR-1", Sending, given=Minors)
def records_about_minors_stay_home(given: Minors, question: Sending) -> Verdict:
    """On a small island a few coded facts are enough to find a child."""
    concerns_a_child = question.terms.about_minors or any(subject.minor for subject in question.terms.subjects)
    return refuse_if(given.kept_home and concerns_a_child)
