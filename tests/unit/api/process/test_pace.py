"""When a partner is asked again."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from api.process.worker import POLL_JITTER, Pace
from register.settings import SyncSettings
from schemas.codes import Partition
from sync.receiver import Pulled

NOTHING = Pulled(Partition.CW, 0, 0, None)
A_PAGE = Pulled(Partition.CW, 10, 0, None)
MORE = Pulled(Partition.CW, 10, 5, None)
FAILED = Pulled(Partition.CW, 0, None, "partner-unreachable")
SETTINGS = SyncSettings(poll_min_s=2.0, poll_max_s=60.0)


def test_there_is_no_wait_while_more_is_known_to_come() -> None:
    assert Pace(SETTINGS).after(MORE) == 0


def test_what_fails_is_never_asked_again_at_once() -> None:
    assert Pace(SETTINGS).after(Pulled(Partition.CW, 10, 5, "nonce-mismatch")) >= 2.0 * (1 - POLL_JITTER)


@given(st.integers(), st.lists(st.sampled_from([NOTHING, FAILED]), min_size=1, max_size=30))
def test_waits_grow_to_the_longest_and_stay_within_their_jitter(seed: int, quiet: list[Pulled]) -> None:
    pace = Pace(SETTINGS, random.Random(seed))  # noqa: S311 - a seeded test, nothing secret
    expected = 2.0
    for pulled in quiet:
        assert (1 - POLL_JITTER) * expected <= pace.after(pulled) <= (1 + POLL_JITTER) * expected
        expected = min(60.0, expected * 1.5)


def test_something_new_brings_the_wait_back_to_the_shortest() -> None:
    pace = Pace(SETTINGS)
    for _ in range(20):
        pace.after(NOTHING)
    assert pace.after(A_PAGE) <= 2.0 * (1 + POLL_JITTER)
