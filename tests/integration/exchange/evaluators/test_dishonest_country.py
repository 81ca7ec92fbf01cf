"""The drill of the stolen node key, in its short form: what five minutes give, whatever the thief invents."""

from __future__ import annotations

import pytest

from schemas.exchange.evaluation import Declared, EvaluationPurpose
from schemas.exchange.wire import Book
from tests.drills.dishonest_country import Sweep, limit_of
from tests.integration.exchange.evaluators.net import Net


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
