"""Planted names and numbers are where they must be, and nowhere else: columns, dumps and logs hold none of them.

The test first reads every one of them back through the register, so that it cannot pass because nothing was stored.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from register import logs
from register.domain.access.caller import Task
from register.domain.signals.history import SignalEvent
from register.domain.signals.signal import SignalId
from register.errors import CallerError
from register.services.signals.read_signal import read_signal
from register.services.signals.record_signal import record_signal
from rtr_trial.demo.made_up import data
from schemas.codes import Partition
from schemas.signals.parts import SelectorIn
from schemas.signals.signal import SignalIn
from tests.integration.store.backups import plain_text, take
from tests.integration.store.isolation.catalogue import columns_as_text
from tests.integration.store.isolation.matrix import admin
from tests.support.records.canaries import Needles
from tests.support.started import servers
from tests.support.world import World, world

FEWEST_CANARIES = 100
CANARIES = data.canaries()
FIRST_KEY = "the first of AW-DIMAS"
_FIRST = next(n for n, s in enumerate(data.signals()) if s.organisation == "AW-DIMAS")


@dataclass(frozen=True)
class Planted:
    """The demo's signals in a register.

    Attributes:
        read: what was read back of them.
        log: what the process wrote meanwhile, and what the errors say that callers and operators are shown.
    """

    world: World
    read: tuple[SignalIn, ...]
    log: str


@pytest.fixture(scope="module")
def planted(request: pytest.FixtureRequest) -> Iterator[Planted]:
    capture = request.getfixturevalue("capturing")
    with world() as made:
        sent = [(s.country, s.organisation, s.form) for s in (*data.signals(), *data.signals_during_cut())]
        known = []
        for n, (country, organisation, form) in enumerate(sent):
            caller = made.caller(organisation, Task.SUBMIT, Task.READ_OWN)
            out = record_signal(made[country], caller, form, FIRST_KEY if n == _FIRST else f"key-{n}")
            known.append(read_signal(made[country], caller, SignalId(out.id)).form)
        said = _stumble(made)
        yield Planted(made, tuple(known), capture() + said)


@pytest.fixture(scope="module")
def capturing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Our own log lines and those of libraries, as the process would write them to standard error."""
    import sys

    file = tmp_path_factory.mktemp("log") / "stderr"
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    with pytest.MonkeyPatch.context() as patch, file.open("w", encoding="utf-8") as stream:
        patch.setattr(sys, "stderr", stream)
        logs.configure("DEBUG")
        logs.logger().info("canary.watch", count=len(CANARIES), name=CANARIES[0])

        def said() -> str:
            assert logs.flush_log()
            stream.flush()
            return file.read_text(encoding="utf-8")

        yield said
    root.handlers, root.level = before, level


@pytest.fixture(scope="module")
def needles() -> Needles:
    return Needles(CANARIES)


def test_the_canaries_are_found_where_they_must_be(planted: Planted, needles: Needles) -> None:
    text = "\n".join(form.model_dump_json() for form in planted.read)
    squeezed = text.replace(" ", "")
    assert len(CANARIES) >= FEWEST_CANARIES
    assert [c for c in CANARIES if c not in text and c not in squeezed] == []
    assert needles.found_in(text.encode()) != []


def test_no_column_of_any_table_holds_a_canary(planted: Planted, needles: Needles) -> None:
    columns = dict(_columns(planted.world))
    assert len(columns) > 200
    assert sum(map(len, columns.values())) > 300_000
    assert {c: needles.found_in(text)[:3] for c, text in columns.items() if needles.found_in(text)} == {}


def test_no_backup_holds_a_canary(planted: Planted, needles: Needles, tmp_path: Path) -> None:
    sizes = 0
    for country in Partition:
        for file in take(planted.world, "wheel", country, tmp_path):
            text = plain_text("wheel", file) if file.suffix == ".dump" else file.read_bytes()
            sizes += len(text)
            assert needles.found_in(text) == [], file.name
            assert needles.found_in(file.read_bytes()) == [], file.name
    assert sizes > 300_000


