"""What was known when a release was frozen is not taken back, and stays to be verified, whatever is said later."""

from __future__ import annotations

import pytest

from register.services.statistics.releases.releases import freeze_release, read_release
from register.services.statistics.releases.sources import SourceMissing, read_sources
from register.services.statistics.releases.stored import Held
from register.services.statistics.statements.facts import publish_fact
from register.statistics.catalogue import default_catalogue
from register.statistics.release.life import OlderRelease
from tests.integration.exchange.net import Net, Node
from tests.integration.statistics.scene import (
    AW,
    BQ,
    BY_TYPE,
    FIVE,
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


def revised(five: Net, year: int) -> tuple[Held, Held]:
    """Two drafts of Aruba: one of before Bonaire's revision, one with it."""
    give_all(five, BY_TYPE, year)
    before = draft(five[AW], BY_TYPE, period=str(year))
    record(five[BQ], [("CITIZEN", "EMAIL", "HT")] * 7, year=year, mark="late")
    give(five[BQ], BY_TYPE, str(year))
    exchange(five)
    return before, draft(five[AW], BY_TYPE, period=str(year))


def state(node: Node, one: Held) -> str:
    return read_release(node.register, somebody(node, "reader"), one.row.digest).row.state


def test_the_newer_of_two_drafts_supersedes_the_older_that_was_frozen_first(five: Net) -> None:
    before, after = revised(five, 2016)
    freeze(five[AW], before)
    freeze(five[AW], after)
    assert (state(five[AW], before), state(five[AW], after)) == ("superseded", "frozen")


def test_the_older_of_two_drafts_is_not_frozen_over_the_newer(five: Net) -> None:
    before, after = revised(five, 2015)
    freeze(five[AW], after)
    approve_both(five[AW], before)
    with pytest.raises(OlderRelease):
        freeze_release(five[AW].register, somebody(five[AW], "drafter"), before.row.digest)
    assert (state(five[AW], before), state(five[AW], after)) == ("approved", "frozen")


def test_a_country_that_joins_later_makes_a_newer_release_of_the_same_revision(five: Net) -> None:
    early = [country for country in FIVE if country is not SX]
    for country in early:
        give(five[country], BY_TYPE)
    exchange(five)
    without = freeze(five[AW], draft(five[AW], BY_TYPE))
    give(five[SX], BY_TYPE)
    exchange(five)
    whole = freeze(five[AW], draft(five[AW], BY_TYPE))
    assert whole.release.revision == without.release.revision
    assert state(five[AW], without) == "superseded"


def published(node: Node, value: int) -> None:
    """Say what the country has published as its total of 2023."""
    publish_fact(
        node.register,
        somebody(node, "counter"),
        population="notifications",
        period="2023",
        where={},
        value=value,
        source="Annual report, made up",
    )


def test_a_release_still_verifies_after_a_figure_that_it_printed_is_corrected(five: Net) -> None:
    for node in five.nodes.values():
        give(node, BY_TYPE)
    published(five[AW], 25)
    exchange(five)
    first = freeze(five[AW], draft(five[AW], BY_TYPE))
    published(five[AW], 24)
    exchange(five)
    second = freeze(five[AW], draft(five[AW], BY_TYPE))
    assert first.row.digest != second.row.digest
    assert verify(five[AW], first.row.digest).holds
    assert verify(five[AW], second.row.digest).holds
    assert state(five[AW], first) == "superseded"


def test_a_release_is_not_made_again_without_a_figure_that_it_names(five: Net) -> None:
    published(five[AW], 24)
    with five[AW].register.work(five[AW].caller()) as work:
        known = read_sources(work, default_catalogue())
    assert [fact.value for fact in known.ledger([row.digest for _, row in known.words]).facts] == [24]
    with pytest.raises(SourceMissing):
        known.ledger(["0" * 64])
