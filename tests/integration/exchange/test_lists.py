"""The signed list of organisations: served to partners, believed from its country alone, never older than before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from register.domain.access.caller import Task
from register.domain.access.organisation import Authorisation, Unit
from register.services.access.admit import apply_authorisations, apply_organisations
from rtr_trial.demo.made_up import data
from schemas import canonical
from schemas.codes import Partition
from schemas.exchange.lists import ActorList, OrganisationList
from schemas.exchange.wire import Typ
from sync.lists import PartnerLists, signed_list
from sync.protocol.documents.listed import read_list
from sync.transport.partner import PartnerRefused
from sync.trust import trust_of
from tests.integration.exchange.extracts import A_UNIT
from tests.integration.exchange.looking import held, rows, verdicts
from tests.integration.exchange.net import Net, list_unit, net
from tests.support.records.admitted import BY, TRAINED

AW, CW, SX = Partition.AW, Partition.CW, Partition.SX
LISTED = {"organisation", "kind", "begins", "ends", "units"}
Tell = Callable[[bytes], None]


def claims_of(jws: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(canonical.unb64(jws.split(b".")[1].decode()))
    return found


def kept(made: Net) -> dict[str, Any] | None:
    found = rows(made, "SELECT number, document FROM rtr.partner_list WHERE country = 'AW' AND partner = 'CW'")
    return found[0] if found else None


@pytest.fixture
def forged(trio: Net) -> Iterator[Net]:
    """The three, and nothing kept of Curaçao's list."""
    rows(trio, "DELETE FROM rtr.partner_list")
    yield trio
    rows(trio, "DELETE FROM rtr.partner_list")


def test_who_may_ask_stands_in_a_list_under_pseudonyms_whose_order_tells_nothing(trio: Net) -> None:
    register = trio[CW].register
    grants = [
        Authorisation(CW, actor, "person", "CW-KPC", tasks, "all", date(2025, 1, 1), training=TRAINED)
        for actor, tasks in (
            ("cw-anna", frozenset({Task.SUBMIT})),
            ("cw-bert", frozenset({Task.SEARCH_SHARED, Task.READ_OWN})),
            ("cw-carla", frozenset({Task.AUDIT})),
            ("cw-dora", frozenset({Task.STATISTICS, Task.READ_OWN})),
        )
    ]
    apply_authorisations(register, grants, by=BY)
    found = claims_of(trio[AW].http.get(CW, "/sync/v1/lists/actors").body)
    assert set(found) == {"iss", "kind", "number", "rows", "at"}
    assert all(set(row) <= {"actor", "organisation", "begins", "ends"} for row in found["rows"])
    assert not [word for word in ("anna", "bert", "carla", "dora") if word in json.dumps(found)]
    listed = [row["actor"] for row in found["rows"]]
    asks = [register.keys.hide_actor(f"cw-{name}") for name in ("anna", "bert")]
    assert [one in listed for one in (*asks, *(register.keys.hide_actor(f"cw-{n}") for n in ("carla", "dora")))] == [
        True, True, False, False,
    ], "who neither reports nor searches is no partner's business"  # fmt: skip
    assert listed == sorted(listed)
    (training,) = [row["ends"] for row in found["rows"] if row["actor"] == asks[0]]
    assert training == str(TRAINED.until), "with the training the authorisation runs out"


def test_the_list_of_actors_has_another_number_once_somebody_is_let_in_or_leaves(trio: Net) -> None:
    register = trio[CW].register

    def number() -> int:
        return int(claims_of(signed_list(register, AW, "actors"))["number"])

    before = number()
    come = Authorisation(
        CW, "cw-comes", "person", "CW-KPC", frozenset({Task.SUBMIT}), "all", date(2025, 1, 1), training=TRAINED
    )
    apply_authorisations(register, [come], by=BY)
    between = number()
    apply_authorisations(register, [replace(come, ends=register.today())], by=BY)
    after = number()
    assert before < between < after
    apply_authorisations(register, [replace(come, ends=register.today())], by=BY)
    assert number() == after, "what changes nothing is no other list"


def lists(made: Net, answer: bytes | None = None) -> PartnerLists:
    """What Aruba knows of lists; Curaçao's node answers with these bytes, if given."""
    node = made[AW]

    class Told:
        def get(self, *words: Any, **more: Any) -> Any:
            found = node.http.get(*words, **more)
            return replace(found, body=answer or b"")

    return PartnerLists(node.register, node.http if answer is None else Told(), node.rosters)  # type: ignore[arg-type]


