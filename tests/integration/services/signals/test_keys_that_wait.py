"""Keys that have no pseudonym yet: what they hold up, and what never waits for them.

What takes something back from partners leaves with what is known; what gives waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import amend_signal, reclassify_signal
from register.services.signals.read_signal import read_signal
from schemas.codes import EntryType, Partition
from schemas.exchange.evaluation import EvaluationAnswer, EvaluationRequest
from schemas.signals.changes import AmendIn, ReclassifyIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.told import drafts_of, live, share_all
from tests.support.world import World

AW, BQ, CW, NL, SX = Partition
WHY = "Weighed again."
PLATE = {"type": "PLATE", "value": "A-99901", "country": "AW"}
OTHER_PLATE = {"type": "PLATE", "value": "A-99902", "country": "AW"}


class Asked:
    """This country's evaluators, and a note of what partners were asked."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.asked: list[EvaluationRequest] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def ask(self, partner: Partition, request: EvaluationRequest) -> EvaluationAnswer:
        self.asked.append(request)
        answer: EvaluationAnswer = self._inner.ask(partner, request)
        return answer


@pytest.fixture
def away(two: World) -> Iterator[Callable[[], None]]:
    """Takes three evaluators away until the test is over."""
    yield lambda: two.down.update({BQ, NL, SX})
    two.down.clear()


@pytest.fixture
def shared(two: World, record: Record) -> SignalOut:
    """A report that Curaçao has."""
    made = record()
    share_all(two[AW])
    assert live(two[AW], made.id, CW) is not None
    return made


def amend(two: World, by: Caller, signal: SignalOut, **changes: Any) -> SignalOut:
    told = AmendIn.model_validate({"changes": changes, "reason": WHY})
    version = read_signal(two[AW], by, SignalId(signal.id)).version
    return amend_signal(two[AW], by, SignalId(signal.id), told, version=version)


def with_asked(register: Register) -> tuple[Register, Asked]:
    asked = Asked(register.evaluators)
    return replace(register, evaluators=asked), asked


# --- what takes back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "narrower",
    [{"visibility": "V3"}, {"single_approval": True}, {"handling": {"code": "H1"}}],
    ids=lambda one: next(iter(one)),
)
@pytest.mark.parametrize("selectors", [[PLATE], [OTHER_PLATE]], ids=["same keys", "another key"])
def test_what_an_amendment_narrows_is_drafted_with_it_though_no_evaluator_can_be_asked(
    two: World, unit: Caller, shared: SignalOut, away: Callable[[], None], narrower: dict[str, Any], selectors: Any
) -> None:
    before = drafts_of(two[AW], shared.id, CW)
    away()
    amend(two, unit, shared, selectors=selectors, **narrower)
    drafts = drafts_of(two[AW], shared.id, CW)
    assert len(drafts) > len(before)
    if "handling" not in narrower:
        assert drafts[-1].type == EntryType.INDICATOR_RETRACT
        assert live(two[AW], shared.id, CW) is None
    else:
        assert drafts[-1].body is not None
        assert drafts[-1].body["label"]["handling"]["code"] == "H1"


def test_an_approval_that_ends_with_the_type_is_taken_back_in_the_same_transaction(
    two: World, unit: Caller, shared: SignalOut, away: Callable[[], None]
) -> None:
    away()
    told = ReclassifyIn(signal_type="HT_MS", reason=WHY)
    reclassify_signal(two[AW], unit, SignalId(shared.id), told, version=1)
    found = live(two[AW], shared.id, CW)
    assert found is None or found["signal_type"] == "HT_MS"


def test_worker_takes_back_what_may_not_stay_though_keys_wait(
    two: World, unit: Caller, shared: SignalOut, away: Callable[[], None]
) -> None:
    """Whatever narrowed it: here the column alone, as another version of the house would leave it."""
    away()
    amend(two, unit, shared, selectors=[OTHER_PLATE])
    with two[AW].work(two.worker(AW)) as work:
        work.signals.set_columns(SignalId(shared.id), visibility="V3")
        work.outbox.add("pseudonymise", shared.id)
    share_all(two[AW])
    assert live(two[AW], shared.id, CW) is None
    assert read_signal(two[AW], unit, SignalId(shared.id)).pseudonyms == "pending"


def test_keys_that_wait_give_nothing_to_a_partner_that_has_nothing(
    two: World, record: Record, away: Callable[[], None]
) -> None:
    away()
    made = record()
    share_all(two[AW])
    assert [drafts_of(two[AW], made.id, partner) for partner in (BQ, CW, NL, SX)] == [[], [], [], []]


def test_trying_again_drafts_and_notes_nothing_twice(
    two: World, unit: Caller, shared: SignalOut, away: Callable[[], None]
) -> None:
    away()
    amend(two, unit, shared, selectors=[OTHER_PLATE])
    seen = []
    for _ in range(3):
        with two[AW].work(two.worker(AW)) as work:
            work.outbox.add("pseudonymise", shared.id)
        share_all(two[AW])
        seen.append((len(drafts_of(two[AW], shared.id, CW)), notes(two, shared)))
    assert seen[0] == seen[1] == seen[2]


def notes(two: World, signal: SignalOut) -> int:
    query = (
        f"SELECT count(*) FROM rtr.audit_leaf WHERE commitment->>'about' = '{signal.id}' AND action = 'signal.shared'"
    )
    with two[AW].database.transaction("auditor") as connection:
        return int(connection.exec_driver_sql(query).scalar_one())


# --- what is known is not asked again --------------------------------------------------------------------------------


def test_amendment_of_anything_but_keys_asks_no_evaluator_and_reaches_partners_without_them(
    two: World, unit: Caller, shared: SignalOut, away: Callable[[], None]
) -> None:
    before = live(two[AW], shared.id, CW)
    assert before is not None
    away()
    amend(two, unit, shared, urgency="DAY")
    register, asked = with_asked(two[AW])
    share_all(register)
    after = live(two[AW], shared.id, CW)
    assert asked.asked == []
    assert after is not None
    assert after["tokens"] == before["tokens"]
    assert read_signal(two[AW], unit, SignalId(shared.id)).pseudonyms == "done"


def test_amendment_asks_for_the_keys_that_are_new_and_for_no_other(two: World, unit: Caller, shared: SignalOut) -> None:
    before = live(two[AW], shared.id, CW)
    amend(two, unit, shared, selectors=[PLATE, OTHER_PLATE])
    register, asked = with_asked(two[AW])
    share_all(register)
    after = live(two[AW], shared.id, CW)
    assert before is not None
    assert after is not None
    assert {tuple(b.key_id for b in one.body.batches) for one in asked.asked} == {("plate/e1",)}
    assert {one.body.count for one in asked.asked} == {1}
    assert len(after["tokens"]) == len(before["tokens"]) + 1
