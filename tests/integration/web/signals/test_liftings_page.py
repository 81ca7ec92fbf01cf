"""Lifting a protection at the pages: the unit asks, the victim's side answers from what waits, nobody else sees it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.integration.web.conftest import At
from tests.integration.web.walk import send
from tests.support.records.lifted import a_lifting, a_person, a_report, corrected, grown_up
from tests.support.web.pages import Pages


@pytest.fixture
def wrong(served: Pages) -> UUID:
    """A report on somebody who was a child by a birth date that was wrong, and has been corrected."""
    person = a_person()
    signal = a_report(served.world, person).id
    corrected(served.world, signal, grown_up(person))
    return signal


FORM = {"which": "1-birth", "because": "AGE_WRONG", "second": "AW-VICTIM", "note": "The passport was seen."}


def test_unit_asks_from_the_report_and_the_bureau_answers_from_what_waits(wrong: UUID, at: At) -> None:
    unit, bureau = at("aw-unit"), at("aw-bureau")
    assert f'href="/ours/{wrong}/protection"' in unit.get(f"/ours/{wrong}").text
    page = unit.get(f"/ours/{wrong}/protection").text
    for text in ("May have been under 18 by the birth date", "The birth date or the age was wrong", "AW-VICTIM"):
        assert text in page, text
    done = send(unit, f"/ours/{wrong}/protection", dict(FORM))
    assert done.headers["location"] == f"/ours/{wrong}/protection?done=asked"
    page = unit.get(done.headers["location"]).text
    assert "The question waits for the organisation that you asked." in page
    (question,) = re.findall(r'href="(/liftings/[0-9a-f-]{36})"', page)
    assert "Another person says it." not in (own := unit.get(question).text)
    assert "Take the question back" in own
    assert "LIFT" not in re.findall(r'name="decision" value="(\w+)"', own)

    waits = bureau.get("/to-do").text
    assert f'href="{question}"' in waits
    assert "A protection: was the fact wrong?" in waits
    page = bureau.get(question).text
    for text in ("born 20 March 1980", "The passport was seen.", "Nothing: once this is lifted"):
        assert text in page, text
    assert "/ours/" not in page, "the report itself is not the bureau's to open"
    nothing = send(bureau, question, {"version": "1"})
    assert "Choose what you say to it." in nothing.text
    done = send(bureau, question, {"version": "1", "decision": "LIFT"})
    assert done.headers["location"] == f"{question}?done=decided"
    assert "Your decision is in the register." in bureau.get(done.headers["location"]).text
    assert f'href="{question}"' not in bureau.get("/to-do").text
    assert "Nobody in this report is protected." not in unit.get(f"/ours/{wrong}/protection").text
    assert "<strong>lifted</strong>" in unit.get(f"/ours/{wrong}/protection").text
    assert send(unit, question, {"version": "2", "decision": "REVERSE"}).status_code == 303


def test_a_victims_mother_is_protected_as_her_relative_and_not_as_a_witness(served: Pages, at: At) -> None:
    """The page of a mother read "Has, or had, the role of a witness"."""
    signal = a_report(served.world, a_person(), a_person(n=2, role="RELATIVE", birth={"year": 1970}))
    page = at("aw-unit").get(f"/ours/{signal.id}/protection").text
    assert "A relative of somebody protected" in page
    assert "A witness by the role" not in page


def test_what_is_missing_or_does_not_fit_is_said_and_what_was_typed_stays(wrong: UUID, at: At) -> None:
    unit = at("aw-unit")
    page = send(unit, f"/ours/{wrong}/protection", {"note": "Seen & heard"}).text
    for fault in ("Choose of whom", "Choose which fact was wrong.", "Choose who stands for the victim."):
        assert fault in page, fault
    assert "Seen &amp; heard" in page
    page = send(unit, f"/ours/{wrong}/protection", {**FORM, "because": "ROLE_WRONG"}).text
    assert "Choose a mistake that goes with why the person is protected." in page
    page = send(unit, f"/ours/{wrong}/protection", {**FORM, "second": "AW-KPA"}).text
    assert "Choose who stands for the victim." in page


def test_refusal_is_not_shopped_around_and_stands_before_who_is_asked_again(wrong: UUID, at: At) -> None:
    unit, bureau = at("aw-unit"), at("aw-bureau")
    page = unit.get(str(send(unit, f"/ours/{wrong}/protection", dict(FORM)).headers["location"])).text
    (question,) = re.findall(r'href="(/liftings/[0-9a-f-]{36})"', page)
    assert "Asked before" not in bureau.get(question).text
    send(bureau, question, {"version": "1", "decision": "REFUSE"})
    refused = send(unit, f"/ours/{wrong}/protection", {**FORM, "second": "AW-CHILD"})
    assert "Only that one can be asked again: say what it did not know." in refused.text
    assert FORM["note"] in refused.text, "what was typed is still there"
    page = unit.get(str(send(unit, f"/ours/{wrong}/protection", dict(FORM)).headers["location"])).text
    (again,) = set(re.findall(r'href="(/liftings/[0-9a-f-]{36})"', page)) - {question}
    before = bureau.get(again).text.partition("Asked before")[2].partition("</dd>")[0]
    assert "Victim bureau: " in before
    assert "Refused" in before


def test_what_the_report_still_says_is_said_to_be_corrected_first(served: Pages, at: At) -> None:
    signal = a_report(served.world, a_person()).id
    page = send(at("aw-unit"), f"/ours/{signal}/protection", dict(FORM)).text
    assert "Correct that first." in page


def test_others_find_neither_page(served: Pages, wrong: UUID, at: At) -> None:
    lifting = a_lifting(served.world)
    for name in ("aw-officer", "aw-school", "aw-gate", "aw-figures"):
        person = at(name)
        assert person.get(f"/liftings/{lifting}").status_code == 404, name
        assert person.get(f"/ours/{wrong}/protection").status_code == 403, name
        assert f"/ours/{wrong}/protection" not in person.get(f"/ours/{wrong}").text
    assert at("aw-bureau").get(f"/ours/{wrong}/protection").status_code == 403


def test_what_somebody_said_meanwhile_is_said_and_nothing_is_done(served: Pages, at: At) -> None:
    lifting, unit, bureau = a_lifting(served.world), at("aw-unit"), at("aw-bureau")
    assert send(unit, f"/liftings/{lifting}", {"version": "1", "decision": "TAKE_BACK"}).status_code == 303
    page = send(bureau, f"/liftings/{lifting}", {"version": "1", "decision": "LIFT"}).text
    assert "Somebody decided meanwhile" in page
    assert "Taken back" in page


def test_pages_speak_dutch_and_hold_nothing_of_the_person_in_an_address(served: Pages, wrong: UUID, at: At) -> None:
    lifting, unit = a_lifting(served.world), at("aw-unit")
    unit.get("/language/nl?next=/ours")
    for path in (f"/ours/{wrong}/protection", f"/liftings/{lifting}", "/liftings"):
        page = unit.get(path).text
        body = re.sub(r"<[^>]+>", " ", page.partition("<main")[2].partition("</main>")[0]).replace("Passport seen.", "")
        assert [word for word in ("Why", "What ", "Choose", "protected", "Report", "Person ") if word in body] == []
        addresses = " ".join(re.findall(r'(?:href|action)="([^"]*)"', page))
        assert "Prueba" not in addresses
        assert '<html lang="nl">' in page
