"""The records of the desk at the pages: who sees what, what is recorded, corrected and brought in, and what is not."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from uuid import UUID

import httpx2
import psycopg
import pytest

from register.keys.home import keystore_path
from schemas.codes import Partition
from tests.integration.web.walk import Fields, csrf, send
from tests.support.web.pages import CW, Browserless, Pages

At = Callable[..., Browserless]
INTERVIEW: Fields = {
    "held_on": "04-03-2025", "sex": "FEMALE", "age_band": "30-39", "nationality": "CO", "signal": "",
    "name": "Deska Verzonnen", "note": "Spoke freely.",
}  # fmt: skip
TRAINING: Fields = {
    "held_on": "1 feb 2025", "kind": "SKILLS", "group": "HOTEL", "provider": "AW", "recipient": "SX", "people": "9",
}  # fmt: skip
STATUS: Fields = {"status": "POTENTIAL", "form": "SEX", "decided_on": "05-03-2025", "reason": "Weighed with Deska."}
COLUMNS = "Held on;Kind of training;Group trained;Given by;Country of those trained;People"


def recorded(person: Browserless, records: str, fields: Fields) -> str:
    """Record one; the address of its page."""
    answer = send(person, f"/desk/{records}", fields)
    assert answer.status_code == 303, said(answer)
    return str(answer.headers["location"]).partition("?")[0]


def on_ladder(person: Browserless) -> str:
    interview = recorded(person, "interviews", INTERVIEW).rpartition("/")[2]
    fields: Fields = {"intake": interview, "sex": "FEMALE", "age_band": "30-39", "movement": "DOMESTIC"}
    return recorded(person, "victims", fields | STATUS)


def one_of_each(person: Browserless) -> list[str]:
    """The ids of an interview, of a person on the ladder, and of a training."""
    made = [recorded(person, "interviews", INTERVIEW), on_ladder(person), recorded(person, "trainings", TRAINING)]
    return [one.rpartition("/")[2] for one in made]


def upload(person: Browserless, records: str, file: bytes, **headers: str) -> httpx2.Response:
    """Send a file as a browser on our own page does."""
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    ours = {"origin": person.url, "sec-fetch-site": "same-origin", "cookie": cookies} | headers
    return person._http.request(
        "POST", f"{person.url}/desk/{records}/import", data={"csrf": csrf(person)},
        files={"file": ("rows.csv", file, "text/csv")}, headers=ours,
    )  # fmt: skip


def carried(answer: httpx2.Response) -> str:
    found = re.search(r'name="rows" value="([^"]*)"', answer.text)
    assert found, said(answer)
    return html.unescape(found[1])


def said(answer: httpx2.Response) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", answer.text)))


def same(answer: httpx2.Response) -> str:
    """What a page says but for ids and times, so that two can be compared."""
    return re.sub(r"[0-9a-f-]{32,36}|[0-9]{2}:[0-9]{2}", "", said(answer))


def rows_of(answer: httpx2.Response) -> list[str]:
    return re.findall(r"<tr><th scope=\"row\".*?</tr>", answer.text, re.DOTALL)


# -- who is led here, and who sees what


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        ("aw-unit", ["interviews", "victims", "trainings"]),
        ("aw-officer", ["interviews", "victims"]),
        ("aw-figures", ["trainings"]),
        ("aw-searcher", []),
    ],
)
def test_everybody_is_led_to_the_records_of_their_tasks(at: At, who: str, shown: list[str]) -> None:
    person = at(who)
    assert re.findall(r'href="/desk/([a-z]+)"', person.get("/desk").text) == shown
    assert ('href="/desk"' in person.get("/").text) is bool(shown)


@pytest.mark.parametrize("records", ["interviews", "victims", "trainings"])
def test_who_has_no_task_for_a_kind_gets_neither_list_nor_form(at: At, records: str) -> None:
    person = at("aw-searcher")
    pages = [f"/desk/{records}{more}" for more in ("", "/new", "/import", "/import/template.csv")]
    assert {person.get(page).status_code for page in pages} == {403}
    assert send(person, f"/desk/{records}", {}).status_code == 403
    assert upload(person, records, COLUMNS.encode()).status_code == 403


@pytest.mark.parametrize("who", ["aw-officer", "aw-reader", "aw-figures", "aw-searcher", "aw-gate"])
def test_a_person_on_the_ladder_is_not_there_for_who_may_not_know_it(at: At, who: str) -> None:
    """Neither the record nor that there is one: every page of it answers as of an id that nobody has."""
    where, other = on_ladder(at("aw-unit")), at(who)
    nowhere = f"/desk/victims/{UUID(int=7)}"
    for more in ("", "/withdraw", "/status", "/amend"):
        shown, none = other.get(where + more), other.get(nowhere + more)
        assert (shown.status_code, none.status_code) == (404, 404)
        assert same(shown) == same(none)
    token = csrf(other)
    for more, fields in (("/status", STATUS), ("/withdraw", {"why": "No."})):
        body = {"csrf": token, "version": "1", **fields}
        assert other.post(where + more, body).status_code == other.post(nowhere + more, body).status_code == 404
    assert where.rpartition("/")[2] not in other.get("/desk/victims").text


def test_another_country_finds_nothing_of_it(at: At) -> None:
    unit = at("aw-unit")
    places = [on_ladder(unit), recorded(unit, "interviews", INTERVIEW)]
    stranger = at("cw-all", CW)
    assert {stranger.get(place).status_code for place in places} == {404}


def test_list_holds_no_name_and_no_note(at: At) -> None:
    unit = at("aw-unit")
    on_ladder(unit)
    for records in ("interviews", "victims"):
        page = unit.get(f"/desk/{records}")
        assert rows_of(page)
        assert "Deska" not in page.text
        assert "freely" not in page.text


def test_list_goes_on_with_the_older_ones(at: At) -> None:
    keeper = at("aw-figures")
    made = [recorded(keeper, "trainings", TRAINING) for _ in range(26)]
    first = keeper.get("/desk/trainings")
    assert made[-1] in first.text
    assert made[0] not in first.text
    later = re.search(r'href="(/desk/trainings\?cursor=[^"]+)"', first.text)
    assert later
    assert made[0] in keeper.get(later[1]).text


def test_ladder_is_narrowed_to_a_status_and_stays_so_on_the_next_page(at: At) -> None:
    unit = at("aw-unit")
    potential, presumed = on_ladder(unit), on_ladder(unit)
    send(unit, f"{presumed}/status", STATUS | {"status": "PRESUMED", "version": "1"})
    page = unit.get("/desk/victims?status=PRESUMED").text
    assert presumed in page
    assert potential not in page
    assert potential in unit.get("/desk/victims?status=NONE").text
    for _ in range(25):
        on_ladder(unit)
    later = re.search(r'href="(/desk/victims\?[^"]*cursor=[^"]+)"', unit.get("/desk/victims?status=POTENTIAL").text)
    assert later
    assert html.unescape(later[1]).startswith("/desk/victims?status=POTENTIAL&cursor=")
    assert unit.get(html.unescape(later[1])).status_code == 200


# -- one record


def test_interview_is_read_as_it_was_typed_with_its_history(at: At) -> None:
    unit = at("aw-unit")
    where = recorded(unit, "interviews", INTERVIEW)
    page = said(unit.get(f"{where}?done=recorded"))
    for words in ("It is recorded.", "4 March 2025", "Female", "Colombia", "Deska Verzonnen", "Spoke freely."):
        assert words in page
    assert "you, AW-JIUMM" in page


def test_form_comes_back_with_what_was_typed_and_what_to_mend(at: At) -> None:
    unit = at("aw-unit")
    answer = send(unit, "/desk/interviews", INTERVIEW | {"held_on": "31-12-2199", "sex": "", "signal": "2026-9999"})
    assert answer.status_code == 200
    page = said(answer)
    assert "still to come" in page
    assert "no report of this reference" in page
    assert 'value="Deska Verzonnen"' in answer.text
    assert 'href="#sex"' in answer.text


def test_same_form_sent_twice_is_recorded_once(at: At) -> None:
    unit = at("aw-unit")
    key = re.search(r'name="key" value="([^"]+)"', unit.get("/desk/interviews/new").text)
    assert key
    first, again = (recorded(unit, "interviews", INTERVIEW | {"key": key[1]}) for _ in range(2))
    assert first == again


def test_correction_changes_what_was_changed_and_says_so(at: At) -> None:
    unit = at("aw-unit")
    where = recorded(unit, "interviews", INTERVIEW)
    answer = send(
        unit, f"{where}/amend", INTERVIEW | {"age_band": "25-29", "note": "", "version": "1", "why": "Passport seen."}
    )
    assert answer.headers["location"] == f"{where}?done=amended"
    page = said(unit.get(where))
    assert "25 to 29" in page or "25-29" in page or "25–29" in page
    assert "freely" not in page
    assert "Age , Note" in page or "Age, Note" in page
    assert "Passport" not in page


def test_what_another_person_changed_meanwhile_is_shown_and_nothing_typed_is_lost(at: At) -> None:
    mine, theirs = at("aw-unit"), at("aw-contact")
    where = recorded(mine, "interviews", INTERVIEW)
    send(theirs, f"{where}/amend", INTERVIEW | {"sex": "MALE", "version": "1", "why": "Seen."})
    late: Fields = INTERVIEW | {"sex": "OTHER", "name": "Deska Anders", "version": "1", "why": "Asked again."}
    answer = send(mine, f"{where}/amend", late)
    assert "Somebody changed this record meanwhile" in said(answer)
    assert "aw-contact" in answer.text
    assert '<option value="MALE" selected>' in answer.text
    assert 'value="Deska Anders"' in answer.text
    assert 'value="Asked again."' in answer.text
    assert re.search(r"You had typed there:\s+Sex: Neither", said(answer)), said(answer)
    assert "Deska Anders" not in mine.get(where).text, "done on an old version"
    version = re.search(r'name="version" value="([0-9]+)"', answer.text)
    assert version
    assert version[1] == "2"
    assert send(mine, f"{where}/amend", late | {"sex": "MALE", "version": "2"}).status_code == 303
    page = said(mine.get(where))
    assert "Deska Anders" in page
    assert "Sex Male" in page


def test_taking_back_destroys_the_name_and_waits_where_somebody_changed_it(at: At) -> None:
    unit = at("aw-unit")
    where = recorded(unit, "interviews", INTERVIEW)
    assert "There is something to mend" in said(send(unit, f"{where}/withdraw", {"why": "", "version": "1"}))
    assert "meanwhile" in said(send(unit, f"{where}/withdraw", {"why": "Twice.", "version": "9"}))
    assert send(unit, f"{where}/withdraw", {"why": "Twice.", "version": "1"}).status_code == 303
    page = unit.get(where)
    assert "Deska" not in page.text
    assert "It counts no more" in said(page) or "it counts no more" in said(page)
    assert f"{where}/amend" not in page.text


def test_person_of_an_interview_is_put_on_the_ladder_and_steps_on(at: At) -> None:
    unit = at("aw-unit")
    where = on_ladder(unit)
    assert "Potential victim" in said(unit.get(where))
    fields = STATUS | {"status": "PRESUMED", "version": "1"}
    assert send(unit, f"{where}/status", fields).headers["location"] == f"{where}?done=status-assigned"
    assert "Presumed victim" in said(unit.get(where))
    refused = send(unit, f"{where}/status", STATUS | {"status": "CONFIRMED", "version": "2"})
    assert "Your organisation may not give this status" in said(refused)
    assert "Weighed with Deska." in refused.text


def test_form_of_the_ladder_is_filled_from_the_interview(at: At) -> None:
    unit = at("aw-unit")
    interview = recorded(unit, "interviews", INTERVIEW).rpartition("/")[2]
    page = unit.get(f"/desk/victims/new?interview={interview}").text
    assert f'name="intake" value="{interview}"' in page
    assert '<option value="30-39" selected>' in page
    assert at("aw-officer").get(f"/desk/victims/new?interview={interview}").status_code == 404


def test_person_who_is_on_the_ladder_is_not_put_there_again_and_the_form_says_where_to_look(at: At) -> None:
    unit = at("aw-unit")
    interview = recorded(unit, "interviews", INTERVIEW).rpartition("/")[2]
    fields: Fields = {"intake": interview, "sex": "FEMALE", "age_band": "30-39", "movement": "DOMESTIC"}
    recorded(unit, "victims", fields | STATUS)
    again = send(unit, "/desk/victims", fields | STATUS)
    assert "This person is on the ladder already." in said(again)
    assert 'id="sex-fault"' in again.text, "the fault leads to a field that the page does not have"


def test_nobody_is_put_on_the_ladder_without_a_report_or_an_interview(at: At) -> None:
    fields: Fields = {"sex": "FEMALE", "age_band": "30-39", "movement": "DOMESTIC", "signal": "", "subject": ""}
    answer = send(at("aw-unit"), "/desk/victims", fields | STATUS)
    assert "Give the reference of the report. Or begin at the page of the interview." in said(answer)


# -- a file


def test_file_of_a_spreadsheet_on_windows_is_looked_at_and_taken_in_on_a_second_word(at: At) -> None:
    keeper = at("aw-figures")
    before = len(rows_of(keeper.get("/desk/trainings")))
    line = "01-02-2025;Skills training;Police;Curaçao;Aruba;17"
    answer = upload(keeper, "trainings", f"sep=;\r\n{COLUMNS}\r\n{line}\r\n".encode("cp1252"))
    assert "Nothing was taken in yet. Rows that are right: 1. Rows to mend: 0." in said(answer)
    assert len(rows_of(keeper.get("/desk/trainings"))) == before
    sent = send(keeper, "/desk/trainings/import", {"rows": carried(answer), "then": "import"})
    assert "Rows that are in the register now: 1." in said(sent)
    assert "17" in rows_of(keeper.get("/desk/trainings"))[0]
    send(keeper, "/desk/trainings/import", {"rows": carried(answer), "then": "import"})
    newest = rows_of(keeper.get("/desk/trainings"))[:2]
    assert not all('class="number">17<' in row for row in newest), "the same file came in twice"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_file_is_read_as_it_was_saved_also_in_dutch(at: At, encoding: str) -> None:
    file = (
        "Gehouden op;Soort training;Getrainde groep;Gegeven door;Land van de deelnemers;Personen\r\n"
        "2 mrt 2025;Vaardigheidstraining;Politie;Curaçao;Aruba;18\r\n"
    ).encode(encoding)
    assert "Rows that are right: 1. Rows to mend: 0." in said(upload(at("aw-figures"), "trainings", file))


def test_rows_with_errors_are_named_by_line_column_and_what_to_do_and_stop_no_other(at: At) -> None:
    keeper = at("aw-figures")
    rows = [
        "01-02-2025;SKILLS;POLICE;AW;AW;21",
        '"32-02-2025";SKILLS;POLICE;AW;AW;22',
        "01-02-2025;SKILLS;Fire brigade of Mars;AW;AW;none",
    ]
    answer = upload(keeper, "trainings", "\n".join([COLUMNS, *rows]).encode())
    page = said(answer)
    assert "Rows that are right: 1. Rows to mend: 2." in page
    assert re.search(r"3 Held on Give the day with its year", page)
    assert re.search(r"4 Group trained This word is not in the list", page)
    assert re.search(r"4 People Give a whole number from 1 to 100000", page)
    sent = said(send(keeper, "/desk/trainings/import", {"rows": carried(answer), "then": "import"}))
    assert "Rows that are in the register now: 1." in sent
    assert "3 Held on" in sent


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b"PK\x03\x04abc", "This is a workbook"),
        (b"", "A column is missing"),
        (b"Held on;Colour\n1;2", "a column that is not known here: colour"),
        (COLUMNS.encode(), "no row below"),
        (f'{COLUMNS}\n"open;1'.encode(), "cannot be read from line 2"),
        (COLUMNS.encode() + b"\n\x00", "This is no text"),
    ],
)
def test_file_that_is_no_table_of_ours_is_sent_back_with_what_to_do(at: At, file: bytes, says: str) -> None:
    assert says in said(upload(at("aw-figures"), "trainings", file))


def test_file_of_too_many_rows_or_bytes_is_refused_whole(at: At) -> None:
    keeper, line = at("aw-figures"), "\n01-02-2025;SKILLS;POLICE;AW;AW;23"
    assert "at most 200 rows" in said(upload(keeper, "trainings", (COLUMNS + line * 201).encode()))
    assert upload(keeper, "trainings", b"x" * 300_000).status_code == 422


def test_file_from_elsewhere_is_not_taken(at: At) -> None:
    keeper = at("aw-figures")
    file = f"{COLUMNS}\n01-02-2025;SKILLS;POLICE;AW;AW;24".encode()
    assert upload(keeper, "trainings", file, origin="https://evil.example").status_code == 403
    assert keeper.post("/desk/trainings/import", {"rows": file.decode(), "then": "import"}).status_code == 403


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n\r\nabc"),
        ("multipart/form-data; boundary=", b"--\r\n\r\nabc\r\n----"),
        ("multipart/form-data; boundary=x", b"\xff\x00" * 500),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\xff\r\n--x--'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n" * 50),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name*0=csrf; name*1=y\r\n\r\n1\r\n--x--",
        ),
        ("text/csv", b"Held on;People"),
    ],
)
def test_body_that_is_no_form_of_ours_is_refused_and_breaks_nothing(at: At, kind: str, body: bytes) -> None:
    keeper = at("aw-figures")
    cookies = "; ".join(f"{name}={value}" for name, value in keeper.cookies.items())
    headers = {"origin": keeper.url, "sec-fetch-site": "same-origin", "cookie": cookies, "content-type": kind}
    answer = keeper._http.request("POST", f"{keeper.url}/desk/trainings/import", content=body, headers=headers)
    assert answer.status_code in {403, 422}


def test_cell_of_a_file_is_shown_as_text_and_never_as_markup(at: At) -> None:
    answer = upload(at("aw-figures"), "trainings", b"<script>alert(1)</script>;People\n1;2")
    assert "<script" not in answer.text
    assert "alert(1)" in html.unescape(answer.text)
    rows = f'{COLUMNS}\n01-02-2025;SKILLS;"><script>x</script>;AW;AW;25'
    assert "<script" not in upload(at("aw-figures"), "trainings", rows.encode()).text


def test_row_that_the_register_refuses_says_why_and_the_others_come_in(at: At) -> None:
    officer = at("aw-officer")
    columns = (
        "Report;Number of the person in the report;Sex;Age;Movement;Status;Form of exploitation;Decided on;Reason\n"
    )
    answer = upload(
        officer, "victims", (columns + f"{UUID(int=9)};1;Female;30-39;DOMESTIC;POTENTIAL;SEX;05-03-2025;Why.").encode()
    )
    assert "Rows that are right: 1" in said(answer)
    sent = said(send(officer, "/desk/victims/import", {"rows": carried(answer), "then": "import"}))
    assert "Rows that are in the register now: 0." in sent
    assert "2 Report" in sent


def test_file_stops_where_the_register_does_and_says_how_many_rows_it_did_not_try(served: Pages, at: At) -> None:
    """A full disk or a key store of before read as "what this row names is not there", for each of two hundred rows."""
    unit, settings = at("aw-unit"), served.world.settings
    interview = recorded(unit, "interviews", INTERVIEW).rpartition("/")[2]
    rows = "02-03-2025;Female;30-39;CO\n03-03-2025;Female;30-39;CO\n"
    answer = upload(unit, "interviews", f"Held on;Sex;Age;Nationality\n{rows}".encode())
    assert "Rows that are right: 2." in said(answer)
    with psycopg.connect(settings.database.admin_url, dbname=settings.database.name) as connection:
        query = "SELECT k.kek FROM rtr.data_key k JOIN rtr.intake i ON k.id = i.data_key WHERE i.id = %s"
        [kek] = connection.execute(query, (interview,)).fetchone() or [None]
    store = keystore_path(settings, Partition.AW)
    newest = store.read_bytes()
    document = json.loads(newest)
    del document["secrets"][kek]
    store.write_text(json.dumps(document))
    try:
        sent = send(unit, "/desk/interviews/import", {"rows": carried(answer), "then": "import"})
    finally:
        store.write_bytes(newest)
    assert "Rows that are in the register now: 0." in said(sent)
    assert "Rows that were not tried: 2. They are not in the register." in said(sent)
    again = send(unit, "/desk/interviews/import", {"rows": carried(answer), "then": "import"})
    assert "Rows that are in the register now: 2." in said(again)


def test_template_opens_as_a_table_on_windows(at: At) -> None:
    answer = at("aw-figures").get("/desk/trainings/import/template.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.content.decode("utf-8-sig").strip() == COLUMNS


@pytest.mark.parametrize("path", ["interviews", "interviews/new", "interviews/import", "victims/new"])
def test_pages_speak_dutch(at: At, path: str) -> None:
    page = at("aw-unit").get(f"/desk/{path}", accept_language="nl")
    assert '<html lang="nl">' in page.text
    assert "Gesprekken, slachtoffers, trainingen" in page.text
