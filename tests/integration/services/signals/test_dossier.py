"""All of a signal in one statement: the same as in many, for the same people, and judged before it is opened."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from register.core import Register
from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.signals.reading import Change, may_change, may_list
from register.domain.signals.signal import SignalId
from register.errors import NotFound, NotPermitted
from register.mou.keeping import is_keeper
from register.services.access.list_organisations import organisations_for
from register.services.signals.approving.approve_signal import approve_signal, confirm_signal, lift_single_approval
from register.services.signals.approving.keep_approval import ApprovalRefused, hand_in_approval, withdraw_approval
from register.services.signals.change_signal import move_signal, reclassify_signal, refer_signal, withdraw_signal
from register.services.signals.list_signals import list_signals
from register.services.signals.read_signal import read_dossier, read_history, read_sharing, read_signal
from register.store.running.sealing import Erased
from register.store.running.server.bulk import read_together
from rtr_trial.demo.made_up import data
from schemas.codes import Partition, SignalState
from schemas.signals.approvals import SignedApprovalIn
from schemas.signals.changes import ReclassifyIn, ReferIn, WithdrawIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.exchange.keepers import proven_with
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW


def test_what_is_read_together_comes_back_as_what_each_query_gives(two: World) -> None:
    """Types that people lose on the way through JSON: bytes, times with microseconds, days, ids, big numbers."""
    at = datetime(2026, 3, 1, 12, 30, 1, 123456, tzinfo=UTC)
    one = sa.select(
        sa.literal(UUID(int=5), sa.Uuid).label("id"),
        sa.literal(b"\x00\xff\\x", sa.LargeBinary).label("sealed"),
        sa.literal(at, sa.DateTime(timezone=True)).label("at"),
        sa.literal(date(2026, 3, 1), sa.Date).label("day"),
        sa.literal(2**62, sa.BigInteger).label("n"),
        sa.literal("\"'<\\x41>é", sa.Text).label("text"),
        sa.literal(None, sa.LargeBinary).label("nothing"),
    )
    with two[AW].database.transaction("api") as connection:
        found = read_together(connection, {"one": one, "none": one.where(sa.false())})
        (alone,) = connection.execute(one).mappings()

    assert found == {"one": [dict(alone)], "none": []}


def test_dossier_holds_what_the_single_readings_give(two: World, unit: Caller, record: Record) -> None:
    signal = record()
    reclassify_signal(two[AW], unit, SignalId(signal.id), ReclassifyIn(signal_type="HT", reason="Told so."), version=1)
    refer_signal(two[AW], unit, SignalId(signal.id), ReferIn(kind="assistance", to="AW-VICTIM", note="x"), version=2)
    found = read_dossier(two[AW], unit, SignalId(signal.id))
    whole = read_signal(two[AW], unit, signal.reference)

    assert found.signal.form == signal.form == whole.form
    assert found.history == read_history(two[AW], unit, SignalId(signal.id))
    assert [line.reason for line in found.history] == [None, "Told so.", None]
    assert [(r.kind, r.to) for r in found.referrals] == [(r.kind, r.to) for r in whole.referrals]
    assert found.organisation.code == "AW-DIMAS"
    sharing = read_sharing(two[AW], unit, SignalId(signal.id))
    assert [(s.recipient, s.allowed, s.rules) for s in sharing] == [
        (s.recipient, s.allowed, s.rules) for s in whole.sharing
    ]
    assert {s.delivery for s in sharing} == {"nothing"}


@pytest.mark.parametrize("read", [read_dossier, read_history, read_sharing])
def test_each_way_of_reading_is_closed_to_the_same_people(two: World, signal: SignalOut, read: object) -> None:
    assert callable(read)
    strangers = [two.caller("AW-GNC", Task.SUBMIT, Task.READ_OWN), two.caller("AW-DIMAS", Task.STATISTICS)]
    for stranger in strangers:
        with pytest.raises(NotFound):
            read(two[AW], stranger, SignalId(signal.id))
    with pytest.raises(NotFound):
        read(two[CW], two.caller("CW-KPC", Task.REGISTER), SignalId(signal.id))


def test_who_may_not_read_it_is_not_told_that_it_was_erased(two: World, unit: Caller, record: Record) -> None:
    """The answer is judged before anything is unsealed: "erased" would say that there was such a report."""
    signal = record()
    with two[AW].work(two.caller("AW-DIMAS")) as work:
        work.signals.reports.erase(SignalId(signal.id))
    with pytest.raises(Erased):
        read_dossier(two[AW], unit, SignalId(signal.id))
    with pytest.raises(NotFound) as hidden:
        read_dossier(two[AW], two.caller("AW-GNC", Task.SUBMIT), SignalId(signal.id))
    assert not isinstance(hidden.value, Erased)


def do(register: Register, caller: Caller, change: Change, which: SignalId) -> None:
    """Do it by the service behind the button."""
    reason = "Because."
    match change:
        case Change.RECLASSIFY:
            kind = ReclassifyIn(signal_type="HT", reason=reason)
            reclassify_signal(register, caller, which, kind, version=1)
        case Change.REFER:
            refer_signal(register, caller, which, ReferIn(kind="assistance", to="AW-VICTIM"), version=1)
        case Change.STEP:
            move_signal(register, caller, which, SignalState.ASSESSED, reason, version=1)
        case Change.CONFIRM:
            confirm_signal(register, caller, which, reason, version=1)
        case Change.WITHDRAW:
            why = WithdrawIn.model_validate({"code": "withdrawn", "reason": reason})
            withdraw_signal(register, caller, which, why, version=1)
        case _:
            do_at_the_gate(register, caller, change, which)


def do_at_the_gate(register: Register, caller: Caller, change: Change, which: SignalId) -> None:
    """What is the keeper's."""
    reason = "Because."
    match change:
        case Change.APPROVE:
            approve_signal(register, caller, which, reason, version=1)
        case Change.SIGN:
            handed = SignedApprovalIn(approval="e30.e30.AAAA", reason=reason)
            with suppress(ApprovalRefused):  # he is heard, and what he hands in is none
                hand_in_approval(register, caller, which, handed, proven_with(), version=1)
        case Change.UNAPPROVE:
            withdraw_approval(register, caller, which, reason, version=1)
        case Change.LIFT:
            lift_single_approval(register, caller, which, reason, version=1)


