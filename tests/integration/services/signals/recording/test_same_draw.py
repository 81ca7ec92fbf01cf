"""Two submissions that draw one reference at the same moment: both are taken, each under a reference of its own."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from register.domain.access.caller import Caller
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from schemas.signals.out import SignalOut
from tests.integration.store.isolation.matrix import admin
from tests.support.forms import a_form
from tests.support.world import World

AW = Partition.AW
TWIN = """
INSERT INTO rtr.signal SELECT (jsonb_populate_record(s, jsonb_build_object(
    'id', gen_random_uuid(), 'extract_id', gen_random_uuid(), 'reference', %(reference)s::text))).*
FROM rtr.signal s WHERE s.id = %(id)s
"""
WAITS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE usename = 'rtr_aw_api' AND wait_event_type = 'Lock' AND datname = current_database()"
)


def test_a_reference_taken_at_the_same_moment_is_drawn_again(
    two: World, submitter: Caller, signal: SignalOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    year = signal.reference.split("-")[1]
    fixed = iter([9_998, 9_997, 9_996])
    draw = secrets.randbelow
    monkeypatch.setattr(secrets, "randbelow", lambda below: next(fixed, None) or draw(below))
    register = two[AW]
    with psycopg.connect(admin(two)) as other, ThreadPoolExecutor(1) as pool:
        other.execute(TWIN, {"id": signal.id, "reference": f"AW-{year}-9999"})
        sent = pool.submit(record_signal, register, submitter, a_form(), str(register.clock.new_id()))
        until_somebody_waits(two)
        other.commit()
        made = sent.result()
    assert made.reference == f"AW-{year}-9998"
    with psycopg.connect(admin(two)) as connection:
        rows = connection.execute(
            "SELECT count(*) FROM rtr.data_key k WHERE country = 'AW' AND NOT EXISTS "
            "(SELECT FROM rtr.signal WHERE data_key = k.id) AND NOT EXISTS "
            "(SELECT FROM rtr.idempotency WHERE data_key = k.id) AND NOT EXISTS "
            "(SELECT FROM rtr.audit_leaf WHERE data_key = k.id) AND NOT EXISTS "
            "(SELECT FROM rtr.signal_event WHERE data_key = k.id) AND NOT EXISTS "
            "(SELECT FROM rtr.referral WHERE data_key = k.id)"
        ).fetchone()
    assert rows == (0,), "a data key that nothing is sealed under was left behind"


def until_somebody_waits(made: World) -> None:
    """Go on once a transaction of Aruba's pages waits for another's row."""
    with psycopg.connect(admin(made), autocommit=True) as looking:
        for _ in range(500):
            found: Any = looking.execute(WAITS).fetchone()
            if found[0]:
                return
            looking.execute("SELECT pg_sleep(0.02)")
    raise AssertionError("nobody waits")
