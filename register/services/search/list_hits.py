"""Hits from abroad: received extracts that share a key with an own signal, newest first, with the state of each.

Asking for them is a search, and is held like one. Whoever may register a report could else learn from it which
countries know a number, without purpose, ground or case: by the report alone. So it needs a task and a ground, the
intent is committed before anything is read, and each look costs one value of the day's budgets or, the first time, as
many as were registered with no named person around them, whether there is a hit or not: at most half of a day's, and
hits on reports of which values are left show once further looks have answered for these. Each extract is judged by the
rules as one that a search has found, and what was shown is logged, also that nothing was.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.access.policy import UseCase
from register.domain.instant import to_ms
from register.domain.running.audit_action import AuditAction
from register.domain.signals.protection import OWN_REPORT
from register.domain.signals.reading import sees_hits_of_own_reports
from register.domain.signals.signal import SignalId
from register.errors import CallerError
from register.mou.asking import asker_of
from register.mou.edition import Edition
from register.mou.label import terms_of
from register.mou.rules.use import Blind
from register.services.search.budgets import look_most, refusals_noted, spend
from register.services.search.plan import Plan, plan_for
from register.store.exchange.damages import Stored
from register.store.work import Work
from schemas.codes import Partition, Visibility
from schemas.form import PAGE_MAX
from schemas.search.question import ContactOut, Ground, HitRow, HitsPage

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadHitsCursor(CallerError):
    """The cursor is none that this list gave out."""

    code = "bad-hits-cursor"
    advice = "Begin at the first page and follow its `next`."


def list_hits(
    register: Register,
    caller: Caller,
    ground: Ground,
    *,
    signal: SignalId | None = None,
    cursor: str | None,
    limit: int,
) -> HitsPage:
    """Return one page of hits on own signals; those on blind ones show to the register unit only. A page is a question.

    A hit that may not be shown is left out, and nothing tells that there is one.

    Args:
        register: the caller's country's.
        caller: of the register unit, or with the task SEARCH_SHARED.
        ground: for what he looks, on which law of his country, and for which case of his own administration, or for
            which report that he acts on; logged, the case sealed.
        signal: only hits on this one; one that is not there is answered like one without hits. The look then costs the
            loose values of this one that nobody has looked at, whoever brought them in; else those that the caller
            did. Where the hits on them do not show to him it costs one.
        cursor: where an earlier page ended.
        limit: how many at most.

    Raises:
        TaskMissing: the caller neither keeps the register nor searches.
        CaseRefused: what was given as the case is no reference of one.
        QuestionRefused: the rules refuse the question itself, whatever is there.
        BadHitsCursor: the cursor is none of ours.
        SearchBudgetSpent: it costs more values than the person, the case or the organisation has left of the day; it
            left a leaf. One look never costs more than half of the smallest day, so a fresh day does not refuse it.
    """
    register.permit(caller, UseCase.LIST_HITS)
    ground = ground._replace(case=register.case_of(caller, ground.case))
    limit = max(1, min(limit, PAGE_MAX))
    before = None if cursor is None else _read_cursor(cursor)
    plan = plan_of_look(register, caller, ground)
    besides = not_on_reports_of(caller)
    with (
        refusals_noted(register, caller, purpose=ground.purpose, case=ground.case),
        register.work(caller) as work,
    ):
        # For what does not show to him nobody pays: not he, and the next who looks does.
        shows = besides is None or (signal is not None and not work.search.hits.has_hand_in(besides, signal))
        most = look_most(register, caller, ground.case)
        values, unanswered = work.search.budgets.take_loose(caller.actor, signal, most) if shows else (0, 0)
        spend(register, work, caller, ground.case, values=max(1, values), abroad=True)
        asked = work.running.audit.note(
            AuditAction.HITS_ASKED,
            "-" if signal is None else str(signal),
            private={"case": ground.case},
            purpose=ground.purpose,
            basis=ground.legal_basis,
            edition=plan.edition.hash,
        )
    found: list[HitRow] = []
    with register.work(caller) as work:
        # What nobody has paid for is not shown, or one report full of numbers would be a cheaper question.
        but = work.search.budgets.unanswered(caller.actor, signal) if shows else []
        while len(found) <= limit:
            rows = work.search.hits.newest(
                before=before, limit=limit + 1, hidden=hidden_from(caller, plan.edition), besides=besides, but=but,
                of=signal, organisation=caller.organisation,
            )  # fmt: skip
            found += that_may_be_shown(register, work, plan, rows)
            if len(rows) <= limit:
                break
            before = (rows[-1].found_at, rows[-1].id)
        items = with_protection(work, found[:limit])
        # Of whole countries, as beside the answer to a question.
        unreadable = {c: n for c, n in sorted(work.exchange.damages.count_received().items()) if c in plan.asked}
        cut_off = cut_off_since(register, work, plan.asked)
        work.search.budgets.note_shown(caller.actor, [one.record for one in items], register.today())
        work.running.audit.note(
            AuditAction.HITS_SHOWN,
            asked,
            count=len(items),
            hits=[{"signal": str(one.signal), "owner": one.origin, "record": str(one.record)} for one in items],
        )
    return HitsPage(
        items=items,
        next=_write_cursor(items[-1]) if len(found) > limit else None,
        unanswered=unanswered,
        unreadable=unreadable,
        cut_off=cut_off,
    )


def cut_off_since(register: Register, work: Work, partners: Iterable[Partition]) -> dict[Partition, datetime]:
    """Since when nothing more that these partners say reaches us, of those of whom that holds; to the millisecond."""
    now, after = register.clock.now(), timedelta(seconds=register.settings.sync.head_stale_after_s)
    found = work.exchange.cursors.out_of_date(partners, now=now, after=after)
    return {partner: to_ms(one.since) for partner, one in sorted(found.items()) if one.cut_off}


def with_protection(work: Work, rows: Sequence[HitRow]) -> tuple[HitRow, ...]:
    """The rows, each saying whether our own person is protected; by what other reports say, to the unit alone."""
    known = work.signals.protections.reasons_of_many({row.signal for row in rows})
    unit = work.caller.may(Task.REGISTER)

    def is_protected(row: HitRow) -> bool:
        reasons = known.get(row.signal, {})
        # Of one that was found before its person was kept, it may be any of them.
        of = reasons.values() if row.subject is None else [reasons.get(row.subject, frozenset())]
        return any(why if unit else why & OWN_REPORT for why in of)

    return tuple(row.model_copy(update={"protected": is_protected(row)}) for row in rows)


def plan_of_look(register: Register, caller: Caller, ground: Ground) -> Plan:
    """Return by which rules somebody looks at hits on a ground; raises `QuestionRefused`."""
    # That the register unit looks at what came for its reports is what the register is for, and the rule on who
    # searches does not forbid it; grounds, purposes and what each extract allows bind it like everybody.
    asker = asker_of(caller, purpose=ground.purpose, legal_basis=ground.legal_basis, case=ground.case)
    return plan_for(register, replace(asker, searches_shared=True), (register.edition,))


def not_on_reports_of(caller: Caller) -> str | None:
    """Whose reports' hits do not show to a caller: his own, where he may not search."""
    return None if sees_hits_of_own_reports(caller) else caller.actor


