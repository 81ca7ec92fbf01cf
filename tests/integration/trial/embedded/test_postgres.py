"""The embedded PostgreSQL starts safely, keeps its data, and leaves the machine as it was."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

import pytest

from api.servers.external import ExternalPostgres, ServerUnreachable
from api.servers.programs import Binaries
from rtr_trial.embedded.postgres.folder import DataOfOtherVersion, FolderNotOurs, ServerDoesNotStart
from rtr_trial.embedded.postgres.identity import Form
from rtr_trial.embedded.postgres.server import EmbeddedPostgres, ServedElsewhere
from rtr_trial.embedded.production import RefusedInProduction

from .conftest import FORMS, SERVERS, report
from .processes import eventually, hold, made, servers, sql


def a_server(folder: Path, binaries: Binaries = SERVERS[0], *, form: Form | None = None) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, environment="test", bin_dir=binaries.folder, form=form)


def folder_modes(*folders: Path) -> dict[Path, tuple[int, int, int]]:
    """Mode and owner of the folders and of everything above them."""
    every = {above for folder in folders for above in (folder, *folder.parents)}
    return {path: (path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in every}


@contextmanager
def killed_at_the_end(holder: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    with holder:
        try:
            yield holder
        finally:
            holder.kill()


@pytest.mark.each_with_each
def test_server_starts_in_every_way_with_a_password_checksums_fsync_and_no_port(
    tmp_path: Path, binaries: Binaries, form: Form
) -> None:
    asked = (
        "SELECT concat_ws(' ', current_setting('password_encryption'), current_setting('data_checksums'),"
        " current_setting('fsync'), current_setting('listen_addresses') = '', current_setting('server_encoding'))"
    )
    with a_server(tmp_path / "pg", binaries, form=form) as server:
        assert sql(binaries, server.address(), asked) == "scram-sha-256 on on t UTF8"
        assert server.status().running
        assert server.status().version == binaries.version
    assert not server.status().running
    assert servers(tmp_path / "pg") == []
    report(f"PostgreSQL of the {binaries.origin}, {form}", "ran", version=binaries.version)


def test_locale_is_c_utf8_so_letters_of_five_languages_sort_and_fold_alike_everywhere(
    tmp_path: Path, binaries: Binaries
) -> None:
    with a_server(tmp_path / "pg", binaries) as server:
        answer = sql(binaries, server.address(), "SELECT lower('CURAÇAO ÑANDÚ') || ('Z' < 'a')::text")
        locale = (
            "SELECT coalesce(to_jsonb(d)->>'datlocale', d.datcollate) FROM pg_database d WHERE datname = 'postgres'"
        )
        assert sql(binaries, server.address(), locale) == "C.UTF-8"
    assert answer == "curaçao ñandútrue"


def test_wrong_password_is_refused_also_on_the_socket(tmp_path: Path) -> None:
    with a_server(made(tmp_path / "pg", SERVERS[0])) as server:
        wrong = server.address().environment() | {"PGPASSWORD": "guess"}
        command = [str(server.binaries.program("psql")), "-wXAtc", "SELECT 1"]
        assert subprocess.run(command, env=wrong, capture_output=True, check=False).returncode != 0


def test_server_cannot_be_reached_over_the_network(tmp_path: Path) -> None:
    with closing(socket(AF_INET, SOCK_STREAM)) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with (
        EmbeddedPostgres(tmp_path / "pg", environment="test", port=port) as server,
        closing(socket(AF_INET, SOCK_STREAM)) as probe,
    ):
        assert sql(server.binaries, server.address(), "SELECT 1") == "1"
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_secret_data_and_socket_are_for_their_owner_only(tmp_path: Path, form: Form) -> None:
    with a_server(tmp_path / "pg", form=form) as server:
        assert stat.S_IMODE((tmp_path / "pg" / "superuser.secret").stat().st_mode) == 0o600
        for folder in (tmp_path / "pg", tmp_path / "pg" / "cluster", server.socket_dir):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder


def test_no_account_is_added_and_no_directory_opened(tmp_path: Path, binaries: Binaries, form: Form) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    accounts = [Path(name).read_bytes() for name in ("/etc/passwd", "/etc/group")]
    before = folder_modes(closed, binaries.folder)
    with a_server(closed / "pg", binaries, form=form) as server:
        assert sql(binaries, server.address(), "SELECT 1") == "1"
        assert folder_modes(closed, binaries.folder) == before
    assert folder_modes(closed, binaries.folder) == before
    assert [Path(name).read_bytes() for name in ("/etc/passwd", "/etc/group")] == accounts


def test_server_itself_never_runs_with_the_name_of_root(tmp_path: Path, form: Form) -> None:
    with a_server(made(tmp_path / "pg", SERVERS[0]), form=form) as server:
        whoami = "CREATE TEMP TABLE who (uid text); COPY who FROM PROGRAM 'id -u'; SELECT uid FROM who"
        assert sql(server.binaries, server.address(), whoami).splitlines()[-1] != "0"


def test_data_is_there_after_a_stop_and_a_start(tmp_path: Path, binaries: Binaries, form: Form) -> None:
    with a_server(made(tmp_path / "pg", binaries), binaries, form=form) as server:
        sql(binaries, server.address(), "CREATE TABLE kept AS SELECT 42 AS answer")
    with a_server(tmp_path / "pg", binaries, form=form) as server:
        assert sql(binaries, server.address(), "SELECT answer FROM kept") == "42"


def test_data_survives_a_change_of_the_way_it_runs(tmp_path: Path) -> None:
    """A machine may forbid namespaces from one day to the next; the data folder then changes hands."""
    made(tmp_path / "pg", SERVERS[0])
    for form in (*FORMS, *reversed(FORMS)):
        with a_server(tmp_path / "pg", form=form) as server:
            sql(server.binaries, server.address(), "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
            assert sql(server.binaries, server.address(), "SELECT answer FROM kept") == "42"


def test_committed_data_is_there_after_the_server_is_killed(tmp_path: Path, binaries: Binaries, form: Form) -> None:
    server = a_server(made(tmp_path / "pg", binaries), binaries, form=form)
    with server:
        sql(binaries, server.address(), "CREATE TABLE kept AS SELECT 42 AS answer")
        postmaster = int((tmp_path / "pg" / "cluster" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(postmaster, signal.SIGKILL)
        assert eventually(lambda: not server.status().running)
        assert sql(binaries, server.start(), "SELECT answer FROM kept") == "42"


def test_killed_server_leaves_no_busy_process_behind(tmp_path: Path) -> None:
    """A query that computes never looks whether its server still lives."""
    with a_server(made(tmp_path / "pg", SERVERS[0])) as server:
        busy = "SELECT count(*) FROM generate_series(1, 1000000000000)"
        command = [str(server.binaries.program("psql")), "-Xc", busy]
        address = server.address()
        with subprocess.Popen(command, env=address.environment(), stderr=subprocess.PIPE) as client:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%1000000000000)' AND state = 'active'"
            assert eventually(lambda: sql(server.binaries, address, asked) == "1")
            os.kill(int((tmp_path / "pg" / "cluster" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            assert eventually(lambda: servers(tmp_path / "pg") == [])
            client.wait(10)


def test_server_ends_when_its_holder_is_killed_and_starts_again_at_once(tmp_path: Path, binaries: Binaries) -> None:
    _ends_with_its_holder(tmp_path, binaries, signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_server_ends_too_when_its_holder_is_told_to_end(tmp_path: Path, how: signal.Signals) -> None:
    _ends_with_its_holder(tmp_path, SERVERS[0], how)


def _ends_with_its_holder(folder: Path, binaries: Binaries, how: signal.Signals) -> None:
    with killed_at_the_end(hold(made(folder / "pg", binaries), binaries)) as holder:
        held = a_server(folder / "pg", binaries)
        sql(binaries, held.address(), "CREATE TABLE kept AS SELECT 42 AS answer")
        holder.send_signal(how)
        holder.wait(10)
        with held:
            assert sql(binaries, held.address(), "SELECT answer FROM kept") == "42"
    assert eventually(lambda: servers(folder / "pg") == [])


def test_holder_ended_with_sigterm_makes_a_clean_stop_although_a_client_is_idle(tmp_path: Path) -> None:
    with killed_at_the_end(hold(made(tmp_path / "pg", SERVERS[0]), SERVERS[0])) as holder:
        held = a_server(tmp_path / "pg")
        idle = [str(held.binaries.program("psql")), "-X"]
        with subprocess.Popen(idle, env=held.address().environment(), stdin=subprocess.PIPE) as client:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'psql'"
            assert eventually(lambda: sql(held.binaries, held.address(), asked) == "2")
            holder.terminate()
            assert eventually(lambda: servers(tmp_path / "pg") == [], within_s=10)
            client.terminate()
    assert "database system is shut down" in held.log_file.read_text()
    assert "not properly shut down" not in held.log_file.read_text()


def test_server_ends_when_its_holder_and_its_keeper_are_killed_together(tmp_path: Path, binaries: Binaries) -> None:
    with killed_at_the_end(hold(made(tmp_path / "pg", binaries), binaries)) as holder:
        keeper = int((tmp_path / "pg" / "keeper.lock").read_text())
        os.kill(keeper, signal.SIGKILL)
        holder.kill()
        assert eventually(lambda: servers(tmp_path / "pg") == [])


def test_other_process_can_look_and_stop_but_not_start_a_second_server(tmp_path: Path) -> None:
    with killed_at_the_end(hold(made(tmp_path / "pg", SERVERS[0]), SERVERS[0])):
        other = a_server(tmp_path / "pg")
        assert other.status().running
        with pytest.raises(ServedElsewhere):
            other.start()
        other.stop()
        assert not other.status().running
        assert servers(tmp_path / "pg") == []


def test_interrupted_making_of_the_data_begins_again(tmp_path: Path) -> None:
    with a_server(made(tmp_path / "pg", SERVERS[0])):
        pass
    (tmp_path / "pg" / "cluster").rename(tmp_path / "pg" / "cluster.new")
    (tmp_path / "pg" / "cluster.new" / "PG_VERSION").unlink()
    with a_server(tmp_path / "pg") as server:
        assert sql(server.binaries, server.address(), "SELECT 1") == "1"


def test_socket_has_a_short_name_when_the_data_lie_deep(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60) / "pg"
    with a_server(deep) as server:
        assert len(str(server.socket_dir)) < 60
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
        assert sql(server.binaries, server.address(), "SELECT 1") == "1"
    assert not server.socket_dir.exists()


def test_link_in_place_of_the_short_socket_folder_is_refused(tmp_path: Path) -> None:
    server = a_server(tmp_path / ("d" * 60) / ("e" * 60) / "pg")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    server.socket_dir.symlink_to(elsewhere)
    try:
        with pytest.raises(ServerDoesNotStart, match="not a folder of ours"):
            server.start()
    finally:
        server.socket_dir.unlink()


@pytest.mark.parametrize("environment", ["production", "Production", " prod "])
def test_production_is_refused(tmp_path: Path, environment: str) -> None:
    with pytest.raises(RefusedInProduction):
        EmbeddedPostgres(tmp_path / "pg", environment=environment)
    assert not (tmp_path / "pg").exists()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "listen_addresses", "unix_socket_directories"])
def test_what_makes_it_safe_cannot_be_set_otherwise(tmp_path: Path, setting: str) -> None:
    with pytest.raises(ServerDoesNotStart, match=setting):
        EmbeddedPostgres(tmp_path / "pg", environment="test", settings={setting: "off"})


@pytest.mark.parametrize(("lasting", "words"), [(True, "on on on"), (False, "off off off")])
def test_server_waits_for_the_disk_unless_its_data_are_said_to_be_passing(
    tmp_path: Path, *, lasting: bool, words: str
) -> None:
    with EmbeddedPostgres(made(tmp_path / "pg", SERVERS[0]), environment="test", lasting=lasting) as server:
        asked = "concat_ws(' ', current_setting('fsync'), current_setting('full_page_writes'), "
        asked += "current_setting('synchronous_commit'))"
        assert sql(server.binaries, server.address(), f"SELECT {asked}") == words


def test_settings_reach_the_server(tmp_path: Path) -> None:
    settings: dict[str, str | int | bool] = {"max_connections": 17, "jit": True, "log_line_prefix": "%m a b "}
    with EmbeddedPostgres(made(tmp_path / "pg", SERVERS[0]), environment="test", settings=settings) as server:
        asked = (
            "SELECT current_setting('max_connections') || current_setting('jit') || current_setting('log_line_prefix')"
        )
        assert sql(server.binaries, server.address(), asked) == "17on%m a b"


def test_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(ServerDoesNotStart, match="max_connections"):
        EmbeddedPostgres(tmp_path / "pg", environment="test", settings={"max_connections": "many"}).start()
    assert servers(tmp_path / "pg") == []


def test_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(FolderNotOurs):
        a_server(tmp_path).start()
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_data_of_another_major_version_is_refused_and_untouched(tmp_path: Path) -> None:
    with a_server(made(tmp_path / "pg", SERVERS[0])):
        pass
    version = tmp_path / "pg" / "cluster" / "PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(DataOfOtherVersion, match="14"):
        a_server(tmp_path / "pg").start()
    assert servers(tmp_path / "pg") == []


def test_server_of_somebody_else_is_used_by_its_url_and_never_stopped(tmp_path: Path) -> None:
    with a_server(made(tmp_path / "pg", SERVERS[0])) as server:
        external = ExternalPostgres(server.address().url())
        assert sql(server.binaries, external.start(), "SELECT 1") == "1"
        external.stop()
        assert server.status().running
    with pytest.raises(ServerUnreachable):
        external.start()


def test_values_of_a_failing_statement_stay_out_of_the_log(tmp_path: Path) -> None:
    with a_server(made(tmp_path / "pg", SERVERS[0])) as server:
        sql(server.binaries, server.address(), "CREATE TABLE numbers (phone text PRIMARY KEY)")
        insert = "INSERT INTO numbers VALUES ('+2970000142')"
        sql(server.binaries, server.address(), insert)
        with pytest.raises(subprocess.CalledProcessError):
            sql(server.binaries, server.address(), insert)
    assert "duplicate key" in server.log_file.read_text()
    assert "2970000142" not in server.log_file.read_text()
