"""The own register as people use it: every page in every state, with the keyboard, in Dutch, each at his own work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest

from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import refer_signal
from schemas.signals.changes import ReferIn
from schemas.signals.out import SignalOut
from tests.acceptance.pages.checks import walked
from tests.acceptance.pages.keyboard import Keyboard
from tests.acceptance.pages.person import Person
from tests.integration.web.ours import present, recorded
from tests.support.exchange.neighbours import Neighbours, neighbours
from tests.support.web.pages import AW, PASSWORD, Pages

FEWEST_STATES: Final = 35
PHONE: Final = {"type": "PHONE", "value": "+297 000 0142"}
SUSPECT: Final = {
    "n": 1, "role": "SUSPECT", "kind": "person", "name": "Zeno Testman", "nationality": "NL",
    "birth": {"year": 1985}, "selectors": [PHONE],
}  # fmt: skip
VICTIM: Final = {
    "n": 2, "role": "VICTIM_PRESUMED", "kind": "person", "name": "Ana Ficticia", "minor": True, "nationality": "CO",
    "birth": {"year": 2011, "month": 5, "day": 3},
    "selectors": [{"type": "PASSPORT", "value": "ZZ0000017", "country": "CO"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def near(served: Pages) -> Iterator[Neighbours]:
    """Aruba and Curaçao, able to exchange."""
    with neighbours(served.world) as made:
        yield made


@pytest.fixture
def known(served: Pages, near: Neighbours) -> SignalOut:
    """A report that Curaçao has, and that something of Curaçao's matches."""
    return shared_with_curacao(served, near, SUSPECT)


def shared_with_curacao(served: Pages, near: Neighbours, suspect: dict[str, object]) -> SignalOut:
    """A report on somebody of whom Curaçao has one, too."""
    signal = recorded(
        served, subjects=[suspect], urgency="NOW", account="Two women behind the bar have no papers of their own."
    )
    street = {"island": "CW", "location_type": "STREET"}
    recorded(served, "CW-KPC", "cw-officer", place=street, subjects=[suspect])
    near.settle()
    near.settle()
    return signal


def meddle(served: Pages, signal: SignalOut) -> None:
    """Somebody else refers the report."""
    other = served.world.caller("AW-CMMA", Task.REGISTER, actor="aw-contact")
    version = present(served, signal.id).version
    refer_signal(
        served[AW].register, other, SignalId(signal.id), ReferIn(kind="investigation", to="AW-KPA"), version=version
    )


def send(person: Person) -> None:
    """Press the button of the form."""
    person.page.locator("main form button").click()


def states(person: Person, served: Pages, near: Neighbours, signal: SignalOut) -> Iterator[str]:
    """Take the register unit through every page of the own register; stops at each state and gives its name."""
    page, report = person.page, f"/ours/{signal.id}"
    person.sign_in("aw-unit")
    person.open("/ours")
    yield "list"
    page.get_by_text("Narrow the list").click()
    yield "list, filters folded open"
    page.locator("#received_from").fill("2999-01-01")
    person.press("Show these")
    yield "list with a fault"
    page.locator("#received_from").fill("2025-01-01")
    page.locator("#urgency").select_option("NOW")
    person.press("Show these")
    yield "list narrowed"
    person.open("/ours?state=CLOSED")
    yield "list of nothing"
    person.open("/hits")
    yield "hits, the ground"
    send(person)
    yield "hits, the ground with a fault"
    person.open(report)
    person.press("Show the hits on this report")
    yield "hits"
    for mark, state in (("SEEN", "looked at"), ("NO_CONCERN.SHARED_BY_MANY", "no concern")):
        page.locator("select[name=mark]").first.select_option(mark)
        person.press("Keep what was done")
        yield f"hits, one {state}"
    page.get_by_text("No concern: 1").click()
    yield "hits, no concern folded open"
    person.press(signal.reference)
    yield "report"
    page.get_by_text("These rules in words").click()
    yield "report, rules folded open"
    yield from _forms(person, report)
    person.open(report)
    person.press("Reclassify")
    page.locator("#signal_type").check()
    page.locator("#reason").fill("She told us herself.")
    meddle(served, signal)
    send(person)
    yield "somebody was faster"
    send(person)
    yield "report, reclassified"
    yield from _dutch(person, report)
    yield from _ends(person, served, near, signal)


