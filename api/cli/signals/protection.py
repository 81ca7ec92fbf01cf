"""`rtr protection`: why persons of a report are protected, and the lifting of what rests on a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.forms import label
from api.cli.frame.person import open_client
from api.cli.frame.records import Limit, Version, as_id, form, listing
from api.cli.frame.terminal import Table, at, desk_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.signals.lifting import LiftingOut, LiftingSummary, ProtectionOut

app = typer.Typer(no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID", help="Of a lifting, as the list shows it.")]
Signal = Annotated[str, typer.Argument(metavar="SIGNAL", help="Reference or id of a signal.")]


@app.command()
def why(ctx: typer.Context, signal: Signal) -> None:
    """Show why each person of a signal is protected, and what was asked about it; the reading is logged."""
    desk = desk_of(ctx)
    with open_client(desk) as client:
        found = client.records.protection(client.signal(signal).id)
    brief = "\n".join(f"{one.subject} {' '.join(one.reasons) or '-'}" for one in found.persons)
    desk.answer(found, *_describe_protected(found), brief=brief or None)


@app.command()
def ask(
    ctx: typer.Context,
    signal: Signal,
    person: Annotated[int, typer.Argument(metavar="PERSON", min=1, help="Number of the person in the signal.")],
    protection: Annotated[str, typer.Argument(metavar="REASON", help="Why the person is protected, as `why` says it.")],
    *,
    because: Annotated[str, typer.Option(help="What was wrong: AGE_WRONG, OTHER_PERSON, ROLE_WRONG, STATUS_NOT.")],
    second: Annotated[str, typer.Option(help="Code of the organisation of the victim's side that is to say it too.")],
    note: Annotated[str, typer.Option(help="What was wrong, and how it is known; sealed.")],
) -> None:
    """Ask the victim's side whether the fact behind a protection was wrong; nothing changes before it answers."""
    from schemas.signals.lifting import LiftIn

    desk = desk_of(ctx)
    given = {"subject": person, "protection": protection, "because": because, "second": second, "note": note}
    with open_client(desk) as client:
        made = client.records.ask_lifting(form(LiftIn, {"signal": str(client.signal(signal).id), **given}))
    desk.answer(made, f"Lifting {made.id}: {made.second} is asked (version {made.version}).", brief=str(made.id))


@app.command("list")
def list_(ctx: typer.Context, *, limit: Limit = 50) -> None:
    """List liftings, newest first: all for the register unit, else what the own organisation was asked."""
    size = min(limit, 200)
    listing(desk_of(ctx), lambda records: records.liftings(page_size=size), limit, _list_liftings)


@app.command()
def show(ctx: typer.Context, lifting: Id) -> None:
    """Show one, with the person as the report now has them; the reading is logged."""
    desk, wanted = desk_of(ctx), as_id(lifting)
    with open_client(desk) as client:
        found = client.records.lifting(wanted)
    desk.answer(found, _describe_lifting(found), brief=found.state)


@app.command()
def decide(
    ctx: typer.Context,
    lifting: Id,
    decision: Annotated[
        str,
        typer.Argument(
            metavar="DECISION", help="LIFT or REFUSE of the victim's side, TAKE_BACK of the unit, REVERSE of either."
        ),
    ],
    *,
    version: Version = None,
) -> None:
    """Say whether the fact was wrong, take the question back, or protect again."""
    from schemas.signals.lifting import DecideLiftingIn

    desk, wanted = desk_of(ctx), as_id(lifting)
    said = form(DecideLiftingIn, {"decision": decision})
    with open_client(desk) as client:
        seen = version or client.records.lifting(wanted).version
        made = client.records.decide_lifting(wanted, said, version=seen)
    desk.answer(made, f"Lifting {made.id}: {made.state} (version {made.version}).", brief=made.state)


def _describe_protected(found: ProtectionOut) -> list[str | Table]:
    if not found.persons:
        return [f"Nobody in {found.reference} is protected."]
    rows = [
        (
            one.subject,
            label("subject_role", one.person.role) if one.person else "taken off",
            _reasons(one.reasons),
            _reasons(one.lifted),
        )
        for one in found.persons
    ]
    parts: list[str | Table] = [Table(found.reference, ("person", "role", "protected by", "lifted"), rows)]
    if found.liftings:
        parts.append(_list_liftings(list(found.liftings)))
    parts.append(f"Of the victim's side can be asked: {', '.join(found.seconds) or 'nobody'}.")
    return parts


def _reasons(codes: Sequence[str]) -> str:
    """In words, each with the code that `ask` takes."""
    return ", ".join(f"{label('protection', one)} ({one})" for one in codes)


def _list_liftings(items: list[LiftingSummary]) -> Table:
    columns = ("id", "signal", "person", "protected by", "because", "asked of", "state", "asked", "decided")
    rows = [
        (one.id, one.signal, one.subject, label("protection", one.protection), label("lifting_reason", one.because),
         one.second, label("lifting_state", one.state), at(one.asked_at),
         at(one.decided_at) if one.decided_at else None)
        for one in items
    ]  # fmt: skip
    return Table("", columns, rows)


def _find_last_moment(one: LiftingSummary) -> str:
    return at(one.reversed_at or one.decided_at or one.asked_at)


def _describe_lifting(found: LiftingOut) -> Table:
    person = found.person
    absent = "the report does not open" if found.damaged else "taken off the report"
    born = person.birth if person else None
    facts = [
        ("signal", found.signal),
        ("person in it", found.subject),
        ("role now", label("subject_role", person.role) if person else absent),
        ("name", person.name if person else None),
        ("born", "-".join(str(x) for x in (born.year, born.month, born.day) if x) if born else None),
        ("protected by", label("protection", found.protection)),
        ("which was wrong", label("lifting_reason", found.because)),
        ("note", found.note),
        ("protected besides by", _reasons(found.others)),
        (
            "asked before",
            "; ".join(
                f"{one.second}: {label('lifting_state', one.state)}, {_find_last_moment(one)}" for one in found.earlier
            ),
        ),
        ("asked by", f"{found.asked_by}, {at(found.asked_at)}"),
        ("asked of", found.second),
        ("state", label("lifting_state", found.state)),
        ("decided by", f"{found.decided_by}, {at(found.decided_at)}" if found.decided_at else None),
        ("reversed by", f"{found.reversed_by}, {at(found.reversed_at)}" if found.reversed_at else None),
        ("version", found.version),
    ]
    return Table(f"Lifting {found.id}", ("", ""), [fact for fact in facts if fact[1]])
