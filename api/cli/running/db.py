"""`rtr db`: the database as its operator sees it. Needs an administrator; serving needs none.

Without `database.admin_url` these commands work on the embedded server of this home, which is for trial and test
and is not part of the product (see `local_servers`).
"""

from __future__ import annotations

import signal
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.audited import leave_leaf, leave_word_of_backup
from api.cli.frame.failures import FINDINGS
from api.cli.frame.machine import local_postgres, postgres_tools, settings_of, with_database
from api.cli.frame.terminal import Table, at, desk_of
from register.domain.running.audit_action import AuditAction
from schemas.codes import Partition

if TYPE_CHECKING:
    from register.services.running.operate_database import DatabaseState
    from register.settings import Settings

app = typer.Typer(no_args_is_help=True)

Country = Annotated[Partition, typer.Option(case_sensitive=False, help="Whose rows.")]
Tools = Annotated[Path | None, typer.Option(help="Folder of pg_dump and pg_restore, if not the ones found here.")]


@app.command()
def start(ctx: typer.Context) -> None:
    """Run the embedded PostgreSQL on this home until Ctrl-C; for trial and test only."""
    desk = desk_of(ctx)
    server = local_postgres(settings_of(desk))
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with desk.progress("Starting PostgreSQL"):
        server.start()
    try:
        status = server.status()
        desk.answer(
            asdict(status),
            f"PostgreSQL {status.version} ({status.origin}) listens in {status.host}; {status.detail}.",
            "Ctrl-C stops it.",
            brief=status.host,
        )
        while not over.wait(1.0):
            if not server.status().running:
                desk.note("The server has ended; another `rtr db stop` may have stopped it.")
                break
    finally:
        server.stop()


@app.command()
def stop(ctx: typer.Context) -> None:
    """Stop the embedded PostgreSQL of this home, whoever started it."""
    desk = desk_of(ctx)
    server = local_postgres(settings_of(desk))
    was_running = server.status().running
    server.stop()
    desk.answer({"was_running": was_running}, "Stopped." if was_running else "It was not running.")


@app.command()
def status(ctx: typer.Context) -> None:
    """Say whether the database answers and has the schema that this program works with; 1 if not."""
    from register.services.running import operate_database

    desk = desk_of(ctx)
    settings = with_database(settings_of(desk))
    found = operate_database.state(settings)
    desk.answer(_build_document(settings, found), *_list_lines(settings, found), brief=found.revision or "none")
    if not found.current:
        raise typer.Exit(FINDINGS)


@app.command()
def migrate(ctx: typer.Context) -> None:
    """Make the database, bring it to the newest schema, and make it host the countries of the settings."""
    from register.services.running import operate_database

    desk = desk_of(ctx)
    settings = with_database(settings_of(desk))
    with desk.progress("Migrating"):
        found = operate_database.migrate(settings)
    leave_leaf(settings, settings.countries, AuditAction.OPERATOR_MIGRATED, revision=found.revision or "none")
    desk.answer(_build_document(settings, found), *_list_lines(settings, found), brief=found.revision or "none")


@app.command()
def backup(
    ctx: typer.Context,
    *,
    country: Country,
    to: Annotated[Path, typer.Option(help="Folder for the files; owner-only.")],
    tools: Tools = None,
) -> None:
    """Dump one country's rows and, in a file apart, its data keys, without which erased rows stay erased."""
    from register.services.running import operate_database

    desk = desk_of(ctx)
    settings = with_database(settings_of(desk))
    # Before the dump, as with every reading: what leaves is in the log, or does not leave.
    leave_leaf(settings, [country], AuditAction.OPERATOR_DUMPED)
    keys_before = operate_database.known_keys_of(country, to)
    with desk.progress(f"Dumping {country}"):
        files = operate_database.backup(settings, country, _read_libpq_environment(settings), postgres_tools(tools), to)
    leave_word_of_backup(settings, country)
    rows = [(file, file.stat().st_size) for file in files]
    note = "Keep rows and keys apart: the keys' file is one generation, overwritten by each backup."
    grown = keys_before != operate_database.known_keys_of(country, to)
    if grown:
        since = "since the backup that was here before" if keys_before else "by what this folder knows"
        note += f"\nThe key store has other keys {since}: make a new copy of it, offline. No backup here holds it."
    desk.answer(
        {"files": [{"file": file, "bytes": size} for file, size in rows], "copy_key_store": grown},
        Table("", ("file", "bytes"), rows, frozenset({"bytes"})),
        note,
        brief="\n".join(map(str, files)),
    )


@app.command()
def restore(
    ctx: typer.Context,
    *,
    country: Country,
    folder: Annotated[Path, typer.Option("--from", help="Folder of a backup.", exists=True, file_okay=False)],
    tools: Tools = None,
) -> None:
    """Load one country's backup into a migrated database that holds none of its rows; 1 where reports do not open."""
    from register.services.running import operate_database

    desk = desk_of(ctx)
    settings = with_database(settings_of(desk))
    with desk.progress(f"Loading {country}"):
        found = operate_database.restore(
            settings, country, _read_libpq_environment(settings), postgres_tools(tools), folder
        )
    leave_leaf(settings, [country], AuditAction.OPERATOR_RESTORED, unreadable=found.unreadable_count)
    said = [f"{country} is restored, as of {at(found.taken_at)}. Start the node: the index is filled again from it."]
    said.append("What was changed, withdrawn or erased since is as it was then; only newer keys keep it erased.")
    if found.tips:
        ends = ", ".join(f"{partner} {seq}" for partner, seq in found.tips.items())
        said.append(f"Our logs end at: {ends}. To a partner that has more nothing is told any more: see `rtr status`.")
    if not found.keys_of_the_same_run:
        said.append("The keys are of another run than the rows: what was changed or erased between them does not open.")
    if found.unreadable:
        named = ", ".join(found.unreadable) + (" ..." if found.unreadable_count > len(found.unreadable) else "")
        said.append(f"{found.unreadable_count} reports are damaged, and nobody erased them: {named}")
    if found.erased:
        named = ", ".join(found.erased) + (" ..." if found.erased_count > len(found.erased) else "")
        said.append(f"{found.erased_count} reports were erased since, and stay erased: {named}")
    if found.other_rows:
        others = ", ".join(f"{table} {n}" for table, n in sorted(found.other_rows.items()))
        said.append(f"Other rows that are damaged, changed since or without a key that anybody ended: {others}.")
    desk.answer({"restored": country, **asdict(found)}, *said)
    if found.unreadable:
        raise typer.Exit(FINDINGS)


def _read_libpq_environment(settings: Settings) -> dict[str, str]:
    from api.servers.external import read_url

    return read_url(settings.database.admin_url).environment(settings.database.name)


def _build_document(settings: Settings, found: DatabaseState) -> dict[str, object]:
    database = settings.database
    return {**asdict(found), "current": found.current, "host": database.host, "database": database.name}


def _list_lines(settings: Settings, found: DatabaseState) -> list[str]:
    fits = "as this program needs" if found.current else f"this program needs {found.expected}: run `rtr db migrate`"
    return [
        f"Database {settings.database.name}: schema {found.revision or 'not made yet'}, {fits}.",
        f"Hosts: {', '.join(found.hosted)}.",
    ]
