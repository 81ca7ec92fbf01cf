"""What was told is corrected at the pages after it was sent: who told it, the story, when, where and how urgent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from tests.integration.web.conftest import At
from tests.integration.web.ours import present, recorded
from tests.integration.web.walk import send
from tests.support.web.pages import AW, Browserless, Pages

SOURCE = {"source": "CITIZEN", "channel": "PHONE", "received_on": "2026-01-20"}
WHEN = {"from": "3 jan 2026", "to": "", "island": "AW", "location_type": "PRIVATE_HOME", "locality": "San Nicolas"}


@pytest.fixture
def signal(served: Pages) -> SignalOut:
    """A mother called, and said who she was."""
    parts: dict[str, Any] = {
        "period": {"from": "2026-01-10", "to": None},
        "received_on": "2026-01-20",
        "account": "Her daughter.",
    }
    return recorded(served, **parts, source="CITIZEN", channel="PHONE", reporter_anonymous=False)


def change(person: Browserless, signal: UUID, part: str, **fields: str) -> str:
    """Send a form of the pages; gives where it leads, or the page with what is to be mended."""
    answer = send(person, f"/ours/{signal}/told/{part}", {"reason": "She rang back.", "version": "1", **fields})
    return str(answer.headers["location"]) if answer.status_code == 303 else answer.text


@pytest.mark.parametrize("who", ["aw-unit", "aw-officer"])
def test_who_later_does_not_want_to_be_known_is_helped_at_a_page(
    served: Pages, signal: SignalOut, at: At, who: str
) -> None:
    person = at(who)
    assert f'href="/ours/{signal.id}/told"' in person.get(f"/ours/{signal.id}").text
    assert "may be known" in person.get(f"/ours/{signal.id}/told").text
    assert f'href="/ours/{signal.id}/told/source"' in person.get(f"/ours/{signal.id}/told").text
    done = change(person, signal.id, "source", anonymous="yes", **SOURCE)
    assert done == f"/ours/{signal.id}/told?done=corrected"
    page = person.get(done).text
    assert "The report is corrected." in page
    assert "does not want to be known" in page
    form = present(served, signal.id).form
    assert (form.reporter_anonymous, form.source) == (True, "CITIZEN")
    assert "She rang back." in person.get(f"/ours/{signal.id}").text, "in the timeline"


def test_each_part_of_what_was_told_is_changed_and_shown_as_it_was_understood(
    served: Pages, signal: SignalOut, at: At
) -> None:
    unit = at("aw-unit")
    assert "Her daughter." in unit.get(f"/ours/{signal.id}/told/what").text
    assert 'value="2026-01-10"' in unit.get(f"/ours/{signal.id}/told/when").text
    page = unit.get(change(unit, signal.id, "when", **WHEN)).text
    assert "San Nicolas" in page
    assert "done=corrected" in change(unit, signal.id, "what", account="Her niece.", version="2")
    assert "done=corrected" in change(unit, signal.id, "urgency", urgency="NOW", version="3")
    form = present(served, signal.id).form
    assert (form.period.from_.isoformat(), form.place.location_type) == ("2026-01-03", "PRIVATE_HOME")
    assert (form.account, form.urgency, form.reporter_anonymous) == ("Her niece.", "NOW", False)


def test_what_cannot_be_so_is_asked_about_at_its_field_and_nothing_is_done(
    served: Pages, signal: SignalOut, at: At
) -> None:
    unit = at("aw-unit")
    assert "Say why, in a few words." in change(unit, signal.id, "what", account="Her niece.", reason="")
    odd = change(unit, signal.id, "source", **SOURCE | {"received_on": "2026-01-05"})
    assert "it happened on" in odd
    assert 'name="sure_before"' in odd
    assert "Choose the island." in change(unit, signal.id, "when", **WHEN | {"island": ""})
    assert present(served, signal.id).version == 1


def test_change_on_an_older_version_is_not_done_and_what_was_typed_comes_back(
    served: Pages, signal: SignalOut, at: At
) -> None:
    other = AmendIn.model_validate({"changes": {"account": "Another story."}, "reason": "He rang."})
    by = served.world.caller("AW-JIUMM", Task.REGISTER)
    amend_signal(served[AW].register, by, SignalId(signal.id), other, version=1)
    page = change(at("aw-unit"), signal.id, "what", account="My story.")
    assert "Somebody changed this report meanwhile" in page
    assert "My story." in page
    assert present(served, signal.id).form.account == "Another story."


def test_that_they_do_not_want_to_be_known_is_not_lost_where_somebody_else_was_first(
    served: Pages, signal: SignalOut, at: At
) -> None:
    other = AmendIn.model_validate({"changes": {"account": "Another story."}, "reason": "He rang."})
    by = served.world.caller("AW-JIUMM", Task.REGISTER)
    amend_signal(served[AW].register, by, SignalId(signal.id), other, version=1)
    page = change(at("aw-unit"), signal.id, "source", anonymous="yes", **SOURCE)
    typed = page.partition("What you typed")[2].partition("</textarea>")[0]
    assert "Does not want to be known" in typed


def test_nobody_else_changes_it(served: Pages, signal: SignalOut, at: At) -> None:
    # The school may not know that there is one; the prosecutor reads it, and changes nothing.
    for name, status in (("aw-school", 404), ("aw-gate", 403)):
        person = at(name)
        assert person.get(f"/ours/{signal.id}/told").status_code == status
        answer = send(person, f"/ours/{signal.id}/told/what", {"account": "Mine.", "reason": "x", "version": "1"})
        assert answer.status_code == status
    assert present(served, signal.id).version == 1
