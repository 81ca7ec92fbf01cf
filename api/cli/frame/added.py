"""What other distributions add to `rtr`, announced by entry points: commands, and servers for trial and test.

The product names none of them and works without any. An entry point whose module is gone (a folder that an editable
installation pointed to) counts as not installed. One that is there and does not load takes nothing else down with it,
and says so where somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final, NamedTuple

from register.errors import OperatorError

COMMANDS_GROUP: Final = "rtr.commands"
"""The entry point's name is the command's; what it names is a `Command`."""
UNLOADED: Final = "Does not load; call it to read why."
"""How a command is listed whose distribution is installed and broken."""


class DoesNotLoad(OperatorError):
    """What another distribution adds to this program is installed beside it and cannot be loaded."""

    code = "addition-does-not-load"
    advice = "Install the distribution that the message names again, of the same version as this program, or remove it."


class Command(NamedTuple):
    """Where a command is, and how `rtr --help` lists it.

    Attributes:
        module: its `app` is the command, or the group of commands; imported only when it is called.
        line: of help.
        before: the command that it is listed in front of; without one it is listed last.
        fault: why it can only be listed.
    """

    module: str
    line: str
    before: str = ""
    fault: DoesNotLoad | None = None


def added(group: str) -> Iterator[tuple[str, object]]:
    """Name and object of each entry point of a group, in an order that does not hang on the order of installation.

    In the place of an object that does not load stands its `DoesNotLoad`.
    """
    for entry in sorted(entry_points(group=group), key=lambda one: (one.name, one.value, _distribution_of(one))):
        try:
            yield entry.name, entry.load()
        except Exception as error:  # noqa: BLE001 whatever a module of others does as it is imported
            if not _is_gone(entry, error):
                yield entry.name, _fault_of(entry, error)


def with_added(own: Mapping[str, tuple[str, str]]) -> Mapping[str, Command]:
    """The product's own commands and, each in its place, those that are added; an own one is never replaced."""
    found = {name: Command(*facts) for name, facts in own.items()}
    for name, thing in added(COMMANDS_GROUP):
        command = Command("", UNLOADED, fault=thing) if isinstance(thing, DoesNotLoad) else thing
        if isinstance(command, Command) and name not in found:
            after = list(found).index(command.before) if command.before in found else len(found)
            listed = list(found.items())
            found = dict([*listed[:after], (name, command), *listed[after:]])
    return found


def _is_gone(entry: EntryPoint, error: Exception) -> bool:
    """Whether it is the announced module that is missing, and not one that this needs."""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    return missing is not None and f"{entry.module}.".startswith(f"{missing}.")


def _fault_of(entry: EntryPoint, error: Exception) -> DoesNotLoad:
    what = f"`{entry.name}` of the distribution {_distribution_of(entry)} does not load"
    return DoesNotLoad(f"{what}: {type(error).__name__}: {error}")


def _distribution_of(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else "unknown"
