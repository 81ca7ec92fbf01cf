"""What every engine must do for us, run on osmem and on real nodes alike (search.md 2, 3 and 6).

On an older version the suite runs `each_version` only: every request of ours once, and what is refused, since words
and answers are what versions may differ in. How those are put together is the same code on each; the long form runs
it all.
"""

from __future__ import annotations

import base64
import itertools
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from register.search.compiler import Scope
from register.search.engine import Engine, EngineSettings
from register.search.errors import EngineRefused, EngineUnavailable, IndexMissing
from register.search.feeding.changes import Change, Put, Remove, TokenEntry, Verdict
from register.search.index import SearchIndex
from register.search.mapping import record_body
from register.search.names import Kind, index_name
from rtr_trial.embedded.engines.opensearch import EmbeddedOpenSearch
from schemas.codes import Partition
from tests.integration.search.engine.builders import AW, CW, SX, a_put, a_record, an_id, token
from tests.integration.search.engine.conftest import PEPPERS, MakeIndex
from tests.integration.search.engine.engines import Server
from tests.integration.search.engine.probes import InterruptedEngine, dump, found, refresh, seen


def _verdicts(index: SearchIndex, *changes: Change) -> list[Verdict]:
    return [outcome.verdict for outcome in index.apply(changes)]


# -- documents


@pytest.mark.each_version
@pytest.mark.parametrize("kind", list(Kind))
def test_a_field_that_the_mapping_does_not_name_is_refused(kind: Kind, index: SearchIndex, engine: Engine) -> None:
    name = index_name(index.host, AW, kind, 1, 1)

    with pytest.raises(EngineRefused) as refused:
        engine.call("PUT", f"/{name}/_doc/1", {"narrative": "anything"})
    assert refused.value.details["type"] == "strict_dynamic_mapping_exception"


@pytest.mark.each_version
def test_a_record_is_held_field_by_field_as_it_was_given(index: SearchIndex, engine: Engine) -> None:
    assert _verdicts(index, a_put(1, version=3)) == [Verdict.APPLIED]

    ((_, source),) = dump(engine, "rtr-cw-aw-record-*").values()
    expected = record_body(AW, 3, a_record())
    assert source == {name: list(value) if isinstance(value, tuple) else value for name, value in expected.items()}


@pytest.mark.each_version
def test_a_document_that_the_engine_refuses_is_a_dead_letter_and_the_others_go_through(index: SearchIndex) -> None:
    bad = a_put(1, [1], record=a_record(period_from="the spring of 2026"))

    dead, fine = index.apply([bad, a_put(2, [2])])

    assert (dead.verdict, fine.verdict) == (Verdict.DEAD, Verdict.APPLIED)
    assert dead.reason
    assert "spring" not in dead.reason
    assert (found(index, 1), found(index, 2)) == (0, 1)