@pytest.mark.parametrize("organisation", ["AW-DIMAS", "AW-GNC", "AW-OM"])
@pytest.mark.parametrize("task", Task)
def test_what_is_offered_is_what_the_services_do(two: World, record: Record, task: Task, organisation: str) -> None:
    caller = two.caller(organisation, task)
    register = two[AW]
    found = {one.code: one.registered() for one in data.organisations()}
    # The prosecutor's consent is for a basis that is no law here: the test of its page has it.
    for change in (one for one in Change if one not in {Change.CONSENT, Change.UNCONSENT}):
        # Of its own number: its mark would pass on to the reports after it.
        marked = {
            "single_approval": True,
            "subjects": [],
            "selectors": [{"type": "PLATE", "value": "A-88801", "country": "AW"}],
        }
        signal = record(**marked if change is Change.LIFT else {})
        which = SignalId(signal.id)
        try:
            do(register, caller, change, which)
        except (NotFound, NotPermitted):
            done = False
        else:
            done = True
        offered = may_change(caller, change, "AW-DIMAS")
        if change in {Change.APPROVE, Change.SIGN, Change.UNAPPROVE, Change.LIFT}:
            offered = offered and is_keeper(register.edition, caller, found[organisation], found["AW-DIMAS"])
        assert done == offered, change


def test_list_is_narrowed_by_organisation_and_by_days_both_inclusive(
    two: World, record: Record, unit: Caller, submitter: Caller
) -> None:
    days = ["2024-03-01", "2024-03-02", "2024-03-03"]
    made = [record(received_on=day, period={"from": "2024-03-01"}).id for day in days]
    theirs = record(two.caller("AW-GNC", Task.SUBMIT), received_on="2024-03-02", period={"from": "2024-03-01"}).id

    def listed(caller: Caller, **filters: str | date) -> set[UUID]:
        page = list_signals(two[AW], caller, filters=filters, cursor=None, limit=200)
        return {one.id for one in page.items}

    within = {"received_from": date(2024, 3, 2), "received_to": date(2024, 3, 3)}
    assert listed(unit, **within) & {*made, theirs} == {made[1], made[2], theirs}
    assert listed(unit, **within, organisation="AW-GNC") & {*made, theirs} == {theirs}
    assert listed(submitter, organisation="AW-GNC") == set()


def test_a_withdrawn_signal_says_so_in_the_list(two: World, submitter: Caller, signal: SignalOut) -> None:
    why = WithdrawIn.model_validate({"code": "withdrawn", "reason": "Wrong man."})
    withdraw_signal(two[AW], submitter, SignalId(signal.id), why, version=1)
    page = list_signals(two[AW], submitter, filters={}, cursor=None, limit=1)

    assert [(one.id, one.withdrawn, one.held_by) for one in page.items] == [(signal.id, True, 0)]


@pytest.mark.parametrize("task", Task)
def test_organisations_are_named_to_those_who_may_read_signals(two: World, task: Task) -> None:
    caller = two.caller("AW-DIMAS", task)
    if may_list(caller):
        assert {one.partition for one in organisations_for(two[AW], caller)} == {AW}
    else:
        with pytest.raises(TaskMissing):
            organisations_for(two[AW], caller)
