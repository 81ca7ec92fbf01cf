"""The files of a release: valid for the programs that read them, equal to the released cells, and nothing besides."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from frictionless import Package, system
from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]  # as above
from pysdmx.io.csv.sdmx20.reader import read as read_sdmx_csv
from pysdmx.model import Component, Components, Concept, DataStructureDefinition, Role
from pysdmx.model.dataset import ActionType

from api.release.files import pack_files, read_publication, release_folder
from register.statistics.attacks import harness
from register.statistics.catalogue import default_catalogue
from register.statistics.definition import Definition, Tier
from register.statistics.formats.layout import plain_code
from register.statistics.formats.publication import Publication, Published
from register.statistics.formats.sdmx_csv import ATTRIBUTES, TOTAL_CODE, list_dimensions, structure_id
from register.statistics.formats.words import LANGUAGES, Words, _texts
from register.statistics.period import Period
from register.statistics.release.release import Marker, NoRelease, Release
from schemas.codes import Partition
from tests.unit.register.statistics.publications import made

TIERS = (Tier.WORKING_GROUP, Tier.PUBLIC)
SIZES = (1, 6)
"""Years put together into one: with one the islands are thin, with six most tables are shown."""
HIDING = {Marker.WITHHELD, Marker.NOT_APPLICABLE, Marker.NOT_REPORTED}


@cache
def folder(tier: Tier, more: int = 1) -> Mapping[str, bytes]:
    return release_folder(made(tier, more=more).publication)


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def released(tier: Tier, more: int = 1) -> list[Published]:
    return made(tier, more=more).publication.main()


# SDMX-CSV


def schema_of(definition: Definition) -> DataStructureDefinition:
    """The structure that the file names, from the catalogue alone."""
    codes = {v.name.replace(":", "_").upper(): {*v.codes, TOTAL_CODE} for v in definition.variables[:2]}
    found = [Component(d, True, Role.DIMENSION, Concept(d), local_codes=None) for d in list_dimensions(definition)]
    found.append(Component("OBS_VALUE", False, Role.MEASURE, Concept("OBS_VALUE")))
    found += [Component(a, False, Role.ATTRIBUTE, Concept(a), attachment_level="O") for a in ATTRIBUTES]
    assert set(codes) <= {c.id for c in found}
    return DataStructureDefinition(
        structure_id(definition), agency="RTR", version=f"{definition.version}.0", components=Components(found)
    )


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("more", SIZES)
def test_sdmx_csv_is_read_by_pysdmx_with_the_structure_of_the_catalogue(tier: Tier, more: int) -> None:
    for item in released(tier, more):
        one, definition = item.release, made(tier, more=more).publication.definition(item.release)
        if all(c.marker is Marker.NOT_REPORTED for c in one.cells):
            continue
        (dataset,) = read_sdmx_csv(folder(tier, more)[f"sdmx/{one.table_id}-{one.period}.csv"].decode())
        structure = schema_of(definition)
        frame = dataset.data
        assert dataset.short_urn == f"DataStructure=RTR:{structure.id}({structure.version})"
        assert dataset.action is ActionType.Information
        assert list(frame.columns) == [component.id for component in structure.components]
        keys = [component.id for component in structure.components.dimensions]
        assert not frame.duplicated(keys).any()
        assert len(frame) == len(one.cells)


@pytest.mark.parametrize("tier", TIERS)
def test_sdmx_csv_says_of_every_figure_what_it_is(tier: Tier) -> None:
    for item in released(tier):
        one, digest = item.release, item.release.digest
        lines = rows_of(folder(tier)[f"sdmx/{one.table_id}-{one.period}.csv"])
        for cell, line in zip(one.cells, lines, strict=True):
            assert line["OBS_VALUE"] == ("" if cell.value is None else str(cell.value))
            assert line["CONF_STATUS"] == ("N" if cell.marker is Marker.WITHHELD else "F")
            assert (line["OBS_STATUS"] == "A") == (cell.value is not None)
            assert (line["ROUND_BASE"] == str(one.base)) == (cell.marker in {Marker.ROUNDED, Marker.POOLED})
            assert (line["TIME_PERIOD"] == "2021-01-01/P3Y") == (cell.marker is Marker.POOLED)
            assert (line["RELEASE_ID"], line["REVISION"], line["RULESET"]) == (digest, "0", one.ruleset)
            assert (line["SIGNATURE"], line["POPULATION"]) == (item.signature, one.population)
        whole = [line for line in lines if line["REF_AREA"] == "CARIBBEAN"]
        assert {line["COVERAGE"] for line in whole} == {" ".join(one.coverage)}


def test_period_of_three_years_is_a_time_range() -> None:
    from register.statistics.formats.sdmx_csv import time_period

    assert time_period(Period(2023, years=3)) == "2021-01-01/P3Y"
    assert time_period(Period(2023, 4)) == "2023-Q4"


# Data package


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("more", SIZES)
def test_data_package_is_valid_for_frictionless(tier: Tier, more: int, tmp_path: Path) -> None:
    for name, data in folder(tier, more).items():
        if name.startswith("data"):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
    with system.use_context(onerror="ignore"):
        report = Package(str(tmp_path / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "type", "message"])
    assert len(report.tasks) == len([name for name in folder(tier, more) if name.startswith("data/")])


def test_data_package_that_was_changed_is_not_valid(tmp_path: Path) -> None:
    files = dict(folder(Tier.WORKING_GROUP))
    files["data/notifications-by-type.csv"] = files["data/notifications-by-type.csv"].replace(
        b",rounded,", b",true,", 1
    )
    for name in [n for n in files if n.startswith("data")]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(files[name])
    with system.use_context(onerror="ignore"):
        assert not Package(str(tmp_path / "datapackage.json")).validate().valid


@pytest.mark.parametrize("tier", TIERS)
def test_data_package_holds_the_released_cells_and_no_others(tier: Tier) -> None:
    everything = made(tier).publication.items
    for table_id in {item.release.table_id for item in everything}:
        mine = [c for i in everything if i.release.table_id == table_id for c in i.release.cells]
        lines = rows_of(folder(tier)[f"data/{table_id}.csv"])
        for line, cell in zip(lines, mine, strict=True):
            assert line["area"] == cell.area
            assert line["value"] == (cell.marker.value if cell.marker in HIDING else str(cell.value))


def test_zero_is_printed_as_zero_and_what_is_not_known_is_not() -> None:
    lines = [
        line for t in TIERS for n, d in folder(t, 6).items() if re.match(r"data/(?!codes)", n) for line in rows_of(d)
    ]
    assert {line["value"] for line in lines if line["status"] == "not-reported"} == {".."}
    assert {line["value"] for line in lines if line["status"] == "withheld"} == {"c"}
    assert any(line["value"] == "0" and line["status"] == "rounded" for line in lines)


# Workbook


def book_of(tier: Tier, language: str, more: int = 1) -> dict[str, Worksheet]:
    book = load_workbook(io.BytesIO(folder(tier, more)[f"figures-{language}.xlsx"]))
    return {sheet.title: sheet for sheet in book.worksheets}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tier", TIERS)
def test_workbook_has_cover_contents_notes_tables_method_revisions_and_signature(tier: Tier, language: str) -> None:
    say = Words(language).say
    names = list(book_of(tier, language))
    collected = [i for i in released(tier) if any(c.marker is not Marker.NOT_REPORTED for c in i.release.cells)]
    assert names[:4] == [say(name) for name in ("cover", "contents", "notes", "withheld")]
    assert names[-4:] == [say(name) for name in ("not_yet", "method", "revisions", "signature")]
    assert len(names) == 8 + len(collected)


@pytest.mark.parametrize("more", SIZES)
def test_workbook_sets_the_islands_together_the_netherlands_apart_and_last_year_beside_this(more: int) -> None:
    sheet = book_of(Tier.WORKING_GROUP, "en", more)["Notifications by type, as"]
    groups = [cell.value for cell in sheet[4]]
    years = [cell.value for cell in sheet[5]]
    for area in ("Aruba", "Caribbean Netherlands", "Curaçao", "Sint Maarten", "Caribbean, together", "Netherlands"):
        at = groups.index(area)
        assert years[at : at + 2] == ["2022", "2023"]
    gap = groups.index("Netherlands") - 1
    assert [sheet.cell(row, gap + 1).value for row in range(4, 10)] == [None, "", *[None] * 4] or not any(
        sheet.cell(row, gap + 1).value for row in range(4, 10)
    )


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("more", SIZES)
def test_workbook_shows_just_the_released_figures(tier: Tier, more: int) -> None:
    publication = made(tier, more=more).publication
    sheets = book_of(tier, "en", more)
    words = Words("en")
    for item in publication.main():
        one = item.release
        title = words.heading(publication.definition(one).title, one)
        sheet = next((s for s in sheets.values() if s["A1"].value == title), None)
        if sheet is None:
            assert {c.marker for c in one.cells} == {Marker.NOT_REPORTED}
            continue
        groups = [cell.value for cell in sheet[4]]
        for area in {c.area for c in one.cells}:
            if words.area(area) not in groups:
                continue
            at = groups.index(words.area(area)) + 2
            cells = one.figures(area)
            found = [sheet.cell(row, at).value for row in range(6, 6 + len(cells))]
            assert found == [c.marker.value if c.value is None else c.value for c in cells]


def test_chart_of_the_workbook_draws_how_far_the_true_figure_may_be_away() -> None:
    found = [
        (sheet, chart)
        for sheet in book_of(Tier.WORKING_GROUP, "en", 6).values()
        for chart in sheet._charts
        if chart.series[-1].errBars is not None
    ]
    assert found
    for _, chart in found:
        assert chart.series[-1].errBars.plus.numLit.ptCount > 1


def test_total_of_three_years_is_never_taken_for_one_year() -> None:
    """A dagger where people read, another period where programs do, and no bar beside those of one year."""
    cells = [(i.release, c) for i in released(Tier.WORKING_GROUP) for c in i.release.cells if c.marker is Marker.POOLED]
    assert cells
    sheet = book_of(Tier.WORKING_GROUP, "en")["Victim ladder by sex"]
    formats = {cell.number_format for row in sheet.iter_rows() for cell in row if isinstance(cell.value, int)}
    assert any("†" in one for one in formats)
    for one, cell in cells:
        lines = rows_of(folder(Tier.WORKING_GROUP)[f"data/{one.table_id}.csv"])
        mine = [x for x in lines if (x["release"], x["area"], x["status"]) == (one.digest, cell.area, "pooled")]
        assert [(x["period"], x["value"]) for x in mine] == [("2021/2023", str(cell.value))]
    page = folder(Tier.WORKING_GROUP)["brief-en.html"].decode()
    assert re.search(r">\d+†</text>", page)
    assert "† is the total of 2021/2023 together" in page


# Brief


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("more", SIZES)
def test_brief_has_no_script_and_loads_nothing(tier: Tier, language: str, more: int) -> None:
    page = folder(tier, more)[f"brief-{language}.html"].decode()
    assert f'<html lang="{language}">' in page
    assert "<script" not in page
    assert re.findall(r"""\son\w+=|(?:src|href)=["'](?!#)""", page) == []
    assert re.findall(r"\sstyle=", page) == []
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_brief_has_a_table_with_the_figures_of_every_picture(language: str) -> None:
    page = folder(Tier.WORKING_GROUP, 6)[f"brief-{language}.html"].decode()
    pictures = re.findall(
        r'<svg class="chart".*?</svg>\s*</svg>|<svg class="chart".*?(?=<div class="across")', page, re.DOTALL
    )
    assert len(pictures) > 5
    for picture in pictures:
        table = page[page.index(picture) + len(picture) :].split("</table>")[0]
        for number in re.findall(r">([\d.,]+[*†]?)</text>", picture):
            assert f">{number}<" in table or number in {"2022", "2023"}, number


