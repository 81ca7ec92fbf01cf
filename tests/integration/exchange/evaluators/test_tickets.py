"""Tickets over the wire: what an evaluator signs, what it counts on a ticket, and what it refuses by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from register.domain.access.caller import system
from register.domain.partition import others
from register.keys import jws
from register.pseudonyms.client import Pending, pseudonymise
from register.pseudonyms.errors import UnknownKey
from register.services.exchange.keep_tickets import ask_ticket
from register.services.exchange.take_tickets import sign_ticket
from register.store.exchange.evaluating.shown_tickets import SHOWN_MAX
from schemas.canonical import dumps_plain
from schemas.codes import Partition, TicketReason
from schemas.exchange.evaluation import Asking, Declared, EvaluationPurpose, EvaluationRequest
from schemas.exchange.tickets import Attested, Ticket, TicketAnswer, TicketAsked, TicketSignature
from schemas.exchange.wire import Typ, document, instant, read
from sync.evaluators import PATH as EVALUATE
from sync.pulling.tickets import PATH
from sync.transport.partner import PartnerRefused
from sync.trust import NodeSigner
from tests.integration.exchange.evaluators.net import (
    GROUNDS,
    ORGANISATIONS,
    SECRET,
    Net,
    bytes_of,
    code,
    phones,
    request,
    serving,
)

AW, BQ, CW, NL, SX = Partition
REGISTER, SEARCH, EPOCH = EvaluationPurpose
OFFICER = "0" * 32
FREE = 250
"""Phone keys that one evaluator registers in five minutes: half of 500."""
MONTH = 750


class Asks:
    """Curaçao's node with tickets of its own; it may say of itself whatever it likes."""

    def __init__(self, net: Net) -> None:
        self.net, self.asked = net, 0

    def ticket(self, *, attested: bool = True, **other: Any) -> Ticket:
        now = self.net.clock.now()
        figure = Attested(evaluated=0, published=0, by=OFFICER, at=instant(now)) if attested else None
        said: dict[str, Any] = {
            "id": str(self.net.clock.new_id()), "iss": CW, "purpose": REGISTER, "selector_class": "phone",
            "keys": 10_000, "rows": 5_000, "first": instant(now), "until": instant(now + timedelta(days=10)),
            "reason": TicketReason.IMPORT_OF_PAST_YEARS, "attested": figure, "at": instant(now),
        }  # fmt: skip
        return Ticket(**(said | other))

    def signed(self, ticket: Ticket, *, by: Partition = CW) -> str:
        return NodeSigner(self.net[by].keys).sign(Typ.TICKET, document(ticket)).decode()

    def show(
        self, ticket: Ticket, to: Partition, signatures: Sequence[str] = (), *, own: Partition = CW
    ) -> TicketAnswer:
        asked = TicketAsked(ticket=self.signed(ticket), signatures=tuple(signatures))
        return read(TicketAnswer, self.net.http(own).post(to, PATH, dumps_plain(document(asked))).body)

    def by_nodes(self, ticket: Ticket) -> list[str]:
        """The signatures that the other nodes give by themselves."""
        answers = [self.show(ticket, one) for one in others(CW)]
        return [one.signature for one in answers if one.signature is not None]

    def by_persons(self, ticket: Ticket) -> list[str]:
        return [sign_ticket(self.net[one], ticket, person=OFFICER) for one in (AW, NL, SX)]

    def phones(self, count: int, *, to: Partition = NL, **said: Any) -> httpx2.Response:
        self.asked += 1
        key_id = said.pop("key_id", "phone/e1")
        ticket = said.pop("ticket", None)
        words = {
            "actor": "clerk",
            "seed": f"{self.asked}",
            "ticket": None if ticket is None else UUID(ticket.id),
            **said,
        }
        own = words.pop("own", CW)
        return self.net.post(own, to, request(self.net.clock, own, {key_id: count}, **words))


@pytest.fixture
def asks(net: Net) -> Asks:
    return Asks(net)


