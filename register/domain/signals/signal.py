"""A signal: one report or sign, what it rests on in law, and how far it has come.

Values and the state machine only; what a service typed is `schemas.signals.signal.SignalIn` and is carried as it came.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NewType
from uuid import UUID

from register.errors import CallerError, Conflict
from schemas.codes import (
    CrimeClass,
    Handling,
    HandlingCondition,
    LegalBasis,
    Partition,
    Purpose,
    SignalState,
    Visibility,
)
from schemas.signals.signal import SignalIn

SignalId = NewType("SignalId", UUID)

# Each step of Aruba's workflow (domain.md 4), with what may follow. Referrals run beside it and are no states.
NEXT_STATES: dict[SignalState, frozenset[SignalState]] = {
    SignalState.RECEIVED: frozenset({SignalState.REGISTERED, SignalState.NO_FURTHER_ACTION}),
    SignalState.REGISTERED: frozenset(
        {SignalState.FORWARDED, SignalState.GATHERING, SignalState.ASSESSED, SignalState.NO_FURTHER_ACTION}
    ),
    SignalState.FORWARDED: frozenset(
        {SignalState.GATHERING, SignalState.INTAKE_HELD, SignalState.ASSESSED, SignalState.NO_FURTHER_ACTION}
    ),
    SignalState.GATHERING: frozenset({SignalState.INTAKE_HELD, SignalState.ASSESSED, SignalState.NO_FURTHER_ACTION}),
    SignalState.INTAKE_HELD: frozenset({SignalState.GATHERING, SignalState.ASSESSED, SignalState.NO_FURTHER_ACTION}),
    SignalState.ASSESSED: frozenset({SignalState.GATHERING, SignalState.NO_FURTHER_ACTION, SignalState.CLOSED}),
    SignalState.NO_FURTHER_ACTION: frozenset({SignalState.GATHERING, SignalState.CLOSED}),
    SignalState.CLOSED: frozenset(),
}


class StepNotAllowed(Conflict):
    """The signal cannot go from its state to the one asked for."""

    code = "step-not-allowed"
    advice = "Choose one of the steps that the message names."


class AlreadyWithdrawn(Conflict):
    """The record has been withdrawn; nothing about it changes any more."""

    code = "already-withdrawn"
    advice = "Register a new one if it turns out to hold after all."


class ChangedMeanwhile(Conflict):
    """Somebody changed the record after you read it."""

    code = "precondition-failed"
    advice = "Read it again to see what changed; then repeat your change with its new ETag."


class DateInFuture(CallerError):
    """A date of the form lies in the future."""

    code = "date-in-future"
    advice = "Correct the date that the message names."


@dataclass(frozen=True, slots=True)
class LegalGround:
    """What a record rests on; from the organisation's profile unless the form overrides it (domain.md 0).

    Attributes:
        gate_ref: the approval that the gate's keeper gave on this node.
        gate_approval: the approval that the keeper's organisation signed (compact JWS); in place of the former.
        gate_until: the last day of that.
        recipients: whom the approval of the gate's keeper names; empty: it names nobody apart.
        prosecutor_consent: reference of the prosecutor's consent to this provision.
        consent: that consent as the prosecutor's organisation signed it (compact JWS), where it did.
        consent_until: the last day of that.
        widened: it lets the record go further than that profile, or than before, and nobody has confirmed it since.
    """

    purpose: Purpose
    legal_basis: LegalBasis
    crime_class: CrimeClass | None
    acquisition: str
    obtained_on: date
    evaluation: tuple[str, str, str]
    handling: Handling
    handling_conditions: frozenset[HandlingCondition]
    handling_expires: date | None
    visibility: Visibility
    retention_class: str
    last_verified_on: date
    retain_until: date
    single_approval: bool
    gate_ref: str | None = None
    gate_approval: str | None = None
    gate_until: date | None = None
    covenant_ref: str | None = None
    confirmed_at: datetime | None = None
    contested: bool = False
    widened: bool = False
    recipients: frozenset[Partition] = frozenset()
    prosecutor_consent: str | None = None
    consent: str | None = None
    consent_until: date | None = None

    @property
    def ends(self) -> date | None:
        """The last day of a signed approval or consent, of the two the earlier."""
        return min((one for one in (self.gate_until, self.consent_until) if one is not None), default=None)

    @property
    def is_approved(self) -> bool:
        """Whether the gate's keeper has approved this very report, here or by a signature."""
        return self.gate_ref is not None or self.gate_approval is not None

    def with_gate(
        self,
        *,
        ref: str | None = None,
        approval: str | None = None,
        until: date | None = None,
        recipients: frozenset[Partition] = frozenset(),
    ) -> LegalGround:
        """The same with this approval of the exit gate in place of any other; with none, unapproved."""
        return replace(self, gate_ref=ref, gate_approval=approval, gate_until=until, recipients=recipients)

    def with_consent(
        self, *, ref: str | None = None, consent: str | None = None, until: date | None = None
    ) -> LegalGround:
        """The same with this consent of the prosecutor in place of any other; with none, without one."""
        return replace(self, prosecutor_consent=ref, consent=consent, consent_until=until)

    def over(self, today: date) -> LegalGround:
        """The same without the approval and the consent whose last day is over."""
        ground = self
        if self.gate_until is not None and self.gate_until < today:
            ground = ground.with_gate()
        if self.consent_until is not None and self.consent_until < today:
            ground = ground.with_consent()
        return ground


