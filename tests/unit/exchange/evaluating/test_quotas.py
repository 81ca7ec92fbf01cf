"""Quotas as plain values: no order of questions passes a limit, and a slot that is named has room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.domain.exchange.limits import (
    ALL,
    FIGURES,
    Allowances,
    LimitNotLower,
    LimitsRefused,
    agreed_text,
    check_lower,
    figures_of,
    flat_limits,
    lower_limits,
    read_agreed_limits,
    read_limits,
    worst_cases,
)
from register.domain.exchange.quotas import (
    REPEATED_KEYS_A_MINUTE,
    Full,
    Layer,
    Used,
    find_full_layer,
    judge_all,
    judge_repeat,
    minute_of,
    never_fits,
    repeat_costs,
    with_all,
)
from register.pseudonyms.matchkeys import KEYS_SEARCH_MAX
from schemas.exchange.wire import Book, LimitRow, Limits

BEGIN = datetime(2026, 11, 30, 22, 0, tzinfo=UTC)
SMALL = Limits(
    parts=2,
    new_actors_a_day=100,
    ticket_keys_a_day=80,
    rows=tuple(
        LimitRow(
            book=book,
            selector_class=name,
            five_minutes=20,
            day=60,
            thirty_days=100,
            organisation_day=60,
            actor_day=60,
        )
        for book in Book
        for name in ("phone", "other", "all")
    ),
)
ALLOWED = Allowances(SMALL)
_TOMORROW = datetime(2026, 12, 1, tzinfo=UTC)


class Books:
    """An evaluator's counts, kept as its store keeps them."""

    def __init__(self) -> None:
        self.granted: list[tuple[datetime, dict[str, int]]] = []

    def used(self) -> Used:
        minutes: dict[str, list[tuple[datetime, int]]] = {}
        days: dict[str, list[tuple[object, int]]] = {}
        for at, keys in self.granted:
            for name, count in with_all(keys, ALLOWED, Book.SEARCHES).items():
                minutes.setdefault(name, []).append((minute_of(at), count))
                days.setdefault(name, []).append((at.date(), count))
        return Used(minutes=minutes, days=days, actor_known=True)  # type: ignore[arg-type]  # dates

    def ask(self, at: datetime, keys: dict[str, int]) -> Full | None:
        full = find_full_layer(keys, self.used(), ALLOWED, book=Book.SEARCHES, now=at)
        if full is None:
            self.granted.append((at, keys))
        return full

    def total(self, name: str, since: datetime, until: datetime) -> int:
        return sum(
            with_all(keys, ALLOWED, Book.SEARCHES).get(name, 0) for at, keys in self.granted if since <= at <= until
        )


_KEYS = st.dictionaries(st.sampled_from(["phone", "email"]), st.integers(1, 10), min_size=1).filter(
    lambda keys: never_fits(keys, ALLOWED, Book.SEARCHES) is None
)


@given(asked=st.lists(st.tuples(st.integers(0, 2_000_000), _KEYS), max_size=60))
def test_no_window_of_five_minutes_or_thirty_days_ever_holds_more_than_half_of_what_is_agreed(
    asked: list[tuple[int, dict[str, int]]],
) -> None:
    books, at = Books(), BEGIN
    for seconds, keys in asked:
        at += timedelta(seconds=seconds % 700 if seconds % 3 else seconds)
        books.ask(at, keys)
    for begin, _ in books.granted:
        for name in ("phone", "email", ALL):
            assert books.total(name, begin, begin + timedelta(minutes=5)) <= 10
            assert books.total(name, begin, begin + timedelta(days=30)) <= 50


@given(asked=st.lists(st.tuples(st.integers(0, 200), _KEYS), max_size=60))
def test_a_question_that_was_refused_has_room_at_the_slot_that_was_named(
    asked: list[tuple[int, dict[str, int]]],
) -> None:
    books, at = Books(), BEGIN
    for seconds, keys in asked:
        at += timedelta(seconds=seconds)
        full = books.ask(at, keys)
        if full is not None:
            assert full.retry_at > at
            assert find_full_layer(keys, books.used(), ALLOWED, book=Book.SEARCHES, now=full.retry_at) is None


