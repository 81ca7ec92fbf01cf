"""A report that was not sent yet, in two windows at once: nothing of the newer is lost, and nobody takes a place."""

from __future__ import annotations

import html
import re

import pytest

from register.domain.access.caller import Task
from register.domain.signals.signal import ChangedMeanwhile
from register.services.signals.keep_draft import REPORT, begin_draft, claim_draft, keep_draft
from schemas.signals.signal import SignalIn
from tests.integration.web.conftest import At
from tests.integration.web.signals.reporting.test_forms import reader_of_all
from tests.integration.web.walk import ANSWERS, Fields, answered, begin, csrf, entries, send, version
from tests.support.web.pages import AW, Browserless, Pages

SUSPECT: Fields = {"role": "SUSPECT", "name": "Osmund Calrick", "year": "1979", "month": "", "day": "", "minor": ""}
VICTIM: Fields = {"role": "VICTIM_POTENTIAL", "name": "Muestra Inventada"}
CHANGED = "This report was changed in another window meanwhile"


def opened(person: Browserless, draft: str) -> Fields:
    """What the forms of a page carry that is opened now, in one window, and sent later."""
    return {"csrf": csrf(person), "version": version(person, draft)}


def two_persons(officer: Browserless) -> tuple[str, str, str]:
    """A draft with a suspect and a victim, each with a phone, and her passport: its path, and the two."""
    draft = begin(officer)
    for step, fields in ANSWERS.items():
        send(officer, f"{draft}/{step}", fields)
    send(officer, f"{draft}/known/person", SUSPECT)
    send(officer, f"{draft}/known/person", VICTIM)
    suspect, victim = entries(officer, draft)
    send(officer, f"{draft}/known/phone", {"number": "+297 560 7601", "owner": suspect})
    send(officer, f"{draft}/known/phone", {"number": "+58 412 555 7701", "owner": victim})
    passport: Fields = {"document_type": "PASSPORT", "number": "ZZ0000017", "country": "VE", "use": "OWN"}
    send(officer, f"{draft}/known/document", {**passport, "owner": victim})
    return draft, suspect, victim


def sent_form(served: Pages, officer: Browserless, draft: str) -> SignalIn:
    """Send the draft; what is registered."""
    send(officer, f"{draft}/known", {"then": "all"})
    assert send(officer, f"{draft}/check", {}).headers["location"] == f"{draft}/done"
    with served[AW].register.work(reader_of_all()) as work:
        newest = work.signals.reports.summaries(organisation=None, before=None, limit=1, filters={})[0]
        return work.signals.reports.get(newest["id"]).form


def off(officer: Browserless, draft: str, person: str, becomes: str = "gone") -> None:
    """Take a person off, with what becomes of all that is theirs."""
    page = send(officer, f"{draft}/known", {"remove": person})
    if page.status_code == 200:
        said: Fields = dict.fromkeys(re.findall(r'<select id="(things-[^"]+)"', page.text), becomes)
        assert send(officer, f"{draft}/known", {"remove": person, **said}).status_code == 303


def test_a_person_who_is_changed_in_an_old_window_never_takes_the_place_of_another(
    served: Pages, officer: Browserless
) -> None:
    """The victim moved up to the suspect's place, and her phone went to four countries as his."""
    draft, suspect, _ = two_persons(officer)
    old = opened(officer, draft)
    off(officer, draft, suspect)
    late = officer.post(f"{draft}/known/person/{suspect}", {**old, **SUSPECT, "year": "1980"})

    assert late.status_code == 200
    assert CHANGED in late.text
    assert "Osmund Calrick\n1980" in late.text, "what was typed comes back"
    assert "Muestra Inventada" in late.text, "and the page says what there is"
    form = sent_form(served, officer, draft)
    assert [(s.role, s.name) for s in form.subjects] == [("VICTIM_POTENTIAL", "Muestra Inventada")]
    assert [one.value for one in form.subjects[0].selectors] == ["+58 412 555 7701", "ZZ0000017"]


def test_a_thing_of_somebody_who_was_taken_off_goes_to_nobody_who_has_the_number_now(
    served: Pages, officer: Browserless
) -> None:
    draft, suspect, victim = two_persons(officer)
    old = opened(officer, draft)
    off(officer, draft, suspect)
    off(officer, draft, victim)
    send(officer, f"{draft}/known/person", VICTIM)
    send(officer, f"{draft}/known/person", SUSPECT)
    late = officer.post(f"{draft}/known/phone", {**old, "number": "+58 412 555 7702", "owner": victim})

    assert CHANGED in late.text
    assert 'value="+58 412 555 7702"' in late.text
    assert "selected" not in re.findall(r'<select id="owner".*?</select>', late.text, re.DOTALL)[0]
    assert not set(entries(officer, draft)) & {suspect, victim}, "no id comes again"
    again = officer.post(f"{draft}/known/phone", {**opened(officer, draft), "number": "+58 412", "owner": victim})
    assert "Choose a person whom you have added, or nobody." in again.text
    assert [len(s.selectors) for s in sent_form(served, officer, draft).subjects] == [0, 0]


