"""After a restore a country's contribution is the same, byte for byte; under another key nothing is drawn again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from register import bootstrap
from register.core import Register
from register.domain.access.caller import Caller, Task
from register.services.running import operate_database
from register.services.signals.record_signal import record_signal
from register.services.statistics.statements.contribute import RoundingKeyChanged, contribute
from schemas.codes import Partition
from schemas.signals.signal import SignalIn
from tests.integration.statistics.scene import (
    BY_CHANNEL,
    BY_SOURCE,
    BY_TYPE,
    CHANNELS,
    MARGINS,
    SOURCES,
    TYPES,
    expanded,
)
from tests.integration.store.backups import environment, take, tools
from tests.support.started.databases import fresh_database, make_database
from tests.support.world import World, world

AW = Partition.AW
SERVER = "wheel"


@pytest.fixture(scope="module")
def aruba() -> Iterator[World]:
    with world(server=SERVER, countries=(AW,)) as made:
        sources, channels, types = MARGINS[AW]
        rows = zip(expanded(SOURCES, sources), expanded(CHANNELS, channels), expanded(TYPES, types), strict=True)
        for n, (source, channel, kind) in enumerate(rows):
            form = {
                "kind": "notification", "urgency": "NORMAL", "account": f"Made up, {n}.", "received_on": "2023-05-01",
                "period": {"from": "2023-05-01"}, "place": {"island": "AW", "location_type": "STREET"},
                "signal_type": kind, "source": source, "channel": channel, "nothing_known": True,
            }  # fmt: skip
            who = made.caller("AW-CMMA", Task.SUBMIT, Task.REGISTER)
            record_signal(made[AW], who, SignalIn.model_validate(form), f"restored-{n}")
        yield made


@pytest.fixture
def counter(aruba: World) -> Caller:
    return aruba.caller("AW-CMMA", Task.STATISTICS)


@contextmanager
def restored(aruba: World, folder: Path) -> Iterator[Register]:
    """Aruba out of a backup, under the keys of its key store."""
    settings = replace(aruba.settings, database=replace(aruba.settings.database, name=fresh_database()))
    make_database(settings)
    operate_database.restore(settings, AW, environment(SERVER), tools(SERVER), folder)
    register = bootstrap.open(settings, AW)
    try:
        yield register
    finally:
        register.close()


def test_a_country_restored_to_before_its_contribution_makes_the_same_one(
    aruba: World, counter: Caller, tmp_path: Path
) -> None:
    take(aruba, SERVER, AW, tmp_path)
    first = contribute(aruba[AW], counter, BY_TYPE, "2023")
    with restored(aruba, tmp_path) as register:
        again = contribute(register, counter, BY_TYPE, "2023")
    assert again.is_new
    assert (again.row.body, again.row.signature) == (first.row.body, first.row.signature)


def test_a_country_restored_to_after_it_has_its_contribution_and_what_it_was_made_of(
    aruba: World, counter: Caller, tmp_path: Path
) -> None:
    first = contribute(aruba[AW], counter, BY_SOURCE, "2023")
    take(aruba, SERVER, AW, tmp_path)
    with restored(aruba, tmp_path) as register:
        again = contribute(register, counter, BY_SOURCE, "2023")
    assert (again.is_new, again.row.body) == (False, first.row.body)


def test_under_another_rounding_key_nothing_of_a_begun_period_is_drawn(
    aruba: World, counter: Caller, tmp_path: Path
) -> None:
    contribute(aruba[AW], counter, BY_CHANNEL, "2023")
    take(aruba, SERVER, AW, tmp_path)
    with restored(aruba, tmp_path) as register:
        register.keys._keystore.put("statistics/rounding", bytes(range(32)))
        with pytest.raises(RoundingKeyChanged):
            contribute(register, counter, BY_CHANNEL, "2023")
