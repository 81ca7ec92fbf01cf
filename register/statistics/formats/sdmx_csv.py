"""SDMX-CSV 2.0 of a release: one observation a cell, with what made it as attributes.

The structure is named after the table (`RTR:NOTIFICATIONS_BY_TYPE(1.0)`); the margin is `_T`. Codes of OBS_STATUS are
those of SDMX's CL_OBS_STATUS: A as it is, Q suppressed, M cannot exist, O missing. CONF_STATUS is N for everything
withheld and F for all else. A total of three years has those three years as its TIME_PERIOD.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from register.statistics.definition import Definition
from register.statistics.formats.layout import plain_code
from register.statistics.formats.publication import Published
from register.statistics.period import Period
from register.statistics.release.release import CARIBBEAN_AREA, Cell, Marker
from register.statistics.tables import ALL

AGENCY: Final = "RTR"
ATTRIBUTES: Final = (
    "OBS_STATUS", "CONF_STATUS", "METHOD", "ROUND_BASE", "REACH", "RULESET", "RELEASE_ID", "REVISION", "SIGNATURE",
    "POPULATION", "COVERAGE", "TIER",
)  # fmt: skip
TOTAL_CODE: Final = "_T"
_STATUS: Final = {
    Marker.ROUNDED: "A",
    Marker.POOLED: "A",
    Marker.EXACT: "A",
    Marker.AS_PUBLISHED: "A",
    Marker.WITHHELD: "Q",
    Marker.NOT_APPLICABLE: "M",
    Marker.NOT_REPORTED: "O",
}
_ROUNDED: Final = frozenset({Marker.ROUNDED, Marker.POOLED})
_METHOD: Final = {
    Marker.ROUNDED: "CONTROLLED_ROUNDING",
    Marker.POOLED: "CONTROLLED_ROUNDING",
    Marker.EXACT: "EXACT",
    Marker.AS_PUBLISHED: "AS_PUBLISHED",
}


def sdmx_csv(definition: Definition, published: Published) -> bytes:
    """Return the release as SDMX-CSV 2.0, in UTF-8."""
    into = io.StringIO()
    writer = csv.writer(into, lineterminator="\n")
    writer.writerow(("STRUCTURE", "STRUCTURE_ID", "ACTION", *list_components(definition)))
    structure = f"{AGENCY}:{structure_id(definition)}({definition.version}.0)"
    digest = published.release.digest
    for cell in published.release.cells:
        writer.writerow(("datastructure", structure, "I", *_write_observation(definition, published, digest, cell)))
    return into.getvalue().encode()


def structure_id(definition: Definition) -> str:
    """The id of the table's structure."""
    return definition.id.replace("-", "_").upper()


def list_dimensions(definition: Definition) -> tuple[str, ...]:
    """The dimensions of a table, time last."""
    own = (variable.name.replace(":", "_").upper() for variable in definition.variables[:2])
    return ("REF_AREA", *own, "TIME_PERIOD")


def list_components(definition: Definition) -> tuple[str, ...]:
    """All columns after the structure's."""
    return (*list_dimensions(definition), "OBS_VALUE", *ATTRIBUTES)


def time_period(of: Period) -> str:
    """A period as SDMX writes it: 2023, 2023-Q4, or 2021-01-01/P3Y."""
    return str(of) if of.years == 1 else f"{of.year - of.years + 1}-01-01/P{of.years}Y"


def _write_observation(definition: Definition, published: Published, digest: str, cell: Cell) -> Iterator[str]:
    release = published.release
    yield cell.area
    for code in (cell.row, cell.column)[: len(definition.variables)]:
        yield TOTAL_CODE if code == ALL else plain_code(code)
    yield time_period(release.period.pooled() if cell.marker is Marker.POOLED else release.period)
    yield "" if cell.value is None else str(cell.value)
    yield _STATUS[cell.marker]
    yield "N" if cell.marker is Marker.WITHHELD else "F"
    yield _METHOD.get(cell.marker, "")
    yield str(release.base) if cell.marker in _ROUNDED else ""
    yield "" if cell.value is None else str(cell.reach)
    yield release.ruleset
    yield digest
    yield str(release.revision)
    yield published.signature
    yield release.population
    yield " ".join(release.coverage_of(cell.row, cell.column)) if cell.area == CARIBBEAN_AREA else cell.area
    yield release.tier.value
