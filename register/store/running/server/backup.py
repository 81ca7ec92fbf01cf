"""A country's rows and keys as files, of one moment, and back.

Dumps come in two files: the rows, and the data keys apart, because a data backup that held them would undo every
erasure (security.md 2). Both are read in one snapshot, and a manifest says what they are: hashes, schema, counts, how
far our logs for partners went. It also holds the rosters, which are no country's rows: a restored node would know no
partner without them, and by an older one it would refuse what partners sign. Rows of an older day go with the keys of
today, since there is one generation of keys: then what was changed or erased between the two days does not open, and
the restore says which that is. That a key ended, and why, comes with the keys: what was erased stays erased, and what
was changed, or whose key is in no file, is damage.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

import psycopg
import sqlalchemy as sa
from psycopg import sql

from register.domain.running.audit_action import OPERATORS
from register.errors import OperatorError
from register.store.models import SCHEMA
from register.store.models.exchange import log_head, roster
from register.store.models.running import audit_leaf, beat, known_key
from register.store.models.signals import signal
from register.store.running.sealing import KeyEnd
from register.store.running.server.administration import administrator, revision, revision_expected
from register.store.running.server.rls import Role, tenant_tables
from schemas.codes import Partition

KEYS_TABLES: Final = ("data_key", "data_key_end", "known_key")
_NAMES_A_KEY: Final = frozenset({"data_key", "answer_key"})
"""Columns by which a row names a data key."""
NAMED: Final = 50
"""Of signals that do not open, how many are named."""
_PARTS: Final = ("rows", "keys")
_NOT_KEPT: Final = frozenset({beat.name})  # what workers say of themselves is of this machine and this minute
_WORDS: Final = {
    "PGHOST": "host", "PGPORT": "port", "PGDATABASE": "dbname", "PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert",
    "PGSSLCERT": "sslcert", "PGSSLKEY": "sslkey", "PGGSSENCMODE": "gssencmode",
}  # fmt: skip


class DatabaseToolFailed(OperatorError):
    """pg_dump or pg_restore ended with an error."""

    code = "database-tool-failed"
    advice = "The tool's own last line is in the message; check free disk space and that the server runs."


class NotEmpty(OperatorError):
    """A restore was asked for into a database that holds rows of this country."""

    code = "database-not-empty"
    advice = "Restore into a fresh database: `rtr db migrate` with another `database.name`."


class BackupBroken(OperatorError):
    """The folder is no whole backup of this country, or not of this version's schema."""

    code = "backup-broken"
    advice = "Take the rows, the keys and the manifest of one run of `rtr db backup`, by the version that made them."


class KeepsRosters(Protocol):
    """The rosters of a database."""

    def add(self, number: int, document: bytes) -> None:
        """Keep one; the same one again is no change."""
        ...


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought.

    Attributes:
        taken_at: of when the rows are.
        keys_of_the_same_run: whether the file of keys is the one that was made with the rows.
        unreadable: references of signals whose content is lost here, at most `NAMED`: changed since the day of the
            rows, or without a key that anybody ended.
        unreadable_count: how many they are.
        erased: references of signals that were erased since the day of the rows, at most `NAMED`.
        erased_count: how many they are.
        other_rows: rows of other tables that are lost so, by table.
        tips: the last number of our log for each partner; a partner that has more than that says so to the node.
        roster: number of the newest roster that came with it; 0 where there was none.
    """

    taken_at: datetime
    keys_of_the_same_run: bool
    unreadable: tuple[str, ...]
    unreadable_count: int
    erased: tuple[str, ...]
    erased_count: int
    other_rows: Mapping[str, int]
    tips: Mapping[str, int]
    roster: int


def backup(
    environment: Mapping[str, str],
    country: Partition,
    tools: Path | None,
    folder: Path,
    password: Callable[[str], str],
    now: datetime,
) -> list[Path]:
    """Dump one country's rows as its backup role, as of one moment; return the files.

    `rows-<country>.dump` and its manifest may be kept for as long as the operator keeps backups. `keys-<country>.dump`
    is one generation, overwritten each run: how old it may grow is how late an erasure reaches the backups. A run that
    fails leaves the files of the run before as they were.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    role = Role(country, "backup").name
    as_role = {**environment, "PGUSER": role, "PGPASSWORD": password(role)}
    files = {part: folder / f"{part}-{country.lower()}.dump" for part in _PARTS}
    fresh = {part: file.with_suffix(".new") for part, file in files.items()}
    try:
        with _snapshot(as_role, country) as (name, facts):
            for part in _PARTS:
                fresh[part].unlink(missing_ok=True)
                fresh[part].touch(mode=0o600)
                _run_tool([*_find_tool(tools, "pg_dump"), "--format=custom", "--data-only", "--enable-row-security",
                      f"--snapshot={name}", *_list_table_options(country, keys=part == "keys"),
                      f"--file={fresh[part]}"],
                     as_role)  # fmt: skip
        manifest = {
            "country": country,
            "taken_at": now.isoformat(timespec="seconds"),
            "schema": revision_expected(),
            **facts,
            "sha256": {part: _hash_file(file) for part, file in fresh.items()},
        }
        fresh["manifest"] = folder / f"manifest-{country.lower()}.new"
        files["manifest"] = fresh["manifest"].with_suffix(".json")
        fresh["manifest"].unlink(missing_ok=True)
        fresh["manifest"].touch(mode=0o600)
        fresh["manifest"].write_text(json.dumps(manifest, indent=2, sort_keys=True), encoding="utf-8")
        for part, file in files.items():
            fresh[part].replace(file)
    finally:
        for file in fresh.values():
            file.unlink(missing_ok=True)
    return list(files.values())


