"""A report is found by its reference, as people type it, by whoever may read it."""

from __future__ import annotations

import pytest

from schemas.signals.out import SignalOut
from tests.integration.web.conftest import At
from tests.integration.web.ours import recorded
from tests.integration.web.walk import send
from tests.support.web.pages import AW, CW, Pages

NONE = "There is no report of this reference that you may read."


@pytest.fixture
def signal(served: Pages) -> SignalOut:
    return recorded(served)


def typings(reference: str) -> list[str]:
    country, year, number = reference.split("-")
    return [
        reference, reference.lower(), f"{country} {year} {number}", f"{year}-{number}", f"{year}{number}",
        number, number.lstrip("0"), f"{country.lower()}{year}{number} ",
    ]  # fmt: skip


def test_unit_looks_a_reference_up_as_it_was_read_out(signal: SignalOut, at: At) -> None:
    unit = at("aw-unit")
    assert 'name="reference"' in unit.get("/ours").text
    for typed in typings(signal.reference):
        answer = send(unit, "/ours/find", {"reference": typed})
        assert answer.headers["location"] == f"/ours/{signal.id}", typed


def test_address_with_the_reference_leads_to_the_report(signal: SignalOut, at: At) -> None:
    answer = at("aw-unit").get(f"/ours/{signal.reference}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/ours/{signal.id}")


@pytest.mark.parametrize("name", ["aw-school", "aw-reader"])
def test_whoever_may_not_read_it_is_told_the_same_as_of_none(signal: SignalOut, at: At, name: str) -> None:
    person = at(name)
    for typed in (signal.reference, "AW-1999-0001", "CW-2026-0168"):
        answer = send(person, "/ours/find", {"reference": typed})
        assert answer.status_code == 200, typed
        assert NONE in answer.text
    assert person.get(f"/ours/{signal.reference}").status_code == 404
    assert person.get("/ours/AW-1999-0001").status_code == 404


def test_what_has_no_digit_is_said_to_be_no_reference(at: At) -> None:
    for typed in ("Ana Ficticia", "", " "):
        assert "Names are looked for by a search" in send(at("aw-unit"), "/ours/find", {"reference": typed}).text


def test_looking_up_leaves_a_leaf_and_a_name_that_was_typed_is_kept_nowhere(
    served: Pages, signal: SignalOut, at: At
) -> None:
    unit = at("aw-unit")
    send(unit, "/ours/find", {"reference": signal.reference})
    send(unit, "/ours/find", {"reference": "Ana Ficticia"})
    with served[AW].register.work(served.world.worker(AW)) as work:
        found = work._connection.exec_driver_sql(
            "SELECT action, commitment::text FROM rtr.audit_leaf "
            "WHERE action IN ('signal.looked-up', 'signal.not-found') ORDER BY id DESC LIMIT 2"
        ).all()
    assert [action for action, _ in found] == ["signal.not-found", "signal.looked-up"]
    assert str(signal.id) in str(found[1])
    assert "Ficticia" not in str(found)


def test_reference_of_another_country_finds_nothing_here(signal: SignalOut, at: At) -> None:
    other = at("cw-all", CW)
    assert NONE in send(other, "/ours/find", {"reference": signal.reference}).text
    assert other.get(f"/ours/{signal.reference}").status_code == 404
