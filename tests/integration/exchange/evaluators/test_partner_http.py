"""The way to a partner and the door for one: signed, once, bounded, to the roster's addresses only."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from api.http import problems
from api.http.admission import PartnersPlaces
from api.process.hosting import HttpServer
from api.routes.exchange.partner import PartnerSignedIn
from register.domain.access.caller import system
from register.errors import PartnerError
from register.services.running.operate_database import install_roster
from register.services.running.operate_keys import first_roster
from register.settings import SyncSettings
from register.store.models.exchange import roster as kept_rosters
from register.store.running.server.administration import administrator
from schemas.canonical import b64, dumps_plain
from schemas.codes import Partition
from schemas.exchange.wire import Typ
from sync.protocol.documents.roster import Rosters
from sync.protocol.ports import Signer
from sync.transport.partner import ANSWER_BYTES_MAX, NoSuchPartner, PartnerRefused, PartnerUnreachable
from sync.trust import StopFileDiffers, load_rosters, read_rosters
from tests.integration.exchange.evaluators.net import HERE, Net, nobody
from tests.support.started.dripping import dripping
from tests.support.world import with_settings

AW, BQ, CW, NL, SX = Partition


def door(net: Net, country: Partition, rosters: Rosters) -> FastAPI:
    """A node of a country with one route for partners."""
    app = FastAPI()
    app.state.register, app.state.rosters = net[country], lambda: rosters
    app.state.partners_places = PartnersPlaces.of(net[country].settings.requests_max)
    problems.install(app, new_id=net.clock.new_id)

    @app.get("/who")
    def who(call: PartnerSignedIn) -> dict[str, str]:
        return {"partner": call.partner, "nonce": call.nonce}

    @app.post("/who")
    def what(call: PartnerSignedIn) -> dict[str, str]:
        return {"partner": call.partner, "body": call.body.decode()}

    return app


class Repeating:
    """Gives the first signature again for whatever is to be signed."""

    def __init__(self, signer: Signer) -> None:
        self._signer, self._first = signer, b""

    def sign(self, typ: Typ, claims: Mapping[str, Any]) -> bytes:
        self._first = self._first or self._signer.sign(typ, claims)
        return self._first


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    server = HttpServer(app, HERE, name="test")
    server.start()
    try:
        yield server.address.url
    finally:
        server.stop()


def test_a_partner_is_known_by_its_signature_and_hears_back_its_nonce(net: Net) -> None:
    with served(door(net, NL, net.rosters)) as url:
        http = net.http(CW, via={NL: url})
        answer = http.get(NL, "/who?a=1&b=%20", nonce="a-nonce-of-mine-1234")
        assert answer.body == b'{"partner":"CW","nonce":"a-nonce-of-mine-1234"}'
        assert http.post(NL, "/who", b"hello").body == b'{"partner":"CW","body":"hello"}'


def test_a_request_is_served_once(net: Net) -> None:
    with served(door(net, NL, net.rosters)) as url:
        http = net.http(CW, via={NL: url})
        http._signer = Repeating(http._signer)
        assert http.get(NL, "/who").status == 200
        with pytest.raises(PartnerRefused) as refusal:
            http.get(NL, "/who")
        assert (refusal.value.said, refusal.value.status) == ("request-replayed", 409)


def test_a_node_behind_a_path_is_signed_for_as_the_roster_has_it(net: Net) -> None:
    """A proxy strips the path; `via` leads past it. What is signed is the roster's address in both cases."""
    urls = {**net.urls, NL: "http://node.example/register/nl"}
    roster = first_roster({c: net[c].keys for c in Partition}, urls, [], net.clock.now())
    rosters = read_rosters([roster], hashlib.sha256(roster).hexdigest())
    with served(door(net, NL, rosters)) as url:
        assert net.http(CW, via={NL: url}, rosters=rosters).get(NL, "/who").status == 200
        with pytest.raises(PartnerRefused, match="request-mismatch"):
            net.http(CW, via={NL: url}).get(NL, "/who")


def test_nothing_is_sent_to_itself_or_to_a_country_that_left(net: Net) -> None:
    left = first_roster({c: net[c].keys for c in (AW, CW)}, net.urls, [], net.clock.now())
    rosters = read_rosters([left], hashlib.sha256(left).hexdigest())
    with pytest.raises(NoSuchPartner):
        net.http(CW, rosters=rosters).get(NL, "/who")
    with pytest.raises(NoSuchPartner):
        net.http(CW).get(CW, "/who")


def test_a_country_that_left_is_not_let_in(net: Net) -> None:
    left = first_roster({c: net[c].keys for c in (AW, NL)}, net.urls, [], net.clock.now())
    rosters = read_rosters([left], hashlib.sha256(left).hexdigest())
    with served(door(net, NL, rosters)) as url, pytest.raises(PartnerRefused, match="unknown-key"):
        net.http(CW, via={NL: url}).get(NL, "/who")


def hostile(answer: Callable[[], Response]) -> AbstractContextManager[str]:
    app = FastAPI()
    app.add_api_route("/x", answer, methods=["GET"])
    return served(app)


