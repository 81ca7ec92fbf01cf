"""Whoever asks for a release or makes one leaves a leaf, also where the answer is a refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from register.errors import RegisterError
from register.services.statistics.asked import RuleSaysNo
from register.services.statistics.releases.releases import approve_release, attack_release, freeze_release, read_release
from register.store.running.server.administration import administrator
from tests.integration.exchange.looking import rows
from tests.integration.exchange.net import Net, Node
from tests.integration.statistics.scene import AW, BY_TYPE, draft, exchange, give, somebody, verify

NO_SUCH = "0" * 64


def leaves(five: Net, action: str) -> list[tuple[str, str | None]]:
    """About what, and the code of the refusal, of Aruba's leaves of an action."""
    query = f"SELECT commitment FROM rtr.audit_leaf WHERE country = 'AW' AND action = '{action}' ORDER BY at, id"
    found = [row["commitment"] for row in rows(five, query)]
    return [(leaf["about"], leaf["facts"].get("refused")) for leaf in found]


def read(node: Node, digest: str) -> object:
    return read_release(node.register, somebody(node, "reader"), digest)


@pytest.mark.parametrize(
    ("ask", "action"),
    [
        (read, "release.read"),
        (verify, "release.verified"),
        (lambda node, digest: attack_release(node.register, somebody(node, "x"), digest), "release.attacked"),
        (lambda node, digest: approve_release(node.register, somebody(node, "x"), digest), "release.approved"),
        (lambda node, digest: freeze_release(node.register, somebody(node, "x"), digest), "release.frozen"),
    ],
    ids=["read", "verify", "attack", "approve", "freeze"],
)
def test_asking_for_a_release_that_is_not_there_leaves_a_leaf(
    five: Net, ask: Callable[[Node, str], object], action: str
) -> None:
    with pytest.raises(RegisterError):
        ask(five[AW], NO_SUCH)
    assert leaves(five, action) == [(NO_SUCH, "no-such-release")]


def test_a_damaged_release_leaves_the_leaf_of_who_read_it(five: Net) -> None:
    for node in five.nodes.values():
        give(node, BY_TYPE)
    exchange(five)
    one = draft(five[AW], BY_TYPE)
    database = five.world.settings.database
    with administrator(database.admin_url, database.name) as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE rtr.release_cell SET value = value + 3 WHERE value IS NOT NULL")
    for ask in (read, verify):
        with pytest.raises(RegisterError):
            ask(five[AW], one.row.digest)
    assert leaves(five, "release.read") == [(one.row.digest, "release-damaged")]
    assert leaves(five, "release.verified") == [(one.row.digest, "release-damaged")]


def test_a_contribution_that_a_rule_refuses_leaves_a_leaf(five: Net) -> None:
    with pytest.raises(RuleSaysNo):
        give(five[AW], BY_TYPE, "2099")
    assert leaves(five, "statistics.contributed") == [(f"{BY_TYPE}/1 2099", "statistics-refused")]
