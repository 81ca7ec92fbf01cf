"""Who approved a release is sealed: whoever holds the log-in of the pages and the API approves nothing by rows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from register.domain.access.caller import system
from register.errors import RegisterError
from register.services.statistics.releases.releases import approve_release, attack_release, freeze_release, read_release
from register.services.statistics.releases.stored import StoredReleaseChanged
from register.statistics.release.life import WrongState
from schemas.codes import AlarmKind
from tests.integration.exchange.net import Net, Node
from tests.integration.statistics.scene import AW, BY_TYPE, draft, exchange, freeze, give, somebody

_APPROVED = (
    "INSERT INTO rtr.release_approval (country, digest, actor, at) "
    "SELECT 'AW', :digest, unnest(ARRAY['one', 'another']), now()"
)
_COPIED = (
    "INSERT INTO rtr.release_approval (country, digest, actor, at, said, data_key) "
    "SELECT country, digest, 'another', at, said, data_key FROM rtr.release_approval WHERE digest = :digest"
)


@pytest.fixture
def told(five: Net) -> Net:
    for node in five.nodes.values():
        give(node, BY_TYPE)
    exchange(five)
    return five


def written(node: Node, digest: str, *statements: str) -> None:
    """What somebody writes with the stolen log-in."""
    with node.register.database.transaction("api") as connection:
        for statement in statements:
            connection.execute(sa.text(statement), {"digest": digest})


def rings(node: Node) -> bool:
    with node.register.work(system(node.country, "worker")) as work:
        return "release" in work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)


@pytest.mark.parametrize("state", ["attacked", "approved", "frozen"])
def test_a_release_that_the_log_in_of_the_api_says_to_be_approved_is_neither_frozen_nor_signed(
    told: Net, state: str
) -> None:
    node = told[AW]
    one = draft(node, BY_TYPE)
    written(node, one.row.digest, _APPROVED, f"UPDATE rtr.release SET state = '{state}' WHERE digest = :digest")
    with pytest.raises(StoredReleaseChanged):
        freeze_release(node.register, somebody(node, "drafter"), one.row.digest)
    with pytest.raises(StoredReleaseChanged):
        read_release(node.register, somebody(node, "drafter"), one.row.digest)
    assert rings(node)


def test_only_approvals_that_were_sealed_count(told: Net) -> None:
    node = told[AW]
    one = draft(node, BY_TYPE)
    digest = one.row.digest
    attack_release(node.register, somebody(node, "drafter"), digest)
    written(node, digest, _APPROVED)
    assert approve_release(node.register, somebody(node, "first"), digest).row.approved_by == ("first",)
    with pytest.raises(WrongState):
        freeze_release(node.register, somebody(node, "drafter"), digest)
    assert rings(node)


def test_a_copied_approval_is_another_persons_no_more(told: Net) -> None:
    node = told[AW]
    digest = draft(node, BY_TYPE).row.digest
    attack_release(node.register, somebody(node, "drafter"), digest)
    approve_release(node.register, somebody(node, "first"), digest)
    written(node, digest, _COPIED)
    assert read_release(node.register, somebody(node, "drafter"), digest).row.approved_by == ("first",)
    with pytest.raises(StoredReleaseChanged):  # the row of that name is in the way of who bears it, and rings
        approve_release(node.register, somebody(node, "another"), digest)
    assert rings(node)


def test_no_step_of_before_comes_back(told: Net) -> None:
    """A release that was frozen bears the seal of that step alone."""
    node = told[AW]
    one = draft(node, BY_TYPE)
    with node.register.database.transaction("api") as connection:
        was = connection.execute(
            sa.text("SELECT state, said, data_key FROM rtr.release WHERE digest = :digest"), {"digest": one.row.digest}
        ).one()
    freeze(node, one)
    with node.register.database.transaction("api") as connection:
        connection.execute(
            sa.text("UPDATE rtr.release SET state = :state, said = :said, data_key = :key WHERE digest = :digest"),
            {"state": was.state, "said": was.said, "key": was.data_key, "digest": one.row.digest},
        )
    with pytest.raises(RegisterError):
        read_release(node.register, somebody(node, "drafter"), one.row.digest)
    assert rings(node)