def test_three_nodes_sign_registrations_by_themselves_and_the_burst_is_lifted(net: Net, asks: Asks) -> None:
    ticket = asks.ticket()
    signatures = asks.by_nodes(ticket)
    assert len(signatures) == 4
    assert asks.phones(FREE).status_code == 200
    assert code(asks.phones(1)) == "evaluator-country-full"
    assert code(asks.phones(1, ticket=ticket)) == "ticket-not-signed", "its own signature is one of three"
    assert asks.show(ticket, NL, signatures).counts
    answer = asks.phones(FREE, ticket=ticket)
    assert answer.status_code == 200
    assert asks.show(ticket, NL).used == FREE
    assert net.booked(NL, "registrations", "phone") == FREE, "no part of what is free is used by it"
    leaf = net.rows(NL, "SELECT commitment FROM evaluator.evaluation_leaf ORDER BY id DESC LIMIT 1")[0].commitment
    assert (leaf["ticket"], leaf["counted"]) == (ticket.id, "on-ticket")


def test_a_ticket_of_nodes_lifts_no_thirty_days_and_what_is_used_on_it_is_missing_there(asks: Asks) -> None:
    """Who stole a node's key gains speed and no number: 750 phones in thirty days at each evaluator, as without."""
    ticket = asks.ticket()
    asks.show(ticket, NL, asks.by_nodes(ticket))
    granted = 0
    for _ in range(8):
        granted += FREE if asks.phones(FREE, ticket=ticket).status_code == 200 else 0
    assert granted == MONTH
    refused = asks.phones(1, ticket=ticket)
    assert (code(refused), refused.json()["details"]["limit"]) == ("evaluator-country-full", "thirty_days")
    asks.net.clock.offset = timedelta(days=2)
    assert asks.phones(1).json()["details"]["limit"] == "thirty_days"


def test_persons_of_three_countries_lift_the_thirty_days_as_far_as_the_ticket_says(asks: Asks) -> None:
    ticket = asks.ticket(keys=3_000, attested=False)
    assert asks.show(ticket, NL).state == "waiting"
    assert asks.show(ticket, NL).reason == "not-attested"
    assert asks.show(ticket, NL, asks.by_persons(ticket)).counts
    granted = 0
    for _ in range(4):
        granted += 500 if asks.phones(500, ticket=ticket).status_code == 200 else 0
    assert granted == 1_500, "a half of the ticket at each evaluator: what is free fits no 500 at once"
    refused = asks.phones(500, ticket=ticket)
    assert (refused.status_code, code(refused)) == (422, "too-many-keys"), "no waiting makes 500 fit again"
    assert asks.phones(FREE, ticket=ticket).status_code == 200, "what is free stays free"
    refused = asks.phones(FREE, ticket=ticket)
    assert (refused.status_code, code(refused)) == (429, "ticket-used-up")
    slot = datetime.fromisoformat(refused.json()["details"]["retry_at"]) - asks.net.clock.now()
    assert timedelta(minutes=4) < slot <= timedelta(minutes=6), "when five minutes are over"


def test_a_search_above_its_thirty_days_is_computed_on_a_ticket_of_persons_and_on_none_of_nodes(asks: Asks) -> None:
    made = asks.ticket(purpose=SEARCH, keys=2_000)
    assert asks.show(made, NL).reason == "for-searches"
    nodes = [sign_ticket(asks.net[one], made) for one in (AW, BQ, SX)]
    assert not asks.show(made, NL, nodes).counts, "three nodes that say yes open no searches"
    assert code(asks.phones(900, ticket=made, purpose=SEARCH)) == "ticket-not-signed"
    assert asks.show(made, NL, asks.by_persons(made)).counts
    assert asks.phones(900, ticket=made, purpose=SEARCH).status_code == 200