def _forms(person: Person, report: str) -> Iterator[str]:
    page = person.page
    for change in ("reclassify", "refer", "step", "confirm", "withdraw"):
        person.open(f"{report}/{change}")
        yield change
        send(person)
        yield f"{change} with a fault"
    person.open(f"{report}/reclassify")
    page.get_by_text("Another kind of report").click()
    yield "reclassify, the rest folded open"


def _dutch(person: Person, report: str) -> Iterator[str]:
    person.open("/language/nl?next=/ours")
    yield "list in nl"
    person.page.get_by_text("Lijst beperken").click()
    yield "list in nl, filters folded open"
    for path in ("/hits", report, *(f"{report}/{c}" for c in ("reclassify", "refer", "step", "confirm", "withdraw"))):
        person.open(path)
        yield f"{path.rpartition('/')[2]} in nl"
    person.open("/language/en?next=/ours")


def _ends(person: Person, served: Pages, near: Neighbours, signal: SignalOut) -> Iterator[str]:
    page, report = person.page, f"/ours/{signal.id}"
    protected = recorded(served, subjects=[SUSPECT, VICTIM], selectors=[])
    person.open(f"/ours/{protected.id}")
    yield "report that stays, not decided yet"
    person.open(f"{report}/withdraw")
    page.get_by_label("Corrected").check()
    page.locator("#reason").fill("Entered twice.")
    send(person)
    yield "report, withdrawn"
    near.settle()
    near.settle()
    person.open(report)
    yield "report, confirmed to be gone"
    person.open(f"{report}/refer")
    yield "withdrawn, nothing to be done"
    person.open(f"/ours/{protected.id}/refer")
    page.locator("#note").fill("Ask for the night desk.")
    served.clock.move(1_000)
    send(person)
    yield "session over, text given back"


def test_every_page_of_the_own_register_is_accessible_and_reflows_in_every_state(
    person: Person, served: Pages, near: Neighbours, known: SignalOut
) -> None:
    seen, wrong = walked(person.page, states(person, served, near, known))

    assert wrong == {}
    assert len(seen) >= FEWEST_STATES, len(seen)


def test_first_list_of_an_organisation_helps_it_to_begin(person: Person) -> None:
    person.sign_in("aw-school")
    person.press("Our register")
    seen, wrong = walked(person.page, ["empty list"])

    assert (seen, wrong) == (["empty list"], {})
    assert "Your organisation has registered nothing yet" in person.page.locator("main").inner_text()
    person.page.locator("main").get_by_role("link", name="Register a report").click()
    assert person.step() == "report"


def test_register_unit_reclassifies_and_refers_with_the_keyboard_alone(
    person: Person, served: Pages, known: SignalOut
) -> None:
    person.sign_in("aw-unit")
    keyboard = Keyboard(person)
    keyboard.press("Our register")
    keyboard.press(known.reference)
    keyboard.press("Reclassify")
    keyboard.choose("signal_type", down=2)
    keyboard.type("The fee is being worked off.", "reason")
    keyboard.press("Reclassify")
    assert "The report is reclassified." in person.page.get_by_role("status").inner_text()
    keyboard.press("Refer")
    keyboard.choose("kind", down=1)
    keyboard.type("Victim", "to")
    keyboard.press("Refer")

    assert "The report is referred." in person.page.get_by_role("status").inner_text()
    assert keyboard.unseen == []
    after = present(served, known.id)
    assert (after.type_registered, after.type_assessed) == ("MS", "HT_MS")
    assert [(r.kind, r.to) for r in after.referrals] == [("assistance", "AW-VICTIM")]


def test_keyboard_lands_on_what_must_be_mended_and_on_what_somebody_else_did(
    person: Person, served: Pages, known: SignalOut
) -> None:
    person.sign_in("aw-unit")
    person.open(f"/ours/{known.id}/withdraw")
    send(person)
    keyboard = Keyboard(person)
    person.lands_on(".summary")
    keyboard.go_to(text="Choose why it is withdrawn.")
    person.page.keyboard.press("Enter")
    person.lands_on("#code")

    person.open(f"/ours/{known.id}/confirm")
    person.page.locator("#reason").fill("As the profile has it.")
    meddle(served, known)
    send(person)
    person.lands_on(".summary")
    assert person.page.locator("#reason").input_value() == "As the profile has it."
    send(person)
    assert "The report is confirmed." in person.page.get_by_role("status").inner_text()


