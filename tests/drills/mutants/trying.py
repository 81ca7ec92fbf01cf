"""One mutant in a process of its own: the tests that may notice it, the quickest first, until one fails.

The process is a fork of one that has imported the libraries and nothing of the house, so each reads the modules
anew, and gets the mutated one from memory: no file is written, and drills can run beside each other. What a test
starts as a program of its own reads the files, and so is not mutated.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, Final

import pytest

from tests.drills.mutants.areas import PRODUCT

PYTEST: Final = (
    "-q", "-p", "no:cacheprovider", "-p", "_hypothesis_pytestplugin", "-W", "ignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip
"""For a process that loads no plugin by itself, which is half of its start; pytest would warn of what was imported
before the fork."""
OWN: Final = frozenset({*PRODUCT, "migrations", "rtr_trial", "tests"})
"""Packages that a mutant's process imports itself, since they may hold what is mutated."""
PROCESSES: Final = 2
_IMPORTS_WITHIN_S: Final = 60.0
_TEST_WITHIN_S: Final = 10.0
_TIMES: Final = 10.0
"""CPU seconds for a test, and beside them so many times what it took unchanged: being busy is no fault."""
_WAITS_TIMES: Final = 20.0
"""So many times the same by the clock, for what waits for ever and uses nothing."""
_TIMERS: Final = {signal.ITIMER_PROF: signal.SIGPROF, signal.ITIMER_REAL: signal.SIGALRM}
_MEMORY_MAX: Final = 8 * 2**30


class Outcome(StrEnum):
    """How a mutant ended; all but `SURVIVED` and `NO_TEST` are noticed."""

    FAILED = "a test failed"
    BROKE = "the tests could not begin or went down"
    SLOW = "a test took too long"
    SURVIVED = "all tests passed"
    NO_TEST = "no test runs the line"


NOTICED: Final = frozenset({Outcome.FAILED, Outcome.BROKE, Outcome.SLOW})


@dataclass(frozen=True)
class Trial:
    """What is to be tried.

    Attributes:
        path: of the module, below the root.
        text: of the mutated module.
        seconds: the tests to run by their ids, with how long each took.
    """

    path: str
    text: str
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Tried:
    """How it ended, and the first test that failed, if one did."""

    outcome: Outcome
    by: str = ""


def try_all(root: Path, trials: Sequence[Trial], folder: Path) -> Iterator[tuple[int, Tried]]:
    """Try them, two at a time; yield the number of each as it ends, with how it ended. `folder` holds what tests make.

    Raises:
        RuntimeError: the tests that were to run are not there.
    """
    running: dict[int, int] = {}
    waiting = list(range(len(trials)))[::-1]
    try:
        while waiting or running:
            while waiting and len(running) < PROCESSES:
                number = waiting.pop()
                if not trials[number].seconds:
                    yield number, Tried(Outcome.NO_TEST)
                    continue
                running[_start(lambda number=number: _run(root, trials[number], folder / str(number)))] = number  # type: ignore[misc]
            if running:
                child, status = os.wait()
                if child not in running:
                    raise RuntimeError("what the tests share has ended")
                number = running.pop(child)
                _end_group(child)
                yield number, _read(os.waitstatus_to_exitcode(status), folder / str(number))
    finally:
        for child in running:
            _end_group(child)


def forked(work: Callable[[], int], *, output: Path | None = None) -> int:
    """Do something in a process of its own, and return its exit code, or minus the signal that ended it."""
    child = _start(work, output)
    try:
        _, status = os.waitpid(child, 0)
    finally:
        _end_group(child)
    return os.waitstatus_to_exitcode(status)


def said_by(code: int) -> str:
    """Say in words how a process of tests ended."""
    return f"ended by {signal.Signals(-code).name}" if code < 0 else f"pytest's exit code is {code}"


def module_of(path: str) -> str:
    """Return the name by which a file below the root is imported."""
    return ".".join(Path(path).with_suffix("").parts).removesuffix(".__init__")


