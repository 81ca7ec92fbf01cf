"""An engine without a network: it notes what it is asked and answers what it was told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from register.search.engine import Engine, EngineSettings
from register.search.peppers import Peppers
from tests.integration.search.engine.builders import token

__all__ = ["PEPPERS", "ScriptedEngine", "token"]

Asked = tuple[str, tuple[Mapping[str, Any], ...]]
PEPPERS = Peppers(token=b"t" * 32, identity=b"i" * 32)


class ScriptedEngine(Engine):
    """Takes the lines of each `_bulk` or `_msearch` and answers by a function of them."""

    def __init__(self, answer: Callable[[Sequence[Mapping[str, Any]]], dict[str, Any]]) -> None:
        super().__init__(EngineSettings(url="http://127.0.0.1:9"))
        self.asked: list[Asked] = []
        self._answer = answer

    def call_lines(
        self,
        path: str,
        lines: Sequence[Mapping[str, Any]],
        *,
        params: Mapping[str, str] | None = None,
        write: bool = False,
    ) -> dict[str, Any]:
        del params, write
        self.asked.append((path, tuple(lines)))
        return self._answer(lines)
