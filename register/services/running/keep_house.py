"""Small upkeep that nobody waits for: forget what has had its time, destroy ended keys, seal, call the privacy officer.

Whoever forgets or draws watches the clock (`ClockWatch`): what is forgotten does not come back, and a week is drawn
once. Keys that have ended go whatever the clock says.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol
from uuid import UUID

from register.core import Register
from register.domain.access.alarm import Alarm, rows_differ
from register.domain.access.caller import Caller, system
from register.domain.running.audit_action import AuditAction
from register.errors import code_of
from register.logs import logger
from register.services.running.check_node import partners_asking_much
from register.services.running.try_each import is_about_the_object
from register.store.running.sealing import Erased, NotSealed
from register.store.sealed_before import Mark, Marked
from schemas.codes import AlarmKind


class _SealsAnew(Protocol):
    def seal_anew(self, row_id: UUID, /) -> None: ...


def keep_house(register: Register) -> int:
    """Forget what has had its time, and return how much of it there was.

    Answers kept for repeats, sessions, unsent reports, settled to-dos, counts of questions, tickets that ended a year
    ago, and approvals of classes that ended years ago.

    The pages forget them too, when somebody begins anew; this holds also where nobody comes any more.
    """
    with register.work(system(register.partition, "worker")) as work:
        answers = work.running.idempotency.purge()
        sessions, drafts = work.access.sessions.forget_ended(), work.signals.form_drafts.forget_ended()
        today = register.today()
        settled, asked = work.running.to_do.forget_done(), work.search.budgets.forget_old(today)
        asked += (
            work.search.watch.forget_old(today)
            + work.access.alarms.forget_old()
            + work.exchange.reconciling.forget_old()
        )
        tickets = work.exchange.tickets.forget_old()
        classes = work.signals.class_approvals.forget_old(today)
        if answers or sessions or drafts or settled or asked or tickets or classes:
            work.running.audit.note(
                AuditAction.HOUSE_KEPT,
                "-",
                answers=answers,
                sessions=sessions,
                drafts=drafts,
                settled=settled,
                questions=asked,
                tickets=tickets,
                classes=classes,
            )
    return answers + sessions + drafts + settled + asked + tickets + classes


def call_privacy_officer(register: Register) -> int:
    """Ring where a partner asks much, and draw the searches of weeks that are over; return how many were drawn.

    An alarm that was acknowledged without a sealed reason is open again, and rings as what was written beside us.
    """
    much = partners_asking_much(register)
    with register.work(system(register.partition, "worker")) as work:
        for one in much:
            work.access.alarms.ring(Alarm(kind=AlarmKind.PARTNER_ASKS_MUCH, whose="partner", about=one.about))
        if unsaid := work.access.alarms.reopen_unsaid():
            work.running.audit.note(AuditAction.ALARM_OPENED_ANEW, "-", count=unsaid)
            work.access.alarms.ring(rows_differ("alarm"))
        drawn = work.search.watch.draw(register.today())
        if drawn:
            work.running.audit.note(AuditAction.SEARCH_DRAWN, "-", count=drawn)
    return drawn


def destroy_keys(register: Register, limit: int) -> int:
    """Destroy at most `limit` data keys that have ended, the first to end first; return how many.

    The second step of an erasure, which only the worker's role can take: whoever erased ended the keys in the
    transaction of what was erased, and from then on they open nothing (`store.running.sealing`). A worker that is
    killed in between has lost nothing: what it did not commit still waits. The audit log says of each lot why, who
    ended it, how many and which: ids of keys, which tell nothing of a person.
    """
    with register.work(system(register.partition, "worker")) as work:
        destroyed = work.keys.destroy_ended(limit)
        for lot in destroyed:
            work.running.audit.note(
                AuditAction.DATA_KEYS_DESTROYED,
                "-",
                reason=lot.reason,
                by=lot.by,
                count=len(lot.keys),
                keys=[str(key) for key in lot.keys],
            )
    return sum(len(lot.keys) for lot in destroyed)


def seal_pseudonyms(register: Register, limit: int) -> int:
    """Seal what a release before wrote of at most `limit` own reports in plain; return of how many.

    Nothing is asked of evaluators, and no report is opened: one that does not open any more is sealed as well.
    """
    worker = system(register.partition, "worker")
    with register.work(worker) as work:
        waiting = work.signals.own_tokens.in_plain(limit)
    for signal_id in waiting:
        with register.work(worker) as work:
            work.signals.reports.lock(signal_id)
            ends = work.signals.reports.get_sealed(signal_id).retain_until
            work.signals.own_tokens.set(signal_id, work.signals.own_tokens.of(signal_id), ends=ends)
            work.running.audit.note(AuditAction.PSEUDONYMS_SEALED, str(signal_id))
    return len(waiting)


def seal_anew(register: Register, limit: int) -> int:
    """Seal at most `limit` of the rows that a migration has marked beside what they say; return how many are done with.

    A row that is not the one that was marked was written beside the register meanwhile: it stays as it is, and rings.
    One that does not open waits, and is tried again after the others: a backup may bring its key back.
    """
    worker = system(register.partition, "worker")
    with register.work(worker) as work:
        waiting = work.running.sealed_before.waiting(limit)
    return sum(_sealed_anew(register, worker, mark) for mark in waiting)


def _sealed_anew(register: Register, worker: Caller, mark: Mark) -> bool:
    """Whether a marked row waits no more."""
    try:
        with register.work(worker) as work:
            as_marked = work.running.sealed_before.is_as_marked(mark)
            if as_marked:
                stores: Mapping[Marked, _SealsAnew] = {
                    Marked.REFERRAL: work.signals.referrals,
                    Marked.LIFTING: work.signals.liftings,
                    Marked.ALARM: work.access.alarms,
                }
                with suppress(Erased):
                    stores[mark.place].seal_anew(mark.id)
                    work.running.audit.note(AuditAction.named(f"{mark.place}.sealed-anew"), str(mark.id))
            elif as_marked is not None:
                work.running.audit.note(
                    AuditAction.named(f"{mark.place}.not-sealed"), str(mark.id), code=NotSealed.code
                )
                work.access.alarms.ring(rows_differ(mark.place))
            work.running.sealed_before.forget(mark)
    except Exception as error:
        if not is_about_the_object(error):
            raise
        logger().error(
            "row.not-sealed",
            partition=register.partition,
            place=mark.place,
            object_id=str(mark.id),
            code=code_of(error),
        )
        with register.work(worker) as work:
            work.running.sealed_before.keep_tried(mark)
        return False
    return True
