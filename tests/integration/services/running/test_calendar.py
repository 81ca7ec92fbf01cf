"""What hangs on today hangs on the country's own calendar: evening on the islands is tomorrow in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from register.core import Register
from register.domain.access.caller import Task
from register.domain.signals.referral import ReferralId
from register.domain.signals.signal import DateInFuture, SignalId
from register.services.desk.keep_intakes import record_intake
from register.services.signals.answer_referrals import answer_referral, read_referral
from register.services.signals.change_signal import amend_signal, refer_signal
from register.services.signals.record_signal import record_signal
from register.services.statistics.asked import RuleSaysNo
from register.services.statistics.owner_statistics import owner_statistics
from register.services.statistics.statements.contribute import contribute
from schemas.codes import Partition, ReferralState
from schemas.desk.intake import IntakeIn
from schemas.signals.changes import AmendIn, ReferIn
from schemas.signals.out import SignalOut
from schemas.signals.referral import AnswerIn
from tests.support.clock import HandClock
from tests.support.forms import a_form
from tests.support.world import World, world

AW, NL = Partition.AW, Partition.NL
LAST_EVENING = datetime(2027, 1, 1, 0, 30, tzinfo=UTC)
"""Half past eight on the last of December 2026 in Aruba (C14)."""
EVENING = datetime(2026, 1, 1, 1, 30, tzinfo=UTC)
"""Of New Year's Eve in Aruba."""
MORNING = datetime(2026, 1, 1, 4, 30, tzinfo=UTC)
BY_SOURCE = "notifications-by-source"
YEARS = [(date(year, 1, 1), date(year, 12, 31)) for year in (2026, 2027)]


@pytest.fixture(scope="module")
def netherlands() -> Iterator[World]:
    with world(countries=(NL,)) as made:
        yield made


def at(two: World, now: datetime) -> Register:
    return replace(two[AW], clock=HandClock(now))


def test_year_travels_once_it_is_over_on_the_island(two: World) -> None:
    counter, jiumm = two.caller("AW-CMMA", Task.STATISTICS), two.caller("AW-JIUMM", Task.ENRICH)
    intake = IntakeIn.model_validate({"held_on": "2025-03-04", "sex": "FEMALE", "age_band": "30-39"})
    record_intake(two[AW], jiumm, intake, str(two[AW].clock.new_id()))

    def refused(now: datetime) -> set[str]:
        tables = owner_statistics(at(two, now), counter, 2025).registered
        return {why.code for table in tables for one in table.verdicts for why in one.why}

    assert "period-open" in refused(EVENING)
    assert "period-open" not in refused(MORNING)


def test_year_is_contributed_once_it_is_over_on_the_island(two: World) -> None:
    counter = two.caller("AW-CMMA", Task.STATISTICS)
    with pytest.raises(RuleSaysNo) as refused:
        contribute(at(two, EVENING), counter, BY_SOURCE, "2025")
    assert "period-open" in str(refused.value.details)
    assert contribute(at(two, MORNING), counter, BY_SOURCE, "2025").is_new


def record(register: Register, organisation: str, made: World, received_on: str, **parts: object) -> SignalOut:
    submitter = made.caller(organisation, Task.SUBMIT, Task.READ_OWN)
    form = a_form(received_on=received_on, **parts)
    return record_signal(register, submitter, form, str(register.clock.new_id()))


def test_report_of_new_years_eve_on_the_island_bears_the_old_year(two: World) -> None:
    aruba = at(two, LAST_EVENING)
    assert record(aruba, "AW-DIMAS", two, "2026-12-31").reference.startswith("AW-2026-")
    assert record(at(two, datetime(2027, 1, 1, 4, 30, tzinfo=UTC)), "AW-DIMAS", two, "2027-01-01").reference.startswith(
        "AW-2027-"
    )


def test_tomorrow_at_the_desk_is_refused_in_a_report_a_correction_and_a_conversation(two: World) -> None:
    aruba = at(two, LAST_EVENING)
    with pytest.raises(DateInFuture):
        record(aruba, "AW-DIMAS", two, "2027-01-01")
    made = record(aruba, "AW-DIMAS", two, "2026-12-31")
    unit = two.caller("AW-JIUMM", Task.REGISTER, Task.ENRICH)
    later = AmendIn.model_validate({"changes": {"period": {"from": "2027-01-01"}}, "reason": "Told again."})
    with pytest.raises(DateInFuture):
        amend_signal(aruba, unit, SignalId(made.id), later, version=1)
    interview = IntakeIn.model_validate({"held_on": "2027-01-01", "sex": "FEMALE", "age_band": "30-39"})
    with pytest.raises(DateInFuture):
        record_intake(aruba, unit, interview, str(aruba.clock.new_id()))


def test_referral_of_the_evening_is_of_the_islands_day_and_is_answered_on_it(two: World) -> None:
    aruba = at(two, LAST_EVENING)
    unit = two.caller("AW-JIUMM", Task.REGISTER, Task.ENRICH)
    made = record(aruba, "AW-DIMAS", two, "2026-12-31")
    referred = refer_signal(aruba, unit, SignalId(made.id), ReferIn(kind="assistance", to="AW-KPA"), version=1)
    referral = ReferralId(referred.referrals[0].id)
    assert read_referral(aruba, unit, referral).on == date(2026, 12, 31)
    with pytest.raises(DateInFuture):
        answer_referral(aruba, unit, referral, AnswerIn(state=ReferralState.ACCEPTED, on=date(2027, 1, 1)), version=1)
    accepted = AnswerIn(state=ReferralState.ACCEPTED, on=date(2026, 12, 31))
    assert answer_referral(aruba, unit, referral, accepted, version=1).answered_on == date(2026, 12, 31)


def test_figures_count_what_was_done_that_evening_in_the_old_year(two: World) -> None:
    aruba = at(two, LAST_EVENING)
    with aruba.work(two.worker(AW)) as work:
        before = [sum(n for _, n in work.statistics.figures.count("submissions", *days)) for days in YEARS]
    record(aruba, "AW-DIMAS", two, "2026-12-31")
    with aruba.work(two.worker(AW)) as work:
        after = [sum(n for _, n in work.statistics.figures.count("submissions", *days)) for days in YEARS]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 0]


def test_night_shift_in_the_netherlands_registers_today(netherlands: World) -> None:
    for now, today in (
        (datetime(2027, 3, 1, 23, 30, tzinfo=UTC), "2027-03-02"),
        (datetime(2027, 6, 30, 22, 30, tzinfo=UTC), "2027-07-01"),  # summer time
        (datetime(2027, 12, 31, 23, 30, tzinfo=UTC), "2028-01-01"),
    ):
        register = replace(netherlands[NL], clock=HandClock(now))
        made = record(register, "NL-KMAR", netherlands, today, crime_class="SMUGGLING")
        assert made.reference.startswith(f"NL-{today[:4]}-")
        with register.work(netherlands.worker(NL)) as work:
            day = date.fromisoformat(today)
            assert sum(n for _, n in work.statistics.figures.count("submissions", day, day)) == 1
        with pytest.raises(DateInFuture):
            record(register, "NL-KMAR", netherlands, today, period={"from": str(day.replace(day=day.day + 1))})
