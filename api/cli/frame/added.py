"""What other distributions add to `rtr`, announced by entry points: commands, and servers for trial and test.

The product names none of them and works without any. An entry point whose module is gone (a folder that an editable
installation pointed to) counts as not installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Final, NamedTuple

COMMANDS_GROUP: Final = "rtr.commands"
"""The entry point's name is the command's; what it names is a `Command`."""


class Command(NamedTuple):
    """Where a command is, and how `rtr --help` lists it.

    Attributes:
        module: its `app` is the command, or the group of commands; imported only when it is called.
        line: of help.
        before: the command that it is listed in front of; without one it is listed last.
    """

    module: str
    line: str
    before: str = ""


def added(group: str) -> Iterator[tuple[str, object]]:
    """Name and object of each entry point of a group, by name."""
    for entry in sorted(entry_points(group=group), key=lambda entry: entry.name):
        try:
            yield entry.name, entry.load()
        except ModuleNotFoundError:
            continue


def with_added(own: Mapping[str, tuple[str, str]]) -> Mapping[str, Command]:
    """The product's own commands and, each in its place, those that are added; an own one is never replaced."""
    found = {name: Command(*facts) for name, facts in own.items()}
    for name, command in added(COMMANDS_GROUP):
        if isinstance(command, Command) and name not in found:
            after = list(found).index(command.before) if command.before in found else len(found)
            listed = list(found.items())
            found = dict([*listed[:after], (name, command), *listed[after:]])
    return found
