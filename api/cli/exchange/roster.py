"""`rtr roster`: roster 1 from the key stores of this machine. Later rosters need three coordinators' approval."""

from __future__ import annotations

import hashlib
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.audited import leave_leaf
from api.cli.frame.machine import settings_of, with_database
from api.cli.frame.terminal import Table, desk_of
from register.domain.running.audit_action import AuditAction
from register.errors import CallerError, Conflict, NotFound
from schemas.codes import Partition

if TYPE_CHECKING:
    from register.settings import Settings
    from schemas.exchange.wire import Limits, NodeKey

app = typer.Typer(no_args_is_help=True)

File = Annotated[Path | None, typer.Argument(metavar="FILE", help="Without it, roster 1 of this home.")]


class RosterThere(Conflict):
    """This home has another roster 1 already; nodes that pinned it believe no other."""

    code = "roster-there"
    advice = "Keep it, or give --force if no node has pinned it yet."


class BadSheet(CallerError):
    """A file that should be the sheet of an approval key is something else."""

    code = "bad-sheet"
    advice = "Give the file that `rtr keys approval` wrote as `--sheet`; another key never comes in by this way."


class NoRoster(NotFound):
    """There is no roster on this home."""

    code = "no-roster"
    advice = "Make it with `rtr roster make`, or name the file."


class LaterRoster(CallerError):
    """It is no roster 1, and this version keeps no approvals: a node that found it would refuse to start."""

    code = "later-roster"
    advice = (
        "Nothing was installed. Make roster 1 anew with the keys as they shall be, and let all five pin it: so is a "
        "stolen node key taken out, until later rosters are built."
    )


