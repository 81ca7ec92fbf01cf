"""Searches a second: the whole path with pseudonyms, rules and audit, and the match alone with tokens at hand.

One country's signals, exchanged and indexed as in earnest, are asked for by another country's coordinator. Yardsticks
of the same run: the pseudonym part alone, and the very requests of the match sent to the engine by a bare connection.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from typing import Any, Final, cast

from register.core import Register
from register.pseudonyms.client import pseudonymise
from register.pseudonyms.epochs import EPOCHS
from register.pseudonyms.evaluators import Evaluators
from register.pseudonyms.query_keys import query_keys
from register.services.search.index_records import index_records
from register.services.search.search_records import search_records
from rtr_trial.bench import made_up
from rtr_trial.bench.loading import load
from rtr_trial.bench.relay import Asked, Raw, relaying
from rtr_trial.bench.report import Figure, Ratio, Report, machine, median, percentile
from rtr_trial.bench.rounds import Progress, Watch, each
from rtr_trial.bench.setting import RAISED, Trial, coordinator, none_given, trial
from schemas.codes import LegalBasis, Partition
from schemas.exchange.evaluation import Asking, EvaluationPurpose
from schemas.search.question import Answer, SearchIn
from sync.appender import Appender
from sync.receiver import Receiver

ORIGIN: Final = Partition.CW
ASKER: Final = Partition.AW
HANDS: Final = 4
SEARCHES: Final = 200
_ROUNDS: Final = 5
"""How often a recorded match is asked again."""


@dataclass(slots=True)
class _Overheard:
    """An index that keeps what it is asked."""

    inner: Any
    calls: list[tuple[Any, Any]] = field(default_factory=list)

    def match(self, scope: Any, tokens: Any) -> Any:
        """Keep the question, then ask it."""
        self.calls.append((scope, tokens))
        return self.inner.match(scope, tokens)


def bench_search(
    progress: Progress, *, n: int = 1_000, seed: int = 1, engine: str = "osmem", searches: int = SEARCHES
) -> Report:
    """Measure.

    Args:
        progress: told how far it is.
        n: records to search among, each of one person with name, birth date and phone.
        seed: of the made-up people.
        engine: one of `setting.ENGINES`.
        searches: how many questions are asked, nine in ten of them about somebody who is there.
    """
    with trial(progress.say, engine=engine) as world:
        evaluators = world.in_process(ASKER)
        asker = world.register(ASKER, evaluators=evaluators)
        known = _fill_index(world, asker, n, seed, progress)
        questions = _build_questions(known, n, seed, searches)
        progress.say("Recording")
        calls, requests = _record_questions(world, questions, evaluators)
        watch = Watch(world.clock)
        whole: list[float] = []

        def one_by_one() -> None:
            for done, question in enumerate(questions):
                progress.moved("Searches", done, len(questions))
                whole.append(1_000 * watch.seconds(search_records, asker, coordinator(), question))

        cpu_ms = 1_000 * watch.cpu_seconds(one_by_one) / len(questions)
        progress.say(f"Searches, {HANDS} at once")
        at_once = len(questions) / watch.seconds(
            each, HANDS, questions, lambda q: search_records(asker, coordinator(), q)
        )
        progress.say("Parts and yardsticks")
        pseudonyms = [1_000 * watch.seconds(_make_pseudonyms, world, evaluators, q) for q in questions]
        match, raw = _match_and_raw(world, asker, calls, requests, watch)
        return Report(
            bench="search",
            n=n,
            seed=seed,
            machine=machine(**world.versions),
            raised=RAISED,
            figures=[
                Figure("whole path, one after the other", 1_000 * len(whole) / sum(whole), "searches/s", len(whole)),
                Figure(f"whole path, {HANDS} at once", at_once, "searches/s", 1, "50 searches/s"),
                Figure("whole path, p50", median(whole), "ms", len(whole)),
                Figure("whole path, p95", percentile(whole, 0.95), "ms", len(whole), "300 ms"),
                Figure("whole path, processor time without the servers", cpu_ms, "ms", len(whole)),
                Figure("pseudonym part alone, p50", median(pseudonyms), "ms", len(pseudonyms)),
                Figure("match alone, tokens at hand", 1_000 * len(match) / sum(match), "searches/s", len(match)),
                Figure("match alone, p50", median(match), "ms", len(match)),
                Figure("match alone, p95", percentile(match, 0.95), "ms", len(match)),
                Figure("the same requests raw, p50", median(raw), "ms", len(raw)),
                Figure("the same requests raw, p95", percentile(raw, 0.95), "ms", len(raw)),
            ],
            ratios=[
                Ratio("whole path", median(whole) / median(pseudonyms), "p50 / p50 of the pseudonym part"),
                Ratio("match", median(match) / median(raw), "p50 / p50 of the same requests raw"),
                Ratio("match within the whole path", median(match) / median(whole), "p50 / p50"),
            ],
        )


def _fill_index(world: Trial, asker: Register, n: int, seed: int, progress: Progress) -> list[made_up.MadeUp]:
    """Signals of the origin, as the asker's host has them; returns the people in them."""
    origin = world.register(ORIGIN, evaluators=world.in_process(ORIGIN))
    loaded = load(world, origin, n, seed, progress)
    appender = Appender(origin, "bench", none_given)
    while appender.turn():
        pass
    progress.say("Exchanging and indexing")
    with world.serving([ORIGIN]):
        receiver = Receiver(asker, world.partner_http(asker), world.rosters(asker))
        while (pulled := receiver.pull_once(ORIGIN)).more:
            pass
    if pulled.error is not None:
        raise RuntimeError(f"a bench searches what was exchanged: {pulled.error}")
    while index_records(asker, 500):
        pass
    return loaded.people


