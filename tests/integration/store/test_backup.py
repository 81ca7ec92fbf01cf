"""A backup brings everything back, in two files: without the keys of its day nothing sealed opens again."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from register import bootstrap
from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.signals.referral import ReferralId
from register.domain.signals.signal import SignalId
from register.services.running import operate_database
from register.services.running.keep_house import destroy_keys
from register.services.signals.answer_referrals import answer_referral
from register.services.signals.change_signal import amend_signal, refer_signal
from register.services.signals.read_signal import read_history, read_signal
from register.services.signals.record_signal import record_signal
from register.store.exchange.rosters import RosterDiffers
from register.store.running.sealing import DataKeyLost, Erased
from register.store.running.server import backup as dumps
from register.store.running.server.backup import BackupBroken, DatabaseToolFailed, NotEmpty, Restored
from register.store.running.server.rls import tenant_tables
from schemas.codes import Partition
from schemas.signals.changes import AmendIn, ReferIn
from schemas.signals.out import SignalOut
from schemas.signals.referral import AnswerIn
from tests.integration.store.backups import environment, plain_text, take, tools
from tests.integration.store.isolation.matrix import admin
from tests.support.forms import a_form
from tests.support.started import servers
from tests.support.started.databases import fresh_database, make_database
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
def restored(
    saved: Saved, folder: Path, *, parts: tuple[str, ...] = ("rows", "keys"), found: list[Restored] | None = None
) -> Iterator[Register]:
    """Aruba out of the backup, in a fresh database under the same keys; `found` takes what the restore says."""
    old = saved.world.settings
    settings = replace(old, countries=(AW,), database=replace(old.database, name=fresh_database()))
    make_database(settings)
    said = _restore(saved, settings.database.name, folder, parts)
    if said is not None and found is not None:
        found.append(said)
    register = bootstrap.open(settings, AW)
    try:
        yield register
    finally:
        register.close()


def _restore(saved: Saved, name: str, folder: Path, parts: tuple[str, ...]) -> Restored | None:
    database = replace(saved.world.settings.database, name=name)
    settings = replace(saved.world.settings, database=database)
    if len(parts) == 1:  # what somebody has who got hold of one file only
        words = {**environment(saved.server), "PGDATABASE": name}
        for part in parts:
            dumps._run_tool(
                [str(tools(saved.server) / "pg_restore"), "--data-only", "--disable-triggers", f"--dbname={name}",
                 str(folder / f"{part}-aw.dump")], words,
            )  # fmt: skip
        return None
    return operate_database.restore(settings, AW, environment(saved.server), tools(saved.server), folder)


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


def test_without_the_file_of_keys_nothing_sealed_opens_and_nobody_is_told_that_it_was_erased(saved: Saved) -> None:
    with restored(saved, saved.folder, parts=("rows",)) as register:
        for signal in saved.signals:
            with pytest.raises(DataKeyLost):
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
    files = take(saved.world, saved.server, AW, tmp_path)
    old = _kept(tmp_path)
    with saved.world[AW].work(saved.caller) as work:
        work.signals.reports.erase(signal_id)
    assert take(saved.world, saved.server, AW, tmp_path) == files
    _put_back(tmp_path, old)
    with restored(saved, tmp_path) as register:
        with pytest.raises(Erased):
            read_signal(register, saved.caller, signal_id)
        assert read_signal(register, saved.caller, SignalId(saved.signals[1].id)) == saved.signals[1]


def test_the_files_are_for_their_owner_only(saved: Saved) -> None:
    assert sorted(f.name for f in saved.folder.iterdir()) == [
        "keys-aw.dump", "manifest-aw.json", "rows-aw.dump",
    ]  # fmt: skip
    assert {stat.S_IMODE(f.stat().st_mode) for f in saved.folder.iterdir()} == {0o600}


def test_a_restore_into_a_database_with_rows_is_refused_and_changes_nothing(saved: Saved) -> None:
    with pytest.raises(NotEmpty):
        _restore(saved, saved.world.settings.database.name, saved.folder, ("rows", "keys"))


def test_rows_of_yesterday_with_the_keys_of_today_name_every_report_that_does_not_open(
    saved: Saved, tmp_path: Path
) -> None:
    register = saved.world[AW]
    kept, changed, erased = (
        record_signal(register, saved.caller, a_form(), f"yesterday-{n}") for n in ("kept", "changed", "erased")
    )
    take(saved.world, saved.server, AW, tmp_path)
    yesterday = _kept(tmp_path)
    change = AmendIn.model_validate({"changes": {"account": "Heard again."}, "reason": "She called once more."})
    amend_signal(register, saved.caller, SignalId(changed.id), change, version=1)
    with register.work(saved.caller) as work:
        work.signals.reports.erase(SignalId(erased.id))
    take(saved.world, saved.server, AW, tmp_path)
    _put_back(tmp_path, yesterday)

    found: list[Restored] = []
    with restored(saved, tmp_path, found=found) as again:
        (said,) = found
        assert not said.keys_of_the_same_run
        assert changed.reference in said.unreadable
        assert erased.reference in said.erased
        assert {changed.reference, erased.reference}.isdisjoint({*said.unreadable} & {*said.erased})
        opened = set()
        for one in (kept, changed, erased, *saved.signals):
            with suppress(Erased, DataKeyLost):
                opened.add(read_signal(again, saved.caller, SignalId(one.id)).reference)
        assert kept.reference in opened
        assert opened.isdisjoint(said.unreadable)
        assert {changed.reference, erased.reference}.isdisjoint(opened)
        with pytest.raises(Erased):
            read_signal(again, saved.caller, SignalId(erased.id))
        with pytest.raises(DataKeyLost):
            read_signal(again, saved.caller, SignalId(changed.id))


def test_keys_of_half_a_backup_leave_what_they_lack_damaged_and_what_was_erased_erased(
    saved: Saved, tmp_path: Path
) -> None:
    """Rows of today under the keys of an older day: what came since has no key, and nobody erased it."""
    register = saved.world[AW]
    erased = record_signal(register, saved.caller, a_form(), "half-erased")
    with register.work(saved.caller) as work:
        work.signals.reports.erase(SignalId(erased.id))
    while destroy_keys(register, 1_000):
        pass
    take(saved.world, saved.server, AW, tmp_path)
    keys = (tmp_path / "keys-aw.dump").read_bytes()
    late = record_signal(register, saved.caller, a_form(), "half-late")
    take(saved.world, saved.server, AW, tmp_path)
    (tmp_path / "keys-aw.dump").write_bytes(keys)
    found: list[Restored] = []
    with restored(saved, tmp_path, found=found) as again:
        assert found[0].unreadable == (late.reference,)
        with pytest.raises(DataKeyLost):
            read_signal(again, saved.caller, SignalId(late.id))
        with pytest.raises(Erased):
            read_signal(again, saved.caller, SignalId(erased.id))


def test_a_restore_names_an_answer_to_a_referral_whose_key_is_lost(saved: Saved, tmp_path: Path) -> None:
    """An answer has a key beside the question's."""
    register, unit = saved.world[AW], saved.world.caller("AW-JIUMM", Task.REGISTER)
    signal = SignalId(record_signal(register, saved.caller, a_form(), "answered").id)
    (referral,) = refer_signal(register, unit, signal, ReferIn(kind="assistance", to="AW-VICTIM"), version=1).referrals
    take(saved.world, saved.server, AW, tmp_path)
    keys = (tmp_path / "keys-aw.dump").read_bytes()
    addressee = saved.world.caller("AW-VICTIM", Task.READ_OWN, Task.ENRICH)
    answer = AnswerIn.model_validate({"state": "ACCEPTED", "on": str(register.today()), "note": "She has a bed."})
    answer_referral(register, addressee, ReferralId(referral.id), answer, version=1)
    take(saved.world, saved.server, AW, tmp_path)
    (tmp_path / "keys-aw.dump").write_bytes(keys)
    found: list[Restored] = []
    with restored(saved, tmp_path, found=found):
        assert found[0].other_rows.get("referral") == 1


