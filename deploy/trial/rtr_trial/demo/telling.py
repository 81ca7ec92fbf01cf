"""What a step of the story says, and the checks behind its words: a line stands only if its checks hold.

A check compares what came with what must come and is kept with both. A line one of whose checks fails is marked, and
what came instead stands below it; the story goes on, and the demo ends with an exit code that is not 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

WIDTH: Final = 100
"""Characters of a step's first line before its seconds."""


@dataclass(frozen=True, slots=True)
class Check:
    """One assertion.

    Attributes:
        what: names it, stable enough for a test to look for.
        wanted: what must come.
        got: what came.
    """

    what: str
    wanted: Any
    got: Any
    holds: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the story with its checks."""

    text: str
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether all of them do."""
        return all(check.holds for check in self.checks)


@dataclass(slots=True)
class Step:
    """One step of the story.

    Attributes:
        number: as printed; the first line stands beside it.
        seconds: measured, also where the step broke off.
        broke: why it could not be played to its end.
    """

    number: int
    lines: list[Line] = field(default_factory=list)
    seconds: float = 0.0
    broke: str | None = None

    def say(self, text: str, *checks: Check) -> None:
        """Say a line that these checks bear out."""
        self.lines.append(Line(text, checks))

    @property
    def checks(self) -> list[Check]:
        """All checks, in order."""
        return [check for line in self.lines for check in line.checks]

    @property
    def failed(self) -> list[Check]:
        """Those that do not hold."""
        return [check for check in self.checks if not check.holds]

    @property
    def holds(self) -> bool:
        """Whether the step showed what it must."""
        return self.broke is None and not self.failed

    def printed(self) -> Iterator[str]:
        """The step as text."""
        head, *rest = self.lines or [Line("", ())]
        yield f"{_mark(head)}{self.number} {head.text}".ljust(WIDTH) + f"{self.seconds:7.1f} s"
        yield from _instead(head)
        for line in rest:
            yield f"{_mark(line)}  {line.text}"
            yield from _instead(line)
        if self.broke is not None:
            yield f"!   broke off: {self.broke}"

    def document(self) -> dict[str, Any]:
        """The step for programs."""
        return {
            "step": self.number,
            "holds": self.holds,
            "seconds": round(self.seconds, 3),
            "lines": [line.text for line in self.lines],
            "assertions": [{"what": c.what, "holds": c.holds, "wanted": c.wanted, "got": c.got} for c in self.checks],
            "broke": self.broke,
        }


def same(what: str, got: object, wanted: object) -> Check:
    """What came equals what must come; sets and tuples are shown as lists."""
    return Check(what, _shown(wanted), _shown(got), got == wanted)


def true(what: str, holds: bool, got: object = None) -> Check:  # noqa: FBT001 - the check's own subject
    """Something holds; `got` says what came where that helps."""
    return Check(what, True, _shown(got) if got is not None else holds, bool(holds))


def holds_in(what: str, part: str, whole: str) -> Check:
    """A text holds another one."""
    return Check(what, part, whole, part in whole)


def _shown(value: object) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(_shown(one) for one in value)
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _shown(one) for key, one in value.items()}
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _mark(line: Line) -> str:
    return "" if line.holds else "! "


def _instead(line: Line) -> Iterator[str]:
    for check in line.checks:
        if not check.holds:
            yield f"!     {check.what}: expected {check.wanted!r}, came {check.got!r}"
