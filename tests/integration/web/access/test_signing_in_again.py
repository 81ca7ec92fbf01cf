"""An approval long after signing in: the person signs in again, comes back to what was typed, and loses nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from api.http.issuers import IssuerRegistry, issuer_of
from api.http.sign_in import ProviderUnreachable
from api.web.access.oidc import LASTS, NotFresh, Pending, SignIn
from register.clock import SystemClock
from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.keys.tokens import Authenticated, IdToken
from register.services.access.hold_form import Until, hold_form
from register.settings import CountrySettings
from schemas.signals.out import SignalOut
from tests.integration.web.ours import recorded
from tests.integration.web.walk import begin, csrf, send
from tests.support.started.dripping import dripping
from tests.support.web.pages import AW, PASSWORD, Browserless, Pages, pages
from tests.support.world import with_settings

WHY = "Weighed by the book, 4711."
AN_HOUR = 3_600


@pytest.fixture(scope="module")
def served() -> Iterator[Pages]:
    with pages() as made:
        yield made


@pytest.fixture
def prosecutor(served: Pages) -> Iterator[Browserless]:
    """Signed in six minutes ago, and at work since."""
    with Browserless(served[AW].url) as person:
        person.sign_in("aw-gate")
        served.clock.move(360)
        assert person.get("/").status_code == 200
        yield person


@pytest.fixture
def signal(served: Pages) -> SignalOut:
    return recorded(served, single_approval=True)


def lifting(person: Browserless, signal: SignalOut) -> str:
    """Send a decision, of those that need a fresh sign-in; return where that leads."""
    answer = send(person, f"/ours/{signal.id}/lift", {"version": "1", "reason": WHY, "then": "x"})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def sign_in_again(person: Browserless, page: str, name: str = "aw-gate") -> str:
    """Follow the page's way to the provider, and back."""
    (way,) = re.findall(r'href="(/sign-in[^"]*)"', page)
    asked = person.get(html.unescape(way)).headers["location"]
    issuer, _, query = str(asked).partition("?")
    fields = {name: values[0] for name, values in parse_qs(query).items()}
    assert (fields["prompt"], fields["max_age"]) == ("login", "0")
    back = person.post(issuer, {**fields, "name": name, "password": PASSWORD})
    return str(person.get(back.headers["location"]).headers["location"])


def is_lifted(served: Pages, signal: SignalOut) -> bool:
    with served[AW].register.work(served.world.worker(AW)) as work:
        return not work.signals.reports.get(SignalId(signal.id)).ground.single_approval


def form_of(page: str) -> tuple[str, dict[str, str | list[str]]]:
    """The form that is to be sent now: where to, and with what."""
    body = page.partition("<main")[2]
    (action,) = re.findall(r'<form method="post" action="([^"]*)"', body)
    pairs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', body)
    return action, {name: html.unescape(value) for name, value in pairs}


def test_person_signs_in_again_and_sends_what_was_typed(
    served: Pages, prosecutor: Browserless, signal: SignalOut
) -> None:
    held = lifting(prosecutor, signal)
    assert re.fullmatch(r"/held/[0-9a-f-]{36}", held)
    page = prosecutor.get(held).text
    assert "Sign in again to send this" in page
    assert WHY in page
    assert "last 5 minutes" in page
    assert not is_lifted(served, signal)

    assert sign_in_again(prosecutor, page) == held
    again = prosecutor.get(held).text
    assert "Send it now" in again
    assert WHY in again
    assert not is_lifted(served, signal), "signing in does nothing by itself"
    action, fields = form_of(again)
    done = prosecutor.post(action, fields)
    assert done.headers["location"] == f"/ours/{signal.id}?done=lift", done.text
    assert is_lifted(served, signal)
    assert WHY in prosecutor.get(f"/ours/{signal.id}").text


