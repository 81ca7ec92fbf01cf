"""Somebody at home fishes: `python -m tests.drills fishing [--numbers N]`.

A script asks Aruba's register about eight numbers at a time: as one person under ever new cases, as ever new persons
for one case, and as ever new persons of one organisation under ever new cases. Each ends at its budget of the day,
which counts the numbers; misses count like hits, and every question and refusal stands in the log. Then it registers
the numbers instead, as reports that hold nothing else, looks at their hits, and reads records by ids that it makes up.
Each way rings at the privacy officer's, or the drill fails.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from register.core import Register
from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.errors import NotFound
from register.services.access.oversee_asking import list_alarms
from register.services.search.budgets import SearchBudgetSpent
from register.services.search.list_hits import list_hits
from register.services.search.read_record import read_record
from register.services.search.search_records import search_records
from register.services.signals.record_signal import record_signal
from register.settings import SearchSettings
from schemas.codes import AlarmKind, LegalBasis, Partition, Purpose
from schemas.search.question import AskedSubject, Ground, SearchIn
from schemas.signals.parts import SelectorIn
from tests.support.clock import HandClock
from tests.support.forms import a_form
from tests.support.world import World, with_settings, world

AW = Partition.AW
NUMBERS = 10_000
ORGANISATIONS = ("AW-CMMA", "AW-JIUMM", "AW-UMM")
AT_ONCE = 8
"""Numbers in one question: as many as it holds."""
IN_ONE_REPORT = 61
GROUND = Ground(Purpose.COORDINATE, LegalBasis.AW_NONPOLICE, "case 1")
Ring = tuple[AlarmKind, str, str | None]
"""An alarm: its kind, whose it is, and who asked; where it does not matter who, None."""


def run(words: list[str]) -> int:
    """Run the drill, print its report as one line of JSON, and return 0 if the budgets held."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills fishing", description=__doc__)
    parser.add_argument("--numbers", type=int, default=NUMBERS, help=f"numbers to ask about (default {NUMBERS:,})")
    asked = parser.parse_args(words)
    with world(countries=(AW,), clock=HandClock()) as made:
        report = drill(made, SearchSettings(), asked.numbers, lambda line: print(line, flush=True))
    print(json.dumps(report))
    return 1 if report["violations"] else 0


