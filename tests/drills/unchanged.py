"""That a move changed nothing: `python -m tests.drills unchanged --before REV [--after REV]`.

Two commits (or a commit and the working tree) are laid out side by side and asked for the same things, each in
processes of its own: the published schemas, the vectors of the wire, a migrated database, every help text, and every
page that the tests of the pages render. What they say has to be equal byte for byte; of pages, `VOLATILE` is masked,
and what a test renders is compared as a set, since answers to polling are not counted alike twice. Dates are not
masked: a run across midnight in Aruba has to be done again.

Tests may lie elsewhere on one side: those of `PAGES` before are found on both sides by the names of their functions.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final

from tests.drills import unchanged_side

ROOT: Final = Path(__file__).parents[2]
KINDS: Final = (*unchanged_side.COLLECTORS, "pages")
PAGES: Final = ("integration/web", "acceptance/pages", "test_release_pages.py")
PLUGIN: Final = "unchanged_pages"
TREE: Final = "working tree"
VOLATILE: Final = {
    "UUID": r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
    "HEX": r"\b[0-9a-f]{64}\b",
    "REFERENCE": r"\b[A-Z]{2}(?:-REQ)?-20\d\d-\d+\b",
    "CURSOR": r"(?<=cursor=)[\w-]+|(?<=cursor%3D)[\w-]+",
    "PORT": r"(?<=127\.0\.0\.1:)\d+",
    "TIME": r"\b[012]\d:[0-5]\d(?::[0-5]\d)?\b",
    "TOKEN": r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{43}(?![\w-])",
}
"""Of pages, what differs between two runs of the same program: the name that stands in its place, and how it looks."""
TRIES: Final = 3
"""For a file of tests that fails: those with a browser mind a busy machine."""
SHOWN_DIFFERENCES, SHOWN_LINES, SHOWN_CHARS = 5, 40, 200

Found = Mapping[str, frozenset[str]]
"""Texts by the artefact's name; only a page has several."""


@dataclass(frozen=True)
class Compared:
    """What came of one kind.

    Attributes:
        equal: how many are on both sides.
        different: name, text before, text after; None where a side has none.
    """

    equal: int
    different: tuple[tuple[str, str | None, str | None], ...]