@pytest.mark.parametrize(
    ("ticket", "said", "refused"),
    [
        ({}, {"purpose": SEARCH}, "ticket-other-purpose"),
        ({}, {"purpose": EPOCH}, "ticket-other-purpose"),
        ({"selector_class": "person"}, {}, "ticket-other-class"),
        ({"purpose": SEARCH}, {}, "ticket-other-purpose"),
        ({"purpose": EPOCH, "epoch": 2}, {}, "ticket-other-purpose"),
        ({"purpose": EPOCH, "epoch": 2}, {"purpose": SEARCH}, "ticket-other-purpose"),
        ({"purpose": EPOCH, "epoch": 2}, {"purpose": EPOCH}, "ticket-other-epoch"),
    ],
)
def test_a_ticket_for_something_else_is_refused_by_name_and_nothing_is_counted(
    net: Net, asks: Asks, ticket: dict[str, Any], said: dict[str, Any], refused: str
) -> None:
    """An epoch's ticket opens keys of the new epoch only, under which nothing that stands today can be looked up."""
    made = asks.ticket(**ticket)
    assert asks.show(made, NL, asks.by_persons(made)).counts
    answer = asks.phones(1, ticket=made, **said)
    assert (answer.status_code, code(answer)) == (409, refused)
    assert net.counted(NL, "country", "-") == net.counted(NL, "ticket", made.id) == 0
    last = net.rows(NL, "SELECT commitment FROM evaluator.evaluation_leaf ORDER BY id DESC LIMIT 1")[0].commitment
    assert (last["decision"], last["ticket"]) == (refused, made.id)


def test_an_epoch_ticket_derives_values_anew_under_the_new_key_and_takes_nothing_from_the_old_books(
    net: Net, asks: Asks
) -> None:
    made = asks.ticket(purpose=EPOCH, epoch=2, keys=40, attested=False)
    for one in others(CW):
        asks.show(made, one, asks.by_persons(made))
    keys = phones(*(f"+29756{n:05}" for n in range(15)))

    def derive(epoch: int, **said: Any) -> list[Any]:
        asking = Asking(
            request_id=net.clock.new_id(), country=CW, organisation=ORGANISATIONS[CW], actor="worker",
            legal_basis=GROUNDS[CW], declared=Declared.PUBLISH, purpose=said.pop("purpose", EPOCH),
        )  # fmt: skip
        return pseudonymise(
            keys, net.evaluators(CW), request=asking, epochs={"phone": epoch}, secret=SECRET,
            issued=net.clock.now(), on_fault=lambda *_: None, **said,
        )  # fmt: skip

    new = derive(2, ticket=UUID(made.id))
    assert [one.epoch for one in new] == [2] * 15
    old = derive(1, purpose=REGISTER)
    assert not {one.value for one in new} & {one.value for one in old}, "another key"
    assert [one.value for one in derive(2, ticket=UUID(made.id))] == [one.value for one in new]
    assert sum(asks.show(made, one).used for one in others(CW)) == 60, "at two of four, twice"
    assert sum(net.booked(one, "registrations", "phone") for one in others(CW)) == 30, "of the old epoch alone"
    third = derive(2, ticket=UUID(made.id))
    assert all(isinstance(one, Pending) for one in third), "20 at each: 15 twice are more"
    assert third[0].limit == "evaluator-too-many-keys", "no day brings more of it"
    assert all(isinstance(one, Pending) for one in derive(1, ticket=UUID(made.id)))


def test_a_ticket_for_an_epoch_without_a_key_is_refused_where_it_is_asked_and_where_it_is_shown(
    net: Net, asks: Asks
) -> None:
    """Persons of three countries would sign what nothing can use: a ceremony of the five comes first."""
    unit = replace(system(CW, "api"), actor="operator:1000")
    said: dict[str, Any] = {
        "purpose": EPOCH,
        "keys": 10,
        "rows": 1,
        "days": 1,
        "reason": TicketReason.IMPORT_OF_PAST_YEARS,
    }
    with pytest.raises(UnknownKey):
        ask_ticket(net[CW], unit, selector_class="phone", epoch=3, **said)
    assert ask_ticket(net[CW], unit, selector_class="phone", epoch=2, **said).key_id == "phone/e2"
    with pytest.raises(PartnerRefused) as refused:
        asks.show(asks.ticket(purpose=EPOCH, epoch=2, selector_class="person", attested=False), NL)
    assert refused.value.said == "unknown-key-id"
    with pytest.raises(PartnerRefused) as refused:
        asks.show(asks.ticket(selector_class="zzz", attested=False), NL)
    assert refused.value.said == "unknown-key-id"
    assert net.rows(NL, "SELECT 1 AS n FROM evaluator.evaluation_ticket") == [], "nothing was kept"


