"""A fault of a list is found in the file by its line."""

from __future__ import annotations

import pytest

from api.cli.access.lines import line_of

TEXT = '''country = "AW"            # 1

[[organisation]]          # 3
code = "AW-ONE"
note = """
[[organisation]]
"""
[organisation.profile]    # 8
purpose = "X"
[[organisation.unit]]     # 10
name = "a"
[[organisation.unit]]     # 12
name = "b"

[[organisation]]          # 15
code = "AW-TWO"
profile = { purpose = 1 }
[[organisation.unit]]     # 18
name = "c"
[organisation.unit.x]
name = "d"
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("country",), 1),
        (("organisation", 0), 3),
        (("organisation", 0, "code"), 4),
        (("organisation", 0, "kind"), 3),
        (("organisation", 0, "profile", "purpose"), 9),
        (("organisation", 0, "profile", "contact"), 8),
        (("organisation", 0, "unit", 0, "name"), 11),
        (("organisation", 0, "unit", 1, "name"), 13),
        (("organisation", 0, "unit", 1, "begins"), 12),
        (("organisation", 1, "code"), 16),
        (("organisation", 1, "profile", "purpose"), 17),
        (("organisation", 1, "unit", 0, "name"), 19),
        (("organisation", 1, "unit", 0, "address", 0), 18),
        (("nothing",), 1),
    ],
)
def test_a_place_is_found_by_its_line(place: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, place) == line
