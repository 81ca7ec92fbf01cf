"""What is held after any mix of telling, taking back and pulling equals a model of three lines."""

from __future__ import annotations

import random
from uuid import UUID

import pytest

from register.domain.running.consumer import Consumer
from register.services.running.keep_house import destroy_keys
from schemas.codes import Partition
from sync.status import exchange_status
from tests.integration.exchange.looking import held, rows
from tests.integration.exchange.net import Net

AW, CW = Partition.AW, Partition.CW


@pytest.mark.parametrize("seed", range(4))
def test_what_is_held_equals_the_model(trio: Net, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seeded test, nothing secret
    said: dict[UUID, tuple[int, str | None]] = {}
    for step in range(60):
        kind = chance.choices(["put", "again", "retract", "append", "pull", "index"], [5, 4, 3, 3, 3, 1])[0]
        live = [name for name, (_, reference) in said.items() if reference]
        if kind == "put":
            said[trio[CW].put(AW, number=step)] = (1, f"CW-2026-{step}")
        elif kind == "again" and said:
            about = chance.choice(list(said))
            trio[CW].put(AW, number=step, about=about)
            said[about] = (said[about][0] + 1, f"CW-2026-{step}")
        elif kind == "retract" and live:
            about = chance.choice(live)
            trio[CW].retract(about, AW)
            said[about] = (said[about][0] + 1, None)
        elif kind == "append":
            trio[CW].appender.turn()
        elif kind == "pull":
            assert trio[AW].pull(CW).error is None
        else:
            index(trio)
    trio[CW].append()
    trio[AW].pull_all(CW)
    expected = {name: reference for name, (_, reference) in said.items() if reference}
    assert held(trio[AW], CW, *said) == expected
    versions = rows(trio, "SELECT object, version FROM rtr.received_record WHERE country = 'AW'")
    assert {row["object"]: row["version"] for row in versions} == {name: v for name, (v, _) in said.items()}
    keyed = rows(trio, "SELECT DISTINCT record FROM rtr.search_key WHERE country = 'AW'")
    assert {row["record"] for row in keyed} == set(expected)
    destroy_keys(trio[AW].register, 1_000)
    sealed = rows(trio, "SELECT count(*) AS n FROM rtr.data_key WHERE country = 'AW'")
    assert sealed == [{"n": len(expected)}]
    index(trio)
    trio[AW].receiver.acknowledge(CW)
    status = next(p for p in exchange_status(trio[CW].register).partners if p.partner is AW)
    assert status.sent.not_converged == ()


def index(net: Net) -> None:
    """Bring an imagined index to the records' state, as the job of the index does."""
    with net[AW].register.work(net[AW].caller()) as work:
        leases = work.running.outbox.lease(Consumer.INDEX, 500)
        for lease in leases:
            ((origin, version, live),) = work.exchange.held.origins_of(lease.object)
            if not live:
                work.exchange.received.confirm_removed(origin, lease.object)
            work.search.indexed.note(origin, lease.object, version, None)
        work.running.outbox.settle_many(leases)
