"""A node believes only the PostgreSQL and the engine that its settings name, and shows its passwords to no other."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from api.cli.frame.machine import with_database
from api.cli.running.checks import all_checks
from api.servers.external import read_url
from api.servers.programs import system_binaries
from register import bootstrap
from register.domain.running.audit_action import AuditAction
from register.errors import OperatorError
from register.keys.home import SecretMissing
from register.production import UnprotectedServer
from register.services.running import operate_database
from register.services.running.check_readiness import check_database, engine_version
from register.services.running.note_operation import note_operation
from register.settings import DatabaseSettings, EngineSettings, Settings
from register.store.running.server.database import DatabaseUntrusted
from rtr_trial.embedded.engines.osmem import EmbeddedOsmem
from schemas.codes import Partition
from tests.support.started.certificates import LOCAL_NAME, Authority, door_over_tls, postgres_over_tls
from tests.support.world import trial_home

AW = Partition.AW
PASSWORD = "correct horse: battery/staple é"


@dataclass(frozen=True)
class Machine:
    """A node's settings, its servers' authority, and another one that anybody could have."""

    settings: Settings
    authority: Authority
    stranger: Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, authority: Authority, stranger: Authority) -> Iterator[Machine]:
    """A database that was migrated over TLS, as an administrator does it from another machine."""
    if not system_binaries():
        pytest.skip("no PostgreSQL of this machine, and the wheel's speaks no TLS")
    home, certificate = tmp_path_factory.mktemp("home"), authority.give("database", LOCAL_NAME)
    with postgres_over_tls(tmp_path_factory.mktemp("pg") / "server", certificate) as server:
        named = DatabaseSettings(
            host=server.host, port=server.port, ca_file=str(authority.ca_file), admin_url=server.url()
        )
        settings = with_database(Settings(env="production", home=home, countries=(AW,), database=named))
        operate_database.migrate(settings)
        yield Machine(settings, authority, stranger)


def of_database(machine: Machine, **parts: str) -> Settings:
    return replace(machine.settings, database=replace(machine.settings.database, **parts))  # type: ignore[arg-type]


def spoil(machine: Machine, statement: str) -> None:
    with psycopg.connect(machine.settings.database.admin_url, autocommit=True) as connection:
        connection.execute(statement.encode())
        connection.execute("SELECT pg_reload_conf()")


def test_each_connection_of_a_node_and_of_its_operator_is_over_tls(machine: Machine) -> None:
    spoil(machine, "ALTER SYSTEM SET log_connections = on")
    check_database(machine.settings, AW)
    note_operation(machine.settings, AW, AuditAction.OPERATOR_MIGRATED, uid=0, revision="x")
    with psycopg.connect(machine.settings.database.admin_url) as connection:
        row = connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
    assert row == (True,)
    log = (folder_of(machine) / "tls.log").read_text(encoding="utf-8")
    authorized = [line for line in log.splitlines() if "connection authorized: user=rtr_aw" in line]
    assert authorized
    assert all("SSL enabled" in line for line in authorized)


def folder_of(machine: Machine) -> Path:
    """The folder of the server, as it says itself."""
    with psycopg.connect(machine.settings.database.admin_url) as connection:
        (found,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    return Path(str(found)).parent


def test_backup_goes_over_tls_too(machine: Machine, tmp_path: Path) -> None:
    words = read_url(machine.settings.database.admin_url).environment(machine.settings.database.name)
    assert words["PGSSLMODE"] == "verify-full"
    tools = system_binaries()[0].folder
    assert operate_database.backup(machine.settings, AW, words, tools, tmp_path / "good")
    forged = {**words, "PGSSLROOTCERT": str(machine.stranger.ca_file)}
    with pytest.raises(OperatorError):
        operate_database.backup(machine.settings, AW, forged, tools, tmp_path / "forged")


def test_postgresql_of_another_authority_is_not_believed(machine: Machine) -> None:
    settings = of_database(machine, ca_file=str(machine.stranger.ca_file))
    with pytest.raises(DatabaseUntrusted, match="no authority"):
        check_database(settings, AW)


def test_postgresql_of_another_name_is_not_believed(machine: Machine) -> None:
    with pytest.raises(DatabaseUntrusted, match="another name"):
        check_database(of_database(machine, host="127.0.0.1"), AW)


def test_node_that_meets_another_server_at_its_start_ends_instead_of_waiting(machine: Machine, tmp_path: Path) -> None:
    home, settings = tmp_path / "home", of_database(machine, ca_file=str(machine.stranger.ca_file))
    shutil.copytree(trial_home(), home)
    shutil.copytree(machine.settings.home / "secrets", home / "secrets", dirs_exist_ok=True)
    register = bootstrap.open(replace(settings, home=home, env="trial"), AW)
    try:
        with pytest.raises(DatabaseUntrusted):
            bootstrap.wait_for_database(register, ("api",), pause=lambda _: pytest.fail("it waited"))
    finally:
        register.close()


def test_administrators_address_cannot_ask_for_less_tls_than_the_settings(machine: Machine) -> None:
    weaker = machine.settings.database.admin_url.split("?")[0] + (
        f"?host={LOCAL_NAME}&port={machine.settings.database.port}&sslmode=require"
    )
    settings = with_database(of_database(machine, admin_url=weaker, ca_file=str(machine.stranger.ca_file)))
    with pytest.raises(Exception, match="SSL error"):
        operate_database.state(settings)


def test_administrator_over_a_network_without_tls_is_refused_in_production(machine: Machine) -> None:
    with pytest.raises(UnprotectedServer, match="admin_url"):
        with_database(of_database(machine, ca_file="", host="/run/postgresql"))


def test_server_that_speaks_no_tls_gets_no_password(machine: Machine) -> None:
    spoil(machine, "ALTER SYSTEM SET ssl = off")
    open_address = of_database(machine, ca_file="").database
    url = open_address.admin_url.replace("sslmode=verify-full", "sslmode=disable")
    try:
        with pytest.raises(DatabaseUntrusted, match="no TLS") as refused:
            check_database(machine.settings, AW)
        password = machine.settings.secret("rtr_aw_api.password").read_text(encoding="ascii")
        assert password not in f"{refused.value!r} {refused.value.__cause__!r}"
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET ssl = on")
            connection.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize(
    ("spoilt", "part", "said"),
    [
        ({}, None, ""),
        ({"ca_file": "stranger"}, "PostgreSQL AW", "no authority"),
        ({"host": "127.0.0.1"}, "PostgreSQL AW", "another name"),
        ({"ca_file": ""}, "ways to the servers", "`database.ca_file`"),
    ],
)
def test_doctor_tries_the_way_and_says_what_a_start_would(
    machine: Machine, spoilt: dict[str, str], part: str | None, said: str
) -> None:
    words = {k: str(machine.stranger.ca_file) if v == "stranger" else v for k, v in spoilt.items()}
    found = {check.name: check for check in all_checks(of_database(machine, **words))}
    if part is None:
        assert found["ways to the servers"].ok
        assert found["PostgreSQL AW"].ok
    else:
        assert not found[part].ok
        assert found[part].needed
        assert said in found[part].detail
    assert not any("secret" in check.detail and "postgresql://" in check.detail for check in found.values())


@pytest.fixture(scope="module")
def osmem() -> Iterator[EmbeddedOsmem]:
    with EmbeddedOsmem(production=False) as engine:
        yield engine


def reaching(machine: Path, url: str, **parts: str) -> Settings:
    return Settings(home=machine, engine=EngineSettings(url=url, timeout_s=3.0, **parts))


def password_in(folder: Path, password: str, mode: int = 0o600) -> str:
    file = folder / "engine"
    file.touch(mode=mode)
    file.write_text(password + "\n", encoding="utf-8")
    file.chmod(mode)
    return str(file)


def test_engine_is_asked_over_tls_with_user_and_password(
    tmp_path: Path, osmem: EmbeddedOsmem, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    door = authority.give("engine", LOCAL_NAME)
    with caplog.at_level(logging.DEBUG), door_over_tls(osmem.url, door, user="rtr", password=PASSWORD) as url:
        file = password_in(tmp_path, PASSWORD)
        assert engine_version(reaching(tmp_path, url, ca_file=str(authority.ca_file), user="rtr", password_file=file))
        password_in(tmp_path, "wrong one")
        with pytest.raises(OperatorError, match="401") as refused:
            engine_version(reaching(tmp_path, url, ca_file=str(authority.ca_file), user="rtr", password_file=file))
    said = f"{refused.value!r} {refused.value.__cause__!r} {caplog.text}"
    assert PASSWORD not in said
    assert "wrong one" not in said


def test_engine_of_another_authority_or_name_is_told_no_password(
    tmp_path: Path, osmem: EmbeddedOsmem, authority: Authority, stranger: Authority
) -> None:
    file = password_in(tmp_path, PASSWORD)
    door = authority.give("engine", LOCAL_NAME)
    with door_over_tls(osmem.url, door, user="rtr", password=PASSWORD) as url:
        other = reaching(tmp_path, url, ca_file=str(stranger.ca_file), user="rtr", password_file=file)
        with pytest.raises(OperatorError, match=r"engine\.ca_file"):
            engine_version(other)
        by_number = url.replace(LOCAL_NAME, "127.0.0.1")
        with pytest.raises(OperatorError, match=r"engine\.ca_file"):
            engine_version(
                reaching(tmp_path, by_number, ca_file=str(authority.ca_file), user="rtr", password_file=file)
            )


def test_engine_lets_the_node_in_by_a_certificate(
    tmp_path: Path, osmem: EmbeddedOsmem, authority: Authority, stranger: Authority
) -> None:
    with door_over_tls(osmem.url, authority.give("engine", LOCAL_NAME), clients=authority.ca_file) as url:
        for giver, lets_in in ((authority, True), (stranger, False)):
            own, key = (str(file) for file in giver.give("node"))
            settings = reaching(tmp_path, url, ca_file=str(authority.ca_file), cert_file=own, key_file=key)
            if lets_in:
                assert engine_version(settings)
            else:
                with pytest.raises(OperatorError):
                    engine_version(settings)


@pytest.mark.parametrize(("password", "mode"), [("", 0o600), ("fine", 0o640)])
def test_password_file_that_is_empty_or_open_to_others_is_refused(tmp_path: Path, password: str, mode: int) -> None:
    file = password_in(tmp_path, password, mode)
    with pytest.raises(SecretMissing, match=r"engine\.password_file"):
        engine_version(reaching(tmp_path, "https://localhost:9", user="rtr", password_file=file))