def test_workers_that_race_on_one_ticket_get_each_evaluators_part_and_no_key_more(net: Net, asks: Asks) -> None:
    """Twenty plates never fit freely; of 160 each evaluator takes 80, however many ask at once and wherever."""
    made = asks.ticket(selector_class="plate", keys=160, attested=False)
    for one in others(CW):
        asks.show(made, one, asks.by_persons(made))

    def ask(turn: int) -> tuple[Partition, int]:
        to = (NL, SX)[turn % 2]
        asked = request(
            net.clock, CW, {"plate/e1": 20}, actor="clerk", seed=f"raced {turn}", ticket=UUID(made.id),
            request_id=net.clock.new_id(),
        )  # fmt: skip
        return to, net.post(CW, to, asked).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(ask, range(14)))
    assert answers == {(NL, 200): 4, (NL, 422): 3, (SX, 200): 4, (SX, 422): 3}
    assert [asks.show(made, one).used for one in others(CW)] == [0, 0, 80, 80]


def test_one_question_that_races_with_itself_on_a_ticket_is_counted_once(net: Net, asks: Asks) -> None:
    made = asks.ticket(selector_class="plate", keys=160, attested=False)
    asks.show(made, NL, asks.by_persons(made))
    asked = request(net.clock, CW, {"plate/e1": 20}, actor="clerk", ticket=UUID(made.id))
    bare = asked.model_copy(update={"ticket": None})
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda one: net.post(CW, NL, one).status_code, (asked, asked, asked, bare)))
    assert sent[:3] == [200, 200, 200]
    assert sent[3] in {200, 422}, "before it is granted it is too much, afterwards a repeat"
    assert asks.show(made, NL).used == 20


def test_another_countrys_ticket_and_one_that_was_never_shown_are_refused_by_name(asks: Asks) -> None:
    made = asks.ticket()
    asks.show(made, NL, asks.by_persons(made))
    assert code(asks.phones(1, ticket=made, own=SX)) == "ticket-other-country"
    never = asks.phones(1, ticket=asks.ticket())
    assert (never.status_code, code(never)) == (404, "ticket-unknown")
    with pytest.raises(PartnerRefused) as refused:
        asks.show(made, NL, own=SX)
    assert refused.value.said == "wrong-issuer", "who shows another's ticket gets nothing of it"


def test_a_ticket_counts_between_its_two_moments_by_the_evaluators_clock(asks: Asks) -> None:
    now = asks.net.clock.now()
    made = asks.ticket(first=instant(now + timedelta(days=1)), until=instant(now + timedelta(days=2)))
    asks.show(made, NL, asks.by_persons(made))
    assert code(asks.phones(1, ticket=made)) == "ticket-out-of-time"
    asks.net.clock.offset = timedelta(days=1, minutes=1)
    assert asks.phones(1, ticket=made).status_code == 200
    asks.net.clock.offset = timedelta(days=2, minutes=1)
    assert code(asks.phones(1, ticket=made)) == "ticket-out-of-time"


def test_a_ticket_that_was_altered_is_refused_whoever_signed_the_first(asks: Asks) -> None:
    made = asks.ticket()
    signatures = asks.by_nodes(made)
    more = made.model_copy(update={"keys": 50_000})
    with pytest.raises(PartnerRefused) as refused:
        asks.show(more, NL)
    assert refused.value.said == "ticket-altered"
    other = asks.ticket(keys=50_000)
    with pytest.raises(PartnerRefused) as refused:
        asks.show(other, NL, signatures)
    assert refused.value.said == "ticket-altered", "signatures of one ticket are none of another"


def test_a_stolen_node_key_signs_for_no_other_country(net: Net, asks: Asks) -> None:
    made = asks.ticket()
    keys = net[CW].keys
    forged = [
        jws.sign(
            dumps_plain(document(TicketSignature(
                iss=one, aud=CW, ticket=made.id, digest=made.digest(), by="person", person=OFFICER, at=made.at
            ))),
            typ=Typ.TICKET_SIGNATURE, kid=keys.kid, key=keys.signing,
        )
        for one in (AW, NL, SX)
    ]  # fmt: skip
    with pytest.raises(PartnerRefused) as refused:
        asks.show(made, NL, forged)
    assert refused.value.said == "wrong-issuer"
    assert net.rows(NL, "SELECT 1 AS n FROM evaluator.evaluation_ticket") == [], "nothing was kept"


