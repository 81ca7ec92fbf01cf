"""What the settings of a production node must say of its servers before anything is opened."""

from __future__ import annotations

from typing import Any

import pytest

from register import bootstrap
from register.production import UnprotectedServer, is_over_network, refuse_unprotected_servers
from register.settings import BadSettings, DatabaseSettings, EngineSettings, Settings, load
from schemas.codes import Partition

SOCKET = DatabaseSettings(host="/run/postgresql")
SIGNED_IN = {"user": "rtr", "password_file": "/p"}
CERTIFIED = {"cert_file": "/c", "key_file": "/k"}


def production(**parts: Any) -> Settings:
    return Settings(env="production", **({"database": SOCKET} | parts))


def engine(**parts: Any) -> EngineSettings:
    return EngineSettings(**({"url": "https://engine:9200", "ca_file": "/ca"} | parts))


@pytest.mark.parametrize(
    "settings",
    [
        Settings(database=DatabaseSettings(host="db.example"), engine=EngineSettings(url="http://127.0.0.1:9200")),
        production(),
        production(database=DatabaseSettings(host="db.example", ca_file="/ca")),
        production(engine=engine(**SIGNED_IN)),
        production(engine=engine(**CERTIFIED)),
    ],
    ids=["trial", "socket", "tls", "password", "certificate"],
)
def test_safe_ways_are_let_in(settings: Settings) -> None:
    refuse_unprotected_servers(settings)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (production(database=DatabaseSettings(host="db.example")), "database.ca_file"),
        (production(database=DatabaseSettings(host="127.0.0.1")), "database.ca_file"),
        (production(database=DatabaseSettings()), "database.ca_file"),  # then the environment may name a host
        (production(database=DatabaseSettings(host="/run/postgresql,db.example")), "database.ca_file"),
        (production(engine=engine(url="http://127.0.0.1:9200", **CERTIFIED)), "https://"),
        (production(engine=engine(ca_file="", **SIGNED_IN)), "engine.ca_file"),
        (production(engine=engine()), "engine.password_file"),
    ],
)
def test_start_is_refused_and_names_what_to_set(settings: Settings, named: str) -> None:
    with pytest.raises(UnprotectedServer, match=named.replace(".", r"\.")) as refused:
        bootstrap.open(settings, Partition.AW)
    assert refused.value.code == "unprotected-server"


@pytest.mark.parametrize(("host", "over"), [("", True), ("/a", False), ("/a, /b", False), ("/a,b", True), ("b", True)])
def test_only_folders_of_sockets_are_no_network(host: str, over: bool) -> None:  # noqa: FBT001 - what is expected
    assert is_over_network(host) is over


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"RTR_ENGINE__URL": "https://rtr:secret@engine:9200"}, "engine.password_file"),
        ({"RTR_ENGINE__URL": "https://engine", "RTR_ENGINE__USER": "rtr"}, "engine.password_file"),
        ({"RTR_ENGINE__URL": "http://e", "RTR_ENGINE__USER": "r", "RTR_ENGINE__PASSWORD_FILE": "/p"}, "https"),
        ({"RTR_ENGINE__CERT_FILE": "/c"}, "engine.key_file"),
        ({"RTR_DATABASE__CERT_FILE": "/c", "RTR_DATABASE__KEY_FILE": "/k"}, "database.ca_file"),
    ],
)
def test_half_a_sign_in_is_refused_in_trial_too(variables: dict[str, str], named: str) -> None:
    with pytest.raises(BadSettings, match=named) as refused:
        load(environment=variables)
    assert "secret" not in str(refused.value)
