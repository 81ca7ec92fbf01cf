"""The generic workbook: what is written can be read back, and nothing else is in it."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types

from register.statistics.formats.workbook import Bars, Column, Cover, Sheet, Starred, build_workbook, sheet_name
from register.statistics.release.release import Marker

COVER = Cover(
    name="Cover",
    title="Notifications 2023",
    subtitle="Aruba",
    facts=(("Period", "2023"), ("Made from", "=1+1")),
    notes=("A long sentence. " * 12,),
    contents="Contents",
    created=date(2024, 1, 1),
)
SHEET = Sheet(
    name="By type",
    title="Notifications by type, 2023",
    notes=("Rounded to threes.",),
    columns=(Column("Type", 24), Column("Number"), Column("Last year")),
    rows=(("Trafficking", 6, Starred(7)), ("Smuggling", Marker.WITHHELD, 0), ("Total", 24, Marker.NOT_REPORTED)),
    strong=frozenset({2}),
    chart=Bars("By type", first=0, last=1, label=0, series=(1,), reach=(2, 2)),
)


def test_workbook_says_what_it_was_given() -> None:
    book = load_workbook(io.BytesIO(build_workbook(COVER, [SHEET])))
    assert book.sheetnames == ["Cover", "Contents", "By type"]
    rows = [[cell.value for cell in row] for row in book["By type"].iter_rows(min_row=4, max_row=7)]
    assert rows == [
        ["Type", "Number", "Last year"],
        ["Trafficking", 6, 7],
        ["Smuggling", "c", 0],
        ["Total", 24, ".."],
    ]
    assert book["By type"].freeze_panes == "B5"
    assert book["Contents"]["A3"].hyperlink.location == "'By type'!A1"
    assert len(book["By type"]._charts) == 1


def test_text_never_becomes_a_formula() -> None:
    book = load_workbook(io.BytesIO(build_workbook(COVER, [])))
    assert (book["Cover"]["B5"].value, book["Cover"]["B5"].data_type) == ("=1+1", "s")


def test_same_arguments_make_the_same_bytes() -> None:
    assert build_workbook(COVER, [SHEET]) == build_workbook(COVER, [SHEET])


def test_file_tells_nothing_of_who_made_it_or_when() -> None:
    data = build_workbook(COVER, [SHEET])
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert {one.date_time[0] for one in packed.infolist()} == {1980}
        properties = packed.read("docProps/core.xml").decode()
    assert "2024-01-01T00:00:00Z" in properties
    assert "<dc:creator></dc:creator>" in properties
    assert "<cp:lastModifiedBy></cp:lastModifiedBy>" in properties


@pytest.mark.parametrize("bad", [(SHEET, SHEET), (Sheet("x" * 32, "", (), (), ()),)])
def test_names_that_excel_refuses_are_refused(bad: tuple[Sheet, ...]) -> None:
    with pytest.raises(ValueError, match="names of sheets"):
        build_workbook(COVER, bad)


def test_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values in each row"):
        build_workbook(COVER, [Sheet("One", "One", (), (Column("A"), Column("B")), (("a",),))])


def test_names_of_sheets_are_made_to_fit_and_to_differ() -> None:
    long = "Victim ladder by status: form / of [exploitation]"
    first = sheet_name(long)
    assert first == "Victim ladder by status form of"
    assert sheet_name(long, [first]) == "Victim ladder by status form 2"
    assert sheet_name("Notifications by type, as registered") == "Notifications by type, as"
    assert sheet_name("x" * 40) == "x" * 31