@given(asked=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3_000)), max_size=80))
def test_repeats_of_a_minute_stay_within_their_bound_and_each_has_room_at_the_slot_that_was_named(
    asked: list[tuple[int, int]],
) -> None:
    at, counted = BEGIN, dict[datetime, list[int]]()
    for seconds, size in asked:
        at += timedelta(seconds=seconds)
        minute = counted.setdefault(minute_of(at), [])
        full = judge_repeat({"phone": size}, sum(minute), now=at)
        if full is None:
            minute.append(repeat_costs({"phone": size}))
        else:
            assert at < full.retry_at <= at + timedelta(minutes=1)
            assert full.retry_at not in counted, "nothing is repeated there yet, and the first one always has room"
    for costs in counted.values():
        assert sum(costs) <= REPEATED_KEYS_A_MINUTE or len(costs) == 1
        assert len(costs) <= 100


def test_country_comes_before_organisation_before_actor_before_new_actors() -> None:
    full = {"phone": 30}
    used = {
        Layer.COUNTRY: Used(days={"phone": [(BEGIN.date(), 30)]}, organisation=full, actor=full, new_actors=100),
        Layer.ORGANISATION: Used(organisation=full, actor=full, new_actors=100),
        Layer.ACTOR: Used(actor=full, new_actors=100),
        Layer.NEW_ACTORS: Used(new_actors=100),
    }
    for layer, so_far in used.items():
        found = find_full_layer({"phone": 1}, so_far, ALLOWED, book=Book.SEARCHES, now=BEGIN)
        assert found is not None
        assert found.layer is layer


def test_a_class_without_a_row_of_its_own_is_limited_as_other_and_by_itself() -> None:
    used = Used(days={"email": [(BEGIN.date(), 30)]}, actor_known=True)
    assert find_full_layer({"email": 1}, used, ALLOWED, book=Book.SEARCHES, now=BEGIN) is not None
    assert find_full_layer({"handle": 1}, used, ALLOWED, book=Book.SEARCHES, now=BEGIN) is None


def test_keys_of_several_classes_in_one_question_count_together() -> None:
    """Of each class there is room, and of their sum none."""
    assert never_fits({"phone": 4, "email": 4, "document": 3}, ALLOWED, Book.SEARCHES) == (ALL, 10)
    asked = {"phone": 4, "email": 4, "document": 2}
    assert never_fits(asked, ALLOWED, Book.SEARCHES) is None
    assert find_full_layer(asked, Used(actor_known=True), ALLOWED, book=Book.SEARCHES, now=BEGIN) is None
    before = Used(minutes={"plate": [(BEGIN, 1)], ALL: [(BEGIN, 1)]}, actor_known=True)
    found = find_full_layer(asked, before, ALLOWED, book=Book.SEARCHES, now=BEGIN)
    assert found is not None
    assert (found.layer, found.selector_class) == (Layer.COUNTRY, ALL)


@pytest.mark.parametrize(("ago", "full"), [(30, True), (31, False)])
def test_a_day_counts_for_thirty_days_after_it_and_not_for_one_more(ago: int, full: bool) -> None:  # noqa: FBT001
    """Its keys may be of its last minute, and thirty days are over only when that minute's are."""
    days = [(BEGIN.date() - timedelta(days=ago), 30), (BEGIN.date() - timedelta(days=1), 20)]
    found = find_full_layer(
        {"phone": 1}, Used(days={"phone": days}, actor_known=True), ALLOWED, book=Book.SEARCHES, now=BEGIN
    )
    assert (found and (found.figure, found.retry_at)) == (("thirty_days", _TOMORROW) if full else None)


def test_the_agreed_figures_are_those_of_the_design() -> None:
    rows = {(row.book, row.selector_class): row for row in read_agreed_limits().rows}
    searches = {name: rows[Book.SEARCHES, name].day for name in ("person", "phone", "document", "plate", "other")}
    assert searches == {"person": 20_000, "phone": 1_500, "document": 1_500, "plate": 100, "other": 500}
    registered = {name: rows[Book.REGISTRATIONS, name].day for name in ("all", "phone", "document")}
    assert registered == {"all": 5_000, "phone": 1_000, "document": 1_000}
    assert read_agreed_limits().parts == 2


def test_what_is_kept_is_a_part_of_what_is_registered() -> None:
    rows = {(row.book, row.selector_class): row for row in read_agreed_limits().rows}
    for (book, name), row in rows.items():
        if book is Book.KEPT:
            whole = rows[Book.REGISTRATIONS, name]
            assert all(getattr(row, figure) < getattr(whole, figure) for figure in FIGURES), row


