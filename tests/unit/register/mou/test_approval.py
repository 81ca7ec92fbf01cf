"""An approval counts for the record, the purpose and the countries that it names, and for no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from register.mou.rules.approval import ApprovalCode, Leaving, why_not
from register.mou.rules.gate import Classes, Gate, Keeper
from schemas.canonical import b64
from schemas.codes import LegalBasis, Partition, Purpose, Visibility
from schemas.exchange.wire import GateApproval, KeyState, NodeKey, RecordClass

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
LEAVING = Leaving(
    Partition.BQ, EXTRACT, CONTENT, Purpose.INVESTIGATE, frozenset({NL}), LegalBasis.WPG8, Visibility.V1, CONTENT,
    alone=False,
)  # fmt: skip


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


# --- of a class -----------------------------------------------------------------------------------------------------

CLASSES = Classes(
    bases=frozenset({LegalBasis.WPG8, LegalBasis.WPG9}), visibilities=frozenset({Visibility.V1, Visibility.V2}),
    days_max=90, source="Made up.", assumed=True,
)  # fmt: skip


def code_of_class(
    leaving: Leaving = LEAVING, gate: Gate | None = None, *, days: int = 9, **of: object
) -> ApprovalCode | None:
    whole = {"country": Partition.BQ, "legal_basis": LegalBasis.WPG8, "visibility": Visibility.V1, "edition": CONTENT}
    approval = GateApproval(
        approval="01900000-0000-7000-8000-000000000002", keeper="BQ-OM", task="PROSECUTE", actor="0" * 32,
        class_=RecordClass.model_validate(whole | of), purpose=Purpose.INVESTIGATE, recipients=(NL,), given=GIVEN,
        expires=GIVEN + timedelta(days=days),
    )  # fmt: skip
    gate = gate or GATE.model_copy(update={"classes": CLASSES})
    return why_not(approval, KEY, leaving, gate, today=GIVEN, given_by=GIVEN)


def test_an_approval_of_a_class_is_for_whatever_record_is_in_it() -> None:
    assert code_of_class() is None
    assert code_of_class(replace(LEAVING, object="01900000-0000-7000-8000-000000000009", content="")) is None


@pytest.mark.parametrize(
    "other",
    [
        {"owner": Partition.NL},
        {"legal_basis": LegalBasis.WPG9},
        {"visibility": Visibility.V2},
        {"edition": b64(bytes([1] * 32))},
    ],
)
def test_record_with_another_term_is_in_another_class(other: dict[str, object]) -> None:
    expected = ApprovalCode.COUNTRY if "owner" in other else ApprovalCode.CLASS
    assert code_of_class(replace(LEAVING, **other)) is expected  # type: ignore[arg-type]


def test_gate_takes_the_classes_that_its_edition_names_and_no_other() -> None:
    assert code_of_class(gate=GATE) is ApprovalCode.CLASS
    open_record = replace(LEAVING, visibility=Visibility.V0)
    assert code_of_class(open_record, visibility=Visibility.V0) is ApprovalCode.CLASS
    theme = replace(LEAVING, legal_basis=LegalBasis.WPG10A)
    assert code_of_class(theme, legal_basis=LegalBasis.WPG10A) is ApprovalCode.CLASS


def test_an_approval_of_a_class_runs_as_long_as_the_edition_of_whoever_asks_takes() -> None:
    assert code_of_class(days=90) is None
    assert code_of_class(days=91) is ApprovalCode.LONG


def test_record_that_needs_an_approval_of_its_own_leaves_on_none_of_a_class() -> None:
    assert code_of_class(replace(LEAVING, alone=True)) is ApprovalCode.ALONE
    assert code_of(NL, leaving=replace(LEAVING, alone=True)) is None


@pytest.mark.parametrize(
    "parts",
    [{}, {"object": EXTRACT}, {"content": CONTENT}, {"object": EXTRACT, "content": CONTENT, "class_": "it"}],
)
def test_an_approval_is_of_one_record_or_of_a_class_and_of_nothing_else(parts: dict[str, object]) -> None:
    its = RecordClass(
        country=Partition.BQ, legal_basis=LegalBasis.WPG8, visibility=Visibility.V1, edition=CONTENT
    )  # fmt: skip
    given: dict[str, Any] = {name: its if name == "class_" else value for name, value in parts.items()}
    with pytest.raises(ValueError, match="for one record and its content, or for a class"):
        GateApproval(
            approval="01900000-0000-7000-8000-000000000002", keeper="BQ-OM", task="PROSECUTE", actor="0" * 32,
            purpose=Purpose.INVESTIGATE, recipients=(NL,), given=GIVEN, expires=GIVEN, **given,
        )  # fmt: skip
