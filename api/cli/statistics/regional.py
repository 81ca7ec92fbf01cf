"""`rtr stats contribute|draft|attack|approve|release|verify|ledger|fact|keep-row`: the regional statistics."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.person import open_client
from api.cli.frame.terminal import Desk, desk_of
from api.cli.statistics import regional_view as view
from register.errors import CallerError

if TYPE_CHECKING:
    from schemas.statistics.releases import ReleaseOut, ReleaseSummary

_FAILED = 1
_WHOLE = re.compile(r"[0-9a-f]{64}")
Digest = Annotated[str, typer.Argument(help="The release, by its hash; its first digits will do.")]
TableId = Annotated[str, typer.Option("--table", help="Of the catalogue, for instance notifications-by-source.")]
Period = Annotated[str, typer.Option(help="2023, 2023-Q1 or 2021/2023.")]


class TierName(StrEnum):
    """Who reads a release."""

    WORKING_GROUP = "W"
    PUBLIC = "P"


class PartOfAHash(CallerError):
    """Only a whole hash says which release another country means."""

    code = "part-of-a-hash"
    advice = "Give all 64 digits; `rtr stats release` lists them for the releases here."


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
    desk.answer(made, *view.printed_contribution(made), brief=made.contribution.digest)


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
    _print_release(desk, made)


def attack(ctx: typer.Context, digest: Digest) -> None:
    """Run the attacks on a draft; a breach is a refusal that lists what was found."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        _print_release(desk, client.regional.attack(whole_digest(client.regional.releases().items, digest)))


def approve(ctx: typer.Context, digest: Digest) -> None:
    """Approve a release that was attacked; two persons do, other than the one who drafted it."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        _print_release(desk, client.regional.approve(whole_digest(client.regional.releases().items, digest)))


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
            desk.answer(found, view.listed(found.items), brief="\n".join(one.digest for one in found.items))
            return
        which = whole_digest(found.items, digest)
        _print_release(desk, client.regional.freeze(which) if freeze else client.regional.release(which))


def verify(ctx: typer.Context, digest: Annotated[str, typer.Argument(help="All 64 digits.")]) -> None:
    """Have this node make a release again from its own contributions, check who signed them, and compare."""
    desk = desk_of(ctx)
    # A partner's release may be in no list here, so its first digits cannot be looked up.
    if not _WHOLE.fullmatch(digest.lower()):
        raise PartOfAHash(f"{len(digest)} characters are no whole hash")
    with open_client(desk) as client:
        found = client.regional.verify(digest.lower())
    desk.answer(found, *view.printed_verification(found), brief="holds" if found.holds else "differs")
    if not found.holds:
        raise typer.Exit(_FAILED)


def ledger(ctx: typer.Context) -> None:
    """Show all that a reader may know already: contributions, published figures, and which tables are linked."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        known = client.regional.ledger()
    desk.answer(known, *view.printed_ledger(known), brief=known.catalogue)


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
    rows = dict(_read_pair(one) for one in where or [])
    desk = desk_of(ctx)
    with open_client(desk) as client:
        made = client.regional.publish(population, period, rows, value, source)
    desk.answer(made, view.facts([made]), brief=made.digest)


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
    app.command("contribute")(contribute)
    app.command("draft")(draft)
    app.command("attack")(attack)
    app.command("approve")(approve)
    app.command("release")(release)
    app.command("verify")(verify)
    app.command("ledger")(ledger)
    app.command("fact")(fact)
    app.command("keep-row")(keep_row)


def _print_release(desk: Desk, one: ReleaseOut) -> None:
    desk.answer(one, *view.printed_release(one), brief=one.digest)


def whole_digest(known: tuple[ReleaseSummary, ...], begin: str) -> str:
    """The one digest that begins so. Raises `NoSuchHash`."""
    found = [one.digest for one in known if one.digest.startswith(begin.lower())]
    if len(found) != 1:
        raise NoSuchHash(f"{len(found)} releases begin with these digits")
    return found[0]


def _read_pair(text: str) -> tuple[str, str]:
    variable, found, row = text.partition("=")
    if not found:
        raise typer.BadParameter("give variable=row")
    return variable, row
