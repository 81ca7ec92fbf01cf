"""Whether an evaluator has room for a question: country, then organisation, then actor; the first full one refuses.

Pure. What was granted before comes in as counts, and the verdict goes out; the store holds the two together in one
transaction. The layers that an asking node can invent, organisation and actor, bind nobody but its honest users: what
holds against the node itself is the country's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from register.domain.exchange.limits import ALL, MONTH_DAYS, Allowance, Allowances
from schemas.exchange.wire import Book

MINUTE: Final = timedelta(minutes=1)
FIVE_MINUTES: Final = timedelta(minutes=5)
DAY: Final = timedelta(days=1)
LOOKED_BACK: Final = timedelta(minutes=30)
"""How long a burst is still seen after it: whoever looks does so every minute, and may have stood still for a while."""
REPEATED_KEYS_A_MINUTE: Final = 2_000
"""What a country may have evaluated again in a minute, its quotas aside: two whole requests, or a hundred small."""
REPEAT_COUNTS_AT_LEAST: Final = 20
"""Keys that a repeat counts as: a request costs something however few it has."""


class Layer(StrEnum):
    """Whose room is counted."""

    COUNTRY = "country"
    ORGANISATION = "organisation"
    ACTOR = "actor"
    NEW_ACTORS = "new-actors"
    REPEATS = "repeats"
    TICKET = "ticket"
    OF_NODES = "tickets-of-nodes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What one evaluator granted one country before, of one book; classes include `ALL`.

    Attributes:
        minutes: by class, keys by the minute they were granted in.
        days: by class, keys by day of UTC, for thirty days and today.
        organisation: by class, keys of the organisation today.
        actor: by class, keys of the actor today.
        actor_known: the actor was seen in the last thirty days.
        new_actors: how many were seen today for the first time, in both books.
        ticketed: by class, keys by day that were evaluated on tickets of nodes: of the thirty days, and of no burst.
    """

    minutes: Mapping[str, Sequence[tuple[datetime, int]]] = field(default_factory=dict)
    days: Mapping[str, Sequence[tuple[date, int]]] = field(default_factory=dict)
    organisation: Mapping[str, int] = field(default_factory=dict)
    actor: Mapping[str, int] = field(default_factory=dict)
    actor_known: bool = False
    new_actors: int = 0
    ticketed: Mapping[str, Sequence[tuple[date, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Full:
    """No room.

    Attributes:
        book: of which book; None where repeats are counted.
        figure: which limit was reached: `minute` (of repeats), `five_minutes`, `day`, `thirty_days` or `ticket`.
        selector_class: of which class; `ALL` for their sum.
        retry_at: the next slot at which this question has room, if nothing else is asked until then.
    """

    layer: Layer
    book: Book | None
    figure: str
    selector_class: str
    retry_at: datetime


def with_all(keys: Mapping[str, int], allowances: Allowances, book: Book) -> dict[str, int]:
    """The keys by class, and their sum where the book limits it."""
    counted = dict(keys)
    if allowances.of(book, ALL) is not None:
        counted[ALL] = sum(keys.values())
    return counted


def never_fits(keys: Mapping[str, int], allowances: Allowances, book: Book) -> tuple[str, int] | None:
    """The class of which more is asked at once than is ever allowed, and how many are."""
    for name, count in with_all(keys, allowances, book).items():
        most = _find_allowance(allowances, book, name).most_at_once
        if count > most:
            return name, most
    return None


def find_full_layer(
    keys: Mapping[str, int], used: Used, allowances: Allowances, *, book: Book, now: datetime
) -> Full | None:
    """Return the first layer that has no room for these keys, and from when on it has; None where all have.

    Args:
        keys: by selector class, how many are asked for.
        used: as the evaluator counted.
        allowances: the evaluator's own part.
        book: what the keys are for.
        now: aware.
    """
    asked = {n: (count, _find_allowance(allowances, book, n)) for n, count in with_all(keys, allowances, book).items()}
    country = [
        full
        for n, (count, allowed) in asked.items()
        for full in (
            *_of_bursts(n, count, used, allowed, book, now),
            *_of_thirty_days(n, count, used, allowed, book, now),
        )
    ]
    if country:
        # All that is full at once decides: a slot at which the next limit refuses would be none.
        return max(country, key=lambda full: full.retry_at)
    for name, (count, allowed) in asked.items():
        if used.organisation.get(name, 0) + count > allowed.organisation_day:
            return Full(Layer.ORGANISATION, book, "day", name, next_day(now))
    for name, (count, allowed) in asked.items():
        if used.actor.get(name, 0) + count > allowed.actor_day:
            return Full(Layer.ACTOR, book, "day", name, next_day(now))
    return _of_new_actors(used, allowances, book, now)


def judge_all(
    keys: Mapping[str, int], used: Mapping[Book, Used], allowances: Allowances, *, now: datetime
) -> Full | None:
    """As `find_full_layer`, in each book in which the keys count; of several full ones, which is so the longest."""
    found = (find_full_layer(keys, of_book, allowances, book=book, now=now) for book, of_book in used.items())
    return max((full for full in found if full is not None), key=lambda full: full.retry_at, default=None)


@dataclass(frozen=True, slots=True)
class TooMany:
    """More keys at once than this evaluator ever takes, on the ticket or freely: waiting does not help.

    Attributes:
        most: so many fit at once, on the ticket or freely; 0 where none does.
    """

    selector_class: str
    most: int


@dataclass(frozen=True, slots=True)
class OnTicket:
    """A ticket that a question is asked on, and what was evaluated on it here.

    Attributes:
        keys: at most so many, by all evaluators together.
        spent: of them, here.
        by_persons: persons of three countries signed it, so that the thirty days do not bind it.
        today: keys evaluated here today on tickets of the country that nodes signed.
    """

    keys: int
    spent: int
    by_persons: bool
    today: int


def judge_on_ticket(
    keys: Mapping[str, int],
    used: Mapping[Book, Used],
    allowances: Allowances,
    ticket: OnTicket,
    *,
    free: datetime | None,
    now: datetime,
) -> Full | TooMany | None:
    """Return what has no room for these keys on a ticket; None where they are counted on it.

    Args:
        keys: of the ticket's class, how many are asked for.
        used: in each book in which they count; empty for a change of the epoch, which has none.
        allowances: the evaluator's own part; of a ticket it takes the same part as of a limit, so that all evaluators
            together take no more than the ticket says.
        ticket: whose signatures, time and class were found good.
        free: when they have room without the ticket; None where they never have.
        now: aware.
    """
    (name, count), book = next(iter(keys.items())), next(iter(used), None)
    left = max(0, allowances.part_of(ticket.keys) - ticket.spent)
    if count > (most := _most_on_ticket(name, used, allowances, ticket, left)):
        # A ticket is not filled up again, and a ceiling is not raised by waiting: a slot is named only where the free
        # limits have one, or the next tomorrow would refuse again.
        if free is None:
            at_once = [
                _find_allowance(allowances, of, n).most_at_once for of in used for n in with_all(keys, allowances, of)
            ]
            return TooMany(name, max(most, min(at_once, default=0)))
        return Full(Layer.TICKET if count > left else Layer.OF_NODES, book, "ticket", name, free)
    for of, so_far in used.items():
        if (full := _of_new_actors(so_far, allowances, of, now)) is not None:
            return full
    if ticket.by_persons:
        return None
    if ticket.today + count > allowances.ticket_keys_a_day:
        return Full(Layer.OF_NODES, book, "day", name, next_day(now))
    found = [
        full
        for of, so_far in used.items()
        for n, asked in with_all(keys, allowances, of).items()
        for full in _of_thirty_days(n, asked, so_far, _find_allowance(allowances, of, n), of, now)
    ]
    return max(found, key=lambda full: full.retry_at, default=None)


def _most_on_ticket(name: str, used: Mapping[Book, Used], allowances: Allowances, ticket: OnTicket, left: int) -> int:
    """How many keys at once the ticket takes some day, if nothing else is asked on it until then."""
    if ticket.by_persons:
        return left
    months = [
        _find_allowance(allowances, book, n).thirty_days for book in used for n in with_all({name: 1}, allowances, book)
    ]
    return min(left, allowances.ticket_keys_a_day, *months)


def repeat_costs(keys: Mapping[str, int]) -> int:
    """What the repeat of a question counts as, in keys."""
    return max(sum(keys.values()), REPEAT_COUNTS_AT_LEAST)


def judge_repeat(keys: Mapping[str, int], repeated: int, *, now: datetime) -> Full | None:
    """Whether a question that was granted before may be evaluated again now; it is granted for good, so only later.

    Args:
        keys: by selector class, how many are asked for.
        repeated: what this minute's repeats count as already.
        now: aware.
    """
    # The first one of a minute always goes, whatever a single request may hold.
    if repeated and repeated + repeat_costs(keys) > REPEATED_KEYS_A_MINUTE:
        return Full(Layer.REPEATS, None, "minute", ALL, minute_of(now) + MINUTE)
    return None


@dataclass(frozen=True, slots=True)
class Share:
    """How much of one limit a country has used at this evaluator; 1 is all of it.

    Attributes:
        figure: `five_minutes` (a burst), `day` or `thirty_days`.
    """

    book: Book
    selector_class: str
    figure: str
    share: float


def list_used_shares(used: Used, allowances: Allowances, *, book: Book, now: datetime) -> list[Share]:
    """What part of each of a country's limits is used, the fullest first: the most of the last half hour of each."""
    found = []
    for name in dict.fromkeys((*used.days, *used.ticketed)):
        allowed = _find_allowance(allowances, book, name)
        bursts = used.minutes.get(name, ())
        ends = [now, *(begins for begins, _ in bursts)]
        burst = max(sum(k for begins, k in bursts if first_minute(end) <= begins <= end) for end in ends)
        days = [(day, keys) for day, keys in used.days.get(name, ()) if day >= first_day(now)]
        ticketed = sum(keys for day, keys in used.ticketed.get(name, ()) if day >= first_day(now))
        lately = {(now - ago).astimezone(UTC).date() for ago in (timedelta(0), LOOKED_BACK)}
        of_a_day = max(sum(keys for day, keys in days if day == one) for one in lately)
        found += [
            Share(book, name, "five_minutes", burst / allowed.five_minutes),
            Share(book, name, "day", of_a_day / allowed.day),
            Share(book, name, "thirty_days", (sum(keys for _, keys in days) + ticketed) / allowed.thirty_days),
        ]
    return sorted(found, key=lambda one: -one.share)


def minute_of(now: datetime) -> datetime:
    """The minute that a moment is counted in."""
    return now.astimezone(UTC).replace(second=0, microsecond=0)


def first_minute(now: datetime) -> datetime:
    """The oldest minute that can hold something of the last five minutes."""
    return minute_of(now) - FIVE_MINUTES


def first_day(now: datetime) -> date:
    """The oldest day that can hold something of the last thirty days: a day's keys may be of its last minute."""
    return now.astimezone(UTC).date() - timedelta(days=MONTH_DAYS)


def next_day(now: datetime) -> datetime:
    """When the day's counts begin again: midnight UTC, since all five keep one day."""
    return _derive_midnight(now.astimezone(UTC).date() + DAY)


def _of_new_actors(used: Used, allowances: Allowances, book: Book, now: datetime) -> Full | None:
    if not used.actor_known and used.new_actors >= allowances.new_actors_a_day:
        return Full(Layer.NEW_ACTORS, book, "day", ALL, next_day(now))
    return None


def _of_bursts(name: str, count: int, used: Used, allowed: Allowance, book: Book, now: datetime) -> list[Full]:
    minutes = [(begins, keys) for begins, keys in used.minutes.get(name, ()) if begins >= first_minute(now)]
    today = sum(keys for day, keys in used.days.get(name, ()) if day == now.astimezone(UTC).date())
    found = []
    if (over := sum(k for _, k in minutes) + count - allowed.five_minutes) > 0:
        # A minute's keys are out of the window when five whole minutes have passed since its end.
        slot = _find_freeing_time([(begins + FIVE_MINUTES + MINUTE, keys) for begins, keys in minutes], over)
        found.append(Full(Layer.COUNTRY, book, "five_minutes", name, slot))
    if today + count > allowed.day:
        found.append(Full(Layer.COUNTRY, book, "day", name, next_day(now)))
    return found


def _of_thirty_days(name: str, count: int, used: Used, allowed: Allowance, book: Book, now: datetime) -> list[Full]:
    counted = (*used.days.get(name, ()), *used.ticketed.get(name, ()))
    days = [(day, keys) for day, keys in counted if day >= first_day(now)]
    if (over := sum(k for _, k in days) + count - allowed.thirty_days) <= 0:
        return []
    slot = _find_freeing_time(
        [(_derive_midnight(day + timedelta(days=MONTH_DAYS + 1)), keys) for day, keys in days], over
    )
    return [Full(Layer.COUNTRY, book, "thirty_days", name, slot)]


def _find_freeing_time(leaving: Sequence[tuple[datetime, int]], over: int) -> datetime:
    """When so many keys have left the window; whoever asks has refused what would wait for ever."""
    for at, keys in sorted(leaving):
        over -= keys
        if over <= 0:
            return at
    raise ValueError("more is asked at once than the window holds when it is empty")


def _find_allowance(allowances: Allowances, book: Book, name: str) -> Allowance:
    found = allowances.of(book, name)
    if found is None:
        raise ValueError(f"book {book} has no limit for {name}")
    return found


def _derive_midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def add_up_keys(rows: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Keys by class."""
    found: Counter[str] = Counter()
    for name, keys in rows:
        found[name] += keys
    return dict(found)
