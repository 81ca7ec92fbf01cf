"""What a country states about itself against its own register is refused, and stops nobody's release."""

from __future__ import annotations

import pytest

from register.domain.running.consumer import Consumer
from register.services.statistics.releases.releases import attack_release
from register.services.statistics.statements.contribute import TURN
from register.services.statistics.statements.facts import FigureDeparts, publish_fact
from register.services.statistics.statements.words import signed_row
from register.statistics.period import Period
from register.statistics.release.ledger import OutsideFact
from register.statistics.release.statements import PublishedFact
from schemas.statistics.entry import StatementKind
from tests.integration.exchange.looking import rows
from tests.integration.exchange.net import Net, Node
from tests.integration.statistics.scene import AW, BY_TYPE, CW, draft, exchange, freeze, give, somebody, verify

ODD = 9_000


def state(node: Node, value: int, **where: str) -> None:
    """Say that the country has published a figure of 2023."""
    publish_fact(
        node.register,
        somebody(node, "one-person"),
        population="notifications",
        period="2023",
        where=where,
        value=value,
        source="Made up",
    )


def state_unchecked(node: Node, value: int) -> None:
    """As a node that does not compare would tell its partners: signed, and against its own contribution."""
    fact = OutsideFact(node.country, "notifications", Period.read("2023"), frozenset(), value, "Made up")
    with node.register.work(node.caller()) as work:
        work.running.outbox.add(Consumer.WORDS, TURN)
        assert work.statistics.statements.keep(StatementKind.FACT, signed_row(node.register, PublishedFact(fact, 0)))


def stated(five: Net) -> list[tuple[str, str, str | None]]:
    """Who stated what in Aruba, and with which refusal, by its log."""
    query = "SELECT commitment FROM rtr.audit_leaf WHERE country = 'AW' AND action = 'statistics.published' ORDER BY id"
    said = [row["commitment"] for row in rows(five, query)]
    return [(leaf["actor"], leaf["about"], leaf["facts"].get("refused")) for leaf in said]


@pytest.mark.parametrize("where", [{}, {"signal_type": "MS"}], ids=["total", "row"])
def test_a_figure_that_departs_from_what_was_contributed_is_refused_with_both_figures(
    five: Net, where: dict[str, str]
) -> None:
    made = give(five[AW], BY_TYPE).contribution
    assert made.total is not None
    with pytest.raises(
        FigureDeparts, match=f"^{ODD} is stated for notifications of 2023 .* the register contributed"
    ) as told:
        state(five[AW], ODD, **where)
    if not where:
        assert f"contributed {made.total}, so {made.total - 2} to {made.total + 2}" in str(told.value)
    assert stated(five) == [("one-person", "notifications", "figure-departs")]
    assert rows(five, "SELECT * FROM rtr.outside_fact") == []


def test_a_figure_that_the_contribution_allows_is_stated_and_who_did_stands_in_the_log(five: Net) -> None:
    give(five[AW], BY_TYPE)
    state(five[AW], 24)
    assert stated(five) == [("one-person", "notifications|2023|total", None)]


def test_one_countrys_odd_figure_is_left_out_and_named_and_stops_no_release(five: Net) -> None:
    for node in five.nodes.values():
        give(node, BY_TYPE)
    state_unchecked(five[AW], ODD)
    exchange(five)
    drafts = [draft(node, BY_TYPE) for node in five.nodes.values()]
    assert len({one.release.digest for one in drafts}) == 1
    one = drafts[0]
    cells = {cell.row: cell for cell in one.release.figures("AW")}
    assert (cells["ALL"].value, cells["ALL"].marker) == (None, "c")
    assert ODD not in {cell.value for cell in one.release.cells}
    assert {cell.marker for cell in one.release.figures("CW")} <= {"rounded", "-"}
    (named,) = [r for r in one.row.withheld if r["code"] == "figure-disagrees"]
    assert f"AW states {ODD} (total), and its contribution says 22 to 26" in named["says"]
    frozen = freeze(five[CW], draft(five[CW], BY_TYPE))
    assert frozen.row.state == "frozen"
    assert verify(five[AW], frozen.row.digest).holds


def test_a_figure_stated_before_anything_was_contributed_keeps_nobody_from_contributing(five: Net) -> None:
    state(five[AW], ODD)
    assert give(five[AW], BY_TYPE).contribution.total is not None
    for node in five.nodes.values():
        give(node, BY_TYPE)
    exchange(five)
    attacked = attack_release(five[CW].register, somebody(five[CW], "drafter"), draft(five[CW], BY_TYPE).row.digest)
    assert attacked.row.state == "attacked"


def test_the_correction_of_an_odd_figure_is_printed_and_the_earlier_release_still_verifies(five: Net) -> None:
    for node in five.nodes.values():
        give(node, BY_TYPE)
    state_unchecked(five[AW], ODD)
    exchange(five)
    first = freeze(five[CW], draft(five[CW], BY_TYPE))
    state(five[AW], 24)
    exchange(five)
    second = freeze(five[CW], draft(five[CW], BY_TYPE))
    total = next(cell for cell in second.release.figures("AW") if cell.row == "ALL")
    assert (total.value, total.marker) == (24, "as-published")
    assert verify(five[CW], first.row.digest).holds
