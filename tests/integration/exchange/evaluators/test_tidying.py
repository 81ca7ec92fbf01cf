"""Now and then a sending tidies up behind it: what an evaluator still counts or knows again stays, the rest goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from register.domain.access.caller import partner
from register.domain.exchange.limits import Allowances, read_agreed_limits
from register.domain.exchange.quotas import LOOKED_BACK, minute_of
from register.store.exchange.evaluating.evaluations import QUESTIONS_KEPT, Question, Verdict
from register.store.exchange.requests_seen import KEPT, RequestReplayed
from schemas.codes import Partition
from schemas.exchange.wire import Book
from tests.support.clock import HandClock
from tests.support.world import World, world

CW, NL = Partition.CW, Partition.NL
DIGEST = bytes(32)
DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def evaluator() -> Iterator[Evaluator]:
    clock = HandClock()
    with world(countries=(NL,), clock=clock, with_organisations=False) as made:
        yield Evaluator(made, clock)


class Evaluator:
    """The Netherlands' evaluator, whom Curaçao asks; the time is given as how long it is before the end."""

    def __init__(self, made: World, clock: HandClock) -> None:
        self.register, self.clock, self.end = made[NL], clock, clock.now()
        self.caller = partner(NL, CW, "evaluator")

    def at(self, before: timedelta) -> None:
        self.clock.move((self.end - before - self.clock.now()).total_seconds())

    def an_id(self, last: int = 0xFF) -> UUID:
        return UUID(bytes=self.clock.new_id().bytes[:-1] + bytes([last]))

    def send(self, jti: UUID) -> None:
        with self.register.work(self.caller) as work:
            work.exchange.evaluations.remember_sending(CW, jti, DIGEST)

    def ask(self, keys: int, request_id: UUID | None = None) -> tuple[UUID, Verdict]:
        asked = Question(
            requester=CW, organisation="CW-KPC", actor="a", request_id=request_id or self.an_id(), body_hash=DIGEST,
            keys={"phone": keys}, books=(Book.SEARCHES,), allowances=Allowances(read_agreed_limits()),
        )  # fmt: skip
        with self.register.work(self.caller) as work:
            work.exchange.evaluations.remember_sending(CW, self.an_id(), DIGEST)
            return asked.request_id, work.exchange.evaluations.claim(asked).verdict

    def kept(self, table: str) -> int:
        with self.register.database.transaction("evaluator") as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM evaluator.{table}")).scalar_one())


def test_what_still_counts_is_kept_when_a_sending_tidies_up_and_what_is_over_is_forgotten(
    evaluator: Evaluator,
) -> None:
    evaluator.at(QUESTIONS_KEPT + DAY)
    forgotten, _ = evaluator.ask(1)
    evaluator.at(QUESTIONS_KEPT)
    known, _ = evaluator.ask(2)
    evaluator.at(LOOKED_BACK + 7 * MINUTE)
    evaluator.ask(4)
    evaluator.at(LOOKED_BACK + 5 * MINUTE)
    evaluator.ask(8)
    evaluator.at(4 * MINUTE)
    evaluator.ask(16)
    seen, over = evaluator.an_id(), evaluator.an_id()
    evaluator.at(KEPT + SECOND)
    evaluator.send(over)
    evaluator.at(KEPT)
    evaluator.send(seen)
    evaluator.at(timedelta())
    before = evaluator.kept("evaluation_request")
    evaluator.send(evaluator.an_id())
    assert evaluator.kept("evaluation_request") == before + 1, "most sendings tidy nothing up"
    evaluator.send(evaluator.an_id(0))

    now = evaluator.clock.now()
    with evaluator.register.work(evaluator.caller) as work:
        used = work.exchange.evaluations.used_by(CW, Book.SEARCHES, now)
    first, today = (now - QUESTIONS_KEPT).date(), now.date()
    assert sorted(used.days["phone"]) == [(first, 2), (today, 28)], "of thirty days and today"
    minutes = [(minute_of(now - LOOKED_BACK - 5 * MINUTE), 8), (minute_of(now - 4 * MINUTE), 16)]
    assert sorted(used.minutes["phone"]) == minutes, "of the last half hour, and of five minutes before each of its"
    assert evaluator.ask(2, known)[1] == "repeated"
    assert evaluator.ask(1, forgotten)[1] == "granted", "what was asked longer ago is asked anew"
    with pytest.raises(RequestReplayed):
        evaluator.send(seen)
    evaluator.send(over)

    evaluator.clock.move((QUESTIONS_KEPT + 2 * DAY).total_seconds())
    evaluator.send(evaluator.an_id(0))
    left = [evaluator.kept(table) for table in ("evaluation_usage", "evaluation_request")]
    assert left == [0, 1], "a month later nothing but this sending"
