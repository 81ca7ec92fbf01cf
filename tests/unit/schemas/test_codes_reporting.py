"""The reporting columns roll up to the rows that the annual report of Aruba's coordinator prints.

The figures are those of the report on 2023; how its notifications were coded one by one is ours.
"""

from __future__ import annotations

from collections import Counter

from schemas.codes import code_list

ROLLS_UP = {
    "source": {
        "CITIZEN": {"CITIZEN", "VICTIM"},
        "GOV_DEPT": {"GOV_DEPT", "FOREIGN_PARTNER", "OWN_INITIATIVE"},
        "NGO_IO": {"NGO_IO"},
        "SCHOOL": {"SCHOOL"},
        "PRIVATE_SECTOR": {"PRIVATE_SECTOR"},
    },
    "channel": {
        "EMAIL": {"EMAIL"},
        "PHONE": {"PHONE", "HOTLINE_24_7"},
        "WHATSAPP": {"WHATSAPP"},
        "MESSENGER": {"MESSENGER"},
        "WALK_IN": {"WALK_IN"},
        "WEB_FORM": {"WEB_FORM"},
        "SYSTEM": {"SYSTEM"},
        "CONTROL_ACTION": {"CONTROL_ACTION"},
    },
    "signal_type": {
        "HT": {"HT", "HT_MS"},
        "MS": {"MS"},
        "OTHER": {
            *("RELATED_LABOUR", "RELATED_SEXUAL", "RELATED_DOCUMENT"),
            *("MISSING_PERSON", "OTHER", "UNDETERMINED"),
        },
    },
}

CODED = {
    "source": {"CITIZEN": 9, "VICTIM": 2, "GOV_DEPT": 6, "OWN_INITIATIVE": 1, "FOREIGN_PARTNER": 1}
    | {"NGO_IO": 4, "SCHOOL": 1},
    "channel": {"EMAIL": 10, "PHONE": 4, "HOTLINE_24_7": 3, "WHATSAPP": 5, "MESSENGER": 2},
    "signal_type": {"HT": 6, "HT_MS": 1, "MS": 1, "UNDETERMINED": 11, "RELATED_LABOUR": 3, "MISSING_PERSON": 2},
}

PRINTED_2023 = {
    "source": [11, 8, 4, 1, 0],
    "channel": [10, 7, 5, 2, 0, 0, 0, 0],
    "signal_type": [7, 1, 16],
}


def test_every_code_is_counted_in_the_row_that_the_report_prints() -> None:
    for name, rows in ROLLS_UP.items():
        rolled: dict[str, set[str]] = {}
        for code in code_list(name):
            rolled.setdefault(str(code.reports_as), set()).add(code.code)
        assert rolled == rows


def test_rows_come_in_the_order_in_which_the_report_prints_them() -> None:
    for name, rows in ROLLS_UP.items():
        assert [row.row for row in code_list(name).rows] == list(rows)


def test_year_2023_coded_finely_is_printed_as_published() -> None:
    for name, coded in CODED.items():
        words = code_list(name)
        counted = Counter[str | None]()
        for code, number in coded.items():
            counted[words.reporting(code)] += number
        assert [counted[row.row] for row in words.rows] == PRINTED_2023[name]
        assert counted.total() == 24


def test_mixed_case_is_counted_as_trafficking_with_a_mark() -> None:
    marked = [code.code for code in code_list("signal_type") if code.extra.get("marked")]
    assert marked == ["HT_MS"]


def test_roll_ups_that_no_report_confirms_are_marked_assumed() -> None:
    assumed = {code.code for name in ("source", "channel") for code in code_list(name) if code.assumed}
    assert assumed == {
        *("VICTIM", "FOREIGN_PARTNER", "OWN_INITIATIVE"),
        *("HOTLINE_24_7", "WALK_IN", "WEB_FORM", "SYSTEM", "CONTROL_ACTION"),
    }
