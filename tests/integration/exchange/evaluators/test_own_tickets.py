"""A ticket from the house that asks to the houses that sign: by their nodes, or by a person in each of three."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError
from typer.testing import Result

from register.core import Register
from register.domain.access.caller import Caller, FreshSignInNeeded, Task, TaskMissing, system
from register.domain.exchange.tickets import TicketDecided, TicketUnknown
from register.pseudonyms.client import Token
from register.services.exchange.ask_evaluators import tickets_with_room
from register.services.exchange.keep_tickets import (
    ask_ticket,
    bring_tickets,
    decide_ticket,
    list_tickets,
)
from register.services.exchange.take_tickets import sign_as, sign_ticket, ticket_in
from schemas.canonical import dumps_plain
from schemas.codes import AlarmKind, Partition, TicketReason, TicketRefusal, ToDoKind
from schemas.exchange.evaluation import EvaluationPurpose
from schemas.exchange.tickets import Ticket, TicketAsked
from schemas.exchange.wire import Typ, document, instant
from sync.pulling.own_tickets import look_for_unasked, pursue_tickets
from sync.pulling.tickets import PATH
from tests.integration.exchange.evaluators.net import Net, phones, tokens
from tests.integration.services.running.test_operators_log import calling
from tests.support.started.databases import empty
from tests.unit.api.cli.desk import document as json_of

AW, BQ, CW, NL, SX = Partition
REGISTER = EvaluationPurpose.REGISTER
REASON = TicketReason.IMPORT_OF_PAST_YEARS


@pytest.fixture
def houses(net: Net) -> Iterator[Net]:
    empty(net.world.settings, ("ticket", "attested_figure", "alarm", "to_do", "audit_leaf"))
    yield net
    empty(net.world.settings, ("ticket", "attested_figure", "alarm", "to_do", "audit_leaf"))


def operator(country: Partition) -> Caller:
    return replace(system(country, "api"), actor="operator:1000")


def ask(net: Net, **other: Any) -> Ticket:
    said: dict[str, Any] = {"selector_class": "phone", "keys": 2_000, "rows": 900, "days": 7, "reason": REASON, **other}
    return ask_ticket(net[CW], operator(CW), purpose=said.pop("purpose", REGISTER), **said)


def attest(net: Net) -> None:
    """As the privacy officer of Curaçao does at the page."""
    with net[CW].work(operator(CW)) as work:
        work.exchange.tickets.attest(0, 0, "0" * 32)


def pursue(net: Net) -> int:
    return pursue_tickets(net[CW], net.http(CW), lambda: net.rosters)


def room(net: Net) -> list[tuple[UUID, int]]:
    return tickets_with_room(net[CW], "worker", REGISTER, "phone")


def own(net: Net) -> Any:
    (found,) = list_tickets(net[CW], operator(CW))
    return found


def said_in(register: Register) -> list[str]:
    with register.database.transaction("auditor") as connection:
        rows = connection.exec_driver_sql("SELECT commitment->>'action' FROM rtr.audit_leaf ORDER BY id")
        return [row[0] for row in rows if str(row[0]).startswith("ticket.")]


def waiting(register: Register) -> list[UUID]:
    unit = replace(system(register.partition, "api"), tasks=frozenset({Task.REGISTER}))
    with register.work(unit) as work:
        found = work.running.to_do.page(unit, after=None, limit=10)
    return [one.object for one in found if one.kind is ToDoKind.TICKET]


def rings(register: Register) -> list[str]:
    with register.work(system(register.partition, "worker")) as work:
        found = work.access.alarms.page(acknowledged=None, before=None, limit=10)
    return [one.about.partition("/")[0] for one in found if one.kind is AlarmKind.PARTNER_ASKS_TICKET]


def figures_told(register: Register) -> list[int]:
    """How many forged figures each alarm that is open names."""
    with register.work(system(register.partition, "worker")) as work:
        told = [one.split("/") for one in work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)]
    return [int(one[1]) for one in told if one[0] == "attested_figure"]


def test_a_figure_that_nobody_attested_asks_no_node_rings_and_is_in_nobodys_way(houses: Net) -> None:
    forged = (
        "INSERT INTO rtr.attested_figure (country, id, at, evaluated, published, by{more}) "
        "SELECT 'CW', gen_random_uuid(), now() + interval '1 minute', 0, 0, {by}{values}"
    )
    attest(houses)
    written = (
        forged.format(more="", by="'aw-privacy'", values=""),
        forged.format(more="", by=f"'{'0' * 32}'", values=""),
        forged.format(more=", said, data_key", by=f"'{'1' * 32}'", values=", said, data_key FROM rtr.attested_figure"),
    )
    with houses[CW].database.transaction("api") as connection:
        forged_n = sum(connection.execute(sa.text(statement)).rowcount for statement in written)
    asked = ask(houses)
    assert asked.attested is not None
    assert asked.attested.by == "0" * 32
    with houses[CW].work(operator(CW)) as work:
        figure = work.exchange.tickets.attested()
    assert figure is not None
    assert asked.attested.at == instant(figure.at)
    bring_tickets(houses[CW])
    bring_tickets(houses[CW])
    assert figures_told(houses[CW]) == [forged_n]
    with houses[CW].database.transaction("api") as connection:
        connection.execute(sa.text(written[0]))
    bring_tickets(houses[CW])
    assert figures_told(houses[CW]) == [forged_n], "one at a time, however many come"
    for _ in range(2):
        with houses[CW].work(operator(CW)) as work:
            for one in work.access.alarms.page(acknowledged=False, before=None, limit=10):
                if one.kind is AlarmKind.ROWS_DIFFER:
                    work.access.alarms.acknowledge(one.id, "Asked who.", "officer")
        bring_tickets(houses[CW])
        bring_tickets(houses[CW])
    assert figures_told(houses[CW]) == [], "what stood when it was acknowledged rings no more"
    assert said_in(houses[CW]).count("ticket.figure-not-sealed") == 2


def test_three_nodes_sign_within_one_turn_and_every_desk_hears_of_it(houses: Net) -> None:
    attest(houses)
    made = ask(houses)
    assert made.attested is not None
    assert pursue(houses) == 1
    kept = own(houses)
    assert kept.state == "signed"
    assert {country: one["counts"] for country, one in kept.answers.items()} == dict.fromkeys(
        ("AW", "BQ", "NL", "SX"), True
    )
    assert pursue(houses) == 0, "who counts it is not asked again"
    for country in (AW, BQ, NL, SX):
        assert bring_tickets(houses[country]) == 1
        assert rings(houses[country]) == ["CW"]
        assert waiting(houses[country]) == []
        assert bring_tickets(houses[country]) == 0
    assert said_in(houses[CW])[:2] == ["ticket.asked", "ticket.answered"]
    assert "ticket.signed" in said_in(houses[NL])


def test_without_the_supervisors_figure_a_person_of_each_of_three_countries_signs(houses: Net) -> None:
    made = ask(houses)
    pursue(houses)
    assert own(houses).state == "asked"
    for country in (AW, NL, SX):
        bring_tickets(houses[country])
        assert waiting(houses[country]) == [UUID(made.id)]
        decide_ticket(houses[country], operator(country), CW, UUID(made.id))
        assert waiting(houses[country]) == []
        with pytest.raises(TicketDecided):
            decide_ticket(houses[country], operator(country), CW, UUID(made.id), refusal=TicketRefusal.NOT_KNOWN_HERE)
        bring_tickets(houses[country])
    assert room(houses) == []
    pursue(houses)
    kept = own(houses)
    assert kept.state == "signed"
    assert kept.answers["BQ"] == {
        "state": "waiting", "reason": "not-attested", "signature": None, "counts": True, "takes": 1_000, "used": 0,
    }  # fmt: skip
    assert room(houses) == [(UUID(made.id), 1_000)]
    assert tickets_with_room(houses[CW], "worker", REGISTER, "person") == []
    assert tickets_with_room(houses[CW], "worker", EvaluationPurpose.SEARCH, "phone") == []


def test_a_ticket_that_ran_out_unanswered_waits_for_nobody_and_stays_in_the_list(houses: Net) -> None:
    made = ask(houses, days=1)
    pursue(houses)
    assert bring_tickets(houses[NL]) == 1
    assert waiting(houses[NL]) == [UUID(made.id)]
    database = houses.world.settings.database
    with psycopg.connect(database.admin_url, dbname=database.name, autocommit=True) as connection:
        connection.execute("UPDATE rtr.ticket SET until = now() - interval '1 minute' WHERE country = 'NL'")
    bring_tickets(houses[NL])
    assert waiting(houses[NL]) == []
    (kept,) = list_tickets(houses[NL], operator(NL))
    assert kept.state == "ended"
    with pytest.raises(TicketDecided):
        decide_ticket(houses[NL], operator(NL), CW, UUID(made.id))


def test_a_ticket_that_somebody_else_shows_in_ones_name_rings_at_home_and_each_abroad_by_itself(houses: Net) -> None:
    """Who stole the node's key goes straight to the evaluators; the country in whose name it is asked nothing."""
    asked = ask(houses)
    pursue(houses)
    stolen = [asked.model_copy(update={"id": str(houses[CW].clock.new_id())}) for _ in range(3)]
    for one in stolen:
        body = TicketAsked(ticket=sign_as(houses[CW], Typ.TICKET, one))
        houses.http(CW).post(NL, PATH, dumps_plain(document(body)))
    for _ in range(2):
        assert look_for_unasked(houses[CW], houses.http(CW)) == len(stolen)
    with houses[CW].work(system(CW, "worker")) as work:
        told = work.access.alarms.open_since(AlarmKind.TICKET_UNASKED)
        waits = work.running.to_do.page(
            replace(system(CW, "api"), tasks=frozenset({Task.PRIVACY})), after=None, limit=20
        )
    assert set(told) == {f"NL/{one.id}" for one in stolen}
    assert len([one for one in waits if one.kind is ToDoKind.ALARM]) >= len(stolen)
    assert said_in(houses[CW]).count("ticket.unasked") == len(stolen)
    bring_tickets(houses[NL])
    with houses[NL].work(system(NL, "worker")) as work:
        abroad = work.access.alarms.open_since(AlarmKind.PARTNER_ASKS_TICKET)
    assert set(abroad) == {f"CW/{one.id}" for one in (asked, *stolen)}


