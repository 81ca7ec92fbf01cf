"""The demo's line of a regional sum says whose sum it is."""

from __future__ import annotations

import pytest

from rtr_trial.demo.steps.releasing import REGION, area_name
from schemas.codes import Partition

AW, BQ, CW, SX = Partition.AW, Partition.BQ, Partition.CW, Partition.SX


@pytest.mark.parametrize(
    ("coverage", "says"),
    [((AW, CW, SX), "AW + CW + SX together"), ((AW, BQ, CW, SX), "AW + BQ + CW + SX together")],
)
def test_a_sum_is_called_by_the_countries_that_are_in_it(coverage: tuple[Partition, ...], says: str) -> None:
    assert area_name(REGION, coverage) == says


def test_a_country_is_called_by_its_name_whoever_is_in_the_sum() -> None:
    assert area_name("BQ", (AW, CW, SX)) == "Caribbean Netherlands"
