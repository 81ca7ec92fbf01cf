"""What other tests work on, a copy of a database that was migrated once, is what a migration makes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from register.services.running import operate_database
from register.settings import Settings
from schemas.codes import Partition
from tests.migrations.conftest import fresh_settings
from tests.support.started import servers
from tests.support.started.databases import make_database


@pytest.mark.parametrize("countries", [(Partition.AW, Partition.CW), (Partition.NL,)], ids="+".join)
def test_copy_is_dumped_as_a_migrated_database_is(countries: tuple[Partition, ...], tmp_path: Path) -> None:
    """The same schema, owners, policies and rights, those on the database itself among them."""
    migrated, copied = (fresh_settings(tmp_path / name, *countries) for name in ("migrated", "copied"))
    operate_database.migrate(migrated)
    make_database(copied)
    dumped = _dump(copied)
    assert f"ON DATABASE NAME TO rtr_{countries[0].lower()}_api" in dumped
    assert dumped == _dump(migrated)
    assert operate_database.state(copied) == operate_database.state(migrated)


def _dump(settings: Settings) -> str:
    """What pg_dump says of a database, but for its name and the random words that end a script safely."""
    server, name = servers.server("wheel"), settings.database.name
    command = [str(server.binaries.program("pg_dump")), "--schema-only", "--create", name]
    said = subprocess.run(command, env=server.address().environment(), capture_output=True, text=True, check=True)
    lines = said.stdout.replace(name, "NAME").splitlines()
    return "\n".join(line for line in lines if not line.startswith(("\\restrict", "\\unrestrict")))