def test_brief_shows_a_country_that_has_not_signed_nowhere() -> None:
    publication = made(Tier.PUBLIC, more=6).publication
    page = folder(Tier.PUBLIC, 6)["brief-en.html"].decode()
    names = {words for area in ("BQ", "CW", "SX") for words in [Words("en").area(area)]}
    assert all(c.value is None for i in publication.main() for c in i.release.cells if c.area in {"BQ", "CW", "SX"})
    assert re.findall(rf'<th scope="(?:col|row)"[^>]*>({"|".join(names)})</th>', page) == []


# The folder


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("more", SIZES)
def test_no_file_holds_a_true_figure_a_seed_a_key_or_p(tier: Tier, more: int) -> None:
    """A9: bytes of every output, those inside workbooks and zips too, and every number of a table in every file."""
    case = made(tier, more=more)
    files = dict(unpacked(folder(tier, more)))
    assert harness.a9_bytes(files, case.secrets) == []
    assert all(harness.a9_values(item.release) == [] for item in case.publication.items)
    for name, data in files.items():
        if name.endswith(".xlsx"):
            continue  # compressed; what is in it follows
        assert not re.search(rb"dominance|p%|p ?= ?10|percent of the largest", data), name


@pytest.mark.parametrize("tier", TIERS)
def test_files_are_the_same_whatever_true_figures_lie_behind_the_release(tier: Tier) -> None:
    """A9 for figures: files are made of the released document alone, so they can hold nothing that it does not."""
    data = folder(tier)["release.json"]
    assert release_folder(read_publication(data)) == folder(tier)
    text = data.decode()
    for (table_id, period, country), truth in made(tier).truths.items():
        (one,) = [
            i.release
            for i in made(tier).publication.items
            if (i.release.table_id, str(i.release.period)) == (table_id, period)
        ]
        rounded = [c for c in one.figures(country) if c.marker in {Marker.ROUNDED, Marker.POOLED}]
        assert all(c.value is not None and c.value % one.base == 0 for c in rounded)
        assert json.dumps([list(line) for line in truth.cells]) not in text


