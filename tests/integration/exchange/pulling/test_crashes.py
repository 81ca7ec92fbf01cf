"""A receiver that stops anywhere: what it had done comes back with the next pull, once."""

from __future__ import annotations

import pytest

from register.services.exchange.received_log import ReceivedLog
from register.services.running.keep_house import destroy_keys
from schemas.codes import Partition
from tests.integration.exchange.looking import rows, snapshot
from tests.integration.exchange.net import Net
from tests.integration.exchange.wire import receiver_between

AW, CW = Partition.AW, Partition.CW

STEPS = [
    "lock",
    "versions",
    "keep_page",
    "keep_stubs",
    "hold",
    "lose",
    "quarantine",
    "release",
    "move",
    "log_applied",
    "note_head",
    "receipt_matter",
    "give",
    "note_success",
]


class Crash(BaseException):
    """The process stops here."""


def tell(net: Net) -> None:
    """A log with everything in it: held, superseded, retracted, quarantined."""
    first, second = net[CW].put(AW, number=1), net[CW].put(AW, number=2)
    net[CW].append()
    net[AW].pull_all(CW)
    net[CW].put(AW, number=3, about=first)
    net[CW].retract(second, AW)
    net[CW].put(AW, number=4, retain_until="2020-01-01")
    net[CW].put(AW, number=5)
    net[CW].append()


@pytest.mark.parametrize("name", STEPS)
def test_a_crash_after_any_step_loses_nothing_and_doubles_nothing(
    trio: Net, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(trio)
    before = snapshot(trio, AW)
    whole = getattr(ReceivedLog, name)

    def crashes(self: ReceivedLog, *args: object, **kwargs: object) -> None:
        whole(self, *args, **kwargs)
        raise Crash

    with monkeypatch.context() as planted:
        planted.setattr(ReceivedLog, name, crashes)
        with pytest.raises(Crash):
            trio[AW].pull(CW)
    assert snapshot(trio, AW) == before
    assert trio[AW].pull_all(CW) == 4
    after = snapshot(trio, AW)
    assert len(after["stubs"]) == 6
    assert [row[1] for row in after["stubs"]] == [1, 2, 3, 4, 5, 6]
    held = rows(trio, "SELECT reference FROM rtr.received_record WHERE country = 'AW' AND live ORDER BY 1")
    assert [row["reference"] for row in held] == ["CW-2026-3", "CW-2026-5"]
    destroy_keys(trio[AW].register, 1_000)
    # One data key for each body that is held, and none left over.
    keys = rows(trio, "SELECT count(*) AS n FROM rtr.data_key WHERE country = 'AW'")
    assert keys == [{"n": 2}]


def test_a_crash_between_commit_and_receipt_has_the_receipt_posted_by_the_next_pull(trio: Net) -> None:
    tell(trio)
    receiver, between = receiver_between(trio[AW])
    between.cut = True
    receiver.pull_once(CW)
    applied = snapshot(trio, AW)
    assert trio[AW].pull(CW).error is None
    assert snapshot(trio, AW) == applied
    (got,) = rows(trio, "SELECT claims FROM rtr.receipt_got WHERE country = 'CW' ORDER BY n DESC LIMIT 1")
    assert got["claims"]["applied_to"] == 6
    between.close()
