"""Beyond its bound a node sends away at once, and last of all partners and those who register."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack

import pytest
import structlog.testing
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from api.http.admission import SHARES, Admission, Overloaded, PartnersPlaces, Work, work_of
from register.errors import RegisterError

MOST = 20
COUNTED = sorted(set(Work) - {Work.WATCH})
AT = {
    Work.WATCH: ("GET", "/health"),
    Work.PARTNER: ("GET", "/sync/v1/log"),
    Work.ENTRY: ("POST", "/v1/signals"),
    Work.READING: ("GET", "/ours"),
    Work.SEARCH: ("POST", "/v1/searches"),
    Work.FIGURES: ("GET", "/figures/2026.xlsx"),
}


def refuse(_: Scope, error: RegisterError) -> Response:
    return PlainTextResponse(error.code, 503, headers={"Retry-After": str(error.details["retry_after_s"])})


def let_in(works: Iterable[Work], most: int = MOST) -> list[bool]:
    """Which of these requests are begun if none of them ends before the last has come."""

    async def all_of_them() -> list[bool]:
        begun: list[int] = []
        end = asyncio.Event()

        async def app(scope: Scope, _: Receive, __: Send) -> None:
            begun.append(scope["nth"])
            await end.wait()

        bounded = Admission(app, refuse=refuse, most=most)
        asked = []
        for nth, work in enumerate(works):
            method, path = AT[work]
            asked.append(asyncio.create_task(send_to(bounded, method, path, nth)))
            await asyncio.sleep(0)  # so that it has been begun or refused before the next one comes
        end.set()
        await asyncio.gather(*asked)
        return [nth in begun for nth in range(len(asked))]

    return asyncio.run(all_of_them())


async def send_to(app: Admission, method: str, path: str, nth: int = 0) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "http", "method": method, "path": path, "headers": [], "nth": nth}, receive, send)
    return sent


@pytest.mark.parametrize("work", COUNTED)
def test_each_kind_of_work_fills_its_share_and_no_more(work: Work) -> None:
    share = int(MOST * min(SHARES[work].of_all, SHARES[work].own))
    assert let_in([work] * (MOST + 5)) == [True] * share + [False] * (MOST + 5 - share)


def test_who_registers_is_let_in_where_searches_and_figures_wait_outside() -> None:
    crowd = [Work.FIGURES] * MOST + [Work.SEARCH] * MOST + [Work.READING] * MOST
    *_, entry, partner, search, reading = let_in([*crowd, Work.ENTRY, Work.PARTNER, Work.SEARCH, Work.READING])
    assert (entry, partner, search, reading) == (True, True, False, False)


def test_partners_leave_room_for_those_who_register() -> None:
    assert let_in([*[Work.PARTNER] * 100, Work.ENTRY])[-1]


def test_monitor_is_answered_when_every_place_is_taken() -> None:
    assert let_in([*[Work.ENTRY] * MOST, Work.ENTRY, Work.WATCH])[-2:] == [False, True]


def test_who_is_sent_away_is_told_when_to_come_back() -> None:
    async def ask() -> list[Message]:
        async def stays(*_: object) -> None:
            await asyncio.Event().wait()

        bounded = Admission(stays, refuse=refuse, most=10)
        first = [asyncio.create_task(send_to(bounded, *AT[Work.FIGURES])) for _ in range(3)]
        await asyncio.sleep(0)
        with structlog.testing.capture_logs() as lines:
            sent = await send_to(bounded, *AT[Work.FIGURES])
        for one in first:
            one.cancel()
        assert [(line["event"], line["job"], line["count"]) for line in lines] == [("request.sent-away", "figures", 3)]
        return sent

    start = asyncio.run(ask())[0]
    assert (start["status"], (b"retry-after", b"2") in start["headers"]) == (503, True)


def test_a_place_is_given_back_however_the_request_ends() -> None:
    async def ask() -> None:
        async def fails(*_: object) -> None:
            raise RuntimeError

        bounded = Admission(fails, refuse=refuse, most=10)
        for _ in range(50):
            with pytest.raises(RuntimeError):  # and not a refusal
                await send_to(bounded, *AT[Work.FIGURES])

    asyncio.run(ask())


@given(asked=st.lists(st.sampled_from(["AW", "CW", "SX"]), max_size=40), most=st.integers(10, 40))
def test_a_partner_holds_a_quarter_of_all_places_at_most_and_another_has_its_own(asked: list[str], most: int) -> None:
    places, held = PartnersPlaces.of(most), Counter[str]()
    with ExitStack() as open_now:
        for partner in asked:
            if held[partner] < most // 4:
                open_now.enter_context(places.held_by(partner))
                held[partner] += 1
            else:
                with pytest.raises(Overloaded), places.held_by(partner):
                    pass
    for partner in held:
        with places.held_by(partner):  # all was given back
            pass


@given(works=st.lists(st.sampled_from(COUNTED), max_size=60), most=st.integers(10, 40))
def test_never_more_than_all_places_and_a_refusal_only_where_the_share_is_full(works: list[Work], most: int) -> None:
    begun = let_in(works, most)
    held: list[Work] = []
    for work, in_ in zip(works, begun, strict=True):
        full = len(held) >= int(SHARES[work].of_all * most)
        own = held.count(work) >= int(SHARES[work].own * most)
        assert in_ is not (full or own)
        held += [work] * in_
    assert len(held) <= most


@pytest.mark.parametrize(
    ("method", "path", "work"),
    [
        ("GET", "/health", Work.WATCH),
        ("GET", "/health/", Work.WATCH),
        ("HEAD", "/ready", Work.WATCH),
        ("GET", "/healthy", Work.READING),
        ("POST", "/sync/v1/receipts", Work.PARTNER),
        ("GET", "/.well-known/rtr-sync", Work.PARTNER),
        ("POST", "/evaluate/v1/batches", Work.PARTNER),
        ("GET", "/synchronous", Work.READING),
        ("GET", "/v1/hits", Work.SEARCH),
        ("POST", "/search", Work.SEARCH),
        ("POST", "/search/requests", Work.ENTRY),
        ("GET", "/search/requests/1", Work.READING),
        ("POST", "/v1/releases", Work.FIGURES),
        ("GET", "/figures/regional", Work.FIGURES),
        ("POST", "/report/1/send", Work.ENTRY),
        ("PATCH", "/v1/signals/1", Work.ENTRY),
        ("GET", "/", Work.READING),
    ],
)
def test_work_is_told_by_method_and_address(method: str, path: str, work: Work) -> None:
    assert work_of(method, path) is work
