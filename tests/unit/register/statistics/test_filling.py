"""From counted records to the exact figures of a table: what is summed, and what is no figure at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.domain.statistics.rows import KeptRow
from register.statistics.definition import RowNotKept
from register.statistics.owner.filling import exact_figures
from register.statistics.owner.kept_rows import kept_codes
from register.statistics.owner.owner import Figures
from register.statistics.owner.owner_view import owner_tables
from register.statistics.period import Period
from register.store.statistics.figures import POPULATIONS
from schemas.statistics.owner import RegisteredTable
from tests.unit.register.statistics.support import CATALOGUE, table


@dataclass(frozen=True)
class Counted:
    """Records in memory: by population, day and codes; the port that the store implements too."""

    records: Sequence[tuple[str, date, Mapping[str, str], int]]

    def count(self, population: str, first: date, last: date) -> list[tuple[Mapping[str, str], int]]:
        return [(codes, n) for p, day, codes, n in self.records if p == population and first <= day <= last]

    def began(self, population: str) -> date | None:
        return min((day for p, day, _, _ in self.records if p == population), default=None)


def told(day: date, kind: str = "HT", n: int = 1, **codes: str) -> tuple[str, date, Mapping[str, str], int]:
    coded = {"source": "CITIZEN", "channel": "EMAIL", "signal_type": kind, "forwarded": "YES"}
    return ("notifications", day, coded | codes, n)


def test_first_and_last_day_of_a_period_count_and_the_days_beside_it_do_not() -> None:
    days = [date(2022, 12, 31), date(2023, 1, 1), date(2023, 12, 31), date(2024, 1, 1)]
    figures = exact_figures(Counted([told(d) for d in days]), table("notifications-by-type"), Period(2023))
    assert figures.exact is not None
    assert figures.exact.total == 2


@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_quarters_cut_the_year_where_the_calendar_does(quarter: int) -> None:
    counts = Counted([told(date(2023, month, 28)) for month in range(1, 13)])
    figures = exact_figures(counts, table("notifications-by-type"), Period(2023, quarter))
    assert figures.exact is not None
    assert figures.exact.total == 3
    assert figures.pooled_total is None


def test_year_without_a_record_is_zero_once_the_country_keeps_them_and_nothing_before() -> None:
    counts = Counted([told(date(2021, 5, 1))])
    by_type = table("notifications-by-type")
    after, before = (exact_figures(counts, by_type, Period(year)) for year in (2022, 2020))
    assert after.exact is not None
    assert after.exact.total == 0
    assert before == Figures(exact=None)


def test_what_no_record_holds_is_no_figure() -> None:
    assert exact_figures(Counted([]), table("notifications-by-type"), Period(2023)) == Figures(exact=None)
    assert exact_figures(Counted([told(date(2023, 1, 1))]), table("hotline-calls"), Period(2023)) == Figures(exact=None)


def test_coarser_tables_of_the_ladder_come_along_and_share_the_total() -> None:
    counts = Counted([told(date(2023, 2, 1), "HT", 7), told(date(2023, 2, 2), "MS", 1, source="SCHOOL")])
    figures = exact_figures(counts, table("notifications-source-by-channel"), Period(2023))
    assert set(figures.coarser) == {"notifications-by-source", "notifications-by-type"}
    assert figures.exact is not None
    assert {t.total for t in figures.coarser.values()} == {figures.exact.total} == {8}


def test_pooled_total_needs_three_years() -> None:
    records = [told(date(year, 6, 1), n=year - 2000) for year in (2021, 2022, 2023)]
    by_type = table("notifications-by-type")
    assert exact_figures(Counted(records), by_type, Period(2023)).pooled_total == 21 + 22 + 23
    assert exact_figures(Counted(records[1:]), by_type, Period(2023)).pooled_total is None


def test_table_of_three_years_adds_its_years_up() -> None:
    records = [told(date(year, 6, 1), n=year - 2000) for year in (2020, 2021, 2022, 2023, 2024)]
    figures = exact_figures(Counted(records), table("notifications-by-type-three-years"), Period(2023, years=3))
    assert figures.exact is not None
    assert figures.exact.total == 21 + 22 + 23


def test_table_of_three_ways_is_given_by_its_coarser_ones() -> None:
    codes = {"victim_status": "PRESUMED", "sex": "FEMALE", "form": "SEX"}
    figures = exact_figures(
        Counted([("victims", date(2023, 1, 5), codes, 3)]), table("victims-status-by-sex-by-form"), Period(2023)
    )
    assert figures.exact is None
    assert {t.total for t in figures.coarser.values()} == {3}


def test_record_in_an_optional_row_is_counted_only_where_the_row_is_kept() -> None:
    counts = Counted([told(date(2023, 1, 1), channel="WALK_IN")])
    by_channel = table("notifications-by-channel")
    with pytest.raises(RowNotKept):
        exact_figures(counts, by_channel, Period(2023))
    kept = exact_figures(counts, by_channel, Period(2023), kept=by_channel.optional_rows)
    assert kept.exact is not None
    assert kept.exact.total == 1


@given(st.lists(st.tuples(st.integers(0, 6 * 365), st.sampled_from(["HT", "MS", "UNDETERMINED"])), min_size=1))
def test_tables_of_one_period_share_their_total_and_quarters_add_up_to_the_year(told_on: list[tuple[int, str]]) -> None:
    counts = Counted([told(date.fromordinal(date(2020, 1, 1).toordinal() + day), kind) for day, kind in told_on])
    for year in range(2020, 2026):
        tables = [d for d in CATALOGUE if d.population.name == "notifications" and d.years == 1 and d.variables]
        of_year = {exact_figures(counts, d, Period(year)).exact for d in tables}
        totals = {t.total for t in of_year if t is not None}
        assert len(totals) <= 1
        quarters = [exact_figures(counts, table("notifications-by-type"), Period(year, q)).exact for q in (1, 2, 3, 4)]
        if None not in quarters:
            assert sum(q.total for q in quarters if q is not None) in totals


def test_owners_table_has_every_row_and_says_that_one_not_declared_stops_it() -> None:
    counts = Counted([told(date(2023, 1, 1), n=40), told(date(2023, 1, 2), channel="WALK_IN")])

    def by_channel(*kept: KeptRow) -> RegisteredTable:
        shown = owner_tables(
            counts, Period(2023), catalogue=CATALOGUE, kept=kept, today=date(2024, 3, 1), key=bytes(32)
        )
        return next(t for t in shown if t.id == "notifications-by-channel")

    undeclared, declared = by_channel(), by_channel(KeptRow("channel", "WALK_IN", date(2023, 1, 1)))
    assert {r.row: r.total for r in undeclared.rows}["WALK_IN"] == 1
    assert [w.code for w in undeclared.verdicts[0].why] == ["row-not-kept"]
    assert declared.verdicts[0].travels == "rounded"


def test_year_that_has_not_ended_does_not_travel() -> None:
    counts = Counted([told(date(2023, 1, 1), n=40)])
    shown = owner_tables(counts, Period(2023), catalogue=CATALOGUE, kept=(), today=date(2023, 12, 31), key=bytes(32))
    by_type = next(t for t in shown if t.id == "notifications-by-type")
    assert {(v.travels, v.why[0].rule) for v in by_type.verdicts} == {("no", "R2")}
    assert by_type.total == 40


def test_every_table_of_a_year_is_shown_and_those_without_a_record_as_not_collected() -> None:
    shown = owner_tables(Counted([]), Period(2023), catalogue=CATALOGUE, kept=(), today=date(2024, 3, 1), key=bytes(32))
    assert {t.id for t in shown} == {d.id for d in CATALOGUE if d.years == 1}
    assert {(t.collected, t.total, t.rows) for t in shown} == {(False, None, ())}


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        (KeptRow("channel", "WALK_IN", date(2022, 5, 1)), {"WALK_IN"}),
        (KeptRow("channel", "WALK_IN", date(2023, 1, 1)), {"WALK_IN"}),
        (KeptRow("channel", "WALK_IN", date(2023, 1, 2)), set()),
        (KeptRow("sex", "UNKNOWN", date(2020, 1, 1)), set()),
    ],
)
def test_row_is_kept_for_periods_that_begin_after_it_was_declared_and_for_its_variable_only(
    row: KeptRow, codes: set[str]
) -> None:
    assert kept_codes([row], table("notifications-by-channel"), Period(2023)) == codes


def test_table_is_marked_collected_exactly_where_the_store_holds_its_population() -> None:
    """Else a page would print `..` for what is there, or wait for what nobody records."""
    held = set(POPULATIONS)
    assert {d.population.name for d in CATALOGUE if d.collected} == held
    assert {d.population.name for d in CATALOGUE if not d.collected}.isdisjoint(held)
