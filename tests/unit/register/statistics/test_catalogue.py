"""The registered tables: complete, consistent, in the users' languages."""

from __future__ import annotations

from importlib import resources

import pytest

from register.statistics.catalogue import default_catalogue, read_catalogue
from register.statistics.definition import CatalogueError, Definition, Tier, Unit
from register.statistics.refusals import Refusal
from tests.unit.register.statistics.support import CATALOGUE, table

FOLDER = resources.files("register.statistics").joinpath("definitions")
VARIABLES, TABLES = (FOLDER.joinpath(f"{n}.toml").read_text(encoding="utf-8") for n in ("variables", "tables"))


@pytest.mark.parametrize("definition", list(CATALOGUE), ids=lambda d: d.id)
def test_every_table_has_words_in_english_and_dutch(definition: Definition) -> None:
    for words in (definition.title, definition.population.title, *(v.title for v in definition.variables)):
        assert words["en"]
        assert words["nl"]
    assert all(row["en"] and row["nl"] for v in definition.variables for row in v.codes.values())
    assert definition.period_rule
    assert definition.filled_by
    assert definition.readers


@pytest.mark.parametrize(
    "table_id",
    [
        "notifications-by-source",
        "notifications-by-channel",
        "notifications-by-type",
        "notifications-source-by-channel",
        "notifications-forwarded",
        "intakes-by-sex",
        "intakes-by-age",
        "intakes-by-nationality",
        "victims-by-status",
        "victims-status-by-form",
        "victims-status-by-sex",
        "victims-status-by-age",
        "referrals-by-outcome",
        "trainings-by-group",
        "shared-per-partner",
        "received-per-partner",
        "hit-rate",
        "answer-times",
        "refusals-by-ground",
        "overdue-reviews",
        "sdg-16-2-2",
    ],
)
def test_table_that_the_users_asked_for_is_registered(table_id: str) -> None:
    assert table_id in CATALOGUE.tables


@pytest.mark.parametrize("reader", ["CMMA", "US TIP", "GRETA", "UNODC GLOTIP", "SDG 16.2.2", "MoU working group"])
def test_each_recipient_has_its_tables(reader: str) -> None:
    assert any(reader in d.readers for d in CATALOGUE)


def test_unregistered_table_is_refused_by_r1() -> None:
    found = CATALOGUE.find("signals-by-officer")
    assert isinstance(found, Refusal)
    assert (found.rule, found.code) == ("R1", "not-registered")
    assert CATALOGUE.find("victims-by-sex") is table("victims-by-sex")


def test_units_decide_the_base() -> None:
    assert {d.population.unit: d.population.base for d in CATALOGUE} == {
        Unit.EVENTS: 3,
        Unit.PERSONS: 5,
        Unit.PROCESS: 1,
        Unit.TRAININGS: 1,
    }


def test_tables_of_one_population_are_linked() -> None:
    linked = {d.id for d in CATALOGUE.linked(table("intakes-by-sex"))}
    assert {"intakes-by-age", "intakes-by-nationality"} <= linked
    assert "intakes-by-sex" not in linked
    assert "victims-by-sex" not in linked


def test_ages_are_the_nested_bands() -> None:
    age = table("intakes-by-age").variables[0]
    assert age.rows_kept(()) == ("0-11", "12-17", "18-24", "25-29", "30-39", "40-49", "50-plus")
    adult = table("intakes-adult-or-child").variables[0]
    assert (adult.row("12-17"), adult.row("18-24"), adult.base_name) == ("CHILD", "ADULT", "age")


def test_codes_roll_up_to_the_rows_that_are_printed() -> None:
    source = table("notifications-by-source").variables[0]
    assert (source.row("VICTIM"), source.row("FOREIGN_PARTNER")) == ("CITIZEN", "GOV_DEPT")
    assert table("victims-by-nationality").variables[0].row("FI") == "OTHER"
    with pytest.raises(CatalogueError):
        source.row("NEIGHBOUR")


def test_persons_tables_of_two_ways_are_not_for_the_public() -> None:
    two_ways = [d for d in CATALOGUE if d.population.name == "victims" and "status-by" in d.id]
    assert two_ways
    assert all(Tier.PUBLIC not in d.tiers for d in two_ways)


@pytest.mark.parametrize(
    ("variables", "tables", "said"),
    [
        (VARIABLES.replace('0-17 = ["0-11", "12-17"]', '0-17 = ["0-11", "12-17", "18-24"]'), TABLES, "exactly|nest"),
        (
            VARIABLES.replace('18-29 = ["18-24", "25-29"]', '18-29 = ["25-29"]').replace(
                '0-17 = ["0-11", "12-17"]', '0-17 = ["0-11", "12-17", "18-24"]'
            ),
            TABLES,
            "do not nest",
        ),
        (VARIABLES, TABLES.replace('variables = ["source"]', 'variables = ["officer"]'), "unknown"),
        (VARIABLES, TABLES.replace('id = "victims-by-sex"', 'id = "victims-by-form"'), "twice"),
        (VARIABLES, TABLES.replace('"victims-by-status", "total"', '"intakes-by-sex", "total"'), "population"),
        (VARIABLES, TABLES.replace('"intakes-adult-or-child", "total"', '"intakes-by-age", "total"'), "no other"),
        (VARIABLES, TABLES.replace('finest = "quarter"', 'finest_of = "day"'), "unknown"),
        (VARIABLES, TABLES.replace('tiers = ["W"]', 'tiers = ["P"]'), "working group too"),
        (VARIABLES.replace('only_if_kept = ["UNKNOWN"]', 'only_if_kept = ["NONE"]'), TABLES, "not there"),
    ],
)
def test_catalogue_that_contradicts_itself_is_refused(variables: str, tables: str, said: str) -> None:
    with pytest.raises(CatalogueError, match=said):
        read_catalogue(variables, tables)


def test_catalogue_has_a_version_by_its_content() -> None:
    assert read_catalogue(VARIABLES, TABLES).version == default_catalogue().version
    assert read_catalogue(VARIABLES, TABLES + "\n# a remark\n").version != default_catalogue().version
