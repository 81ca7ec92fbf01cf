"""`rtr referral`: what the own organisation was asked for, and its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.forms import label
from api.cli.frame.person import open_client
from api.cli.frame.records import Limit, Version, as_id, form, listing
from api.cli.frame.terminal import Table, at, desk_of

if TYPE_CHECKING:
    from schemas.signals.referral import ReferralDetail, ReferralSummary, ReferredReport

app = typer.Typer(no_args_is_help=True)
_BY = {"sender": "by whoever sent it", "unit": "by the register unit"}
Id = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    state: Annotated[str | None, typer.Option(help="SENT, ACCEPTED, DECLINED, ANSWERED or TAKEN_BACK.")] = None,
    limit: Limit = 50,
) -> None:
    """List referrals to the own organisation, newest first; the register unit sees all."""
    from api.cli.frame.forms import one_code
    from schemas.codes import ReferralState

    wanted = ReferralState(one_code("referral_state", state)) if state else None
    size = min(limit, 200)
    listing(desk_of(ctx), lambda records: records.referrals(state=wanted, page_size=size), limit, _list_referrals)


@app.command()
def show(ctx: typer.Context, referral: Id) -> None:
    """Show what is asked for; the reading is logged."""
    desk, wanted = desk_of(ctx), as_id(referral)
    with open_client(desk) as client:
        found = client.records.referral(wanted)
    desk.answer(found, _describe_referral(found), brief=found.state)


@app.command()
def report(ctx: typer.Context, referral: Id) -> None:
    """Show what was reported in the signal that was referred; the reading is logged."""
    desk, wanted = desk_of(ctx), as_id(referral)
    with open_client(desk) as client:
        found = client.records.referred_report(wanted)
    desk.answer(found, *_describe_report(found), brief=found.signal)


@app.command()
def answer(
    ctx: typer.Context,
    referral: Id,
    state: Annotated[str, typer.Argument(metavar="STATE", help="ACCEPTED, DECLINED or ANSWERED.")],
    *,
    on: Annotated[str, typer.Option("--on", help="Day of the answer, for instance 31-01-2026.")],
    outcome: Annotated[str | None, typer.Option(help="What came of it; with ANSWERED.")] = None,
    note: Annotated[str | None, typer.Option(help="For the register unit; sealed.")] = None,
    version: Version = None,
) -> None:
    """Say what becomes of a referral."""
    from api.cli.frame.forms import one_day
    from schemas.signals.referral import AnswerIn

    desk, wanted = desk_of(ctx), as_id(referral)
    said = form(AnswerIn, {"state": state, "outcome": outcome, "on": one_day(on), "note": note})
    with open_client(desk) as client:
        seen = version or client.records.referral(wanted).version
        made = client.records.answer_referral(wanted, said, version=seen)
    desk.answer(made, f"Referral {made.id}: {made.state} (version {made.version}).", brief=made.state)


@app.command()
def close(
    ctx: typer.Context,
    referral: Id,
    *,
    reason: Annotated[str, typer.Option(help="Why nobody else need have it; stays in the report's timeline.")],
    version: Version = None,
) -> None:
    """Close a referral that was declined or passed on, for the register unit; or refer the report again instead."""
    from schemas.signals.referral import CloseIn

    desk, wanted = desk_of(ctx), as_id(referral)
    said = form(CloseIn, {"reason": reason})
    with open_client(desk) as client:
        seen = version or client.records.referral(wanted).version
        made = client.records.close_referral(wanted, said, version=seen)
    desk.answer(made, f"Referral {made.id} is closed.", brief=made.state)


@app.command("take-back")
def take_back(
    ctx: typer.Context,
    referral: Id,
    *,
    reason: Annotated[str, typer.Option(help="Why, for instance the wrong organisation; stays in the timeline.")],
    version: Version = None,
) -> None:
    """Take back a referral that should not have been sent, as who sent it or for the register unit.

    Whom it was sent to reads nothing by it any more. What somebody read meanwhile stays read: the log says who.
    """
    from schemas.signals.referral import TakeReferralBackIn

    desk, wanted = desk_of(ctx), as_id(referral)
    said = form(TakeReferralBackIn, {"reason": reason})
    with open_client(desk) as client:
        seen = version or client.records.referral(wanted).version
        made = client.records.take_back_referral(wanted, said, version=seen)
    desk.answer(made, f"Referral {made.id} is taken back.", brief=made.state)


def _list_referrals(items: list[ReferralSummary]) -> Table:
    columns = ("id", "signal", "for", "to", "on", "state", "", "outcome", "answered on")
    rows = [
        (r.id, r.signal, label("referral_kind", r.kind), r.to_name, r.on, label("referral_state", r.state),
         _write_remark(r),
         label("referral_outcome", r.outcome), r.answered_on)
        for r in items
    ]  # fmt: skip
    return Table("", columns, rows)


def _write_remark(one: ReferralSummary) -> str:
    return "WITHDRAWN" if one.withdrawn else "OVERDUE" if one.overdue else ""


def _describe_referral(referral: ReferralDetail) -> Table:
    facts = [
        ("signal", referral.signal),
        ("for", label("referral_kind", referral.kind)),
        ("to", referral.to_name),
        ("on", referral.on),
        ("withdrawn", "the report was withdrawn, and the referral ended with it" if referral.withdrawn else None),
        ("asked", referral.note),
        ("state", label("referral_state", referral.state)),
        ("taken back", _taken_back(referral)),
        ("because", referral.taken_back_because),
        ("outcome", label("referral_outcome", referral.outcome)),
        ("answered on", referral.answered_on),
        ("answer", referral.answer),
        ("came back", f"refer it again or close it, by {at(referral.back_until)}" if referral.back_until else None),
        ("version", referral.version),
    ]
    return Table(f"Referral {referral.id}", ("", ""), [fact for fact in facts if fact[1]])


def _taken_back(one: ReferralDetail) -> str | None:
    return f"{at(one.taken_back_at)}, {_BY[one.taken_back_by or 'unit']}" if one.taken_back_at else None


def _describe_report(found: ReferredReport) -> list[str | Table]:
    from api.cli.signals.signal_view import told

    head = f"Report {found.signal}, registered by {found.organisation_name}."
    changed = ["It was changed after it was referred."] if found.changed else []
    return [head, *changed, *told(found.reported)]
