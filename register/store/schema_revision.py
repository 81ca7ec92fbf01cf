"""Which revision of the schema a database has, beside the ones that this version of the program knows.

A serving process asks it as one of its own roles: no administrator is needed to see that a migration is missing.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from register.store.models import SCHEMA

VERSION_TABLE: Final = f"{SCHEMA}.alembic_version"


class SchemaFit(StrEnum):
    """How a database's schema stands to the program."""

    FITS = "ok"
    OLDER = "schema-older"
    NEWER = "schema-newer"


def alembic_config() -> Config:
    """Where the migrations are."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("migrations")))
    return config


@cache
def known_revisions() -> tuple[str, ...]:
    """The revisions that this version of the program knows, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions())


def fit_of(revision: str | None) -> SchemaFit:
    """Judge a database's revision; None: it has none, or this role may not see it, as before it could."""
    newest, *older = known_revisions()
    if revision == newest:
        return SchemaFit.FITS
    return SchemaFit.OLDER if revision is None or revision in older else SchemaFit.NEWER


class SchemaRevision:
    """The revision of the database that a transaction works on."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def read(self) -> str | None:
        """The revision; None where there is none that this role may see."""
        seen = sa.text("SELECT coalesce(has_table_privilege(to_regclass(:t), 'SELECT'), false)")
        if not self._connection.execute(seen, {"t": VERSION_TABLE}).scalar_one():
            return None
        found: str | None = self._connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
        return found
