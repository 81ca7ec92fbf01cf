"""A victim of whom another report says little is known again, and whoever is told apart by that little is not."""

from __future__ import annotations

from typing import Any

import pytest

from register.domain.access.caller import Caller
from schemas.codes import Finding, Partition
from tests.integration.services.conftest import Record
from tests.support.found import Person, families, findings
from tests.support.told import share_all
from tests.support.world import World

AW = Partition.AW


def named(name: str, birth: dict[str, int] | None = None, nationality: str | None = "VE") -> dict[str, Any]:
    return {"name": name, "birth": birth, "nationality": nationality}


@pytest.mark.parametrize("first", ["victim", "other"])
@pytest.mark.parametrize(
    ("little", "hers"),
    [
        (named("Xiomara Esther Villalobos {}", None, None), True),
        (named("VILLALOBOS {}, Xiomara E.", None, None), True),
        (named("Xiomara {}", {"year": 1997}), True),
        (named("Xiomara Esther Villalobos {}", {"year": 1979, "month": 10, "day": 21}), True),
        (named("Xiomara Esther Villalobos {}", {"year": 1997, "month": 1, "day": 21}), True),
        (named("Xiomara Esther Villalobos {}", {"year": 1997, "month": 10, "day": 12}), True),
        (named("Xiomara Esther Villalobos {}", {"year": 1998, "month": 10, "day": 21}), True),
        (named("Xiomara Esther Villalobos {}", {"year": 1988, "month": 3, "day": 2}), False),
        (named("Xiomara Esther Villalobos {}", None, "CO"), False),
    ],
)
def test_a_victim_is_known_again_by_little_whichever_report_comes_first(
    two: World,
    record: Record,
    hotline: Caller,
    her: Person,
    little: dict[str, Any],
    hers: bool,  # noqa: FBT001 - a case
    first: str,
) -> None:
    whole = named(f"Xiomara Esther Villalobos {her.family}", {"year": 1997, "month": 10, "day": 21})
    typed = little | {"name": little["name"].format(her.family)}
    victim = {"subjects": [her.as_("VICTIM_POTENTIAL", **whole)], "selectors": []}
    other = {"subjects": [her.as_("SUSPECT", her.passport(), **typed)], "selectors": []}
    if first == "victim":
        record(**victim)
        there = record(**other)
    else:
        there = record(**other)
        share_all(two[AW])
        record(**victim)
    share_all(two[AW])
    if hers:
        assert families(two, there) == set()
        assert Finding.SAME_PERSON in {one.finding for one in findings(two, hotline, there)}
    else:
        assert (1, "document") in families(two, there)