def test_no_log_of_the_server_holds_a_canary(planted: Planted, needles: Needles) -> None:
    log = servers.server("wheel").log_file.read_bytes()
    assert b"ERROR" in log, "the mistakes that were made on purpose are in it"
    assert needles.found_in(log) == []
    assert planted.world is not None


def test_no_log_line_of_ours_holds_a_canary(planted: Planted, needles: Needles) -> None:
    assert "canary.watch" in planted.log
    assert '"name": "withheld"' in planted.log
    assert "library.log" in planted.log
    assert needles.found_in(planted.log.encode()) == []


@pytest.mark.parametrize(
    ("table", "column", "leak"),
    [
        ("audit_leaf", "commitment", "jsonb_build_object('name', 'Zeno Testman')"),
        ("outbox", "last_error", "'no such number: +2970000201'"),
        ("outbox", "last_error", "encode(sha256('+2970000201'), 'hex')"),
        ("outbox", "last_error", "encode('zeno testman', 'base64')"),
        ("blind_index", "blind", "sha256('zeno testman')"),
        ("blind_index", "blind", "'ZENO TESTMAN'::bytea"),
        ("signal", "coded", "jsonb_build_object('note', 'call 2970000201')"),
    ],
)
def test_a_row_that_leaks_is_found(planted: Planted, needles: Needles, table: str, column: str, leak: str) -> None:
    with psycopg.connect(admin(planted.world)) as connection:
        connection.execute(
            f"UPDATE rtr.{table} SET {column} = {leak} WHERE ctid = (SELECT ctid FROM rtr.{table}_aw LIMIT 1) "
            "AND country = 'AW'".encode()
        )
        found = {name for name, text in columns_as_text(connection, f"rtr.{table}") if needles.found_in(text)}
        connection.rollback()
    assert found == {f"rtr.{table}_aw.{column}"}


def test_a_leaking_row_is_found_in_a_backup(planted: Planted, needles: Needles, tmp_path: Path) -> None:
    with psycopg.connect(admin(planted.world), autocommit=True) as connection:
        connection.execute("UPDATE rtr.outbox SET last_error = 'Zeno Testman' WHERE country = 'AW'")
        rows, *_ = take(planted.world, "wheel", Partition.AW, tmp_path)
        connection.execute("UPDATE rtr.outbox SET last_error = NULL WHERE country = 'AW'")
    assert needles.found_in(plain_text("wheel", rows)) != []


def _stumble(made: World) -> str:
    """Mistakes with canaries in hand: whoever reports them must not repeat them. Returns what the errors say."""
    register, caller = made[Partition.AW], made.caller("AW-DIMAS", Task.SUBMIT)
    name, phone = CANARIES[-1], next(c for c in CANARIES if c.startswith("+"))
    form = next(s.form for s in data.signals() if s.organisation == "AW-DIMAS")
    unreadable = SelectorIn(type="PHONE", value=f"{name} {phone}")
    mistakes = (
        (form.model_copy(update={"urgency": "NOW"}), FIRST_KEY),
        (form.model_copy(update={"selectors": (unreadable,)}), "unreadable"),
        (form.model_copy(update={"received_on": date(2199, 1, 1)}), "future"),
    )
    said = []
    for wrong, key in mistakes:
        with pytest.raises(CallerError) as refused:
            record_signal(register, caller, wrong, key)
        said.append(f"{refused.value} {refused.value.advice} {refused.value.details}")
    with pytest.raises(DBAPIError), register.work(caller) as work:
        work.signals.timeline.note(
            SignalId(register.clock.new_id()), SignalEvent.AMENDED, caller.actor, {}, reason=f"{name} {phone}",
            ends=register.today(),
        )  # fmt: skip
    logging.getLogger("some.library").warning("could not parse %s", phone)
    logs.logger().warning("job.failed", code="test", where="here", phone=phone, error=f"about {name}")
    return "\n".join(said)


def _columns(made: World) -> Iterator[tuple[str, bytes]]:
    with psycopg.connect(admin(made)) as connection:
        yield from columns_as_text(connection)
