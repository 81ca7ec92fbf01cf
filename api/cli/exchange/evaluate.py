"""`rtr evaluate`: one country's evaluator as a process of its own."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from api.cli.frame.terminal import desk_of

app = typer.Typer()


@app.command()
def evaluate(
    ctx: typer.Context,
    *,
    listen: Annotated[str, typer.Option(help="host:port; port 0 takes a free one.")] = "127.0.0.1:0",
) -> None:
    """Answer partners' blinded batches in the foreground, until stopped; reaches no partition.

    Rosters are read from `home/rosters/1.json`, 2.json ...: the evaluator's role cannot read the register's tables.
    """
    from api.cli.frame.machine import settings_of
    from api.http.evaluator import create
    from api.process.hosting import Address, HttpServer
    from api.process.node import wait_for_end
    from register import bootstrap
    from register.errors import OperatorError
    from register.logs import configure
    from register.services.exchange.evaluate_batch import own_shares
    from sync.lists import AskersLists
    from sync.transport.partner import PartnerHttp
    from sync.trust import KnownRosters, read_rosters, roster_files

    settings = settings_of(desk_of(ctx))
    configure(settings.log_level)
    if len(settings.countries) != 1:
        raise OperatorError(f"an evaluator serves one country; `countries` names {len(settings.countries)}")
    country = settings.countries[0]
    register = bootstrap.open(settings, country)
    try:
        rosters = KnownRosters(
            lambda: read_rosters(roster_files(settings.home / "rosters"), settings.sync.roster_sha256)
        )
        rosters()
        http = PartnerHttp.of(register, rosters)
        served = create(register, rosters, own_shares(register.keys), AskersLists(register, http, rosters))
        server = HttpServer(served, Address.parse(listen), name=country)
        server.start()
        try:
            typer.echo(json.dumps({"ready": {str(country): server.address.url}}))
            wait_for_end()
        finally:
            server.stop()
            http.close()
    finally:
        register.close()
