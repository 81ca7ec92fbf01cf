"""Sign-in at the country's provider, and the session that follows: what holds, and what is refused."""

from __future__ import annotations

import html
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import psycopg
import pytest

from register.services.access.open_session import resume_session
from tests.integration.web.conftest import At
from tests.integration.web.walk import Fields, begin, csrf, send
from tests.support.web.pages import AW, CW, PASSWORD, Browserless, Pages

COOKIE = "__Host-rtr-aw"
PENDING = "__Host-rtr-aw-in"
LONG = 'Seen at the bus stop, "twice" <and> again. ' * 9 + "Four hundred characters."


def asked(person: Browserless, then: str = "/") -> dict[str, str]:
    """What the provider is asked when somebody wants to sign in."""
    address = person.get(f"/sign-in?next={then}").headers["location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def answer_of(person: Browserless, issuer: str, fields: dict[str, str], name: str = "aw-officer") -> str:
    """Type name and password at the provider; return where it leads back to."""
    back = person.post(f"{issuer}/authorize", {**fields, "name": name, "password": PASSWORD})
    return str(back.headers.get("location", ""))


def test_person_signs_in_and_the_header_says_who_for_whom_and_for_what(officer: Browserless) -> None:
    page = officer.get("/").text

    assert "Aruba" in page
    assert "Officer at the desk" in page
    assert "Department of admission (DIMAS)" in page
    assert "Act on permits and licences" in page


def test_session_cookie_is_one_that_no_script_no_other_site_and_no_subdomain_gets(served: Pages, at: At) -> None:
    person = at()
    form = httpx2.URL(person.get("/sign-in").headers["location"])
    fields = {name: str(form.params[name]) for name in form.params}
    back = person.post(str(form.copy_with(query=None)), {**fields, "name": "aw-officer", "password": PASSWORD})
    signed_in = person.get(back.headers["location"])
    cookie = next(line for line in signed_in.headers.get_list("set-cookie") if line.startswith(f"{COOKIE}="))

    assert {part.strip() for part in cookie.split(";")[1:]} == {"HttpOnly", "Secure", "SameSite=lax", "Path=/"}
    assert served[AW].url not in cookie


def test_provider_is_asked_with_pkce_state_and_nonce_fresh_each_time(served: Pages, at: At) -> None:
    first, second = asked(at()), asked(at())

    assert (first["response_type"], first["code_challenge_method"]) == ("code", "S256")
    assert first["redirect_uri"] == f"{served[AW].url}/signed-in"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43
        assert first[name] != second[name]


def test_verifier_and_session_are_never_in_an_address(at: At) -> None:
    person = at()
    address = person.get("/sign-in").headers["location"]
    cookie = person.cookies[PENDING]

    assert cookie not in address
    assert "code_verifier" not in address


def test_new_cookie_is_made_at_sign_in_whatever_the_browser_brought(at: At) -> None:
    """Session fixation: a cookie that somebody else chose never becomes a session."""
    person = at()
    person.cookies[COOKIE] = "chosen-by-somebody-else"
    person.sign_in("aw-officer")

    assert person.cookies[COOKIE] != "chosen-by-somebody-else"
    other = at()
    other.cookies[COOKIE] = "chosen-by-somebody-else"
    assert other.get("/report").headers["location"].startswith("/signed-out/needed")


def test_signing_in_again_ends_the_session_before(at: At) -> None:
    person = at("aw-officer")
    before = person.cookies[COOKIE]
    person.sign_in("aw-officer")

    assert person.cookies[COOKIE] != before
    person.cookies[COOKIE] = before
    assert person.get("/report").status_code == 303


def test_answer_that_belongs_to_another_browser_is_refused(served: Pages, at: At) -> None:
    """Sign-in forgery: nobody is signed in to the account of whoever sent him a link."""
    attacker, victim = at(), at()
    link = answer_of(attacker, served[AW].issuer_url, asked(attacker))
    asked(victim)

    assert victim.get(link).status_code == 403
    assert COOKIE not in victim.cookies


def test_answer_without_a_begun_sign_in_is_refused(served: Pages, at: At) -> None:
    one, nobody = at(), at()
    link = answer_of(one, served[AW].issuer_url, asked(one))

    assert nobody.get(link).status_code == 403


def test_code_is_good_once(served: Pages, at: At) -> None:
    person = at()
    link = answer_of(person, served[AW].issuer_url, asked(person))
    pending = person.cookies[PENDING]

    assert person.get(link).status_code == 303
    person.cookies[PENDING] = pending
    assert person.get(link).status_code == 403


def test_code_stolen_on_its_way_is_worth_nothing_without_the_verifier(served: Pages, at: At) -> None:
    victim, thief = at(), at()
    link = answer_of(victim, served[AW].issuer_url, asked(victim))
    own = asked(thief)
    code = parse_qs(urlsplit(link).query)["code"][0]

    assert thief.get(f"/signed-in?code={code}&state={own['state']}").status_code == 403


def test_answer_of_another_provider_is_refused(served: Pages, at: At) -> None:
    person = at()
    link = answer_of(person, served[AW].issuer_url, asked(person))
    mixed = link.replace("iss=", "iss=http%3A%2F%2F127.0.0.1%3A1%2F&x=")

    assert person.get(mixed).status_code == 403


def test_cookie_of_a_begun_sign_in_cannot_be_changed(served: Pages, at: At) -> None:
    person = at()
    link = answer_of(person, served[AW].issuer_url, asked(person))
    said, _, mark = person.cookies[PENDING].partition(".")
    person.cookies[PENDING] = f"{said[:-4]}AAAA.{mark}"

    assert person.get(link).status_code == 403


def test_sign_in_that_took_too_long_is_refused(served: Pages, at: At) -> None:
    person = at()
    fields = asked(person)
    served.clock.move(601)
    link = answer_of(person, served[AW].issuer_url, fields)

    assert person.get(link).status_code == 403


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/%5Cevil.example", "/report/..//evil.example", "/%09/evil.example"],
)
def test_nobody_is_sent_away_after_signing_in(at: At, wanted: str) -> None:
    person = at()

    assert person.sign_in("aw-officer", then=wanted).headers["location"] == "/"
    assert person.get(f"/language/nl?next={wanted}").headers["location"] == "/"
    assert "evil" not in person.get(f"/signed-out/done?next={wanted}").text