def test_manifest_has_the_hash_of_every_other_file() -> None:
    files = folder(Tier.WORKING_GROUP)
    listed = json.loads(files["manifest.json"])["files"]
    assert listed.keys() == files.keys() - {"manifest.json"}
    assert all(listed[name]["sha256"] == hashlib.sha256(files[name]).hexdigest() for name in listed)


def test_release_in_the_folder_has_the_digest_it_was_signed_with() -> None:
    for item in json.loads(folder(Tier.PUBLIC)["release.json"]):
        assert Release.read(item["release"]).digest in folder(Tier.PUBLIC)["manifest.json"].decode()


def test_readme_says_what_there_is_in_both_languages() -> None:
    readme = folder(Tier.WORKING_GROUP)["README.md"].decode()
    for language in LANGUAGES:
        words = Words(language)
        assert words.say("title", period=2023) in readme
        assert all(meaning in readme for meaning in words.markers().values())
        assert words.say("file_sdmx") in readme


def test_zip_of_the_folder_is_the_same_each_time() -> None:
    files = folder(Tier.PUBLIC)
    with zipfile.ZipFile(io.BytesIO(pack_files(files))) as zipped:
        assert {name: zipped.read(name) for name in zipped.namelist()} == files
    assert pack_files(files) == pack_files(dict(sorted(files.items(), reverse=True)))


