"""What evaluators tell each other that they granted: counts and a root, bound to the ids that the asker is given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import islice, product
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from register.domain.access.caller import Task
from register.domain.exchange.reconciling import NightState
from register.domain.partition import others
from register.services.access.oversee_asking import list_alarms
from schemas import canonical
from schemas.codes import AlarmKind, Partition
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.lists import COUNTS_MAX
from schemas.exchange.wire import Typ
from sync.protocol.refusals import ListRefused, Malformed, WrongIssuer
from sync.pulling import answered
from sync.pulling import opened as opening
from sync.pulling.counted import PATH, read_counts
from sync.pulling.nights import Nights
from sync.transport.partner import PartnerAnswer, PartnerHttp, PartnerRefused
from sync.trust import NodeSigner, trust_of
from tests.integration.exchange.evaluators.net import ORGANISATIONS, Net, request
from tests.integration.store.isolation.matrix import admin

AW, BQ, CW, NL, SX = Partition
SEARCH, REGISTER = EvaluationPurpose.SEARCH, EvaluationPurpose.REGISTER
TABLES = ("evaluation_asked", "evaluation_answer", "evaluation_night", "evaluation_count", "alarm", "to_do")
Alter = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def granted(net: Net) -> Iterator[Day]:
    """A day on which nothing was granted yet, at any evaluator."""
    found = Day(net)
    yield found
    found.forget()


class Day:
    """One day of the five."""

    def __init__(self, net: Net) -> None:
        self.net, self.day = net, net.clock.now().astimezone(UTC).date()
        self.forget()

    def grant(self, asker: Partition, at: Partition, keys: int, *, purpose: EvaluationPurpose = REGISTER) -> str:
        """Have one evaluator grant a country so many keys of phones; return the id of the request."""
        asked = request(self.net.clock, asker, {"phone/e1": keys}, actor="asks", seed=f"{asker}", purpose=purpose)
        answer = self.net.post(asker, at, asked)
        assert answer.status_code == 200, answer.text
        return str(asked.body.request_id)

    def counts(self, asker: Partition, at: Partition) -> dict[str, Any]:
        """What an evaluator tells a partner of the day."""
        jws = self.net.http(asker).get(at, f"{PATH}/{self.day.isoformat()}").body
        found: dict[str, Any] = json.loads(canonical.unb64(jws.split(b".")[1].decode()))
        return found

    def nights(self, of: Partition, http: Any = None) -> dict[Partition, NightState | None]:
        """Two days later: a country compares the day with each of its evaluators."""
        self.net.clock.offset += timedelta(days=2)
        comparing = Nights(self.net[of], http or self.net.http(of), lambda: self.net.rosters)
        return {one: comparing.turn(one) for one in others(of)}

    def alarms(self, of: Partition) -> list[tuple[AlarmKind, str | None]]:
        """What rings for a country's privacy officer."""
        officer = self.net.world.caller(ORGANISATIONS[of], Task.PRIVACY, actor="privacy")
        page = list_alarms(self.net[of], officer, acknowledged=False, cursor=None, limit=50)
        return [(one.kind, one.about) for one in page.items]

    def forget(self) -> None:
        with psycopg.connect(admin(self.net.world), autocommit=True) as connection:
            for table in TABLES:
                connection.execute(f"DELETE FROM rtr.{table}")
            connection.execute("DELETE FROM evaluator.evaluation_leaf")


class Altered:
    """A way to partners on which an evaluator's counts come otherwise, signed by it as it likes."""

    def __init__(self, net: Net, own: Partition, evaluator: Partition, alter: Alter) -> None:
        self._http, self._evaluator, self._alter = net.http(own), evaluator, alter
        self._signer = NodeSigner(net[evaluator].keys)

    def get(self, partner: Partition, path: str, **more: Any) -> PartnerAnswer:
        answer = self._http.get(partner, path, **more)
        if partner is not self._evaluator or not path.startswith(PATH):
            return answer
        told = json.loads(canonical.unb64(answer.body.split(b".")[1].decode()))
        return replace(answer, body=self._signer.sign(Typ.LIST, self._alter(told)))


