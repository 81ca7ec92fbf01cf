"""`rtr approve class`: say yes at the exit gate to a class of records in advance, where the edition takes that.

Signed as an approval of one record is, by the same key and on the same machine; nobody reads the records that leave on
it, so what it never covers is shown before the signature.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.forms import label
from api.cli.frame.person import open_client
from api.cli.frame.records import Limit, as_id, listing
from api.cli.frame.terminal import Table, at, desk_of, plain, printable
from api.cli.signals.signing import KeyFile, PassphraseFile, Reason, Recipients, Until, passphrase
from register.errors import CallerError

if TYPE_CHECKING:
    from schemas.exchange.wire import GateApproval
    from schemas.signals.approvals import ClassApprovalOut, ClassAskedOut, UnderClassOut

app = typer.Typer(no_args_is_help=True, help="A class of records, approved in advance and for a time.")

Id = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")]
Basis = Annotated[str, typer.Option("--basis", metavar="CODE", help="The records' legal basis, for instance WPG8.")]
SeenAs = Annotated[str, typer.Option("--visibility", metavar="CODE", help="Their visibility, V0, V1 or V2.")]
For = Annotated[str, typer.Option("--purpose", metavar="CODE", help="The purpose that travels with them.")]
NEVER = (
    "It covers no record in which anything is withheld for somebody's protection, none that is marked for single "
    "approval, none whose handling names its recipients, none that the prosecutor consents to one by one, and none "
    "that you recorded, changed or confirmed."
)


class NoSuchClass(CallerError):
    """The edition lets nobody approve this class, or not for these countries, or not so long."""

    code = "no-such-class"
    advice = "`rtr approve class show` lists what may be approved, and for how many days."


@app.command("list")
def list_(ctx: typer.Context, *, limit: Limit = 50) -> None:
    """List the approvals of classes, newest first, also those that have ended."""
    size = min(limit, 200)
    listing(desk_of(ctx), lambda records: records.class_approvals(page_size=size), limit, _list_approvals)


@app.command()
def show(ctx: typer.Context) -> None:
    """Show what you could approve as a class. With --json: what `sign --asked` takes."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        asked = client.records.asked_class_approval()
    desk.answer(asked, *_describe_classes(asked))


@app.command()
def sign(
    ctx: typer.Context,
    *,
    basis: Basis,
    visibility: SeenAs,
    purpose: For,
    key: KeyFile,
    passphrase_file: PassphraseFile = None,
    asked_file: Annotated[
        Path | None,
        typer.Option("--asked", help="As the page or `show --json` gave it; nothing is sent then."),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="What you weighed; needed without --asked.")] = None,
    to: Recipients = None,
    until: Until = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask once more.")] = False,
) -> None:
    """Sign that the records of a class leave, and hand the approval in; with --asked print it instead."""
    from api.cli.frame.forms import checked, read_file
    from register.clock import SystemClock
    from register.keys.approval_key import ApprovalKey
    from schemas.signals.approvals import ClassAskedOut, SignedApprovalIn

    desk = desk_of(ctx)
    if asked_file is None and not reason:
        raise typer.BadParameter("give --reason, or --asked FILE")
    last = until.date() if until is not None else None

    def signed(asked: ClassAskedOut) -> str:
        made = f"{SystemClock().new_id()}"
        approval = class_approval_of(
            asked, made, basis=basis, visibility=visibility, purpose=purpose, to=to or [], until=last
        )
        # To standard error, also for --json and --quiet: nobody signs what was not shown.
        for part in _in_words(approval):
            typer.echo(printable(part) if isinstance(part, str) else plain(part), err=True)
        if not yes and sys.stdin.isatty():
            typer.confirm("Sign exactly this?", abort=True, err=True)
        return ApprovalKey.open(key, passphrase(passphrase_file)).sign(approval)

    if asked_file is not None:
        compact = signed(checked(ClassAskedOut, read_file(asked_file)))
        desk.answer({"approval": compact}, compact, brief=compact)
        return
    with open_client(desk) as client:
        handed = SignedApprovalIn(approval=signed(client.records.asked_class_approval()), reason=str(reason))
        given = client.records.hand_in_class_approval(handed)
    desk.answer(given, f"The class is approved until {given.expires}: {given.id}.", brief=f"{given.id}")


