"""What a new record rests on in law: the organisation's profile, unless the form says otherwise (domain.md 0)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from register.domain.access.organisation import RETENTION_DAYS, Organisation
from register.domain.signals.signal import LegalGround
from register.errors import CallerError
from schemas.codes import code_list
from schemas.signals.signal import SignalIn


class CrimeClassNeeded(CallerError):
    """A theme record names no crime class, and theme processing exists for certain crimes only (Wpg 10(1)(b))."""

    code = "crime-class-needed"
    advice = "Give `crime_class`, or the legal basis that the record really rests on; a notification needs neither."


def ground_of(form: SignalIn, organisation: Organisation, *, today: date, covenant: str | None) -> LegalGround:
    """Return the legal side of a record.

    Args:
        form: what it names overrides the profile, for this signal only.
        organisation: the one that submits it.
        today: the day from which the record is kept.
        covenant: the written decision under which this country provides records; None where it has none.

    Raises:
        CrimeClassNeeded: it would be a theme record without a crime class.
    """
    profile = organisation.profile
    legal_basis = form.legal_basis or profile.legal_basis
    if code_list("legal_basis")[legal_basis].extra.get("theme") and form.crime_class is None:
        raise CrimeClassNeeded(f"a record on {legal_basis} names its crime class", pointer="/crime_class")
    evaluation = form.evaluation
    handling = form.handling
    return LegalGround(
        purpose=form.purpose or profile.purpose,
        legal_basis=legal_basis,
        crime_class=form.crime_class,
        acquisition=profile.acquisition,
        obtained_on=form.received_on,
        evaluation=(evaluation.scheme, evaluation.source, evaluation.information) if evaluation else profile.evaluation,
        handling=handling.code if handling else profile.handling,
        handling_conditions=frozenset(handling.conditions) if handling else frozenset(),
        handling_expires=handling.expires if handling else None,
        visibility=form.visibility or profile.visibility,
        retention_class=profile.retention_class,
        last_verified_on=today,
        retain_until=today + timedelta(days=RETENTION_DAYS[profile.retention_class]),
        single_approval=form.single_approval,
        covenant_ref=covenant,
    )


def as_profiled(ground: LegalGround, organisation: Organisation) -> LegalGround:
    """The same without what the form overrides of how far the record goes: as the organisation's profile has it."""
    profile = organisation.profile
    return replace(
        ground,
        legal_basis=profile.legal_basis,
        purpose=profile.purpose,
        handling=profile.handling,
        handling_conditions=frozenset(),
        handling_expires=None,
        visibility=profile.visibility,
    )
