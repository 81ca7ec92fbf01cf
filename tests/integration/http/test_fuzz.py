"""Whatever is posted, the node answers as the caller's mistake or does it: never a failure of its own."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.codes import code_list
from tests.integration.http.doors import Doors, a_key, a_request, form, question

FUZZ = settings(suppress_health_check=list(HealthCheck))
text = st.text(max_size=30) | st.sampled_from(["\x00", "\ud800", "\u202e", "'; --", "%00", "A" * 9_000, "", " "])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | text
anything = st.recursive(
    scalars, lambda inside: st.lists(inside, max_size=4) | st.dictionaries(text, inside, max_size=4), max_leaves=12
)
FIELDS = {"/v1/signals": sorted({*form(), "guarantees", "evaluation", "handling", "persons_seen"})}
FIELDS["/v1/searches"] = ["purpose", "legal_basis", "case", "subject", "simulate_edition"]
FIELDS["/v1/requests"] = sorted(a_request())
WHOLE = {"/v1/signals": form(), "/v1/searches": question(), "/v1/requests": a_request()}
paths = st.sampled_from(sorted(WHOLE))


def _codes(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([code.code for code in code_list(name)]) | text


selectors = st.fixed_dictionaries(
    {"type": _codes("identifier_type"), "value": st.text(max_size=40) | st.from_regex(r"[+0-9A-Z .@-]{1,24}")},
    optional={
        "country": st.sampled_from(["AW", "NL", "XX", ""]),
        "platform": _codes("platform"),
        "document_type": _codes("document_type"),
        "use": _codes("document_use"),
    },
)
births = st.fixed_dictionaries(
    {"year": st.integers(1890, 2210)}, optional={"month": st.integers(0, 13), "day": st.integers(0, 32)}
)
people = {"name": st.text(max_size=60), "birth": births, "nationality": st.sampled_from(["AW", "CO", "ZZ"])}


@FUZZ
@given(path=paths, data=st.data())
def test_a_form_with_anything_in_one_field(doors: Doors, path: str, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(FIELDS[path]) | text)
    _post(doors, path, WHOLE[path] | {field: data.draw(anything)})


@FUZZ
@given(path=paths, body=anything)
def test_anything_as_a_form(doors: Doors, path: str, body: object) -> None:
    _post(doors, path, body)


@FUZZ
@given(path=paths, body=st.binary(max_size=200), kind=st.sampled_from(["application/json", "text/plain"]))
def test_any_bytes(doors: Doors, path: str, body: bytes, kind: str) -> None:
    answer = doors.send("POST", path, "unit", body, Content_Type=kind, Idempotency_Key=a_key())
    assert answer.status_code < 500, answer.text


@FUZZ
@given(
    subject=st.fixed_dictionaries({}, optional=people | {"selectors": st.lists(selectors, max_size=3)}),
    edition=st.sampled_from([None, "demo", "strict", "none"]),
)
def test_a_question_about_anybody(doors: Doors, subject: dict[str, Any], edition: str | None) -> None:
    _post(doors, "/v1/searches", question(subject=subject, simulate_edition=edition))


@FUZZ
@given(
    subjects=st.lists(
        st.fixed_dictionaries(
            {"n": st.integers(0, 4), "role": _codes("subject_role"), "kind": _codes("subject_kind")},
            optional=people | {"minor": st.booleans(), "selectors": st.lists(selectors, max_size=3)},
        ),
        max_size=3,
    ),
    loose=st.lists(selectors, max_size=3),
)
def test_a_signal_about_anybody(doors: Doors, subjects: list[Any], loose: list[Any]) -> None:
    _post(doors, "/v1/signals", form() | {"subjects": subjects, "selectors": loose})


def _post(doors: Doors, path: str, body: object) -> None:
    persona = "service" if path == "/v1/signals" else "coordinator"
    raw = json.dumps(body).encode("utf-8", "surrogatepass")
    answer = doors.send("POST", path, persona, raw, Idempotency_Key=a_key())
    assert answer.status_code < 500, answer.text
    assert answer.headers["API-Version"]
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
