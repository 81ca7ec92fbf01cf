"""What the exchange did, counted by partner: from real entries, by the days they were first sent and held."""

from __future__ import annotations

from datetime import date, timedelta

from register.statistics.catalogue import default_catalogue
from register.statistics.owner.filling import exact_figures
from register.statistics.period import Period
from schemas.codes import Partition
from tests.integration.exchange.net import Net, Node

AW, CW, SX = Partition.AW, Partition.CW, Partition.SX


def told(net: Net) -> None:
    net[CW].append()
    for partner in (AW, SX):
        net[partner].pull_all(CW)


def counted(node: Node, population: str) -> dict[str, int]:
    today = node.register.today()
    with node.register.work(node.caller()) as work:
        groups = work.statistics.figures.count(population, today, today)
    return {codes["partner"]: n for codes, n in groups}


def test_each_extract_counts_once_a_partner_at_both_ends_and_a_later_version_as_a_correction(trio: Net) -> None:
    first = trio[CW].put(AW, SX)
    trio[CW].put(AW, number=2)
    told(trio)
    trio[CW].put(AW, about=first, number=3)
    trio[CW].retract(first, SX)
    told(trio)
    assert counted(trio[CW], "extracts-shared") == {"AW": 2, "SX": 1}
    assert counted(trio[CW], "corrections") == {"AW": 1, "SX": 1}
    assert (counted(trio[AW], "extracts-received"), counted(trio[SX], "extracts-received")) == ({"CW": 2}, {"CW": 1})


def test_what_was_drafted_and_not_numbered_is_not_shared(trio: Net) -> None:
    trio[CW].put(AW)
    assert counted(trio[CW], "extracts-shared") == {}
    with trio[CW].register.work(trio[CW].caller()) as work:
        assert work.statistics.figures.began("extracts-shared") is None


def test_extract_that_was_withdrawn_before_it_was_seen_was_never_received(trio: Net) -> None:
    about = trio[CW].put(AW)
    trio[CW].retract(about, AW)
    told(trio)
    assert counted(trio[AW], "extracts-received") == {}


def test_later_version_keeps_the_day_on_which_the_extract_was_first_held(trio: Net) -> None:
    about = trio[CW].put(AW)
    told(trio)
    day = trio[AW].register.today()
    for clock in trio.clocks.values():
        clock.offset = timedelta(days=3)
    trio[CW].put(AW, about=about, number=2)
    told(trio)
    with trio[AW].register.work(trio[AW].caller()) as work:
        assert work.statistics.figures.began("extracts-received") == day
        assert work.statistics.figures.count("extracts-received", day + timedelta(days=1), date(2199, 12, 31)) == []


def test_process_counts_fill_their_registered_tables(trio: Net) -> None:
    trio[CW].put(AW, SX)
    told(trio)
    year = trio[CW].register.clock.now().year
    shared = default_catalogue().tables["shared-per-partner"]
    with trio[CW].register.work(trio[CW].caller()) as work:
        exact = exact_figures(work.statistics.figures, shared, Period(year)).exact
    assert exact is not None
    assert dict(zip(exact.rows, exact.row_totals, strict=True)) == {"AW": 1, "BQ": 0, "CW": 0, "NL": 0, "SX": 1}
