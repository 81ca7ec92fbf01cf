"""What somebody types in words of their own stands sealed: no table and no dump holds a word of it in plain.

The fields come from the published description of the API, so that a new one is planted, or red, without anybody's
thinking of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from register.store.models import metadata
from schemas.codes import Partition
from tests.integration.http.doors import PERSONAS, Doors, a_key, form, question
from tests.integration.http.doors import doors as opened
from tests.integration.http.test_access import EXPECTED, SIGNAL, ask
from tests.integration.store.backups import plain_text, take
from tests.support.records.canaries import Needles

Field = tuple[str, str, str]
"""Method, path and pointer of a free text; `*` stands for each item of a list."""
SHORTEST: Final = 4
"""Characters: shorter texts are codes of countries."""
PRINTED: Final[frozenset[Field]] = frozenset({("POST", "/v1/statistics/facts", "/source")})
"""Where a figure was published: printed with every release, so nothing to hide."""
ELSEWHERE: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("POST", "/v1/alarms/{alarm_id}/acknowledgement"): ("alarm", "reason"),
    ("POST", "/v1/drawn-searches/{search_id}/verdict"): ("searched", "note"),
    ("POST", "/v1/liftings"): ("lifting", "note"),
    ("POST", "/v1/referrals/{referral_id}/closing"): ("signal_event", "reason"),
    ("POST", "/v1/requests"): ("request", "content"),
    ("PATCH", "/v1/requests/{request_id}"): ("request", "content"),
    ("POST", "/v1/requests/{request_id}/withdrawal"): ("request", "content"),
    ("POST", f"{SIGNAL}/signed-approval"): ("signal_event", "reason"),
    ("POST", "/v1/class-approvals"): ("class_approval", "reason"),
    ("POST", "/v1/class-approvals/{approval_id}/withdrawal"): ("class_approval", "end_reason"),
    ("POST", f"{SIGNAL}/signed-consent"): ("signal_event", "reason"),
    ("POST", f"{SIGNAL}/consent-withdrawal"): ("signal_event", "reason"),
    ("POST", f"{SIGNAL}/consent"): ("signal_event", "reason"),
    ("POST", f"{SIGNAL}/lifting"): ("signal_event", "reason"),
}
"""Routes that refuse whoever asks here, and the column that takes their words: held to be of bytes."""
_ADDRESS: Final = {"type": "ADDRESS", "value": "-"}
_WHOLE: Final = form(
    operation="-",
    selectors=[_ADDRESS],
    guarantees=[{"guarantor": 1, "kind": "ENTRY", "on": "2025-05-30", "service": "-"}],
    subjects=[{"n": 1, "role": "SUSPECT", "kind": "person", "name": "Pruebo Ficticio", "selectors": [_ADDRESS]}],
)
_CHANGED: Final = ("account", "operation", "place", "selectors", "guarantees", "subjects")
WHOLE: Final[Mapping[tuple[str, str], Any]] = {
    ("POST", "/v1/signals"): _WHOLE,
    ("POST", "/v1/searches"): question(
        subject={"name": "-", "birth": {"year": 1984, "month": 5, "day": 17}, "selectors": [_ADDRESS]}
    ),
    ("PATCH", SIGNAL): {"changes": {name: _WHOLE[name] for name in _CHANGED}, "reason": "-"},
}
"""Bodies with every part that a free text can stand in, where those of the other tests have not all of them."""


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    with opened() as found:
        yield found


def test_no_table_holds_a_free_text_of_any_form_in_plain(doors: Doors, tmp_path: Path) -> None:
    planted: dict[str, Field] = {}
    for (method, path), pointers in _free_texts(doors).items():
        if (method, path) in ELSEWHERE:
            continue
        words = {pointer: _word(len(planted) + n) for n, pointer in enumerate(sorted(pointers))}
        persona = next(p for p in PERSONAS if EXPECTED[method, path].of(p) in {200, 201})
        body = WHOLE.get((method, path))
        answer = ask(doors, method, path, persona, partial(_fill, words=words, whole=body))
        assert answer.status_code in {200, 201}, f"{method} {path}: {answer.text}"
        planted |= {word: (method, path, pointer) for pointer, word in words.items()}
    rows, *_ = take(doors.world, "wheel", Partition.AW, tmp_path)
    text = plain_text("wheel", rows)
    found = {field for word, field in planted.items() if Needles([word]).found_in(text)}
    assert len(planted) > 30
    assert found == PRINTED


def test_what_no_request_here_can_plant_has_a_sealed_column(doors: Doors) -> None:
    refused = {
        route for route in _free_texts(doors) if not {EXPECTED[route].of(persona) for persona in PERSONAS} & {200, 201}
    }
    assert refused == ELSEWHERE.keys()
    for table, column in ELSEWHERE.values():
        assert metadata.tables[f"rtr.{table}"].c[column].type.python_type is bytes


def _free_texts(doors: Doors) -> dict[tuple[str, str], set[str]]:
    """The free texts of the body of each operation that people and programs send."""
    document = doors.send("GET", "/v1/openapi.json").json()
    found: dict[tuple[str, str], set[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is not None and path.startswith("/v1/"):
                pointers = set(_pointers(body["schema"], document["components"]["schemas"], ""))
                if pointers:
                    found[method.upper(), path] = pointers
    return found


def _pointers(schema: Mapping[str, Any], models: Mapping[str, Any], at: str) -> Iterator[str]:
    while "$ref" in schema:
        schema = models[schema["$ref"].rpartition("/")[2]]
    for word in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(word, ()):
            yield from _pointers(one, models, at)
    match schema.get("type"):
        case "object":
            assert not isinstance(schema.get("additionalProperties"), dict), f"{at}: names of somebody's own"
            for name, one in schema.get("properties", {}).items():
                yield from _pointers(one, models, f"{at}/{name}")
        case "array":
            yield from _pointers(schema["items"], models, f"{at}/*")
        case "string":
            coded = {"enum", "const", "pattern", "format"} & schema.keys()
            if not coded and schema.get("maxLength", SHORTEST) >= SHORTEST:
                yield at


def _fill(body: Any, *, words: Mapping[str, str], whole: Any) -> Any:
    """The body, or a whole one in its place, with each word where it belongs; what that stands in has to be there."""
    filled = dict(whole or body)
    for pointer, word in words.items():
        _put(filled, pointer.strip("/").split("/"), word, pointer)
    return filled


def _put(inside: dict[str, Any], steps: list[str], word: str, pointer: str) -> None:
    name, *rest = steps
    if not rest:
        inside[name] = word
        return
    assert inside.get(name), f"no body here reaches {pointer}"
    if rest[0] == "*":
        inside[name] = [dict(one) for one in inside[name]]
        _put(inside[name][0], rest[1:], word, pointer)
    else:
        inside[name] = dict(inside[name])
        _put(inside[name], rest, word, pointer)


def _word(n: int) -> str:
    """As of a name, with a digit, which a case has; and no other word's beginning or end."""
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{n:03}")
    return f"Plantada {letters}testa 7{letters}treinta"


def test_a_word_in_plain_is_found(doors: Doors, tmp_path: Path) -> None:
    """Were nothing looked at, the first test could not fail."""
    word = _word(999)
    fact = {"population": "notifications", "period": "2019", "value": 24, "source": word}
    sent = doors.send("POST", "/v1/statistics/facts", "statistics", fact, Idempotency_Key=a_key())
    assert sent.status_code == 201, sent.text
    rows, *_ = take(doors.world, "wheel", Partition.AW, tmp_path)
    assert Needles([word]).found_in(plain_text("wheel", rows))