def slowly() -> Iterator[bytes]:
    for _ in range(100):
        time.sleep(0.1)
        yield b"."


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda: Response(b"x" * (ANSWER_BYTES_MAX + 1)), "more than"),
        (lambda: Response(gzip.compress(b"x"), headers={"Content-Encoding": "gzip"}), "packed"),
        (lambda: StreamingResponse(slowly()), "longer than|ReadTimeout"),
    ],
    ids=["too-large", "packed", "drop-by-drop"],
)
def test_an_answer_out_of_bounds_is_no_answer(net: Net, answer: Callable[[], Response], why: str) -> None:
    with hostile(answer) as url, pytest.raises(PartnerUnreachable, match=why):
        net.http(CW, via={NL: url}, timeout_s=0.6).get(NL, "/x")


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\nX-Name: ", b"HTTP/1.1 103 Early Hints\r\nX-Name: ", b"HTTP/1.1 200 OK\r\n\r\n"],
    ids=["status", "headers", "hints", "body"],
)
def test_an_answer_has_one_time_limit_whatever_comes_byte_by_byte(net: Net, first: bytes) -> None:
    with dripping(first=first) as url:
        http, begun = net.http(CW, via={NL: url}, timeout_s=0.6), time.monotonic()
        with pytest.raises(PartnerUnreachable, match="Timeout"):
            http.get(NL, "/x")
        assert time.monotonic() - begun < 3


def test_a_tls_handshake_that_comes_byte_by_byte_has_the_same_limit(net: Net) -> None:
    # The head of a handshake record of 16 kB, whose bytes then come singly.
    with dripping(first=b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc") as url:
        http, begun = net.http(CW, via={NL: url.replace("http:", "https:")}, timeout_s=0.6), time.monotonic()
        with pytest.raises(PartnerUnreachable):
            http.get(NL, "/x")
        assert time.monotonic() - begun < 3


def test_a_request_that_is_read_drop_by_drop_has_the_same_limit(net: Net) -> None:
    ends = threading.Event()

    def sip(listener: socket.socket) -> None:
        line = listener.accept()[0]
        with line:
            while not ends.wait(0.1):
                line.recv(65_536)

    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        reader = threading.Thread(target=sip, args=(listener,))
        reader.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        http, begun = net.http(CW, via={NL: url}, timeout_s=0.6), time.monotonic()
        try:
            with pytest.raises(PartnerUnreachable, match="Timeout"):
                http.post(NL, "/x", bytes(64 * 1024 * 1024))
        finally:
            ends.set()
            reader.join()
        assert time.monotonic() - begun < 3


def test_a_redirect_is_not_followed(net: Net) -> None:
    with hostile(lambda: Response(status_code=307, headers={"Location": net.urls[NL] + "/health"})) as url:
        with pytest.raises(PartnerRefused) as refusal:
            net.http(CW, via={NL: url}).get(NL, "/x")
        assert (refusal.value.status, refusal.value.said) == (307, "unexplained")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"code": "Not A Code"}', b'{"code": 7, "details": []}'])
def test_a_refusal_that_says_nothing_usable_is_unexplained(net: Net, body: bytes) -> None:
    with hostile(lambda: Response(body, status_code=502)) as url:
        with pytest.raises(PartnerRefused) as refusal:
            net.http(CW, via={NL: url}).get(NL, "/x")
        assert (refusal.value.said, refusal.value.told) == ("unexplained", {})


def test_a_proxy_of_the_environment_is_not_used(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, nobody())
    with served(door(net, NL, net.rosters)) as url:
        assert net.http(CW, via={NL: url}).get(NL, "/who").status == 200


def test_no_answer_is_told_as_a_partners_fault(net: Net) -> None:
    with pytest.raises(PartnerUnreachable) as fault:
        net.http(CW, via={NL: nobody()}).get(NL, "/x")
    assert isinstance(fault.value, PartnerError)
    assert fault.value.partner is NL


def test_the_roster_of_the_database_is_believed_by_the_pin_of_the_settings(net: Net) -> None:
    roster = first_roster({c: net[c].keys for c in Partition}, net.urls, [], net.clock.now())
    install_roster(net.world.settings, 1, roster)
    pinned = with_settings(net[CW], sync=SyncSettings(roster_sha256=hashlib.sha256(roster).hexdigest()))
    for function in ("api", "worker"):
        assert load_rosters(pinned, system(CW, function)).newest.number == 1


def test_a_node_with_another_stop_file_than_the_rosters_asks_nobody(net: Net) -> None:
    """Neither a swapped file nor a release that runs ahead makes keys that match in some countries only."""
    named = first_roster({c: net[c].keys for c in Partition}, net.urls, [], net.clock.now())
    other = dumps_plain({**json.loads(named), "stop_file": b64(bytes(32))})
    database = net.world.settings.database
    with administrator(database.admin_url, database.name) as engine, engine.begin() as connection:
        connection.execute(sa.delete(kept_rosters))
    install_roster(net.world.settings, 1, other)
    pinned = with_settings(net[NL], sync=SyncSettings(roster_sha256=hashlib.sha256(other).hexdigest()))
    with pytest.raises(StopFileDiffers):
        load_rosters(pinned, system(NL, "worker"))
    with administrator(database.admin_url, database.name) as engine, engine.begin() as connection:
        connection.execute(sa.delete(kept_rosters))
