"""Forms from files as Windows and people make them (C17, C18)."""

from __future__ import annotations

import codecs
import io
import json
from pathlib import Path

import pytest

from api.cli.frame.forms import STDIN, BadForm, checked, one_day, read_file, with_settings
from schemas.signals.changes import ReclassifyIn

FORM = {"urgency": "NOW", "account": "Curaçao"}
TEXT = json.dumps(FORM, ensure_ascii=False)
WRITTEN = {
    "plain": TEXT.encode(),
    "with a byte order mark": codecs.BOM_UTF8 + TEXT.encode(),
    "UTF-16, little end first": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
}


@pytest.mark.parametrize("data", WRITTEN.values(), ids=WRITTEN)
def test_a_file_is_read_as_windows_makes_it(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "form.json"
    file.write_bytes(data)
    assert read_file(file) == FORM


@pytest.mark.parametrize("data", WRITTEN.values(), ids=WRITTEN)
def test_standard_input_is_read_alike(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert read_file(STDIN) == FORM


@pytest.mark.parametrize("data", [TEXT.encode("cp1252"), TEXT.encode("utf-16-le")], ids=["cp1252", "no mark"])
def test_another_encoding_is_refused_with_what_to_save_as(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "form.json"
    file.write_bytes(data)
    with pytest.raises(BadForm, match="save it as UTF-8"):
        read_file(file)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"urgency": "NOW", "urgency": "NORMAL"}', "`urgency` is given twice"),
        ('{"subjects": [{"n": 1, "n": 2}]}', "`n` is given twice"),
        ('{"5600142": 1, "5600142": 2}', "a member is given twice"),
    ],
)
def test_a_member_given_twice_is_refused_and_no_value_is_said(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "form.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadForm, match=says) as refused:
        read_file(file)
    assert "NOW" not in str(refused.value)
    assert "5600142" not in str(refused.value)


def test_a_part_that_is_set_twice_is_refused() -> None:
    with pytest.raises(BadForm, match="twice"):
        with_settings({}, ["urgency=NOW", "urgency=NORMAL"])


def test_one_wrong_place_is_told_as_one() -> None:
    with pytest.raises(BadForm, match=r"^one place of the form is not valid"):
        checked(ReclassifyIn, {"signal_type": "HT"})
    with pytest.raises(BadForm, match=r"^2 places of the form are not valid"):
        checked(ReclassifyIn, {})


@pytest.mark.parametrize("typed", ["2026-03-04", "4-3-2026", "4 mrt 2026", "March 4, 2026"])
def test_day_is_taken_as_people_write_it(typed: str) -> None:
    assert one_day(typed) == "2026-03-04"


def test_day_that_may_be_two_is_refused_with_both_and_no_day_is_left_to_the_form() -> None:
    with pytest.raises(BadForm, match="3 April 2026 or 4 March 2026: write the month by its name"):
        one_day("3/4/2026")
    for typed in ("soon", "2026-13-01", "mei 2026", ""):
        assert one_day(typed) == typed
