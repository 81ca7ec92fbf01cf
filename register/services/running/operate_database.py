"""What an operator does to the database: migrate, look, dump, load, and add a roster. Never part of serving."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from register.clock import SystemClock
from register.errors import OperatorError
from register.settings import Settings
from register.store.exchange.rosters import Rosters
from register.store.running.server import administration
from register.store.running.server import backup as dumps
from register.store.running.server.administration import administrator, password_file
from register.store.running.server.backup import Restored
from schemas.codes import Partition


class NoAdministrator(OperatorError):
    """The settings name no administrator of the database."""

    code = "no-administrator"
    advice = "Set `database.admin_url` (or RTR_DATABASE__ADMIN_URL) for this command; serving needs none."


class OtherRosterPinned(OperatorError):
    """The roster that is to take another's place is not the one that the settings pin."""

    code = "other-roster-pinned"
    advice = "Compare the hash with the other four by telephone, pin it (`sync.roster_sha256`), and repeat the command."


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """Where a database stands.

    Attributes:
        revision: of the schema; None before the first migration.
        expected: the revision that this program works with.
        hosted: the countries whose log-ins the settings ask for.
    """

    revision: str | None
    expected: str
    hosted: tuple[Partition, ...]

    @property
    def current(self) -> bool:
        """Whether the schema is the one that this program works with."""
        return self.revision == self.expected


def migrate(settings: Settings) -> DatabaseState:
    """Bring the database to the newest schema and make it host the countries of the settings."""
    password = password_file(settings.home / "secrets")
    revision = administration.migrate(_read_admin_url(settings), settings.database.name, settings.countries, password)
    return DatabaseState(revision, administration.revision_expected(), settings.countries)


def state(settings: Settings) -> DatabaseState:
    """Look at the schema's revision; changes nothing."""
    found = administration.revision(_read_admin_url(settings), settings.database.name)
    return DatabaseState(found, administration.revision_expected(), settings.countries)


def install_roster(settings: Settings, number: int, document: bytes) -> None:
    """Add a roster's document; nodes check its pin or its approvals before they believe it."""
    with administrator(_read_admin_url(settings), settings.database.name) as engine, engine.begin() as connection:
        Rosters(connection).add(number, document)


def replace_roster(settings: Settings, number: int, document: bytes) -> None:
    """Put a roster that was made anew in the place of the one of its number.

    Raises:
        OtherRosterPinned: the settings pin another, so that no node would believe this one.
        RosterUnfit: it lacks a country or a key of the one that is there.
    """
    digest = hashlib.sha256(document).hexdigest()
    if settings.sync.roster_sha256 != digest:
        raise OtherRosterPinned(f"the settings pin {settings.sync.roster_sha256 or 'none'}, and this one is {digest}")
    with administrator(_read_admin_url(settings), settings.database.name) as engine, engine.begin() as connection:
        Rosters(connection).replace(number, document)


def backup(
    settings: Settings, country: Partition, environment: Mapping[str, str], tools: Path | None, folder: Path
) -> list[Path]:
    """Dump one country's rows and, apart, its data keys, as of one moment; return the files.

    Args:
        settings: of the node.
        country: whose rows.
        environment: libpq's words for the server (PGHOST, PGPORT ...); user and password are set here.
        tools: folder of pg_dump; None takes the one on the PATH.
        folder: where the files go; owner-only.
    """
    password = password_file(settings.home / "secrets")
    words = {**environment, "PGDATABASE": settings.database.name}
    return dumps.backup(words, country, tools, folder, password, SystemClock().now())


def known_keys_of(country: Partition, folder: Path) -> str | None:
    """Tells the keys that rows of a backup rest on from those of another one; None where there is no backup."""
    return dumps.known_keys_of(country, folder)


def restore(
    settings: Settings, country: Partition, environment: Mapping[str, str], tools: Path | None, folder: Path
) -> Restored:
    """Load one country's dump into a migrated database that holds none of its rows; say what does not open.

    Raises:
        BackupBroken, NotEmpty, RosterDiffers: nothing was changed.
    """
    words = {**environment, "PGDATABASE": settings.database.name}
    return dumps.restore(_read_admin_url(settings), words, country, tools, folder, Rosters)


def _read_admin_url(settings: Settings) -> str:
    if not settings.database.admin_url:
        raise NoAdministrator("`database.admin_url` is not set")
    return settings.database.admin_url
