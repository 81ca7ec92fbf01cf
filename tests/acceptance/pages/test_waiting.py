"""What waits, and referrals, as people use them: every page in every state, with the keyboard, in Dutch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from uuid import UUID

import pytest

from register.domain.exchange.reconciling import Night, NightState
from register.domain.running.to_do import dead_letter, finding
from schemas.codes import Finding, Partition, Urgency
from schemas.signals.out import SignalOut
from tests.acceptance.pages.checks import faults_of, walked
from tests.acceptance.pages.keyboard import Keyboard
from tests.acceptance.pages.person import Person
from tests.integration.web.asked import rung_and_drawn
from tests.integration.web.ours import present, recorded, referred
from tests.support.web.pages import AW, Pages

FEWEST_STATES: Final = 16
MINOR: Final = {
    "n": 1, "role": "VICTIM_POTENTIAL", "kind": "person", "name": "Ana Ficticia", "minor": True, "nationality": "CO",
    "birth": {"year": 2013}, "selectors": [{"type": "PHONE", "value": "+297 000 0777"}],
}  # fmt: skip


@pytest.fixture
def signal(served: Pages) -> SignalOut:
    """An urgent report about a minor."""
    return recorded(served, urgency="NOW", subjects=[MINOR], account="She asks for a bed for the night.")


@pytest.fixture
def referral(served: Pages, signal: SignalOut) -> UUID:
    """It was referred to a school, which has let it wait too long."""
    found = referred(served, signal.id, "AW-SCHOOL")
    with served[AW].register.work(served.world.worker(AW)) as work:
        work.running.to_do.bring(
            finding(Finding.ALSO_A_VICTIMS, found, Urgency.NOW, signal=signal.id, reference=signal.reference)
        )
        work.running.to_do.bring(dead_letter(found, "index-CW"))
        work._connection.exec_driver_sql(
            f"UPDATE rtr.to_do SET due_at = now() - interval '1 hour' WHERE object = '{found}' AND kind = 'REFERRAL'"
        )
    return found


def states(person: Person, referral: UUID) -> Iterator[str]:
    """Take the school through its pages, then the register unit."""
    page = person.page
    person.sign_in("aw-school")
    yield "first page, something waits"
    person.press("See what waits, the most urgent first")
    yield "what waits"
    person.open("/referrals")
    yield "inbox"
    person.open(f"/referrals/{referral}")
    yield "referral"
    person.press("Read what was reported")
    yield "what was reported"
    person.open("/language/nl?next=/to-do")
    yield "what waits, in Dutch"
    person.open("/referrals")
    yield "inbox, in Dutch"
    person.open(f"/language/en?next=/referrals/{referral}")
    page.locator("main form button").click()
    yield "referral with faults"
    person.open(f"/referrals/{referral}")
    page.get_by_label("Declined").check()
    page.locator("main form button").click()
    yield "declined"
    person.open("/referrals")
    yield "inbox, declined"
    person.press("Sign out")
    person.sign_in("aw-unit")
    person.open("/to-do")
    yield "what waits for the register unit"
    person.open("/referrals/all")
    yield "referrals of the country"
    person.open("/ours")
    yield "list of the register unit"
    person.press("Sign out")
    person.sign_in("aw-privacy")
    person.open("/privacy")
    yield "how is asked"
    page.get_by_role("button", name="Acknowledge").first.click()
    yield "how is asked, with a fault"
    person.open("/language/nl?next=/privacy")
    yield "how is asked, in Dutch"


def test_every_page_is_accessible_and_reflows(person: Person, served: Pages, referral: UUID) -> None:
    rung_and_drawn(served)
    seen, wrong = walked(person.page, states(person, referral))
    assert wrong == {}
    assert len(seen) >= FEWEST_STATES


def test_referral_is_found_read_and_answered_without_a_mouse(
    person: Person, served: Pages, signal: SignalOut, referral: UUID
) -> None:
    person.sign_in("aw-school")
    keyboard = Keyboard(person)
    keyboard.press("See what waits, the most urgent first")
    keyboard.press(f"A referral to answer: {signal.reference}")
    keyboard.press("Read what was reported")
    assert "She asks for a bed for the night." in person.page.locator("main").inner_text()
    keyboard.press("The referral")
    keyboard.choose("state", down=2)
    keyboard.type("Help given", "outcome")
    keyboard.type("She has one.", "note")
    keyboard.press("Send the answer")

    assert "Your answer is in the register." in person.page.get_by_role("status").inner_text()
    assert keyboard.unseen == []
    (after,) = present(served, signal.id).referrals
    assert (after.id, after.state, after.outcome) == (referral, "ANSWERED", "HELP_GIVEN")


def test_late_is_read_without_colour(person: Person, referral: UUID) -> None:
    """Somebody who sees no red, or hears the page, is told the same."""
    person.sign_in("aw-school")
    person.page.emulate_media(forced_colors="active")
    for path in ("/to-do", "/referrals", f"/referrals/{referral}"):
        person.open(path)
        assert "Overdue since" in person.page.locator("main").inner_text(), path
    assert "overdue" in person.page.locator("nav.areas").inner_text()


@pytest.mark.parametrize("language", ["en", "nl"])
def test_nights_of_the_evaluators_fit_a_narrow_phone(language: str, served: Pages, person: Person) -> None:
    register = served[AW].register
    found = Night(register.today() - timedelta(days=3), NightState.FINDING, 1_240)
    with register.work(served.world.worker(AW)) as work:
        work.exchange.reconciling.keep_night(Partition.BQ, found)
    person.sign_in("aw-privacy")
    person.open(f"/language/{language}?next=/privacy/nights")
    assert person.page.get_by_role("row").count() > 1
    assert faults_of(person.page) == []
