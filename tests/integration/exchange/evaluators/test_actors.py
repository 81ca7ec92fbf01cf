"""Whom an evaluator takes: those who stand in the asking country's signed list, for the organisation that is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import httpx2
import pytest

from register.domain.access.caller import Task
from register.domain.access.organisation import Authorisation
from register.services.access.admit import apply_authorisations
from schemas.codes import Partition
from schemas.exchange.evaluation import EvaluationPurpose
from sync.lists import FETCHED_AGAIN_S, FRESH_FOR_S, AskersLists
from tests.integration.exchange.evaluators.net import Net, code, request, serving
from tests.support.records.admitted import BY, TRAINED

AW, NL, CW = Partition.AW, Partition.NL, Partition.CW
SEARCH, REGISTER = EvaluationPurpose.SEARCH, EvaluationPurpose.REGISTER


@pytest.fixture
def strict(net: Net) -> Iterator[Net]:
    """The five, where the Netherlands' evaluator takes listed actors only."""
    let_in(net, "cw-known")
    with serving(net[NL], net.rosters, net.shares[NL], AskersLists) as url:
        yield replace(net, urls={**net.urls, NL: url})


def let_in(net: Net, actor: str, *, organisation: str = "CW-KPC", ends: date | None = None) -> str:
    """Let somebody in, and return how evaluators know them."""
    register = net[Partition(organisation[:2])]
    tasks = frozenset({Task.SUBMIT, Task.SEARCH_SHARED})
    grant = Authorisation(
        register.partition, actor, "person", organisation, tasks, "all", date(2025, 1, 1), ends, TRAINED
    )
    apply_authorisations(register, [grant], by=BY)
    return register.keys.hide_actor(actor)


def ask(net: Net, actor: str, organisation: str = "CW-KPC", purpose: EvaluationPurpose = SEARCH) -> httpx2.Response:
    """Curaçao asks for one key."""
    said = request(net.clock, CW, {"email/e1": 1}, actor=actor, organisation=organisation, purpose=purpose)
    return net.post(CW, NL, said)


def test_who_stands_in_the_signed_list_is_answered(strict: Net) -> None:
    known = strict[CW].keys.hide_actor("cw-known")
    assert ask(strict, known).status_code == 200
    assert strict.used(NL, known) == 1


def test_an_actor_whom_the_list_does_not_have_is_refused_and_nothing_counted(strict: Net) -> None:
    """Actors were the asking node's own word."""
    aruban = let_in(strict, "aw-known", organisation="AW-CMMA")
    for named in ("invented", "cw-known", "0" * 32, aruban):
        for purpose in (SEARCH, REGISTER):
            answer = ask(strict, named, purpose=purpose)
            assert (answer.status_code, code(answer)) == (409, "evaluation-actor-unknown")
    assert strict.counted(NL, "country", "-") == 0


def test_an_actor_asks_for_no_organisation_but_their_own(strict: Net) -> None:
    answer = ask(strict, strict[CW].keys.hide_actor("cw-known"), organisation="CW-OM")
    assert (answer.status_code, code(answer)) == (409, "evaluation-actor-unknown")


def test_who_is_let_in_later_is_known_once_the_list_is_fetched_again(strict: Net) -> None:
    late = strict[CW].keys.hide_actor("cw-late")
    assert ask(strict, late).status_code == 409
    assert let_in(strict, "cw-late") == late
    assert ask(strict, late).status_code == 409, "names that are invented fetch nothing"
    strict.clock.offset = timedelta(seconds=FETCHED_AGAIN_S + 1)
    assert ask(strict, late).status_code == 200


def test_the_first_question_of_somebody_new_is_answered_while_they_wait(strict: Net) -> None:
    strict.clock.offset = timedelta(seconds=FETCHED_AGAIN_S + 1)
    new = let_in(strict, "cw-new")
    asked = request(strict.clock, CW, {"email/e1": 1}, actor=new)
    assert strict.evaluators(CW, via={NL: strict.urls[NL]}).ask(NL, asked).receipt.count == 1


def test_who_has_left_searches_no_more_and_what_they_reported_still_gets_its_pseudonyms(strict: Net) -> None:
    leaves = let_in(strict, "cw-leaves")
    assert ask(strict, leaves).status_code == 200
    let_in(strict, "cw-leaves", ends=strict[CW].today() - timedelta(days=1))
    assert ask(strict, leaves).status_code == 200, "by the list that was known"
    strict.clock.offset = timedelta(seconds=FRESH_FOR_S + 1)
    ask(strict, leaves)
    # The newer list is fetched beside whoever asks.
    for _ in range(100):
        if (answer := ask(strict, leaves)).status_code != 200:
            break
        strict.clock.pause(0.05)
    assert (answer.status_code, code(answer)) == (409, "evaluation-actor-unknown")
    assert ask(strict, leaves, purpose=REGISTER).status_code == 200
