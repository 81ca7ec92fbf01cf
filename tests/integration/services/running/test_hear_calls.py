"""Calls over PostgreSQL: who hears that there is work, who does not, and what happens when nothing comes through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import psycopg
import pytest

from api.process.worker import jobs
from register.core import Register
from register.domain.access.caller import Caller
from register.errors import OperatorError
from register.services.running.hear_calls import HEARD_WITHIN_S, PROBE_EVERY_S, Ear
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from sync.appender import Appender
from sync.receiver import Receiver
from sync.transport import PartnerHttp
from tests.support.clock import HandClock
from tests.support.forms import a_form
from tests.support.undo import undone
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
ALL = "all"


class Heard:
    """An ear and what it told."""

    def __init__(self, register: Register) -> None:
        self.clock = HandClock()
        self.told: list[str] = []
        self.register = replace(register, clock=self.clock)
        self.ear = Ear(self.register, self.told.append, lambda: self.told.append(ALL))

    def listen(self) -> list[str]:
        """What it tells of by what has come; the hands of its clock stand, so that it waits for nothing more."""
        self.told.clear()
        self.clock.move(PROBE_EVERY_S)
        for _ in range(2):  # the first may hear only what it called itself
            self.ear.listen()
        return self.told

    def loses_calls(self) -> None:
        """From now on, as behind a pooler that hands connections round."""
        line = self.ear._line
        assert line is not None
        line._connection.execute("UNLISTEN *")


@pytest.fixture
def aruba(two: World) -> Iterator[Heard]:
    heard = Heard(two[AW])
    heard.ear.listen()
    assert heard.told == [ALL]  # what was called before it listened may have been missed
    yield heard
    heard.ear.close()


def record(two: World, submitter: Caller) -> None:
    record_signal(two[AW], submitter, a_form(), str(two[AW].clock.new_id()))


def test_work_that_was_committed_is_called_for(two: World, submitter: Caller, aruba: Heard) -> None:
    record(two, submitter)
    assert "pseudonymise" in aruba.listen()


def test_work_that_was_rolled_back_is_not(two: World, aruba: Heard) -> None:
    with undone(two, two.worker(AW)) as work:
        work.outbox.add("index", two[AW].clock.new_id())
    assert aruba.listen() == []


def test_another_country_of_the_same_database_hears_nothing(two: World, submitter: Caller, aruba: Heard) -> None:
    curacao = Heard(two[CW])
    curacao.ear.listen()
    record(two, submitter)
    assert curacao.listen() == []
    assert "pseudonymise" in aruba.listen()
    curacao.ear.close()


def test_channel_cannot_be_told_without_the_keys_of_the_country(two: World) -> None:
    names = {two[country].channel() for country in (AW, CW)}
    assert len(names) == 2
    assert all(len(name) == 52 and "aw" not in name.removeprefix("rtr_")[:2] for name in names)


def test_call_names_a_kind_of_work_and_no_object(two: World, submitter: Caller) -> None:
    settings = two.settings.database
    with psycopg.connect(settings.admin_url, dbname=settings.name, autocommit=True) as listening:
        listening.execute(f'LISTEN "{two[AW].channel()}"'.encode())
        record(two, submitter)
        assert {call.payload for call in listening.notifies(timeout=2, stop_after=1)} == {"pseudonymise"}


def test_connection_that_is_lost_is_told_and_made_anew(two: World, aruba: Heard) -> None:
    settings = two.settings.database
    line = aruba.ear._line
    assert line is not None
    with psycopg.connect(settings.admin_url, autocommit=True) as operator:
        operator.execute("SELECT pg_terminate_backend(%s, 5000)", [line._connection.info.backend_pid])
    aruba.told.clear()
    with suppress(OperatorError):  # it may read no more than the server's last word yet
        aruba.ear.listen()
        aruba.ear.listen()
    assert (aruba.ear.hears, aruba.told) == (False, [ALL])
    aruba.ear.listen()
    assert (aruba.ear.hears, aruba.told) == (True, [ALL, ALL])


def test_ear_that_calls_do_not_reach_says_so_and_hears_again_when_they_do(two: World, aruba: Heard) -> None:
    aruba.loses_calls()
    aruba.clock.move(PROBE_EVERY_S)
    aruba.ear.listen()
    assert aruba.ear.hears  # for a few seconds nobody can know
    aruba.clock.move(HEARD_WITHIN_S)
    aruba.told.clear()
    aruba.ear.listen()
    assert (aruba.ear.hears, aruba.told) == (False, [ALL])
    line = aruba.ear._line
    assert line is not None
    line._connection.execute(f'LISTEN "{two[AW].channel()}"'.encode())
    assert aruba.listen() == [ALL]
    assert aruba.ear.hears


def test_ear_that_is_interrupted_returns_at_once(aruba: Heard) -> None:
    aruba.ear.interrupt()
    aruba.ear.listen()  # a clock that stands: it would wait for half a minute
    assert aruba.told == [ALL]


@pytest.mark.parametrize(("hears", "waits", "rests"), [(True, False, True), (True, True, False), (False, False, False)])
def test_job_rests_only_while_calls_are_heard_and_nothing_waits(
    two: World, *, hears: bool, waits: bool, rests: bool
) -> None:
    register = two[CW]
    caller = two.worker(CW)
    about = register.clock.new_id()
    with register.work(caller) as work:
        if waits:
            work.outbox.add("match", about)
            (lease,) = work.outbox.lease("match", 1)
            work.outbox.postpone(lease, "tried-in-vain")  # nothing will call for it when it is due
    appender = Appender(register, "test", lambda _log, _disowned: None)
    with_http = Receiver(register, PartnerHttp.of(register, dict), dict)  # type: ignore[arg-type] # nobody is asked
    rest_s = jobs(register, appender, with_http, lambda: hears)["match"].rest_s
    assert rest_s is not None
    assert (rest_s() is not None) is rests