def test_an_old_remove_takes_off_nobody_else(officer: Browserless) -> None:
    draft, suspect, victim = two_persons(officer)
    phone = entries(officer, draft)[2]
    old = opened(officer, draft)
    send(officer, f"{draft}/known", {"remove": phone})
    before = entries(officer, draft)

    assert officer.post(f"{draft}/known", {**old, "remove": phone}).status_code == 303, "it is gone already"
    assert CHANGED in officer.post(f"{draft}/known", {**old, "remove": before[2]}).text
    assert entries(officer, draft) == before
    asked = officer.post(f"{draft}/known", {**old, "remove": victim})
    assert CHANGED in asked.text
    assert "+58 412 555 7701" in asked.text, "asked, as it is now"
    assert entries(officer, draft) == before
    assert suspect in before


@pytest.mark.parametrize(
    ("step", "newer", "older", "comes_back"),
    [
        ("what", {"account": "The newer story."}, {"account": "The older story."}, ["The older story."]),
        (
            "when",
            {**ANSWERS["when"], "locality": "Newer"},
            {**ANSWERS["when"], "locality": "Older", "location_type": "BAR_CLUB"},
            ["Older", "Bar or club"],
        ),
        ("type", {"signal_type": "HT"}, {"signal_type": "MS"}, ["Migrant smuggling"]),
        ("source", {**ANSWERS["source"], "source": "VICTIM"}, {**ANSWERS["source"], "channel": "EMAIL"}, ["E-mail"]),
        ("urgency", {"urgency": "DAY"}, {"urgency": "NOW"}, ["Now"]),
        ("aid", {"acts": ["RECRUIT"]}, {"acts": ["TRANSPORT"]}, ["Transport"]),
    ],
)
def test_an_older_page_overwrites_no_newer_answer_and_comes_back(
    officer: Browserless, step: str, newer: Fields, older: Fields, comes_back: list[str]
) -> None:
    draft = answered(officer)
    old = opened(officer, draft)
    send(officer, f"{draft}/{step}", newer)
    now = version(officer, draft)
    late = officer.post(f"{draft}/{step}", {**old, **older})

    assert late.status_code == 200
    assert CHANGED in late.text
    back = re.search(r'<textarea id="written"[^>]*>(.*?)</textarea>', late.text, re.DOTALL)
    assert back
    for words in comes_back:
        assert words in back[1]
    assert version(officer, draft) == now
    assert f'name="version" value="{now}"' in late.text, "what is sent from the page as it is now is taken"


def test_a_form_that_is_sent_twice_is_no_change_by_somebody_else(officer: Browserless) -> None:
    draft = begin(officer)
    page, phone = opened(officer, draft), {"number": "+297 560 0142", "owner": ""}
    for _ in range(2):
        assert officer.post(f"{draft}/what", {**page, **ANSWERS["what"]}).headers["location"] == f"{draft}/when"
    page = opened(officer, draft)
    for _ in range(2):
        assert officer.post(f"{draft}/known/phone", {**page, **phone}).headers["location"] == f"{draft}/known"
    assert len(entries(officer, draft)) == 1


def test_what_is_sent_or_thrown_away_is_what_was_looked_at(officer: Browserless) -> None:
    draft = answered(officer)
    looked_at = opened(officer, draft)
    send(officer, f"{draft}/what", {"account": "Told otherwise since."})

    for end in ("check", "drop"):
        late = officer.post(f"{draft}/{end}", looked_at)
        assert CHANGED in late.text, end
        assert "Told otherwise since." in late.text, end
    assert officer.get(draft).headers["location"] == f"{draft}/check", "neither sent nor gone"


def test_what_another_window_sends_while_the_report_is_registered_is_not_kept_to_be_destroyed(served: Pages) -> None:
    register, caller = served[AW].register, served.world.caller("AW-DIMAS", Task.SUBMIT)
    draft = begin_draft(register, caller, REPORT, {"what": {"account": "As it was looked at."}})
    claimed = claim_draft(register, caller, draft, version=1)
    assert claimed.content["what"] == {"account": "As it was looked at."}
    with pytest.raises(ChangedMeanwhile):
        keep_draft(register, caller, draft, lambda kept: {**kept, "what": {"account": "Newer."}}, version=1)
    assert claim_draft(register, caller, draft, version=1) == claimed, "pressed twice, or again after a failure"
    keep_draft(register, caller, draft, lambda kept: {**kept, "what": {"account": "Newer."}}, version=2)
    for old in (1, 2):
        with pytest.raises(ChangedMeanwhile):
            claim_draft(register, caller, draft, version=old)


