"""A regional release, at the page and in the brief: panels on one scale with the same rows, gaps said once."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from api.release.panels import Panel, Panels, panels
from register.statistics.definition import Tier
from register.statistics.formats.layout import laid_out
from register.statistics.formats.publication import Publication, Published
from register.statistics.formats.words import Words
from register.statistics.release.release import Cell, Marker
from tests.unit.register.statistics.publications import made

SVG = "{http://www.w3.org/2000/svg}"
TABLE = "notifications-by-type"


def of(table: str, *, tier: Tier = Tier.WORKING_GROUP, more: int = 2) -> Publication:
    """Two years of one table."""
    whole = made(tier, more=more).publication
    return Publication(whole.catalogue, tuple(one for one in whole.items if one.release.table_id == table))


def shown(publication: Publication, language: str = "en") -> Panels:
    words = Words(language)
    return panels(laid_out(publication, words)[0], words)


def picture(area: Panel) -> ET.Element:
    assert area.picture
    return ET.fromstring(area.picture)  # noqa: S314 - made here


def said(area: Panel) -> list[str]:
    return [str(e.text) for e in picture(area).iter(f"{SVG}text")]


def lengths(area: Panel) -> dict[str, float]:
    """How long a bar is for each figure, by what is written behind it."""
    texts = [e for e in picture(area).iter(f"{SVG}text") if str(e.get("x")).endswith("%")]
    return {str(e.text).rstrip("*†"): float(str(e.get("x")).rstrip("%")) for e in texts}


def changed(publication: Publication, **by: object) -> Publication:
    """The same with other cells: those that a test picks are not reported."""
    areas, rows = by.get("areas", ()), by.get("rows", ())

    def cell(one: Cell) -> Cell:
        gone = one.area in areas or one.row in rows  # type: ignore[operator]  # tuples, as a test gives them
        return replace(one, value=None, marker=Marker.NOT_REPORTED, reach=0) if gone else one

    items = tuple(
        Published(replace(i.release, cells=tuple(map(cell, i.release.cells))), i.signature) for i in publication.items
    )
    return Publication(publication.catalogue, items)


def test_islands_have_the_same_rows_and_one_scale() -> None:
    page = shown(of(TABLE))
    assert all(area.picture for area in page.islands)
    drawn = [area for area in page.islands if "c (withheld)" not in {line.shown for line in area.lines}]
    assert len(drawn) == 3
    labels = [[t for t in said(area) if not re.match(r"[\d.c]", t)] for area in drawn]
    assert labels.count(labels[0]) == len(labels)
    scales = {
        round(length / int(shown.replace(",", "")), 1)
        for area in drawn
        for shown, length in lengths(area).items()
        if int(shown.replace(",", "")) > 12
    }
    # A bar ends where its open end does: the reach, divided by a larger figure, is less of it.
    assert max(scales) - min(scales) < 1.0


def test_island_of_which_the_total_alone_is_shown_has_that_bar_on_the_same_scale() -> None:
    page = shown(of(TABLE))
    (alone,) = [area for area in page.islands if "c (withheld)" in {line.shown for line in area.lines}]
    assert [t for t in said(alone) if not re.match(r"[\d.c]", t)] == ["Total"]
    assert max(lengths(alone).values()) < 36, "of the scale of all islands, not of its own"


def test_the_sum_and_the_netherlands_stand_apart_each_on_its_own_scale() -> None:
    page = shown(of(TABLE))
    assert [area.id for area in page.apart] == ["caribbean", "nl"]
    assert {area.id for area in page.islands} == {"aw", "bq", "cw", "sx"}
    assert max(lengths(page.apart[1]).values()) == pytest.approx(72.0, abs=0.01)
    assert max(length for area in page.islands if area.picture for length in lengths(area).values()) <= 72.01


def test_legend_is_said_once_and_names_the_year_before_that_is_drawn_beside() -> None:
    page = shown(of(TABLE))
    assert [text for _, text in page.key][:2] == ["2023", "2022"]
    assert not any(text in {"2023", "2022"} for area in page.islands if area.picture for text in said(area))


def test_row_that_nobody_collects_and_area_that_reported_nothing_are_a_sentence_each() -> None:
    whole = of(TABLE)
    row = next(c.row for c in whole.items[0].release.cells)
    page = shown(changed(whole, areas=("SX",), rows=(row,)))
    missing, silent = page.gaps
    assert silent == "Nothing was reported by: Sint Maarten."
    (label,) = re.findall(r"^Not collected by anybody: (.+)\.$", missing)
    assert not any(line.labels == (label,) for area in page.islands for line in area.lines)
    assert "sx" not in {area.id for area in page.islands}
    assert ".." not in {line.shown for area in page.islands for line in area.lines}


def test_table_that_nobody_collects_is_said_and_draws_nothing() -> None:
    whole = of(TABLE)
    page = shown(changed(whole, areas=("AW", "BQ", "CW", "SX", "NL", "CARIBBEAN")))
    assert (page.islands, page.apart, page.key, page.scale) == ([], [], (), "")
    (said_once,) = page.gaps
    assert all(Words("en").area(area) in said_once for area in ("AW", "BQ", "CW", "SX", "NL", "CARIBBEAN"))


def test_every_figure_of_a_picture_stands_in_its_table() -> None:
    for area in (page := shown(of(TABLE), "nl")).islands:
        if area.picture:
            written = {line.shown for line in area.lines} | {line.before for line in area.lines}
            labels = {line.labels[0] for line in area.lines}
            assert {t for t in said(area) if t not in " ".join(labels)} <= written, area.id
    assert page.title


def test_figure_of_three_years_has_its_sign_and_no_bar_beside_those_of_one() -> None:
    whole = of(TABLE)

    def pooled(one: Cell) -> Cell:
        is_total = one.area == "SX" and one.row == "ALL"
        if one.area != "SX":
            return one
        return replace(one, marker=Marker.POOLED if is_total else Marker.WITHHELD, value=9 if is_total else None)

    items = tuple(
        Published(replace(i.release, cells=tuple(map(pooled, i.release.cells))), i.signature) for i in whole.items
    )
    page = shown(Publication(whole.catalogue, items))
    (sx,) = [area for area in page.islands if area.id == "sx"]
    assert sx.lines[-1].shown == "9†"
    if sx.picture:
        assert "9†" not in {t for t in said(sx) if t in lengths(sx)}


def test_island_of_which_nothing_is_shown_has_no_picture_rather_than_an_empty_one() -> None:
    whole = of(TABLE)

    def hidden(one: Cell) -> Cell:
        return replace(one, value=None, marker=Marker.WITHHELD, reach=0) if one.area == "SX" else one

    items = tuple(
        Published(replace(i.release, cells=tuple(map(hidden, i.release.cells))), i.signature) for i in whole.items
    )
    page = shown(Publication(whole.catalogue, items))
    (sx,) = [area for area in page.islands if area.id == "sx"]
    assert {line.shown for line in sx.lines} == {"c (withheld)"}
    assert sx.picture is None


def test_pictures_of_one_scale_say_so_and_how_long_it_is() -> None:
    page = shown(of(TABLE))
    texts = [e for area in page.islands for e in picture(area).iter(f"{SVG}text") if str(e.get("x")).endswith("%")]
    furthest = str(max(texts, key=lambda e: float(str(e.get("x")).rstrip("%"))).text)
    # The open end belongs to it: a figure in threes is at most two from the true one, a published one is exact.
    longest = int(furthest.rstrip("*")) + (0 if furthest.endswith("*") else 2)
    assert page.scale == f"The pictures of the islands have one scale, of {longest}. Each of the others has its own."
