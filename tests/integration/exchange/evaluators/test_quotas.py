"""What an evaluator grants: by country, organisation and actor, in books apart, whatever the asking node invents."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import httpx2
import psycopg
import pytest

from register.domain.access.caller import Task
from register.domain.exchange.limits import LimitNotLower
from register.domain.running.node_finding import FindingCode
from register.pseudonyms.errors import RepeatsFull
from register.services.access.admit import apply_organisations
from register.services.access.oversee_asking import acknowledge_alarm, list_alarms
from register.services.running import operate_database
from register.services.running.check_node import check_node
from register.services.running.keep_house import call_privacy_officer
from register.settings import PartnerSettings
from rtr_trial.demo.made_up import data
from schemas.access.privacy import AcknowledgeIn
from schemas.canonical import dumps_plain
from schemas.codes import Partition
from schemas.exchange.evaluation import Declared, EvaluationPurpose
from schemas.exchange.wire import document
from sync.lists import FETCHED_AGAIN_S
from tests.integration.exchange.evaluators.net import (
    Net,
    bytes_of,
    code,
    phones,
    request,
    serving,
    tokens,
)
from tests.integration.store.isolation.matrix import admin
from tests.support.records.admitted import BY
from tests.support.started.dripping import dripping
from tests.support.world import with_settings

AW, BQ, CW, NL, SX = Partition
SEARCH = EvaluationPurpose.SEARCH
PHONE = {"phone/e1": 75}
"""What one evaluator grants a country in five minutes: half of 150."""


@pytest.fixture
def asks(net: Net) -> Asks:
    return Asks(net)


class Asks:
    """Curaçao's node, which may say of itself whatever it likes."""

    def __init__(self, net: Net) -> None:
        self.net, self._numbers = net, count(1)

    def __call__(self, keys: dict[str, int], *, to: Partition = NL, **said: object) -> httpx2.Response:
        n = next(self._numbers)
        words = {"actor": f"invented-{n}", "seed": f"{n}", "purpose": SEARCH, **said}
        return self.net.post(CW, to, request(self.net.clock, CW, keys, **words))  # type: ignore[arg-type]  # test words


