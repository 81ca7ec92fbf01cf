"""On what law a record rests, and whether that law lets it leave the country."""

from __future__ import annotations

from collections.abc import Mapping

from register.mou.facts import GateWord, LegalProfile
from register.mou.rules.gate import Gate, Keeper
from register.mou.rules.table import (
    Asking,
    Given,
    Holding,
    Provision,
    Putting,
    Seeing,
    Sending,
    Verdict,
    predicate,
    refuse_if,
    require,
)
from schemas.codes import CrimeClass, LegalBasis, Partition


class Bases(Given):
    """The legal bases that a rule is about."""

    bases: frozenset[LegalBasis]


class Consents(Bases):
    """The legal bases whose records leave with a prosecutor's consent only, and who gives it.

    Attributes:
        two_persons: who recorded, changed or confirmed a record does not consent to its provision.
        signed: a consent counts only with the signature of the prosecutor's organisation; else the word of the owner's
            node does too.
    """

    prosecutor: Keeper
    two_persons: bool
    signed: bool

    def takes(self, word: GateWord | None) -> bool:
        """Whether a consent by this word counts."""
        return word is GateWord.SIGNED or (word is GateWord.NODE and not self.signed)

    @property
    def gate(self) -> Gate:
        """What a signed consent must pass, as a gate that the prosecutor alone keeps, record by record."""
        return Gate(
            keeper=self.prosecutor,
            second=self.prosecutor,
            always=True,
            two_persons=self.two_persons,
            signed=self.signed,
        )


class PoliceBases(Given):
    """The legal bases of police law, and the profiles of organisations that may rest on them."""

    bases: frozenset[LegalBasis]
    profiles: frozenset[LegalProfile]


class CountriesOfBasis(Given):
    """In which countries each legal basis is law."""

    law_of: Mapping[LegalBasis, frozenset[Partition]]


class SharedBases(Given):
    """The legal bases whose records a country shares, by country; what is not named is not shared."""

    shared: Mapping[Partition, frozenset[LegalBasis]]


class RequestOnly(Given):
    """The countries that share nothing unasked and answer requests only."""

    countries: frozenset[Partition]


class ThemeClasses(Given):
    """The legal bases of theme processing, and the crime classes it may exist for."""

    bases: frozenset[LegalBasis]
    classes: frozenset[CrimeClass]


@predicate("BASIS-1", Sending, Holding, Seeing, given=CountriesOfBasis)
def record_rests_on_the_law_of_its_owner(given: CountriesOfBasis, question: Provision) -> Verdict:
    """A basis that is no law of the owner's country is a mistake, whoever made it."""
    return refuse_if(question.terms.owner not in given.law_of.get(question.terms.legal_basis, frozenset()))


@predicate("ASK-3", Asking, Seeing, Putting, given=CountriesOfBasis)
def question_rests_on_the_law_of_the_asker(given: CountriesOfBasis, question: Asking | Seeing | Putting) -> Verdict:
    """A missing basis is ASK-1's business."""
    basis = question.asker.legal_basis
    return refuse_if(basis is not None and question.asker.partition not in given.law_of.get(basis, frozenset()))


@predicate("BASIS-2", Sending, Holding, given=PoliceBases)
def police_basis_needs_a_police_organisation(given: PoliceBases, question: Provision) -> Verdict:
    """The reverse is allowed: police organisations hold administrative data, too."""
    profile = question.terms.source_profile
    return refuse_if(profile is None or (question.terms.legal_basis in given.bases and profile not in given.profiles))


@predicate("WPG10B-1", Sending, Holding, Seeing, given=Bases)
def theme_data_never_leaves(given: Bases, question: Provision) -> Verdict:
    """Neither the record nor its pseudonyms: pseudonyms are personal data."""
    return refuse_if(question.terms.legal_basis in given.bases)


@predicate("WPG10A-1", Sending, given=Consents)
def prosecutor_consents_to_the_provision(given: Consents, question: Sending) -> Verdict:
    """The consent is to this record; a standing approval of the exit gate is none."""
    if question.terms.legal_basis not in given.bases:
        return Verdict.SILENT
    named = not question.terms.consented_to or question.to in question.terms.consented_to
    return require(named and given.takes(question.terms.consent) and not _is_over(question))


@predicate("WPG10A-1", Holding, given=Consents)
def prosecutor_consented_to_the_provision(given: Consents, question: Holding) -> Verdict:
    """The label must say that the decision rests on one, and where this edition asks for it, one that was signed."""
    if question.terms.legal_basis not in given.bases:
        return Verdict.SILENT
    rests_on = "WPG10A-1" in question.terms.rules
    return require(rests_on and given.takes(question.terms.consent) and not _is_over(question))


def _is_over(question: Provision) -> bool:
    """Whether the last day of a consent that was signed is over."""
    until = question.terms.gate_until
    return question.terms.consent is GateWord.SIGNED and until is not None and question.today > until


@predicate("THEME-1", Sending, Holding, given=ThemeClasses)
def theme_record_names_its_crime_class(given: ThemeClasses, question: Provision) -> Verdict:
    """Asked of theme records only: many a notification cannot be told apart and must still be registered."""
    is_theme = isinstance(question, Sending) and question.terms.is_theme
    if not is_theme and question.terms.legal_basis not in given.bases:
        return Verdict.SILENT
    return refuse_if(question.terms.crime_class not in given.classes)


@predicate("SHARED-1", Sending, Holding, Seeing, given=SharedBases)
def basis_is_shared_by_the_owner(given: SharedBases, question: Provision) -> Verdict:
    """Default deny: a pair of country and basis that the edition does not name is not shared."""
    return require(question.terms.legal_basis in given.shared.get(question.terms.owner, frozenset()))


@predicate("REQUEST-1", Sending, Holding, Seeing, given=RequestOnly)
def owner_shares_without_a_request(given: RequestOnly, question: Provision) -> Verdict:
    """Held or shown is no better than sent: a partner may have decided under another edition."""
    return refuse_if(question.terms.owner in given.countries)


@predicate("REQUEST-1", Asking, given=RequestOnly)
def country_may_be_asked(given: RequestOnly, question: Asking) -> Verdict:
    """A country's own register is always open to its own question."""
    return require(question.target is question.asker.partition or question.target not in given.countries)
