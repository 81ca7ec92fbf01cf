"""A report whose person is protected by a birth date that was wrong, and has been corrected: what can be lifted."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID

from register.domain.access.caller import Task
from register.domain.signals.protecting.lifting import LiftingId
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal
from register.services.signals.protecting.lift_protection import ask_lifting, decide_lifting
from register.services.signals.record_signal import record_signal
from schemas.codes import LiftingDecision, Partition
from schemas.signals.changes import AmendIn
from schemas.signals.lifting import DecideLiftingIn, LiftIn, LiftingOut
from schemas.signals.out import SignalOut
from tests.support.forms import a_form
from tests.support.told import share_all
from tests.support.world import World

AW = Partition.AW
SECOND = "AW-VICTIM"
_numbers = count(1)


def a_person(**parts: Any) -> dict[str, Any]:
    """A companion whose number, document and name nobody else has, nor nearly."""
    number = next(_numbers)
    return {
        "n": 1,
        "role": "COMPANION",
        "kind": "person",
        # Three letters a digit: nobody is nearly somebody else.
        "name": f"Prueba {''.join('abcdefghij'[int(digit)] * 2**place for place, digit in enumerate(f'{number:04}'))}",
        "birth": {"year": 2012, "month": 3, "day": 20},
        "selectors": [
            {"type": "PHONE", "value": f"+58 424 444 {number:04}"},
            {"type": "PASSPORT", "value": f"ZT9{number:06}", "country": "VE"},
        ],
    } | parts


def a_report(world: World, *people: dict[str, Any], by: str = "AW-DIMAS", told: bool = True, **parts: Any) -> SignalOut:
    """A report of these persons; as the worker has shared it where it is told."""
    caller = world.caller(by, Task.SUBMIT, actor=f"{by.lower()}-reporter")
    form = a_form(subjects=list(people), selectors=[], **parts)
    made = record_signal(world[AW], caller, form, str(world[AW].clock.new_id()))
    if told:
        share_all(world[AW])
    return made


def corrected(world: World, signal: UUID, *people: dict[str, Any], told: bool = True) -> None:
    """Say otherwise of its persons, as the register unit; shared by the worker where it is told."""
    with world[AW].work(world.worker(AW)) as work:
        version = work.signals.reports.get(SignalId(signal)).version
    unit = world.caller("AW-JIUMM", Task.REGISTER, actor="unit")
    change = AmendIn.model_validate({"changes": {"subjects": list(people)}, "reason": "The passport was seen."})
    amend_signal(world[AW], unit, SignalId(signal), change, version=version)
    if told:
        share_all(world[AW])


def grown_up(person: dict[str, Any]) -> dict[str, Any]:
    """The same person with the right birth date."""
    return person | {"birth": {"year": 1980, "month": 3, "day": 20}}


def asked(
    world: World, signal: UUID, protection: str = "birth", because: str = "AGE_WRONG", **parts: Any
) -> LiftingOut:
    """Ask the victim bureau, as the register unit."""
    unit = world.caller("AW-JIUMM", Task.REGISTER, actor="asker")
    form = {
        "signal": signal,
        "subject": 1,
        "protection": protection,
        "because": because,
        "second": SECOND,
        "note": "Passport seen.",
    }
    return ask_lifting(world[AW], unit, LiftIn.model_validate(form | parts))


def a_lifting(world: World) -> UUID:
    """A question that waits for the victim bureau. What else waits in the register is not shared for it."""
    person = a_person()
    signal = a_report(world, person, told=False).id
    corrected(world, signal, grown_up(person), told=False)
    return asked(world, signal).id


def decided(world: World, lifting: LiftingOut, decision: str = "LIFT") -> LiftingOut:
    """Answer as the victim bureau, and let the worker share what it then may."""
    bureau = world.caller(SECOND, Task.SUBMIT, actor="bureau")
    said = DecideLiftingIn(decision=LiftingDecision(decision))
    made = decide_lifting(world[AW], bureau, LiftingId(lifting.id), said, version=lifting.version)
    share_all(world[AW])
    return made
