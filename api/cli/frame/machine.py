"""What operators' commands act on: the settings, and the home's own PostgreSQL where the settings name no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.frame.terminal import Desk
from register.errors import CallerError
from schemas.codes import Partition

if TYPE_CHECKING:
    from api.cli.frame.local_servers import LocalPostgres
    from api.servers.address import ServerAddress
    from register.settings import Settings


def settings_of(desk: Desk) -> Settings:
    """The settings of this call; raises `BadSettings`. What is logged from now on goes beside the answer."""
    from register.logs import configure
    from register.settings import load

    configure("WARNING")  # a process that runs on has a level of its own
    return load(desk.config)[0]


class CountryNotHosted(CallerError):
    """This node does not keep the register of the country that a command or its file names."""

    code = "country-not-hosted"
    advice = "Give the command on the node of that country, or name a country that this one hosts."


def require_hosted(settings: Settings, country: Partition) -> None:
    """Do nothing if this node keeps the country's register.

    Raises:
        CountryNotHosted: it keeps others.
    """
    if country not in settings.countries:
        raise CountryNotHosted(f"{country} is not hosted here; this node keeps {', '.join(settings.countries)}")


def local_postgres(settings: Settings) -> LocalPostgres:
    """The server for trial and test on this home; refuses production.

    Raises:
        NoLocalServers: none is installed beside the product.
        DoesNotLoad: one is installed, and broken.
    """
    from api.cli.frame.local_servers import local_servers

    return local_servers().postgres(settings)


def with_database(settings: Settings) -> Settings:
    """The settings with an administrator whose server answers: the one they name, else the embedded one.

    Raises:
        UnprotectedServer: production, and the way there has no TLS.
        ServerUnreachable: nobody answers there.
        NoAdministrator: the settings name none and there is no embedded server on this home.
    """
    from api.cli.frame.local_servers import find_local_servers
    from api.servers.external import ExternalPostgres, ServerUnreachable
    from register.production import refuse_unprotected_administrator
    from register.services.running.operate_database import NoAdministrator

    if settings.database.admin_url:
        server = ExternalPostgres(settings.database.admin_url)
        refuse_unprotected_administrator(settings, server.address.host)
        server.start()
        return replace(settings, database=replace(settings.database, admin_url=_with_tls(server.address, settings)))
    local = find_local_servers() if settings.env != "production" else None
    if local is None or not local.has_postgres(settings):
        raise NoAdministrator("`database.admin_url` is not set, and no embedded server was started on this home")
    embedded = local.postgres(settings)
    if not embedded.status().running:
        raise ServerUnreachable("the embedded server of this home is not running; start it with `rtr db start`")
    address = embedded.address()
    database = replace(settings.database, host=address.host, port=address.port, admin_url=address.url())
    return replace(settings, database=database)


def _with_tls(address: ServerAddress, settings: Settings) -> str:
    """The administrator's URL with the settings' own TLS, which goes before what somebody wrote into the URL."""
    return replace(address, options={**address.options, **settings.database.tls_words}).url()


def with_host(settings: Settings) -> Settings:
    """The settings with the server that the administrator's URL names, where they name none for serving."""
    if settings.database.host:
        return settings
    from api.servers.external import read_url

    address = read_url(settings.database.admin_url)
    return replace(settings, database=replace(settings.database, host=address.host, port=address.port))


def postgres_tools(given: Path | None) -> Path | None:
    """The folder of pg_dump and pg_restore: the given one, the local servers', the machine's; None means the PATH."""
    if given is not None:
        return given
    from api.cli.frame.local_servers import find_local_servers
    from api.servers.programs import system_binaries

    local = find_local_servers()
    programs = local.postgres_programs() if local is not None else None
    return programs or next((found.folder for found in system_binaries()), None)
