"""Registering a report as people do it: in ninety seconds, with the keyboard, with a line that breaks, in Dutch."""

from __future__ import annotations

import contextlib
import re
import time
from typing import Final

from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError

from register.domain.access.caller import Task
from register.services.signals.read_signal import read_signal
from tests.acceptance.pages.keyboard import Keyboard
from tests.acceptance.pages.person import Person
from tests.support.web.pages import AW, Pages

BUDGET_S: Final = 90.0
CHARACTER_S: Final = 0.35
"""A thumb on a phone: about 34 words a minute."""
CHOICE_S: Final = 2.5
"""To read a short list and touch one of it, or to press a button."""
STORY: Final = "Two women behind the bar have no papers of their own and may not go out."
MANDATORY_MAX: Final = 8


def reference(person: Person) -> str:
    found = re.search(r"[A-Z]{2}-[0-9]{4}-[0-9]+", person.page.locator(".reference").inner_text())
    assert found
    return found[0]


def test_report_is_registered_in_ninety_seconds_on_a_phone_on_a_slow_line(person: Person, served: Pages) -> None:
    """What the machine takes on a bad line is measured, what the person takes is reckoned by what there is to do."""
    page = person.page
    person.sign_in()
    person.slow_line()
    choices = answers = 0
    begun = time.monotonic()

    def press(name: str) -> None:
        nonlocal choices
        choices += 1
        person.press(name)

    def choose(label: str) -> None:
        nonlocal choices, answers
        choices, answers = choices + 1, answers + 1
        page.get_by_label(label, exact=True).check()

    press("Register a report")
    choose("Normal")
    press("Go on")
    page.locator("#account").fill(STORY)
    answers += 1
    press("Go on")
    page.locator("#location_type").select_option("BAR_CLUB")
    choices, answers = choices + 2, answers + 1
    press("Go on")
    choose('Cannot yet be told (printed as "other")')
    press("Go on")
    choose("Citizen")
    choose("Phone")
    press("Go on")
    press("Nothing is known: go on")
    answers += 1
    press("Register this report")
    made = reference(person)
    machine_s = time.monotonic() - begun
    reckoned_s = machine_s + len(STORY) * CHARACTER_S + choices * CHOICE_S

    assert reckoned_s < BUDGET_S, f"{machine_s:.1f} s on the line, {reckoned_s:.0f} s in all"
    assert answers <= MANDATORY_MAX
    stored = read_signal(served[AW].register, served.world.caller("AW-DIMAS", Task.READ_OWN), made)
    assert (stored.form.account, stored.form.nothing_known) == (STORY, True)


def test_emergency_number_comes_before_anything_else_when_it_is_urgent(person: Person) -> None:
    person.sign_in()
    person.press("Register a report")
    assert "Call 911 first" in person.page.locator("main").inner_text()
    person.page.get_by_label("Now: somebody is in danger").check()
    person.press("Go on")

    assert person.page.locator("h1").inner_text() == "Call 911 first"
    assert person.page.get_by_role("link", name="911", exact=True).get_attribute("href") == "tel:911"
    person.press("I have called: go on")
    assert person.step() == "what"


def test_lost_line_costs_the_page_on_the_screen_and_no_more(person: Person, chromium: Browser, served: Pages) -> None:
    page = person.page
    person.sign_in("aw-second")
    person.press("Register a report")
    page.get_by_label("Within a day").check()
    person.press("Go on")
    page.locator("#account").fill(STORY)
    person.press("Go on")
    page.locator("#locality").fill("Dakota")
    person.cut_line(cut=True)
    with contextlib.suppress(BrowserError):  # the browser's own page, "no connection", ends the wait as it likes
        person.press("Go on")

    # The phone is gone too: another browser, a new session.
    other = Person(chromium, served[AW].url)
    other.sign_in("aw-second")
    other.named("Go on with the report of").first.click()
    assert other.step() == "when"
    assert other.page.locator("#locality").input_value() == ""
    other.press("Back")
    assert other.page.locator("#account").input_value() == STORY
    assert other.close() == []


