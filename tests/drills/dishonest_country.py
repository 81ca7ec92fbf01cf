"""A stolen node key sweeps phone numbers: `python -m tests.drills dishonest-country [--numbers N]`.

Five evaluators behind real HTTP servers, under a roster of the agreed limits. The thief signs as Curaçao, has its key
share, invents persons, spreads over its organisations and over all evaluators, waits for every next slot, and tries
both books. Then he asks for tickets, with a figure of the country's supervisor that he made up. What he gets is the
agreed figure, and the drill ends with 1 if he gets a token more, or a ticket that is for persons. Last he uses tickets
for what they are not: after their end, of another country, for another class, purpose or epoch, with more under an id
that was granted, and from many workers at once.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from register.domain.access.caller import system
from register.domain.exchange.limits import read_agreed_limits, worst_cases
from register.domain.partition import others
from register.keys import jws
from register.pseudonyms.client import Pending, Token, pseudonymise
from register.services.exchange.keep_tickets import bring_tickets
from register.services.exchange.take_tickets import sign_ticket
from schemas.canonical import dumps_plain
from schemas.codes import AlarmKind, LegalBasis, Partition, TicketReason
from schemas.exchange.evaluation import Asking, Declared, EvaluationPurpose, EvaluationRequest
from schemas.exchange.tickets import Attested, Ticket, TicketAnswer, TicketAsked, TicketSignature
from schemas.exchange.wire import Book, LimitRow, Typ, document, instant, read
from sync.pulling.tickets import PATH as TICKETS
from sync.transport.partner import PartnerRefused
from sync.trust import NodeSigner
from tests.integration.exchange.evaluators.net import EPOCHS, NEXT, SECRET, Net, net, phones, request

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
    for country in five.urls:
        five.forget_counts(country)
    five.clock.offset = timedelta()
    tickets = Tickets(five)
    forged, ticket = tickets.for_persons(), tickets.by_nodes()
    note(f"tickets for persons that count somewhere, with signatures made by the stolen key: {forged}")
    on_ticket = Sweep(five, EvaluationPurpose.REGISTER, numbers, ticket=ticket).for_days(30)
    note(f"on a ticket that nodes signed by themselves: {on_ticket.total} in thirty days, by day {on_ticket.by_day}")
    five.clock.offset = timedelta()
    misused, raced = tickets.misused(Partition.NL), tickets.raced(Partition.NL)
    note(f"tickets used for what they are not, that gave an answer: {misused}; keys of many workers at once: {raced}")
    year = {one.selector_class: (one.keys, one.share) for one in worst_cases(read_agreed_limits())}
    note(f"worst case a year by the agreed figures, keys and part of the smallest country's values: {year}")
    return {
        "drill": "dishonest-country",
        "numbers": numbers,
        "searches": searched.total,
        "searches_by_day": searched.by_day,
        "registrations": registered.total,
        "registrations_by_day": registered.by_day,
        "on_a_ticket_of_nodes": on_ticket.total,
        "tickets_for_persons": forged,
        "tickets_misused": misused,
        "raced_on_a_ticket": raced,
        "rung_at": tickets.rung_at(),
        "worst_case_a_year": {name: {"keys": keys, "share": share} for name, (keys, share) in year.items()},
        "violations": [
            *searched.above(limit_of(Book.SEARCHES)),
            *registered.above(limit_of(Book.REGISTRATIONS)),
            *on_ticket.above_thirty_days(limit_of(Book.REGISTRATIONS)),
            *(f"a ticket that is for persons counts: {one}" for one in forged),
            *(f"a ticket gave an answer {one}" for one in misused),
            *([f"{raced} keys of workers at once are more than a part"] if raced > part_of_thirty_days() else []),
        ],
    }


def limit_of(book: Book) -> LimitRow:
    """What is agreed of phones."""
    return next(row for row in read_agreed_limits().rows if (row.book, row.selector_class) == (book, "phone"))


def part_of_thirty_days() -> int:
    """What one evaluator registers of a country's phones in thirty days."""
    return limit_of(Book.REGISTRATIONS).thirty_days // read_agreed_limits().parts


