"""What somebody types in words of their own leaves in no extract: a name can stand in any of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from register.domain.access.caller import Task
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from tests.support.forms import a_form
from tests.support.told import live, share_all
from tests.support.world import World, world

AW, CW = Partition.AW, Partition.CW
TYPED = "Vita Treinta Testa"


@pytest.fixture(scope="module")
def two() -> Iterator[World]:
    with world(countries=(AW, CW)) as made:
        yield made


def test_no_word_of_ones_own_leaves_the_country(two: World) -> None:
    subject = {
        "n": 1,
        "role": "SUSPECT",
        "kind": "person",
        "name": TYPED,
        "birth": {"year": 1984, "month": 5, "day": 1},
    }
    form = a_form(
        account=f"{TYPED} was seen.",
        operation=f"{TYPED} in Hato 12",
        place={"island": "AW", "location_type": "STREET", "locality": TYPED},
        subjects=[subject],
        guarantees=[{"guarantor": 1, "kind": "ENTRY", "on": "2025-05-30", "service": TYPED}],
    )
    caller = two.caller("AW-DIMAS", Task.SUBMIT, Task.REGISTER, actor="desk")
    made = record_signal(two[AW], caller, form, str(two[AW].clock.new_id()))
    share_all(two[AW])
    extract = live(two[AW], made.id, CW)
    assert extract is not None, "nothing was shared, so nothing was looked at"
    said = json.dumps(extract, ensure_ascii=False).casefold()
    assert not {word for word in (TYPED, *TYPED.split(), "Hato") if word.casefold() in said}
