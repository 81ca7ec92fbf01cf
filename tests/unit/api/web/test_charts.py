"""Pictures of tables: every figure is in them, nothing else gets in, and they fit a narrow screen."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.release.charts import WRAP_AT, Bar, Legend, Mark, draw_bars, find_longest_bar, key

SVG = "{http://www.w3.org/2000/svg}"
YEARS = Legend("2023", "2022", "true value lies in the open end")


def drawn(*rows: Bar, legend: Legend = YEARS) -> ET.Element:
    return ET.fromstring(draw_bars("by-source", "By source", "The table follows.", rows, legend))  # noqa: S314 - made here


def widths(picture: ET.Element, ink: str) -> list[float]:
    found = [r for r in picture.iter(f"{SVG}rect") if r.get("fill") == ink and str(r.get("width")).endswith("%")]
    return [float(str(r.get("width")).rstrip("%")) for r in found]


def test_picture_has_a_name_and_a_description_for_those_who_do_not_see_it() -> None:
    picture = drawn(Bar("Citizens", Mark("11", 11)))
    named = str(picture.get("aria-labelledby")).split()

    assert picture.get("role") == "img"
    assert [picture.findtext(f"{SVG}title"), picture.findtext(f"{SVG}desc")] == ["By source", "The table follows."]
    assert named == [e.get("id") for e in picture if e.tag in {f"{SVG}title", f"{SVG}desc"}]


def test_every_figure_and_every_label_is_written_in_it() -> None:
    picture = drawn(Bar("Citizens", Mark("11", 11), Mark("9", 9)), Bar("School", Mark("c withheld")))
    said = [e.text for e in picture.iter(f"{SVG}text")]

    assert said == ["2023", "2022", "true value lies in the open end", "Citizens", "11", "9", "School", "c withheld"]


def test_bars_are_as_long_as_their_figures() -> None:
    picture = drawn(Bar("a", Mark("10", 10), Mark("5", 5)), Bar("b", Mark("0", 0)))

    assert widths(picture, "#1d4f91") == pytest.approx([72.0])
    assert widths(picture, "#7d8794") == pytest.approx([36.0])


def test_rounded_figure_shows_from_where_to_where_the_true_one_may_lie() -> None:
    picture = drawn(Bar("a", Mark("10 ± 2", 10, 2)))

    assert widths(picture, "#1d4f91") == pytest.approx([48.0])
    assert widths(picture, "#fff") == pytest.approx([24.0])


def test_rounded_figure_never_reaches_below_nothing() -> None:
    picture = drawn(Bar("a", Mark("0 ± 2", 0, 2)))

    assert widths(picture, "#1d4f91") == []
    assert widths(picture, "#fff") == pytest.approx([72.0])


def test_what_is_not_shown_has_no_bar() -> None:
    picture = drawn(Bar("a", Mark("withheld"), Mark("..")))

    assert widths(picture, "#1d4f91") + widths(picture, "#7d8794") == []
    assert len([e for e in picture.iter(f"{SVG}line") if e.get("stroke-dasharray")]) == 2


def test_label_too_long_for_a_narrow_screen_goes_on_in_the_next_line() -> None:
    label = "Aid organisation, international organisation or a foundation on the island"
    lines = [e.text or "" for e in drawn(Bar(label, Mark("1", 1)), legend=Legend("2023")).iter(f"{SVG}text")][1:-1]

    assert " ".join(lines) == label
    assert all(len(line) <= WRAP_AT for line in lines)


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "é"])
def test_name_that_could_not_be_an_id_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name of a picture"):
        draw_bars(name, "t", "d", [], Legend("2023"))


def test_figure_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter than nothing"):
        draw_bars("a", "t", "d", [Bar("a", Mark("-1", -1))], Legend("2023"))


_TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=60)
_MARKS = st.builds(Mark, _TEXTS, st.none() | st.integers(0, 10**6), st.integers(0, 4))


@given(_TEXTS, st.lists(st.builds(Bar, _TEXTS, _MARKS, st.none() | _MARKS), max_size=6))
def test_whatever_the_words_it_is_one_well_formed_picture_that_stays_inside(title: str, rows: list[Bar]) -> None:
    made = draw_bars("p", title, title, rows, Legend("now", "before", "reach"))
    picture = ET.fromstring(made)  # noqa: S314 - made here

    assert {e.tag.removeprefix(SVG) for e in picture.iter()} <= {"svg", "title", "desc", "rect", "line", "text"}
    assert not any(set(e.attrib) & {"style", "href", "onload", "onclick"} for e in picture.iter())
    for rect in picture.iter(f"{SVG}rect"):
        ends = [float(str(rect.get(side)).rstrip("%")) for side in ("x", "width") if "%" in str(rect.get(side))]
        assert sum(ends) <= 72.01


def test_hostile_label_comes_out_as_text() -> None:
    made = draw_bars("p", "<script>", '"><script>', [Bar("<script>alert(1)</script>", Mark("<b>"))], Legend("<i>"))

    assert not re.search("<(script|b|i)>", made)


def test_pictures_that_are_compared_have_one_scale_and_their_legend_stands_beside_them_once() -> None:
    few, many = [Bar("a", Mark("6", 6))], [Bar("a", Mark("24 ± 2", 22, 2))]
    most = find_longest_bar([*few, *many])
    pictures = [ET.fromstring(draw_bars("one", "-", "-", rows, Legend(""), most=most)) for rows in (few, many)]  # noqa: S314

    assert most == 24
    assert [widths(picture, "#1d4f91") for picture in pictures] == [pytest.approx([18.0]), pytest.approx([60.0])]
    assert not any("2023" in str(e.text) for picture in pictures for e in picture.iter(f"{SVG}text"))
    assert [text for _, text in key(YEARS)] == ["2023", "2022", "true value lies in the open end"]
    for sample, _ in key(YEARS):
        assert ET.fromstring(sample).get("aria-hidden") == "true"  # noqa: S314 - made here


def test_bar_that_would_leave_the_shared_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than the scale"):
        draw_bars("one", "-", "-", [Bar("a", Mark("6", 5, 1))], Legend(""), most=5)
