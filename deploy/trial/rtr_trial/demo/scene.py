"""What the steps of the story share: the machine, what was expected, what was sent, and ways to wait and to count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

from register.clock import SystemClock
from register.domain.partition import FACTS
from rtr_trial.demo.made_up.data import (
    DemoSignal,
    Expectations,
    Organisation,
    Question,
    expectations,
    organisations,
    signals,
)
from rtr_trial.demo.stage.machine import Machine
from rtr_trial.demo.stage.talker import Talker
from schemas.codes import Partition
from schemas.search.question import AskedSubject, CountryAnswer, SearchIn, SearchOut
from schemas.signals.out import SignalOut

ORDER: Final = (Partition.AW, Partition.CW, Partition.SX, Partition.BQ, Partition.NL)
"""In which the story names the countries."""
HANDS: Final = 4
"""How many requests are under way at once."""
_LOOK_EVERY_S: Final = 0.25
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class Scene:
    """The stage.

    Attributes:
        sent: what the registers answered to each signal, by the signal's key; brought up to date where it changes.
        show: for progress; called with the words of the step and how far it is.
        earlier: answers kept for a later step, by name.
    """

    machine: Machine
    show: Callable[[str, int, int | None], None]
    clock: SystemClock = field(default_factory=SystemClock)
    expected: Expectations = field(default_factory=expectations)
    sent: dict[str, SignalOut] = field(default_factory=dict)
    earlier: dict[str, SearchOut] = field(default_factory=dict)

    @property
    def countries(self) -> tuple[Partition, ...]:
        """The open ones, in the order of the story."""
        return tuple(c for c in ORDER if c in self.machine.countries)

    @property
    def signals(self) -> tuple[DemoSignal, ...]:
        """The signals of the open countries."""
        return tuple(one for one in signals() if one.country in self.machine.countries)

    def as_(self, key: str) -> Talker:
        """A persona's way to its register."""
        return self.machine.as_(key)

    def unit(self, country: Partition) -> Talker:
        """The country's register unit."""
        return self.machine.unit(country)

    def organisation(self, code: str) -> Organisation:
        """An organisation of the story."""
        return next(o for o in organisations() if o.code == code)

    def signal(self, key: str) -> DemoSignal:
        """A signal of the story."""
        return next(one for one in signals() if one.key == key)

    def names(self, countries: Iterable[Partition]) -> str:
        """The names of countries in the order of the story."""
        found = set(countries)
        return ", ".join(FACTS[c].name for c in ORDER if c in found)

    def each(self, what: str, items: Sequence[T], do: Callable[[T], R]) -> list[R]:
        """Do something for every item, a few at a time; results in order. The first failure is raised."""
        done: list[R] = []
        self.show(what, 0, len(items))
        hands = ThreadPoolExecutor(HANDS)
        try:
            for result in hands.map(do, items):
                done.append(result)
                self.show(what, len(done), len(items))
        finally:
            hands.shutdown(cancel_futures=True)
        return done

    def wait(self, what: str, look: Callable[[], tuple[int, int]], *, most_s: float) -> tuple[int, int]:
        """Look until all is done or the time is up; return how much of how much is done."""
        deadline = self.clock.monotonic() + most_s
        while True:
            done, total = look()
            self.show(what, done, total)
            if done >= total or self.clock.monotonic() > deadline:
                return done, total
            self.clock.pause(_LOOK_EVERY_S)

    def ask(self, question: Question, *, edition: str | None = None) -> SearchOut:
        """Put a question of the story, as its asker."""
        return self.as_(question.asker).search(asked(question, edition=edition))


def asked(question: Question, *, edition: str | None = None) -> SearchIn:
    """A question of the story as it is sent."""
    if question.subject is not None:
        given = question.subject
        subject = AskedSubject(
            name=given.name, birth=given.birth, nationality=given.nationality, selectors=given.selectors
        )
    else:
        subject = AskedSubject(selectors=(question.selector,) if question.selector else ())
    return SearchIn(
        purpose=question.purpose,
        legal_basis=question.legal_basis,
        case=question.case,
        subject=subject,
        simulate_edition=edition,
    )


def answer_of(answers: SearchOut, country: Partition) -> CountryAnswer:
    """What one country answered."""
    return next(one for one in answers.countries if one.country is country)


def months(first: str, last: str) -> str:
    """`2026-01`, `2026-03` as people read it: Jan-Mar 2026."""
    (year, begin), (to_year, end) = (one.split("-") for one in (first, last))
    early, late = _MONTHS[int(begin) - 1], _MONTHS[int(end) - 1]
    if first == last:
        return f"{early} {year}"
    return f"{early}-{late} {year}" if year == to_year else f"{early} {year}-{late} {to_year}"
