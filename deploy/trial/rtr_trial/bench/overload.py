"""What a node does for those it lets in when five times as many ask as before, and what it tells the others.

The node's API is a process of its own; each client reports and reads in turn, on a connection of its own, and whoever
is sent away comes back after the seconds that it was told. Everything is compared with the same run: the many with
the few, `/health` under the many with `/health` while nobody asks anything.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import httpx2

from api.client import SignIn
from api.client.bodies import to_json
from api.client.tokens import Tokens
from api.http.admission import SHARES, Overloaded, Work
from api.http.sign_in import ClientKey
from register.tls import trusted
from rtr_trial.bench import made_up
from rtr_trial.bench.made_up import MadeUp
from rtr_trial.bench.report import Figure, Ratio, Report, machine, median, percentile
from rtr_trial.bench.rounds import Progress, Watch
from rtr_trial.bench.setting import Trial, submitter, trial
from rtr_trial.bench.sql import nobody_reads
from rtr_trial.demo.stage.personas import personas
from rtr_trial.embedded.identity_provider import issuer
from schemas.codes import Partition

COUNTRY: Final = Partition.CW
FEW: Final = 20
MANY: Final = 100
TURNS: Final = 20
LOOKS: Final = 50
HEALTH_EVERY_S: Final = 0.05
PATIENCE_S: Final = 60.0
REPORT: Final = "report"
READ: Final = "read"
_AUDIENCE: Final = "regional-theme-register"


@dataclass(slots=True)
class Answers:
    """What clients were told, and after how many milliseconds.

    Attributes:
        accepted: by what was asked, `REPORT` or `READ`.
        sent_away: of those that were told when to come back.
        others: how many were answered otherwise, by status and code.
    """

    accepted: dict[str, list[float]] = field(default_factory=lambda: {REPORT: [], READ: []})
    sent_away: list[float] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


def bench_overload(
    progress: Progress, *, few: int = FEW, many: int = MANY, turns: int = TURNS, seed: int = 1
) -> Report:
    """Measure.

    Args:
        progress: told how far it is.
        few: clients that the node has room for.
        many: clients that it has no room for; more than the places of readers.
        turns: reports, and readings, of each client.
        seed: of the made-up people.
    """
    with trial(progress.say) as world, _served(world) as sign_in:
        crowd = _Crowd(world, sign_in, made_up.people(seed))
        progress.say("/health while nobody asks anything")
        idle = [crowd.look() for _ in range(LOOKS)]
        progress.say(f"{few} clients")
        at_few = crowd.come(few, turns)
        progress.say(f"{many} clients")
        with crowd.watched() as under_many:
            at_many = crowd.come(many, turns)
        progress.say(f"{many} clients while the database answers nobody")
        with crowd.watched() as while_held:
            held = crowd.turned_away(many)
    return Report(
        bench="overload",
        n=(few + many) * 2 * turns,
        seed=seed,
        machine=machine(**world.versions),
        raised=(),
        figures=[
            *_list_asked_figures(f"{few} clients", at_few),
            *_list_asked_figures(f"{many} clients", at_many),
            Figure(f"{many} clients, sent away", len(at_many.sent_away), "answers", 1),
            Figure("database held, sent away", len(held), "answers", 1),
            Figure("database held, sent away within, p50", median(held), "ms", len(held)),
            Figure("database held, sent away within, p95", percentile(held, 0.95), "ms", len(held), "100 ms"),
            Figure("/health, nobody asks, p50", median(idle), "ms", len(idle)),
            Figure(f"/health, {many} clients, p50", median(under_many), "ms", len(under_many)),
            Figure("/health, database held, p50", median(while_held), "ms", len(while_held)),
        ],
        ratios=[
            Ratio(
                f"{kind}, {many} clients",
                percentile(at_many.accepted[kind], 0.95) / percentile(at_few.accepted[kind], 0.95),
                f"p95 / p95 at {few} clients; goal: at most 2",
            )
            for kind in at_many.accepted
        ]
        + [Ratio(f"/health, {many} clients", median(under_many) / median(idle), "p50 / p50 while nobody asks")],
    )


def _list_asked_figures(who: str, told: Answers) -> list[Figure]:
    waited = {**told.accepted, "sent away within": told.sent_away}
    return [
        Figure(f"{who}, {what}, {name}", value, "ms", len(spent), "100 ms" if spent is told.sent_away else "")
        for what, spent in waited.items()
        if spent
        for name, value in (("p50", median(spent)), ("p95", percentile(spent, 0.95)))
    ] + [Figure(f"{who}, answered {what}", n, "answers", 1, "none") for what, n in told.others.items()]


@contextmanager
def _served(world: Trial) -> Iterator[SignIn]:
    service = personas([COUNTRY])[submitter(COUNTRY).actor]
    clients = [service.as_client()]
    with (
        issuer.running(COUNTRY, audience=_AUDIENCE, clients=clients, clock=world.clock, environment="trial") as one,
        world.serving([COUNTRY], issuers={COUNTRY: one.url}),
    ):
        yield SignIn(one.url, ClientKey(service.key, service.secret.public().thumbprint(), service.secret))


class _Crowd:
    """Clients of one node. They come back when they are told to, as `api.client` does, and count it, unlike that."""

    def __init__(self, world: Trial, sign_in: SignIn, people: Iterator[MadeUp]) -> None:
        self._world, self._people = world, people
        self._watch, self._tls = Watch(world.clock), trusted()
        self._mine = world.closing.enter_context(self._client())
        self._token = Tokens(sign_in, self._mine, world.clock)

    def look(self) -> float:
        """Milliseconds of one answer of `/health`."""
        return 1_000 * self._watch.seconds(lambda: self._mine.get("/health").raise_for_status())

    @contextmanager
    def watched(self) -> Iterator[list[float]]:
        """Look at `/health` again and again until the block ends; at least once."""
        looks, end = list[float](), threading.Event()

        def keep_looking() -> None:
            looks.append(self.look())
            while not end.wait(HEALTH_EVERY_S):
                looks.append(self.look())

        with ThreadPoolExecutor(1) as pool:
            looking = pool.submit(keep_looking)
            try:
                yield looks
            finally:
                end.set()
        looking.result()

    def come(self, count: int, turns: int) -> Answers:
        """Let so many clients report and read at the same time, so often each."""
        told = Answers()
        # Drawn before anybody asks: the clients' own work is no part of what is measured.
        parts = [list(islice(self._people, turns)) for _ in range(count)]

        def stay(people: Sequence[MadeUp]) -> None:
            with self._client() as http:
                for one in people:
                    self._report(http, one, told)
                    self._read(http, told)

        with ThreadPoolExecutor(count) as pool:
            list(pool.map(stay, parts))
        return told

    def turned_away(self, count: int) -> list[float]:
        """Let nobody read on, and so many come at once; milliseconds of each that was sent away."""
        told, enough = Answers(), threading.Event()
        beyond = count - int(self._world.settings.requests_max * SHARES[Work.READING].of_all)

        def come(_: int) -> None:
            with self._client() as http:
                self._ask(lambda: http.get("/v1/signals", headers=self._signed()), READ, told)
            if len(told.sent_away) >= beyond:
                enough.set()

        with ThreadPoolExecutor(count) as pool:
            with nobody_reads(self._world.address, self._world.database, "rtr.signal"):
                coming = [pool.submit(come, n) for n in range(count)]
                enough.wait(PATIENCE_S)
            for one in coming:
                one.result()
        return told.sent_away

    def _report(self, http: httpx2.Client, one: MadeUp, told: Answers) -> None:
        body = to_json(one.form(island=COUNTRY)).encode()
        about = {"Idempotency-Key": str(self._world.clock.new_id()), "Content-Type": "application/json"}
        self._until_done(
            lambda: http.post("/v1/signals", content=body, headers={**self._signed(), **about}), REPORT, told
        )

    def _read(self, http: httpx2.Client, told: Answers) -> None:
        self._until_done(lambda: http.get("/v1/signals", headers=self._signed()), READ, told)

    def _until_done(self, send: Callable[[], httpx2.Response], kind: str, told: Answers) -> None:
        while (again_s := self._ask(send, kind, told)) is not None:
            self._world.clock.pause(again_s)

    def _ask(self, send: Callable[[], httpx2.Response], kind: str, told: Answers) -> float | None:
        """Ask once; return in how many seconds to come back, or None where there is nothing to come back for."""
        begun = self._world.clock.monotonic()
        answer = send()
        spent_ms = 1_000 * (self._world.clock.monotonic() - begun)
        if answer.is_success:
            told.accepted[kind].append(spent_ms)
            return None
        code, wait = answer.json().get("code"), answer.headers.get("Retry-After")
        if (answer.status_code, code) == (httpx2.codes.SERVICE_UNAVAILABLE, Overloaded.code) and wait is not None:
            told.sent_away.append(spent_ms)
            return float(wait)
        told.others[f"{answer.status_code} {code}"] += 1
        return None

    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}

    def _client(self) -> httpx2.Client:
        url = self._world.urls[COUNTRY]
        return httpx2.Client(base_url=url, verify=self._tls, timeout=PATIENCE_S, trust_env=False)