def test_a_refusal_and_its_reason_reach_who_asked_and_it_counts_nowhere(houses: Net) -> None:
    made = ask(houses)
    pursue(houses)
    bring_tickets(houses[NL])
    decide_ticket(houses[NL], operator(NL), CW, UUID(made.id), refusal=TicketRefusal.NOT_KNOWN_HERE)
    bring_tickets(houses[NL])
    pursue(houses)
    kept = own(houses)
    assert kept.answers["NL"]["state"] == "refused"
    assert kept.answers["NL"]["reason"] == "NOT_KNOWN_HERE"
    assert kept.state == "asked"


def test_what_no_person_signed_is_not_carried_and_what_one_said_stays(houses: Net) -> None:
    """Whoever has the pages' log-in to the database writes rows, and cannot sign."""
    made, other = ask(houses), ask(houses, keys=9)
    pursue(houses)
    bring_tickets(houses[NL])
    said = sa.text(
        "UPDATE rtr.ticket SET state = 'signed', decided_by = 'unit', decided_at = now(), signature = :said "
        "WHERE id = :id"
    )
    for forged in ("x", sign_ticket(houses[NL], other, person="0" * 32), sign_ticket(houses[NL], made), None):
        with houses[NL].database.transaction("api") as connection:
            connection.execute(said, {"said": forged, "id": made.id})
        bring_tickets(houses[NL])
        shown = houses.rows(NL, f"SELECT state, signatures FROM evaluator.evaluation_ticket WHERE id = '{made.id}'")
        assert (shown[0].state, shown[0].signatures.get("NL")) == ("waiting", None)
    with houses[NL].work(system(NL, "worker")) as work:
        assert "ticket" in work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)
    decide_ticket(houses[NL], operator(NL), CW, UUID(made.id), refusal=TicketRefusal.NOT_KNOWN_HERE)
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        houses[NL].database.transaction("api") as connection,
    ):
        connection.execute(said, {"said": sign_ticket(houses[NL], made, person="0" * 32), "id": made.id})
    bring_tickets(houses[NL])
    pursue(houses)
    answers = {str(one.id): one.answers["NL"]["state"] for one in list_tickets(houses[CW], operator(CW))}
    assert answers == {made.id: "refused", other.id: "waiting"}