def test_no_document_holds_a_raw_token_in_any_spelling(index: SearchIndex, engine: Engine) -> None:
    index.apply([a_put(1, [1, 2])])

    everything = repr(dump(engine))
    assert PEPPERS.peppered(token(1)) in everything  # the look itself works
    for raw in (token(1), token(2)):
        for spelling in (raw.hex(), base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
            assert spelling.rstrip("=") not in everything
            assert spelling.rstrip("=").upper() not in everything.upper()


def test_a_token_document_does_not_name_its_record(index: SearchIndex, engine: Engine) -> None:
    index.apply([a_put(1, [1])])

    assert str(an_id(1)) in repr(dump(engine, "rtr-*-record-*"))
    assert str(an_id(1)) not in repr(dump(engine, "rtr-*-token-*"))


# -- versions


@pytest.mark.each_version
def test_an_older_version_never_overwrites_a_newer_one(index: SearchIndex) -> None:
    assert _verdicts(index, a_put(1, [2], version=2)) == [Verdict.APPLIED]
    assert _verdicts(index, a_put(1, [1], version=1)) == [Verdict.SUPERSEDED]
    assert (found(index, 1), found(index, 2)) == (0, 1)


@pytest.mark.each_version
def test_a_new_version_removes_exactly_the_tokens_that_are_gone(index: SearchIndex) -> None:
    index.apply([a_put(1, [1, 2]), a_put(2, [1, 2])])
    index.apply([a_put(1, [2, 3], version=2)])

    assert [found(index, number) for number in (1, 2, 3)] == [1, 2, 1]
    assert index.count_tokens(AW) == 4


def test_a_token_that_left_and_came_back_is_found(index: SearchIndex) -> None:
    for version, tokens in enumerate(([1], [2], [1, 2]), start=1):
        assert _verdicts(index, a_put(1, tokens, version=version)) == [Verdict.APPLIED]

    assert (found(index, 1), found(index, 2)) == (1, 1)


def test_a_replay_changes_nothing(index: SearchIndex, engine: Engine) -> None:
    newer = a_put(1, [2, 4], version=2)
    history: list[Change] = [a_put(1, [1, 2]), a_put(2, [3]), newer, Remove(AW, an_id(2), 2), a_put(3, [5])]
    for change in history:
        index.apply([change])
    before = dump(engine)

    verdicts = [verdict for change in history for verdict in _verdicts(index, change)]

    assert dump(engine) == before
    assert Verdict.APPLIED not in verdicts
    assert verdicts[-1] is Verdict.UNCHANGED


def test_any_order_of_changes_ends_the_same(make_index: MakeIndex, engine: Engine) -> None:
    puts = [a_put(1, [number, number + 1], version=version) for number, version in ((1, 1), (2, 2), (3, 4))]
    changes: list[Change] = [*puts, Remove(AW, an_id(1), 3)]
    expected = {PEPPERS.peppered(token(number)) for number in (3, 4)}

    for order, host in zip(itertools.islice(itertools.permutations(changes), 0, None, 5), Partition, strict=True):
        index = make_index(host, AW)
        for change in order:
            index.apply([change])
        refresh(engine)
        live = {s["t"] for _, s in dump(engine, f"rtr-{host.lower()}-aw-token-*").values() if "t" in s}
        assert live == expected, order
        assert index.count(AW) == 1


@pytest.mark.parametrize("second", ["put", "remove"])
def test_two_writers_in_each_others_way_end_as_the_newer_one_alone(
    second: str, index: SearchIndex, engine: Engine
) -> None:
    """The newer change happens before each request of the older one in turn, as a slow process would suffer it."""

    def newer(number: int) -> None:
        put = a_put(number, [2, 3], version=2)
        index.apply([put if second == "put" else Remove(AW, an_id(number), 2)])

    for number in itertools.count(1):
        slow_engine = InterruptedEngine(engine, number, partial(newer, number))
        slow = SearchIndex(index.host, slow_engine, PEPPERS)
        slow.apply([a_put(number, [1, 2])])
        slow.close()
        if slow_engine.requests < number:
            break  # the older writer was done before: every moment was tried
        assert [found(index, each) for each in (1, 2, 3)] == ([0, number, number] if second == "put" else [0, 0, 0])
    assert number > 4


def test_a_removal_beats_a_put_of_its_own_version(index: SearchIndex) -> None:
    index.apply([a_put(1, [1])])
    assert _verdicts(index, Remove(AW, an_id(1), 1)) == [Verdict.APPLIED]
    assert _verdicts(index, a_put(1, [1])) == [Verdict.SUPERSEDED]

    assert found(index, 1) == 0


def test_other_tokens_under_a_version_already_used_are_a_dead_letter(index: SearchIndex) -> None:
    index.apply([a_put(1, [1, 2], version=2)])

    (outcome,) = index.apply([a_put(1, [1], version=2)])

    assert (outcome.verdict, outcome.reason) == (Verdict.DEAD, "version-reused")


def test_of_several_changes_of_one_object_in_a_call_the_newest_counts(index: SearchIndex, engine: Engine) -> None:
    verdicts = _verdicts(index, a_put(1, [1]), a_put(1, [2], version=2), Remove(AW, an_id(2), 1), a_put(2, [3]))
    refresh(engine)

    assert verdicts == [Verdict.SUPERSEDED, Verdict.APPLIED, Verdict.APPLIED, Verdict.SUPERSEDED]
    assert [found(index, number) for number in (1, 2, 3)] == [0, 1, 0]


# -- gone


def test_a_removed_object_leaves_tombstones_that_no_search_finds(index: SearchIndex, engine: Engine) -> None:
    index.apply([a_put(1, [1, 2])])
    assert _verdicts(index, Remove(AW, an_id(1), 2)) == [Verdict.APPLIED]

    assert (found(index, 1), found(index, 2), index.count(AW), index.count_tokens(AW)) == (0, 0, 0, 0)
    assert len(dump(engine)) == 3
    assert PEPPERS.peppered(token(1)) not in repr(dump(engine))


@pytest.mark.each_version
def test_gone_is_confirmed_only_when_nothing_is_left(index: SearchIndex) -> None:
    index.apply([a_put(1, [1]), a_put(2, [1])])
    assert not index.confirm_gone(AW, an_id(1))

    index.apply([Remove(AW, an_id(1), 2)])

    assert index.confirm_gone(AW, an_id(1))
    assert not index.confirm_gone(AW, an_id(2))
    assert index.confirm_gone(AW, an_id(99))


def test_a_stray_token_of_a_removed_object_is_seen(index: SearchIndex, engine: Engine) -> None:
    """The confirmation rests on a look, not on what was written: here somebody wrote past the feeder."""
    index.apply([a_put(1, [1])])
    ((_, stray),) = dump(engine, "rtr-cw-aw-token-*").values()
    index.apply([Remove(AW, an_id(1), 2)])
    engine.call("PUT", f"/{index_name(CW, AW, Kind.TOKEN, 1, 1)}/_doc/stray", stray)

    assert not index.confirm_gone(AW, an_id(1))


@pytest.mark.each_version
def test_tombstones_are_purged_by_day_and_live_documents_stay(index: SearchIndex, engine: Engine) -> None:
    index.apply([a_put(1, [1, 2]), a_put(2, [3])])
    index.apply([Remove(AW, an_id(1), 2)])
    today = datetime.now(UTC).date()

    assert index.purge(AW, before=today - timedelta(days=1)) == 0
    assert index.purge(AW, before=today + timedelta(days=1)) == 3
    assert len(dump(engine)) == 2
    assert found(index, 3) == 1


# -- questions


@pytest.mark.each_version
def test_a_hit_names_its_token_and_the_handle_that_the_store_keeps(index: SearchIndex, engine: Engine) -> None:
    entries = (TokenEntry(1, "phone", 4, token(1)), TokenEntry(1, "p1", 4, token(2)), TokenEntry(2, "p1", 4, token(3)))
    index.apply([Put(AW, an_id(1), 1, a_record(), entries)])
    refresh(engine)

    (answer,) = index.match(Scope(CW, (AW,)), [token(3), token(1), token(9)])

    assert [(hit.token, hit.family, hit.epoch, hit.handle) for hit in answer.hits] == [
        (token(3), "p1", 4, PEPPERS.handle(AW, an_id(1), 2, ["p1"])),
        (token(1), "phone", 4, PEPPERS.handle(AW, an_id(1), 1, ["p1", "phone"])),
    ]
    assert answer.totals == {token(3): 1, token(1): 1, token(9): 0}


@pytest.mark.each_version
def test_a_common_token_is_counted_and_pushes_out_no_rare_hit(index_of_two: SearchIndex, engine: Engine) -> None:
    many = [a_put(number, [1]) for number in range(1, 101)]
    index_of_two.apply([*many, a_put(200, [1, 2]), a_put(300, [1, 3], origin=SX)])
    refresh(engine)

    aruba, sint_maarten = index_of_two.match(Scope(CW, (AW, SX)), [token(1), token(2), token(3)])

    assert aruba.totals == {token(1): 101, token(2): 1, token(3): 0}
    assert [hit.token for hit in aruba.hits].count(token(1)) == 26
    assert [hit.token for hit in aruba.hits].count(token(2)) == 1
    assert [hit.token for hit in sint_maarten.hits] == [token(1), token(3)]


def test_only_the_origins_of_the_scope_are_read(index_of_two: SearchIndex, engine: Engine) -> None:
    index_of_two.apply([a_put(1, [1], origin=AW), a_put(2, [1], origin=SX)])
    refresh(engine)

    (answer,) = index_of_two.match(Scope(CW, (SX,)), [token(1)])

    assert [hit.handle for hit in answer.hits] == [PEPPERS.handle(SX, an_id(2), 1, ["phone"])]
    assert [found(index_of_two, 1, *origins) for origins in ((AW,), (AW, SX))] == [1, 2]


def test_hosts_on_one_engine_see_nothing_of_each_other(make_index: MakeIndex) -> None:
    curacao, aruba = make_index(CW, SX), make_index(AW, SX)
    curacao.apply([a_put(1, [1], origin=SX)])

    assert (found(curacao, 1, SX), found(aruba, 1, SX)) == (1, 0)
    assert aruba.confirm_gone(SX, an_id(1))


@pytest.mark.each_version
def test_a_country_without_an_index_is_not_computed_and_the_others_are(index: SearchIndex, engine: Engine) -> None:
    index.apply([a_put(1, [1])])
    refresh(engine)

    aruba, netherlands = index.match(Scope(CW, (AW, Partition.NL)), [token(1)])

    assert (aruba.computed, len(aruba.hits)) == (True, 1)
    assert (netherlands.computed, netherlands.reason) == (False, "index_not_found_exception")


# -- the house


@pytest.mark.each_version
def test_preparing_again_changes_nothing(index_of_two: SearchIndex, engine: Engine) -> None:
    index_of_two.apply([a_put(1, [1])])
    before = dump(engine)

    assert index_of_two.prepare([AW, SX]) == ()
    assert dump(engine) == before


@pytest.mark.each_version
def test_a_change_for_an_origin_that_was_never_prepared_is_an_error_and_makes_no_index(
    index: SearchIndex, engine: Engine
) -> None:
    with pytest.raises(IndexMissing):
        index.apply([a_put(1, [1], origin=Partition.NL)])
    assert engine.call("GET", "/rtr-cw-nl-*/_alias") == {}


@pytest.mark.each_version
def test_the_engine_says_how_it_is(index: SearchIndex, server: Server) -> None:
    health = index.health()

    assert health.reachable
    assert health.version == server.version
    assert health.status in {"green", "yellow"}


def test_an_address_where_nobody_answers_is_an_operators_error() -> None:
    nobody = SearchIndex(CW, EngineSettings(url="http://127.0.0.1:9", timeout_s=1.0), PEPPERS)

    with pytest.raises(EngineUnavailable):
        nobody.count(AW)
    assert not nobody.health().reachable
    nobody.close()


# -- the real node only: osmem shows a document at once, and forgets everything when it ends


@pytest.mark.each_version
@pytest.mark.real_engine
def test_a_document_is_not_seen_before_the_refresh(index: SearchIndex, engine: Engine) -> None:
    engine.call("PUT", "/rtr-cw-aw-*/_settings", {"index": {"refresh_interval": "-1"}})
    index.apply([a_put(1, [1])])
    assert seen(index, 1) == 0

    refresh(engine)
    assert seen(index, 1) == 1


@pytest.mark.real_engine
def test_a_removal_is_complete_although_its_tokens_were_not_seen_yet(index: SearchIndex, engine: Engine) -> None:
    engine.call("PUT", "/rtr-cw-aw-*/_settings", {"index": {"refresh_interval": "-1"}})
    index.apply([a_put(1, [1])])
    index.apply([Remove(AW, an_id(1), 2)])

    assert index.confirm_gone(AW, an_id(1))
    assert seen(index, 1) == 0


@pytest.mark.each_version
def test_a_submitter_who_waits_sees_his_own_write(index: SearchIndex) -> None:
    index.apply([a_put(1, [1])], wait=True)
    assert seen(index, 1) == 1


@pytest.mark.own_node
@pytest.mark.slow
def test_what_was_acknowledged_is_there_after_kill_9(index: SearchIndex, server: Server) -> None:
    assert isinstance(server, EmbeddedOpenSearch)
    index.apply([a_put(number, [number]) for number in range(1, 51)])
    index.apply([Remove(AW, an_id(50), 2)])

    server.kill()
    assert not index.health().reachable
    server.start()

    again = SearchIndex(CW, EngineSettings(url=server.url), PEPPERS)
    assert again.prepare([AW]) == ()
    assert (again.count(AW), again.count_tokens(AW)) == (49, 49)
    assert found(again, 49) == 1
    assert again.confirm_gone(AW, an_id(50))
    again.close()