def test_nodes_sign_a_days_ceiling_by_themselves_and_leave_what_is_above_it_to_persons(asks: Asks) -> None:
    states = [asks.show(asks.ticket(keys=25_000), NL).reason for _ in range(3)]
    assert states == [None, None, "day-full"]
    assert asks.show(asks.ticket(keys=10_000), NL).state == "signed"
    asks.net.clock.offset = timedelta(days=1)
    assert asks.show(asks.ticket(keys=60_000), NL).state == "signed"


def test_a_forged_figure_is_held_against_what_this_evaluator_granted(asks: Asks) -> None:
    made = asks.ticket(keys=4_000, attested=False)
    asks.show(made, NL, asks.by_persons(made))
    for _ in range(2):
        assert asks.phones(1_000, ticket=made).status_code == 200
    assert asks.show(asks.ticket(), NL).reason == "less-than-counted-here", "nothing was evaluated, says the node"


def test_what_is_kept_counts_on_a_ticket_in_the_thirty_days_of_both_books(asks: Asks) -> None:
    ticket = asks.ticket()
    asks.show(ticket, NL, asks.by_nodes(ticket))
    granted = 0
    for _ in range(4):
        granted += 125 if asks.phones(125, ticket=ticket, declared=Declared.KEEP).status_code == 200 else 0
    assert granted == 375, "half of 750: what is kept has thirty days of its own"
    assert asks.show(ticket, NL).used == 250, "the first of them were free"


def test_a_repeat_is_free_with_a_ticket_and_without(net: Net, asks: Asks) -> None:
    """Whoever was granted a question freely and comes again with a ticket is no thief of the id."""
    asked = request(net.clock, CW, {"phone/e1": 5}, actor="clerk")
    ticket = asks.ticket()
    asks.show(ticket, NL, asks.by_nodes(ticket))
    assert net.post(CW, NL, asked).status_code == 200
    again = asked.model_copy(update={"ticket": UUID(ticket.id)})
    assert net.post(CW, NL, again).status_code == 200
    assert net.post(CW, NL, asked).status_code == 200
    assert asks.show(ticket, NL).used == 0
    assert net.booked(NL, "registrations", "phone") == 5


def sent_again(asked: EvaluationRequest, net: Net, **other: Any) -> EvaluationRequest:
    """The same question with times of now; it may name another ticket."""
    now = net.clock.now()
    return asked.model_copy(update={"issued": now, "expires": now + timedelta(seconds=60), **other})


def test_a_repeat_of_what_was_granted_on_a_ticket_is_answered_without_it_and_after_its_end(
    net: Net, asks: Asks
) -> None:
    """More than what is free takes at once: whoever lost the answer asks again, and nothing is counted twice."""
    ticket = asks.ticket(keys=3_000, attested=False)
    asks.show(ticket, NL, asks.by_persons(ticket))
    asked = request(net.clock, CW, {"phone/e1": 500}, actor="clerk", ticket=UUID(ticket.id))
    first = net.post(CW, NL, asked)
    assert first.status_code == 200
    bare = net.post(CW, NL, sent_again(asked, net, ticket=None))
    assert bare.status_code == 200, code(bare)
    assert bare.json()["batches"][0]["elements"] == first.json()["batches"][0]["elements"]
    net.clock.offset = timedelta(days=11)
    ended = net.post(CW, NL, sent_again(asked, net))
    assert ended.status_code == 200, code(ended)
    net.clock.offset += timedelta(minutes=2)
    unknown = net.post(CW, NL, sent_again(asked, net, ticket=net.clock.new_id()))
    assert unknown.status_code == 200, "whatever is named beside it"
    assert asks.show(ticket, NL).used == 500
    decisions = [leaf["decision"] for leaf in net.leaves(NL, asked.body.request_id)]
    assert decisions == ["granted", "repeated", "repeated", "repeated"]


