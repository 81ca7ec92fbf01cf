"""Three answers that are never mixed: it breathes, it can serve people, it does all its work."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NoReturn, Self

import httpx2
import psycopg
import pytest
from starlette.testclient import TestClient

from api.http import app as api_app
from api.http.issuers import Issuer, IssuerRegistry
from api.process import standing
from register.clock import SystemClock
from register.core import Register
from register.domain.access.caller import Task
from register.domain.running.node_finding import TURN_STANDS, TURN_STANDS_AFTER, Beat
from register.errors import OperatorError
from register.keys.jwk import PrivateKey, write_key_set
from register.search.engine import EngineSettings
from register.search.index import SearchIndex
from register.search.peppers import Peppers
from register.services.running.check_node import check_node, keep_beats
from register.services.running.check_readiness import check_database, check_schema
from register.services.running.note_operation import note_backup
from register.services.signals.record_signal import record_signal
from register.services.signals.share_signal import share_signals
from register.store.exchange.damages import Stored
from register.store.running.audit_leaves import ClockDiffers
from register.store.running.outbox import STUCK_AFTER
from register.store.running.server.database import Address, Database, DatabaseUnavailable
from schemas.codes import Partition
from sync.status import exchange_findings, exchange_status
from tests.integration.services.running.test_operators_log import calling
from tests.support.clock import HandClock, WrongClock, age_leases
from tests.support.forms import a_form
from tests.support.world import World, world
from tests.unit.api.cli.desk import document

AW = Partition.AW


@pytest.fixture
def clock() -> HandClock:
    return HandClock(SystemClock().now())


@pytest.fixture
def here(clock: HandClock) -> Iterator[World]:
    with world(countries=(AW,), clock=clock) as made:
        yield made


def _no_rosters() -> NoReturn:
    raise AssertionError("nobody asks for rosters here")


def spoil(here: World, statement: str) -> None:
    """Damage something as only an administrator can."""
    with psycopg.connect(here.settings.database.admin_url, dbname=here.settings.database.name) as connection:
        connection.execute(statement.encode())


def age_beats(here: World, seconds: float) -> None:
    """Let what workers said be so much older by the server's clock, which stays."""
    moments = ", ".join(f"{one} = {one} - interval '{seconds} s'" for one in ("at", "worked_at", "failing_since"))
    spoil(here, f"UPDATE rtr.beat SET {moments}")


@pytest.mark.parametrize("days", [365, -365])
def test_worker_whose_clock_was_wrong_is_seen_to_be_dead_and_what_it_says_later_counts(here: World, days: int) -> None:
    register = here[AW]
    note_backup(here.settings, AW)
    says_all_is_well(replace(register, clock=WrongClock(days)))
    assert codes(register) == []
    age_beats(here, 61)
    assert codes(register) == [("worker-silent", "", "")]
    says_all_is_well(replace(register, clock=SystemClock()))
    assert codes(register) == []
    assert codes(replace(register, clock=WrongClock(days))) == [], "who asks may have a wrong clock too"


def test_word_that_was_kept_while_the_databases_clock_was_wrong_is_none(here: World) -> None:
    note_backup(here.settings, AW)
    says_all_is_well(here[AW])
    age_beats(here, -365 * 86_400)
    assert codes(here[AW]) == [("worker-silent", "", ""), ("backup-old", "", "")]


@pytest.mark.parametrize("days", [365, -365])
def test_damage_that_a_worker_with_a_wrong_clock_finds_is_dated_by_the_database(here: World, days: int) -> None:
    with replace(here[AW], clock=WrongClock(days)).work(here.worker(AW)) as work:
        work.exchange.damages.note(Stored.LOG_ENTRY, Partition.CW, ["3"])
        (found,) = work.exchange.damages.told(1)
    assert abs(found.since - SystemClock().now()) < timedelta(minutes=5)


def test_report_that_cannot_be_shared_for_a_wrong_clock_is_shared_once_it_is_right_and_rings_for_nobody(
    here: World,
) -> None:
    register = here[AW]
    record_signal(register, here.caller("AW-DIMAS", Task.SUBMIT), a_form(), "one")
    wrong = replace(register, clock=WrongClock(365))
    for _ in range(STUCK_AFTER + 1):
        with pytest.raises(ClockDiffers):
            share_signals(wrong, 10)
        with register.work(here.worker(AW)) as work:
            assert work.running.outbox.stuck() == []
            age_leases(work._connection, 600)
    assert share_signals(replace(register, clock=SystemClock()), 10) == 1
    with register.work(here.worker(AW)) as work:
        assert work.running.outbox.waiting().get("pseudonymise", 0) == 0


