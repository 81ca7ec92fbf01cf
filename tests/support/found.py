"""Two records of which one has a value of the other's protected person: a finding, for tests of its doors."""

from __future__ import annotations

from itertools import count
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.services.signals.record_signal import record_signal
from schemas.codes import Finding
from schemas.signals.out import SignalOut
from tests.support.forms import a_form

_numbers = count(1)


def a_finding(register: Register, caller: Caller, asked: Finding = Finding.ALSO_A_VICTIMS) -> tuple[UUID, SignalOut]:
    """Make one; gives its id, and the record that it is about.

    Args:
        register: of the country.
        caller: may submit; the register unit finds it.
        asked: ALSO_A_VICTIMS of a phone, or SAME_PERSON by a passport.
    """
    number = next(_numbers)
    value = {"type": "PHONE", "value": f"+58 424 333 {number:04}"}
    if asked is Finding.SAME_PERSON:
        value = {"type": "PASSPORT", "value": f"ZT8{number:06}", "country": "VE"}

    def record(role: str) -> SignalOut:
        person = {"n": 1, "role": role, "kind": "person", "selectors": [value]}
        form = a_form(subjects=[person], selectors=[])
        return record_signal(register, caller, form, str(register.clock.new_id()))

    there = record("SUSPECT")
    record("VICTIM_POTENTIAL")
    with register.work(caller) as work:
        [found] = work.findings.of_signal(there.id)  # type: ignore[arg-type]
    return found.id, there
