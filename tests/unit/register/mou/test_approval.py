"""An approval counts for the record, the purpose and the countries that it names, and for no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from register.mou.rules.approval import ApprovalCode, Leaving, why_not
from register.mou.rules.gate import Gate, Keeper
from schemas.canonical import b64
from schemas.codes import Partition, Purpose
from schemas.exchange.wire import GateApproval, KeyState, NodeKey

CW, NL, SX = Partition.CW, Partition.NL, Partition.SX
GIVEN = date(2026, 3, 1)
EXTRACT = "01900000-0000-7000-8000-000000000001"
CONTENT = b64(bytes(32))
KEEPER = Keeper(name="The prosecutor", task="PROSECUTE", kind="prosecution")
GATE = Gate(keeper=KEEPER, second=KEEPER, always=True, two_persons=True, signed=True)
KEY = NodeKey(
    kid="BQ-approve-1", country=Partition.BQ, use="approve", x=CONTENT, state=KeyState.ACTIVE, organisation="BQ-OM",
    kind="prosecution",
)  # fmt: skip
LEAVING = Leaving(Partition.BQ, EXTRACT, CONTENT, Purpose.INVESTIGATE, frozenset({NL}))


def code_of(*recipients: Partition, leaving: Leaving = LEAVING, today: date = GIVEN) -> ApprovalCode | None:
    approval = GateApproval(
        approval="01900000-0000-7000-8000-000000000002", keeper="BQ-OM", task="PROSECUTE", actor="0" * 32,
        object=EXTRACT, content=CONTENT, purpose=Purpose.INVESTIGATE, recipients=recipients, given=GIVEN,
        expires=GIVEN + timedelta(days=9),
    )  # fmt: skip
    return why_not(approval, KEY, leaving, GATE, today=today, given_by=GIVEN)


@pytest.mark.parametrize(
    ("to", "named", "code"),
    [
        ({NL}, (NL,), None),
        ({NL}, (CW, NL), None),
        ({CW, NL}, (CW, NL), None),
        ({CW, NL}, (NL,), ApprovalCode.RECIPIENT),
        ({CW}, (NL, SX), ApprovalCode.RECIPIENT),
        (set(), (NL,), ApprovalCode.RECIPIENT),
    ],
)
def test_an_approval_names_every_country_that_the_record_is_for(
    to: set[Partition], named: tuple[Partition, ...], code: ApprovalCode | None
) -> None:
    assert code_of(*named, leaving=replace(LEAVING, to=frozenset(to))) is code


def test_an_approval_counts_on_its_last_day_and_not_on_the_next() -> None:
    assert code_of(NL, today=GIVEN + timedelta(days=9)) is None
    assert code_of(NL, today=GIVEN + timedelta(days=10)) is ApprovalCode.EXPIRED
