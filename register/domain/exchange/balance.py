"""What was evaluated to be published, against what partners have of it: a figure for the country's own supervisor.

Pure. A country that has keys evaluated and publishes nothing of them looks into the others' records; its own
supervisor sees it by this figure (pseudonyms.md 9). It is no alarm: reports are narrowed, withdrawn and corrected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from schemas.exchange.evaluation import Declared

SPAN: Final = timedelta(days=30)
"""Of what the figure is made."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Keys of own reports that became pseudonyms.

    Attributes:
        to_publish: those declared to be published.
        to_keep: those declared to stay at home.
        published: of `to_publish`, those of which some partner may have the pseudonym now.
    """

    to_publish: int
    to_keep: int
    published: int

    @property
    def unpublished(self) -> int:
        """Declared to be published, and with no partner: not approved, withdrawn or narrowed since, or never to be."""
        return self.to_publish - self.published


def derive_balance(registered: Iterable[tuple[UUID, Declared, int]], published: Mapping[UUID, int]) -> Balance:
    """Compare what was evaluated with what is published.

    Args:
        registered: by report, what was declared and how many keys were evaluated.
        published: by report, how many pseudonyms partners may have; of a report it counts no further than what was
            evaluated for it, or an old report with many would hide what was asked in its name.
    """
    declared: dict[Declared, Counter[UUID]] = {one: Counter() for one in Declared}
    for report, as_what, keys in registered:
        declared[as_what][report] += keys
    to_publish = declared[Declared.PUBLISH]
    return Balance(
        to_publish=to_publish.total(),
        to_keep=declared[Declared.KEEP].total(),
        published=sum(min(keys, published.get(report, 0)) for report, keys in to_publish.items()),
    )
