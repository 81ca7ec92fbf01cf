"""Which generations of an origin's indexes there are, which one is read, and how the next takes its place.

A generation is a pair: the index of records and the index of tokens, created, swapped and dropped together. One
rebuild at a time for an origin is the caller's promise (a lock in Postgres).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from register.search.engine import Engine
from register.search.errors import EngineRefused, IndexMissing
from register.search.mapping import MAPPING_VERSION, index_body
from register.search.names import Kind, all_of, index_name, parse, read_alias, write_alias
from schemas.codes import Partition

_FIRST: Final = 1
_EXISTS: Final = "resource_already_exists_exception"
_AUTO_CREATE: Final = "action.auto_create_index"
_NEVER_OURS: Final = "-rtr-*"


@dataclass(frozen=True, slots=True)
class Generation:
    """One pair of indexes.

    Attributes:
        read: whether searches read it.
    """

    number: int
    mapping: int
    record: str
    token: str
    read: bool

    @property
    def current(self) -> bool:
        """Whether it has the mapping of this release."""
        return self.mapping == MAPPING_VERSION


class Generations:
    """The generations of one host."""

    def __init__(self, engine: Engine, host: Partition) -> None:
        self._engine = engine
        self._host = host

    def of(self, origin: Partition) -> tuple[Generation, ...]:
        """Those that must get each change, oldest first.

        Raises:
            IndexMissing: none; `prepare` was never run for this origin.
        """
        found = self._list(origin)
        if not found:
            raise IndexMissing(f"{self._host} has no index for records of {origin}")
        return found

    def exist(self, origin: Partition) -> bool:
        """Whether there is one that is read."""
        return any(generation.read for generation in self._list(origin))

    def read(self, origin: Partition) -> Generation:
        """The one that searches read."""
        for generation in self.of(origin):
            if generation.read:
                return generation
        raise IndexMissing(f"{self._host} reads no index for records of {origin}")

    def ensure(self, origin: Partition) -> Generation:
        """Create the first generation if nothing is there, and return the one that is read."""
        if not self._list(origin):
            self.create(origin, _FIRST, read=True)
        return self.read(origin)

    def create(self, origin: Partition, number: int, *, read: bool) -> Generation:
        """Create a generation that gets every change from now on. One that exists already is left as it is."""
        names = {kind: index_name(self._host, origin, kind, MAPPING_VERSION, number) for kind in Kind}
        for kind, name in names.items():
            aliases = [write_alias(self._host, origin, kind)]
            if read:
                aliases.append(read_alias(self._host, origin, kind))
            try:
                self._engine.call("PUT", f"/{name}", index_body(kind, aliases=tuple(aliases)), write=True)
            except EngineRefused as exc:
                # Another process of this host was faster: the same name means the same mapping and aliases.
                if exc.details.get("type") != _EXISTS:
                    raise
        return Generation(number, MAPPING_VERSION, names[Kind.RECORD], names[Kind.TOKEN], read)

    def next(self, origin: Partition) -> Generation:
        """Drop what an interrupted rebuild left and create the generation after the highest one."""
        highest = max(generation.number for generation in self.of(origin))
        self.drop(g for g in self.of(origin) if not g.read)
        return self.create(origin, highest + 1, read=False)

    def swap(self, origin: Partition, new: Generation) -> None:
        """Let searches read another generation: both kinds in one step, so no search sees none or two."""
        actions: list[dict[str, Any]] = []
        for generation in self.of(origin):
            verb = "add" if generation.number == new.number else "remove"
            if verb == "remove" and not generation.read:
                continue
            for kind, name in ((Kind.RECORD, generation.record), (Kind.TOKEN, generation.token)):
                actions.append({verb: {"index": name, "alias": read_alias(self._host, origin, kind)}})
        self._engine.call("POST", "/_aliases", {"actions": actions}, write=True)

    def drop(self, generations: Iterable[Generation]) -> int:
        """Delete generations that nobody reads, each pair in one step; returns how many."""
        dropped = 0
        for generation in tuple(generations):
            pair = f"{generation.record},{generation.token}"
            self._engine.call("DELETE", f"/{pair}", params={"ignore_unavailable": "true"}, write=True)
            dropped += 1
        return dropped

    def forbid_auto_create(self) -> None:
        """Keep the engine from inventing an index of ours without mapping, for a write that comes too late.

        Only names of this product are forbidden; what the cluster's operator set for others stays.
        """
        answer = self._engine.call(
            "GET", "/_cluster/settings", params={"include_defaults": "true", "flat_settings": "true"}
        )
        layers = (answer.get(layer, {}) for layer in ("transient", "persistent", "defaults"))
        current = next((str(layer[_AUTO_CREATE]) for layer in layers if _AUTO_CREATE in layer), "true")
        if current == "false" or current.startswith(_NEVER_OURS):
            return
        wanted = f"{_NEVER_OURS},{'+*' if current == 'true' else current}"
        self._engine.call("PUT", "/_cluster/settings", {"persistent": {_AUTO_CREATE: wanted}}, write=True)

    def _list(self, origin: Partition) -> tuple[Generation, ...]:
        answer = self._engine.call("GET", f"/{all_of(self._host, origin)}/_alias")
        pairs: defaultdict[tuple[int, int], dict[Kind, str]] = defaultdict(dict)
        read: set[tuple[int, int]] = set()
        for name, entry in answer.items():
            parsed = parse(name)
            if parsed is None:
                continue
            kind, mapping, number = parsed
            aliases = entry["aliases"]
            if write_alias(self._host, origin, kind) in aliases:
                pairs[number, mapping][kind] = name
            if read_alias(self._host, origin, kind) in aliases:
                read.add((number, mapping))
        return tuple(
            Generation(number, mapping, pair[Kind.RECORD], pair[Kind.TOKEN], read=(number, mapping) in read)
            for (number, mapping), pair in sorted(pairs.items())
            if len(pair) == len(Kind)
        )
