"""The words of postgresql.conf under which an embedded server runs: those for a small machine, and those that stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rtr_trial.embedded.postgres.folder import ServerDoesNotStart

# For a machine with two cores and two gigabytes. Statements and values stay out of the server's log: it is plain text.
SMALL_MACHINE: Final[Mapping[str, str]] = {
    "shared_buffers": "128MB",
    "max_connections": "120",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
FIXED: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "logging_collector": "off",
    "external_pid_file": "",
}
LASTING: Final[Mapping[str, str]] = {"fsync": "on", "full_page_writes": "on"}
# Nothing waits for a disk, and the log holds what an orderly stop needs: most of a run of tests' writing is making and
# dropping databases, each a log entry a block and a checkpoint of a thousand files. Nobody goes through them to clear
# up after what lives for seconds, and no command is written into the title of its process.
PASSING: Final[Mapping[str, str]] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "update_process_title": "off",
}


def words_of(settings: Mapping[str, str | int | bool] | None) -> dict[str, str]:
    """Return `SMALL_MACHINE` with these settings over it.

    Raises:
        ServerDoesNotStart: one of them is for the supervisor alone.
    """
    fixed = sorted(set(settings or ()) & {*FIXED, *LASTING, "unix_socket_directories", "data_directory", "hba_file"})
    if fixed:
        raise ServerDoesNotStart(f"settings that the embedded server keeps for itself: {', '.join(fixed)}")
    return {**SMALL_MACHINE, **{name: _word(value) for name, value in (settings or {}).items()}}


def _word(value: str | int | bool) -> str:  # noqa: FBT001 a setting's value, not a switch
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
