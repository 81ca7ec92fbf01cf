"""Intakes: recorded by who held them, read by who works on cases, amended and taken back with a reason.

An intake never leaves its country and is in no index; what partners see of it is a rounded count. Reasons stand
sealed in the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.desk.intake import Intake, IntakeId, group_of
from register.domain.desk.record import retain_until
from register.domain.signals.signal import SignalId
from register.pseudonyms.normalise.person import Person
from register.services.desk.kit import Amending, Made, Recorded
from register.services.signals.protecting.keep_protection import (
    begin_fact,
    fact_recorded,
    look_for_named,
    named_at_the_desk,
    protects_in,
)
from register.store.desk.intakes import Intakes
from register.store.work import Work
from schemas.desk.intake import IntakeIn, IntakeOut, IntakeSummary, Protects


class KeepIntakes(Amending[IntakeIn, Intake, IntakeOut, IntakeSummary]):
    """Whoever works on cases reads all of the country; others what their own organisation held.

    A person whom the ladder knows by an intake that is taken back stays there until taken back there.
    """

    kind, form, out = "intake", IntakeIn, IntakeOut
    may_record = reads_all = (Task.ENRICH, Task.REGISTER)
    reads_own = (Task.READ_OWN,)

    def store(self, work: Work) -> Intakes:
        """Where they are."""
        return work.desk.intakes

    def page(
        self, work: Work, *, organisation: str | None, before: UUID | None, limit: int, **_: Any
    ) -> list[IntakeSummary]:
        """Nothing of a line is opened."""
        return work.desk.intakes.page(organisation=organisation, before=before, limit=limit)

    def make(self, register: Register, work: Work, caller: Caller, form: IntakeIn, now: datetime) -> Made[Intake]:
        """An interview that the caller's organisation held."""
        begin_fact(work)
        _check_signal(work, form)
        organisation = work.access.organisations.get(caller.organisation or "")
        intake = Intake(
            id=IntakeId(register.clock.new_id()),
            version=1,
            organisation=organisation.code,
            actor=caller.actor,
            form=form,
            group=group_of(form),
            retain_until=retain_until(organisation, register.day_of(now)),
            recorded_at=now,
            changed_at=now,
            named=named_at_the_desk(register, _person(form)),
        )
        return Made(intake, {"linked": form.signal is not None}, lambda: _protect(register, work, form))

    def begin(self, work: Work) -> None:
        """What it says of a person decides what leaves."""
        begin_fact(work)

    def amended(self, register: Register, work: Work, before: Intake, form: IntakeIn) -> Made[Intake]:
        """The name, too, may change: whoever has the one that was corrected may be meant still."""
        _check_signal(work, form)
        named = before.named | named_at_the_desk(register, _person(form))
        changed = replace(before, form=form, group=group_of(form), named=named)
        return Made(changed, then=lambda: _protect(register, work, form))

    def bare(self, record: Intake) -> Mapping[str, Any]:
        """What names the person goes."""
        form = record.form.model_copy(update={"name": None, "note": None, "nationality": None})
        return {"form": form, "named": frozenset()}

    def form_of(self, record: Intake) -> IntakeIn:
        """As it was given."""
        return record.form

    def document(self, register: Register, work: Work, record: Intake) -> IntakeOut:
        """With whom it keeps at home."""
        return record.document(_protects(register, work, record))

    def about(self, form: IntakeIn) -> UUID | None:
        """The report that it is said to stem from."""
        return form.signal

    def may_change(self, caller: Caller, record: Recorded) -> bool:
        """The register unit changes any, those who enrich what their organisation held."""
        own = caller.may(Task.ENRICH) and caller.organisation == record.organisation
        return own or caller.may(Task.REGISTER)


INTAKES: Final = KeepIntakes()
record_intake, read_intake, list_intakes = INTAKES.record, INTAKES.read, INTAKES.list_page
amend_intake, withdraw_intake = INTAKES.amend, INTAKES.withdraw


def _check_signal(work: Work, form: IntakeIn) -> None:
    if form.signal is not None:
        work.signals.reports.lock(SignalId(form.signal))


def _protect(register: Register, work: Work, form: IntakeIn) -> None:
    """What the interview says of a person, of the signal that it stems from or of any, reaches partners at once."""
    if form.signal is not None:
        fact_recorded(register, work, SignalId(form.signal))
    look_for_named(register, work, _person(form))


def _protects(register: Register, work: Work, intake: Intake) -> tuple[Protects, ...]:
    """Whom it keeps at home; nothing of whether anybody is reported whom the caller did not name a report of."""
    found: list[Protects] = []
    about = intake.form.signal
    if about is not None and protects_in(register, work, SignalId(about), intake.id.bytes):
        found.append("IN_REPORT")
    if intake.named:
        found.append("BY_NAME")
    return tuple(found)


def _person(form: IntakeIn) -> Person | None:
    return None if form.name is None else Person(form.name, nationality=form.nationality)