def says_all_is_well(register: Register) -> None:
    now = register.clock.now()
    keep_beats(register, [Beat(job, now, now, None, None) for job in ("share", "append", "index")])


def codes(register: Register) -> list[tuple[str, str, str]]:
    return [(one.code, one.about, one.detail) for one in check_node(register)]


def test_node_whose_worker_never_ran_and_that_was_never_backed_up_says_both(here: World) -> None:
    assert codes(here[AW]) == [("worker-silent", "", ""), ("backup-old", "", "")]


def test_node_whose_worker_speaks_and_that_was_backed_up_is_well_until_either_is_old(
    here: World,
) -> None:
    register = here[AW]
    says_all_is_well(register)
    note_backup(here.settings, AW)
    assert codes(register) == []
    age_beats(here, 61)
    assert codes(register) == [("worker-silent", "", "")]
    age_beats(here, 26 * 3600)
    says_all_is_well(register)
    assert [code for code, _, _ in codes(register)] == ["backup-old"]


def test_loop_that_fails_and_row_that_poisons_are_named_while_reports_are_taken_and_the_node_is_ready(
    here: World, clock: HandClock
) -> None:
    register = here[AW]
    note_backup(here.settings, AW)
    signal = record_signal(register, here.caller("AW-DIMAS", Task.SUBMIT), a_form(), "one")
    spoil(here, f"UPDATE rtr.signal SET account = decode('00', 'hex') || account WHERE id = '{signal.id}'")
    for _ in range(12):
        share_signals(register, 10)
        with register.work(here.worker(AW)) as work:
            age_leases(work._connection, 600)
        clock.move(600)
    now = register.clock.now()
    keep_beats(register, [Beat("share", now, now, None, None), Beat("index", now, None, now, "engine-unavailable")])
    age_beats(here, 40)
    found = codes(register)
    assert ("job-failing", "index", "engine-unavailable") in found
    assert ("dead-letters", "", "1") in found

    again = record_signal(register, here.caller("AW-DIMAS", Task.SUBMIT), a_form(), "two")
    assert again.reference
    as_of_now = replace(register, clock=SystemClock())  # by the moved one it would not be believed
    client = TestClient(api_app.create(as_of_now, IssuerRegistry([], monotonic=lambda: 0.0), _no_rosters))
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 200
    told = TestClient(standing.application([register])).get("/status")
    assert told.status_code == 503
    assert {one["code"] for one in told.json()["AW"]["findings"]} >= {"job-failing", "dead-letters"}
    assert "Testman" not in told.text


def test_what_stands_still_in_the_exchange_is_said_with_the_partner(here: World) -> None:
    status = exchange_status(here[AW])
    first, *rest = status.partners
    halted = replace(first, received=replace(first.received, halted="fork"), sent=replace(first.sent, stopped="fork"))
    found = exchange_findings(replace(status, partners=(halted, *rest)))
    partner = str(first.partner)
    assert [(one.code, one.about) for one in found if one.about == partner][:2] == [
        ("log-halted", partner), ("log-stopped", partner),
    ]  # fmt: skip


def test_database_that_is_away_is_a_finding_and_no_error(here: World) -> None:
    register = here[AW]
    broken = replace(register, database=Database(Address("127.0.0.1", 1, "none"), AW, lambda _: "x"))
    found = standing.standing(broken)
    assert [one.code for one in found.findings] == ["database-unavailable"]
    assert not found.well


def test_database_that_has_no_room_to_write_is_not_ready_and_status_and_doctor_say_so(here: World) -> None:
    """It answers all that is only read, and small changes may find room in a page."""
    # Room for no file beside the data: what a full disk does, without filling one.
    spoil(here, f"ALTER DATABASE \"{here.settings.database.name}\" SET temp_file_limit = '64kB'")
    register = here[AW]
    register.database.close()  # who connects from now on is told
    asked = TestClient(api_app.create(register, IssuerRegistry([], monotonic=lambda: 0.0), _no_rosters)).get("/ready")
    assert (asked.status_code, asked.json()["parts"]["database"]) == (503, "database-unavailable")
    assert [one.code for one in standing.standing(register).findings] == ["database-unavailable"]
    with pytest.raises(DatabaseUnavailable):
        check_database(here.settings, AW)


