"""`rtr keys`: key stores on this machine, and the ceremony of the five. Names and check sums only, never a secret."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.audited import leave_leaf_if_there_is_a_log
from api.cli.frame.machine import require_hosted, settings_of, with_database, with_host
from api.cli.frame.terminal import Table, desk_of
from api.cli.running import tickets
from register.domain.running.audit_action import AuditAction
from register.errors import Conflict
from schemas.codes import Partition

if TYPE_CHECKING:
    from register.settings import Settings

app = typer.Typer(no_args_is_help=True)
app.add_typer(tickets.app, name="ticket", help="More keys than the limits give: ask, sign, list.")

Countries = Annotated[
    list[Partition] | None, typer.Option("--country", case_sensitive=False, help="Of this country; may be repeated.")
]
All = Annotated[bool, typer.Option("--all", help="Of all five.")]


class CeremonyWasHeld(Conflict):
    """The key stores hold shares already; new ones would make every pseudonym given out so far worthless."""

    code = "ceremony-was-held"
    advice = "Keep the shares. A change of epoch is not built yet; a trial begins anew with an empty `home`."


@app.command()
def init(ctx: typer.Context, *, country: Countries = None, every: All = False) -> None:
    """Make key stores and their passphrases where there are none; those there are stay as they are."""
    from register.keys.home import keystore_path
    from register.services.running.operate_keys import init_keys

    desk = desk_of(ctx)
    settings = settings_of(desk)
    wanted = _list_countries(country, settings, every=every)
    rows = []
    with desk.progress("Making key stores", len(wanted)) as moved:
        for one in wanted:
            made = not keystore_path(settings, one).exists()
            keys = init_keys(settings, one)
            if made:
                leave_leaf_if_there_is_a_log(desk, settings, [one], AuditAction.OPERATOR_KEYS_MADE, kid=keys.kid)
            rows.append((one, keys.kid, "made" if made else "was there", keystore_path(settings, one)))
            moved(1)
    columns = ("country", "kid", "key store", "file")
    desk.answer([dict(zip(columns, row, strict=True)) for row in rows], Table("", columns, rows))


@app.command()
def ceremony(ctx: typer.Context) -> None:
    """Hold the ceremony for all five on this machine; for trial only, refused in production.

    Of each class that has no key yet: what is there stays, also where a release brought a class more.
    """
    from register.keys.home import open_keys
    from register.pseudonyms.epochs import CLASSES, FIRST_EPOCH
    from register.services.running.operate_keys import hold_ceremony, refuse_one_machine

    desk = desk_of(ctx)
    settings = settings_of(desk)
    refuse_one_machine(settings)
    held = {one: set(_list_names(settings, one)) for one in Partition}
    missing = [name for name in CLASSES if not any(f"share/{name}/e{FIRST_EPOCH}" in names for names in held.values())]
    if not missing:
        countries = [one for one, names in held.items() if any(name.startswith("share/") for name in names)]
        raise CeremonyWasHeld(f"shares are in the key stores of {', '.join(countries)}")
    with desk.progress("Ceremony of the five"):
        done = hold_ceremony(settings, {one: open_keys(settings, one) for one in Partition}, missing)
    for one in done:
        leave_leaf_if_there_is_a_log(
            desk,
            settings,
            settings.countries,
            AuditAction.OPERATOR_CEREMONY_HELD,
            key=one.key_id,
            transcript=one.transcript,
        )
    rows = [(one.key_id, one.transcript) for one in done]
    desk.answer(
        done,
        Table("Keys of the five; three shares open one", ("key", "transcript signed by all (SHA-256)"), rows),
        "One machine holds all shares: for trial only.",
    )


@app.command()
def approval(
    ctx: typer.Context,
    organisation: Annotated[str, typer.Argument(metavar="ORGANISATION", help="Code, for instance BQ-OM.")],
    *,
    kind: Annotated[str, typer.Option(help="Its kind, as the edition's gate names it, for instance prosecution.")],
    file: Annotated[Path, typer.Option("--file", help="Where the key goes: on the keeper's machine, not the node's.")],
    sheet: Annotated[Path, typer.Option("--sheet", help="Where its public half goes, for whoever makes the roster.")],
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="Instead of being asked; at least 16 characters.")
    ] = None,
    number: Annotated[int, typer.Option(min=1, help="Tells it from the organisation's key before it.")] = 1,
) -> None:
    """Make the approval key of an organisation that keeps an exit gate: a file and a passphrase of its own."""
    from register.keys.apart import refuse_inside_home
    from register.keys.approval_key import ApprovalKey
    from schemas.canonical import dumps_plain
    from schemas.codes import code_list
    from schemas.exchange.wire import document

    desk = desk_of(ctx)
    if organisation[:3] not in {f"{one}-" for one in Partition}:
        raise typer.BadParameter("an organisation's code begins with its country, for instance BQ-OM")
    if kind not in code_list("organisation_kind"):
        raise typer.BadParameter(f"there is no kind of organisation {kind!r}")
    refuse_inside_home(settings_of(desk), file)
    made = ApprovalKey.make(file, _new_passphrase(passphrase_file), organisation=organisation, kind=kind, number=number)
    sheet.write_bytes(dumps_plain(document(made.listed)))
    desk.answer(
        {"kid": made.listed.kid, "x": made.listed.x, "file": file, "sheet": sheet},
        f"The approval key {made.listed.kid} is in {file}; its sheet, for the roster, is {sheet}.",
        f"Read this out to whoever makes the roster: {made.listed.x}",
        brief=made.listed.kid,
    )


@app.command()
def coordinator(
    ctx: typer.Context,
    country: Annotated[Partition, typer.Option("--country", case_sensitive=False, help="Of this country.")],
    *,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="Where it goes: the coordinator's own medium.")],
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="Instead of being asked; at least 16 characters.")
    ] = None,
) -> None:
    """Move the coordinator's key out of the node's key store into a file of its own, with its own passphrase."""
    from register.services.running.operate_keys import move_coordinator

    desk = desk_of(ctx)
    settings = settings_of(desk)
    require_hosted(settings, country)
    public = move_coordinator(settings, country, to, _new_passphrase(passphrase_file))
    leave_leaf_if_there_is_a_log(desk, settings, [country], AuditAction.OPERATOR_COORDINATOR_KEY_MOVED, x=public)
    desk.answer(
        {"country": country, "x": public, "file": to},
        f"The coordinator's key of {country} is in {to} and no longer in the node's key store.",
        "Backups of the key store that were made before still hold it: destroy them.",
        brief=public,
    )


@app.command()
def show(ctx: typer.Context, *, country: Countries = None, every: All = False) -> None:
    """Show which secrets the key stores hold, by name; their values are never shown."""
    desk = desk_of(ctx)
    settings = settings_of(desk)
    wanted = _list_countries(country, settings, every=every) if country or every else list(settings.countries)
    found = {one: _list_names(settings, one) for one in wanted}
    rows = [(one, name) for one, names in found.items() for name in names]
    desk.answer(found, Table("", ("country", "secret"), rows))


@app.command("give-up")
def give_up(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="KEY", help="As `rtr doctor` names it, for instance kek/2031-11.")],
    country: Annotated[Partition, typer.Option("--country", case_sensitive=False, help="Of this country.")],
    *,
    lost: Annotated[bool, typer.Option("--no-copy-has-it", help="That every copy was looked at.")] = False,
) -> None:
    """Go on without a key that no copy of the key store has: what was sealed under it never opens again."""
    from register.services.running.check_keys import give_up_key

    desk = desk_of(ctx)
    settings = settings_of(desk)
    require_hosted(settings, country)
    if not lost:
        raise typer.BadParameter("look at every copy of the key store first, and say --no-copy-has-it")
    give_up_key(with_host(with_database(settings)), country, name, uid=os.getuid())
    desk.answer(
        {"country": country, "key": name},
        f"{country} goes on with another {name}. Copy the key store now.",
        brief=name,
    )


@app.command("pages-client")
def pages_client(
    ctx: typer.Context,
    country: Annotated[Partition, typer.Option("--country", case_sensitive=False, help="Of this country.")],
) -> None:
    """Print the public key set (JWKS) by which a country's pages prove themselves to its identity provider."""
    from register.keys.home import open_keys
    from register.keys.jwk import write_key_set

    desk = desk_of(ctx)
    settings = settings_of(desk)
    require_hosted(settings, country)
    key = open_keys(settings, country).pages_client.public()
    written = write_key_set({key.thumbprint(): key}).decode()
    desk.answer(json.loads(written), written, brief=written)


def _new_passphrase(file: Path | None) -> bytes:
    from register.keys.approval_key import read_passphrase

    if file is not None:
        return read_passphrase(file)
    typed: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
    return typed.encode()


def _list_names(settings: Settings, country: Partition) -> list[str]:
    from register.keys.home import open_store

    return open_store(settings, country).names()


def _list_countries(given: list[Partition] | None, settings: Settings, *, every: bool) -> list[Partition]:
    """Those that are named; the node's own where it is of one country and none is named."""
    if not given and not every and len(settings.countries) == 1:
        return list(settings.countries)
    if bool(given) is every:
        raise typer.BadParameter("give --country (it may be repeated) or --all")
    return list(Partition) if every else list(given or ())
