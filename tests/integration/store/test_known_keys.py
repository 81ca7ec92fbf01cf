"""A key store that is put back from an older copy is noticed, and makes no loss permanent."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from register import bootstrap
from register.core import Register
from register.domain.access.caller import Caller, Task, system
from register.domain.running.audit_action import AuditAction
from register.domain.running.node_finding import FindingCode
from register.domain.signals.signal import SignalId
from register.errors import RegisterError
from register.keys.home import keystore_path, open_store
from register.keys.keystore import KeyStoreDamaged, KeyStoreError, KeyStoreForeign
from register.services.running.check_keys import KeyIsThere, KeyNeeded, find_key_faults, give_up_key, note_keys
from register.services.running.check_node import check_node
from register.services.running.check_readiness import check_readiness
from register.services.running.verify_audit import verify_audit
from register.services.signals.read_signal import read_signal
from register.services.signals.record_signal import record_signal
from register.store.known_keys import KeyGivenUp, KeyStoreDiffers, KeyStoreOlder
from schemas.codes import Partition
from schemas.signals.out import SignalOut
from tests.integration.services.running.test_operators_log import calling
from tests.support.forms import a_form
from tests.support.world import World, world
from tests.unit.api.cli.desk import document

AW, CW = Partition.AW, Partition.CW


@pytest.fixture
def here() -> Iterator[World]:
    with world(countries=(AW, CW)) as made:
        yield made


@pytest.fixture
def submitter(here: World) -> Caller:
    return here.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN)


@pytest.fixture
def file(here: World) -> Path:
    return keystore_path(here.settings, AW)


@pytest.fixture
def signal(here: World, submitter: Caller) -> SignalOut:
    return record_signal(here[AW], submitter, a_form(), "first")


def rows(here: World, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(here.settings.database.admin_url, dbname=here.settings.database.name) as connection:
        return connection.execute(query.encode()).fetchall()


def key_of(here: World, signal: SignalOut) -> str:
    ((kek,),) = rows(
        here,
        "SELECT k.kek FROM rtr.data_key k JOIN rtr.signal s ON s.country = k.country AND s.data_key = k.id "
        f"WHERE s.id = '{signal.id}'",
    )
    return str(kek)


def seal_something(register: Register, ends: date) -> None:
    with register.work(system(register.partition, "worker")) as work:
        work.keys.make(ends)


def put_back_without(file: Path, name: str) -> None:
    """As if a copy of the key store of before this key was made were put back."""
    document = json.loads(file.read_bytes())
    del document["secrets"][name]
    file.write_text(json.dumps(document))


def test_key_that_rows_rest_on_is_never_made_anew(
    here: World, submitter: Caller, signal: SignalOut, file: Path
) -> None:
    kek = key_of(here, signal)
    put_back_without(file, kek)
    with pytest.raises(KeyStoreOlder, match=kek):
        read_signal(here[AW], submitter, SignalId(signal.id))
    with pytest.raises(KeyStoreOlder, match=kek):
        record_signal(here[AW], submitter, a_form(), "second")
    assert kek not in open_store(here.settings, AW).names()
    seal_something(here[AW], date(2060, 3, 1))


def test_report_opens_again_once_the_newest_copy_is_put_back(
    here: World, submitter: Caller, signal: SignalOut, file: Path, tmp_path: Path
) -> None:
    newest = shutil.copy2(file, tmp_path / "newest")
    put_back_without(file, key_of(here, signal))
    with pytest.raises(KeyStoreOlder):
        record_signal(here[AW], submitter, a_form(), "second")
    shutil.copy2(newest, file)
    assert read_signal(here[AW], submitter, SignalId(signal.id)).form == signal.form
    record_signal(here[AW], submitter, a_form(), "third")


def test_another_key_under_the_same_name_is_noticed_and_seals_nothing(
    here: World, submitter: Caller, signal: SignalOut
) -> None:
    kek = key_of(here, signal)
    open_store(here.settings, AW).put(kek, b"another key of the same month...")
    with pytest.raises(KeyStoreDiffers, match=kek):
        read_signal(here[AW], submitter, SignalId(signal.id))
    with pytest.raises(KeyStoreDiffers, match=kek):
        record_signal(here[AW], submitter, a_form(), "second")


def test_key_of_a_year_that_nobody_knew_is_made_with_those_of_its_whole_year(here: World) -> None:
    seal_something(here[AW], date(2061, 3, 1))
    months = [f"kek/2061-{month:02}" for month in range(1, 13)]
    assert open_store(here.settings, AW).names("kek/2061") == months
    assert [n for (n,) in rows(here, "SELECT name FROM rtr.known_key WHERE name LIKE 'kek/2061%' ORDER BY 1")] == months


def test_older_copy_that_lacks_a_year_gets_no_key_of_it_that_was_known(here: World, file: Path, tmp_path: Path) -> None:
    older = shutil.copy2(file, tmp_path / "older")
    seal_something(here[AW], date(2062, 3, 1))
    shutil.copy2(older, file)
    for month in (3, 4):
        with pytest.raises(KeyStoreOlder):
            seal_something(here[AW], date(2062, month, 1))
    assert open_store(here.settings, AW).names("kek/2062") == []


def test_key_of_an_older_release_is_noted_at_its_first_use_and_never_made(here: World, signal: SignalOut) -> None:
    kek = key_of(here, signal)
    # As the migration leaves it: known by name alone.
    with psycopg.connect(here.settings.database.admin_url, dbname=here.settings.database.name) as connection:
        connection.execute("UPDATE rtr.known_key SET check_value = NULL WHERE name = %s", (kek,))
    here[AW].keys.envelope.agreed.clear()
    seal_something(here[AW], date.fromisoformat(f"{kek.removeprefix('kek/')}-01"))
    assert rows(here, f"SELECT check_value FROM rtr.known_key WHERE country = 'AW' AND name = '{kek}'") == [
        (here[AW].keys.check_of(kek),)
    ]


@pytest.mark.parametrize("role", ["api", "worker"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rtr.known_key SET check_value = 'another'",
        "UPDATE rtr.known_key SET name = 'kek/2001-01'",
        "DELETE FROM rtr.known_key",
        "DELETE FROM rtr.known_key_aw",
        "INSERT INTO rtr.known_key VALUES ('AW', 'kek/1999-01', 'x', now(), now())",
        "INSERT INTO rtr.known_key VALUES ('CW', 'kek/1999-01', 'x', now(), NULL)",
    ],
)
@pytest.mark.usefixtures("signal")
def test_stolen_log_in_cannot_have_another_key_believed(here: World, role: str, statement: str) -> None:
    before = rows(here, "SELECT * FROM rtr.known_key ORDER BY 1, 2")
    with pytest.raises((RegisterError, DBAPIError)), here[AW].database.transaction(role) as connection:
        connection.exec_driver_sql(statement)
    assert rows(here, "SELECT * FROM rtr.known_key ORDER BY 1, 2") == before


@pytest.mark.usefixtures("signal")
def test_only_the_workers_log_in_gives_a_key_up(here: World) -> None:
    with pytest.raises((RegisterError, DBAPIError)), here[AW].database.transaction("api") as connection:
        connection.exec_driver_sql("UPDATE rtr.known_key SET check_value = NULL")


def test_lost_key_stands_where_operators_look_and_the_rest_is_served(
    here: World, signal: SignalOut, file: Path, tmp_path: Path
) -> None:
    kek = key_of(here, signal)
    put_back_without(file, kek)
    found = check_readiness(here[AW], system(AW, "api"))
    assert (found.ready, found.parts["keys"]) == (True, "key-store-older")
    assert "newest copy" in found.advice["keys"]
    assert [(one.code, one.detail) for one in check_node(here[AW]) if one.code is FindingCode.KEYS_LOST] == [
        (FindingCode.KEYS_LOST, f"key-store-older {kek}")
    ]
    said = document(calling(here.settings, tmp_path)("doctor", "--json"))["checks"]
    wrong = {one["name"]: one["detail"] for one in said if one["name"].startswith("keys of rows") and not one["ok"]}
    assert wrong == {"keys of rows AW": f"key-store-older {kek}"}


@pytest.mark.parametrize("name", ["case-reference", "blind-index", "fingerprint"])
def test_node_does_not_start_without_a_key_that_all_rests_on(here: World, file: Path, name: str) -> None:
    note_keys(here[AW])
    put_back_without(file, name)
    with pytest.raises(KeyStoreOlder, match=name):
        note_keys(here[AW])
    assert check_readiness(here[AW], system(AW, "api")).ready is False
    assert name not in open_store(here.settings, AW).names()


def test_node_starts_without_a_months_key_and_does_not_note_another_in_its_place(
    here: World, signal: SignalOut, file: Path
) -> None:
    kek = key_of(here, signal)
    note_keys(here[AW])
    put_back_without(file, kek)
    note_keys(here[AW])
    assert list(find_key_faults(here[AW])) == [kek]


BROKEN: Final[Mapping[str, tuple[Callable[[bytes, bytes], bytes], str]]] = {
    "empty": (lambda _own, _other: b"", "key-store-damaged"),
    "cut off": (lambda own, _other: own[:500], "key-store-damaged"),
    "of another country": (lambda _own, other: other, "key-store-foreign"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_broken_key_store_of_a_running_node_is_told_as_that_and_not_as_tampering(
    here: World, submitter: Caller, signal: SignalOut, file: Path, tmp_path: Path, how: str
) -> None:
    newest, (breaks, code) = shutil.copy2(file, tmp_path / "newest"), BROKEN[how]
    file.write_bytes(breaks(file.read_bytes(), keystore_path(here.settings, CW).read_bytes()))
    with pytest.raises(KeyStoreError) as read:
        read_signal(here[AW], submitter, SignalId(signal.id))
    with pytest.raises(KeyStoreError) as written:
        record_signal(here[AW], submitter, a_form(), "second")
    assert read.value.code == written.value.code == code
    ready = check_readiness(here[AW], system(AW, "api"))
    assert (ready.ready, ready.parts["keys"]) == (False, code)
    (finding,) = (one for one in check_node(here[AW]) if one.code is FindingCode.KEY_STORE_CLOSED)
    assert finding.detail.startswith(code)
    said = document(calling(here.settings, tmp_path)("status", "--json"))
    assert (said["AW"]["well"], [one["code"] for one in said["AW"]["findings"]]) == (False, [code])
    assert code not in [one["code"] for one in said["CW"]["findings"]]
    shutil.copy2(newest, file)
    assert read_signal(here[AW], submitter, SignalId(signal.id)).form == signal.form


def test_key_store_and_passphrase_of_another_country_are_refused_with_both_names(here: World) -> None:
    for ending in ("keys/{}.keystore", "secrets/{}.keystore.passphrase"):
        shutil.copy2(here.settings.home / ending.format("cw"), here.settings.home / ending.format("aw"))
    with pytest.raises(KeyStoreForeign, match=r"aw\.keystore is the key store of CW, not of AW"):
        bootstrap.open(here.settings, AW)


def test_key_store_that_only_says_to_be_of_the_country_is_refused(here: World, file: Path) -> None:
    other, passphrase = here.settings.home / "keys/cw.keystore", here.settings.home / "secrets"
    file.write_text(json.dumps(json.loads(other.read_bytes()) | {"of": "AW"}))
    shutil.copy2(passphrase / "cw.keystore.passphrase", passphrase / "aw.keystore.passphrase")
    with pytest.raises(KeyStoreForeign, match="made for another"):
        bootstrap.open(here.settings, AW)


@pytest.mark.parametrize("member", ["salt", "log2_n", "check", "secrets", "of"])
def test_key_store_with_a_member_of_another_kind_is_damaged(here: World, file: Path, member: str) -> None:
    file.write_text(json.dumps(json.loads(file.read_bytes()) | {member: [1]}))
    with pytest.raises(KeyStoreDamaged):
        bootstrap.open(here.settings, AW)


@pytest.mark.parametrize("another", [False, True])
def test_private_parts_under_a_lost_key_send_nobody_after_a_forger(
    here: World, submitter: Caller, file: Path, *, another: bool
) -> None:
    with here[AW].work(submitter) as work:
        said = {"case": "AW-2026-0001"}
        work.running.audit.note(AuditAction.RECORD_ASKED, "-", private=said, purpose="COORDINATE", basis="AW_NONPOLICE")
    assert verify_audit(here[AW], "register").holds
    for (kek,) in rows(here, "SELECT DISTINCT kek FROM rtr.data_key WHERE country = 'AW'"):
        put_back_without(file, str(kek))
        if another:
            open_store(here.settings, AW).get_or_make(str(kek))
    found = verify_audit(here[AW], "register")
    assert (dict(found.faults), found.unopened > 0) == ({}, True)


def test_key_that_no_copy_has_is_given_up_by_an_operator_and_what_rested_on_it_says_so(
    here: World, submitter: Caller, signal: SignalOut, file: Path, tmp_path: Path
) -> None:
    kek = key_of(here, signal)
    rtr = calling(here.settings, tmp_path)
    with pytest.raises(KeyIsThere):
        give_up_key(here.settings, AW, kek, uid=1000)
    # With another blind index nobody would be known any more who is protected in other records.
    with pytest.raises(KeyNeeded):
        give_up_key(here.settings, AW, "blind-index", uid=1000)
    put_back_without(file, kek)
    assert rtr("keys", "give-up", kek, "--country", "AW").exit_code == 2
    assert rtr("keys", "give-up", kek, "--country", "AW", "--no-copy-has-it").exit_code == 0
    with pytest.raises(KeyGivenUp, match=kek):
        read_signal(here[AW], submitter, SignalId(signal.id))
    second = record_signal(here[AW], submitter, a_form(), "second")
    assert read_signal(here[AW], submitter, SignalId(second.id)).form == second.form
    assert find_key_faults(here[AW]) == {}
    actions = [name for (name,) in rows(here, "SELECT action FROM rtr.audit_leaf WHERE country = 'AW'")]
    assert actions.count("operator.key-given-up") == 1


def test_backup_says_when_the_key_store_has_other_keys_than_at_the_backup_before(here: World, tmp_path: Path) -> None:
    note_keys(here[AW])
    rtr, to = calling(here.settings, tmp_path), str(tmp_path / "backup")

    def back_up() -> bool:
        return bool(document(rtr("db", "backup", "--country", "AW", "--to", to, "--json"))["copy_key_store"])

    assert (back_up(), back_up()) == (True, False)
    seal_something(here[AW], date(2063, 3, 1))
    assert (back_up(), back_up()) == (True, False)
