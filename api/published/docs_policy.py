"""The page of who may do what: `python -m api.published.docs_policy` writes it anew from the table of use cases.

A test holds the committed page equal to what this makes, so the page says what the program refuses by.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from register.domain.access.caller import Task
from register.domain.access.policy import Budget, UseCase

PAGE: Final = Path(__file__).parents[2] / "register" / "docs" / "who-may-do-what.md"
_OPENING: Final = """# Who may do what

Made by `python -m api.published.docs_policy`; do not edit. Each row is a use case that cannot run without it, at the
pages, the API and the command line alike. Here stand the areas access, casework, search and statistics; what the
others ask for is in their services.

Any one of the tasks that are marked lets somebody do it; "any" throughout means whoever is signed in. What beside that
depends on the record is said where it is read: whose it is, who had a hand in it, whom the country's edition names.
"""


def render() -> str:
    """The page, in Markdown: a row a use case, a column a task."""
    tasks = list(Task)
    head = ["use case", *(f"`{task}`" for task in tasks), "of whom", "spends", "beside that"]
    lines = [_line(head), _line(["---"] * len(head)), *(_line(_cells(use, tasks)) for use in UseCase)]
    return _OPENING + "\n" + "".join(lines)


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


def _cells(use: UseCase, tasks: list[Task]) -> list[str]:
    row = use.policy
    marks = ["any" if not row.tasks else "x" if task in row.tasks else "" for task in tasks]
    beside = ["a fresh sign-in"] * row.step_up + ["no program"] * row.people_only
    spends = "" if row.budget is Budget.NONE else row.budget.value
    return [row.words, *marks, row.scope.value, spends, ", ".join(beside)]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    main()
