"""A finding at the pages: it waits for the register unit, which decides it there, and nobody else learns of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from uuid import UUID

import pytest

from register.domain.access.caller import SignedIn, Task
from register.domain.signals.protecting.finding import FindingId
from register.domain.signals.signal import SignalId
from register.services.signals.protecting.decide_findings import decide_finding
from schemas.codes import Finding
from schemas.signals.finding import DecideIn
from schemas.signals.out import SignalOut
from tests.integration.web.conftest import At
from tests.integration.web.ours import recorded
from tests.integration.web.walk import Fields, send
from tests.support.found import Person, a_finding
from tests.support.web.pages import AW, Pages

_plates = count(1)


@pytest.fixture
def found(served: Pages) -> tuple[UUID, SignalOut]:
    by = served.world.caller("AW-DIMAS", Task.SUBMIT, actor="aw-officer")
    return a_finding(served[AW].register, by)


def test_unit_comes_to_a_finding_from_what_waits_and_decides_it(found: tuple[UUID, SignalOut], at: At) -> None:
    finding, signal = found
    unit = at("aw-unit")
    assert str(finding) in unit.get("/findings").text
    page = unit.get(f"/findings/{finding}").text
    assert f'<a href="/ours/{signal.id}">{signal.reference}</a>' in page
    assert "a phone number" in page
    assert "+58" not in page, "nothing of the value"
    at_once = send(unit, f"/findings/{finding}", {"decision": "KEEP", "reason": "", "version": "1"})
    assert "Choose a reason that goes with this decision." in at_once.text
    done = send(unit, f"/findings/{finding}", {"decision": "WITHHOLD", "reason": "SHARED_BY_MANY", "version": "1"})
    assert done.headers["location"] == f"/findings/{finding}?done=decided"
    page = unit.get(done.headers["location"]).text
    assert "Your decision is in the register." in page
    assert "Decide otherwise" in page
    again = send(unit, f"/findings/{finding}", {"decision": "KEEP", "reason": "SHARED_BY_MANY", "version": "2"})
    assert again.status_code == 303


def test_findings_about_one_report_are_told_apart_by_the_other_report_and_the_kind_of_value(
    served: Pages, at: At
) -> None:
    """Three lines "Also a victim's: AW-2026-0917" said nothing of which is which."""
    whose = Person()
    mail = {"type": "EMAIL", "value": f"{whose.name}@example.org"}
    ours = recorded(served, subjects=[whose.as_("SUSPECT", whose.phone(), whose.phone(1), mail)])
    others = [
        recorded(served, subjects=[Person().named("VICTIM_POTENTIAL", thing)]).reference
        for thing in (whose.phone(), whose.phone(1), mail)
    ]

    unit = at("aw-unit")
    for page in (unit.get("/to-do").text, unit.get("/findings").text):
        rows = [row for row in page.split("<li>") if f": {ours.reference}" in row and "/findings/" in row]
        assert len(rows) == 3
        for kind, other in zip(("a phone number", "a phone number", "an e-mail address"), others, strict=True):
            assert sum(f"{kind}, also in {other}" in row for row in rows) == 1
        assert "+58" not in page
        assert "example.org" not in page
    unit.get("/language/nl?next=/to-do")
    assert f"een telefoonnummer, ook in {others[0]}" in unit.get("/to-do").text


def test_findings_within_one_report_say_of_whom_and_of_what_they_ask(served: Pages, at: At) -> None:
    """Lines "Also a victim's: AW-2026-0917, also in AW-2026-0917" said nothing of which is which."""
    whose, other = Person(), Person()
    number = {"type": "PHONE", "value": f"{whose.phone()['value']} (victim)"}
    loose = {"type": "EMAIL", "value": f"Slachtoffer <{whose.name}@example.org>"}
    friend = other.as_("COMPANION", other.phone(), n=2)
    place = {"island": "AW", "location_type": "SHELTER"}
    ours = recorded(served, subjects=[whose.as_("SUSPECT", number), friend], selectors=[loose], place=place)
    unit = at("aw-unit")
    for page in (unit.get("/to-do").text, unit.get("/findings").text):
        rows = [row for row in page.split("<li>") if f": {ours.reference}" in row and "/findings/" in row]
        assert len(rows) == 3
        for told in ("person 1: a phone number", "with nobody in particular: an e-mail address", "person 2"):
            assert sum(f"{told}, in this report" in row for row in rows) == 1
        assert not any("also in" in row for row in rows)


def test_finding_within_one_report_is_titled_by_its_kind_and_speaks_of_one_report(served: Pages, at: At) -> None:
    """A remark beside a number read "Also a victim's" and "Open both reports": there is one, and nobody's number."""
    whose, other = Person(), Person()
    number = {"type": "PHONE", "value": f"{whose.phone()['value']} (victim)"}
    friend = other.as_("COMPANION", other.phone(), n=2)
    place = {"island": "AW", "location_type": "SHELTER"}
    ours = recorded(served, subjects=[whose.as_("SUSPECT", number), friend], selectors=[], place=place)
    unit = at("aw-unit")
    found = {}
    for path in ("/to-do", "/findings"):
        lines = unit.get(path).text.split("<li>")
        rows = [row for row in lines if f": {ours.reference}" in row and "/findings/" in row]
        assert not any("Also a victim" in row for row in rows)
        for title in ("Perhaps a protected person&#39;s", "Perhaps the victim, or somebody who leads to her"):
            [found[title]] = [row.partition('href="/findings/')[2][:36] for row in rows if title in row]
    for title, finding in found.items():
        page = unit.get(f"/findings/{finding}").text
        assert f"<h1>{title}</h1>" in page
        assert "Open the report before you decide" in page
        assert "both reports" not in page
        assert page.count(f'<a href="/ours/{ours.id}">') == 1
        unit.get("/language/nl?next=/to-do")
        assert "Open de melding voor u beslist" in unit.get(f"/findings/{finding}").text
        unit.get("/language/en?next=/to-do")


