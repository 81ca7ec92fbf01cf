"""Pseudonyms that an older release kept in plain are sealed by the worker; none is lost, or asked for again."""

from __future__ import annotations

import psycopg

from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.services.running import operate_database
from register.services.running.keep_house import seal_pseudonyms
from register.services.signals.record_signal import record_signal
from register.store.signals.own_tokens import TokenRow
from schemas.codes import Partition
from tests.migrations.test_receipts_by_entry import _move
from tests.support.forms import a_form
from tests.support.told import drafts_of, live_blinds, share_all
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW
BEFORE = "2026_11_30_37"
IN_PLAIN = (
    "INSERT INTO rtr.token (country, signal_id, token, subject_n, family, version, epoch, use, withheld_by, blind) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def _query(made: World, statement: str, *values: object) -> list[tuple[object, ...]]:
    database = made.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:
        done = connection.execute(statement.encode(), values)
        return done.fetchall() if done.description else []


def _held(made: World, country: Partition, signal: SignalId) -> list[TokenRow]:
    with made[country].work(made.worker(country)) as work:
        return work.signals.own_tokens.of(signal)


def test_what_stood_in_plain_is_sealed_and_what_says_no_key_is_made_anew() -> None:
    with world(countries=(AW, CW)) as made:
        aruban, of_curacao = (
            SignalId(record_signal(made[c], made.caller(by, Task.SUBMIT), a_form(), "one").id)
            for c, by in ((AW, "AW-DIMAS"), (CW, "CW-KPC"))
        )
        share_all(made[AW])
        share_all(made[CW])
        known, told = _held(made, AW, aruban), drafts_of(made[AW], aruban, CW)
        assert live_blinds(made[AW], aruban, CW)
        _move(made.settings, BEFORE)
        assert _query(made, "SELECT count(*) FROM rtr.token") == [(0,)], "no older release can open what is sealed"
        waiting = "SELECT object FROM rtr.outbox WHERE consumer = 'pseudonymise' ORDER BY country"
        pending = "SELECT id FROM rtr.signal WHERE pseudonyms = 'pending' ORDER BY country"
        assert _query(made, waiting) == _query(made, pending) == [(aruban,), (of_curacao,)]

        for t in known:
            row = (t.token, t.subject_n, t.family, t.version, t.epoch, t.use, t.withheld_by)
            _query(made, IN_PLAIN, AW, aruban, *row, t.blind)
            _query(made, IN_PLAIN, CW, of_curacao, *row, None)
        _query(made, "UPDATE rtr.signal SET pseudonyms = 'done'")
        _query(made, "DELETE FROM rtr.outbox")
        operate_database.migrate(made.settings)
        assert _query(made, waiting) == _query(made, pending) == [(of_curacao,)]
        assert _held(made, AW, aruban) == known, "until it is sealed it is read as it stands"

        made.down.update(Partition)
        _query(made, "UPDATE rtr.signal SET account = account || decode('00', 'hex')")
        assert [seal_pseudonyms(made[AW], 100) for _ in range(2)] == [1, 0], "of a report that does not open, too"
        _query(made, "UPDATE rtr.signal SET account = substr(account, 1, length(account) - 1)")
        assert _query(made, "SELECT count(*) FROM rtr.token WHERE plain IS NOT NULL OR sealed IS NULL") == [(0,)]
        assert _held(made, AW, aruban) == known
        share_all(made[AW])
        assert drafts_of(made[AW], aruban, CW) == told
