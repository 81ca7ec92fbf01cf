"""How answers look: aligned text, nothing that steers a terminal, JSON that says the same."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.frame.terminal import Desk, Table, _draw_parts, plain, printable

CELLS = st.text(max_size=12)
TABLE = Table("", ("name", "n"), [("a", 1), ("long name", 222)], frozenset({"n"}))


def test_table_without_a_terminal_is_aligned_text() -> None:
    assert plain(TABLE) == "name         n\na            1\nlong name  222"


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
def test_each_row_stays_on_one_line_whatever_is_in_it(rows: list[tuple[str, str]]) -> None:
    assert len(plain(Table("", ("a", "b"), rows)).split("\n")) == len(rows) + 1


@given(st.text())
def test_printed_text_holds_no_control_character(text: str) -> None:
    assert not {c for c in printable(text) if unicodedata.category(c) in {"Cc", "Cf", "Cs"}} - {"\n", "\t"}


def test_word_with_accents_is_printed_as_it_is() -> None:
    assert printable("Curaçao, Testmán [sic]") == "Curaçao, Testmán [sic]"


def test_answer_is_one_json_document_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    Desk(as_json=True, quiet=True).answer({"n": 1}, "text", brief="short")
    assert json.loads(capsys.readouterr().out) == {"n": 1}


def test_quiet_leaves_what_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(quiet=True)
    desk.answer({"n": 1}, "text", TABLE, brief="short")
    desk.answer({"n": 1}, "text")
    desk.note("beside")
    assert capsys.readouterr() == ("short\n", "")


@pytest.mark.parametrize("desk", [Desk(), Desk(as_json=True), Desk(quiet=True)])
def test_no_bar_is_drawn_where_nobody_looks(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    with desk.progress("Working", 2) as moved:
        moved(1)
    assert capsys.readouterr() == ("", "")


def test_terminal_shows_brackets_as_they_are_and_breaks_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300
    _draw_parts(["[sync]", long, Table("[red]title", ("name", "n"), [("[bold]a[/bold]\x1b[31m", 1)])])
    said = capsys.readouterr().out
    assert "[sync]\n" in said
    assert f"{long}\n" in said
    assert "[red]title" in said
    assert "[bold]a[/bold]\ufffd[31m" in said
