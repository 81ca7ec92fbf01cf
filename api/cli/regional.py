"""`rtr stats contribute|draft|attack|approve|release|verify|ledger|fact|keep-row`: the regional statistics."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.desk import Desk, Table, desk_of
from api.cli.person import open_client
from register.errors import CallerError

if TYPE_CHECKING:
    from schemas.releases import (
        FactOut,
        LedgerOut,
        OwnContributionOut,
        RefusalOut,
        ReleaseOut,
        ReleaseSummary,
        VerificationOut,
    )

_SHORT = 12
_FAILED = 1
Digest = Annotated[str, typer.Argument(help="The release, by its hash; its first digits will do.")]
TableId = Annotated[str, typer.Option("--table", help="Of the catalogue, for instance notifications-by-source.")]
Period = Annotated[str, typer.Option(help="2023, 2023-Q1 or 2021/2023.")]


class TierName(StrEnum):
    """Who reads a release."""

    WORKING_GROUP = "W"
    PUBLIC = "P"


class NoSuchHash(CallerError):
    """No release, or more than one, begins with these digits."""

    code = "no-such-hash"
    advice = "List the releases with `rtr stats release`, and give more digits."


def contribute(
    ctx: typer.Context,
    *,
    table: TableId,
    period: Period,
    signs_public: Annotated[
        bool, typer.Option("--signs-public", help="The coordinator signs for the own row in the public brief.")
    ] = False,
) -> None:
    """Round the own table under the own key, attack it, sign it and send it to the partners."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        made = client.regional.contribute(table, period, signs_public=signs_public)
    desk.answer(made, *printed_contribution(made), brief=made.contribution.digest)


def draft(
    ctx: typer.Context,
    *,
    table: TableId,
    period: Period,
    tier: Annotated[TierName, typer.Option(help="W: the working group. P: the public brief.")] = TierName.WORKING_GROUP,
) -> None:
    """Make a release of the newest contributions at hand; the same ones make the same bytes on every node."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        made = client.regional.draft(tier.value, table, period)
    _answer(desk, made)


def attack(ctx: typer.Context, digest: Digest) -> None:
    """Run the attacks on a draft; a breach is a refusal that lists what was found."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        _answer(desk, client.regional.attack(_whole(client.regional.releases().items, digest)))


def approve(ctx: typer.Context, digest: Digest) -> None:
    """Approve a release that was attacked; two persons do, other than the one who drafted it."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        _answer(desk, client.regional.approve(_whole(client.regional.releases().items, digest)))


def release(
    ctx: typer.Context,
    digest: Annotated[str | None, typer.Argument(help="By its hash; all releases if left out.")] = None,
    *,
    freeze: Annotated[bool, typer.Option("--freeze", help="Freeze it: made again, compared, signed.")] = False,
) -> None:
    """Show a release or all of them, or freeze one that two persons approved."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = client.regional.releases()
        if digest is None:
            desk.answer(found, _listed(found.items), brief="\n".join(one.digest for one in found.items))
            return
        which = _whole(found.items, digest)
        _answer(desk, client.regional.freeze(which) if freeze else client.regional.release(which))


def verify(ctx: typer.Context, digest: Annotated[str, typer.Argument(help="All 64 digits.")]) -> None:
    """Have this node make a release again from its own contributions, check who signed them, and compare."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = client.regional.verify(digest)
    desk.answer(found, *printed_verification(found), brief="holds" if found.holds else "differs")
    if not found.holds:
        raise typer.Exit(_FAILED)


def ledger(ctx: typer.Context) -> None:
    """Show all that a reader may know already: contributions, published figures, and which tables are linked."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        known = client.regional.ledger()
    desk.answer(known, *printed_ledger(known), brief=known.catalogue)


def fact(
    ctx: typer.Context,
    *,
    population: Annotated[str, typer.Option(help="Of the catalogue, for instance notifications.")],
    period: Period,
    value: Annotated[int, typer.Option(min=0, help="As published.")],
    source: Annotated[str, typer.Option(help="Where it stands.")],
    where: Annotated[
        list[str] | None, typer.Option(help="variable=row, for instance source=CITIZEN; the total if left out.")
    ] = None,
) -> None:
    """Note a figure that the own country has published: printed exact from then on, and known to every attack."""
    rows = dict(_pair(one) for one in where or [])
    desk = desk_of(ctx)
    with open_client(desk) as client:
        made = client.regional.publish(population, period, rows, value, source)
    desk.answer(made, _facts([made]), brief=made.digest)