def test_what_somebody_decided_meanwhile_is_said_and_nothing_is_done(
    served: Pages, found: tuple[UUID, SignalOut], at: At
) -> None:
    finding, unit = found[0], at("aw-unit")
    by = served.world.caller("AW-JIUMM", Task.REGISTER, actor="another")
    decide_finding(served[AW].register, by, finding, DecideIn.model_validate({"decision": "WITHHOLD"}), version=1)  # type: ignore[arg-type]
    answer = send(unit, f"/findings/{finding}", {"decision": "KEEP", "reason": "SHARED_BY_MANY", "version": "1"})
    assert "Somebody decided meanwhile" in answer.text
    assert "Share it" in answer.text


def test_only_what_fits_is_offered_in_dutch_too(served: Pages, at: At) -> None:
    by = served.world.caller("AW-DIMAS", Task.SUBMIT, actor="aw-officer")
    finding, _ = a_finding(served[AW].register, by, Finding.SAME_PERSON)
    unit = at("aw-unit")
    page = unit.get(f"/findings/{finding}").text
    assert "It is another person" in page
    assert "Withhold it" not in page
    refused = send(unit, f"/findings/{finding}", {"decision": "WITHHOLD", "reason": "", "version": "1"})
    assert "Choose what it is." in refused.text
    unit.get("/language/nl?next=/to-do")
    assert "Het is een ander" in unit.get(f"/findings/{finding}").text


def test_who_is_not_of_the_unit_is_led_to_no_finding_and_shown_none(found: tuple[UUID, SignalOut], at: At) -> None:
    finding, signal = found
    for name in ("aw-officer", "aw-reader", "aw-searcher", "aw-gate"):
        person = at(name)
        assert person.get("/findings").status_code == 403
        assert person.get(f"/findings/{finding}").status_code == 403
        assert send(person, f"/findings/{finding}", {"decision": "WITHHOLD", "version": "1"}).status_code == 403
        assert "/findings" not in person.get("/to-do").text
    own = at("aw-officer").get(f"/ours/{signal.id}").text
    assert "finding" not in own.lower()


@pytest.mark.parametrize("pressed", [{"say": "object"}, {}], ids=["object", "no button"])
def test_who_entered_her_report_objects_from_what_waits_and_sees_nothing_of_the_other_report(
    served: Pages, at: At, pressed: Fields
) -> None:
    register = served[AW].register
    by = served.world.caller("AW-DIMAS", Task.SUBMIT, actor="aw-officer")
    finding, other = a_finding(register, by, Finding.SAME_PERSON)
    unit = served.world.caller("AW-JIUMM", Task.REGISTER, actor="one")
    unit = replace(unit, signed_in=SignedIn(register.clock.now()))
    said = DecideIn.model_validate({"decision": "ANOTHER", "reason": "NAMESAKE"})
    for version, who in ((1, unit), (2, replace(unit, actor="two"))):
        decide_finding(register, who, FindingId(finding), said, version=version)
    officer = at("aw-officer")
    assert f'href="/let-go/{finding}"' in officer.get("/to-do").text
    page = officer.get(f"/let-go/{finding}").text
    assert "What protected somebody in your report was let go" in page
    assert other.reference not in page
    assert str(other.id) not in page
    assert at("aw-searcher").get(f"/let-go/{finding}").status_code == 404
    assert send(officer, f"/let-go/{finding}", pressed).headers["location"] == f"/let-go/{finding}"
    assert f"/let-go/{finding}" not in officer.get("/to-do").text
    assert str(finding) in at("aw-unit").get("/to-do").text


