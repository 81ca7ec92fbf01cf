"""Where node and keeper share a machine nobody signs: the label says so, and a partner of that edition holds it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.services.signals.approving.approve_signal import approve_signal
from register.services.signals.record_signal import record_signal
from register.services.signals.share_signal import lease_signals, share_signal
from schemas.codes import Partition
from tests.integration.exchange.looking import rows
from tests.integration.exchange.net import Net, net
from tests.support.forms import a_form

BQ, NL = Partition.BQ, Partition.NL


@pytest.fixture(scope="module")
def demo() -> Iterator[Net]:
    with net(BQ, NL) as made:
        yield made


@pytest.mark.parametrize("single", [False, True], ids=["standing", "single"])
def test_what_the_edition_or_the_page_approved_is_held_as_the_nodes_word(demo: Net, single: bool) -> None:  # noqa: FBT001 - a table
    register = demo[BQ].register
    form = a_form(place={"island": "BONAIRE", "location_type": "STREET"}, single_approval=single)
    made = record_signal(register, demo.world.caller("BQ-KPCN", Task.SUBMIT), form, str(register.clock.new_id()))
    if single:
        prosecutor = demo.world.caller("BQ-OM", Task.PROSECUTE, actor="prosecutor")
        approve_signal(register, prosecutor, SignalId(made.id), "Weighed.", version=1)
    for lease in lease_signals(register, 100):
        share_signal(register, lease)
    demo[BQ].append()
    demo[NL].pull_all(BQ)
    (row,) = rows(demo, "SELECT extract_id FROM rtr.signal WHERE country = 'BQ' AND id = :i", i=made.id)
    with demo[NL].register.work(demo[NL].caller()) as work:
        put = work.exchange.held.open(BQ, [row["extract_id"]])[row["extract_id"]].put
    assert (put.label.gate, put.approval) == ("node", None)