@dataclass(frozen=True, slots=True)
class SealedSignal:
    """What of a signal can be read without opening anything of it: enough to take it back."""

    id: SignalId
    reference: str
    version: int
    organisation: str
    extract_id: UUID
    visibility: Visibility
    retain_until: date
    withdrawn_at: datetime | None
    withdrawn_code: str | None
    gate_until: date | None
    consent_until: date | None

    def has_run_out(self, today: date) -> bool:
        """Whether the last day of its signed approval or consent is over."""
        return any(one is not None and one < today for one in (self.gate_until, self.consent_until))

    def check_version(self, version: int) -> None:
        """As `Signal.check_version`; raises `ChangedMeanwhile`."""
        check_version(self.reference, self.version, version)


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal of one country.

    Attributes:
        version: counts changes; it is the ETag.
        type_registered: what a year's report counts; never changes.
        extract_id: the id under which partners know its extract; an id of its own, since a UUIDv7 tells a time.
        pseudonyms: pending, partial, done or none.
    """

    id: SignalId
    partition: Partition
    reference: str
    state: SignalState
    version: int
    organisation: str
    actor: str
    type_registered: str
    type_assessed: str
    form: SignalIn
    ground: LegalGround
    extract_id: UUID
    pseudonyms: str
    last_necessity_at: datetime
    recorded_at: datetime
    changed_at: datetime
    forwarded_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_code: str | None = None

    def check_version(self, version: int) -> None:
        """Do nothing if this is the version that a change was made on.

        Raises:
            ChangedMeanwhile: it is not; an approval, too, counts for what was read only.
        """
        check_version(self.reference, self.version, version)

    def changed(self, at: datetime, **parts: object) -> Signal:
        """A copy with parts changed and the version counted on.

        Raises:
            AlreadyWithdrawn: nothing changes after a withdrawal.
        """
        if self.withdrawn_at is not None:
            raise AlreadyWithdrawn(f"{self.reference} was withdrawn; it cannot change", reference=self.reference)
        return replace(self, version=self.version + 1, changed_at=at, **parts)  # type: ignore[arg-type]

    def step(self, to: SignalState, at: datetime) -> Signal:
        """The signal one step further in the workflow.

        Raises:
            StepNotAllowed: names the steps that are.
        """
        allowed = NEXT_STATES[self.state]
        if to not in allowed:
            names = ", ".join(sorted(allowed)) or "none"
            raise StepNotAllowed(f"{self.reference} is {self.state}; next may come: {names}", allowed=sorted(allowed))
        forwarded = at if to is SignalState.FORWARDED else self.forwarded_at
        return self.changed(at, state=to, forwarded_at=forwarded)


def check_version(reference: str, present: int, wanted: int) -> None:
    """Do nothing if the present version is the wanted one; raise `ChangedMeanwhile` if not."""
    if present != wanted:
        raise ChangedMeanwhile(f"{reference} is at version {present}, not {wanted}", version=present)


LONG_AGO_YEARS = 10
"""A report about something older than this is rare, and a slip of the year is not: whoever enters it is asked."""


def is_long_ago(day: date, today: date) -> bool:
    """Whether a day is so long ago that its year may be a slip."""
    return (today - day).days > LONG_AGO_YEARS * 365.25


def check_dates(form: SignalIn, today: date) -> None:
    """Refuse dates in the future: a slip of the year would hide the signal from its year's report.

    Raises:
        DateInFuture: names the field.
    """
    dates = {"received_on": form.received_on, "period.from": form.period.from_, "period.to": form.period.to}
    dates |= {f"guarantees.{i}.on": g.on for i, g in enumerate(form.guarantees)}
    late = sorted(name for name, day in dates.items() if day is not None and day > today)
    if late:
        raise DateInFuture(f"{', '.join(late)}: later than today, {today}", fields=late)
