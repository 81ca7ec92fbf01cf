"""A stolen node key sweeps phone numbers: `python -m tests.drills dishonest-country [--numbers N]`.

Five evaluators behind real HTTP servers, under a roster of the agreed limits. The thief signs as Curaçao, has its key
share, invents persons, spreads over its organisations and over all evaluators, waits for every next slot, and tries
both books. What he gets is the agreed figure, and the drill ends with 1 if he gets a token more.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from register.domain.exchange.limits import agreed, worst_cases
from register.pseudonyms.client import Pending, Token, pseudonymise
from schemas.codes import LegalBasis, Partition
from schemas.exchange.evaluation import Asking, Declared, EvaluationPurpose
from schemas.exchange.wire import Book, LimitRow
from tests.integration.exchange.evaluators.net import EPOCHS, SECRET, Net, net, phones

THIEF = Partition.CW
NUMBERS = 10_000
AT_ONCE = 25
PERSONS_A_DAY = 100
ORGANISATIONS = ("CW-KPC", "CW-OM", "CW-LABOUR", "CW-NCT", "CW-CUSTOMS")


def run(words: list[str]) -> int:
    """Run the drill, print its report as one line of JSON, and return 0 if the limits held."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills dishonest-country", description=__doc__)
    parser.add_argument("--numbers", type=int, default=NUMBERS, help=f"phone numbers to sweep (default {NUMBERS:,})")
    asked = parser.parse_args(words)
    with net() as five:
        report = drill(five, asked.numbers, lambda line: print(line, flush=True))
    print(json.dumps(report))
    return 1 if report["violations"] else 0


def drill(five: Net, numbers: int, note: Callable[[str], None]) -> dict[str, Any]:
    """Sweep so many numbers as searches and as registrations, each for thirty days or until they are through."""
    searched = Sweep(five, EvaluationPurpose.SEARCH, numbers).for_days(30)
    note(f"searches: {searched.total} of {numbers} numbers became tokens in thirty days, by day {searched.by_day}")
    five.clock.offset = timedelta()
    registered = Sweep(five, EvaluationPurpose.REGISTER, numbers).for_days(30)
    note(f"registrations: {registered.total} of {numbers} in thirty days, by day {registered.by_day}")
    year = {one.selector_class: (one.keys, one.share) for one in worst_cases(agreed())}
    note(f"worst case a year by the agreed figures, keys and part of the smallest country's values: {year}")
    return {
        "drill": "dishonest-country",
        "numbers": numbers,
        "searches": searched.total,
        "searches_by_day": searched.by_day,
        "registrations": registered.total,
        "registrations_by_day": registered.by_day,
        "worst_case_a_year": {name: {"keys": keys, "share": share} for name, (keys, share) in year.items()},
        "violations": [
            *searched.above(limit_of(Book.SEARCHES)),
            *registered.above(limit_of(Book.REGISTRATIONS)),
        ],
    }


def limit_of(book: Book) -> LimitRow:
    """What is agreed of phones."""
    return next(row for row in agreed().rows if (row.book, row.selector_class) == (book, "phone"))


@dataclass
class Sweep:
    """One thief at work.

    Attributes:
        declared: what he says of his registrations.
        got: tokens by the moment they came.
    """

    five: Net
    purpose: EvaluationPurpose
    numbers: int
    declared: Declared = Declared.PUBLISH
    got: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Numbers that became tokens."""
        return sum(n for _, n in self.got)

    @property
    def by_day(self) -> list[int]:
        """The same, by day of UTC, without the days that brought none."""
        days: dict[str, int] = {}
        for at, n in self.got:
            days[at.date().isoformat()] = days.get(at.date().isoformat(), 0) + n
        return list(days.values())

    def for_days(self, days: int) -> Sweep:
        """Ask until the numbers are through or so many days are over, waiting for each next slot."""
        end = self.five.clock.now() + timedelta(days=days) - timedelta(minutes=10)
        self._ask(lambda: end)
        return self

    def until_refused(self) -> Sweep:
        """Ask until the first refusal that every evaluator agrees on."""
        self._ask(self.five.clock.now)
        return self

    def above(self, limit: LimitRow) -> list[str]:
        """Where more came than is agreed."""
        found = []
        for begin, _ in self.got:
            for span, most in ((timedelta(minutes=5), limit.five_minutes), (timedelta(days=30), limit.thirty_days)):
                within = sum(n for at, n in self.got if begin <= at < begin + span)
                if within > most:
                    found.append(f"{within} tokens in {span} from {begin.isoformat()}; agreed are {most}")
        found += [f"{n} tokens in a day; agreed are {limit.day}" for n in self.by_day if n > limit.day]
        return found

    def _ask(self, until: Callable[[], datetime]) -> None:
        evaluators, turns, done = self.five.evaluators(THIEF), count(), 0
        asking = self._asking(next(turns))
        while done < self.numbers:
            wanted = [f"+59995{n:06}" for n in range(done, min(done + AT_ONCE, self.numbers))]
            found = pseudonymise(
                phones(*wanted),
                evaluators,
                request=asking,
                epochs=EPOCHS,
                secret=SECRET,
                issued=self.five.clock.now(),
                on_fault=lambda *_: None,
            )
            if all(isinstance(one, Token) for one in found):
                self.got.append((self.five.clock.now(), len(found)))
                done, asking = done + len(found), self._asking(next(turns))
                continue
            # The same question again, when there is room: what one evaluator granted of it already is free.
            slots = [one.retry_at for one in found if isinstance(one, Pending) and one.retry_at is not None]
            if not slots or min(slots) > until():
                return
            # Next to the slot: the clock of five real processes goes on meanwhile.
            self.five.clock.offset += min(slots) - self.five.clock.now() + timedelta(seconds=1)

    def _asking(self, turn: int) -> Asking:
        return Asking(
            request_id=self.five.clock.new_id(),
            country=THIEF,
            purpose=self.purpose,
            organisation=ORGANISATIONS[turn % len(ORGANISATIONS)],
            actor=f"invented-{turn % PERSONS_A_DAY}",
            # Whoever has the key writes what an honest question says; the case is anybody's bytes.
            legal_basis=LegalBasis.CW_POLICE,
            case_reference=bytes(32),
            declared=None if self.purpose is EvaluationPurpose.SEARCH else self.declared,
        )
