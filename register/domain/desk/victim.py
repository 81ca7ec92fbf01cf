"""A person on the victim ladder, and which status may follow which; apart from any case, and no condition of help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, NewType
from uuid import UUID

from register.domain.instant import to_ms, to_ms_or_none
from register.errors import Conflict
from schemas.codes import VictimStatus
from schemas.desk.victim import HISTORY_MAX, StatusOut, VictimOut

VictimId = NewType("VictimId", UUID)

_ALL: Final = frozenset(VictimStatus)
NEXT_STATUSES: Final[Mapping[VictimStatus, frozenset[VictimStatus]]] = MappingProxyType(
    {
        # Nobody who was weighed becomes unweighed again; new signs open the ladder anew for who was found to be none.
        VictimStatus.POTENTIAL: _ALL - {VictimStatus.POTENTIAL},
        VictimStatus.PRESUMED: frozenset({VictimStatus.CONFIRMED, VictimStatus.NOT}),
        VictimStatus.CONFIRMED: frozenset({VictimStatus.NOT}),
        VictimStatus.NOT: _ALL - {VictimStatus.NOT},
    }
)


class StatusNotAllowed(Conflict):
    """The status cannot follow the present one, or its day lies before the present one's."""

    code = "status-not-allowed"
    advice = "Choose one of the statuses that the message names, decided on or after the day it names."


class AlreadyOnLadder(Conflict):
    """The person of this intake, or this subject of the signal, is on the ladder already."""

    code = "already-on-ladder"
    advice = "Find the person in the list and add a status there; one person counts once."


class LadderFull(Conflict):
    """The person has as many statuses as one may have."""

    code = "ladder-full"
    advice = "Look at the history: so many changes are a slip of a program."


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """One person on the ladder of one country.

    Attributes:
        intake, signal, subject: who it is: of an intake, or a subject of a signal by its number.
        group: the row that counts the nationality.
        details: name, nationality and note, as far as they are known and not destroyed.
        history: oldest first, never empty.
        named: blind values of whom the entry, or its interview, names, by which other records are compared.
    """

    id: VictimId
    version: int
    organisation: str
    actor: str
    intake: UUID | None
    signal: UUID | None
    subject: int | None
    sex: str
    age_band: str
    group: str
    movement: str
    details: Mapping[str, str]
    history: tuple[StatusOut, ...]
    retain_until: date
    recorded_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None = None
    named: frozenset[bytes] = frozenset()

    @property
    def status(self) -> VictimStatus:
        """The present one."""
        return self.history[-1].status

    def check_next(self, status: VictimStatus, decided_on: date) -> None:
        """Do nothing if the status may follow.

        Raises:
            StatusNotAllowed: names those that may, or the day.
            LadderFull: there are too many already.
        """
        allowed = NEXT_STATUSES[self.status]
        if status not in allowed:
            names = ", ".join(sorted(allowed))
            raise StatusNotAllowed(f"the person is {self.status}; next may come: {names}", allowed=sorted(allowed))
        if decided_on < self.history[-1].decided_on:
            raise StatusNotAllowed(f"expected a day from {self.history[-1].decided_on} on, that of the present status")
        if len(self.history) >= HISTORY_MAX:
            raise LadderFull(f"a person has at most {HISTORY_MAX} statuses")

    def document(self) -> VictimOut:
        """The person for those who may read it."""
        return VictimOut.model_validate(
            {
                "id": self.id,
                "version": self.version,
                "organisation": self.organisation,
                "status": self.status,
                "sex": self.sex,
                "age_band": self.age_band,
                "nationality_group": self.group,
                "movement": self.movement,
                "intake": self.intake,
                "signal": self.signal,
                "subject": self.subject,
                **self.details,
                "history": [line.model_copy(update={"at": to_ms(line.at)}) for line in self.history],
                "recorded_at": to_ms(self.recorded_at),
                "changed_at": to_ms(self.changed_at),
                "withdrawn_at": to_ms_or_none(self.withdrawn_at),
            }
        )


def to_undo(before: VictimStatus | None) -> tuple[VictimStatus, ...]:
    """What whoever decides must also be allowed to give, to take it away: a confirmation, and nothing else."""
    return (before,) if before is VictimStatus.CONFIRMED else ()
