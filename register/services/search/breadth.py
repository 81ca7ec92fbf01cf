"""Whether somebody sweeps instead of looking for somebody: rings for the privacy officer, never tells who asks.

Looked at while the values are in memory. What is kept are hashes under a key of this country that name the person or
the case too, and counts; so a stolen database opens no value, and equal values of two persons are not equal in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import NEIGHBOURS_MAX, Alarm, misses_ring
from register.domain.access.caller import Caller
from register.pseudonyms.matchkeys import MatchKey
from register.services.search.budgets import case_name
from register.store.search.search_watch import Searched
from register.store.work import Work
from schemas.codes import AlarmKind
from schemas.search.question import Answer, CountryAnswer, SearchIn

SWEPT: Final = frozenset({"phone", "document", "plate", "iban", "vessel"})
"""Classes whose values are counted up in practice; a name has no neighbour."""
LAST: Final = 2
"""Values that differ in so many last places only are neighbours."""


def note_question(
    register: Register, work: Work, caller: Caller, question: SearchIn, search_id: UUID, families: list[str],
    asked: list[str], keys: Iterable[MatchKey],
) -> None:  # fmt: skip
    """Remember a question for the week's sample, and ring where many of one neighbourhood are asked about.

    In the transaction of the intent.
    """
    now, today = register.clock.now(), register.today()
    work.search.watch.note(
        Searched(
            id=search_id,
            at=now,
            actor=caller.actor,
            organisation=caller.organisation,
            purpose=question.purpose,
            legal_basis=question.legal_basis,
            families=tuple(families),
            asked=tuple(asked),
            case=question.case,
        ),
        today,
    )
    swept = list(_find_neighbourhoods(keys))
    # Pairs, not one value of each neighbourhood: a question of eight neighbours is a sweep by itself.
    hide = register.keys.hide_asked
    seen = {
        one: {(hide(*one, shared), hide(*one, value)) for shared, value in swept}
        for one in _list_whose(register, caller, question.case)
    }
    counts = work.search.watch.neighbours([pair for pairs in seen.values() for pair in pairs], today)
    for (whose, about), pairs in seen.items():
        if any(counts[bucket] >= NEIGHBOURS_MAX for bucket, _ in pairs):
            work.access.alarms.ring(_build_alarm(AlarmKind.NEIGHBOURS, whose, about, caller, question.case))


def note_answer(
    register: Register, work: Work, caller: Caller, question: SearchIn, search_id: UUID, *, own: int,
    answers: Sequence[CountryAnswer], asked: int, missed: int,
) -> None:  # fmt: skip
    """Remember what a question showed, and ring where almost nothing of much that is asked is found.

    Of the values that were asked about, `missed` were found neither at home nor abroad: one that is known among seven
    that are guessed hides none of the seven. A question of which a country's part could not be computed tells nothing
    of whoever asks, and is not counted.
    """
    hits = sum(len(one.hits) for one in answers)
    work.search.watch.answered(search_id, own=own, hits=hits)
    if any(one.answer is Answer.NOT_COMPUTED for one in answers):
        return
    whose = list(_list_whose(register, caller, question.case))
    counted = work.search.watch.outcome(whose, register.today(), asked=asked, missed=missed)
    for one, about in whose:
        if misses_ring(*counted[one]):
            work.access.alarms.ring(_build_alarm(AlarmKind.MANY_MISSES, one, about, caller, question.case))


def _list_whose(register: Register, caller: Caller, case: str) -> Iterator[tuple[str, str]]:
    yield "person", caller.actor
    yield "case", case_name(register, case)


def _build_alarm(kind: AlarmKind, whose: str, about: str, caller: Caller, case: str) -> Alarm:
    return Alarm(
        kind=kind, whose=whose, about=about, actor=caller.actor, organisation=caller.organisation,
        case=case if whose == "case" else None,
    )  # fmt: skip


def _find_neighbourhoods(keys: Iterable[MatchKey]) -> Iterator[tuple[str, str]]:
    """Of each value that has neighbours: what it shares with them, and itself."""
    for key in keys:
        *before, last = key.values
        if key.selector_class in SWEPT and len(last) > 2 * LAST:
            yield "\x1f".join([key.family, *before, last[:-LAST], ""]), "\x1f".join([key.family, *before, last])
