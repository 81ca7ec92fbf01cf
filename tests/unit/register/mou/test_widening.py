"""What widens where a record may go, or what others may do with it, is told from what narrows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.mou.decide import may_send
from register.mou.facts import LOOSE, HandlingTerms, KeyFacts
from register.mou.widening import is_wider
from schemas.codes import Handling, HandlingCondition, LegalBasis, Partition, Purpose, Visibility
from tests.unit.register.mou.examples import CHILD, DEMO, STRICT, SUSPECT, TODAY, VICTIM, a_record

H = HandlingTerms
WIDER: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("theme data to daily police work", {"legal_basis": LegalBasis.WPG10B}, {"legal_basis": LegalBasis.WPG8}),
    ("a condition dropped", {"handling": H(code=Handling.H3, conditions=frozenset({HandlingCondition.NO_CONTACT}))},
     {"handling": H(code=Handling.H0)}),
    ("no court any more", {"handling": H(code=Handling.H1)}, {"handling": H(code=Handling.H2)}),
    ("the riddle solved", {"handling": H(code=Handling.H3)}, {"handling": H(code=Handling.H0)}),
    ("the riddle solved while nothing leaves", {"legal_basis": LegalBasis.WPG10B, "handling": H(code=Handling.H3)},
     {"legal_basis": LegalBasis.WPG10B, "handling": H(code=Handling.H0)}),
    ("a later last day", {"handling": H(code=Handling.H0, expires=TODAY)}, {"handling": H(code=Handling.H0)}),
    ("a last day put off", {"handling": H(code=Handling.H0, expires=date(2027, 1, 1))},
     {"handling": H(code=Handling.H0, expires=date(2028, 1, 1))}),
    ("shown after all", {"visibility": Visibility.V3}, {"visibility": Visibility.V1}),
    ("shown more", {"visibility": Visibility.V2}, {"visibility": Visibility.V1}),
    ("about children no more", {"about_minors": True}, {"about_minors": False}),
    ("both at once while nothing leaves", {"legal_basis": LegalBasis.WPG10B, "handling": H(code=Handling.H1)},
     {"legal_basis": LegalBasis.WPG10B, "handling": H(code=Handling.H0)}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "before", "after"), WIDER)
@pytest.mark.parametrize("edition", [STRICT, DEMO], ids=["strict", "demo"])
def test_wider_one_way_and_not_the_other(what: str, before: Any, after: Any, edition: Any) -> None:
    one, other = a_record(**before), a_record(**after)
    assert is_wider(one, other, edition, today=TODAY), what
    assert not is_wider(other, one, edition, today=TODAY) or what == "no court any more"


def test_key_that_a_victims_own_call_held_back_is_wider() -> None:
    loose = {"keys": (KeyFacts(n=LOOSE, id=b"1"),), "loose_keys": True}
    hers, theirs = a_record(told_by_victim=True, **loose), a_record(**loose)
    assert is_wider(hers, theirs, DEMO, today=TODAY)
    assert not is_wider(theirs, hers, DEMO, today=TODAY)


def test_one_pseudonym_more_of_what_the_same_partners_have_already_is_wider() -> None:
    """The suspect's key is out; what stands by itself beside it is held by a victim's own call alone (KEYS-6)."""
    keys = {"keys": (KeyFacts(n=SUSPECT.n, id=b"1"), KeyFacts(n=LOOSE, id=b"2")), "loose_keys": True}
    hers, theirs = a_record(told_by_victim=True, **keys), a_record(**keys)
    for edition in (STRICT, DEMO):
        for to in (Partition.AW, Partition.BQ):
            sent = [may_send(one, to, edition, today=TODAY).allowed for one in (hers, theirs)]
            assert sent[0] is sent[1], "to the same as before"
        assert is_wider(hers, theirs, edition, today=TODAY)
        assert not is_wider(theirs, hers, edition, today=TODAY)


def test_purpose_that_answers_more_questions_is_wider() -> None:
    narrow, wide = a_record(purpose=Purpose.COORDINATE), a_record(purpose=Purpose.PREVENT)
    assert is_wider(narrow, wide, DEMO, today=TODAY)


def test_approvals_and_confirmation_are_another_question() -> None:
    bare = a_record(gate=None, confirmed=False, consent=None, single_approval=True)
    assert not is_wider(bare, a_record(), STRICT, today=TODAY)


def test_persons_are_another_question() -> None:
    """Who is protected is derived elsewhere and never loosened."""
    assert not is_wider(a_record(subjects=(VICTIM, CHILD)), a_record(subjects=(SUSPECT,)), DEMO, today=TODAY)


terms = st.fixed_dictionaries(
    {
        "legal_basis": st.sampled_from(
            [LegalBasis.WPG8, LegalBasis.WPG9, LegalBasis.WPG10B, LegalBasis.NONPOLICE_GDPR]
        ),
        "purpose": st.sampled_from(list(Purpose)),
        "visibility": st.sampled_from(list(Visibility)),
        "handling": st.builds(
            H, code=st.sampled_from(list(Handling)), conditions=st.frozensets(st.sampled_from(list(HandlingCondition)))
        ),
        "about_minors": st.booleans(),
    }
)


@given(before=terms, after=terms, edition=st.sampled_from([STRICT, DEMO]))
def test_what_is_not_wider_lets_it_go_to_nobody_new(before: Any, after: Any, edition: Any) -> None:
    one, other = a_record(**before), a_record(**after)
    if is_wider(one, other, edition, today=TODAY):
        return
    for to in (Partition.AW, Partition.BQ):
        if may_send(other, to, edition, today=TODAY).allowed:
            assert may_send(replace(one, named_recipients=other.audience), to, edition, today=TODAY).allowed
