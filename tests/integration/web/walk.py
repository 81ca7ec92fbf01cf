"""The form filled in without a browser: page by page, as its own forms would send it."""

from __future__ import annotations

import re

import httpx2

from tests.support.web.pages import Browserless

Fields = dict[str, str | list[str]]

ANSWERS: dict[str, Fields] = {
    "what": {"account": "Seen twice at the bus stop."},
    "when": {"from": "2026-01-05", "to": "", "island": "AW", "location_type": "STREET", "locality": "Dakota"},
    "type": {"signal_type": "UNDETERMINED"},
    "source": {"source": "CITIZEN", "channel": "PHONE", "received_on": "2026-01-06"},
}


def csrf(person: Browserless) -> str:
    """The token that the forms of this session carry, read from a page."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', person.get("/").text)
    assert found, "no form on the first page"
    return found[1]


def version(person: Browserless, draft: str) -> str:
    """The version that the forms of a draft's pages carry now; empty where this person has no such draft."""
    found = re.search(r'name="version" value="([0-9]+)"', person.get(f"{draft}/known").text)
    return found[1] if found else ""


def entries(person: Browserless, draft: str) -> list[str]:
    """The ids of what is known, as the draft's page lists it: the persons first."""
    return re.findall(r'name="remove" value="([^"]+)"', person.get(f"{draft}/known").text)


def send(person: Browserless, path: str, fields: Fields) -> httpx2.Response:
    """Send a form of our own page, opened just now."""
    draft = re.match(r"/report/[^/]+(?=/)", path)
    now: Fields = {"version": version(person, draft[0])} if draft else {}
    return person.post(path, {"csrf": csrf(person), **now, **fields})


def begin(person: Browserless, urgency: str = "NORMAL") -> str:
    """Answer the first page; return the draft's path."""
    answer = send(person, "/report", {"urgency": urgency})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).rpartition("/")[0]


def answered(person: Browserless, *, known: Fields | None = None, **changed: Fields) -> str:
    """Answer all pages; return the draft's path, ready to be looked over."""
    draft = begin(person)
    for step, fields in ANSWERS.items():
        assert send(person, f"{draft}/{step}", fields | changed.get(step, {})).status_code == 303
    if known is not None:
        assert send(person, f"{draft}/known/person", known).headers["location"] == f"{draft}/known"
    answer = send(person, f"{draft}/known", {"then": "nothing" if known is None else "all"})
    assert answer.headers["location"] == f"{draft}/check", answer.text
    return draft
