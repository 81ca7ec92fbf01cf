"""Somebody at home fishes: `python -m tests.drills fishing [--numbers N]`.

A script asks Aruba's register about one number after the other: as one person under ever new cases, as ever new
persons for one case, and as ever new persons of one organisation under ever new cases. Each ends at its budget of the
day, misses count like hits, and every question and refusal stands in the log.
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
from register.services.access.oversee_asking import list_alarms
from register.services.search.budgets import SearchBudgetSpent
from register.services.search.search_records import search_records
from register.settings import SearchSettings
from schemas.codes import LegalBasis, Partition, Purpose
from schemas.search.question import AskedSubject, SearchIn
from schemas.signals.parts import SelectorIn
from tests.support.clock import HandClock
from tests.support.world import World, with_settings, world

AW = Partition.AW
NUMBERS = 10_000
ORGANISATIONS = ("AW-CMMA", "AW-JIUMM", "AW-UMM")


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
    """Fish in three ways; the report says how far each came."""
    register = with_settings(made[AW], search=budgets)
    before = _leaves(register)
    ways: list[tuple[str, Callable[[int], tuple[str, str, str]], int]] = [
        ("person", lambda n: (ORGANISATIONS[0], "one", f"case {n}"), budgets.person_day),
        ("case", lambda n: (ORGANISATIONS[1], f"person-{n}", "one case"), budgets.case_day),
        ("organisation", lambda n: (ORGANISATIONS[2], f"other-{n}", f"another {n}"), budgets.organisation_day),
    ]
    came: dict[str, int] = {}
    violations: list[str] = []
    for name, who, most in ways:
        came[name] = _fish(made, register, numbers, who)
        note(f"{name}: {came[name]} of {numbers} numbers were asked about before the budget of the day refused")
        if came[name] > most:
            violations.append(f"{name}: {came[name]} questions; {most} may be asked")
    asked = sum(came.values())
    logged = {action: n - before.get(action, 0) for action, n in _leaves(register).items()}
    if logged.get("search.asked") != asked or logged.get("search.answered") != asked:
        violations.append(f"{asked} questions and leaves {logged}")
    if logged.get("search.refused", 0) != sum(n < numbers for n in came.values()):
        violations.append(f"refusals without a leaf: {logged}")
    rung = _rung(register, made)
    violations += [
        f"{budget}: the budget refused, and nothing rang at the privacy officer's"
        for budget, asked_of_it in came.items()
        if asked_of_it < numbers and f"BUDGET_SPENT {budget}" not in rung
    ]
    note(f"rang at the privacy officer's: {', '.join(f'{what} {n}' for what, n in sorted(rung.items()))}")
    return {
        "rang": rung,
        "drill": "fishing",
        "numbers": numbers,
        "asked": came,
        "leaves": logged,
        "violations": violations,
    }


def _rung(register: Register, made: World) -> dict[str, int]:
    """What the privacy officer finds, counted by kind and whose it is."""
    officer, cursor, found = made.caller(ORGANISATIONS[0], Task.PRIVACY, actor="privacy"), None, Counter[str]()
    while True:
        page = list_alarms(register, officer, acknowledged=False, cursor=cursor, limit=200)
        found.update(f"{one.kind} {one.whose}" for one in page.items)
        cursor = page.next
        if cursor is None:
            return dict(found)


def _fish(made: World, register: Register, numbers: int, who: Callable[[int], tuple[str, str, str]]) -> int:
    for n in range(numbers):
        organisation, actor, case = who(n)
        caller = made.caller(organisation, Task.SEARCH_SHARED, Task.READ_OWN)
        question = SearchIn(
            purpose=Purpose.COORDINATE,
            legal_basis=LegalBasis.AW_NONPOLICE,
            case=case,
            subject=AskedSubject(selectors=(SelectorIn(type="PHONE", value=f"+29756{n:05}"),)),
        )
        try:
            search_records(register, replace(caller, actor=actor), question)
        except SearchBudgetSpent:
            return n
    return numbers


def _leaves(register: Register) -> dict[str, int]:
    from sqlalchemy import text

    sql = "SELECT action, count(*) AS n FROM rtr.audit_leaf WHERE action LIKE 'search.%' GROUP BY action"
    with register.database.transaction("auditor") as connection:
        return {row.action: row.n for row in connection.execute(text(sql))}
