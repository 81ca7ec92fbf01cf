"""Who is in a figure of the Caribbean sum, row by row: a row that a country does not keep counts nothing of it."""

from __future__ import annotations

import csv
import io
from functools import cache

import pytest

from api.release.brief import build_brief
from register.statistics.definition import Tier
from register.statistics.formats.data_package import data_package
from register.statistics.formats.layout import laid_out
from register.statistics.formats.publication import Publication, Published
from register.statistics.formats.sdmx_csv import sdmx_csv
from register.statistics.formats.words import Words
from register.statistics.release.assemble import assemble_release
from register.statistics.release.ledger import Ledger
from register.statistics.release.release import CARIBBEAN, CARIBBEAN_AREA
from schemas.codes import Partition
from tests.unit.register.statistics.support import CATALOGUE, YEAR, contribution, table

CHANNEL = table("notifications-by-channel")
ROW, *OTHERS = CHANNEL.optional_rows
ALL_FOUR = "AW BQ CW SX"
SENTENCE = "Kept by Aruba, Curaçao alone, so in the sum of these only: {}."


@cache
def published(*keep: Partition) -> Publication:
    """Forty notifications an island, ten of them in the optional row where the island keeps it."""
    received = []
    for country in CARIBBEAN:
        rows = CHANNEL.variables[0].rows_kept(())
        records = [{"channel": rows[number % len(rows)]} for number in range(40)]
        kept = [ROW] if country in keep else []
        exact = CHANNEL.count([*records, *({"channel": row} for row in kept for _ in range(10))], kept=kept)
        received.append((contribution(CHANNEL.id, country, exact), f"signed by {country}"))
    made = assemble_release(CATALOGUE, CHANNEL, Tier.WORKING_GROUP, YEAR, received, Ledger())
    return Publication(CATALOGUE, (Published(made.release, "signed"),))


def by_row(data: bytes, row: str, coverage: str) -> dict[str, str]:
    lines = csv.DictReader(io.StringIO(data.decode()))
    return {line[row]: line[coverage] for line in lines if CARIBBEAN_AREA in line.values()}


def test_figure_of_the_sum_covers_the_countries_that_keep_its_row() -> None:
    (item,) = published(Partition.AW, Partition.CW).items
    covered = {cell.row: item.release.coverage_of(cell.row, cell.column) for cell in item.release.figures("CARIBBEAN")}
    assert covered.pop(ROW) == (Partition.AW, Partition.CW)
    assert set(covered.values()) == {CARIBBEAN}


def test_files_for_programs_say_of_each_row_who_is_in_it() -> None:
    publication = published(Partition.AW, Partition.CW)
    packed = by_row(data_package(publication)[f"data/{CHANNEL.id}.csv"], "channel", "coverage")
    sdmx = by_row(sdmx_csv(CHANNEL, publication.items[0]), "CHANNEL", "COVERAGE")
    for found in (packed, sdmx):
        assert found.pop(ROW) == "AW CW"
        assert set(found.values()) == {ALL_FOUR}


def test_notes_of_page_workbook_and_brief_name_the_row_and_whose_it_is() -> None:
    publication = published(Partition.AW, Partition.CW)
    expected = SENTENCE.format(Words("en").row(CHANNEL.variables[0], ROW))
    assert expected in laid_out(publication, Words("en"))[0].notes
    assert expected in build_brief(publication, "en").decode()


@pytest.mark.parametrize("keep", [(), CARIBBEAN])
def test_nothing_is_said_where_all_keep_the_same_rows(keep: tuple[Partition, ...]) -> None:
    (laid,) = laid_out(published(*keep), Words("en"))
    assert not any(note.startswith("Kept by") for note in laid.notes)
