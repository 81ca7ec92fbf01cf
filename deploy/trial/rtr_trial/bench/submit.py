"""Submissions a second: signal, blind index, audit leaf and outbox row in one commit, and the same over HTTP.

The use case is called in this process; HTTP goes to another one, signed in by a token that is checked each time.
Yardstick of the same run: what the server needs to commit one small row, which no submission can undercut.
"""

from __future__ import annotations

import threading
from itertools import islice
from typing import Final

from api.client import Client, SignIn
from api.http.sign_in import ClientKey
from register.services.signals.record_signal import record_signal
from rtr_trial.bench import made_up
from rtr_trial.bench.made_up import MadeUp
from rtr_trial.bench.report import Figure, Ratio, Report, machine, median, percentile
from rtr_trial.bench.rounds import Progress, Watch, each
from rtr_trial.bench.setting import Trial, submitter, trial
from rtr_trial.bench.sql import seconds_a_commit
from rtr_trial.demo.stage.personas import personas
from rtr_trial.embedded.identity_provider import issuer
from schemas.codes import Partition

COUNTRY: Final = Partition.CW
HANDS: Final = 4
COMMITS: Final = 300
_AUDIENCE: Final = "regional-theme-register"


def bench_submit(progress: Progress, *, n: int = 1_000, seed: int = 1) -> Report:
    """Measure.

    Args:
        progress: told how far it is.
        n: submissions of each of the three kinds: one after the other, several at once, and over HTTP.
        seed: of the made-up people.
    """
    with trial(progress.say) as world:
        people = made_up.people(seed)
        register, caller, watch = world.register(COUNTRY), submitter(COUNTRY), Watch(world.clock)

        def submit(one: MadeUp) -> float:
            form = one.form(island=COUNTRY)
            return 1_000 * watch.seconds(record_signal, register, caller, form, f"bench-{one.phone}")

        for one in islice(people, 10):
            submit(one)
        alone: list[float] = []

        def one_by_one() -> None:
            for done, one in enumerate(islice(people, n)):
                progress.moved("Submissions", done, n)
                alone.append(submit(one))

        cpu_ms = 1_000 * watch.cpu_seconds(one_by_one) / n
        progress.say(f"Submissions, {HANDS} at once")
        several: list[float] = []
        at_once_s = watch.seconds(lambda: several.extend(each(HANDS, list(islice(people, n)), submit)))
        progress.say(f"Submissions over HTTP, {HANDS} at once")
        over_http, http_s = _over_http(world, list(islice(people, n)), watch)
        commit_ms = 1_000 * seconds_a_commit(world.address, world.database, COMMITS)
        return Report(
            bench="submit",
            n=n,
            seed=seed,
            machine=machine(**world.versions),
            raised=(),
            figures=[
                Figure("use case, one after the other", 1_000 * n / sum(alone), "submissions/s", 1),
                Figure("use case, p50", median(alone), "ms", n),
                Figure("use case, p95", percentile(alone, 0.95), "ms", n, "60 ms"),
                Figure("use case, processor time without the server", cpu_ms, "ms", n),
                Figure(f"use case, {HANDS} at once", n / at_once_s, "submissions/s", 1, "150 submissions/s"),
                Figure(f"use case, {HANDS} at once, p95", percentile(several, 0.95), "ms", n),
                Figure(f"over HTTP, {HANDS} at once", n / http_s, "submissions/s", 1),
                Figure(f"over HTTP, {HANDS} at once, p50", median(over_http), "ms", n),
                Figure(f"over HTTP, {HANDS} at once, p95", percentile(over_http, 0.95), "ms", n),
                Figure("one small row committed by the server alone, p50", commit_ms, "ms", COMMITS),
            ],
            ratios=[
                Ratio("submission", median(alone) / commit_ms, "p50 / p50 of one small commit"),
                Ratio("share of the rate kept over HTTP", at_once_s / http_s, f"over HTTP / use case, {HANDS} at once"),
            ],
        )


def _over_http(world: Trial, people: list[MadeUp], watch: Watch) -> tuple[list[float], float]:
    """Milliseconds of each, and the seconds of all together."""
    service = personas([COUNTRY])[submitter(COUNTRY).actor]
    with (
        issuer.running(
            COUNTRY, audience=_AUDIENCE, clients=[service.as_client()], clock=world.clock, environment="trial"
        ) as signs_in,
        world.serving([COUNTRY], issuers={COUNTRY: signs_in.url}),
    ):
        key = ClientKey(service.key, service.secret.public().thumbprint(), service.secret)
        mine = threading.local()
        opened: list[Client] = []

        def submit(one: MadeUp) -> float:
            if not hasattr(mine, "client"):
                mine.client = Client(world.urls[COUNTRY], SignIn(signs_in.url, key))
                opened.append(mine.client)
                mine.client.me()  # signed in before the clock runs
            return 1_000 * watch.seconds(mine.client.submit_signal, one.form(island=COUNTRY))

        try:
            spent: list[float] = []
            seconds = watch.seconds(lambda: spent.extend(each(HANDS, people, submit)))
            return spent, seconds
        finally:
            for client in opened:
                client.close()