def run(words: list[str]) -> int:
    """Collect on both sides, compare, print a table, and return 0 if all is equal."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills unchanged", description=__doc__)
    parser.add_argument("--before", required=True, metavar="REV", help="the commit before")
    parser.add_argument("--after", default=TREE, metavar="REV", help=f"the commit after (default: the {TREE})")
    parser.add_argument("--only", action="append", choices=KINDS, help="this kind only; may be given several times")
    parser.add_argument("--pages", nargs="+", default=PAGES, metavar="PATH", help="ends of paths of tests before")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave what was collected there")
    asked = parser.parse_args(words)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="rtr-unchanged-") as scratch:
        base = asked.keep.resolve() if asked.keep else Path(scratch)
        sides = [Side(base / "before", asked.before), Side(base / "after", asked.after)]
        kinds = asked.only or KINDS
        told = (*kinds, "tests") if "pages" in kinds else kinds
        names = sides[0].test_names(asked.pages) if "pages" in kinds else frozenset()
        for side in sides:
            for kind in kinds:
                print(f"{side.folder.name}: {kind}", flush=True)
                side.collect(kind, names)
        results = {kind: compare(*(side.read(kind) for side in sides)) for kind in told}
        failed = sorted({name for side in sides for name, ends in side.read("tests").items() if "failed" in str(ends)})
    report(results, failed)
    print(f"{time.monotonic() - begun:.0f} s")
    return 0 if not failed and all(one.equal and not one.different for one in results.values()) else 1


def masked(page: str) -> str:
    """A page with all that is volatile replaced by the name of its kind."""
    for name, pattern in VOLATILE.items():
        page = re.sub(pattern, name, page)
    return page


def compare(before: Found, after: Found) -> Compared:
    """Texts of the same name that are on one side only stand against each other, as far as there are two."""
    equal, different = 0, []
    for name in sorted(before.keys() | after.keys()):
        ours, theirs = before.get(name, frozenset()), after.get(name, frozenset())
        equal += len(ours & theirs)
        different += [(name, *pair) for pair in zip_longest(sorted(ours - theirs), sorted(theirs - ours))]
    return Compared(equal, tuple(different))


def report(results: Mapping[str, Compared], failed: list[str]) -> None:
    """Print the first differences of each kind, then the table."""
    for kind, one in results.items():
        for name, before, after in one.different[:SHOWN_DIFFERENCES]:
            ours, theirs = ((text or "").splitlines() for text in (before, after))
            heads = (f"before: {kind}/{name}", f"after: {kind}/{name}")
            lines = difflib.unified_diff(ours, theirs, *heads, n=1, lineterm="")
            print(
                "\n".join(line[:SHOWN_CHARS] for line in [*lines][:SHOWN_LINES])
                or f"{kind}/{name}: line ends or emptiness differ"
            )
    for name in failed:
        print(f"failed, so its pages prove nothing: {name}")
    print(f"{'kind':12}{'compared':>10}{'equal':>10}{'different':>11}")
    for kind, one in results.items():
        print(f"{kind:12}{one.equal + len(one.different):10}{one.equal:10}{len(one.different):11}")


class Side:
    """One of the two, laid out in a folder of its own; what it says lies beside it, a folder for each kind."""

    def __init__(self, folder: Path, revision: str) -> None:
        self.folder, self.checkout, self._path = folder, folder / "checkout", folder / "path"
        self.checkout.mkdir(parents=True)
        self._path.mkdir()
        shutil.copy(Path(__file__).with_name(f"{PLUGIN}.py"), self._path)
        archive = subprocess.run(["git", "archive", _tree(revision)], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x"], cwd=self.checkout, input=archive, check=True)
        for place in (Path(), unchanged_side.TRIAL):
            if (self.checkout / place / "pyproject.toml").exists():
                self._install(self.checkout / place)

    def test_names(self, paths: Sequence[str]) -> frozenset[str]:
        """The test functions that files and folders hold whose paths end so."""
        found = {path: list((self.checkout / "tests").glob(f"**/{path}")) for path in paths}
        if not all(found.values()):
            raise SystemExit(f"say with --pages where the tests of pages lie before: {found}")
        return frozenset(name for places in found.values() for p in places for f in _tests(p) for name in _functions(f))

    def collect(self, kind: str, names: frozenset[str]) -> None:
        """Have a child say its artefacts of a kind; `names` are the tests whose pages are wanted."""
        here = Path(__file__).parent
        if kind != "pages":
            self._child([str(here / "unchanged_side.py"), kind, str(self.checkout), str(self.folder / kind)])
            return
        files = [file for file in _tests(self.checkout / "tests") if not names.isdisjoint(_functions(file))]
        # Each file by itself: pages show what earlier tests left, and a move changes the order of files.
        for number, file in enumerate(files):
            print(f"  {file.relative_to(self.checkout)}", flush=True)
            for attempt in range(1, TRIES + 1):
                name = f"{number}.{attempt}"
                options = ["-q", "-p", "no:cacheprovider", "-p", PLUGIN, "-o", "filterwarnings=default"]
                done = self._child(["-m", "pytest", *options, str(file)], run=name, fails=(0, 1))
                if done.returncode == 0:
                    break
                print("\n".join(line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))))
                for kept in [*self.folder.glob(f"*/**/*~{name}-*")] if attempt < TRIES else ():
                    kept.unlink()

    def read(self, kind: str) -> Found:
        """What was collected of a kind."""
        found = defaultdict[str, set[str]](set)
        folder = self.folder / kind
        for file in folder.rglob("*"):
            if file.is_file():
                with file.open(encoding="utf-8", newline="") as opened:
                    text = opened.read()
                name = file.relative_to(folder).as_posix().partition("~")[0]
                found[name].add(masked(text) if kind == "pages" else text)
        return {name: frozenset(texts) for name, texts in found.items()}

    def _install(self, project: Path) -> None:
        """What an installation would tell of a distribution: its name and version, and its entry points."""
        told = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        groups = {"console_scripts": told.get("scripts", {}), **told.get("entry-points", {})}
        info = self._path / f"{told['name'].replace('-', '_')}-{told['version']}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {told['name']}\nVersion: {told['version']}\n")
        lines = [f"[{g}]\n" + "".join(f"{n} = {at}\n" for n, at in points.items()) for g, points in groups.items()]
        (info / "entry_points.txt").write_text("\n".join(lines))

    def _child(
        self, words: list[str], *, run: str = "", fails: tuple[int, ...] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        own = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RTR_", "TESTS_", "PYTEST_", "PYTHON"))
        }
        told = {
            "PYTHONPATH": os.pathsep.join(map(str, (self.checkout, self.checkout / unchanged_side.TRIAL, self._path))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "UNCHANGED_FOLDER": str(self.folder),
            "UNCHANGED_RUN": run,
            "COLUMNS": "100",
            "TERMINAL_WIDTH": "100",
            "NO_COLOR": "1",
            "TERM": "dumb",
        }
        command = [sys.executable, "-P", *words]
        done = subprocess.run(command, cwd=self.checkout, env=own | told, capture_output=True, text=True, check=False)
        if done.returncode not in fails:
            raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
        return done


def _tree(revision: str) -> str:
    """What `git archive` takes; the working tree, with new files, goes into a tree by way of an index of its own."""
    if revision != TREE:
        return revision
    with tempfile.TemporaryDirectory() as folder:
        own = os.environ | {"GIT_INDEX_FILE": f"{folder}/index"}
        subprocess.run(["git", "add", "--all"], cwd=ROOT, env=own, check=True)
        written = subprocess.run(["git", "write-tree"], cwd=ROOT, env=own, capture_output=True, text=True, check=True)
    return written.stdout.strip()


def _tests(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("test_*.py"))


def _functions(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name