def test_a_partner_gets_units_and_organisations_and_nothing_of_persons(trio: Net) -> None:
    jws = trio[AW].http.get(CW, "/sync/v1/lists/organisations").body
    found = claims_of(jws)
    assert set(found) == {"iss", "kind", "number", "rows", "at"}
    assert (found["iss"], found["kind"]) == ("CW", "organisations")
    assert all(set(row) <= LISTED for row in found["rows"])
    assert all(set(unit) <= {"unit", "begins", "ends"} for row in found["rows"] for unit in row["units"])
    text = json.dumps(found, ensure_ascii=False)
    actors = {row["actor"] for row in rows(trio, "SELECT actor FROM rtr.authorisation")}
    assert actors
    assert not [actor for actor in actors if f'"{actor}"' in text]
    assert read_list(jws, trust_of(AW, trio[AW].rosters(), CW), OrganisationList, new=True).number == found["number"]


def test_the_list_is_the_same_for_every_partner_and_until_it_changes(trio: Net) -> None:
    first, second = (signed_list(trio[CW].register, p, "organisations") for p in (AW, SX))
    assert first == second
    list_unit(trio[CW].register, "A newer unit")
    third = claims_of(signed_list(trio[CW].register, AW, "organisations"))
    assert third["number"] > claims_of(first)["number"]


def test_an_address_of_a_unit_stays_at_home(trio: Net) -> None:
    assert "addresses" not in json.dumps(claims_of(signed_list(trio[CW].register, AW, "organisations")))


@pytest.mark.parametrize("kind", ["alarms", "nothing"])
def test_there_is_no_list_of_another_kind(trio: Net, kind: str) -> None:
    with pytest.raises(PartnerRefused) as refused:
        trio[AW].http.get(CW, f"/sync/v1/lists/{kind}")
    assert (refused.value.status, refused.value.said) == (404, "no-such-list")


def test_an_extract_that_names_an_unlisted_unit_is_refused_after_the_newer_list_was_asked_for(forged: Net) -> None:
    bad = forged[CW].put(AW, number=1, record={"contact": {"unit": "+297 555 0100", "routes": ["police"]}})
    good = forged[CW].put(AW, number=2)
    forged[CW].append()
    forged[AW].pull_all(CW)
    assert held(forged[AW], CW, bad, good) == {good: "CW-2026-2"}
    assert verdicts(forged, AW, CW) == ["quarantined", "held"]
    (row,) = rows(forged, "SELECT code FROM rtr.quarantine WHERE country = 'AW'")
    assert row["code"] == "unit-not-listed"
    assert kept(forged) is not None


def test_a_newer_list_is_fetched_before_an_entry_is_refused(forged: Net) -> None:
    assert A_UNIT in lists(forged).fetch(CW)
    before = kept(forged)
    list_unit(forged[CW].register, "Unit of today")
    about = forged[CW].put(AW, record={"contact": {"unit": "Unit of today", "routes": ["police"]}})
    forged[CW].append()
    forged[AW].pull_all(CW)
    assert held(forged[AW], CW, about)
    after = kept(forged)
    assert before is not None
    assert after is not None
    assert after["number"] > before["number"]


def test_what_was_refused_is_held_once_its_unit_is_listed(forged: Net) -> None:
    about = forged[CW].put(AW, record={"contact": {"unit": "Unit of tomorrow", "routes": ["police"]}})
    forged[CW].append()
    forged[AW].pull_all(CW)
    assert not held(forged[AW], CW, about)
    list_unit(forged[CW].register, "Unit of tomorrow")
    assert forged[AW].receiver.look_again(CW, not_since=0) == 1
    assert held(forged[AW], CW, about)


def test_a_unit_that_ended_stays_listed_so_that_its_older_extracts_can_still_be_corrected(forged: Net) -> None:
    node = forged[CW]
    list_unit(node.register, "Unit of yesterday")
    first = next(o for o in data.organisations() if o.country is CW).admitted()
    begins = first.organisation.valid_from
    ended = Unit("Unit of yesterday", first.organisation.code, begins, node.register.today())
    apply_organisations(node.register, [replace(first, units=(*first.units, ended))], by=BY)
    about = node.put(AW, record={"contact": {"unit": "Unit of yesterday", "routes": ["police"]}})
    node.append()
    forged[AW].pull_all(CW)
    assert held(forged[AW], CW, about)


def test_a_list_with_a_lower_number_is_not_taken(forged: Net) -> None:
    old = signed_list(forged[CW].register, AW, "organisations")
    list_unit(forged[CW].register, "One more unit")
    assert "One more unit" in lists(forged).fetch(CW)
    before = kept(forged)
    assert "One more unit" in lists(forged, old).fetch(CW), "what is known goes on counting"
    assert kept(forged) == before


