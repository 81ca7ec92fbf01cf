"""Servers for trial and test on this machine: what `rtr db` and `rtr doctor` ask of them.

The product has none itself: a distribution that is installed beside it announces them by an entry point of the group
`rtr.local_servers`. Without one every command works on the servers that the settings name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from api.cli.frame.added import DoesNotLoad, added
from register.errors import OperatorError

if TYPE_CHECKING:
    from api.cli.frame.check import Check
    from api.servers.address import ServerAddress, ServerStatus
    from register.settings import Settings

GROUP: Final = "rtr.local_servers"
"""What an entry point of it names is a `LocalServers`; the first by name is taken."""


class NoLocalServers(OperatorError):
    """A server for trial and test was asked for, and none is installed beside this program."""

    code = "no-local-servers"
    advice = (
        "Set `database.admin_url` and `engine.url` to servers that you run; or, for trial and test, install "
        "`deploy/trial` of the source beside this program, as `python3 deploy/demo.py` does."
    )


class LocalPostgres(Protocol):
    """A PostgreSQL server on one home."""

    def start(self) -> ServerAddress:
        """Make sure that it accepts connections, and say where."""
        ...

    def stop(self) -> None:
        """End it, whoever started it; harmless to repeat."""
        ...

    def status(self) -> ServerStatus:
        """Look, and change nothing."""
        ...

    def address(self) -> ServerAddress:
        """Where it listens and how its superuser enters; an `OperatorError` if it was never started."""
        ...


@runtime_checkable
class LocalServers(Protocol):
    """What the announced object can do. Nothing of it runs in production."""

    def postgres(self, settings: Settings) -> LocalPostgres:
        """The PostgreSQL server of this home, running or not; an `OperatorError` in production."""
        ...

    def has_postgres(self, settings: Settings) -> bool:
        """Whether one was ever started on this home."""
        ...

    def postgres_programs(self) -> Path | None:
        """The folder with its pg_dump and pg_restore, if it is there."""
        ...

    def checks(self, settings: Settings) -> Iterator[Check]:
        """What `rtr doctor` tells of it."""
        ...


def find_local_servers() -> LocalServers | None:
    """The servers that are installed beside the product, if any are and load: who needs none is not held up."""
    return next((found for _, found in added(GROUP) if isinstance(found, LocalServers)), None)


def why_not_found() -> DoesNotLoad | NoLocalServers:
    """What to say where `find_local_servers` finds none."""
    faults = (found for _, found in added(GROUP) if isinstance(found, DoesNotLoad))
    return next(faults, NoLocalServers("no servers for trial and test are installed here"))


def local_servers() -> LocalServers:
    """As `find_local_servers`.

    Raises:
        NoLocalServers: none are installed.
        DoesNotLoad: they are installed and broken.
    """
    found = find_local_servers()
    if found is None:
        raise why_not_found()
    return found
