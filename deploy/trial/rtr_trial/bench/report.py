"""What a bench reports: figures with their unit, ratios of things measured in the same run, and what it ran on."""

from __future__ import annotations

import math
import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

PACKAGE: Final = "regional-theme-register"
_HOUSE: Final = Path(__file__).parents[4]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        name: what was measured, in a few words.
        value: the median over the rounds.
        unit: for instance `keys/s` or `ms`.
        rounds: how many values the median is taken of.
        goal: what the design asks for, in words; empty where it asks for nothing.
    """

    name: str
    value: float
    unit: str
    rounds: int
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure divided by another of the same run."""

    name: str
    value: float
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that one bench found.

    Attributes:
        n: how much was done: keys, entries, records or submissions, as the bench says.
        raised: settings that are not the defaults, and why.
    """

    bench: str
    n: int
    seed: int
    machine: Mapping[str, object]
    raised: Sequence[str]
    figures: Sequence[Figure]
    ratios: Sequence[Ratio]


def machine(**servers: str) -> dict[str, object]:
    """Facts about this machine and its parts; `servers` are the versions of what was started."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "register": version(PACKAGE),
        "commit": _find_commit(),
        **servers,
    }


def median(values: Sequence[float]) -> float:
    """The middle of the values."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share (above 0, at most 1) of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(share * len(ordered))) - 1]


def _find_commit() -> str | None:
    """The commit of the house, where it is a clone and there is a git."""
    if not (_HOUSE / ".git").exists():
        return None
    try:
        said = subprocess.run(
            ["git", "-C", str(_HOUSE), "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return said.stdout.strip() or None
