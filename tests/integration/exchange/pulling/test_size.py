"""Thousands of entries with one poisoned among them, page by page; ten thousand in the long form."""

from __future__ import annotations

import tracemalloc

from schemas.codes import Partition
from sync.status import exchange_status
from tests.integration.exchange.bulk import draft_many
from tests.integration.exchange.looking import rows
from tests.integration.exchange.net import Net
from tests.support.runs.long_form import by_form

AW, CW = Partition.AW, Partition.CW


def test_thousands_of_entries_arrive_whole_and_one_bad_one_costs_only_itself(trio: Net) -> None:
    count = by_form(short=3_000, long=10_000)
    bad = count // 2
    draft_many(trio[CW].register, AW, bad - 1)
    trio[CW].put(AW, number=99_999, retain_until="2020-01-01")
    draft_many(trio[CW].register, AW, count - bad, first=bad + 1)
    assert count > 2 * trio[AW].register.settings.sync.page_entries_max, "one page before it, and one after"
    assert trio[CW].append() == count
    assert trio[AW].pull_all(CW) == count
    held = rows(trio, "SELECT count(*) AS n FROM rtr.received_record WHERE country = 'AW' AND live")
    assert held == [{"n": count - 1}]
    assert rows(trio, "SELECT seq, code FROM rtr.quarantine") == [{"seq": bad, "code": "retention-passed"}]
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
