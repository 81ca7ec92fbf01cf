"""`rtr stats drill`: made-up years are released by the rules, and every attack is tried on them. Needs no register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.terminal import Table, desk_of
from schemas.codes import Partition

if TYPE_CHECKING:
    from register.statistics.attacks.drill_report import Report

_FAILED = 1


def drill(
    ctx: typer.Context,
    *,
    years: Annotated[int, typer.Option(min=1, max=10_000, help="How many years of five countries.")] = 100,
    seed: Annotated[str, typer.Option(help="The same seed gives the same report.")] = "1",
    public: Annotated[
        list[Partition] | None,
        typer.Option(case_sensitive=False, help="Countries whose yearly total is public already; NL if left out."),
    ] = None,
) -> None:
    """Attack releases of made-up years: nothing may be recovered, and the negative controls must be caught."""
    from register.statistics.attacks.drill import run_drill as run

    desk = desk_of(ctx)
    with desk.progress(f"{years} years", years) as moved:
        report = run(years, seed, public=tuple(public or (Partition.NL,)), progress=moved)
    desk.answer(report.document(), *printed(report), brief="passed" if report.is_passed else "failed")
    if not report.is_passed:
        raise typer.Exit(_FAILED)


def printed(report: Report) -> list[str | Table]:
    """The report for people."""
    small = {"attacked", "recovered"}
    attacks = [(name, f.attacked, f.recovered) for name, f in sorted(report.findings.items())]
    controls = [(name, f.attacked, f.recovered) for name, f in sorted(report.controls.items())]
    word = "Passed" if report.is_passed else "FAILED"
    attacked, found, planted = report.exact_totals
    return [
        f"{word}: {report.years} made-up years, seed {report.seed}; {report.recovered} small cells recovered.",
        f"Exact small totals of islands found: {found} of {attacked}. By thresholds on exact counts: {planted}.",
        Table("Attacks on releases: small cells", ("attack", "attacked", "recovered"), attacks, frozenset(small)),
        Table(
            "Negative controls: these must be recovered", ("table", "attacked", "recovered"), controls, frozenset(small)
        ),
        f"A4: {report.updates} tables updated by one record; {report.updates_narrow} left fewer cells than they must.",
        f"A5: {report.redrawn} tables drawn again, {report.redrawn_differently} differently.",
        f"A8: best guess at membership, in thousandths: {_list_rates(report.membership)}.",
        f"A9: {report.files} outputs searched for keys, seeds and exact figures, {report.files_leaking} hold any.",
        Table(
            "Refusals by who, tier, rule and reason",
            ("refusal", "times"),
            sorted(report.refused.items()),
            frozenset({"times"}),
        ),
        Table(
            "Years without any figure, by who, tier and population",
            ("who, tier, population", "years"),
            sorted(report.blank.items()),
            frozenset({"years"}),
        ),
        Table("How much was shown", ("who, tier, what", "times"), sorted(report.grains.items()), frozenset({"times"})),
    ]


def _list_rates(rates: dict[str, int]) -> str:
    return ", ".join(f"{name} {rate}" for name, rate in sorted(rates.items()))
