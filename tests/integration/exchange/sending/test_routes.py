"""The addresses that partners call: signed, each caller's own log, every refusal with its code."""

from __future__ import annotations

import json

import httpx2
import pytest

from schemas.codes import Partition
from schemas.exchange.wire import MEDIA_TYPE, Roster, unframe
from sync.transport.partner import PartnerRefused
from tests.integration.exchange.net import Net

AW, CW = Partition.AW, Partition.CW


def url(net: Net, country: Partition) -> str:
    member = net[AW].rosters().member(country)
    assert member is not None
    return member.url


@pytest.mark.parametrize(
    "path", ["/sync/v1/log?inc=1&after=0", "/sync/v1/log/1/1", "/sync/v1/receipts/latest", "/sync/v1/stubs"]
)
def test_nothing_is_told_to_who_does_not_sign(trio: Net, path: str) -> None:
    answer = httpx2.get(url(trio, CW) + path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unsigned-request")
    assert answer.headers["WWW-Authenticate"] == 'RTR realm="rtr"'


def test_versions_and_limits_are_public(trio: Net) -> None:
    told = httpx2.get(url(trio, CW) + "/.well-known/rtr-sync").json()
    assert told["protocol"] == {"envelope": [1, 1], "body": ["1.0", "1.0"]}
    assert (told["roster"], told["limits"]["page_entries"]) == (1, 1000)


def test_an_empty_log_answers_with_a_head_alone(trio: Net) -> None:
    answer = trio[AW].http.get(CW, "/sync/v1/log?inc=1&after=0")
    assert answer.media_type == MEDIA_TYPE
    parts = unframe(answer.body)
    assert parts.head
    assert (parts.page, parts.sealed) == (b"", b"")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/sync/v1/log?inc=1&after=1", 409, "beyond-tip"),
        ("/sync/v1/log?inc=2&after=0", 409, "beyond-tip"),
        ("/sync/v1/log/1/1", 409, "beyond-tip"),
        ("/sync/v1/log?inc=1&after=-1", 422, "invalid-request"),
        ("/sync/v1/log?inc=1&after=99999999999999999999", 422, "invalid-request"),
        ("/sync/v1/log/1/0", 422, "invalid-request"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_code(trio: Net, path: str, status: int, code: str) -> None:
    with pytest.raises(PartnerRefused) as refused:
        trio[AW].http.get(CW, path)
    assert (refused.value.status, refused.value.said) == (status, code)


def test_one_entry_can_be_asked_for_by_its_number(trio: Net) -> None:
    for number in (1, 2, 3):
        trio[CW].put(AW, number=number)
    trio[CW].append()
    parts = unframe(trio[AW].http.get(CW, "/sync/v1/log/1/2").body)
    assert parts.page
    with pytest.raises(PartnerRefused) as refused:
        trio[AW].http.get(CW, "/sync/v1/log/1/4")
    assert refused.value.said == "beyond-tip"


def test_rosters_are_given_as_they_are_signed_for(trio: Net) -> None:
    found = json.loads(trio[AW].http.get(CW, "/sync/v1/rosters?after=0").body)["rosters"]
    assert Roster.model_validate_json(json.dumps(found[0]["roster"])) == trio[AW].rosters().newest
    assert json.loads(trio[AW].http.get(CW, "/sync/v1/rosters?after=1").body) == {"rosters": []}


def test_bytes_that_are_no_receipt_are_refused(trio: Net) -> None:
    with pytest.raises(PartnerRefused) as refused:
        trio[AW].http.post(CW, "/sync/v1/receipts", b"nothing")
    assert refused.value.said == "malformed-document"
