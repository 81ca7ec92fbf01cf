"""From match keys to tokens: who is asked, what is believed, and what happens when too few answer."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.errors import RegisterError
from register.pseudonyms.asker import ClientSettings
from register.pseudonyms.client import Pending, Token, in_parts, pseudonymise
from register.pseudonyms.errors import (
    BadAnswer,
    CountryFull,
    FalseProof,
    TooManyAtOnce,
    TooManyKeys,
    UnknownKey,
    Unreachable,
)
from register.pseudonyms.evaluators import Evaluators, InProcess
from register.pseudonyms.matchkeys import MatchKey
from register.pseudonyms.oprf.group import Element, ristretto255, small_scalar
from register.pseudonyms.oprf.threshold import PublicShares
from register.pseudonyms.oprf.voprf import VOPRF
from schemas.codes import Partition
from schemas.exchange.evaluation import EvaluatedBatch, EvaluationAnswer, EvaluationRequest
from tests.unit.register.pseudonyms.support import AT, SECRET, asking, five_sets, phones, published_key

AW, BQ, CW, NL, SX = Partition
KEYS = [
    *phones(range(3)),
    MatchKey("person.p1", 1, ("testman", "zeno", "1979-04-03")),
    MatchKey("email", 1, ("a@b.c",)),
]
EPOCHS = {"phone": 1, "person": 3, "email": 1}
KEY_IDS = ("phone/e1", "person/e3", "email/e1")
PATIENT = ClientSettings(hedge_s=30, patience_s=30)
Change = Callable[[Partition, EvaluationAnswer], EvaluationAnswer]


class Wrapped:
    """Evaluators in this process, whose partners' answers a test may change; notes who was asked for what."""

    def __init__(self, own: Partition = AW, change: Change = lambda _country, answer: answer) -> None:
        self._inner = InProcess(own, five_sets(*KEY_IDS))
        self._change = change
        self.own = own
        self.asked: list[tuple[Partition, EvaluationRequest]] = []

    def public(self, key_id: str) -> PublicShares:
        return self._inner.public(key_id)

    def evaluate_own(self, key_id: str, blinded: Sequence[Element]) -> Sequence[Element]:
        return self._inner.evaluate_own(key_id, blinded)

    def partners(self) -> Sequence[Partition]:
        return self._inner.partners()

    def ask(self, partner: Partition, request: EvaluationRequest) -> EvaluationAnswer:
        self.asked.append((partner, request))
        return self._change(partner, self._inner.ask(partner, request))


def _tokens(
    evaluators: Evaluators,
    keys: Sequence[MatchKey] = KEYS,
    *,
    settings: ClientSettings = PATIENT,
    on_fault: Callable[[Partition, RegisterError], None] | None = None,
) -> list[Token | Pending]:
    return pseudonymise(
        keys,
        evaluators,
        request=asking(evaluators.own),
        epochs=EPOCHS,
        secret=SECRET,
        issued=AT,
        settings=settings,
        on_fault=on_fault,
    )


def _expected(keys: Iterable[MatchKey] = KEYS) -> list[Token]:
    return [
        Token(key.family, key.version, EPOCHS[key.selector_class], VOPRF.evaluate(published_key(), key.input)[:32])
        for key in keys
    ]


def _lie(answer: EvaluationAnswer) -> EvaluationAnswer:
    """Another key for the last element of the first batch, and the honest proof."""
    first, *rest = answer.batches
    wrong = ristretto255().multiply(small_scalar(2), Element(first.elements[-1]))
    lie = EvaluatedBatch(key_id=first.key_id, elements=(*first.elements[:-1], wrong), proof=first.proof)
    return answer.model_copy(update={"batches": (lie, *rest)})


def test_token_is_the_first_half_of_the_published_functions_output_in_the_order_of_the_keys() -> None:
    assert _tokens(Wrapped()) == _expected()


@pytest.mark.parametrize("own", Partition)
def test_every_country_gets_the_same_tokens(own: Partition) -> None:
    assert _tokens(Wrapped(own)) == _expected()


@pytest.mark.parametrize(
    "down", [set(two) for two in combinations([BQ, CW, NL, SX], 2)], ids=lambda two: "".join(sorted(two))
)
def test_two_countries_offline_change_nothing(down: set[Partition]) -> None:
    assert _tokens(InProcess(AW, five_sets(*KEY_IDS), down=down)) == _expected()


def test_three_countries_offline_leave_every_key_pending() -> None:
    found = _tokens(InProcess(AW, five_sets(*KEY_IDS), down={BQ, CW, SX}))
    assert found == [Pending((BQ, CW, SX))] * len(KEYS)


def test_pending_names_the_earliest_slot_where_quotas_are_used_up() -> None:
    def refuse(country: Partition, answer: EvaluationAnswer) -> EvaluationAnswer:
        if country is not NL:
            raise CountryFull(country, AT + timedelta(hours={BQ: 3, CW: 1, SX: 2}[country]))
        return answer

    (found, *_) = _tokens(Wrapped(change=refuse))
    assert isinstance(found, Pending)
    assert found.retry_at == AT + timedelta(hours=1)