def test_an_evaluator_tells_every_partner_the_same_counts_and_nothing_of_who_asked(granted: Day) -> None:
    made = [granted.grant(CW, NL, 3), granted.grant(CW, NL, 2), granted.grant(AW, NL, 4, purpose=SEARCH)]
    granted.net.clock.offset = timedelta(days=1)
    path = f"{PATH}/{granted.day.isoformat()}"
    of_aruba, of_sint_maarten = (granted.net.http(one).get(NL, path).body for one in (AW, SX))
    assert of_aruba == of_sint_maarten
    told = granted.counts(AW, NL)
    assert told["keys"] == [
        {"country": "AW", "book": "searches", "selector_class": "phone", "keys": 4},
        {"country": "CW", "book": "registrations", "selector_class": "phone", "keys": 5},
    ]
    assert [(one["country"], one["count"]) for one in told["requests"]] == [("AW", 1), ("CW", 2)]
    for hidden in (*made, "asks", *ORGANISATIONS.values()):
        assert hidden not in json.dumps(told)


def test_counts_are_given_of_days_that_are_over_to_partners_that_sign(granted: Day) -> None:
    with pytest.raises(PartnerRefused) as refused:
        granted.counts(AW, NL)
    assert refused.value.said == "day-not-over"
    granted.net.clock.offset = timedelta(days=1)
    assert granted.counts(AW, NL)["keys"] == []
    thief = NodeSigner(granted.net[CW].keys)
    http = PartnerHttp(
        AW, signer=thief, rosters=lambda: granted.net.rosters, clock=granted.net.clock, via={}, timeout_s=5.0
    )
    with closing(http), pytest.raises(PartnerRefused) as refused:
        http.get(NL, f"{PATH}/{granted.day.isoformat()}")
    assert refused.value.said == "wrong-issuer"


def test_forged_counts_are_refused(granted: Day) -> None:
    granted.grant(CW, NL, 3)
    granted.net.clock.offset = timedelta(days=1)
    good = granted.counts(AW, NL)
    row = {"country": "CW", "book": "searches", "selector_class": "phone", "keys": 1}
    nl, sx = (NodeSigner(granted.net[one].keys) for one in (NL, SX))
    pieces = granted.net.http(AW).get(NL, f"{answered.PATH}/{granted.day.isoformat()}").body
    for jws, refusal in (
        (sx.sign(Typ.LIST, good), WrongIssuer),
        (nl.sign(Typ.LIST, good | {"iss": "SX"}), WrongIssuer),
        (nl.sign(Typ.LIST, good | {"day": "2026-01-01"}), ListRefused),
        (nl.sign(Typ.LIST, good | {"kind": "answered"}), ListRefused),
        (pieces, ListRefused),
        (nl.sign(Typ.LIST, good | {"keys": [row, row]}), Malformed),
        (nl.sign(Typ.LIST, good | {"keys": [row | {"country": "NL"}]}), Malformed),
        (nl.sign(Typ.LIST, good | {"keys": [row | {"keys": -1}]}), Malformed),
        (nl.sign(Typ.LIST, good | {"keys": [row | {"actor": "x"}]}), Malformed),
    ):
        with pytest.raises(refusal):
            read_counts(jws, trust_of(AW, granted.net.rosters, NL), granted.day)


def test_what_is_granted_at_two_evaluators_each_time_rings_nowhere(granted: Day) -> None:
    for at in (BQ, NL):
        granted.grant(AW, at, 200)
    found = granted.nights(SX)
    assert set(found.values()) == {NightState.MATCHED}
    assert granted.alarms(SX) == []


@pytest.mark.parametrize("alone", [NL, SX], ids=["a partner's evaluator", "the own evaluator"])
def test_what_one_evaluator_granted_alone_rings_where_the_counts_are_compared(granted: Day, alone: Partition) -> None:
    """A partner that answers off the books makes tokens with the asker, and only the other's count shows it."""
    granted.grant(AW, BQ, 20)
    granted.grant(AW, alone, 200)
    granted.nights(SX)
    assert granted.alarms(SX) == [(AlarmKind.GRANTED_ALONE, "AW")]
    with granted.net[SX].database.transaction("worker") as connection:
        query = text("SELECT commitment->'facts'->'alone' AS alone FROM rtr.audit_leaf WHERE action = :action")
        rows = connection.execute(query, {"action": "evaluations.counted"}).all()
    assert rows[-1].alone == [
        {"country": "AW", "book": "registrations", "selector_class": "phone", "evaluator": str(alone), "keys": 180}
    ]


