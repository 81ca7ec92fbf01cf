"""The victim ladder: who is on it, which status who gave and by what rule; apart from the case.

No use case of help, referral or signal asks for a status here: help never depends on it (domain.md 4). Nothing of the
ladder leaves the country but rounded counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller, Task
from register.domain.desk.intake import IntakeId
from register.domain.desk.record import check_change, check_days, nationality_group, require_any, retain_until
from register.domain.desk.victim import Victim, VictimId, to_undo
from register.domain.running.audit_action import AuditAction
from register.domain.signals.signal import SignalId
from register.errors import CallerError, NotFound
from register.mou.ladder import of_country, rule_to_assign
from register.pseudonyms.normalise.person import Person
from register.services.desk.kit import Keeping, Made, Recorded
from register.services.signals.protecting.keep_protection import (
    begin_fact,
    fact_recorded,
    look_for_named,
    named_at_the_desk,
)
from register.store.desk.victims import Victims
from register.store.work import Work
from schemas.codes import VictimStatus
from schemas.desk.victim import AssigningRule, StatusIn, StatusOut, VictimIn, VictimOut, VictimSummary


class NoSuchPerson(CallerError):
    """The signal has no person of this number."""

    code = "no-such-person"
    advice = "Give the number `n` of one of the signal's persons."


class KeepVictims(Keeping[VictimIn, Victim, VictimOut, VictimSummary]):
    """Whoever works on cases reads the whole ladder; others whom their own organisation put on it.

    The country's rules say which statuses an organisation may give. Taking somebody off is for who should not have been
    entered: somebody who was found to be no victim gets a status. Where the entry was the mistake, the person is put
    on again, with a status of its own day.
    """

    kind, form, out = "victim", VictimIn, VictimOut
    changes = ("status-assigned", "withdrawn")
    may_record = (Task.SUBMIT, Task.REGISTER, Task.ENRICH)
    reads_all = (Task.REGISTER, Task.ENRICH)
    reads_own = (Task.READ_OWN, Task.SUBMIT)
    misses = (NoSuchPerson,)
    days = ("status.decided_on",)

    def store(self, work: Work) -> Victims:
        """Where they are."""
        return work.desk.victims

    def page(
        self,
        work: Work,
        *,
        organisation: str | None,
        before: UUID | None,
        limit: int,
        status: VictimStatus | None = None,
        **_: Any,
    ) -> list[VictimSummary]:
        """Nothing of a line is opened."""
        return work.desk.victims.page(organisation=organisation, status=status, before=before, limit=limit)

    def make(self, register: Register, work: Work, caller: Caller, form: VictimIn, now: datetime) -> Made[Victim]:
        """A person with a first status.

        Raises:
            MayNotAssign: the caller's organisation may not give it.
            NotFound, AlreadyWithdrawn: there is no such intake or signal that he may know of, or it was taken back.
            NoSuchPerson: the signal has no such subject.
            AlreadyOnLadder: the person is there; one who was taken off can be put on again.
        """
        organisation = work.access.organisations.get(caller.organisation or "")
        rule = rule_to_assign(organisation, (form.status.status,), form.status.decided_on)
        begin_fact(work)
        signal, whom = _check_person(work, caller, form)
        victim = Victim(
            id=VictimId(register.clock.new_id()),
            version=1,
            organisation=organisation.code,
            actor=caller.actor,
            intake=form.intake,
            signal=form.signal,
            subject=form.subject,
            sex=form.sex,
            age_band=form.age_band,
            group=nationality_group(form.nationality),
            movement=form.movement,
            details=form.model_dump(mode="json", include={"nationality", "name", "note"}, exclude_none=True),
            history=(_line(form.status, organisation.code, rule, register),),
            retain_until=retain_until(organisation, register.day_of(now)),
            recorded_at=now,
            changed_at=now,
            named=named_at_the_desk(register, whom),
        )

        def protect() -> None:
            if signal is not None:
                # Not later, by a worker: who is on the ladder is found nowhere abroad from this commit on.
                fact_recorded(register, work, SignalId(signal))
            look_for_named(register, work, whom)

        return Made(victim, {"status": victim.status, "rule": rule}, protect)

    def bare(self, record: Victim) -> Mapping[str, Any]:
        """What names the person goes, and every reason."""
        history = tuple(line.model_copy(update={"reason": None}) for line in record.history)
        return {"details": {}, "history": history}

    def document(self, register: Register, work: Work, record: Victim) -> VictimOut:
        """The same for every reader."""
        return record.document()

    def about(self, form: VictimIn) -> UUID | None:
        """The record by which the person is named."""
        return form.intake or form.signal

    def may_change(self, caller: Caller, record: Recorded) -> bool:
        """Whether he may take the person off: the register unit any, those who enrich whom their organisation put."""
        own = caller.may(Task.ENRICH) and caller.organisation == record.organisation
        return own or caller.may(Task.REGISTER)

    def may_assign(self, caller: Caller, record: Recorded) -> bool:
        """Whether he may add a status, as far as his tasks go: to whom he may read, with a task that records."""
        return self.may_read(caller, record) and any(caller.may(task) for task in self.may_record)


VICTIMS: Final = KeepVictims()
put_on_ladder, read_victim, list_victims = VICTIMS.record, VICTIMS.read, VICTIMS.list_page
withdraw_victim = VICTIMS.withdraw


@repeat_if_deadlocked
def assign_status(
    register: Register, caller: Caller, victim_id: VictimId, status: StatusIn, *, version: int
) -> VictimOut:
    """Add a status to a person's history.

    Raises:
        NotFound: there is nobody that this caller may know of.
        MayNotAssign: the country's rules give the status, or the one that it undoes, to others.
        StatusNotAllowed, LadderFull: by the history.
        ChangedMeanwhile, AlreadyWithdrawn, DateInFuture, CodeRetired: as for any change.
    """
    now = register.clock.now()
    check_days({"decided_on": status.decided_on}, register.day_of(now))
    register.check_codes(status, on=register.day_of(now))
    with register.looking(caller, AuditAction.VICTIM_STATUS_NOT_ASSIGNED, victim_id) as work:
        begin_fact(work)
        before = work.desk.victims.get(victim_id, for_change=True)
        if not VICTIMS.may_assign(caller, before):
            raise NotFound(work.desk.victims.nothing.format(victim_id))
        check_change(before, version)
        before.check_next(status.status, status.decided_on)
        organisation = work.access.organisations.get(caller.organisation or "")
        rule = rule_to_assign(organisation, (status.status, *to_undo(before.status)), status.decided_on)
        line = _line(status, organisation.code, rule, register)
        changed = before.changed(now, history=(*before.history, line))
        work.desk.victims.step(changed, caller.actor)
        facts: dict[str, Any] = {
            "from": before.status, "to": status.status, "rule": rule, "version": changed.version,
        }  # fmt: skip
        work.running.audit.note(AuditAction.VICTIM_STATUS_ASSIGNED, str(victim_id), **facts)
        # Who stands on the ladder again is protected again at once, if two persons had said that nothing was behind it.
        about = work.signals.protections.signal_of_victim(victim_id)
        if about is not None and work.signals.protections.lifted(about):
            fact_recorded(register, work, about)
        return changed.document()


def assigning_rules(register: Register, caller: Caller) -> tuple[AssigningRule, ...]:
    """Who may assign what in the caller's country today, with source; for anybody who is authorised for something."""
    require_any(caller, *Task)
    today = register.today()
    return tuple(
        AssigningRule(
            rule=row.id,
            status=tuple(sorted(row.statuses)),
            organisations=tuple(sorted(row.organisations)),
            kinds=tuple(sorted(row.kinds)),
            source=row.source,
            says=row.says,
            assumed=row.assumed,
        )
        for row in of_country(register.partition, today)
    )


