"""What a caller learns of a PostgreSQL server, whoever runs it: where it listens, who may enter, and how it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """How to enter a server as its superuser.

    Attributes:
        host: a name, an address, or the folder of a socket (begins with "/").
        port: also part of the socket's file name.
        user: the superuser, or whom the URL of an external server names.
        password: never shown by `repr`.
        database: where to begin.
        options: further libpq words, for instance `{"sslmode": "verify-full"}`.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str = "postgres"
    options: Mapping[str, str] = field(default_factory=dict)

    def pieces(self, database: str | None = None) -> dict[str, str | int]:
        """Return libpq's words (host, port, user, password, dbname, ...), as drivers take them."""
        begin: dict[str, str | int] = {"host": self.host, "port": self.port, "user": self.user}
        return {**begin, "password": self.password, "dbname": database or self.database, **self.options}

    def url(self, *, user: str | None = None, password: str | None = None, database: str | None = None) -> str:
        """Return a libpq URL, also for another login role of the same server. It holds the password: do not log it."""
        name, secret = quote(user or self.user, safe=""), quote(password or self.password, safe="")
        query = urlencode({"host": self.host, "port": self.port, **self.options}, quote_via=quote)
        return f"postgresql://{name}:{secret}@/{quote(database or self.database, safe='')}?{query}"

    def environment(self, database: str | None = None) -> dict[str, str]:
        """Return our own environment with this server in it, for `psql`, `pg_dump` and `pg_restore`.

        Words of libpq that happen to be set (PGSERVICE, PGSSLMODE, ...) are taken out: they belong to another server.
        """
        rest = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        names = {"dbname": "PGDATABASE", "application_name": "PGAPPNAME"}
        ours = {names.get(word, f"PG{word.upper()}"): str(value) for word, value in self.pieces(database).items()}
        return rest | ours


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """How a server is, in words for a person and for `--json`.

    Attributes:
        running: it accepts connections now.
        version: of its programs; empty for an external server that was not asked.
        origin: "wheel", "system", "folder" or "external".
        host: as in its address.
        detail: one sentence, empty when there is nothing to add.
    """

    running: bool
    version: str
    origin: str
    host: str
    detail: str = ""
