"""A victim's name that is written otherwise in another report keeps its person at home until somebody has decided."""

from __future__ import annotations

from typing import Any

import pytest

from register.domain.access.caller import Caller
from schemas.codes import Finding, Partition
from tests.integration.services.conftest import Record
from tests.support.found import families, findings
from tests.support.told import share_all
from tests.support.world import World

AW = Partition.AW


def somebody(role: str, name: str, birth: str | None, nationality: str | None, *, line: int = 0) -> dict[str, Any]:
    parts = [int(x) for x in birth.split("-")] if birth else []
    born = dict(zip(("year", "month", "day"), parts, strict=False)) or None
    things = [{"type": "PHONE", "value": f"+297 562 {line}"}] if line else []
    who = {"n": 1, "role": role, "kind": "person", "name": name, "birth": born, "nationality": nationality}
    return who | {"selectors": things}


CASES = [
    (("Marjolein Tervoort", "1993-05-06", None), ("Marjolein Tervoort e/v Haspels", "1993-05-06", None)),
    (("Ana QuiñPobobi", "1994-06-07", None), ("Ana QuiÃ±Pobobi", "1994-06-07", None)),
    (("Ana Perez Soto", "1999-02-03", None), ("Ana Perez Soto (03/02/1999)", None, None)),
    (("Ornela Vasquito", None, "DO"), ("Ornela Vasquito Prunel", "1995", "DO")),
    (("Adela Morcant y Berta Morcant", None, "CO"), ("Berta Morcant", "1999", "CO")),
    (("Rosa Elena Quispe Mamani", "1997-08-09", None), ("Rosa Quispe de Flores", "1997-08-09", None)),
    (("Rosalinda Quintero Prol", "1996-01-07", None), ("Rosalinda Quintero Prol", "1996", None)),
    (("Rosa Perico", "1994-03-14", None), ("Ximena Yucra alias Rosa Perico", "1994-03-15", None)),
    (("Олена Шевченко", "1996-04-03", None), ("Olena Shevchenko", "1996-04-03", None)),
]


def _renamed(text: str) -> str:
    """The name or the birth of somebody else, written in the same way."""
    return text.translate(str.maketrans("oOоО", "uUуУ")).replace("199", "198")


@pytest.mark.parametrize("victim_first", [True, False])
@pytest.mark.parametrize(("hers", "other", "place"), [(a, b, n) for n, (a, b) in enumerate(CASES)])
def test_who_may_be_the_victim_waits(
    two: World,
    record: Record,
    hotline: Caller,
    hers: tuple[str, str | None, str | None],
    other: tuple[str, str | None, str | None],
    place: int,
    victim_first: bool,  # noqa: FBT001 - a case
) -> None:
    line = 3001 + 2 * place + victim_first
    if not victim_first:
        hers, other = ((_renamed(name), born and _renamed(born), nation) for name, born, nation in (hers, other))
    victim = somebody("VICTIM_POTENTIAL", *hers)
    if victim_first:
        record(subjects=[victim], selectors=[])
    signal = record(subjects=[somebody("COMPANION", *other, line=line)], selectors=[])
    share_all(two[AW])
    if not victim_first:
        assert (1, "phone") in families(two, signal)
        record(subjects=[victim], selectors=[])
    assert families(two, signal) == set()
    assert [one.finding for one in findings(two, hotline, signal)] == [Finding.SAME_PERSON]
