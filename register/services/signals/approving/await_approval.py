"""Let a signal that the exit gate alone holds back wait for whoever keeps it, and for nobody once that is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from register.core import Register
from register.domain.access.organisation import Organisation
from register.domain.signals.signal import Signal
from register.domain.signals.waiting import approval_of
from register.mou.decide import Decision
from register.mou.rules.gate import Gates
from register.store.work import Work
from schemas.codes import Partition, ToDoKind

FOR_THE_KEEPER: Final = frozenset({"GATE-1", "HANDLING-4"})
"""What an approval meets: the gate, and the condition that it names its recipients."""


def bring_approval(
    register: Register,
    work: Work,
    signal: Signal,
    organisation: Organisation,
    decisions: Mapping[Partition, Decision],
) -> None:
    """Bring the keepers' to-dos in step with what was decided: some partner could have it if they approved, or none."""
    gate = register.edition.given("GATE-1", Gates).gates.get(signal.partition)
    held_back = any(not one.allowed and FOR_THE_KEEPER.issuperset(one.rules) for one in decisions.values())
    if gate is None or not held_back or signal.withdrawn_at is not None:
        work.running.to_do.close_of_signal(ToDoKind.APPROVAL, signal.id)
        return
    kind, today = gate.keeper_of(organisation.kind).kind, register.today()
    for one in work.access.organisations.all():
        if one.kind == kind and one.code != organisation.code and one.in_force(today):
            work.running.to_do.bring(approval_of(signal, one.code))
