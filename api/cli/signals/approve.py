"""`rtr approve`: say yes at the exit gate, with a signature that every partner checks, or by the node's word.

Signing runs as a process of its own, on the keeper's machine: the organisation's approval key lies in a file there and
is opened by a passphrase for one signature. What is signed is what was shown: the hash is worked out here, from the
very record that the words on the screen were made of.
"""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.cli.frame.person import open_client
from api.cli.frame.terminal import Table, desk_of, plain, printable
from api.cli.signals import approve_class
from api.cli.signals.changing import Version, change_signal
from api.cli.signals.signing import KeyFile, PassphraseFile, Reason, Recipients, Until, passphrase
from register.errors import CallerError

if TYPE_CHECKING:
    from schemas.exchange.wire import GateApproval
    from schemas.signals.approvals import ApprovalAskedOut

app = typer.Typer(no_args_is_help=True)
app.add_typer(approve_class.app, name="class")

Ref = Annotated[str, typer.Argument(metavar="REF", help="Reference such as BQ-2026-0031, or the id.")]
DAYS_DEFAULT: Final = 365
"""How long an approval runs where nothing else is said: as long as the record may stand unreviewed."""


class NotForThem(CallerError):
    """A country is named that may not have the record, whoever approves it."""

    code = "not-for-them"
    advice = "Name only countries that the command lists; without `--to` it is for all of them."


@app.command()
def waiting(ctx: typer.Context) -> None:
    """List the signals that wait for your approval and nothing else."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = client.waiting_approvals()
    rows = [(one.reference, one.organisation, one.version) for one in found]
    desk.answer(found, Table("What waits for your yes", ("reference", "submitted by", "version"), rows))


@app.command()
def show(ctx: typer.Context, ref: Ref) -> None:
    """Show exactly what would leave; the reading is logged. With --json: what `sign --asked` takes."""
    from api.cli.signals.approve_view import in_words

    desk = desk_of(ctx)
    with open_client(desk) as client:
        asked = client.asked_approval(client.signal(ref).id)
    desk.answer(asked, *in_words(asked))


@app.command()
def sign(
    ctx: typer.Context,
    ref: Annotated[str | None, typer.Argument(metavar="REF", help="Reference or id; or give --asked.")] = None,
    *,
    key: KeyFile,
    passphrase_file: PassphraseFile = None,
    asked_file: Annotated[
        Path | None,
        typer.Option("--asked", help="What would leave, as the page or `show --json` gave it; nothing is sent then."),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="What you weighed; needed with REF.")] = None,
    to: Recipients = None,
    until: Until = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask once more.")] = False,
) -> None:
    """Sign that this one record leaves as it is shown, and hand the approval in; with --asked print it instead."""
    _sign_approval(ctx, ref, key, passphrase_file, asked_file, reason, to, until, yes=yes, consents=False)


@app.command("sign-consent")
def sign_consent(
    ctx: typer.Context,
    ref: Annotated[str | None, typer.Argument(metavar="REF", help="Reference or id; or give --asked.")] = None,
    *,
    key: KeyFile,
    passphrase_file: PassphraseFile = None,
    asked_file: Annotated[
        Path | None,
        typer.Option("--asked", help="What would leave, as the page gave it; nothing is sent then."),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="What you weighed; needed with REF.")] = None,
    to: Recipients = None,
    until: Until = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask once more.")] = False,
) -> None:
    """Sign, as the prosecutor, the consent that this one record is provided; the exit gate is another matter."""
    _sign_approval(ctx, ref, key, passphrase_file, asked_file, reason, to, until, yes=yes, consents=True)


def _sign_approval(
    ctx: typer.Context,
    ref: str | None,
    key: Path,
    passphrase_file: Path | None,
    asked_file: Path | None,
    reason: str | None,
    to: list[str] | None,
    until: datetime | None,
    *,
    yes: bool,
    consents: bool,
) -> None:
    from api.cli.frame.forms import checked, read_file
    from api.cli.signals.approve_view import in_words
    from register.clock import SystemClock
    from register.keys.approval_key import ApprovalKey
    from schemas.signals.approvals import ApprovalAskedOut, SignedApprovalIn

    desk = desk_of(ctx)
    if (ref is None) is (asked_file is None) or (ref is not None and not reason):
        raise typer.BadParameter("give REF with --reason, or --asked FILE")
    last = until.date() if until is not None else None

    def signed(asked: ApprovalAskedOut) -> str:
        approval = approval_of(asked, f"{SystemClock().new_id()}", to=to or [], until=last)
        # To standard error, also for --json and --quiet: nobody signs what was not shown.
        for part in in_words(asked):
            typer.echo(printable(part) if isinstance(part, str) else plain(part), err=True)
        what = "Consent, for" if consents else "For"
        typer.echo(
            f"{what} {', '.join(approval.recipients)}, until {approval.expires}, as {approval.keeper}.", err=True
        )
        if not yes and sys.stdin.isatty():
            typer.confirm("Sign exactly this?", abort=True, err=True)
        return ApprovalKey.open(key, passphrase(passphrase_file)).sign(approval, consents=consents)

    if asked_file is not None:
        compact = signed(checked(ApprovalAskedOut, read_file(asked_file)))
        desk.answer({"approval": compact}, compact, brief=compact)
        return
    with open_client(desk) as client:
        found = client.signal(str(ref))
        asked = client.asked_consent(found.id) if consents else client.asked_approval(found.id)
        handed = SignedApprovalIn(approval=signed(asked), reason=str(reason))
        hand_in = client.hand_in_consent if consents else client.hand_in_approval
        made = hand_in(found.id, handed, version=asked.version)
    says = "consented to" if consents else "approved"
    desk.answer(made, f"{made.reference} is {says}; partners have it once it travels.", brief=made.reference)


@app.command("withdraw-consent")
def withdraw_consent(ctx: typer.Context, ref: Ref, *, reason: Reason, version: Version = None) -> None:
    """Take the prosecutor's consent back: every partner loses the record at once."""
    change_signal(
        desk_of(ctx), ref, version, "without consent", lambda c, s, v: c.withdraw_consent(s.id, reason, version=v)
    )


