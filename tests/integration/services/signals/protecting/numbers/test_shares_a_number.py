"""Who shares a number with a protected person, and a part of the name or all that is known of her, waits as a whole.

The number alone was withheld, and the person was found abroad by name and passport.
"""

from __future__ import annotations

from typing import Any

import pytest

from register.domain.access.caller import Caller
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal
from schemas.codes import Finding, Partition
from schemas.signals.changes import AmendIn
from tests.integration.services.conftest import Record
from tests.support.found import families, findings, say
from tests.support.told import share_all
from tests.support.world import World

AW = Partition.AW


def phone(line: int) -> dict[str, Any]:
    return {"type": "PHONE", "value": f"+509 3456 {line}"}


def passport(line: int) -> dict[str, Any]:
    return {"type": "PASSPORT", "value": f"RD45{line}", "country": "HT"}


def somebody(role: str, name: str | None, *things: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {
        "n": 1,
        "role": role,
        "kind": "person",
        "name": name,
        "nationality": "HT",
        "selectors": list(things),
    } | parts


def born(month: int) -> dict[str, Any]:
    return {"birth": {"year": 1999, "month": month, "day": 14}}


CASES = [
    (somebody("VICTIM_POTENTIAL", "Dominga", phone(2101)), "Dominga Saintilus", {}, 2101),
    (somebody("RELATIVE", None, phone(2102), minor=True), "Fabienne Desrosier", {}, 2102),
    (somebody("VICTIM_POTENTIAL", "Guerda Lamisere", phone(2103), **born(3)), "Guerda Lamisere", born(4), 2103),
    (somebody("VICTIM_POTENTIAL", "Rosemene", phone(2104)), "Rosemène Petit-Homme", {}, 2104),
    (somebody("VICTIM_POTENTIAL", "Marlyne", phone(2105)), "Marline Joassaint", {}, 2105),
]


@pytest.mark.parametrize("victim_first", [True, False])
@pytest.mark.parametrize(("victim", "name", "birth", "line"), CASES)
def test_the_person_waits_and_is_asked_about(
    two: World,
    record: Record,
    hotline: Caller,
    victim: dict[str, Any],
    name: str,
    birth: dict[str, Any],
    line: int,
    victim_first: bool,  # noqa: FBT001 - a case
) -> None:
    # The other order has numbers and names of its own.
    def of_this_order(called: str | None) -> str | None:
        return called if called is None or victim_first else " ".join(f"{word}bis" for word in called.split())

    line += 0 if victim_first else 100
    hers = victim | {"selectors": [phone(line)], "name": of_this_order(victim["name"])}
    seen = somebody("SUSPECT", of_this_order(name), phone(line), passport(line), **birth)
    if victim_first:
        record(subjects=[hers], selectors=[])
    signal = record(subjects=[seen], selectors=[])
    share_all(two[AW])
    if not victim_first:
        assert (1, "phone") in families(two, signal)
        record(subjects=[hers], selectors=[])
    assert families(two, signal) == set()
    [asked] = findings(two, hotline, signal)
    assert asked.finding is Finding.SAME_PERSON
    say(two, hotline, asked, "ANOTHER", "NAMESAKE")
    share_all(two[AW])
    left = {family for _, family in families(two, signal)}
    assert left
    assert "phone" not in left, "which is asked about by itself"


def test_who_shares_a_number_only_is_shared_but_for_the_number(two: World, record: Record, hotline: Caller) -> None:
    record(subjects=[somebody("VICTIM_POTENTIAL", "Yvrose Cadet", phone(2301))], selectors=[])
    driver = record(subjects=[somebody("SUSPECT", "Rudo Kremm", phone(2301), passport(2301))], selectors=[])
    share_all(two[AW])
    assert (1, "document") in families(two, driver)
    assert (1, "phone") not in families(two, driver)
    assert [one.finding for one in findings(two, hotline, driver)] == [Finding.ALSO_A_VICTIMS]


def test_an_unnamed_victim_of_whom_more_is_known_than_the_number_takes_the_number_only(
    two: World, record: Record
) -> None:
    record(subjects=[somebody("VICTIM_POTENTIAL", None, phone(2302), passport(9302))], selectors=[])
    driver = record(subjects=[somebody("SUSPECT", "Rudo Kromm", phone(2302), passport(2302))], selectors=[])
    share_all(two[AW])
    assert (1, "document") in families(two, driver)
    assert (1, "phone") not in families(two, driver)


def test_a_name_that_is_added_to_a_victim_is_compared_with_who_has_the_number(
    two: World, record: Record, hotline: Caller
) -> None:
    hers = somebody("VICTIM_POTENTIAL", None, phone(2303), passport(9303))
    report = record(subjects=[hers], selectors=[])
    signal = record(subjects=[somebody("SUSPECT", "Wideline Orelus", phone(2303), passport(2303))], selectors=[])
    share_all(two[AW])
    assert (1, "document") in families(two, signal)
    named = {"changes": {"subjects": [hers | {"name": "Wideline"}]}, "reason": "She said her name."}
    amend_signal(two[AW], hotline, SignalId(report.id), AmendIn.model_validate(named), version=1)
    assert families(two, signal) == set()