def test_rows_and_keys_of_one_run_open_whole_and_the_restore_says_so(saved: Saved) -> None:
    found: list[Restored] = []
    with restored(saved, saved.folder, found=found):
        (said,) = found
        assert (said.keys_of_the_same_run, said.unreadable, said.unreadable_count) == (True, (), 0)


def test_restore_brings_the_rosters_without_which_no_partner_is_known(saved: Saved, tmp_path: Path) -> None:
    first, second = b'{"number":1}', b'{"number":2}'
    for number, document in enumerate((first, second), start=1):
        operate_database.install_roster(saved.world.settings, number, document)
    take(saved.world, saved.server, AW, tmp_path)
    found: list[Restored] = []
    with restored(saved, tmp_path, found=found) as register, register.work(saved.caller) as work:
        assert work.exchange.rosters.all() == [first, second]
    assert found[0].roster == 2


def test_restore_into_a_database_with_another_roster_of_the_number_is_refused_and_changes_nothing(
    saved: Saved, tmp_path: Path
) -> None:
    take(saved.world, saved.server, AW, tmp_path)
    manifest = tmp_path / "manifest-aw.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"rosters": ['{"number":1}']}))
    old = saved.world.settings
    settings = replace(old, countries=(AW,), database=replace(old.database, name=fresh_database()))
    make_database(settings)
    operate_database.install_roster(settings, 1, b'{"number":1,"other":true}')
    with pytest.raises(RosterDiffers):
        operate_database.restore(settings, AW, environment(saved.server), tools(saved.server), tmp_path)
    with psycopg.connect(settings.database.admin_url, dbname=settings.database.name) as connection:
        assert connection.execute("SELECT count(*) FROM rtr.signal").fetchone() == (0,)


