"""The own register at the door: who sees what, forgery, hostile texts, somebody who was faster, what it costs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest

from register.domain.access.caller import Task, system
from register.domain.exchange.log import ORIGIN_RESTORED, LogHead
from register.domain.signals.referral import ReferralId
from register.domain.signals.signal import SignalId
from register.services.signals.answer_referrals import answer_referral
from register.services.signals.change_signal import refer_signal, withdraw_signal
from schemas.codes import Partition, ReferralState
from schemas.signals.changes import ReferIn, WithdrawIn
from schemas.signals.out import SignalOut
from schemas.signals.referral import AnswerIn
from sync.protocol.documents.stub import LogId
from tests.integration.web.conftest import At
from tests.integration.web.ours import CHANGES, hits, of_report, present, recorded, shown
from tests.integration.web.walk import Fields, answered, csrf, send
from tests.support.exchange.neighbours import Neighbours
from tests.support.web.pages import AW, CW, Browserless, Pages

HOSTILE = "\"><script>alert('x')</script><img src=x onerror=alert(1)>{{7777*7777}}"
SQL_A_PAGE = 6
PAGE_BYTES = 40_000
VICTIM = {
    "n": 2, "role": "VICTIM_PRESUMED", "kind": "person", "name": "Ana Ficticia", "nationality": "CO",
    "birth": {"year": 2001, "month": 5, "day": 3},
    "selectors": [{"type": "PASSPORT", "value": "ZZ0000017", "country": "CO"}],
}  # fmt: skip
SUSPECT = {
    "n": 1, "role": "SUSPECT", "kind": "person", "name": "Zeno Testman", "nationality": "NL",
    "birth": {"year": 1985}, "selectors": [{"type": "PHONE", "value": "+297 000 0142"}],
}  # fmt: skip


@pytest.fixture
def signal(served: Pages) -> SignalOut:
    """A report of the service in whose name `aw-officer` works."""
    return recorded(served)


@pytest.fixture
def unit(at: At) -> Browserless:
    return at("aw-unit")


def change(person: Browserless, signal: UUID, what: str, *, version: int = 1, **typed: str) -> str:
    """Send a form; return where it leads, or the page that came back."""
    answer = send(person, f"/ours/{signal}/{what}", {**CHANGES[what], "version": str(version), **typed})
    return str(answer.headers["location"]) if answer.status_code == 303 else answer.text


def paths(signal: UUID) -> list[str]:
    return ["/ours", "/hits", f"/ours/{signal}", *(f"/ours/{signal}/{what}" for what in CHANGES)]


# --- who sees what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "born", "warned"),
    [
        ("VICTIM_POTENTIAL", 1990, True),
        ("COMPANION", 2015, True),
        ("WITNESS", 1980, True),
        ("SUSPECT", 1976, False),
    ],
)
def test_referral_page_says_who_will_read_what_and_warns_of_a_protected_person(
    served: Pages, at: At, role: str, born: int, *, warned: bool
) -> None:
    subject = {"n": 1, "role": role, "kind": "person", "name": "Zeno Testman", "birth": {"year": born}}
    signal = recorded(served, subjects=[subject], selectors=[])
    page = at("aw-unit").get(f"/ours/{signal.id}/refer").text

    assert "reads the names, the numbers and the story of this report" in page
    assert ("A victim, a child or a witness is in this report." in page) is warned
    option = re.search(r'<option value="AW-JIUMM">([^<]*)</option>', page)
    assert option
    assert option[1].endswith(" – Information unit")


def test_list_shows_the_own_organisation_only_unless_the_reader_sees_the_country(
    served: Pages, at: At, signal: SignalOut
) -> None:
    theirs = recorded(served, "AW-SCHOOL", "aw-school")
    officer, school, unit = (at(name).get("/ours?sort=newest").text for name in ("aw-officer", "aw-school", "aw-unit"))

    assert signal.reference in officer
    assert theirs.reference not in officer
    assert theirs.reference in school
    assert signal.reference not in school
    assert {signal.reference, theirs.reference} <= set(re.findall(r"AW-\d{4}-\d+", unit))


def test_report_that_may_not_be_read_is_answered_like_one_that_is_not_there(at: At, signal: SignalOut) -> None:
    for name in ("aw-school", "aw-interpol", "aw-figures"):
        person = at(name)
        for path in paths(signal.id)[2:]:
            absent = path.replace(str(signal.id), str(uuid4()))
            hidden, missing = person.get(path), person.get(absent)
            assert (hidden.status_code, missing.status_code) == (404, 404), path
            assert strip(hidden.text) == strip(missing.text)
            assert signal.reference not in hidden.text


def strip(page: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "-", page)


def test_another_country_finds_nothing_of_it_on_any_page(at: At, signal: SignalOut) -> None:
    abroad = at("cw-officer", CW)

    assert signal.reference not in abroad.get("/ours").text
    for path in paths(signal.id)[2:]:
        assert abroad.get(path).status_code == 404, path
    for what, fields in CHANGES.items():
        answer = send(abroad, f"/ours/{signal.id}/{what}", {**fields, "version": "1"})
        assert answer.status_code == 404, what


def test_session_of_another_country_opens_nothing_here(served: Pages, at: At, signal: SignalOut) -> None:
    abroad = at("cw-officer", CW)
    here = at()
    here.cookies = {"__Host-rtr-aw": next(iter(abroad.cookies.values()))}

    for path in paths(signal.id):
        assert here.get(path).headers["location"].startswith("/signed-out/needed"), path
    assert present(served, signal.id).version == 1


def test_who_is_signed_in_nowhere_is_shown_nothing(at: At, signal: SignalOut) -> None:
    nobody = at()
    for path in paths(signal.id):
        assert nobody.get(path).headers["location"].startswith("/signed-out/needed"), path


@pytest.mark.parametrize(
    ("name", "listed", "hits"),
    [("aw-officer", 200, 403), ("aw-unit", 200, 200), ("aw-gate", 200, 403), ("aw-interpol", 403, 200),
     ("aw-figures", 403, 403), ("aw-contact", 200, 200), ("aw-reader", 200, 403)],
)  # fmt: skip
def test_navigation_leads_where_the_reader_may_go_and_nowhere_else(at: At, name: str, listed: int, hits: int) -> None:
    person = at(name)
    page = person.get("/").text

    assert (person.get("/ours").status_code, person.get("/hits").status_code) == (listed, hits)
    assert ('href="/ours"' in page, 'href="/hits"' in page) == (listed == 200, hits == 200)


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("aw-officer", {"withdraw"}),
        ("aw-reader", set()),
        ("aw-gate", {"approve", "lift"}),
        ("aw-unit", {"reclassify", "refer", "step", "confirm", "withdraw"}),
    ],
)
def test_buttons_are_those_that_the_service_behind_them_would_obey(
    served: Pages, at: At, name: str, may: set[str]
) -> None:
    organisation = "AW-CMMA" if name == "aw-reader" else "AW-DIMAS"
    person = at(name)
    for what, fields in CHANGES.items():
        # The prosecutor decides on what is marked for his decision.
        signal = recorded(served, organisation, single_approval=True)
        page = person.get(f"/ours/{signal.id}").text
        assert (f'href="/ours/{signal.id}/{what}"' in page) == (what in may), what
        opened = person.get(f"/ours/{signal.id}/{what}")
        assert opened.status_code == (200 if what in may else 403), what
        answer = send(person, f"/ours/{signal.id}/{what}", {**fields, "version": "1"})
        assert answer.status_code == (303 if what in may else 403), (what, answer.text)
        assert present(served, signal.id).version == (2 if what in may else 1), what


# --- one report ------------------------------------------------------------------------------------------------------


def test_report_shows_what_was_typed_and_the_reading_is_logged(served: Pages, officer: Browserless) -> None:
    signal = recorded(served, subjects=[SUSPECT, VICTIM], account="Behind the bar.\nEvery evening.")
    before = leaves(served, signal.id)
    page = officer.get(f"/ours/{signal.id}").text

    for text in ("Behind the bar.", "Zeno Testman", "+297 000 0142", "ZZ0000017", "2001-05-03", "Dakota", "A-99901"):
        assert text in page, text
    assert leaves(served, signal.id) == [*before, "signal.read"]


def leaves(served: Pages, signal: UUID) -> list[str]:
    query = "SELECT action FROM rtr.audit_leaf WHERE commitment->>'about' = %s ORDER BY at, id"
    with served[AW].register.database.transaction("auditor") as connection:
        return list(connection.exec_driver_sql(query, (str(signal),)).scalars())


def test_numbers_that_never_leave_are_said_to_stay_with_the_rule(served: Pages, officer: Browserless) -> None:
    signal = recorded(served, subjects=[SUSPECT, VICTIM])
    persons = officer.get(f"/ours/{signal.id}").text.partition('id="persons"')[2].partition("<h2")[0]
    suspect, victim = re.findall(r'<div class="person">(.*?)</div>', persons, flags=re.DOTALL)[:2]

    assert "Never shared, not even as a pseudonym" in victim
    assert "KEYS-1" in victim
    assert "Never shared" not in suspect


def test_report_tells_who_has_it_since_when_and_who_confirmed_that_it_is_gone(
    served: Pages, near: Neighbours, at: At
) -> None:
    signal, unit = recorded(served), at("aw-unit")

    def words() -> str:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", unit.get(f"/ours/{signal.id}").text))

    assert "This is a preview" in words()
    near.share()
    assert "Curaçao, Netherlands, Sint Maarten: may have the extract On its way since" in words()
    near.settle()
    page = words()
    assert "The edition does not name this legal basis among those whose records the country shares." in page
    assert (
        "one partner has it" in unit.get("/ours?sort=newest").text.partition(signal.reference)[2].partition("</li>")[0]
    )
    assert "Curaçao: may have the extract Received, by its receipt of" in page
    assert "Received by: Curaçao" in page
    change(unit, signal.id, "withdraw")
    near.share()
    assert "Taken back since" in words()
    near.settle()
    near.settle()
    page = words()
    assert "Curaçao: may have nothing Gone there, by its receipt of" in page
    assert "Confirmed to be gone by: Curaçao" in page
    assert "Netherlands, Sint Maarten: may have nothing Taken back since" in page
    assert "Due by" in page
    row = unit.get("/ours?sort=newest").text.partition(signal.reference)[2].partition("</li>")[0]
    assert "Withdrawn" in row
    assert "no partner has it" in row


def test_hit_from_abroad_stands_at_the_report_and_in_the_list_for_those_who_see_hits(
    served: Pages, near: Neighbours, at: At
) -> None:
    phone = {"type": "PHONE", "value": "+297 000 0555"}
    signal = recorded(served, subjects=[{**SUSPECT, "selectors": [phone]}], selectors=[])
    abroad = recorded(
        served, "CW-KPC", "cw-officer", place={"island": "CW", "location_type": "STREET"},
        subjects=[{**SUSPECT, "name": "Somebody Else", "birth": None, "nationality": None, "selectors": [phone]}],
        selectors=[],
    )  # fmt: skip
    near.settle()
    near.settle()

    unit, interpol = at("aw-unit"), at("aw-interpol")
    for page in (hits(unit), send(unit, "/hits", of_report(unit, signal.id)).text):
        assert abroad.reference in page
        assert "a phone number" in page
    found = hits(interpol)
    assert abroad.reference in found
    assert f"/ours/{signal.id}" not in found, "a link that would refuse him is none"
    for page in (unit.get("/hits").text, unit.get(f"/ours/{signal.id}").text):
        assert abroad.reference not in page, "without a ground nothing is shown"
    assert 'action="/hits"' not in at("aw-officer").get(f"/ours/{signal.id}").text


@pytest.mark.parametrize("name", ["aw-officer", "aw-unit"])
def test_page_of_a_report_is_the_same_to_the_byte_with_and_without_a_hit(
    served: Pages, near: Neighbours, at: At, name: str
) -> None:
    """A bait tells nothing: neither by its words nor by its length or status."""
    known, unknown = "+297 000 0571", "+297 000 0572"
    lone = {"birth": None, "nationality": None}
    recorded(
        served, "CW-KPC", "cw-officer", place={"island": "CW", "location_type": "STREET"},
        subjects=[{**SUSPECT, **lone, "name": "Somebody Else", "selectors": [{"type": "PHONE", "value": known}]}],
        selectors=[],
    )  # fmt: skip
    made = [
        recorded(served, subjects=[{**SUSPECT, "selectors": [{"type": "PHONE", "value": phone}]}], selectors=[])
        for phone in (known, unknown)
    ]
    near.settle()
    near.settle()
    person = at(name)
    answers = [person.get(f"/ours/{one.id}") for one in made]
    assert known.rsplit(maxsplit=1)[-1] in answers[0].text
    pages = [re.sub(r"000 ?057\d|AW-\d{4}-\d+|\d\d:\d\d", "-", strip(one.text)) for one in answers]
    assert pages[0] == pages[1]
    assert answers[0].status_code == answers[1].status_code
    assert len(answers[0].content) == len(answers[1].content)
    assert made[0].reference in hits(at("aw-interpol"))
    assert made[1].reference not in hits(at("aw-interpol"))


def test_who_has_asked_what_may_be_asked_in_a_day_reads_at_the_hits_when_there_is_more(
    served: Pages, unit: Browserless
) -> None:
    assert "This is not asked." not in hits(unit)
    database = served.world.settings.database
    spent = "UPDATE rtr.search_spent SET spent = %s WHERE budget = 'person'"
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        connection.execute(spent, (1_000_000,))
        try:
            page = hits(unit)
        finally:
            connection.execute(spent, (1,))
    assert "This is not asked." in page
    assert "You have looked up 1000000 of the 1000000 values that one person may look up in a day" in page
    assert "tomorrow from 00:00" in page
    assert "Look from the page of each report" in page
    assert 'value="Z-2026-04"' in page, "what was typed is still there"


def test_what_is_still_to_be_looked_at_is_said_at_the_hits(served: Pages, at: At) -> None:
    interpol = at("aw-interpol")
    assert "Not all is shown yet" not in hits(interpol)
    database = served.world.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO rtr.loose_value (country, actor, signal_id, day, unanswered) "
            "SELECT country, name, gen_random_uuid(), day, 9000000 FROM rtr.search_spent WHERE budget = 'person'"
        )
        try:
            page = hits(interpol)
        finally:
            connection.execute("DELETE FROM rtr.loose_value WHERE unanswered > 1000000")
            connection.execute("UPDATE rtr.search_spent SET spent = 1")
    assert "Not all is shown yet: " in page
    assert "look from the page of each report" in page
    assert "Nothing that may be shown" not in page


def test_hits_are_asked_for_with_a_ground_and_faults_are_said(unit: Browserless, signal: SignalOut) -> None:
    page = send(unit, "/hits", {"signal": str(signal.id), "case": HOSTILE}).text
    for fault in ("Choose for what you ask.", "Choose on what ground you ask."):
        assert fault in page
    assert f'name="signal" value="{signal.id}"' in page
    assert shown(HOSTILE)[:60] in page
    assert send(unit, "/hits", {"signal": "no id"}).status_code == 422


def test_hits_name_the_purpose_asked_for_and_tick_a_ground_that_is_the_only_one(at: At, signal: SignalOut) -> None:
    for person, ticked in (("aw-unit", False), ("aw-contact", True)):
        page = at(person).get("/hits").text
        assert "<dt>Purpose</dt><dd>Coordinate</dd>" in page
        bases = re.findall(r'<input[^>]*name="legal_basis"[^>]*>', page)
        assert (len(bases) == 1, any("checked" in one for one in bases)) == (ticked, ticked), bases
    shown_of_unit = send(at("aw-unit"), "/hits", of_report(at("aw-unit"), signal.id)).text
    assert "<dt>Purpose</dt><dd>Coordinate</dd>" in shown_of_unit


def test_hit_on_a_blind_report_shows_to_the_register_unit_only(served: Pages, near: Neighbours, at: At) -> None:
    phone = {"type": "PHONE", "value": "+297 000 0556"}
    signal = recorded(served, subjects=[{**SUSPECT, "selectors": [phone]}], selectors=[], visibility="V3")
    abroad = recorded(
        served, "CW-KPC", "cw-officer", place={"island": "CW", "location_type": "STREET"},
        subjects=[{**SUSPECT, "name": "Somebody Else", "birth": None, "nationality": None, "selectors": [phone]}],
        selectors=[],
    )  # fmt: skip
    near.settle()
    near.settle()

    assert abroad.reference in hits(at("aw-unit"))
    assert abroad.reference not in hits(at("aw-interpol"))
    assert signal.reference not in hits(at("aw-interpol"))


# --- the list --------------------------------------------------------------------------------------------------------


def test_list_is_narrowed_by_codes_and_days_that_stand_in_its_address(served: Pages, at: At) -> None:
    person = at("aw-school")
    old = recorded(served, "AW-SCHOOL", "aw-school", received_on="2024-02-01", period={"from": "2024-02-01"})
    urgent = recorded(served, "AW-SCHOOL", "aw-school", urgency="NOW", signal_type="HT")

    def found(query: str) -> set[str]:
        return set(re.findall(r"AW-\d{4}-\d+", person.get(f"/ours?sort=newest&{query}").text))

    assert old.reference in found("received_to=2024-02-01&kind=&state=")
    assert urgent.reference not in found("received_to=2024-02-01")
    assert found("urgency=NOW&type_assessed=HT&received_from=2025-01-01") == {urgent.reference}
    assert old.reference not in found("received_from=2024-02-02")
    assert found("state=CLOSED") == set()
    assert old.reference in found("kind=%3Cscript%3E&organisation=AW-NOBODY"), "a code of no list narrows nothing"


def test_narrowing_by_another_organisation_opens_nothing_of_it(at: At, signal: SignalOut) -> None:
    assert signal.reference not in at("aw-school").get("/ours?organisation=AW-DIMAS").text
    assert signal.reference in at("aw-unit").get("/ours?organisation=AW-DIMAS&sort=newest").text


@pytest.mark.parametrize(
    ("query", "field"),
    [("received_from=2999-01-01", "received_from"), ("received_to=x", "received_to"),
     ("received_from=2024-02-02&received_to=2024-02-01", "received_to")],
)  # fmt: skip
def test_day_that_cannot_be_is_a_fault_that_leads_to_its_field(unit: Browserless, query: str, field: str) -> None:
    page = unit.get(f"/ours?{query}").text

    assert f'href="#{field}"' in page
    assert 'class="cards"' not in page


def test_list_goes_on_page_by_page_and_shows_each_report_once(served: Pages, at: At) -> None:
    person = at("aw-school")
    made = {recorded(served, "AW-SCHOOL", "aw-school", source="SCHOOL").reference for _ in range(27)}
    seen: list[str] = []
    address: str | None = "/ours?source=SCHOOL"
    while address:
        page = person.get(address).text
        seen += re.findall(r'href="/ours/[0-9a-f-]+">(AW-\d{4}-\d+)', page)
        following = re.search(r'<a href="(/ours\?[^"]*cursor=[^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else None
    assert made <= set(seen)
    assert len(seen) == len(set(seen))
    assert "source=SCHOOL" not in seen


def test_empty_list_says_what_to_do(at: At) -> None:
    page = at("aw-gate")  # the prosecutor sees the country, which is not empty
    assert "Nothing has been registered" not in page.get("/ours").text
    narrow = page.get("/ours?state=CLOSED&island=AW").text
    assert "No report fits" in narrow


# --- changes ---------------------------------------------------------------------------------------------------------


def test_change_leads_back_to_the_report_which_says_what_was_done(served: Pages, unit: Browserless, at: At) -> None:
    said = {
        "reclassify": "The report is reclassified.",
        "refer": "The report is referred.",
        "step": "The report is moved on.",
        "confirm": "The report is confirmed.",
        "withdraw": "The report is withdrawn.",
    }
    signal = recorded(served)
    for version, (what, words) in enumerate(said.items(), start=1):
        address = change(unit, signal.id, what, version=version)
        assert address == f"/ours/{signal.id}?done={what}", address
        page = unit.get(address).text
        assert words in page, what
        assert CHANGES[what].get("reason", "") in page
        # A link from elsewhere cannot make the page say that something was done that was not, or by somebody else.
        assert words not in unit.get(f"/ours/{signal.id}?done=approve").text
        assert words not in at("aw-contact").get(address).text
    offered = re.findall(rf'href="/ours/{signal.id}/([a-z]+)"', unit.get(f"/ours/{signal.id}").text)
    assert offered == ["protection"], "to be read; nothing of it changes any more"


def test_what_is_typed_wrong_leads_to_its_field_and_is_kept(unit: Browserless, signal: SignalOut) -> None:
    for what, field, typed in (
        ("reclassify", "signal_type", {"signal_type": ""}),
        ("reclassify", "signal_type", {"signal_type": "MS"}),  # as it is already
        ("reclassify", "reason", {"reason": " "}),
        ("reclassify", "reason", {"reason": "x" * 1_001}),
        ("refer", "kind", {"kind": "holiday"}),
        ("refer", "to", {"to": "AW-NOBODY"}),
        ("refer", "to", {"to": "CW-KPC"}),
        ("refer", "note", {"note": "a\x00b"}),
        ("step", "state", {"state": "RECEIVED"}),
        ("withdraw", "code", {"code": "expired"}),
        ("withdraw", "reason", {"reason": ""}),
        ("confirm", "reason", {"reason": ""}),
    ):
        page = change(unit, signal.id, what, version=1, **typed)
        assert re.findall(r'<a href="#(\w+)"', page.partition('id="summary-title"')[2])[:1] == [field], (what, typed)
        kept = CHANGES[what].get("reason") if field != "reason" else None
        assert kept is None or kept in page, what


def test_change_on_a_version_that_is_no_more_says_who_did_what_and_keeps_what_was_typed(
    served: Pages, unit: Browserless, signal: SignalOut
) -> None:
    other = served.world.caller("AW-CMMA", Task.REGISTER, actor="aw-contact")
    refer_signal(served[AW].register, other, SignalId(signal.id), ReferIn(kind="investigation", to="AW-KPA"), version=1)
    page = change(unit, signal.id, "reclassify", reason="It was told on the phone.")

    assert "Somebody changed this report meanwhile" in page
    assert "Referred to Police of Aruba (KPA)" in page
    assert "by aw-contact" in page
    assert "It was told on the phone." in page
    assert 'name="version" value="2"' in page
    assert re.search(r'value="HT_MS"[^>]* checked', page)
    assert present(served, signal.id).type_assessed == "MS"
    assert change(unit, signal.id, "reclassify", version=2).endswith("?done=reclassify")


def test_answer_to_a_referral_is_no_change_that_stands_between(
    served: Pages, unit: Browserless, signal: SignalOut
) -> None:
    """It raises no version, so it must not push the change that did out of what is told."""
    register, by = served[AW].register, served.world.caller("AW-JIUMM", Task.REGISTER, actor="aw-contact")
    whole = refer_signal(register, by, SignalId(signal.id), ReferIn(kind="investigation", to="AW-KPA"), version=1)
    answer = AnswerIn(state=ReferralState.ACCEPTED, on=register.today())
    answer_referral(register, by, ReferralId(whole.referrals[0].id), answer, version=1)
    page = change(unit, signal.id, "reclassify", version=1)

    assert "Referred to Police of Aruba (KPA)" in page
    assert "Answer of" not in page
    assert "Answer of Police of Aruba (KPA) to a referral" in unit.get(f"/ours/{signal.id}").text


@pytest.mark.parametrize("version", ["", "0", "-1", "999999999999", "1;drop", "²", HOSTILE])
def test_version_that_was_never_given_out_changes_nothing(
    served: Pages, unit: Browserless, signal: SignalOut, version: str
) -> None:
    answer = send(unit, f"/ours/{signal.id}/confirm", {**CHANGES["confirm"], "version": version})

    assert "Somebody changed this report meanwhile" in answer.text
    assert present(served, signal.id).version == 1


def test_urgent_report_that_was_withdrawn_can_still_be_read(unit: Browserless, served: Pages) -> None:
    urgent = recorded(served, urgency="NOW")
    assert "Call 911 first" in unit.get(f"/ours/{urgent.id}").text
    address = change(unit, urgent.id, "withdraw")
    page = unit.get(address)

    assert (page.status_code, "Call 911 first" in page.text) == (200, False)
    assert "each partner that had its extract confirms" in page.text


def test_what_was_typed_about_a_report_that_is_withdrawn_meanwhile_is_shown_again(
    served: Pages, unit: Browserless, signal: SignalOut
) -> None:
    owner = served.world.caller("AW-DIMAS", Task.SUBMIT, actor="aw-officer")
    why = WithdrawIn.model_validate({"code": "withdrawn", "reason": "Wrong man."})
    withdraw_signal(served[AW].register, owner, SignalId(signal.id), why, version=1)

    page = change(unit, signal.id, "reclassify", reason="It was told on the phone.")
    assert "This report was withdrawn" in page
    assert "It was told on the phone." in page
    assert "This report was withdrawn" in unit.get(f"/ours/{signal.id}/refer").text


def test_what_was_typed_when_the_session_ended_is_kept_and_nothing_is_done(
    served: Pages, at: At, signal: SignalOut
) -> None:
    person = at("aw-unit")
    token = csrf(person)
    served.clock.move(1_000)
    fields: Fields = {"csrf": token, **CHANGES["withdraw"], "version": "1"}
    way = str(person.post(f"/ours/{signal.id}/withdraw", fields).headers["location"])

    assert signal.reference not in person.get(way).text
    assert present(served, signal.id).version == 1
    held = way.partition("=")[2]
    person.sign_in("aw-unit", then=held)
    page = person.get(held).text
    assert CHANGES["withdraw"]["reason"] in page
    assert f'<form method="post" action="/ours/{signal.id}/withdraw">' in page
    assert present(served, signal.id).version == 1, "signing in does nothing by itself"


def test_no_form_is_taken_without_the_token_of_its_session_or_from_another_site(
    served: Pages, unit: Browserless, at: At, signal: SignalOut
) -> None:
    others, own = csrf(at("aw-contact")), csrf(unit)
    for what, fields in CHANGES.items():
        path, whole = f"/ours/{signal.id}/{what}", {**fields, "version": "1"}
        for answer in (
            unit.post(path, {**whole, "csrf": ""}),
            unit.post(path, {**whole, "csrf": others}),
            unit.post(path, {**whole, "csrf": own}, sec_fetch_site="cross-site"),
            unit.post(path, {**whole, "csrf": own}, origin="https://evil.example", sec_fetch_site=""),
        ):
            assert answer.status_code == 403, what
            assert "This form was not taken" in answer.text
    assert present(served, signal.id).version == 1


def test_nothing_is_changed_by_asking_for_a_page(served: Pages, unit: Browserless, signal: SignalOut) -> None:
    for path in paths(signal.id):
        unit.get(path + "?version=1&reason=x&code=withdrawn&kind=assistance&to=AW-VICTIM&state=ASSESSED&signal_type=HT")
    assert present(served, signal.id).version == 1


# --- what comes out --------------------------------------------------------------------------------------------------


def test_hostile_text_comes_out_as_text_wherever_it_was_typed(served: Pages, unit: Browserless) -> None:
    hostile = {**SUSPECT, "name": HOSTILE, "selectors": [
        {"type": "SOCIAL_HANDLE", "platform": "OTHER", "value": "Grindr <i>name"}]}  # fmt: skip
    signal = recorded(
        served, account=HOSTILE, subjects=[hostile],
        place={"island": "AW", "location_type": "STREET", "locality": HOSTILE},
    )  # fmt: skip
    pages = [unit.get(f"/ours/{signal.id}").text]
    for what, fields in CHANGES.items():
        if what not in {"approve", "lift"}:
            pages.append(change(unit, signal.id, what, version=99, **dict.fromkeys(fields, HOSTILE)))
    assert change(unit, signal.id, "reclassify", reason=HOSTILE).endswith("?done=reclassify")
    assert change(unit, signal.id, "refer", version=2, note=HOSTILE).endswith("?done=refer")
    pages += [unit.get(path).text for path in paths(signal.id) if not path.endswith(("approve", "lift"))]
    pages += [
        unit.get(f"/ours?type_assessed={HOSTILE}&received_from={HOSTILE}&organisation={HOSTILE}").text,
        unit.get(f"/ours/{signal.id}?done={HOSTILE[:20]}").text,
        unit.get("/ours/<script>").text,
        unit.get(f"/ours/{signal.id}/<script>").text,
        hits(unit, cursor="<script>"),
        hits(unit, case=HOSTILE),
    ]

    whole = "\n".join(pages)
    assert shown(HOSTILE) in whole
    for raw in ("<script", "<img", "<i>", "onerror=alert(1)>"):
        assert raw not in whole
    assert str(7777 * 7777) not in whole


def test_addresses_and_titles_hold_nothing_of_the_case(served: Pages, unit: Browserless) -> None:
    signal = recorded(served, subjects=[SUSPECT], account="Seen in a red van.")
    change(unit, signal.id, "refer")
    for path in paths(signal.id)[:-2]:
        page = unit.get(path).text
        addresses = " ".join(re.findall(r'(?:href|action)="([^"]*)"', page))
        title = re.findall(r"<title>(.*?)</title>", page)
        for word in ("Testman", "Zeno", "Dakota", "red van", "000 0142", "night desk"):
            assert word not in addresses, path
            assert word not in " ".join(title), path
        assert "AW-2" not in addresses


def test_no_browser_is_asked_to_remember_or_to_keep_anything(unit: Browserless, signal: SignalOut) -> None:
    for path in paths(signal.id):
        answer = unit.get(path)
        assert answer.headers["cache-control"] == "no-store", path
        assert "default-src 'none'" in answer.headers["content-security-policy"], path
        assert " style=" not in answer.text, path
        fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", answer.text)
        asked = [field for field in fields if 'type="hidden"' not in field]
        assert all('autocomplete="off"' in field for field in asked), path


@pytest.mark.parametrize("cursor", ["x", "é", "AAAA", "%00", "=" * 22])
def test_cursor_that_no_list_gave_is_a_page_that_says_so(unit: Browserless, cursor: str) -> None:
    assert unit.get(f"/ours?cursor={cursor}").status_code == 422
    assert "This could not be done" in hits(unit, cursor=cursor)


@pytest.fixture
def stopped(served: Pages) -> Iterator[None]:
    """The log for Curaçao is stopped while the test lasts."""
    start = LogId(AW, CW).start()
    with served.world[AW].work(system(AW, "worker")) as work:
        work.exchange.log.begin(CW, LogHead(1, start.seq, start.hash))
        work.exchange.log.stop(CW, 1, ORIGIN_RESTORED)
    yield
    with served.world[AW].work(system(AW, "worker")) as work:
        work.exchange.log.go_on(CW, 1)


@pytest.mark.usefixtures("stopped")
def test_report_says_whom_nobody_tells_what_is_decided_here_and_to_telephone(
    unit: Browserless, signal: SignalOut
) -> None:
    page = unit.get(f"/ours/{signal.id}").text
    assert "These cannot be told now: Curaçao." in page
    assert "Telephone the register unit there if it has to know." in page
    assert page.count("It cannot be told now, since") == 1
    change(unit, signal.id, "withdraw")
    page = unit.get(f"/ours/{signal.id}").text
    assert "It was taken back here, and these cannot be told now: Curaçao." in page
    assert "it may have the extract, and shows it still" in page


def test_no_page_asks_the_database_more_than_six_times(
    served: Pages, near: Neighbours, unit: Browserless, at: At
) -> None:
    signal = recorded(served, subjects=[SUSPECT, VICTIM])
    for version, what in enumerate(("reclassify", "refer", "step"), start=1):
        change(unit, signal.id, what, version=version)
    near.settle()
    said: dict[str, int] = {}
    for person in (unit, at("aw-officer"), at("aw-gate")):
        for path in (*paths(signal.id), "/ours?type_assessed=HT_MS"):
            served[AW].statements.count = 0
            if person.get(path).status_code == 200:
                said[path] = max(served[AW].statements.count, said.get(path, 0))
    assert set(said) == {*paths(signal.id), "/ours?type_assessed=HT_MS"}
    assert max(said.values()) <= SQL_A_PAGE, said
    assert min(said.values()) > 0


def test_no_page_with_all_that_it_loads_is_larger_than_forty_kilobytes(
    served: Pages, near: Neighbours, unit: Browserless
) -> None:
    many = [
        {
            **SUSPECT,
            "n": n,
            "name": f"Person Number {'I' * n}",
            "selectors": [{"type": "PHONE", "value": f"+297 000 {n:04}"}],
        }
        for n in range(1, 13)
    ]
    signal = recorded(served, subjects=many, account="word " * 1_000)
    for version in range(1, 30):
        change(unit, signal.id, "refer", version=version)
    near.settle()
    for path in paths(signal.id):
        if (page := unit.get(path)).status_code == 200:
            loaded = set(re.findall(r'href="(/static/[^"]+)"', page.text))
            assert len(loaded) == 2, path
            size = len(page.content) + sum(len(unit.get(one).content) for one in loaded)
            assert size < PAGE_BYTES, (path, size)


def test_whole_pages_speak_dutch(served: Pages, near: Neighbours, at: At) -> None:
    unit = at("aw-unit")
    signal = recorded(served)
    change(unit, signal.id, "reclassify")
    near.settle()
    unit.get("/language/nl?next=/ours")
    english = ("Our register", "Who has it", "Received", "Registered", "Reclass", "Refer", "Why", "Choose", "Narrow",
               "The ", "Nothing", "partner has")  # fmt: skip
    for path in paths(signal.id):
        if (page := unit.get(path)).status_code == 200:
            body = re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2].partition("</main>")[0])
            body = body.replace(CHANGES["reclassify"]["reason"], "")
            assert [word for word in english if word in body] == [], path
            assert '<html lang="nl">' in page.text


def test_report_form_ends_with_a_way_to_the_report(officer: Browserless) -> None:
    draft = answered(officer)
    send(officer, f"{draft}/check", {})
    address = re.search(r'href="(/ours/[0-9a-f-]{36})"', officer.get(f"{draft}/done").text)

    assert address
    assert officer.get(address[1]).status_code == 200
    assert Partition.AW in officer.get(address[1]).text


def test_erasing_is_offered_to_the_unit_that_had_no_hand_in_it_and_leaves_a_page_that_says_so(
    served: Pages, at: At
) -> None:
    signal, unit, officer = recorded(served), at("aw-unit"), at("aw-officer")
    erased = 'value="erased"'
    assert erased in unit.get(f"/ours/{signal.id}/withdraw").text
    of_officer = officer.get(f"/ours/{signal.id}/withdraw").text
    assert erased not in of_officer
    assert "Somebody of the register unit who neither recorded nor changed it erases it" in of_officer
    change(unit, signal.id, "withdraw", code="erased", reason="The court has ordered it.")
    page = unit.get(f"/ours/{signal.id}")
    assert page.status_code == 200
    assert "This report was erased" in page.text
    assert "Pruebo" not in page.text
    assert officer.get(f"/ours/{signal.id}").text.count("This report was erased") > 0