def test_counts_are_compared_once_the_last_evaluator_has_told_its_own(granted: Day) -> None:
    granted.grant(AW, NL, 200)
    gone = granted.net.http(SX, via={BQ: "http://127.0.0.1:9"}, timeout_s=0.5)
    assert granted.nights(SX, gone)[BQ] is NightState.LATE
    assert granted.alarms(SX) == [], "it may have granted as much"
    assert Nights(granted.net[SX], granted.net.http(SX), lambda: granted.net.rosters).turn(BQ) is NightState.MATCHED
    assert granted.alarms(SX) == [(AlarmKind.GRANTED_ALONE, "AW")]


def other_root(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"requests": [one | {"root": canonical.b64(bytes(32))} for one in told["requests"]]}


def fewer(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"requests": [one | {"count": one["count"] + 1} for one in told["requests"]]}


def silent_of(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"requests": []}


@pytest.mark.parametrize("alter", [other_root, fewer, silent_of])
def test_an_evaluator_that_tells_others_something_else_than_the_asker_is_a_finding(granted: Day, alter: Alter) -> None:
    made = granted.grant(AW, NL, 2)
    with psycopg.connect(admin(granted.net.world), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO rtr.evaluation_asked (country, request_id, purpose, declared, keys, about, asked_at)"
            " VALUES ('AW', %s, 'register', 'publish', 2, %s, now())",
            (made, made),
        )
    found = granted.nights(AW, Altered(granted.net, AW, NL, alter))
    assert (found[NL], found[CW]) == (NightState.FINDING, NightState.MATCHED)
    assert granted.alarms(AW) == [(AlarmKind.COUNTED_OTHERWISE, "NL")]


def test_counts_that_are_refused_leave_the_night_late(granted: Day) -> None:
    found = granted.nights(AW, Altered(granted.net, AW, NL, lambda told: told | {"day": "2026-01-01"}))
    assert (found[NL], found[CW]) == (NightState.LATE, NightState.MATCHED)


def test_counts_of_a_night_are_forgotten_with_it(granted: Day) -> None:
    granted.grant(CW, NL, 1)
    granted.nights(AW)
    with granted.net[AW].work(granted.net.world.worker(AW)) as work:
        assert work.exchange.reconciling.counts(granted.day)[NL]
        granted.net.clock.offset += timedelta(days=63)
        work.exchange.reconciling.forget_old()
        assert work.exchange.reconciling.counts(granted.day) == {}


# --- ids that are opened --------------------------------------------------------------------------------------------


def shown(granted: Day, *evaluators: Partition) -> list[dict[str, str]]:
    """What evaluators told Sint Maarten of the day, to be shown to another."""
    path = f"{PATH}/{granted.day.isoformat()}"
    return [
        {"evaluator": str(one), "counts": granted.net.http(AW if one is SX else SX).get(one, path).body.decode()}
        for one in evaluators
    ]


def opened(granted: Day, at: Partition, counts: list[dict[str, str]], **said: Any) -> set[str]:
    """What an evaluator opens to Sint Maarten of Aruba's requests."""
    body = canonical.dumps_plain({"country": "AW", "day": granted.day.isoformat(), "counts": counts, **said})
    jws = granted.net.http(SX).post(at, opening.PATH, body).body
    piece = answered.read_piece(jws, trust_of(SX, granted.net.rosters, at), granted.day, None, AW)
    return {row.request for row in piece.rows}


def test_ids_are_opened_where_the_signed_counts_show_that_one_granted_alone(granted: Day) -> None:
    alone, once, again = granted.grant(AW, NL, 200), granted.grant(AW, BQ, 5), granted.grant(CW, NL, 1)
    granted.net.clock.offset = timedelta(days=1)
    counts = shown(granted, BQ, CW, SX)
    assert opened(granted, NL, counts) == {alone}, "and none of another country"
    assert opened(granted, BQ, shown(granted, CW, NL, SX)) == {once}
    assert again not in opened(granted, NL, counts)
    query = "SELECT commitment FROM evaluator.evaluation_leaf WHERE commitment->>'action' = 'ids.opened' ORDER BY id"
    leaf = granted.net.rows(NL, query)[0].commitment
    assert (leaf["requester"], leaf["of"], leaf["day"]) == ("SX", "AW", granted.day.isoformat())


