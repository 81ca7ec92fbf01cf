"""People of Aruba, and a signal that one of them recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from register.domain.access.caller import Caller, Task
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from schemas.signals.out import SignalOut
from tests.support.forms import a_form
from tests.support.world import World

Record = Callable[..., SignalOut]


@pytest.fixture
def submitter(two: World) -> Caller:
    """A service that submits and reads what it submitted."""
    return two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor="aw-dimas")


@pytest.fixture
def unit(two: World) -> Caller:
    """The register unit."""
    return two.caller("AW-JIUMM", Task.REGISTER, Task.ENRICH, Task.READ_OWN, actor="unit")


@pytest.fixture
def record(two: World, submitter: Caller) -> Record:
    """Records a signal; parts of the form may be named."""

    def make(by: Caller = submitter, **parts: Any) -> SignalOut:
        register = two[Partition(by.partition)]
        return record_signal(register, by, a_form(**parts), str(register.clock.new_id()))

    return make


@pytest.fixture
def signal(record: Record) -> SignalOut:
    return record()
