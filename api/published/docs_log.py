"""The data dictionary of the audit log: `python -m api.published.docs_log` writes it anew from the actions.

A test holds the committed page equal to what this makes, so the page and the log cannot differ.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

from register.domain.running.audit_action import AuditAction

PAGE: Final = Path(__file__).parents[2] / "register" / "docs" / "audit-log.md"
_OPENING: Final = """# The audit log

Made by `python -m api.published.docs_log`; do not edit. It says what can stand in the audit log and nothing else can:
a leaf with a fact that is not declared here is not written, and with it nothing that it would tell of.

Each leaf has, beside what the tables say, its `id` and moment (`at`, of the database's clock), the `action`, what it is
`about` (an id, or `-` where it is about nothing in particular), and of whoever did it the `actor` (an id), the `kind`
(person, program or the node itself) and the `organisation`. So every leaf of a person is data of that person, too.

- *Whose data*: of whom the leaf tells something beside that. A leaf about persons concerned holds an id that leads to
  a report, an interview or an extract, never a name or a number of theirs.
- *Facts*: codes, ids and counts that an auditor reads. With a question mark: not in every leaf of this action.
- *Sealed*: kept apart under a key of its own, and committed to by a salted hash. The key ends after five years; the
  leaf, and the tree that grows over all leaves, stay as they were.
"""


def render(actions: Iterable[AuditAction] = AuditAction) -> str:
    """The page, in Markdown: one table for each kind of object, in the order of the alphabet."""
    ordered = sorted(actions, key=lambda action: action.partition("."))
    return _OPENING + "".join(_chapter(name, list(of)) for name, of in groupby(ordered, key=_object_of))


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


def _object_of(action: AuditAction) -> str:
    return action.partition(".")[0]


def _chapter(name: str, actions: list[AuditAction]) -> str:
    head = "| action | what happened | whose data | facts | sealed |\n|---|---|---|---|---|\n"
    return f"\n## {name}\n\n{head}" + "".join(_row(action) for action in actions)


def _row(one: AuditAction) -> str:
    return f"| `{one.value}` | {one.words} | {one.whose} | {_names(one.facts)} | {_names(one.private)} |\n"


def _names(declared: Mapping[str, bool]) -> str:
    return ", ".join(f"`{name}`{'' if always else '?'}" for name, always in declared.items())


if __name__ == "__main__":
    main()
