"""The attacks on a candidate release: silent on what our rules made, loud on what they cannot have made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from register.statistics.candidate import Insider, attack_candidate, breaches
from register.statistics.contribution import Contribution
from register.statistics.harness import Finding
from register.statistics.ledger import Ledger, OutsideFact
from register.statistics.tables import Table
from schemas.codes import Partition
from tests.unit.statistics.support import CATALOGUE, ISLANDS, YEAR, contributions, table

BY_TYPE = table("notifications-by-type")
PARTS = [made for made, _ in sorted(contributions(), key=lambda one: one[0].country)]
ALONE = Insider(country=Partition.AW)


def attacked(parts: list[Contribution], ledger: Ledger | None = None, insider: Insider = ALONE) -> dict[str, Finding]:
    known = (ledger or Ledger()).with_contributions(BY_TYPE, parts)
    found = attack_candidate(
        BY_TYPE, YEAR, parts, known, CATALOGUE.tables, assembled=lambda: b"the same", insider=insider
    )
    return {finding.attack: finding for finding in found}


def test_a_candidate_that_our_rules_made_stands_all_seven() -> None:
    found = attacked(PARTS, insider=replace(ALONE, exact=ISLANDS[Partition.AW], redraw=lambda: b"again"))
    assert sorted(found) == ["A1", "A2", "A3", "A4", "A5", "A6", "A7"]
    assert breaches(found.values()) == 0
    assert all(found[name].attacked for name in ("A1", "A2", "A3", "A5", "A6", "A7"))


def test_a_table_that_the_rules_do_not_allow_is_a_breach() -> None:
    """Nine records are needed for three rows: a reader who knows that sees that nothing can be behind these zeros."""
    empty = Table(BY_TYPE.headings()[0], ("ALL",), ((0,), (0,), (0,)))
    assert attacked([replace(PARTS[0], table=empty, total=0)])["A2"].recovered > 0


def test_a_release_that_is_made_otherwise_the_second_time_is_a_breach() -> None:
    draws = iter(range(1_000))
    found = attacked(PARTS, insider=replace(ALONE, redraw=lambda: str(next(draws)).encode()))
    assert found["A5"].recovered == 1


def test_a_figure_that_contradicts_what_is_published_is_a_breach() -> None:
    fact = OutsideFact(Partition.AW, "notifications", YEAR, frozenset(), 200, "Made up.")
    assert attacked(PARTS, Ledger().with_fact(fact))["A6"].recovered == 1


@pytest.mark.parametrize("country", [Partition.AW, Partition.NL])
def test_what_a_country_published_itself_is_no_breach(country: Partition) -> None:
    total = ISLANDS[country].total if country in ISLANDS else 40
    fact = OutsideFact(country, "notifications", YEAR, frozenset(), total, "Made up.")
    assert breaches(attacked(PARTS, Ledger().with_fact(fact)).values()) == 0


def test_figures_about_the_work_are_printed_exact_and_not_attacked() -> None:
    process = next(d for d in CATALOGUE if d.population.unit.is_exact)
    found = attack_candidate(
        process, YEAR, [], Ledger(), CATALOGUE.tables, assembled=lambda: b"the same", insider=ALONE
    )
    assert found == [Finding("A5", 1, 0)]
