"""Who may record and read what: a signal that somebody may not read is answered like one that is not there."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.paging import BadCursor
from register.domain.signals.signal import DateInFuture, SignalId
from register.errors import NotFound
from register.services.signals.list_signals import list_signals
from register.services.signals.read_signal import read_history, read_signal
from register.services.signals.record_signal import record_signal
from register.services.statistics.owner_statistics import owner_statistics
from schemas.codes import Partition
from schemas.signals.out import SignalOut, SignalSummary
from tests.integration.services.conftest import Record
from tests.support.forms import a_form
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW
OF_THE_COUNTRY = [Task.REGISTER, Task.ENRICH, Task.PROSECUTE, Task.CONSENT]
OF_THE_ORGANISATION = [Task.SUBMIT, Task.READ_OWN]
OTHERS = sorted(set(Task) - {*OF_THE_COUNTRY, *OF_THE_ORGANISATION})
LISTING = {Task.SUBMIT, Task.READ_OWN, Task.REGISTER, Task.ENRICH, Task.CONSENT, Task.PROSECUTE}


def test_a_recorded_signal_comes_back_as_it_was_typed_with_a_reference_of_its_country(signal: SignalOut) -> None:
    assert signal.form == a_form()
    assert re.fullmatch(r"AW-20\d\d-\d{4,9}", signal.reference)
    assert (signal.version, signal.state, signal.organisation) == (1, "REGISTERED", "AW-DIMAS")
    assert {s.recipient for s in signal.sharing} == set(Partition) - {AW}


@pytest.mark.parametrize("task", sorted(set(Task) - {Task.SUBMIT}))
def test_only_who_may_submit_records_a_signal(two: World, task: Task) -> None:
    with pytest.raises(TaskMissing, match="SUBMIT"):
        record_signal(two[AW], two.caller("AW-DIMAS", task), a_form(), "k")


def test_a_date_in_the_future_is_refused_by_name(two: World, submitter: Caller) -> None:
    with pytest.raises(DateInFuture, match="received_on"):
        record_signal(two[AW], submitter, a_form(received_on="2199-01-01"), "future")


def test_a_submitter_of_an_unknown_organisation_is_refused(two: World) -> None:
    with pytest.raises(NotFound):
        record_signal(two[AW], two.caller("AW-NOBODY", Task.SUBMIT), a_form(), "nobody")


@pytest.mark.parametrize("task", [*OF_THE_COUNTRY, *OF_THE_ORGANISATION])
def test_the_own_organisation_reads_its_signal(two: World, signal: SignalOut, task: Task) -> None:
    assert read_signal(two[AW], two.caller("AW-DIMAS", task), SignalId(signal.id)).form == signal.form


@pytest.mark.parametrize("task", OF_THE_COUNTRY)
def test_those_who_register_enrich_or_decide_read_all_of_their_country(
    two: World, signal: SignalOut, task: Task
) -> None:
    assert read_signal(two[AW], two.caller("AW-JIUMM", task), SignalId(signal.id)).id == signal.id


@pytest.mark.parametrize("task", [*OF_THE_ORGANISATION, *OTHERS])
def test_another_organisation_of_the_country_is_told_that_there_is_no_such_signal(
    two: World, signal: SignalOut, task: Task
) -> None:
    stranger = two.caller("AW-GNC", task)
    absent = SignalId(UUID(int=5))
    for read in (read_signal, read_history):
        with pytest.raises(NotFound) as hidden:
            read(two[AW], stranger, SignalId(signal.id))
        with pytest.raises(NotFound) as missing:
            read(two[AW], stranger, absent)
        assert str(hidden.value).replace(str(signal.id), "-") == str(missing.value).replace(str(absent), "-")
        assert type(hidden.value) is type(missing.value)


@pytest.mark.parametrize("task", Task)
def test_another_country_finds_neither_the_id_nor_the_reference(two: World, signal: SignalOut, task: Task) -> None:
    abroad = two.caller("CW-KPC", task)
    with pytest.raises(NotFound):
        read_signal(two[CW], abroad, SignalId(signal.id))
    with pytest.raises(NotFound):
        read_signal(two[CW], abroad, signal.reference)


def test_a_reference_leads_to_the_id(two: World, submitter: Caller, signal: SignalOut) -> None:
    assert read_signal(two[AW], submitter, signal.reference).id == signal.id


@pytest.mark.parametrize("limit", [1, 3, 7, 200])
def test_following_the_cursor_gives_every_signal_once_newest_first(
    two: World, record: Record, unit: Caller, limit: int
) -> None:
    made = [record().id for _ in range(9)]
    seen: list[UUID] = []
    cursor = None
    while True:
        page = list_signals(two[AW], unit, filters={}, cursor=cursor, limit=limit)
        assert len(page.items) <= limit
        seen += [s.id for s in page.items]
        if page.next is None:
            break
        cursor = page.next
        record()  # what is added meanwhile neither shifts nor repeats what follows
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen, reverse=True)
    assert set(made) <= set(seen)


def test_a_list_shows_the_own_organisation_only_unless_the_caller_sees_the_country(
    two: World, record: Record, submitter: Caller, unit: Caller
) -> None:
    other = two.caller("AW-GNC", Task.SUBMIT)
    theirs, ours = record(other).id, record(submitter).id
    assert {s.organisation for s in _list(two, submitter)} == {"AW-DIMAS"}
    assert {s.organisation for s in _list(two, two.caller("AW-GNC", Task.READ_OWN))} == {"AW-GNC"}
    assert {theirs, ours} <= {s.id for s in _list(two, unit)}
    assert {s.reference[:2] for s in _list(two, unit)} == {"AW"}


def test_a_list_is_filtered_by_codes(two: World, record: Record, unit: Caller) -> None:
    urgent = record(urgency="NOW").id
    items = _list(two, unit, urgency="NOW")
    assert urgent in {s.id for s in items}
    assert {s.urgency for s in items} == {"NOW"}


@pytest.mark.parametrize("task", sorted(set(Task) - LISTING))
def test_who_has_no_task_that_lists_may_list_nothing(two: World, task: Task) -> None:
    with pytest.raises(TaskMissing):
        _list(two, two.caller("AW-DIMAS", task))


@pytest.mark.parametrize("cursor", ["x", "é", "AAAA", "=" * 22, "A" * 23])
def test_a_cursor_that_the_list_never_gave_is_refused(two: World, unit: Caller, cursor: str) -> None:
    with pytest.raises(BadCursor):
        list_signals(two[AW], unit, filters={}, cursor=cursor, limit=10)


def test_statistics_are_for_those_with_the_task(two: World, unit: Caller) -> None:
    with pytest.raises(TaskMissing, match="STATISTICS"):
        owner_statistics(two[AW], unit, 2026)


def _list(world: World, caller: Caller, **filters: str) -> list[SignalSummary]:
    return list(list_signals(world[AW], caller, filters=filters, cursor=None, limit=200).items)