def test_a_refusal_that_nobody_gave_is_not_carried_and_rings(houses: Net) -> None:
    """A refusal was not bound: the pages' log-in to the database could refuse in anybody's name."""
    made, other = ask(houses), ask(houses, keys=9)
    pursue(houses)
    bring_tickets(houses[NL])
    decide_ticket(houses[NL], operator(NL), CW, UUID(other.id), refusal=TicketRefusal.NOT_KNOWN_HERE)
    copied = "(SELECT {} FROM rtr.ticket WHERE id = :other)"
    for by, at, sealed in (
        ("'unit'", "now()", ("NULL", "NULL")),
        *(
            (
                copied.format("decided_by"),
                copied.format("decided_at"),
                tuple(map(copied.format, ("refusal", "data_key"))),
            ),
        ),
    ):
        with houses[NL].database.transaction("api") as connection:
            connection.execute(
                sa.text(
                    f"UPDATE rtr.ticket SET state = 'refused', decided_by = {by}, decided_at = {at}, "
                    f"reason = 'NOT_KNOWN_HERE', refusal = {sealed[0]}, data_key = {sealed[1]} WHERE id = :id"
                ),
                {"id": made.id, "other": other.id} if "other" in by else {"id": made.id},
            )
        with houses[NL].work(system(NL, "worker")) as work:
            work.running.to_do.close(ToDoKind.TICKET, [UUID(made.id)])  # as whoever decides does
        bring_tickets(houses[NL])
        shown = houses.rows(NL, f"SELECT state FROM evaluator.evaluation_ticket WHERE id = '{made.id}'")
        assert shown[0].state == "waiting"
        with houses[NL].work(system(NL, "worker")) as work:
            assert "ticket" in work.access.alarms.open_since(AlarmKind.ROWS_DIFFER)
            assert work.running.to_do.due(ToDoKind.TICKET, UUID(made.id)) is not None, "it waits for a person again"
    shown = houses.rows(NL, f"SELECT state FROM evaluator.evaluation_ticket WHERE id = '{other.id}'")
    assert shown[0].state == "refused", "what a person said is carried"
    decide_ticket(houses[NL], operator(NL), CW, UUID(made.id))
    bring_tickets(houses[NL])
    shown = houses.rows(NL, f"SELECT state FROM evaluator.evaluation_ticket WHERE id = '{made.id}'")
    assert shown[0].state == "signed", "a person can still say what they want"


