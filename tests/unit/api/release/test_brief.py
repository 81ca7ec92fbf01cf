"""The brief among the files of a release: the panels of the page, whole without the register, and for every reader."""

from __future__ import annotations

import html
import re
from functools import cache
from itertools import pairwise

import pytest

from api.release.brief import build_brief
from api.release.panels import Panel, panels
from register.statistics.definition import Tier
from register.statistics.formats.layout import laid_out
from register.statistics.formats.publication import Publication
from register.statistics.formats.words import LANGUAGES, Words
from tests.unit.register.statistics.publications import made

TABLES = ("notifications-by-type", "notifications-by-channel")


@cache
def of(table: str, tier: Tier = Tier.WORKING_GROUP) -> Publication:
    """Two years of one table, as the zip of its page has them."""
    whole = made(tier, more=6).publication
    return Publication(whole.catalogue, tuple(one for one in whole.items if one.release.table_id == table))


def written(publication: Publication, language: str) -> str:
    return build_brief(publication, language).decode()


def cells(table: str) -> list[list[str]]:
    rows = re.findall(r"<tr.*?</tr>", table.split("<tbody>")[1], re.DOTALL)
    return [[html.unescape(one) for one in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def expected(panel: Panel, *, has_before: bool) -> list[list[str]]:
    return [
        [
            *line.labels,
            line.shown,
            *([line.before] if has_before else []),
            *([line.between] if panel.rounded else []),
        ]
        for line in panel.lines
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", TABLES)
def test_brief_has_the_same_panels_as_the_page(table: str, language: str) -> None:
    """The same areas in the same order, with the same pictures and figures; the pictures to the last bar."""
    words = Words(language)
    page = panels(laid_out(of(table), words)[0], words)
    text = written(of(table), language)
    drawn = text.split('<div class="panel">')[1:]
    in_order = [*page.islands, *page.apart]

    assert len(drawn) == len(in_order) == 6
    for found, panel in zip(drawn, in_order, strict=True):
        assert re.findall(r"<h3[^>]*>(.*?)</h3>", found)[0] == html.escape(panel.name)
        assert cells(found.split("</table>")[0]) == expected(panel, has_before=page.has_before)
        picture = None if panel.picture is None else re.sub(r"picture-[a-z]+", "picture", panel.picture)
        own = re.search(r'<svg class="chart".*?(?=<div class="across")', found, re.DOTALL)
        assert (own and re.sub(r"picture-[a-z0-9-]+-(?:aw|bq|cw|sx|nl|caribbean)", "picture", own[0])) == picture
    assert page.scale
    assert page.scale in text
    assert all(html.escape(said) in text for _, said in page.key)


@pytest.mark.parametrize("tier", [Tier.WORKING_GROUP, Tier.PUBLIC])
@pytest.mark.parametrize("language", LANGUAGES)
def test_brief_can_be_read_by_who_does_not_see_it(tier: Tier, language: str) -> None:
    """One heading a level at a time, no id twice, a name for each picture and table, and a head for each column."""
    text = written(made(tier, more=6).publication, language)
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))

    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    named = [one for by in re.findall(r'aria-labelledby="([^"]+)"', text) for one in by.split()]
    assert named
    assert set(named) <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)

    tables = re.findall(r"<table.*?</table>", text, re.DOTALL)
    assert len(tables) > 5
    for one in tables:
        assert re.search(r"<caption[^>]*>[^<]+</caption>", one)
        head, body = one.split("<tbody>")
        assert {len(row) for row in cells(one)} == {head.count('scope="col"')}, one
        assert body.count("<tr") == len(re.findall(r'<tr[^>]*><th scope="row"', body))


def test_totals_in_short_say_which_countries_the_sum_is_over() -> None:
    """The islands' totals stand beside a sum that need not be over all of them."""
    publication = made(Tier.WORKING_GROUP, more=2).publication
    text = written(publication, "en")
    in_short = html.unescape(text.split("<h2>In short</h2>")[1].split("<nav")[0])
    for part in in_short.split("<h3>")[1:]:
        title = part.split("</h3>")[0]
        of = next(
            i.release
            for i in publication.main()
            if Words("en").heading(publication.definition(i.release).population.title, i.release) == title
            and any(cell.value is not None for cell in i.release.cells)
        )
        names = ", ".join(Words("en").area(country.value) for country in of.coverage)
        assert (f"In the Caribbean sum: {names}." in part) is bool(of.coverage and of.base > 1), title
    assert "In the Caribbean sum: Aruba" in in_short
