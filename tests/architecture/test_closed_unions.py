"""A fifth verdict fails the type check, not the night shift: no match and no table lets a new member fall through.

The type checker proves a match complete only where its last case says `assert_never`; that the last case is there is
held here, by reading the code.
"""

from __future__ import annotations

import ast
import builtins
import importlib
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = ("schemas", "register", "sync", "api")
SOURCES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
OPEN_MODULES = frozenset({"collections.abc"})
"""Their classes are shapes of foreign data, as those of `builtins` are; a match over them may end in any answer."""
PARTIAL_TABLES: Mapping[str, str] = {
    "DETAILS": "of the other kinds what waits is said by the kind alone",
    "_METHOD": "a figure that is not shown has no method",
    "_CHARS_MAX": "any other kind of message has the bound of all",
    "TRENDS": "of two exact figures it can always be told how they stand",
}
"""By name, tables that leave members out on purpose, and what holds for these."""


@cache
def read_tree(path: Path) -> ast.Module:
    """The code of a module; each is read once."""
    return ast.parse(path.read_bytes())


def faults_of(tree: ast.Module) -> list[str]:
    """What is wrong with the ends of the matches of a module: one line each."""
    open_names = _open_names(tree)
    matches = (node for node in ast.walk(tree) if isinstance(node, ast.Match))
    return [f"line {match.lineno}: {why}" for match in matches if (why := _fault_of(match, open_names)) is not None]


def _open_names(tree: ast.Module) -> frozenset[str]:
    imported = (n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module in OPEN_MODULES)
    return frozenset(dir(builtins)) | {alias.asname or alias.name for one in imported for alias in one.names}


def _fault_of(match: ast.Match, open_names: frozenset[str]) -> str | None:
    last = match.cases[-1]
    if not isinstance(last.pattern, ast.MatchAs) or last.pattern.pattern is not None or last.guard is not None:
        return "the match has no last case for what none of its cases names"
    end = last.body[-1]
    if isinstance(end, ast.Pass | ast.Continue | ast.Break):
        return "the last case lets the rest pass without a word"
    if not any(_is_closed(case.pattern, open_names) for case in match.cases):
        return None
    if isinstance(end, ast.Raise) or _is_never(end, match.subject, last.pattern.name):
        return None
    return "a match over our own classes or over an enum ends in assert_never of its subject, or raises"


def _is_closed(pattern: ast.pattern, open_names: frozenset[str]) -> bool:
    """Whether a pattern names a class of the house or of a library, or a member such as `Kind.TOKEN`."""
    for node in ast.walk(pattern):
        if isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Attribute):
            return True
        if isinstance(node, ast.MatchClass) and not (isinstance(node.cls, ast.Name) and node.cls.id in open_names):
            return True
    return False


def _is_never(end: ast.stmt, subject: ast.expr, captured: str | None) -> bool:
    if not (isinstance(end, ast.Expr) and isinstance(end.value, ast.Call) and len(end.value.args) == 1):
        return False
    called, argument = ast.unparse(end.value.func), ast.unparse(end.value.args[0])
    return called in {"assert_never", "typing.assert_never"} and argument in {ast.unparse(subject), captured}


@pytest.mark.slow
def test_matches_are_found_at_all() -> None:
    matches = sum(isinstance(node, ast.Match) for path in SOURCES for node in ast.walk(read_tree(path)))
    assert matches > 20


@pytest.mark.parametrize("floor", FLOORS)
def test_every_match_has_an_end_and_a_closed_one_ends_in_assert_never(floor: str) -> None:
    found = {
        str(path.relative_to(ROOT)): faults
        for path in SOURCES
        if path.is_relative_to(ROOT / floor) and (faults := faults_of(read_tree(path)))
    }
    assert found == {}


@pytest.mark.parametrize(
    "cases",
    [
        "case fx.Halt(code): stop(code)",
        "case Halt(): stop()\n case _ if late: stop()",
        "case Halt(): stop()\n case _: pass",
        "case Halt(): stop()\n case _: return []",
        "case Halt(): stop()\n case _: assert_never(other)",
        "case Halt(): stop()\n case _: log(effect)",
        "case Kind.TOKEN: return 1\n case _: return 2",
        "case Kind.TOKEN | Kind.RECORD: return 1",
        "case Halt() | Alarm(), Kind.TOKEN: return 1\n case _: return 2",
        "case 'VE': return 1\n case 'CO': return 2",
        "case {'query': str() as asked}: return asked",
        "case str(): return 1\n case int(): return 2",
    ],
)
def test_match_without_an_end_is_found(cases: str) -> None:
    assert len(faults_of(_planted(cases))) == 1


@pytest.mark.parametrize(
    "cases",
    [
        "case Halt(): stop()\n case _: assert_never(effect)",
        "case Halt(): stop()\n case never: assert_never(never)",
        "case Ed25519PublicKey(): return 1\n case _: raise ValueError",
        "case 'VE': return 1\n case _: return 2",
        "case Mapping(): return 1\n case list() | tuple(): return 2\n case _: return 3",
    ],
)
def test_match_with_an_end_is_let_pass(cases: str) -> None:
    assert faults_of(_planted(cases)) == []


def _planted(cases: str) -> ast.Module:
    body = "\n".join(f"        {line.strip()}" for line in cases.split("\n"))
    return ast.parse(f"from collections.abc import Mapping\ndef f(effect):\n    match effect:\n{body}\n")


@pytest.mark.slow
def test_every_table_by_an_enum_has_a_line_for_each_member() -> None:
    """What a match is to a branch, a table is to a value: a member without a line would fail on the day it comes."""
    missing = {
        f"{path.relative_to(ROOT)}: {name}": left_out
        for path in SOURCES
        for name, left_out in _left_out(path)
        if name not in PARTIAL_TABLES
    }
    assert missing == {}


def test_tables_that_leave_members_out_are_still_there_and_still_do() -> None:
    assert {name for path in SOURCES for name, _ in _left_out(path)} >= PARTIAL_TABLES.keys()


def _left_out(path: Path) -> Iterator[tuple[str, set[str]]]:
    """The tables of a module, by name, that lack members of the enum they go by, and these."""
    for name, table in _tables(read_tree(path)):
        kinds = {ast.unparse(key.value) for key in table.keys if isinstance(key, ast.Attribute)}
        if len(kinds) != 1 or not all(isinstance(key, ast.Attribute) for key in table.keys):
            continue
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        kind = vars(module).get(kinds.pop())
        if isinstance(kind, type) and issubclass(kind, Enum):
            named = {key.attr for key in table.keys if isinstance(key, ast.Attribute)}
            if left_out := {member.name for member in kind} - named:
                yield name, left_out


def _tables(tree: ast.Module) -> Iterator[tuple[str, ast.Dict]]:
    """The dictionaries that a module's top level names, also those behind `MappingProxyType`."""
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                table = value.args[0] if isinstance(value, ast.Call) and value.args else value
                if isinstance(table, ast.Dict):
                    yield name, table
            case _:
                continue