@pytest.mark.parametrize(
    ("change", "action"), [("lift", "Needs no approval of its own"), ("approve", "Approve that it leaves")]
)
def test_page_names_what_would_be_done_and_to_which_report_before_and_after_signing_in(
    prosecutor: Browserless, signal: SignalOut, change: str, action: str
) -> None:
    """Who comes back to a screen that was left open sees what the button would send."""
    path = f"/ours/{signal.id}/{change}"
    held = str(send(prosecutor, path, {"version": "1", "reason": WHY}).headers["location"])
    page = prosecutor.get(held).text
    sign_in_again(prosecutor, page)
    for shown in (page, prosecutor.get(held).text):
        assert f"<h2>{action}: {signal.reference}</h2>" in shown
        assert f'<a href="{path}">' in shown
    assert prosecutor.get(path).status_code == 200


def test_who_may_not_read_the_report_any_more_is_not_told_its_reference(
    served: Pages, prosecutor: Browserless, signal: SignalOut
) -> None:
    held = lifting(prosecutor, signal)
    grant = "UPDATE rtr.authorisation SET tasks = %s WHERE country = 'AW' AND actor = 'aw-gate'"
    database = served.world.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        connection.execute(grant, (["READ_OWN"],))
        try:
            answer = prosecutor.get(held)
        finally:
            connection.execute(grant, (["PROSECUTE", "READ_OWN"],))

    assert answer.status_code == 200
    assert WHY in answer.text, "it is his own"
    assert signal.reference not in answer.text


def test_who_has_just_signed_in_is_not_asked_again(served: Pages, signal: SignalOut) -> None:
    with Browserless(served[AW].url) as person:
        person.sign_in("aw-gate")
        assert lifting(person, signal) == f"/ours/{signal.id}?done=lift"


def test_form_that_is_sent_on_without_signing_in_again_is_held_again(
    served: Pages, prosecutor: Browserless, signal: SignalOut
) -> None:
    held = lifting(prosecutor, signal)
    again = lifting(prosecutor, signal)
    assert again.startswith("/held/")
    assert again != held
    assert not is_lifted(served, signal)


def held_ids(served: Pages, *actors: str) -> list[str]:
    """The forms that are held for these people."""
    with served[AW].register.database.transaction("api") as connection:
        rows = connection.exec_driver_sql("SELECT id, actor FROM rtr.form_draft WHERE form = 'held'").all()
    return [str(row.id) for row in rows if row.actor in actors]


def test_person_has_three_held_forms_at_most_and_the_oldest_gives_way(
    served: Pages, prosecutor: Browserless, signal: SignalOut
) -> None:
    held = [lifting(prosecutor, signal) for _ in range(5)]
    assert set(held_ids(served, "aw-gate")) == {path.rpartition("/")[2] for path in held[-3:]}
    assert [prosecutor.get(path).status_code for path in held] == [404, 404, 200, 200, 200]


def test_held_form_that_is_held_again_takes_no_second_place(
    served: Pages, prosecutor: Browserless, signal: SignalOut
) -> None:
    """Three windows, and somebody who waits too long after signing in: none of them is lost for it."""
    held = [lifting(prosecutor, signal) for _ in range(3)]
    last = held[-1].rpartition("/")[2]
    again = send(prosecutor, f"/ours/{signal.id}/lift", {"version": "1", "reason": WHY, "held": last})
    now = [*held[:2], str(again.headers["location"])]
    assert [prosecutor.get(path).status_code for path in now] == [200, 200, 200]
    assert set(held_ids(served, "aw-gate")) == {path.rpartition("/")[2] for path in now}


def test_forms_that_are_sent_at_once_are_no_more_than_three(
    served: Pages, prosecutor: Browserless, signal: SignalOut
) -> None:
    token, address = csrf(prosecutor), f"/ours/{signal.id}/lift"

    def send_it(_: int) -> int:
        return prosecutor.post(address, {"csrf": token, "version": "1", "reason": WHY}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send_it, range(16))) == {303}
    assert len(held_ids(served, "aw-gate")) == 3


def test_held_form_of_one_person_does_not_take_the_place_of_anothers(
    served: Pages, prosecutor: Browserless, signal: SignalOut
) -> None:
    register = served[AW].register
    other = hold_form(
        register,
        served.world.caller("AW-OM", Task.PROSECUTE, actor="another"),
        "/",
        {"reason": ["x"]},
        page="/",
        browser="b",
        until=Until.FRESH,
    )
    held = lifting(prosecutor, signal)
    assert held_ids(served, "another") == [str(other)]
    send(prosecutor, "/sessions/end-others", {"held": str(other)})
    assert held_ids(served, "another") == [str(other)], "nobody drops what is held for somebody else"
    assert prosecutor.get(held).status_code == 200