FORGED: dict[str, dict[str, str]] = {
    "of a country that there is not": {"asker": "XX"},
    "in a state that there is not": {"state": "none"},
    "with a document that says nothing": {"document": "x"},
    "with a document that is no ticket": {"document": "x.e30.x"},
    "of another with a document that says nothing": {"asker": "NL", "document": "x", "state": "waiting"},
}


@pytest.mark.parametrize("what", FORGED)
def test_a_ticket_that_somebody_wrote_beside_the_register_stops_no_other(houses: Net, what: str) -> None:
    row = {"asker": "CW", "document": "x", "state": "asked"} | FORGED[what]
    database = houses[CW].settings.database
    with psycopg.connect(database.admin_url, dbname=database.name) as connection:  # by a hand that no right binds
        connection.execute(
            b"INSERT INTO rtr.ticket (country, asker, id, document, state, answers, spent, asked_by, asked_at, until) "
            b"VALUES ('CW', %(asker)s, gen_random_uuid(), %(document)s, %(state)s, '{}', 0, 'thief', now(), "
            b"now() + interval '1 day')",
            row,
        )
    made = ask(houses)
    bring_tickets(houses[CW])
    pursue(houses)
    bring_tickets(houses[NL])
    listed = {str(one.id): one for one in list_tickets(houses[CW], operator(CW))}
    assert listed[made.id].answers["NL"]["state"] == "waiting"
    assert tickets_with_room(houses[CW], "worker", REGISTER, "phone") == []


