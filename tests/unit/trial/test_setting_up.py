"""What the demo writes can be read by those for whom it is written, and everybody in the story can sign in."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.client import read_profile
from api.servers.address import ServerAddress
from register.clock import SystemClock
from register.domain.access.caller import Task
from register.domain.partition import PARTITIONS
from register.settings import load
from rtr_trial.demo.made_up.data import organisations, people
from rtr_trial.demo.stage.folder import folder_at
from rtr_trial.demo.stage.layout import Layout, settings_table
from rtr_trial.demo.stage.machine import running
from rtr_trial.demo.stage.node import NodeDoesNotStart, NodeProcess
from rtr_trial.demo.stage.order import EngineForgets, Order
from rtr_trial.demo.stage.personas import authorisations, personas
from rtr_trial.demo.stage.toml import toml
from schemas.codes import Partition

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_ABC", min_size=1, max_size=8)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
)
TABLES = st.recursive(
    st.dictionaries(NAMES, st.one_of(SCALARS, st.lists(SCALARS, max_size=3)), max_size=4),
    lambda inner: st.dictionaries(NAMES, st.one_of(SCALARS, inner), max_size=4),
    max_leaves=12,
)


@given(table=TABLES)
def test_a_table_is_read_back_as_it_was_written(table: dict[str, Any]) -> None:
    def filled(value: dict[str, Any]) -> dict[str, Any]:
        # A table without anything in it is not written: no settings have one.
        inner = {k: filled(v) if isinstance(v, dict) else v for k, v in value.items()}
        return {k: v for k, v in inner.items() if v != {}}

    assert filled(tomllib.loads(toml(table))) == filled(table)


def test_the_18_services_and_all_people_have_a_client_with_a_key_of_its_own() -> None:
    found = personas(PARTITIONS)
    assert Counter(one.kind for one in found.values()) == {"service": 18, "person": len(people())}
    keys = {kid for one in found.values() for kid in one.as_client().keys}
    assert len(keys) == len(found)
    assert all(one.as_client().client_id == key == one.as_client().subject for key, one in found.items())


def test_people_have_a_password_of_their_own_for_the_pages_and_programs_have_none() -> None:
    found = personas(PARTITIONS)
    logins = {key: one.as_login() for key, one in found.items()}
    assert {key for key, login in logins.items() if login is not None} == {one.key for one in people()}
    passwords = [login.password for login in logins.values() if login is not None]
    assert len(set(passwords)) == len(passwords)
    assert not set(passwords) & {one.password for one in personas(PARTITIONS).values()}  # drawn anew by each demo


def test_a_password_is_in_no_text_that_a_persona_is_shown_as() -> None:
    one = personas([Partition.AW])["aw-officer"]
    assert one.password is not None
    assert one.password not in f"{one!r} {one.as_login()!r}"


def test_one_country_has_its_own_people_only() -> None:
    assert {one.country for one in personas([Partition.AW]).values()} == {Partition.AW}


@pytest.mark.parametrize("country", PARTITIONS)
def test_whoever_can_sign_in_is_authorised_in_the_register_and_nobody_else(country: Partition) -> None:
    granted = {one.actor: one for one in authorisations(country)}
    assert set(granted) == set(personas([country]))
    tasks = {o.client: o.tasks for o in organisations()} | {p.key: p.tasks for p in people()}
    assert all(one.tasks == tasks[actor] and one.tasks <= set(Task) for actor, one in granted.items())


def test_a_profile_is_read_by_the_client_as_it_was_written(tmp_path: Path) -> None:
    one = personas([Partition.AW])["aw-coordinator"]
    file = one.write_profile(tmp_path, api="http://127.0.0.1:1", issuer="http://127.0.0.1:2")
    profile = read_profile(file)
    assert (profile.api, profile.issuer) == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert profile.client_id == "aw-coordinator"
    assert profile.key_file.stat().st_mode & 0o077 == 0


def test_the_in_memory_engine_is_not_gone_on_with(tmp_path: Path) -> None:
    order = Order(folder=folder_at(tmp_path / "demo"), keep=True)
    with pytest.raises(EngineForgets), running(order, lambda _: None):
        pass
    assert not (tmp_path / "demo").exists()


def test_a_node_that_cannot_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    node = NodeProcess(tmp_path / "nowhere.toml", tmp_path / "node.log", {Partition.AW}, SystemClock())
    with pytest.raises(NodeDoesNotStart, match=r"nowhere\.toml"):
        node.wait_until_ready()
    node.stop()


def test_the_settings_of_the_demo_are_those_that_a_node_reads(tmp_path: Path) -> None:
    order = Order(folder=folder_at(tmp_path))
    urls = {country: f"http://127.0.0.1:{21_000 + n}" for n, country in enumerate(PARTITIONS)}
    lines = cast("Any", {(Partition.SX, Partition.AW): SimpleNamespace(url="http://127.0.0.1:4")})
    issuer_urls = {country: f"http://127.0.0.1:1/{country}" for country in PARTITIONS}
    database = ServerAddress(host=str(tmp_path), port=5432, user="postgres", password="secret")
    table = settings_table(order, Layout(urls, lines), database, "http://127.0.0.1:2", issuer_urls, "ab" * 32)
    order.folder.settings.write_text(toml(table))
    read = load(order.folder.settings, {})[0]
    assert (read.edition, read.covenant, read.env) == ("demo", "MOU-2019", "trial")
    assert set(read.country) == set(read.countries) == set(PARTITIONS)
    assert {country: f"http://{own.listen}" for country, own in read.country.items()} == urls
    assert read.partner[Partition.SX][Partition.AW].via == "http://127.0.0.1:4"
    assert read.sync.roster_sha256 == "ab" * 32
    assert read.database.admin_url == ""
    assert "secret" not in order.folder.settings.read_text()
