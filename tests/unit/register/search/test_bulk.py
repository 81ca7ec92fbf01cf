"""Bulk writes, item by item, against an engine that answers by script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from register.search.errors import EngineBusy, EngineRefused, EngineUnavailable, IndexMissing
from register.search.feeding.bulk import ATTEMPTS_MAX, ITEMS_MAX, Bulk, Item, ItemResult, Written
from tests.unit.register.search.scripted import ScriptedEngine


def _item(name: str) -> Item:
    return Item(name, 4, {"t": name})


def _answer(lines: Sequence[Mapping[str, Any]], status: int, kind: str = "some_exception") -> dict[str, Any]:
    actions = [line["index"] for line in lines if "index" in line]
    if status < 300:
        return {"items": [{"index": {"_id": a["_id"], "status": status, "result": "created"}} for a in actions]}
    return {"items": [{"index": {"_id": a["_id"], "status": status, "error": {"type": kind}}} for a in actions]}


def test_documents_go_with_external_versions_and_no_index_of_their_own() -> None:
    engine = ScriptedEngine(lambda lines: _answer(lines, 201))

    assert Bulk(engine, lambda _: None).write("rtr-x", [_item("a")]) == [ItemResult(Written.CREATED)]
    assert engine.asked == [
        ("/rtr-x/_bulk", ({"index": {"_id": "a", "version": 4, "version_type": "external"}}, {"t": "a"}))
    ]


def test_only_what_was_refused_for_being_too_many_is_sent_again_after_a_growing_pause() -> None:
    pauses: list[float] = []
    refused = {"b": 2}

    def answer(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        items = []
        for line in lines:
            if "index" not in line:
                continue
            name = line["index"]["_id"]
            busy = refused.get(name, 0) > 0
            refused[name] = refused.get(name, 0) - 1
            outcome = {"status": 429, "error": {"type": "rejected"}} if busy else {"status": 201, "result": "created"}
            items.append({"index": {"_id": name, **outcome}})
        return {"items": items}

    engine = ScriptedEngine(answer)
    results = Bulk(engine, pauses.append).write("rtr-x", [_item("a"), _item("b")])

    assert results == [ItemResult(Written.CREATED)] * 2
    assert [[line["index"]["_id"] for line in lines if "index" in line] for _, lines in engine.asked] == [
        ["a", "b"],
        ["b"],
        ["b"],
    ]
    assert pauses == sorted(pauses)
    assert len(pauses) == 2


def test_an_engine_that_stays_too_busy_is_an_error_and_not_an_endless_wait() -> None:
    pauses: list[float] = []

    with pytest.raises(EngineBusy):
        Bulk(ScriptedEngine(lambda lines: _answer(lines, 429)), pauses.append).write("rtr-x", [_item("a")])
    assert len(pauses) == ATTEMPTS_MAX - 1


def test_a_whole_answer_of_429_is_waited_out_too() -> None:
    answers = iter([EngineBusy("full"), None])

    def answer(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        if (problem := next(answers)) is not None:
            raise problem
        return _answer(lines, 201)

    assert Bulk(ScriptedEngine(answer), lambda _: None).write("rtr-x", [_item("a")]) == [ItemResult(Written.CREATED)]


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (409, ItemResult(Written.NEWER_THERE)),
        (400, ItemResult(Written.REFUSED, "some_exception")),
    ],
)
def test_each_item_has_a_result_of_its_own(status: int, result: ItemResult) -> None:
    engine = ScriptedEngine(lambda lines: _answer(lines, status))

    assert Bulk(engine, lambda _: None).write("rtr-x", [_item("a")]) == [result]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (503, EngineUnavailable),
        (404, IndexMissing),
        # A block, a right, a sign-in: never the document's fault, and never a reason to give it up.
        (401, EngineRefused),
        (403, EngineRefused),
        (413, EngineRefused),
    ],
)
def test_what_concerns_more_than_the_item_stops_the_whole(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        Bulk(ScriptedEngine(lambda lines: _answer(lines, status)), lambda _: None).write("rtr-x", [_item("a")])


def test_many_documents_go_in_several_requests_and_keep_their_order() -> None:
    engine = ScriptedEngine(lambda lines: _answer(lines, 201))
    items = [_item(str(number)) for number in range(2 * ITEMS_MAX + 1)]

    assert len(Bulk(engine, lambda _: None).write("rtr-x", items)) == len(items)
    assert [len(lines) // 2 for _, lines in engine.asked] == [ITEMS_MAX, ITEMS_MAX, 1]