def test_operator_reads_it_at_the_command_line(here: World, tmp_path: Path) -> None:
    asked = calling(here.settings, tmp_path)("status", "--json")
    assert asked.exit_code == 1
    assert next(one["code"] for one in document(asked)["AW"]["findings"]) == "worker-silent"


@pytest.mark.parametrize(
    ("revision", "code", "ready", "run"),
    [("2026_11_22_01", "schema-older", 503, "rtr db migrate"), ("2999_01_01_01", "schema-newer", 200, "newer")],
)
def test_schema_that_is_not_the_programs_is_named_with_what_to_run_and_no_node_starts_on_it(
    here: World, revision: str, code: str, ready: int, run: str
) -> None:
    """A node that runs already goes on under a newer one: migrations before an upgrade are safe for it."""
    register = here[AW]
    spoil(here, f"UPDATE rtr.alembic_version SET version_num = '{revision}'")
    asked = TestClient(api_app.create(register, IssuerRegistry([], monotonic=lambda: 0.0), _no_rosters)).get("/ready")
    assert (asked.status_code, asked.json()["parts"]["schema"]) == (ready, code)
    assert run in asked.json()["advice"]["schema"]
    told = [(one.code, one.detail) for one in standing.standing(register).findings]
    assert ([(code, "")] == told) if ready == 503 else (("schema-differs", code) in told)
    with pytest.raises(OperatorError) as refused:
        check_schema(register)
    assert refused.value.code == code
    assert revision in str(refused.value)


def test_database_of_before_a_node_could_see_its_schema_is_an_older_one(here: World) -> None:
    spoil(here, "REVOKE ALL ON rtr.alembic_version FROM PUBLIC, rtr_aw_api, rtr_aw_worker")
    with pytest.raises(OperatorError) as refused:
        check_schema(here[AW])
    assert refused.value.code == "schema-older"


def test_node_ends_on_a_schema_of_before_and_says_what_to_run(here: World, tmp_path: Path) -> None:
    """Also where a migration would give a role of the node what it lacks: the node waits for none before it looks."""
    spoil(here, "UPDATE rtr.alembic_version SET version_num = '2026_11_22_01'")
    spoil(here, "ALTER TABLE rtr.beat DROP COLUMN code; ALTER TABLE rtr.log_head DROP COLUMN stopped CASCADE")
    spoil(here, f'REVOKE CONNECT ON DATABASE "{here.settings.database.name}" FROM rtr_aw_evaluator, rtr_aw_worker')
    calling(here.settings, tmp_path)  # writes the settings
    ended = subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", "--config", str(tmp_path / "settings.toml"), "node"],
        capture_output=True, timeout=120, check=False, text=True,
    )  # fmt: skip
    assert (ended.returncode, "schema-older" in ended.stderr, "rtr db migrate" in ended.stderr) == (1, True, True)


def test_status_on_a_schema_of_before_says_what_to_run_and_nothing_of_addresses(here: World, tmp_path: Path) -> None:
    rtr = calling(here.settings, tmp_path)
    spoil(here, "UPDATE rtr.alembic_version SET version_num = '2026_11_22_01'")
    spoil(here, "ALTER TABLE rtr.beat DROP COLUMN code; ALTER TABLE rtr.log_head DROP COLUMN stopped CASCADE")
    told = rtr("status", "--json")
    assert told.exit_code == 1
    assert [(one["code"], "rtr db migrate" in one["advice"]) for one in document(told)["AW"]["findings"]] == [
        ("schema-older", True)
    ]
    other = rtr("sync", "status")
    assert other.exit_code == 1
    assert "schema-differs" in other.stderr
    assert "rtr db status" in other.stderr
    assert "admin_url" not in other.stderr


def test_node_starts_on_the_schema_of_its_own_program(here: World) -> None:
    check_schema(here[AW])


