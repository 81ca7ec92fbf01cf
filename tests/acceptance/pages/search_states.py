"""The pages of the search in every state they have, walked through as a coordinator would."""

from __future__ import annotations

from collections.abc import Iterator

from tests.acceptance.pages.person import Person
from tests.support.web.search_pages import BQ, COMMON, CW, MANY, NAME, NL, NOBODYS, PHONE, SearchPages

ASKS = "Who stood surety, for whom, and which papers were shown?"


def ground(person: Person, *, then: str = "Go on") -> None:
    """Answer for what, on what ground and for which case, and press the button."""
    person.page.get_by_label("Coordinate", exact=False).first.check()
    person.page.get_by_label("Non-police body, Aruba").check()
    person.page.locator("#case").fill("Z-2026-04")
    person.press(then)


def phone(person: Person, number: str) -> None:
    """Add a phone number."""
    person.press("Add a phone number")
    person.page.locator("#number").fill(number)
    person.page.get_by_role("button", name="Add", exact=True).click()


def zeno(person: Person) -> None:
    """Add the person whom Curaçao and Aruba know."""
    person.press("Add a person")
    for field, value in (("name", NAME), ("day", "3"), ("month", "4"), ("year", "1979")):
        person.page.locator(f"#{field}").fill(value)
    person.page.get_by_role("button", name="Add", exact=True).click()


def search_states(person: Person, found: SearchPages) -> Iterator[str]:
    """Take a coordinator through the search; stops at each state and gives its name."""
    page = person.page
    found.again()
    person.sign_in("aw-coordinator")
    yield "home of a coordinator"
    person.press("Search")
    yield "ground"
    page.get_by_label("Non-police body, Aruba").check()
    person.press("Go on")
    yield "ground with a fault"
    ground(person)
    yield "things, none yet"
    person.press("Add a person")
    yield "person"
    person.press("Add")
    yield "person with a fault"
    page.locator("#name").fill(NAME)
    page.get_by_role("button", name="Add", exact=True).click()
    person.press("Ask all countries")
    yield "a name alone"
    yield from _things(person)
    yield from _answers(person, found)
    yield from _requests(person)


def _things(person: Person) -> Iterator[str]:
    page = person.page
    for name, kind, number in (
        ("Add a document", "document", "ZZ0000017"),
        ("Add a number plate", "plate", "A-99901"),
        ("Add an e-mail address", "email", "name@example.org"),
        ("Add an account name", "handle", "testnaam"),
        ("Add a bank account, vessel, company or address", "mark", "IMO 9074729"),
    ):
        person.press(name)
        yield f"{kind}"
        page.get_by_role("button", name="Add", exact=True).click()
        yield f"{kind} with a fault"
        page.locator("#number").fill(number)
        if kind == "document":
            page.locator("#document_type").select_option("PASSPORT")
            page.locator("#country").select_option("CO")
        if kind == "handle":
            page.locator("#platform").select_option("INSTAGRAM")
        if kind == "mark":
            page.locator("#mark_type").select_option("VESSEL")
        page.get_by_role("button", name="Add", exact=True).click()
    person.press("Add a phone number")
    yield "phone"
    page.locator("#number").fill("12")
    page.get_by_role("button", name="Add", exact=True).click()
    yield "phone with a fault"
    person.press("Back without adding")
    yield "things, six of them"
    for _ in range(6):
        page.get_by_role("button", name="Remove").first.click()


def _answers(person: Person, found: SearchPages) -> Iterator[str]:
    page = person.page
    zeno(person)
    phone(person, PHONE)
    phone(person, COMMON)
    found.stale(CW)
    person.press("Ask all countries")
    yield "answers: found, nothing, too common, not asked, stale"
    for fold in page.locator("summary").all():
        fold.click()
    yield "answers, why this strength folded open"
    person.press("Ask about somebody else in this case")
    found.again()
    found.scene.engine.down = True
    phone(person, MANY)
    person.press("Ask all countries")
    page.get_by_text("2 more, no stronger").click()
    yield "answers without the engine, many of one country"
    found.again()
    found.scene.world.down.update({BQ, CW, NL})
    person.press("Change the question")
    person.press("Ask all countries")
    yield "answers that could not be computed"
    found.again()
    person.press("Ask about somebody else in this case")
    phone(person, NOBODYS)
    person.press("Ask all countries")
    yield "answers: nothing anywhere"
    person.press("Ask about somebody else in this case")
    phone(person, PHONE)
    person.press("Ask all countries")


def _requests(person: Person) -> Iterator[str]:
    page = person.page
    person.press("Draft a request")
    yield "draft"
    person.press("Save the draft")
    yield "draft with faults"
    page.get_by_label("Police request").check()
    page.locator("#asks").fill(ASKS)
    person.press("Save the draft")
    yield "request"
    page.get_by_text("Change the draft").click()
    page.get_by_text("Withdraw the draft").click()
    yield "request, folded open"
    page.locator("#answer_by").fill("2020-01-01")
    person.press("Save the change")
    yield "request with a fault in the change"
    page.get_by_text("Withdraw the draft").click()
    person.press("Withdraw it")
    yield "request with a fault in the withdrawal"
    person.press("All requests")
    yield "requests"
    page.locator(".rows a").first.click()
    page.get_by_text("Withdraw the draft").click()
    page.locator("#reason").fill("Answered by telephone.")
    person.press("Withdraw it")
    yield "request withdrawn"
    person.press("Search")
    person.press("Nederlands")
    yield "ground in nl"
    yield from _in_dutch(person)


def _in_dutch(person: Person) -> Iterator[str]:
    page = person.page
    page.get_by_label("Geen politie, Aruba").check()
    page.locator("#case").fill("Z-2026-04")
    person.press("Verder")
    yield "things in nl"
    person.press("Telefoonnummer toevoegen")
    page.locator("#number").fill(PHONE)
    page.get_by_role("button", name="Toevoegen", exact=True).click()
    person.press("Vraag het alle landen")
    for fold in page.locator("summary").all():
        fold.click()
    yield "answers in nl"
    person.press("Verzoek opstellen")
    yield "draft in nl"
    page.get_by_label("Rechtshulpverzoek").check()
    page.locator("#asks").fill("Wie stond garant, en voor wie?")
    person.press("Concept bewaren")
    yield "request in nl"
    person.press("Alle verzoeken")
    yield "requests in nl"
