"""The label of a received extract as the facts that the rules look at."""

from __future__ import annotations

from register.domain.exchange.held import HeldExtract
from register.mou.facts import Evaluation, HandlingTerms, Label, LegalProfile
from schemas.codes import Partition
from schemas.exchange.wire import Label as WireLabel

_PROFILES = {str(p): p for p in LegalProfile}


def terms_of(extract: HeldExtract) -> Label:
    """The terms on which an extract is held."""
    return label_of(extract.put.label, extract.origin)


def label_of(label: WireLabel, origin: Partition) -> Label:
    """The facts of a label that came in the log of `origin`; its word on who owns the record does not count."""
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
        gate_ref=label.gate_ref,
        covenant_ref=label.covenant_ref,
        contested=label.contested,
        last_verified_on=label.last_verified_on,
        retain_until=label.retain_until,
        edition=label.edition,
        rules=label.rules,
    )