@pytest.mark.parametrize(
    ("full", "down", "limit"),
    [
        ({BQ, CW, SX}, set(), "evaluator-country-full"),
        ({CW, NL}, {BQ, SX}, "evaluator-country-full"),
        ({CW}, {BQ, SX}, "evaluator-country-full"),
        ({CW}, {BQ, NL, SX}, None),
        (set(), {BQ, NL, SX}, None),
    ],
)
def test_pending_names_a_limit_only_where_enough_partners_could_be_reached(
    full: set[Partition], down: set[Partition], limit: str | None
) -> None:
    def refuse(country: Partition, answer: EvaluationAnswer) -> EvaluationAnswer:
        if country in full:
            raise CountryFull(country, AT + timedelta(days=1))
        if country in down:
            raise Unreachable(country)
        return answer

    (found, *_) = _tokens(Wrapped(change=refuse))
    assert isinstance(found, Pending)
    assert found.limit == limit


@given(
    counts=st.dictionaries(st.sampled_from(["phone", "plate", "email"]), st.integers(1, 130), min_size=1),
    at_once=st.integers(0, 60),
    full=st.sets(st.sampled_from(["phone", "plate", "email"])),
)
def test_every_key_gets_its_answer_once_whatever_the_parts_are(
    counts: dict[str, int], at_once: int, full: set[str]
) -> None:
    keys = [MatchKey(name, 1, (str(n),)) for name, count in counts.items() for n in range(count)]
    granted: list[MatchKey] = []

    def ask(part: Sequence[MatchKey]) -> list[Token | Pending]:
        classes = Counter(key.family for key in part)
        if any(count > at_once for count in classes.values()):
            return [Pending((), None, TooManyAtOnce.code)] * len(part)
        if classes.keys() & full:
            return [Pending((), None, CountryFull.code)] * len(part)
        granted.extend(part)
        return [Token(key.family, 1, 1, key.input) for key in part]

    found = in_parts([*keys, *keys], ask)
    assert found.keys() == set(keys)
    assert len(granted) == len(set(granted))
    for key, answer in found.items():
        if at_once == 0:
            assert answer == Pending((), None, TooManyAtOnce.code)
        elif key.family in full:
            assert answer == Pending((), None, CountryFull.code)
        else:
            assert answer == Token(key.family, 1, 1, key.input)


def test_evaluators_out_of_reach_are_not_asked_again_in_parts() -> None:
    asked: list[int] = []

    def ask(part: Sequence[MatchKey]) -> list[Token | Pending]:
        asked.append(len(part))
        return [Pending((BQ, CW, SX))] * len(part)

    in_parts(KEYS, ask)
    assert asked == [len(KEYS)]


def test_two_partners_are_asked_and_no_more_when_all_is_well() -> None:
    evaluators = Wrapped()
    _tokens(evaluators)
    assert {country for country, _ in evaluators.asked} == {BQ, CW}


def test_silent_partner_is_not_waited_for() -> None:
    answered = threading.Event()

    def silent(country: Partition, answer: EvaluationAnswer) -> EvaluationAnswer:
        if country is BQ:
            answered.wait(timeout=60)
        return answer

    evaluators = Wrapped(change=silent)
    try:
        assert _tokens(evaluators, settings=ClientSettings(hedge_s=0.05, patience_s=30)) == _expected()
        assert {country for country, _ in evaluators.asked} >= {BQ, CW, NL}
    finally:
        answered.set()


def test_keys_are_pending_when_all_partners_stay_silent() -> None:
    answered = threading.Event()

    def silent(_country: Partition, answer: EvaluationAnswer) -> EvaluationAnswer:
        answered.wait(timeout=60)
        return answer

    try:
        (found, *_) = _tokens(Wrapped(change=silent), settings=ClientSettings(hedge_s=0.05, patience_s=0.05))
        assert isinstance(found, Pending)
        assert set(found.unanswered) == {BQ, CW, NL, SX}
    finally:
        answered.set()


def test_lying_evaluator_is_named() -> None:
    with pytest.raises(FalseProof) as lie:
        _tokens(Wrapped(change=lambda country, answer: _lie(answer) if country is CW else answer))
    assert (lie.value.country, lie.value.key_id) == (CW, "phone/e1")


def test_lying_evaluator_is_left_out_where_somebody_is_told() -> None:
    told: list[tuple[Partition, str]] = []
    found = _tokens(
        Wrapped(change=lambda country, answer: _lie(answer) if country in {BQ, CW} else answer),
        on_fault=lambda country, fault: told.append((country, fault.code)),
    )
    assert found == _expected()
    assert sorted(told) == [(BQ, "evaluator-false-proof"), (CW, "evaluator-false-proof")]