def test_a_signature_that_holds_no_more_keeps_no_other_from_counting(houses: Net) -> None:
    """As one by a key that was revoked since: an evaluator refuses whatever comes with it."""
    attest(houses)
    made = ask(houses)
    stale = sign_ticket(houses[SX], made.model_copy(update={"keys": 1}))
    kept = {"state": "signed", "reason": None, "signature": stale, "counts": False}
    with houses[CW].work(system(CW, "worker")) as work:
        work.exchange.tickets.answered(UUID(made.id), {"SX": kept}, "asked")
    assert pursue(houses) == 1
    assert own(houses).state == "signed"
    assert all(one["counts"] for one in own(houses).answers.values())


def test_a_ticket_that_ended_unanswered_waits_for_nobody(houses: Net) -> None:
    made = ask(houses, days=1)
    pursue(houses)
    bring_tickets(houses[NL])
    assert waiting(houses[NL]) == [UUID(made.id)]
    houses.clock.offset = timedelta(days=1, minutes=1)
    bring_tickets(houses[NL])
    assert waiting(houses[NL]) == []


def test_nobody_decides_on_the_own_ticket_or_without_the_register_units_task(houses: Net) -> None:
    made = ask(houses)
    with pytest.raises(TicketUnknown):
        decide_ticket(houses[CW], operator(CW), CW, UUID(made.id))
    somebody = replace(operator(NL), kind="person", organisation="NL-LE", tasks=frozenset({Task.SUBMIT, Task.PRIVACY}))
    with pytest.raises(TaskMissing):
        decide_ticket(houses[NL], somebody, CW, UUID(made.id))
    with pytest.raises(TaskMissing):
        ask_ticket(
            houses[NL], somebody, purpose=REGISTER, selector_class="phone", keys=1, rows=1, days=1, reason=REASON
        )


def test_a_person_signs_with_a_fresh_sign_in_only(houses: Net) -> None:
    made = ask(houses)
    pursue(houses)
    bring_tickets(houses[NL])
    unit = replace(operator(NL), kind="person", organisation="NL-LE", tasks=frozenset({Task.REGISTER}))
    with pytest.raises(FreshSignInNeeded):
        decide_ticket(houses[NL], unit, CW, UUID(made.id))
    (kept,) = list_tickets(houses[NL], operator(NL))
    assert kept.state == "waiting"


