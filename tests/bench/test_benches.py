"""The benches as runs of the product: each does its whole path, small; no time is asserted."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.http.admission import SHARES, Work
from register.logs import configure
from register.settings import load
from rtr_trial.bench.overload import bench_overload
from rtr_trial.bench.pseudonyms import bench_pseudonyms
from rtr_trial.bench.report import Report, median, percentile
from rtr_trial.bench.rounds import Unwatched
from rtr_trial.bench.search import bench_search
from rtr_trial.bench.sync import bench_sync
from tests.support.started.run import passing_folder

READERS = int(load(None, {})[0].requests_max * SHARES[Work.READING].of_all)
BENCHES: dict[str, tuple[Callable[[], Report], set[str]]] = {
    "pseudonyms": (
        lambda: bench_pseudonyms(Unwatched(), n=24),
        {"batches of 24, in-process", "batches of 24, partners over HTTP", "search of 12 keys, in-process, p50"},
    ),
    "sync": (
        lambda: bench_sync(Unwatched(), n=6),
        {"append", "full pull, all checks on", "empty poll, p50", "withdrawal gone from answers"},
    ),
    "search": (
        lambda: bench_search(Unwatched(), n=12, searches=10),
        {"whole path, p50", "whole path, p95", "match alone, p50", "the same requests raw, p50"},
    ),
}


@pytest.fixture(autouse=True)
def _in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Their servers' data lie where no disk is waited for: what a disk costs is no matter of these tests."""
    with passing_folder() as folder:
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        yield


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """As the command has it."""
    configure("WARNING")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BENCHES))
def test_bench_runs_its_whole_path_and_reports_figures_and_ratios(name: str) -> None:
    run, expected = BENCHES[name]
    report = run()
    assert report.bench == name
    assert expected <= {figure.name for figure in report.figures}
    assert all(figure.value > 0 and figure.rounds > 0 and figure.unit for figure in report.figures)
    assert any("limits of the roster" in line for line in report.raised), "what was raised for the bench must be said"
    assert report.ratios
    assert all(math.isfinite(ratio.value) and ratio.value > 0 for ratio in report.ratios)


@pytest.mark.slow
def test_who_is_over_the_bound_is_sent_away_while_the_database_answers_nobody_and_health_is_answered() -> None:
    """By shape: how soon is for `rtr bench overload` to say, on a machine of its own."""
    report = bench_overload(Unwatched(), few=2, many=READERS + 6, turns=1)
    told = {figure.name: figure for figure in report.figures}
    assert told["database held, sent away"].value == 6, "each that no place is left for, and nobody else"
    assert told["/health, database held, p50"].rounds > 0
    assert told["2 clients, report, p95"].rounds == told["2 clients, read, p95"].rounds == 2
    assert told[f"{READERS + 6} clients, report, p95"].rounds == READERS + 6, "who comes back is served"
    assert not [name for name in told if "answered" in name], "nobody is told anything else"
    assert {"report", "read", "/health"} == {ratio.name.partition(",")[0] for ratio in report.ratios}


@pytest.mark.slow
def test_bench_command_answers_programs_with_figures_seed_and_machine() -> None:
    done = CliRunner().invoke(app, ["--json", "bench", "submit", "--n", "5", "--seed", "7"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["bench"], report["n"], report["seed"]) == ("submit", 5, 7)
    assert {"cores", "python", "postgresql"} <= set(report["machine"])
    assert {figure["unit"] for figure in report["figures"]} == {"submissions/s", "ms"}
    assert done.stderr == ""


def test_percentile_is_the_smallest_value_that_so_many_do_not_exceed() -> None:
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 0.95) == 95.0
    assert percentile(values, 1.0) == 100.0
    assert percentile([3.0], 0.5) == 3.0
    assert median([1.0, 2.0, 9.0]) == 2.0
