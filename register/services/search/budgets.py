"""How many values a person, a case and an organisation may look up a day; what is refused for it leaves a leaf.

A name with its birth date is one value, and so is each number, document or mark: eight of them in one question count
as eight. Counted with the intent, before anything is looked up, so misses count like hits. Every value is one of the
own register; one that other countries are asked about too is also the person's, the case's and the organisation's. So
is a look at the hits from abroad: it answers for the values of own reports what a search answers for a value that is
typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import Alarm, budget_rings
from register.domain.access.caller import Caller
from register.domain.access.case import counted_case
from register.domain.partition import day_in, local_time, midnight_in
from register.domain.running.audit_action import AuditAction
from register.errors import CallerError
from register.store.search.budgets import Purse
from register.store.work import Work
from schemas.canonical import b64
from schemas.codes import AlarmKind, Purpose

_SAID: Final = {
    "person": "you have looked up {spent} of the {most} that one person may look up in a day",
    "case": "{spent} of the {most} that may be looked up for one case in a day were looked up",
    "organisation": "your organisation has looked up {spent} of the {most} that it may look up in a day",
    "own": "you have looked up {spent} of the {most} that one person may look up in the own register in a day",
}


class SearchBudgetSpent(CallerError):
    """It asks about more values than are left of the day; nothing was looked up."""

    code = "search-budget-spent"
    advice = (
        "Ask about fewer values (of hits from abroad, look at those on one report, by its id), or again from the time "
        "that the message names. What cannot wait is asked by somebody "
        "else who may search, unless it is the case's or the organisation's day that is spent."
    )


@contextmanager
def refusals_noted(register: Register, caller: Caller, *, purpose: Purpose, case: str) -> Iterator[None]:
    """A question that a budget refuses leaves a leaf and rings by itself, since its intent was rolled back with it."""
    try:
        yield
    except SearchBudgetSpent as refusal:
        spent = refusal.details["budget"]
        with register.work(caller) as work:
            work.running.audit.note(AuditAction.SEARCH_REFUSED, "-", code=refusal.code, budget=spent, purpose=purpose)
            for purse in _list_purses(register, caller, case, abroad=True):
                if purse.budget == spent:
                    work.access.alarms.ring(_build_alarm(AlarmKind.BUDGET_SPENT, purse, caller, case))
        raise


def case_name(register: Register, case: str) -> str:
    """A case as it is counted: opaque, the same for however it was typed."""
    return b64(register.keys.hide_case(counted_case(case)))


def spend_on_record(register: Register, work: Work, caller: Caller, case: str, record: UUID) -> None:
    """Count the reading of one record of a partner; a search or a look that showed it today has paid for it.

    Raises:
        SearchBudgetSpent: as `spend`, whether there is such a record or not.
    """
    if work.search.budgets.was_shown(caller.actor, record, register.today()):
        _note_case(register, work, caller, case)
    else:
        spend(register, work, caller, case, values=1, abroad=True)


def spend(register: Register, work: Work, caller: Caller, case: str, *, values: int, abroad: bool) -> None:
    """Count one question by its values.

    Args:
        register: the caller's country's.
        work: the transaction of the intent.
        caller: who asks.
        case: of `Register.case_of`.
        values: how many it looks up, at least one.
        abroad: whether another country is asked, or what came from one is looked at.

    Raises:
        SearchBudgetSpent: names whose budget has less left, and from when on there is one again; the intent must not
            commit.
    """
    _note_case(register, work, caller, case)
    now, purses = register.clock.now(), _list_purses(register, caller, case, abroad=abroad)
    today = day_in(register.partition, now)
    empty, spent = work.search.budgets.spend(purses, today, values)
    if empty is None:
        for purse in purses:
            if budget_rings(spent[purse.budget], purse.most, last=values):
                work.access.alarms.ring(_build_alarm(AlarmKind.BUDGET_NEARLY, purse, caller, case))
        return
    again = midnight_in(register.partition, today + timedelta(days=1))
    at = local_time(register.partition, again)
    before = work.search.budgets.spent(empty, today)
    said = _SAID[empty.budget].format(spent=before, most=empty.most)
    raise SearchBudgetSpent(
        f"this asks about {values} {'value' if values == 1 else 'values'}, and {said}; you can ask again on "
        f"{at:%d-%m-%Y} from {at:%H:%M}",
        budget=empty.budget,
        most=empty.most,
        spent=before,
        values=values,
        retry_at=again.isoformat(),
        retry_after_s=int((again - now).total_seconds()) + 1,
    )


def look_most(register: Register, caller: Caller, case: str) -> int:
    """How many values one look at hits answers for, so that no day that is fresh refuses it and a second has room."""
    return max(1, min(purse.most for purse in _list_purses(register, caller, case, abroad=True)) // 2)


def _note_case(register: Register, work: Work, caller: Caller, case: str) -> None:
    """Ring where one person asks for more different cases in a day than somebody works on."""
    today = register.today()
    about = f"{caller.actor}\x1f{today}"
    of_day, this = (register.keys.hide_asked("cases", about, what) for what in ("", counted_case(case)))
    seen = work.search.watch.neighbours([(of_day, this)], today)
    if seen[of_day] >= register.settings.search.cases_day:
        work.access.alarms.ring(
            Alarm(
                kind=AlarmKind.MANY_CASES, whose="person", about=caller.actor, actor=caller.actor,
                organisation=caller.organisation,
            )
        )  # fmt: skip


def _list_purses(register: Register, caller: Caller, case: str, *, abroad: bool) -> list[Purse]:
    given = register.settings.search
    purses = [Purse("own", caller.actor, given.own_day)]
    if abroad:
        purses += [
            Purse("person", caller.actor, given.person_day),
            Purse("case", case_name(register, case), given.case_day),
            Purse("organisation", caller.organisation or "none", given.organisation_day),
        ]
    return purses


def _build_alarm(kind: AlarmKind, purse: Purse, caller: Caller, case: str) -> Alarm:
    return Alarm(
        kind=kind, whose=purse.budget, about=purse.name, actor=caller.actor, organisation=caller.organisation,
        case=case if purse.budget == "case" else None,
    )  # fmt: skip