# What is refused


def test_file_of_two_tiers_is_refused() -> None:
    items = (*made(Tier.PUBLIC).publication.items[:1], *made(Tier.WORKING_GROUP).publication.items[:1])
    with pytest.raises(NoRelease, match="one tier"):
        Publication(default_catalogue(), items)


@pytest.mark.parametrize(
    "change",
    [
        {"cells": [["AW", "HT", "ALL", 1.5, "rounded", 2]]},
        {"cells": [["AW", "HT", "ALL", True, "rounded", 2]]},
        {"cells": [["AW", "<script>", "ALL", 3, "rounded", 2]]},
        {"cells": [["XX", "HT", "ALL", 3, "rounded", 2]]},
        {"table": "../../etc/passwd"},
        {"table": "nothing-like-it"},
        {"version": 9},
        {"tier": "X"},
        {"period": "2023/2021"},
        {"period": "../2023"},
        {"more": 1},
    ],
)
def test_document_that_no_release_makes_is_refused(change: dict[str, object]) -> None:
    made_of = json.loads(folder(Tier.WORKING_GROUP)["release.json"])
    document = next(i["release"] for i in made_of if i["release"]["table"] == "notifications-by-type")
    with pytest.raises(NoRelease):
        read_publication(json.dumps({**document, **change}).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"1", b"[1]", b'{"release": 1}', b"[" * 200_000])
