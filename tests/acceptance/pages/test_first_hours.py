"""The first hour of an officer, of a coordinator and of a member of the working group, each from sign-in to the end.

One world for the three, of real parts only; what the browser complains of is looked at in the end.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import Browser, Locator, ViewportSize, expect

from api.web.desk.kinds import Desk
from tests.acceptance.pages.costs import ANSWERS, costs
from tests.acceptance.pages.person import Person
from tests.acceptance.pages.search_states import ASKS, ground, phone, zeno
from tests.support.web.hour import PHONE, Hour, first_hour
from tests.support.web.pages import AW

SQL_A_PAGE: Final = 6
SQL_OF: Final = {
    "/ours/…/protection": 16,
    "/liftings/…": 15,
    "/let-go/…": 7,
    **dict.fromkeys([f"/desk/victims/…{page}" for page in ("", "/status", "/withdraw")], 8),
}
"""Of pages that a register unit opens a few times a year, and that ask everything that protects a person; and of a
person on the ladder, each reason of whose history has a key of its own."""
FIRST_LOAD_BYTES: Final = 40_000
DOWNLOADS: Final = (".xlsx", ".zip")
"""Asked for by their own link and kept as files: no page waits for them."""
REFERENCES: Final = {"/docs/error-codes", "/docs/api"}
"""Opened by who builds a program, or by the address of one refusal: whole, to be searched in, and part of no work."""
STORY: Final = "Two women at the back of the shop may not go out."
WIDE: Final[ViewportSize] = {"width": 1100, "height": 800}
ENGLISH: Final = (" the ", "The ", "Figures", "Withheld", "withheld", "Rules", "Source", "assumed", "Nothing")
SignIn = Callable[[str], Person]


@pytest.fixture(scope="module")
def hour() -> Iterator[Hour]:
    with first_hour() as made:
        yield made


@pytest.fixture
def somebody(chromium: Browser, hour: Hour) -> Iterator[SignIn]:
    """Signs somebody in, with a fresh browser."""
    one = Person(chromium, hour.pages[AW].url)

    def sign_in(name: str) -> Person:
        one.sign_in(name)
        return one

    yield sign_in
    assert one.close() == []


def main_of(person: Person) -> Locator:
    return person.page.locator("main")


def says(person: Person, *texts: str) -> None:
    """Wait until the page says all of this."""
    for text in texts:
        expect(main_of(person)).to_contain_text(text)


def go(person: Person, name: str, heading: str) -> None:
    """Press, and wait for the page with this heading."""
    exact = person.page.get_by_role("link", name=name, exact=True).or_(
        person.page.get_by_role("button", name=name, exact=True)
    )
    (exact if exact.count() else person.named(name)).first.click()  # "Refer" is no way to the referrals
    expect(person.page.locator("h1")).to_have_text(heading)


def hits(person: Person) -> None:
    """Go to what came in: for a purpose, on a ground, for a case."""
    go(person, "Hits from abroad", "Hits from abroad: why do you ask?")
    ground(person, then="Show the hits")


def kept(person: Person) -> str:
    """What a script of the page could read, and what the browser would remember of it."""
    return str(person.page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])"))


def test_first_hour_of_an_officer(somebody: SignIn, hour: Hour) -> None:
    """On a phone: a report, what becomes of it, why nobody abroad has it, and who mends it."""
    person = somebody("aw-officer")
    page = person.page
    go(person, "Register a report", "How urgent is it?")
    page.get_by_label("Normal", exact=True).check()
    person.press("Go on")
    page.locator("#account").fill(STORY)
    person.press("Go on")
    page.locator("#location_type").select_option("BAR_CLUB")
    person.press("Go on")
    page.get_by_label('Cannot yet be told (printed as "other")').check()
    person.press("Go on")
    page.get_by_label("Citizen").check()
    page.get_by_label("Phone", exact=True).check()
    person.press("Go on")
    person.press("Add a person")
    page.locator("#role").select_option("VICTIM_PRESUMED")
    page.locator("#name").fill("Ana Ficticia")
    page.get_by_role("button", name="Add", exact=True).click()
    phone(person, "+297 000 0188")
    go(person, "That is all: go on", "Look it over, then send it")
    says(person, "Legal ground: Non-police body, Aruba", "Caribbean Netherlands, Curaçao, Netherlands, Sint Maarten")
    go(person, "Register this report", "The report is registered")
    says(person, "What happens next", "By the rules of today no partner receives anything of it.")
    reference = re.search(r"AW-[0-9]{4}-[0-9]+", page.locator(".reference").inner_text())
    assert reference

    hour.settle()
    person.open()
    go(person, "Our register", "Our register")
    expect(page.get_by_role("listitem").filter(has_text=reference[0])).to_contain_text("no partner has it")
    go(person, reference[0], reference[0])
    says(person, STORY, "Registered", "by you", "may have nothing", "Tell your register unit the reference")
    offered = [line.strip() for line in page.locator(".actions").inner_text().splitlines() if line.strip()]
    assert offered == ["Correct persons and numbers", "Correct what was told", "Withdraw"], (
        "the type is for the register unit to change"
    )
    page.locator("#holders ~ dl a").first.click()
    expect(page.locator(":target")).to_contain_text("never shared")
    expect(page.locator(":target")).to_contain_text("What would allow it:")
    assert not re.search("shop|Ana|Ficticia|__Host", kept(person))
    go(person, "Sign out", "You are signed out")
    person.open("/ours")
    expect(page.locator("h1")).to_have_text("Sign in to go on")


def test_first_hour_of_a_coordinator(somebody: SignIn, hour: Hour) -> None:
    """What came in, how the exchange stands, a question and its answers, a request on paper, and a report handed on."""
    person = somebody("aw-lead")
    page = person.page
    page.set_viewport_size(WIDE)
    hits(person)
    says(person, hour.own.reference, "It shares: a person, a phone number", "Strength: very strong")
    go(person, "Exchange", "The exchange with the other countries")
    says(person, "All is well. Everything told has arrived, on both sides")

    hits(person)
    person.press("To ask: search for the same")
    ground(person)
    zeno(person)
    phone(person, PHONE)
    go(person, "Ask all countries", "What the countries answer")
    found = page.locator("#cw")
    expect(found).to_contain_text("Very strong: very likely the same person")
    found.locator("summary").first.click()
    expect(found.get_by_role("row", name="Same phone number")).to_be_visible()
    expect(page.locator("#bq")).to_contain_text("This does not mean that nothing is known there.")
    expect(page.locator("#sx")).to_contain_text("A request to the country, approved there by the public prosecutor.")
    expect(page.locator("#sx").get_by_role("link", name="REQUEST-1")).to_have_attribute("href", "/rules#REQUEST-1")

    go(person, "Draft a request", "Draft a request")
    page.get_by_label("Legal assistance").check()
    page.locator("#asks").fill(ASKS)
    go(person, "Save the draft", "Request for the content of a shared extract")
    page.emulate_media(media="print")
    paper = page.locator("body").inner_text()
    assert ASKS in paper
    assert "Name and signature:" in paper
    assert "Sign out" not in paper
    page.emulate_media(media="screen")

    hits(person)
    go(person, hour.own.reference, hour.own.reference)
    says(
        person,
        "Received, by its receipt of",
        "What partners share is compared with every report",
        "Sent to: Caribbean Netherlands, Curaçao",
    )
    go(person, "Refer", "Refer this report")
    page.get_by_label("Assistance").check()
    page.locator("#to").select_option("AW-VICTIM")
    go(person, "Refer", hour.own.reference)
    says(person, "The report is referred.", "Victim bureau")
    assert not re.search("Zeno|0142|Z-2026|surety|__Host", kept(person))


def test_first_hour_of_a_member_of_the_working_group(somebody: SignIn, hour: Hour) -> None:
    """A year beside the year before, its workbook, what the region may know of it, the rules; then all in Dutch."""
    person = somebody("aw-figures")
    page = person.page
    page.set_viewport_size(WIDE)
    person.press("Figures")
    page.get_by_role("link", name="2023", exact=True).or_(page.locator("h1", has_text="2023")).first.click()
    expect(page.locator("h1")).to_have_text("Figures of 2023")
    table = page.get_by_role("table", name="Notifications by who told us, 2023")
    expect(table.get_by_role("row", name="Total 24 4 +20")).to_be_visible()
    with page.expect_download() as download:
        person.press("Download as Excel")
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert len(book.sheetnames) > 2
    assert any(cell.value == 24 for sheet in book for row in sheet.iter_rows() for cell in row)

    go(person, "Regional figures", "Regional figures")
    go(person, "Notifications by source, 2023", "Notifications by source, 2023")
    says(person, "Withheld", "Sint Maarten: the rows; the total is shown.", "c (withheld)", "Lies between")
    go(person, "Rules and words", "The rules in force")
    says(person, "assumed", "What would allow it:")
    person.press("Words, and what the register never shows")
    says(person, "To readers of regional figures: an exact number")

    release = f"/figures/regional/{hour.release.row.digest}"
    person.press("Nederlands")
    for path, dutch in (
        ("/rules/words", "Woorden"),
        ("/rules", "De regels die gelden"),
        ("/", "Wat wilt u doen?"),
        ("/figures?year=2023", "Cijfers van 2023"),
        ("/figures/regional", "Regionale cijfers"),
        (release, "Niet getoond"),
    ):
        person.open(path)
        expect(page.locator("html")).to_have_attribute("lang", "nl")
        assert [word for word in ENGLISH if word in main_of(person).inner_text()] == [], path
        says(person, dutch)


def test_no_page_that_the_routes_name_costs_more_than_it_may(hour: Hour) -> None:
    """From the routes, so that a new page has the budget too; what a search says is counted by tests of its own."""
    found = list(costs(hour))

    assert len(found) > 45
    assert [one for one in found if one.statements > SQL_OF.get(one.page, SQL_A_PAGE) and one.page != ANSWERS] == []
    read = [one for one in found if not one.page.endswith(DOWNLOADS) and one.page not in REFERENCES]
    assert [one for one in read if one.first >= FIRST_LOAD_BYTES] == []
    # The form's things have ids: of each kind one is asked for that the draft has, and one that it has not.
    # Nobody's form is held here: a sign-in was fresh enough. And nobody was let go.
    missing = [one for one in found if one.status == 404]
    assert [
        one.page for one in missing if not {"known", "persons", "held", "let-go", "desk"} & set(one.page.split("/"))
    ] == []
    # A record of the desk is of one kind, and nothing under the addresses of the others.
    assert {one.page for one in found if one.status == 200} >= {f"/desk/{kind}/…" for kind in Desk}
    assert any("/known/person/" in one.page and one.status == 200 for one in found)
    # Whoever may do everything keeps no gate: that is for an organisation of another kind than the one that submitted.
    gate = ["/class-approvals", "/class-approvals/asked", "/class-approvals/…"]
    changes = ("approve", "consent", "consent/asked", "lift", "sign", "sign/asked", "unapprove", "unconsent")
    gate += [f"/ours/…/{page}" for page in changes]
    # Nor does such a person oversee how is asked.
    refused = [*gate, "/privacy", "/privacy/nights", "/privacy/said", "/signed-in"]
    assert sorted(one.page for one in found if one.status not in {200, 404}) == refused
