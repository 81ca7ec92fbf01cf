"""Tickets: what may stand in one, who can sign it, and when a node signs by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from register.domain.exchange.tickets import (
    ATTESTED_FOR,
    LOOKED_AT_FROM,
    TicketAltered,
    TicketNotSigned,
    TicketRefused,
    Wait,
    check_use,
    present_ticket,
    waits_for,
)
from register.errors import PartnerError
from schemas.codes import Partition, TicketReason, TicketRefusal
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.tickets import KEYS_MAX, Attested, Ticket, TicketAnswer, TicketSignature
from schemas.exchange.wire import KeyState, Typ, document, instant
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.ticket import good_signatures, read_signature, read_ticket
from tests.simulator.fakes import FakeSigner, FakeVerifier, a_roster, rosters_of, sign_kid

AW, BQ, CW, NL, SX = Partition
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
OFFICER = "0" * 32
ROSTERS = rosters_of(a_roster())
VERIFIER = FakeVerifier()


def attested(evaluated: int = 4_000, published: int = 3_500, *, ago: timedelta = timedelta(0)) -> Attested:
    return Attested(evaluated=evaluated, published=published, by=OFFICER, at=instant(NOW - ago))


def ticket(**other: Any) -> Ticket:
    """A ticket of Curaçao to register persons that its node asked for just now."""
    said: dict[str, Any] = {
        "id": "01900000-0000-7000-8000-000000000001",
        "iss": CW,
        "purpose": EvaluationPurpose.REGISTER,
        "selector_class": "person",
        "keys": 30_000,
        "rows": 2_400,
        "first": instant(NOW),
        "until": instant(NOW + timedelta(days=7)),
        "reason": TicketReason.IMPORT_OF_PAST_YEARS,
        "attested": attested(),
        "at": instant(NOW),
    }
    return Ticket(**(said | other))


def signature(of: Ticket, by: Partition, *, person: bool = False, **other: Any) -> TicketSignature:
    said: dict[str, Any] = {
        "iss": by,
        "aud": of.iss,
        "ticket": of.id,
        "digest": of.digest(),
        "by": "person" if person else "node",
        "person": OFFICER if person else None,
        "at": instant(NOW),
    }
    return TicketSignature(**(said | other))


def signed(of: Ticket | TicketSignature, by: Partition) -> bytes:
    typ = Typ.TICKET if isinstance(of, Ticket) else Typ.TICKET_SIGNATURE
    return FakeSigner(sign_kid(by)).sign(typ, document(of))


@pytest.mark.parametrize(
    "reason",
    [
        "passport A1B2C3D4E5",
        "mail jan.testman (at) mail.com",
        "https://example.org/jan",
        "Kaya Testman, Caya Betico Croes 14",
        "plate A 1234",
        "Operation Sea Star: reports on paper",
        "BACKLOG of Jan",
        "backlog",
        "",
    ],
)
def test_a_ticket_has_no_word_that_somebody_typed(reason: str) -> None:
    with pytest.raises(ValidationError):
        ticket(reason=reason)


def test_a_refusal_tells_the_other_country_a_code_and_nothing_else() -> None:
    said = {"ticket": ticket().id, "state": "refused", "counts": False, "used": 0}
    assert TicketAnswer.model_validate({**said, "reason": TicketRefusal.NOT_KNOWN_HERE}).reason == "NOT_KNOWN_HERE"
    with pytest.raises(ValidationError):
        TicketAnswer.model_validate({**said, "reason": "Kaya Testman"})


@pytest.mark.parametrize("rows", [0, KEYS_MAX + 1, 2**53 - 1])
def test_a_ticket_is_of_no_more_rows_than_it_can_have_keys(rows: int) -> None:
    with pytest.raises(ValidationError):
        ticket(rows=rows)


@pytest.mark.parametrize(
    "other",
    [
        {"until": instant(NOW + timedelta(days=31))},
        {"until": instant(NOW)},
        {"first": instant(NOW - timedelta(days=1))},
        {"first": instant(NOW + timedelta(days=40)), "until": instant(NOW + timedelta(days=41))},
        {"keys": 0},
        {"keys": 1_000_001},
        {"epoch": 2},
        {"purpose": EvaluationPurpose.EPOCH},
        {"purpose": EvaluationPurpose.EPOCH, "epoch": 1},
        {"selector_class": "all keys"},
    ],
)
def test_a_ticket_is_bounded_in_time_and_keys_and_names_an_epoch_for_a_change_of_it_only(other: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ticket(**other)


def test_a_ticket_is_its_countrys_own_and_a_signature_that_of_whoever_it_names() -> None:
    asked = ticket()
    assert read_ticket(signed(asked, CW), CW, ROSTERS, VERIFIER) == asked
    with pytest.raises(PartnerError) as refused:
        read_ticket(signed(asked, CW), SX, ROSTERS, VERIFIER)
    assert refused.value.code == "wrong-issuer"
    with pytest.raises(PartnerError) as refused:
        read_ticket(signed(asked, SX), CW, ROSTERS, VERIFIER)
    assert refused.value.code == "wrong-issuer"
    with pytest.raises(PartnerError) as refused:
        read_signature(signed(signature(asked, NL), CW), asked, ROSTERS, VERIFIER)
    assert refused.value.code == "wrong-issuer", "a stolen key of the asking country signs for nobody else"


def test_a_signature_is_over_one_ticket_as_it_was() -> None:
    asked, given = ticket(), signed(signature(ticket(), NL), NL)
    assert read_signature(given, asked, ROSTERS, VERIFIER).iss is NL
    for altered in (
        ticket(keys=30_001),
        ticket(until=instant(NOW + timedelta(days=8))),
        ticket(selector_class="phone"),
    ):
        with pytest.raises(TicketAltered):
            read_signature(given, altered, ROSTERS, VERIFIER)
        assert good_signatures([given], altered, ROSTERS, VERIFIER) == []


def test_a_signature_under_a_key_that_was_revoked_since_counts_no_more() -> None:
    asked, given = ticket(), signed(signature(ticket(), NL), NL)
    roster = a_roster()
    keys = tuple(
        key.model_copy(update={"state": KeyState.REVOKED}) if key.kid == sign_kid(NL) else key
        for key in roster.node_keys
    )
    revoked = Rosters((roster.model_copy(update={"node_keys": keys}),))
    assert len(good_signatures([given], asked, ROSTERS, VERIFIER)) == 1
    assert good_signatures([given], asked, revoked, VERIFIER) == []


def test_three_other_countries_make_a_ticket_count_and_three_persons_make_it_lift_the_thirty_days() -> None:
    asked = ticket()
    with pytest.raises(TicketNotSigned):
        present_ticket(asked, [signature(asked, NL), signature(asked, SX), signature(asked, NL, person=True)])
    assert not present_ticket(asked, [signature(asked, NL), signature(asked, SX), signature(asked, AW)]).by_persons
    two = [signature(asked, NL, person=True), signature(asked, SX, person=True)]
    assert not present_ticket(asked, [*two, signature(asked, AW)]).by_persons
    assert present_ticket(asked, [*two, signature(asked, AW), signature(asked, AW, person=True)]).by_persons
    with pytest.raises(ValidationError):
        signature(asked, CW)


@pytest.mark.parametrize(("purpose", "epoch"), [(EvaluationPurpose.SEARCH, None), (EvaluationPurpose.EPOCH, 2)])
def test_three_nodes_alone_open_no_searches_and_no_epoch(purpose: EvaluationPurpose, epoch: int | None) -> None:
    asked = ticket(purpose=purpose, epoch=epoch)
    with pytest.raises(TicketNotSigned):
        present_ticket(asked, [signature(asked, one) for one in (AW, NL, SX, BQ)])
    assert present_ticket(asked, [signature(asked, one, person=True) for one in (AW, NL, SX)]).by_persons


def test_a_signature_of_another_ticket_makes_none_count() -> None:
    asked, other = ticket(), ticket(keys=1)
    with pytest.raises(TicketNotSigned):
        present_ticket(asked, [signature(asked, NL), signature(asked, SX), signature(other, AW)])


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (ticket(), None),
        (ticket(purpose=EvaluationPurpose.SEARCH), Wait.SEARCH),
        (ticket(purpose=EvaluationPurpose.EPOCH, epoch=2), Wait.EPOCH),
        (ticket(attested=None), Wait.UNATTESTED),
        (ticket(attested=attested(ago=ATTESTED_FOR + timedelta(seconds=1))), Wait.OLD),
        (ticket(attested=attested(ago=-timedelta(hours=1))), Wait.OLD),
        (ticket(attested=attested(LOOKED_AT_FROM, LOOKED_AT_FROM // 2 - 1)), Wait.UNPUBLISHED),
        (ticket(attested=attested(0, 0)), None),
        (ticket(keys=50_001), Wait.DAY_FULL),
        (ticket(keys=60_001), Wait.ABOVE_DAY),
    ],
)
def test_a_node_signs_registrations_by_itself_while_the_figure_is_attested_and_the_day_has_room(
    asked: Ticket, why: Wait | None
) -> None:
    assert waits_for(asked, now=NOW, signed_today=10_000, ceiling=60_000, counted=0) is why


def test_a_forged_figure_below_what_this_evaluator_granted_waits_for_a_person() -> None:
    """A thief of the node's key says that nothing was evaluated; the evaluator's own book says otherwise."""
    forged = ticket(attested=attested(0, 0))
    assert waits_for(forged, now=NOW, signed_today=0, ceiling=60_000, counted=LOOKED_AT_FROM) is Wait.UNTOLD
    assert waits_for(ticket(), now=NOW, signed_today=0, ceiling=60_000, counted=4_400) is None


EPOCH = ticket(purpose=EvaluationPurpose.EPOCH, epoch=2)


@pytest.mark.parametrize(
    ("of", "country", "purpose", "key_ids", "at", "code"),
    [
        (ticket(), CW, "register", {"person/e1"}, NOW, None),
        (ticket(), SX, "register", {"person/e1"}, NOW, "ticket-other-country"),
        (ticket(), CW, "search", {"person/e1"}, NOW, "ticket-other-purpose"),
        (ticket(), CW, "epoch", {"person/e2"}, NOW, "ticket-other-purpose"),
        (ticket(), CW, "register", {"phone/e1"}, NOW, "ticket-other-class"),
        (ticket(), CW, "register", {"person/e1", "phone/e1"}, NOW, "ticket-other-class"),
        (ticket(), CW, "register", {"person/e1"}, NOW - timedelta(seconds=1), "ticket-out-of-time"),
        (ticket(), CW, "register", {"person/e1"}, NOW + timedelta(days=7), "ticket-out-of-time"),
        (EPOCH, CW, "epoch", {"person/e2"}, NOW, None),
        (EPOCH, CW, "epoch", {"person/e1"}, NOW, "ticket-other-epoch"),
        (EPOCH, CW, "search", {"person/e2"}, NOW, "ticket-other-purpose"),
        (EPOCH, CW, "register", {"person/e2"}, NOW, "ticket-other-purpose"),
    ],
)
def test_a_ticket_is_for_one_country_purpose_class_epoch_and_time(
    of: Ticket, country: Partition, purpose: str, key_ids: set[str], at: datetime, code: str | None
) -> None:
    """An epoch's ticket opens keys of the new epoch only: under it nobody looks a number up in what stands today."""
    if code is None:
        check_use(of, country, EvaluationPurpose(purpose), key_ids, at)
        return
    with pytest.raises(TicketRefused) as refused:
        check_use(of, country, EvaluationPurpose(purpose), key_ids, at)
    assert refused.value.code == code
