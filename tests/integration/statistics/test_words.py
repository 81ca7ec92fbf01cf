"""What a partner may say about statistics: its own, signed, once; and nothing else is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from register.domain.access.alarm import ALONE_FROM
from register.domain.access.caller import Task
from register.services.access.oversee_asking import list_alarms
from register.services.statistics.asked import RuleSaysNo
from register.services.statistics.statements.contribute import contribute
from register.services.statistics.statements.facts import list_facts, publish_fact
from register.services.statistics.statements.send_words import send_words
from register.services.statistics.statements.words import entry_of
from register.statistics.release.release import Marker
from register.store.exchange.drafts import Said
from schemas import canonical
from schemas.codes import AlarmKind, EntryType, Partition
from schemas.statistics.entry import CONTRIBUTION_TYP, STATISTICS_SCHEMA, StatementKind, StatisticsEntry, encode_entry
from tests.integration.exchange.looking import rows, verdicts
from tests.integration.exchange.net import Net, Node
from tests.integration.statistics.scene import (
    AW,
    BQ,
    BY_SOURCE,
    BY_TYPE,
    CW,
    NL,
    SX,
    draft,
    exchange,
    freeze,
    give,
    record,
    somebody,
)


def say(node: Node, entry: StatisticsEntry, *, to: Partition = AW) -> None:
    """Tell a partner, whatever it is."""
    said = Said(EntryType.STATISTICS, STATISTICS_SCHEMA, encode_entry(entry), live=True)
    node.say(node.register.clock.new_id(), {to: said})


def signed(node: Node, kind: StatementKind, document: Mapping[str, Any]) -> StatisticsEntry:
    """A word that a node signs, whatever it says."""
    signature = node.register.keys.sign_beside(canonical.dumps(dict(document)), CONTRIBUTION_TYP)
    return StatisticsEntry(kind=kind, document=dict(document), signature=signature)


def own(node: Node) -> StatisticsEntry:
    """The node's contribution by type, as it travels."""
    return entry_of(StatementKind.CONTRIBUTION, give(node, BY_TYPE).row)


def deliver(five: Net, origin: Partition) -> list[str]:
    """Append and pull; the codes in Aruba's quarantine."""
    five[origin].append()
    five[AW].pull_all(origin)
    with five[AW].register.work(five[AW].caller()) as work:
        return [row.code for row in work.exchange.received.quarantined(origin, 1)]


def kept(five: Net, country: Partition = AW) -> list[dict[str, Any]]:
    """What a country keeps of contributions, own ones included."""
    return rows(five, f"SELECT * FROM rtr.contribution WHERE country = '{country}' ORDER BY origin, number")


def test_a_contribution_arrives_signed_as_it_was_made(five: Net) -> None:
    made = give(five[CW], BY_TYPE)
    exchange(five)
    for country in (AW, SX, NL):
        (row,) = kept(five, country)
        assert (row["origin"], row["body"], row["signature"]) == ("CW", made.row.body, made.row.signature)
    assert verdicts(five, AW, CW) == ["held"]
    assert not rows(five, "SELECT 1 FROM rtr.received_record WHERE country = 'AW'")


def test_the_same_contribution_again_changes_nothing(five: Net) -> None:
    entry = own(five[CW])
    exchange(five)
    say(five[CW], entry)
    assert deliver(five, CW) == []
    assert len(kept(five)) == 1
    assert send_words(five[CW].register) == 0


@pytest.mark.parametrize("mark", ["mark", "sha256(mark)"])
def test_no_draft_that_the_log_in_of_the_pages_writes_keeps_a_contribution_untold(five: Net, mark: str) -> None:
    made = give(five[CW], BY_TYPE)
    say(five[CW], own(five[CW]))
    forged = (
        "INSERT INTO rtr.draft (country, id, partner, object, version, type, schema, commitment, content_hash, "
        "mark, made_at) SELECT country, gen_random_uuid(), partner, :o, version, type, schema, commitment, "
        f"content_hash, {mark}, made_at FROM rtr.draft WHERE type = 'statistics'"
    )
    with five[CW].register.database.transaction("api") as connection:
        assert connection.execute(sa.text(forged), {"o": made.row.object}).rowcount == 1
    assert send_words(five[CW].register) == 4
    assert send_words(five[CW].register) == 0


def test_another_table_under_the_same_revision_is_quarantined_and_the_first_stays(five: Net) -> None:
    entry = own(five[CW])
    exchange(five)
    other = signed(five[CW], entry.kind, entry.document | {"total": 0, "cells": [[0], [0], [0]]})
    say(five[CW], other)
    assert deliver(five, CW) == ["drawn-again"]
    (row,) = kept(five)
    assert row["digest"] == give(five[CW], BY_TYPE).row.digest


