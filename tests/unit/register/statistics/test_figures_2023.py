"""The year 2023 of Aruba's national contact point, from 24 made-up notifications (statistics.md 7, domain.md 5.1)."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from register.statistics.deduction import Interval, of_rounded
from register.statistics.definition import RowNotKept, Tier
from register.statistics.owner.owner import judge_table, printed_table
from register.statistics.release.contribution import Grain
from register.statistics.rules.rounding import derive_seeds, round_table
from register.statistics.tables import Table
from register.statistics.trend import Trend, derive_trend
from schemas.codes import Partition
from tests.unit.register.statistics.support import YEAR, grain, instead, key_of, outcome, table


def spread(**shares: int) -> list[str]:
    return list(chain.from_iterable(repeat(code, n) for code, n in shares.items()))


def year(source: dict[str, int], channel: dict[str, int], kind: dict[str, int], anonymous: int) -> list[dict[str, str]]:
    """Notifications with these margins; which source came by which channel is ours."""
    sources, channels, kinds = spread(**source), spread(**channel), spread(**kind)
    return [
        {
            "source": s,
            "channel": channels[i * 7 % len(channels)],
            "signal_type": kinds[i * 5 % len(kinds)],
            "forwarded": "YES",
            "anonymous": "YES" if i < anonymous else "NO",
        }
        for i, s in enumerate(sources)
    ]


Y2023 = year(
    {"CITIZEN": 9, "VICTIM": 2, "GOV_DEPT": 6, "OWN_INITIATIVE": 2, "NGO_IO": 4, "SCHOOL": 1},
    {"EMAIL": 10, "PHONE": 5, "HOTLINE_24_7": 2, "WHATSAPP": 5, "MESSENGER": 2},
    {"HT": 6, "HT_MS": 1, "MS": 1, "UNDETERMINED": 12, "RELATED_LABOUR": 4},
    2,
)
Y2022 = year(  # made up; obeys the trend statements
    {"CITIZEN": 10, "GOV_DEPT": 9, "NGO_IO": 3, "SCHOOL": 1},
    {"EMAIL": 7, "PHONE": 4, "WHATSAPP": 8, "MESSENGER": 4},
    {"HT": 5, "MS": 2, "UNDETERMINED": 16},
    0,
)
INTAKES = [{"sex": s, "age": "30-39", "nationality": "CO"} for s in spread(FEMALE=8, MALE=4)]


def owner(table_id: str, records: list[dict[str, str]] = Y2023) -> Table:
    return table(table_id).count(records)


def one_way(exact: Table) -> dict[str, int]:
    return dict(zip(exact.rows, exact.row_totals, strict=True))


def rules_against(table_id: str, tier: Tier, records: list[dict[str, str]] = Y2023) -> set[str]:
    exact = owner(table_id, records)
    printed = printed_table(key_of(Partition.AW), table(table_id), YEAR, exact)
    return {refusal.rule.value for refusal in judge_table(table(table_id), tier, printed)}


W, P = Tier.WORKING_GROUP, Tier.PUBLIC


def test_owner_tier_is_exact() -> None:
    assert one_way(owner("notifications-by-source")) == {
        "CITIZEN": 11,
        "GOV_DEPT": 8,
        "NGO_IO": 4,
        "SCHOOL": 1,
        "PRIVATE_SECTOR": 0,
    }
    assert one_way(owner("notifications-by-channel")) == {"EMAIL": 10, "PHONE": 7, "WHATSAPP": 5, "MESSENGER": 2}
    assert one_way(owner("notifications-by-type")) == {"HT": 7, "MS": 1, "OTHER": 16}
    assert one_way(owner("notifications-forwarded")) == {"YES": 24, "NO": 0}
    assert one_way(owner("intakes-by-sex", INTAKES)) == {"FEMALE": 8, "MALE": 4}
    assert owner("notifications-source-by-channel").total == 24


@pytest.mark.parametrize(
    ("table_id", "flagged"),
    [
        ("notifications-by-source", {"NGO_IO": 4, "SCHOOL": 1}),
        ("notifications-by-channel", {"MESSENGER": 2}),
        ("notifications-by-type", {"MS": 1}),
    ],
)
def test_flags_are_the_figures_from_1_to_4(table_id: str, flagged: dict[str, int]) -> None:
    """They travel rounded only: what a reader of the working group can think of is more than the one figure."""
    exact = owner(table_id)
    assert {row: n for row, n in one_way(exact).items() if 0 < n < 5} == flagged
    shown = round_table(exact, 3, derive_seeds(b"k" * 32, table_id, "notifications", "2023", exact))
    assert all(not interval.is_exact for interval in of_rounded(shown, 3).values())


@pytest.mark.parametrize(
    ("table_id", "working_group", "public"),
    [
        ("notifications-by-source", set(), {"R3"}),
        ("notifications-by-channel", set(), set()),
        ("notifications-source-by-channel", {"R3"}, {"R3"}),
        ("notifications-by-type", set(), set()),
        ("notifications-forwarded", set(), set()),
    ],
)
def test_verdicts_on_notifications(table_id: str, working_group: set[str], public: set[str]) -> None:
    assert rules_against(table_id, W) == working_group
    assert rules_against(table_id, P) == public


@pytest.mark.parametrize("table_id", ["intakes-by-nationality", "intakes-by-age"])
@pytest.mark.parametrize("tier", [W, P])
def test_twelve_colombian_of_30_to_39_are_refused_by_r4(table_id: str, tier: Tier) -> None:
    assert "R4" in rules_against(table_id, tier, INTAKES)


def test_sex_of_the_intakes_alone_is_allowed_after_rounding() -> None:
    assert rules_against("intakes-by-sex", W, INTAKES) == set()
    made = outcome("intakes-by-sex", Partition.AW, owner("intakes-by-sex", INTAKES)).contribution
    assert made is not None
    assert made.table is not None
    assert made.base == 5
    assert all(n % 5 == 0 for (n,) in made.table.cells)


def test_trainings_are_exact_in_all_tiers() -> None:
    police, government = (
        {"BORDER_POLICE": 8, "COAST": 18, "ALIENS": 33},
        {"LABOUR": 40, "PROBATION": 15, "GOVERNMENT": 180},
    )
    groups = {**police, **government, "SCHOOL": 182, "HEALTH": 40, "FINANCE": 25}
    skills = {"GOVERNMENT": 130, "HOTEL": 120, "FINANCE": 20}
    people = [{"training_group": g, "training_kind": "AWARENESS"} for g in spread(**groups)]
    people += [{"training_group": g, "training_kind": "SKILLS"} for g in spread(**skills)]
    people += [{"training_group": "PUBLIC", "training_kind": "WEBINAR"}] * (150 + 120 + 55)
    exact = owner("trainings-by-group", people)
    assert exact.column_totals == (541, 270, 325)
    made = outcome("trainings-by-group", Partition.AW, exact).contribution
    assert made is not None
    assert (made.table, made.base) == (exact, 1)
    assert {grain(made, W), grain(made, P)} == {Grain.FULL}


def test_source_falls_to_type_and_total_in_the_brief() -> None:
    made = outcome(
        "notifications-by-source",
        Partition.AW,
        owner("notifications-by-source"),
        coarser={"notifications-by-type": owner("notifications-by-type")},
    )
    assert made.contribution is not None
    assert grain(made.contribution, W) is Grain.FULL
    assert grain(made.contribution, P) is Grain.TOTAL
    assert instead(made.contribution, P) == "notifications-by-type"


def test_same_table_without_one_service_reveals_nothing() -> None:
    """Both are rounded apart: every figure of the difference keeps at least two values (domain.md 6.2, 6)."""
    name = "notifications-by-source"
    fewer = [r for r in Y2023 if r["source"] != "OWN_INITIATIVE"]
    for period in map(str, range(30)):
        a, b = (
            round_table(t, 3, derive_seeds(b"k" * 32, name, "n", period, t)) for t in (owner(name), owner(name, fewer))
        )
        for spot in a.spots():
            all_of, without = of_rounded(a, 3)[spot], of_rounded(b, 3)[spot]
            assert all_of.high - without.low > max(0, all_of.low - without.high)


@pytest.mark.parametrize(
    ("table_id", "row", "said"),
    [
        ("notifications-by-source", "CITIZEN", Trend.SLIGHTLY_UP),
        ("notifications-by-source", "NGO_IO", Trend.SLIGHTLY_UP),
        ("notifications-by-channel", "EMAIL", Trend.UP),
        ("notifications-by-channel", "PHONE", Trend.UP),
        ("notifications-by-channel", "WHATSAPP", Trend.DOWN),
        ("notifications-by-channel", "MESSENGER", Trend.SLIGHTLY_DOWN),
    ],
)
def test_trend_statements_against_2022(table_id: str, row: str, said: Trend) -> None:
    last, this = (one_way(owner(table_id, records))[row] for records in (Y2022, Y2023))
    assert derive_trend(Interval(last, last), Interval(this, this)) is said


def test_anonymous_notifications_came_for_the_first_time() -> None:
    last, this = (sum(r["anonymous"] == "YES" for r in records) for records in (Y2022, Y2023))
    assert (last, this) == (0, 2)
    assert derive_trend(Interval(last, last), Interval(this, this)) is Trend.FIRST


def test_rounded_figures_show_a_trend_only_where_they_do_not_overlap() -> None:
    assert derive_trend(Interval(1, 5), Interval(4, 8)) is Trend.CANNOT_TELL
    assert derive_trend(Interval(1, 5), Interval(6, 8)) is Trend.UP
    assert derive_trend(Interval(7, 9), Interval(4, 6)) is Trend.DOWN


def test_optional_channel_counts_only_where_it_is_kept() -> None:
    """A row is there or not by declaration, never by its figure; the owner's own table may hold all rows."""
    channel = table("notifications-by-channel")
    with pytest.raises(RowNotKept, match="does not keep"):
        channel.count([{"channel": "WALK_IN"}])
    assert one_way(channel.count([{"channel": "WALK_IN"}], kept=["WALK_IN"]))["WALK_IN"] == 1
    assert len(channel.headings(channel.variables[0].only_if_kept)[0]) == 8
