"""Which tests run a line, and how long each takes: looked at once for each state of the code, and kept.

The tests run once under coverage, each as a context of its own, and what a `@cache` of the area holds is forgotten
before each, so that no test hides behind the one that came first. What runs when a module is read, the product's or a
test's, is in nobody's context: any test may rest on what it made, and those first that run any line of its module.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.drills.mutants.trying import OWN, PYTEST, forked, libraries, module_of, said_by

_Cached = type(lru_cache(len))


class TestsFail(Exception):
    """The tests do not pass as they are, so that no mutant can be told by them."""


@dataclass(frozen=True)
class Recorded:
    """What one run of the tests showed.

    Attributes:
        seconds: of each test, by its id of pytest.
        lines: path below the root: line: the tests that ran it.
        early: path: lines that ran before any test, or between two.
        libraries: what was imported from outside; common to all mutants.
    """

    seconds: Mapping[str, float]
    lines: Mapping[str, Mapping[int, frozenset[str]]]
    early: Mapping[str, frozenset[int]]
    libraries: tuple[str, ...]

    def tests_of(self, path: str, line: int, statement: tuple[int, int], *, once: bool) -> list[str]:
        """Return the tests that run a line of a module, or any line of its statement, where a part has no code.

        The quickest come first; of a line that ran for all at once, those that run any line of its module.
        """
        lines, whole = self.lines.get(path, {}), range(statement[0], statement[1] + 1)
        own = lines.get(line) or frozenset().union(*(lines.get(n, ()) for n in whole))
        if once or not self.early.get(path, frozenset()).isdisjoint({line, *(() if own else whole)}):
            near = frozenset().union(*lines.values())
            return self._by_seconds(near) + self._by_seconds(self.seconds.keys() - near)
        return self._by_seconds(own)

    def _by_seconds(self, tests: Iterable[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self.seconds[test], test))


def read_or_record(root: Path, sources: Sequence[str], tests: Sequence[str], cache: Path) -> Recorded:
    """Return what a run of these tests showed of these modules, of an earlier drill if nothing has changed since.

    Raises:
        TestsFail: one of them does, with nothing mutated.
    """
    kept = cache / f"{_state_of(root, sources, tests)}.json"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = kept.with_suffix(f".{os.getpid()}")
        code = forked(lambda: _record(root, sources, tests, made), output=kept.with_suffix(".log"))
        if code != 0:
            raise TestsFail(f"the tests do not pass as they are ({said_by(code)}); see {kept.with_suffix('.log')}")
        made.replace(kept)
    found = json.loads(kept.read_text(encoding="utf-8"))
    names = list(found["seconds"])
    lines = {
        path: {int(line): frozenset(names[n] for n in ran) for line, ran in of.items()}
        for path, of in found["lines"].items()
    }
    early = {path: frozenset(of) for path, of in found["early"].items()}
    return Recorded(found["seconds"], lines, early, tuple(found["libraries"]))


def _state_of(root: Path, sources: Iterable[str], tests: Iterable[str]) -> str:
    """Hash what a run depends on: all of the product and of the tests, and which of both are asked for."""
    seen = hashlib.sha256(repr((sys.version, list(sources), list(tests))).encode())
    drills = root / "tests" / "drills"
    for top in sorted(OWN):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in {".py", ".toml"} and not path.is_relative_to(drills):
                seen.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return seen.hexdigest()[:24]


def _record(root: Path, sources: Sequence[str], tests: Sequence[str], into: Path) -> int:
    import coverage  # the suite's fixed mutants do without

    measured = coverage.Coverage(
        data_file=None, config_file=False, include=[str(root / path) for path in sources], check_preimported=False,
    )  # fmt: skip
    measured.set_option("run:core", "ctrace")  # the newer one knows no contexts
    watch = _Watch(measured, sources)
    measured.start()
    code = int(pytest.main([*PYTEST, "-x", *tests], plugins=[watch]))
    measured.stop()
    if code == 0:
        number = {name: n for n, name in enumerate(watch.seconds)}
        data = measured.get_data()
        by_line = {path: data.contexts_by_lineno(str(root / path)) for path in sources}
        told = {
            "seconds": watch.seconds,
            "lines": {
                path: {line: sorted(number[name] for name in names if name) for line, names in of.items()}
                for path, of in by_line.items()
            },
            "early": {path: [line for line, names in of.items() if "" in names] for path, of in by_line.items()},
            "libraries": libraries(),
        }
        into.write_text(json.dumps(told), encoding="utf-8")
    return code


class _Watch:
    """A plugin: tells coverage which test runs, and how long each took with what was set up for it."""

    def __init__(self, measured: Any, sources: Sequence[str]) -> None:
        self.seconds: dict[str, float] = {}
        self._measured, self._modules = measured, [module_of(path) for path in sources]

    def _caches(self) -> list[Any]:
        read = (sys.modules[name] for name in self._modules if name in sys.modules)
        return [each for module in read for each in vars(module).values() if isinstance(each, _Cached)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.seconds[item.nodeid] = 0.0
        for kept in self._caches():
            kept.cache_clear()
        self._measured.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._measured.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration
