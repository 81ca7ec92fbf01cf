"""A planted fault ends the process as kill -9 does, at the time it was told; production has none."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from register.failpoints import BadFailpoint, Failpoint, Failpoints
from register.settings import BadSettings, load

_WALK = """
from register.failpoints import Failpoint, Failpoints
places = Failpoints("receiver.written:2")
for n in range(4):
    places.hit(Failpoint.RECEIVER_VERIFIED)
    print(n, flush=True)
    places.hit(Failpoint.RECEIVER_WRITTEN)
"""


def test_process_dies_when_it_reaches_its_place_for_the_nth_time() -> None:
    ended = subprocess.run([sys.executable, "-c", _WALK], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout.split() == ["0", "1"]


def test_nothing_happens_where_nothing_was_planted() -> None:
    places = Failpoints()
    for place in Failpoint:
        places.hit(place)


@pytest.mark.parametrize("told", ["receiver.written", "receiver.written:0", "receiver.written:x", "nowhere:1", ":1"])
def test_place_that_is_none_is_refused(told: str) -> None:
    with pytest.raises(BadFailpoint):
        Failpoints(told)


def test_production_refuses_planted_faults() -> None:
    Failpoints("", production=True).hit(Failpoint.RECEIVER_WRITTEN)
    with pytest.raises(BadFailpoint):
        Failpoints("receiver.written:1", production=True)
    with pytest.raises(BadSettings, match="failpoint"):
        load(environment={"RTR_ENV": "production", "RTR_FAILPOINT": "receiver.written:1"})