def restore(
    url: str,
    environment: Mapping[str, str],
    country: Partition,
    tools: Path | None,
    folder: Path,
    rosters: Callable[[sa.Connection], KeepsRosters],
) -> Restored:
    """Load one country's rows and keys into a migrated database that holds none of them yet.

    `rosters` opens the rosters of the database: they are kept elsewhere, for all countries alike.

    Raises:
        BackupBroken: the files are not what the manifest says, or of another schema; nothing was changed.
        NotEmpty: the country has rows already; nothing was changed.
        RosterDiffers: of `rosters`: the database has another one of that number; nothing was changed.
        DatabaseToolFailed: a file could not be loaded.
    """
    database = environment["PGDATABASE"]
    manifest = _read_manifest(country, folder, revision(url, database))
    with administrator(url, database) as engine, engine.begin() as connection:
        for table in tenant_tables():
            child = f"{table.schema}.{table.name}_{country.lower()}"
            # That the database was made for the restore stands in its log already.
            but = f"WHERE NOT starts_with(action, '{OPERATORS}')" if table is audit_leaf else ""
            if table.name in _NOT_KEPT:
                connection.exec_driver_sql(f"DELETE FROM {child}")
            elif connection.exec_driver_sql(f"SELECT 1 FROM {child} {but} LIMIT 1").first() is not None:
                raise NotEmpty(f"{child} holds rows; nothing was restored")
        kept = rosters(connection)
        for number, document in enumerate(manifest["rosters"], start=1):
            kept.add(number, document.encode())
    for part in _PARTS:
        file = folder / f"{part}-{country.lower()}.dump"
        _run_tool([*_find_tool(tools, "pg_restore"), "--data-only", "--disable-triggers", "--single-transaction",
              f"--dbname={database}", str(file)], environment)  # fmt: skip
    same = _hash_file(folder / f"keys-{country.lower()}.dump") == manifest["sha256"]["keys"]
    with administrator(url, database) as engine, engine.connect() as connection:
        erased, unreadable, other_rows = _look_for_lost(connection, country)
    return Restored(
        taken_at=datetime.fromisoformat(manifest["taken_at"]),
        keys_of_the_same_run=same,
        unreadable=tuple(unreadable[:NAMED]),
        unreadable_count=len(unreadable),
        erased=tuple(erased[:NAMED]),
        erased_count=len(erased),
        other_rows=other_rows,
        tips=manifest["tips"],
        roster=len(manifest["rosters"]),
    )


def _look_for_lost(connection: sa.Connection, country: Partition) -> tuple[list[str], list[str], dict[str, int]]:
    """The signals, by reference, that were erased since and that are lost; lost rows of other tables, by table."""
    rows: dict[str, int] = {}
    erased: list[str] = []
    lost: list[str] = []
    for table in tenant_tables():
        for named in sorted(_NAMES_A_KEY & set(table.c.keys())):
            child, keys, ended = (
                f"{SCHEMA}.{name}_{country.lower()}" for name in (table.name, "data_key", "data_key_end")
            )
            joined = f"{child} t LEFT JOIN {keys} k ON k.id = t.{named} LEFT JOIN {ended} e ON e.id = t.{named}"
            is_erased = f"e.reason <> '{KeyEnd.REPLACED}'"
            is_lost = f"(k.id IS NULL AND e.id IS NULL OR e.reason = '{KeyEnd.REPLACED}')"
            if table is signal:
                # Erasing a signal empties what was sealed of it: where its key ended and it is empty, it was so before.
                query = f"SELECT t.reference FROM {joined} WHERE {{}} ORDER BY 1"
                erased, lost = (
                    list(connection.exec_driver_sql(query.format(which)).scalars())
                    for which in (f"{is_erased} AND t.account IS NOT NULL", is_lost)
                )
            elif n := connection.exec_driver_sql(
                f"SELECT count(*) FROM {joined} WHERE t.{named} IS NOT NULL AND {is_lost}"
            ).scalar_one():
                rows[table.name] = rows.get(table.name, 0) + n
    return erased, lost, rows


