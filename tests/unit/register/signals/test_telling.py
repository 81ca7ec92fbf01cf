"""What a partner stands at follows from its own receipts, and the timeline loses and invents nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.domain.signals.history import ExchangeEvent, HistoryLine, SignalEvent, build_timeline
from register.domain.signals.telling import Delivery, Stand, Told, by_partner, not_told, stand_of
from schemas.codes import Partition

AT = datetime(2026, 3, 1, tzinfo=UTC)
CW = Partition.CW


def hours(n: int) -> datetime:
    return AT + timedelta(hours=n)


def put(version: int = 1, *, received: int | None = None, refused: bool = False) -> Told:
    return Told(
        partner=CW, version=version, withdrawal=False, decided_at=hours(version),
        received_at=None if received is None else hours(received), refused=refused,
    )  # fmt: skip


def taken_back(version: int, *, done: int | None = None) -> Told:
    return Told(
        partner=CW, version=version, withdrawal=True, decided_at=hours(version), due_at=hours(version + 24),
        done_at=None if done is None else hours(done),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "delivery", "at"),
    [
        ([], Delivery.NOTHING, None),
        ([put()], Delivery.ON_ITS_WAY, 1),
        ([put(received=5)], Delivery.RECEIVED, 5),
        ([put(received=5), put(2)], Delivery.RECEIVED, 5),
        ([put(received=5), put(2, received=7)], Delivery.RECEIVED, 7),
        ([put(received=5, refused=True)], Delivery.REFUSED, 5),
        ([put(received=5), taken_back(2)], Delivery.WITHDRAWING, 2),
        ([put(received=5), taken_back(2, done=9)], Delivery.WITHDRAWN, 9),
        ([put(received=5), taken_back(2, done=9), put(3)], Delivery.ON_ITS_WAY, 3),
    ],
)
def test_stand_of_a_partner(told: list[Told], delivery: Delivery, at: int | None) -> None:
    stand = stand_of(told)

    assert (stand.delivery, stand.at) == (delivery, None if at is None else hours(at))


def test_timeline_says_what_was_decided_and_cannot_be_told() -> None:
    """What a receipt covers was told, whatever the log does now; the rest waits behind a log that is stopped."""
    told = [put(received=2), put(2), taken_back(3)]
    held = [line.what for line in build_timeline([], told, {CW})]
    assert sorted(map(str, held)) == ["recall-held", "share-held", "share-received", "shared"]
    assert sorted(str(line.what) for line in build_timeline([], told, {Partition.SX})) == [
        "recalled", "share-received", "shared", "shared",
    ]  # fmt: skip


@pytest.mark.parametrize("withdrawn", [True, False])
def test_sentence_names_each_partner_that_is_not_told_since_when_and_to_telephone(*, withdrawn: bool) -> None:
    assert not_told({}, withdrawn=withdrawn) is None
    says = not_told({Partition.SX: hours(2), CW: hours(1)}, withdrawn=withdrawn)
    assert says is not None
    assert "Curaçao and Sint Maarten cannot be told now" in says
    assert "2026-03-01 01:00 UTC" in says
    assert "elephone" in says


def test_partner_that_has_an_older_state_has_it_while_the_newer_is_on_its_way() -> None:
    assert stand_of([put(received=5), put(2)]).newer
    assert not stand_of([put(received=5), put(2, received=6)]).newer


def test_withdrawal_under_way_says_by_when_it_is_due() -> None:
    assert stand_of([put(received=5), taken_back(2)]).due_at == hours(26)


def test_a_withdrawal_that_is_not_confirmed_says_by_when_it_is_due_whatever_was_told_after_it() -> None:
    narrowed = [put(received=5), taken_back(2), put(3)]
    assert stand_of(narrowed) == Stand(Delivery.ON_ITS_WAY, hours(3), due_at=hours(26))
    assert stand_of([*narrowed, taken_back(4, done=9)]).due_at == hours(26)
    assert stand_of([put(received=5), taken_back(2, done=9), put(3)]).due_at is None


moments = st.none() | st.integers(0, 50).map(hours)
tellings = st.lists(
    st.builds(
        Told, partner=st.sampled_from([CW, Partition.NL]), version=st.integers(1, 9), withdrawal=st.booleans(),
        decided_at=st.integers(0, 50).map(hours), received_at=moments, done_at=moments, refused=st.booleans(),
    ),
    max_size=8, unique_by=lambda t: (t.partner, t.version),
)  # fmt: skip


@given(tellings)
def test_nothing_counts_as_received_or_gone_without_a_receipt(told: list[Told]) -> None:
    for several in by_partner(told).values():
        stand = stand_of(several)
        if stand.delivery is Delivery.RECEIVED:
            assert stand.at in {t.received_at for t in several if not t.withdrawal and not t.refused}
        if stand.delivery is Delivery.WITHDRAWN:
            assert several[-1].withdrawal
            assert stand.at == several[-1].done_at
        if several[-1].withdrawal:
            assert stand.delivery in {Delivery.WITHDRAWING, Delivery.WITHDRAWN}


@given(tellings, st.lists(st.integers(0, 50).map(hours), max_size=6))
def test_timeline_is_in_order_and_holds_every_event_once(told: list[Told], events: list[datetime]) -> None:
    own = [HistoryLine(at, SignalEvent.AMENDED, "somebody", {"n": n}) for n, at in enumerate(sorted(events))]
    lines = build_timeline(own, told)

    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert [line for line in lines if isinstance(line.what, SignalEvent)] == own
    assert sum(line.what in {ExchangeEvent.SHARED, ExchangeEvent.RECALLED} for line in lines) == len(told)
    for line in lines:
        if line.actor.startswith("partner:"):
            assert line.at in {t.received_at for t in told} | {t.done_at for t in told}
