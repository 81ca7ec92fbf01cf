"""Somebody with a browser, as tests see him: goes through pages, and hears what the browser complains of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from playwright.sync_api import Browser, Locator, Page, Request

from tests.support.web.pages import PASSWORD

PHONE: Final = {"width": 390, "height": 780}
WAIT_MS: Final = 8_000


class Person:
    """One browser profile with one window."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.url = url
        self._context = browser.new_context(viewport={"width": PHONE["width"], "height": PHONE["height"]})
        self._context.set_default_timeout(WAIT_MS)
        self.page: Page = self._context.new_page()
        self.complaints: list[str] = []
        self.cut = False
        self.page.on("console", lambda message: self._heard(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self._heard(f"page error: {error}"))
        self.page.on("requestfailed", self._failed)

    def close(self) -> list[str]:
        """Close the window; return what the browser complained of."""
        self._context.close()
        return self.complaints

    def open(self, path: str = "/") -> None:
        """Go to a page of ours."""
        self.page.goto(self.url + path)

    def sign_in(self, name: str = "aw-officer") -> None:
        """From the first page through the provider's and back."""
        self.open()
        self.page.locator("main a.button").click()
        self.page.locator("#name").fill(name)
        self.page.locator("#password").fill(PASSWORD)
        self.page.get_by_role("button").click()
        self.page.wait_for_url(f"{self.url}/**")

    def press(self, name: str) -> None:
        """Press a button or follow a link by its words."""
        self.named(name).first.click()

    def named(self, name: str) -> Locator:
        """A button or link by its words."""
        return self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))

    def lands_on(self, what: str) -> None:
        """Wait until the focus is on something; a page that is still on its way has it nowhere."""
        self.page.locator(f"{what}:focus").wait_for()

    def step(self) -> str:
        """The last part of the address."""
        return self.page.url.rpartition("/")[2]

    def draft(self) -> str:
        """The path of the report under way."""
        found = re.search(r"/report/[0-9a-f-]{36}", self.page.url)
        assert found, self.page.url
        return found[0]

    def cut_line(self, *, cut: bool) -> None:
        """Take the network away, or give it back."""
        self.cut = cut
        self._context.set_offline(cut)

    def slow_line(self) -> None:
        """A bad day on a mobile network: 400 ms there and back, 50 kB/s down, 25 kB/s up."""
        line: dict[str, Any] = {
            "offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 25_000,
        }  # fmt: skip
        self._context.new_cdp_session(self.page).send("Network.emulateNetworkConditions", line)

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the person went on before the last picture had come
            self._heard(f"failed: {request.url} ({request.failure})")

    def _heard(self, complaint: str) -> None:
        if not self.cut:
            self.complaints.append(complaint)


def states(person: Person) -> Iterator[str]:
    """Take a person through every page of ours in every state it has; stops at each and gives its name."""
    page = person.page
    person.open()
    yield "welcome"
    person.open("/report")
    yield "sign in to go on"
    person.sign_in()
    yield "home"
    person.press("Register a report")
    yield "urgency"
    person.press("Go on")
    yield "urgency with a fault"
    page.get_by_label("Now: somebody is in danger").check()
    person.press("Go on")
    yield "emergency"
    person.press("I have called: go on")
    yield "what"
    person.press("Go on")
    yield "what with a fault"
    page.locator("#account").fill("Two women behind the bar do not hold their own papers.")
    person.press("Go on")
    yield "when"
    page.locator("#from").fill("2999-01-01")
    person.press("Go on")
    yield "when with faults"
    page.locator("#from").fill("2026-01-05")
    page.locator("#location_type").select_option("BAR_CLUB")
    person.press("Go on")
    yield "type"
    person.press("Go on")
    yield "type with a fault"
    yield from _type_to_source(person)
    yield from _things(person)
    person.press("That is all: go on")
    yield "check"
    person.press("Register this report")
    yield "done"
    yield from _afterwards(person)


def _type_to_source(person: Person) -> Iterator[str]:
    page = person.page
    person.press("Help me tell them apart")
    yield "aid"
    page.get_by_label("Recruiting").check()
    page.get_by_label("Fee to be worked off").check()
    person.press("Show what this points to")
    yield "type with a suggestion"
    page.get_by_text("Another kind of report").click()
    yield "type, the rest folded open"
    page.get_by_label("Human trafficking (exploiting a person)").check()
    person.press("Go on")
    yield "source"
    person.press("Go on")
    yield "source with faults"
    page.get_by_label("Citizen").check()
    page.get_by_label("Phone", exact=True).check()
    person.press("Go on")
    yield "known"


def _things(person: Person) -> Iterator[str]:
    page = person.page
    person.press("Add a person")
    yield "person"
    person.press("Add")
    yield "person with a fault"
    page.locator("#role").select_option("SUSPECT")
    page.locator("#name").fill("Zeno Testman")
    page.locator("#year").fill("1985")
    person.press("Add")
    for name, kind, field, value in (
        ("Add a phone number", "phone", "number", "+297 000 0142"),
        ("Add a document", "document", "number", "ZZ0000017"),
        ("Add a number plate", "plate", "number", "A-99901"),
        ("Add an account or e-mail address", "online", "number", "testnaam"),
        ("Add a bank account, vessel, company or address", "mark", "number", "Straat 1, Oranjestad"),
    ):
        person.press(name)
        yield kind
        page.get_by_role("button", name="Add", exact=True).click()
        yield f"{kind} with a fault"
        page.locator(f"#{field}").fill(value)
        if kind == "document":
            page.locator("#document_type").select_option("PASSPORT")
            page.locator("#country").select_option("CO")
        if kind == "online":
            page.locator("#platform").select_option("INSTAGRAM")
        if kind == "mark":
            page.locator("#mark_type").select_option("ADDRESS")
        page.get_by_role("button", name="Add", exact=True).click()
    yield "known, six things"


def _afterwards(person: Person) -> Iterator[str]:
    page = person.page
    person.press("Register another report")
    page.get_by_label("Normal", exact=True).check()
    person.press("Go on")
    person.open()
    yield "home with a draft"
    for language in ("nl", "es", "pap_AW", "pap_CW"):
        person.open(f"/language/{language}?next=/report")
        yield f"urgency in {language}"
    person.open("/language/en?next=/")
    person.press("Sign out")
    yield "signed out"
    person.open("/signed-out/idle")
    yield "signed out after idling"
    person.open("/signed-out/kept")
    yield "signed out while typing"