@pytest.mark.parametrize("version", ["1", "0"])
def test_held_form_is_gone_once_it_was_sent_also_where_the_report_had_changed_meanwhile(
    served: Pages, prosecutor: Browserless, signal: SignalOut, version: str
) -> None:
    answer = send(prosecutor, f"/ours/{signal.id}/lift", {"version": version, "reason": WHY})
    held = str(answer.headers["location"])
    sign_in_again(prosecutor, prosecutor.get(held).text)
    done = prosecutor.post(*form_of(prosecutor.get(held).text))
    assert (done.status_code == 303) is is_lifted(served, signal)
    assert done.status_code == 303 or WHY in done.text
    assert prosecutor.get(held).status_code == 404
    assert held.rpartition("/")[2] not in held_ids(served, "aw-gate")


def test_held_form_stays_where_it_was_refused(served: Pages, prosecutor: Browserless, signal: SignalOut) -> None:
    """Sent from another tab's session, or by another site: it was not taken, so it is still there to be sent."""
    held = lifting(prosecutor, signal)
    sign_in_again(prosecutor, prosecutor.get(held).text)
    action, fields = form_of(prosecutor.get(held).text)
    assert prosecutor.post(action, {**fields, "csrf": "0" * 64}).status_code == 403
    assert prosecutor.post(action, fields, sec_fetch_site="cross-site").status_code == 403
    assert prosecutor.get(held).status_code == 200
    assert not is_lifted(served, signal)


def test_draft_of_a_report_is_not_dropped_by_its_id_in_a_form(served: Pages) -> None:
    with Browserless(served[AW].url) as person:
        person.sign_in("aw-officer")
        draft = begin(person)
        send(person, "/sessions/end-others", {"held": draft.rpartition("/")[2]})
        assert person.get(f"{draft}/what").status_code == 200


def test_signing_in_anew_in_the_ordinary_way_counts_only_by_what_the_provider_says(
    served: Pages, prosecutor: Browserless, signal: SignalOut
) -> None:
    """Nothing in the address or the form makes a sign-in fresh: the provider's own word does."""
    for claimed in ({"auth_time": "9999999999"}, {"fresh": "yes"}, {"acr": "9"}):
        fields: dict[str, str | list[str]] = {"version": "1", "reason": WHY, **claimed}
        answer = send(prosecutor, f"/ours/{signal.id}/lift?fresh=yes", fields)
        assert str(answer.headers["location"]).startswith("/held/")
    assert not is_lifted(served, signal)


def test_held_form_is_its_senders_alone_and_no_draft_of_a_report(
    served: Pages, prosecutor: Browserless, signal: SignalOut
) -> None:
    held = lifting(prosecutor, signal)
    with Browserless(served[AW].url) as other:
        other.sign_in("aw-all")
        answer = other.get(held)
        assert (answer.status_code, WHY in answer.text) == (404, False)
        assert other.get(f"/report/{held.rpartition('/')[2]}").status_code == 404
    with Browserless(served[AW].url) as nobody:
        assert str(nobody.get(held).headers["location"]).startswith("/signed-out/needed")


def test_another_person_who_signs_in_there_finds_nothing_of_it(
    served: Pages, prosecutor: Browserless, signal: SignalOut
) -> None:
    held = lifting(prosecutor, signal)
    page = prosecutor.get(held).text
    assert sign_in_again(prosecutor, page, name="aw-all") == held
    answer = prosecutor.get(held)
    assert (answer.status_code, WHY in answer.text) == (404, False)
    assert not is_lifted(served, signal)


def test_held_form_is_shown_to_its_person_in_the_browser_that_sent_it_only(
    served: Pages, prosecutor: Browserless, signal: SignalOut
) -> None:
    held = lifting(prosecutor, signal)
    with Browserless(served[AW].url) as elsewhere:
        elsewhere.sign_in("aw-gate")
        for secret in ("", "guessed"):
            elsewhere.cookies["__Host-rtr-aw-held"] = secret
            answer = elsewhere.get(held)
            assert (answer.status_code, WHY in answer.text) == (404, False)
    assert prosecutor.get(held).status_code == 200


