"""A document tells how old its holder is, and of whom nobody spoke: a sedula, a line that machines read, a pile found.

A girl of eleven was found abroad by her sedula, beside a birth date that somebody had typed wrongly.
"""

from __future__ import annotations

from typing import Any

import pytest

from register.domain.access.caller import Caller
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal
from schemas.codes import Finding, Partition
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.found import families, findings, say, waiting
from tests.support.told import live, share_all
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW


def card(number: str, country: str = "CW", **parts: Any) -> dict[str, Any]:
    return {"type": "NATIONAL_ID", "document_type": "ID_CARD", "value": number, "country": country, **parts}


def passport(number: str, country: str = "CO", **parts: Any) -> dict[str, Any]:
    return {"type": "PASSPORT", "value": number, "country": country, **parts}


def somebody(*things: dict[str, Any], role: str = "COMPANION", **parts: Any) -> dict[str, Any]:
    return {"n": 1, "role": role, "kind": "person", "selectors": list(things), **parts}


def boss(line: int, n: int = 2) -> dict[str, Any]:
    phone = {"type": "PHONE", "value": f"+297 566 {line}"}
    return {"n": n, "role": "EXPLOITER", "kind": "person", "name": "Rudo Kremmeling", "selectors": [phone]}


def amend(two: World, by: Caller, signal: SignalOut, version: int, **changes: Any) -> None:
    said = AmendIn.model_validate({"changes": changes, "reason": "Said otherwise."})
    amend_signal(two[AW], by, SignalId(signal.id), said, version=version)


def going(two: World, signal: SignalOut) -> set[int]:
    share_all(two[AW])
    return {n for n, _ in families(two, signal)}


@pytest.mark.parametrize(
    ("thing", "parts"),
    [
        (card("2014.10.11.02"), {}),
        (card("2013-02-11-05", "BQ"), {"role": "SUSPECT"}),
        (card("2010123107", "AW"), {}),
        (card("2012.05.14.09"), {"birth": {"year": 1994, "month": 5, "day": 14}}),
        (card("2012.05.15.09"), {"minor": False}),
        ({"type": "PHONE", "value": "+297 566 3001"}, {"name": "Ruthsela 2012.05.16.09"}),
        # The second line of a passport, as ICAO 9303 has it.
        (passport("ZZ00711087COL1201077F3001019<<<<<<<<<<<<<<<6"), {}),
    ],
)
def test_who_is_a_child_by_the_number_of_a_document_is_one_whatever_else_was_typed(
    two: World, record: Record, thing: dict[str, Any], parts: dict[str, Any]
) -> None:
    signal = record(subjects=[somebody(thing, **parts)], selectors=[])
    assert any("reads as a birth date" in one for one in signal.questions)
    assert going(two, signal) == set()


def test_a_sedula_of_an_adult_and_a_number_that_is_no_date_hold_nobody(two: World, record: Record) -> None:
    for number, country in (("1984.10.11.02", "CW"), ("2014.13.11.02", "CW"), ("2014101103", "CO")):
        signal = record(subjects=[somebody(card(number, country))], selectors=[])
        assert not any("reads as a birth date" in one for one in signal.questions)
        assert going(two, signal) == {1}


@pytest.mark.parametrize("place", ["loose", "lookalike"])
def test_a_childs_document_under_nobody_or_under_another_waits_for_the_register_unit(
    two: World, record: Record, hotline: Caller, place: str
) -> None:
    loose = place == "loose"
    theirs = card("2014.10.12.02" if loose else "2014.10.13.02", use=None if loose else "LOOKALIKE")
    user = {**boss(3011, n=1), "selectors": [*boss(3011 + loose)["selectors"], *([] if loose else [theirs])]}
    signal = record(subjects=[user], selectors=[theirs] if loose else [])
    share_all(two[AW])
    assert families(two, signal) == {(1, "phone")}
    [asked] = findings(two, hotline, signal)
    assert (asked.finding, asked.subject) == (Finding.RIGHTFUL_HOLDER, 0 if loose else 1)
    assert asked.id in waiting(two, hotline)
    amend(two, hotline, signal, 1, subjects=[boss(3012 + loose, n=1)], selectors=[])
    say(two, hotline, asked, "KEEP", "OTHER_HOLDER")
    amend(two, hotline, signal, 2, subjects=[user], selectors=[theirs] if loose else [])
    share_all(two[AW])
    assert families(two, signal) == {(1, "phone"), (0 if loose else 1, "document")}


@pytest.mark.parametrize("form", [{"signal_type": "HT"}, {"signal_type": "UNDETERMINED"}, {"signal_type": "MS"}])
def test_a_document_found_at_an_exploiters_waits_and_never_carries_the_finders_role(
    two: World, record: Record, hotline: Caller, form: dict[str, Any]
) -> None:
    at = "abc"[["HT", "UNDETERMINED", "MS"].index(form["signal_type"])]
    hers = [passport(f"ZZ00{at}1108", use="FOUND"), passport(f"ZZ00{at}1109", "VE", use="FOUND")]
    exploiter = boss(3021 + ord(at), n=1)
    exploiter["selectors"] += hers
    signal = record(subjects=[exploiter], selectors=[passport(f"ZZ00{at}1110", use="FOUND")], **form)
    assert any("Documents were found" in one for one in signal.questions)
    share_all(two[AW])
    assert families(two, signal) == {(1, "phone")}
    asked = findings(two, hotline, signal)
    assert {(one.finding, one.subject) for one in asked} == {
        (Finding.RIGHTFUL_HOLDER, 0),
        (Finding.RIGHTFUL_HOLDER, 1),
    }
    assert len(asked) == 3
    for one in asked:
        say(two, hotline, one, "KEEP", "OTHER_HOLDER")
    share_all(two[AW])
    told = live(two[AW], signal.id, CW)
    assert told is not None
    assert {(t["n"], t["use"]) for t in told["tokens"] if t["family"] == "document"} == {(0, "FOUND")}


def test_another_use_said_later_releases_no_document_that_was_found(
    two: World, record: Record, hotline: Caller
) -> None:
    exploiter, hers = boss(3031, n=1), passport("ZZ0071131", use="FOUND")
    mine = {**exploiter, "selectors": [*exploiter["selectors"], hers]}
    signal = record(subjects=[mine], selectors=[])
    amend(two, hotline, signal, 1, subjects=[{**mine, "selectors": [*exploiter["selectors"], hers | {"use": "OWN"}]}])
    share_all(two[AW])
    assert families(two, signal) == {(1, "phone")}