def keep_row(
    ctx: typer.Context,
    *,
    variable: Annotated[str, typer.Option(help="For instance channel.")],
    code: Annotated[str, typer.Option(help="The optional row, for instance WALK_IN.")],
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="From which day on.")],
) -> None:
    """Declare an optional row that the country keeps from a day on, for good."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        row = client.regional.keep_row(variable, code, since.date())
    desk.answer(row, f"Kept since {row.since.isoformat()}: {row.variable} {row.code}.", brief=row.code)


def attach(app: typer.Typer) -> None:
    """Hang the commands under `rtr stats`."""
    for name, command in {
        "contribute": contribute,
        "draft": draft,
        "attack": attack,
        "approve": approve,
        "release": release,
        "verify": verify,
        "ledger": ledger,
        "fact": fact,
        "keep-row": keep_row,
    }.items():
        app.command(name)(command)


def printed_contribution(made: OwnContributionOut) -> list[str | Table]:
    """What came of contributing, for people."""
    one = made.contribution
    word = "Contributed" if made.is_new else "Contributed before, the same"
    parts: list[str | Table] = [
        f"{word}: {one.table} {one.period}, revision {one.revision}, rounded to {one.base}.",
        Table("Shown", ("tier", "how much", "instead"), [(t, s.grain, s.instead) for t, s in one.shown.items()]),
    ]
    if one.cells is not None and one.rows is not None:
        cells = [(row, *line) for row, line in zip(one.rows, one.cells, strict=True)]
        columns = ("", *(one.columns or ()))
        parts.append(Table("As it leaves the country", columns, cells, frozenset(columns[1:])))
    for tier, refusals in made.refusals.items():
        parts += _refusals(f"Why tier {tier} does not see all of it", refusals)
    return parts + _refusals("Made coarser, since the attack said", made.stepped_down)


def printed_release(one: ReleaseOut) -> list[str | Table]:
    """A release for people: its figures, what is withheld, and what the attack came to."""
    areas = list(dict.fromkeys(c.area for c in one.cells))
    spots = list(dict.fromkeys((c.row, c.column) for c in one.cells))
    at = {(c.area, c.row, c.column): c for c in one.cells}
    rows = [
        (_spot(*spot), *(_figure(at[area, *spot].value, at[area, *spot].marker) for area in areas)) for spot in spots
    ]
    parts: list[str | Table] = [
        f"{one.table} {one.period}, tier {one.tier}, revision {one.revision}: {one.state}, "
        f"{one.approvals} approvals, hash {one.digest}",
        Table(f"Rounded to {one.base}; Caribbean: {', '.join(one.coverage) or 'none'}", ("", *areas), rows,
              frozenset(areas)),
    ]  # fmt: skip
    if one.instead:
        parts.append("Read instead: " + ", ".join(f"{i.country} {i.table}" for i in one.instead))
    parts += _refusals("Withheld in the region", one.withheld)
    if one.attacks is not None:
        tried = [(a.attack, a.attacked, a.recovered) for a in one.attacks]
        parts.append(Table("Attacks", ("attack", "tried", "worked out"), tried, frozenset({"tried", "worked out"})))
        parts += _refusals("Refused", one.refusals or ())
    return [*parts, "c withheld, - row not kept, .. not reported, ! as published"]


def printed_verification(found: VerificationOut) -> list[str | Table]:
    """What a node makes of a release, for people."""
    how = "drafted here" if found.held else "made of the newest contributions here"
    parts: list[str | Table] = [
        f"{'Holds' if found.holds else 'DIFFERS'}: {found.digest}",
        f"This node computes {found.computed} ({how}).",
    ]
    if found.unsigned:
        parts.append(f"No good signature: {', '.join(found.unsigned)}.")
    if found.agree:
        parts.append(f"Frozen with the same hash by: {', '.join(found.agree)}.")
    parts += [f"Frozen with another hash by {one.country}: {one.digest}" for one in found.differ]
    return parts


def printed_ledger(known: LedgerOut) -> list[str | Table]:
    """The ledger for people."""
    rows = [(c.country, c.table, c.period, c.revision, c.shown["W"].grain if "W" in c.shown else "", c.total)
            for c in known.contributions]  # fmt: skip
    heads = ("country", "table", "period", "revision", "shown", "total")
    return [
        Table("Contributions", heads, rows, frozenset({"revision", "total"})),
        _facts(known.facts),
        Table("Linked tables", ("table", "share its population"), [(t, ", ".join(o)) for t, o in known.linked.items()]),
    ]


def _answer(desk: Desk, one: ReleaseOut) -> None:
    desk.answer(one, *printed_release(one), brief=one.digest)


def _whole(known: tuple[ReleaseSummary, ...], begin: str) -> str:
    found = [one.digest for one in known if one.digest.startswith(begin.lower())]
    if len(found) != 1:
        raise NoSuchHash(f"{len(found)} releases begin with these digits")
    return found[0]


def _pair(text: str) -> tuple[str, str]:
    variable, found, row = text.partition("=")
    if not found:
        raise typer.BadParameter("give variable=row")
    return variable, row


def _listed(items: tuple[ReleaseSummary, ...]) -> Table:
    rows = [(o.digest[:_SHORT], o.tier, o.table, o.period, o.revision, o.state, o.approvals) for o in items]
    heads = ("hash", "tier", "table", "period", "revision", "state", "approvals")
    return Table("Releases", heads, rows, frozenset({"revision", "approvals"}))


def _facts(found: list[FactOut] | tuple[FactOut, ...]) -> Table:
    rows = [(f.country, f.population, f.period, ", ".join(f"{v}={r}" for v, r in f.where.items()) or "total", f.value,
             f.source) for f in found]  # fmt: skip
    heads = ("country", "population", "period", "which", "value", "source")
    return Table("As published by the countries", heads, rows, frozenset({"value"}))


def _refusals(title: str, refusals: tuple[RefusalOut, ...]) -> list[str | Table]:
    if not refusals:
        return []
    rows = [(r.rule, r.says, r.would_pass) for r in refusals]
    return [Table(title, ("rule", "says", "what would make it pass"), rows)]


def _spot(row: str, column: str) -> str:
    if row == column == "ALL":
        return "total"
    return row if column == "ALL" else f"{row} / {column}"


def _figure(value: int | None, marker: str) -> str:
    if value is None:
        return marker
    return f"{value}!" if marker == "as-published" else str(value)