def test_two_tables_under_one_revision_in_one_page_are_told_apart(five: Net) -> None:
    entry = own(five[CW])
    other = signed(five[CW], entry.kind, entry.document | {"total": 0, "cells": [[0], [0], [0]]})
    say(five[CW], entry)
    say(five[CW], other)
    assert deliver(five, CW) == ["drawn-again"]
    assert len(kept(five)) == 1


def test_a_contribution_that_was_changed_on_its_way_is_quarantined(five: Net) -> None:
    entry = own(five[CW])
    say(five[CW], entry.model_copy(update={"document": entry.document | {"revision": 1}}))
    assert deliver(five, CW) == ["bad-signature"]
    assert kept(five) == []


def test_nobody_passes_on_what_another_country_signed(five: Net) -> None:
    say(five[SX], own(five[CW]))
    assert deliver(five, SX) == ["signed-by-another"]
    assert kept(five) == []


def test_nobody_speaks_for_another_country(five: Net) -> None:
    entry = own(five[CW])
    say(five[SX], signed(five[SX], entry.kind, entry.document))
    assert deliver(five, SX) == ["foreign-contribution"]
    assert kept(five) == []


@pytest.mark.parametrize(
    "change",
    [
        {"exact": [[5], [2], [9]]},
        {"total": 17},
        {"base": 2},
        {"salt": ""},
        {"period": {"year": 2023, "quarter": None, "years": 0}},
        {"period": {"year": 10**9, "quarter": None, "years": 1}},
        {"table": "x" * 4_000},
        {"table": "nul\x00"},
        {"revision": 2**40},
        {"total": 3 * 10**12, "cells": [[3 * 10**12], [0], [0]]},
        {"shown": {"W": {"grain": "full", "instead": {"exact": 5}}, "P": {"grain": "withheld", "instead": None}}},
        {"rows": ["HT", "MS", "REST"]},
        {"base": 1},
    ],
    ids=[
        "a member more",
        "not rounded",
        "no base",
        "no salt",
        "no period",
        "no year",
        "a long name",
        "a name with a zero",
        "no revision",
        "no count",
        "no table name",
        "rows of no such table",
        "exact figures",
    ],
)
def test_what_our_rules_cannot_have_made_is_quarantined(five: Net, change: dict[str, Any]) -> None:
    entry = own(five[CW])
    say(five[CW], signed(five[CW], entry.kind, entry.document | change))
    assert deliver(five, CW) == ["contribution-refused"]
    assert kept(five) == []


def test_a_fifth_table_of_one_period_is_quarantined(five: Net) -> None:
    entry = own(five[CW])
    say(five[CW], signed(five[CW], entry.kind, entry.document | {"revision": 4}))
    assert deliver(five, CW) == ["too-many-revisions"]
    assert kept(five) == []


@pytest.mark.parametrize(
    "wrong",
    [{"rows": ["HT", "MS", "REST"]}, {"base": 1}, {"revision": 4}, {"ruleset": "regional/0"}, {"catalogue": "0"}],
    ids=["other rows", "exact figures", "too many revisions", "an older rule set", "an older definition"],
)
def test_one_partners_word_stops_the_table_for_nobody(five: Net, wrong: dict[str, Any]) -> None:
    entry = own(five[CW])
    say(five[CW], signed(five[CW], entry.kind, entry.document | wrong))
    for country in (AW, SX, NL, BQ):
        give(five[country], BY_TYPE)
    deliver(five, CW)
    for country in (SX, NL, BQ):
        send_words(five[country].register)
        assert deliver(five, country) == []
    done = freeze(five[AW], draft(five[AW], BY_TYPE))
    assert [signed.country for signed in done.release.contributions] == [AW, BQ, NL, SX]
    assert {cell.marker for cell in done.release.figures("CW")} == {Marker.NOT_REPORTED}
    assert ("made-by-other-rules" in {why["code"] for why in done.row.withheld}) == bool(
        {"ruleset", "catalogue"} & set(wrong)
    )


def test_a_quarantined_word_is_taken_once_it_may_be(five: Net) -> None:
    """Looking again judges it anew; nothing was kept of it before."""
    entry = own(five[CW])
    place = -40
    other = "B" if entry.signature[place] == "A" else "A"
    changed = entry.signature[:place] + other + entry.signature[place + 1 :]
    say(five[CW], entry.model_copy(update={"signature": changed}))
    assert deliver(five, CW) == ["bad-signature"]
    assert five[AW].receiver.look_again(CW, not_since=0) == 0
    assert kept(five) == []
    say(five[CW], entry)
    assert deliver(five, CW) == ["bad-signature"]
    assert len(kept(five)) == 1


def test_a_published_figure_is_printed_exact_on_every_node_and_its_correction_counts(five: Net) -> None:
    node = five[NL]
    who = somebody(node, "counter")
    for value in (39, 40):
        publish_fact(
            node.register, who, population="notifications", period="2023", where={}, value=value, source="Made up."
        )
    for one in five.nodes.values():
        give(one, BY_TYPE)
    exchange(five)
    for country in (AW, SX):
        told = list_facts(five[country].register, somebody(five[country], "reader"))
        assert [(f.fact.country, f.fact.value, f.number) for f, _ in told] == [(NL, 40, 1)]
        total = draft(five[country], BY_TYPE).release.figures("NL")[-1]
        assert (total.value, total.marker) == (40, "as-published")


