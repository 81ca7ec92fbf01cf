"""Figures, rules and the exchange as people meet them: in a real browser, on a phone, with the keyboard, in Dutch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from api.release.brief import build_brief
from api.web.statistics.topics import TOPICS
from register.statistics.definition import Tier
from register.statistics.formats.publication import Publication
from register.statistics.formats.words import LANGUAGES as WRITTEN
from register.store.running.server.administration import administrator
from tests.acceptance.pages.checks import NARROW, violations, walked
from tests.acceptance.pages.keyboard import Keyboard
from tests.acceptance.pages.person import Person
from tests.integration.exchange.conftest import _EMPTIED
from tests.integration.exchange.net import Net
from tests.support.records.counted import count_everything
from tests.support.records.notified import notify
from tests.support.web.exchanging import AW, all_well, exchanging, refused_entries, withdrawals
from tests.support.web.pages import Pages
from tests.unit.register.statistics.publications import made

TWO_WAY = "notifications-source-by-channel"
A4 = 700
"""What is left of a sheet between its margins, in CSS pixels."""
TABLES_OUTSIDE = """() => [...document.querySelectorAll('.across')]
  .filter(e => e.firstElementChild.scrollWidth > e.clientWidth + 1).map(e => e.getAttribute('aria-label'))"""
LANGUAGES = ("English", "Nederlands")


@pytest.fixture(scope="module", autouse=True)
def told(served: Pages) -> None:
    """Two years of notifications, and of every other record that is counted."""
    notify(served)
    count_everything(served)


@pytest.fixture(scope="module")
def net() -> Iterator[Net]:
    """Countries that exchange, and have not begun."""
    with exchanging() as five:
        yield five


@pytest.fixture
def coordinator(chromium: Browser, net: Net) -> Iterator[Person]:
    """The coordinator of Aruba at the pages, before anything was exchanged."""
    names = ", ".join(f"rtr.{name}" for name in _EMPTIED if name not in {"data_key", "audit_leaf"})
    database = net.world.settings.database
    with administrator(database.admin_url, database.name) as engine, engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names}")
    member = net[AW].rosters().member(AW)
    assert member
    one = Person(chromium, member.url)
    one.open("/door")
    yield one
    assert one.close() == []


def states(person: Person) -> Iterator[str]:
    """Every state of the pages on figures, rules and words, in both languages."""
    page = person.page
    person.sign_in("aw-figures")
    for language in LANGUAGES:
        if page.get_by_role("link", name=language, exact=True).count():
            person.press(language)
        for path in ("/figures", "/figures?year=2023", "/figures?year=2022", "/figures?year=2020", "/figures?year=x"):
            person.open(path)
            yield f"{path} in {language}"
        for topic in TOPICS:
            person.open(f"/figures?year=2023&topic={topic}")
            yield f"{topic} in {language}"
        person.open("/figures?year=2023")
        for summary in page.locator("summary").all():
            summary.click()
        yield f"figures folded open in {language}"
        for path in ("/rules", "/rules#MINOR-1", "/rules/words", "/rules/beside/strict"):
            person.open(path)
            yield f"{path} in {language}"


def exchange_states(person: Person, net: Net) -> Iterator[str]:
    """The exchange from nothing to trouble, in both languages."""
    for happens in (None, all_well, refused_entries, withdrawals):
        if happens is not None:
            happens(net)
        for language in LANGUAGES:
            person.open("/exchange")
            if person.page.get_by_role("link", name=language, exact=True).count():
                person.press(language)
            person.page.locator("summary").click()
            yield f"{happens.__name__ if happens else 'nothing'} in {language}"


def test_figures_rules_and_words_are_accessible_and_reflow_in_every_state(person: Person) -> None:
    seen, wrong = walked(person.page, states(person))

    assert wrong == {}
    assert len(seen) == 20 + 2 * len(TOPICS)


def test_exchange_is_accessible_and_reflows_in_every_state(coordinator: Person, net: Net) -> None:
    seen, wrong = walked(coordinator.page, exchange_states(coordinator, net))

    assert wrong == {}
    assert len(seen) == 8


def test_coordinator_learns_what_to_do_without_help(coordinator: Person, net: Net) -> None:
    """From the first line to the partner, from there to the rule in words."""
    refused_entries(net)
    page = coordinator.page
    coordinator.open("/exchange")

    assert page.locator(".danger h2").inner_text() == "Somebody has to do something"
    coordinator.press("Curaçao")
    assert page.url.endswith("#cw")
    section = page.locator("section[aria-labelledby=cw]").inner_text()
    assert "What to do: It is looked at again by itself" in section
    coordinator.press("Rule WPG10B-1")
    assert page.url.endswith("/rules#WPG10B-1")
    assert "A release to another legal basis by the competent officer" in page.locator(":target").inner_text()


def test_statistician_reads_a_year_and_takes_the_workbook_with_the_keyboard_alone(person: Person) -> None:
    person.sign_in("aw-figures")
    keyboard = Keyboard(person)
    keyboard.press("Figures")
    keyboard.go_to(text="Another year")
    person.page.keyboard.press("Enter")
    keyboard.type("2023", "year")
    keyboard.press("Show")

    assert person.page.locator("h1").inner_text() == "Figures of 2023"
    keyboard.go_to(text="Download as Excel")
    with person.page.expect_download() as download:
        person.page.keyboard.press("Enter")
    assert download.value.suggested_filename == "figures-AW-2023.xlsx"
    assert keyboard.unseen == []


def test_another_year_of_a_topic_stays_with_the_topic_with_the_keyboard_alone(person: Person) -> None:
    person.sign_in("aw-figures")
    keyboard = Keyboard(person)
    keyboard.press("Figures")
    keyboard.press("The victim ladder, crossed")
    keyboard.go_to(text="Another year")
    person.page.keyboard.press("Enter")
    keyboard.type("2022", "year")
    keyboard.press("Show")

    assert person.page.locator("h1").inner_text() == "Figures of 2022"
    assert person.page.get_by_role("table", name="Victim ladder by status and form, 2022").count() == 1
    assert keyboard.unseen == []


def test_faulty_year_leads_to_the_field(person: Person) -> None:
    person.sign_in("aw-figures")
    person.open("/figures?year=last")
    person.press("Type a year of four digits, for instance 2023.")

    person.lands_on("#year")
    assert person.page.locator("#year").input_value() == "last"


def test_picture_is_named_and_its_figures_stand_in_a_table_for_those_who_do_not_see_it(person: Person) -> None:
    person.sign_in("aw-figures")
    person.open("/figures?year=2023")
    picture = person.page.get_by_role("img", name="Notifications by who told us")

    assert picture.count() == 1
    table = person.page.get_by_role("table", name="Notifications by who told us, 2023")
    assert table.get_by_role("row", name="Citizens 7 1* +6").count() == 1


def test_letters_of_a_picture_grow_with_those_of_the_reader_and_none_leaves_it(person: Person) -> None:
    """Text spacing and size are the reader's (WCAG 1.4.4, 1.4.12): the picture is measured in his letters."""
    page = person.page
    person.sign_in("aw-figures")
    person.open("/figures?year=2023")
    height = "document.querySelector('.chart').getBoundingClientRect().height"
    before = page.evaluate(height)
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    lowest = """() => { const chart = document.querySelector('.chart'), bottom = chart.getBoundingClientRect().bottom;
      return [...chart.querySelectorAll('text')].every(e => e.getBoundingClientRect().bottom <= bottom + 2) }"""

    assert page.evaluate(height) == pytest.approx(2 * before, rel=0.02)
    assert page.evaluate(lowest)


