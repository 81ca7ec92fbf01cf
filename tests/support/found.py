"""Two records of which one has a value of the other's protected person: made-up persons, and what is found of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.signals.protecting.finding import FindingId
from register.domain.signals.signal import SignalId
from register.services.running.list_to_do import list_to_do
from register.services.signals.protecting.decide_findings import decide_finding, list_findings
from register.services.signals.record_signal import record_signal
from schemas.canonical import b64
from schemas.codes import Finding, Partition, ToDoKind
from schemas.running.to_do import ToDoOut
from schemas.signals.finding import DecideIn, FindingOut
from schemas.signals.out import SignalOut
from tests.support.forms import a_form
from tests.support.told import live
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
_numbers = count(1)
_persons = count(1)


class Person:
    """Values of one made-up person, different from those of every other test."""

    def __init__(self) -> None:
        self.number = next(_persons)
        # As often as the place of the digit says: no two names have the same letters in another order.
        letters = "".join("abcdefghij"[int(digit)] * 2**place for place, digit in enumerate(f"{self.number:03}"))
        self.name, self.family = f"Nena{letters}", f"Muestra{letters}"
        self.born = {"year": 1990, "month": 3, "day": 14}

    def phone(self, line: int = 0) -> dict[str, Any]:
        return {"type": "PHONE", "value": f"+58 412 {self.number:03} {line:04}"}

    def passport(self, which: int = 0, **parts: Any) -> dict[str, Any]:
        return {"type": "PASSPORT", "value": f"ZT9{self.number:03}{which:03}", "country": "VE"} | parts

    def as_(self, role: str, *things: dict[str, Any], n: int = 1, **parts: Any) -> dict[str, Any]:
        return {"n": n, "role": role, "kind": "person", "selectors": list(things)} | parts

    def named(self, role: str, *things: dict[str, Any], more: str = "", n: int = 1) -> dict[str, Any]:
        name = f"{self.name} {self.family} {more}".strip()
        return self.as_(role, *things, n=n, name=name, birth=self.born)


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
        [found] = work.signals.findings.of_signal(there.id)  # type: ignore[arg-type]
    return found.id, there


def families(two: World, signal: SignalOut) -> set[tuple[int, str]]:
    """What Curaçao has of a signal, under the numbers that its persons have at home."""
    found = live(two[AW], signal.id, CW)
    if found is None:
        return set()
    own: dict[str, set[int]] = {}
    with two[AW].work(two.worker(AW)) as work:
        for row in work.signals.own_tokens.of(SignalId(signal.id)):
            own.setdefault(b64(row.token), set()).add(row.subject_n)
    at_home = {0: 0}
    for n in sorted({t["n"] for t in found["tokens"]} - {0}):
        # Told in their order at home: of two who share all that is told, the first is the lower.
        theirs = set.intersection(*(own[t["token"]] for t in found["tokens"] if t["n"] == n))
        at_home[n] = min(theirs - set(at_home.values()))
    return {(at_home[t["n"]], t["family"]) for t in found["tokens"]}


def findings(two: World, by: Caller, about: SignalOut) -> list[FindingOut]:
    page = list_findings(two[AW], by, decided=None, cursor=None, limit=200)
    return [one for one in page.items if one.signal == about.id]


def waiting(two: World, by: Caller) -> dict[Any, ToDoOut]:
    page = list_to_do(two[AW], by, cursor=None, limit=200)
    return {one.object: one for one in page.items if one.kind is ToDoKind.FINDING}


def say(two: World, by: Caller, one: FindingOut, decision: str, reason: str | None = None) -> FindingOut:
    """Decide it; as two persons, where it takes two."""
    said = DecideIn.model_validate({"decision": decision, "reason": reason})
    found = decide_finding(two[AW], by, FindingId(one.id), said, version=one.version)
    if found.proposed is not None:
        colleague = replace(by, actor=f"{by.actor}-colleague")
        return decide_finding(two[AW], colleague, FindingId(one.id), said, version=found.version)
    return found
