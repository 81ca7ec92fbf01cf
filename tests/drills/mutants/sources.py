"""The mutants of one module: mutmut's operators, each at every place where it changes something that may matter.

Only the operators are mutmut's (decision 0008). Not mutated are annotations, the arguments of decorators and what only
names a type: a change there is none of what the program does. Nor are the words of a `raise`: its kind is tested.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_string

_OF_WORDS: Final = frozenset({operator_string, operator_arg_removal})
_NAMES_A_TYPE: Final = frozenset({"NewType", "TypeVar", "ParamSpec", "cast"})


@dataclass(frozen=True)
class Mutant:
    """One change of one module.

    Attributes:
        path: of the module, below the root.
        number: of the mutant in its module, from 0.
        line: where the change is.
        lines: of the statement it is in, without what is indented below it.
        once: whether that runs when the module is read, and not again for each test.
        operator: the name of mutmut's function.
    """

    path: str
    number: int
    line: int
    lines: tuple[int, int]
    once: bool
    operator: str


@dataclass(frozen=True)
class _Place:
    """Where the walk is: the statement's lines, and what stands above."""

    lines: tuple[int, int] = (1, 1)
    once: bool = True
    of_raise: bool = False


class Source:
    """A module, its mutants, and the text with any one of them."""

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self.text = (root / path).read_text(encoding="utf-8")
        wrapper = MetadataWrapper(cst.parse_module(self.text))
        self._module = wrapper.module
        self._positions = wrapper.resolve(PositionProvider)
        self._changes: list[tuple[Any, Any]] = []
        self.mutants = list(self._walk(self._module, _Place()))

    def text_with(self, mutant: Mutant) -> str:
        """Return the module's text with this change."""
        old, new = self._changes[mutant.number]
        text: str = self._module.deep_replace(old, new).code
        return text

    def diff_of(self, mutant: Mutant) -> str:
        """Return the lines that the change takes and gives, without those around them."""
        before, after = self.text.splitlines(), self.text_with(mutant).splitlines()
        lines = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
        return "\n".join(line for line in lines if not line.startswith("@@"))

    def _walk(self, node: Any, place: _Place) -> Iterator[Mutant]:
        if _means_nothing(node):
            return
        place = self._place_of(node, place)
        for kind, operator in mutation_operators:
            if isinstance(node, kind) and not (place.of_raise and operator in _OF_WORDS):
                for changed in operator(node):
                    where = self._positions.get(node)
                    line = where.start.line if where else place.lines[0]
                    number = len(self._changes)
                    self._changes.append((node, changed))
                    yield Mutant(self.path, number, line, place.lines, place.once, operator.__name__)
        for child in node.children:
            if isinstance(node, cst.FunctionDef) and child is node.body:
                yield from self._walk(child, replace(place, once=False))
            else:
                yield from self._walk(child, place)

    def _place_of(self, node: Any, place: _Place) -> _Place:
        if isinstance(node, cst.Raise):
            return replace(place, of_raise=True)
        if isinstance(node, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            return replace(place, lines=self._lines_of(node))
        return place

    def _lines_of(self, node: Any) -> tuple[int, int]:
        where = self._positions[node]
        if isinstance(node, cst.BaseCompoundStatement):
            return where.start.line, where.start.line
        return where.start.line, where.end.line


def _means_nothing(node: Any) -> bool:
    if isinstance(node, cst.Call):
        return isinstance(node.func, cst.Name) and node.func.value in _NAMES_A_TYPE
    if isinstance(node, cst.Assign):
        return any(isinstance(one.target, cst.Name) and one.target.value == "__all__" for one in node.targets)
    return isinstance(node, (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom))
