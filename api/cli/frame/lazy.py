"""The root of `rtr`: finds commands without importing them, and is where every error ends.

`rtr --help` imports no command. The options of the root (`--json`, `--quiet`, `--config`, `--profile`) may also stand
after the command, where people look for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, Self

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from api.cli.frame.added import with_added
from api.cli.frame.failures import INTERRUPTED, report
from api.cli.frame.terminal import Desk
from register.errors import RegisterError

_FLAGS = frozenset(("--json", "--quiet", "-q"))
_COMPLETION = frozenset(("install_completion", "show_completion"))
_WITH_VALUE = frozenset(("--config", "--profile"))


class Commands(TyperGroup):
    """A group whose commands are modules."""

    own: ClassVar[Mapping[str, tuple[str, str]]] = {}

    @classmethod
    def of(cls, own: Mapping[str, tuple[str, str]]) -> type[Self]:
        """Return a group class with these commands (name to module and line of help), and those that are added."""
        return type(cls.__name__, (cls,), {"own": own})

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._listed = with_added(self.own)
        for name, listed in self._listed.items():
            self.add_command(TyperCommand(name, help=listed.line))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the root's options wherever they stand."""
        return super().parse_args(ctx, _in_front(args))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Import the command that is called."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and name in self._listed:
            listed = self._listed[name]
            if listed.fault is not None:
                raise listed.fault
            command = get_command(import_module(listed.module).app)
            command.name = name
            # Completion is installed for `rtr` as a whole.
            command.params = [one for one in command.params if one.name not in _COMPLETION]
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what it raises becomes a message and an exit code."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, EOFError, typer.Abort):
            typer.echo("Interrupted.", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            raise  # whoever read our output has seen enough: typer ends quietly
        except (RegisterError, OSError) as error:
            raise typer.Exit(report(error, ctx.obj or Desk())) from None
        except Exception as error:
            if not _of_the_database(error):
                raise
            raise typer.Exit(report(error, ctx.obj or Desk())) from None


def _of_the_database(error: Exception) -> bool:
    """Whether the database's driver raised it; the driver itself is the store's alone and not imported here."""
    return type(error).__module__.partition(".")[0] in {"psycopg", "sqlalchemy"}


def _in_front(args: list[str]) -> list[str]:
    """The arguments with the root's options moved before the command."""
    ours: list[str] = []
    rest: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in _FLAGS or word.partition("=")[0] in _WITH_VALUE:
            ours.append(word)
            if word in _WITH_VALUE:
                ours += [value for value in [next(words, None)] if value is not None]
        else:
            rest.append(word)
    return ours + rest