def test_what_is_no_release_is_refused(data: bytes) -> None:
    with pytest.raises(NoRelease):
        read_publication(data)


# Words


def test_both_languages_say_everything() -> None:
    for part in ("say", "trend", "area", "tier", "marker", "short", "paragraphs"):
        for name, words in _texts()[part].items():
            assert words.keys() == set(LANGUAGES), name
            places = {tuple(sorted(re.findall(r"%\(\w+\)s", str(said)))) for said in words.values()}
            assert len(places) == 1, name
            assert len({len(said) for said in words.values()} if part == "paragraphs" else {0}) == 1, name


def test_every_date_rule_of_the_catalogue_has_dutch_words() -> None:
    assert {definition.period_rule for definition in default_catalogue()} == set(_texts()["rule"])


@pytest.mark.parametrize("text", ["2023", "2023-Q4", "2021/2023"])
def test_period_is_read_as_it_is_printed(text: str) -> None:
    assert str(Period.read(text)) == text


def test_period_before_is_a_year_earlier_and_of_three_years_three() -> None:
    assert str(Period(2023, 2).before()) == "2022-Q2"
    assert str(Period(2023, years=3).before()) == "2018/2020"


def test_released_countries_are_all_five() -> None:
    for item in released(Tier.WORKING_GROUP):
        assert {c.area for c in item.release.cells} == {*Partition, "CARIBBEAN"}


def unpacked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, and what lies compressed inside them."""
    found = dict(files)
    for name, data in files.items():
        if name.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(data)) as zipped:
                found |= {f"{name}/{inner}": zipped.read(inner) for inner in zipped.namelist()}
    return found


def test_no_code_of_a_csv_file_is_one_that_a_spreadsheet_reads_as_a_date_or_a_sum() -> None:
    """C23: `12-17` becomes 12 December; `=` and `+` begin a sum."""
    like_a_date = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,4}([-/.][0-9]{1,4})?|[=+@].*|[0-9]+E[0-9]+", re.IGNORECASE)
    catalogue = default_catalogue()
    codes = {code for table in catalogue.tables.values() for v in table.variables for code in v.codes}
    assert "12-17" in codes
    assert [plain_code(code) for code in codes if like_a_date.fullmatch(plain_code(code))] == []


def test_code_list_says_how_its_letters_are_written_and_all_other_csv_files_need_not() -> None:
    files = {name: data for name, data in folder(Tier.PUBLIC).items() if name.endswith(".csv")}
    assert files["data/codes.csv"].startswith(codecs.BOM_UTF8)
    assert "Curaçao" in files["data/codes.csv"].decode("utf-8-sig")
    assert all(data.isascii() for name, data in files.items() if name != "data/codes.csv")
