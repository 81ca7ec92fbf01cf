"""A release as it is stored, proven by its hash; and the same made again from what it names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from register.domain.statistics.rows import CellRow, ReleaseRow
from register.errors import Conflict, OperatorError
from register.services.statistics.asked import period_of, tell_refusals
from register.services.statistics.releases.sources import Sources, candidate_of, made_of, read_sources
from register.statistics.catalogue import Catalogue
from register.statistics.definition import RULESET, Definition, Tier
from register.statistics.release.assemble import Candidate
from register.statistics.release.life import Life, ReleaseState
from register.statistics.release.release import Cell, Marker, Release, Signed
from register.store.work import Work
from schemas.codes import Partition


class StoredReleaseChanged(OperatorError):
    """The stored figures of a release do not give its hash, or its state is not sealed: rows were changed by hand."""

    code = "release-damaged"
    advice = (
        "Restore the tables `release`, `release_approval` and `release_cell`; the contributions still make the release "
        "again."
    )


class OlderDefinition(Conflict):
    """The release was made under a definition of its table, or under rules, that this program does not have."""

    code = "release-older-definition"
    advice = "It stays as it is stored and signed; make it again with the program of the day it was drafted."


@dataclass(frozen=True, slots=True)
class Held:
    """A release of this register with how far it has come."""

    release: Release
    row: ReleaseRow


def read_held(work: Work, digest: str, *, lock: bool = False) -> Held:
    """A release as it is stored, proven by its hash.

    Raises:
        NoSuchRelease: there is none.
        StoredReleaseChanged: the rows give another hash, or its state was written beside the register.
    """
    return _prove_release(work.statistics.releases.get(digest, lock=lock), work.statistics.releases.cells(digest))


def held_beside(work: Work, digest: str) -> tuple[Held, Held | None]:
    """A release, and the frozen one of the same tier and table a period earlier; each proven by its hash.

    Raises:
        NoSuchRelease: there is none.
        StoredReleaseChanged: the rows of one give another hash.
    """
    row = work.statistics.releases.get(digest)
    cells, last, last_cells = work.statistics.releases.beside(row, str(period_of(row.period).before()))
    return _prove_release(row, cells), None if last is None else _prove_release(last, last_cells)


def _prove_release(row: ReleaseRow, cells: Iterable[CellRow]) -> Held:
    made = Release(
        tier=Tier(row.tier),
        table_id=row.table_id,
        version=row.version,
        period=period_of(row.period),
        revision=row.revision,
        ruleset=row.ruleset,
        catalogue=row.catalogue,
        population=row.population,
        base=row.base,
        coverage=tuple(map(Partition, row.coverage)),
        cells=tuple(map(_read_cell, cells)),
        contributions=tuple(Signed(Partition(c), d, s) for c, d, s in row.contributions),
        instead=tuple((Partition(c), table_id) for c, table_id in row.instead),
    )
    if made.digest != row.digest:
        raise StoredReleaseChanged(f"the stored release {row.digest} has another hash by now")
    if not row.sealed:
        raise StoredReleaseChanged(f"the state of the release {row.digest} is not the one that was sealed with it")
    return Held(made, row)


def remake_candidate(known: Sources, one: Held) -> Candidate:
    """The release made again from the contributions and figures that it names.

    Raises:
        SourceMissing: one of them is not here.
        OlderDefinition: the table is defined otherwise by now.
    """
    definition = definition_of(known, one)
    parts = made_of(known, one.row.contributions)
    return candidate_of(known, definition, one.release.tier, one.release.period, parts, known.ledger(one.row.facts))


def sources_of(work: Work, catalogue: Catalogue, one: Held) -> Sources:
    """What bears on a release. Raises `OlderDefinition` where its table is not registered any more."""
    definition = catalogue.tables.get(one.release.table_id)
    if definition is None:
        raise OlderDefinition(f"{one.release.table_id}/{one.release.version} is defined otherwise by now")
    return read_sources(work, catalogue, definition)


def definition_of(known: Sources, one: Held) -> Definition:
    """The definition under which a release was made. Raises `OlderDefinition` where the catalogue has it no more."""
    made = one.release
    definition = known.catalogue.tables.get(made.table_id)
    if definition is None or (definition.fingerprint, RULESET) != (made.catalogue, made.ruleset):
        raise OlderDefinition(f"{made.table_id}/{made.version} is defined otherwise by now")
    return definition


def life_of(row: ReleaseRow) -> Life:
    """How far a release has come, as the value that decides the next step."""
    return Life(row.digest, row.drafted_by, ReleaseState(row.state), row.approved_by, row.superseded_by)


def row_of(made: Release, candidate: Candidate, facts: Sequence[str], *, by: str, at: datetime) -> ReleaseRow:
    """A fresh draft as it is stored."""
    return ReleaseRow(
        digest=made.digest,
        tier=made.tier.value,
        table_id=made.table_id,
        version=made.version,
        period=str(made.period),
        revision=made.revision,
        ruleset=made.ruleset,
        catalogue=made.catalogue,
        population=made.population,
        base=made.base,
        coverage=[c.value for c in made.coverage],
        contributions=[[s.country.value, s.digest, s.signature] for s in made.contributions],
        instead=[[country.value, table_id] for country, table_id in made.instead],
        facts=list(facts),
        withheld=tell_refusals(candidate.withheld),
        findings=None,
        state=ReleaseState.DRAFT.value,
        drafted_by=by,
        drafted_at=at,
        attacked_at=None,
        frozen_at=None,
        signature=None,
        superseded_by=None,
    )


def cell_row(cell: Cell) -> CellRow:
    """A printed figure as it is stored."""
    return CellRow(cell.area, cell.row, cell.column, cell.value, cell.marker.value, cell.reach)


def _read_cell(row: CellRow) -> Cell:
    return Cell(row.area, row.row_code, row.column_code, row.value, Marker(row.marker), row.reach)
