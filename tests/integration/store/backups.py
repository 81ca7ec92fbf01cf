"""Backups of a world, taken with the programs of its own server, and a dump's content as text."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from register.services.running import operate_database
from schemas.codes import Partition
from tests.support.started import servers
from tests.support.world import World


def tools(server: str) -> Path:
    """Where pg_dump and pg_restore of a server's version lie."""
    return servers.server(server).binaries.folder


def environment(server: str) -> Mapping[str, str]:
    """Libpq's words for a server and its superuser."""
    return servers.address(server).environment()


def take(world: World, server: str, country: Partition, folder: Path) -> list[Path]:
    """Back a country up; the rows and the keys."""
    return operate_database.backup(world.settings, country, environment(server), tools(server), folder)


def plain_text(server: str, dump: Path) -> bytes:
    """What a dump holds, uncompressed."""
    program = str(tools(server) / "pg_restore")
    return subprocess.run([program, "--file=-", str(dump)], capture_output=True, check=True).stdout