@app.command()
def withdraw(ctx: typer.Context, approval: Id, *, reason: Reason) -> None:
    """Withdraw an approval of a class: partners lose all that left on it."""
    desk, wanted = desk_of(ctx), as_id(approval)
    with open_client(desk) as client:
        ended = client.records.withdraw_class_approval(wanted, reason)
    left = f" {ended.out} records are taken back within minutes." if ended.out else " All of it is taken back."
    desk.answer(ended, f"It is withdrawn.{left}", brief=f"{ended.id}")


@app.command()
def went(ctx: typer.Context, approval: Id, *, limit: Limit = 200) -> None:
    """List what left on an approval of a class; the reading is logged."""
    wanted, size = as_id(approval), min(limit, 200)
    listing(
        desk_of(ctx), lambda records: records.under_class_approval(wanted, page_size=size), limit, _list_records_under
    )


def class_approval_of(
    asked: ClassAskedOut, made: str, *, basis: str, visibility: str, purpose: str, to: list[str], until: date | None
) -> GateApproval:
    """What is signed: of the records of this class, for these countries until this day.

    Raises:
        NoSuchClass: the edition does not take it.
    """
    from schemas.codes import LegalBasis, Partition, Purpose, Visibility
    from schemas.exchange.wire import GateApproval, RecordClass

    basis, visibility, purpose = basis.upper(), visibility.upper(), purpose.upper()
    if not any(one.legal_basis == basis and visibility in one.visibilities for one in asked.classes):
        raise NoSuchClass(f"records on {basis} of visibility {visibility} are approved one by one")
    if purpose not in {str(one) for one in Purpose}:
        raise NoSuchClass(f"there is no purpose {purpose}")
    named = [one.upper() for one in to] or [str(one) for one in asked.partners]
    if not set(named) <= {str(one) for one in asked.partners}:
        raise NoSuchClass(f"it is for {', '.join(asked.partners)}")
    longest = asked.today + timedelta(days=asked.days_max)
    if until is not None and until > longest:
        raise NoSuchClass(f"it runs until {longest} at most")
    return GateApproval(
        approval=made,
        keeper=asked.keeper,
        task=asked.task,
        actor=asked.actor,
        class_=RecordClass(
            country=asked.country,
            legal_basis=LegalBasis(basis),
            visibility=Visibility(visibility),
            edition=asked.edition,
        ),
        purpose=Purpose(purpose),
        recipients=tuple(Partition(one) for one in named),
        given=asked.today,
        expires=until or longest,
    )


def _in_words(approval: GateApproval) -> list[str | Table]:
    of = approval.class_
    if of is None:
        raise AssertionError("an approval of a class")
    rows = [
        ("records of", f"{of.country}"),
        ("legal basis", f"{of.legal_basis}"),
        ("visibility", label("visibility", of.visibility)),
        ("purpose", label("purpose", approval.purpose)),
        ("under the edition", of.edition),
        ("for", ", ".join(approval.recipients)),
        ("until", f"{approval.expires}"),
        ("as", approval.keeper),
    ]
    return [Table("What would leave, now and later, unread", ("", ""), rows), NEVER]


def _describe_classes(asked: ClassAskedOut) -> list[str | Table]:
    rows = [(one.legal_basis, ", ".join(one.visibilities)) for one in asked.classes]
    assumed = " (assumed)" if asked.assumed else ""
    return [
        Table("What you could approve as a class", ("legal basis", "visibility"), rows),
        f"For at most {asked.days_max} days. {NEVER}",
        f"Source: {asked.source}{assumed}.",
    ]


def _list_approvals(found: list[ClassApprovalOut]) -> Table:
    rows = [
        (f"{one.id}", f"{one.legal_basis} {one.visibility}", label("purpose", one.purpose), ", ".join(one.recipients),
         f"{one.expires}", one.ended or "in force", one.out)
        for one in found
    ]  # fmt: skip
    return Table("Approvals of classes", ("id", "class", "purpose", "for", "until", "", "out"), rows)


def _list_records_under(found: list[UnderClassOut]) -> Table:
    rows = [(one.reference, at(one.since), "still" if one.until is None else at(one.until)) for one in found]
    return Table("What left on it", ("reference", "since", "until"), rows)
