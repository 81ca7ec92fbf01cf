"""A person on the victim ladder, and which status may follow which; apart from any case, and no condition of help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, NewType
from uuid import UUID

from register.domain.desk.record import Record
from register.domain.instant import to_ms
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
class Victim(Record):
    """One person on the ladder of one country.

    Attributes:
        intake, signal, subject: who it is: of an intake, or a subject of a signal by its number.
        group: the row that counts the nationality.
        details: name, nationality and note, as far as they are known and not destroyed.
        history: oldest first, never empty.
        named: blind values of whom the entry, or its interview, names, by which other records are compared.
    """

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
        return VictimOut(
            **self.stamps(),
            **self.details,
            status=self.status,
            sex=self.sex,
            age_band=self.age_band,
            nationality_group=self.group,
            movement=self.movement,
            intake=self.intake,
            signal=self.signal,
            subject=self.subject,
            history=tuple(line.model_copy(update={"at": to_ms(line.at)}) for line in self.history),
        )


def to_undo(before: VictimStatus | None) -> tuple[VictimStatus, ...]:
    """What whoever decides must also be allowed to give, to take it away: a confirmation, and nothing else."""
    return (before,) if before is VictimStatus.CONFIRMED else ()
