"""Withdrawals: gone at the partner, and done only when the partner's index has said so."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from register.services.running.keep_house import destroy_keys
from schemas.codes import Partition
from sync.status import PartnerStatus, exchange_findings, exchange_status
from tests.integration.exchange.looking import held, record, rows, verdicts
from tests.integration.exchange.net import Net, Node

AW, CW = Partition.AW, Partition.CW


def of(node: Node, partner: Partition) -> PartnerStatus:
    return next(p for p in exchange_status(node.register).partners if p.partner is partner)


def told(net: Net) -> None:
    net[CW].append()
    net[AW].pull_all(CW)


def confirm(net: Net, *objects: object) -> None:
    with net[AW].register.work(net[AW].caller()) as work:
        for about in objects:
            work.exchange.received.confirm_removed(CW, about)  # type: ignore[arg-type]  # ids of the test


def test_a_retraction_destroys_body_key_and_search_keys_and_leaves_a_tombstone(trio: Net) -> None:
    about = trio[CW].put(AW)
    told(trio)
    assert held(trio[AW], CW, about)
    key = record(trio, AW, about)["data_key"]
    trio[CW].retract(about, AW)
    told(trio)
    row = record(trio, AW, about)
    assert (row["version"], row["live"], row["reason"], row["type"]) == (2, False, "withdrawn", "indicator.retract")
    assert {row[name] for name in ("body_sealed", "salt_sealed", "data_key", "reference", "roles")} == {None}
    destroy_keys(trio[AW].register, 1_000)
    assert not rows(trio, "SELECT 1 FROM rtr.data_key WHERE country = 'AW' AND id = :id", id=key)
    assert not rows(trio, "SELECT 1 FROM rtr.search_key WHERE country = 'AW' AND record = :r", r=about)
    assert verdicts(trio, AW, CW) == ["held", "tombstone"]
    waiting = rows(trio, "SELECT consumer FROM rtr.outbox WHERE country = 'AW' AND object = :o ORDER BY 1", o=about)
    assert [row["consumer"] for row in waiting] == ["index", "match"]


def test_a_retraction_is_listed_in_a_receipt_only_after_the_index_confirmed_it(trio: Net) -> None:
    about = trio[CW].put(AW)
    told(trio)
    trio[CW].retract(about, AW)
    told(trio)
    assert trio[AW].receiver.acknowledge(CW) is None
    assert of(trio[CW], AW).sent.open_retracts == 1
    assert of(trio[CW], AW).sent.not_converged == ("index-behind",)
    confirm(trio, about)
    assert trio[AW].receiver.acknowledge(CW) is None
    assert of(trio[CW], AW).sent.open_retracts == 0
    assert of(trio[CW], AW).sent.converged
    (told_of,) = rows(trio, "SELECT done_n FROM rtr.draft WHERE country = 'CW' AND type = 'indicator.retract'")
    (last,) = rows(trio, "SELECT max(n) AS n FROM rtr.receipt_got WHERE country = 'CW'")
    assert told_of["done_n"] == last["n"]


def test_a_retraction_past_its_time_is_named_until_it_is_done(trio: Net) -> None:
    about = trio[CW].put(AW)
    told(trio)
    trio[CW].retract(about, AW, within=timedelta(hours=1))
    told(trio)
    assert of(trio[CW], AW).sent.overdue == ()
    trio.clocks[CW].offset = timedelta(hours=2)
    assert of(trio[CW], AW).sent.overdue == (about,)
    trio.clocks[CW].offset = timedelta()
    confirm(trio, about)
    trio[AW].receiver.acknowledge(CW)
    trio.clocks[CW].offset = timedelta(hours=2)
    assert of(trio[CW], AW).sent.overdue == ()


def test_the_body_of_what_was_retracted_before_it_was_pulled_never_leaves(trio: Net) -> None:
    about = trio[CW].put(AW)
    trio[CW].append()
    trio[CW].retract(about, AW)
    told(trio)
    assert not held(trio[AW], CW, about)
    assert verdicts(trio, AW, CW) == ["gone", "tombstone"]


def test_sharing_again_after_a_retraction_is_held_under_a_higher_version(trio: Net) -> None:
    about = trio[CW].put(AW, number=1)
    told(trio)
    trio[CW].retract(about, AW)
    told(trio)
    trio[CW].put(AW, number=2, about=about)
    told(trio)
    assert held(trio[AW], CW, about) == {about: "CW-2026-2"}
    assert record(trio, AW, about)["version"] == 3


def test_a_retraction_replaced_by_a_newer_version_is_done_once_the_index_holds_that(trio: Net) -> None:
    about = trio[CW].put(AW)
    told(trio)
    trio[CW].retract(about, AW)
    trio[CW].put(AW, number=2, about=about)
    told(trio)
    assert verdicts(trio, AW, CW) == ["held", "tombstone", "held"]
    assert of(trio[AW], CW).received.unconfirmed == 1
    with trio[AW].register.work(trio[AW].caller()) as work:
        work.search.indexed.note(CW, about, 3, None)
    assert of(trio[AW], CW).received.unconfirmed == 0
    trio[AW].receiver.acknowledge(CW)
    (given,) = rows(trio, "SELECT claims FROM rtr.receipt_got WHERE country = 'CW' ORDER BY n DESC LIMIT 1")
    assert given["claims"]["retracted_done"] == [2]


def narrowed(net: Net) -> UUID:
    """An extract that Aruba has, taken back within the hour and told again with less in the same moment."""
    about = net[CW].put(AW)
    told(net)
    net[CW].retract(about, AW, within=timedelta(hours=1))
    net[CW].put(AW, number=2, about=about)
    net[CW].append()
    return about


def test_a_withdrawal_stays_open_until_it_is_confirmed_whatever_was_told_after_it(trio: Net) -> None:
    about = narrowed(trio)
    silent = of(trio[CW], AW).sent
    assert (silent.open_retracts, silent.overdue, silent.converged) == (1, (), False)
    trio.clocks[CW].offset = timedelta(hours=2)
    silent = of(trio[CW], AW).sent
    assert (silent.open_retracts, silent.overdue) == (1, (about,))
    assert "withdrawals-overdue" in {one.code for one in exchange_findings(exchange_status(trio[CW].register))}

    trio.clocks[CW].offset = timedelta()
    trio[AW].pull_all(CW)
    with trio[AW].register.work(trio[AW].caller()) as work:
        work.search.indexed.note(CW, about, 3, None)
    trio[AW].receiver.acknowledge(CW)
    done = of(trio[CW], AW).sent
    assert (done.open_retracts, done.converged) == (0, True)
    trio.clocks[CW].offset = timedelta(hours=2)
    assert of(trio[CW], AW).sent.overdue == ()


def test_each_withdrawal_of_one_extract_is_confirmed_by_its_own_number(trio: Net) -> None:
    about = narrowed(trio)
    trio[AW].pull_all(CW)
    trio[CW].retract(about, AW)
    told(trio)
    assert of(trio[CW], AW).sent.open_retracts == 2
    rows(
        trio,
        "UPDATE rtr.received_stub SET index_done_at = now() WHERE country = 'AW' AND seq = 2 AND verdict = 'tombstone'",
    )
    trio[AW].receiver.acknowledge(CW)
    assert of(trio[CW], AW).sent.open_retracts == 1, "the older one says nothing of the newer one"
    confirm(trio, about)
    trio[AW].receiver.acknowledge(CW)
    assert of(trio[CW], AW).sent.open_retracts == 0


def test_more_retractions_than_one_receipt_lists_are_all_done_in_the_next(trio: Net) -> None:
    objects = [trio[CW].put(AW, number=n) for n in range(1, 5)]
    told(trio)
    for about in objects:
        trio[CW].retract(about, AW)
    told(trio)
    confirm(trio, *objects)
    trio[AW].receiver.acknowledge(CW)
    assert of(trio[CW], AW).sent.open_retracts == 0
    assert not of(trio[CW], AW).sent.not_converged


@pytest.mark.parametrize("function", ["api", "worker"])
def test_no_log_in_says_that_a_withdrawal_is_done_which_no_receipt_lists(trio: Net, function: str) -> None:
    about = trio[CW].put(AW)
    told(trio)
    trio[CW].retract(about, AW)
    told(trio)
    assert rows(trio, "SELECT n FROM rtr.receipt_got WHERE country = 'CW' AND n = 1") == [{"n": 1}]
    for n in (1, 9):
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            trio[CW].register.database.transaction(function) as connection,
        ):
            connection.execute(sa.text(f"UPDATE rtr.draft SET done_n = {n} WHERE type = 'indicator.retract'"))
    assert of(trio[CW], AW).sent.open_retracts == 1
