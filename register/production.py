"""What a production node demands of the ways to its servers; a node that lacks something of it does not start.

Whoever is on the way could otherwise read rows and passwords, or answer in the server's place. A socket's folder is
no such way: only this machine's users reach it, by the rights of the folder.
"""

from __future__ import annotations

from collections.abc import Iterator

from register.errors import OperatorError
from register.settings import Settings


class UnprotectedServer(OperatorError):
    """In production, the way to PostgreSQL or OpenSearch is not protected: no TLS, or no sign-in."""

    code = "unprotected-server"
    advice = 'Set what the message names; the operator\'s guide says how, under "The way to the servers".'


def refuse_unprotected_servers(settings: Settings) -> None:
    """Do nothing in trial, or where both servers are reached safely.

    Raises:
        UnprotectedServer: names everything that has to be set.
    """
    if lacking := list(_list_lacking_settings(settings)):
        raise UnprotectedServer("; ".join(lacking))


def refuse_unprotected_administrator(settings: Settings, host: str) -> None:
    """The same for the server that `database.admin_url` names."""
    if settings.env == "production" and is_over_network(host) and not settings.database.ca_file:
        raise UnprotectedServer("`database.admin_url` leads over a network: set `database.ca_file`")


def is_over_network(host: str) -> bool:
    """Whether any of libpq's hosts is not a socket's folder; none named may be any, by the environment."""
    return not all(one.strip().startswith("/") for one in host.split(","))


def _list_lacking_settings(settings: Settings) -> Iterator[str]:
    if settings.env != "production":
        return
    database, engine = settings.database, settings.engine
    if is_over_network(database.host) and not database.ca_file:
        yield "`database.host` is no socket's folder: set `database.ca_file` to the authorities of its certificate"
    if not engine.url:
        return
    if not engine.url.startswith("https://"):
        yield "`engine.url` has to begin with https://"
    if not engine.ca_file:
        yield "set `engine.ca_file` to the authorities of its certificate"
    if not (engine.user or engine.cert_file):
        yield "set `engine.user` and `engine.password_file`, or `engine.cert_file` and `engine.key_file`"