def test_provider_sends_codes_to_the_registered_address_only(served: Pages, at: At) -> None:
    person = at()
    fields = asked(person)
    for address in (
        "https://evil.example/",
        f"{served[AW].url}/signed-in/",
        f"{served[AW].url}/signed-in?x=1",
        f"{served[CW].url}/signed-in",
    ):
        refused = person.post(
            f"{served[AW].issuer_url}/authorize",
            {**fields, "redirect_uri": address, "name": "aw-officer", "password": PASSWORD},
        )
        assert (refused.status_code, refused.headers.get("location")) == (400, None)


@pytest.mark.parametrize(
    "change",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"response_type": "token"},
        {"scope": "profile"},
        {"nonce": ""},
    ],
)
def test_provider_takes_no_weaker_flow(served: Pages, at: At, change: dict[str, str]) -> None:
    person = at()
    refused = person.get(
        str(httpx2.URL(f"{served[AW].issuer_url}/authorize").copy_merge_params(asked(person) | change))
    )

    assert "error=" in refused.headers["location"]
    assert refused.headers["location"].startswith(f"{served[AW].url}/signed-in?")


def test_password_is_not_guessed_for_long(served: Pages, at: At) -> None:
    person = at()
    fields = {**asked(person), "name": "aw-second"}
    tries = [
        person.post(f"{served[AW].issuer_url}/authorize", {**fields, "password": f"guess {n}"}).status_code
        for n in range(11)
    ]
    right = person.post(f"{served[AW].issuer_url}/authorize", {**fields, "password": PASSWORD})

    assert tries == [403] * 10 + [429]
    assert right.status_code == 429
    served.clock.move(301)


def test_person_without_authorisation_is_told_so_and_gets_no_session(at: At) -> None:
    person = at()
    answer = person.sign_in("stranger")

    assert answer.status_code == 403
    assert "You may not do this" in answer.text
    assert COOKIE not in person.cookies


def test_session_of_one_country_opens_no_page_of_another(served: Pages, at: At) -> None:
    aruban, abroad = at("aw-officer"), at(country=CW)
    abroad.cookies["__Host-rtr-cw"] = aruban.cookies[COOKIE]

    assert abroad.get("/report").headers["location"].startswith("/signed-out/needed")
    assert resume_session(served[CW].register, aruban.cookies[COOKIE]) is None
    assert "Officer at the desk" not in abroad.get("/").text


