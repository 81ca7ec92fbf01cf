"""Changing a signal: who may, on which version, what stays, and what the timeline keeps of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import NEXT_STATES, AlreadyWithdrawn, ChangedMeanwhile, SignalId, StepNotAllowed
from register.errors import NotFound
from register.services.signals.change_signal import (
    SameType,
    amend_signal,
    move_signal,
    reclassify_signal,
    refer_signal,
    withdraw_signal,
)
from register.services.signals.read_signal import read_history, read_signal
from register.services.statistics.owner_statistics import owner_statistics
from register.store.models.exchange import draft
from schemas.codes import EntryType, Partition, SignalState
from schemas.signals.changes import AmendIn, ReclassifyIn, ReferIn, WithdrawIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.started.databases import empty
from tests.support.told import share_all
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
AMEND = AmendIn.model_validate({"changes": {"account": "Seen three times."}, "reason": "A colleague counted again."})
RECLASSIFY = ReclassifyIn(signal_type="HT_MS", reason="The fee must be worked off.")
WITHDRAW = WithdrawIn.model_validate({"reason": "Mistaken for somebody else.", "code": "withdrawn"})
REFER = ReferIn(kind="assistance", to="AW-VICTIM", note="Asks for a shelter.")

Change = Callable[..., SignalOut]
CHANGES: dict[str, Change] = {
    "amended": partial(amend_signal, change=AMEND),
    "reclassified": partial(reclassify_signal, change=RECLASSIFY),
    "moved": partial(move_signal, to=SignalState.FORWARDED, reason="For investigation."),
    "referred": partial(refer_signal, referral=REFER),
    "withdrawn": partial(withdraw_signal, withdrawal=WITHDRAW),
}
# What one task alone lets somebody of another organisation of the country do; nothing else does.
RIGHTS = {
    "amended": {Task.REGISTER, Task.ENRICH},
    "reclassified": {Task.REGISTER, Task.ENRICH},
    "moved": {Task.REGISTER},
    "referred": {Task.REGISTER, Task.ENRICH},
    "withdrawn": {Task.REGISTER, Task.ENRICH},
}
# What those of the submitting organisation may do besides.
OWN_RIGHTS = {"amended": {Task.SUBMIT}, "withdrawn": {Task.SUBMIT}}


def _change(world: World, what: str, by: Caller, signal_id: UUID, version: int) -> SignalOut:
    return CHANGES[what](world[by.partition], by, signal_id=SignalId(signal_id), version=version)


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("organisation", ["AW-DIMAS", "AW-GNC"])
def test_a_task_allows_exactly_these_changes(two: World, record: Record, what: str, organisation: str) -> None:
    for task in Task:
        signal = record()
        by = two.caller(organisation, task)
        allowed = task in RIGHTS[what] or (organisation == "AW-DIMAS" and task in OWN_RIGHTS.get(what, set()))
        if allowed:
            assert _change(two, what, by, signal.id, 1).version == 2
        else:
            with pytest.raises((NotFound, TaskMissing)):
                _change(two, what, by, signal.id, 1)
            assert read_signal(two[AW], two.caller("AW-JIUMM", Task.REGISTER), SignalId(signal.id)).version == 1


@pytest.mark.parametrize("what", CHANGES)
def test_another_country_finds_nothing_to_change(two: World, signal: SignalOut, what: str) -> None:
    with pytest.raises(NotFound):
        _change(two, what, two.caller("CW-KPC", *Task), signal.id, 1)


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_change_made_on_another_version_is_refused_with_the_present_one(
    two: World, unit: Caller, signal: SignalOut, what: str, version: int
) -> None:
    with pytest.raises(ChangedMeanwhile) as refused:
        _change(two, what, unit, signal.id, version)
    assert refused.value.details == {"version": 1}
    assert read_signal(two[AW], unit, SignalId(signal.id)).version == 1


@pytest.mark.parametrize("what", CHANGES)
def test_of_two_changes_on_the_same_version_one_counts(two: World, unit: Caller, signal: SignalOut, what: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def attempt(_: int) -> str:
        try:
            _change(two, what, unit, signal.id, 1)
        except (ChangedMeanwhile, AlreadyWithdrawn):
            return "refused"
        return "done"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(attempt, range(3))) == ["done", "refused", "refused"]


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_changes_after_a_withdrawal(two: World, unit: Caller, signal: SignalOut, what: str) -> None:
    withdrawn = _change(two, "withdrawn", unit, signal.id, 1)
    assert withdrawn.withdrawn_at is not None
    with pytest.raises(AlreadyWithdrawn):
        _change(two, what, unit, signal.id, 2)


def test_an_amendment_replaces_what_it_names_and_keeps_the_rest(
    two: World, submitter: Caller, signal: SignalOut
) -> None:
    changed = _change(two, "amended", submitter, signal.id, 1)
    assert changed.form == signal.form.model_copy(update={"account": "Seen three times."})
    assert (changed.version, changed.reference, changed.recorded_at) == (2, signal.reference, signal.recorded_at)
    assert read_signal(two[AW], submitter, SignalId(signal.id)) == changed


def test_an_amendment_may_take_all_persons_away(two: World, submitter: Caller, signal: SignalOut) -> None:
    change = AmendIn.model_validate(
        {"changes": {"subjects": [], "selectors": [], "nothing_known": True}, "reason": "Wrong file."}
    )
    changed = amend_signal(two[AW], submitter, SignalId(signal.id), change, version=1)
    assert (changed.form.subjects, changed.form.selectors, changed.pseudonyms) == ((), (), "none")
    with two[AW].work(submitter) as work:
        assert work.signals.reports.get(SignalId(signal.id)).form == changed.form


def test_an_amendment_that_breaks_the_form_changes_nothing(two: World, submitter: Caller, signal: SignalOut) -> None:
    change = AmendIn.model_validate({"changes": {"nothing_known": True}, "reason": "Slip."})
    with pytest.raises(ValidationError):
        amend_signal(two[AW], submitter, SignalId(signal.id), change, version=1)
    assert read_signal(two[AW], submitter, SignalId(signal.id)).version == 1


@pytest.fixture
def nothing_waits(two: World) -> None:
    """What the tests before recorded is not decided on: the worker would take it first, a second for ten."""
    empty(two.settings, ["outbox"])


@pytest.mark.usefixtures("nothing_waits")
def test_what_is_withdrawn_is_to_be_gone_at_every_partner_within_a_day(
    two: World, submitter: Caller, signal: SignalOut
) -> None:
    share_all(two[AW])
    begun = two[AW].clock.now()
    withdraw_signal(two[AW], submitter, SignalId(signal.id), WITHDRAW, version=1)
    share_all(two[AW])
    ended = two[AW].clock.now()
    with two[AW].work(two.worker(AW)) as work:
        sent = sa.select(draft.c.due_at).where(
            draft.c.country == AW,
            draft.c.object == work.signals.reports.get(SignalId(signal.id)).extract_id,
            draft.c.type == EntryType.INDICATOR_RETRACT,
        )
        rows = work._connection.execute(sent).all()
    assert rows
    for row in rows:
        assert begun <= row.due_at - timedelta(hours=24) <= ended


def test_the_type_as_registered_stays_and_the_year_counts_one_case_of_it(
    two: World, record: Record, unit: Caller
) -> None:
    hotline = two.caller("AW-CMMA", Task.SUBMIT, Task.STATISTICS)
    before = owner_statistics(two[AW], hotline, 2025)
    signal = record(hotline, kind="notification", received_on="2025-03-01", period={"from": "2025-03-01"})
    changed = _change(two, "reclassified", unit, signal.id, 1)
    amended = _change(two, "amended", unit, signal.id, 2)
    for seen in (changed, amended):
        assert (seen.type_registered, seen.type_assessed) == ("MS", "HT_MS")
    after = owner_statistics(two[AW], hotline, 2025)
    assert after.notifications == before.notifications + 1
    grown = [
        (now.row, now.count - was.count)
        for was, now in zip(before.tables[2].rows, after.tables[2].rows, strict=True)
        if now.count != was.count
    ]
    assert len(grown) == 1
    assert grown[0][1] == 1


def test_reclassifying_to_the_same_type_is_refused(two: World, unit: Caller, signal: SignalOut) -> None:
    with pytest.raises(SameType):
        reclassify_signal(two[AW], unit, SignalId(signal.id), ReclassifyIn(signal_type="MS", reason="-"), version=1)


def test_a_withdrawn_notification_is_not_counted(two: World, record: Record, unit: Caller) -> None:
    hotline = two.caller("AW-CMMA", Task.SUBMIT, Task.STATISTICS)
    signal = record(hotline, kind="notification", received_on="2024-03-01", period={"from": "2024-03-01"})
    assert owner_statistics(two[AW], hotline, 2024).notifications == 1
    _change(two, "withdrawn", unit, signal.id, 1)
    assert owner_statistics(two[AW], hotline, 2024).notifications == 0


def test_a_signal_takes_only_the_steps_of_the_workflow(two: World, record: Record, unit: Caller) -> None:
    for to in SignalState:
        signal = record()
        step = partial(move_signal, two[AW], unit, SignalId(signal.id), to, "Next.", version=1)
        if to in NEXT_STATES[SignalState.REGISTERED]:
            assert step().state is to
        else:
            with pytest.raises(StepNotAllowed, match="FORWARDED"):
                step()


def test_forwarding_is_remembered_after_later_steps(two: World, record: Record, unit: Caller) -> None:
    hotline = two.caller("AW-CMMA", Task.SUBMIT, Task.STATISTICS)
    signal = record(hotline, kind="notification", received_on="2022-03-01", period={"from": "2022-03-01"})
    for version, to in enumerate((SignalState.REGISTERED, SignalState.FORWARDED, SignalState.ASSESSED), start=1):
        move_signal(two[AW], unit, SignalId(signal.id), to, "Next.", version=version)
    assert owner_statistics(two[AW], hotline, 2022).forwarded == 1


def test_referrals_run_beside_each_other_and_need_an_organisation_of_the_country(
    two: World, unit: Caller, signal: SignalOut
) -> None:
    _change(two, "referred", unit, signal.id, 1)
    again = ReferIn(kind="investigation", to="AW-KPA")
    both = refer_signal(two[AW], unit, SignalId(signal.id), again, version=2)
    assert [(r.kind, r.to, r.state) for r in both.referrals] == [
        ("assistance", "AW-VICTIM", "SENT"), ("investigation", "AW-KPA", "SENT"),
    ]  # fmt: skip
    for unknown in ("AW-NOBODY", "CW-KPC"):
        with pytest.raises(NotFound):
            refer_signal(two[AW], unit, SignalId(signal.id), ReferIn(kind="assistance", to=unknown), version=3)


def test_the_timeline_tells_each_change_with_who_and_why(two: World, unit: Caller, record: Record) -> None:
    signal = record()
    for version, what in enumerate(CHANGES, start=1):
        _change(two, what, unit, signal.id, version)
    lines = read_history(two[AW], unit, SignalId(signal.id))
    assert [(line.what, line.actor, line.reason) for line in lines] == [
        ("recorded", "aw-dimas", None),
        ("amended", "unit", AMEND.reason),
        ("reclassified", "unit", RECLASSIFY.reason),
        ("moved", "unit", "For investigation."),
        ("referred", "unit", None),
        ("withdrawn", "unit", WITHDRAW.reason),
    ]
    assert [line.facts for line in lines[1:]] == [
        {"fields": ["account"]},
        {"from": "MS", "to": "HT_MS"},
        {"from": "REGISTERED", "to": "FORWARDED"},
        {"kind": "assistance", "to": "AW-VICTIM"},
        {"code": "withdrawn"},
    ]
    assert [line.at for line in lines] == sorted(line.at for line in lines)


def test_every_change_asks_the_worker_to_look_at_the_signal_again(two: World, unit: Caller, signal: SignalOut) -> None:
    assert signal.id in _settle_all(two)
    for version, what in enumerate(CHANGES, start=1):
        _change(two, what, unit, signal.id, version)
        assert _settle_all(two) == [signal.id], what


def _settle_all(world: World) -> list[UUID]:
    with world[AW].work(world.worker(AW)) as work:
        leases = work.running.outbox.lease(Consumer.PSEUDONYMISE, 1_000)
        assert work.running.outbox.settle_many(leases) == len(leases)
    return [x.object for x in leases]