def test_no_token_is_made_of_lies_when_too_few_tell_the_truth() -> None:
    told: list[Partition] = []
    found = _tokens(
        Wrapped(change=lambda country, answer: answer if country is NL else _lie(answer)),
        on_fault=lambda country, _fault: told.append(country),
    )
    assert all(isinstance(one, Pending) for one in found)
    assert set(told) == {BQ, CW, SX}


def test_evaluator_with_another_countrys_share_is_caught() -> None:
    inner = InProcess(AW, five_sets(*KEY_IDS))

    def copied(country: Partition, answer: EvaluationAnswer) -> EvaluationAnswer:
        other = inner.ask(NL, evaluators.asked[0][1])
        return answer.model_copy(update={"batches": other.batches}) if country is BQ else answer

    evaluators = Wrapped(change=copied)
    with pytest.raises(FalseProof) as lie:
        _tokens(evaluators)
    assert lie.value.country is BQ


@pytest.mark.parametrize("element", [bytes(32), b"\1" + bytes(31), b"\xff" * 32], ids=["identity", "negative", "large"])
def test_answer_with_no_element_in_it_is_a_false_one(element: bytes) -> None:
    def garble(_country: Partition, answer: EvaluationAnswer) -> EvaluationAnswer:
        first, *rest = answer.batches
        bad = first.model_copy(update={"elements": (element, *first.elements[1:])})
        return answer.model_copy(update={"batches": (bad, *rest)})

    with pytest.raises(FalseProof):
        _tokens(Wrapped(change=garble))


@pytest.mark.parametrize(
    "change",
    [
        lambda _c, answer: answer.model_copy(update={"batches": answer.batches[:-1]}),
        lambda _c, answer: answer.model_copy(update={"batches": answer.batches[::-1]}),
        lambda _c, answer: answer.model_copy(update={"receipt": answer.receipt.model_copy(update={"count": 4})}),
        lambda _c, answer: answer.model_copy(update={"receipt": answer.receipt.model_copy(update={"body": bytes(32)})}),
        lambda _c, answer: answer.model_copy(update={"receipt": answer.receipt.model_copy(update={"aud": SX})}),
    ],
    ids=["batch missing", "order", "count", "body", "audience"],
)
def test_answer_to_another_question_is_refused(change: Change) -> None:
    with pytest.raises(BadAnswer):
        _tokens(Wrapped(change=change))


def test_repeat_sends_the_same_body() -> None:
    first, second = Wrapped(), Wrapped()
    _tokens(first)
    _tokens(second)
    digests = {request.body.digest() for _, request in (*first.asked, *second.asked)}
    assert len(digests) == 1


def test_equal_keys_are_blinded_differently() -> None:
    evaluators = Wrapped()
    key = KEYS[0]
    assert _tokens(evaluators, [key, key]) == _expected([key, key])
    (batch,) = evaluators.asked[0][1].body.batches
    assert len(set(batch.elements)) == 2


def test_partners_see_neither_input_nor_output() -> None:
    evaluators = Wrapped()
    _tokens(evaluators)
    sent = evaluators.asked[0][1].model_dump_json()
    assert "297" not in sent
    assert "testman" not in sent
    seen = {element for batch in evaluators.asked[0][1].body.batches for element in batch.elements}
    assert not seen & {VOPRF.hash_to_group(key.input) for key in KEYS}


def test_keys_of_one_class_and_epoch_go_in_one_batch() -> None:
    evaluators = Wrapped()
    _tokens(evaluators)
    body = evaluators.asked[0][1].body
    assert [(batch.key_id, len(batch.elements)) for batch in body.batches] == [
        ("phone/e1", 3),
        ("person/e3", 1),
        ("email/e1", 1),
    ]


def test_no_keys_ask_nobody() -> None:
    evaluators = Wrapped()
    assert _tokens(evaluators, []) == []
    assert evaluators.asked == []


def test_more_than_a_thousand_keys_are_refused() -> None:
    with pytest.raises(TooManyKeys):
        _tokens(Wrapped(), phones(range(1_001)))


def test_class_without_an_epoch_or_a_share_is_refused() -> None:
    with pytest.raises(UnknownKey):
        _tokens(Wrapped(), [MatchKey("plate", 1, ("CW", "V1"))])
    with pytest.raises(UnknownKey):
        _tokens(InProcess(AW, five_sets("phone/e1")))


def test_own_evaluator_that_is_down_is_told_to_the_caller() -> None:
    class Down(Wrapped):
        def evaluate_own(self, key_id: str, blinded: Sequence[Element]) -> Sequence[Element]:
            raise Unreachable(self.own, f"{key_id}, {len(blinded)} keys")

    with pytest.raises(Unreachable):
        _tokens(Down())


def test_token_is_in_no_repr() -> None:
    (token, *_) = _expected()
    assert repr(token.value) not in repr(token)
