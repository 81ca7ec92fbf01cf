"""Reconciling evaluations both ways: what evaluators say that they answered, against what was asked here.

Pure. An evaluation that nobody here asked for was asked by somebody who holds this node's key, or its trace was
removed; an answer that its evaluator does not list was never counted there, or is kept from us. Either is a finding of
the privacy officer (pseudonyms.md 9).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from schemas.exchange.evaluation import EvaluationPurpose

GRACE: Final = timedelta(days=1)
"""After the end of a day, until its list is asked for: an answer given at midnight may still be on its way."""
SILENT_AFTER: Final = timedelta(days=3)
"""After that grace, until an evaluator that gives no list is told to the privacy officer. Assumed."""


class NightState(StrEnum):
    """How a day stands with one evaluator."""

    MATCHED = "matched"
    LATE = "late"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for evaluation as this country keeps it.

    Attributes:
        keys: how many it had.
        traced: whether the leaf is there that says why it was asked; of a report: always.
    """

    purpose: EvaluationPurpose
    keys: int
    traced: bool


@dataclass(frozen=True, slots=True)
class Night:
    """What came of one day of one evaluator.

    Attributes:
        listed: how many requests it says that it granted.
        unasked: of these, those that this country did not ask for, not so, or without a trace; of all evaluators'
            counts of a day, which stand under the own country, requests that one evaluator granted alone.
        unlisted: those that it answered by our book the day before, and that stand in none of its lists.
        bound: whether it told everybody the same of these requests.
    """

    day: date
    state: NightState
    listed: int = 0
    unasked: tuple[UUID, ...] = ()
    unlisted: tuple[UUID, ...] = ()
    bound: bool = True


def reconcile_night(
    day: date,
    listed: Mapping[UUID, tuple[EvaluationPurpose, int]],
    asked: Mapping[UUID, Asked],
    unlisted: Collection[UUID],
    *,
    bound: bool = True,
) -> Night:
    """Compare a day's list of an evaluator with the book of this country.

    Args:
        day: of UTC, by the evaluator's clock.
        listed: what it says: purpose and number of keys by request id.
        asked: of these, what this country asked for.
        unlisted: what it answered the day before by our book, and listed on no day.
        bound: whether the list is the one whose root it gave to all.
    """
    unasked = tuple(sorted(one for one, said in listed.items() if not _is_known_request(said, asked.get(one))))
    missing = tuple(sorted(unlisted))
    state = NightState.FINDING if unasked or missing or not bound else NightState.MATCHED
    return Night(day, state, len(listed), unasked, missing, bound)


def is_due(day: date, now: datetime) -> bool:
    """Whether a day's list is to be asked for."""
    return now >= end_of(day) + GRACE


def is_silent(day: date, now: datetime) -> bool:
    """Whether an evaluator that has not given a day's list yet is to be told to the privacy officer."""
    return now >= end_of(day) + GRACE + SILENT_AFTER


def end_of(day: date) -> datetime:
    """The end of a day of UTC."""
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def _is_known_request(said: tuple[EvaluationPurpose, int], known: Asked | None) -> bool:
    return known is not None and known.traced and said == (known.purpose, known.keys)