def test_ids_stay_closed_where_the_counts_fit_or_not_all_are_shown(granted: Day) -> None:
    for at in (BQ, NL):
        granted.grant(AW, at, 200)
    granted.grant(CW, NL, 200)
    granted.net.clock.offset = timedelta(days=1)
    all_shown = shown(granted, BQ, CW, SX)
    for counts in (all_shown, [], all_shown[:2], shown(granted, CW, SX)):
        with pytest.raises(PartnerRefused) as refused:
            opened(granted, NL, counts)
        assert (refused.value.status, refused.value.said) == (409, "evaluation-ids-closed")
    own = [{"evaluator": "NL", "counts": signed_as(granted, NL, lambda told: told | {"keys": []})}]
    with pytest.raises(PartnerRefused) as refused:
        opened(granted, NL, [*all_shown, *own])
    assert refused.value.said == "evaluation-ids-closed", "it goes by its own book, whatever is shown of it"
    with pytest.raises(PartnerRefused) as refused:
        opened(granted, NL, all_shown, country="NL")
    assert refused.value.said == "evaluation-ids-closed", "an evaluator asks itself nothing"


def test_nobodys_own_word_of_what_he_granted_opens_the_ids_of_others(granted: Day) -> None:
    for at in (BQ, NL, SX):
        granted.grant(AW, at, 5)
    granted.net.clock.offset = timedelta(days=1)

    def boasts(told: dict[str, Any]) -> dict[str, Any]:
        return told | {"keys": [one | {"keys": 1_000_000} for one in told["keys"]]}

    own = NodeSigner(granted.net[SX].keys).sign(Typ.LIST, boasts(granted.counts(AW, SX))).decode()
    with pytest.raises(PartnerRefused) as refused:
        opened(granted, NL, [*shown(granted, BQ, CW), {"evaluator": "SX", "counts": own}])
    assert refused.value.said == "evaluation-ids-closed"


def signed_as(granted: Day, evaluator: Partition, alter: Alter) -> str:
    signer = NodeSigner(granted.net[evaluator].keys)
    return signer.sign(Typ.LIST, alter(granted.counts(SX, evaluator))).decode()


def test_ids_are_not_opened_for_forged_counts_nor_of_a_day_long_ago(granted: Day) -> None:
    granted.grant(AW, NL, 200)
    granted.net.clock.offset = timedelta(days=1)
    good = shown(granted, BQ, CW, SX)
    thiefs = NodeSigner(granted.net[SX].keys).sign(Typ.LIST, granted.counts(SX, BQ)).decode()
    for counts, said in (
        ([{"evaluator": "BQ", "counts": thiefs}, *good[1:]], "wrong-issuer"),
        ([{"evaluator": "BQ", "counts": good[1]["counts"]}, *good[1:]], "wrong-issuer"),
        ([good[0], *good], "malformed"),
        ([{"evaluator": "BQ", "counts": "a.b.c"}, *good[1:]], None),
    ):
        with pytest.raises(PartnerRefused) as refused:
            opened(granted, NL, counts)
        assert said in {None, refused.value.said}
    granted.net.clock.offset = timedelta(days=32)
    with pytest.raises(PartnerRefused) as refused:
        opened(granted, NL, good)
    assert refused.value.said == "evaluation-ids-closed", "its own counts of that day are gone"


def found_by(granted: Day, of: Partition) -> dict[str, Any]:
    """The leaf of the day's counts."""
    with granted.net[of].database.transaction("worker") as connection:
        query = text("SELECT commitment->'facts' AS facts FROM rtr.audit_leaf WHERE action = 'evaluations.counted'")
        facts: dict[str, Any] = connection.execute(query).all()[-1].facts
    return facts


def test_what_stands_at_one_evaluator_alone_is_named_in_the_leaf_and_counted_in_the_night(granted: Day) -> None:
    both = granted.net.clock.new_id()
    for at in (BQ, NL):
        asked = request(granted.net.clock, AW, {"phone/e1": 10}, actor="asks", request_id=both, seed="both")
        assert granted.net.post(AW, at, asked).status_code == 200
    alone = granted.grant(AW, NL, 200)
    granted.nights(SX)
    found = found_by(granted, SX)
    assert (found["opened"], found["ids"]) == ({"AW": 1}, [alone])
    with granted.net[SX].work(granted.net.world.worker(SX)) as work:
        (counted,) = [
            one for one in work.exchange.reconciling.nights() if one.evaluator is SX and one.day == granted.day
        ]
    assert (counted.state, counted.unasked) == (NightState.FINDING, 1)


