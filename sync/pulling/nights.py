"""One country's evaluations, compared night by night with what its evaluators say of them (README, "Reconciling").

Their lists of ids are compared with the own book, both ways, and with the root that they told everybody; once all four
evaluators' counts of a day are here, and the own evaluator's, they are compared with each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import UTC, date, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import Alarm
from register.domain.access.caller import system
from register.domain.exchange.counts import add_up_granted, granted_alone
from register.domain.exchange.quotas import first_day
from register.domain.exchange.reconciling import Night, NightState, is_due, is_silent, reconcile_night
from register.domain.partition import others
from register.domain.running.audit_action import AuditAction
from register.errors import PartnerError
from register.logs import logger
from schemas import canonical
from schemas.codes import AlarmKind, Partition
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.lists import COUNTS_CHARS_MAX, AnsweredPiece, AnsweredRequest, CountsList, CountsOf, Opening
from schemas.exchange.wire import document
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.signed import Trust
from sync.protocol.refusals import ListRefused
from sync.pulling import answered, counted, opened
from sync.transport.partner import PartnerHttp
from sync.trust import LIST_CHARS_MAX, trust_of

PIECES_MAX: Final = 200
"""Of one day: 200,000 requests, far over what any limit grants."""
TOLD_MAX: Final = 20
"""Ids that stand in the leaf of a night; the count is always whole."""

Listed = dict[UUID, tuple[EvaluationPurpose, int]]


class Nights:
    """One country's evaluations, compared day by day with the list of each evaluator."""

    def __init__(self, register: Register, http: PartnerHttp, rosters: Callable[[], Rosters]) -> None:
        self._register, self._http, self._rosters = register, http, rosters
        self._caller = system(register.partition, "worker")

    def turn(self, evaluator: Partition) -> NightState | None:
        """Compare the next day that is due with an evaluator's list; None where none is due.

        A day whose list or counts cannot be had, or are refused, is late, and is asked for again the next time; the
        days after it wait. What is found rings for the privacy officer, and leaves a leaf with the ids.
        """
        # One that was left undone when the process ended comes first.
        self._compare_counts()
        now = self._register.clock.now()
        with self._register.work(self._caller) as work:
            last, first = work.exchange.reconciling.last_night(evaluator), work.exchange.reconciling.first_asked()
        if last is None and first is None:
            # Nothing was ever asked here: what an evaluator lists all the same was asked by somebody else.
            last = now.astimezone(UTC).date() - timedelta(days=3)
        day = last + timedelta(days=1) if last is not None else first.astimezone(UTC).date()  # type: ignore[union-attr]
        if not is_due(day, now):
            return None
        try:
            listed, counts = self._listed(evaluator, day), self._counts(evaluator, day)
        except PartnerError as refusal:
            self._late(evaluator, day, refusal.code)
            return NightState.LATE
        state = self._compare(evaluator, day, listed, counts)
        self._compare_counts()
        return state

    def _compare(self, evaluator: Partition, day: date, listed: Listed, counts: CountsList) -> NightState:
        bound = counted.are_bound(counts, self._register.partition, listed.keys())
        with self._register.work(self._caller) as work:
            book = work.exchange.reconciling
            asked = book.asked(listed.keys())
            book.keep_listed(evaluator, day, sorted(listed.keys() & asked.keys()))
            book.keep_counts(evaluator, day, counted.granted_by(counts))
            night = reconcile_night(day, listed, asked, book.unlisted(evaluator, day - timedelta(days=1)), bound=bound)
            book.keep_night(evaluator, night)
            work.running.audit.note(
                AuditAction.EVALUATIONS_RECONCILED,
                str(evaluator),
                day=day.isoformat(),
                state=night.state.value,
                listed=night.listed,
                unasked=len(night.unasked),
                unlisted=len(night.unlisted),
                unasked_ids=[str(one) for one in night.unasked[:TOLD_MAX]],
                unlisted_ids=[str(one) for one in night.unlisted[:TOLD_MAX]],
                bound=night.bound,
            )
            for kind, found in (
                (AlarmKind.EVALUATED_UNASKED, bool(night.unasked)),
                (AlarmKind.ANSWER_NOT_LISTED, bool(night.unlisted)),
                (AlarmKind.COUNTED_OTHERWISE, not night.bound),
            ):
                if found:
                    # Each night is found once: what was acknowledged was another one.
                    work.access.alarms.ring(Alarm(kind=kind, whose="partner", about=evaluator), quiet=timedelta(0))
        return night.state

    def _compare_counts(self) -> None:
        """Look at what all evaluators granted, of each day of which the last of them is known by now.

        Where one granted alone the ids are opened: network first, and then what was found in one transaction. The row
        of the own country says of a day that this is done.
        """
        me, now = self._register.partition, self._register.clock.now()
        with self._register.work(self._caller) as work:
            # The own evaluator's counts are kept for thirty days: of an older day they would be missing.
            days = work.exchange.reconciling.to_count(after=first_day(now))
        for day in days:
            with self._register.work(self._caller) as work:
                granted = {
                    **work.exchange.reconciling.counts(day),
                    me: add_up_granted(work.exchange.evaluations.counted(day)),
                }
            alone = granted_alone(granted)
            # What this country granted alone stands in its own book, and nobody opens to it what it says itself.
            elsewhere = {one.country for one in alone if one.evaluator is not me}
            found = {
                one: self._alone_at(one, day) if one in elsewhere else None
                for one in sorted({one.country for one in alone})
            }
            ids = [one for theirs in found.values() for one in theirs or ()]
            with self._register.work(self._caller) as work:
                state = NightState.FINDING if alone else NightState.MATCHED
                work.exchange.reconciling.keep_night(me, Night(day, state, unasked=tuple(ids)))
                work.running.audit.note(
                    AuditAction.EVALUATIONS_COUNTED,
                    "-",
                    day=day.isoformat(),
                    alone=[asdict(one) for one in alone],
                    opened={country: None if ids is None else len(ids) for country, ids in found.items()},
                    ids=[str(one) for one in ids[:TOLD_MAX]],
                )
                for country in found:
                    alarm = Alarm(kind=AlarmKind.GRANTED_ALONE, whose="partner", about=country)
                    work.access.alarms.ring(alarm, quiet=timedelta(0))

    def _alone_at(self, country: Partition, day: date) -> list[UUID] | None:
        """The requests of a country that one evaluator alone granted on a day; None where one does not open its ids.

        Of the own country's requests nothing is to be opened: they stand in each night's list.
        """
        me = self._register.partition
        if country is me:
            return None
        partners = [one for one in others(country) if one is not me]
        with self._register.work(self._caller) as work:
            requests = work.exchange.evaluations.requests_of(day)
            own = counted.counts_of(self._register, work.exchange.evaluations.counted(day), requests, day)
        lists: dict[Partition, Collection[UUID]] = {me: requests.get(country, [])}
        try:
            signed = {one: self._counts_signed(one, day) for one in partners}
            # Before anything is made of them: an evaluator may answer with whatever it likes.
            told = {one: counted.read_counts(jws, self._trust(one), day) for one, jws in signed.items()}
            shown = tuple(CountsOf(evaluator=one, counts=jws.decode()) for one, jws in {**signed, me: own}.items())
            for one in partners:
                lists[one] = self._opened(one, Opening(country=country, day=day, counts=shown))
                if not counted.are_bound(told[one], country, lists[one]):
                    raise ListRefused(f"{one}: opened other ids of {country} on {day} than those of its root")
        except PartnerError as refusal:
            logger().warning("ids.not-opened", partition=me, about=country, code=refusal.code)
            return None
        times = Counter(request for ids in lists.values() for request in set(ids))
        return sorted(request for request, n in times.items() if n == 1)

    def _opened(self, evaluator: Partition, opening: Opening) -> list[UUID]:
        """All ids that an evaluator opens; errors as `_listed`."""
        trust = self._trust(evaluator)

        def piece(after: UUID | None) -> AnsweredPiece:
            asked = opening.model_copy(update={"after": None if after is None else str(after)})
            answer = self._http.post(evaluator, opened.PATH, canonical.dumps_plain(document(asked)))
            return answered.read_piece(answer.body, trust, opening.day, after, opening.country)

        return [UUID(row.request) for row in _collect_rows(evaluator, opening.day, piece)]

    def _trust(self, evaluator: Partition) -> Trust:
        return trust_of(self._register.partition, self._rosters(), evaluator)

    def _late(self, evaluator: Partition, day: date, code: str) -> None:
        logger().warning("list.not-taken", partition=self._register.partition, partner=evaluator, code=code)
        with self._register.work(self._caller) as work:
            work.exchange.reconciling.keep_night(evaluator, Night(day, NightState.LATE))
            if is_silent(day, self._register.clock.now()):
                work.access.alarms.ring(Alarm(kind=AlarmKind.EVALUATOR_SILENT, whose="partner", about=evaluator))

    def _counts(self, evaluator: Partition, day: date) -> CountsList:
        """What an evaluator told everybody of a day.

        Raises:
            PartnerError: it cannot be had, or is refused.
        """
        return counted.read_counts(self._counts_signed(evaluator, day), self._trust(evaluator), day)

    def _counts_signed(self, evaluator: Partition, day: date) -> bytes:
        return self._http.get(evaluator, f"{counted.PATH}/{day.isoformat()}", bytes_max=COUNTS_CHARS_MAX).body

    def _listed(self, evaluator: Partition, day: date) -> Listed:
        """The whole of a day's list.

        Raises:
            PartnerError: it cannot be had whole, or is refused.
        """
        trust = self._trust(evaluator)

        def piece(after: UUID | None) -> AnsweredPiece:
            path = f"{answered.PATH}/{day.isoformat()}"
            path += "" if after is None else "?" + urlencode({"after": str(after)})
            answer = self._http.get(evaluator, path, bytes_max=LIST_CHARS_MAX)
            return answered.read_piece(answer.body, trust, day, after)

        return {UUID(row.request): (row.purpose, row.keys) for row in _collect_rows(evaluator, day, piece)}


def _collect_rows(
    evaluator: Partition, day: date, piece: Callable[[UUID | None], AnsweredPiece]
) -> list[AnsweredRequest]:
    """All rows of a list that comes in pieces.

    Raises:
        ListRefused: it has no end.
        PartnerError: what `piece` raises.
    """
    found: list[AnsweredRequest] = []
    after = None
    for _ in range(PIECES_MAX):
        part = piece(after)
        found += part.rows
        if part.next is None:
            return found
        if after is not None and part.next <= str(after):
            raise ListRefused(f"{evaluator}: its list of {day} goes round in a circle")
        after = UUID(part.next)
    raise ListRefused(f"{evaluator}: its list of {day} has no end")
