"""Plain SQL as a yardstick: what the server alone needs for the same rows, with no register around it.

Runs the server's own `psql` as its superuser. For measuring only: the product reaches its rows through the store.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from api.servers.address import ServerAddress
from register.errors import OperatorError
from rtr_trial.embedded.postgres.wheel import wheel_binaries

_TIME: Final = re.compile(r"^Time: ([0-9.]+) ms", re.MULTILINE)


class YardstickFailed(OperatorError):
    """A plain statement that a bench compares with could not be run."""

    code = "yardstick-failed"
    advice = "Read the message of the server; the bench's figures would have no ratio without it."


@contextmanager
def nobody_reads(address: ServerAddress, database: str, table: str) -> Iterator[None]:
    """Have whoever reads a table wait until the block ends.

    Raises:
        YardstickFailed: the server does not let it be held.
    """
    holder = subprocess.Popen(
        [str(wheel_binaries().folder / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=address.environment(database),
    )
    with holder:  # it ends with its input, and what it held is free again
        if holder.stdin is not None:
            holder.stdin.write(f"BEGIN;\nLOCK TABLE {table} IN ACCESS EXCLUSIVE MODE;\n\\echo held\n")
            holder.stdin.flush()
        if holder.stdout is None or not holder.stdout.readline():
            raise YardstickFailed(f"{table} cannot be held")
        yield


def run_timed(address: ServerAddress, database: str, statements: Iterable[str]) -> list[float]:
    """Run statements one by one, each committed by itself; return the seconds that each took, seen by the client.

    Raises:
        YardstickFailed: one of them failed; none after it was run.
    """
    script = "\\timing on\n" + "\n".join(statements) + "\n"
    done = subprocess.run(
        [str(wheel_binaries().folder / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"],
        input=script,
        capture_output=True,
        text=True,
        env=address.environment(database),
        check=False,
    )
    if done.returncode:
        raise YardstickFailed(done.stderr.strip().splitlines()[0])
    return [float(ms) / 1_000 for ms in _TIME.findall(done.stdout)]


def seconds_to_copy(address: ServerAddress, database: str, rows: Iterable[tuple[str, str]]) -> float:
    """How long the server takes to insert these rows again, into tables of the same shape with the same indexes.

    Args:
        address: of the server.
        database: where the rows are; the copies go to a schema of their own there and are dropped.
        rows: (table in schema rtr, condition).
    """
    wanted = list(rows)
    tables = sorted({table for table, _ in wanted})
    run_timed(
        address,
        database,
        [
            "DROP SCHEMA IF EXISTS yardstick CASCADE;",
            "CREATE SCHEMA yardstick;",
            *(f"CREATE TABLE yardstick.{t} (LIKE rtr.{t} INCLUDING ALL);" for t in tables),
            "CHECKPOINT;",
        ],
    )
    inserts = [f"INSERT INTO yardstick.{t} SELECT * FROM rtr.{t} WHERE {c};" for t, c in wanted]  # noqa: S608 - our own words
    spent = sum(run_timed(address, database, inserts))
    run_timed(address, database, ["DROP SCHEMA yardstick CASCADE;"])
    return spent


def seconds_a_commit(address: ServerAddress, database: str, count: int) -> float:
    """How long one insert of one small row takes with its commit, on the median: what a transaction costs here."""
    run_timed(
        address,
        database,
        ["DROP SCHEMA IF EXISTS yardstick CASCADE;", "CREATE SCHEMA yardstick;", "CREATE TABLE yardstick.row (n int);"],
    )
    spent = run_timed(address, database, ["INSERT INTO yardstick.row VALUES (1);"] * count)
    run_timed(address, database, ["DROP SCHEMA yardstick CASCADE;"])
    return sorted(spent)[len(spent) // 2]
