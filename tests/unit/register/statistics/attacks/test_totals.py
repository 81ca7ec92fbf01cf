"""What is shown of an island's total never stands for one number of 1 to 4; by thresholds on exact counts it does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest

from register.statistics.attacks import totals
from register.statistics.attacks.totals import Shown, Sight, Totals, deduce_total
from register.statistics.definition import Tier
from register.statistics.owner.owner import Figures, contribute, printed_total
from register.statistics.release.contribution import Grain
from register.statistics.release.grains import grain_for
from register.statistics.rules.stream import keyed_seed
from register.statistics.tables import Table
from schemas.codes import Partition
from tests.unit.register.statistics.support import CATALOGUE, YEAR, table

DRAWS = 60
KIND = table("notifications-by-type")
ISLANDS = range(21)
"""Totals up to where all of both tiers is shown."""


def an_island(total: int) -> Table:
    rows, columns = KIND.headings()
    return Table(rows, columns, tuple((total if row == rows[0] else 0,) for row in rows))


def contributed(total: int, key: bytes) -> Shown:
    """The table as an owner's rules let it travel, and as each tier sees it."""
    part = contribute(
        CATALOGUE, KIND, Partition.BQ, YEAR, Figures(exact=an_island(total)), key=key, today=date(2024, 3, 1)
    ).contribution
    assert part is not None
    return Shown(KIND, an_island(total).inner, tuple(grain_for(KIND, part, tier) for tier in totals.TIERS))


def drawn() -> Iterable[tuple[int, int, bytes]]:
    """Over a thousand islands: the true total, the printed one, and the key."""
    for total in ISLANDS:
        for draw in range(DRAWS):
            key = keyed_seed(b"a test", draw)
            yield total, printed_total(key, KIND, YEAR, total), key


def test_no_total_follows_from_what_owners_contribute_whatever_the_rule_behind_it() -> None:
    """The real rules, over a thousand draws; a mistake in them shows here, whichever it is."""
    sight = Sight()
    for total, printed, key in drawn():
        sight.see([contributed(total, key)], printed, total)
    assert sight.found() == 0


def test_thresholds_on_exact_counts_give_totals_away_by_sight() -> None:
    sight = Sight()
    for total, printed, key in drawn():
        sight.see([contributed(total, key).on_exact(total)], printed, total)
    assert sight.found() > 0


def test_thresholds_on_exact_counts_give_an_island_away_and_those_on_printed_ones_do_not() -> None:
    """BQ 2023: 4 notifications, printed 6, and not shown to the public, which needs five: exactly 4."""
    shown = [Shown(KIND, an_island(4).inner, ())]
    assert deduce_total(shown, 6, 4, on_exact=True).is_exact
    for total in range(1, 5):
        for printed in {total - total % 3, total - total % 3 + 3}:
            assert not deduce_total(shown, printed, total).is_exact


def test_true_figure_stays_between_three_possibilities_at_least_where_both_tiers_are_read() -> None:
    """C36: 3 for the working group and "at least five" for the public were exactly 5."""
    for total, printed, _ in drawn():
        left = deduce_total([Shown(KIND, an_island(total).inner, ())], printed, total)
        assert left.low <= total <= left.high
        assert left.high - left.low >= 2, (total, printed)


@pytest.mark.parametrize(("times", "found"), [(totals.SEEN_MIN - 1, 0), (totals.SEEN_MIN, 1)])
def test_what_is_seen_too_seldom_tells_nothing(times: int, found: int) -> None:
    sight = Sight()
    for _ in range(times):
        sight.see([Shown(KIND, 3, (Grain.TOTAL, Grain.WITHHELD))], 6, 4)
    assert sight.found() == found


def test_every_small_total_of_a_year_is_attacked_once_over_all_its_tables() -> None:
    seen = Totals()
    for definition in (KIND, table("notifications-by-channel")):
        grains = {Tier.WORKING_GROUP: Grain.TOTAL, Tier.PUBLIC: Grain.WITHHELD}
        seen.show(Partition.BQ, definition, inner=3, grains=grains, printed=6, total=4)
    found, planted = seen.end_year()
    assert (found.attacked, found.recovered, planted.recovered) == (1, 0, 1)
    assert seen.end_year()[0].attacked == 0, "the year is over"
