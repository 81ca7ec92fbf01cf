"""The page of hits: a block a subject, a state a hit that a person sets, and a request drafted from the hit."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from schemas.signals.out import SignalOut
from tests.integration.web.conftest import At
from tests.integration.web.ours import hits, recorded
from tests.integration.web.walk import send
from tests.support.exchange.neighbours import Neighbours
from tests.support.web.pages import AW, Browserless, Pages

STREET = {"island": "CW", "location_type": "STREET"}
GROUND = {"purpose": "COORDINATE", "legal_basis": "AW_NONPOLICE", "case": "Z-2026-04"}


def a_suspect(n: int, phone: str) -> dict[str, object]:
    return {"n": n, "role": "SUSPECT", "kind": "person", "selectors": [{"type": "PHONE", "value": phone}]}


def known(served: Pages, near: Neighbours, *phones: str) -> tuple[SignalOut, list[SignalOut]]:
    """A report with a person a phone, and a report of Curaçao on each of them."""
    own = recorded(served, subjects=[a_suspect(n, p) for n, p in enumerate(phones, start=1)], selectors=[])
    abroad = [
        recorded(served, "CW-KPC", "cw-officer", place=STREET, subjects=[a_suspect(1, p)], selectors=[]) for p in phones
    ]
    near.settle()
    near.settle()
    return own, abroad


def block(page: str, reference: str, person: int) -> str:
    """The part of the page on one person of one report."""
    (found,) = [s for s in re.split(r"<section ", page) if f"{reference}</a>, person {person}<" in s]
    return found.partition("</section>")[0]


def row_of(part: str, reference: str) -> str:
    """The hidden field that names a hit and the version that was seen."""
    one = next(a for a in part.split("<article") if reference in a)
    return str(re.findall(r'name="row" value="([^"]+)"', one)[0])


def keep(person: Browserless, page: str, row: str, mark: str) -> str:
    """Send the whole form as a browser does, with one thing said."""
    rows = re.findall(r'name="row" value="([^"]+)"', page)
    marks = [mark if one == row else "" for one in rows]
    return send(person, "/hits", {**GROUND, "row": rows, "mark": marks}).text


def test_hits_stand_in_a_block_for_each_person_of_a_report(served: Pages, near: Neighbours, at: At) -> None:
    own, (first, second) = known(served, near, "+297 000 0611", "+297 000 0612")
    page = hits(at("aw-unit"))
    assert first.reference in block(page, own.reference, 1)
    assert second.reference not in block(page, own.reference, 1)
    assert second.reference in block(page, own.reference, 2)


def test_what_is_said_of_a_hit_stays_and_no_concern_is_folded_with_its_reason(
    served: Pages, near: Neighbours, at: At
) -> None:
    own, (abroad,) = known(served, near, "+297 000 0613")
    unit = at("aw-unit")
    page = hits(unit)
    part = block(page, own.reference, 1)
    assert ">New</span>" in part
    page = keep(unit, page, row_of(part, abroad.reference), "SEEN")
    assert ">Looked at</span>" in block(page, own.reference, 1)
    page = keep(unit, page, row_of(block(page, own.reference, 1), abroad.reference), "NO_CONCERN.SHARED_BY_MANY")
    part = block(page, own.reference, 1)
    assert "No concern: 1" in part
    assert "Many people use it" in part
    assert part.index("<details>") < part.index(abroad.reference)


def test_who_says_something_of_a_hit_that_somebody_was_faster_with_is_told(
    served: Pages, near: Neighbours, at: At
) -> None:
    own, (abroad,) = known(served, near, "+297 000 0614")
    unit, coordinator = at("aw-unit"), at("aw-lead")
    page = hits(coordinator)
    row = row_of(block(page, own.reference, 1), abroad.reference)
    keep(unit, page, row, "NO_CONCERN.KNOWN_ALREADY")
    late = keep(coordinator, page, row, "SEEN")
    assert "Not all was kept" in late
    assert "Of this hit something else was said meanwhile" in block(late, own.reference, 1)
    assert "Known already, and dealt with" in block(late, own.reference, 1)


@pytest.mark.parametrize(
    ("row", "mark"),
    [("none", "SEEN"), ("{id}.x", "SEEN"), ("{id}.1", "DRAFTED"), ("{id}.1", "NO_CONCERN"), ("{id}.1", "SEEN.X")],
)
def test_form_that_says_what_no_page_offers_is_refused(served: Pages, at: At, row: str, mark: str) -> None:
    one = row.replace("{id}", str(served[AW].register.clock.new_id()))
    answer = send(at("aw-unit"), "/hits", {**GROUND, "row": [one], "mark": [mark]})
    assert answer.status_code == 422


def test_request_is_drafted_from_the_hit_with_what_is_known_and_the_hit_says_so(
    served: Pages, near: Neighbours, at: At
) -> None:
    own, (abroad,) = known(served, near, "+297 000 0615")
    person = at("aw-lead")
    part = block(hits(person), own.reference, 1)
    carried = html.unescape(re.findall(r'formaction="/search/requests" name="hit" value="([^"]+)"', part)[0])
    form = send(person, "/search/requests", {**GROUND, "hit": carried}).text
    asked = re.search(r'<textarea id="asks"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL)
    assert asked
    assert f"Your extract {abroad.reference} and a report of ours share a phone number." in asked[1]
    assert own.reference not in form, "a request tells its receiver no more than a search does"
    assert "Z-2026-04" in form
    until = (served[AW].register.today() + timedelta(days=14)).isoformat()
    assert f'value="{until}"' in form
    key = re.findall(r'name="key" value="([^"]+)"', form)[0]
    saved = send(
        person, "/search/requests",
        {**GROUND, "hit": carried, "key": key, "then": "save", "route": "police", "asks": "Who?", "answer_by": until},
    )  # fmt: skip
    assert saved.status_code == 303, saved.text
    drafted = block(hits(person), own.reference, 1)
    assert ">Request drafted</span>" in drafted
    assert f'href="{saved.headers["location"]}"' in drafted
    others = block(hits(at("aw-unit")), own.reference, 1)
    assert ">Request drafted</span>" in others
    assert saved.headers["location"] not in others, "a link that would refuse the unit is none"


@pytest.mark.parametrize(
    ("who", "role"), [("aw-lead", "VICTIM_POTENTIAL"), ("aw-lead", "WITNESS"), ("aw-unit", "VICTIM_POTENTIAL")]
)
def test_hit_of_a_protected_person_says_so_and_its_request_begins_with_nothing(
    served: Pages, near: Neighbours, at: At, who: str, role: str
) -> None:
    phone = f"+297 000 06{40 + ['VICTIM_POTENTIAL', 'WITNESS'].index(role) + 5 * (who == 'aw-unit')}"
    free = f"{phone[:-2]}{int(phone[-2:]) + 2}"
    persons = [{**a_suspect(1, phone), "role": role}, a_suspect(2, free)]
    own = recorded(served, subjects=persons, selectors=[])
    for one in (phone, free):
        recorded(served, "CW-KPC", "cw-officer", place=STREET, subjects=[a_suspect(1, one)], selectors=[])
    near.settle()
    near.settle()
    person = at(who)
    page = hits(person)
    says = "The person is protected in our own report."
    assert says in block(page, own.reference, 1)
    assert says not in block(page, own.reference, 2)
    if who == "aw-unit":
        return
    carried = html.unescape(re.findall(r'name="hit" value="([^"]+)"', block(page, own.reference, 1))[0])
    form = send(person, "/search/requests", {**GROUND, "hit": carried}).text
    asked = re.search(r'<textarea id="asks"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL)
    assert asked
    assert asked[1].strip() == "", "nothing is said to a partner that nobody has typed"
    assert says in form


def test_who_may_not_search_is_offered_no_draft(served: Pages, near: Neighbours, at: At) -> None:
    known(served, near, "+297 000 0616")
    page = hits(at("aw-unit"))
    assert "What was done about it?" in page
    assert "formaction" not in page