def _read_manifest(country: Partition, folder: Path, found: str | None) -> dict[str, Any]:
    file = folder / f"manifest-{country.lower()}.json"
    try:
        manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        rows, of = manifest["sha256"]["rows"], manifest["schema"]
        datetime.fromisoformat(manifest["taken_at"])
        whose, _ = manifest["country"], manifest["sha256"]["keys"]
        _check_facts(manifest)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupBroken(f"{file.name} is not there, or is no manifest ({type(error).__name__})") from error
    missing = [f"{part}-{country.lower()}.dump" for part in _PARTS]
    missing = [name for name in missing if not (folder / name).is_file()]
    if missing:
        raise BackupBroken(f"{missing[0]} is not in the folder")
    if whose != country:
        raise BackupBroken(f"the manifest is of {whose}, not of {country}")
    if _hash_file(folder / f"rows-{country.lower()}.dump") != rows:
        raise BackupBroken(f"rows-{country.lower()}.dump is not the file that the manifest was made for")
    if of != found:
        raise BackupBroken(f"the rows are of schema {of}, the database of {found}")
    return manifest


def _check_facts(manifest: Mapping[str, Any]) -> None:
    """Raise `TypeError` or `ValueError` where what the restore itself goes by is not of its kind."""
    if not all(isinstance(document, str) and document for document in manifest["rosters"]):
        raise TypeError("rosters")
    if not all(isinstance(seq, int) for seq in manifest["tips"].values()):
        raise TypeError("tips")


@contextmanager
def _snapshot(as_role: Mapping[str, str], country: Partition) -> Iterator[tuple[str, dict[str, Any]]]:
    """A moment that several dumps can be of, and what the manifest says of it: counts, tips of our logs, rosters."""
    words: dict[str, Any] = {word: as_role[name] for name, word in _WORDS.items() if name in as_role}
    try:
        connection = psycopg.connect(
            **words, user=as_role["PGUSER"], password=as_role["PGPASSWORD"], connect_timeout=5, autocommit=True
        )
    except psycopg.OperationalError as error:
        raise DatabaseToolFailed(f"the server does not answer {as_role['PGUSER']}") from error
    with connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # as long as the dumps take
        counts = {
            table.name: _count_rows(connection, table, country)
            for table in tenant_tables()
            if table.name not in _NOT_KEPT
        }
        head = sql.Identifier(SCHEMA, f"{log_head.name}_{country.lower()}")
        tips = connection.execute(sql.SQL("SELECT partner, max(tip_seq) FROM {} GROUP BY 1 ORDER BY 1").format(head))
        rosters = connection.execute(f"SELECT document FROM {roster.fullname} ORDER BY number".encode())
        facts = {
            "counts": counts,
            "tips": dict(tips.fetchall()),
            "rosters": [row[0] for row in rosters],
            "known_keys": _digest_of_known_keys(connection, country),
        }
        (name,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        yield name, facts
        connection.execute("COMMIT")


def _digest_of_known_keys(connection: psycopg.Connection[Any], country: Partition) -> str:
    """Another where the key store has gained keys, or some were given up; SHA-256 over names and check values, hex."""
    child = sql.Identifier(SCHEMA, f"{known_key.name}_{country.lower()}")
    rows = connection.execute(sql.SQL("SELECT name, check_value FROM {} ORDER BY name").format(child)).fetchall()
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def known_keys_of(country: Partition, folder: Path) -> str | None:
    """What the manifest in a folder says of the keys that rows rested on then; None where there is none."""
    try:
        said = json.loads((folder / f"manifest-{country.lower()}.json").read_text(encoding="utf-8"))["known_keys"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(said)


def _count_rows(connection: psycopg.Connection[Any], table: sa.Table, country: Partition) -> int:
    child = sql.Identifier(str(table.schema), f"{table.name}_{country.lower()}")
    (n,) = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(child)).fetchone() or (0,)
    return int(n)


def _list_table_options(country: Partition, *, keys: bool) -> list[str]:
    return [
        f"--table={t.schema}.{t.name}_{country.lower()}"
        for t in tenant_tables()
        if (t.name in KEYS_TABLES) is keys and t.name not in _NOT_KEPT
    ]


def _hash_file(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _find_tool(tools: Path | None, name: str) -> list[str]:
    return [str(tools / name) if tools else name]


def _run_tool(arguments: list[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(arguments, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise DatabaseToolFailed(f"{Path(arguments[0]).name} ended with {done.returncode}: {said[-1]}")