@pytest.mark.parametrize("how", ["refused", "other ids"])
def test_where_an_evaluator_opens_nothing_or_other_ids_the_finding_stands_without_them(granted: Day, how: str) -> None:
    granted.grant(AW, NL, 200)
    granted.nights(SX, Withholding(granted.net, SX, NL, how))
    assert granted.alarms(SX) == [(AlarmKind.GRANTED_ALONE, "AW")]
    assert (found_by(granted, SX)["opened"], found_by(granted, SX)["ids"]) == ({"AW": None}, [])


class Withholding:
    """A way to partners of which one opens no ids, or other ones than those of its root."""

    def __init__(self, net: Net, own: Partition, evaluator: Partition, how: str) -> None:
        self._http, self._evaluator, self._how = net.http(own), evaluator, how
        self._signer, self.get = NodeSigner(net[evaluator].keys), self._http.get

    def post(self, partner: Partition, path: str, body: bytes) -> PartnerAnswer:
        if partner is self._evaluator and self._how == "refused":
            raise PartnerRefused(partner, 409, "evaluation-ids-closed", {})
        answer = self._http.post(partner, path, body)
        if partner is not self._evaluator:
            return answer
        told = json.loads(canonical.unb64(answer.body.split(b".")[1].decode()))
        return replace(answer, body=self._signer.sign(Typ.LIST, told | {"rows": []}))


@pytest.mark.parametrize("body", [b"\xff", b"", b"no list", b"a.b.c"], ids=["bytes", "empty", "text", "unsigned"])
def test_counts_that_cannot_be_read_when_ids_are_to_be_opened_hold_no_night_up(granted: Day, body: bytes) -> None:
    """An evaluator that told its counts well at night answers with anything when it is to be shown to others."""
    granted.grant(AW, NL, 200)
    found = granted.nights(SX, Turning(granted.net, SX, BQ, body))
    assert set(found.values()) == {NightState.MATCHED}
    assert granted.alarms(SX) == [(AlarmKind.GRANTED_ALONE, "AW")]
    assert (found_by(granted, SX)["opened"], found_by(granted, SX)["ids"]) == ({"AW": None}, [])


class Turning:
    """A way to partners of which one tells its counts once, and answers with some bytes after that."""

    def __init__(self, net: Net, own: Partition, evaluator: Partition, body: bytes) -> None:
        self._http, self._evaluator, self._body, self._told = net.http(own), evaluator, body, False
        self.post = self._http.post

    def get(self, partner: Partition, path: str, **more: Any) -> PartnerAnswer:
        answer = self._http.get(partner, path, **more)
        if partner is not self._evaluator or not path.startswith(PATH):
            return answer
        again, self._told = self._told, True
        return replace(answer, body=self._body) if again else answer


def test_counts_too_long_to_be_shown_to_others_leave_the_night_late(granted: Day) -> None:
    def long(told: dict[str, Any]) -> dict[str, Any]:
        row = {"country": "AW", "book": "registrations", "keys": 2**53 - 1}
        names = ("".join(("z" * 9, *three)) for three in product("abcdefgh", repeat=3))
        return told | {"keys": [row | {"selector_class": name} for name in islice(names, COUNTS_MAX)]}

    found = granted.nights(AW, Altered(granted.net, AW, NL, long))
    assert (found[NL], found[CW]) == (NightState.LATE, NightState.MATCHED)


def test_counts_that_were_not_compared_when_a_process_ended_are_compared_by_the_next(granted: Day) -> None:
    granted.grant(AW, NL, 200)
    granted.nights(SX)
    with psycopg.connect(admin(granted.net.world), autocommit=True) as connection:
        connection.execute("DELETE FROM rtr.evaluation_night WHERE country = 'SX' AND evaluator = 'SX'")
        connection.execute("DELETE FROM rtr.alarm")
    comparing = Nights(granted.net[SX], granted.net.http(SX), lambda: granted.net.rosters)
    comparing.turn(AW)
    comparing.turn(AW)
    assert granted.alarms(SX) == [(AlarmKind.GRANTED_ALONE, "AW")]
