"""`rtr keys ticket`: ask for more keys than the limits give, and sign or refuse what other countries ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from api.cli.frame.forms import label
from api.cli.frame.machine import require_hosted, settings_of
from api.cli.frame.terminal import Desk, Table, at, desk_of
from schemas.codes import Partition, TicketReason, TicketRefusal
from schemas.exchange.evaluation import EvaluationPurpose

if TYPE_CHECKING:
    from register.core import Register
    from register.domain.access.caller import Caller

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True)
Country = Annotated[Partition, typer.Option("--country", case_sensitive=False, help="The hosted country.")]
Asker = Annotated[Partition, typer.Option("--from", case_sensitive=False, help="Of which country the ticket is.")]
TicketId = Annotated[UUID, typer.Argument(metavar="TICKET", help="Its id, as `rtr keys ticket list` shows it.")]


@app.command()
def ask(
    ctx: typer.Context,
    selector_class: Annotated[str, typer.Argument(metavar="CLASS", help="Of which keys, for instance person.")],
    keys: Annotated[int, typer.Argument(min=1, help="At most so many.")],
    *,
    country: Country,
    rows: Annotated[int, typer.Option(min=1, help="Of how many reports or rows they are.")],
    reason: Annotated[TicketReason, typer.Option(case_sensitive=False, help="Why; other countries keep it.")],
    purpose: Annotated[EvaluationPurpose, typer.Option("--for", help="What for.")] = EvaluationPurpose.REGISTER,
    days: Annotated[int, typer.Option(min=1, max=30, help="How long it runs from now.")] = 7,
    epoch: Annotated[int | None, typer.Option(help="Of a change of the epoch, the one it leads to.")] = None,
    persons: Annotated[
        bool, typer.Option("--persons", help="Ask persons of three countries: only they lift the thirty days.")
    ] = False,
) -> None:
    """Ask for a ticket: three nodes sign within a day's ceiling by themselves, persons of three countries above."""
    from register.services.exchange.keep_tickets import ask_ticket

    desk = desk_of(ctx)
    made = _act_as_operator(
        desk,
        country,
        lambda register, caller: ask_ticket(
            register,
            caller,
            purpose=purpose,
            selector_class=selector_class,
            keys=keys,
            rows=rows,
            days=days,
            reason=reason,
            epoch=epoch,
            by_persons=persons,
        ),
    )
    desk.answer(
        {"ticket": made.id, "digest": made.digest(), "until": made.until, "attested": made.attested is not None},
        f"{country} asks to {made.purpose} at most {made.keys:,} keys of {made.selector_class}, of {made.rows:,} rows, "
        f"until {made.until}: {label('ticket_reason', made.reason)}",
        "Nodes may sign it by themselves, by your privacy officer's figure; it lifts a day's limits only."
        if made.attested is not None
        else "Persons of three countries decide on it: call them; it waits in their list.",
        f"Read this out to whoever signs it: {made.digest()}",
        brief=made.id,
    )


@app.command("list")
def list_(ctx: typer.Context, *, country: Country) -> None:
    """List tickets: your own with what each country answered, and what waits for a person here."""
    from register.services.exchange.keep_tickets import list_tickets
    from register.services.exchange.take_tickets import ticket_in

    desk = desk_of(ctx)
    found = [(one, ticket_in(one.document)) for one in _act_as_operator(desk, country, list_tickets)]
    rows = [
        (
            kept.asker,
            said.id,
            kept.state if kept.asker is not country else _describe_answers(kept.state, kept.answers),
            f"{said.purpose} {said.selector_class}",
            f"{kept.spent:,} of {said.keys:,}" if kept.asker is not country else _describe_use(kept.answers),
            at(kept.until),
            label("ticket_reason", said.reason),
        )
        for kept, said in found
    ]
    columns = ("country", "ticket", "state", "for", "keys used", "until", "reason")
    desk.answer(
        [
            {
                **dict(zip(columns, row, strict=True)),
                "reason": said.reason,
                "digest": said.digest(),
                "keys_at_most": said.keys,
                "asked_by": kept.asked_by,
                "asked_at": kept.asked_at.isoformat(),
                "decided_by": kept.decided_by,
                "decided_at": kept.decided_at and kept.decided_at.isoformat(),
            }
            for row, (kept, said) in zip(rows, found, strict=True)
        ],
        Table("Tickets, the newest first", columns, rows),
    )


@app.command()
def sign(ctx: typer.Context, ticket: TicketId, *, country: Country, asker: Asker) -> None:
    """Sign another country's ticket as a person of this one; call that country before you do."""
    from register.services.exchange.keep_tickets import decide_ticket
    from register.services.exchange.take_tickets import ticket_in

    desk = desk_of(ctx)
    kept = _act_as_operator(desk, country, lambda register, caller: decide_ticket(register, caller, asker, ticket))
    said = ticket_in(kept.document)
    desk.answer(
        {"ticket": said.id, "state": kept.state, "digest": said.digest()},
        f"{country} signs that {asker} may {said.purpose} at most {said.keys:,} keys of {said.selector_class} until "
        f"{said.until}. Three countries make it count.",
        brief=kept.state,
    )


@app.command()
def refuse(
    ctx: typer.Context,
    ticket: TicketId,
    *,
    country: Country,
    asker: Asker,
    reason: Annotated[TicketRefusal, typer.Option(case_sensitive=False, help="Why; that country is told.")],
) -> None:
    """Refuse another country's ticket, with a reason that it is told."""
    from register.services.exchange.keep_tickets import decide_ticket

    desk = desk_of(ctx)
    kept = _act_as_operator(
        desk, country, lambda register, caller: decide_ticket(register, caller, asker, ticket, refusal=reason)
    )
    desk.answer(
        {"ticket": kept.id, "state": kept.state},
        f"{country} refuses it: {label('ticket_refusal', reason)}",
        brief=kept.state,
    )


def _describe_answers(state: str, answers: object) -> str:
    said = answers if isinstance(answers, dict) else {}
    told = ", ".join(f"{country} {one['state']}" for country, one in sorted(said.items()))
    return f"{state} ({told})" if told else state


def _describe_use(answers: Mapping[str, Mapping[str, Any]]) -> str:
    """What each evaluator says that it used of its own part."""
    counting = sorted((country, one) for country, one in answers.items() if one["counts"])
    return ", ".join(f"{country} {one['used']:,} of {one['takes']:,}" for country, one in counting) or "-"


def _act_as_operator(desk: Desk, country: Partition, act: Callable[[Register, Caller], T]) -> T:
    """Do it as the operator at the node: the audit log has which user of the machine it was."""
    import os
    from dataclasses import replace

    from register import bootstrap
    from register.domain.access.caller import system

    settings = settings_of(desk)
    require_hosted(settings, country)
    register = bootstrap.open(settings, country)
    try:
        return act(register, replace(system(country, "api"), actor=f"operator:{os.getuid()}"))
    finally:
        register.close()
