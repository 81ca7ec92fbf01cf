"""No input leaves the list of indexes of a scope, or the closed grammar: proved on what reaches the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.search import compiler
from register.search.compiler import (
    HITS_PER_TOKEN,
    TOKENS_MAX,
    Scope,
    compile_apart,
    compile_match,
    in_closed_grammar,
    in_upkeep_grammar,
    indexes_of,
)
from register.search.errors import TooManyTokens
from register.search.index import SearchIndex
from register.search.names import Kind
from register.search.peppers import PepperedToken
from schemas.codes import Partition
from tests.unit.register.search.scripted import PEPPERS, ScriptedEngine, token

PLACES = st.sampled_from(list(Partition))
SCOPES = st.builds(Scope, PLACES, st.lists(PLACES, max_size=8).map(tuple))
QUERY = compile_match(Scope(Partition.AW, (Partition.CW,)), [PEPPERS.peppered(token(1))])[0].body


@given(scope=SCOPES, tokens=st.lists(st.binary(max_size=40), max_size=30), total=st.integers(0, 2_000))
def test_what_a_search_sends_stays_in_the_scope_and_in_the_grammar(
    scope: Scope, tokens: list[bytes], total: int
) -> None:
    def answer(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        empty = {"timed_out": False, "_shards": {"failed": 0}, "hits": {"total": {"value": total}, "hits": []}}
        return {"responses": [empty for _ in lines[::2]]}

    engine = ScriptedEngine(answer)
    SearchIndex(scope.host, engine, PEPPERS).match(scope, tokens)

    allowed = set(indexes_of(scope))
    assert allowed <= {f"rtr-{scope.host.lower()}-{origin.lower()}-token-read" for origin in scope.origins}
    for path, lines in engine.asked:
        assert path == "/_msearch"
        for head, body in zip(lines[::2], lines[1::2], strict=True):
            assert head.keys() == {"index"}
            assert head["index"] in allowed
            assert in_closed_grammar(body)
            assert body["size"] <= HITS_PER_TOKEN * TOKENS_MAX < 10_000


@given(texts=st.lists(st.text(max_size=50) | st.just(token(1).hex()) | st.just("*"), min_size=1, max_size=5))
def test_a_text_that_is_no_digest_of_ours_never_gets_into_a_query(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="peppered"):
        compile_match(Scope(Partition.AW, (Partition.CW,)), cast("list[PepperedToken]", texts))


@pytest.mark.parametrize("place", ["*", "aw,-cw", "AW", "../_all"])
def test_a_name_that_is_no_partition_never_becomes_an_index(place: str) -> None:
    with pytest.raises(TypeError):
        Scope(Partition.AW, (cast("Partition", place),))
    with pytest.raises(TypeError):
        Scope(cast("Partition", place), ())


def test_a_token_cannot_be_asked_by_itself_outside_the_scope() -> None:
    with pytest.raises(ValueError, match="scope"):
        compile_apart(Scope(Partition.AW, (Partition.CW,)), Partition.NL, [PEPPERS.peppered(token(1))])


def test_a_question_has_a_greatest_number_of_tokens() -> None:
    most = [PEPPERS.peppered(token(number)) for number in range(TOKENS_MAX + 1)]
    scope = Scope(Partition.AW, (Partition.CW,))

    assert compile_match(scope, most[:-1])[0].body["size"] == HITS_PER_TOKEN * TOKENS_MAX
    with pytest.raises(TooManyTokens):
        compile_match(scope, most)


@pytest.mark.parametrize(
    "change",
    [
        {"query": {"match_all": {}}},
        {"query": {"terms": {"t": []}}},
        {"query": {"terms": {"t": ["*"]}}},
        {"query": {"terms": {"handle": [PEPPERS.peppered(token(1))]}}},
        {"query": {"terms": {"t": [PEPPERS.peppered(token(1))], "boost": 2}}},
        {"query": {"terms": {"t": {"index": "rtr-nl-nl-token-read", "id": "1", "path": "t"}}}},
        {"query": {"bool": {"must": [QUERY["query"]]}}},
        {"query": {"term": {"t": {"value": PEPPERS.peppered(token(1)), "case_insensitive": True}}}},
        {"query": {"query_string": {"query": "*"}}},
        {"_source": True},
        {"_source": ["t", "family", "epoch", "handle", "object"]},
        {"size": 27},
        {"timeout": "1h"},
        {"terminate_after": 0},
        {"aggs": {"a": {"terms": {"field": "t"}}}},
        {"script_fields": {}},
        {"from": 10},
        {"sort": ["t"]},
    ],
)
def test_the_checker_of_the_grammar_refuses_what_is_outside_it(change: dict[str, Any]) -> None:
    assert in_closed_grammar(QUERY)
    assert not in_closed_grammar({**QUERY, **change})


@pytest.mark.parametrize("missing", sorted(QUERY))
def test_no_part_of_a_query_can_be_left_out(missing: str) -> None:
    assert not in_closed_grammar({name: value for name, value in QUERY.items() if name != missing})


def test_queries_for_upkeep_are_closed_too_and_are_no_searches() -> None:
    key = PEPPERS.peppered(token(1))
    upkeep = [compiler.of_object(key), compiler.count_all(), *map(compiler.count_live, Kind)]

    assert all(map(in_upkeep_grammar, upkeep))
    assert not any(map(in_closed_grammar, upkeep))
    assert not in_upkeep_grammar({**compiler.of_object(key), "_source": True})
    assert not in_upkeep_grammar(QUERY)
