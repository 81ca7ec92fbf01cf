"""Aruba's figures of 2023 and its victim ladder of 2017 to 2022, from records loaded through the services.

All made up: which source came by which channel, and who the persons are; the margins are those of the report and of
the narratives (domain.md 5.1, statistics.md 7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, repeat
from typing import Any

import pytest

from register.domain.access.caller import Caller, Task
from register.domain.signals.signal import SignalId
from register.services.desk.keep_intakes import withdraw_intake
from register.services.desk.keep_trainings import withdraw_training
from register.services.desk.keep_victims import assign_status, put_on_ladder
from register.services.signals.change_signal import move_signal, refer_signal, withdraw_signal
from register.services.signals.record_signal import record_signal
from register.services.statistics.owner_statistics import owner_statistics
from register.services.statistics.statements.contribute import RowMissing
from register.services.statistics.statements.contribute import contribute as contribute_words
from register.services.statistics.statements.facts import keep_row
from register.statistics.catalogue import default_catalogue
from register.statistics.deduction import Interval
from register.statistics.definition import Tier
from register.statistics.owner.filling import exact_figures
from register.statistics.owner.owner import contribute
from register.statistics.period import Period
from register.statistics.release.contribution import Grain
from register.statistics.release.grains import grain_for
from register.statistics.trend import Trend, derive_trend
from schemas.codes import Partition, SignalState
from schemas.desk.record import TakeBackIn
from schemas.desk.victim import StatusIn, VictimIn
from schemas.signals.changes import ReferIn, WithdrawIn
from schemas.signals.out import SignalOut
from schemas.statistics.owner import OwnerStatistics, RegisteredTable
from tests.support.forms import a_form
from tests.support.records.counted import interview, key, on_ladder, trained
from tests.support.world import World, world
from tests.unit.register.statistics.test_figures_2023 import Y2022, Y2023

AW, CW = Partition.AW, Partition.CW
BACK = TakeBackIn(reason="Entered twice.")
AWARENESS = {
    "LABOUR": 40, "BORDER_POLICE": 8, "COAST": 18, "PROBATION": 15, "ALIENS": 33, "GOVERNMENT": 180, "SCHOOL": 182,
    "HEALTH": 40, "FINANCE": 25,
}  # fmt: skip
SKILLS = {"GOVERNMENT": 130, "HOTEL": 120, "FINANCE": 20}
WEBINARS = (150, 120, 55)

Person = Mapping[str, str]


def people(
    n: int, status: str, form: str = "SEX", sex: str = "FEMALE", age: str = "25-29", of: str = "CO"
) -> list[Person]:
    return [{"status": status, "form": form, "sex": sex, "age": age, "nationality": of}] * n


# 2021: 14 screened, of whom 7 potential and 1 presumed; that the other six were found to be none is our reading. The
# years before tell no status: taken for presumed, women, sexual exploitation.
LADDER: Mapping[int, Sequence[Person]] = {
    2017: people(71, "PRESUMED"),
    2018: people(2, "PRESUMED"),
    2020: people(4, "PRESUMED"),
    2021: [
        *people(3, "POTENTIAL", age="12-17", of="CO"),
        *people(1, "POTENTIAL", of="FI"),
        *people(1, "POTENTIAL", "LABOUR", of="DO"),
        *people(2, "POTENTIAL", "LABOUR", "MALE", of="VE"),
        *people(1, "PRESUMED"),
        *people(6, "NOT"),
    ],
    2022: [
        *people(4, "CONFIRMED", of="CO"),
        *people(1, "PRESUMED", of="DE"),
        *people(1, "PRESUMED", "LABOUR", "MALE", of="CO"),
        *people(3, "NOT"),
    ],
}


@pytest.fixture(scope="module")
def aruba() -> Iterator[World]:
    """Everything loaded once; tests that add to it use years of their own."""
    with world(countries=(AW, CW)) as made:
        load(made)
        yield made


def load(made: World) -> None:
    aw = made[AW]
    hotline = made.caller("AW-CMMA", Task.SUBMIT, Task.REGISTER, Task.STATISTICS)
    umm = made.caller("AW-UMM", Task.ENRICH)
    for year, records in ((2022, Y2022), (2023, Y2023)):
        for n, told in enumerate(records):
            day = date(year, 1 + n % 12, 1 + n).isoformat()
            form = a_form(
                kind="notification", received_on=day, period={"from": day}, source=told["source"],
                channel=told["channel"], signal_type=told["signal_type"], reporter_anonymous=told["anonymous"] == "YES",
            )  # fmt: skip
            signal = record_signal(aw, hotline, form, key(aw))
            for version, state in enumerate((SignalState.REGISTERED, SignalState.FORWARDED), start=1):
                move_signal(aw, hotline, SignalId(signal.id), state, "To JIUMM.", version=version)
    for n, sex in enumerate(chain(repeat("FEMALE", 8), repeat("MALE", 4))):
        interview(aw, made.caller("AW-JIUMM", Task.ENRICH), date(2023, 1 + n, 9), sex=sex)
    for kind, groups in (("AWARENESS", AWARENESS), ("SKILLS", SKILLS)):
        for group, number in groups.items():
            trained(aw, hotline, kind, group, number, recipient="SX" if number == 180 else "AW")
    for number in WEBINARS:
        trained(aw, hotline, "WEBINAR", "PUBLIC", number, recipient="AW")
    for year, persons in LADDER.items():
        for person in persons:
            on_ladder(aw, umm, person, date(year, 6, 15))


def figures(made: World, year: int, country: Partition = AW) -> OwnerStatistics:
    who = {AW: "AW-CMMA", CW: "CW-NCT"}[country]
    return owner_statistics(made[country], made.caller(who, Task.STATISTICS), year)


def table(found: OwnerStatistics, table_id: str) -> RegisteredTable:
    return next(t for t in found.registered if t.id == table_id)


def rows(found: OwnerStatistics, table_id: str) -> dict[str, int]:
    """The rows that are not 0."""
    return {row.row: row.total for row in table(found, table_id).rows if row.total}


def travels(found: OwnerStatistics, table_id: str) -> dict[str, tuple[str, set[str]]]:
    return {v.tier: (v.travels, {w.rule for w in v.why}) for v in table(found, table_id).verdicts}


# -- 2023


def test_notifications_of_2023_are_those_of_the_report(aruba: World) -> None:
    found = figures(aruba, 2023)
    assert (found.notifications, found.forwarded) == (24, 24)
    assert rows(found, "notifications-by-source") == {"CITIZEN": 11, "GOV_DEPT": 8, "NGO_IO": 4, "SCHOOL": 1}
    assert rows(found, "notifications-by-channel") == {"EMAIL": 10, "PHONE": 7, "WHATSAPP": 5, "MESSENGER": 2}
    assert rows(found, "notifications-by-type") == {"HT": 7, "MS": 1, "OTHER": 16}
    assert rows(found, "notifications-forwarded") == {"YES": 24}
    (citizens,) = (row for row in found.tables[0].rows if row.row == "CITIZEN")
    assert citizens.of_which == {"anonymous": 2}


def test_intakes_of_2023_are_eight_women_and_four_men(aruba: World) -> None:
    found = figures(aruba, 2023)
    assert rows(found, "intakes-by-sex") == {"FEMALE": 8, "MALE": 4}
    assert rows(found, "intakes-by-nationality") == {"CO": 12}
    assert rows(found, "intakes-by-age") == {"30-39": 12}
    assert rows(found, "intakes-adult-or-child") == {"ADULT": 12}


def test_trainings_of_2023_are_541_270_and_325_of_which_180_of_sint_maarten(aruba: World) -> None:
    found = figures(aruba, 2023)
    by_group = table(found, "trainings-by-group")
    sums = [sum(row.cells[i] for row in by_group.rows) for i in range(3)]
    assert [c.code for c in by_group.columns] == ["AWARENESS", "SKILLS", "WEBINAR"]
    assert sums == [541, 270, 325]
    assert rows(found, "trainings-by-recipient") == {"AW": 541 + 270 + 325 - 180, "SX": 180}


@pytest.mark.parametrize(
    ("table_id", "working_group", "public"),
    [
        ("notifications-by-source", ("rounded", set()), ("no", {"R3"})),
        ("notifications-by-channel", ("rounded", set()), ("rounded", set())),
        ("notifications-by-type", ("rounded", set()), ("rounded", set())),
        ("notifications-source-by-channel", ("no", {"R3"}), ("no", {"R3"})),
        ("notifications-forwarded", ("rounded", set()), ("rounded", set())),
        ("trainings-by-group", ("exact", set()), ("exact", set())),
    ],
)
def test_verdicts_of_2023_are_as_written(
    aruba: World, table_id: str, working_group: tuple[str, set[str]], public: tuple[str, set[str]]
) -> None:
    assert travels(figures(aruba, 2023), table_id) == {"W": working_group, "P": public}


@pytest.mark.parametrize("table_id", ["intakes-by-nationality", "intakes-by-age", "intakes-adult-or-child"])
def test_twelve_colombian_of_30_to_39_travel_in_no_tier(aruba: World, table_id: str) -> None:
    found = travels(figures(aruba, 2023), table_id)
    assert {how for how, _ in found.values()} == {"no"}
    assert all("R4" in why for _, why in found.values())


def test_sex_of_the_intakes_travels_rounded_to_the_working_group_unless_it_would_print_one_alone(aruba: World) -> None:
    """By a key that each run makes anew four men may be printed as none: all would be said to be women."""
    assert travels(figures(aruba, 2023), "intakes-by-sex")["W"] in [("rounded", set()), ("no", {"R4"})]


def test_flags_of_2023_are_the_figures_from_1_to_4(aruba: World) -> None:
    found = figures(aruba, 2023)
    flagged = {
        t: {r.row: r.total for r in table(found, t).rows if r.flagged}
        for t in ("notifications-by-source", "notifications-by-channel", "notifications-by-type", "trainings-by-group")
    }
    assert flagged == {
        "notifications-by-source": {"NGO_IO": 4, "SCHOOL": 1},
        "notifications-by-channel": {"MESSENGER": 2},
        "notifications-by-type": {"MS": 1},
        "trainings-by-group": {},
    }


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
def test_trend_statements_hold_against_the_loaded_2022(aruba: World, table_id: str, row: str, said: Trend) -> None:
    last, this = (rows(figures(aruba, year), table_id).get(row, 0) for year in (2022, 2023))
    assert derive_trend(Interval(last, last), Interval(this, this)) is said


def test_anonymous_notifications_came_for_the_first_time(aruba: World) -> None:
    last, this = (
        sum(r.of_which.get("anonymous", 0) for r in figures(aruba, year).tables[0].rows) for year in (2022, 2023)
    )
    assert derive_trend(Interval(last, last), Interval(this, this)) is Trend.FIRST


# -- the ladder


@pytest.mark.parametrize(("year", "total"), [(2017, 71), (2018, 2), (2019, 0), (2020, 4), (2021, 14), (2022, 9)])
def test_ladder_counts_those_screened_in_the_year(aruba: World, year: int, total: int) -> None:
    assert table(figures(aruba, year), "victims-by-status").total == total


def test_ladder_of_2021_and_2022_is_that_of_the_narratives(aruba: World) -> None:
    first, second = figures(aruba, 2021), figures(aruba, 2022)
    assert rows(first, "victims-by-status") == {"POTENTIAL": 7, "PRESUMED": 1, "NOT": 6}
    assert rows(second, "victims-by-status") == {"PRESUMED": 2, "CONFIRMED": 4, "NOT": 3}
    by_form = {row.row: row.cells for row in table(second, "victims-status-by-form").rows}
    assert (by_form["CONFIRMED"], by_form["PRESUMED"]) == ((4, 0, 0), (1, 1, 0))
    potential = {r.row: r.cells for r in table(first, "victims-status-by-form").rows}["POTENTIAL"]
    assert potential == (4, 3, 0)
    children = {r.row: r.cells for r in table(first, "victims-status-by-age").rows}["POTENTIAL"]
    assert children[:2] == (3, 4)


def test_status_of_a_later_year_does_not_rewrite_an_earlier_one(aruba: World) -> None:
    """The year counts where the person stood last in it; a closed year stays as it was told."""
    aw, umm = aruba[AW], aruba.caller("AW-UMM", Task.ENRICH)
    intake = interview(aw, umm, date(2015, 3, 1))
    steps = [("POTENTIAL", "2015-03-02"), ("PRESUMED", "2015-09-01"), ("CONFIRMED", "2016-02-01")]
    first, *later = (
        StatusIn.model_validate({"status": s, "form": "SEX", "decided_on": day, "reason": "Weighed."})
        for s, day in steps
    )
    victim = put_on_ladder(aw, umm, VictimIn(intake=intake, sex="FEMALE", age_band="18-24", status=first), key(aw))
    for version, step in enumerate(later, start=1):
        victim = assign_status(aw, umm, victim.id, step, version=version)  # type: ignore[arg-type]  # an id is an id
    assert rows(figures(aruba, 2015), "victims-by-status") == {"PRESUMED": 1}
    assert rows(figures(aruba, 2016), "victims-by-status") == {"CONFIRMED": 1}


# -- what is no figure, and what is 0


def test_what_a_country_never_recorded_is_not_collected_and_never_0(aruba: World) -> None:
    found = figures(aruba, 2023, CW)
    persons = [t for t in found.registered if t.population in {"intakes", "victims", "referrals", "trainings"}]
    assert persons
    assert {(t.collected, t.total, t.rows, t.verdicts) for t in persons} == {(False, None, (), ())}


def test_year_before_the_first_record_is_not_collected_and_a_year_without_one_after_it_is_0(aruba: World) -> None:
    before, after = (table(figures(aruba, year), "intakes-by-sex") for year in (2014, 2019))
    assert (before.collected, before.total) == (False, None)
    assert (after.collected, after.total) == (True, 0)


def test_no_record_fills_a_table_of_the_prosecutor(aruba: World) -> None:
    assert not table(figures(aruba, 2023), "cases-by-stage").collected


def test_withdrawn_records_count_no_more(aruba: World) -> None:
    aw = aruba[AW]
    jiumm, keeper = aruba.caller("AW-JIUMM", Task.ENRICH), aruba.caller("AW-CMMA", Task.STATISTICS)
    intake = interview(aw, jiumm, date(2024, 2, 2))
    training = trained(aw, keeper, "SKILLS", "HOTEL", 7, recipient="AW", day="2024-02-02")
    assert rows(figures(aruba, 2024), "intakes-by-sex") == {"FEMALE": 1}
    assert table(figures(aruba, 2024), "trainings-by-group").total == 7
    withdraw_intake(aw, jiumm, intake, BACK, version=1)
    withdraw_training(aw, keeper, training, BACK, version=1)
    assert rows(figures(aruba, 2024), "intakes-by-sex") == {}
    assert table(figures(aruba, 2024), "trainings-by-group").total == 0


def test_training_counts_with_the_country_that_gave_it(aruba: World) -> None:
    """Else a regional sum would count the people twice."""
    keeper = aruba.caller("CW-NCT", Task.STATISTICS)
    trained(aruba[CW], keeper, "SKILLS", "HOTEL", 5, recipient="CW", provider="AW", day="2020-02-02")
    assert not table(figures(aruba, 2020, CW), "trainings-by-group").collected
    trained(aruba[CW], keeper, "SKILLS", "HOTEL", 3, recipient="CW", provider="US", day="2021-02-02")
    assert table(figures(aruba, 2021, CW), "trainings-by-group").total == 3


def test_referrals_count_by_what_for_and_how_far_they_have_come(aruba: World) -> None:
    aw, unit = aruba[AW], aruba.caller("AW-JIUMM", Task.REGISTER, Task.SUBMIT)
    signal = record_signal(aw, unit, a_form(), key(aw))
    this_year = aw.clock.now().year
    for version, kind in enumerate(("assistance", "investigation"), start=1):
        refer_signal(aw, unit, SignalId(signal.id), ReferIn(kind=kind, to="AW-VICTIM"), version=version)
    assert rows(figures(aruba, this_year), "referrals-by-kind") == {"assistance": 1, "investigation": 1}
    sent = {r.row: r.cells for r in table(figures(aruba, this_year), "referrals-by-outcome").rows}
    assert sent["assistance"] == (1, 0, 0, 0)


def test_submissions_count_by_kind_of_service_and_never_with_notifications(aruba: World) -> None:
    aw = aruba[AW]
    found = figures(aruba, aw.clock.now().year)
    assert rows(found, "adoption-per-service")["BORDER"] == sum(len(persons) for persons in LADDER.values())


# -- on to the region


def test_contribution_from_loaded_records_shows_what_the_verdicts_say(aruba: World) -> None:
    catalogue = default_catalogue()
    shown = {}
    for table_id in (
        "notifications-by-source",
        "intakes-by-sex",
        "intakes-by-age",
        "trainings-by-group",
        "permits-by-kind",
    ):
        definition = catalogue.tables[table_id]
        with aruba[AW].work(aruba.caller("AW-CMMA", Task.STATISTICS)) as work:
            exact = exact_figures(work.statistics.figures, definition, Period(2023))
        made = contribute(
            catalogue, definition, AW, Period(2023), exact, key=b"k" * 32, today=date(2024, 3, 1)
        ).contribution
        assert made is not None
        shown[table_id] = tuple(grain_for(definition, made, tier) for tier in (Tier.WORKING_GROUP, Tier.PUBLIC))
    assert shown == {
        "notifications-by-source": (Grain.FULL, Grain.TOTAL),
        "intakes-by-sex": (Grain.FULL, Grain.FULL),
        "intakes-by-age": (Grain.TOTAL, Grain.TOTAL),
        "trainings-by-group": (Grain.FULL, Grain.FULL),
        "permits-by-kind": (Grain.NOT_COLLECTED, Grain.NOT_COLLECTED),
    }


def test_verdict_and_contribution_read_the_same_declaration_of_an_optional_row(aruba: World) -> None:
    """Else the owner would be told that a table travels, and be refused when contributing it."""
    cw, keeper = aruba[CW], aruba.caller("CW-NCT", Task.SUBMIT, Task.REGISTER, Task.STATISTICS)
    form = a_form(kind="notification", received_on="2024-02-01", period={"from": "2024-02-01"}, channel="WALK_IN")
    record_signal(cw, keeper, form, key(cw))

    def why() -> set[str]:
        verdicts = table(figures(aruba, 2024, CW), "notifications-by-channel").verdicts
        return {w.code for verdict in verdicts for w in verdict.why}

    def contributed() -> bool:
        try:
            return contribute_words(cw, keeper, "notifications-by-channel", "2024").is_new
        except RowMissing:
            return False

    assert "row-not-kept" in why()
    assert not contributed()
    keep_row(cw, keeper, variable="channel", code="WALK_IN", since=date(2024, 1, 1))
    assert "row-not-kept" not in why()
    assert contributed()


def test_figures_of_another_country_hold_nothing_of_arubas(aruba: World) -> None:
    assert figures(aruba, 2023, CW).notifications == 0
    with aruba[CW].work(aruba.caller("CW-NCT", Task.STATISTICS)) as work:
        assert work.statistics.figures.count("intakes", date(2000, 1, 1), date(2199, 12, 31)) == []
        assert work.statistics.figures.began("victims") is None


def test_a_reporters_repeat_counts_once(aruba: World) -> None:
    """The same report told twice by one organisation is one notification; by two organisations it is two."""
    aw, hotline = aruba[AW], aruba.caller("AW-CMMA", Task.SUBMIT, Task.REGISTER)

    def tell(by: Caller, account: str = "Told once.", **parts: Any) -> SignalOut:
        form = a_form(
            **{"kind": "notification", "received_on": "2024-05-02", "period": {"from": "2024-05-02"}} | parts,
            account=account,
        )
        return record_signal(aw, by, form, key(aw))

    def counted() -> int | None:
        return table(figures(aruba, 2024), "notifications-by-source").total

    first, second = tell(hotline), tell(hotline)
    assert second.resembles[0].identical
    assert counted() == 1
    again = tell(hotline, "TOLD  once", received_on="2024-05-04", urgency="NOW")
    assert [one.identical for one in again.resembles][:2] == [False, False]
    assert counted() == 1, "in other letters, on another day, more urgent: told again all the same"
    withdraw_signal(
        aw,
        hotline,
        SignalId(again.id),
        WithdrawIn.model_validate({"code": "withdrawn", "reason": "Told again."}),
        version=1,
    )
    tell(hotline, "Told once, and a little more.")
    assert counted() == 2, "what only resembles it is another until somebody says that it is not"
    tell(aruba.caller("AW-JIUMM", Task.SUBMIT, actor="jiumm-desk"))
    assert counted() == 3, "another organisation heard it itself"
    told_twice = WithdrawIn.model_validate({"code": "withdrawn", "reason": "Told twice."})
    for signal, left in ((first, 3), (second, 2)):
        withdraw_signal(aw, hotline, SignalId(signal.id), told_twice, version=1)
        assert counted() == left, "the repeat counts in its place, until it is withdrawn too"
