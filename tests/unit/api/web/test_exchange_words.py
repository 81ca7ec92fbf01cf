"""What is said of the exchange: every state has its words, nobody is called for nothing, and nothing is kept quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.exchange.words import REFUSED, State, Told, describe_overview
from register.domain.exchange.log import QuarantineRow
from register.mou.rules.approval import ApprovalCode
from schemas.codes import Partition
from sync.judgement import HoldCode
from sync.protocol import refusals
from sync.protocol.entries import QuarantineCode
from sync.protocol.liveset import AsOf
from sync.status import ExchangeStatus, FromPartner, PartnerStatus, ToPartner

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATELY = NOW - timedelta(minutes=1)
RECEIVED = FromPartner(
    as_of=AsOf(1, 5, 5, LATELY), stale=False, behind=0, quarantine=(), unconfirmed=0, unacknowledged=0,
    last_success_at=LATELY, last_error=None, last_error_at=None, halted=None,
)  # fmt: skip
SENT = ToPartner(
    tip=7, waiting=0, acknowledged_to=7, last_receipt_at=LATELY, open_retracts=0, overdue=(), refused=(), stopped=None,
    not_converged=(),
)  # fmt: skip
NEVER_RECEIVED = replace(
    RECEIVED, as_of=AsOf(1, 0, None, None), stale=True, behind=None, last_success_at=None, quarantine=()
)
NEVER_SENT = replace(SENT, tip=0, acknowledged_to=0, last_receipt_at=None)


def told(received: FromPartner = RECEIVED, sent: ToPartner = SENT) -> Told:
    status = ExchangeStatus((PartnerStatus(Partition.CW, received, sent),), 0)
    return describe_overview(status, NOW).partners[0]


def refused(code: str, rule: str | None = None, seq: int = 1) -> QuarantineRow:
    return QuarantineRow(seq, code, rule, LATELY, None)


def test_partner_with_which_all_arrived_is_well_and_nothing_is_said() -> None:
    assert (told().state, told().findings) == (State.WELL, ())


def test_removals_that_a_stopped_log_holds_back_are_said_with_the_day_and_who_is_to_be_called() -> None:
    since = NOW - timedelta(hours=3)
    one = told(sent=replace(SENT, stopped="receipt-ahead", held_back=4, held_back_since=since))
    (found,) = [f for f in one.findings if f.code == "removals-held-back"]
    assert (found.state, found.count, found.at) == (State.NEEDS_YOU, 4, since)
    assert "by telephone" in str(found.do)


def test_partner_never_heard_of_is_no_trouble() -> None:
    assert told(NEVER_RECEIVED, NEVER_SENT).state is State.NEVER


def test_what_waits_for_a_partner_that_never_joined_is_counted_and_needs_nobody() -> None:
    one = told(NEVER_RECEIVED, replace(NEVER_SENT, tip=3, waiting=2, not_converged=("no-receipt",)))

    assert one.state is State.NEVER
    assert [finding.count for finding in one.findings] == [5]


@pytest.mark.parametrize(
    ("received", "sent"),
    [
        ({"behind": 3, "stale": True}, {}),
        ({"stale": True}, {}),
        ({"unconfirmed": 2}, {}),
        ({"last_error": "partner-unreachable", "last_error_at": LATELY, "stale": True}, {}),
        ({}, {"waiting": 2, "not_converged": ("drafts-waiting",)}),
        ({}, {"acknowledged_to": 5, "not_converged": ("behind",)}),
        ({}, {"open_retracts": 1, "not_converged": ("index-behind",)}),
    ],
)
def test_what_goes_by_itself_calls_nobody(received: dict[str, Any], sent: dict[str, Any]) -> None:
    one = told(replace(RECEIVED, **received), replace(SENT, **sent))

    assert one.state is State.ON_ITS_WAY
    assert one.findings


@pytest.mark.parametrize(
    ("received", "sent"),
    [
        ({"behind": 3, "stale": True}, {}),
        ({"stale": True}, {}),
        ({"last_error": "partner-unreachable", "last_error_at": LATELY, "stale": True}, {}),
        ({}, {"acknowledged_to": 5, "not_converged": ("behind",)}),
    ],
)
def test_what_should_go_by_itself_and_has_not_for_a_day_calls_somebody(
    received: dict[str, Any], sent: dict[str, Any]
) -> None:
    long_ago = NOW - timedelta(hours=25)

    assert told(replace(RECEIVED, **received, last_success_at=long_ago), replace(SENT, **sent)).state is State.NEEDS_YOU


@pytest.mark.parametrize(
    ("received", "sent"),
    [
        ({"halted": "log-forked"}, {}),
        ({"last_error": "clock-skew", "last_error_at": LATELY}, {}),
        ({"last_error": "key-revoked", "last_error_at": LATELY}, {}),
        ({"last_error": "a-code-of-tomorrow", "last_error_at": LATELY}, {}),
        ({"quarantine": (refused("refused-by-rule", "WPG10B-1"),)}, {}),
        ({}, {"stopped": "origin-restored"}),
        ({}, {"open_retracts": 1, "overdue": (UUID(int=1),), "not_converged": ("index-behind",)}),
        ({}, {"refused": ((1, "unknown-edition"),), "not_converged": ("quarantine",)}),
        ({}, {"not_converged": ("roots-differ",)}),
        ({}, {"not_converged": ("other-log",)}),
        ({}, {"not_converged": ("receipt-from-the-future",)}),
        ({}, {"refused": ((2, "schema-invalid"),), "retracts_refused": (2,), "not_converged": ("quarantine",)}),
    ],
)
def test_what_a_person_must_mend_calls_somebody_at_once(received: dict[str, Any], sent: dict[str, Any]) -> None:
    one = told(replace(RECEIVED, **received), replace(SENT, **sent))

    assert one.state is State.NEEDS_YOU
    assert one.findings[0].state is State.NEEDS_YOU


def test_partner_that_was_never_reached_but_tried_is_not_passed_over() -> None:
    one = told(replace(NEVER_RECEIVED, last_error="roster-refused", last_error_at=LATELY), NEVER_SENT)

    assert one.state is State.NEEDS_YOU


def test_one_reason_is_said_once_with_the_first_numbers_and_how_many() -> None:
    rows = [*(refused("retention-passed", seq=seq) for seq in range(1, 41)), refused("unknown-edition", seq=50)]
    findings = told(replace(RECEIVED, quarantine=tuple(rows))).findings

    assert [(finding.count, finding.numbers) for finding in findings] == [(40, (1, 2, 3, 4, 5, 6)), (1, (50,))]


def test_every_code_of_a_refused_entry_has_its_words() -> None:
    codes = {str(code) for code in (*QuarantineCode, *HoldCode, *ApprovalCode)}

    assert codes | {"refused-by-rule", "unknown-edition"} <= set(REFUSED)


def test_whole_is_as_bad_as_the_worst_partner_and_never_better() -> None:
    well = PartnerStatus(Partition.AW, RECEIVED, SENT)
    never = PartnerStatus(Partition.BQ, NEVER_RECEIVED, NEVER_SENT)
    broken = PartnerStatus(Partition.SX, replace(RECEIVED, halted="log-forked"), SENT)

    assert describe_overview(ExchangeStatus((never,), 0), NOW).state is State.NEVER
    assert describe_overview(ExchangeStatus((never, well), 0), NOW).state is State.WELL
    assert describe_overview(ExchangeStatus((never, well), 3), NOW).state is State.ON_ITS_WAY
    assert describe_overview(ExchangeStatus((broken, well), 3), NOW).of(State.NEEDS_YOU) == (Partition.SX,)


CODES = sorted({one.code for one in vars(refusals).values() if isinstance(one, type) and hasattr(one, "code")})
REASONS = ("drafts-waiting", "no-receipt", "behind", "other-log", "roots-differ", "quarantine", "index-behind")


@given(
    received=st.fixed_dictionaries(
        {},
        optional={
            "stale": st.booleans(),
            "behind": st.none() | st.integers(0, 9),
            "unconfirmed": st.integers(0, 9),
            "halted": st.none() | st.just("log-forked"),
            "last_error": st.none() | st.sampled_from(CODES),
            "last_success_at": st.none() | st.just(LATELY) | st.just(NOW - timedelta(days=9)),
            "quarantine": st.lists(st.builds(refused, st.sampled_from(sorted(REFUSED))), max_size=3).map(tuple),
        },
    ),
    reasons=st.lists(st.sampled_from(REASONS), unique=True).map(tuple),
    stopped=st.none() | st.just("origin-restored"),
)
def test_all_is_well_is_said_only_where_the_status_says_so(
    received: dict[str, Any], reasons: tuple[str, ...], stopped: str | None
) -> None:
    sent = replace(
        SENT,
        not_converged=reasons,
        stopped=stopped,
        waiting=int("drafts-waiting" in reasons),
        open_retracts=int("index-behind" in reasons),
        refused=((1, "retention-passed"),) if "quarantine" in reasons else (),
        acknowledged_to=5 if {"behind", "no-receipt"} & set(reasons) else 7,
    )
    got = replace(RECEIVED, **received)
    status = ExchangeStatus((PartnerStatus(Partition.CW, got, sent),), 0)
    quiet = status.converged and not got.halted and not got.behind and not got.last_error and not stopped

    assert (describe_overview(status, NOW).state is State.WELL) is quiet