def test_person_of_another_country_cannot_sign_in_here(at: At) -> None:
    person = at()

    assert person.sign_in("cw-officer").status_code == 403
    assert COOKIE not in person.cookies


def test_signing_out_ends_the_session_here_and_in_the_browser(officer: Browserless) -> None:
    cookie = officer.cookies[COOKIE]
    answer = send(officer, "/sign-out", {})

    assert answer.headers["location"] == "/signed-out/done"
    assert COOKIE not in officer.cookies
    officer.cookies[COOKIE] = cookie
    assert officer.get("/report").headers["location"].startswith("/signed-out/needed")


def test_session_ends_after_fifteen_idle_minutes_and_never_comes_back(served: Pages, officer: Browserless) -> None:
    served.clock.move(899)
    assert officer.get("/report").status_code == 200
    served.clock.move(901)
    assert officer.get("/report").headers["location"] == "/signed-out/idle?next=/report"
    assert officer.get("/").headers["location"] == "/signed-out/idle"
    assert officer.get("/report").status_code == 303


def test_session_ends_after_twelve_hours_however_busy(served: Pages, officer: Browserless) -> None:
    for _ in range(52):
        served.clock.move(840)
        last = officer.get("/report")
    assert last.headers["location"].startswith("/signed-out/needed")


def test_session_ends_once_its_person_works_for_another_organisation(served: Pages, at: At) -> None:
    """The header would name one organisation, and what is done would be done for another."""
    person = at("aw-second")
    assert person.get("/report").status_code == 200
    move = "UPDATE rtr.authorisation SET organisation = %s WHERE country = 'AW' AND actor = 'aw-second'"
    database = served.world.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        connection.execute(move, ("AW-SCHOOL",))
        try:
            assert person.get("/report").headers["location"].startswith("/signed-out/needed")
            person.sign_in("aw-second")
            assert person.get("/report").status_code == 200
        finally:
            connection.execute(move, ("AW-DIMAS",))


def test_store_cannot_open_a_session_without_its_cookie(served: Pages, officer: Browserless) -> None:
    """Who reads the table learns neither the cookie nor the person's name."""
    cookie = officer.cookies[COOKIE]
    with served[AW].register.database.transaction("api") as connection:
        rows = connection.exec_driver_sql("SELECT token_hash, actor, shown FROM rtr.page_session").all()
    stored = b"".join(bytes(row.token_hash) + row.actor.encode() + bytes(row.shown) for row in rows)

    assert rows
    assert cookie.encode() not in stored
    assert b"Officer at the desk" not in stored


def test_opening_and_closing_a_session_leave_leaves_in_the_audit_log(served: Pages, officer: Browserless) -> None:
    def leaves() -> list[str]:
        with served[AW].register.database.transaction("api") as connection:
            query = "SELECT action FROM rtr.audit_leaf WHERE action LIKE 'session.%%' ORDER BY id"
            return list(connection.exec_driver_sql(query).scalars())

    before = leaves()
    officer.post("/sign-out", {"csrf": csrf(officer)})

    assert before[-1] == "session.opened"
    assert leaves() == [*before, "session.closed"]


@pytest.mark.parametrize("over", ["idle", "ended"])
def test_form_that_is_sent_after_the_session_is_over_is_shown_again_to_its_sender_alone(
    served: Pages, at: At, over: str
) -> None:
    """Nothing is done by it before it is sent again: after signing in, by the same person, in the same browser."""
    person = at("aw-lead")
    token, path = csrf(person), "/search"
    own = served.world.settings.of(AW)
    served.clock.move(1 + (own.session_idle_s if over == "idle" else own.session_longest_s))
    answer = person.post(path, {"csrf": token, "case": "AW-2026-1234", "then": LONG})

    way = answer.headers["location"]
    held = way.removeprefix("/signed-out/held?next=")
    assert held.startswith("/held/"), answer.text
    (cookie,) = answer.headers.get_list("set-cookie")
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=3600"
    }  # fmt: skip
    door = person.get(way)
    assert "in this browser" in door.text
    assert "AW-2026-1234" not in door.text, "whoever stands at the screen is shown nothing"
    assert person.get(held).headers["location"].startswith("/signed-out/")

    other = at("aw-lead")
    assert other.get(held).status_code == 404, "the same person elsewhere"
    browser = dict(person.cookies)
    assert person.sign_in("aw-searcher", then=held).headers["location"] == held
    assert (person.get(held).status_code, "AW-2026-1234" in person.get(held).text) == (404, False)

    person.cookies = browser
    assert person.sign_in("aw-lead", then=held).headers["location"] == held
    page = person.get(held)
    assert "Send it now" in page.text
    assert "AW-2026-1234" in page.text
    assert f'<form method="post" action="{path}">' in page.text
    again = person.post(path, {"csrf": csrf(person), "held": held.rpartition("/")[2], "case": "AW-2026-1234"})
    assert again.status_code == 200
    assert person.get(held).status_code == 404, "it was sent"


