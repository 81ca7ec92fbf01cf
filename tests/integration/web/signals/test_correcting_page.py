"""Persons and numbers of a report are corrected at the pages after it was sent: who may, with a reason, each apart."""

from __future__ import annotations

from uuid import UUID

import pytest

from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal, withdraw_signal
from schemas.signals.changes import AmendIn, WithdrawIn
from schemas.signals.out import SignalOut
from tests.integration.web.conftest import At
from tests.integration.web.ours import present, recorded
from tests.integration.web.walk import Fields, send
from tests.support.web.pages import AW, Browserless, Pages

PHONE: Fields = {"number": "+297 000 0142", "owner": ""}
SUSPECT = {"n": 1, "role": "SUSPECT", "kind": "person", "name": "Zeno Testman", "selectors": []}
VICTIM = {
    "n": 2, "role": "VICTIM_PRESUMED", "kind": "person", "name": "Ana Ficticia",
    "selectors": [{"type": "PHONE", "value": "+58 412 555 1111"}],
}  # fmt: skip


@pytest.fixture
def signal(served: Pages) -> SignalOut:
    return recorded(
        served, subjects=[SUSPECT, VICTIM], selectors=[{"type": "PHONE", "value": "+297 000 0142"}], account="Seen."
    )


def change(person: Browserless, signal: UUID, where: str, **fields: str) -> str:
    """Send a form of the pages; gives where it leads, or the page with what is to be mended."""
    answer = send(person, f"/ours/{signal}/persons/{where}", {"reason": "She rang back.", "version": "1", **fields})
    return str(answer.headers["location"]) if answer.status_code == 303 else answer.text


def test_the_desk_says_whose_a_phone_is_and_it_may_leave(served: Pages, signal: SignalOut, at: At) -> None:
    officer = at("aw-officer")
    assert f'href="/ours/{signal.id}/persons"' in officer.get(f"/ours/{signal.id}").text
    page = officer.get(f"/ours/{signal.id}/persons").text
    assert f'href="/ours/{signal.id}/persons/phone/0.0"' in page
    assert "+297 000 0142" in officer.get(f"/ours/{signal.id}/persons/phone/0.0").text
    done = change(officer, signal.id, "phone/0.0", number="+297 000 0142", owner="1")
    assert done == f"/ours/{signal.id}/persons?done=corrected"
    assert "The report is corrected." in officer.get(done).text
    form = present(served, signal.id).form
    assert [one.value for one in form.subjects[0].selectors] == ["+297 000 0142"]
    assert form.selectors == ()
    assert "She rang back." in officer.get(f"/ours/{signal.id}").text, "in the timeline"


def test_a_person_gets_another_role_and_another_is_added(served: Pages, signal: SignalOut, at: At) -> None:
    unit = at("aw-unit")
    asked = {"role": "EXPLOITER", "name": "Zeno Testman", "year": "1985", "month": "", "day": ""}
    assert "done=corrected" in change(unit, signal.id, "person/1", nationality="", minor="", **asked)
    more = {"role": "WITNESS", "name": "Otra Prueba", "year": "", "month": "", "day": "", "version": "2"}
    assert "done=corrected" in change(unit, signal.id, "person", nationality="", minor="", **more)
    persons = present(served, signal.id).form.subjects
    assert [(s.n, s.role) for s in persons] == [(1, "EXPLOITER"), (2, "VICTIM_PRESUMED"), (3, "WITNESS")]


def test_who_takes_a_person_off_is_asked_what_becomes_of_the_things(served: Pages, signal: SignalOut, at: At) -> None:
    officer = at("aw-officer")
    page = officer.get(f"/ours/{signal.id}/persons/remove/2").text
    assert "What becomes of what is theirs?" in page
    assert "Choose one of these." in change(officer, signal.id, "remove/2", **{"things-0": ""})
    assert "done=corrected" in change(officer, signal.id, "remove/2", **{"things-0": "reporter"})
    form = present(served, signal.id).form
    assert [s.n for s in form.subjects] == [1]
    assert [one.of_reporter for one in form.selectors] == [False, True]