@app.command()
def make(
    ctx: typer.Context,
    *,
    url: Annotated[
        list[str] | None,
        typer.Option(metavar="CC=URL", help="Where partners reach a country's node; default: its `listen`."),
    ] = None,
    edition: Annotated[
        list[str] | None, typer.Option(help="Editions of the rules in force; default: the settings' own.")
    ] = None,
    limits: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Limits of keys; default: the agreed figures.")
    ] = None,
    approval: Annotated[
        list[Path] | None,
        typer.Option("--approval", metavar="SHEET", help="Sheet of an approval key (`rtr keys approval`); repeatable."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace another roster 1 of this home.")] = False,
) -> None:
    """Write roster 1 from the key stores of all five, and print its SHA-256 for the settings."""
    from register.clock import SystemClock
    from register.domain.exchange.limits import read_agreed_limits, read_limits
    from register.keys.home import open_keys
    from register.mou.edition import load
    from register.services.running.operate_keys import first_roster, refuse_one_machine

    desk = desk_of(ctx)
    settings = settings_of(desk)
    refuse_one_machine(settings)
    urls = _read_urls(settings, url or [])
    hashes = [load(name).hash for name in edition or [settings.edition]]
    nodes = {country: open_keys(settings, country) for country in Partition}
    stated = read_agreed_limits() if limits is None else read_limits(_read_limits_text(limits))
    sheets = [read_sheet(one) for one in approval or []]
    moment = SystemClock().now().astimezone(UTC)
    document = first_roster(nodes, urls, hashes, moment, limits=stated, approval_keys=sheets)
    file = _file_of(settings)
    if file.exists() and not force and file.read_bytes() != document:
        raise RosterThere(f"{file} holds another roster")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_bytes(document)
    digest = hashlib.sha256(document).hexdigest()
    desk.answer(
        {"file": file, "sha256": digest, "urls": urls, "limits": stated.model_dump(mode="json")},
        f"Roster 1 is in {file}. Pin it in every node's settings:",
        f'[sync]\nroster_sha256 = "{digest}"',
        *_describe_limits(stated),
        brief=digest,
    )


@app.command("limits")
def show_limits(
    ctx: typer.Context,
    file: File = None,
    *,
    example: Annotated[bool, typer.Option("--example", help="Print a file of limits to begin with.")] = False,
) -> None:
    """Show how many keys evaluators allow a country, and the worst case a year."""
    from register.domain.exchange.limits import agreed_text, worst_cases
    from schemas.exchange.wire import Roster, read

    desk = desk_of(ctx)
    if example:
        typer.echo(agreed_text(), nl=False)
        return
    found = read(Roster, _read_roster_file(file or _file_of(settings_of(desk)))).limits
    worst = [
        {"selector_class": one.selector_class, "keys_a_year": one.keys, "share": one.share}
        for one in worst_cases(found)
    ]
    desk.answer({"limits": found.model_dump(mode="json"), "worst_case": worst}, *_describe_limits(found))


@app.command()
def show(ctx: typer.Context, file: File = None) -> None:
    """Show who takes part, with which keys, and whether the settings pin this roster."""
    from schemas.exchange.wire import Roster, read

    desk = desk_of(ctx)
    settings = settings_of(desk)
    data = _read_roster_file(file or _file_of(settings))
    roster = read(Roster, data)
    digest = hashlib.sha256(data).hexdigest()
    keys = {member.country: [k for k in roster.node_keys if k.country is member.country] for member in roster.members}
    rows = [
        (member.country, member.url, ", ".join(map(_describe_key, keys[member.country]))) for member in roster.members
    ]
    pinned = settings.sync.roster_sha256 == digest
    desk.answer(
        {"sha256": digest, "pinned": pinned, "roster": roster.model_dump(mode="json", exclude_none=True)},
        Table(f"Roster {roster.number}, valid from {roster.valid_from}", ("country", "address", "keys"), rows),
        f"SHA-256 {digest}: {'pinned by' if pinned else 'not the one pinned by'} these settings.",
        brief=digest,
    )


@app.command()
def install(
    ctx: typer.Context,
    file: File = None,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of the roster 1 that is there; the settings pin it.")
    ] = False,
) -> None:
    """Add the roster to the database; nodes believe it only if their settings pin it."""
    from register.services.running.operate_database import install_roster, replace_roster
    from schemas.exchange.wire import Roster, read

    desk = desk_of(ctx)
    settings = settings_of(desk)
    data = _read_roster_file(file or _file_of(settings))
    number = read(Roster, data).number
    if number != 1:
        raise LaterRoster(f"this is roster {number}")
    there = with_database(settings)
    leave_leaf(
        there,
        there.countries,
        AuditAction.OPERATOR_ROSTER_INSTALLED,
        number=number,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    (replace_roster if replace else install_roster)(there, number, data)
    desk.answer({"number": number}, f"Roster {number} is in the database.")


def _describe_limits(limits: Limits) -> list[str | Table]:
    from register.domain.exchange.limits import FIGURES, worst_cases

    rows = [(row.book, row.selector_class, *(f"{getattr(row, figure):,}" for figure in FIGURES)) for row in limits.rows]
    worst = [
        (
            one.selector_class,
            f"{one.keys:,}",
            "" if one.smallest is None else f"{one.smallest[1]:,} in {one.smallest[0]}",
            "" if one.share is None else f"{one.share:.1%}",
        )
        for one in worst_cases(limits)
    ]
    return [
        Table(
            f"Keys that a country may have evaluated, by all evaluators together; each allows 1/{limits.parts}",
            ("for", "class", "five minutes", "day", "thirty days", "organisation a day", "actor a day"),
            rows,
        ),
        Table(
            "Worst case a year: a country that asks for all it may", ("class", "keys", "smallest", "could try"), worst
        ),
        f"New actors a day of a country at each evaluator: {limits.new_actors_a_day:,}.",
        f"A day of a country on tickets that no person signed: {limits.ticket_keys_a_day:,} keys, within thirty days'.",
    ]


def _read_limits_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NoRoster(f"there is no file of limits at {file}") from None


def read_sheet(file: Path) -> NodeKey:
    """The row of an approval key, as whoever made it gave it.

    Raises:
        BadSheet: there is no such file, or it is another thing: a sheet never brings in a key that signs for a node.
    """
    from schemas.canonical import DocumentRefused
    from schemas.exchange.wire import KeyState, NodeKey, read

    try:
        row = read(NodeKey, file.read_bytes())
    except (OSError, DocumentRefused) as error:
        raise BadSheet(f"{file} cannot be read as the sheet of a key") from error
    if row.use != "approve" or row.state is not KeyState.ACTIVE:
        raise BadSheet(f"{file} is not the sheet of an active approval key")
    return row


def _describe_key(key: NodeKey) -> str:
    """A key as whoever approves a roster must see it: of an approval key also as what kind of keeper."""
    what = f", approves as {key.kind} for {key.organisation}" if key.use == "approve" else ""
    return f"{key.kid} ({key.state}{what})"


def _file_of(settings: Settings) -> Path:
    return settings.home / "rosters" / "1.json"


def _read_roster_file(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise NoRoster(f"there is no roster at {file}") from None


def _read_urls(settings: Settings, given: list[str]) -> dict[Partition, str]:
    named: dict[str, str] = {}
    for one in given:
        country, equals, url = one.partition("=")
        if not equals or country.upper() not in set(Partition) or not url:
            raise typer.BadParameter("expected --url CC=URL, for instance --url AW=https://rtr.example.aw")
        named[country.upper()] = url
    urls: dict[Partition, str] = {}
    for country in Partition:
        listen = settings.of(country).listen
        if country in named:
            urls[country] = named[country]
        elif not listen.endswith(":0"):
            urls[country] = f"http://{listen}"
        else:
            raise typer.BadParameter(f"{country}: give --url {country}=URL, or a fixed `listen` in the settings")
    return urls