def test_a_repeat_is_no_way_to_ask_for_more(net: Net, asks: Asks) -> None:
    """Other elements under the id are alarmed, the same under another id are new, and repeats have their minute."""
    ticket = asks.ticket(keys=4_000, attested=False)
    asks.show(ticket, NL, asks.by_persons(ticket))
    asked = request(net.clock, CW, {"phone/e1": 900}, actor="clerk", ticket=UUID(ticket.id))
    assert net.post(CW, NL, asked).status_code == 200
    more = request(net.clock, CW, {"phone/e1": 901}, actor="clerk", request_id=asked.body.request_id)
    assert code(net.post(CW, NL, more)) == "evaluation-id-reused"
    fresh = net.post(CW, NL, request(net.clock, CW, {"phone/e1": 900}, actor="clerk"))
    assert (code(fresh), fresh.json()["details"]["most"]) == ("too-many-keys", FREE)
    other = request(net.clock, SX, {"phone/e1": 900}, actor="clerk", request_id=asked.body.request_id)
    assert code(net.post(SX, NL, other)) == "too-many-keys", "another country's grant is none of one's own"
    repeated = [net.post(CW, NL, sent_again(asked, net, ticket=None)) for _ in range(3)]
    assert [one.status_code for one in repeated] == [200, 200, 429]
    assert code(repeated[-1]) == "evaluator-repeats-full"


def test_what_a_ticket_never_takes_at_once_is_refused_at_once_and_says_what_fits(asks: Asks) -> None:
    small = asks.ticket(keys=700)
    asks.show(small, NL, asks.by_nodes(small))
    refused = asks.phones(400, ticket=small)
    assert (refused.status_code, code(refused)) == (422, "too-many-keys"), "a half of 700 at each"
    assert refused.json()["details"]["most"] == 350
    assert "persons of three countries" in refused.json()["detail"]
    assert asks.phones(350, ticket=small).status_code == 200
    used_up = asks.phones(350, ticket=small)
    assert (code(used_up), used_up.json()["details"]["most"]) == ("too-many-keys", FREE), "what is free fits"
    assert asks.phones(FREE, ticket=small).status_code == 200


def test_a_used_up_ticket_names_the_slot_of_what_is_free_and_no_tomorrow_that_refuses_again(asks: Asks) -> None:
    ticket = asks.ticket(keys=700)
    asks.show(ticket, NL, asks.by_nodes(ticket))
    for count in (FREE, 350):
        assert asks.phones(count, ticket=ticket).status_code == 200
    refused = asks.phones(200, ticket=ticket)
    assert code(refused) == "ticket-used-up"
    slot = datetime.fromisoformat(refused.json()["details"]["retry_at"])
    assert slot - asks.net.clock.now() > timedelta(days=29), "the thirty days are full"


def test_a_ceiling_that_an_evaluator_lowered_says_at_once_what_it_takes(net: Net, asks: Asks) -> None:
    """Nodes signed it under the agreed ceiling; here it was lowered since."""
    ticket = asks.ticket()
    asks.show(ticket, NL, asks.by_nodes(ticket))
    settings = net[NL].settings
    pseudonyms = replace(settings.pseudonyms, lower={"ticket_keys_a_day": 600})
    lower = replace(net[NL], settings=replace(settings, pseudonyms=pseudonyms))
    asked = request(net.clock, CW, {"phone/e1": 400}, actor="clerk", ticket=UUID(ticket.id))
    with serving(lower, net.rosters, net.shares[NL]) as url:
        http = net.http(CW, via={NL: url})
        with pytest.raises(PartnerRefused) as refused:
            http.post(NL, EVALUATE, bytes_of(asked))
        assert (refused.value.said, refused.value.told.get("most")) == ("too-many-keys", 300)


def test_a_country_shows_so_many_tickets_at_most_that_have_not_ended(asks: Asks) -> None:
    for _ in range(SHOWN_MAX):
        asks.show(asks.ticket(keys=1), NL)
    with pytest.raises(PartnerRefused) as refused:
        asks.show(asks.ticket(keys=1), NL)
    assert refused.value.said == "tickets-too-many"