@app.command()
def withdraw(ctx: typer.Context, ref: Ref, *, reason: Reason) -> None:
    """Take an approval back: every partner loses the record at once."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = client.signal(ref)
        made = client.withdraw_approval(found.id, reason, version=found.version)
    desk.answer(made, f"The approval of {made.reference} is withdrawn.", brief=made.reference)


@app.command()
def unsigned(
    ctx: typer.Context,
    ref: Ref,
    *,
    reason: Reason,
    to: Recipients = None,
    version: Version = None,
) -> None:
    """Approve without a signature, where the edition takes the node's word: the record leaves as it now is."""
    from api.cli.frame.forms import checked
    from schemas.signals.changes import ApproveIn

    yes = checked(ApproveIn, {"reason": reason, "recipients": [one.upper() for one in to or []]})
    change_signal(desk_of(ctx), ref, version, "approved", lambda c, s, v: c.approve(s.id, yes, version=v))


@app.command()
def needless(ctx: typer.Context, ref: Ref, *, reason: Reason, version: Version = None) -> None:
    """Say that a signal needs no approval of its own: the standing one of its class covers it."""
    change_signal(desk_of(ctx), ref, version, "lifted", lambda c, s, v: c.lift_approval(s.id, reason, version=v))


@app.command()
def consent(ctx: typer.Context, ref: Ref, *, reason: Reason, version: Version = None) -> None:
    """Consent, as the prosecutor, that a signal's extract is provided, where its legal basis asks for that."""
    change_signal(desk_of(ctx), ref, version, "consented to", lambda c, s, v: c.consent(s.id, reason, version=v))


def approval_of(asked: ApprovalAskedOut, made: str, *, to: list[str], until: date | None) -> GateApproval:
    """What is signed: of the record as it was shown, for these countries until this day.

    Raises:
        NotForThem: one of them may not have it.
        DocumentRefused: what was shown is no record.
    """
    from schemas import canonical
    from schemas.codes import Partition, Purpose
    from schemas.exchange.wire import ExtractRecord, GateApproval, content_of, read

    record = read(ExtractRecord, canonical.dumps(asked.record))
    named = [one.upper() for one in to] or [str(one) for one in asked.partners]
    if not named or not set(named) <= {str(one) for one in asked.partners}:
        raise NotForThem(f"it may go to {', '.join(asked.partners) or 'nobody'}")
    return GateApproval(
        approval=made,
        keeper=asked.keeper,
        task=asked.task,
        actor=asked.actor,
        object=f"{asked.object}",
        content=content_of(record),
        purpose=Purpose(asked.purpose),
        recipients=tuple(Partition(one) for one in named),
        given=asked.today,
        expires=until or min(asked.retain_until, asked.today + timedelta(days=DAYS_DEFAULT)),
    )