@given(
    whole=st.integers(0, 25), part=st.integers(0, 25), asked=st.integers(1, 10), begun=st.sampled_from([0, 7, 60 * 26])
)
def test_keys_that_count_in_two_books_pass_only_where_both_have_room(
    whole: int, part: int, asked: int, begun: int
) -> None:
    at = minute_of(BEGIN) - timedelta(minutes=begun)

    def used(keys: int) -> Used:
        return Used(minutes={"phone": [(at, keys)]}, days={"phone": [(at.date(), keys)]}, actor_known=True)

    books = {Book.REGISTRATIONS: used(whole), Book.KEPT: used(part)}
    alone = [find_full_layer({"phone": asked}, one, ALLOWED, book=book, now=BEGIN) for book, one in books.items()]
    together = judge_all({"phone": asked}, books, ALLOWED, now=BEGIN)
    full = [one for one in alone if one is not None]
    assert (together is None) is (not full)
    if together is not None:
        assert together.retry_at == max(one.retry_at for one in full), "a slot at which the other refuses is none"


CLASSES = ("person", "phone", "document", "plate", "vessel", "company", "email", "handle")


def test_every_whole_question_has_room_in_an_empty_book() -> None:
    """48 keys are one question (matchkeys); a class of which fewer fit could never be asked."""
    for name in CLASSES:
        assert never_fits({name: KEYS_SEARCH_MAX}, Allowances(read_agreed_limits()), Book.SEARCHES) is None


def test_every_persons_usual_keys_are_registered_at_once_and_more_in_parts() -> None:
    for name in CLASSES:
        assert never_fits({name: 12}, Allowances(read_agreed_limits()), Book.REGISTRATIONS) is None
        assert never_fits({name: 12}, Allowances(read_agreed_limits()), Book.KEPT) is None


def test_no_actor_and_no_organisation_uses_the_month_of_its_country_in_a_day() -> None:
    for row in read_agreed_limits().rows:
        assert row.actor_day <= row.organisation_day < row.thirty_days, row
        if row.book is Book.REGISTRATIONS:
            assert row.actor_day <= row.day // 2, row
            assert row.actor_day * 3 <= row.thirty_days, row
            assert row.organisation_day < row.day, row


def test_a_setting_lowers_a_figure_with_its_parts_and_never_raises_one() -> None:
    lower = lower_limits(read_agreed_limits(), {"searches_phone_day": 60})
    row = next(r for r in lower.rows if (r.book, r.selector_class) == (Book.SEARCHES, "phone"))
    assert (row.five_minutes, row.day, row.organisation_day, row.actor_day) == (60, 60, 60, 60)
    for name, agreed_figure in figures_of(read_agreed_limits()):
        with pytest.raises(LimitNotLower, match="may only lower it"):
            check_lower(read_agreed_limits(), {name: agreed_figure + 1})
        with pytest.raises(LimitNotLower):
            check_lower(read_agreed_limits(), {name: 0})
        raised = dict(figures_of(lower_limits(read_agreed_limits(), {name: agreed_figure * 2})))
        assert raised == dict(figures_of(read_agreed_limits()))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("parts = ", "not TOML"),
        ("parts = 2\nnew_actors_a_day = 1\nticket_keys_a_day = 1\n", "rows"),
        (agreed_text().replace("\nother =", "\nemail ="), "other"),
        (agreed_text().replace("parts = 2", "parts = 1"), "parts"),
        (agreed_text().replace("day = 1_500, thirty_days = 1_500", "day = 1_500, thirty_days = 1_400"), "shorter time"),
        (agreed_text().replace("actor_day = 300", "actor_day = 30_000"), "a part"),
        (agreed_text().replace("[searches]", "[searches]\nemail = 3"), "table of figures"),
        (agreed_text() + "\n[more]\na = 1\n", "more"),
    ],
)
def test_a_file_of_limits_that_cannot_be_used_is_refused_with_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(LimitsRefused, match=says):
        read_limits(text)


def test_the_worst_case_a_year_is_all_that_thirty_days_allow_and_counts_searches_and_registrations() -> None:
    worst = {one.selector_class: one for one in worst_cases(read_agreed_limits())}
    assert worst["phone"].keys == 13 * (1_500 + 1_500)
    assert worst["phone"].share == pytest.approx(39_000 / 255_000)
    assert worst["person"].share is None
    assert {one.share for one in worst_cases(flat_limits(10**9)) if one.smallest} == {1.0}
    assert set(FIGURES) == {name for name in LimitRow.model_fields if name not in ("book", "selector_class")}
