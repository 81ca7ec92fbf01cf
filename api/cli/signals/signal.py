"""`rtr signal`: submit, read and change signals of the own country, as the person of the profile."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from api.cli.frame.person import open_client
from api.cli.frame.terminal import desk_of
from api.cli.signals.changing import Reason, Ref, Version, change_signal

if TYPE_CHECKING:
    from api.client import Client, Filters
    from schemas.signals.out import SignalOut, SignalSummary
    from schemas.signals.signal import SignalIn

app = typer.Typer(no_args_is_help=True)


@app.command()
def submit(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.json|FILE.toml|-", help="The form; without it you are asked.")
    ] = None,
    *,
    key: Annotated[
        str | None, typer.Option(help="Idempotency-Key of a submission that you send again (8 to 128 characters).")
    ] = None,
    kind: Annotated[str, typer.Option(help="When asked: notification or submission.")] = "submission",
    ask: Annotated[bool, typer.Option("--ask", help="Ask the questions also without a terminal.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="When asked: send without a last question.")] = False,
) -> None:
    """Register a signal, from a file or by the eight questions. Says who may receive what, by which rule."""
    from api.cli.frame.forms import checked, one_code, read_file
    from api.cli.signals.signal_view import outcome
    from schemas.signals.signal import SignalIn

    desk = desk_of(ctx)
    if file is None and not ask and not _on_a_terminal():
        raise typer.BadParameter("give a FILE, or - for standard input; questions need a terminal (or --ask)")
    with open_client(desk) as client:
        if file is not None:
            form: SignalIn | None = checked(SignalIn, read_file(file))
        else:
            form = _ask_form(client, one_code("signal_kind", kind), yes=yes)
        if form is None:
            raise typer.Abort
        made = client.submit_signal(form, key)
    desk.answer(made, *outcome(made, "registered"), brief=made.reference)


@app.command()
def show(
    ctx: typer.Context,
    ref: Ref,
    *,
    history: Annotated[bool, typer.Option("--history", help="With its timeline.")] = False,
    sharing: Annotated[bool, typer.Option("--sharing", help="With who has its extract, by their receipts.")] = False,
) -> None:
    """Show one signal; the reading is logged."""
    from api.cli.signals.signal_view import held, timeline, whole

    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = client.signal(ref)
        lines = client.history(found.id) if history else []
        partners = client.sharing(found.id) if sharing else []
    parts = [*whole(found), *([held(partners)] if sharing else []), *([timeline(lines)] if history else [])]
    more = ({"history": lines} if history else {}) | ({"sharing": partners} if sharing else {})
    desk.answer({"signal": found, **more} if more else found, *parts, brief=found.reference)


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    kind: Annotated[str | None, typer.Option(help="notification or submission.")] = None,
    state: Annotated[str | None, typer.Option(help="State in the workflow.")] = None,
    type_assessed: Annotated[str | None, typer.Option("--type", help="Type as assessed.")] = None,
    type_registered: Annotated[str | None, typer.Option("--type-registered", help="Type as registered.")] = None,
    island: Annotated[str | None, typer.Option(help="Island.")] = None,
    source: Annotated[str | None, typer.Option(help="Who told us.")] = None,
    channel: Annotated[str | None, typer.Option(help="How it reached us.")] = None,
    urgency: Annotated[str | None, typer.Option(help="NOW, DAY or NORMAL.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Code of who submitted it, for instance AW-DIMAS.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Received on or after.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Received on or before.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    waiting: Annotated[bool, typer.Option(help="What waits first, for the register unit.")] = False,
) -> None:
    """List signals of the own country, newest first. Filters are codes of their lists."""
    from api.cli.frame.forms import one_code
    from api.cli.signals.signal_view import listed

    desk = desk_of(ctx)
    given = {
        "kind": (kind, "signal_kind"),
        "state": (state, "signal_state"),
        "type_assessed": (type_assessed, "signal_type"),
        "type_registered": (type_registered, "signal_type"),
        "island": (island, "island"),
        "source": (source, "source"),
        "channel": (channel, "channel"),
        "urgency": (urgency, "urgency"),
    }
    bounds = {"received_from": since, "received_to": until}
    codes = {name: one_code(words, code) for name, (code, words) in given.items() if code}
    codes |= {"organisation": organisation} if organisation else {}
    codes |= {"sort": "waiting"} if waiting else {}
    filters = cast("Filters", codes | {name: str(day.date()) for name, day in bounds.items() if day})
    with open_client(desk) as client, desk.progress("Reading") as moved:
        found: list[SignalSummary] = []
        page_size = 200 if everything else min(limit, 200)
        for one in islice(client.signals(page_size=page_size, **filters), None if everything else limit):
            found.append(one)
            moved(1)
    parts = [listed(found)] if found else ["No signal fits."]
    desk.answer({"items": found}, *parts, brief="\n".join(one.reference for one in found) or None)


@app.command()
def amend(
    ctx: typer.Context,
    ref: Ref,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.json|FILE.toml|-", help="The parts that change; null removes one.")
    ] = None,
    *,
    reason: Reason,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="One part; may be repeated.")
    ] = None,
    version: Version = None,
) -> None:
    """Correct or complete a signal. What is not named stays; a list is replaced as a whole, and needs --version."""
    from api.cli.frame.forms import BadForm, checked, read_file, with_settings
    from schemas.signals.changes import AmendIn

    changes = with_settings({} if file is None else read_file(file), values or [])
    lists = [name for name, value in changes.items() if isinstance(value, list)]
    if lists and version is None:
        # Else whoever adds one person to a list from memory takes off those that a colleague entered meanwhile.
        raise BadForm(
            f"{', '.join(lists)}: what is given takes the place of the whole list; give --version with the version "
            "that you copied it from, as `rtr signal show` says it"
        )
    change = checked(AmendIn, {"changes": changes, "reason": reason})
    change_signal(desk_of(ctx), ref, version, "amended", lambda c, s, v: c.amend(s.id, change, version=v))


@app.command()
def reclassify(
    ctx: typer.Context,
    ref: Ref,
    signal_type: Annotated[str, typer.Argument(metavar="TYPE", help="HT, MS, HT_MS, UNDETERMINED ...")],
    *,
    reason: Reason,
    version: Version = None,
) -> None:
    """Assess the type anew. The type as registered stays, and is what the year's report counts."""
    from api.cli.frame.forms import checked
    from schemas.signals.changes import ReclassifyIn

    change = checked(ReclassifyIn, {"signal_type": signal_type, "reason": reason})
    change_signal(desk_of(ctx), ref, version, "reclassified", lambda c, s, v: c.reclassify(s.id, change, version=v))


