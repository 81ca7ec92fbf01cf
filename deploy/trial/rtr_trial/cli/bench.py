"""`rtr bench`: the register's own figures on this machine, each in a trial world that is gone afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.frame.machine import settings_of
from api.cli.frame.terminal import Desk, Table, desk_of

if TYPE_CHECKING:
    from rtr_trial.bench.report import Report
    from rtr_trial.bench.rounds import Progress

app = typer.Typer(no_args_is_help=True)

Seed = Annotated[int, typer.Option(help="Of the made-up people; the same seed makes the same ones.")]
Engine = Annotated[Literal["osmem", "opensearch"], typer.Option(help="In-memory, or a real OpenSearch node.")]


@app.callback()
def _group() -> None:
    """Figures of this machine, from made-up data in a temporary folder; nothing of yours is touched."""


@app.command()
def pseudonyms(
    ctx: typer.Context,
    *,
    n: Annotated[int, typer.Option("--n", min=12, help="Keys, in batches of at most 1,000.")] = 5_000,
    seed: Seed = 1,
    http: Annotated[bool, typer.Option("--http/--no-http", help="Also ask partners over HTTP.")] = True,
) -> None:
    """Keys a second: client, own share, two partners with proofs, all checked and combined."""
    from rtr_trial.bench.pseudonyms import bench_pseudonyms

    _run_bench(ctx, lambda progress: bench_pseudonyms(progress, n=n, seed=seed, over_http=http))


@app.command()
def sync(
    ctx: typer.Context,
    *,
    n: Annotated[int, typer.Option("--n", min=1, help="Signals; each is an entry for each of four partners.")] = 2_000,
    seed: Seed = 1,
    engine: Engine = "osmem",
) -> None:
    """Entries a second of appending and of full pulls, an empty poll, and how soon a withdrawal is gone."""
    from rtr_trial.bench.sync import bench_sync

    _run_bench(ctx, lambda progress: bench_sync(progress, n=n, seed=seed, engine=engine))


@app.command()
def search(
    ctx: typer.Context,
    *,
    n: Annotated[int, typer.Option("--n", min=1, help="Records to search among.")] = 1_000,
    searches: Annotated[int, typer.Option(min=10, help="Questions asked.")] = 200,
    seed: Seed = 1,
    engine: Engine = "osmem",
) -> None:
    """Searches a second: the whole path with pseudonyms and audit, and the match alone with tokens at hand."""
    from rtr_trial.bench.search import bench_search

    _run_bench(ctx, lambda progress: bench_search(progress, n=n, seed=seed, engine=engine, searches=searches))


@app.command()
def submit(
    ctx: typer.Context,
    *,
    n: Annotated[int, typer.Option("--n", min=1, help="Submissions of each kind.")] = 1_000,
    seed: Seed = 1,
) -> None:
    """Submissions a second, with audit and outbox in the same commit."""
    from rtr_trial.bench.submit import bench_submit

    _run_bench(ctx, lambda progress: bench_submit(progress, n=n, seed=seed))


@app.command()
def overload(
    ctx: typer.Context,
    *,
    few: Annotated[int, typer.Option(min=1, help="Clients that the node has room for.")] = 20,
    many: Annotated[int, typer.Option(min=41, help="Clients that it has no room for.")] = 100,
    turns: Annotated[int, typer.Option(min=1, help="Reports, and readings, of each client.")] = 20,
    seed: Seed = 1,
) -> None:
    """What those who are let in wait when five times as many ask, and how soon the others are told to come back."""
    from rtr_trial.bench.overload import bench_overload

    _run_bench(ctx, lambda progress: bench_overload(progress, few=few, many=many, turns=turns, seed=seed))


def _run_bench(ctx: typer.Context, bench: Callable[[Progress], Report]) -> None:
    from register.logs import configure
    from rtr_trial.embedded.production import refuse_production

    desk = desk_of(ctx)
    refuse_production(settings_of(desk).env, "rtr bench")
    configure("WARNING")
    with _watching(desk) as progress:
        report = bench(progress)
    machine = ", ".join(f"{name} {value}" for name, value in report.machine.items() if value is not None)
    desk.answer(
        asdict(report),
        f"rtr bench {report.bench}: n {report.n}, seed {report.seed}",
        f"On: {machine}",
        *(f"Raised for the bench: {line}." for line in report.raised),
        Table(
            "Figures (medians over the rounds, where there are several)",
            ("measured", "value", "unit", "rounds", "goal"),
            [(f.name, _format_number(f.value), f.unit, f.rounds, f.goal) for f in report.figures],
            frozenset({"value", "rounds"}),
        ),
        Table(
            "Ratios, measured in the same run",
            ("of", "ratio", "what is divided by what"),
            [(r.name, _format_number(r.value), r.of) for r in report.ratios],
            frozenset({"ratio"}),
        ),
        "Machines are shared and noisy: compare ratios, not figures of different runs.",
    )


def _format_number(value: float) -> str:
    """Three digits that matter, and no more."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - from here on no decimals


class _OnTerminal:
    """Shows on stderr what a bench is doing, with a bar where it knows how far it is."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._stack = desk, ExitStack()
        self._shown, self._at = "", 0
        self._advance: Callable[[int], None] = _ignore_progress

    def say(self, text: str) -> None:
        """Begin something else."""
        self.close()
        self._stack.enter_context(self._desk.progress(text))

    def moved(self, what: str, done: int, total: int) -> None:
        """Move the bar of this step on."""
        if what != self._shown:
            self.close()
            self._shown, self._at = what, 0
            self._advance = self._stack.enter_context(self._desk.progress(what, total))
        self._advance(done - self._at)
        self._at = done

    def close(self) -> None:
        """Take the bar away."""
        self._stack.close()
        self._shown, self._advance = "", _ignore_progress


def _ignore_progress(_steps: int) -> None:
    """No bar to move."""


@contextmanager
def _watching(desk: Desk) -> Iterator[Progress]:
    shown = _OnTerminal(desk)
    try:
        yield shown
    finally:
        shown.close()