def test_what_is_typed_while_the_session_ends_is_there_after_signing_in_again(person: Person, served: Pages) -> None:
    page = person.page
    person.sign_in()
    person.press("Register a report")
    page.get_by_label("Normal", exact=True).check()
    person.press("Go on")
    page.locator("#account").fill(STORY)
    served.clock.move(901)
    person.press("Go on")

    assert "is kept as a draft" in page.locator("main").inner_text()
    page.locator("main a.button").click()
    page.locator("#name").fill("aw-officer")
    page.locator("#password").fill("a made-up password for tests")
    page.get_by_role("button").click()
    page.wait_for_url("**/what")
    assert page.locator("#account").input_value() == STORY


def test_report_is_registered_with_the_keyboard_alone(person: Person) -> None:
    person.sign_in()
    keyboard = Keyboard(person)
    keyboard.press("Register a report")
    keyboard.choose("urgency", down=2)
    keyboard.press("Go on")
    keyboard.type(STORY, "account")
    keyboard.press("Go on")
    keyboard.type("Bar", "location_type")
    keyboard.press("Go on")
    keyboard.choose("signal_type", down=3)
    keyboard.press("Go on")
    keyboard.choose("source")
    keyboard.choose("channel", down=1)
    keyboard.press("Go on")
    keyboard.press("Add a phone number")
    keyboard.type("+297 000 0142", "number")
    keyboard.press("Add")
    keyboard.press("That is all: go on")
    keyboard.press("Register this report")

    assert reference(person)
    assert keyboard.unseen == []


def test_keyboard_skips_the_header_and_lands_on_what_must_be_mended(person: Person) -> None:
    person.sign_in()
    person.open("/report")
    keyboard = Keyboard(person)
    first = keyboard.go_to(text="Skip to the content")
    person.page.keyboard.press("Enter")
    assert first["ring"]
    person.lands_on("#main")
    person.press("Go on")

    person.lands_on(".summary")
    keyboard.go_to(text="Choose how urgent it is.")
    person.page.keyboard.press("Enter")
    person.lands_on("#urgency")


def test_report_is_registered_in_dutch(person: Person) -> None:
    page = person.page
    person.sign_in()
    person.press("Nederlands")
    person.press("Melding registreren")
    assert page.locator("html").get_attribute("lang") == "nl"
    page.get_by_label("Normaal", exact=True).check()
    person.press("Verder")
    page.locator("#account").fill("Twee vrouwen achter de bar hebben geen eigen papieren.")
    person.press("Verder")
    page.locator("#location_type").select_option("BAR_CLUB")
    person.press("Verder")
    page.get_by_label("Mensenhandel (een persoon uitbuiten)").check()
    person.press("Verder")
    page.get_by_label("Burger").check()
    page.get_by_label("Telefoon", exact=True).check()
    person.press("Verder")
    person.press("Er is niets bekend: verder")
    assert "Wie wat kan krijgen" in page.locator("main").inner_text()
    person.press("Deze melding registreren")

    assert page.locator("h1").inner_text() == "De melding is geregistreerd"


def test_trap_of_the_words_is_shown_where_the_type_is_chosen(person: Person) -> None:
    person.sign_in()
    person.press("Register a report")
    person.page.get_by_label("Normal", exact=True).check()
    person.press("Go on")
    person.open(f"{person.draft()}/type")
    trap = person.page.get_by_role("complementary").inner_text()

    assert trap.count("trafikashon di hende") == 2
    assert "Choose by the explanation" in trap


def test_nothing_of_the_report_stays_in_the_browser(person: Person) -> None:
    person.sign_in()
    person.press("Register a report")
    person.page.get_by_label("Normal", exact=True).check()
    person.press("Go on")
    person.page.locator("#account").fill(STORY)
    person.press("Go on")
    kept = person.page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")

    assert "bar" not in kept
    assert "__Host" not in kept, "the session's cookie is not for scripts"
