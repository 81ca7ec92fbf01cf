"""A production node holds no key of a person, and a stolen disk not both a key store and what opens it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.cli.running.checks import all_checks
from register import bootstrap
from register.keys.apart import PassphraseBesideKeys, PersonsKeyHere, persons_keys, refuse_persons_keys
from register.keys.approval_key import ApprovalKey
from register.keys.home import keystore_path, make_keys, open_keys, passphrase_file
from register.keys.keystore import KeyStore, UnknownSecret
from register.services.running.operate_keys import CoordinatorFileThere, move_coordinator
from register.settings import DatabaseSettings, Settings
from schemas.codes import Partition

AW = Partition.AW
MEMORY = Path("/dev/shm")  # noqa: S108 - the other file system that every Linux has
PASSPHRASE = b"of the keeper's own, not the node's"


@pytest.fixture
def other_system(tmp_path: Path) -> Iterator[Path]:
    if not MEMORY.is_dir() or MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second file system to put a passphrase on")
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def production(tmp_path: Path, other_system: Path) -> Settings:
    """A production node of which nothing is amiss."""
    settings = Settings(
        env="production",
        countries=(AW,),
        home=tmp_path / "home",
        passphrase_folder=str(other_system),
        database=DatabaseSettings(host="/run/postgresql"),
    )
    make_keys(settings, AW)
    return settings


def starts(settings: Settings) -> None:
    bootstrap.open(settings, AW).close()


def found_by_doctor(settings: Settings, name: str) -> str:
    check = next(check for check in all_checks(settings) if check.name == name)
    assert check.needed
    return "" if check.ok else f"{check.detail} {check.fix}"


def test_node_with_its_passphrase_on_another_file_system_starts(production: Settings) -> None:
    starts(production)
    assert found_by_doctor(production, "key store AW") == ""
    assert found_by_doctor(production, "keys of coordinators and keepers") == ""
    assert list((production.home / "secrets").glob("*passphrase*")) == []


def test_passphrase_on_the_file_system_of_the_key_store_is_refused(production: Settings) -> None:
    beside = replace(production, passphrase_folder="")
    shutil.copytree(production.passphrase_folder, beside.home / "secrets")
    with pytest.raises(PassphraseBesideKeys):
        starts(beside)
    assert "passphrase_folder" in found_by_doctor(beside, "key store AW")


def test_link_to_another_place_of_the_same_file_system_does_not_help(production: Settings, other_system: Path) -> None:
    real = production.home / "real"
    shutil.move(passphrase_file(production, AW), real)
    (other_system / real.name).symlink_to(real)
    passphrase_file(production, AW).symlink_to(real)
    with pytest.raises(PassphraseBesideKeys):
        starts(production)


def test_new_keys_are_not_made_beside_their_passphrase(tmp_path: Path) -> None:
    settings = Settings(env="production", home=tmp_path / "home", countries=(AW,))
    with pytest.raises(PassphraseBesideKeys):
        make_keys(settings, AW)
    assert not settings.home.exists()


def test_coordinators_key_in_the_nodes_store_is_refused_and_can_be_moved_out(
    production: Settings, other_system: Path
) -> None:
    public = open_keys(production, AW).coordinator.public().raw()
    with pytest.raises(PersonsKeyHere, match=r"aw\.keystore holds a coordinator's key"):
        starts(production)
    assert "rtr keys coordinator" in found_by_doctor(production, "keys of coordinators and keepers")

    with pytest.raises(PersonsKeyHere):
        move_coordinator(production, AW, production.home / "mine", PASSPHRASE)
    file = other_system / "coordinator"
    move_coordinator(production, AW, file, PASSPHRASE)
    starts(production)
    assert "coordinator/sign" not in keystore_path(production, AW).read_text(encoding="utf-8")
    with pytest.raises(CoordinatorFileThere):
        move_coordinator(production, AW, file, PASSPHRASE)
    with pytest.raises(UnknownSecret):
        move_coordinator(production, AW, other_system / "again", PASSPHRASE)
    moved = KeyStore(file, PASSPHRASE).get("coordinator/sign")
    assert type(open_keys(production, AW).signing).from_raw(moved).public().raw() == public


@pytest.mark.parametrize("name", ["keeper.key", "keys/nothing.txt", "backup/.old"])
def test_approval_key_under_home_is_found_whatever_it_is_called(production: Settings, name: str) -> None:
    file = production.home / name
    file.parent.mkdir(exist_ok=True)
    ApprovalKey.make(file, PASSPHRASE, organisation="AW-OM", kind="prosecution")
    with pytest.raises(PersonsKeyHere, match="an approval key"):
        starts(production)
    assert [what for _, what in persons_keys(production.home)] == ["an approval key"]


def test_other_files_are_no_keys_and_a_trial_keeps_all_in_one_place(tmp_path: Path) -> None:
    for name, content in {"a": "{}", "b": '{"secrets": []}', "c": "[" * 100_000, "d": '{"secrets": {"x": 1}}'}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert list(persons_keys(tmp_path)) == []
    refuse_persons_keys(Settings(env="trial", home=tmp_path))