def hidden_from(caller: Caller, edition: Edition) -> frozenset[Visibility]:
    """The visibilities of own signals whose hits do not show to a caller."""
    return frozenset() if caller.may(Task.REGISTER) else edition.given("VISIBILITY-1", Blind).visibilities


def that_may_be_shown(register: Register, work: Work, plan: Plan, rows: Sequence[HitRow]) -> list[HitRow]:
    """Those of the rows whose extract a search on this ground would show, each with whom to ask for the content."""
    today, seen = register.today(), dict[tuple[Partition, UUID], ContactOut]()
    for origin in plan.asked:
        records = sorted({row.record for row in rows if row.origin is origin})
        held, damaged = work.exchange.held.try_open(origin, records) if records else ({}, [])
        if damaged:
            work.exchange.damages.note(Stored.RECEIVED, origin, [str(one) for one in damaged])
        for record, extract in held.items():
            if plan.may_see(terms_of(extract), today=today).allowed:
                contact = extract.put.record.contact
                seen[origin, record] = ContactOut(unit=contact.unit, routes=tuple(contact.routes))
    judged = ((row, seen.get((row.origin, row.record))) for row in rows)
    return [row.model_copy(update={"contact": contact}) for row, contact in judged if contact is not None]


def _write_cursor(last: HitRow) -> str:
    micros = (last.found_at - _EPOCH).total_seconds() * 1_000_000
    return base64.urlsafe_b64encode(round(micros).to_bytes(8, "big") + last.id.bytes).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return datetime.fromtimestamp(int.from_bytes(raw[:8], "big") / 1_000_000, UTC), UUID(bytes=raw[8:])
    except (ValueError, OverflowError, OSError):
        raise BadHitsCursor("the cursor is none that this list gave out") from None
