"""The drill that holds two commits equal: what is volatile in a page is not seen, and all else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drills import unchanged_side
from tests.drills.unchanged import Compared, compare, masked, report

PAGE = """<link rel="stylesheet" href="/static/0123456789abcdef/site.css">
<form action="http://127.0.0.1:40123/signals/01900000-0000-7000-8000-000000000001">
<input name="csrf" value="{token}"> AW-2026-{number} (AW-REQ-2026-{number}), kept on 29 November 2026 at {time}</form>
<a href="/ours?source=SCHOOL&amp;cursor={cursor}">Older reports</a>
<a href="/language/nl?next=/ours%3Fcursor%3D{cursor}">"""


def page(
    token: str = "0a" * 32, number: str = "0031", time: str = "18:26", cursor: str = "AaIozLJidhy34izPUlSwWw"
) -> str:
    return PAGE.format(token=token, number=number, time=time, cursor=cursor)


def test_what_differs_between_two_runs_of_one_program_is_not_seen() -> None:
    other = page(token="1b" * 32, number="12", time="07:05:59", cursor="AaIo5mnVd4SxMIzhyDoGg-")
    assert masked(other.replace("40123", "55001").replace("000001", "00000f")) == masked(page())


@pytest.mark.parametrize(
    ("old", "new"),
    [("kept on", "kept since"), ("site.css", "sites.css"), ("abcdef", "abcdee"), ("29 Nov", "30 Nov"), ("</", " </")],
)
def test_a_change_of_one_word_of_a_page_is_seen(old: str, new: str) -> None:
    before, after = ({"test/page": frozenset({masked(text)})} for text in (page(), page().replace(old, new, 1)))
    (different,) = compare(before, after).different
    assert different == ("test/page", *before["test/page"], *after["test/page"])


def test_what_one_side_alone_has_is_a_difference() -> None:
    before = {"a": frozenset({"1", "2"}), "gone": frozenset({"3"})}
    after = {"a": frozenset({"2"}), "new": frozenset({""})}
    assert compare(before, after) == Compared(1, (("a", "1", None), ("gone", "3", None), ("new", None, "")))


def test_report_shows_the_first_differences_and_counts_all(capsys: pytest.CaptureFixture[str]) -> None:
    report({"help": compare({"rtr": frozenset({"one\n"})}, {"rtr": frozenset({"two\n"})})}, ["test_of_a_page"])
    shown = capsys.readouterr().out
    assert "-one" in shown
    assert "+two" in shown
    assert "failed, so its pages prove nothing: test_of_a_page" in shown
    assert shown.splitlines()[-1].split() == ["help", "1", "0", "1"]


def test_a_module_is_found_by_what_it_defines_and_two_of_a_name_end_the_search(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("def wanted():\n    pass\n")
    (tmp_path / "other.py").write_text("from one import wanted\nunwanted = wanted()\n")
    with pytest.raises(ModuleNotFoundError, match="one"):
        unchanged_side.defining(tmp_path, "wanted")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "two.py").write_text("wanted: int = 1\n")
    with pytest.raises(SystemExit, match="2 times"):
        unchanged_side.defining(tmp_path, "wanted")