def test_printed_page_has_the_figures_and_not_the_buttons(person: Person) -> None:
    person.sign_in("aw-figures")
    person.open("/figures?year=2023")
    person.page.emulate_media(media="print")

    assert person.page.locator("table.figures").first.is_visible()
    assert person.page.locator(".chart").first.is_visible()
    assert not person.page.get_by_text("Download as Excel").is_visible()
    assert not person.page.locator("nav.areas").is_visible()


@pytest.mark.parametrize("language", WRITTEN)
@pytest.mark.parametrize("tier", [Tier.WORKING_GROUP, Tier.PUBLIC])
def test_brief_of_a_release_is_accessible_reflows_asks_for_nothing_and_fits_on_paper(
    chromium: Browser, tmp_path: Path, language: str, tier: Tier
) -> None:
    """The file alone, as somebody opens it who has no register."""
    file = tmp_path / "brief.html"
    whole = made(tier, more=6).publication
    few = tuple(one for one in whole.items if one.release.table_id in {"notifications-by-type", TWO_WAY})
    file.write_bytes(build_brief(Publication(whole.catalogue, few), language))
    page = chromium.new_page(viewport={"width": NARROW, "height": 640})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW
    assert violations(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    assert violations(page) == []
    page.set_viewport_size({"width": A4, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") == A4
    assert page.evaluate(TABLES_OUTSIDE) == []
    assert not page.locator("nav").first.is_visible()
    assert asked == [file.as_uri()]
    page.close()
