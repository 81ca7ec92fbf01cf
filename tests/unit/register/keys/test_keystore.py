"""The key store: one file, for its owner only, opened by one passphrase; each secret in its own place."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from register.keys.keystore import KeyStore, KeyStoreError, UnknownSecret, check_value

PASSPHRASE = b"correct horse battery"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "aw.keystore"


def test_a_secret_is_read_again_by_another_process_with_the_passphrase(path: Path) -> None:
    KeyStore.create(path, PASSPHRASE).put("node/sign", b"s" * 32)
    assert KeyStore(path, PASSPHRASE).get("node/sign") == b"s" * 32


def test_another_passphrase_is_refused(path: Path) -> None:
    KeyStore.create(path, PASSPHRASE)
    with pytest.raises(KeyStoreError, match="does not open with this passphrase"):
        KeyStore(path, b"incorrect horse battery")


def test_a_short_passphrase_is_refused_and_makes_no_file(path: Path) -> None:
    with pytest.raises(KeyStoreError, match="16 bytes"):
        KeyStore.create(path, b"fifteen bytes..")
    assert not path.exists()


def test_the_file_is_for_its_owner_only(path: Path) -> None:
    KeyStore.create(path, PASSPHRASE).put("a", b"b")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o666])
def test_a_file_that_others_may_touch_is_refused(path: Path, mode: int) -> None:
    KeyStore.create(path, PASSPHRASE)
    path.chmod(mode)
    with pytest.raises(KeyStoreError, match="chmod 600"):
        KeyStore(path, PASSPHRASE)


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(KeyStoreError, match=r"aw\.keystore"):
        KeyStore(path, PASSPHRASE)


def test_a_file_of_another_format_is_refused(path: Path) -> None:
    KeyStore.create(path, PASSPHRASE)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 1}))
    with pytest.raises(KeyStoreError, match="format 2"):
        KeyStore(path, PASSPHRASE)


def test_creating_again_opens_what_is_there(path: Path) -> None:
    KeyStore.create(path, PASSPHRASE).put("a", b"b")
    assert KeyStore.create(path, PASSPHRASE).get("a") == b"b"


def test_two_secrets_cannot_change_places(path: Path) -> None:
    store = KeyStore.create(path, PASSPHRASE)
    store.put("kek/2031-10", b"1" * 32)
    store.put("kek/2031-11", b"2" * 32)
    document = json.loads(path.read_text())
    kept = document["secrets"]
    kept["kek/2031-10"], kept["kek/2031-11"] = kept["kek/2031-11"], kept["kek/2031-10"]
    path.write_text(json.dumps(document))
    for name in kept:
        with pytest.raises(KeyStoreError, match=name):
            KeyStore(path, PASSPHRASE).get(name)


def test_a_changed_byte_of_a_secret_is_noticed(path: Path) -> None:
    KeyStore.create(path, PASSPHRASE).put("a", b"b" * 32)
    document = json.loads(path.read_text())
    sealed = document["secrets"]["a"]["sealed"]
    document["secrets"]["a"]["sealed"] = sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:]
    path.write_text(json.dumps(document))
    with pytest.raises(KeyStoreError):
        KeyStore(path, PASSPHRASE).get("a")


def test_a_key_check_value_of_another_secret_is_noticed(path: Path) -> None:
    KeyStore.create(path, PASSPHRASE).put("a", b"b" * 32)
    document = json.loads(path.read_text())
    document["secrets"]["a"]["kcv"] = check_value(b"c" * 32)
    path.write_text(json.dumps(document))
    with pytest.raises(KeyStoreError, match="check value"):
        KeyStore(path, PASSPHRASE).get("a")


def test_no_secret_and_no_passphrase_stands_in_the_file(path: Path) -> None:
    store = KeyStore.create(path, PASSPHRASE)
    store.put("a", b"plainly visible secret")
    text = path.read_bytes()
    assert b"plainly visible" not in text
    assert PASSPHRASE not in text


def test_an_unknown_secret_is_named_and_a_destroyed_one_is_unknown(path: Path) -> None:
    store = KeyStore.create(path, PASSPHRASE)
    store.put("kek/2026-11", b"k" * 32)
    store.destroy("kek/2026-11")
    for reader in (store, KeyStore(path, PASSPHRASE)):
        with pytest.raises(UnknownSecret, match="kek/2026-11"):
            reader.get("kek/2026-11")


def test_names_are_listed_by_prefix(path: Path) -> None:
    store = KeyStore.create(path, PASSPHRASE)
    for name in ("share/phone/e1", "kek/2030-01", "share/email/e1"):
        store.put(name, b"x")
    assert store.names("share/") == ["share/email/e1", "share/phone/e1"]


def test_a_secret_made_by_one_process_is_seen_by_another_that_was_open_before(path: Path) -> None:
    one = KeyStore.create(path, PASSPHRASE)
    other = KeyStore(path, PASSPHRASE)
    assert one.get_or_make("kek/2031-01") == other.get_or_make("kek/2031-01")


def make(path: Path) -> tuple[bytes, list[bytes]]:
    """What one of several processes does: create the store, make the same secrets, and one of its own."""
    store = KeyStore.create(path, PASSPHRASE)
    shared = [store.get_or_make(f"kek/{n}") for n in range(5)]
    return KeyStore(path, PASSPHRASE).get_or_make("kek/0"), shared


@pytest.mark.slow
def test_processes_that_create_the_store_and_make_a_secret_at_once_get_the_same_one(path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as pool:
        made = list(pool.map(make, [path] * 8))
    assert len({(first, *shared) for first, shared in made}) == 1
    assert KeyStore(path, PASSPHRASE).names() == [f"kek/{n}" for n in range(5)]


def test_guessing_a_passphrase_costs_32_mib_a_try(path: Path) -> None:
    """In a process of the product alone: key stores of these tests cost less (see `tests/support/key_stores.py`)."""
    program = (
        "import sys; from register.keys.keystore import *; KeyStore.create(Path(sys.argv[1]), b'sixteen letters!')"
    )
    subprocess.run([sys.executable, "-c", program, path], check=True)
    assert json.loads(path.read_text())["log2_n"] == 15


def test_a_secret_that_another_process_destroys_is_gone_here_too(path: Path) -> None:
    one = KeyStore.create(path, PASSPHRASE)
    one.put("kek/2026-11", b"k" * 32)
    other = KeyStore(path, PASSPHRASE)
    assert other.get("kek/2026-11") == b"k" * 32
    one.destroy("kek/2026-11")
    with pytest.raises(UnknownSecret, match="kek/2026-11"):
        other.get("kek/2026-11")
    assert other.names() == []


def test_a_secret_that_another_process_replaces_is_the_new_one_here(path: Path) -> None:
    one = KeyStore.create(path, PASSPHRASE)
    one.put("share/phone/e1", b"old")
    other = KeyStore(path, PASSPHRASE)
    assert other.get("share/phone/e1") == b"old"
    one.put("share/phone/e1", b"new")
    assert other.get("share/phone/e1") == b"new"


def test_a_key_store_that_was_taken_away_gives_nothing_more(path: Path) -> None:
    store = KeyStore.create(path, PASSPHRASE)
    store.put("a", b"b")
    path.unlink()
    with pytest.raises(KeyStoreError, match="no key store"):
        store.get("a")
