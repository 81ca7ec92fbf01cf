"""What becomes of answers that are not whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from register.search.compiler import Scope
from register.search.errors import EngineUnavailable
from register.search.index import SearchIndex
from schemas.codes import Partition
from tests.unit.register.search.scripted import PEPPERS, ScriptedEngine, token

SCOPE = Scope(Partition.CW, (Partition.AW, Partition.NL))
EMPTY = {"timed_out": False, "_shards": {"failed": 0}, "hits": {"total": {"value": 0}, "hits": []}}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"error": {"type": "index_not_found_exception"}, "status": 404}, "index_not_found_exception"),
        ({**EMPTY, "timed_out": True}, "timed-out"),
        ({**EMPTY, "_shards": {"failed": 1}}, "shard-failed"),
    ],
)
def test_a_country_whose_index_fails_is_not_computed_and_never_nothing(broken: dict[str, Any], reason: str) -> None:
    index = SearchIndex(Partition.CW, ScriptedEngine(lambda _: {"responses": [broken, EMPTY]}), PEPPERS)

    aruba, netherlands = index.match(SCOPE, [token(1)])

    assert (aruba.computed, aruba.reason, aruba.totals) == (False, reason, {})
    assert (netherlands.computed, netherlands.reason, netherlands.totals) == (True, None, {token(1): 0})


def test_nothing_asked_is_answered_without_the_engine() -> None:
    engine = ScriptedEngine(lambda _: {})
    answers = SearchIndex(Partition.CW, engine, PEPPERS).match(SCOPE, [])

    assert [answer.origin for answer in answers] == [Partition.AW, Partition.NL]
    assert engine.asked == []


def test_the_index_of_one_host_does_not_answer_for_another() -> None:
    index = SearchIndex(Partition.CW, ScriptedEngine(lambda _: {}), PEPPERS)

    with pytest.raises(ValueError, match="CW"):
        index.match(Scope(Partition.SX, (Partition.AW,)), [token(1)])


def test_an_engine_that_is_away_is_said_to_be_so() -> None:
    def away(_: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        raise EngineUnavailable("away")

    index = SearchIndex(Partition.CW, ScriptedEngine(away), PEPPERS)

    with pytest.raises(EngineUnavailable):
        index.match(SCOPE, [token(1)])
    assert not index.health().reachable
