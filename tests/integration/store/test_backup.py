"""A backup brings everything back, in two files: without the keys of its day nothing sealed opens again."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from register import bootstrap
from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.signals.signal import SignalId
from register.services.running import operate_database
from register.services.signals.change_signal import amend_signal
from register.services.signals.read_signal import read_history, read_signal
from register.services.signals.record_signal import record_signal
from register.store.running import administration
from register.store.running.administration import DatabaseToolFailed, NotEmpty
from register.store.running.rls import tenant_tables
from register.store.running.sealing import Erased
from schemas.codes import Partition
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.store.backups import environment, plain_text, take, tools
from tests.integration.store.isolation.matrix import admin
from tests.support.forms import a_form
from tests.support.started import servers
from tests.support.started.databases import fresh_database
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW


@dataclass(frozen=True)
class Saved:
    """A world, what two of its signals were, and its backup.

    Attributes:
        caller: who recorded them.
        signals: as read before the backup.
    """

    server: str
    world: World
    caller: Caller
    signals: list[SignalOut]
    folder: Path


@pytest.fixture(scope="module", params=servers.available())
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saved]:
    with world(server=request.param, countries=(AW, CW)) as made:
        caller = made.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN)
        abroad = made.caller("CW-IMMIGRATION", Task.SUBMIT)
        record_signal(made[CW], abroad, a_form(account="Of Curaçao only."), "k")
        ids = [SignalId(record_signal(made[AW], caller, a_form(), f"k{n}").id) for n in range(3)]
        change = AmendIn.model_validate({"changes": {"account": "Corrected."}, "reason": "Heard wrongly."})
        amend_signal(made[AW], caller, ids[0], change, version=1)
        folder = tmp_path_factory.mktemp("backup")
        take(made, request.param, AW, folder)
        yield Saved(request.param, made, caller, [read_signal(made[AW], caller, i) for i in ids], folder)


@contextmanager
def restored(saved: Saved, folder: Path, *, parts: tuple[str, ...] = ("rows", "keys")) -> Iterator[Register]:
    """Aruba out of the backup, in a fresh database under the same keys."""
    old = saved.world.settings
    settings = replace(old, countries=(AW,), database=replace(old.database, name=fresh_database()))
    operate_database.migrate(settings)
    _restore(saved, settings.database.name, folder, parts)
    register = bootstrap.open(settings, AW)
    try:
        yield register
    finally:
        register.close()


def _restore(saved: Saved, name: str, folder: Path, parts: tuple[str, ...]) -> None:
    database = replace(saved.world.settings.database, name=name)
    settings = replace(saved.world.settings, database=database)
    if len(parts) == 1:  # what somebody has who got hold of one file only
        words = {**environment(saved.server), "PGDATABASE": name}
        for part in parts:
            administration._run(
                [str(tools(saved.server) / "pg_restore"), "--data-only", "--disable-triggers", f"--dbname={name}",
                 str(folder / f"{part}-aw.dump")], words,
            )  # fmt: skip
    else:
        operate_database.restore(settings, AW, environment(saved.server), tools(saved.server), folder)


def test_a_restored_country_reads_as_before(saved: Saved) -> None:
    with restored(saved, saved.folder) as register:
        for signal in saved.signals:
            assert read_signal(register, saved.caller, SignalId(signal.id)) == signal
        lines = read_history(register, saved.caller, SignalId(saved.signals[0].id))
    assert [(line.what, line.reason) for line in lines] == [("recorded", None), ("amended", "Heard wrongly.")]


def test_a_restore_brings_every_row_of_every_table_and_none_of_another_country(saved: Saved) -> None:
    with restored(saved, saved.folder) as register, psycopg.connect(admin(saved.world)) as before:
        database = register.settings.database
        with psycopg.connect(database.admin_url, dbname=database.name) as after:
            for table in tenant_tables():
                # Reading the signals for `Saved` left leaves after the backup was taken.
                if table.name != "audit_leaf":
                    query = f"SELECT t::text FROM {table.key} t WHERE country = 'AW' ORDER BY 1".encode()
                    assert after.execute(query).fetchall() == before.execute(query).fetchall(), table.key
                foreign = f"SELECT count(*) FROM {table.key} WHERE country <> 'AW'".encode()
                assert after.execute(foreign).fetchone() == (0,)


def test_without_the_file_of_keys_nothing_sealed_opens(saved: Saved) -> None:
    with restored(saved, saved.folder, parts=("rows",)) as register:
        for signal in saved.signals:
            with pytest.raises(Erased):
                read_signal(register, saved.caller, SignalId(signal.id))


def test_data_keys_are_in_their_own_file_only(saved: Saved) -> None:
    rows, keys = (plain_text(saved.server, saved.folder / f"{part}-aw.dump") for part in ("rows", "keys"))
    with psycopg.connect(admin(saved.world)) as connection:
        wrapped = [r[0].hex().encode() for r in connection.execute("SELECT wrapped FROM rtr.data_key_aw")]
    assert len(wrapped) >= len(saved.signals)
    assert all(w in keys for w in wrapped)
    assert not any(w in rows for w in wrapped)
    assert b"data_key_aw" not in rows
    assert b"COPY rtr.signal_aw" in rows
    assert b"COPY rtr.signal_aw" not in keys


def test_a_backup_of_one_country_holds_no_row_of_another(saved: Saved) -> None:
    text = b"".join(plain_text(saved.server, f) for f in sorted(saved.folder.glob("*.dump")))
    assert b"_cw" not in text
    assert b"CW-IMMIGRATION" not in text
    assert b"AW-DIMAS" in text


def test_an_erased_signal_stays_erased_when_rows_come_back_from_before_and_keys_from_today(
    saved: Saved, tmp_path: Path
) -> None:
    """For that the file of keys has one generation: a later run overwrites it."""
    signal_id = SignalId(record_signal(saved.world[AW], saved.caller, a_form(), "erased").id)
    rows, keys = take(saved.world, saved.server, AW, tmp_path)
    old = rows.read_bytes()
    with saved.world[AW].work(saved.caller) as work:
        work.signals.erase(signal_id)
    assert take(saved.world, saved.server, AW, tmp_path) == [rows, keys]
    rows.write_bytes(old)
    with restored(saved, tmp_path) as register:
        with pytest.raises(Erased):
            read_signal(register, saved.caller, signal_id)
        assert read_signal(register, saved.caller, SignalId(saved.signals[1].id)) == saved.signals[1]


def test_the_files_are_for_their_owner_only(saved: Saved) -> None:
    assert sorted(f.name for f in saved.folder.iterdir()) == ["keys-aw.dump", "rows-aw.dump"]
    assert {stat.S_IMODE(f.stat().st_mode) for f in saved.folder.iterdir()} == {0o600}


def test_a_restore_into_a_database_with_rows_is_refused_and_changes_nothing(saved: Saved) -> None:
    with pytest.raises(NotEmpty):
        _restore(saved, saved.world.settings.database.name, saved.folder, ("rows", "keys"))


def test_a_restore_of_a_broken_file_changes_nothing_and_says_why(saved: Saved, tmp_path: Path) -> None:
    for part in ("rows", "keys"):
        whole = (saved.folder / f"{part}-aw.dump").read_bytes()
        (tmp_path / f"{part}-aw.dump").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatabaseToolFailed, match="pg_restore"), restored(saved, tmp_path):
        pass
