"""The victim ladder, referrals and rows of nationality, for any history: what may follow what, and who may say so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.domain.access.organisation import Organisation
from register.domain.desk.record import nationality_group
from register.domain.desk.victim import NEXT_STATUSES, StatusNotAllowed, Victim, VictimId, to_undo
from register.domain.signals.referral import NEXT_ANSWERS, AnswerNotAllowed, Referral, ReferralId
from register.domain.signals.signal import ChangedMeanwhile, SignalId
from register.mou.ladder import MayNotAssign, assigning, of_country, rule_to_assign
from rtr_trial.demo.made_up import data
from schemas.codes import Partition, ReferralState, VictimStatus, code_list
from schemas.codes.countries import COUNTRIES
from schemas.desk.victim import StatusOut

NIL = UUID(int=0)
FIRST = date(2024, 1, 1)
TODAY = date(2026, 1, 1)
AT = datetime(2026, 1, 1, tzinfo=UTC)
ORGANISATIONS: list[Organisation] = [o.registered() for o in data.organisations()]
ARUBA = {o.code: o for o in ORGANISATIONS if o.partition is Partition.AW}
STEPS = st.lists(st.tuples(st.sampled_from(VictimStatus), st.integers(-30, 30)), max_size=12)


def line(status: VictimStatus, day: date) -> StatusOut:
    return StatusOut(
        status=status, form="SEX", decided_on=day, organisation="AW-UMM", rule="LADDER-AW-1", reason="-", at=AT
    )


def victim(*history: StatusOut) -> Victim:
    return Victim(
        id=VictimId(NIL), version=len(history), organisation="AW-UMM", actor="a", intake=NIL, signal=None, subject=None,
        sex="FEMALE", age_band="30-39", group="CO", movement="UNKNOWN", details={}, history=history,
        retain_until=TODAY, recorded_at=AT, changed_at=AT,
    )  # fmt: skip


@given(first=st.sampled_from(VictimStatus), steps=STEPS)
def test_ladder_takes_a_step_that_may_follow_on_or_after_the_present_day_and_no_other(
    first: VictimStatus, steps: list[tuple[VictimStatus, int]]
) -> None:
    history = [line(first, FIRST)]
    for status, days in steps:
        day = history[-1].decided_on + timedelta(days=days)
        try:
            victim(*history).check_next(status, day)
        except StatusNotAllowed:
            assert status not in NEXT_STATUSES[history[-1].status] or days < 0
        else:
            assert status in NEXT_STATUSES[history[-1].status]
            history.append(line(status, day))
    assert [h.decided_on for h in history] == sorted(h.decided_on for h in history)
    assert all(a.status is not b.status for a, b in pairwise(history))


def test_every_status_can_be_left_so_that_a_mistake_is_never_final() -> None:
    for status in VictimStatus:
        reached, waiting = {status}, [status]
        while waiting:
            fresh = NEXT_STATUSES[waiting.pop()] - reached
            reached |= fresh
            waiting += fresh
        assert reached == set(VictimStatus)


@given(organisation=st.sampled_from(sorted(ARUBA)), now=st.sampled_from(VictimStatus), to=st.sampled_from(VictimStatus))
def test_in_aruba_only_umm_gives_or_takes_a_confirmation(
    organisation: str, now: VictimStatus, to: VictimStatus
) -> None:
    try:
        rule = rule_to_assign(ARUBA[organisation], (to, *to_undo(now)), TODAY)
    except MayNotAssign:
        allowed = False
    else:
        allowed, found = True, {row.id: row for row in assigning()}[rule]
        assert to in found.statuses
    if VictimStatus.CONFIRMED in {now, to}:
        assert allowed == (organisation == "AW-UMM")
    elif to is VictimStatus.POTENTIAL:
        assert allowed
    else:
        assert allowed == (organisation in {"AW-JIUMM", "AW-UMM"})


@pytest.mark.parametrize("country", Partition)
def test_in_every_country_somebody_may_assign_each_status_and_the_rule_has_a_source(country: Partition) -> None:
    rules = of_country(country, TODAY)
    own = [o for o in ORGANISATIONS if o.partition is country]
    for status in VictimStatus:
        assert any(status in rule.statuses and rule.is_for(o) for rule in rules for o in own), status
    assert all(rule.assumed and rule.source and rule.says for rule in rules)


def test_rule_of_another_country_gives_nothing() -> None:
    foreign = of_country(Partition.CW, TODAY)
    with pytest.raises(MayNotAssign, match="nobody"):
        rule_to_assign(ARUBA["AW-UMM"], (VictimStatus.CONFIRMED,), TODAY, ())
    assert all(rule.country is Partition.CW for rule in foreign)


def test_rule_ids_are_told_apart() -> None:
    ids = [rule.id for rule in assigning()]
    assert len(set(ids)) == len(ids)


@given(
    state=st.sampled_from(ReferralState),
    to=st.sampled_from([s for s in ReferralState if s is not ReferralState.SENT]),
    days=st.integers(-5, 5),
    off=st.integers(-1, 1),
)
def test_referral_takes_an_answer_by_its_state_version_and_day_and_no_other(
    state: ReferralState, to: ReferralState, days: int, off: int
) -> None:
    referral = Referral(
        id=ReferralId(NIL), version=3, signal=SignalId(NIL), reference="AW-2026-0001", urgency="DAY",
        withdrawn=False, kind="assistance", to="AW-VICTIM", to_name="Victim bureau", on=FIRST,
        sent_by="officer", sent_at=datetime(2026, 1, 2, tzinfo=UTC), state=state, outcome=None, answered_on=None,
        ends=TODAY, due_at=None,
    )  # fmt: skip
    fits = to in NEXT_ANSWERS[state] and days >= 0
    if off == 0 and fits:
        referral.check_answer(3, to, FIRST + timedelta(days=days))
    else:
        with pytest.raises(ChangedMeanwhile if off else AnswerNotAllowed):
            referral.check_answer(3 + off, to, FIRST + timedelta(days=days))


@given(st.sampled_from(sorted(COUNTRIES)) | st.none())
def test_every_nationality_has_one_row_and_those_of_the_kingdom_share_one(nationality: str | None) -> None:
    row = nationality_group(nationality)
    assert row in code_list("nationality_group")
    assert (row == "NL") == (nationality in {"AW", "BQ", "CW", "NL", "SX"})
    assert row in {"OTHER", "NL", nationality}
