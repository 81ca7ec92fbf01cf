"""Commands that documents, advice and messages name: each exists, and takes the options that stand beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from typer.main import get_command

from api.cli import COMMANDS
from api.cli.frame.added import with_added

ROOT: Final = Path(__file__).parents[4]
OF_ALL: Final = frozenset({"--help", "--json", "--quiet", "--config", "--profile"})
LOOKS_LIKE_A_COMMAND: Final = re.compile(r"[a-z]+(-[a-z]+)*")
WRITTEN: Final = re.compile(r'(?:`|^|\.venv/bin/|")rtr (?P<words>[a-z][^`\n#]*)', re.MULTILINE)
"""In code quotes, in a line of a block of commands, or at the beginning of a string of the program."""
SOURCES: Final = sorted(
    file
    for part in ("README.md", "register", "sync", "api", "schemas", "deploy/trial")
    for file in ([ROOT / part] if part.endswith(".md") else (ROOT / part).rglob("*"))
    # What changed tells of commands that were there once.
    if file.suffix in {".md", ".py", ".html", ".po"} and file.name != "changes.md"
)


def commands_below(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from commands_below(one, f"{path} {name}")


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    """Every command by its words, `sync status` for instance, as typer has it."""
    return {
        path: command
        for name, listed in with_added(COMMANDS).items()
        for path, command in commands_below(get_command(import_module(listed.module).app), name)
    }


def fault_of(words: str, known: dict[str, Any]) -> str | None:
    """What is wrong with a command as it is written; None where nothing is."""
    said = [word.strip('.,;:)"') for word in words.split()]
    path = next((p for n in (3, 2, 1) if (p := " ".join(said[:n])) in known), None)
    if path is None:
        return "there is no such command"
    rest = said[len(path.split()) :]
    if hasattr(known[path], "commands") and rest and LOOKS_LIKE_A_COMMAND.fullmatch(rest[0]):
        return f"`{path}` has no {rest[0]}"
    options = OF_ALL.union(*(p.opts + p.secondary_opts for p in known[path].params))
    unknown = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in options]
    return f"`{path}` does not take {', '.join(unknown)}" if unknown else None


def test_each_command_that_is_named_exists_and_takes_the_options_beside_it(known: dict[str, Any]) -> None:
    named = [
        (str(file.relative_to(ROOT)), found["words"])
        for file in SOURCES
        for found in WRITTEN.finditer(file.read_text(encoding="utf-8"))
    ]
    faults = [(file, words, fault) for file, words in named if (fault := fault_of(words, known)) is not None]

    assert faults == []
    assert len(named) > 150


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("sync pull --country AW --from CW", None),
        ("sync replay", "`sync` has no replay"),
        ("recover", "there is no such command"),
        ("doctor --fix", "`doctor` does not take --fix"),
    ],
)
def test_fault_of_a_command_is_seen(words: str, fault: str | None, known: dict[str, Any]) -> None:
    assert fault_of(words, known) == fault
