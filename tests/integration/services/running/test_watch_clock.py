"""A clock that is wrong from the start, or was set, ends nothing: neither the machine's nor the database's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.http import app as api_app
from api.http.issuers import IssuerRegistry
from api.process.worker import jobs
from register.core import Register
from register.domain.access.caller import Task
from register.errors import OperatorError
from register.services.access.open_session import open_session
from register.services.running.check_node import check_node
from register.services.running.keep_house import keep_house
from register.services.running.watch_clock import ClockWatch
from register.services.signals.keep_draft import begin_draft
from register.services.signals.record_signal import record_signal
from register.store.search.budgets import Purse
from schemas.codes import Partition
from sync.appender import Appender
from sync.receiver import Receiver
from sync.transport.partner import PartnerHttp
from tests.integration.services.running.test_operators_log import calling, leaves
from tests.support.clock import WrongClock
from tests.support.forms import a_form
from tests.support.world import World, world
from tests.unit.api.cli.desk import document

AW = Partition.AW
KEPT = ("idempotency", "page_session", "form_draft", "search_spent")
BY_THE_DAY = ("house", "privacy", "approvals", "hide", "reconcile")


@pytest.fixture
def here() -> Iterator[World]:
    with world(countries=(AW,)) as made:
        yield made


@pytest.fixture
def kept(here: World) -> dict[str, int]:
    """What housekeeping forgets once it has had its time, of today; its numbers by table."""
    typist = here.caller("AW-DIMAS", Task.SUBMIT, actor="aw-dimas")
    record_signal(here[AW], typist, a_form(), "key")
    open_session(here[AW], typist, "Officer", replaces=None)
    begin_draft(here[AW], typist, "report", {"what": {"account": "Zeno Testman"}})
    with here[AW].work(here.caller("AW-CMMA", Task.SEARCH_SHARED)) as work:
        work.search.budgets.spend([Purse("person", "aw-coordinator", 5)], here[AW].today(), 1)
    found = _kept(here)
    assert all(found.values())
    return found


@pytest.mark.parametrize("days", [365, -365])
@pytest.mark.parametrize("before", [True, False])
def test_worker_that_starts_with_a_wrong_clock_ends_nothing_and_everybody_is_told(
    here: World, kept: dict[str, int], days: int, *, before: bool
) -> None:
    if before:  # a worker with a good clock was at work until now
        turn(here[AW])
    wrong = replace(here[AW], clock=WrongClock(days))
    for job in BY_THE_DAY:
        with pytest.raises(OperatorError) as refused:
            turn(wrong, job)
        assert refused.value.code == "clock-differs"
    assert _kept(here) == kept
    assert ("clock-not-believed", "clock-differs") in told(here[AW])
    asked = ready(wrong)
    assert (asked.status_code, asked.json()["parts"]["clock"]) == (503, "clock-differs")
    turn(here[AW])
    assert _kept(here) == kept
    assert all(code != "clock-not-believed" for code, _ in told(here[AW]))
    assert ready(here[AW]).json()["parts"]["clock"] == "ok"


@pytest.mark.parametrize(("days", "sentence"), [(365, "after"), (21, "after"), (-1, "before"), (-365, "before")])
def test_clock_of_the_database_that_does_not_follow_on_what_was_known_ends_nothing_until_an_operator_says_so(
    here: World, kept: dict[str, int], tmp_path: Path, days: int, sentence: str
) -> None:
    turn(here[AW])
    move_what_is_known(here, days)
    for _ in range(2):  # a start anew, and a leaf of today between, make it no truer
        with pytest.raises(OperatorError, match=sentence) as refused:
            turn(here[AW])
        assert refused.value.code == "clock-not-believed"
        record_signal(here[AW], here.caller("AW-DIMAS", Task.SUBMIT), a_form(), f"{here[AW].clock.new_id()}")
    assert _kept(here)["form_draft"] == kept["form_draft"]
    assert ("clock-not-believed", "clock-not-believed") in told(here[AW])
    asked = ready(here[AW])
    assert (asked.status_code, asked.json()["parts"]["clock"]) == (200, "clock-not-believed"), "reports are taken"
    assert "rtr clock" in asked.json()["advice"]["clock"]
    rtr = calling(here.settings, tmp_path)
    looked = rtr("clock", "--json")
    assert (looked.exit_code, document(looked)["AW"]["code"]) == (1, "clock-not-believed")
    said = rtr("clock", "--believe", "--json")
    assert (said.exit_code, document(said)["AW"]["code"]) == (0, None)
    assert "uid" in leaves(here.settings, "clock-believed", AW)[-1]["facts"]
    turn(here[AW])
    assert ready(here[AW]).json()["parts"]["clock"] == "ok"


@pytest.mark.parametrize("days", [365, -365])
def test_where_no_worker_ever_believed_the_clock_the_newest_leaf_tells(
    here: World, kept: dict[str, int], days: int
) -> None:
    _admin(here, "UPDATE rtr.audit_leaf SET at = at - make_interval(days => %s)", days)
    with pytest.raises(OperatorError) as refused:
        turn(here[AW])
    assert refused.value.code == "clock-not-believed"
    assert _kept(here) == kept


@pytest.mark.parametrize("days", [0.5, 19])
def test_start_after_a_night_or_a_long_outage_forgets_what_is_due(
    here: World, kept: dict[str, int], days: float
) -> None:
    turn(here[AW])
    move_what_is_known(here, days)
    _admin(here, "UPDATE rtr.idempotency SET made_at = made_at - make_interval(days => %s)", 300)
    assert turn(here[AW])
    assert _kept(here) == kept | {"idempotency": 0}


def test_what_is_forgotten_goes_by_the_clock_of_the_database(here: World, kept: dict[str, int]) -> None:
    """A clock that is set after the look, and before the turn, is not looked at again."""
    clock = WrongClock(0)
    believed = ClockWatch(replace(here[AW], clock=clock)).check()
    clock.off = timedelta(days=365)
    assert keep_house(believed) == 0
    assert _kept(here) == kept


def turn(register: Register, job: str = "house") -> bool:
    """The first turn of a job of a worker that starts now."""
    appender = Appender(register, "test", lambda _log, _disowned: None)
    receiver = Receiver(register, PartnerHttp.of(register, dict), dict)  # type: ignore[arg-type] # nobody is asked
    return jobs(register, appender, receiver)[job].turn()


def told(register: Register) -> set[tuple[str, str]]:
    """What `rtr status` says, in another process with a good clock."""
    return {(str(one.code), one.detail) for one in check_node(register)}


def ready(register: Register) -> Any:
    """What a monitor is answered."""
    app = api_app.create(register, IssuerRegistry([], monotonic=lambda: 0.0), dict)  # type: ignore[arg-type] # unused
    return TestClient(app).get("/ready")


def move_what_is_known(here: World, days: float) -> None:
    """As if the database's clock had jumped by so many days since a worker believed it."""
    _admin(
        here, "UPDATE rtr.beat SET worked_at = worked_at - make_interval(secs => %s) WHERE job = 'clock'", days * 86_400
    )


def _kept(here: World) -> dict[str, int]:
    return {name: int(_admin(here, f"SELECT count(*) FROM rtr.{name}")[0][0]) for name in KEPT}


def _admin(here: World, statement: str, *values: object) -> list[Any]:
    database = here.settings.database
    address = psycopg.conninfo.make_conninfo(database.admin_url, dbname=database.name)
    with psycopg.connect(address) as connection:
        done = connection.execute(statement.encode(), values)
        return done.fetchall() if done.description else []
