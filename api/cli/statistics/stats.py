"""`rtr stats`: figures of the own register and regional releases, as the person of the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.person import open_client
from api.cli.frame.terminal import Table, desk_of
from api.cli.statistics import drill, export, regional
from register.errors import CallerError
from schemas.codes import Partition

if TYPE_CHECKING:
    from schemas.statistics.owner import CountTable, OwnerStatistics

app = typer.Typer(no_args_is_help=True)
app.command("drill")(drill.drill)
app.command("export")(export.export)
regional.attach(app)


class OtherRegister(CallerError):
    """The profile speaks to another country's register than the one asked for."""

    code = "other-register"
    advice = "Use a profile of that country; each country's exact figures are for its own statisticians."


@app.callback()
def _group() -> None:
    """Figures of the own register, and releases for the region."""


@app.command()
def owner(
    ctx: typer.Context,
    *,
    year: Annotated[int, typer.Option(help="By the date on which a notification was received.")],
    country: Annotated[
        Partition | None, typer.Option(case_sensitive=False, help="Checked against the profile's register.")
    ] = None,
) -> None:
    """Show the own figures of a year, exact, and how each table may travel; the reading is logged."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        if country is not None and (found := client.me().country) is not country:
            raise OtherRegister(f"this profile speaks to the register of {found}, not of {country}")
        figures = client.owner_statistics(year)
    desk.answer(figures, *printed(figures), brief=str(figures.notifications))


def printed(figures: OwnerStatistics) -> list[str | Table]:
    """The tables in the rows and words of the national contact point's annual report."""
    from api.cli.statistics.owner_view import registered
    from register.domain.partition import FACTS

    what = f"{FACTS[figures.country].name} {figures.year}, notifications to the national contact point"
    how = f"own table, exact, as registered, by {figures.period_rule}"
    parts: list[str | Table] = [f"{what} ({how}): {figures.notifications}; forwarded {figures.forwarded}"]
    parts += [_build_table(table, figures.notifications) for table in figures.tables]
    if any(row.flagged for table in figures.tables for row in table.rows):
        parts.append("* 1 to 4: exact for the owner only; such a figure leaves the country rounded.")
    parts += registered(figures)
    parts.append(f"Rule set {figures.rule_set}, code lists {figures.code_lists}.")
    return parts


def _build_table(table: CountTable, total: int) -> Table:
    rows: list[tuple[object, ...]] = [
        (row.label, row.count, "*" if row.flagged else "", ", ".join(f"{k} {v}" for k, v in row.of_which.items()))
        for row in table.rows
    ]
    return Table(table.name, ("", "number", "", "of which"), [*rows, ("total", total, "", "")], frozenset({"number"}))