def forgeries(made: Net) -> dict[str, bytes]:
    good = claims_of(signed_list(made[CW].register, AW, "organisations"))
    raised = good | {"number": good["number"] + 1_000}
    foreign = {"organisation": "AW-CMMA", "kind": "ngo", "begins": "2020-01-01", "units": []}
    whole = made[CW].sign(Typ.LIST, raised)
    head, body, signature = whole.split(b".")
    return {
        "signed by another country": made[SX].sign(Typ.LIST, raised),
        "of another country": made[CW].sign(Typ.LIST, raised | {"iss": "SX"}),
        "of another kind": made[CW].sign(Typ.LIST, raised | {"kind": "actors"}),
        "another type of document": made[CW].sign(Typ.HEAD, raised),
        "same number, another content": made[CW].sign(Typ.LIST, good | {"rows": []}),
        "with more than belongs there": made[CW].sign(Typ.LIST, raised | {"persons": ["s-17"]}),
        "with another's organisation": made[CW].sign(Typ.LIST, raised | {"rows": [foreign]}),
        "with a unit twice": made[CW].sign(Typ.LIST, raised | {"rows": good["rows"] + good["rows"]}),
        "a signature of something else": b".".join([head, body, signature[::-1]]),
        "unsigned": b".".join([head, body, b""]),
        "nothing": b"",
        "no document": b"\xff" * 100,
    }


@pytest.mark.parametrize(
    "what",
    [
        "signed by another country", "of another country", "of another kind", "another type of document",
        "same number, another content", "with more than belongs there", "with another's organisation",
        "with a unit twice", "a signature of something else", "unsigned", "nothing", "no document",
    ],
)  # fmt: skip
def test_a_forged_list_is_not_taken(forged: Net, what: str) -> None:
    known = lists(forged).fetch(CW)
    before = kept(forged)
    assert lists(forged, forgeries(forged)[what]).fetch(CW) == known
    assert kept(forged) == before


def forged_actors(made: Net) -> dict[str, bytes]:
    good = claims_of(signed_list(made[CW].register, AW, "actors"))
    raised = good | {"number": good["number"] + 1_000}
    row = {"actor": "0" * 32, "organisation": "CW-KPC", "begins": "2020-01-01"}
    return {
        "signed by another country": made[SX].sign(Typ.LIST, raised),
        "of organisations": signed_list(made[CW].register, AW, "organisations"),
        "same number, another content": made[CW].sign(Typ.LIST, good | {"rows": [row]}),
        "with a name": made[CW].sign(Typ.LIST, raised | {"rows": [row | {"actor": "Anna de Vries"}]}),
        "with another's organisation": made[CW].sign(Typ.LIST, raised | {"rows": [row | {"organisation": "NL-LE"}]}),
        "with more than is told": made[CW].sign(Typ.LIST, raised | {"rows": [row | {"tasks": ["AUDIT"]}]}),
        "with a lower number": made[CW].sign(Typ.LIST, good | {"number": good["number"] - 1}),
    }


@pytest.mark.parametrize(
    "what",
    [
        "signed by another country", "of organisations", "same number, another content", "with a name",
        "with another's organisation", "with more than is told", "with a lower number",
    ],
)  # fmt: skip
def test_a_forged_list_of_actors_is_not_taken(forged: Net, what: str) -> None:
    known = lists(forged).fetch_list(CW, ActorList)
    assert known is not None
    told = forged_actors(forged)[what]
    assert lists(forged, told).fetch_list(CW, ActorList) == known
    assert lists(forged).kept(CW, ActorList) == known


def test_a_partner_whose_list_cannot_be_had_is_still_listened_to_and_withdrawals_go_on() -> None:
    def without_lists(_country: Partition, app: FastAPI) -> FastAPI:
        @app.middleware("http")
        async def refuse(request: Request, go_on: Callable[[Request], Any]) -> Response:
            if request.url.path.startswith("/sync/v1/lists"):
                return Response(status_code=503)
            answer: Response = await go_on(request)
            return answer

        return app

    with net(AW, CW, wrap=without_lists) as made:
        about = made[CW].put(AW)
        made[CW].append()
        made[AW].pull_all(CW)
        made[CW].retract(about, AW)
        made[CW].append()
        made[AW].pull_all(CW)
        assert verdicts(made, AW, CW)[-1] == "tombstone"
        assert not held(made[AW], CW, about)
