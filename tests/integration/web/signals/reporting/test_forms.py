"""The intake form at the door: forgery, hostile texts, drafts, what is stored, what it costs."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from register.domain.access.caller import Caller, Task
from register.services.running.keep_house import destroy_keys
from register.services.signals.list_signals import list_signals
from register.services.signals.read_signal import read_signal
from schemas.codes import code_list
from tests.integration.web.conftest import At
from tests.integration.web.walk import ANSWERS, Fields, answered, begin, csrf, entries, send, version
from tests.support.web.pages import AW, Browserless, Pages

HOSTILE = "\"><script>alert('x')</script><img src=x onerror=alert(1)>{{7777*7777}}"
PERSON: Fields = {"role": "SUSPECT", "name": "Zeno Testman", "year": "1985", "minor": "no"}
SQL_A_PAGE = 6
PAGE_BYTES = 40_000


def refused(answer: Any) -> bool:
    return bool(answer.status_code == 403 and "This form was not taken" in answer.text)


def forms(draft: str) -> dict[str, Fields]:
    """Every form of the pages, with fields that it would take."""
    return {
        "/sign-out": {},
        "/report": {"urgency": "NORMAL"},
        **{f"{draft}/{step}": fields for step, fields in ANSWERS.items()},
        f"{draft}/urgency": {"urgency": "DAY"},
        f"{draft}/aid": {"acts": ["RECRUIT"]},
        f"{draft}/known/person": PERSON,
        f"{draft}/known": {"then": "nothing"},
        f"{draft}/check": {},
        f"{draft}/drop": {},
    }


def test_no_form_is_taken_without_the_token_of_its_session(officer: Browserless, at: At) -> None:
    draft, others = begin(officer), csrf(at("aw-second"))

    for path, fields in forms(draft).items():
        assert refused(officer.post(path, {**fields, "csrf": ""})), path
        assert refused(officer.post(path, {**fields, "csrf": others})), path
    assert officer.get(draft).headers["location"] == f"{draft}/what"


def test_no_form_is_taken_from_another_site(officer: Browserless) -> None:
    draft, token = begin(officer), csrf(officer)

    for path, fields in forms(draft).items():
        whole = {**fields, "csrf": token}
        assert refused(officer.post(path, whole, origin="https://evil.example", sec_fetch_site="")), path
        assert refused(officer.post(path, whole, origin="null", sec_fetch_site="")), path
        assert refused(officer.post(path, whole, sec_fetch_site="cross-site")), path
        assert refused(officer.post(path, whole, sec_fetch_site="same-site")), path
        assert refused(officer.post(path, whole, origin="", sec_fetch_site="")), path


def test_nothing_is_changed_by_asking_for_a_page(officer: Browserless) -> None:
    draft = begin(officer)

    assert officer.get(f"{draft}/drop").status_code == 200
    assert officer.get("/sign-out").status_code == 405
    assert officer.get(draft).status_code == 303


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_only_forms_of_our_kind_are_read(officer: Browserless, kind: str) -> None:
    assert officer.post("/report", {"urgency": "NOW"}, content_type=kind).status_code == 422


def test_form_that_is_too_large_is_not_read(officer: Browserless) -> None:
    draft = begin(officer)

    assert send(officer, f"{draft}/what", {"account": "x" * 530_000}).status_code == 422


def test_every_page_forbids_frames_scripts_caches_and_everything_from_elsewhere(officer: Browserless) -> None:
    draft = answered(officer)
    for path in ("/", "/report", "/signed-out/done", f"{draft}/check", f"{draft}/nonsense", "/report/nonsense"):
        answer = officer.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert answer.headers["x-frame-options"] == "DENY", path
        assert answer.headers["cache-control"] == "no-store", path
        assert "<script" not in answer.text, path
        assert " style=" not in answer.text, path


def test_hostile_text_comes_out_as_text_in_every_field(officer: Browserless) -> None:
    draft = begin(officer)
    pages = []
    for step, fields in ANSWERS.items():
        pages.append(send(officer, f"{draft}/{step}", dict.fromkeys(fields, HOSTILE)).text)
        pages.append(officer.get(f"{draft}/{step}").text)
        send(officer, f"{draft}/{step}", fields)
    for kind, names in {
        "person": ("role", "name", "year", "month", "day", "nationality", "minor"),
        "phone": ("number", "owner"),
        "document": ("document_type", "number", "country", "use"),
        "plate": ("number", "country"),
        "online": ("platform", "number"),
        "mark": ("mark_type", "number", "country"),
    }.items():
        pages.append(send(officer, f"{draft}/known/{kind}", dict.fromkeys(names, HOSTILE)).text)
        pages.append(officer.get(f"{draft}/known/{kind}").text)
    send(officer, f"{draft}/what", {"account": HOSTILE})
    send(officer, f"{draft}/when", {**ANSWERS["when"], "locality": HOSTILE})
    assert send(officer, f"{draft}/known/person", {"role": "SUSPECT", "name": HOSTILE[:100]}).status_code in {200, 303}
    send(officer, f"{draft}/known/person", {"role": "SUSPECT", "name": "<b>Zeno</b> Testman", "year": "1985"})
    send(officer, f"{draft}/known/online", {"platform": "OTHER", "number": "<i>name"})
    pages.append(officer.get(f"{draft}/known").text)
    send(officer, f"{draft}/known", {"then": "all"})
    pages.append(officer.get(f"{draft}/check").text)

    shown = "\n".join(pages)
    assert html.escape(HOSTILE, quote=False).replace("'", "&#39;").replace('"', "&#34;") in shown
    for raw in ("<script", "<img", "<b>", "<i>", "onerror=alert(1)>"):
        assert raw not in shown
    assert str(7777 * 7777) not in shown


def test_hostile_address_is_not_repeated(officer: Browserless) -> None:
    for path in ("/report/<script>", "/signed-out/<script>", '/language/x"><script>'):
        assert "<script" not in officer.get(path).text


def test_no_browser_is_asked_to_remember_what_was_typed(officer: Browserless) -> None:
    draft = begin(officer)
    pages = ["/report", *(f"{draft}/{step}" for step in (*ANSWERS, "known", "aid"))]
    pages += [f"{draft}/known/{kind}" for kind in ("person", "phone", "document", "plate", "online", "mark")]
    for path in pages:
        fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", officer.get(path).text)
        asked = [field for field in fields if 'type="hidden"' not in field]
        assert all('autocomplete="off"' in field for field in asked), path


def test_addresses_hold_nothing_of_the_case(officer: Browserless) -> None:
    draft = answered(officer, known=PERSON)
    seen = [officer.get(draft).headers["location"], send(officer, f"{draft}/check", {}).headers["location"]]
    pages = "".join(officer.get(path).text for path in ("/", f"{draft}/done"))
    addresses = " ".join([*seen, *re.findall(r'(?:href|action)="([^"]*)"', pages)])

    for word in ("Testman", "Dakota", "Zeno", "bus", "STREET", "AW-2026"):
        assert word not in addresses


def test_report_is_registered_once_however_often_it_is_sent(served: Pages, officer: Browserless) -> None:
    draft = answered(officer, known=PERSON)
    first = send(officer, f"{draft}/check", {})
    second = send(officer, f"{draft}/check", {})
    page = officer.get(f"{draft}/done").text
    reference = re.search(r"AW-[0-9]{4}-[0-9]+", page)
    caller = served.world.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN)

    assert (first.headers["location"], second.headers["location"]) == (f"{draft}/done", f"{draft}/done")
    assert reference
    register = served[AW].register
    stored = read_signal(register, caller, reference[0])
    assert (stored.kind, stored.form.account) == ("submission", "Seen twice at the bus stop.")
    assert stored.form.subjects[0].name == "Zeno Testman"
    listed = list_signals(register, caller, filters={}, cursor=None, limit=200).items
    assert sum(one.reference == stored.reference for one in listed) == 1


def test_report_of_the_contact_point_is_a_notification(served: Pages, at: At) -> None:
    person = at("aw-contact")
    draft = answered(person)
    send(person, f"{draft}/check", {})
    reference = re.search(r"AW-[0-9]{4}-[0-9]+", person.get(f"{draft}/done").text)
    caller = served.world.caller("AW-CMMA", Task.REGISTER)

    assert reference
    register = served[AW].register
    assert read_signal(register, caller, reference[0]).kind == "notification"


def test_looking_it_over_stores_nothing_but_the_draft(served: Pages, officer: Browserless) -> None:
    caller = served.world.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN)

    def signals() -> int:
        return len(list_signals(served[AW].register, caller, filters={}, cursor=None, limit=200).items)

    before = signals()
    draft = answered(officer, known=PERSON)
    page = officer.get(f"{draft}/check").text

    assert "Non-police body, Aruba" in page
    assert signals() == before


def test_page_that_has_been_sent_or_thrown_away_is_gone(officer: Browserless) -> None:
    sent, dropped = answered(officer), begin(officer)
    send(officer, f"{sent}/check", {})
    send(officer, f"{dropped}/drop", {})

    assert officer.get(f"{sent}/what").status_code == 404
    assert send(officer, f"{sent}/what", ANSWERS["what"]).status_code == 409
    assert officer.get(f"{dropped}/what").status_code == 404


def test_draft_is_of_the_one_person_who_types_it(at: At) -> None:
    owner, colleague = at("aw-officer"), at("aw-second")
    draft = answered(owner)

    for path in (draft, f"{draft}/what", f"{draft}/check", f"{draft}/done", f"{draft}/known/person"):
        assert colleague.get(path).status_code == 404, path
    for path, fields in forms(draft).items():
        if path.startswith(f"{draft}/"):
            assert send(colleague, path, fields).status_code == 404, path
    assert draft not in colleague.get("/").text
    assert draft in owner.get("/").text


def test_draft_is_sealed_and_its_key_goes_with_it(served: Pages, officer: Browserless) -> None:
    draft = answered(officer, known=PERSON).removeprefix("/report/")

    def row() -> Any:
        with served[AW].register.database.transaction("api") as connection:
            query = "SELECT content, data_key, outcome FROM rtr.form_draft WHERE id = %s"
            return connection.exec_driver_sql(query, (draft,)).one_or_none()

    def keys(key: object) -> int:
        with served[AW].register.database.transaction("api") as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM rtr.data_key WHERE id = %s", (key,))
            return int(found.scalar_one())

    before = row()
    assert b"Testman" not in bytes(before.content)
    assert keys(before.data_key) == 1
    send(officer, f"/report/{draft}/check", {})
    while destroy_keys(served[AW].register, 100):
        pass
    after = row()
    assert (after.content, after.data_key, keys(before.data_key)) == (None, None, 0)
    assert set(after.outcome) == {"id", "reference", "urgent", "not_told", "kind", "keyed", "told"}


def test_each_page_sent_has_a_fresh_key_and_the_old_one_is_destroyed(served: Pages, officer: Browserless) -> None:
    draft = begin(officer)
    register = served[AW].register

    def key() -> Any:
        with register.database.transaction("api") as connection:
            query = "SELECT data_key FROM rtr.form_draft WHERE id = %s"
            return connection.exec_driver_sql(query, (draft.removeprefix("/report/"),)).scalar_one()

    old = key()
    send(officer, f"{draft}/what", ANSWERS["what"])
    while destroy_keys(register, 100):
        pass
    with register.database.transaction("api") as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM rtr.data_key WHERE id = %s", (old,)).scalar_one()
    assert key() != old
    assert left == 0


def test_wrong_answer_is_kept_and_shown_with_what_to_do(officer: Browserless) -> None:
    draft = begin(officer)
    answer = send(officer, f"{draft}/when", {**ANSWERS["when"], "from": "2999-12-31"})

    assert 'href="#from"' in answer.text
    assert "This day is still to come" in answer.text
    assert 'value="2999-12-31"' in officer.get(f"{draft}/when").text


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        ("phone", {"number": "12"}, "Type the whole number"),
        ("document", {"document_type": "PASSPORT", "number": "-", "country": "CO"}, "Type the document&#39;s number"),
        ("plate", {"number": "??", "country": "AW"}, "Type the plate&#39;s letters"),
        ("online", {"platform": "EMAIL", "number": "not an address"}, "Type one whole e-mail address"),
        ("mark", {"mark_type": "COMPANY_REG", "number": "N.V.", "country": "AW"}, "Type the company&#39;s number"),
    ],
)
def test_value_that_cannot_be_read_is_refused_while_it_is_on_the_screen(
    officer: Browserless, kind: str, fields: Fields, says: str
) -> None:
    draft = begin(officer)
    answer = send(officer, f"{draft}/known/{kind}", fields)

    assert answer.status_code == 200
    assert says in answer.text
    assert "That is all" not in officer.get(f"{draft}/known").text


def test_the_first_page_leads_to_what_was_begun_and_says_on_paper_who_printed_it_and_when(officer: Browserless) -> None:
    draft = begin(officer)
    page = officer.get("/report").text
    assert f'href="{draft}"' in page
    assert re.search(r'class="printed">Printed by: .+, .+ \(aw-officer\), .+ \d\d:\d\d<', page)


def test_roles_stand_in_the_groups_by_which_somebody_may_be_registered(officer: Browserless) -> None:
    page = officer.get(f"{begin(officer)}/known/person").text
    groups = re.findall(r'<optgroup label="([^"]*)">(.*?)</optgroup>', page, re.DOTALL)
    assert [label for label, _ in groups] == [one.label() for one in code_list("person_category")]
    assert groups[0][0] == "Victim", "the role that protects comes first"
    assert "Of a victim nothing leaves that says who it is" in page
    offered = [value for _, options in groups for value in re.findall(r'<option value="([A-Z_]+)"', options)]
    assert sorted(offered) == sorted(code_list("subject_role").codes)


def test_check_page_shows_birth_date_nationality_and_document_of_a_person(officer: Browserless) -> None:
    person: Fields = {
        "role": "SUSPECT",
        "name": "Zeno Testman",
        "day": "3",
        "month": "4",
        "year": "1979",
        "nationality": "CO",
    }
    draft = answered(officer, known=person)
    passport: Fields = {"document_type": "PASSPORT", "number": "ZZ0000017", "country": "CO", "use": "OWN"}
    document = {**passport, "owner": entries(officer, draft)[0]}
    send(officer, f"{draft}/known/document", document)
    send(officer, f"{draft}/known", {"then": "all"})
    shown = officer.get(f"{draft}/check").text
    for what in ("Zeno Testman", "1979-04-03", "Colombia", "ZZ0000017"):
        assert what in shown


def test_check_page_says_of_each_mark_whether_other_countries_find_it(officer: Browserless) -> None:
    draft = answered(officer, known=PERSON)
    for kind, number, country in (
        ("BANK_ACCOUNT", "iban nl91 abna 0417 1643 00", ""),
        ("VESSEL", "MV Prueba, IMO 9074729", ""),
        ("COMPANY_REG", "H01420.0", "AW"),
        ("ADDRESS", "Straat 1, Oranjestad", "AW"),
        ("BANK_ACCOUNT", "NL91 ABNA 0417 1643 01", ""),
    ):
        send(officer, f"{draft}/known/mark", {"mark_type": kind, "number": number, "country": country})
    send(officer, f"{draft}/known", {"then": "all"})
    shown = officer.get(f"{draft}/check").text

    assert "Read as the bank account (IBAN) NL91ABNA0417164300" in shown
    assert "Read as a vessel: IMO 9074729" in shown
    assert "Read as a company number of Aruba: H1420" in shown
    assert shown.count("Kept; other countries cannot find it yet") == 1
    assert shown.count("Kept; its digits do not fit together") == 1


def test_text_that_turns_its_direction_is_read_back_in_the_order_of_its_characters(officer: Browserless) -> None:
    """U+202E shows a number backwards: "Tel 5601030" was read back as "0301065 leT"."""
    turned = "\u202e"
    person: Fields = {"role": "SUSPECT", "name": f"Boss {turned}Rp", "day": "5", "month": "8", "year": "1976"}
    draft = answered(
        officer,
        known=person,
        what={"account": f"{turned}Tel 5601030"},
        when={"locality": f"Dakota {turned}12"},
    )
    known = officer.get(f"{draft}/known").text
    typed_again = officer.get(f"{draft}/what").text
    check = officer.get(f"{draft}/check").text
    registered = send(officer, f"{draft}/check", {})
    reference = re.search(r"AW-\d{4}-\d{4}", officer.get(registered.headers["location"]).text)
    assert reference
    link = re.search(rf'href="(/ours/[0-9a-f-]+)">[^<]*{reference[0]}', officer.get("/ours").text)
    assert link
    ours = officer.get(link[1]).text

    for page in (known, typed_again, check, ours):
        assert turned not in page
    for page in (check, ours):
        assert "Tel 5601030" in page
        assert "Dakota 12" in page
        assert "Boss Rp" in page
        assert page.count("Invisible signs that turn the direction of writing") == 3


def test_check_page_shows_a_number_with_its_letters_as_they_were_typed(officer: Browserless) -> None:
    """B and 8 are compared as one; read back as A81234567 it looked misread."""
    draft = answered(officer, known=PERSON)
    passport: Fields = {"document_type": "PASSPORT", "number": "AB1234567", "country": "CO", "use": "OWN"}
    document = {**passport, "owner": entries(officer, draft)[0]}
    send(officer, f"{draft}/known/document", document)
    send(officer, f"{draft}/known", {"then": "all"})
    shown = officer.get(f"{draft}/check").text

    assert "Read as a passport number of Colombia: AB1234567" in shown
    assert "A81234567" not in shown


def test_what_is_typed_after_the_session_went_idle_is_kept(served: Pages, at: At) -> None:
    person = at("aw-officer")
    draft, token = begin(person), csrf(person)
    made_of = version(person, draft)
    served.clock.move(1_000)
    answer = person.post(
        f"{draft}/what", {"csrf": token, "version": made_of, "account": "Typed for a quarter of an hour."}
    )

    assert answer.headers["location"] == f"/signed-out/kept?next={draft}/what"
    assert person.get(f"{draft}/what").headers["location"].startswith("/signed-out/idle")
    back = person.sign_in("aw-officer", then=f"{draft}/what")
    assert "Typed for a quarter of an hour." in person.get(back.headers["location"]).text


def test_idle_session_can_keep_and_do_nothing_else(served: Pages, at: At) -> None:
    person = at("aw-officer")
    draft, token = answered(person), csrf(person)
    served.clock.move(1_000)

    for path in (f"{draft}/check", f"{draft}/drop", "/sign-out"):
        assert person.post(path, {"csrf": token}).headers["location"].startswith("/signed-out/idle"), path
    assert refused(person.post(f"{draft}/what", {"account": "x"}))
    person.sign_in("aw-officer")
    assert person.get(draft).headers["location"] == f"{draft}/check"


def test_same_phone_within_two_weeks_is_warned_of(at: At) -> None:
    phone: Fields = {"number": "+297 000 0177"}
    person = at("aw-officer")

    def report() -> tuple[str, str]:
        draft = begin(person)
        for step, fields in ANSWERS.items():
            send(person, f"{draft}/{step}", fields)
        send(person, f"{draft}/known/phone", phone)
        send(person, f"{draft}/known", {"then": "all"})
        return draft, person.get(f"{draft}/check").text

    first, page = report()
    assert "may have been reported already" not in page
    send(person, f"{first}/check", {})
    reference = re.search(r"AW-[0-9]{4}-[0-9]+", person.get(f"{first}/done").text)
    assert reference
    _, page = report()
    assert "may have been reported already" in page
    assert reference[0] in page


def test_other_organisation_is_not_told_of_a_report_that_it_may_not_read(at: At) -> None:
    """Nothing is shown by a page that the API would refuse; the register unit sees the whole country."""
    phone: Fields = {"number": "+297 000 0178"}

    def report(person: Browserless) -> tuple[str, str]:
        draft = begin(person)
        for step, fields in ANSWERS.items():
            send(person, f"{draft}/{step}", fields)
        send(person, f"{draft}/known/phone", phone)
        send(person, f"{draft}/known", {"then": "all"})
        return draft, person.get(f"{draft}/check").text

    unit, officer = at("aw-contact"), at("aw-officer")
    draft, _ = report(unit)
    send(unit, f"{draft}/check", {})

    assert "may have been reported already" not in report(officer)[1]
    assert "may have been reported already" in report(unit)[1]


def test_person_without_the_task_is_told_so_and_can_begin_nothing(at: At) -> None:
    reader = at("aw-reader")

    first = reader.get("/").text
    assert "/report" not in first  # not offered
    assert reader.get("/report").status_code == 403
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', first)
    assert token
    assert reader.post("/report", {"csrf": token[1], "urgency": "NORMAL"}).status_code == 403


def pages_of(draft: str) -> list[str]:
    steps = ("urgency", "what", "when", "type", "source", "known", "aid", "emergency", "check")
    things = ("person", "phone", "document", "plate", "online", "mark")
    return ["/", "/report", *(f"{draft}/{s}" for s in steps), *(f"{draft}/known/{kind}" for kind in things)]


def test_no_page_asks_the_database_more_than_six_times(served: Pages, officer: Browserless) -> None:
    draft = answered(officer, known=PERSON)
    statements = served[AW].statements
    said = {}
    for path in pages_of(draft):
        statements.count = 0
        assert officer.get(path).status_code == 200, path
        said[path] = statements.count
    send(officer, f"{draft}/check", {})
    statements.count = 0
    officer.get(f"{draft}/done")
    said["done"] = statements.count

    assert max(said.values()) <= SQL_A_PAGE, said
    assert min(said.values()) > 0


def test_no_page_with_all_that_it_loads_is_larger_than_forty_kilobytes(officer: Browserless) -> None:
    draft = answered(officer, known=PERSON)
    for path in pages_of(draft):
        page = officer.get(path)
        loaded = set(re.findall(r'href="(/static/[^"]+)"', page.text))
        assert len(loaded) == 2, path
        assert len(page.content) + sum(len(officer.get(one).content) for one in loaded) < PAGE_BYTES, path


def test_stylesheet_is_small_kept_for_ever_and_asks_for_nothing(officer: Browserless) -> None:
    address = re.search(r'href="(/static/[^"]+\.css)"', officer.get("/").text)
    assert address
    sheet = officer.get(address[1])

    assert len(sheet.content) < 15_000
    assert "immutable" in sheet.headers["cache-control"]
    assert "url(" not in sheet.text
    assert "@import" not in sheet.text
    assert officer.get(address[1].replace("/static/", "/static/0")).status_code == 404


def test_a_victims_phone_does_not_become_nobodys_when_she_is_taken_off_or_given_another_role(
    served: Pages, officer: Browserless
) -> None:
    """Case C3: nothing moves to nobody; a person is changed, or it is asked what becomes of what is theirs."""
    draft = begin(officer)
    for step, fields in ANSWERS.items():
        send(officer, f"{draft}/{step}", fields)
    send(officer, f"{draft}/known/person", PERSON)
    victim: Fields = {"role": "VICTIM_POTENTIAL", "name": "Muestra Inventada"}
    send(officer, f"{draft}/known/person", victim)
    suspect, her = entries(officer, draft)
    send(officer, f"{draft}/known/phone", {"number": "+58 412 555 7701", "owner": her})
    phone = entries(officer, draft)[2]

    asked = send(officer, f"{draft}/known", {"remove": her})
    assert asked.status_code == 200
    assert "Whose is it?" in asked.text
    assert "+58 412 555 7701" in asked.text
    assert "Muestra Inventada" in officer.get(f"{draft}/known").text, "nothing is taken off before it is answered"
    for nonsense in (her, "9", "x"):
        said: Fields = {"remove": her, f"things-{phone}": nonsense}
        assert "Whose is it?" in send(officer, f"{draft}/known", said).text

    again = officer.get(f"{draft}/known/person/{her}")
    assert "Muestra Inventada" in again.text, "the page to change her is filled in"
    assert send(officer, f"{draft}/known/person/{her}", {**victim, "role": "COMPANION"}).status_code == 303
    for other in (f"phone/{suspect}", "person/999"):
        assert "What do you know?" in officer.get(f"{draft}/known/{other}").text, "what is there now"
    send(officer, f"{draft}/known", {"then": "all"})
    send(officer, f"{draft}/check", {})
    with served[AW].register.work(reader_of_all()) as work:
        newest = work.signals.reports.summaries(organisation=None, before=None, limit=1, filters={})[0]
        form = work.signals.reports.get(newest["id"]).form
    assert [(s.role, len(s.selectors)) for s in form.subjects] == [("SUSPECT", 0), ("COMPANION", 1)]
    assert form.selectors == ()


@pytest.mark.parametrize(("things", "left"), [("gone", (0, 0)), ("nobody", (0, 1)), ("the other", (1, 0))])
def test_what_becomes_of_a_persons_things_is_what_was_answered(
    served: Pages, officer: Browserless, things: str, left: tuple[int, int]
) -> None:
    draft = begin(officer)
    for step, fields in ANSWERS.items():
        send(officer, f"{draft}/{step}", fields)
    send(officer, f"{draft}/known/person", PERSON)
    send(officer, f"{draft}/known/person", {"role": "EMPLOYER", "name": "Otra Prueba"})
    first, second = entries(officer, draft)
    send(officer, f"{draft}/known/phone", {"number": "+297 560 0142", "owner": second})
    said: Fields = {"remove": second, f"things-{entries(officer, draft)[2]}": things.replace("the other", first)}
    assert send(officer, f"{draft}/known", said).status_code == 303
    send(officer, f"{draft}/known", {"then": "all"})
    send(officer, f"{draft}/check", {})
    with served[AW].register.work(reader_of_all()) as work:
        newest = work.signals.reports.summaries(organisation=None, before=None, limit=1, filters={})[0]
        form = work.signals.reports.get(newest["id"]).form
    assert (sum(len(s.selectors) for s in form.subjects), len(form.selectors)) == left
    assert all(x.of_nobody for x in form.selectors)


def test_check_page_asks_which_person_is_the_victim_who_told_it(officer: Browserless) -> None:
    told = ANSWERS["source"] | {"source": "VICTIM"}
    draft = answered(officer, known={"role": "COMPANION", "name": "Zelfmeldana Binnenloper"}, source=told)
    assert "is entered as a person, with the role of a victim" in officer.get(f"{draft}/known/person").text
    send(officer, f"{draft}/known", {"then": "all"})
    assert "A victim told this: which of them is she?" in officer.get(f"{draft}/check").text
    send(officer, f"{draft}/source", told | {"source": "CITIZEN"})
    assert "which of them is she?" not in officer.get(f"{draft}/check").text


def test_a_number_of_nobodys_is_named_so_where_nobody_is_listed_and_the_check_page_says_what_that_does(
    officer: Browserless,
) -> None:
    draft = answered(officer)
    alone = officer.get(f"{draft}/known/phone").text
    assert ("It is nobody&#39;s: may be shared" in alone, "It belongs to none of them" in alone) == (True, False)
    send(officer, f"{draft}/known/phone", {"number": "+297 560 0177", "owner": "nobody"})
    send(officer, f"{draft}/known", {"then": "all"})
    assert "You said so: by that it may be shared." in officer.get(f"{draft}/check").text
    send(officer, f"{draft}/source", ANSWERS["source"] | {"anonymous": "yes"})
    assert "it waits until the register unit says so too" in officer.get(f"{draft}/check").text


def reader_of_all() -> Caller:
    tasks = frozenset({Task.REGISTER})
    return Caller(partition=AW, function="api", kind="person", actor="test", organisation="AW-JIUMM", tasks=tasks)
