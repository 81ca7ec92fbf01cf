"""Commands of operators: settings, key stores, roster and doctor, on a home of the test's own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from api.cli.frame.check import Check
from api.cli.running.config import shown
from api.cli.running.settings_table import rows
from register.keys.home import open_keys, passphrase_name, read_secret
from register.keys.jwk import read_key_set
from register.pseudonyms.epochs import CLASSES
from register.services.running.operate_keys import hold_ceremony
from register.settings import BadSettings, Settings, flat, load
from schemas.canonical import dumps_plain
from schemas.codes import Partition
from schemas.exchange import wire
from tests.support.exchange.keepers import a_keeper
from tests.unit.api.cli.desk import document, rtr

SECRET = "geheim-wachtwoord"
Call = Callable[..., Result]


def settings_file(folder: Path, **words: Any) -> Path:
    lines = [f"home = {json.dumps(str(folder / 'home'))}"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in words.items()]
    lines += [f'[country.{c}]\nlisten = "127.0.0.1:{8101 + n}"' for n, c in enumerate(Partition)]
    file = folder / "settings.toml"
    file.write_text("\n".join(lines))
    return file


@pytest.fixture
def operator(tmp_path: Path) -> Call:
    file = settings_file(tmp_path)
    return lambda *words: rtr("--config", str(file), *words)


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where the ceremony was held."""
    folder = tmp_path_factory.mktemp("five")
    file = settings_file(folder)
    assert rtr("--config", str(file), "keys", "init", "--all").exit_code == 0
    assert rtr("--config", str(file), "keys", "ceremony").exit_code == 0
    return file


# -- config


def test_each_setting_is_shown_with_its_value_and_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = settings_file(tmp_path, log_level="DEBUG")
    monkeypatch.setenv("RTR_COUNTRY__AW__AUDIENCE", "rtr-aw")
    found = document(rtr("config", "show", "--config", str(file), "--json"))["settings"]

    assert found["log_level"] == {"value": "DEBUG", "source": str(file)}
    assert found["country.AW.audience"] == {"value": "rtr-aw", "source": "RTR_COUNTRY__AW__AUDIENCE"}
    assert found["edition"] == {"value": "strict", "source": "default"}
    assert found["countries"]["value"] == "AW,BQ,CW,NL,SX"
    assert set(flat(Settings())) <= set(found)


@pytest.mark.parametrize(
    "row", [row for row in rows() if row["kind"].startswith("list of")], ids=lambda r: r["setting"]
)
def test_each_list_can_be_given_by_its_variable_joined_by_commas(row: dict[str, str]) -> None:
    several = {"countries": "AW,CW", "sync.partner_networks": "10.20.0.0/16,10.30.0.0/16"}
    given = several.get(row["setting"], "RS256,EdDSA")  # strengths of a sign-in are any words
    variable, name = row["variable"].replace("<C>", "AW"), row["setting"].replace("<C>", "AW")

    assert flat(load(None, {variable: given})[0])[name] == tuple(given.split(","))


def test_empty_variable_of_a_list_names_nothing_and_a_node_hosts_at_least_one_country() -> None:
    assert load(None, {"RTR_SYNC__PARTNER_NETWORKS": ""})[0].sync.partner_networks == ()
    with pytest.raises(BadSettings, match="countries"):
        load(None, {"RTR_COUNTRIES": ""})


