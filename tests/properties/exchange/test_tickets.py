"""What is evaluated on tickets: never more than free limits and tickets give, in any order of requests and days."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from register.domain.exchange.limits import ALL, Allowances
from register.domain.exchange.quotas import Full, OnTicket, TooMany, Used, find_full_layer, judge_on_ticket, minute_of
from schemas.exchange.wire import Book, LimitRow, Limits

BEGIN = datetime(2026, 11, 30, 22, 0, tzinfo=UTC)
ROW = {"five_minutes": 20, "day": 60, "thirty_days": 100, "organisation_day": 60, "actor_day": 60}
LIMITS = Limits(
    parts=2,
    new_actors_a_day=100,
    ticket_keys_a_day=80,
    rows=tuple(
        LimitRow.model_validate({"book": book, "selector_class": name, **ROW})
        for book in Book
        for name in ("other", ALL)
    ),
)
ALLOWED = Allowances(LIMITS)
TICKETS = {"nodes": (70, False), "nodes too": (200, False), "persons": (300, True)}
"""Keys of each, and whether persons signed it."""

requests = st.lists(
    st.tuples(
        st.integers(0, 60 * 24 * 12),  # minutes since the one before
        st.integers(1, 20),
        st.sampled_from(["phone", "email"]),
        st.sampled_from([None, *TICKETS]),
    ),
    max_size=60,
)


class Evaluator:
    """Counts as the store does: what has no room is asked on the ticket, and counted on it alone."""

    def __init__(self) -> None:
        self.free: list[tuple[datetime, str, int]] = []
        self.on_tickets: list[tuple[datetime, str, int, str]] = []

    def used(self, now: datetime) -> Used:
        minutes: dict[str, list[tuple[datetime, int]]] = {}
        days: dict[str, list[tuple[date, int]]] = {}
        ticketed: dict[str, list[tuple[date, int]]] = {}
        today: Counter[str] = Counter()
        for at, name, keys in self.free:
            for one in (name, ALL):
                minutes.setdefault(one, []).append((minute_of(at), keys))
                days.setdefault(one, []).append((at.date(), keys))
                today[one] += keys if at.date() == now.date() else 0
        for at, name, keys, ticket in self.on_tickets:
            for one in (name, ALL) if not TICKETS[ticket][1] else ():
                ticketed.setdefault(one, []).append((at.date(), keys))
        return Used(minutes=minutes, days=days, ticketed=ticketed, organisation=today, actor=today, actor_known=True)

    def ask(self, now: datetime, name: str, keys: int, ticket: str | None) -> None:
        used = self.used(now)
        full = find_full_layer({name: keys}, used, ALLOWED, book=Book.REGISTRATIONS, now=now) if keys <= 10 else None
        if keys <= 10 and full is None:
            self.free.append((now, name, keys))
            return
        if ticket is None:
            return
        most, by_persons = TICKETS[ticket]
        on = OnTicket(
            keys=most,
            spent=sum(k for _, _, k, t in self.on_tickets if t == ticket),
            by_persons=by_persons,
            today=sum(k for at, _, k, t in self.on_tickets if at.date() == now.date() and not TICKETS[t][1]),
        )
        slot = None if full is None else full.retry_at
        found = judge_on_ticket({name: keys}, {Book.REGISTRATIONS: used}, ALLOWED, on, free=slot, now=now)
        if found is None:
            self.on_tickets.append((now, name, keys, ticket))
        elif isinstance(found, TooMany):
            assert slot is None, "what has room without the ticket some day is told when"
            assert found.most < keys, "and what is said to fit is less than was asked"
        else:
            assert found.retry_at > now

    def within(self, ends: date, *, name: str | None = None, persons: bool = False) -> int:
        """Keys of the thirty days that end with a day."""
        begins = ends - timedelta(days=30)
        free = sum(k for at, n, k in self.free if begins <= at.date() <= ends and name in {n, None})
        return free + sum(
            k
            for at, n, k, t in self.on_tickets
            if begins <= at.date() <= ends and name in {n, None} and (persons or not TICKETS[t][1])
        )


@given(requests)
@settings(max_examples=200)
def test_no_more_is_evaluated_than_the_free_limits_and_the_tickets_keys(
    asked: list[tuple[int, int, str, str | None]],
) -> None:
    found, now = Evaluator(), BEGIN
    for minutes, keys, name, ticket in asked:
        now += timedelta(minutes=minutes)
        found.ask(now, name, keys, ticket)
        for one in ("phone", "email", None):
            bound = 50
            assert found.within(now.date(), name=one) <= bound, "thirty days bind what no person signed"
            by_persons = sum(k // 2 for k, persons in TICKETS.values() if persons)
            assert found.within(now.date(), name=one, persons=True) <= bound + by_persons
    for ticket, (most, _) in TICKETS.items():
        assert sum(k for _, _, k, t in found.on_tickets if t == ticket) <= most // 2, "a half at each"
    a_day: Counter[date] = Counter()
    for at, _, keys, ticket in found.on_tickets:
        a_day[at.date()] += 0 if TICKETS[ticket][1] else keys
    assert all(keys <= 40 for keys in a_day.values()), "a half of a day's ceiling of tickets that no person signed"


@given(
    keys=st.integers(1, 60),
    ticket=st.integers(0, 60),
    spent=st.integers(0, 30),
    ceiling=st.integers(1, 80),
    by_persons=st.booleans(),
)
def test_a_slot_is_named_only_where_waiting_helps_and_what_is_said_to_fit_fits(
    *, keys: int, ticket: int, spent: int, ceiling: int, by_persons: bool
) -> None:
    """A used-up ticket or a lowered ceiling that says "tomorrow" says so for ever."""
    allowed = Allowances(LIMITS.model_copy(update={"ticket_keys_a_day": ceiling}))
    slot = BEGIN + timedelta(days=3) if keys <= 10 else None

    def judged(count: int) -> object:
        on = OnTicket(keys=ticket, spent=spent, by_persons=by_persons, today=0)
        unused = {Book.REGISTRATIONS: Used(actor_known=True)}
        return judge_on_ticket({"phone": count}, unused, allowed, on, free=slot, now=BEGIN)

    found = judged(keys)
    if isinstance(found, TooMany):
        assert slot is None
        assert found.most < keys
        assert found.most == 10 or (found.most > 10 and judged(found.most) is None), "freely, or on the ticket"
    elif found is not None:
        assert isinstance(found, Full)
        assert found.retry_at == slot, "nothing else is asked: only the free limits have a slot"


@given(st.integers(1, 50), st.integers(1, 50))
def test_what_is_used_on_a_ticket_of_nodes_is_missing_in_the_free_thirty_days(on_ticket: int, free: int) -> None:
    used = Used(ticketed={"phone": [(BEGIN.date(), on_ticket)], ALL: [(BEGIN.date(), on_ticket)]}, actor_known=True)
    later = BEGIN + timedelta(days=3)
    full = find_full_layer({"phone": min(free, 10)}, used, ALLOWED, book=Book.REGISTRATIONS, now=later)
    assert (full is None) is (on_ticket + min(free, 10) <= 50)
    if full is not None:
        assert (full.figure, full.retry_at.date()) == ("thirty_days", BEGIN.date() + timedelta(days=31))