@app.command()
def step(
    ctx: typer.Context,
    ref: Ref,
    state: Annotated[str, typer.Argument(metavar="STATE", help="REGISTERED, FORWARDED, GATHERING, ASSESSED ...")],
    *,
    reason: Reason,
    version: Version = None,
) -> None:
    """Take a signal one step on in the workflow."""
    from api.cli.frame.forms import one_code
    from schemas.codes import SignalState

    wanted = SignalState(one_code("signal_state", state))
    change_signal(desk_of(ctx), ref, version, "moved on", lambda c, s, v: c.step(s.id, wanted, reason, version=v))


@app.command()
def refer(
    ctx: typer.Context,
    ref: Ref,
    to: Annotated[str, typer.Argument(metavar="ORGANISATION", help="Code, for instance AW-JIUMM.")],
    *,
    kind: Annotated[str, typer.Option(help="investigation, assistance, administrative or foreign_partner.")],
    note: Annotated[str | None, typer.Option(help="For whoever takes it up.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask once more.")] = False,
    version: Version = None,
) -> None:
    """Refer a signal to another organisation, which then reads the names, the numbers and the story in it."""
    from api.cli.frame.forms import checked
    from api.cli.signals.signal_view import will_read
    from schemas.signals.changes import ReferIn

    referral, desk = checked(ReferIn, {"kind": kind, "to": to, "note": note}), desk_of(ctx)

    def change(client: Client, signal: SignalOut, seen: int) -> SignalOut:
        for line in will_read(signal, next((one for one in client.organisations() if one.code == to), None)):
            desk.note(line)
        if not yes and _on_a_terminal():
            typer.confirm(f"Refer {signal.reference} to {to}?", abort=True, err=True)
        return client.refer(signal.id, referral, version=seen)

    change_signal(desk, ref, version, f"referred to {to}", change)


@app.command()
def withdraw(
    ctx: typer.Context,
    ref: Ref,
    *,
    reason: Reason,
    code: Annotated[
        str, typer.Option(help="What partners are told: withdrawn, corrected or erased. Here it stays, sealed.")
    ] = "withdrawn",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask once more.")] = False,
    version: Version = None,
) -> None:
    """Withdraw a signal everywhere; each partner that has its extract confirms that it is gone.

    With `--code erased` nothing of it can be read here any more either, for good: for the register unit, signed in
    just now, by somebody who neither recorded nor changed it.
    """
    from api.cli.frame.forms import checked
    from api.cli.signals.signal_view import outcome
    from schemas.codes import RetractReason
    from schemas.signals.changes import WithdrawIn
    from schemas.signals.out import SignalOut

    withdrawal = checked(WithdrawIn, {"reason": reason, "code": code.lower()})
    if not yes and _on_a_terminal():
        for_good = withdrawal.code is RetractReason.ERASED
        what = f"Erase {ref} here and in all countries, for good?" if for_good else f"Withdraw {ref} everywhere?"
        typer.confirm(what, abort=True, err=True)
    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = _find_signal(client, ref)
        made = client.withdraw(found.id, withdrawal, version=version if version is not None else found.version)
    if isinstance(made, SignalOut):
        desk.answer(made, *outcome(made, "withdrawn"), brief=made.reference)
    else:
        steps = (f"Next: {step}" for step in made.next_steps)
        desk.answer(made, f"{made.reference} withdrawn (version {made.version})", *steps, brief=made.reference)


def _find_signal(client: Client, ref: str) -> SignalOut | SignalSummary:
    """The signal; its line of the list where its content does not open: that it can be withdrawn all the same."""
    from register.errors import NotFound, RegisterError

    try:
        return client.signal(ref)
    except RegisterError as error:
        if error.code == NotFound.code:
            raise
        found = next((one for one in client.signals() if ref in {one.reference, str(one.id)}), None)
        if found is None:
            raise
        return found


def _ask_form(client: Client, kind: str, *, yes: bool) -> SignalIn | None:
    """The form from the eight questions; None if the person thinks better of it."""
    from api.cli.frame.forms import checked
    from api.cli.signals.questions import ask_signal, summary
    from register.clock import SystemClock
    from register.domain.partition import day_in
    from schemas.signals.signal import SignalIn

    # Asked first: nobody should answer eight questions to learn then that the sign-in does not work.
    country = client.me().country
    form = checked(SignalIn, ask_signal(country, today=day_in(country, SystemClock().now()), kind=kind))
    typer.echo("\n".join(["", "Your answers:", *summary(form)]), err=True)
    return form if yes or typer.confirm("Send this?", default=True, err=True) else None


def _on_a_terminal() -> bool:
    import sys

    return sys.stdin.isatty()
