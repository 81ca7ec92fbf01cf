"""Nothing acknowledged is lost, doubled or half done, whichever process is killed with -9 in the midst of it.

Fault cases 1, 2, 11 and 21 of sync.md with processes of their own; the long form is `python -m tests.drills kill`.
"""

from __future__ import annotations

import pytest

from register.failpoints import Failpoint
from tests.acceptance.two_countries.deployment import AW, CW, PAIR
from tests.acceptance.two_countries.invariants import violations, wait_until_quiet
from tests.acceptance.two_countries.kills import Scene
from tests.support.runs.long_form import by_form

OF_THE_SENDER = (
    Failpoint.APPENDER_CHAINED,
    Failpoint.APPENDER_COMMITTED,
    Failpoint.SHARE_PSEUDONYMISED,
    Failpoint.SHARE_COMMITTED,
)
OF_THE_RECEIVER = (
    Failpoint.RECEIVER_VERIFIED,
    Failpoint.RECEIVER_WRITTEN,
    Failpoint.RECEIVER_COMMITTED,
    Failpoint.INDEX_APPLIED,
)


IN_THE_SUITE = {AW: OF_THE_SENDER[1::2], CW: OF_THE_RECEIVER[1::2]}
"""Where something is written and somebody else does not know yet; before that, a kill leaves nothing behind."""


def test_every_place_of_the_exchange_is_killed_at() -> None:
    assert {*OF_THE_SENDER, *OF_THE_RECEIVER} == set(Failpoint)


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_both_are_killed_at_every_place(scene: Scene) -> None:
    """The suite takes every other place; the long form, as the drill, all of them."""
    scene.at_places(by_form(short=IN_THE_SUITE, long={AW: OF_THE_SENDER, CW: OF_THE_RECEIVER}))
    assert scene.checked() == []


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_they_are_killed_at_any_moment(scene: Scene) -> None:
    scene.at_random(by_form(short=1, long=3), seed=3)
    assert scene.checked() == []


@pytest.mark.slow
def test_log_stays_gapless_when_two_processes_append_and_both_are_killed_in_turn(scene: Scene) -> None:
    scene.one_of_two_workers()
    assert scene.checked() == []


@pytest.mark.slow
def test_nodes_go_on_by_themselves_when_postgres_is_killed_in_mid_apply(scene: Scene) -> None:
    nodes = [scene.two[country].node for country in PAIR]
    pids = [node.pid for node in nodes]
    scene.postgres_in_mid_apply()
    assert scene.checked() == []
    assert [node.pid for node in nodes if not node.ended()] == pids


@pytest.mark.slow
def test_withdrawal_is_done_only_once_a_lost_index_is_back_and_filled_again(scene: Scene) -> None:
    scene.engine()
    assert scene.checked() == []


@pytest.mark.slow
def test_the_check_of_these_tests_finds_what_is_planted(scene: Scene) -> None:
    one_of = "ctid = (SELECT min(ctid) FROM rtr.{0} WHERE {1})"
    planted = (
        (AW, "UPDATE rtr.idempotency SET key = key || '-' WHERE key LIKE '%-0'", "idempotency keys differ"),
        (AW, "UPDATE rtr.log_entry SET entry_hash = sha256(stub) WHERE partner = 'CW' AND seq = 2", "entry 2 does not"),
        (AW, "UPDATE rtr.hit SET withdrawn_at = now() WHERE " + one_of.format("hit", "withdrawn_at IS NULL"), "hits"),
        (
            AW,
            "UPDATE rtr.draft SET version = version + 1 WHERE partner = 'CW' AND appended_seq = 1",
            "version 2 follows 0",
        ),
        (CW, "UPDATE rtr.receipt_given SET jws = jws || 'x' WHERE partner = 'AW' AND n = 1", "receipts given and got"),
        (CW, "UPDATE rtr.search_key SET handle = handle || '-' WHERE origin = 'AW'", "index of tokens and PostgreSQL"),
        (CW, "UPDATE rtr.received_record SET live = NOT live WHERE partner = 'AW'", "sent and held differ"),
        (CW, "UPDATE rtr.partner_cursor SET applied_to = applied_to - 1 WHERE partner = 'AW'", "the cursor stands at"),
    )
    scene.loads[0].submit(2)
    scene.loads[1].submit(2)
    wait_until_quiet(scene.two)
    with scene.two.spoilt(*PAIR) as spoilt:
        for country, statement, _ in planted:
            assert spoilt[country].change(statement), statement
        found = violations(spoilt, *scene.loads)
    for _, statement, words in planted:
        assert any(words in text for text in found), (statement, found)