def test_a_country_has_its_part_whatever_actors_and_organisations_it_names(net: Net, asks: Asks) -> None:
    """Actors are the asking node's own word; a cap on them alone let 10,000 numbers through."""
    organisations = ("CW-KPC", "CW-OM", "CW-LABOUR")
    answers = [asks({"phone/e1": 25}, organisation=organisations[i % 3]) for i in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert code(answers[-1]) == "evaluator-country-full"
    assert net.counted(NL, "country", "-") == 75


def test_searches_and_registrations_are_books_apart(asks: Asks) -> None:
    assert asks(PHONE).status_code == 200
    assert asks({"phone/e1": 1}).status_code == 429
    assert asks({"phone/e1": 75}, purpose=EvaluationPurpose.REGISTER).status_code == 200


@pytest.mark.parametrize("declared", list(Declared))
def test_to_call_it_an_epoch_change_gains_nothing(net: Net, asks: Asks, declared: Declared) -> None:
    refused = asks({"phone/e1": 1}, purpose=EvaluationPurpose.EPOCH, declared=declared)
    assert (refused.status_code, code(refused)) == (409, "evaluation-epoch-without-ticket")
    assert net.counted(NL, "country", "-") == 0


def test_what_is_declared_to_be_kept_has_a_cap_of_its_own_within_the_registrations(net: Net, asks: Asks) -> None:
    """Of what is kept nobody abroad ever sees a pseudonym: it is the way of whoever has others' numbers tried."""
    keep: dict[str, Any] = {"purpose": EvaluationPurpose.REGISTER, "declared": Declared.KEEP}
    publish = {**keep, "declared": Declared.PUBLISH}
    assert asks({"phone/e1": 125}, **keep).status_code == 200
    refused = asks({"phone/e1": 1}, **keep)
    assert (refused.status_code, refused.json()["details"]["book"]) == (429, "kept")
    assert asks({"phone/e1": 125}, **publish).status_code == 200
    refused = asks({"phone/e1": 1}, **publish)
    assert (refused.status_code, refused.json()["details"]["book"]) == (429, "registrations")
    assert net.booked(NL, "registrations", "phone") == 250, "what is kept counts in both"
    assert net.booked(NL, "kept", "phone") == 125
    assert code(asks({"plate/e1": 13}, **keep)) == "too-many-keys", "12 plates at once are a person's part of the day"


def test_the_same_question_declared_otherwise_is_another_question(net: Net) -> None:
    asked = request(net.clock, CW, {"phone/e1": 1}, actor="says")
    other = request(
        net.clock, CW, {"phone/e1": 1}, actor="says", request_id=asked.body.request_id, declared=Declared.KEEP
    )
    assert net.post(CW, NL, asked).status_code == 200
    answer = net.post(CW, NL, other)
    assert (answer.status_code, code(answer)) == (409, "evaluation-id-reused")


def test_five_minutes_a_day_and_thirty_days_each_name_their_next_slot(net: Net, asks: Asks) -> None:
    """Searches of phones: 150 in five minutes, 1,500 a day, 1,500 in thirty days; each evaluator allows half."""
    granted = 0
    for step in range(11):
        net.clock.offset = timedelta(minutes=7 * step)
        answer = asks(PHONE, organisation=("CW-KPC", "CW-OM")[step % 2])
        granted += 75 if answer.status_code == 200 else 0
    assert granted == 750, "ten times five minutes' keys are thirty days'"
    full = answer.json()["details"]
    assert (full["limit"], full["selector_class"], full["book"]) == ("thirty_days", "phone", "searches")
    slot = net.clock.now().date() + timedelta(days=31)
    assert date.fromisoformat(full["retry_at"][:10]) in {slot, slot - timedelta(days=1)}, "the day it began may be over"
    net.clock.offset += timedelta(days=29)
    assert asks(PHONE).status_code == 429, "a new day is no new month"
    net.clock.offset += timedelta(days=2)
    assert asks(PHONE).status_code == 200


def test_a_burst_is_refused_with_the_minute_at_which_it_has_room_again(net: Net, asks: Asks) -> None:
    assert asks(PHONE).status_code == 200
    answer = asks({"phone/e1": 1})
    assert answer.json()["details"]["limit"] == "five_minutes"
    assert 240 < int(answer.headers["Retry-After"]) <= 361
    net.clock.offset = timedelta(seconds=int(answer.headers["Retry-After"]))
    assert asks({"phone/e1": 1}).status_code == 200


def test_an_organisation_and_an_actor_have_a_part_of_their_country(net: Net, asks: Asks) -> None:
    """An honest country's insider: 300 phone keys a day for a person, 1,000 for an organisation; half at each."""
    for step in range(2):
        net.clock.offset = timedelta(minutes=7 * step)
        assert asks(PHONE, actor="insider").status_code == 200
    net.clock.offset = timedelta(minutes=14)
    assert code(asks({"phone/e1": 1}, actor="insider")) == "evaluator-actor-full"
    for step in range(2, 7):
        net.clock.offset = timedelta(minutes=7 * step)
        said = asks({"phone/e1": 70}, actor=f"colleague-{step}")
        assert said.status_code == 200, said.text
    net.clock.offset = timedelta(minutes=7 * 7)
    assert code(asks({"phone/e1": 1}, actor="one-more")) == "evaluator-organisation-full"
    assert asks({"phone/e1": 1}, actor="one-more", organisation="CW-OM").status_code == 200


def test_an_organisation_that_the_countrys_signed_list_does_not_have_is_refused(net: Net, asks: Asks) -> None:
    for named in ("CW-INVENTED", "NL-LE", "none"):
        answer = asks({"phone/e1": 1}, organisation=named)
        assert (answer.status_code, code(answer)) == (409, "evaluation-organisation-unknown")
    assert net.counted(NL, "country", "-") == 0


def test_an_organisation_that_is_let_in_later_is_known_once_its_list_is_fetched_again(net: Net) -> None:
    like = next(o for o in data.organisations() if o.code == "CW-KPC").admitted()
    late = replace(like.organisation, code="CW-LATE", name="Let in late")
    with _evaluator(net) as url:
        asks = Asks(_at(net, url))
        assert asks({"phone/e1": 1}, organisation="CW-LATE").status_code == 409
        apply_organisations(net[CW], [replace(like, organisation=late, units=())], by=BY)
        refused = asks({"phone/e1": 1}, organisation="CW-LATE")
        assert refused.status_code == 409, "names that are invented fetch nothing"
        net.clock.offset = timedelta(seconds=FETCHED_AGAIN_S + 1)
        assert asks({"phone/e1": 1}, organisation="CW-LATE").status_code == 200


def test_what_was_granted_is_evaluated_again_so_often_a_minute_and_in_the_next_one_again(net: Net) -> None:
    _to_the_begin_of_a_minute(net)
    asked = request(net.clock, CW, {"phone/e1": 150}, actor="repeats", purpose=EvaluationPurpose.REGISTER)
    answers = [net.post(CW, NL, asked) for _ in range(16)]
    assert [a.status_code for a in answers] == [200] * 14 + [429] * 2, "one grant and 13 repeats of 150 keys"
    refused = answers[-1]
    assert (code(refused), refused.json()["details"]["limit"]) == ("evaluator-repeats-full", "minute")
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert net.post(AW, NL, request(net.clock, AW, {"email/e1": 1}, actor="other")).status_code == 200
    assert net.post(CW, NL, request(net.clock, CW, {"email/e1": 1}, actor="fresh")).status_code == 200
    net.clock.offset += timedelta(seconds=int(refused.headers["Retry-After"]))
    assert net.post(CW, NL, asked).status_code == 200
    assert net.used(NL, "repeats") == 150


def test_small_questions_repeated_at_the_same_moment_never_pass_the_bound_together(net: Net) -> None:
    _to_the_begin_of_a_minute(net)
    asked = request(net.clock, CW, {"email/e1": 1}, actor="repeats")
    with ThreadPoolExecutor(8) as threads:
        answers = Counter(threads.map(lambda _: net.post(CW, NL, asked).status_code, range(110)))
    assert answers == {200: 101, 429: 9}


def test_whoever_is_sent_away_with_a_repeat_waits_for_the_slot_that_is_named(net: Net) -> None:
    _to_the_begin_of_a_minute(net)
    asked = request(net.clock, CW, {"phone/e1": 150}, actor="repeats", purpose=EvaluationPurpose.REGISTER)
    for _ in range(14):
        assert net.post(CW, NL, asked).status_code == 200
    with pytest.raises(RepeatsFull) as full:
        net.evaluators(CW).ask(NL, asked)
    assert timedelta() < full.value.retry_at - net.clock.now() <= timedelta(minutes=1)


def _to_the_begin_of_a_minute(net: Net) -> None:
    net.clock.offset = timedelta(seconds=60 - net.clock.now().second)


def test_a_partner_that_is_slow_to_give_its_list_holds_no_place_of_the_others(net: Net) -> None:
    with dripping(first=b"HTTP/1.1 200 OK\r\nX-Name: ") as slow:
        register = with_settings(net[NL], partner={NL: {CW: PartnerSettings(via=slow)}})
        with serving(register, net.rosters, net.shares[NL]) as url:
            there, begun = _at(net, url), time.monotonic()
            for n in range(40):
                body = bytes_of(request(net.clock, CW, {"phone/e1": 1}, actor="slow", organisation=f"CW-{n}"))
                answer = there.send_once(NL, body, net.jwt(CW, NL, body))
                assert (answer.status_code, code(answer)) == (503, "evaluation-asker-awaited")
                assert answer.headers["Retry-After"] == "1"
            assert there.post(AW, NL, request(net.clock, AW, {"phone/e1": 1}, actor="other")).status_code == 200
            assert time.monotonic() - begun < 9, "the list is waited for in 10 s"
    assert net.counted(NL, "actor", "slow") == 0


def test_a_partner_whose_requests_all_wait_leaves_the_others_their_places(net: Net) -> None:
    register = with_settings(net[NL], requests_max=12)
    with serving(register, net.rosters, net.shares[NL]) as url, ThreadPoolExecutor(5) as threads:
        there = _at(net, url)
        assert there.post(CW, NL, request(net.clock, CW, {"phone/e1": 1}, actor="before")).status_code == 200
        with psycopg.connect(admin(net.world)) as connection:
            connection.execute("LOCK TABLE evaluator.evaluation_turn IN ACCESS EXCLUSIVE MODE")
            asked = [request(net.clock, CW, {"phone/e1": 1}, actor="waits", seed=str(n)) for n in range(5)]
            waiting = [threads.submit(there.post, CW, NL, one) for one in asked]
            done, _ = wait(waiting, timeout=8, return_when=FIRST_COMPLETED)
            sent_away = next(iter(done)).result()
            other = net.http(AW, via={NL: url}).get(NL, "/sync/v1/lists/organisations")
            connection.rollback()
        answers = Counter(one.result().status_code for one in waiting)
    assert (sent_away.status_code, code(sent_away), sent_away.headers["Retry-After"]) == (503, "overloaded", "2")
    assert other.status == 200
    assert answers == {200: 3, 503: 2}, "a quarter of the places, and more for nobody"


def test_the_first_question_of_a_new_organisation_is_answered_while_somebody_waits(net: Net) -> None:
    like = next(o for o in data.organisations() if o.code == "CW-KPC").admitted()
    new = replace(like.organisation, code="CW-NEW", name="Let in today")
    apply_organisations(net[CW], [replace(like, organisation=new, units=())], by=BY)
    with serving(net[NL], net.rosters, net.shares[NL]) as url:
        asked = request(net.clock, CW, {"phone/e1": 1}, actor="first", organisation="CW-NEW")
        assert net.evaluators(CW, via={NL: url}).ask(NL, asked).receipt.count == 1


def test_new_actors_of_a_day_are_limited_and_known_ones_go_on(net: Net) -> None:
    with _evaluator(net, new_actors_a_day=2) as url:
        asks = Asks(_at(net, url))
        assert [asks({"email/e1": 1}, actor=a).status_code for a in ("a", "b", "a")] == [200] * 3
        refused = asks({"email/e1": 1}, actor="c")
        assert (refused.status_code, code(refused)) == (429, "evaluator-new-actors-full")
        assert asks({"email/e1": 1}, actor="b").status_code == 200


def test_one_that_is_refused_is_no_free_repeat_and_is_granted_at_its_slot(net: Net, asks: Asks) -> None:
    assert asks(PHONE).status_code == 200
    kept = net.clock.new_id()
    refused = [asks({"phone/e1": 2}, request_id=kept, actor="p", seed="p") for _ in range(2)]
    assert [r.status_code for r in refused] == [429, 429]
    net.clock.offset = timedelta(seconds=int(refused[0].headers["Retry-After"]))
    granted = [asks({"phone/e1": 2}, request_id=kept, actor="p", seed="p").status_code for _ in range(3)]
    assert granted == [200, 200, 200]
    assert net.used(NL, "p") == 2, "counted once, repeats are free"


def test_all_of_a_request_is_counted_or_nothing(net: Net, asks: Asks) -> None:
    assert asks(PHONE).status_code == 200
    assert asks({"email/e1": 3, "phone/e1": 1}, actor="both").status_code == 429
    assert net.used(NL, "both") == 0
    assert net.counted(NL, "country", "-") == 75


def test_more_at_once_than_ever_passes_is_told_to_be_split(asks: Asks) -> None:
    answer = asks({"plate/e1": 51})
    assert (answer.status_code, code(answer)) == (422, "too-many-keys")


def test_many_at_once_never_pass_the_countrys_cap_together(net: Net, asks: Asks) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: asks({"phone/e1": 20}).status_code, range(8)))
    assert sorted(answers) == [200] * 3 + [429] * 5
    assert net.counted(NL, "country", "-") == 60


