"""Searching as a coordinator does it: each kind of answer, a request on paper, by keyboard alone, in Dutch."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote_plus

from tests.acceptance.pages.checks import walked
from tests.acceptance.pages.keyboard import Keyboard
from tests.acceptance.pages.person import Person
from tests.acceptance.pages.search_states import ASKS, ground, phone, search_states, zeno
from tests.support.web.search_pages import COMMON, NAME, PHONE, SearchPages

FEWEST_STATES: Final = 37


def main_of(person: Person) -> str:
    return person.page.locator("main").inner_text()


def country(person: Person, code: str) -> str:
    return person.page.locator(f"#{code}").inner_text()


def test_every_page_of_the_search_in_every_state_is_accessible_and_reflows(
    coordinator: Person, searching: SearchPages
) -> None:
    seen, wrong = walked(coordinator.page, search_states(coordinator, searching))

    assert wrong == {}
    assert len(seen) >= FEWEST_STATES


def test_first_hour_of_a_coordinator(coordinator: Person) -> None:
    """From the first page to a printed request: a question, an answer that explains itself, and what to do with it."""
    page = coordinator.page
    coordinator.sign_in("aw-coordinator")
    coordinator.press("Search")
    ground(coordinator)
    zeno(coordinator)
    phone(coordinator, PHONE)
    phone(coordinator, COMMON)
    coordinator.press("Ask all countries")

    assert "Very strong: very likely the same person" in country(coordinator, "cw")
    assert "Do not call or contact." in country(coordinator, "cw")
    assert "This does not mean that nothing is known there." in country(coordinator, "bq")
    assert "26 records here: too many to mean one person" in country(coordinator, "nl")
    assert "A request to the country, approved there by the public prosecutor." in country(coordinator, "sx")
    assert "AW-20" in country(coordinator, "own")
    bits = page.locator("#cw details table").first
    assert not bits.is_visible(), "bits are in the detail only"
    page.locator("#cw details summary").first.click()
    assert bits.is_visible()

    coordinator.press("Draft a request")
    page.get_by_label("Legal assistance").check()
    page.locator("#asks").fill(ASKS)
    coordinator.press("Save the draft")
    assert "Answering inside the register comes later" in main_of(coordinator)
    page.emulate_media(media="print")
    paper = page.locator("body").inner_text()
    assert ASKS in paper
    assert "Name and signature:" in paper
    for not_on_paper in ("Sign out", "Withdraw the draft", "Nederlands"):
        assert not_on_paper not in paper
    page.emulate_media(media="screen")


def test_search_is_done_with_the_keyboard_alone(coordinator: Person) -> None:
    coordinator.sign_in("aw-coordinator")
    keyboard = Keyboard(coordinator)
    keyboard.press("Search")
    keyboard.choose("legal_basis", down=1)
    keyboard.type("Z-2026-04", "case")
    keyboard.press("Go on")
    keyboard.press("Add a phone number")
    keyboard.type(PHONE, "number")
    keyboard.enter()
    keyboard.press("Ask all countries")
    for opened in ("details.asked ul", "details table"):  # what was asked with, then why a hit is as strong as it is
        keyboard.go_to(tag="SUMMARY")
        coordinator.page.keyboard.press("Enter")
        assert coordinator.page.locator(opened).first.is_visible()
    keyboard.go_to(tag="BUTTON")
    keyboard.enter()
    keyboard.choose("route")
    keyboard.type(ASKS, "asks")
    keyboard.press("Save the draft")

    assert "AW-REQ-" in main_of(coordinator)
    assert keyboard.unseen == []


def test_keyboard_lands_on_what_must_be_mended(coordinator: Person) -> None:
    coordinator.sign_in("aw-coordinator")
    coordinator.open("/search")
    ground(coordinator)
    coordinator.press("Add a person")
    coordinator.press("Add")

    coordinator.lands_on(".summary")
    keyboard = Keyboard(coordinator)
    keyboard.go_to(text="Give the name, or ask about a number instead.")
    coordinator.page.keyboard.press("Enter")
    coordinator.lands_on("#name")


def test_nothing_of_the_question_is_in_an_address_or_stays_in_the_browser(coordinator: Person) -> None:
    page, visited = coordinator.page, []
    page.on("request", lambda request: visited.append(request.url))
    coordinator.sign_in("aw-coordinator")
    coordinator.open("/search")
    ground(coordinator)
    zeno(coordinator)
    phone(coordinator, PHONE)
    coordinator.press("Ask all countries")
    titles = page.title()
    coordinator.press("Draft a request")
    page.get_by_label("Police request").check()
    page.locator("#asks").fill(ASKS)
    coordinator.press("Save the draft")
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
    seen = " ".join([*visited, kept, titles, page.title()])

    assert len(visited) > 6
    for word in ("Z-2026", "Zeno", "Testman", "000 0142", "0000142", "surety", "CW-2026", "NONPOLICE"):
        assert word not in unquote_plus(seen), word


def test_search_in_dutch_says_every_answer_in_dutch(coordinator: Person) -> None:
    page = coordinator.page
    coordinator.sign_in("aw-coordinator")
    coordinator.press("Nederlands")
    coordinator.press("Zoeken")
    page.get_by_label("Geen politie, Aruba").check()
    page.locator("#case").fill("Z-2026-04")
    coordinator.press("Verder")
    coordinator.press("Telefoonnummer toevoegen")
    page.locator("#number").fill(PHONE)
    page.get_by_role("button", name="Toevoegen", exact=True).click()
    coordinator.press("Vraag het alle landen")

    assert page.locator("html").get_attribute("lang") == "nl"
    assert "Zelfde telefoonnummer" in country(coordinator, "cw")
    assert "januari 2026 tot en met februari 2026" in country(coordinator, "cw")
    assert "Niet bellen of benaderen." in country(coordinator, "cw")
    assert "Dit betekent niet dat daar niets bekend is." in country(coordinator, "bq")
    assert "Een verzoek aan het land, daar goedgekeurd door de officier van justitie." in country(coordinator, "sx")
    for english in ("Nothing", "Found", "Same", "request", "Asked", NAME):
        assert english not in main_of(coordinator), english
