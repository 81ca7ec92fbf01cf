"""Ask the engine which documents hold these tokens, and read its answers.

What comes back are candidates: opaque handles to be looked up in Postgres, where it is decided whether they are live,
of this version and visible to the caller. A country whose index failed or ran out of time is "not computed", never
"nothing".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from register.search.compiler import HITS_PER_TOKEN, EngineQuery, Scope, compile_apart, compile_match
from register.search.engine import Engine
from register.search.peppers import Handle, PepperedToken
from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class TokenHit:
    """One document that holds a token of the question."""

    token: bytes
    family: str
    epoch: int
    handle: Handle


@dataclass(frozen=True, slots=True)
class OriginCandidates:
    """What one country's index answered.

    Attributes:
        computed: False if the index failed or ran out of time; `hits` is then empty and means nothing.
        hits: at most 26 for each token, in the order of the question's tokens.
        totals: for every token of the question, how many documents hold it (counted up to 10,000 at least).
        reason: with `computed` False, the engine's error type or `timed-out`.
    """

    origin: Partition
    computed: bool
    hits: tuple[TokenHit, ...]
    totals: Mapping[bytes, int]
    reason: str | None = None


def ask(engine: Engine, scope: Scope, tokens: Mapping[PepperedToken, bytes]) -> tuple[OriginCandidates, ...]:
    """One answer for each origin of the scope, in its order; `tokens` maps what is asked to the question's own."""
    queries = compile_match(scope, list(tokens))
    if not queries:
        return tuple(
            OriginCandidates(origin, computed=True, hits=(), totals={}) for origin in dict.fromkeys(scope.origins)
        )
    answers = []
    for query, response in zip(queries, _search_engine(engine, queries), strict=True):
        if (reason := _find_failure(response)) is None and _read_total(response) > query.body["size"]:
            apart = compile_apart(scope, query.origin, list(tokens))
            answers.append(_read_apart(query.origin, tokens, _search_engine(engine, apart)))
        elif reason is None:
            answers.append(_read_response(query.origin, tokens, response))
        else:
            answers.append(_not_computed(query.origin, reason))
    return tuple(answers)


def _search_engine(engine: Engine, queries: Sequence[EngineQuery]) -> list[dict[str, Any]]:
    lines: list[Mapping[str, Any]] = []
    for query in queries:
        lines += [{"index": query.index}, query.body]
    responses: list[dict[str, Any]] = engine.call_lines("/_msearch", lines)["responses"]
    return responses


def _read_response(
    origin: Partition, tokens: Mapping[PepperedToken, bytes], response: dict[str, Any]
) -> OriginCandidates:
    found = [hit["_source"] for hit in response["hits"]["hits"]]
    counts = Counter(source["t"] for source in found)
    return _build_answer(origin, tokens, found, counts)


def _read_apart(
    origin: Partition, tokens: Mapping[PepperedToken, bytes], responses: Sequence[dict[str, Any]]
) -> OriginCandidates:
    found: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    for token, response in zip(tokens, responses, strict=True):
        if (reason := _find_failure(response)) is not None:
            return _not_computed(origin, reason)
        found += [hit["_source"] for hit in response["hits"]["hits"]]
        counts[token] = _read_total(response)
    return _build_answer(origin, tokens, found, counts)


def _build_answer(
    origin: Partition, tokens: Mapping[PepperedToken, bytes], found: list[dict[str, Any]], counts: Counter[str]
) -> OriginCandidates:
    by_token: dict[str, list[dict[str, Any]]] = {token: [] for token in tokens}
    for source in found:
        by_token[source["t"]].append(source)
    hits = tuple(
        TokenHit(raw, source["family"], source["epoch"], Handle(source["handle"]))
        for token, raw in tokens.items()
        for source in by_token[token][:HITS_PER_TOKEN]
    )
    totals = {raw: counts[token] for token, raw in tokens.items()}
    return OriginCandidates(origin, computed=True, hits=hits, totals=totals)


def _not_computed(origin: Partition, reason: str) -> OriginCandidates:
    return OriginCandidates(origin, computed=False, hits=(), totals={}, reason=reason)


def _find_failure(response: dict[str, Any]) -> str | None:
    if "error" in response:
        error = response["error"]
        return str(error.get("type", "unnamed")) if isinstance(error, dict) else "unnamed"
    if response.get("timed_out"):
        return "timed-out"
    if response["_shards"]["failed"]:
        return "shard-failed"
    return None


def _read_total(response: dict[str, Any]) -> int:
    return int(response["hits"]["total"]["value"])
