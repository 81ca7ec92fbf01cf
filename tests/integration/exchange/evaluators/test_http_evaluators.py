"""The evaluators port over HTTP: the same tokens as in one process, whoever is down, slow or lies."""

from __future__ import annotations

import dataclasses
import time

import pytest

from register.clock import SystemClock
from register.errors import RegisterError
from register.pseudonyms.asker import ClientSettings
from register.pseudonyms.client import Pending
from register.pseudonyms.errors import BadAnswer, FalseProof, OverQuota, TooManyAtOnce, Unreachable
from register.pseudonyms.evaluation import ShareSet
from register.pseudonyms.evaluators import InProcess
from register.pseudonyms.matchkeys import MatchKey
from register.pseudonyms.oprf.group import ristretto255
from schemas.codes import Partition
from tests.integration.exchange.evaluators.net import Net, nobody, phones, request, serving, silent, tokens, values

AW, BQ, CW, NL, SX = Partition
KEYS = [*phones("+2975551234", "+5999123456"), MatchKey("person.p1", 1, ("maria lopez", "1999-02-03"))]


def lying(net: Net, country: Partition) -> ShareSet:
    """The share set of a country, under other secrets than its public shares promise."""
    return ShareSet(
        country,
        {
            key_id: dataclasses.replace(held, share=ristretto255().random_scalar())
            for key_id, held in net.shares[country].shares.items()
        },
    )


def test_tokens_over_http_equal_those_in_one_process_whoever_asks(net: Net) -> None:
    expected = values(tokens(InProcess(AW, net.shares.values()), KEYS, net.clock))
    for country in (AW, NL, SX):
        assert values(tokens(net.evaluators(country), KEYS, net.clock)) == expected


def test_two_partners_down_still_give_tokens(net: Net) -> None:
    evaluators = net.evaluators(CW, via={AW: nobody(), NL: nobody()})
    assert values(tokens(evaluators, KEYS, net.clock)) == values(tokens(net.evaluators(CW), KEYS, net.clock))


def test_three_partners_down_is_pending_and_names_them(net: Net) -> None:
    evaluators = net.evaluators(CW, via=dict.fromkeys((AW, BQ, NL), nobody()))
    found = tokens(evaluators, KEYS, net.clock)
    assert all(isinstance(token, Pending) for token in found)
    assert set(found[0].unanswered) == {AW, BQ, NL}


def test_all_partners_down_is_pending(net: Net) -> None:
    evaluators = net.evaluators(CW, via=dict.fromkeys((AW, BQ, NL, SX), nobody()))
    (found,) = tokens(evaluators, phones("+2975551234"), net.clock)
    assert isinstance(found, Pending)


def test_a_lying_evaluator_is_caught_by_its_proof_and_another_is_asked(net: Net) -> None:
    faults: list[tuple[Partition, RegisterError]] = []
    with serving(net[AW], net.rosters, lying(net, AW)) as url:
        evaluators = net.evaluators(CW, via={AW: url})
        assert evaluators.partners()[0] is AW, "asked among the first"
        for _ in range(3):  # until its turn comes round again
            evaluators.partners()
        found = tokens(evaluators, KEYS, net.clock, on_fault=lambda c, fault: faults.append((c, fault)))
    assert values(found) == values(tokens(net.evaluators(CW), KEYS, net.clock))
    assert [(country, type(fault)) for country, fault in faults] == [(AW, FalseProof)]


def test_an_evaluator_at_the_wrong_address_cannot_answer_for_another_country(net: Net) -> None:
    """The request is signed for its audience, and the receipt by its evaluator."""
    with pytest.raises(Unreachable, match="wrong-audience"):
        net.evaluators(CW, via={AW: net.urls[NL]}).ask(AW, request(net.clock, CW, actor="astray"))


def test_a_receipt_under_another_countrys_key_is_a_bad_answer(net: Net) -> None:
    impostor = dataclasses.replace(net[AW], keys=net[NL].keys)
    with serving(impostor, net.rosters, net.shares[AW]) as url, pytest.raises(BadAnswer, match="receipt"):
        net.evaluators(CW, via={AW: url}).ask(AW, request(net.clock, CW, actor="impostor"))


def test_a_silent_evaluator_is_hedged_and_tried_last_for_a_while(net: Net) -> None:
    with silent() as url:
        evaluators = net.evaluators(CW, via={AW: url}, timeout_s=2.0)
        begun = time.monotonic()
        found = tokens(evaluators, KEYS, net.clock, settings=ClientSettings(hedge_s=0.2))
        assert time.monotonic() - begun < 1.8, "it was not waited for"
        assert len(values(found)) == len(KEYS)
        while time.monotonic() - begun < 3.0:  # until its own time limit has passed
            time.sleep(0.1)
        assert {evaluators.partners()[-1] for _ in range(4)} == {AW}


def test_the_memory_of_a_failure_fades(net: Net) -> None:
    class Later(SystemClock):
        ahead = 0.0

        def monotonic(self) -> float:
            return super().monotonic() + self.ahead

    clock = Later()
    evaluators = net.evaluators(CW, via={AW: nobody()})
    evaluators._clock = clock
    with pytest.raises(Unreachable):
        evaluators.ask(AW, request(net.clock, CW, actor="fades"))
    assert {evaluators.partners()[-1] for _ in range(4)} == {AW}
    clock.ahead = 31.0
    assert {evaluators.partners()[0] for _ in range(4)} == {AW, BQ, NL, SX}


def test_load_is_spread_over_the_partners(net: Net) -> None:
    evaluators = net.evaluators(CW)
    orders = [tuple(evaluators.partners()) for _ in range(4)]
    assert {order[0] for order in orders} == {AW, BQ, NL, SX}
    assert all(set(order) == {AW, BQ, NL, SX} for order in orders)


def test_over_quota_names_the_next_slot_to_the_asker(net: Net) -> None:
    evaluators = net.evaluators(CW)
    evaluators.ask(NL, request(net.clock, CW, {"plate/e1": 15}, actor="full"))
    with pytest.raises(OverQuota) as refusal:
        evaluators.ask(NL, request(net.clock, CW, {"plate/e1": 1}, actor="full", seed="more"))
    assert refusal.value.country is NL
    assert refusal.value.retry_at > net.clock.now()


def test_more_at_once_than_ever_fits_is_told_apart_from_no_answer(net: Net) -> None:
    with pytest.raises(TooManyAtOnce) as refusal:
        net.evaluators(CW).ask(NL, request(net.clock, CW, {"plate/e1": 51}, actor="many"))
    assert (refusal.value.country, refusal.value.code) == (NL, "evaluator-too-many-keys")


def test_a_repeated_question_gives_the_same_tokens_and_costs_no_quota(net: Net) -> None:
    evaluators, request_id = net.evaluators(CW), net.clock.new_id()
    via = {AW: nobody(), BQ: nobody()}
    first = values(tokens(evaluators, KEYS, net.clock, request_id=request_id, actor="again"))
    before = net.used(NL, "again")
    only = net.evaluators(CW, via=via)
    assert values(tokens(only, KEYS, net.clock, request_id=request_id, actor="again")) == first
    assert values(tokens(only, KEYS, net.clock, request_id=request_id, actor="again")) == first
    assert net.used(NL, "again") == len(KEYS) >= before