def test_held_form_is_sealed_and_gone_after_an_hour(served: Pages, prosecutor: Browserless, signal: SignalOut) -> None:
    held = lifting(prosecutor, signal)
    with served[AW].register.database.transaction("api") as connection:
        query = "SELECT content FROM rtr.form_draft WHERE id = %s"
        content = connection.exec_driver_sql(query, (held.rpartition("/")[2],)).scalar_one()
    assert b"4711" not in bytes(content)
    served.clock.move(AN_HOUR + 1)
    with Browserless(served[AW].url) as person:
        person.sign_in("aw-gate")
        assert person.get(held).status_code == 404


def a_door(served: Pages, **own: object) -> tuple[SignIn, Pending, datetime]:
    """A way to sign in, and a sign-in that was begun there just now, afresh."""
    site = served[AW]
    settings = replace(site.register.settings.of(AW), **own)  # type: ignore[arg-type]  # test helper
    register = with_settings(site.register, country={AW: settings})
    known = issuer_of(settings, AW)
    assert known
    began = datetime(2026, 3, 1, 12, tzinfo=UTC)
    pending = Pending("s", "n", "v", "/", int((began + LASTS).timestamp()), fresh=True)
    return SignIn(register, IssuerRegistry([known], monotonic=SystemClock().monotonic)), pending, began


ASKED_ANEW = [(5, "", ()), (5, "2", ("2",))]
LET_THROUGH = [(-3_600, "", ()), (None, "", ()), (5, "1", ("2",)), (5, "", ("2",))]
"""By single sign-on without a word, by one who does not say when, or less strongly than was asked for."""


def answered(began: datetime, seconds: int | None, acr: str) -> IdToken:
    return IdToken("p", "", Authenticated(None if seconds is None else began + timedelta(seconds=seconds), acr))


@pytest.mark.parametrize(("seconds", "acr", "wanted"), ASKED_ANEW)
def test_answer_of_a_provider_that_asked_anew_is_taken(
    served: Pages, seconds: int, acr: str, wanted: tuple[str, ...]
) -> None:
    door, pending, began = a_door(served, fresh_sign_in_acr=wanted)
    door.check_fresh(answered(began, seconds, acr), pending)


@pytest.mark.parametrize(("seconds", "acr", "wanted"), LET_THROUGH)
def test_answer_of_a_provider_that_did_not_ask_anew_is_refused(
    served: Pages, seconds: int | None, acr: str, wanted: tuple[str, ...]
) -> None:
    door, pending, began = a_door(served, fresh_sign_in_acr=wanted)
    with pytest.raises(NotFresh):
        door.check_fresh(answered(began, seconds, acr), pending)


def test_strength_is_asked_of_the_provider(served: Pages) -> None:
    site = served[AW]
    settings = replace(site.register.settings.of(AW), fresh_sign_in_acr=("2", "3"))
    door = SignIn(with_settings(site.register, country={AW: settings}), IssuerRegistry([], monotonic=lambda: 0.0))
    address, _ = door.begin("/", fresh=True)
    assert parse_qs(urlsplit(address).query)["acr_values"] == ["2 3"]
    plain, _ = door.begin("/")
    assert {"prompt", "max_age", "acr_values"}.isdisjoint(parse_qs(urlsplit(plain).query))


def test_settings_say_five_minutes_unless_a_country_says_otherwise() -> None:
    assert CountrySettings().fresh_sign_in_s == 300


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"], ids=["headers", "body"])
def test_provider_that_sends_a_byte_now_and_then_holds_nobody_at_the_door(served: Pages, first: bytes) -> None:
    site = served[AW]
    with dripping(first=first) as url:
        settings = replace(site.register.settings.of(AW), issuer=url)
        register = with_settings(site.register, country={AW: settings})
        door = SignIn(register, IssuerRegistry([], monotonic=SystemClock().monotonic), within_s=0.3)
        with pytest.raises(ProviderUnreachable):
            door.begin("/")