def test_form_of_a_person_who_may_do_nothing_any_more_is_not_kept(served: Pages, at: At) -> None:
    person = at("aw-second")
    token = csrf(person)
    served.clock.move(served.world.settings.of(AW).session_idle_s + 1)
    end = "UPDATE rtr.authorisation SET ends = %s WHERE country = 'AW' AND actor = 'aw-second'"
    database = served.world.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        connection.execute(end, ("2025-02-01",))
        try:
            answer = person.post("/search", {"csrf": token, "case": LONG})
        finally:
            connection.execute(end, (None,))
    assert answer.headers.get("location", "").startswith("/held") is False
    assert "__Host-rtr-aw-held" not in person.cookies


def test_session_that_ended_longer_ago_than_forms_are_held_says_no_more_whose_form_it_was(
    served: Pages, at: At
) -> None:
    person = at("aw-officer")
    draft, token = begin(person), csrf(person)
    served.clock.move(served.world.settings.of(AW).session_longest_s + 3_601)
    answer = person.post(f"{draft}/what", {"csrf": token, "account": LONG, "version": "made-by-the-page"})

    assert answer.status_code == 200
    assert html.unescape(answer.text).count(LONG) == 1
    assert "made-by-the-page" not in answer.text
    assert "set-cookie" not in answer.headers
    assert f"/sign-in?next={draft}/what" in answer.text
    assert LONG not in at("aw-school").get("/").text


@pytest.mark.parametrize(
    "changed",
    [{"csrf": "0" * 64}, {"csrf": ""}, {"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}],
)
def test_form_of_an_ended_session_comes_back_only_to_the_browser_and_page_that_sent_it(
    served: Pages, at: At, changed: dict[str, str]
) -> None:
    """Another site cannot have its own text shown on our page, and no other session's form is shown."""
    person = at("aw-officer")
    fields: Fields = {"csrf": csrf(person), "reason": LONG}
    served.clock.move(served.world.settings.of(AW).session_longest_s + 1)
    fields |= {name: value for name, value in changed.items() if name == "csrf"}
    headers = {name: value for name, value in changed.items() if name != "csrf"}
    answer = person.post("/sign-out", fields, **headers)

    assert LONG not in html.unescape(answer.text)
    assert answer.headers["location"].startswith("/signed-out/needed")


@pytest.mark.parametrize("step", ["what", "when"])
def test_what_is_typed_after_signing_out_in_another_tab_comes_back_with_the_way_to_its_page(
    officer: Browserless, at: At, step: str
) -> None:
    """The cookie is gone with the session, so only the browser's own word says that our page sent the form."""
    draft, token = begin(officer), csrf(officer)
    officer.post("/sign-out", {"csrf": token})
    field = {"what": "account", "when": "locality"}[step]
    answer = officer.post(f"{draft}/{step}", {"csrf": token, field: LONG, "then": "next"})

    assert answer.status_code == 200
    assert html.unescape(answer.text).count(LONG) == 1
    assert "set-cookie" not in answer.headers
    assert f'href="/sign-in?next={draft}/{step}"' in answer.text
    assert officer.sign_in("aw-officer", then=f"{draft}/{step}").headers["location"] == f"{draft}/{step}"
    assert LONG not in html.unescape(officer.get(f"{draft}/{step}").text)
    assert LONG not in html.unescape(at("aw-school").get("/").text)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec_fetch_site": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "null", "sec_fetch_site": ""},
        {"origin": "", "sec_fetch_site": ""},
    ],
)
def test_no_other_site_has_its_words_shown_on_our_page_where_nobody_is_signed_in(
    at: At, headers: dict[str, str]
) -> None:
    nobody = at()
    answer = nobody.post("/report", {"csrf": "0" * 64, "account": LONG}, **headers)

    assert LONG not in html.unescape(answer.text)
    assert answer.headers["location"].startswith("/signed-out/needed")