@pytest.mark.parametrize("made_of", [{}, {"version": "x"}, {"version": "0"}, {"version": "-1"}, {"version": "9" * 30}])
def test_a_form_that_does_not_say_of_which_version_it_is_changes_nothing(
    officer: Browserless, made_of: dict[str, str]
) -> None:
    draft = begin(officer)
    late = officer.post(f"{draft}/what", {"csrf": csrf(officer), "account": "Of no version.", **made_of})
    assert CHANGED in late.text
    assert "Of no version." not in officer.get(f"{draft}/what").text


def test_an_old_page_of_a_session_gone_idle_comes_back_and_overwrites_nothing(served: Pages, at: At) -> None:
    person = at("aw-officer")
    draft = begin(person)
    old = opened(person, draft)
    send(person, f"{draft}/what", {"account": "The newer story."})
    served.clock.move(1_000)
    late = person.post(f"{draft}/what", {**old, "account": "The older story."})

    assert "You were signed out" in late.text
    assert "The older story." in late.text
    assert "The newer story." not in late.text, "nothing is shown to whoever sits there"
    back = person.sign_in("aw-officer", then=f"{draft}/what")
    assert "The newer story." in person.get(back.headers["location"]).text


def test_what_is_typed_for_a_draft_that_is_sent_or_thrown_away_meanwhile_comes_back(officer: Browserless) -> None:
    """It said that there is no such page, and the text was lost."""
    for end in ("check", "drop"):
        draft = answered(officer)
        old = opened(officer, draft)
        assert send(officer, f"{draft}/{end}", {}).status_code == 303
        late = officer.post(f"{draft}/what", {**old, "account": "Typed for a quarter of an hour."})
        assert late.status_code in {404, 409}, end
        assert "Typed for a quarter of an hour." in late.text, end
        assert "cannot be changed here any more: it was sent, withdrawn, thrown away" in late.text, end


def test_throwing_away_is_asked_first_and_names_what_is_lost(officer: Browserless) -> None:
    draft, _, _ = two_persons(officer)
    home = officer.get("/").text
    assert f'action="{draft}/drop"' not in home, "nothing is thrown away by one press"
    line = re.search(rf'<a href="{draft}">.*?</li>', home, re.DOTALL)
    assert line
    for words in ("Cannot yet be told", "Suspect", "Potential victim", "Seen twice at the bus stop."):
        assert words in line[0]
    page = officer.get(f"{draft}/drop").text
    for words in ("Seen twice at the bus stop.", "Osmund Calrick", "Muestra Inventada", "+58 412 555 7701"):
        assert words in page
    assert officer.get(draft).status_code == 303, "still there"
    assert send(officer, f"{draft}/drop", {}).headers["location"] == "/"
    assert officer.get(draft).status_code == 404


def test_the_list_of_what_is_known_says_whose_each_thing_is(officer: Browserless) -> None:
    draft, _, _ = two_persons(officer)
    send(officer, f"{draft}/known/phone", {"number": "+297 560 9999", "owner": ""})
    shown = " ".join(re.sub(r"<[^>]+>", " ", officer.get(f"{draft}/known").text).split())
    assert "Phone +58 412 555 7701 (Whose is it? 2. Potential victim, Muestra Inventada)" in shown
    assert "Phone +297 560 9999 (Whose is it? Not known)" in shown
    send(officer, f"{draft}/known", {"then": "all"})
    check = " ".join(re.sub(r"<[^>]+>", " ", officer.get(f"{draft}/check").text).split())
    assert "+297 560 9999 (Whose is it? Not known)" in check


def test_each_thing_of_a_person_taken_off_has_its_own_answer(served: Pages, officer: Browserless) -> None:
    draft, suspect, victim = two_persons(officer)
    page = send(officer, f"{draft}/known", {"remove": victim}).text
    phone, passport = re.findall(r'<select id="(things-[^"]+)"', page)
    one = send(officer, f"{draft}/known", {"remove": victim, phone: suspect, passport: ""})
    assert "Choose one of these." in one.text
    assert f'<option value="{suspect}" selected' in one.text, "what was answered stays"
    assert send(officer, f"{draft}/known", {"remove": victim, phone: suspect, passport: "open"}).status_code == 303
    form = sent_form(served, officer, draft)
    assert [x.value for x in form.subjects[0].selectors] == ["+297 560 7601", "+58 412 555 7701"]
    assert [(x.value, x.of_nobody, x.of_reporter) for x in form.selectors] == [("ZZ0000017", False, False)]


