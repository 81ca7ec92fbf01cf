"""The appender: gapless and fenced, whatever runs beside it, and nothing lost when it stops half-way."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from register.domain.exchange.draft_marks import mark_of
from register.domain.exchange.log import LogHead
from register.services.exchange.checking.check_told import TOLD, check_told
from register.services.running.check_node import check_node
from register.store.exchange.drafts import Said
from register.store.exchange.log import ExchangeLog, Fenced
from schemas import canonical
from schemas.codes import AlarmKind, EntryType, Partition
from schemas.exchange.wire import SCHEMA_VERSION, encode_body
from sync.protocol.documents.stub import LogId
from sync.status import exchange_status
from tests.integration.exchange.bulk import draft_many
from tests.integration.exchange.extracts import an_extract
from tests.integration.exchange.looking import held, rows
from tests.integration.exchange.net import Net
from tests.support.clock import age_leases

AW, CW, SX = Partition.AW, Partition.CW, Partition.SX


def assert_gapless(net: Net, partner: Partition, entries: int) -> None:
    """The chain holds from its start, and every draft stands in it once."""
    reached = LogId(CW, partner).start().hash
    found = rows(net, "SELECT * FROM rtr.log_entry WHERE country = 'CW' AND partner = :p ORDER BY seq", p=partner)
    assert [row["seq"] for row in found] == list(range(1, entries + 1))
    for row in found:
        reached = canonical.entry_hash(reached, row["stub"])
        assert row["entry_hash"] == reached
    assert len({row["draft_id"] for row in found}) == entries
    numbered = rows(
        net,
        "SELECT count(*) AS n FROM rtr.draft d JOIN rtr.log_entry e ON e.country = d.country AND e.draft_id = d.id "
        "AND e.seq = d.appended_seq WHERE d.country = 'CW' AND d.partner = :p",
        p=partner,
    )
    assert numbered == [{"n": entries}]


def test_two_appenders_at_once_leave_no_gap_and_append_nothing_twice(trio: Net) -> None:
    for partner in (AW, SX):
        draft_many(trio[CW].register, partner, 400)
    failed: list[Exception] = []

    def run(owner: str) -> None:
        # Leases that end at once: only the fence in the heads keeps the two apart.
        appender = trio[CW].another_appender(owner, batch=20, lease_s=0.0)
        for _ in range(40):
            try:
                appender.turn()
            except Fenced:
                continue
            except Exception as error:  # noqa: BLE001 - handed to the test's own thread
                failed.append(error)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trio[CW].append()
    assert not failed
    for partner in (AW, SX):
        assert_gapless(trio, partner, 400)


def test_who_holds_no_lease_appends_nothing_until_it_ends_or_is_given_back(trio: Net) -> None:
    trio[CW].put(AW, number=1)
    first, second = (trio[CW].another_appender(name) for name in ("one", "two"))
    assert first.turn() == 1
    trio[CW].put(AW, number=2)
    assert second.turn() == 0
    with trio[CW].register.work(trio[CW].caller()) as work:
        age_leases(work._connection, 31)
    assert second.turn() == 1
    trio[CW].put(AW, number=3)
    assert first.turn() == 0
    second.close()
    assert first.turn() == 1
    assert_gapless(trio, AW, 3)


def test_an_appender_that_slept_past_its_lease_is_refused_by_the_log_itself(trio: Net) -> None:
    trio[CW].put(AW)
    empty = LogHead(1, 0, LogId(CW, AW).start().hash)
    with trio[CW].register.work(trio[CW].caller()) as work:
        old = work.exchange.log.lease("sleeper", 0.0)
    assert old is not None
    assert trio[CW].another_appender("another").turn() == 1
    with pytest.raises(Fenced), trio[CW].register.work(trio[CW].caller()) as work:
        work.exchange.log.lock_head(AW, empty, old)


def test_an_appender_that_dies_in_mid_batch_leaves_nothing_half_done(
    trio: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft_many(trio[CW].register, AW, 30)
    whole = ExchangeLog.append

    def dies(self: ExchangeLog, *args: object) -> None:
        whole(self, *args)  # type: ignore[arg-type]  # handed on
        raise KeyboardInterrupt

    monkeypatch.setattr(ExchangeLog, "append", dies)
    with pytest.raises(KeyboardInterrupt):
        trio[CW].appender.turn()
    assert not rows(trio, "SELECT 1 FROM rtr.log_entry WHERE country = 'CW'")
    assert not rows(trio, "SELECT 1 FROM rtr.draft WHERE appended_seq IS NOT NULL")
    monkeypatch.undo()
    assert trio[CW].append() == 30
    assert_gapless(trio, AW, 30)


def test_a_draft_committed_late_under_a_lower_id_is_appended_all_the_same(trio: Net) -> None:
    register, caller = trio[CW].register, trio[CW].caller()
    with register.work(caller) as early:
        early.exchange.drafts.say(
            register.clock.new_id(), _said(trio), keep_until=register.today(), alike=register.keys.fingerprint
        )
        late = trio[CW].put(AW, number=2)
        assert trio[CW].append() == 1
    assert trio[CW].append() == 1
    found = rows(trio, "SELECT object FROM rtr.draft WHERE country = 'CW' ORDER BY appended_seq")
    assert found[0]["object"] == late
    assert_gapless(trio, AW, 2)


def test_versions_of_one_object_keep_their_order_whatever_their_ids_say(trio: Net) -> None:
    about = trio[CW].put(AW, number=1)
    trio[CW].put(AW, number=2, about=about)
    trio[CW].retract(about, AW)
    other = trio[CW].put(AW, number=9)
    # The ids change places, as two processes within one millisecond may give them.
    found = rows(trio, "SELECT id, version FROM rtr.draft WHERE object = :o ORDER BY version", o=about)
    spare = trio[CW].register.clock.new_id()
    swaps = ((found[0]["id"], spare), (found[2]["id"], found[0]["id"]), (spare, found[2]["id"]))
    for old, new in swaps:
        rows(trio, "UPDATE rtr.draft SET id = :new WHERE id = :old", old=old, new=new)
    for row in rows(trio, "SELECT * FROM rtr.draft WHERE object = :o", o=about):
        mark = mark_of(trio[CW].register.keys.fingerprint, CW, row)
        rows(trio, "UPDATE rtr.draft SET mark = :mark WHERE id = :id", mark=mark, id=row["id"])
    assert trio[CW].another_appender("small", batch=1).turn() >= 1
    trio.clocks[CW].offset = timedelta(minutes=1)
    trio[CW].append()
    order = rows(trio, "SELECT object, version FROM rtr.draft WHERE country = 'CW' ORDER BY appended_seq")
    assert [row["version"] for row in order if row["object"] == about] == [1, 2, 3]
    assert other in {row["object"] for row in order}


def test_what_was_withdrawn_before_it_was_appended_travels_as_a_stub_without_its_body(trio: Net) -> None:
    about = trio[CW].put(AW)
    trio[CW].retract(about, AW)
    [put, _] = rows(trio, "SELECT * FROM rtr.draft WHERE object = :o ORDER BY version", o=about)
    assert (put["body_sealed"], put["salt_sealed"], put["data_key"]) == (None, None, None)
    trio[CW].append()
    with trio[CW].register.work(trio[CW].caller()) as work:
        entries, _ = work.exchange.log.entries(AW, 1, after=0, to=1, max_bytes=1 << 20)
    assert [(entry.body, entry.salt) for entry in entries] == [(None, None)], "also on a page of its own"
    assert_gapless(trio, AW, 2)


FORGED = """
INSERT INTO rtr.draft (country, id, partner, object, version, type, schema, commitment, content_hash, mark,
                       body_sealed, salt_sealed, data_key, made_at)
