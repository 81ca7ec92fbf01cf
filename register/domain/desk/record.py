"""What the records of the desk and referrals share: versions, stamps, dates, and the row of a nationality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol, Self
from uuid import UUID

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.access.organisation import RETENTION_DAYS, Organisation
from register.domain.instant import to_ms, to_ms_or_none
from register.domain.signals.signal import AlreadyWithdrawn, ChangedMeanwhile, DateInFuture
from schemas.codes import code_list


class Versioned(Protocol):
    """A record that counts its changes and may have been withdrawn."""

    @property
    def version(self) -> int:
        """Counts changes; it is the ETag."""
        ...

    @property
    def withdrawn_at(self) -> datetime | None:
        """When it was withdrawn; None while it holds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of one country.

    Attributes:
        organisation, actor: that recorded it.
        version: counts its changes; it is the ETag.
    """

    id: UUID
    version: int
    organisation: str
    actor: str
    recorded_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None = None

    def changed(self, at: datetime, **parts: Any) -> Self:
        """The record at its next version."""
        return replace(self, version=self.version + 1, changed_at=at, **parts)

    def stamps(self) -> dict[str, Any]:
        """What every document of a record has beside its form."""
        return {
            "id": self.id,
            "version": self.version,
            "organisation": self.organisation,
            "recorded_at": to_ms(self.recorded_at),
            "changed_at": to_ms(self.changed_at),
            "withdrawn_at": to_ms_or_none(self.withdrawn_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """A line of a record's history: who did what when, and which fields; never what stood in them."""

    at: datetime
    done: str
    actor: str
    organisation: str
    version: int
    fields: tuple[str, ...] = ()


def check_change(record: Versioned, version: int) -> None:
    """Do nothing if a change made on this version may go on.

    Raises:
        AlreadyWithdrawn: nothing changes after a withdrawal.
        ChangedMeanwhile: it is at another version.
    """
    if record.withdrawn_at is not None:
        raise AlreadyWithdrawn("the record was withdrawn; it cannot change")
    if record.version != version:
        raise ChangedMeanwhile(f"the record is at version {record.version}, not {version}", version=record.version)


def check_days(days: Mapping[str, date | None], today: date) -> None:
    """Refuse days in the future: a slip of the year would hide the record from its year's figures.

    Raises:
        DateInFuture: names the fields.
    """
    late = sorted(name for name, day in days.items() if day is not None and day > today)
    if late:
        raise DateInFuture(f"{', '.join(late)}: later than today, {today}", fields=late)


def nationality_group(nationality: str | None) -> str:
    """The row of the reports that counts a nationality (ISO 3166); OTHER for those without a row, and for None."""
    for code in code_list("nationality_group"):
        if nationality in code.extra["countries"]:
            return code.code
    return "OTHER"


def retain_until(organisation: Organisation, today: date) -> date:
    """The day until which a record of the organisation is kept, by its retention class."""
    return today + timedelta(days=RETENTION_DAYS[organisation.profile.retention_class])


def require_any(caller: Caller, *tasks: Task) -> None:
    """Do nothing if the caller holds one of the tasks.

    Raises:
        TaskMissing: names the first.
    """
    if not any(caller.may(task) for task in tasks):
        names = " or ".join(f"{task} ({task.letter})" for task in tasks)
        raise TaskMissing(f"this needs the task {names}", task=tasks[0].value)
