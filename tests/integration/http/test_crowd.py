"""More requests than the node works on: who is over the bound is told so at once, and monitors are answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import httpx2
import psycopg
import pytest

from api.http import app as application
from api.http.admission import COME_BACK_S, SHARES, Work, work_of
from api.process.hosting import Address, HttpServer
from schemas.codes import Partition
from tests.integration.http.doors import Doors
from tests.integration.store.isolation.matrix import admin
from tests.support.world import with_settings

AW: Final = Partition.AW
PLACES: Final = 10
READERS: Final = int(PLACES * SHARES[Work.READING].of_all)
BROWSER: Final = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def served(doors: Doors) -> Iterator[str]:
    """Aruba's application with few places, and a server of its own: requests really come at once."""
    register = with_settings(doors.register, requests_max=PLACES)
    app = application.create(register, doors.app.state.issuers, doors.app.state.rosters)
    server = HttpServer(app, Address("127.0.0.1", 0), name="crowd")
    server.start()
    yield server.address.url
    server.stop()


@contextmanager
def nobody_comes_through(doors: Doors) -> Iterator[None]:
    """Whoever reads signals waits in the database until the block ends."""
    with psycopg.connect(admin(doors.world)) as connection:
        connection.execute("LOCK TABLE rtr.signal IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


def test_request_over_the_bound_is_sent_away_at_once_while_monitors_and_entry_go_on(doors: Doors, served: str) -> None:
    headers, end, answered = doors.headers("service"), threading.Event(), list[int]()

    def keep_asking() -> None:
        """The database gives up after some seconds; whoever wants to hold a place asks anew."""
        while not end.is_set():
            answered.append(client.get("/v1/signals", headers=headers).status_code)

    with httpx2.Client(base_url=served, trust_env=False, timeout=60) as client, ThreadPoolExecutor(READERS) as pool:
        with nobody_comes_through(doors):
            held = [pool.submit(keep_asking) for _ in range(READERS)]
            refused = _until_sent_away(client, "/v1/to-do/nothing-here", headers)
            page = _until_sent_away(client, "/figures", BROWSER)
            alive = client.get("/health")
            entered = client.post("/v1/signals", headers=headers, content=b"{")
            looked = client.get("/ready")
            end.set()
        for one in held:
            one.result()
        afterwards = client.get("/v1/signals", headers=headers)
    assert (refused.json()["code"], refused.headers["Retry-After"]) == ("overloaded", str(COME_BACK_S))
    assert page.headers["Content-Type"].startswith("text/html")
    assert alive.status_code == 200
    assert set(looked.json()) >= {"ready", "parts"}, "the document, not a refusal"
    assert entered.status_code != 503, "a report finds a place where readers find none"
    # Eight ask for four connections: who waits too long for one is told so, and nobody is left hanging.
    assert set(answered) <= {200, 503}
    assert afterwards.status_code == 200


def _until_sent_away(client: httpx2.Client, path: str, headers: dict[str, str]) -> httpx2.Response:
    """The first answer that says when to come back; a place may be free for a moment, so it is asked again."""
    for _ in range(600):
        answer = client.get(path, headers=headers)
        if answer.status_code == 503 and "Retry-After" in answer.headers:
            return answer
        time.sleep(0.05)
    raise AssertionError("nobody was sent away")


@pytest.mark.parametrize("path", ["/health", "/health/", "/ready", "/ready/"])
def test_monitor_may_ask_by_head_and_with_a_slash(doors: Doors, path: str) -> None:
    asked, looked = doors.client.get(path), doors.client.head(path)
    assert (asked.status_code, looked.status_code, looked.content) == (200, 200, b"")


@pytest.mark.parametrize(
    ("method", "path", "status", "html"),
    [
        ("GET", "/nowhere", 404, True),
        ("DELETE", "/figures", 405, True),
        ("POST", "/report", 413, True),
        ("GET", "/v1/nowhere", 404, False),
        ("GET", "/sync/v1/nowhere", 404, False),
    ],
)
def test_browser_is_shown_a_page_whatever_went_wrong_and_a_program_the_document(
    doors: Doors, method: str, path: str, status: int, *, html: bool
) -> None:
    body = b"x" * 1_048_577 if status == 413 else None
    answer = doors.client.request(method, path, headers=BROWSER, content=body)
    assert answer.status_code == status
    kind = "text/html; charset=utf-8" if html else "application/problem+json"
    assert answer.headers["Content-Type"] == kind
    assert doors.client.request(method, path, content=body).headers["Content-Type"] == "application/problem+json"


def test_every_answer_keeps_other_sites_and_devices_out(doors: Doors) -> None:
    for path in ("/", "/health", "/v1/nowhere", "/nowhere"):
        headers = doors.client.get(path).headers
        assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers, "this address is not reached by https"


def test_node_that_is_reached_by_https_tells_browsers_to_come_no_other_way(doors: Doors) -> None:
    register = doors.register
    public = {**register.settings.country, AW: type(register.settings.of(AW))(public_url="https://register.example.aw")}
    app = application.create(with_settings(register, country=public), doors.app.state.issuers, doors.app.state.rosters)
    server = HttpServer(app, Address("127.0.0.1", 0), name="https")
    server.start()
    try:
        answer = httpx2.get(f"{server.address.url}/health", trust_env=False)
    finally:
        server.stop()
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_each_route_of_a_kind_takes_that_kind_s_places(doors: Doors) -> None:
    """A route that is added in an area stands where its neighbours do, or this names it."""
    areas = {"statistics": Work.FIGURES, "search": Work.SEARCH}
    wrong = []
    for route in doors.app.routes:
        inside = getattr(route, "effective_route_contexts", None)
        served: list[Any] = list(inside()) if inside else [route]
        for one in served:
            where = getattr(getattr(one, "endpoint", None), "__module__", "").split(".")
            if len(where) > 2 and (wanted := areas.get(where[2])):
                wrong += [str(one.path) for method in one.methods if work_of(method, str(one.path)) is not wanted]
    assert wrong == []