def let_go(served: Pages, decision: str = "KEEP") -> tuple[UUID, SignalOut, SignalOut]:
    """A plate that is a victim's too, and that one of the unit let go; gives the finding, her report, and the other."""
    plate = {"type": "PLATE", "value": f"A-6{next(_plates):04}", "country": "AW"}
    hers = recorded(served, subjects=[Person().named("VICTIM_POTENTIAL", plate)], selectors=[])
    there = recorded(served, "AW-KPA", "police", subjects=[Person().as_("SUSPECT", plate)], selectors=[])
    register = served[AW].register
    with register.work(served.world.caller("AW-JIUMM", Task.REGISTER)) as work:
        [found] = work.signals.findings.of_signal(SignalId(there.id))
    decide(served, found.id, decision)
    return found.id, hers, there


def decide(served: Pages, finding: UUID, decision: str, version: int = 1) -> None:
    register = served[AW].register
    unit = served.world.caller("AW-JIUMM", Task.REGISTER, actor="one")
    unit = replace(unit, signed_in=SignedIn(register.clock.now()))
    reason = "SHARED_BY_MANY" if decision == "KEEP" else None
    said = DecideIn.model_validate({"decision": decision, "reason": reason})
    decide_finding(register, unit, FindingId(finding), said, version=version)


def test_who_objected_is_told_what_it_was_to_and_what_happens_now_and_the_address_keeps_answering(
    served: Pages, at: At
) -> None:
    """After "Object" the list said that nothing waits, and the address that there is no such page."""
    finding, hers, there = let_go(served)
    officer, address = at("aw-officer"), f"/let-go/{finding}"
    for _ in range(2):  # pressed twice, it was said once
        page = officer.get(str(send(officer, address, {"say": "object"}).headers["location"])).text
        assert "You objected. It is in the register." in page
        assert f'<a href="/ours/{hers.id}">{hers.reference}</a>, person 1' in page, "whom it was about"
        assert "The register unit looks at it anew." in page
        assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert "Somebody of your organisation objected." in at("aw-second").get(address).text
    officer.get("/language/nl?next=/to-do")
    assert "U hebt bezwaar gemaakt." in officer.get(address).text
    officer.get("/language/en?next=/to-do")
    decide(served, finding, "WITHHOLD", version=3)
    again = officer.get(address).text
    assert "What was let go is withheld again" in again
    assert there.reference not in again
    assert "Withhold it" not in again, "what the unit says of the other report is not told"
    for nobody in ("aw-bureau", "aw-unit", "aw-gate", "aw-searcher"):
        assert at(nobody).get(address).status_code == 404


def test_who_let_it_stand_is_told_so_and_may_still_object(served: Pages, at: At) -> None:
    finding, _, _ = let_go(served)
    officer, address = at("aw-officer"), f"/let-go/{finding}"
    page = officer.get(str(send(officer, address, {"say": "stand"}).headers["location"])).text
    assert "You let it stand. It is in the register." in page
    assert 'value="object"' in page
    assert 'value="stand"' not in page
    page = officer.get(str(send(officer, address, {"say": "object"}).headers["location"])).text
    assert "You objected. It is in the register." in page


def test_unit_sees_that_somebody_objected_and_to_what_before_it_says_it_again(served: Pages, at: At) -> None:
    """The page of what was asked anew looked like that of a new finding."""
    finding, _, _ = let_go(served)
    unit = at("aw-unit")
    assert "objected" not in unit.get(f"/findings/{finding}").text
    send(at("aw-officer"), f"/let-go/{finding}", {"say": "object"})
    page = unit.get(f"/findings/{finding}").text
    assert "Whoever entered the report objected." in page
    assert "they objected to &#34;Share it&#34;" in page
    assert "Many people use it" in page
    decide(served, finding, "WITHHOLD", version=3)
    assert "objected" not in unit.get(f"/findings/{finding}").text


def test_unit_is_told_before_it_decides_that_letting_go_takes_two(
    served: Pages, found: tuple[UUID, SignalOut], at: At
) -> None:
    """It was said only after the first had sent it."""
    unit, before = at("aw-unit"), "To let it go takes two persons of the register unit"
    assert before in unit.get(f"/findings/{found[0]}").text, "a phone number that is a victim's, too"
    plate, _, _ = let_go(served)
    send(at("aw-officer"), f"/let-go/{plate}", {"say": "object"})
    assert before not in unit.get(f"/findings/{plate}").text, "a plate is many people's"