def test_all_evaluators_together_give_the_agreed_figure_and_no_token_more(net: Net) -> None:
    """Two of four make a token, and each allows half."""
    evaluators = net.evaluators(CW)
    made = 0
    for n in range(20):
        numbers = [f"+29755{n:02}{i:03}" for i in range(15)]
        found = tokens(evaluators, phones(*numbers), net.clock, actor=f"a{n}", purpose=SEARCH, on_fault=lambda *_: None)
        made += sum(type(one).__name__ == "Token" for one in found)
    assert made == 150


def test_a_setting_of_an_evaluator_may_lower_a_limit_and_a_higher_one_is_refused_at_the_start(net: Net) -> None:
    with _evaluator(net, searches_phone_day=40) as url:
        asks = Asks(_at(net, url))
        assert asks({"phone/e1": 20}).status_code == 200
        assert asks({"phone/e1": 1}).status_code == 429
    for lower, says in (({"searches_phone_day": 1_501}, "agreed is 1500"), ({"phone": 1}, "names no limit")):
        with pytest.raises(LimitNotLower, match=says), _evaluator(net, **lower):
            pass


def test_the_evaluators_operator_is_told_of_a_partner_that_has_used_most_of_what_it_may(net: Net, asks: Asks) -> None:
    """Each of the four desks sees it by itself: `rtr status`, and a monitor's `/status`."""
    operate_database.install_roster(net.world.settings, 1, dumps_plain(document(net.rosters.newest)))

    def told() -> list[tuple[str, str]]:
        return [(f.about, f.detail) for f in check_node(net[NL]) if f.code is FindingCode.PARTNER_ASKS_MUCH]

    assert asks({"phone/e1": 59}).status_code == 200
    assert told() == []
    assert asks({"phone/e1": 1}).status_code == 200
    assert told() == [("CW", "searches phone five_minutes 80%")]
    net.clock.offset = timedelta(minutes=20)
    assert told() == [("CW", "searches phone five_minutes 80%")], "nobody may have looked within its five minutes"
    call_privacy_officer(net[NL])
    net.clock.offset = timedelta(minutes=40)
    assert told() == [("CW", "not acknowledged yet")], "it is over, and nobody has said that he looked at it"
    officer = net.world.caller("NL-LE", Task.PRIVACY, actor="officer")
    (rung,) = list_alarms(net[NL], officer, acknowledged=False, cursor=None, limit=10).items
    assert (rung.kind, rung.whose, rung.about) == ("PARTNER_ASKS_MUCH", "partner", "CW")
    acknowledge_alarm(net[NL], officer, rung.id, AcknowledgeIn(reason="Their operator ran a test."))
    assert told() == []
    for step in range(1, 9):
        net.clock.offset = timedelta(minutes=40 + 7 * step)
        assert asks({"phone/e1": 70}, organisation=("CW-KPC", "CW-OM")[step % 2]).status_code == 200
    net.clock.offset = timedelta(days=2)
    assert told() == [("CW", "searches phone thirty_days 83%")]


def _evaluator(net: Net, **lower: int) -> AbstractContextManager[str]:
    """One more evaluator of the Netherlands, whose settings make limits lower."""
    register = net[NL]
    settings = replace(register.settings, pseudonyms=replace(register.settings.pseudonyms, lower=lower))
    return serving(replace(register, settings=settings), net.rosters, net.shares[NL])


def _at(net: Net, url: str) -> Net:
    return replace(net, urls={**net.urls, NL: url})
