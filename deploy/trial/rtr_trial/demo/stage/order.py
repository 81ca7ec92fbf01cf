"""What is asked of a demo, and what holds for every one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from register.domain.partition import PARTITIONS
from register.errors import OperatorError
from rtr_trial.demo.stage.folder import Folder
from schemas.codes import Partition

EDITION: Final = "demo"
COVENANT: Final = "MOU-2019"
ENVIRONMENT: Final = "trial"
AUDIENCE: Final = "regional-theme-register"
DATABASE: Final = "register"
FAR_END: Final = Partition.SX
"""The country at the end of the cable."""
STALE_AFTER_S: Final = 5.0
ENGINES: Final = ("osmem", "opensearch")


class EngineForgets(OperatorError):
    """The in-memory engine cannot be gone on with."""

    code = "engine-forgets"
    advice = "Use --engine opensearch with --keep, both times; the in-memory engine forgets all when it ends."


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for.

    Attributes:
        countries: that open; the others have keys, and nobody answers at their addresses.
        engine: one of `ENGINES`.
        keep: go on with what the last demo left.
    """

    folder: Folder
    countries: tuple[Partition, ...] = PARTITIONS
    engine: str = "osmem"
    keep: bool = False

    @property
    def shape(self) -> dict[str, Any]:
        """What two demos on one home must have in common."""
        return {"countries": [str(c) for c in self.countries], "engine": self.engine}

    def check(self) -> None:
        """See that it can be carried out.

        Raises:
            EngineForgets: an index would be empty and find nothing.
        """
        if self.keep and self.engine == "osmem":
            raise EngineForgets("--keep with the in-memory engine: its index would be empty and find nothing")