def test_what_is_written_between_the_two_dumps_is_in_neither(saved: Saved, tmp_path: Path) -> None:
    """Otherwise a report that came in between would have its key in no file, or a key without a row."""
    tool = tmp_path / "tools" / "pg_dump"
    tool.parent.mkdir()
    ran = tmp_path / "ran"
    statement = (
        "INSERT INTO rtr.data_key_aw SELECT country, gen_random_uuid(), kek, wrapped, made_at FROM rtr.data_key_aw "
        "LIMIT 1"
    )
    beside = f'"{sys.executable}" -c "import os,psycopg; psycopg.connect(os.environ[\'ADMIN\'],autocommit=True)'
    beside += f".execute('{statement}')\""
    real = f'exec "{tools(saved.server) / "pg_dump"}" "$@"'
    tool.write_text(f'#!/bin/sh\n[ -e "{ran}" ] && {beside}\ntouch "{ran}"\n{real}\n')
    tool.chmod(0o700)
    words = {**os.environ, **environment(saved.server), "ADMIN": admin(saved.world)}
    before = _keys(saved)
    operate_database.backup(saved.world.settings, AW, words, tool.parent, tmp_path / "to")
    assert _keys(saved) == before + 1
    text = plain_text(saved.server, tmp_path / "to" / "keys-aw.dump").decode()
    body = text.partition("COPY rtr.data_key_aw")[2].partition("\\.")[0]
    assert len(body.splitlines()) - 1 == before


def test_backup_that_fails_leaves_the_one_before_and_nothing_else(saved: Saved, tmp_path: Path) -> None:
    folder, broken = tmp_path / "backup", tmp_path / "tools"
    take(saved.world, saved.server, AW, folder)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    broken.mkdir()
    (broken / "pg_dump").write_text("#!/bin/sh\necho no room >&2\nexit 1\n")
    (broken / "pg_dump").chmod(0o700)
    with pytest.raises(DatabaseToolFailed, match="no room"):
        operate_database.backup(saved.world.settings, AW, environment(saved.server), broken, folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


@pytest.mark.parametrize(
    "broken", ["half", "no manifest", "no keys", "another country", "another schema", "rosters of another kind"]
)
def test_a_restore_of_a_broken_backup_changes_nothing_and_says_why(saved: Saved, tmp_path: Path, broken: str) -> None:
    for file in saved.folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    manifest = tmp_path / "manifest-aw.json"
    if broken == "half":
        whole = (saved.folder / "rows-aw.dump").read_bytes()
        (tmp_path / "rows-aw.dump").write_bytes(whole[: len(whole) // 2])
    elif broken == "no manifest":
        manifest.unlink()
    elif broken == "no keys":
        (tmp_path / "keys-aw.dump").unlink()
    else:
        words: dict[str, dict[str, object]] = {
            "another country": {"country": "CW"},
            "another schema": {"schema": "2020_01_01_01"},
            "rosters of another kind": {"rosters": [7]},
        }
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | words[broken]))
    with pytest.raises(BackupBroken, match=r"manifest|rows-aw|keys-aw|schema"), restored(saved, tmp_path):
        pass


def test_backup_between_the_two_steps_of_an_erasure_opens_nothing_of_it_whatever_rows_it_is_put_to(
    saved: Saved, tmp_path: Path
) -> None:
    """Rows of the day before under keys of today, where the key still lies: that it ended comes with the keys."""
    signal = record_signal(saved.world[AW], saved.caller, a_form(), "ended")
    take(saved.world, saved.server, AW, tmp_path)
    before = _kept(tmp_path)
    with saved.world[AW].work(saved.caller) as work:
        work.signals.reports.erase(SignalId(signal.id))
    take(saved.world, saved.server, AW, tmp_path)
    _put_back(tmp_path, before)
    found: list[Restored] = []
    with restored(saved, tmp_path, found=found) as register:
        with pytest.raises(Erased):
            read_signal(register, saved.caller, SignalId(signal.id))
        assert signal.reference in found[0].erased
        assert signal.reference not in found[0].unreadable
        assert destroy_keys(register, 1_000) > 0
        with pytest.raises(Erased):
            read_signal(register, saved.caller, SignalId(signal.id))


def _kept(folder: Path) -> dict[str, bytes]:
    """What an operator keeps of a day: the rows and their manifest, and never the keys."""
    return {name: (folder / name).read_bytes() for name in ("rows-aw.dump", "manifest-aw.json")}


def _put_back(folder: Path, day: dict[str, bytes]) -> None:
    for name, content in day.items():
        (folder / name).write_bytes(content)


def _keys(saved: Saved) -> int:
    with psycopg.connect(admin(saved.world)) as connection:
        (n,) = connection.execute("SELECT count(*) FROM rtr.data_key_aw").fetchone() or (0,)
    return int(n)
