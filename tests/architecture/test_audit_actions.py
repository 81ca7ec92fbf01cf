"""Whoever writes a leaf names its facts as its action declares them: held by reading the code, also where no test goes.

The log refuses a leaf that says something else, and with it what the leaf tells of; so that must not first be found
out by whoever uses what is seldom used.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from register.domain.running.audit_action import AuditAction

ROOT = Path(__file__).parents[2]
FLOORS = ("register", "sync", "api", "deploy/trial")
SOURCES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
PUT_TOGETHER = frozenset(
    {"organisation", "unit", "authorisation", "referral", "lifting", "alarm", "intake", "victim", "training"}
)
"""What the actions are about that are found by `AuditAction.named`."""


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _action(node: ast.expr) -> AuditAction | None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "AuditAction":
        return AuditAction[node.attr]
    return None


def test_every_leaf_that_is_written_has_the_facts_that_its_action_declares() -> None:
    found, faults = 0, []
    for where, call in _calls():
        action = _action(call.args[0]) if call.args and getattr(call.func, "attr", "") == "note" else None
        if action is None:
            continue
        found += 1
        said = {one.arg for one in call.keywords if one.arg is not None} - {"private"}
        spread = any(one.arg is None for one in call.keywords)
        needed = {name for name, always in action.facts.items() if always}
        if said - action.facts.keys() or (needed - said and not spread):
            faults.append(f"{where}: {action} has {sorted(said)}, declared {sorted(action.facts)}")
        sealed = [one.value for one in call.keywords if one.arg == "private"]
        if any(action.private.values()) and not sealed:
            faults.append(f"{where}: {action} has nothing sealed")
    assert found > 100
    assert faults == []


def test_every_action_is_one_that_something_leaves() -> None:
    named = {
        node.attr
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "AuditAction"
    }
    unused = {a for a in AuditAction if a.name not in named and a.partition(".")[0] not in PUT_TOGETHER}
    assert unused == set()