def test_what_the_limits_refuse_is_made_on_a_ticket_and_its_use_is_seen_abroad(houses: Net) -> None:
    net = houses
    made = ask(net, keys=600)
    pursue(net)
    for country in (AW, NL, SX):
        bring_tickets(net[country])
        decide_ticket(net[country], operator(country), CW, UUID(made.id))
        bring_tickets(net[country])
    pursue(net)
    numbers = [f"+29756{n:05}" for n in range(300)]
    keys = phones(*numbers)
    refused = tokens(net.evaluators(CW), keys, net.clock, actor="clerk", on_fault=lambda *_: None)
    assert not any(isinstance(one, Token) for one in refused), "300 at once are more than what is free"
    found = tokens(net.evaluators(CW), keys, net.clock, actor="clerk", on_fault=lambda *_: None, ticket=UUID(made.id))
    assert all(isinstance(one, Token) for one in found)
    with net[CW].work(system(CW, "worker")) as work:
        work.exchange.tickets.note_asked(UUID(made.id))
    net.clock.offset += timedelta(seconds=1)
    assert pursue(net) == 1
    said = {country: one["used"] for country, one in own(net).answers.items()}
    assert sorted(said.values()) == [0, 0, 300, 300], "two evaluators made each key, and say so"
    assert room(net) == [(UUID(made.id), 300)], "at the other two"
    used = []
    for country in (AW, BQ, NL, SX):
        bring_tickets(net[country])
        (kept,) = list_tickets(net[country], operator(country))
        assert ticket_in(kept.document) == made
        used.append(kept.spent)
    assert used == [said[country] for country in ("AW", "BQ", "NL", "SX")], "what its people see is what it says"


def test_what_is_used_is_asked_after_use_and_every_hour_and_never_for_nothing(houses: Net) -> None:
    """Whoever holds the stolen key uses it elsewhere: the house sees it all the same."""
    attest(houses)
    made = ask(houses)
    pursue(houses)
    answered = said_in(houses[CW]).count("ticket.answered")
    keys = phones(*(f"+29756{n:05}" for n in range(300)))
    tokens(houses.evaluators(CW), keys, houses.clock, actor="clerk", on_fault=lambda *_: None, ticket=UUID(made.id))
    assert pursue(houses) == 0, "nobody of this house asked on it"
    assert sum(one["used"] for one in own(houses).answers.values()) == 0
    houses.clock.offset = timedelta(hours=1, minutes=1)
    assert pursue(houses) == 1
    assert sum(one["used"] for one in own(houses).answers.values()) == 600
    assert said_in(houses[CW]).count("ticket.answered") == answered, "a count is no step of a ticket"
    assert pursue(houses) == 0


def test_operators_ask_sign_refuse_and_list_at_the_command_line(houses: Net, tmp_path: Path) -> None:
    rtr = calling(houses.world.settings, tmp_path)

    def ticket(*words: str) -> Result:
        return rtr("keys", "ticket", *words)

    asked = ("ask", "phone", "2000", "--country", "CW", "--rows", "900", "--reason")
    refused = ticket(*asked, "Call 0165 123 4567 about it")
    assert refused.exit_code != 0
    made = json_of(ticket(*asked, REASON, "--persons", "--json"))
    assert made["attested"] is False
    said = ticket(*asked, REASON).stdout
    why = "Reports of past years"
    for word in ("at most 2,000 keys of phone", "900 rows", why, "Persons of three countries", "Read this out"):
        assert word in " ".join(said.split())
    pursue(houses)
    bring_tickets(houses[NL])
    first, second = json_of(ticket("list", "--country", "NL", "--json"))
    assert made["digest"] in {first["digest"], second["digest"]}
    assert ticket("sign", first["ticket"], "--country", "NL", "--from", "CW").exit_code == 0
    told = ticket("refuse", second["ticket"], "--country", "NL", "--from", "CW", "--reason", "NOT_KNOWN_HERE")
    assert told.exit_code == 0, told.stderr
    again = ticket("sign", second["ticket"], "--country", "NL", "--from", "CW")
    assert "ticket-decided" in again.stderr
    states = [one["state"] for one in json_of(ticket("list", "--country", "NL", "--json"))]
    assert states == ["signed", "refused"]
