"""The use cases that every versioned record of the desk has: record, list, read, amend, take back, and its history.

A kind of record is declared once, as a class below `Keeping`: its form, who may do what, and what is its own. All else
is here: the rights are asked before anything is said, a miss leaves a leaf, a record that the caller may not know of
is answered like one that is not there, and each change names the version that it was made on.

A history line says who did what when, and which fields: it is read from the audit log, which has it anyway, so that
no second copy can differ. What stood in a field before is not kept: it may name somebody.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller, Task
from register.domain.desk.record import ChangeLine, Record, check_change, check_days, require_any
from register.domain.paging import after_cursor, cursor_of
from register.domain.running.audit_action import AuditAction
from register.errors import NotFound, RegisterError
from register.store.desk.records import Records
from register.store.work import Work
from schemas.canonical import dumps
from schemas.desk.record import Amendment, TakeBackIn
from schemas.form import PAGE_MAX, Form, Page

F = TypeVar("F", bound=Form)
R = TypeVar("R", bound=Record)
O = TypeVar("O", bound=BaseModel)  # noqa: E741 - the document that readers get
S = TypeVar("S", bound=BaseModel)


class Recorded(Protocol):
    """A record, or the document that a reader has of it: both say whose it is, and the rights go by that."""

    @property
    def organisation(self) -> str:
        """That recorded it."""
        ...


@dataclass(frozen=True, slots=True)
class Made(Generic[R]):
    """A record that is about to be stored.

    Attributes:
        facts: of its leaf: codes and counts.
        then: what must happen in the same transaction, once it is stored.
    """

    record: R
    facts: Mapping[str, Any] = field(default_factory=dict)
    then: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Whole(Generic[O]):
    """A record with its history, the oldest first."""

    document: O
    history: tuple[ChangeLine, ...]


class Keeping(ABC, Generic[F, R, O, S]):
    """The use cases of one kind of record.

    Attributes:
        kind: names its leaves and its keys: `training.recorded`.
        form, out: what is sent and what is answered.
        may_record: any one of the tasks is enough to record one.
        reads_all: any one of them, to read every record of the country.
        reads_own: any one of them, to read what the own organisation recorded.
        misses: errors that count as a miss beside `NotFound` when one is recorded.
        days: fields that hold a day, none later than today.
        changes: what is done to one after it was recorded, as its leaves say it.
    """

    kind: ClassVar[str]
    form: type[F]
    out: type[O]
    may_record: ClassVar[tuple[Task, ...]]
    reads_all: ClassVar[tuple[Task, ...]]
    reads_own: ClassVar[tuple[Task, ...]] = ()
    misses: ClassVar[tuple[type[RegisterError], ...]] = ()
    days: ClassVar[tuple[str, ...]] = ("held_on",)
    changes: ClassVar[tuple[str, ...]] = ("amended", "withdrawn")

    # -- what a kind says of itself

    @abstractmethod
    def store(self, work: Work) -> Records[R]:
        """Where its records are."""

    @abstractmethod
    def page(
        self, work: Work, *, organisation: str | None, before: UUID | None, limit: int, **narrowed: Any
    ) -> list[S]:
        """The newest lines of its list; `organisation` None for all of the country."""

    @abstractmethod
    def make(self, register: Register, work: Work, caller: Caller, form: F, now: datetime) -> Made[R]:
        """A new record of a form that was checked."""

    @abstractmethod
    def document(self, register: Register, work: Work, record: R) -> O:
        """A record for those who may read it."""

    @abstractmethod
    def may_change(self, caller: Caller, record: Recorded) -> bool:
        """Whether the caller may correct it or take it back."""

    def bare(self, record: R) -> Mapping[str, Any]:
        """What a withdrawal takes out of the record."""
        return {}

    def about(self, form: F) -> object:
        """The id that the leaf names where a new one meets something that is not there."""
        return None

    def action(self, done: str) -> AuditAction:
        """What a leaf calls it: every kind has the same."""
        return AuditAction.named(f"{self.kind}.{done}")

    # -- who may

    def check_tasks(self, caller: Caller) -> None:
        """Do nothing unless it is no secret that there are such records; then raise `TaskMissing` to who may not."""

    def opens_to(self, caller: Caller) -> bool:
        """Whether there may be any record that this caller reads."""
        return any(caller.may(task) for task in (*self.reads_all, *self.reads_own))

    def sees_all(self, caller: Caller) -> bool:
        """Whether the caller reads the records of all organisations of the country."""
        return any(caller.may(task) for task in self.reads_all)

    def may_read(self, caller: Caller, record: Recorded) -> bool:
        """Whether the caller may know of it."""
        own = caller.organisation == record.organisation and any(caller.may(task) for task in self.reads_own)
        return own or self.sees_all(caller)

    # -- the use cases

    @repeat_if_deadlocked
    def record(self, register: Register, caller: Caller, form: F, key: str) -> O:
        """Record one.

        Args:
            register: the caller's country's.
            caller: with one of the tasks of `may_record`.
            form: what is known.
            key: the Idempotency-Key.

        Raises:
            TaskMissing: the caller may not.
            DateInFuture, CodeRetired: name the field.
            NotFound: what the form names is not there for this caller.
            KeyReused, InFlight: about the key.
        """
        require_any(caller, *self.may_record)
        now = self._checked(register, form)

        def make(work: Work) -> bytes:
            made = self.make(register, work, caller, form, now)
            self.store(work).add(made.record)
            work.running.audit.note(self.action("recorded"), str(made.record.id), **made.facts)
            made.then()
            return self.document(register, work, made.record).model_dump_json().encode()

        request = dumps([self.kind, form.model_dump(mode="json")])
        with register.noting(caller, self.action("not-recorded"), self.about(form), *self.misses):
            return self.out.model_validate_json(register.once(caller, key, request, make))

    def read(self, register: Register, caller: Caller, record_id: UUID) -> O:
        """Return one of the own country; the reading is logged.

        Raises:
            NotFound: there is none that this caller may know of.
        """
        self.check_tasks(caller)
        with register.looking(caller, self.action("not-found"), record_id) as work:
            record = self._found(work, caller, record_id)
            work.running.audit.note(self.action("read"), str(record_id), version=record.version)
            return self.document(register, work, record)

    def read_whole(self, register: Register, caller: Caller, record_id: UUID) -> Whole[O]:
        """Return one with its history; rights and errors as for reading it."""
        self.check_tasks(caller)
        with register.looking(caller, self.action("not-found"), record_id) as work:
            record = self._found(work, caller, record_id)
            work.running.audit.note(self.action("read"), str(record_id), version=record.version, parts=["history"])
            return Whole(self.document(register, work, record), self._history(work, record))

    def list_page(
        self, register: Register, caller: Caller, *, cursor: str | None, limit: int, **narrowed: Any
    ) -> Page[S]:
        """Return one page, newest first: coded fields, no name and no note.

        Raises:
            TaskMissing: the caller may read none.
            BadCursor: the cursor is none of ours.
        """
        require_any(caller, *self.reads_all, *self.reads_own)
        limit = max(1, min(limit, PAGE_MAX))
        before = None if cursor is None else after_cursor(cursor)
        with register.work(caller) as work:
            own = None if self.sees_all(caller) else caller.organisation
            items: list[Any] = list(self.page(work, organisation=own, before=before, limit=limit + 1, **narrowed))
            work.running.audit.note(self.action("listed"), "-", count=min(len(items), limit))
        more = len(items) > limit
        return Page(items=tuple(items[:limit]), next=cursor_of(items[limit - 1].id) if more else None)

    @repeat_if_deadlocked
    def withdraw(
        self, register: Register, caller: Caller, record_id: UUID, withdrawal: TakeBackIn, *, version: int
    ) -> O:
        """Take one back: it counts no more, and what is sealed of it opens for nobody any more.

        Raises:
            NotFound: there is none that this caller may change.
            ChangedMeanwhile, AlreadyWithdrawn: about the present one.
        """
        self.check_tasks(caller)
        now = register.clock.now()
        with register.looking(caller, self.action("not-withdrawn"), record_id) as work:
            before = self.for_change(work, caller, record_id, version)
            changed = before.changed(now, withdrawn_at=now, **self.bare(before))
            self.store(work).replace(changed)
            private = {"reason": withdrawal.reason}
            work.running.audit.note(self.action("withdrawn"), str(record_id), private=private, version=changed.version)
            return self.document(register, work, changed)

    def for_change(self, work: Work, caller: Caller, record_id: UUID, version: int) -> R:
        """The record, locked, on the version that was seen, for somebody who may change it."""
        record = self.store(work).get(record_id, for_change=True)
        if not self.may_change(caller, record):
            raise self._nothing(work, record_id)
        check_change(record, version)
        return record

    def _found(self, work: Work, caller: Caller, record_id: UUID) -> R:
        record = self.store(work).get(record_id)
        if not self.may_read(caller, record):
            raise self._nothing(work, record_id)
        return record

    def _nothing(self, work: Work, record_id: UUID) -> NotFound:
        # The same sentence as where there is none: that there is one must not be told either.
        return NotFound(self.store(work).nothing.format(record_id))

    def _history(self, work: Work, record: R) -> tuple[ChangeLine, ...]:
        """What was done with it; one that never changed is asked no log about."""
        first = ChangeLine(
            at=record.recorded_at, done="recorded", actor=record.actor, organisation=record.organisation, version=1
        )
        if record.version == 1:
            return (first,)
        done = work.running.audit.changes_of(
            str(record.id),
            [self.action(what) for what in self.changes],
            record.recorded_at,
            record.changed_at,
        )
        return first, *(
            ChangeLine(
                at=one.at,
                done=one.action.partition(".")[2],
                actor=one.actor,
                organisation=one.organisation or "",
                version=one.facts.get("version", 0),
                fields=tuple(one.facts.get("fields", ())),
            )
            for one in done
        )

    def _checked(self, register: Register, form: F, was: F | None = None) -> datetime:
        """The moment of the use case, by whose day the form holds."""
        now = register.clock.now()
        check_days({name: _day_at(form, name) for name in self.days}, register.day_of(now))
        register.check_codes(form, on=register.day_of(now), was=was)
        return now


class Amending(Keeping[F, R, O, S]):
    """A kind of record whose form can be corrected."""

    @abstractmethod
    def amended(self, register: Register, work: Work, before: R, form: F) -> Made[R]:
        """The record as it stands with the corrected form, at its present version and moment."""

    @abstractmethod
    def form_of(self, record: R) -> F:
        """The form as it was given."""

    @repeat_if_deadlocked
    def amend(self, register: Register, caller: Caller, record_id: UUID, change: Amendment, *, version: int) -> O:
        """Correct or complete one.

        Raises:
            NotFound: there is none that this caller may change, or what the form names is not there.
            ChangedMeanwhile, AlreadyWithdrawn: about the present one.
            DateInFuture, CodeRetired: name the field.
            pydantic.ValidationError: a part that is needed was taken away.
        """
        self.check_tasks(caller)
        with register.looking(caller, self.action("not-amended"), record_id) as work:
            self.begin(work)
            before = self.for_change(work, caller, record_id, version)
            form = change.applied_to(self.form_of(before))
            now = self._checked(register, form, was=self.form_of(before))
            made = self.amended(register, work, before, form)
            changed = made.record.changed(now)
            self.store(work).replace(changed)
            fields = sorted(change.changes.model_fields_set)
            private = {"reason": change.reason}
            work.running.audit.note(
                self.action("amended"), str(record_id), private=private, version=changed.version, fields=fields
            )
            made.then()
            return self.document(register, work, changed)

    def begin(self, work: Work) -> None:
        """What must come before any row is locked."""


def _day_at(form: BaseModel, name: str) -> date | None:
    found: Any = form
    for part in name.split("."):
        found = getattr(found, part)
    day: date | None = found
    return day