class Tickets:
    """The thief at the other door: he may write into a ticket what he likes, and sign for no other country."""

    def __init__(self, five: Net) -> None:
        self.five, self.http = five, five.http(THIEF)

    def by_nodes(self) -> UUID:
        """A ticket that the nodes abroad signed by themselves, shown with their signatures to all."""
        made = self._ticket(keys=read_agreed_limits().ticket_keys_a_day)
        signatures = [one.signature for to in others(THIEF) if (one := self._show(made, to)).signature is not None]
        for to in others(THIEF):
            self._show(made, to, *signatures)
        return UUID(made.id)

    def for_persons(self) -> list[str]:
        """Above a day's ceiling, for searches, for an epoch: those that count anywhere, though no person signed."""
        asked = [
            self._ticket(keys=read_agreed_limits().ticket_keys_a_day + 1),
            self._ticket(purpose=EvaluationPurpose.SEARCH),
            self._ticket(purpose=EvaluationPurpose.EPOCH, epoch=2),
        ]
        return [f"{one.purpose} at {to}" for one in asked for to in others(THIEF) if self._counts(one, to)]

    def misused(self, at: Partition) -> list[str]:
        """The ways to use a ticket for what it is not that gave an answer: none."""
        self._begin_anew()
        good, others_own = self.by_nodes(), self._of_another(at)
        granted = self._request(300, good)
        ways = {
            "before any misuse": granted,
            "as its repeat on no ticket": granted.model_copy(update={"ticket": None}),
            "of another country": self._request(300, others_own),
            "that nobody showed": self._request(300, self.five.clock.new_id()),
            "for another class": self._request(60, good, key_id="plate/e1"),
            "for another purpose": self._request(300, good, purpose=EvaluationPurpose.SEARCH),
            "for a change of the epoch": self._request(300, good, key_id=NEXT, purpose=EvaluationPurpose.EPOCH),
            "for more under an id that was granted": self._request(301, good, request_id=granted.body.request_id),
        }
        answered = [way for way, asked in ways.items() if self.five.post(THIEF, at, asked).status_code == 200]
        self.five.clock.offset += timedelta(days=31)
        if self.five.post(THIEF, at, self._request(300, good)).status_code == 200:
            answered.append("after its end")
        self.five.clock.offset -= timedelta(days=31)
        honest = ["before any misuse", "as its repeat on no ticket"]
        refused = [f"never, {one}" for one in honest if one not in answered]
        return [*refused, *(one for one in answered if one not in honest)]

    def raced(self, at: Partition) -> int:
        """Keys that one evaluator grants when many workers ask at once on a ticket that nodes signed."""
        self._begin_anew()
        ticket = self.by_nodes()
        asked = [self._request(150, ticket, seed=f"raced {n}") for n in range(12)]
        with ThreadPoolExecutor(6) as workers:
            answers = list(workers.map(lambda one: self.five.post(THIEF, at, one).status_code, asked))
        return 150 * answers.count(200)

    def _begin_anew(self) -> None:
        for country in others(THIEF):
            self.five.forget_counts(country)

    def _of_another(self, at: Partition) -> UUID:
        """A good ticket of another country, of which the thief knows the id."""
        another = next(one for one in others(THIEF) if one is not at)
        made = self._ticket(iss=another)
        compact = NodeSigner(self.five[another].keys).sign(Typ.TICKET, document(made)).decode()
        signatures = [sign_ticket(self.five[one], made, person="0" * 32) for one in others(another)]
        asked = TicketAsked(ticket=compact, signatures=tuple(signatures))
        said = read(TicketAnswer, self.five.http(another).post(at, TICKETS, dumps_plain(document(asked))).body)
        if not said.counts:
            raise ValueError("the honest country's ticket counts")
        return UUID(made.id)

    def _request(
        self, keys: int, ticket: UUID, *, key_id: str = "phone/e1", seed: str = "misused", **said: Any
    ) -> EvaluationRequest:
        return request(self.five.clock, THIEF, {key_id: keys}, actor="invented", seed=seed, ticket=ticket, **said)

    def rung_at(self) -> list[str]:
        """The countries whose privacy officer hears of it."""
        rung = []
        for country in others(THIEF):
            bring_tickets(self.five[country])
            with self.five[country].work(system(country, "worker")) as work:
                if any(
                    one.startswith(f"{THIEF.value}/")
                    for one in work.access.alarms.open_since(AlarmKind.PARTNER_ASKS_TICKET)
                ):
                    rung.append(country.value)
        return rung

    def _counts(self, made: Ticket, to: Partition) -> bool:
        """With what nodes gave, and with signatures of persons that the stolen key made."""
        keys = self.five[THIEF].keys
        given = [one.signature for at in others(THIEF) if (one := self._show(made, at)).signature is not None]
        forged = [
            TicketSignature(
                iss=one, aud=THIEF, ticket=made.id, digest=made.digest(), by="person", person="0" * 32, at=made.at
            )
            for one in others(THIEF)
        ]
        made_up = [
            jws.sign(dumps_plain(document(one)), typ=Typ.TICKET_SIGNATURE, kid=keys.kid, key=keys.signing)
            for one in forged
        ]
        with suppress(PartnerRefused):
            self._show(made, to, *made_up)
        return self._show(made, to, *given).counts

    def _show(self, made: Ticket, to: Partition, *signatures: str) -> TicketAnswer:
        compact = NodeSigner(self.five[THIEF].keys).sign(Typ.TICKET, document(made)).decode()
        asked = TicketAsked(ticket=compact, signatures=signatures)
        return read(TicketAnswer, self.http.post(to, TICKETS, dumps_plain(document(asked))).body)

    def _ticket(self, **other: Any) -> Ticket:
        now = self.five.clock.now()
        said: dict[str, Any] = {
            "id": str(self.five.clock.new_id()), "iss": THIEF, "purpose": EvaluationPurpose.REGISTER,
            "selector_class": "phone", "keys": 1_000, "rows": 1, "first": instant(now),
            "until": instant(now + timedelta(days=30)), "reason": TicketReason.IMPORT_OF_PAST_YEARS, "at": instant(now),
            "attested": Attested(evaluated=0, published=0, by="0" * 32, at=instant(now)),
        }  # fmt: skip
        return Ticket(**(said | other))


@dataclass
class Sweep:
    """One thief at work.

    Attributes:
        declared: what he says of his registrations.
        ticket: that he names.
        got: tokens by the moment they came.
    """

    five: Net
    purpose: EvaluationPurpose
    numbers: int
    declared: Declared = Declared.PUBLISH
    ticket: UUID | None = None
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

    def above_thirty_days(self, limit: LimitRow) -> list[str]:
        """Where more came in thirty days than is agreed; a ticket lifts the rest."""
        sums = (sum(n for at, n in self.got if begin <= at < begin + timedelta(days=30)) for begin, _ in self.got)
        return [
            f"{found} tokens in thirty days; agreed are {limit.thirty_days}"
            for found in sums
            if found > limit.thirty_days
        ]

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
                ticket=self.ticket,
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
