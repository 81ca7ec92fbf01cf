"""To-dos against the tables they tell of, on a real server: whatever happens, open is exactly what waits.

What waits is asked of the tables in SQL of our own: the code that opens and closes to-dos is not asked about itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from register.domain.access.caller import Task
from register.domain.running.consumer import Consumer
from register.domain.running.to_do import finding
from register.domain.signals.referral import AnswerNotAllowed, ReferralId
from register.domain.signals.signal import AlreadyWithdrawn, SignalId, StepNotAllowed
from register.services.signals import answer_referrals, change_signal
from register.services.signals.approving import approve_signal
from register.services.signals.read_signal import read_signal
from register.services.signals.record_signal import record_signal
from register.store.work import Work
from schemas.codes import Finding, Partition, ReferralState, SignalState, Urgency
from schemas.signals.changes import AmendIn, ReclassifyIn, ReferIn, WithdrawIn
from schemas.signals.referral import AnswerIn, CloseIn
from tests.support.forms import a_form
from tests.support.world import World, world

MACHINE = cast("Consumer", "machine")
AW, CW = Partition.AW, Partition.CW
UNIT = (Task.REGISTER, Task.ENRICH, Task.PROSECUTE)
WAITS = """
SELECT 'CONFIRM', id, '', NULL, urgency FROM rtr.signal WHERE confirmed_at IS NULL AND withdrawn_at IS NULL
UNION ALL
SELECT 'REFERRAL', r.id, r.kind, r.referred_to, s.urgency
FROM rtr.referral r JOIN rtr.signal s ON s.id = r.signal_id
WHERE r.state IN ('SENT', 'ACCEPTED') AND s.withdrawn_at IS NULL
UNION ALL
SELECT 'DEAD_LETTER', object, consumer, NULL, 'NORMAL' FROM rtr.outbox WHERE stuck_since IS NOT NULL
UNION ALL
SELECT 'DEAD_LETTER', object, 'index-' || origin, NULL, 'NORMAL' FROM rtr.indexed_record WHERE dead_letter IS NOT NULL
UNION ALL
SELECT 'ALARM', id, kind, NULL, 'DAY' FROM rtr.alarm WHERE acknowledged_at IS NULL
"""
OPEN = """
SELECT kind, object, detail, unit, urgency FROM rtr.to_do
WHERE done_at IS NULL AND kind NOT IN ('FINDING', 'REFERRED_BACK')
"""
BACK = """
SELECT t.object, t.urgency = s.urgency FROM rtr.to_do t JOIN rtr.signal s ON s.id = t.signal_id
WHERE t.kind = 'REFERRED_BACK' AND t.done_at IS NULL
"""
urgencies = st.sampled_from(list(Urgency))


class Torn(Exception):
    """Thrown to tear a transaction."""


class ToDoMachine(RuleBasedStateMachine):
    """People and the worker do what they do, in any order, and some of it is torn before it is committed."""

    world: World
    administrator: psycopg.Connection

    def __init__(self) -> None:
        super().__init__()
        self.unit = self.world.caller("AW-JIUMM", *UNIT, actor="unit")
        self.prosecutor = self.world.caller("AW-OM", Task.PROSECUTE, actor="prosecutor")
        self.signals: list[UUID] = []
        self.referrals: list[UUID] = []
        self.back: dict[UUID, UUID] = {}
        """What was declined or passed on, and its signal: until the unit acts, which no table of referrals says."""
        self.objects = [self.register.clock.new_id() for _ in range(2)]

    @property
    def register(self) -> Any:
        return self.world[AW]

    @rule(urgency=urgencies)
    def record(self, urgency: Urgency) -> None:
        by = self.world.caller("AW-DIMAS", Task.SUBMIT)
        key = str(self.register.clock.new_id())
        self.signals.append(record_signal(self.register, by, a_form(urgency=urgency), key).id)

    @precondition(lambda self: self.signals)
    @rule(
        pick=st.integers(0, 99),
        what=st.sampled_from(["amend", "confirm", "approve", "reclassify", "step", "refer", "withdraw"]),
        urgency=urgencies,
    )
    def change(self, pick: int, what: str, urgency: Urgency) -> None:
        signal = SignalId(self.signals[pick % len(self.signals)])
        now = read_signal(self.register, self.unit, signal)
        with suppress(AlreadyWithdrawn, StepNotAllowed, change_signal.SameType):
            self._change(signal, what, urgency, now.version)

    def _change(self, signal: SignalId, what: str, urgency: Urgency, version: int) -> None:
        register, unit, why = self.register, self.unit, "As told."
        if what == "amend":
            told = AmendIn.model_validate({"changes": {"urgency": urgency}, "reason": why})
            change_signal.amend_signal(register, unit, signal, told, version=version)
        elif what == "confirm":
            approve_signal.confirm_signal(register, unit, signal, why, version=version)
        elif what == "approve":
            approve_signal.approve_signal(register, self.prosecutor, signal, why, version=version)
        elif what == "reclassify":
            to = ReclassifyIn.model_validate({"signal_type": "HT", "reason": why})
            change_signal.reclassify_signal(register, unit, signal, to, version=version)
        elif what == "step":
            change_signal.move_signal(register, unit, signal, SignalState.ASSESSED, why, version=version)
        elif what == "refer":
            made = change_signal.refer_signal(
                register, unit, signal, ReferIn(kind="assistance", to="AW-KPA"), version=version
            )
            self.referrals.append(made.referrals[-1].id)
            self._settle(signal)
        else:
            back = WithdrawIn.model_validate({"code": "corrected", "reason": why})
            change_signal.withdraw_signal(register, unit, signal, back, version=version)
            self._settle(signal)

    def _settle(self, signal: UUID) -> None:
        self.back = {one: about for one, about in self.back.items() if about != signal}

    @precondition(lambda self: self.referrals)
    @rule(
        pick=st.integers(0, 99),
        state=st.sampled_from(["ACCEPTED", "DECLINED", "ANSWERED"]),
        outcome=st.sampled_from(["HELP_GIVEN", "PASSED_ON"]),
    )
    def answer(self, pick: int, state: str, outcome: str) -> None:
        referral = ReferralId(self.referrals[pick % len(self.referrals)])
        now = answer_referrals.read_referral(self.register, self.unit, referral)
        said = {"state": state, "on": now.answered_on or now.on}
        if state == ReferralState.ANSWERED:
            said["outcome"] = outcome
        with suppress(AnswerNotAllowed):
            answer_referrals.answer_referral(
                self.register, self.unit, referral, AnswerIn.model_validate(said), version=now.version
            )
            self.back.pop(referral, None)
            if state == ReferralState.DECLINED or said.get("outcome") == "PASSED_ON":
                self.back[referral] = read_signal(self.register, self.unit, now.signal).id

    @precondition(lambda self: self.back)
    @rule(pick=st.integers(0, 99))
    def close(self, pick: int) -> None:
        referral = ReferralId(sorted(self.back)[pick % len(self.back)])
        version = answer_referrals.read_referral(self.register, self.unit, referral).version
        why = CloseIn(reason="She has a bed.")
        answer_referrals.close_referral(self.register, self.unit, referral, why, version=version)
        del self.back[referral]

    @rule(which=st.integers(0, 1), origin=st.sampled_from([AW, CW]), refused=st.sampled_from([None, "too-many-tokens"]))
    def index(self, which: int, origin: Partition, refused: str | None) -> None:
        """The engine takes a record, or refuses it."""
        with self.worker() as work:
            work.search.indexed.note(origin, self.objects[which], 1, refused)

    @rule(
        which=st.integers(0, 1),
        tries=st.integers(0, 12),
        ends=st.sampled_from(["settled", "changed meanwhile", "waits on"]),
    )
    def consume(self, which: int, tries: int, ends: str) -> None:
        """A consumer tries, fails, tries again, and perhaps gets on."""
        about = self.objects[which]
        with self.worker() as work:
            work.running.outbox.add(MACHINE, about)
        for n in range(tries + 1):
            with self.worker() as work:
                self._free(work, about)
                leases = [one for one in work.running.outbox.lease(MACHINE, 9) if one.object == about]
                if n < tries or ends == "waits on":
                    work.running.outbox.postpone(leases[0], "partner-unreachable", longest_s=0)
                    continue
            with self.worker() as work:
                if ends == "changed meanwhile":
                    work.running.outbox.add(MACHINE, about)
                work.running.outbox.settle_many(leases)

    @precondition(lambda self: self.signals)
    @rule(pick=st.integers(0, 99))
    def tear(self, pick: int) -> None:
        """What is not committed opens and closes nothing."""
        signal = self.signals[pick % len(self.signals)]
        with suppress(Torn), self.register.work(self.unit) as work:
            work.signals.reports.set_columns(SignalId(signal), confirmed_at=self.register.clock.now())
            work.running.to_do.bring(finding(Finding.ALSO_A_VICTIMS, signal, Urgency.NOW))
            raise Torn

    @invariant()
    def open_is_what_waits(self) -> None:
        assert self.rows(OPEN) == self.rows(WAITS)
        # Of this run alone: the rows of those before it are still there.
        back = [tuple(row) for row in self.rows(BACK) if row[0] in self.referrals]
        assert back == sorted(((one, True) for one in self.back), key=str)
        assert self.rows("SELECT id FROM rtr.to_do WHERE kind = 'FINDING'") == []

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return sorted(self.administrator.execute(query.encode()).fetchall(), key=str)

    @contextmanager
    def worker(self) -> Iterator[Work]:
        with self.register.work(self.world.worker(AW)) as work:
            yield work

    def _free(self, work: Work, about: UUID) -> None:
        """Let nobody wait for the back-off."""
        work._connection.exec_driver_sql(
            f"UPDATE rtr.outbox SET leased_until = NULL, not_before = now() - interval '1 day' WHERE object = '{about}'"
        )


def administrating(made: World) -> psycopg.Connection:
    """Sees the rows of all countries; a machine keeps one, since it looks after each of its steps."""
    database = made.settings.database
    return psycopg.connect(database.admin_url, dbname=database.name, autocommit=True)


def rows(made: World, query: str) -> list[tuple[Any, ...]]:
    """Rows of all countries, read by an administrator."""
    with administrating(made) as connection:
        return connection.execute(query.encode()).fetchall()


@pytest.mark.slow
def test_open_to_dos_equal_what_waits_by_the_tables_whatever_happened_in_which_order() -> None:
    with world(countries=(AW,)) as made, administrating(made) as ToDoMachine.administrator:
        ToDoMachine.world = made
        run_state_machine_as_test(
            ToDoMachine,
            settings=settings(
                max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
            ),
        )


def test_to_do_is_written_and_closed_by_the_very_transaction_that_it_tells_of() -> None:
    """PostgreSQL says of each row which transaction wrote it last."""
    with world(countries=(AW,)) as made:
        register, unit = made[AW], made.caller("AW-JIUMM", *UNIT, actor="unit")
        by = made.caller("AW-DIMAS", Task.SUBMIT)
        signal = SignalId(record_signal(register, by, a_form(), str(register.clock.new_id())).id)
        assert writers(made, "signal") == writers(made, "to_do")
        approve_signal.confirm_signal(register, unit, signal, "As told.", version=1)
        assert writers(made, "signal") == writers(made, "to_do")
        referred = change_signal.refer_signal(
            register, unit, signal, ReferIn(kind="assistance", to="AW-KPA"), version=2
        )
        assert writers(made, "referral") == writers(made, "to_do WHERE kind = 'REFERRAL'")
        said = AnswerIn(state=ReferralState.DECLINED, on=register.today())
        answer_referrals.answer_referral(register, unit, ReferralId(referred.referrals[0].id), said, version=1)
        assert writers(made, "referral") == writers(made, "to_do WHERE kind = 'REFERRAL'")
        assert writers(made, "referral") == writers(made, "to_do WHERE kind = 'REFERRED_BACK'")
        assert rows(made, "SELECT kind FROM rtr.to_do WHERE done_at IS NULL") == [("REFERRED_BACK",)]
        back = WithdrawIn.model_validate({"code": "withdrawn", "reason": "She withdraws her consent."})
        change_signal.withdraw_signal(register, unit, signal, back, version=3)
        assert writers(made, "signal") == writers(made, "to_do WHERE kind = 'REFERRED_BACK'")
        assert rows(made, "SELECT count(*) FROM rtr.to_do WHERE done_at IS NULL") == [(0,)]


def writers(made: World, table: str) -> list[tuple[Any, ...]]:
    """By which transactions the rows of a table stand as they do."""
    return rows(made, f"SELECT xmin::text FROM rtr.{table}")
