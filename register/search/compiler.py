"""The only place that writes what is sent to the engine as a query.

A caller gives a scope and peppered tokens. Which indexes are asked follows from the scope alone; what is asked
comes in one closed form: `term` or `terms` on the token, the fields to return, a size and three bounds. No caller's
text gets near a query: a token that does not look like a digest of ours is refused.

Queries for upkeep (`of_object`, `count_live`, ...) are closed forms too, and are never reached by a person's search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, assert_never

from register.search.errors import TooManyTokens
from register.search.names import Kind, read_alias
from register.search.peppers import PepperedToken, is_digest
from schemas.codes import Partition

HITS_PER_TOKEN: Final = 26  # 25 can be shown; one more tells that there are too many
TOKENS_MAX: Final = 256  # 26 x 256 stays below the 10,000 documents an engine returns at most
SEARCH_TIMEOUT_MS: Final = 2_000
TERMINATE_AFTER: Final = 10_000  # documents a shard; above any size, so it only bounds how far we count
UPKEEP_PAGE: Final = 4_000

_RETURNED: Final = ("t", "family", "epoch", "handle")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose mirror is asked, and for records of which origins: decided by the rules before anything is compiled.

    Raises:
        TypeError: something else than partitions was given; a name out of nowhere must never become an index.
    """

    host: Partition
    origins: tuple[Partition, ...]

    def __post_init__(self) -> None:
        if not all(isinstance(place, Partition) for place in (self.host, *self.origins)):
            raise TypeError("a scope is made of partitions")


@dataclass(frozen=True, slots=True)
class EngineQuery:
    """One query against one alias."""

    origin: Partition
    index: str
    body: Mapping[str, Any]


def indexes_of(scope: Scope) -> tuple[str, ...]:
    """The whole list of what a match may read, in the order of the scope."""
    return tuple(read_alias(scope.host, origin, Kind.TOKEN) for origin in dict.fromkeys(scope.origins))


def compile_match(scope: Scope, tokens: Sequence[PepperedToken]) -> tuple[EngineQuery, ...]:
    """One query for each origin: which documents hold any of these tokens.

    An origin is asked by itself, so that many hits in one country never push out a hit in another. Where an
    answer's total exceeds its size, `compile_apart` asks again for each token.

    Raises:
        TooManyTokens: more than `TOKENS_MAX`.
        ValueError: a token is no digest.
    """
    wanted = _check_tokens(tokens)
    if not wanted:
        return ()
    query = {"terms": {"t": wanted}}
    return tuple(_build_query(scope.host, origin, query, len(wanted)) for origin in dict.fromkeys(scope.origins))


def compile_apart(scope: Scope, origin: Partition, tokens: Sequence[PepperedToken]) -> tuple[EngineQuery, ...]:
    """One query for each token, in order: a common token cannot push out the hit of a rare one.

    Raises:
        ValueError: the origin is not in the scope, or a token is no digest.
    """
    if origin not in scope.origins:
        raise ValueError("the origin is not in the scope")
    return tuple(_build_query(scope.host, origin, {"term": {"t": token}}, 1) for token in _check_tokens(tokens))


def in_closed_grammar(body: object) -> bool:
    """Whether a body is one that a person's search may lead to. Written apart from the compiler, to check it."""
    match body:
        case {
            "query": {"terms": {"t": list() as wanted, **no_field}, **no_query},
            "_source": ["t", "family", "epoch", "handle"],
            "size": int() as size,
            "timeout": "2000ms",
            "terminate_after": 10_000,
            **no_key,
        }:
            return (
                not (no_field or no_query or no_key)
                and 0 < len(wanted) <= 256  # noqa: PLR2004 the bound is repeated here on purpose
                and size == 26 * len(wanted)
                and all(map(is_digest, wanted))
            )
        case {
            "query": {"term": {"t": str() as token, **no_field}, **no_query},
            "_source": ["t", "family", "epoch", "handle"],
            "size": 26,
            "timeout": "2000ms",
            "terminate_after": 10_000,
            **no_key,
        }:
            return not (no_field or no_query or no_key) and is_digest(token)
        case _:
            return False


def of_object(object_key: str) -> dict[str, Any]:
    """Upkeep: the live token documents of one record, with their versions."""
    if not is_digest(object_key):
        raise ValueError("an object key is a digest")
    return {
        "query": {"term": {"object": object_key}},
        "_source": ["handle"],
        "version": True,
        "size": UPKEEP_PAGE,
    }


def count_live(kind: Kind) -> dict[str, Any]:
    """Upkeep: how many documents are no tombstones."""
    match kind:
        case Kind.RECORD:
            return {"query": {"term": {"live": True}}}
        case Kind.TOKEN:
            return {"query": {"exists": {"field": "t"}}}
        case _:
            assert_never(kind)


def count_all() -> dict[str, Any]:
    """Upkeep: how many documents there are, tombstones included."""
    return {"query": {"match_all": {}}}


def tombstones(before: date) -> dict[str, Any]:
    """Upkeep: tombstones made before a day, with their versions."""
    return {
        "query": {"range": {"gone_on": {"lt": before.isoformat()}}},
        "_source": False,
        "version": True,
        "size": UPKEEP_PAGE,
    }


def in_upkeep_grammar(body: object) -> bool:
    """Whether a body is one of the four above. They return no field of a document but the opaque handle."""
    match body:
        case {"query": {"term": {"object": str() as key}}}:
            return is_digest(key) and body == of_object(key)
        case {"query": {"range": {"gone_on": {"lt": str() as day}}}}:
            return body == tombstones(date.fromisoformat(day))
        case _:
            return body in (*map(count_live, Kind), count_all())


def _check_tokens(tokens: Sequence[PepperedToken]) -> list[PepperedToken]:
    wanted = list(dict.fromkeys(tokens))
    if len(wanted) > TOKENS_MAX:
        raise TooManyTokens(
            f"a search asks for at most {TOKENS_MAX} tokens; this one has {len(wanted)}", limit=TOKENS_MAX
        )
    if not all(map(is_digest, wanted)):
        raise ValueError("a token in a query must be peppered")
    return wanted


def _build_query(host: Partition, origin: Partition, query: dict[str, Any], tokens: int) -> EngineQuery:
    body = {
        "query": query,
        "_source": list(_RETURNED),
        "size": HITS_PER_TOKEN * tokens,
        "timeout": f"{SEARCH_TIMEOUT_MS}ms",
        "terminate_after": TERMINATE_AFTER,
    }
    return EngineQuery(origin, read_alias(host, origin, Kind.TOKEN), body)
