"""The attacks on a candidate release: silent on what our rules made, loud on what they cannot have made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from register.statistics.attacks.candidate import Insider, attack_candidate, count_breaches
from register.statistics.attacks.harness import Finding
from register.statistics.definition import Tier
from register.statistics.release.assemble import assemble_release
from register.statistics.release.contribution import Contribution
from register.statistics.release.ledger import Ledger, OutsideFact
from register.statistics.release.release import CARIBBEAN_AREA, Release
from register.statistics.tables import ALL, Table
from schemas.codes import Partition
from tests.unit.register.statistics.support import CATALOGUE, ISLANDS, YEAR, by_type, contributions, table

BY_TYPE = table("notifications-by-type")
PARTS = [made for made, _ in sorted(contributions(), key=lambda one: one[0].country)]
ALONE = Insider(country=Partition.AW)


def released(parts: list[Contribution], ledger: Ledger | None = None, tier: Tier = Tier.WORKING_GROUP) -> Release:
    """The release that our rules make of these."""
    received = [(part, "signed") for part in parts]
    return assemble_release(CATALOGUE, BY_TYPE, tier, YEAR, received, ledger or Ledger()).release


def attacked(
    parts: list[Contribution],
    ledger: Ledger | None = None,
    insider: Insider = ALONE,
    release: Release | None = None,
) -> dict[str, Finding]:
    known = (ledger or Ledger()).with_contributions(BY_TYPE, parts)
    made = release or released(PARTS, ledger)
    found = attack_candidate(
        BY_TYPE, made, parts, known, CATALOGUE.tables, assembled=lambda: b"the same", insider=insider
    )
    return {finding.attack: finding for finding in found}


def test_a_candidate_that_our_rules_made_stands_all_seven() -> None:
    found = attacked(PARTS, insider=replace(ALONE, exact=ISLANDS[Partition.AW], redraw=lambda: b"again"))
    assert sorted(found) == ["A1", "A2", "A3", "A4", "A5", "A6", "A7"]
    assert count_breaches(found.values()) == 0
    assert all(found[name].attacked for name in ("A1", "A2", "A3", "A5", "A6", "A7"))


def test_a_table_that_the_rules_do_not_allow_is_a_breach() -> None:
    """Nine records are needed for three rows: a reader who knows that sees that nothing can be behind these zeros."""
    empty = Table(BY_TYPE.headings()[0], ("ALL",), ((0,), (0,), (0,)))
    assert attacked([replace(PARTS[0], table=empty, total=0)])["A2"].recovered > 0


def printed_exact(release: Release, exact: int) -> Release:
    """The same with the Caribbean total printed as it is."""
    cells = tuple(
        replace(cell, value=exact, reach=0) if (cell.area, cell.row) == (CARIBBEAN_AREA, ALL) else cell
        for cell in release.cells
    )
    return replace(release, cells=cells)


ALL_BUT_SX = Ledger()
for one in (Partition.AW, Partition.BQ, Partition.CW):
    ALL_BUT_SX = ALL_BUT_SX.with_fact(
        OutsideFact(one, "notifications", YEAR, frozenset(), ISLANDS[one].total, "Made up.")
    )
REGION = sum(table.total for table in ISLANDS.values())


@pytest.mark.parametrize("tier", [Tier.WORKING_GROUP, Tier.PUBLIC])
def test_a3_works_the_last_country_out_of_a_sum_that_is_not_rounded(tier: Tier) -> None:
    sound = released(PARTS, tier=tier)
    assert sound.coverage == tuple(sorted(ISLANDS))
    assert attacked(PARTS, ALL_BUT_SX, release=sound)["A3"].recovered == 0
    assert attacked(PARTS, ALL_BUT_SX, release=printed_exact(sound, REGION))["A3"].recovered == 1


@pytest.mark.parametrize("tier", [Tier.WORKING_GROUP, Tier.PUBLIC])
def test_a7_works_the_other_country_out_of_a_sum_that_is_not_rounded(tier: Tier) -> None:
    """Aruba knows its own figure; two others are published, one is not."""
    facts = Ledger(facts=tuple(fact for fact in ALL_BUT_SX.facts if fact.country is not Partition.AW))
    aruba = replace(ALONE, exact=ISLANDS[Partition.AW])
    sound = released(PARTS, tier=tier)
    assert attacked(PARTS, facts, aruba, sound)["A7"].recovered == 0
    leaking = printed_exact(sound, REGION)
    assert attacked(PARTS, facts, aruba, leaking)["A7"].recovered == 1
    assert attacked(PARTS, facts, ALONE, leaking)["A7"].recovered == 0


def test_a7_takes_a_sum_that_cannot_be_true_for_a_breach() -> None:
    assert attacked(PARTS, release=printed_exact(released(PARTS), 5_000))["A7"].recovered > 0


def test_a1_works_every_figure_out_of_a_table_that_is_not_rounded() -> None:
    plain = replace(PARTS[0], base=1, table=ISLANDS[Partition.AW], total=ISLANDS[Partition.AW].total)
    assert attacked([plain, *PARTS[1:]])["A1"].recovered == 4


def test_a4_sees_where_one_record_came_in_between_two_tables_that_are_not_rounded() -> None:
    before = replace(PARTS[0], base=1, table=by_type(7, 1, 16), total=24)
    after = replace(before, revision=1, table=by_type(8, 1, 16), total=25)
    known = Ledger().with_contributions(BY_TYPE, [before])
    assert attacked([after, *PARTS[1:]], known)["A4"] == Finding("A4", 1, 1)
    assert attacked([replace(PARTS[0], revision=1), *PARTS[1:]], Ledger().with_contributions(BY_TYPE, PARTS[:1]))[
        "A4"
    ] == Finding("A4", 1, 0)


def test_a_release_that_is_made_otherwise_the_second_time_is_a_breach() -> None:
    draws = iter(range(1_000))
    found = attacked(PARTS, insider=replace(ALONE, redraw=lambda: str(next(draws)).encode()))
    assert found["A5"].recovered == 1


def test_a_figure_that_a_country_states_against_its_own_contribution_tells_an_attacker_nothing() -> None:
    """It is left out of the release: one country's odd word stops nobody else's figures."""
    fact = OutsideFact(Partition.AW, "notifications", YEAR, frozenset(), 200, "Made up.")
    assert count_breaches(attacked(PARTS, Ledger().with_fact(fact)).values()) == 0


@pytest.mark.parametrize("country", [Partition.AW, Partition.NL])
def test_what_a_country_published_itself_is_no_breach(country: Partition) -> None:
    total = ISLANDS[country].total if country in ISLANDS else 40
    fact = OutsideFact(country, "notifications", YEAR, frozenset(), total, "Made up.")
    assert count_breaches(attacked(PARTS, Ledger().with_fact(fact)).values()) == 0


def test_figures_about_the_work_are_printed_exact_and_not_attacked() -> None:
    process = next(d for d in CATALOGUE if d.population.unit.is_exact)
    found = attack_candidate(
        process, released(PARTS), [], Ledger(), CATALOGUE.tables, assembled=lambda: b"the same", insider=ALONE
    )
    assert found == [Finding("A5", 1, 0)]