def test_a_country_publishes_its_own_figures_only(five: Net) -> None:
    publish_fact(
        five[NL].register, somebody(five[NL], "counter"),
        population="notifications", period="2023", where={}, value=40, source="Made up.",
    )  # fmt: skip
    with five[NL].register.work(five[NL].caller()) as work:
        entry = entry_of(StatementKind.FACT, work.statistics.statements.all(StatementKind.FACT)[0])
    say(five[SX], signed(five[SX], StatementKind.FACT, entry.document))
    assert deliver(five, SX) == ["foreign-contribution"]


def test_a_revision_needs_five_changed_records_and_the_same_figures_make_no_new_one(five: Net) -> None:
    node = five[SX]
    record(node, [("CITIZEN", "EMAIL", "HT")] * 12, year=2017)
    first = give(node, BY_TYPE, "2017")
    assert (first.is_new, first.contribution.revision) == (True, 0)
    again = give(node, BY_TYPE, "2017")
    assert (again.is_new, again.row.digest) == (False, first.row.digest)
    record(node, [("CITIZEN", "EMAIL", "HT")] * 2, year=2017, mark="two")
    with pytest.raises(RuleSaysNo) as refused:
        give(node, BY_TYPE, "2017")
    assert [r["code"] for r in refused.value.details["refusals"]] == ["revision-too-small"]
    assert [r["rule"] for r in refused.value.details["refusals"]] == ["R2"]
    record(node, [("CITIZEN", "EMAIL", "HT")] * 3, year=2017, mark="three")
    assert give(node, BY_TYPE, "2017").contribution.revision == 1


def test_all_tables_of_a_population_are_drawn_from_the_records_of_one_day(five: Net) -> None:
    """C37: one record more after the first table, and its sister would have shown it."""
    node = five[BQ]
    record(node, [("CITIZEN", "EMAIL", "HT")] * 9, year=2014)
    kind = give(node, BY_TYPE, "2014").contribution
    record(node, [("CITIZEN", "PHONE", "HT")], year=2014, mark="late")
    channel = give(node, "notifications-by-channel", "2014").contribution
    assert (kind.total, channel.total) == (9, 9)
    assert channel.table is None or dict(zip(channel.table.rows, channel.table.row_totals, strict=True))["PHONE"] == 0
    with pytest.raises(RuleSaysNo):
        give(node, "notifications-by-channel", "2014")


def test_a_revision_revises_all_tables_of_the_population_or_none(five: Net) -> None:
    node = five[NL]
    record(node, [("CITIZEN", "EMAIL", "HT")] * 12, year=2014)
    for table in (BY_TYPE, "notifications-by-channel"):
        assert give(node, table, "2014").contribution.revision == 0
    record(node, [("CITIZEN", "EMAIL", "HT")], year=2014, mark="one")
    for table in (BY_TYPE, "notifications-by-channel"):
        with pytest.raises(RuleSaysNo, match="2014") as refused:
            give(node, table, "2014")
        assert [r["code"] for r in refused.value.details["refusals"]] == ["revision-too-small"]
    record(node, [("CITIZEN", "EMAIL", "HT")] * 6, year=2014, mark="six")
    made = give(node, BY_TYPE, "2014")
    assert [(one.contribution.table_id, one.contribution.revision) for one in made.revised] == [
        ("notifications-by-channel", 1)
    ]
    assert made.revised[0].contribution.total == made.contribution.total
    assert not give(node, "notifications-by-channel", "2014").is_new


def test_one_person_who_contributes_period_after_period_with_nobody_else_rings_for_the_privacy_officer(
    five: Net,
) -> None:
    """Nobody else looks at what one country makes of its counts before it is sent."""
    node = five[CW]
    officer = somebody(node, "officer", Task.PRIVACY)

    def rung() -> list[tuple[str | None, int]]:
        every = list_alarms(node.register, officer, acknowledged=None, cursor=None, limit=50).items
        return [(one.actor, one.times) for one in every if one.kind is AlarmKind.CONTRIBUTED_ALONE]

    for year in range(2010, 2010 + ALONE_FROM - 1):
        give(node, BY_TYPE, str(year))
        give(node, BY_SOURCE, str(year))
    assert rung() == []
    contribute(node.register, somebody(node, "colleague"), BY_TYPE, "2014")
    for year in range(2015, 2015 + ALONE_FROM - 1):
        give(node, BY_TYPE, str(year))
    assert rung() == [], "a colleague made one between them"
    give(node, BY_TYPE, "2019")
    assert rung() == [("counter", 1)]
    give(node, BY_TYPE, "2019")
    assert rung() == [("counter", 1)], "what stands is no contribution"
