"""The topics that the registered tables are read by, one a page: each table of the catalogue is in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from api.web.frame.languages import N_, Text
from register.statistics.definition import Definition


@dataclass(frozen=True, slots=True)
class Topic:
    """What is shown on one page.

    Attributes:
        title: in the navigation.
        populations: what is counted in its tables, by the catalogue's names.
        crossed: tables of two variables and more only, or those of fewer only; None for all.
    """

    title: Text
    populations: tuple[str, ...]
    crossed: bool | None = None

    def has(self, definition: Definition) -> bool:
        """Whether a registered table belongs here."""
        is_crossed = len(definition.variables) > 1
        return definition.population.name in self.populations and self.crossed in {None, is_crossed}


FIRST: Final = "notifications"
TOPICS: Final[Mapping[str, Topic]] = MappingProxyType(
    {
        FIRST: Topic(N_("Notifications"), ("notifications",)),
        "intakes": Topic(N_("Intake interviews"), ("intakes",)),
        "victims": Topic(N_("The victim ladder"), ("victims",), crossed=False),
        "victims-crossed": Topic(N_("The victim ladder, crossed"), ("victims",), crossed=True),
        "services": Topic(
            N_("Services, help and training"),
            ("submissions", "referrals", "trainings", "assistance", "permits", "hotline-calls"),
        ),
        "exchange": Topic(
            N_("Between the countries"),
            (
                "extracts-shared", "extracts-received", "corrections",
                "searches", "requests", "requests-refused", "reviews",
            ),
        ),
        "justice": Topic(N_("Police and courts"), ("offences", "suspects", "criminal-cases")),
    }
)  # fmt: skip
"""By the word in the address."""
