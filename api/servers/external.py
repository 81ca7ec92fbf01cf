"""A PostgreSQL server that somebody else runs, named by a URL: we look whether it answers, and leave it alone."""

from __future__ import annotations

import socket
from urllib.parse import parse_qsl, unquote, urlsplit

from api.servers.address import ServerAddress, ServerStatus
from register.errors import OperatorError

DEFAULT_PORT = 5432
DEFAULT_HOST = "/var/run/postgresql"


class BadServerUrl(OperatorError):
    """The URL of the external server cannot be read."""

    code = "postgres-url"
    advice = "Write it as postgresql://user:password@host:5432/database."


class ServerUnreachable(OperatorError):
    """Nothing accepts connections at the external server's address."""

    code = "postgres-unreachable"
    advice = "Check that the server runs and that its host and port are right."


class ExternalPostgres:
    """Any PostgreSQL server by its URL. Allowed in production; starting and stopping are no affair of ours."""

    def __init__(self, url: str) -> None:
        self.address = read_url(url)

    def start(self) -> ServerAddress:
        """Return the address.

        Raises:
            ServerUnreachable: nothing listens there within five seconds.
        """
        status = self.status()
        if not status.running:
            raise ServerUnreachable(f"no server at {self.address.host} port {self.address.port}: {status.detail}")
        return self.address

    def stop(self) -> None:
        """Do nothing: the server is not ours."""

    def status(self) -> ServerStatus:
        """Say whether something listens at the address; it is not signed in to."""
        try:
            _try_connecting(self.address.host, self.address.port)
        except OSError as error:
            return ServerStatus(running=False, version="", origin="external", host=self.address.host, detail=str(error))
        return ServerStatus(running=True, version="", origin="external", host=self.address.host)


def read_url(url: str) -> ServerAddress:
    """Read `postgresql://user:password@host:port/database?sslmode=...`; a socket's folder stands in `?host=/folder`.

    Raises:
        BadServerUrl: another scheme, no user, or a port that is no number. It never repeats the URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadServerUrl("the URL of the PostgreSQL server cannot be read") from error
    if parts.scheme.split("+", 1)[0] not in {"postgresql", "postgres"}:
        raise BadServerUrl("the URL of the PostgreSQL server must begin with postgresql://")
    options = dict(parse_qsl(parts.query))
    user = unquote(parts.username or "") or options.pop("user", "")
    if not user:
        raise BadServerUrl("the URL of the PostgreSQL server names no user")
    in_query = options.pop("port", "")
    if in_query and not in_query.isdigit():
        raise BadServerUrl("the port in the URL of the PostgreSQL server is no number")
    return ServerAddress(
        host=options.pop("host", "") or unquote(parts.hostname or "") or DEFAULT_HOST,
        port=port or int(in_query or DEFAULT_PORT),
        user=user,
        password=unquote(parts.password or "") or options.pop("password", ""),
        database=unquote(parts.path.lstrip("/")) or options.pop("dbname", "") or user,
        options=options,
    )


def _try_connecting(host: str, port: int) -> None:
    if not host.startswith("/"):
        socket.create_connection((host, port), timeout=5).close()
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        probe.connect(f"{host}/.s.PGSQL.{port}")
