"""`rtr sync`: how the exchange stands, and one pull by hand; operator work on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame.machine import require_hosted, settings_of
from api.cli.frame.terminal import Table, at, desk_of
from register.domain.exchange.log import ORIGIN_BEHIND
from schemas.codes import Partition

if TYPE_CHECKING:
    from schemas.exchange.partners import PartnerOut

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
    return found


def _why_not(one: PartnerOut) -> list[str]:
    """What is wrong with a partner: what stands still before what goes by itself."""
    return _stands_still(one) or [code for code in (one.received.last_error, *one.sent.reasons) if code]


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
    from sync.transport import PartnerHttp
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
