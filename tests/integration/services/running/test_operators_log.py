"""Operators' commands stand in the audit log of each country they touch, and do not run where they cannot."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import Result

from register.clock import SystemClock
from register.keys.home import open_keys
from register.services.running.operate_keys import first_roster
from register.settings import DatabaseSettings, Settings
from register.store.running.server.administration import administrator
from rtr_trial.demo.stage.toml import toml
from schemas.canonical import b64, dumps_plain
from schemas.codes import Partition
from tests.support.started import servers
from tests.support.started.databases import fresh_database
from tests.support.world import World, trial_home, world
from tests.unit.api.cli.desk import document, rtr

AW, CW = Partition.AW, Partition.CW
Call = Callable[..., Result]


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world(countries=(AW, CW)) as made:
        yield made


def calling(settings: Settings, folder: Path, **more: Any) -> Call:
    """`rtr` on the settings of a node; `more` are further ones."""
    database = settings.database
    words = {
        "countries": list(settings.countries),
        "home": str(settings.home),
        "database": {
            "host": database.host, "port": database.port, "name": database.name, "admin_url": database.admin_url,
        },
        **more,
    }  # fmt: skip
    file = folder / "settings.toml"
    file.write_text(toml(words))
    return lambda *said: rtr("--config", str(file), *said)


@pytest.fixture
def operator(here: World, tmp_path: Path) -> Call:
    return calling(here.settings, tmp_path)


def test_migrating_is_noted_for_every_hosted_country(here: World, operator: Call) -> None:
    assert operator("db", "migrate").exit_code == 0
    for country in (AW, CW):
        leaf = leaves(here.settings, "migrated", country)[-1]
        assert (leaf["actor"], leaf["kind"]) == ("system:worker", "system")
        assert leaf["facts"]["uid"] == os.getuid()
        assert leaf["facts"]["revision"]


def test_a_dump_is_noted_for_its_country_alone(here: World, operator: Call, tmp_path: Path) -> None:
    before = len(leaves(here.settings, "dumped", CW))
    assert operator("db", "backup", "--country", "CW", "--to", str(tmp_path / "dump")).exit_code == 0
    assert len(leaves(here.settings, "dumped", CW)) == before + 1
    assert leaves(here.settings, "dumped", AW) == []


def test_nothing_is_dumped_where_it_cannot_be_noted(here: World, operator: Call, tmp_path: Path) -> None:
    password = here.settings.home / "secrets" / "rtr_cw_worker.password"
    kept = password.rename(password.with_suffix(".away"))
    try:
        result = operator("db", "backup", "--country", "CW", "--to", str(tmp_path / "dump"))
    finally:
        kept.rename(password)
    assert result.exit_code != 0
    assert "secret-missing" in result.stderr
    assert not (tmp_path / "dump").exists()


def test_a_backup_is_loaded_beside_the_leaf_of_the_migration_and_noted(
    here: World, operator: Call, tmp_path: Path
) -> None:
    assert operator("db", "backup", "--country", "AW", "--to", str(tmp_path / "dump")).exit_code == 0
    fresh = replace(here.settings, countries=(AW,), database=replace(here.settings.database, name=fresh_database()))
    again = calling(fresh, tmp_path)
    assert again("db", "migrate").exit_code == 0
    restored = again("db", "restore", "--country", "AW", "--from", str(tmp_path / "dump"))
    assert restored.exit_code == 0, restored.output
    assert leaves(fresh, "restored", AW)[-1]["facts"]["uid"] == os.getuid()
    assert leaves(fresh, "dumped", AW), "what the log held came back"
    twice = again("db", "restore", "--country", "AW", "--from", str(tmp_path / "dump"))
    assert twice.exit_code != 0
    assert "not-empty" in twice.stderr


def test_a_roster_is_noted_by_its_number_and_hash_and_never_replaced(
    here: World, operator: Call, tmp_path: Path
) -> None:
    nodes = {c: open_keys(Settings(home=trial_home()), c) for c in Partition}
    file, other = tmp_path / "1.json", tmp_path / "other.json"
    for where, name in ((file, "one"), (other, "other")):
        urls = {c: f"http://{name}.{c.lower()}.example" for c in Partition}
        where.write_bytes(first_roster(nodes, urls, [], SystemClock().now()))
    assert operator("roster", "install", str(file)).exit_code == 0
    for country in (AW, CW):
        facts = leaves(here.settings, "roster-installed", country)[-1]["facts"]
        assert (facts["number"], facts["sha256"]) == (1, hashlib.sha256(file.read_bytes()).hexdigest())
    refused = operator("roster", "install", str(other))
    assert refused.exit_code != 0
    assert "roster-differs" in refused.stderr
    document = json.loads(file.read_bytes())
    later = tmp_path / "2.json"
    later.write_bytes(dumps_plain({**document, "number": 2, "prev": b64(bytes(32))}))
    refused = operator("roster", "install", str(later))
    assert refused.exit_code != 0
    assert "later-roster" in refused.stderr, "a node that found it at its next start would exchange nothing"


def test_a_roster_made_anew_replaces_the_one_there_where_it_is_pinned_and_lacks_nothing(
    here: World, operator: Call, tmp_path: Path
) -> None:
    """No command could bring in an edition whose hash had changed."""
    nodes = {c: open_keys(Settings(home=trial_home()), c) for c in Partition}
    urls = {c: f"http://node.{c.lower()}.example" for c in Partition}
    file, anew, less = (tmp_path / name for name in ("1.json", "anew.json", "less.json"))
    file.write_bytes(first_roster(nodes, urls, [], SystemClock().now()))
    anew.write_bytes(first_roster(nodes, urls, [b64(bytes(32))], SystemClock().now()))
    less.write_bytes(
        first_roster({c: nodes[c] for c in (AW, CW)}, {c: urls[c] for c in (AW, CW)}, [], SystemClock().now())
    )
    with administrator(here.settings.database.admin_url, here.settings.database.name) as engine, engine.begin() as all_:
        all_.exec_driver_sql("DELETE FROM rtr.roster")
    assert operator("roster", "install", str(file)).exit_code == 0
    refused = operator("roster", "install", str(anew), "--replace")
    assert refused.exit_code != 0
    assert "other-roster-pinned" in refused.stderr

    def pinning(which: Path) -> Call:
        digest = hashlib.sha256(which.read_bytes()).hexdigest()
        return calling(here.settings, tmp_path, sync={"roster_sha256": digest})

    refused = pinning(less)("roster", "install", str(less), "--replace")
    assert refused.exit_code != 0
    assert "roster-unfit" in refused.stderr
    replaced = pinning(anew)("roster", "install", str(anew), "--replace")
    assert replaced.exit_code == 0, replaced.output
    with here[AW].work(here.worker(AW)) as work:
        assert work.exchange.rosters.all() == [anew.read_bytes()]
    digest = hashlib.sha256(anew.read_bytes()).hexdigest()
    assert leaves(here.settings, "roster-installed", AW)[-1]["facts"]["sha256"] == digest


def test_new_keys_are_noted_where_a_database_is(tmp_path: Path) -> None:
    address = servers.address("wheel")
    settings = Settings(
        home=tmp_path / "home",
        countries=(AW,),
        database=DatabaseSettings(host=address.host, port=address.port, name=fresh_database(), admin_url=address.url()),
    )
    servers.lend_passwords("wheel", settings.home)
    operator = calling(settings, tmp_path)
    assert operator("db", "migrate").exit_code == 0, "no key store is needed for it"
    assert operator("keys", "init", "--country", "AW").exit_code == 0
    assert [leaf["facts"]["kid"] for leaf in leaves(settings, "keys-made", AW)] == ["AW-sign-1"]
    assert operator("keys", "init", "--country", "AW").exit_code == 0
    assert len(leaves(settings, "keys-made", AW)) == 1, "nothing was made the second time"
    abroad = operator("keys", "init", "--country", "CW")
    assert abroad.exit_code == 0
    assert "CW is not hosted here" in abroad.stderr


def test_before_there_is_a_database_the_command_says_that_no_log_has_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(toml({"home": str(tmp_path / "home")}))
    result = rtr("--config", str(file), "keys", "init", "--country", "AW")
    assert result.exit_code == 0
    assert "Not in the audit log of AW" in result.stderr
    program = rtr("--config", str(file), "--json", "keys", "init", "--country", "CW")
    assert document(program)[0]["key store"] == "made"


def leaves(settings: Settings, what: str, country: Partition) -> list[dict[str, Any]]:
    """The leaves of one kind in one country's log, oldest first."""
    database = settings.database
    address = psycopg.conninfo.make_conninfo(database.admin_url, dbname=database.name)
    query = "SELECT commitment FROM rtr.audit_leaf WHERE country = %s AND action = %s ORDER BY id"
    with psycopg.connect(address, row_factory=dict_row) as connection:
        rows = connection.execute(query, (str(country), f"operator.{what}")).fetchall()
    return [row["commitment"] for row in rows]
