"""A country's key store and its passphrase: made together, and never one without what opens it."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from register.clock import SystemClock
from register.domain.partition import day_in
from register.domain.running.month_keys import keys_ahead
from register.keys.home import PassphraseLost, keystore_path, make_keys, open_keys, open_store, passphrase_name
from register.keys.keystore import KeyStoreError, UnknownSecret
from register.keys.node import FIRST_SECRETS
from register.services.running.operate_keys import init_keys
from register.settings import Settings
from schemas.codes import Partition

AW = Partition.AW
DIES = """
import os, sys
from pathlib import Path
from register.keys.home import make_keys
from register.settings import Settings
from schemas.codes import Partition
from tests.support import key_stores

key_stores.make_cheap()

def count(event, args):
    # What changes something on disk, or is about to: opening a file, making a folder, renaming.
    global left
    if event in {"open", "os.mkdir", "os.rename"} and str(args[0]).startswith(home):
        left -= 1
        if left == 0:
            os._exit(9)

for step in range(1, 50):
    home, left = os.path.join(sys.argv[1], str(step)), step
    child = os.fork()
    if child == 0:
        sys.addaudithook(count)
        make_keys(Settings(home=Path(home)), Partition.AW)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(code)
    if code == 0:
        break
"""
"""Makes keys in one home after the other, each time in a process that dies one step later, until one does not."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_a_copy_of_the_key_store_from_the_beginning_knows_actors_as_the_original_does(settings: Settings) -> None:
    """Partners know actors by the country's signed list: one machine that hides them otherwise is refused by all."""
    init_keys(settings, AW)
    copied = settings.home.with_name("copy")
    shutil.copytree(settings.home, copied)
    told = open_keys(settings, AW).hide_actor("somebody")
    assert open_keys(Settings(home=copied), AW).hide_actor("somebody") == told


def test_keys_are_made_once_and_are_the_same_when_asked_for_again(settings: Settings) -> None:
    made = make_keys(settings, AW)
    assert make_keys(settings, AW).signing.public().raw() == made.signing.public().raw()
    assert open_keys(settings, AW).sealing == made.sealing


def test_the_passphrase_is_for_its_owner_only(settings: Settings) -> None:
    make_keys(settings, AW)
    file = settings.secret(passphrase_name(AW))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text()) >= 43


def test_a_process_that_dies_at_any_step_leaves_nothing_that_cannot_be_opened(tmp_path: Path) -> None:
    said = subprocess.run([sys.executable, "-c", DIES, tmp_path], check=True, capture_output=True, text=True).stdout
    *died, ended = map(int, said.split())
    for step, code in enumerate((*died, ended), start=1):
        settings = Settings(home=tmp_path / str(step))
        signing = make_keys(settings, AW).signing.public().raw()
        assert open_keys(settings, AW).signing.public().raw() == signing
        assert code == (9 if step <= len(died) else 0)
    assert len(died) > 4


def test_an_empty_passphrase_without_a_key_store_is_made_anew(settings: Settings) -> None:
    file = settings.secret(passphrase_name(AW))
    file.parent.mkdir(parents=True)
    file.touch(mode=0o600)
    make_keys(settings, AW)
    assert file.read_text()


@pytest.mark.parametrize("left", [None, "", "\n"])
def test_a_key_store_without_its_passphrase_is_left_as_it_is(settings: Settings, left: str | None) -> None:
    make_keys(settings, AW)
    file, store = settings.secret(passphrase_name(AW)), keystore_path(settings, AW)
    before = store.read_bytes()
    file.unlink()
    if left is not None:
        file.write_text(left)
    with pytest.raises(PassphraseLost, match=r"aw\.keystore\.passphrase"):
        make_keys(settings, AW)
    assert store.read_bytes() == before
    assert not file.exists() or file.read_text() == left


def test_a_passphrase_of_another_key_store_is_refused(settings: Settings) -> None:
    make_keys(settings, AW)
    settings.secret(passphrase_name(AW)).write_text("of some other key store")
    with pytest.raises(KeyStoreError, match="does not open"):
        make_keys(settings, AW)


def test_first_copy_of_a_key_store_has_all_that_is_made_once_and_the_months_of_eleven_years(settings: Settings) -> None:
    make_keys(settings, AW)
    names = open_store(settings, AW).names()
    assert set(FIRST_SECRETS) < set(names)
    months = keys_ahead(day_in(AW, SystemClock().now()))
    assert (len(months), sorted((*FIRST_SECRETS, *months))) == (11 * 12, names)


@pytest.mark.parametrize("name", FIRST_SECRETS)
def test_what_is_made_once_is_not_made_anew_where_the_key_store_lacks_it(settings: Settings, name: str) -> None:
    make_keys(settings, AW)
    open_store(settings, AW).destroy(name)
    keys = make_keys(settings, AW)
    assert keys.checks()[name] is None
    for use in (
        lambda: (keys.signing, keys.sealing, keys.blind_index, keys.peppers, keys.pages_client, keys.pages_cookie),
        lambda: (keys.rounding, keys.fingerprint(b""), keys.hide_case("1"), keys.hide_actor("x")),
        lambda: keys.evaluation_secret(b""),
    ):
        with suppress(UnknownSecret):
            use()
    assert keys.checks()[name] is None
