"""What the pages say of the worst case is what the program computes of the agreed figures."""

from __future__ import annotations

from pathlib import Path

from register.domain.exchange.limits import agreed, worst_cases

PAGE = Path(__file__).parents[3] / "register" / "docs" / "what-remains-attackable.md"


def test_the_page_of_what_remains_attackable_has_the_worst_case_a_year_of_the_agreed_figures() -> None:
    said = PAGE.read_text(encoding="utf-8")
    for one in worst_cases(agreed()):
        if one.selector_class in ("person", "phone", "document", "plate"):
            assert f"{one.keys:,} " in said, one
        if one.share is not None:
            assert f"{one.share:.1%}" in said, one