def test_level_of_the_log_that_there_is_not_is_refused_and_named() -> None:
    with pytest.raises(BadSettings, match="log_level"):
        load(None, {"RTR_LOG_LEVEL": "LOUD"})


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://admin:{SECRET}@db.example:5432/register?sslmode=require",
        f"host=db.example user=admin password={SECRET}",
        f"postgresql://db.example/register?user=admin&password={SECRET}",
        f"postgresql://admin:{SECRET}@[broken",
    ],
)
def test_password_in_an_address_is_never_shown(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTR_DATABASE__ADMIN_URL", url)
    for words in (["config", "show"], ["config", "show", "--json"]):
        assert SECRET not in rtr(*words).output
    assert SECRET not in shown(url)


def test_unknown_setting_is_a_matter_of_usage(tmp_path: Path) -> None:
    file = settings_file(tmp_path, hoome="x")
    result = rtr("config", "show", "--config", str(file))
    assert result.exit_code == 2
    assert "hoome: Unexpected" in result.stderr


def test_table_of_settings_has_every_setting_once_with_its_variable() -> None:
    found = [row["setting"] for row in rows()]
    assert len(found) == len(set(found))
    assert set(flat(Settings())) <= set(found)
    assert {"country.<C>.listen", "partner.<C>.<C>.via"} <= set(found)
    by_name = {row["setting"]: row for row in rows()}
    assert by_name["database.pool_size"] == {
        "setting": "database.pool_size",
        "variable": "RTR_DATABASE__POOL_SIZE",
        "kind": "whole number",
        "default": "4",
        "meaning": "connections a role",
    }


def test_table_of_settings_is_printed_in_markdown_or_to_a_file(tmp_path: Path) -> None:
    printed = rtr("config", "table").stdout
    assert "| `engine.url` | `RTR_ENGINE__URL` | text |  |" in printed
    assert rtr("config", "table", "--out", str(tmp_path / "settings.md")).exit_code == 0
    assert (tmp_path / "settings.md").read_text() == printed


# -- keys


def test_key_stores_are_made_once_and_then_left_as_they_are(operator: Call) -> None:
    assert [one["key store"] for one in document(operator("keys", "init", "--country", "aw", "--json"))] == ["made"]
    again = document(operator("keys", "init", "--country", "AW", "--country", "CW", "--json"))
    assert [(one["country"], one["key store"]) for one in again] == [("AW", "was there"), ("CW", "made")]


@pytest.mark.parametrize("words", [[], ["--all", "--country", "AW"]])
def test_key_stores_are_made_for_countries_that_are_named(operator: Call, words: list[str]) -> None:
    assert operator("keys", "init", *words).exit_code == 2


def test_a_node_of_one_country_is_not_asked_which(tmp_path: Path) -> None:
    file = settings_file(tmp_path, countries=["CW"])
    made = document(rtr("--config", str(file), "keys", "init", "--json"))
    assert [(one["country"], one["key store"]) for one in made] == [("CW", "made")]


def test_keys_are_shown_by_name_and_never_by_value(five: Path) -> None:
    result = rtr("--config", str(five), "keys", "show", "--json")
    assert set(document(result)) == set(Partition)
    assert "share/phone/e1" in document(result)["AW"]
    passphrase = read_secret(Settings(home=five.parent / "home"), passphrase_name(Partition.AW))
    assert passphrase not in result.output


def test_ceremony_is_not_held_over_shares_that_are_in_use(five: Path) -> None:
    before = (five.parent / "home" / "keys" / "aw.keystore").read_bytes()
    result = rtr("--config", str(five), "keys", "ceremony")
    assert result.exit_code == 1
    assert "ceremony-was-held" in result.stderr
    assert (five.parent / "home" / "keys" / "aw.keystore").read_bytes() == before


def test_ceremony_makes_the_keys_of_classes_that_came_later_and_leaves_the_others(tmp_path: Path) -> None:
    file = settings_file(tmp_path)
    assert rtr("--config", str(file), "keys", "init", "--all").exit_code == 0
    settings = Settings(home=tmp_path / "home")
    nodes = {one: open_keys(settings, one) for one in Partition}
    hold_ceremony(settings, nodes, ["phone", "document"])
    before = set(nodes[Partition.AW].shares())

    made = document(rtr("--config", str(file), "keys", "ceremony", "--json"))
    assert {one["key_id"] for one in made} == {f"{name}/e1" for name in CLASSES} - {"phone/e1", "document/e1"}
    assert before < set(open_keys(settings, Partition.AW).shares())


def test_ceremony_without_key_stores_says_how_to_make_them(operator: Call) -> None:
    result = operator("keys", "ceremony")
    assert result.exit_code == 1
    assert "rtr keys init" in result.stderr


def test_ceremony_on_one_machine_is_refused_in_production(tmp_path: Path) -> None:
    file = settings_file(tmp_path, env="production")
    rtr("--config", str(file), "keys", "init", "--all")
    result = rtr("--config", str(file), "keys", "ceremony")
    assert result.exit_code == 1
    assert "not-on-one-machine" in result.stderr


# -- roster


def test_roster_1_is_written_and_its_hash_is_what_settings_pin(five: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = document(
        rtr("--config", str(five), "roster", "make", "--url", "AW=https://rtr.example.aw", "--force", "--json")
    )
    data = Path(made["file"]).read_bytes()

    assert hashlib.sha256(data).hexdigest() == made["sha256"]
    assert (made["urls"]["AW"], made["urls"]["BQ"]) == ("https://rtr.example.aw", "http://127.0.0.1:8102")
    assert not document(rtr("--config", str(five), "roster", "show", "--json"))["pinned"]
    monkeypatch.setenv("RTR_SYNC__ROSTER_SHA256", made["sha256"])
    shown_now = document(rtr("--config", str(five), "roster", "show", "--json"))
    assert shown_now["pinned"]
    assert len(shown_now["roster"]["members"]) == 5
    assert rtr("--config", str(five), "roster", "show", "-q").stdout.strip() == made["sha256"]


def test_roster_lists_the_keepers_approval_keys_by_their_sheets_and_no_other_key(five: Path, tmp_path: Path) -> None:
    keeper = a_keeper("BQ-OM", "prosecution")
    sheet = tmp_path / "om.json"
    sheet.write_bytes(dumps_plain(wire.document(keeper.listed)))
    words = ("--config", str(five), "roster")
    assert rtr(*words, "make", "--force", "--approval", str(sheet)).exit_code == 0
    listed = document(rtr(*words, "show", "--json"))["roster"]["node_keys"]
    assert [(k["organisation"], k["kind"]) for k in listed if k["use"] == "approve"] == [("BQ-OM", "prosecution")]
    assert "approves as prosecution for BQ-OM" in rtr(*words, "show").stdout
    # A sheet that would list a key to sign pages with, in the name of a node.
    row = {"kid": "BQ-sign-9", "country": "BQ", "use": "sign", "x": keeper.listed.x, "state": "active"}
    for other in (json.dumps(row), "{}", "not a sheet"):
        sheet.write_text(other)
        result = rtr(*words, "make", "--force", "--approval", str(sheet))
        assert result.exit_code != 0
        assert "bad-sheet" in result.output


def test_roster_1_is_not_replaced_by_accident(five: Path) -> None:
    words = ("--config", str(five), "roster", "make")
    assert rtr(*words, "--force").exit_code == 0
    result = rtr(*words, "--url", "AW=https://elsewhere.example.aw")
    assert result.exit_code == 1
    assert "roster-there" in result.stderr


def test_roster_needs_addresses_that_partners_can_reach(tmp_path: Path) -> None:
    result = rtr("--config", str(settings_file(tmp_path)), "roster", "make", "--url", "XX=https://x")
    assert result.exit_code == 2


def test_missing_roster_says_how_to_make_it(operator: Call) -> None:
    result = operator("roster", "show")
    assert result.exit_code == 1
    assert "rtr roster make" in result.stderr


def test_key_that_the_provider_must_know_is_printed_as_it_takes_it(five: Path) -> None:
    printed = rtr("--config", str(five), "keys", "pages-client", "--country", "AW")
    own = open_keys(load(five, {})[0], Partition.AW).pages_client.public()
    assert read_key_set(printed.stdout.encode()) == {own.thumbprint(): own}
    assert document(rtr("--config", str(five), "keys", "pages-client", "--country", "AW", "--json")) == json.loads(
        printed.stdout
    )


# -- doctor and db


def test_doctor_finds_what_a_trial_needs_and_says_the_fix_for_what_is_not_here(operator: Call) -> None:
    result = operator("doctor", "--json")
    found = {one["name"]: one for one in document(result)["checks"]}
    assert result.exit_code == 0
    assert all(found[name]["ok"] for name in ("Python", "libsodium", "embedded PostgreSQL", "in-memory engine"))
    assert all(one["ok"] or one["fix"] for one in found.values())
    assert found["key store AW"]["fix"] == "Run `rtr keys init --country AW`."


def test_doctor_opens_the_key_stores(five: Path) -> None:
    found = {one["name"]: one for one in document(rtr("--config", str(five), "doctor", "--json"))["checks"]}
    assert found["key store SX"]["detail"] == "opens, 9 shares of keys of the five"


@pytest.mark.parametrize(
    ("variable", "value", "part"),
    [
        ("RTR_ENGINE__URL", "http://127.0.0.1:1", "search engine"),
        ("RTR_DATABASE__ADMIN_URL", f"postgresql://x:{SECRET}@127.0.0.1:1/x", "database"),
        ("RTR_ENV", "production", "key store NL"),
    ],
)
def test_doctor_ends_with_1_when_something_that_the_settings_need_is_missing(
    operator: Call, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, part: str
) -> None:
    monkeypatch.setenv(variable, value)
    result = operator("doctor", "-q")
    assert result.exit_code == 1
    assert part in result.stdout.splitlines()
    assert SECRET not in result.output


def test_part_that_is_missing_but_not_needed_counts_for_nothing() -> None:
    assert Check("x", ok=False, needed=False, detail="").state == "not here"
    assert Check("x", ok=False, needed=True, detail="").state == "missing"


def test_database_without_an_administrator_is_a_matter_of_settings(operator: Call) -> None:
    result = operator("db", "migrate")
    assert result.exit_code == 2
    assert "no-administrator" in result.stderr


def test_database_that_does_not_answer_is_unreachable_and_its_password_stays_secret(
    operator: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTR_DATABASE__ADMIN_URL", f"postgresql://admin:{SECRET}@127.0.0.1:1/postgres")
    for words in (["db", "status"], ["db", "migrate"], ["db", "backup", "--country", "AW", "--to", "x"]):
        result = operator(*words)
        assert result.exit_code == 5
        assert SECRET not in result.output


def test_embedded_database_is_refused_in_production(operator: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTR_ENV", "production")
    result = operator("db", "start")
    assert result.exit_code == 1
    assert "embedded-in-production" in result.stderr


# -- countries of other nodes


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("index", "status"),
        ("index", "rebuild"),
        ("index", "dead-letters"),
        ("sync", "status"),
        ("sync", "pull", "--from", "AW"),
        ("sync", "resume", "AW", "--reason", "sure of it"),
    ],
)
def test_country_of_another_node_is_refused_by_its_name(tmp_path: Path, command: tuple[str, ...]) -> None:
    file = settings_file(tmp_path, countries=["AW"])
    refused = rtr("--config", str(file), *command, "--country", "CW")
    assert refused.exit_code != 0
    assert "CW is not hosted here; this node keeps AW" in refused.stderr