def drill(made: World, budgets: SearchSettings, numbers: int, note: Callable[[str], None]) -> dict[str, Any]:
    """Fish in five ways; the report says how many numbers, or records, each was answered for."""
    register = with_settings(made[AW], search=budgets)
    before = _leaves(register)
    ways: dict[str, tuple[Callable[[], int], int, tuple[Ring, ...]]] = {
        "person": (
            lambda: _ask(made, register, numbers, lambda n: (ORGANISATIONS[0], "one", f"case {n}-1")),
            budgets.person_day,
            ((AlarmKind.BUDGET_SPENT, "person", "one"), (AlarmKind.MANY_CASES, "person", "one")),
        ),
        "case": (
            lambda: _ask(made, register, numbers, lambda n: (ORGANISATIONS[1], f"person-{n}", "case 1")),
            budgets.case_day,
            ((AlarmKind.BUDGET_SPENT, "case", None),),
        ),
        "organisation": (
            lambda: _ask(made, register, numbers, lambda n: (ORGANISATIONS[2], f"other-{n}", f"another {n}")),
            budgets.organisation_day,
            ((AlarmKind.BUDGET_SPENT, "organisation", None),),
        ),
        "hits": (
            lambda: _bait(made, register, numbers),
            budgets.person_day,
            ((AlarmKind.BUDGET_SPENT, "person", "baiter"), (AlarmKind.LOOSE_VALUES, "person", "baiter")),
        ),
        "records": (
            lambda: _read(made, register, numbers),
            budgets.person_day,
            ((AlarmKind.BUDGET_SPENT, "person", "reader"), (AlarmKind.MANY_CASES, "person", "reader")),
        ),
    }
    came: dict[str, int] = {}
    violations: list[str] = []
    for name, (fish, most, _) in ways.items():
        came[name] = fish()
        note(f"{name}: {came[name]} of {numbers} were answered for before the budget of the day refused")
        if came[name] > most:
            violations.append(f"{name}: answered for {came[name]}; {most} may be looked up")
    asked = sum(-(-came[name] // AT_ONCE) for name in ("person", "case", "organisation"))
    logged = {action: n - before.get(action, 0) for action, n in _leaves(register).items()}
    if logged.get("search.asked") != asked or logged.get("search.answered") != asked:
        violations.append(f"{asked} questions and leaves {logged}")
    if logged.get("search.refused", 0) != sum(n < numbers for n in came.values()):
        violations.append(f"refusals without a leaf: {logged}")
    rung = _rung(register, made)
    for name, (_, _, rings) in ways.items():
        if came[name] < numbers:
            violations += [
                f"{name}: the budget refused, and {kind} did not ring at the privacy officer's"
                for kind, whose, actor in rings
                if not any(one[:2] == (kind, whose) and actor in {None, one[2]} for one in rung)
            ]
    counted = Counter(f"{kind} {whose}" for kind, whose, _ in rung)
    note(f"rang at the privacy officer's: {', '.join(f'{what} {n}' for what, n in sorted(counted.items()))}")
    return {
        "rang": dict(counted),
        "drill": "fishing",
        "numbers": numbers,
        "asked": came,
        "leaves": logged,
        "violations": violations,
    }


def _rung(register: Register, made: World) -> list[Ring]:
    """What the privacy officer finds: of which kind, whose it is, and who asked."""
    officer, cursor, found = made.caller(ORGANISATIONS[0], Task.PRIVACY, actor="privacy"), None, list[Ring]()
    while True:
        page = list_alarms(register, officer, acknowledged=False, cursor=cursor, limit=200)
        found += [(one.kind, one.whose, one.actor) for one in page.items]
        cursor = page.next
        if cursor is None:
            return found


def _number(n: int) -> SelectorIn:
    return SelectorIn(type="PHONE", value=f"+29756{n:05}")


def _ask(made: World, register: Register, numbers: int, who: Callable[[int], tuple[str, str, str]]) -> int:
    for n in range(0, numbers, AT_ONCE):
        organisation, actor, case = who(n)
        caller = made.caller(organisation, Task.SEARCH_SHARED, Task.READ_OWN)
        some = tuple(_number(m) for m in range(n, min(n + AT_ONCE, numbers)))
        question = SearchIn(
            purpose=GROUND.purpose,
            legal_basis=GROUND.legal_basis,
            case=case,
            subject=AskedSubject(selectors=some),
        )
        try:
            search_records(register, replace(caller, actor=actor), question)
        except SearchBudgetSpent:
            return n
    return numbers


def _bait(made: World, register: Register, numbers: int) -> int:
    """Register the numbers as reports of nothing else, and look at the hits of one after the other."""
    by = made.caller(ORGANISATIONS[1], Task.SUBMIT, Task.SEARCH_SHARED, Task.READ_OWN, actor="baiter")
    reports = []
    for n in range(0, numbers, IN_ONE_REPORT):
        some = [_number(m).model_dump() for m in range(n, min(n + IN_ONE_REPORT, numbers))]
        form = a_form(subjects=[], selectors=some)
        reports.append((len(some), record_signal(register, by, form, str(register.clock.new_id()))))
    answered = 0
    for n, (values, report) in enumerate(reports):
        ground = GROUND._replace(case=f"bait {n}-2")
        try:
            while list_hits(register, by, ground, signal=SignalId(report.id), cursor=None, limit=50).unanswered:
                pass
        except SearchBudgetSpent:
            break
        answered += values
    return answered


def _read(made: World, register: Register, numbers: int) -> int:
    """Read records by ids that are made up, each for a case of its own."""
    by = made.caller(ORGANISATIONS[0], Task.SEARCH_SHARED, Task.READ_OWN, actor="reader")
    for n in range(numbers):
        try:
            read_record(
                register, by, register.clock.new_id(), purpose=GROUND.purpose, legal_basis=GROUND.legal_basis,
                case=f"read {n}-3",
            )  # fmt: skip
        except SearchBudgetSpent:
            return n
        except NotFound:
            continue
    return numbers


def _leaves(register: Register) -> dict[str, int]:
    from sqlalchemy import text

    sql = "SELECT action, count(*) AS n FROM rtr.audit_leaf WHERE action LIKE 'search.%' GROUP BY action"
    with register.database.transaction("auditor") as connection:
        return {row.action: row.n for row in connection.execute(text(sql))}
