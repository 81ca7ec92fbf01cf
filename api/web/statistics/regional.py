"""A frozen regional release as a page shows it: its panels, as in the brief among its files, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.release.panels import Panels, panels
from register.statistics.formats.layout import laid_out, withheld
from register.statistics.formats.publication import Publication
from register.statistics.formats.words import Words


@dataclass(frozen=True, slots=True)
class Regional:
    """A release to show.

    Attributes:
        withheld: whose figures, what of them, and which table to read instead.
        notes: what must be said of the table.
        markers: each marker with what it means.
        last: the period before, where its release is there; else empty.
        trends: what may be said of the totals beside last year's.
    """

    tier: str
    table: Panels
    withheld: Sequence[tuple[str, str, str]]
    notes: Sequence[str]
    markers: Sequence[tuple[str, str]]
    last: str
    trends: Sequence[str]


def lay_out_regional(publication: Publication, words: Words) -> Regional:
    """Lay out the latest release of a publication of one table, in the words of a release's files."""
    laid = laid_out(publication, words)[0]
    return Regional(
        tier=words.tier(laid.release.tier.value),
        table=panels(laid, words),
        withheld=withheld(laid, publication.catalogue, words),
        notes=laid.notes,
        markers=tuple(words.markers().items()),
        last="" if laid.before is None else laid.last,
        trends=laid.trends,
    )
