"""Tickets at the pages: the register unit asks, signs and refuses, the privacy officer attests, nobody else comes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID

import pytest

from register.services.exchange.keep_tickets import bring_tickets
from register.services.exchange.take_tickets import ticket_in
from schemas.canonical import b64, dumps_plain
from schemas.codes import Partition, TicketReason
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.tickets import Attested, Ticket
from schemas.exchange.wire import document, instant
from tests.integration.web.walk import Fields, send
from tests.support.web.pages import Browserless, Pages, pages

AW, CW = Partition.AW, Partition.CW
At = Callable[..., Browserless]
ASKED: Fields = {
    "purpose": "register", "class": "person", "keys": "12000", "rows": "900", "days": "7",
    "reason": "IMPORT_OF_PAST_YEARS",
}  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Iterator[Pages]:
    with pages(countries=(AW,), serving=(AW,)) as made:
        yield made


@pytest.fixture
def at(served: Pages) -> Iterator[At]:
    with ExitStack() as closing:

        def signed_in(who: str) -> Browserless:
            person = closing.enter_context(Browserless(served[AW].url))
            person.sign_in(who)
            return person

        yield signed_in


def of_curacao(
    served: Pages,
    *,
    keys: int,
    lasts: timedelta = timedelta(days=3),
    attested: tuple[int, int] | None = None,
) -> UUID:
    """A ticket of Curaçao that waits for a person here, as the worker brings it."""
    now = served[AW].register.clock.now()
    made = Ticket(
        id=str(served[AW].register.clock.new_id()), iss=CW, purpose=EvaluationPurpose.SEARCH, selector_class="phone",
        keys=keys, rows=300, first=instant(now), until=instant(now + lasts), at=instant(now),
        reason=TicketReason.INVESTIGATION,
        attested=None if attested is None else Attested(
            evaluated=attested[0], published=attested[1], by="0" * 32, at=instant(now)
        ),
    )  # fmt: skip
    compact = f"e30.{b64(dumps_plain(document(made)))}.AAAA"
    with served[AW].register.work(served.world.worker(AW)) as work:
        work.exchange.tickets.keep(made, compact, state="waiting", by="CW", wait="for-searches")
    return UUID(made.id)


def kept(served: Pages, asker: Partition, ticket: UUID) -> str:
    with served[AW].register.work(served.world.worker(AW)) as work:
        found = work.exchange.tickets.get(asker, ticket)
    assert found is not None
    return found.state


def test_register_unit_asks_and_is_told_what_to_mend(served: Pages, at: At) -> None:
    unit = at("aw-unit")
    assert 'href="/tickets"' in unit.get("/exchange").text
    for keys in ("12000", "many"):  # whatever else is to be mended is said at once
        wrong = send(unit, "/tickets", {**ASKED, "reason": "Call 0165 123 4567 about it", "keys": keys})
        assert "Choose why more keys are needed." in wrong.text
    assert send(unit, "/tickets", {**ASKED, "days": "31"}).status_code == 200
    given = send(unit, "/tickets", ASKED)
    assert given.headers["location"] == "/tickets?done=asked"
    page = unit.get("/tickets?done=asked").text
    assert "<p>Reports of past years</p>" in page
    assert "at most 12,000 keys, each of a person" in page
    assert not re.search(r">\s*(person|phone|INVESTIGATION)\s*<", page), "codes are for programs"
    with served[AW].register.work(served.world.worker(AW)) as work:
        (own,) = work.exchange.tickets.own_open()
    assert ticket_in(own.document).attested is None
    assert f"has this read out: {ticket_in(own.document).digest()}" in page, "whoever is called can answer"


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("class", "", "Choose of what the keys are."),
        ("purpose", "", "Choose what it is for."),
        ("keys", "1000001", "Give a whole number from 1 to"),
        ("rows", "9" * 5_000, "Give a whole number from 1 to"),
        ("days", "9" * 12, "Give a whole number from 1 to"),
        ("days", "0", "Give a whole number from 1 to"),
    ],
)
def test_each_answer_that_is_none_is_said_at_its_own_field(at: At, field: str, typed: str, says: str) -> None:
    page = send(at("aw-unit"), "/tickets", {**ASKED, field: typed})
    assert page.status_code == 200
    assert re.findall(r'href="#([a-z]+)"', page.text.partition("<h1")[0]) == ["main", field]
    assert says in page.text
    assert re.search(r"<option [^>]*selected[^>]*>Reports of past years", page.text), "what was chosen is not lost"


def test_who_has_to_sign_in_again_sees_which_ticket_the_button_would_sign(served: Pages, at: At) -> None:
    unit, ticket = at("aw-unit"), of_curacao(served, keys=903)
    served.clock.move(360)
    assert unit.get("/").status_code == 200
    held = send(unit, f"/tickets/CW/{ticket}", {"verdict": "sign", "reason": ""}).headers["location"]
    page = unit.get(held).text
    said = "Curaçao, at most 903 keys, each of a phone number. An investigation"
    assert f"<h2>Sign or refuse a ticket: {said}</h2>" in page
    assert "tickets and decisions that lift a protection need a sign-in of the last 5 minutes" in page
    assert kept(served, CW, ticket) == "waiting"


def test_ticket_that_ran_out_is_signed_by_nobody(served: Pages, at: At) -> None:
    ticket = of_curacao(served, keys=904, lasts=timedelta(minutes=5))
    served.clock.move(360)
    bring_tickets(served[AW].register)
    unit = at("aw-unit")
    assert "Ended without a word from here" in unit.get("/tickets").text
    assert f"/tickets/CW/{ticket}" not in unit.get("/tickets").text
    said = send(unit, f"/tickets/CW/{ticket}", {"verdict": "sign", "reason": ""})
    assert said.headers["location"] == "/tickets?done=meanwhile"
    assert kept(served, CW, ticket) == "ended"


def test_register_unit_signs_or_refuses_another_countrys_ticket_once(served: Pages, at: At) -> None:
    unit, first, second = at("aw-unit"), of_curacao(served, keys=900), of_curacao(served, keys=901)
    page = unit.get("/tickets").text
    assert "<p>An investigation</p>" in page
    short = send(unit, f"/tickets/CW/{first}", {"verdict": "refuse", "reason": "no"})
    assert "Choose why you refuse it." in short.text
    said = send(unit, f"/tickets/CW/{first}", {"verdict": "refuse", "reason": "NOT_KNOWN_HERE"})
    assert said.headers["location"] == "/tickets?done=said"
    said = send(unit, f"/tickets/CW/{second}", {"verdict": "sign", "reason": ""})
    assert said.headers["location"] == "/tickets?done=said"
    assert (kept(served, CW, first), kept(served, CW, second)) == ("refused", "signed")
    again = send(unit, f"/tickets/CW/{first}", {"verdict": "sign", "reason": ""})
    assert again.headers["location"] == "/tickets?done=meanwhile"
    assert kept(served, CW, first) == "refused"
    page = unit.get("/tickets").text
    for state in ("Signed", "Refused"):
        assert re.search(rf"{state} here on [^<]* by aw-unit", page), "who of this country said it, and when"


def test_of_an_own_ticket_is_shown_who_asked_and_what_each_evaluator_used_of_its_part(served: Pages, at: At) -> None:
    register = served[AW].register
    unit = at("aw-unit")
    send(unit, "/tickets", {**ASKED, "reason": "RESTORE"})
    with register.work(served.world.worker(AW)) as work:
        mine = next(
            one for one in work.exchange.tickets.own_open() if ticket_in(one.document).reason is TicketReason.RESTORE
        )
        said = {"reason": None, "signature": None, "takes": 6_000}
        answers = {
            "NL": {**said, "state": "signed", "counts": True, "used": 123},
            "SX": {**said, "state": "waiting", "counts": False, "used": 0},
        }
        work.exchange.tickets.answered(mine.id, answers, "asked")
    page = unit.get("/tickets").text
    assert re.search(r"Rows: 900, until [^<]*, asked on [^<]* by aw-unit", page)
    assert "Signed, 123 of its 6,000 keys used" in page
    assert page.count("keys used") == 1, "where it does not count nothing can be used"


def test_privacy_officer_attests_and_neither_asks_nor_signs(served: Pages, at: At) -> None:
    officer, ticket = at("aw-privacy"), of_curacao(served, keys=902)
    assert 'href="/tickets"' in officer.get("/privacy/nights").text
    assert "Ask for a ticket" not in officer.get("/tickets").text
    given = send(officer, "/tickets/figure", {"evaluated": "0", "published": "0"})
    assert given.headers["location"] == "/tickets?done=attested"
    assert send(officer, f"/tickets/CW/{ticket}", {"verdict": "sign", "reason": ""}).status_code == 403
    assert send(officer, "/tickets", ASKED).status_code == 403
    assert kept(served, CW, ticket) == "waiting"


def test_officer_sees_the_figure_before_attesting_it_and_attests_no_other(served: Pages, at: At) -> None:
    officer = at("aw-privacy")
    page = officer.get("/tickets").text
    assert "You attest: in thirty days 0 keys were computed to be published, and 0 of them are published." in page
    assert re.findall(r'name="(?:evaluated|published)" value="(\d+)"', page) == ["0", "0"]
    with served[AW].register.work(served.world.worker(AW)) as work:
        before = work.exchange.tickets.attested()
    others: list[Fields] = [{"evaluated": "12", "published": "7"}, {"evaluated": "x", "published": "0"}, {}]
    for seen in others:
        moved = send(officer, "/tickets/figure", seen)
        assert moved.headers["location"] == "/tickets?done=moved"
    assert "nothing is attested" in officer.get("/tickets?done=moved").text
    with served[AW].register.work(served.world.worker(AW)) as work:
        assert work.exchange.tickets.attested() == before


def test_who_signs_sees_the_figure_that_the_other_countrys_officer_attested(served: Pages, at: At) -> None:
    made = of_curacao(served, keys=905, attested=(4_321, 3_210))
    page = at("aw-unit").get("/tickets").text
    card = page[: page.index(f"/tickets/CW/{made}")]
    assert "4,321 keys were computed to be published, and 3,210 of them are published" in card


def test_pressed_twice_one_ticket_is_asked_for_and_another_where_the_form_was_changed(served: Pages, at: At) -> None:
    unit = at("aw-unit")
    [key] = re.findall(r'name="key" value="([^"]+)"', unit.get("/tickets").text)
    said = {**ASKED, "reason": "KEY_CHANGE", "key": key}

    def asked() -> int:
        with served[AW].register.work(served.world.worker(AW)) as work:
            return sum(
                ticket_in(one.document).reason is TicketReason.KEY_CHANGE for one in work.exchange.tickets.own_open()
            )

    for _ in range(3):
        assert send(unit, "/tickets", said).headers["location"] == "/tickets?done=asked"
    assert asked() == 1
    send(unit, "/tickets", {**said, "keys": "13000"})
    assert asked() == 2
    [fresh] = re.findall(r'name="key" value="([^"]+)"', unit.get("/tickets").text)
    send(unit, "/tickets", {**said, "key": fresh})
    assert asked() == 3, "whoever asks for another of the same opens the page anew"


@pytest.mark.parametrize("who", ["aw-officer", "aw-coordinator", "aw-figures"])
def test_nobody_else_comes_there(who: str, at: At) -> None:
    assert at(who).get("/tickets").status_code == 403


def test_page_is_in_dutch_too(at: At) -> None:
    unit = at("aw-unit")
    unit.get("/language/nl")
    assert "Om een bewijs vragen" in unit.get("/tickets").text


def test_no_field_of_a_fresh_form_holds_what_nobody_typed(at: At) -> None:
    """A field that is called as something every form has (`keys`) showed the name of that, in the program's words."""
    fields = re.findall(r"<input[^>]*type=\"text\"[^>]*>", at("aw-unit").get("/tickets").text)
    assert len(fields) > 2
    assert [one for one in fields if 'value=""' not in one] == []
