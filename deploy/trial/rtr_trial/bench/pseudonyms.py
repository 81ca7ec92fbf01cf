"""Keys a second of the whole pseudonym path: client, own share, two partners with proofs, all checked and combined.

Once with all shares in this process (what it costs to compute), and once with the partners over HTTP as in earnest
(signed requests, quota, log and receipt on their side, in one other process).
"""

from __future__ import annotations

import secrets
from itertools import islice
from typing import Final

from register.domain.partition import PARTITIONS
from register.pseudonyms.client import Token, pseudonymise
from register.pseudonyms.epochs import EPOCHS
from register.pseudonyms.evaluators import Evaluators
from register.pseudonyms.matchkeys import MatchKey
from register.pseudonyms.oprf.group import ristretto255
from register.pseudonyms.oprf.voprf import VOPRF
from register.pseudonyms.query_keys import query_keys
from rtr_trial.bench import made_up
from rtr_trial.bench.report import Figure, Ratio, Report, machine, median, percentile
from rtr_trial.bench.rounds import Progress, Watch
from rtr_trial.bench.setting import RAISED, Trial, trial
from schemas.codes import LegalBasis, Partition
from schemas.exchange.evaluation import KEYS_MAX, Asking, Declared, EvaluationPurpose
from schemas.search.question import AskedSubject
from schemas.signals.parts import SelectorIn

COUNTRY: Final = Partition.AW
SEARCH_KEYS: Final = 12
SEARCHES: Final = 30


def bench_pseudonyms(progress: Progress, *, n: int = 5_000, seed: int = 1, over_http: bool = True) -> Report:
    """Measure.

    Args:
        progress: told how far it is.
        n: keys in all, in batches of at most 1,000.
        seed: of the made-up phones.
        over_http: also ask partners over HTTP.
    """
    with trial(progress.say) as world:
        keys = _derive_phone_keys(n, seed)
        batches = [keys[i : i + KEYS_MAX] for i in range(0, n, KEYS_MAX)]
        twelves = [keys[i : i + SEARCH_KEYS] for i in range(0, min(n, SEARCHES * SEARCH_KEYS), SEARCH_KEYS)]
        inner = world.in_process(COUNTRY)
        progress.say("Multiplying points, for comparison")
        raw = _multiplications_a_second(world, keys[:KEYS_MAX])
        found: list[float] = []
        keys_cpu_s = Watch(world.clock).cpu_seconds(
            lambda: found.append(_measure_rate(world, inner, batches, progress, "in this process"))
        )
        local = found[0]
        search: list[float] = []
        cpu_s = Watch(world.clock).cpu_seconds(lambda: search.extend(_searches_ms(world, inner, twelves)))
        figures = [
            Figure(f"batches of {len(batches[0])}, in-process", local, "keys/s", len(batches), "600 keys/s, one core"),
            Figure(f"search of {len(twelves[0])} keys, in-process, p50", median(search), "ms", len(search)),
            Figure(
                f"search of {len(twelves[0])} keys, in-process, p95",
                percentile(search, 0.95),
                "ms",
                len(search),
            ),
            Figure("processor time of a key in batches, all roles", 1_000 * keys_cpu_s / n, "ms", len(batches)),
            Figure(
                "processor time of such a search, all roles", 1_000 * cpu_s / len(search), "ms", len(search), "40 ms"
            ),
            Figure("plain multiplication of one point", raw, "points/s", 1),
        ]
        ratios = [
            Ratio("multiplications' worth of time a key", raw / local, "points/s of libsodium / keys/s in-process")
        ]
        if over_http:
            http, http_search = _over_http(world, batches, twelves, progress)
            figures += [
                Figure(f"batches of {len(batches[0])}, partners over HTTP", http, "keys/s", len(batches)),
                Figure(
                    f"search of {len(twelves[0])} keys, partners over HTTP, p50",
                    median(http_search),
                    "ms",
                    len(http_search),
                ),
                Figure(
                    f"search of {len(twelves[0])} keys, partners over HTTP, p95",
                    percentile(http_search, 0.95),
                    "ms",
                    len(http_search),
                ),
            ]
            ratios += [
                Ratio("share of the rate kept over HTTP", http / local, "keys/s over HTTP / in-process"),
                Ratio("search over HTTP", median(http_search) / median(search), "p50 over HTTP / in-process"),
            ]
        return Report(
            bench="pseudonyms",
            n=n,
            seed=seed,
            machine=machine(**world.versions),
            raised=RAISED,
            figures=figures,
            ratios=ratios,
        )


def _over_http(
    world: Trial, batches: list[list[MatchKey]], twelves: list[list[MatchKey]], progress: Progress
) -> tuple[float, list[float]]:
    progress.say("Starting the partners")
    # The asker's own node too: evaluators fetch its signed lists.
    with world.serving(PARTITIONS):
        evaluators = world.over_http(world.register(COUNTRY))
        return _measure_rate(world, evaluators, batches, progress, "over HTTP"), _searches_ms(
            world, evaluators, twelves
        )


def _measure_rate(
    world: Trial, evaluators: Evaluators, batches: list[list[MatchKey]], progress: Progress, where: str
) -> float:
    """Keys a second, the median over the batches; the first batch is done once beforehand, untimed."""
    watch, rates = Watch(world.clock), []
    _pseudonymise_keys(world, evaluators, batches[0][:SEARCH_KEYS], EvaluationPurpose.REGISTER)
    for done, batch in enumerate(batches):
        progress.moved(f"Keys {where}", done, len(batches))
        spent = watch.seconds(_pseudonymise_keys, world, evaluators, batch, EvaluationPurpose.REGISTER)
        rates.append(len(batch) / spent)
    return median(rates)


def _searches_ms(world: Trial, evaluators: Evaluators, twelves: list[list[MatchKey]]) -> list[float]:
    watch = Watch(world.clock)
    return [
        1_000 * watch.seconds(_pseudonymise_keys, world, evaluators, keys, EvaluationPurpose.SEARCH) for keys in twelves
    ]


def _pseudonymise_keys(world: Trial, evaluators: Evaluators, keys: list[MatchKey], purpose: EvaluationPurpose) -> None:
    asking = Asking(
        request_id=world.clock.new_id(),
        country=COUNTRY,
        purpose=purpose,
        organisation="AW-CMMA",
        actor=world.asker,
        legal_basis=LegalBasis.AW_NONPOLICE,
        case_reference=bytes(32) if purpose is EvaluationPurpose.SEARCH else None,
        declared=None if purpose is EvaluationPurpose.SEARCH else Declared.PUBLISH,
    )
    tokens = pseudonymise(
        keys, evaluators, request=asking, epochs=EPOCHS, secret=secrets.token_bytes(32), issued=world.clock.now()
    )
    if not all(isinstance(token, Token) for token in tokens):
        raise RuntimeError("a bench measures tokens, and some keys got none")


def _derive_phone_keys(n: int, seed: int) -> list[MatchKey]:
    found: list[MatchKey] = []
    for one in islice(made_up.people(seed), n):
        asked = AskedSubject(selectors=(SelectorIn(type="PHONE", value=one.phone),))
        found += query_keys(asked, COUNTRY)[:1]
    return found


def _multiplications_a_second(world: Trial, keys: list[MatchKey]) -> float:
    group = ristretto255()
    scalar = group.random_scalar()
    elements = [VOPRF.blind(key.input, scalar) for key in keys]

    def multiply_all() -> None:
        for element in elements:
            group.multiply(scalar, element)

    return len(elements) / Watch(world.clock).seconds(multiply_all)
