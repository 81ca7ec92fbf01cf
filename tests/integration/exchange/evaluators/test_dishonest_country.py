"""The drill of the stolen node key, in its short form: what five minutes give, whatever the thief invents."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.codes import Partition
from schemas.exchange.evaluation import Declared, EvaluationPurpose
from schemas.exchange.wire import Book
from tests.drills.dishonest_country import Sweep, Tickets, limit_of, part_of_thirty_days
from tests.integration.exchange.evaluators.net import Net
from tests.support.started.databases import empty


@pytest.mark.parametrize(
    ("purpose", "declared", "book"),
    [
        (EvaluationPurpose.SEARCH, Declared.PUBLISH, Book.SEARCHES),
        (EvaluationPurpose.REGISTER, Declared.PUBLISH, Book.REGISTRATIONS),
        (EvaluationPurpose.REGISTER, Declared.KEEP, Book.KEPT),
    ],
)
def test_a_sweep_with_a_stolen_node_key_gets_the_agreed_figure_and_no_more(
    net: Net, purpose: EvaluationPurpose, declared: Declared, book: Book
) -> None:
    limit = limit_of(book)
    sweep = Sweep(net, purpose, 2 * limit.five_minutes, declared).until_refused()
    # Two of four evaluators may be full before the others are; never more than is agreed.
    assert limit.five_minutes / 2 <= sweep.total <= limit.five_minutes
    assert sweep.above(limit) == []


def test_a_stolen_node_key_uses_no_ticket_for_what_it_is_not_and_gains_nothing_by_haste(net: Net) -> None:
    empty(net.world.settings, ("ticket", "alarm", "to_do"))
    thief = Tickets(net)
    assert thief.misused(Partition.NL) == []
    assert thief.raced(Partition.NL) == part_of_thirty_days(), "five of twelve requests of 150, whoever is first"


def test_a_stolen_node_key_gets_tickets_of_nodes_that_give_no_number_more_and_none_that_persons_sign(net: Net) -> None:
    """The figure of the supervisor is the node's word, so it opens a day's burst only; and four desks hear of it."""
    empty(net.world.settings, ("ticket", "alarm", "to_do"))
    limit, thief = limit_of(Book.REGISTRATIONS), Tickets(net)
    assert thief.for_persons() == []
    ticket = thief.by_nodes()
    sweep = Sweep(net, EvaluationPurpose.REGISTER, limit.thirty_days + 100, ticket=ticket).until_refused()
    assert limit.day < sweep.total <= limit.thirty_days, "in an hour what takes two days without"
    assert sweep.above_thirty_days(limit) == []
    net.clock.offset += timedelta(days=3)
    again = Sweep(net, EvaluationPurpose.REGISTER, 100, ticket=thief.by_nodes()).until_refused()
    assert sweep.total + again.total <= limit.thirty_days, "another ticket on another day gives nothing"
    assert thief.rung_at() == ["AW", "BQ", "NL", "SX"]
