"""Ten thousand entries with one poisoned among them, page by page."""

from __future__ import annotations

import tracemalloc

from schemas.codes import Partition
from sync.status import exchange_status
from tests.integration.exchange.bulk import draft_many
from tests.integration.exchange.looking import rows
from tests.integration.exchange.net import Net

AW, CW = Partition.AW, Partition.CW


def test_ten_thousand_entries_arrive_whole_and_one_bad_one_costs_only_itself(trio: Net) -> None:
    draft_many(trio[CW].register, AW, 4_999)
    trio[CW].put(AW, number=99_999, retain_until="2020-01-01")
    draft_many(trio[CW].register, AW, 5_000, first=5_001)
    assert trio[CW].append() == 10_000
    assert trio[AW].pull_all(CW) == 10_000
    held = rows(trio, "SELECT count(*) AS n FROM rtr.received_record WHERE country = 'AW' AND live")
    assert held == [{"n": 9_999}]
    assert rows(trio, "SELECT seq, code FROM rtr.quarantine") == [{"seq": 5_000, "code": "retention-passed"}]
    status = next(p for p in exchange_status(trio[CW].register).partners if p.partner is AW)
    assert status.sent.not_converged == ("quarantine",)


def test_an_answer_is_bounded_in_bytes_whatever_is_waiting(trio: Net) -> None:
    draft_many(trio[CW].register, AW, 600)
    trio[CW].append()
    sender = trio[CW].sender()
    answer = sender.pull(AW, "n" * 24, incarnation=1, after=0, max_bytes=100_000)
    assert 50_000 < len(answer) < 110_000
    tracemalloc.start()
    sender.pull(AW, "n" * 24, incarnation=1, after=0, max_bytes=100_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3_000_000
