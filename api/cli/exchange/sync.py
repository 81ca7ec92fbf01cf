"""`rtr sync`: how the exchange stands, one pull by hand, a stopped log resumed; operator work on this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.machine import require_hosted, settings_of
from api.cli.frame.terminal import Table, at, desk_of
from register.domain.exchange.log import ORIGIN_BEHIND
from schemas.canonical import b64
from schemas.codes import Partition

if TYPE_CHECKING:
    from register.domain.exchange.log import KeptReceipt
    from schemas.exchange.partners import PartnerOut
    from sync.stopping import Comparison

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The exchange with partners."""


@app.command()
def status(
    ctx: typer.Context,
    *,
    country: Annotated[Partition | None, typer.Option(case_sensitive=False, help="One hosted country only.")] = None,
) -> None:
    """Show, per partner, what was received and what was sent; from this machine's own rows."""
    from api.routes.exchange.partners import partner_out
    from register import bootstrap
    from sync.status import exchange_status

    desk = desk_of(ctx)
    settings = settings_of(desk)
    rows, found = [], {}
    if country:
        require_hosted(settings, country)
    for own in [country] if country else settings.countries:
        register = bootstrap.open(settings, own)
        try:
            found[str(own)] = [partner_out(p) for p in exchange_status(register).partners]
        finally:
            register.close()
        for p in found[str(own)]:
            r, s = p.received, p.sent
            rows.append(
                (own, p.partner, r.applied_to, r.behind, at(r.last_success_at), len(r.refused), s.tip,
                 s.acknowledged_to, s.open_withdrawals, "yes" if s.converged else "no", ", ".join(_why_not(p)))
            )  # fmt: skip
    columns = ("country", "partner", "applied", "behind", "last success", "refused", "sent", "acknowledged",
               "withdrawals open", "all there", "why not")  # fmt: skip
    numbers = frozenset({"applied", "behind", "refused", "sent", "acknowledged", "withdrawals open"})
    desk.answer(found, Table("", columns, rows, numbers))
    if any(not p.sent.converged or p.received.stale or _stands_still(p) for ps in found.values() for p in ps):
        raise typer.Exit(1)


def _stands_still(one: PartnerOut) -> list[str]:
    """Codes of why a log goes on in neither direction, or not in one, each with since when where that is known."""
    received, sent = one.received, one.sent
    found = [received.halted] if received.halted else []
    if received.set_back_at:
        found.append(f"{ORIGIN_BEHIND} since {at(received.set_back_at)}")
    if sent.stopped:
        found.append(f"{sent.stopped} since {at(sent.stopped_at)}" if sent.stopped_at else sent.stopped)
    if sent.held_back:
        found.append(f"REMOVALS HELD BACK: {sent.held_back} since {at(sent.held_back_since)}: call them now")
    return found


def _why_not(one: PartnerOut) -> list[str]:
    """What is wrong with a partner: what stands still before what goes by itself."""
    late = [f"WITHDRAWALS OVERDUE: {one.sent.overdue}: call them"] if one.sent.overdue else []
    refused = (
        [f"WITHDRAWALS REFUSED: {one.sent.withdrawals_refused}: call them"] if one.sent.withdrawals_refused else []
    )
    others = [code for code in (one.received.last_error, *one.sent.reasons) if code]
    return _stands_still(one) or [*late, *refused, *others]


@app.command()
def pull(
    ctx: typer.Context,
    *,
    country: Annotated[Partition, typer.Option(case_sensitive=False, help="The hosted country that pulls.")],
    partner: Annotated[Partition, typer.Option("--from", case_sensitive=False, help="Whose log.")],
) -> None:
    """Pull a partner's log until nothing more comes, apply it and give the receipts."""
    from register import bootstrap
    from register.domain.access.caller import system
    from sync.receiver import Receiver
    from sync.transport.partner import PartnerHttp
    from sync.trust import KnownRosters, load_rosters

    desk = desk_of(ctx)
    settings = settings_of(desk)
    require_hosted(settings, country)
    register = bootstrap.open(settings, country)
    rosters = KnownRosters(lambda: load_rosters(register, system(country, "api")))
    http = PartnerHttp.of(register, rosters)
    applied, error = 0, None
    try:
        receiver = Receiver(register, http, rosters)
        with desk.progress(f"pulling {partner}") as moved:
            while True:
                pulled = receiver.pull_once(partner)
                applied, error = applied + pulled.applied, pulled.error
                moved(pulled.applied)
                if not pulled.more:
                    break
    finally:
        http.close()
        register.close()
    desk.answer(
        {"country": country, "partner": partner, "applied": applied, "error": error},
        f"{applied} entries of {partner} applied" + (f"; it ended with {error}" if error else ""),
    )
    if error:
        raise typer.Exit(5 if error == "partner-unreachable" else 1)


