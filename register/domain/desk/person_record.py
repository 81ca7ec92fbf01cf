"""What intakes, the victim ladder, trainings and referrals share: versions, dates, and the row of a nationality."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Protocol

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.access.organisation import RETENTION_DAYS, Organisation
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