@pytest.mark.parametrize("step", ["what", "when"])
def test_what_is_typed_in_one_tab_comes_back_after_signing_in_again_in_another(
    officer: Browserless, at: At, step: str
) -> None:
    """The form carries the token of the session before; the browser's own word says that our page sent it."""
    draft, token = begin(officer), csrf(officer)
    officer.sign_in("aw-officer")
    field = {"what": "account", "when": "locality"}[step]
    answer = officer.post(f"{draft}/{step}", {"csrf": token, field: LONG, "version": "made-by-the-page"})

    assert answer.status_code == 403
    assert html.unescape(answer.text).count(LONG) == 1
    assert "made-by-the-page" not in answer.text
    assert token not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert f'href="{draft}/{step}"' in answer.text
    assert LONG not in html.unescape(officer.get(f"{draft}/{step}").text), "nothing was done or kept"
    assert LONG not in html.unescape(at("aw-school").get("/").text)


def test_whose_form_was_sent_from_another_address_than_its_page_is_led_back_to_the_page(
    served: Pages, officer: Browserless
) -> None:
    token = csrf(officer)
    officer.sign_in("aw-officer")
    path = f"/privacy/alarms/{UUID(int=1)}"
    fields: Fields = {"csrf": token, "reason": LONG}

    assert 'href="/privacy"' in officer.post(path, fields, referer=f"{served[AW].url}/privacy").text
    for elsewhere in ("https://evil.example/page", f"{served[AW].url}.evil.example/page", "//evil.example"):
        assert "evil" not in officer.post(path, fields, referer=elsewhere).text


def test_form_of_the_session_before_comes_back_whoever_signed_in_but_with_nothing_that_did_not_come_with_it(
    officer: Browserless,
) -> None:
    """What another person typed and kept is not there: only what this very browser has just sent."""
    draft, token = begin(officer), csrf(officer)
    assert send(officer, f"{draft}/what", {"account": LONG}).status_code == 303
    officer.sign_in("aw-school")
    answer = officer.post(f"{draft}/what", {"csrf": token, "account": "Mine alone."})

    assert "Mine alone." in answer.text
    assert LONG not in html.unescape(answer.text)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://evil.example", "sec_fetch_site": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "null", "sec_fetch_site": ""},
        {"origin": "", "sec_fetch_site": ""},
    ],
)
def test_no_other_site_has_its_words_shown_on_our_page_to_somebody_who_is_signed_in(
    officer: Browserless, headers: dict[str, str]
) -> None:
    for token in ("0" * 64, csrf(officer)):
        answer = officer.post("/report", {"csrf": token, "account": LONG}, **headers)

        assert answer.status_code == 403
        assert LONG not in html.unescape(answer.text)


@pytest.mark.parametrize(("language", "tag"), [("es", "es"), ("pap_AW", "pap-AW"), ("nl", "nl")])
def test_door_speaks_the_language_that_was_chosen(officer: Browserless, language: str, tag: str) -> None:
    draft, token = begin(officer), csrf(officer)
    officer.get(f"/language/{language}?next={draft}/what")
    officer.post("/sign-out", {"csrf": token})
    asked = officer.get(officer.get(f"{draft}/what").headers["location"])
    given_back = officer.post(f"{draft}/what", {"csrf": token, "account": LONG})

    for page in (asked, given_back, officer.get("/signed-out/done"), officer.get("/signed-out/idle")):
        assert f'<html lang="{tag}">' in page.text
        assert "Sign in" not in page.text


def test_form_without_a_word_typed_leads_to_the_door_once_the_session_is_over(
    served: Pages, officer: Browserless
) -> None:
    token = csrf(officer)
    served.clock.move(served.world.settings.of(AW).session_longest_s + 1)

    assert officer.post("/sign-out", {"csrf": token}).headers["location"].startswith("/signed-out/needed")