@app.command()
def resume(
    ctx: typer.Context,
    partner: Annotated[Partition, typer.Argument(case_sensitive=False, help="To whom the log that stopped goes.")],
    *,
    country: Annotated[Partition, typer.Option(case_sensitive=False, help="The hosted country whose log it is.")],
    reason: Annotated[str, typer.Option(help="Why; it goes into the audit log.")],
    disown_receipt: Annotated[
        list[int] | None,
        typer.Option(help="Number of a receipt that is not to count; once for each that contradicts our log."),
    ] = None,
    by: Annotated[str, typer.Option(help="Your name, where a receipt is disowned.")] = "",
    confirmed_by: Annotated[str, typer.Option(help="Name of the second person who has looked at it.")] = "",
) -> None:
    """Let a log go on that a partner's receipt stopped, once its newest receipt agrees with our log again.

    Where it does not, what the receipts claim and what our log has are shown side by side, and nothing is changed. The
    log then goes on only where two persons disown each receipt that contradicts it. Never after a restore.
    """
    from register import bootstrap
    from register.domain.access.caller import system
    from sync.appender import AskedReceipt
    from sync.stopping import Answer, resume_log
    from sync.transport.partner import PartnerHttp
    from sync.trust import KnownRosters, load_rosters

    desk = desk_of(ctx)
    settings = settings_of(desk)
    require_hosted(settings, country)
    disown = tuple(disown_receipt or ())
    if not reason.strip():
        raise typer.BadParameter("say why", param_hint="--reason")
    if disown and (
        not by.strip() or not confirmed_by.strip() or by.strip().casefold() == confirmed_by.strip().casefold()
    ):
        raise typer.BadParameter("two persons answer for it: --by and --confirmed-by", param_hint="--disown-receipt")
    register = bootstrap.open(settings, country)
    rosters = KnownRosters(lambda: load_rosters(register, system(country, "api")))
    http = PartnerHttp.of(register, rosters)
    try:
        answer = Answer(reason=reason, uid=os.getuid(), disown=disown, by=by, confirmed_by=confirmed_by)
        found = resume_log(register, AskedReceipt(register, http, rosters), partner, answer)
    finally:
        http.close()
        register.close()
    desk.answer(_describe_comparison(found), _side_by_side(found), _what_to_do(found))
    if not found.goes_on:
        raise typer.Exit(1)


def _describe_comparison(found: Comparison) -> dict[str, object]:
    return {
        "partner": found.partner,
        "goes_on": found.goes_on,
        "stopped": found.code,
        "stopped_at": found.since,
        "tip": found.tip.seq,
        "agreed": None if found.agreed is None else _list_claims(found.agreed),
        "agreed_at": found.agreed_at,
        "contradicting": [
            _list_claims(one.receipt) | {"inc": one.incarnation, "code": one.code} for one in found.contradicting
        ],
        "held_back": found.held_back,
        "held_back_since": found.held_back_since,
    }


def _list_claims(receipt: KeptReceipt) -> dict[str, object]:
    return {"n": receipt.n} | {name: receipt.claims[name] for name in ("applied_to", "last", "at")}


def _side_by_side(found: Comparison) -> Table:
    rows = [("our log", "", found.tip.seq, b64(found.tip.hash), "")]
    if found.agreed is not None:
        agreed = found.agreed.claims
        rows.append(("newest agreed", str(found.agreed.n), agreed["applied_to"], agreed["last"], agreed["at"]))
    for one in found.contradicting:
        said = one.receipt.claims
        rows.append((f"{one.code}", str(one.receipt.n), said["applied_to"], said["last"], said["at"]))
    columns = ("whose word", "receipt", "ends at entry", "with hash", "given at")
    return Table("", columns, rows, frozenset({"ends at entry"}))


def _what_to_do(found: Comparison) -> str:
    """What the comparison means, and what the operator may do."""
    waiting = ""
    if found.held_back:
        waiting = (
            f"{found.held_back} extracts that {found.partner} has were taken back or changed since "
            f"{at(found.held_back_since)}, and it was not told"
        )
    if found.goes_on:
        return f"The log for {found.partner} goes on." + (f" {waiting} until now." if waiting else "")
    since = "it was set up" if found.agreed_at is None else at(found.agreed_at)
    numbers = " ".join(f"--disown-receipt {one.receipt.n}" for one in found.contradicting)
    return (
        f"{found.partner} signed that it has more or other entries than our log holds. Nothing is changed.\n"
        f"If this node was ever restored from a backup since {since}, do not: what was withdrawn after the backup "
        "would be told anew. Else the receipt is wrong: call that country's operator first.\n"
        f"Two persons who are sure of it give: {numbers} --by NAME --confirmed-by NAME"
        + (f"\nUrgent: {waiting}. Reach that country by other means now." if waiting else "")
    )
