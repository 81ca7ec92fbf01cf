"""A class of records is approved at the pages of the Caribbean Netherlands: fetched, signed elsewhere, pasted back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from register.domain.access.caller import Task
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from schemas.signals.approvals import ClassAskedOut
from schemas.signals.out import SignalOut
from tests.integration.web.walk import csrf, send
from tests.support.exchange.keepers import a_keeper, class_signed_by
from tests.support.forms import a_form
from tests.support.told import share_all
from tests.support.web.pages import Browserless, Pages, pages

BQ = Partition.BQ
OF = {"basis": "WPG8", "visibility": "V2", "purpose": "INVESTIGATE"}


@pytest.fixture(scope="module")
def served() -> Iterator[Pages]:
    with pages(countries=(BQ,), serving=(BQ,)) as made:
        yield made


@pytest.fixture
def signed_in(served: Pages) -> Iterator[dict[str, Browserless]]:
    with ExitStack() as closing:
        people = {name: closing.enter_context(Browserless(served[BQ].url)) for name in ("bq-gate", "bq-unit")}
        for name, person in people.items():
            person.sign_in(name)
        yield people


def a_record(served: Pages) -> SignalOut:
    register = served[BQ].register
    form = a_form(place={"island": "BONAIRE", "location_type": "STREET"}, visibility="V2", selectors=[])
    by = served.world.caller("BQ-KPCN", Task.SUBMIT)
    made = record_signal(register, by, form, str(register.clock.new_id()))
    share_all(register)
    return made


def fetched(gate: Browserless) -> ClassAskedOut:
    file = gate.get("/class-approvals/asked")
    assert file.status_code == 200, file.text
    assert file.headers["content-disposition"].startswith("attachment")
    return ClassAskedOut.model_validate_json(file.text)


def test_keeper_fetches_signs_and_gives_it_sees_what_left_and_withdraws_it(
    served: Pages, signed_in: dict[str, Browserless]
) -> None:
    gate, signal = signed_in["bq-gate"], a_record(served)
    assert 'href="/class-approvals"' in gate.get("/to-do").text
    key = a_keeper("BQ-OM", "prosecution")
    compact = class_signed_by(key, fetched(gate), served[BQ].register.clock.new_id(), **OF).approval
    broken = "\n".join(compact[at : at + 64] for at in range(0, len(compact), 64))
    given = send(gate, "/class-approvals", {"approval": broken, "reason": "Weighed for a quarter."})
    assert given.headers["location"] == "/class-approvals?done=given"
    share_all(served[BQ].register)

    page = gate.get("/class-approvals").text
    found = re.search(r'href="(/class-approvals/[0-9a-f-]{36})"', page)
    assert found
    assert "1 out on it" in page
    whole = gate.get(found[1]).text
    assert f'<a href="/ours/{signal.id}">{signal.reference}</a>' in whole
    assert "Weighed for a quarter." in whole

    untold = send(gate, found[1], {"reason": ""})
    assert 'href="#reason"' in untold.text
    back = send(gate, found[1], {"reason": "Another turn."})
    assert back.headers["location"] == f"{found[1]}?done=withdrawn"
    whole = gate.get(found[1]).text
    assert "taken back" in whole
    assert "<button" not in whole.partition("<h2>What left on it")[2]
    assert "0 out on it" in gate.get("/class-approvals").text
    assert "It has ended already." in send(gate, found[1], {"reason": "Once more."}).text


def test_what_is_no_approval_of_a_class_is_told_at_the_field_and_kept_nowhere(
    served: Pages, signed_in: dict[str, Browserless]
) -> None:
    gate, clock = signed_in["bq-gate"], served[BQ].register.clock
    before = gate.get("/class-approvals").text.count("<li>")
    other = class_signed_by(a_keeper("BQ-KPCN", "police"), fetched(gate), clock.new_id(), **OF).approval
    for typed in (other, "e30.e30.AAAA", "no approval at all", ""):
        page = send(gate, "/class-approvals", {"approval": typed, "reason": "Weighed."})
        assert page.status_code == 200
        assert 'href="#approval"' in page.text
    assert gate.get("/class-approvals").text.count("<li>") == before


def test_nobody_but_the_keeper_sees_or_gives_them(signed_in: dict[str, Browserless]) -> None:
    unit = signed_in["bq-unit"]
    assert "/class-approvals" not in unit.get("/to-do").text
    assert unit.get("/class-approvals").status_code == 403
    assert unit.get("/class-approvals/asked").status_code == 403
    assert send(unit, "/class-approvals", {"approval": "e30.e30.AAAA", "reason": "Weighed."}).status_code == 403


def test_an_approval_that_comes_after_the_session_is_kept_for_its_keeper_and_not_given(
    served: Pages, signed_in: dict[str, Browserless]
) -> None:
    gate, reason = signed_in["bq-gate"], "Weighed before lunch, 4711."
    before = gate.get("/class-approvals").text.count("<li>")
    token = csrf(gate)
    served.clock.move(served.world.settings.of(BQ).session_idle_s + 1)
    kept = gate.post("/class-approvals", {"csrf": token, "approval": "e30.e30.AAAA", "reason": reason})
    assert kept.headers["location"].startswith("/signed-out/held?next=/held/")
    gate.sign_in("bq-gate")
    page = gate.get(kept.headers["location"].partition("next=")[2]).text
    assert "Send it now" in page
    assert all(typed in page for typed in (reason, "e30.e30.AAAA"))
    assert gate.get("/class-approvals").text.count("<li>") == before
