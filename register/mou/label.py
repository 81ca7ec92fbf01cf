"""The label of a received extract as the facts that the rules look at."""

from __future__ import annotations

from datetime import date

from register.domain.exchange.held import HeldExtract
from register.mou.facts import Evaluation, GateWord, HandlingTerms, Label, LegalProfile
from schemas.codes import Partition
from schemas.exchange.wire import Label as WireLabel
from schemas.exchange.wire import signed_until

_PROFILES = {str(p): p for p in LegalProfile}


def terms_of(extract: HeldExtract) -> Label:
    """The terms on which an extract is held."""
    put = extract.put
    return label_of(
        put.label,
        extract.origin,
        signed_until=signed_until(put),
        approved=put.approval is not None,
        consented=put.consent is not None,
    )


def label_of(
    label: WireLabel,
    origin: Partition,
    *,
    signed_until: date | None = None,
    approved: bool = False,
    consented: bool = False,
) -> Label:
    """The facts of a label that came in the log of `origin`; its word on who owns the record does not count.

    Args:
        label: as it came.
        origin: whose log it came in.
        signed_until: the last day on which every signed yes beside it counts; None where there is none.
        approved: a signed approval is beside it that counts.
        consented: a signed consent of the prosecutor is.
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
        gate=GateWord.SIGNED if approved else None if label.gate is None else GateWord.NODE,
        consent=GateWord.SIGNED if consented else GateWord.NODE if "WPG10A-1" in label.rules else None,
        gate_until=signed_until,
        covenant_ref=label.covenant_ref,
        contested=label.contested,
        last_verified_on=label.last_verified_on,
        retain_until=label.retain_until,
        edition=label.edition,
        rules=label.rules,
    )