def libraries() -> list[str]:
    """Return what this process has imported from outside the house."""
    return sorted(
        name for name in sys.modules if name.split(".")[0] not in {*OWN, "coverage"} and not name.endswith("__main__")
    )


def import_libraries(names: Sequence[str]) -> None:
    """Import once what each mutant's process needs; what can not be had alone comes with whoever asks for it."""
    for name in names:
        with suppress(Exception):
            importlib.import_module(name)


def _start(work: Callable[[], int], output: Path | None = None) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.setsid()
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        said = os.open(output or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for stream in (1, 2):
            os.dup2(said, stream)
        code = work()
    except BaseException:  # noqa: BLE001 - there is nobody above; the output is where somebody looks
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # nothing of the parent's is to be ended here


def _end_group(child: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)


def _run(root: Path, trial: Trial, folder: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_MAX, _MEMORY_MAX))
    _allow(_IMPORTS_WITHIN_S)
    sys.meta_path.insert(0, _InPlaceOf(root, trial.path, trial.text))
    files = sorted({test.split("::")[0] for test in trial.seconds})
    folder.mkdir(parents=True)
    words = [*PYTEST, "-x", f"--basetemp={folder / 'made'}", f"--rootdir={root}", *(str(root / file) for file in files)]
    return int(pytest.main(words, plugins=[_Chosen(trial.seconds, folder / "by")]))


def _allow(cpu_s: float) -> None:
    """End this process, by a signal that Python code cannot hold up, once it has used so much; forget what was said."""
    for timer, seconds in zip(_TIMERS, (cpu_s, _WAITS_TIMES * cpu_s), strict=True):
        signal.signal(_TIMERS[timer], signal.SIG_DFL)
        signal.setitimer(timer, seconds)


def _read(code: int, folder: Path) -> Tried:
    by = folder / "by"
    failed = by.read_text(encoding="utf-8") if by.exists() else ""
    match code:
        case 0:
            return Tried(Outcome.SURVIVED)
        case pytest.ExitCode.TESTS_FAILED:
            return Tried(Outcome.FAILED, failed)
        case pytest.ExitCode.NO_TESTS_COLLECTED:
            raise RuntimeError("none of the tests that ran the line is there any more")
        case _:
            return Tried(Outcome.SLOW if -code in _TIMERS.values() else Outcome.BROKE, failed)


class _InPlaceOf(MetaPathFinder):
    """Gives one module from memory; where its file is, what it says of itself and its package stay as they are."""

    def __init__(self, root: Path, path: str, text: str) -> None:
        self._name = module_of(path)
        self._file, self._text = root / path, text

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder`."""
        if fullname != self._name:
            return None
        within = [str(self._file.parent)] if self._file.name == "__init__.py" else None
        loader = _FromText(fullname, str(self._file), self._text)
        return importlib.util.spec_from_file_location(
            fullname, self._file, loader=loader, submodule_search_locations=within
        )


class _FromText(SourceFileLoader):
    def __init__(self, name: str, file: str, text: str) -> None:
        super().__init__(name, file)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - its name is known
        code: CodeType = compile(self._text, self.path, "exec", dont_inherit=True)
        return code


class _Chosen:
    """A plugin: the tests that were chosen and no other, the quickest files first, each test within its time."""

    def __init__(self, seconds: Mapping[str, float], by: Path) -> None:
        self._seconds, self._by = seconds, by

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = [item for item in items if item.nodeid in self._seconds]
        of_file: dict[str, float] = {}
        for item in chosen:
            file = item.nodeid.split("::")[0]
            of_file[file] = of_file.get(file, 0.0) + self._seconds[item.nodeid]
        # Whole files: what is set up for a file is not set up again for each of its tests.
        items[:] = sorted(
            chosen, key=lambda item: (of_file[file := item.nodeid.split("::")[0]], file, self._seconds[item.nodeid])
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        _allow(_TEST_WITHIN_S + _TIMES * self._seconds[item.nodeid])

    def pytest_sessionfinish(self) -> None:
        _allow(_TEST_WITHIN_S)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed and not self._by.exists():
            self._by.write_text(report.nodeid, encoding="utf-8")