def test_log_that_stands_still_is_named_with_its_time_by_the_exchange_at_the_command_line(
    here: World, tmp_path: Path
) -> None:
    rtr = calling(here.settings, tmp_path)
    spoil(
        here,
        "INSERT INTO rtr.log_head (country, partner, incarnation, tip_seq, tip_hash, fence, stopped, stopped_at) "
        "VALUES ('AW', 'CW', 1, 0, sha256(''), 0, 'origin-restored', '2026-11-29T10:00:00Z')",
    )
    spoil(
        here,
        "INSERT INTO rtr.partner_cursor (country, partner, incarnation, applied_to, last, roster, origin_behind_at) "
        "VALUES ('AW', 'SX', 1, 3, sha256(''), 1, '2026-11-29T11:00:00Z')",
    )
    asked = rtr("sync", "status")
    assert asked.exit_code == 1
    assert "origin-restored since 2026-11-29T10:00:00Z" in asked.stdout
    assert "origin-behind since 2026-11-29T11:00:00Z" in asked.stdout
    found = {(one["code"], one["about"], one["since"]) for one in document(rtr("status", "--json"))["AW"]["findings"]}
    assert {("log-stopped", "CW", "2026-11-29T10:00:00Z"), ("origin-behind", "SX", "2026-11-29T11:00:00Z")} <= found


def test_engine_that_stands_still_is_looked_at_for_all_countries_at_once_and_the_rest_is_told(tmp_path: Path) -> None:
    with world(countries=(AW, Partition.CW), with_organisations=False) as two, SilentEngine(asked_by=2) as engine:
        said = calling(two.settings, tmp_path, engine={"url": engine.url})("status", "--json")
    assert engine.all_waited_together
    for country in ("AW", "CW"):
        found = {one["code"] for one in document(said)[country]["findings"]}
        assert found >= {"engine-away", "worker-silent", "backup-old"}


def test_engine_that_stands_still_leaves_the_node_ready(here: World) -> None:
    with SilentEngine(asked_by=1) as engine:
        index = SearchIndex(AW, EngineSettings(url=engine.url), Peppers(*here[AW].keys.peppers), clock=SystemClock())
        register = replace(here[AW], clock=SystemClock(), index=index)
        client = TestClient(api_app.create(register, IssuerRegistry([], monotonic=lambda: 0.0), _no_rosters))
        asked = client.get("/ready")
        index.close()
    assert (asked.status_code, asked.json()["parts"]["engine"]) == (200, "engine-unavailable")


def test_node_whose_log_nobody_reads_opens_the_doors_of_all_its_countries_works_and_ends(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while os.write(writing, b"x" * 4_096):
            pass
    os.set_blocking(writing, True)
    doors = {"AW": {"listen": "127.0.0.1:0"}, "CW": {"listen": "127.0.0.1:0"}}
    with (
        world(countries=(AW, Partition.CW), with_organisations=False) as two,
        os.fdopen(reading), os.fdopen(writing) as stderr,
    ):  # fmt: skip
        calling(two.settings, tmp_path, country=doors)  # writes the settings
        command = [
            sys.executable,
            "-c",
            "from api.cli import main; main()",
            "--config",
            str(tmp_path / "settings.toml"),
        ]
        with subprocess.Popen([*command, "node"], stdout=subprocess.PIPE, stderr=stderr, text=True) as node:
            given_up = threading.Timer(120, node.kill)
            given_up.start()
            try:
                assert node.stdout is not None
                urls = json.loads(node.stdout.readline())["ready"]
                told = {
                    url: httpx2.get(f"{url}/ready", trust_env=False, timeout=60).status_code for url in urls.values()
                }
                while any(one.code == "worker-silent" for one in check_node(two[AW])):
                    SystemClock().pause(0.2)
            finally:
                node.terminate()
                node.wait()
                given_up.cancel()
    assert (set(urls), set(told.values()), node.returncode) == ({"AW", "CW"}, {200}, 0)


def test_node_at_which_nobody_can_sign_in_is_not_ready_until_the_keys_of_its_issuer_are_had(here: World) -> None:
    """What takes connections and never answers is away, too; with keys from before, tokens still hold."""
    seconds, away = [0.0], [True]

    def answer(_request: httpx2.Request) -> httpx2.Response:
        if away[0]:
            raise httpx2.ReadTimeout("it stands still")
        return httpx2.Response(200, content=write_key_set({"k1": PrivateKey.from_raw(b"1" * 32).public()}))

    url = "https://login.aw.example"
    issuer = Issuer(url=url, partition=AW, audience="rtr", jwks_url=f"{url}/keys")
    issuers = IssuerRegistry([issuer], monotonic=lambda: seconds[0], transport=httpx2.MockTransport(answer))
    register = replace(here[AW], clock=SystemClock())
    client = TestClient(api_app.create(register, issuers, _no_rosters))

    def looked() -> tuple[int, str, str]:
        asked = client.get("/ready")
        return asked.status_code, asked.json()["parts"]["issuer"], asked.json()["parts"]["database"]

    assert looked() == (503, "issuer-unreachable", "ok")
    assert "issuer" in client.get("/ready").json()["advice"]
    seconds[0], away[0] = 10.0, False
    assert looked() == (200, "ok", "ok"), "by itself, before anybody came with a token"
    seconds[0], away[0] = 1_000.0, True
    assert looked() == (200, "issuer-unreachable", "ok")


def test_issuer_that_stands_still_hides_nothing_of_what_else_is_known(here: World) -> None:
    with SilentEngine(asked_by=1) as silent:
        issuer = Issuer(url=silent.url, partition=AW, audience="rtr", jwks_url=f"{silent.url}/keys")
        issuers = IssuerRegistry([issuer], monotonic=SystemClock().monotonic)
        register = replace(here[AW], clock=SystemClock())
        asked = TestClient(api_app.create(register, issuers, _no_rosters)).get("/ready")
    parts = asked.json()["parts"]
    assert (asked.status_code, parts["issuer"], parts["database"]) == (503, "issuer-unreachable", "ok")


def test_readiness_names_a_worker_that_is_silent_and_a_job_that_stands_and_reports_are_taken(here: World) -> None:
    register = replace(here[AW], clock=SystemClock())
    client = TestClient(api_app.create(register, IssuerRegistry([], monotonic=lambda: 0.0), _no_rosters))

    def looked() -> tuple[int, str]:
        asked = client.get("/ready")
        return asked.status_code, asked.json()["parts"]["workers"]

    assert looked() == (200, "worker-silent")
    says_all_is_well(register)
    assert looked() == (200, "ok")
    now = register.clock.now()
    keep_beats(register, [Beat("share", now, None, now - TURN_STANDS_AFTER, TURN_STANDS)])
    assert looked() == (200, "job-stands")
    assert "share" in client.get("/ready").json()["advice"]["workers"]
    assert ("job-stands", "share", "") in codes(register)


def test_node_of_which_a_country_is_not_served_says_so_where_the_others_are_asked(here: World) -> None:
    register, closed = replace(here[AW], clock=SystemClock()), ["CW", "SX"]
    issuers = IssuerRegistry([], monotonic=lambda: 0.0)
    client = TestClient(api_app.create(register, issuers, _no_rosters, closed_doors=lambda: closed))
    asked = client.get("/ready")
    assert (asked.status_code, asked.json()["parts"]["doors"]) == (503, "door-closed")
    assert "CW, SX" in asked.json()["advice"]["doors"]
    closed.clear()
    assert client.get("/ready").status_code == 200


class SilentEngine:
    """Takes every connection, and never says a word."""

    def __init__(self, *, asked_by: int) -> None:
        self.all_waited_together = False
        self._asked_by, self._socket = asked_by, socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._take, daemon=True)

    def _take(self) -> None:
        waiting: list[socket.socket] = []
        with suppress(OSError), ExitStack() as closing:  # it is closed
            while True:
                taken, _ = self._socket.accept()
                closing.callback(taken.close)
                # Whoever gave up has closed its end, which reads as nothing.
                waiting = [one for one in waiting if not _is_closed(one)] + [taken]
                self.all_waited_together |= len(waiting) == self._asked_by

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes who waits to take a connection
        self._socket.close()
        self._thread.join(timeout=5)


def _is_closed(one: socket.socket) -> bool:
    one.setblocking(False)
    try:
        while one.recv(4096):
            pass
    except BlockingIOError:
        return False
    return True
