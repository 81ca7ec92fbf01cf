"""Half past midnight in the Netherlands: the page and the API take the day that stands on the wall (C15)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, timedelta

import pytest
from fastapi.testclient import TestClient

from api.http import app as application
from api.http.issuers import IssuerRegistry
from register.domain.partition import day_in, local_time
from register.keys.jwk import PrivateKey
from rtr_trial.embedded.identity_provider.issuer import Client, running
from schemas.codes import Partition
from sync.protocol.documents.roster import Rosters
from tests.integration.http.doors import AUDIENCE, a_key, form
from tests.integration.web.walk import ANSWERS, answered, begin, send
from tests.support.web.pages import Browserless, MovedClock, Pages, pages

NL = Partition.NL


@pytest.fixture(scope="module")
def night() -> Iterator[Pages]:
    """The pages of the Netherlands, at half past midnight: it is still yesterday in UTC."""
    with pages(countries=(NL,), serving=(NL,), clock=_at_half_past_midnight()) as made:
        yield made


def _at_half_past_midnight() -> MovedClock:
    clock = MovedClock()
    at = local_time(NL, clock.now())
    clock.move((24.5 - at.hour - at.minute / 60) * 3600)
    return clock


def _today(night: Pages) -> date:
    now = night.clock.now()
    today = day_in(NL, now)
    assert now.astimezone(UTC).date() == today - timedelta(days=1), "the case that this is about"
    return today


def test_page_takes_today_and_refuses_tomorrow_at_half_past_midnight(night: Pages) -> None:
    today = _today(night)
    with Browserless(night[NL].url) as person:
        person.sign_in("nl-night")
        when = {**ANSWERS["when"], "from": str(today), "island": "NL"}
        draft = answered(person, when=when, source={"received_on": str(today)})
        assert str(today) in person.get(f"{draft}/when").text
        late = send(person, f"{begin(person)}/when", {**when, "from": str(today + timedelta(days=1))})
        assert "This day is still to come" in late.text


def test_api_takes_today_and_refuses_tomorrow_at_half_past_midnight(night: Pages) -> None:
    today, register = _today(night), night[NL].register
    desk = Client(client_id="nl-night", subject="nl-night", keys={"k": PrivateKey.generate().public()})
    with running(NL, audience=AUDIENCE, clients=[desk], clock=night.clock, environment="trial") as issuer:
        issuers = IssuerRegistry([issuer.as_issuer()], monotonic=night.clock.monotonic)
        with TestClient(application.create(register, issuers, _no_rosters), base_url="http://nl.example") as client:
            answers = [
                client.post(
                    "/v1/signals",
                    content=json.dumps(
                        form(received_on=str(day), period={"from": str(today)}, crime_class="SMUGGLING")
                    ),
                    headers={
                        "Authorization": f"Bearer {issuer.mint('nl-night', now=night.clock.now())}",
                        "Content-Type": "application/json",
                        "Idempotency-Key": a_key(),
                    },
                )
                for day in (today, today + timedelta(days=1))
            ]
        issuers.close()
    assert [a.status_code for a in answers] == [201, 422], answers[0].text
    assert answers[0].json()["reference"].startswith(f"NL-{today.year}-")
    assert answers[1].json()["code"] == "date-in-future"


def _no_rosters() -> Rosters:
    raise AssertionError("the pages ask no partner")
