"""From five countries' exact figures to one release, byte for byte the same on every node."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from itertools import product

import pytest

from register.domain.access.policy import PeopleOnly
from register.keys.detached import verify_detached
from register.services.statistics.asked import RuleSaysNo
from register.services.statistics.releases import releases
from register.services.statistics.releases.checking import read_ledger
from register.services.statistics.releases.releases import (
    RELEASE_TYP,
    approve_release,
    attack_release,
    freeze_release,
    read_release,
)
from register.statistics.definition import Tier
from register.statistics.release.contribution import Grain
from register.statistics.release.life import BreachFound, SamePerson, WrongState
from register.statistics.release.release import CARIBBEAN_AREA, Marker
from tests.integration.exchange.net import Net
from tests.integration.statistics.scene import (
    AW,
    BQ,
    BY_SOURCE,
    BY_TYPE,
    CW,
    FIVE,
    NL,
    SX,
    approve_both,
    draft,
    exchange,
    freeze,
    give,
    give_all,
    record,
    somebody,
    verify,
)


@pytest.fixture
def told(five: Net) -> Net:
    """Everybody has contributed by type and by source, and everybody knows it."""
    for node in five.nodes.values():
        give(node, BY_TYPE)
        give(node, BY_SOURCE)
    exchange(five)
    return five


def test_five_countries_make_the_same_release_byte_for_byte(told: Net) -> None:
    for table, tier in product((BY_TYPE, BY_SOURCE), (Tier.WORKING_GROUP, Tier.PUBLIC)):
        made = [draft(told[c], table, tier).release.canonical() for c in FIVE]
        assert len(set(made)) == 1, (table, tier)


def test_a_release_shows_countries_side_by_side_and_withholds_what_is_too_thin(told: Net) -> None:
    one = draft(told[AW], BY_SOURCE).release
    shown = {c.value: one.figures(c.value) for c in (AW, CW, SX, BQ, NL)}
    assert all(c.marker is Marker.ROUNDED and c.value is not None and c.value % 3 == 0 for c in shown["AW"])
    # Sint Maarten has 11 notifications for five rows, so only its total is shown.
    assert [c.marker for c in shown["SX"]] == [Marker.WITHHELD] * 5 + [Marker.ROUNDED]
    region = one.figures(CARIBBEAN_AREA)
    assert {c.marker for c in region[:-1]} == {Marker.WITHHELD}
    assert region[-1].marker is Marker.ROUNDED
    assert one.coverage == (AW, BQ, CW, SX)


def test_a_release_is_attacked_approved_by_two_frozen_and_told(told: Net) -> None:
    done = freeze(told[AW], draft(told[AW], BY_TYPE))
    assert (done.row.state, done.row.approved_by) == ("frozen", ("first", "second"))
    findings = done.row.findings
    assert findings is not None
    assert {f["attack"] for f in findings["attacks"]} == {"A1", "A2", "A3", "A4", "A5", "A6", "A7"}
    assert sum(f["recovered"] for f in findings["attacks"]) == 0
    assert all(f["attacked"] for f in findings["attacks"] if f["attack"] != "A4")
    assert done.row.signature is not None
    keys = {told[AW].register.keys.kid: told[AW].register.keys.signing.public()}
    assert verify_detached(done.row.signature, done.release.canonical(), typ=RELEASE_TYP, keys=keys)


@pytest.mark.parametrize("against", [True, False])
def test_a_release_that_a_rule_refuses_by_now_is_not_frozen(
    told: Net, monkeypatch: pytest.MonkeyPatch, *, against: bool
) -> None:
    """What speaks against it may have become known after it was attacked and approved."""
    one = draft(told[AW], BY_SOURCE)
    approve_both(told[AW], one)
    refused = [{"rule": "R2", "code": "revision-too-small"}] if against else []
    monkeypatch.setattr(releases, "attacked", lambda *_: ([], refused))
    with pytest.raises(BreachFound) if against else nullcontext():
        freeze_release(told[AW].register, somebody(told[AW], "drafter"), one.row.digest)
    state = read_release(told[AW].register, somebody(told[AW], "drafter"), one.row.digest).row.state
    assert state == ("approved" if against else "frozen")


def test_every_node_can_verify_what_another_froze(told: Net) -> None:
    digest = freeze(told[AW], draft(told[AW], BY_TYPE)).row.digest
    freeze(told[CW], draft(told[CW], BY_TYPE))
    exchange(told)
    for country in FIVE:
        found = verify(told[country], digest)
        assert found.holds, country
        assert (found.agree, found.differ) == ((AW, CW), ())
        assert found.is_held == (country in (AW, CW))


def test_a_node_that_froze_something_else_is_named(five: Net) -> None:
    give_all(five, BY_TYPE, 2019)
    mine = freeze(five[AW], draft(five[AW], BY_TYPE, period="2019")).row.digest
    record(five[SX], [("CITIZEN", "EMAIL", "HT")] * 6, year=2019, mark="late")
    give(five[SX], BY_TYPE, "2019")
    exchange(five)
    theirs = freeze(five[CW], draft(five[CW], BY_TYPE, period="2019")).row.digest
    exchange(five)
    assert theirs != mine
    found = verify(five[NL], mine)
    assert found.differ == ((CW, theirs),)
    assert not found.holds


def test_nobody_approves_twice_or_what_he_drafted_and_no_program_does(told: Net) -> None:
    node = told[AW]
    one = draft(node, BY_TYPE)
    with pytest.raises(WrongState):
        approve_release(node.register, somebody(node, "first"), one.row.digest)
    attack_release(node.register, somebody(node, "drafter"), one.row.digest)
    with pytest.raises(SamePerson):
        approve_release(node.register, somebody(node, "drafter"), one.row.digest)
    approve_release(node.register, somebody(node, "first"), one.row.digest)
    with pytest.raises(SamePerson):
        approve_release(node.register, somebody(node, "first"), one.row.digest)
    with pytest.raises(WrongState):
        freeze_release(node.register, somebody(node, "drafter"), one.row.digest)
    program = replace(somebody(node, "program"), kind="service")
    with pytest.raises(PeopleOnly):
        approve_release(node.register, program, one.row.digest)


def test_a_newer_frozen_release_supersedes_the_one_before_it(five: Net) -> None:
    give_all(five, BY_TYPE, 2018)
    node = five[AW]
    first = freeze(node, draft(node, BY_TYPE, period="2018"))
    record(five[BQ], [("CITIZEN", "EMAIL", "HT")] * 7, year=2018, mark="late")
    give(five[BQ], BY_TYPE, "2018")
    exchange(five)
    second = freeze(node, draft(node, BY_TYPE, period="2018"))
    assert second.release.revision == first.release.revision + 1
    old = read_release(node.register, somebody(node, "reader"), first.row.digest)
    assert (old.row.state, old.row.superseded_by) == ("superseded", second.row.digest)


def test_first_records_after_a_table_was_said_to_be_not_collected_come_five_at_a_time(five: Net) -> None:
    """R2: from nothing to one record, the new contribution would point at that record."""
    sx = five.nodes[SX]
    none_yet = give(sx, BY_TYPE, "2001")
    assert none_yet.contribution.grain is Grain.NOT_COLLECTED
    record(sx, [("CITIZEN", "EMAIL", "HT")] * 4, year=2001, mark="four")
    with pytest.raises(RuleSaysNo, match="2001"):
        give(sx, BY_TYPE, "2001")
    record(sx, [("CITIZEN", "EMAIL", "HT")] * 2, year=2001, mark="two")
    assert give(sx, BY_TYPE, "2001").contribution.revision == 1


def test_a_table_that_is_not_for_the_public_is_refused_with_its_rule(told: Net) -> None:
    with pytest.raises(RuleSaysNo):
        draft(told[AW], BY_TYPE, Tier.OWNER)


def test_the_ledger_is_the_same_on_every_node(told: Net) -> None:
    views = [read_ledger(told[c].register, somebody(told[c], "reader")).ledger for c in FIVE]
    assert len({repr((v.contributions, v.facts)) for v in views}) == 1
    assert len(views[0].contributions) == 10
    assert Grain.FULL in {c.grain for _, c in views[0].contributions}