def test_a_thing_of_who_is_taken_off_may_be_left_open(served: Pages, signal: SignalOut, at: At) -> None:
    officer = at("aw-officer")
    assert "done=corrected" in change(officer, signal.id, "remove/2", **{"things-0": "open"})
    left = present(served, signal.id).form.selectors[-1]
    assert (left.value, left.of_nobody, left.of_reporter) == ("+58 412 555 1111", False, False)


def test_what_cannot_be_so_is_asked_about_at_its_field(signal: SignalOut, at: At) -> None:
    officer = at("aw-officer")
    assert "Say why, in a few words." in change(officer, signal.id, "phone/0.0", number="+297 000 0143", reason="")
    unread = change(officer, signal.id, "phone/0.0", number="12 34", owner="")
    assert "Type the whole number with its country code" in unread
    assert "12 34" in unread, "what was typed is still there"
    loose = change(officer, signal.id, "phone/2.0", number="+58 412 555 1111", owner="")
    assert "It was somebody&#39;s." in loose
    for where in ("phone/9.9", "phone/x", "person/0.0", "horse", "remove/7"):
        assert officer.get(f"/ours/{signal.id}/persons/{where}").status_code == 404


def test_what_somebody_changed_meanwhile_is_not_overwritten(served: Pages, signal: SignalOut, at: At) -> None:
    officer = at("aw-officer")
    by = served.world.caller("AW-JIUMM", Task.REGISTER, Task.ENRICH, actor="aw-unit")
    other = AmendIn.model_validate({"changes": {"account": "More."}, "reason": "More."})
    amend_signal(served[AW].register, by, SignalId(signal.id), other, version=1)
    for where in ("phone/0.0", "remove/0.0", "phone"):
        page = change(officer, signal.id, where, number="+297 000 0199", owner="")
        assert "Somebody changed this report meanwhile" in page
        assert "She rang back." in page
    assert present(served, signal.id).version == 2


def test_a_late_form_about_what_is_gone_or_elsewhere_now_comes_back_and_changes_nothing(
    served: Pages, signal: SignalOut, at: At
) -> None:
    """It said that there is no such page, without the text; and its place could be another's by then."""
    officer = at("aw-officer")
    assert "done=corrected" in change(officer, signal.id, "remove/0.0")
    gone = change(officer, signal.id, "phone/0.0", number="+297 000 0199", owner="1", reason="I misread it.")
    assert "Somebody changed this report meanwhile" in gone
    assert "There is no such page" not in gone
    for words in ("+297 000 0199", "I misread it.", "Ana Ficticia"):
        assert words in gone
    assert "done=corrected" in change(officer, signal.id, "remove/1", version="2")
    moved = change(officer, signal.id, "phone/2.0", number="+58 412 555 2222", owner="2", version="2")
    assert 'value="+58 412 555 1111"' in moved, "the page as it is now"
    assert "+58 412 555 2222" in moved
    again = change(officer, signal.id, "remove/1", version="2", reason="He was never there.")
    assert "Somebody changed this report meanwhile" in again
    assert "He was never there." in again
    assert present(served, signal.id).version == 3


def test_what_is_typed_for_a_report_that_was_withdrawn_meanwhile_comes_back(
    served: Pages, signal: SignalOut, at: At
) -> None:
    officer = at("aw-officer")
    by = served.world.caller("AW-JIUMM", Task.REGISTER, actor="aw-unit")
    back = WithdrawIn.model_validate({"code": "withdrawn", "reason": "Entered twice."})
    withdraw_signal(served[AW].register, by, SignalId(signal.id), back, version=1)
    late = change(officer, signal.id, "phone/0.0", number="+297 000 0143", owner="")
    for words in ("cannot be changed here any more: it was sent, withdrawn", "+297 000 0143", "She rang back."):
        assert words in late


def test_who_may_not_correct_a_report_is_offered_and_given_nothing(served: Pages, signal: SignalOut, at: At) -> None:
    for name, status in (("aw-school", 404), ("aw-reader", 404), ("aw-gate", 403)):
        person = at(name)
        assert person.get(f"/ours/{signal.id}/persons").status_code == status
        assert (
            send(person, f"/ours/{signal.id}/persons/remove/2", {"reason": "x", "version": "1"}).status_code == status
        )
    assert "/persons" not in at("aw-gate").get(f"/ours/{signal.id}").text
    assert present(served, signal.id).version == 1