def test_an_odd_day_is_taken_after_a_yes_on_the_page_and_asked_again_where_another_page_makes_it_odd(
    officer: Browserless,
) -> None:
    draft = answered(officer)
    when = {**ANSWERS["when"], "from": "1926-01-05"}
    asked = send(officer, f"{draft}/when", when)
    assert "5 January 1926 is more than 10 years ago. Is the year right?" in asked.text
    box = re.search(r'<input type="checkbox" id="sure_long" name="sure_long" value="([^"]+)"', asked.text)
    assert box
    assert send(officer, f"{draft}/when", {**when, "sure_long": box[1]}).status_code == 303
    assert f'type="hidden" name="sure_long" value="{box[1]}"' in officer.get(f"{draft}/when").text, "asked once"

    send(officer, f"{draft}/when", {**ANSWERS["when"], "from": "2026-01-07"})
    assert officer.get(f"{draft}/check").headers["location"] == f"{draft}/source"
    page = officer.get(f"{draft}/source").text
    assert "You heard of it on 6 January 2026, and it happened on 7 January 2026, after that." in page
    yes = re.search(r'name="sure_before" value="([^"]+)"', page)
    assert yes
    sure: Fields = {"sure_before": html.unescape(yes[1])}
    send(officer, f"{draft}/source", {**ANSWERS["source"], **sure})
    assert officer.get(f"{draft}/check").status_code == 200


def test_a_story_that_is_too_long_is_kept_whole_and_refused_with_the_limit(officer: Browserless) -> None:
    draft = begin(officer)
    long = "x" * 9_412
    refused = send(officer, f"{draft}/what", {"account": long})
    assert "Use at most 8000 characters. This has 1412 too many; nothing of it was cut." in refused.text
    assert long in officer.get(f"{draft}/what").text
    signs = "\U0001f6a8" * 40_000
    assert "This has 32000 too many" in send(officer, f"{draft}/what", {"account": signs}).text
    assert signs in officer.get(f"{draft}/what").text
    assert send(officer, f"{draft}/what", {"account": "\U0001f6a8" * 5_000}).status_code == 303


def test_the_page_after_sending_names_the_correction_that_its_writer_can_make(officer: Browserless) -> None:
    draft = answered(officer)
    send(officer, f"{draft}/check", {})
    done = officer.get(f"{draft}/done").text
    assert "Open the report and choose “Correct persons and numbers” or “Correct what was told”" in done
    ours = re.search(r'href="(/ours/[0-9a-f-]+)"', done)
    assert ours
    page = officer.get(ours[1]).text
    assert "Correct persons and numbers" in page
    assert "Correct what was told" in page


DAMAGED = {
    "its content": "UPDATE rtr.form_draft SET content = 'x'::bytea WHERE id = %s",
    "its key is lost": "UPDATE rtr.form_draft SET data_key = gen_random_uuid() WHERE id = %s",
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_draft_hides_no_other_stops_no_first_page_and_can_be_thrown_away(
    what: str, served: Pages, officer: Browserless
) -> None:
    damaged, whole = begin(officer), begin(officer)
    send(officer, f"{whole}/what", ANSWERS["what"])
    with served[AW].register.database.transaction("api") as connection:
        connection.exec_driver_sql(DAMAGED[what], (damaged.removeprefix("/report/"),))
    home = officer.get("/")
    assert home.status_code == 200
    assert damaged in home.text
    assert "Seen twice at the bus stop." in home.text
    page = officer.get(f"{damaged}/drop")
    assert page.status_code == 200
    assert "cannot be read here any more" in page.text
    made_of = re.search(r'name="version" value="(\d+)"', page.text)
    assert made_of
    assert send(officer, f"{damaged}/drop", {"version": made_of[1]}).headers["location"] == "/"
    left = officer.get("/").text
    assert damaged not in left
    assert whole in left


def test_drafts_from_before_versions_are_not_gone_on_with(served: Pages, officer: Browserless) -> None:
    draft = begin(officer)
    register = served[AW].register
    with register.database.transaction("api") as connection:
        connection.exec_driver_sql(
            "UPDATE rtr.form_draft SET version = 0 WHERE country = 'AW' AND id = %s", (draft.removeprefix("/report/"),)
        )
    assert officer.get(draft).status_code == 404
    assert draft not in officer.get("/").text
