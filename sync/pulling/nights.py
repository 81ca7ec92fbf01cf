"""One country's evaluations, compared night by night with what its evaluators say of them (README, "Reconciling").

Their lists of ids are compared with the own book, both ways, and with the root that they told everybody; once all four
evaluators' counts of a day are here, and the own evaluator's, they are compared with each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import Alarm
from register.domain.access.caller import system
from register.domain.exchange.counts import granted_alone, summed
from register.domain.exchange.quotas import first_day
from register.domain.exchange.reconciling import Night, NightState, is_due, is_silent, reconcile
from register.domain.partition import others
from register.errors import PartnerError
from register.logs import logger
from schemas.codes import AlarmKind, Partition
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.lists import CountsList
from sync.protocol.documents.roster import Rosters
from sync.protocol.refusals import ListRefused
from sync.pulling import answered, counted
from sync.transport import PartnerHttp
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
        now = self._register.clock.now()
        with self._register.work(self._caller) as work:
            last, first = work.reconciling.last_night(evaluator), work.reconciling.first_asked()
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
        self._compare_counts(day)
        return state

    def _compare(self, evaluator: Partition, day: date, listed: Listed, counts: CountsList) -> NightState:
        bound = counted.are_bound(counts, self._register.partition, listed.keys())
        with self._register.work(self._caller) as work:
            book = work.reconciling
            asked = book.asked(listed.keys())
            book.keep_listed(evaluator, day, sorted(listed.keys() & asked.keys()))
            book.keep_counts(evaluator, day, counted.granted_by(counts))
            night = reconcile(day, listed, asked, book.unlisted(evaluator, day - timedelta(days=1)), bound=bound)
            book.keep_night(evaluator, night)
            work.audit.note(
                "evaluations.reconciled",
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
                    work.alarms.ring(Alarm(kind=kind, whose="partner", about=evaluator), quiet=timedelta(0))
        return night.state

    def _compare_counts(self, day: date) -> None:
        """Look at what all evaluators granted on a day, once the last of them is known."""
        me = self._register.partition
        with self._register.work(self._caller) as work:
            counts = work.reconciling.counts(day)
            # The own evaluator's counts are kept for thirty days: of an older day they would be missing.
            if set(counts) != set(others(me)) or day <= first_day(self._register.clock.now()):
                return
            alone = granted_alone({**counts, me: summed(work.evaluations.counted(day))})
            work.audit.note("evaluations.counted", "-", day=day.isoformat(), alone=[asdict(one) for one in alone])
            for country in sorted({one.country for one in alone}):
                alarm = Alarm(kind=AlarmKind.GRANTED_ALONE, whose="partner", about=country)
                work.alarms.ring(alarm, quiet=timedelta(0))

    def _late(self, evaluator: Partition, day: date, code: str) -> None:
        logger().warning("list.not-taken", partition=self._register.partition, partner=evaluator, code=code)
        with self._register.work(self._caller) as work:
            work.reconciling.keep_night(evaluator, Night(day, NightState.LATE))
            if is_silent(day, self._register.clock.now()):
                work.alarms.ring(Alarm(kind=AlarmKind.EVALUATOR_SILENT, whose="partner", about=evaluator))

    def _counts(self, evaluator: Partition, day: date) -> CountsList:
        """What an evaluator told everybody of a day.

        Raises:
            PartnerError: it cannot be had, or is refused.
        """
        answer = self._http.get(evaluator, f"{counted.PATH}/{day.isoformat()}", bytes_max=LIST_CHARS_MAX)
        trust = trust_of(self._register.partition, self._rosters(), evaluator)
        return counted.read_counts(answer.body, trust, day)

    def _listed(self, evaluator: Partition, day: date) -> Listed:
        """The whole of a day's list.

        Raises:
            PartnerError: it cannot be had whole, or is refused.
        """
        found: Listed = {}
        trust, after = trust_of(self._register.partition, self._rosters(), evaluator), None
        for _ in range(PIECES_MAX):
            path = f"{answered.PATH}/{day.isoformat()}"
            path += "" if after is None else "?" + urlencode({"after": str(after)})
            answer = self._http.get(evaluator, path, bytes_max=LIST_CHARS_MAX)
            piece = answered.read_piece(answer.body, trust, day, after)
            found |= {UUID(row.request): (row.purpose, row.keys) for row in piece.rows}
            if piece.next is None:
                return found
            if after is not None and piece.next <= str(after):
                raise ListRefused(f"{evaluator}: its list of {day} goes round in a circle")
            after = UUID(piece.next)
        raise ListRefused(f"{evaluator}: its list of {day} has no end")
