"""How contributions and releases read at the command line: what is withheld, why, and what would make it pass."""

from __future__ import annotations

from pathlib import Path

from api.cli.frame.terminal import Table, plain
from api.cli.statistics.regional_view import printed_contribution, printed_ledger, printed_release, printed_verification
from api.published import examples_releases as example
from schemas.statistics.releases import LedgerOut, OwnContributionOut, ReleaseOut, VerificationOut
from tests.unit.api.cli.desk import person, register_of_one


def text(parts: list[str | Table]) -> str:
    return "\n".join(part if isinstance(part, str) else plain(part) for part in parts)


def test_a_contribution_says_how_it_leaves_and_why_a_tier_does_not_see_all() -> None:
    said = text(printed_contribution(OwnContributionOut.model_validate(example.build_own())))
    assert "rounded to 3" in said
    assert "Why tier P does not see all of it" in said
    assert "at least 15 records" in said
    assert "R3" in said


def test_a_release_shows_markers_and_what_would_make_the_withheld_pass() -> None:
    said = text(printed_release(ReleaseOut.model_validate(example.build_release("frozen", 2))))
    assert "frozen, 2 approvals" in said
    assert "Withheld in the region" in said
    assert "More countries that reach this table" in said
    assert "c withheld" in said
    assert "A1" in said


def test_a_release_that_differs_names_who_froze_another() -> None:
    changed = example.build_verification() | {"holds": False, "differ": [{"country": "CW", "digest": "0" * 64}]}
    said = text(printed_verification(VerificationOut.model_validate(changed)))
    assert said.startswith("DIFFERS")
    assert "another hash by CW" in said


def test_the_ledger_lists_contributions_published_figures_and_linked_tables() -> None:
    said = text(printed_ledger(LedgerOut.model_validate(example.build_ledger())))
    assert "notifications-by-source" in said
    assert "Made up: report of 2023." in said


def test_part_of_a_hash_is_not_sent_to_be_verified_and_says_what_to_give(tmp_path: Path) -> None:
    with person(tmp_path / "profile", register_of_one) as ana:
        result = ana.rtr("stats", "verify", "00ff")
    assert result.exit_code == 1
    assert "part-of-a-hash" in result.stderr
    assert "Give all 64 digits" in result.stderr
