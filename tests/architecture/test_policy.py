"""No use case of the areas in the table of who may do what runs without its row: held by reading the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from register.domain.access.policy import Budget, UseCase

SERVICES = Path(__file__).parents[2] / "register" / "services"
AREAS = ("access", "casework", "search", "statistics")
OPENS = frozenset({"work", "looking", "noting", "noted", "once"})
"""What opens a transaction, of the register or of an area."""
OLD_WAY = frozenset({"require", "require_any", "require_fresh_sign_in"})


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for area in AREAS:
        for path in sorted((SERVICES / area).rglob("*.py")):
            yield str(path.relative_to(SERVICES)), ast.parse(path.read_bytes())


def _called(node: ast.AST) -> set[str]:
    calls = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    return {func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls}


def _use_cases() -> Iterator[tuple[str, ast.FunctionDef]]:
    """What a caller can have done: public, with the register and the caller, and in a transaction of its own."""
    for name, module in _modules():
        for one in module.body:
            if not isinstance(one, ast.FunctionDef) or one.name.startswith("_"):
                continue
            given = {arg.arg for arg in (*one.args.args, *one.args.kwonlyargs)}
            if {"register", "caller"} <= given and "work" not in given and not one.decorator_list:
                yield f"{name}: {one.name}", one


def _row_of(one: ast.FunctionDef) -> UseCase | None:
    """The row that the first line after the docstring asks."""
    first = one.body[1] if isinstance(one.body[0], ast.Expr) and isinstance(one.body[0].value, ast.Constant) else None
    match first:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(attr="permit"),
                args=[ast.Name(id="caller"), ast.Attribute(value=ast.Name(id="UseCase"), attr=name)],
            )
        ):
            return UseCase[name]
        case _:
            return None


def test_every_use_case_asks_its_row_before_anything_else() -> None:
    without = [name for name, one in _use_cases() if _called(one) & OPENS and _row_of(one) is None]
    assert without == []


def test_every_row_is_that_of_a_use_case() -> None:
    assert {_row_of(one) for _, one in _use_cases()} - {None} == set(UseCase)


def test_nobody_is_asked_for_a_task_or_a_fresh_sign_in_beside_the_table() -> None:
    assert [name for name, module in _modules() if _called(module) & OLD_WAY] == []


def test_what_spends_is_what_the_table_says() -> None:
    rows = {one.name: row for _, one in _use_cases() if (row := _row_of(one)) is not None}
    spends = {one.name for _, one in _use_cases() if "refusals_noted" in _called(one)}
    assert spends == {name for name, row in rows.items() if row.policy.budget is not Budget.NONE}