SELECT country, {id}, partner, {object}, {version}, {type}, schema, commitment, content_hash, mark,
       body_sealed, salt_sealed, data_key, made_at
FROM rtr.draft WHERE object = :o AND type = 'indicator.put'
"""
AS_IT_IS = {"id": "gen_random_uuid()", "object": "object", "version": "version", "type": "type"}


def as_the_pages(net: Net, statement: str, **values: object) -> None:
    """As whoever has stolen the log-in of the pages and the API."""
    with net[CW].register.database.transaction("api") as connection:
        connection.execute(sa.text(statement), values)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"object": "gen_random_uuid()"},
        {"version": "2147483647"},
        {"type": "'indicator.retract'", "version": "version + 1"},
        {"id": "'01900000-0000-7000-8000-000000000001'::uuid"},
    ],
    ids=["id", "object", "version", "retract", "id-of-a-kind"],
)
def test_draft_that_the_program_did_not_write_gets_no_number_rings_and_holds_up_nothing_behind_it(
    trio: Net, changed: dict[str, str]
) -> None:
    held_there, other = trio[CW].put(AW, number=1), trio[CW].put(AW, number=2)
    assert trio[CW].append() == 2
    as_the_pages(trio, FORGED.format(**AS_IT_IS | changed), o=other)
    trio[CW].retract(held_there, AW)
    trio[CW].put(AW, number=3, about=other)
    assert trio[CW].append() == 2
    assert_gapless(trio, AW, 4)
    assert trio[AW].pull_all(CW) == 4
    assert held(trio[AW], CW, held_there, other) == {other: "CW-2026-3"}
    (said,) = [one for one in check_node(trio[CW].register) if one.code == "log-damaged"]
    assert (said.about, said.detail.split()[0]) == (AW, "draft")
    with trio[CW].register.work(trio[CW].caller()) as work:
        assert "draft" in work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)


def test_more_forged_drafts_than_a_batch_holds_delay_what_is_behind_them_and_no_more(trio: Net) -> None:
    about = trio[CW].put(AW, number=1)
    early = FORGED.format(**AS_IT_IS | {"id": "('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid"})
    as_the_pages(trio, early.replace("FROM rtr.draft", "FROM generate_series(1, 9) n, rtr.draft"), o=about)
    small = trio[CW].another_appender("small", batch=3)
    assert [small.turn() for _ in range(5)] == [0, 0, 0, 1, 0]
    assert_gapless(trio, AW, 1)


@pytest.mark.parametrize(
    ("column", "value"), [("mark", "''::bytea"), ("appended_seq", "1"), ("done_n", "3"), ("refused_at", "now()")]
)
def test_log_in_of_the_pages_writes_no_draft_without_a_mark_or_with_a_number(
    trio: Net, column: str, value: str
) -> None:
    about = trio[CW].put(AW, number=1)
    columns = {"mark": "sha256('')", column: value}
    statement = (
        f"INSERT INTO rtr.draft (country, id, partner, object, version, type, schema, commitment, made_at, "
        f"{', '.join(columns)}) SELECT country, gen_random_uuid(), partner, object, version, type, schema, commitment, "
        f"made_at, {', '.join(columns.values())} FROM rtr.draft WHERE object = :o"
    )
    with pytest.raises(ProgrammingError, match="row-level security"):
        as_the_pages(trio, statement, o=about)


ANOTHER_KEY = "UPDATE rtr.draft SET data_key = '01900000-0000-7000-8000-000000000001' WHERE object = :o"
OF_A_KEY = (
    "INSERT INTO rtr.data_key (country, id, kek, wrapped, made_at) SELECT k.country, "
    "'01900000-0000-7000-8000-000000000001', {kek}, {wrapped}, k.made_at FROM rtr.data_key k "
    "JOIN rtr.draft d ON d.data_key = k.id WHERE d.object = :o"
)


@pytest.mark.parametrize(
    "spoil",
    [
        ["UPDATE rtr.draft SET body_sealed = body_sealed || body_sealed WHERE object = :o"],
        ["UPDATE rtr.draft SET body_sealed = ''::bytea WHERE object = :o"],
        ["UPDATE rtr.draft SET body_sealed = salt_sealed, salt_sealed = body_sealed WHERE object = :o"],
        [ANOTHER_KEY],
        [OF_A_KEY.format(kek="k.kek", wrapped="k.wrapped"), ANOTHER_KEY],
        [OF_A_KEY.format(kek="k.kek", wrapped="''::bytea"), ANOTHER_KEY],
        [OF_A_KEY.format(kek="'none'", wrapped="k.wrapped"), ANOTHER_KEY],
    ],
    ids=["changed", "empty", "swapped", "no-key", "anothers-key", "empty-key", "key-of-no-month"],
)
def test_numbered_draft_whose_body_was_spoilt_goes_without_it_and_holds_up_no_removal_behind_it(
    trio: Net, spoil: list[str]
) -> None:
    about, spoilt = trio[CW].put(AW, number=1), trio[CW].put(AW, number=2)
    trio[CW].append()
    for statement in spoil:
        as_the_pages(trio, statement, o=spoilt)
    trio[CW].retract(about, AW)
    trio[CW].append()
    assert trio[AW].pull_all(CW) == 3
    assert held(trio[AW], CW, about, spoilt) == {}


def test_what_was_told_is_taken_back_whatever_somebody_writes_of_what_was_told(trio: Net) -> None:
    about = trio[CW].put(AW, number=1)
    trio[CW].append()
    trio[AW].pull_all(CW)
    forged = FORGED.format(**AS_IT_IS | {"type": "'indicator.retract'", "version": "version + 1"})
    as_the_pages(trio, forged, o=about)
    trio[CW].retract(about, AW)
    assert trio[CW].append() == 1
    trio[AW].pull_all(CW)
    assert held(trio[AW], CW, about) == {}


HIDDEN = {
    "put aside": "refused_at = now()",
    "with the number of another entry": "appended_inc = 1, appended_seq = 1",
    "with a number that no entry has": "appended_inc = 1, appended_seq = 54",
}


@pytest.mark.parametrize("how", HIDDEN)
def test_withdrawal_that_the_log_in_of_the_worker_hides_stays_open_rings_and_is_told_within_a_day(
    trio: Net, how: str
) -> None:
    about = trio[CW].put(AW, number=1)
    trio[CW].append()
    trio[AW].pull_all(CW)
    trio[CW].retract(about, AW)
    hide = f"UPDATE rtr.draft SET {HIDDEN[how]} WHERE type = 'indicator.retract' AND partner = 'AW'"
    with trio[CW].register.database.transaction("worker") as connection:
        connection.execute(sa.text(hide))
    assert trio[CW].append() == 0
    (status,) = [one for one in exchange_status(trio[CW].register).partners if one.partner is AW]
    assert status.sent.open_retracts == 1
    check_told(trio[CW].register, turn_s=60)
    with trio[CW].register.work(trio[CW].caller()) as work:
        assert TOLD in work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)
    assert trio[CW].append() == 1
    assert_gapless(trio, AW, 2)
    trio[AW].pull_all(CW)
    assert held(trio[AW], CW, about) == {}


def test_draft_that_the_log_has_gets_its_number_from_there_and_is_not_told_twice(trio: Net) -> None:
    trio[CW].put(AW, number=1)
    about = trio[CW].put(AW, number=2)
    trio[CW].append()
    trio[CW].retract(about, AW)
    trio[CW].append()
    with trio[CW].register.database.transaction("worker") as connection:
        connection.execute(
            sa.text("UPDATE rtr.draft SET appended_seq = 1 WHERE type = 'indicator.retract' AND object = :o"),
            {"o": about},
        )
    check_told(trio[CW].register, turn_s=60)
    trio[CW].append()
    told = rows(trio, "SELECT appended_seq, refused_at FROM rtr.draft WHERE object = :o ORDER BY version", o=about)
    assert [row["appended_seq"] for row in told] == [2, 3]


def _said(net: Net) -> dict[Partition, Said]:
    body = encode_body(an_extract(net[CW].register, AW))
    return {AW: Said(EntryType.INDICATOR_PUT, SCHEMA_VERSION, body, live=True)}