def test_prosecutor_approves_one_report_and_is_offered_nothing_else(person: Person, served: Pages) -> None:
    signal = recorded(served, single_approval=True)
    person.sign_in("aw-gate")
    person.press("Our register")
    person.press(signal.reference)
    offered = person.page.locator(".actions").inner_text().split("\n")
    assert [one.strip() for one in offered if one.strip()] == ["Approve that it leaves", "Needs no approval of its own"]
    person.press("Approve that it leaves")
    seen, wrong = walked(person.page, ["approve"])
    assert (seen, wrong) == (["approve"], {})
    person.page.locator("#reason").fill("Weighed; may leave.")
    send(person)

    assert "It is approved" in person.page.get_by_role("status").inner_text()
    assert present(served, signal.id).version == 2


def test_trap_of_the_words_is_shown_where_the_type_is_chosen_anew(person: Person, known: SignalOut) -> None:
    person.sign_in("aw-unit")
    person.open(f"/ours/{known.id}/reclassify")
    trap = person.page.get_by_role("complementary").inner_text()

    assert trap.count("trafikashon di hende") == 2
    assert "Choose by the explanation" in trap


def test_form_of_an_ended_session_is_shown_after_signing_in_again_and_done_only_when_sent_once_more(
    person: Person, served: Pages, known: SignalOut
) -> None:
    page = person.page
    person.sign_in("aw-unit")
    person.open(f"/ours/{known.id}/withdraw")
    page.get_by_label("Corrected").check()
    page.locator("#reason").fill("Entered twice, by two desks.")
    served.clock.move(901)
    send(person)
    page.locator("main a.button").click()
    page.locator("#name").fill("aw-unit")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button").click()
    page.wait_for_url("**/held/*")

    assert "Entered twice, by two desks." in page.locator("main").inner_text()
    assert present(served, known.id).withdrawn_at is None

    person.press("Send it now")
    assert present(served, known.id).withdrawn_at is not None


def test_report_is_withdrawn_in_dutch(person: Person, served: Pages, known: SignalOut) -> None:
    page = person.page
    person.sign_in("aw-officer")
    person.press("Nederlands")
    person.press("Ons register")
    person.press(known.reference)
    person.press("Intrekken")
    page.get_by_label("Verbeterd").check()
    page.locator("#reason").fill("Twee keer ingevoerd.")
    person.press("Intrekken")

    assert "De melding is ingetrokken." in page.get_by_role("status").inner_text()
    assert present(served, known.id).withdrawn_at is not None


def test_nothing_of_the_report_stays_in_the_browser(person: Person, known: SignalOut) -> None:
    person.sign_in("aw-unit")
    person.open(f"/ours/{known.id}/reclassify")
    person.page.locator("#reason").fill("Her phone was found.")
    send(person)
    kept = person.page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")

    assert not re.search("phone|Zeno|0142", kept)
    assert "__Host" not in kept


def test_officer_finds_what_became_of_her_report(person: Person, served: Pages, near: Neighbours) -> None:
    selectors = [{"type": "PHONE", "value": "+297 000 0188"}]
    known = shared_with_curacao(
        served, near, SUSPECT | {"name": "Otto Anderman", "birth": {"year": 1979}, "selectors": selectors}
    )
    person.sign_in("aw-officer")
    person.press("Our register")
    row = person.page.get_by_role("listitem").filter(has_text=known.reference)
    assert "one partner has it" in row.inner_text()
    person.press(known.reference)
    holders = person.page.locator(".partners").first.inner_text()
    buttons = person.page.locator(".actions").inner_text()

    assert "Curaçao: may have the extract" in holders
    assert "Received, by its receipt of" in holders
    assert "On its way since" in holders
    assert [line.strip() for line in buttons.splitlines() if line.strip()] == [
        "Correct persons and numbers",
        "Correct what was told",
        "Withdraw",
    ]