def _line(status: StatusIn, organisation: str, rule: str, register: Register) -> StatusOut:
    return StatusOut(
        status=status.status,
        form=status.form,
        decided_on=status.decided_on,
        organisation=organisation,
        rule=rule,
        reason=status.reason,
        at=register.clock.now(),
    )


def _check_person(work: Work, caller: Caller, form: VictimIn) -> tuple[UUID | None, Person | None]:
    """Whoever puts a person on the ladder may know of the record that they name; it stands, and the person is in it.

    Returns:
        The signal in which the person is, or from which the interview stems; and who it is by the entry, or by the
        interview where the entry does not say.
    """
    name, nation = form.name, form.nationality
    whole = VICTIMS.sees_all(caller)
    if form.intake is not None:
        intake = work.desk.intakes.get(IntakeId(form.intake), for_change=True)
        if not whole and caller.organisation != intake.organisation:
            raise NotFound(f"there is no intake {form.intake} in this register")
        check_change(intake, intake.version)
        name, nation = name or intake.form.name, nation or intake.form.nationality
        return intake.form.signal, Person(name, nationality=nation) if name else None
    if form.signal is not None:
        work.signals.reports.lock(SignalId(form.signal))
        signal = work.signals.reports.get(SignalId(form.signal))
        if not whole and caller.organisation != signal.organisation:
            raise NotFound(f"there is no signal {form.signal} in this register")
        check_change(signal, signal.version)
        if form.subject not in {s.n for s in signal.form.subjects if s.kind == "person"}:
            raise NoSuchPerson(f"{signal.reference} has no person of number {form.subject}")
    return form.signal, Person(name, nationality=nation) if name else None