def _build_questions(known: list[made_up.MadeUp], n: int, seed: int, count: int) -> list[SearchIn]:
    strangers = islice(made_up.people(seed), n, None)
    there = cycle(known)
    asked = [next(strangers) if number % 10 == 0 else next(there) for number in range(1, count + 1)]
    return [made_up.question(one.asked(), number=number) for number, one in enumerate(asked, start=1)]


def _record_questions(
    world: Trial, questions: Sequence[SearchIn], evaluators: Evaluators
) -> tuple[list[tuple[Any, Any]], list[Asked]]:
    """What the index is asked, and what the engine is sent, for these questions; each answer is checked once."""
    with relaying(world.settings.engine.url) as relay:
        register = world.register(ASKER, evaluators=evaluators, engine_url=relay.url)
        overheard = _Overheard(register.index)
        listening = replace(register, index=cast("Any", overheard))
        for number, question in enumerate(questions, start=1):
            found = search_records(listening, coordinator(), question)
            answer = next(one.answer for one in found.countries if one.country is ORIGIN)
            expected = Answer.NOTHING if number % 10 == 0 else Answer.HIT
            if found.degraded or answer is not expected:
                raise RuntimeError(f"expected {expected}, got {answer}: the figures would mean nothing")
        return overheard.calls, relay.asked


def _match_and_raw(
    world: Trial, asker: Register, calls: list[tuple[Any, Any]], requests: list[Asked], watch: Watch
) -> tuple[list[float], list[float]]:
    """Milliseconds of each, in turns, so that whatever else the machine does falls on both."""
    index = asker.index
    if index is None:
        raise RuntimeError("the trial has no engine")
    match: list[float] = []
    raw: list[float] = []
    bare = Raw(world.settings.engine.url)
    try:
        for _ in range(_ROUNDS):
            match += [1_000 * watch.seconds(index.match, scope, tokens) for scope, tokens in calls]
            raw += [1_000 * watch.seconds(bare.ask, one) for one in requests]
    finally:
        bare.close()
    return match, raw


def _make_pseudonyms(world: Trial, evaluators: Evaluators, question: SearchIn) -> None:
    asking = Asking(
        request_id=world.clock.new_id(),
        country=ASKER,
        purpose=EvaluationPurpose.SEARCH,
        organisation="AW-CMMA",
        actor=world.asker,
        legal_basis=LegalBasis.AW_NONPOLICE,
        case_reference=bytes(32),
    )
    pseudonymise(
        query_keys(question.subject, ASKER),
        evaluators,
        request=asking,
        epochs=EPOCHS,
        secret=secrets.token_bytes(32),
        issued=world.clock.now(),
    )
