"""The label of a received extract as the facts that the rules look at."""

from __future__ import annotations

from datetime import date

from register.domain.exchange.held import HeldExtract
from register.mou.facts import Evaluation, GateWord, HandlingTerms, Label, LegalProfile
from schemas.codes import Partition
from schemas.exchange.wire import Label as WireLabel
from schemas.exchange.wire import approval_in

_PROFILES = {str(p): p for p in LegalProfile}


def terms_of(extract: HeldExtract) -> Label:
    """The terms on which an extract is held."""
    approval = extract.put.approval
    until = None if approval is None else approval_in(approval).expires
    return label_of(extract.put.label, extract.origin, signed_until=until)


def label_of(label: WireLabel, origin: Partition, *, signed_until: date | None = None) -> Label:
    """The facts of a label that came in the log of `origin`; its word on who owns the record does not count.

    Args:
        label: as it came.
        origin: whose log it came in.
        signed_until: the last day of the signed approval beside it that counts; None where there is none.
    """
    handling = label.handling
    return Label(
        owner=origin,
        legal_basis=label.legal_basis,
        purpose=label.purpose,
        visibility=label.visibility,
        handling=HandlingTerms(code=handling.code, conditions=frozenset(handling.conditions), expires=handling.expires),
        audience=frozenset(label.audience),
        crime_class=label.crime_class,
        # An unknown word becomes None, with which nothing is held.
        source_profile=_PROFILES.get(label.source_profile),
        acquisition=label.acquisition,
        evaluation=Evaluation(label.evaluation.scheme, label.evaluation.source, label.evaluation.information),
        onward=label.onward,
        gate=_word_of(label, signed_until),
        gate_until=signed_until,
        covenant_ref=label.covenant_ref,
        contested=label.contested,
        last_verified_on=label.last_verified_on,
        retain_until=label.retain_until,
        edition=label.edition,
        rules=label.rules,
    )


def _word_of(label: WireLabel, signed_until: date | None) -> GateWord | None:
    if signed_until is not None:
        return GateWord.SIGNED
    return None if label.gate is None else GateWord.NODE