def test_what_is_let_go_again_waits_again_whatever_was_said_to_it_before(served: Pages, at: At) -> None:
    finding, _, _ = let_go(served)
    officer, address = at("aw-officer"), f"/let-go/{finding}"
    send(officer, address, {"say": "object"})
    served.clock.move(60)
    decide(served, finding, "KEEP", version=3)
    page = officer.get(address).text
    assert "What protected somebody in your report was let go" in page
    assert "You objected" not in page
    assert 'value="stand"' in page


def test_report_says_at_its_value_and_person_what_waits_and_why_and_what_the_unit_said(served: Pages, at: At) -> None:
    """The officer who typed it saw nowhere that her number is not found abroad, nor why."""
    whose, other = Person(), Person()
    number = {"type": "PHONE", "value": f"{whose.phone()['value']} (victim)"}
    friend = other.as_("COMPANION", other.phone(), n=2)
    place = {"island": "AW", "location_type": "SHELTER"}
    ours = recorded(served, subjects=[whose.as_("SUSPECT", number, whose.phone(1)), friend], selectors=[], place=place)
    officer, unit = at("aw-officer"), at("aw-unit")
    for person in (officer, unit):
        page = person.get(f"/ours/{ours.id}").text
        persons = page.partition('id="persons"')[2].partition('id="holders"')[0]
        (first, free), second = persons.split("<li>")[1:3], persons.partition("Companion")[2]
        assert "<strong>Waits for the register unit</strong>" in first
        assert "Perhaps a protected person&#39;s" in first
        assert "No partner can find it before the unit has answered." in first
        assert "Waits for" not in free.partition("</li>")[0]
        assert "Perhaps the victim, or somebody who leads to her" in second
        assert ('href="/findings/' in persons) is (person is unit)
        timeline = page.partition('id="timeline"')[2]
        assert "Asked of the register unit, person 1: Perhaps a protected person&#39;s" in timeline
        assert timeline.index("Asked of the register unit") < timeline.index("<p>Registered</p>"), "the newest first"
    with served[AW].register.work(served.world.caller("AW-JIUMM", Task.REGISTER)) as work:
        [of_number] = [x for x in work.signals.findings.of_signal(SignalId(ours.id)) if x.question.family == "phone"]
    decide(served, of_number.id, "WITHHOLD")
    page = officer.get(f"/ours/{ours.id}").text
    assert "<strong>Stays at home</strong>" in page
    assert "The register unit answered, person 1: Perhaps a protected person&#39;s – Withhold it" in page
    officer.get("/language/nl?next=/to-do")
    assert "<strong>Blijft in het eigen register</strong>" in officer.get(f"/ours/{ours.id}").text


def test_report_tells_nobody_but_the_unit_which_of_its_values_stand_with_a_protected_person_elsewhere(
    served: Pages, at: At
) -> None:
    """Else one report with a thousand numbers would tell whoever enters it which of them are victims'."""
    whose = Person()
    recorded(served, "AW-KPA", "police", subjects=[Person().named("VICTIM_POTENTIAL", whose.phone())], selectors=[])
    ours = recorded(served, subjects=[whose.as_("SUSPECT", whose.phone(), whose.phone(1))], selectors=[])
    for name in ("aw-officer", "aw-gate", "aw-unit"):
        page = at(name).get(f"/ours/{ours.id}").text
        persons = page.partition('id="persons"')[2].partition('id="holders"')[0]
        listed = persons.partition("<ul>")[2].partition("</ul>")[0]
        known = name == "aw-unit"
        assert ("Waits for the register unit" in listed) is known
        assert ("Also a victim&#39;s" in page) is known
        assert ("Asked of the register unit" in page) is known
        # Who reads for the whole country learns not even that something waits: a search of its own would tell the rest.
        assert ("Something here is not to be found by partners" in persons) is (name == "aw-officer")
        assert ("before the register unit has looked at it" in page) is (name != "aw-gate")


def test_letting_go_and_the_objection_stand_in_the_timeline_of_her_report_for_who_may_object(
    served: Pages, at: At
) -> None:
    finding, hers, there = let_go(served)
    officer = at("aw-officer")
    gone = "The register unit let go what protected somebody in it, or a value of theirs"
    assert gone in officer.get(f"/ours/{hers.id}").text
    send(officer, f"/let-go/{finding}", {"say": "object"})
    said = "Objected to what was let go: withheld again, and asked anew"
    for name, told in (("aw-officer", True), ("aw-unit", True), ("aw-gate", False)):
        page = at(name).get(f"/ours/{hers.id}").text
        assert (said in page) is told, name
        assert there.reference not in page
    assert said not in at("aw-unit").get(f"/ours/{there.id}").text
